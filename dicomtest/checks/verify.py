"""Verification and how a system negotiates, refuses and recovers (PS3.4 Annex A, PS3.8)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.association import turned_away
from dicomtest.evidence import Association, PresentationContext, StepEvidence
from dicomtest.findings import Judgement, NotApplicable, hex_status, judge

VERIFICATION = "1.2.840.10008.1.1"
STEP = "verify"


def labelled(step: StepEvidence, label: str) -> list[Association]:
    """The associations of one probe; raises NotApplicable when the step did not try it."""
    found = [each for each in step.associations if each.label == label]
    if not found:
        raise NotApplicable(f"this step does not try {label}")
    return found


def foreign(association: Association) -> list[PresentationContext]:
    """The contexts that no system can support."""
    return [each for each in association.contexts if each.abstract_syntax != VERIFICATION]


@check(
    "verify.success",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 A.4", "PS3.7 9.1.5.1.4"),
    steps=STEP,
    consequence="The connection test of every other device fails.",
)
def echo_succeeds(step: StepEvidence) -> Iterator[Judgement]:
    """C-ECHO is answered with status Success (0000)."""
    for exchange in step.exchanges("C-ECHO"):
        if exchange.ending == "not sent":
            continue
        yield judge(
            exchange.status == 0, expected="0000", actual=hex_status(exchange.status), at=exchange
        )


@check("verify.context-accepted", judges=SCP, level=MUST, cites="PS3.4 A.5", steps=STEP)
def verification_is_accepted(step: StepEvidence) -> Iterator[Judgement]:
    """An AE that accepts associations supports the Verification SOP Class as an SCP."""
    for each in step.associations:
        if each.label != "echo" or each.outcome != "accepted":
            continue
        context = each.contexts[0]
        yield judge(context.result == 0, expected="accepted (0)", actual=context.result, at=each)


def _refusals(step: StepEvidence, label: str, result: int, words: str) -> Iterator[Judgement]:
    for each in labelled(step, label):
        yield judge(
            each.outcome == "accepted",
            expected="an accepted association in which that context alone is refused",
            actual=f"{each.outcome}: {each.why}" if each.why else each.outcome,
            at=each,
        )
        if each.outcome != "accepted":
            continue
        known = [c for c in each.contexts if c not in _unsupported(each, label)]
        for context in _unsupported(each, label):
            yield judge(
                context.result == result,
                expected=f"result {result} ({words})",
                actual=f"result {context.result}",
                at=f"association {each.id}, context {context.id}",
            )
        for context in known:
            yield judge(
                context.result == 0,
                expected="Verification accepted beside it",
                actual=f"result {context.result}",
                at=f"association {each.id}, context {context.id}",
            )


def _unsupported(association: Association, label: str) -> list[PresentationContext]:
    if label == "unknown-transfer-syntax":
        return association.contexts[1:]
    return foreign(association)


def _not_refused(step: StepEvidence, label: str) -> Iterator[Judgement]:
    for each in labelled(step, label):
        if each.outcome != "accepted":
            continue
        for context in _unsupported(each, label):
            yield judge(
                context.result != 0,
                expected="refused",
                actual="accepted",
                at=f"association {each.id}, context {context.id} ({context.abstract_syntax})",
            )


@check(
    "verify.unknown-abstract-syntax",
    judges=SCP,
    level=MUST,
    cites=("PS3.8 7.1.1.14", "PS3.8 9.3.3.2"),
    steps=STEP,
    when="probes",
    consequence="A device that offers one service too many gets no connection at all.",
)
def unknown_abstract_syntax_is_refused_alone(step: StepEvidence) -> Iterator[Judgement]:
    """A presentation context of an unsupported abstract syntax is refused with result 3, and the
    others stand."""
    return _refusals(step, "unknown-abstract-syntax", 3, "abstract-syntax-not-supported")


@check(
    "verify.unknown-transfer-syntax",
    judges=SCP,
    level=MUST,
    cites=("PS3.8 7.1.1.14", "PS3.8 9.3.3.2"),
    steps=STEP,
    when="probes",
    consequence="Images in a compression the system cannot read break the whole job.",
)
def unknown_transfer_syntax_is_refused_alone(step: StepEvidence) -> Iterator[Judgement]:
    """A presentation context with unsupported transfer syntaxes only is refused with result 4, and
    the others stand."""
    return _refusals(step, "unknown-transfer-syntax", 4, "transfer-syntaxes-not-supported")


@check(
    "verify.invented-class-not-accepted",
    judges=SCP,
    level=SHOULD,
    cites="PS3.8 9.3.3.2",
    steps=STEP,
    when="probes",
)
def invented_class_is_not_accepted(step: StepEvidence) -> Iterator[Judgement]:
    """An abstract syntax that exists nowhere is not accepted."""
    return _not_refused(step, "unknown-abstract-syntax")


@check(
    "verify.many-contexts",
    judges=SCP,
    level=MUST,
    cites="PS3.8 9.3.2.2",
    steps=STEP,
    when="probes",
    consequence="Modern modalities propose over a hundred contexts and get no connection.",
)
def many_contexts_are_answered(step: StepEvidence) -> Iterator[Judgement]:
    """An association with 128 presentation contexts, the most there can be, is negotiated."""
    for each in labelled(step, "many-contexts"):
        answered = sum(context.result is not None for context in each.contexts)
        yield judge(
            each.outcome == "accepted" and answered == len(each.contexts),
            expected=f"accepted, {len(each.contexts)} contexts answered",
            actual=f"{each.outcome}, {answered} answered {each.why}".strip(),
            at=each,
        )


@check(
    "verify.small-maximum-length",
    judges=SCP,
    level=MUST,
    cites="PS3.8 D.1",
    steps=STEP,
    when="probes",
)
def small_maximum_length_works(step: StepEvidence) -> Iterator[Judgement]:
    """A requestor that receives at most 4096 bytes a PDU is served."""
    return _served(step, "small-pdu")


@check(
    "verify.unlimited-maximum-length",
    judges=SCP,
    level=MUST,
    cites="PS3.8 D.1",
    steps=STEP,
    when="probes",
)
def unlimited_maximum_length_works(step: StepEvidence) -> Iterator[Judgement]:
    """A requestor that announces no maximum length (0) is served."""
    return _served(step, "unlimited-pdu")


@check(
    "verify.role-selection-default",
    judges=SCP,
    level=MUST,
    cites="PS3.7 D.3.3.4",
    steps=STEP,
    when="probes",
)
def role_selection_of_the_default_works(step: StepEvidence) -> Iterator[Judgement]:
    """A requestor that proposes the default roles (SCU only) for Verification is served."""
    return _served(step, "role")


def _served(step: StepEvidence, label: str) -> Iterator[Judgement]:
    for each in labelled(step, label):
        yield judge(
            each.outcome == "accepted" and [e.status for e in each.of("C-ECHO")] == [0],
            expected="accepted, C-ECHO 0000",
            actual=_summary(each),
            at=each,
        )


def _summary(association: Association) -> str:
    statuses = [hex_status(each.status) for each in association.of("C-ECHO")]
    words = f"{association.outcome}, C-ECHO {', '.join(statuses) or 'not sent'}"
    return f"{words}: {association.why}" if association.why else words


def _lives(step: StepEvidence, after: str) -> Iterator[Judgement]:
    labelled(step, after)
    return _served(step, f"after {after}")


@check(
    "verify.serves-after-abort",
    judges=SCP,
    level=MUST,
    cites="PS3.8 7.3",
    steps=STEP,
    when="probes",
    consequence="One broken sender takes the system away from all.",
)
def serves_after_an_abort(step: StepEvidence) -> Iterator[Judgement]:
    """After an A-ABORT the system accepts the next association and serves it."""
    return _lives(step, "abort")


@check(
    "verify.serves-after-lost-connection",
    judges=SCP,
    level=MUST,
    cites="PS3.8 9.2",
    steps=STEP,
    when="probes",
    consequence="One unplugged device takes the system away from all.",
)
def serves_after_a_lost_connection(step: StepEvidence) -> Iterator[Judgement]:
    """After a connection was closed without a word the system accepts the next association."""
    return _lives(step, "drop")


@check(
    "verify.serves-after-refusal",
    judges=SCP,
    level=MUST,
    cites="PS3.8 7.1.1",
    steps=STEP,
    when="probes",
)
def serves_after_every_probe(step: StepEvidence) -> Iterator[Judgement]:
    """After each unusual but legal request the system accepts the next association and serves
    it."""
    for each in step.associations:
        if each.label.startswith("after ") and each.label not in ("after abort", "after drop"):
            yield from _served(step, each.label)


@check(
    "verify.called-ae-title-rejection",
    judges=SCP,
    level=MUST,
    cites="PS3.8 9.3.4",
    steps=STEP,
    when="probes",
)
def wrong_called_title_is_told(step: StepEvidence) -> Iterator[Judgement]:
    """A system that rejects an unknown called AE title says so: source 1, reason 7."""
    for each in labelled(step, "wrong-called-ae"):
        if each.outcome == "accepted":
            raise NotApplicable("the system accepts any called AE title")
        yield judge(
            each.outcome == "rejected" and each.reject is not None and each.reject[1:] == (1, 7),
            expected="rejected, source 1, reason 7 (called AE title not recognized)",
            actual=f"{each.outcome} {each.reject or ''}".strip(),
            at=each,
        )


@check(
    "verify.calling-ae-title-rejection",
    judges=SCP,
    level=MUST,
    cites="PS3.8 9.3.4",
    steps=STEP,
    when="probes",
)
def wrong_calling_title_is_told(step: StepEvidence) -> Iterator[Judgement]:
    """A system that rejects an unknown calling AE title says so: source 1, reason 3."""
    for each in labelled(step, "wrong-calling-ae"):
        if each.outcome == "accepted":
            raise NotApplicable("the system accepts any calling AE title")
        yield judge(
            each.outcome == "rejected" and each.reject is not None and each.reject[1:] == (1, 3),
            expected="rejected, source 1, reason 3 (calling AE title not recognized)",
            actual=f"{each.outcome} {each.reject or ''}".strip(),
            at=each,
        )


@check(
    "verify.parallel-associations",
    judges=SCP,
    level=SHOULD,
    cites="PS3.8 9.3.4",
    steps=STEP,
    when="parallel",
    consequence="Modalities wait for each other, or give up.",
    fix="The system's administrator raises the limit of parallel associations.",
)
def parallel_associations_are_served(step: StepEvidence) -> Iterator[Judgement]:
    """Several associations at the same time are served, or refused as a temporary condition."""
    for each in labelled(step, "parallel"):
        yield judge(
            turned_away(each) or [e.status for e in each.of("C-ECHO")] == [0],
            expected="served, or rejected as a local limit",
            actual=_summary(each),
            at=each,
        )
