"""Associations: what PS3.8 and PS3.7 Annex D ask of whoever accepts one, in every step."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.dicom.uids import is_valid_uid
from dicomtest.evidence import Association, StepEvidence
from dicomtest.findings import Judgement, judge

# PS3.8 Table 9-21: (source, reason) pairs that are not reserved; the result is 1 or 2
REJECTIONS = {(1, 1), (1, 2), (1, 3), (1, 7), (2, 1), (2, 2), (3, 1), (3, 2)}
WORDS = {0: "acceptance", 1: "user-rejection", 2: "no-reason", 3: "abstract-syntax-not-supported",
         4: "transfer-syntaxes-not-supported"}  # fmt: skip
APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"
ANSWERED_WITHIN = 10.0  # seconds
PROVOKED = ("wrong-called-ae", "wrong-calling-ae", "parallel", "busy", "down")
BESIDE = "other-association: second"  # a printer may serve one association at a time


def ours(step: StepEvidence) -> Iterator[Association]:
    """Associations that the harness requested from the provider of the step."""
    title = step.players[step.scp].ae_title if step.scp in step.players else ""
    for each in step.associations:
        theirs = each.called_ae_title == title or each.label in PROVOKED
        if each.seen_from == "requestor" and each.label != "sub-operation" and theirs:
            yield each


def accepted(step: StepEvidence) -> Iterator[Association]:
    """Those that were accepted."""
    return (each for each in ours(step) if each.outcome == "accepted")


def turned_away(association: Association) -> bool:
    """Whether it was rejected for now only: transient, or a limit of the provider."""
    reject = association.reject
    return reject is not None and (reject[0] == 2 or reject[1] == 3)


@check(
    "association.accepted",
    judges=SCP,
    level=MUST,
    cites="PS3.8 7.1.1",
    steps="*",
    consequence="Nothing can be exchanged with the system.",
    fix="The administrator of the system registers the simulator's AE title, host and port; "
    "`dicomtest doctor` tells which part of the address is wrong.",
)
def association_accepted(step: StepEvidence) -> Iterator[Judgement]:
    """The system accepts an association under the AE titles, host and port of the site file."""
    for each in ours(step):
        if each.label in PROVOKED and (each.label != "parallel" or turned_away(each)):
            continue
        if each.label == BESIDE and (turned_away(each) or each.outcome == "no answer"):
            continue
        said = f"{each.outcome}: {each.why}" if each.why else each.outcome
        yield judge(each.outcome == "accepted", expected="accepted", actual=said, at=each)


@check(
    "association.rejection-codes",
    judges=SCP,
    level=MUST,
    cites="PS3.8 9.3.4",
    steps="*",
    consequence="The other side cannot tell its user why it was refused.",
)
def rejection_is_legal(step: StepEvidence) -> Iterator[Judgement]:
    """An A-ASSOCIATE-RJ carries a result, source and reason that Table 9-21 defines."""
    for each in ours(step):
        if each.reject is None:
            continue
        result, source, reason = each.reject
        legal = result in (1, 2) and (source, reason) in REJECTIONS
        yield judge(
            legal,
            expected="result 1 or 2 with a source and reason of Table 9-21",
            actual=f"result {result}, source {source}, reason {reason}",
            at=each,
        )


@check(
    "association.every-context-answered", judges=SCP, level=MUST, cites="PS3.8 9.3.3.2", steps="*"
)
def every_context_is_answered(step: StepEvidence) -> Iterator[Judgement]:
    """The A-ASSOCIATE-AC answers every proposed presentation context, and no other."""
    for each in accepted(step):
        missing = [context.id for context in each.contexts if context.result is None]
        invented = each.notes.get("answers_not_proposed", [])
        twice = each.notes.get("answered_twice", [])
        actual = "; ".join(
            words
            for words in (
                f"no answer for context {', '.join(map(str, missing))}" if missing else "",
                f"answers for contexts never proposed: {invented}" if invented else "",
                f"several answers for contexts {twice}" if twice else "",
            )
            if words
        )
        yield judge(
            not missing and not invented and not twice,
            expected=f"one answer for each of {len(each.contexts)} contexts",
            actual=actual,
            at=each,
        )


@check("association.context-result", judges=SCP, level=MUST, cites="PS3.8 9.3.3.2", steps="*")
def context_results_are_defined(step: StepEvidence) -> Iterator[Judgement]:
    """The result of each presentation context is one of 0 to 4 (Table 9-18)."""
    for each in accepted(step):
        for context in each.contexts:
            if context.result is None:
                continue
            yield judge(
                context.result in WORDS,
                expected="0, 1, 2, 3 or 4",
                actual=context.result,
                at=f"association {each.id}, context {context.id}",
            )


@check(
    "association.accepted-syntax-was-proposed",
    judges=SCP,
    level=MUST,
    cites="PS3.8 9.3.3.2",
    steps="*",
    consequence="Data sets would be read in an encoding the sender never offered.",
)
def accepted_syntax_was_proposed(step: StepEvidence) -> Iterator[Judgement]:
    """An accepted presentation context names exactly one of the proposed transfer syntaxes."""
    for each in accepted(step):
        for context in each.contexts:
            if context.result != 0:
                continue
            yield judge(
                context.accepted in context.proposed,
                expected=f"one of {', '.join(context.proposed)}",
                actual=context.accepted or "none",
                at=f"association {each.id}, context {context.id} ({context.abstract_syntax})",
            )


@check("association.protocol-version", judges=SCP, level=MUST, cites="PS3.8 9.3.3", steps="*")
def protocol_version_is_one(step: StepEvidence) -> Iterator[Judgement]:
    """The A-ASSOCIATE-AC names version 1 of the protocol, by bit 0 of Protocol-version."""
    for each in accepted(step):
        version = each.notes.get("ac", {}).get("protocol_version", 1)
        yield judge(version & 1 == 1, expected="0001", actual=f"{version:04X}", at=each)


@check("association.application-context", judges=SCP, level=MUST, cites="PS3.7 A.2.1", steps="*")
def application_context_is_dicoms(step: StepEvidence) -> Iterator[Judgement]:
    """The A-ASSOCIATE-AC names the DICOM Application Context, the only one there is."""
    for each in accepted(step):
        name = each.notes.get("ac", {}).get("application_context", APPLICATION_CONTEXT)
        yield judge(
            name == APPLICATION_CONTEXT,
            expected=APPLICATION_CONTEXT,
            actual=name or "absent",
            at=each,
        )


@check(
    "association.only-what-was-proposed",
    judges=SCP,
    level=MUST,
    cites=("PS3.7 D.3.3.5", "PS3.7 D.3.3.3"),
    steps="*",
)
def only_proposed_items_are_answered(step: StepEvidence) -> Iterator[Judgement]:
    """The A-ASSOCIATE-AC answers SOP Class Extended Negotiation and an Asynchronous Operations
    Window only where they were proposed."""
    for each in accepted(step):
        asked, given = each.notes.get("rq", {}), each.notes.get("ac", {})
        extended = set(given.get("sop_class_extended", ())) - set(
            asked.get("sop_class_extended", ())
        )
        window = "asynchronous_operations_window"
        unasked = sorted(f"extended negotiation of {uid}" for uid in extended)
        unasked += [window.replace("_", " ")] if window in given and window not in asked else []
        yield judge(not unasked, expected="nothing unasked", actual=unasked, at=each)


@check(
    "association.implementation-class-uid", judges=SCP, level=MUST, cites="PS3.7 D.3.3.2", steps="*"
)
def implementation_class_uid_is_there(step: StepEvidence) -> Iterator[Judgement]:
    """The A-ASSOCIATE-AC carries an Implementation Class UID, and it is a legal UID."""
    for each in accepted(step):
        uid = each.acceptor.implementation_class_uid
        problem = is_valid_uid(uid) if uid else "absent"
        yield judge(not problem, expected="a legal UID", actual=f"{uid} {problem}".strip(), at=each)


@check(
    "association.implementation-version-name",
    judges=SCP,
    level=MUST,
    cites="PS3.7 D.3.3.2",
    steps="*",
)
def implementation_version_name_fits(step: StepEvidence) -> Iterator[Judgement]:
    """An Implementation Version Name, where there is one, has 1 to 16 characters."""
    for each in accepted(step):
        name = each.acceptor.implementation_version_name
        if name:
            yield judge(len(name) <= 16, expected="at most 16 characters", actual=name, at=each)


@check(
    "association.maximum-length",
    judges=SCP,
    level=MUST,
    cites=("PS3.8 D.1", "PS3.8 9.3.5"),
    steps="*",
    consequence="A receiver with small buffers loses or refuses images.",
)
def maximum_length_is_respected(step: StepEvidence) -> Iterator[Judgement]:
    """No P-DATA-TF PDU is longer than the Maximum Length Received that its receiver announced."""
    for each in step.associations:
        limit = (each.requestor if each.seen_from == "requestor" else each.acceptor).max_pdu
        if not each.largest_pdu_received or not limit:
            continue
        yield judge(
            each.largest_pdu_received <= limit,
            expected=f"at most {limit} bytes",
            actual=f"{each.largest_pdu_received} bytes",
            at=each,
        )


@check("association.roles", judges=SCP, level=MUST, cites="PS3.7 D.3.3.4", steps="*")
def roles_only_where_proposed(step: StepEvidence) -> Iterator[Judgement]:
    """SCP/SCU role selection is answered only for proposed items, and grants no role that was not
    proposed."""
    for each in accepted(step):
        proposed = {
            context.abstract_syntax: context.proposed_roles
            for context in each.contexts
            if context.proposed_roles is not None
        }
        for abstract_syntax, answer in each.notes.get("roles_answered", {}).items():
            asked = proposed.get(abstract_syntax)
            legal = asked is not None and all(
                not given or wanted for given, wanted in zip(answer, asked, strict=True)
            )
            yield judge(
                legal,
                expected="no answer" if asked is None else f"roles within SCU, SCP = {asked}",
                actual=f"SCU, SCP = {tuple(answer)}",
                at=f"association {each.id}, {abstract_syntax}",
            )


@check(
    "association.not-aborted",
    judges=SCP,
    level=MUST,
    cites="PS3.8 7.3",
    steps="*",
    consequence="Transfers break off and must be repeated by hand.",
)
def association_is_not_aborted(step: StepEvidence) -> Iterator[Judgement]:
    """The system does not abort an association, or close its connection, on which only legal
    requests were made."""
    if step.facts.get("fault"):
        return
    for each in accepted(step):
        bad = each.ended in ("aborted by peer", "connection closed")
        yield judge(
            not bad,
            expected="open until it is released",
            actual=" ".join(part for part in (each.ended, each.why) if part),
            at=each,
        )


@check(
    "association.release",
    judges=SCP,
    level=MUST,
    cites="PS3.8 7.2",
    steps="*",
    consequence="The sender hangs after each job until a time-out.",
)
def release_is_answered(step: StepEvidence) -> Iterator[Judgement]:
    """A release request is answered, so that the association ends in order."""
    for each in accepted(step):
        if each.released_by != "us":
            continue
        yield judge(
            each.ended == "released",
            expected="released",
            actual=f"{each.ended or 'no answer'} {each.why}".strip(),
            at=each,
        )


@check("association.abort-source", judges=SCP, level=MUST, cites="PS3.8 9.3.8", steps="*")
def abort_source_is_defined(step: StepEvidence) -> Iterator[Judgement]:
    """An A-ABORT names the service-user (0) or service-provider (2) as its source."""
    for each in ours(step):
        if each.abort is not None and each.ended == "aborted by peer":
            yield judge(each.abort[0] in (0, 2), expected="0 or 2", actual=each.abort[0], at=each)


@check(
    "association.answer-in-time",
    judges=SCP,
    level=SHOULD,
    cites="PS3.8 9.1.5",
    steps="verify",
    consequence="Every job waits that long before it starts.",
)
def association_is_answered_quickly(step: StepEvidence) -> Iterator[Judgement]:
    """An association request is answered within 10 seconds."""
    for each in ours(step):
        if each.answered and each.connected:
            seconds = each.answered - each.connected
            yield judge(
                seconds <= ANSWERED_WITHIN,
                expected=f"at most {ANSWERED_WITHIN:g} s",
                actual=f"{seconds:.1f} s",
                at=each,
            )
