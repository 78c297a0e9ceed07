"""Rules on what a worklist query answers: the right steps, once each, as they were ordered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from dicomtest.dicom.answer_content import same_values
from dicomtest.dicom.answers import Answer
from dicomtest.dicom.attribute_values import Values, items, texts, vr_of
from dicomtest.dicom.matching import asks_only, match_attribute
from dicomtest.dicom.orders import step_of
from dicomtest.dicom.three_valued import Match
from dicomtest.dicom.worklist_answers import (
    NOT_RETURN_KEYS,
    Known,
    WorklistCase,
    identity_of,
    located,
    rule,
    step_names,
)
from dicomtest.dicom.worklist_model import STEP
from dicomtest.findings import Judgement, Level, judge

MUST, SHOULD = Level.MUST, Level.SHOULD
# What a RIS changes by itself, or may hold otherwise than it was told.
OWN_MATTER = frozenset({"ScheduledProcedureStepStatus", "ReferencedStudySequence",
                        "ReferencedPatientSequence", "StudyDate", "StudyTime"})  # fmt: skip
# What a RIS that is told by HL7 may have its own values for.
ASSIGNED = frozenset(
    {
        *("StudyInstanceUID", "ScheduledProcedureStepID", "RequestedProcedureID"),
        *("AccessionNumber", "AdmissionID", "ScheduledStationAETitle", "ScheduledStationName"),
        "FillerOrderNumberImagingServiceRequest",
    }
)


@rule("only-matches", MUST, "PS3.4 K.4.1.3", "PS3.4 K.2.2.1.1.1",
      consequence="The modality's list shows patients who are not for it.")  # fmt: skip
def every_answer_matches(case: WorklistCase) -> Iterator[Judgement]:
    """Every response is about a scheduled step that matches all Required Matching Keys of the
    request. Steps that this test did not order are judged by the values of the response."""
    for answer in case.answers:
        known = case.known_of(answer)
        item = known.item if known else _whole(case, answer)
        holds = not case.excluded(item)
        wrong = "" if holds else mismatches(case, item)
        yield judge(holds, expected="a match of all keys", actual=wrong, at=answer.where)


@rule("optional-keys-match", SHOULD, "IHE RAD TF-2 4.5.4.1.2",
      consequence="A patient looked up by accession number drowns in others.")  # fmt: skip
def accession_and_procedure_are_matched(case: WorklistCase) -> Iterator[Judgement]:
    """Accession Number and Requested Procedure ID, which IHE has an order filler match, rule
    out steps that have another."""
    wanted = ("AccessionNumber", "RequestedProcedureID")
    if all(asks_only(case.keys.get(name, ())) for name in wanted):
        return
    for answer in case.answers:
        for name in wanted:
            key, value = case.keys.get(name, ()), answer.value(name)
            if asks_only(key) or not value:
                continue
            found = match_attribute(name, key, value, case.agreement)
            yield judge(
                found.match is not Match.NO_MATCH,
                expected=f"{name} {_shown(key)}",
                actual=_shown(value),
                at=answer.where,
            )


@rule("all-matches", MUST, "PS3.4 K.4.1.3", "PS3.4 K.2.2.1.1.1",
      consequence="A patient who is there is not on the list.")  # fmt: skip
def every_match_is_returned(case: WorklistCase) -> Iterator[Judgement]:
    """When the operation ends with Success, there was a response for every scheduled step that
    matches."""
    if not case.complete:
        return
    returned = {identity_of(answer.attributes) for answer in case.answers}
    anonymous = any(not all(each) for each in returned)  # the business of another rule
    for each in case.must():
        holds = each.identity in returned or anonymous
        yield judge(holds, expected="a response", actual=None, at=place_of(each))


@rule("no-duplicates", MUST, "PS3.4 K.4.1.3", consequence="Patients appear twice in the list.")
def no_step_is_returned_twice(case: WorklistCase) -> Iterator[Judgement]:
    """There is one response for each scheduled step that matches."""
    returned = Counter(identity_of(answer.attributes) for answer in case.answers)
    for (uid, step), times in returned.items():
        if uid and step:
            yield judge(times == 1, expected=1, actual=times, at=f"scheduled step {step}")


@rule("ordered-values", MUST, "PS3.4 K.4.1.3", "PS3.4 K.2.2.1.2",
      consequence="What was ordered reaches the modality, and its images, changed.")  # fmt: skip
def values_are_those_that_were_ordered(case: WorklistCase) -> Iterator[Judgement]:
    """Requested keys are answered with the values that the provider was given for the step."""
    for answer in case.answers:
        known = case.known_of(answer)
        if known is not None and known.exact:
            yield from _compared(answer, known, frozenset())


@rule("ordered-values-kept", SHOULD, "IHE RAD TF-2 4.5.4.1.3",
      consequence="What was ordered reaches the modality, and its images, changed.")  # fmt: skip
def values_of_the_order_are_kept(case: WorklistCase) -> Iterator[Judgement]:
    """What an order said of patient and procedure is in the worklist; a provider that assigns
    identifiers of its own is not judged by those."""
    for answer in case.answers:
        known = case.known_of(answer)
        if known is not None and not known.exact:
            yield from _compared(answer, known, ASSIGNED)


def place_of(known: Known) -> str:
    """A scheduled step in words."""
    return f"{known.name or 'scheduled step'} {known.identity[1]}".strip()


def mismatches(case: WorklistCase, item: Mapping[str, Values]) -> str:
    """The keys that rule an item out, with its values."""
    found = []
    step = step_of(item)
    for keys, values in ((case.required, item), (_step_keys(case), step)):
        for name, key in keys.items():
            if name == STEP or name in NOT_RETURN_KEYS:
                continue
            value = values.get(name, ())
            if match_attribute(name, key, value, case.agreement).match is Match.NO_MATCH:
                found.append(f"{name} {_shown(value) or 'without value'} for {_shown(key)}")
    return "; ".join(found) or "date and time together are out of range"


def _step_keys(case: WorklistCase) -> Mapping[str, Values]:
    inner = items(case.required.get(STEP, ()))
    return inner[0] if inner else {}


def _whole(case: WorklistCase, answer: Answer) -> dict[str, Values]:
    """An answer as the item it is about, in the keys that count.

    Of what the answer leaves out the asked value is assumed.
    """
    step, present = step_of(answer.attributes), step_names(answer)
    made = {
        name: answer.value(name) if name in answer.names else _assumed(name, key)
        for name, key in case.required.items()
        if name != STEP
    }
    inner = {
        name: step.get(name, ()) if name in present else _assumed(name, key)
        for name, key in _step_keys(case).items()
    }
    return {**made, STEP: (inner,)}


def _assumed(name: str, key: Values) -> Values:
    """A value that matches a key: of a range its end, of a pattern the pattern itself."""
    if vr_of(name) in ("DA", "TM") and texts(key):
        return tuple(next(filter(None, each.split("-")), "") for each in texts(key))
    return key


def _compared(answer: Answer, known: Known, without: frozenset[str]) -> Iterator[Judgement]:
    if answer.content not in known.compared:
        known.compared[answer.content] = list(_comparison(answer, known, without))
    return located(known.compared[answer.content], answer.where)


def _comparison(answer: Answer, known: Known, without: frozenset[str]) -> Iterator[Judgement]:
    step = step_of(answer.attributes)
    for place, ordered in ((answer.attributes, known.item), (step, step_of(known.item))):
        for name, values in ordered.items():
            if name == STEP or name in OWN_MATTER | without | NOT_RETURN_KEYS:
                continue
            if not values or name not in place:
                continue
            yield judge(
                same_values(vr_of(name), values, place[name]),
                expected=_shown(values),
                actual=_shown(place[name]) or "zero length",
                at=f"{name} of {place_of(known)}",
            )


def _shown(values: Values) -> str:
    inner = items(values)
    if inner:
        return "; ".join(
            ", ".join(f"{name} {_shown(value)}" for name, value in each.items()) for each in inner
        )
    return "\\".join(texts(values))
