"""Performed procedure steps: how an SCP takes and refuses them (PS3.4 F.7)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.mpps_messages import decoded, is_taken, labelled
from dicomtest.checks.statuses import is_failure, said
from dicomtest.dicom.mpps_model import MPPS, NO_LONGER_ERROR_ID, STATUS
from dicomtest.dicom.mpps_probes import EXPECTED
from dicomtest.evidence import Exchange, StepEvidence
from dicomtest.findings import Judgement, judge

STEP = "mpps"
FINISHED = ("after-completed", "after-discontinued", "reopen")
CREATED_FINAL = ("created-completed", "created-discontinued")
# PS3.7 10.1.5.1 and 10.1.3.1: statuses of N-CREATE and N-SET
GENERAL = {0x0000, 0x0105, 0x0106, 0x0107, 0x0110, 0x0116, 0x0117, 0x0118, 0x0119, 0x0121,
           0x0124, 0x0210, 0x0211, 0x0212, 0x0213}  # fmt: skip
STATUSES = {"N-CREATE": GENERAL | {0x0111, 0x0120}, "N-SET": GENERAL | {0x0112, 0x0120}}


def answer(exchange: Exchange) -> str:
    """Status and comment of the final response."""
    final = exchange.final
    comment = final.command.get("ErrorComment", "") if final else exchange.why
    return f"{said(exchange.status)} {comment}".strip()


def taken(step: StepEvidence, *labels: str) -> Iterator[Judgement]:
    """Whether these requests were taken, where the step they are about exists."""
    begun = {each.sop_instance for story in (*step.story, step)
             for each in story.exchanges("N-CREATE") if is_taken(each.status)}  # fmt: skip
    muddled = {each.sop_instance for each in labelled(step, "bad-status") if is_taken(each.status)}
    for each in labelled(step, *labels):
        if each.service == "N-SET" and each.sop_instance not in begun - muddled:
            continue  # that its beginning was refused, or its state muddled, is told already
        yield judge(
            is_taken(each.status), expected="0000 or a warning", actual=answer(each), at=each
        )


def refused(step: StepEvidence, *labels: str) -> Iterator[Judgement]:
    """Whether these requests were refused."""
    for each in labelled(step, *labels):
        wanted = " or ".join(said(status) for status in EXPECTED[each.label].statuses)
        yield judge(
            is_failure(each.status),
            expected=f"a failure ({wanted})",
            actual=answer(each),
            at=each,
        )


def status_right(step: StepEvidence, *labels: str) -> Iterator[Judgement]:
    """Whether these requests, where they were refused, were so for the right reason."""
    for each in labelled(step, *labels):
        wanted = EXPECTED[each.label].statuses
        if is_failure(each.status):
            yield judge(
                each.status in wanted,
                expected=" or ".join(said(status) for status in wanted),
                actual=answer(each),
                at=each,
            )


@check("mpps.context-accepted", judges=SCP, level=MUST, cites="PS3.4 F.7.1", steps=STEP,
       consequence="The modality cannot report; the worklist never clears.")  # fmt: skip
def the_class_is_offered(step: StepEvidence) -> Iterator[Judgement]:
    """A system that is to manage performed procedure steps accepts a presentation context for
    their SOP Class."""
    if step.parameters.get("optional"):
        return
    for each in step.associations:
        proposed = [c for c in each.contexts if c.abstract_syntax == MPPS]
        if each.outcome == "accepted" and each.seen_from == "requestor" and proposed:
            yield judge(
                bool(each.accepted(MPPS)),
                expected="accepted",
                actual=f"refused with result {proposed[0].result}",
                at=each,
            )


@check("mpps.create-accepted", judges=SCP, level=MUST, cites="PS3.4 F.7.2.1.3", steps=STEP,
       consequence="The RIS never learns that the examination has begun.")  # fmt: skip
def a_conformant_step_can_begin(step: StepEvidence) -> Iterator[Judgement]:
    """A conformant N-CREATE with status IN PROGRESS is answered with Success or a Warning."""
    yield from taken(step, "create")


@check("mpps.set-accepted", judges=SCP, level=MUST, cites="PS3.4 F.7.2.2.3", steps=STEP,
       consequence="Modalities that report each series stop reporting at all.")  # fmt: skip
def a_step_in_progress_can_change(step: StepEvidence) -> Iterator[Judgement]:
    """A conformant N-SET on a step that is IN PROGRESS, with that status or without one, is
    answered with Success or a Warning."""
    yield from taken(step, "update", "progress")


@check("mpps.final-accepted", judges=SCP, level=MUST, cites="PS3.4 F.7.2.2.3", steps=STEP,
       consequence="The examination stays open at the RIS and is not billed.")  # fmt: skip
def a_step_in_progress_can_end(step: StepEvidence) -> Iterator[Judgement]:
    """A conformant N-SET that makes a step COMPLETED or DISCONTINUED is answered with Success or
    a Warning."""
    yield from taken(step, "end")


@check("mpps.no-needless-warning", judges=SCP, level=SHOULD, cites="PS3.4 F.7.2.1.3", steps=STEP)
def no_warning_without_need(step: StepEvidence) -> Iterator[Judgement]:
    """A conformant request is answered without a warning."""
    for each in labelled(step, "create", "update", "progress", "end"):
        if is_taken(each.status):
            yield judge(each.status == 0, expected="0000", actual=answer(each), at=each)


@check("mpps.duplicate-refused", judges=SCP, level=MUST, cites="PS3.7 10.1.5", steps=STEP,
       when="probes", consequence="A second report silently replaces the first.")  # fmt: skip
def a_second_create_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """An N-CREATE with the SOP Instance UID of a step that exists is refused."""
    yield from refused(step, "duplicate")


@check("mpps.duplicate-status", judges=SCP, level=SHOULD, cites="PS3.7 10.1.5", steps=STEP,
       when="probes")  # fmt: skip
def a_second_create_is_named(step: StepEvidence) -> Iterator[Judgement]:
    """An N-CREATE with the SOP Instance UID of a step that exists is refused with 0111, duplicate
    SOP Instance."""
    yield from status_right(step, "duplicate")


@check("mpps.unknown-refused", judges=SCP, level=MUST, cites="PS3.7 10.1.3", steps=STEP,
       when="probes", consequence="A lost report looks as if it had been filed.")  # fmt: skip
def a_set_of_an_unknown_step_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """An N-SET of a step that was never created is refused."""
    yield from refused(step, "unknown")


@check("mpps.unknown-status", judges=SCP, level=SHOULD, cites="PS3.7 10.1.3", steps=STEP,
       when="probes")  # fmt: skip
def a_set_of_an_unknown_step_is_named(step: StepEvidence) -> Iterator[Judgement]:
    """An N-SET of a step that was never created is refused with 0112, no such SOP Instance."""
    yield from status_right(step, "unknown")


@check("mpps.finished-refused", judges=SCP, level=MUST, cites="PS3.4 F.7.2.2.3", steps=STEP,
       when="probes", consequence="A finished examination can be reopened or changed.")  # fmt: skip
def a_finished_step_does_not_change(step: StepEvidence) -> Iterator[Judgement]:
    """An N-SET on a step that is COMPLETED or DISCONTINUED is refused."""
    yield from refused(step, *FINISHED)


@check("mpps.finished-status", judges=SCP, level=MUST, cites="PS3.4 F.7.2.2.3", steps=STEP,
       when="probes")  # fmt: skip
def a_finished_step_is_named(step: StepEvidence) -> Iterator[Judgement]:
    """An N-SET on a step that is COMPLETED or DISCONTINUED is refused with 0110, processing
    failure."""
    yield from status_right(step, *FINISHED)


@check("mpps.finished-error-id", judges=SCP, level=SHOULD, cites="PS3.4 F.7.2.2.4", steps=STEP,
       when="probes", consequence="The modality repeats its report for ever.")  # fmt: skip
def a_finished_step_is_explained(step: StepEvidence) -> Iterator[Judgement]:
    """The refusal of an N-SET on a finished step has Error ID A710: the object may no longer be
    updated."""
    for each in labelled(step, *FINISHED):
        if is_failure(each.status) and each.final is not None:
            error = each.final.command.get("ErrorID")
            shown = f"{error:04X}" if isinstance(error, int) else error
            yield judge(error == NO_LONGER_ERROR_ID, expected="A710", actual=shown, at=each)


@check("mpps.created-final-refused", judges=SCP, level=MUST, cites="PS3.4 F.7.2.1.3", steps=STEP,
       when="probes", consequence="Examinations appear as done that never began.")  # fmt: skip
def a_step_begins_in_progress_only(step: StepEvidence) -> Iterator[Judgement]:
    """An N-CREATE whose status is not IN PROGRESS is refused."""
    yield from refused(step, *CREATED_FINAL)


@check("mpps.created-final-status", judges=SCP, level=MUST, cites="PS3.4 F.7.2.1.3", steps=STEP,
       when="probes")  # fmt: skip
def a_step_begun_otherwise_is_named(step: StepEvidence) -> Iterator[Judgement]:
    """An N-CREATE whose status is not IN PROGRESS is refused with 0106, invalid attribute
    value."""
    yield from status_right(step, *CREATED_FINAL)


@check("mpps.created-final-attribute-list", judges=SCP, level=SHOULD, cites="PS3.4 F.7.2.1.3",
       steps=STEP, when="probes")  # fmt: skip
def the_wrong_attribute_is_given_back(step: StepEvidence) -> Iterator[Judgement]:
    """The refusal with 0106, where it has an Attribute List, has the Performed Procedure Step
    Status in it."""
    for each in labelled(step, *CREATED_FINAL):
        if each.status == 0x0106 and each.final is not None and each.final.data is not None:
            yield judge(
                STATUS in decoded(each.final.data),
                expected=f"an Attribute List with {STATUS}",
                actual="a data set without it",
                at=each,
            )


@check("mpps.refused-create-leaves-nothing", judges=SCP, level=MUST, cites="PS3.7 10.1.5",
       steps=STEP, when="probes",
       consequence="What was refused is there all the same, and in the way.")  # fmt: skip
def a_refused_create_creates_nothing(step: StepEvidence) -> Iterator[Judgement]:
    """After an N-CREATE was refused there is no step with its SOP Instance UID."""
    refusals = {e.sop_instance for e in labelled(step, *CREATED_FINAL) if is_failure(e.status)}
    for each in labelled(step, "refused-create-left-nothing"):
        if each.sop_instance in refusals:
            yield judge(
                is_failure(each.status), expected="a failure (0112)", actual=answer(each), at=each
            )


@check("mpps.missing-attribute-refused", judges=SCP, level=MUST, cites="PS3.4 5.4.2.1",
       steps=STEP, when="probes", consequence="Incomplete reports are filed.")  # fmt: skip
def a_missing_attribute_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """An N-CREATE without an attribute that is mandatory for the SCU, of type 1 or 2, is
    refused."""
    yield from refused(step, "missing-type-1", "missing-type-2")


@check("mpps.missing-attribute-status", judges=SCP, level=MUST, cites="PS3.4 5.4.2.1",
       steps=STEP, when="probes")  # fmt: skip
def a_missing_attribute_is_named(step: StepEvidence) -> Iterator[Judgement]:
    """An N-CREATE without a mandatory attribute is refused with 0120, missing attribute."""
    yield from status_right(step, "missing-type-1", "missing-type-2")


@check("mpps.missing-value-refused", judges=SCP, level=MUST, cites="PS3.4 5.4.2.1", steps=STEP,
       when="probes", consequence="Incomplete reports are filed.")  # fmt: skip
def a_missing_value_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """An N-CREATE with an empty attribute of type 1 is refused."""
    yield from refused(step, "empty-type-1")


@check("mpps.missing-value-status", judges=SCP, level=MUST, cites="PS3.4 5.4.2.1", steps=STEP,
       when="probes")  # fmt: skip
def a_missing_value_is_named(step: StepEvidence) -> Iterator[Judgement]:
    """An N-CREATE with an empty attribute of type 1 is refused with 0121, missing attribute
    value."""
    yield from status_right(step, "empty-type-1")


@check("mpps.not-allowed-told", judges=SCP, level=SHOULD, cites="PS3.4 F.7.2.2.1", steps=STEP,
       when="probes", consequence="An examination can move to another patient.")  # fmt: skip
def a_forbidden_change_is_told(step: StepEvidence) -> Iterator[Judgement]:
    """An N-SET with an attribute that Table F.7.2-1 does not allow in it, such as Patient ID, is
    refused, or taken with a warning."""
    for each in labelled(step, "not-allowed"):
        yield judge(
            each.status != 0, expected="0105 or another refusal", actual=answer(each), at=each
        )


@check("mpps.bad-status-told", judges=SCP, level=SHOULD, cites="PS3.4 F.7.2.2", steps=STEP,
       when="probes", consequence="Examinations are in a state nobody knows.")  # fmt: skip
def a_status_that_does_not_exist_is_told(step: StepEvidence) -> Iterator[Judgement]:
    """An N-SET with a Performed Procedure Step Status that does not exist is refused, or taken
    with a warning."""
    for each in labelled(step, "bad-status"):
        yield judge(
            each.status != 0, expected="0106 or another refusal", actual=answer(each), at=each
        )


@check("mpps.status-of-service", judges=SCP, level=SHOULD,
       cites=("PS3.7 10.1.3", "PS3.7 10.1.5"), steps=STEP)  # fmt: skip
def status_belongs_to_the_service(step: StepEvidence) -> Iterator[Judgement]:
    """The status is one that PS3.7 defines for N-CREATE or N-SET."""
    for each in step.exchanges("N-CREATE", "N-SET"):
        if each.status is not None:
            yield judge(
                each.status in STATUSES[each.service],
                expected=f"a status of {each.service}",
                actual=answer(each),
                at=each,
            )


@check("mpps.instance-uid", judges=SCP, level=MUST, cites=("PS3.7 10.1.3", "PS3.7 10.1.5"),
       steps=STEP, consequence="The answer is filed with the wrong examination.")  # fmt: skip
def the_response_names_the_step(step: StepEvidence) -> Iterator[Judgement]:
    """The response, where it carries an Affected SOP Instance UID, carries the one of the
    request."""
    for each in step.exchanges("N-CREATE", "N-SET", "N-GET"):
        for response in each.responses:
            actual = response.command.get("AffectedSOPInstanceUID")
            if actual not in (None, "") and each.sop_instance:
                yield judge(
                    actual == each.sop_instance, expected=each.sop_instance, actual=actual, at=each
                )
