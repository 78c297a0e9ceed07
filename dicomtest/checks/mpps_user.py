"""Performed procedure steps: what the SCU may say and when (PS3.4 F.7, Table F.7.2-1)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCU, SHOULD, check
from dicomtest.checks.mpps_messages import changes, created, inner, known_before, told, value
from dicomtest.dicom.attribute_values import Attributes, is_empty, items
from dicomtest.dicom.mpps_model import (
    COMPLETED,
    DISCONTINUED,
    FINAL_STATES,
    IN_PROGRESS,
    NOT_ALLOWED_IN_SET,
    SCHEDULED,
    SERIES,
    STATUS,
    STEP_ATTRIBUTES,
    required,
)
from dicomtest.dicom.uids import is_valid_uid
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, judge

STEP = "mpps"
REASON = "PerformedProcedureStepDiscontinuationReasonCodeSequence"
CODES = ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")
LONG_CODES = ("LongCodeValue", "URNCodeValue")


def present(attributes: Attributes, names: tuple[str, ...], at: str) -> Iterator[Judgement]:
    """Whether these attributes are there, with a value or without."""
    absent = [name for name in names if name not in attributes]
    yield judge(not absent, expected="present", actual=f"absent: {', '.join(absent)}", at=at)


def valued(attributes: Attributes, names: tuple[str, ...], at: str) -> Iterator[Judgement]:
    """Whether these attributes are there and have a value."""
    wrong = [name for name in names if is_empty(attributes.get(name, ()))]
    yield judge(not wrong, expected="a value", actual=f"none for {', '.join(wrong)}", at=at)


@check("mpps.scu-names-instance", judges=SCU, level=MUST, cites="PS3.4 F.7.2.1.2", steps=STEP,
       consequence="Nobody knows which examination later messages are about.")  # fmt: skip
def the_step_has_a_uid(step: StepEvidence) -> Iterator[Judgement]:
    """The N-CREATE specifies the SOP Instance UID of the step, and it is a valid UID."""
    for each in created(step):
        wrong = is_valid_uid(each.uid) if each.uid else "there is none"
        yield judge(not wrong, expected="a valid UID", actual=wrong, at=each.exchange)


@check("mpps.scu-fresh-instance", judges=SCU, level=MUST, cites="PS3.4 F.7.2.1.2", steps=STEP)
def each_step_has_its_own_uid(step: StepEvidence) -> Iterator[Judgement]:
    """Each performed step has a SOP Instance UID of its own."""
    earlier: set[str] = set()
    for each in told(step):
        if each.creates and each.here and each.uid:
            yield judge(
                each.uid not in earlier, expected="a new UID", actual="used before",
                at=each.exchange,
            )  # fmt: skip
        if each.creates and each.taken:
            earlier.add(each.uid)


@check("mpps.scu-begins-in-progress", judges=SCU, level=MUST, cites="PS3.4 F.7.2.1.2",
       steps=STEP, consequence="The RIS refuses the report.")  # fmt: skip
def a_step_begins_in_progress(step: StepEvidence) -> Iterator[Judgement]:
    """The N-CREATE has Performed Procedure Step Status IN PROGRESS."""
    for each in created(step):
        actual = value(each.attributes, STATUS)
        yield judge(
            actual == IN_PROGRESS, expected=IN_PROGRESS, actual=actual or None, at=each.exchange
        )


@check("mpps.scu-type-1", judges=SCU, level=MUST, cites="PS3.4 F.7.2.1.1", steps=STEP,
       consequence="The RIS refuses the report, or files it incomplete.")  # fmt: skip
def type_1_attributes_have_a_value(step: StepEvidence) -> Iterator[Judgement]:
    """The attributes of type 1 in Table F.7.2-1 are in the N-CREATE, each with a value."""
    for each in created(step):
        yield from valued(each.attributes, required("1"), f"N-CREATE {each.uid}")


@check("mpps.scu-type-2", judges=SCU, level=MUST, cites="PS3.4 F.7.2.1.1", steps=STEP,
       consequence="The RIS refuses the report, or cannot take what comes later.")  # fmt: skip
def type_2_attributes_are_there(step: StepEvidence) -> Iterator[Judgement]:
    """The attributes of type 2 in Table F.7.2-1 are in the N-CREATE, if only empty."""
    for each in created(step):
        yield from present(each.attributes, required("2"), f"N-CREATE {each.uid}")


@check("mpps.scu-scheduled-attributes", judges=SCU, level=MUST, cites="PS3.4 F.7.2.1.1",
       steps=STEP, consequence="The RIS cannot tell which order was performed.")  # fmt: skip
def scheduled_step_attributes_are_complete(step: StepEvidence) -> Iterator[Judgement]:
    """Every item of Scheduled Step Attributes Sequence has a Study Instance UID and, if only
    empty, the other attributes of type 2."""
    for each in created(step):
        for number, item in enumerate(inner(each.attributes, SCHEDULED), 1):
            at = f"{SCHEDULED} item {number} of {each.uid}"
            yield from valued(item, required("1", SCHEDULED), at)
            yield from present(item, required("2", SCHEDULED), at)


@check("mpps.scu-study-uid", judges=SCU, level=MUST, cites="PS3.5 9.1", steps=STEP)
def the_study_uid_is_valid(step: StepEvidence) -> Iterator[Judgement]:
    """The Study Instance UID of each scheduled step is a valid UID."""
    for each in created(step):
        for item in inner(each.attributes, SCHEDULED):
            uid = value(item, "StudyInstanceUID")
            wrong = is_valid_uid(uid) if uid else ""
            yield judge(not wrong, expected="a valid UID", actual=f"{uid}: {wrong}",
                        at=each.exchange)  # fmt: skip


@check("mpps.scu-unscheduled-empty", judges=SCU, level=SHOULD, cites="PS3.4 F.7.2.1.2",
       steps=STEP, when="unscheduled",
       consequence="The RIS looks for an order that does not exist.")  # fmt: skip
def an_unscheduled_step_names_no_order(step: StepEvidence) -> Iterator[Judgement]:
    """A step that nobody scheduled has a Study Instance UID, and its other identifiers of a
    request are empty."""
    for each in created(step):
        for item in inner(each.attributes, SCHEDULED):
            invented = [
                name
                for name, values in item.items()
                if name != "StudyInstanceUID" and not is_empty(values)
            ]
            yield judge(
                not invented, expected="empty", actual=f"a value for {', '.join(invented)}",
                at=each.exchange,
            )  # fmt: skip


@check("mpps.scu-items-not-empty", judges=SCU, level=MUST, cites="PS3.4 F.7.2.1.2", steps=STEP)
def no_item_is_empty(step: StepEvidence) -> Iterator[Judgement]:
    """No sequence has an item without attributes."""
    for each in [*created(step), *changes(step)]:
        empty = [
            name
            for name, values in each.attributes.items()
            if any(not item for item in items(values))
        ]
        yield judge(
            not empty, expected="no empty item", actual=f"one in {', '.join(empty)}",
            at=each.exchange,
        )  # fmt: skip


@check("mpps.scu-codes", judges=SCU, level=MUST, cites="PS3.3 8.8", steps=STEP,
       consequence="Procedures cannot be billed or counted by their code.")  # fmt: skip
def codes_are_complete(step: StepEvidence) -> Iterator[Judgement]:
    """Every item of a code sequence has a code value, its coding scheme and its meaning."""
    for each in [*created(step), *changes(step)]:
        for where, item in codes_of(each.attributes):
            missing = [name for name in CODES if is_empty(item.get(name, ()))]
            if any(not is_empty(item.get(name, ())) for name in LONG_CODES):
                missing = [name for name in missing if name == "CodeMeaning"]
            yield judge(
                not missing, expected="a value", actual=f"none for {', '.join(missing)}",
                at=f"{where} of {each.exchange.service} {each.uid}",
            )  # fmt: skip


def codes_of(attributes: Attributes) -> Iterator[tuple[str, Attributes]]:
    """Every item of a code sequence, at whatever depth, with the sequence's keyword."""
    for name, values in attributes.items():
        for item in items(values):
            if name.endswith("CodeSequence"):
                yield name, dict(item)
            yield from codes_of(dict(item))


