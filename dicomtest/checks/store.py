"""Storage: how an SCP answers C-STORE (PS3.4 Annex B, PS3.7 9.1.1).

Whether what was stored is really there is judged by the query and retrieve steps that follow.
"""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.statuses import is_store_status, said, took
from dicomtest.evidence import IMPLICIT_LITTLE, Exchange, StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

STEP = "store"


def sound(step: StepEvidence) -> Iterator[Exchange]:
    """C-STORE requests of conformant instances, with nothing done wrong on purpose."""
    if step.facts.get("fault"):
        return iter(())
    return (each for each in step.exchanges("C-STORE") if each.ending != "not sent")


@check(
    "store.success",
    judges=SCP,
    level=MUST,
    cites="PS3.4 B.2.3",
    steps=STEP,
    consequence="Images do not reach the archive.",
)
def conformant_instances_are_taken(step: StepEvidence) -> Iterator[Judgement]:
    """A conformant instance sent on an accepted presentation context is stored: the status is
    Success or a Warning."""
    for each in sound(step):
        if each.label == "again":
            continue
        comment = each.final.command.get("ErrorComment", "") if each.final else each.why
        yield judge(
            took(each.status),
            expected="0000 or a warning",
            actual=f"{said(each.status)} {comment}".strip(),
            at=each,
        )


@check(
    "store.status-of-service",
    judges=SCP,
    level=SHOULD,
    cites=("PS3.4 B.2.3", "PS3.7 9.1.1.1.9"),
    steps=STEP,
)
def status_belongs_to_storage(step: StepEvidence) -> Iterator[Judgement]:
    """The status is one that the Storage Service Class defines for C-STORE."""
    for each in step.exchanges("C-STORE"):
        if each.status is not None:
            yield judge(
                is_store_status(each.status),
                expected="0000, B000, B006, B007, A7xx, A9xx, Cxxx or a general C-STORE status",
                actual=said(each.status),
                at=each,
            )


@check(
    "store.instance-uid",
    judges=SCP,
    level=MUST,
    cites="PS3.7 9.1.1.1.3",
    steps=STEP,
    consequence="The sender may mark the wrong image as archived.",
)
def the_response_names_the_instance(step: StepEvidence) -> Iterator[Judgement]:
    """The response, where it carries an Affected SOP Instance UID, carries the one of the
    request."""
    for each in step.exchanges("C-STORE"):
        for response in each.responses:
            actual = response.command.get("AffectedSOPInstanceUID")
            if actual not in (None, ""):
                yield judge(
                    actual == each.sop_instance, expected=each.sop_instance, actual=actual, at=each
                )


@check(
    "store.again-is-harmless",
    judges=SCP,
    level=SHOULD,
    cites="PS3.4 B.2.3",
    steps=STEP,
    when="again",
    consequence="A modality that repeats an interrupted transfer is stuck in its queue.",
)
def the_same_instance_again_is_taken(step: StepEvidence) -> Iterator[Judgement]:
    """The same instance sent once more is answered with Success or a Warning."""
    for each in sound(step):
        yield judge(
            took(each.status), expected="0000 or a warning", actual=said(each.status), at=each
        )


@check(
    "store.default-transfer-syntax",
    judges=SCP,
    level=MUST,
    cites="PS3.5 10.1",
    steps=STEP,
    consequence="A device that sends nothing but the default encoding cannot store.",
)
def the_default_transfer_syntax_is_accepted(step: StepEvidence) -> Iterator[Judgement]:
    """A SOP class that is accepted at all is accepted in the default transfer syntax, Implicit VR
    Little Endian."""
    for association in step.associations:
        if association.seen_from != "requestor" or association.outcome != "accepted":
            continue
        accepted = {each.abstract_syntax for each in association.contexts if each.result == 0}
        for context in association.contexts:
            if context.proposed != [IMPLICIT_LITTLE] or context.abstract_syntax not in accepted:
                continue
            yield judge(
                context.result == 0,
                expected="accepted",
                actual=f"refused with result {context.result}",
                at=f"association {association.id}, context {context.id}, "
                f"{context.abstract_syntax} in Implicit VR Little Endian",
            )


