"""Performed procedure steps: what an SCP keeps of them, as MPPS Retrieve and responses show."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.mpps_messages import decoded, inner, is_taken, value
from dicomtest.checks.statuses import is_failure, said
from dicomtest.dicom.attribute_values import Attributes, is_empty
from dicomtest.dicom.mpps_model import SCHEDULED, STATUS
from dicomtest.evidence import Exchange, StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

STEP = "mpps"
KEPT = (STATUS, "PerformedProcedureStepID", "PerformedStationAETitle", "Modality", "PatientID",
        "PatientBirthDate", "PerformedProcedureStepStartDate", "PerformedProcedureStepEndDate",
        "StudyID")  # fmt: skip
ODD = ("not-allowed", "bad-status")  # of these a provider may take a part, with a warning
KEPT_SCHEDULED = ("StudyInstanceUID", "AccessionNumber", "RequestedProcedureID",
                  "ScheduledProcedureStepID")  # fmt: skip


def pairs(step: StepEvidence) -> Iterator[tuple[Exchange, Exchange]]:
    """Each request of a probe with the retrieval made after it."""
    if not step.facts.get("retrieve"):
        raise NotApplicable("MPPS Retrieve is not offered")
    for association in step.associations:
        request: Exchange | None = None
        for each in association.of("N-CREATE", "N-SET", "N-GET"):
            if each.service != "N-GET":
                request = each
            elif (
                request is not None
                and each.label == f"get:{request.label}"
                and each.final is not None
                and request.final is not None
            ):
                yield request, each


def answered(got: Exchange) -> Attributes:
    """What a retrieval gave."""
    return decoded(got.final.data) if got.final is not None and is_taken(got.status) else {}


@check("mpps.retrieve-found", judges=SCP, level=MUST, cites="PS3.4 F.8.2.1", steps=STEP,
       when="probes")  # fmt: skip
def a_step_can_be_retrieved(step: StepEvidence) -> Iterator[Judgement]:
    """A step that was taken can be retrieved with N-GET; some attributes may be unsupported
    (0001)."""
    for request, got in pairs(step):
        if is_taken(request.status):
            yield judge(
                is_taken(got.status), expected="0000 or 0001", actual=said(got.status), at=got
            )


@check("mpps.retrieve-unknown", judges=SCP, level=MUST, cites="PS3.7 10.1.2", steps=STEP,
       when="probes")  # fmt: skip
def an_unknown_step_is_not_retrieved(step: StepEvidence) -> Iterator[Judgement]:
    """An N-GET of a step that was never created is refused."""
    for request, got in pairs(step):
        if request.label == "unknown":
            yield judge(is_failure(got.status), expected="0112", actual=said(got.status), at=got)


@check("mpps.retrieve-values", judges=SCP, level=MUST, cites="PS3.4 F.8.2.1", steps=STEP,
       when="probes", consequence="Others are told what was not reported.")  # fmt: skip
def what_was_reported_is_retrieved(step: StepEvidence) -> Iterator[Judgement]:
    """The values retrieved are those that the modality reported."""
    sent: dict[str, Attributes] = {}
    for request, got in pairs(step):
        if is_taken(request.status) and request.label not in ODD:
            before = sent.get(request.sop_instance, {})
            sent[request.sop_instance] = {**before, **decoded(request.data)}
        if not is_taken(got.status) or request.label in ODD:
            continue
        known, given = sent.get(request.sop_instance, {}), answered(got)
        for where, mine, theirs in _places(known, given):
            for name in mine:
                unsupported = got.status == 0x0001 and name not in theirs
                if not unsupported and (name in theirs or not is_empty(mine[name])):
                    yield judge(
                        value(mine, name) == value(theirs, name),
                        expected=value(mine, name) or "empty",
                        actual=value(theirs, name) if name in theirs else None,
                        at=f"{where}{name} after {request.label}, {request.sop_instance}",
                    )


def _places(known: Attributes, given: Attributes) -> Iterator[tuple[str, Attributes, Attributes]]:
    yield "", {name: known[name] for name in KEPT if name in known}, given
    for mine, theirs in zip(inner(known, SCHEDULED), inner(given, SCHEDULED), strict=False):
        yield f"{SCHEDULED} > ", {n: mine[n] for n in KEPT_SCHEDULED if n in mine}, theirs


@check("mpps.refused-changes-nothing", judges=SCP, level=MUST, cites="PS3.7 10.1.3", steps=STEP,
       when="probes", consequence="A refused report had its effect all the same.")  # fmt: skip
def a_refused_request_changes_nothing(step: StepEvidence) -> Iterator[Judgement]:
    """A step is after a refused request as it was before, as MPPS Retrieve shows."""
    before: dict[str, Attributes] = {}
    for request, got in pairs(step):
        uid, now = request.sop_instance, answered(got)
        if is_failure(request.status) and before.get(uid):
            differing = [
                name
                for name in sorted({*now, *before[uid]})
                if now.get(name, ()) != before[uid].get(name, ())
            ]
            yield judge(
                not differing,
                expected="as before",
                actual=f"{', '.join(differing)} changed",
                at=request,
            )
        before[uid] = now


@check("mpps.created-attributes", judges=SCP, level=MUST, cites="PS3.4 F.7.2.2.3", steps=STEP,
       consequence="The examination is filed under other identifiers.")  # fmt: skip
def the_provider_changes_nothing_while_in_progress(step: StepEvidence) -> Iterator[Judgement]:
    """What a response to N-CREATE or N-SET says of a step in progress is what the modality sent:
    an SCP modifies attributes only when the step is finished."""
    for each in step.exchanges("N-CREATE", "N-SET"):
        if each.final is None or each.final.data is None or not is_taken(each.status):
            continue
        sent, given = decoded(each.data), decoded(each.final.data)
        if value(sent, STATUS) in ("COMPLETED", "DISCONTINUED"):
            continue
        for name in KEPT:
            if name in sent and name in given:
                yield judge(
                    value(sent, name) == value(given, name),
                    expected=value(sent, name) or "empty",
                    actual=value(given, name),
                    at=f"{name} in the response of {each.service} {each.sop_instance}",
                )


@check("mpps.answered-quickly", judges=SCP, level=SHOULD, cites="PS3.4 F.7.2.1", steps=STEP,
       consequence="The patient waits until the console is free.")  # fmt: skip
def reports_are_answered_quickly(step: StepEvidence) -> Iterator[Judgement]:
    """N-CREATE and N-SET are answered within 10 seconds."""
    for each in step.exchanges("N-CREATE", "N-SET"):
        if each.seconds is not None:
            yield judge(
                each.seconds <= 10,
                expected="at most 10 s",
                actual=f"{each.seconds:.1f} s",
                at=each,
            )