@check("mpps.scu-station", judges=SCU, level=SHOULD, cites="PS3.3 C.4.14", steps=STEP,
       consequence="The RIS shows the examination at another device.")  # fmt: skip
def the_station_is_the_caller(step: StepEvidence) -> Iterator[Judgement]:
    """Performed Station AE Title is the AE title under which the modality reports."""
    for each in created(step):
        actual = value(each.attributes, "PerformedStationAETitle")
        if actual:
            yield judge(
                actual == each.calling.strip(), expected=each.calling, actual=actual,
                at=each.exchange,
            )  # fmt: skip


@check("mpps.scu-set-allowed", judges=SCU, level=MUST, cites="PS3.4 F.7.2.2.1", steps=STEP,
       consequence="The RIS refuses the report, and the examination stays open.")  # fmt: skip
def only_what_may_change_is_set(step: StepEvidence) -> Iterator[Judgement]:
    """An N-SET has none of the attributes that Table F.7.2-1 does not allow in it: patient,
    scheduled step, identifiers and start are told once."""
    for each in changes(step):
        wrong = [name for name in NOT_ALLOWED_IN_SET if name in each.attributes]
        yield judge(
            not wrong, expected="attributes that may change", actual=", ".join(wrong),
            at=each.exchange,
        )  # fmt: skip


@check("mpps.scu-set-created", judges=SCU, level=MUST, cites="PS3.4 F.7.2.2.2", steps=STEP,
       consequence="A strict RIS refuses what it was not told of at the beginning.")  # fmt: skip
