"""Associations: what PS3.8 and PS3.7 Annex D ask of whoever requests one, in every step."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCU, SHOULD, check
from dicomtest.checks.association import APPLICATION_CONTEXT
from dicomtest.dicom.uids import is_valid_uid
from dicomtest.evidence import IMPLICIT_LITTLE, Association, StepEvidence
from dicomtest.findings import Judgement, judge

# What the simulated requestor does on purpose in steps that judge the provider.
ON_PURPOSE = (
    *("wrong-called-ae", "wrong-calling-ae", "parallel", "busy", "down", "abort", "drop", "close"),
    *("unknown-abstract-syntax", "unknown-transfer-syntax", "many-contexts", "role"),
)
# Those that have nothing but lossily compressed pixels need not offer the default (PS3.5 10.1).
_LOSSY = (
    *("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81"),
    *("1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.203"),
)
_VIDEO = ("1.2.840.10008.1.2.4.10", "1.2.840.10008.1.2.7.")


def theirs(step: StepEvidence) -> Iterator[Association]:
    """Associations that the user of the step requested, with nothing done wrong on purpose."""
    player = step.players.get(step.scu)
    if step.facts.get("fault") or player is None:
        return
    for each in step.associations:
        wanted = "requestor" if player.simulated else "acceptor"
        ours = each.calling_ae_title.strip() == player.ae_title.strip()
        if ours and each.seen_from == wanted and each.label not in ON_PURPOSE:
            yield each


def opened(step: StepEvidence) -> Iterator[Association]:
    """Those that were accepted, each once however many records there are of it."""
    return (
        each
        for each in theirs(step)
        if each.outcome == "accepted" and "continues" not in each.notes
    )


@check("association.scu-default-transfer-syntax", judges=SCU, level=MUST, cites="PS3.5 10.1",
       steps="*", consequence="Systems that know only the default encoding get nothing.",
       fix="The sender offers Implicit VR Little Endian for every SOP class.")  # fmt: skip
def the_default_transfer_syntax_is_offered(step: StepEvidence) -> Iterator[Judgement]:
    """For every abstract syntax, Implicit VR Little Endian is offered in at least one presentation
    context, unless there is nothing but lossily compressed pixel data."""
    for association in theirs(step):
        offered: dict[str, set[str]] = {}
        for context in association.contexts:
            offered.setdefault(context.abstract_syntax, set()).update(context.proposed)
        for abstract_syntax, syntaxes in sorted(offered.items()):
            lossy_only = bool(syntaxes) and all(
                each in _LOSSY or each.startswith(_VIDEO) for each in syntaxes
            )
            yield judge(
                IMPLICIT_LITTLE in syntaxes or lossy_only,
                expected="Implicit VR Little Endian among what is offered",
                actual=sorted(syntaxes),
                at=f"association {association.id}, {abstract_syntax}",
            )


@check("association.scu-context-ids", judges=SCU, level=MUST, cites="PS3.8 9.3.2.2", steps="*")
def context_ids_are_odd_and_unique(step: StepEvidence) -> Iterator[Judgement]:
    """Presentation Context IDs are odd numbers from 1 to 255, each used once."""
    for association in theirs(step):
        ids = [each.id for each in association.contexts]
        if ids:
            wrong = sorted({each for each in ids if each % 2 == 0 or ids.count(each) > 1})
            yield judge(not wrong, expected="odd and unique", actual=wrong, at=association)


@check("association.scu-something-proposed", judges=SCU, level=MUST, cites="PS3.8 9.3.2",
       steps="*")  # fmt: skip
def something_is_proposed(step: StepEvidence) -> Iterator[Judgement]:
    """An A-ASSOCIATE-RQ proposes at least one presentation context, each with at least one
    transfer syntax."""
    for association in theirs(step):
        bare = [each.id for each in association.contexts if not each.proposed]
        yield judge(
            bool(association.contexts) and not bare,
            expected="contexts with transfer syntaxes",
            actual=f"contexts {bare} without any" if bare else "no context",
            at=association,
        )


@check("association.scu-application-context", judges=SCU, level=MUST, cites="PS3.7 A.2.1",
       steps="*")  # fmt: skip
def application_context_is_dicoms(step: StepEvidence) -> Iterator[Judgement]:
    """The A-ASSOCIATE-RQ names the DICOM Application Context, the only one there is."""
    for association in theirs(step):
        name = association.application_context
        yield judge(name == APPLICATION_CONTEXT, expected=APPLICATION_CONTEXT,
                    actual=name or "absent", at=association)  # fmt: skip


@check("association.scu-implementation-class-uid", judges=SCU, level=MUST, cites="PS3.7 D.3.3.2",
       steps="*")  # fmt: skip
def implementation_class_uid_is_there(step: StepEvidence) -> Iterator[Judgement]:
    """The A-ASSOCIATE-RQ carries an Implementation Class UID, and it is a legal UID; a version
    name has at most 16 characters."""
    for association in theirs(step):
        uid = association.requestor.implementation_class_uid
        name = association.requestor.implementation_version_name
        wrong = (is_valid_uid(uid) if uid else "absent") or (
            f"{name} has more than 16 characters" if len(name) > 16 else ""
        )
        yield judge(not wrong, expected="a legal UID", actual=f"{uid} {wrong}".strip(),
                    at=association)  # fmt: skip


@check("association.scu-maximum-length", judges=SCU, level=MUST,
       cites=("PS3.8 D.1", "PS3.8 9.3.5"), steps="*",
       consequence="A receiver with small buffers loses or refuses images.")  # fmt: skip
def maximum_length_is_respected(step: StepEvidence) -> Iterator[Judgement]:
    """No P-DATA-TF PDU is longer than the Maximum Length Received that its receiver announced."""
    for association in opened(step):
        sent = association.largest_pdu_received
        limit = association.acceptor.max_pdu
        if association.seen_from == "acceptor" and sent and limit:
            yield judge(sent <= limit, expected=f"at most {limit} bytes", actual=f"{sent} bytes",
                        at=association)  # fmt: skip
        elif association.seen_from == "requestor" and association.largest_pdu_sent and limit:
            sent = association.largest_pdu_sent
            yield judge(sent <= limit, expected=f"at most {limit} bytes", actual=f"{sent} bytes",
                        at=association)  # fmt: skip


@check("association.scu-release", judges=SCU, level=SHOULD, cites="PS3.8 7.2", steps="*",
       consequence="The provider may take a transfer for broken off.")  # fmt: skip
def associations_are_released(step: StepEvidence) -> Iterator[Judgement]:
    """An association ends with a release, not with an abort or a closed connection, unless the
    provider ended it."""
    for association in opened(step):
        ours = "aborted by peer" if association.seen_from == "acceptor" else "aborted by us"
        rude = association.ended == ours or (
            association.ended == "connection closed" and association.seen_from == "acceptor"
        )
        if association.ended:
            yield judge(not rude, expected="released", actual=association.ended, at=association)