@check(
    "store.claimed-classes",
    judges=SCP,
    level=MUST,
    cites="PS3.2",
    steps=STEP,
    consequence="A device bought for this class cannot archive.",
    fix="The vendor enables the SOP class, or the conformance statement is corrected.",
)
def claimed_classes_are_accepted(step: StepEvidence) -> Iterator[Judgement]:
    """A storage SOP class that the system claims, and no other limit, is accepted."""
    player = step.players.get(step.scp)
    claimed = set((player.claims if player else {}).get("sop_classes") or ())
    if not claimed:
        raise NotApplicable("the site file does not say which SOP classes the system claims")
    for association in step.associations:
        if association.outcome != "accepted" or association.seen_from != "requestor":
            continue
        for uid in sorted({each.abstract_syntax for each in association.contexts} & claimed):
            yield judge(
                bool(association.accepted(uid)),
                expected="accepted",
                actual="refused",
                at=f"association {association.id}, {uid}",
            )


@check(
    "store.no-success-before-the-end",
    judges=SCP,
    level=MUST,
    cites="PS3.7 9.1.1",
    steps=STEP,
    when="fault",
    consequence="The sender believes that half an image is archived.",
)
def no_success_for_half_an_object(step: StepEvidence) -> Iterator[Judgement]:
    """No Success or Warning is sent for an object whose transfer was broken off."""
    if step.facts.get("fault") not in ("abort", "close"):
        raise NotApplicable("no transfer was broken off")
    for each in step.exchanges("C-STORE"):
        yield judge(not took(each.status), expected="no success", actual=said(each.status), at=each)


@check(
    "store.mismatch-is-told",
    judges=SCP,
    level=SHOULD,
    cites="PS3.4 B.2.3",
    steps=STEP,
    when="fault",
    consequence="A sender with a defect is never told, and images are filed wrongly.",
)
def a_mismatch_is_told(step: StepEvidence) -> Iterator[Judgement]:
    """A data set whose SOP class or instance UID is not that of the request is refused (A9xx,
    Cxxx), or stored with a warning (B007)."""
    if step.facts.get("fault") not in ("wrong-class", "wrong-instance"):
        raise NotApplicable("nothing was mislabelled")
    for each in step.exchanges("C-STORE"):
        if each.status is not None:
            yield judge(
                each.status != 0, expected="A9xx, Cxxx or B007", actual=said(each.status), at=each
            )


@check(
    "store.mismatch-is-answered",
    judges=SCP,
    level=MUST,
    cites="PS3.7 9.1.1",
    steps=STEP,
    when="fault",
)
def a_mismatch_is_answered(step: StepEvidence) -> Iterator[Judgement]:
    """A mislabelled data set is answered with a status, not with a broken association."""
    if step.facts.get("fault") not in ("wrong-class", "wrong-instance"):
        raise NotApplicable("nothing was mislabelled")
    for each in step.exchanges("C-STORE"):
        yield judge(each.ending == "answered", expected="a response", actual=each.ending, at=each)


@check(
    "store.parallel-associations",
    judges=SCP,
    level=MUST,
    cites="PS3.4 B.2.3",
    steps=STEP,
    consequence="Two modalities that send at the same time disturb each other.",
)
def parallel_associations_do_not_disturb(step: StepEvidence) -> Iterator[Judgement]:
    """Instances that are sent on several associations at the same time are all answered with
    Success or a Warning on their own association."""
    together = [each for each in step.associations if each.outcome == "accepted"]
    if len(together) < 2:
        raise NotApplicable("one association was used")
    for association in together:
        bad = [each for each in association.of("C-STORE") if not took(each.status)]
        yield judge(
            not bad,
            expected=f"{len(association.of('C-STORE'))} instances taken",
            actual=f"{len(bad)} not taken, the first with {said(bad[0].status) if bad else ''}",
            at=association,
        )