def only_what_was_created_is_set(step: StepEvidence) -> Iterator[Judgement]:
    """An attribute of Table F.7.2-1 that an N-SET changes was in the N-CREATE, if only empty."""
    listed = {each.keyword for each in STEP_ATTRIBUTES if each.set == "3" and not each.within}
    for each in changes(step):
        before = known_before(step, each)
        if before:
            wrong = [name for name in each.attributes if name in listed and name not in before]
            yield judge(
                not wrong, expected="attributes that were created", actual=", ".join(wrong),
                at=each.exchange,
            )  # fmt: skip


@check("mpps.scu-status", judges=SCU, level=MUST, cites="PS3.3 C.4.14", steps=STEP,
       consequence="The RIS cannot tell whether the examination is over.")  # fmt: skip
def the_status_exists(step: StepEvidence) -> Iterator[Judgement]:
    """Performed Procedure Step Status in an N-SET, where it is there, is IN PROGRESS, COMPLETED
    or DISCONTINUED."""
    for each in changes(step):
        if STATUS in each.attributes:
            actual = value(each.attributes, STATUS)
            yield judge(
                actual in (IN_PROGRESS, *FINAL_STATES),
                expected=f"{IN_PROGRESS}, {COMPLETED} or {DISCONTINUED}",
                actual=actual or "empty",
                at=each.exchange,
            )


@check("mpps.scu-nothing-after-final", judges=SCU, level=MUST, cites="PS3.4 F.7.2.2.2",
       steps=STEP, consequence="What was done after the end is never filed.")  # fmt: skip
def nothing_follows_the_end(step: StepEvidence) -> Iterator[Judgement]:
    """After a step is COMPLETED or DISCONTINUED no N-SET follows; a new step goes on with the
    work."""
    for each in changes(step):
        before = value(known_before(step, each), STATUS)
        yield judge(
            before not in FINAL_STATES, expected="no N-SET", actual=f"it was {before}",
            at=each.exchange,
        )  # fmt: skip


@check("mpps.scu-final-end", judges=SCU, level=MUST, cites="PS3.4 F.7.2.2.2", steps=STEP)
def a_finished_step_has_an_end(step: StepEvidence) -> Iterator[Judgement]:
    """A step that is COMPLETED or DISCONTINUED has an end date and an end time."""
    names = ("PerformedProcedureStepEndDate", "PerformedProcedureStepEndTime")
    for each in changes(step):
        if value(each.attributes, STATUS) in FINAL_STATES:
            state = {**known_before(step, each), **each.attributes}
            yield from valued(state, names, f"N-SET {each.uid}")


@check("mpps.scu-final-series", judges=SCU, level=MUST, cites="PS3.4 F.7.2.2.1", steps=STEP,
       consequence="The archive and the RIS cannot tell whether all images have come.")  # fmt: skip
def a_finished_step_has_a_series(step: StepEvidence) -> Iterator[Judgement]:
    """A step that is COMPLETED or DISCONTINUED has at least one item of Performed Series Sequence,
    even when no image was made."""
    for each in changes(step):
        if value(each.attributes, STATUS) in FINAL_STATES:
            state = {**known_before(step, each), **each.attributes}
            yield from valued(state, (SERIES,), f"N-SET {each.uid}")


@check("mpps.scu-end-after-start", judges=SCU, level=SHOULD, cites="PS3.3 C.4.14", steps=STEP)
def it_ends_after_it_began(step: StepEvidence) -> Iterator[Judgement]:
    """A step does not end before it began."""
    for each in changes(step):
        state = {**known_before(step, each), **each.attributes}
        moments = [moment(state, which) for which in ("Start", "End")]
        if all(moments):
            begun, ended = moments
            yield judge(begun <= ended, expected=f"not before {begun}", actual=ended,
                        at=each.exchange)  # fmt: skip


def moment(attributes: Attributes, which: str) -> str:
    """Date and time of start or end to the second; "" when either is missing."""
    day = value(attributes, f"PerformedProcedureStep{which}Date")
    time = value(attributes, f"PerformedProcedureStep{which}Time").partition(".")[0]
    return f"{day}{time.ljust(6, '0')}" if day and time else ""


@check("mpps.scu-discontinuation-reason", judges=SCU, level=SHOULD, cites="PS3.4 F.7.2.2.1",
       steps=STEP, consequence="Nobody learns why the examination was broken off.")  # fmt: skip
def a_discontinued_step_says_why(step: StepEvidence) -> Iterator[Judgement]:
    """A step that is DISCONTINUED has a reason for it."""
    for each in changes(step):
        probe = each.exchange.label == "end" and not step.parameters.get("reason")
        if value(each.attributes, STATUS) == DISCONTINUED and not probe:
            state = {**known_before(step, each), **each.attributes}
            yield from valued(state, (REASON,), f"N-SET {each.uid}")
