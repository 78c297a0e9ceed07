"""Rules on the form of a worklist response identifier (PS3.4 K.4.1.1.3.2, Table K.6-1)."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom import Dataset, config
from pydicom.datadict import dictionary_VR
from pydicom.valuerep import validate_value

from dicomtest.dicom.answers import Answer
from dicomtest.dicom.attribute_values import Item, items, name_of, tag_of, texts, vr_of
from dicomtest.dicom.charsets import (
    SPECIFIC_CHARACTER_SET,
    TEXT_VRS,
    character_set_of,
    character_set_problems,
    problems,
    raw_text,
)
from dicomtest.dicom.orders import step_of
from dicomtest.dicom.worklist_answers import (
    NOT_RETURN_KEYS,
    PENDING,
    PENDING_UNSUPPORTED_KEYS,
    WorklistCase,
    form_rule,
    located,
    rule,
    step_names,
    steps_in,
    value_of,
)
from dicomtest.dicom.worklist_model import DESCRIPTION_OR_CODE, STEP, worklist_key
from dicomtest.findings import Judgement, Level, hex_status, judge

MUST, SHOULD = Level.MUST, Level.SHOULD
REFERENCES = ("ReferencedStudySequence", "ReferencedPatientSequence")
CODES = ("ScheduledProtocolCodeSequence", "RequestedProcedureCodeSequence")
MADE = ("StudyInstanceUID", "RequestedProcedureID", "AccessionNumber", "PatientBirthDate",
        "PatientSex")  # fmt: skip
MADE_OF_STEP = (
    *("ScheduledStationAETitle", "ScheduledProcedureStepStartDate", "ScheduledProcedureStepID"),
    *("ScheduledProcedureStepStartTime", "Modality", "ScheduledProcedureStepStatus"),
)


def asked(case: WorklistCase) -> Iterator[tuple[str, bool]]:
    """The keys of the request that are return keys, with whether they are in the step."""
    for name in case.keys:
        if name not in NOT_RETURN_KEYS and name != STEP:
            yield name, False
    for name in case.step_keys or {}:
        yield name, True


def has(answer: Answer, name: str, *, in_step: bool) -> bool:
    """Whether an attribute is in the answer, if only with zero length."""
    return name in (step_names(answer) if in_step else answer.names)


@form_rule("only-requested", MUST, "PS3.4 K.4.1.1.3.2",
           consequence="Modalities that check answers discard them.")  # fmt: skip
def only_what_was_asked(case: WorklistCase, answer: Answer) -> Iterator[Judgement]:
    """A response holds no attribute that was not requested, but Specific Character Set and
    Timezone Offset From UTC."""
    extra = sorted(answer.names - set(case.keys) - NOT_RETURN_KEYS)
    if case.step_keys is not None:
        inner = step_names(answer) - set(case.step_keys) - NOT_RETURN_KEYS
        extra += [f"{STEP} > {each}" for each in sorted(inner)]
    yield judge(not extra, expected="only requested keys", actual=extra)


@form_rule("one-step", MUST, "PS3.4 K.6.1.2.2",
           consequence="The modality does not know which step it is to perform.")  # fmt: skip
def the_sequence_has_one_item(case: WorklistCase, answer: Answer) -> Iterator[Judgement]:
    """A response holds Scheduled Procedure Step Sequence, if it was requested, with one item."""
    if STEP in case.keys:
        count = len(steps_in(answer))
        yield judge(count == 1, expected="one item", actual=f"{count} items")


def _typed(case: WorklistCase, types: tuple[str, ...], *, in_step: bool) -> Iterator[str]:
    for name in (case.step_keys or {}) if in_step else case.keys:
        entry = worklist_key(name, in_step=in_step)
        if entry is not None and entry.returned in types and name != STEP:
            yield name


def _with_value(case: WorklistCase, answer: Answer, *, in_step: bool) -> Iterator[Judgement]:
    if in_step and not step_of(answer.attributes):
        return  # the business of another rule
    for name in _typed(case, ("1",), in_step=in_step):
        present = has(answer, name, in_step=in_step)
        yield judge(
            any(value_of(answer, name, in_step=in_step)),
            expected=f"{name} with a value",
            actual="zero length" if present else None,
        )


@form_rule("type-1", MUST, "PS3.4 K.2.2.1.2", "PS3.4 K.6.1.2.2",
           consequence="The modality cannot make images that belong to patient and "
                       "order.")  # fmt: skip
def type_1_keys_have_values(case: WorklistCase, answer: Answer) -> Iterator[Judgement]:
    """Requested return keys of type 1 about patient and procedure (Patient's Name and ID, Study
    Instance UID, Requested Procedure ID) are answered with a value."""
    yield from _with_value(case, answer, in_step=False)


@form_rule("step-type-1", MUST, "PS3.4 K.2.2.1.2", "PS3.4 K.6.1.2.2",
           consequence="The modality does not know what, where or when it is to "
                       "perform.")  # fmt: skip
def type_1_keys_of_the_step_have_values(case: WorklistCase, answer: Answer) -> Iterator[Judgement]:
    """Requested return keys of type 1 of the scheduled step (station AE title, start date and
    time, Modality, Scheduled Procedure Step ID) are answered with a value."""
    yield from _with_value(case, answer, in_step=True)


@form_rule("type-2", MUST, "PS3.4 K.2.2.1.2", "PS3.4 K.6.1.2.2",
           consequence="The modality cannot tell unknown from unsupported.")  # fmt: skip
def type_2_keys_are_present(case: WorklistCase, answer: Answer) -> Iterator[Judgement]:
    """Requested return keys of type 2 are answered, with zero length if the value is unknown."""
    for in_step in (False, True):
        if in_step and not step_of(answer.attributes):
            continue
        for name in _typed(case, ("2",), in_step=in_step):
            yield judge(has(answer, name, in_step=in_step), expected=name, actual=None)


@form_rule("description-or-code", MUST, "PS3.4 K.6.1.2.2",
           consequence="The technologist does not see what is to be done.")  # fmt: skip
def description_or_code_is_returned(case: WorklistCase, answer: Answer) -> Iterator[Judgement]:
    """Of description and code sequence, each of the requested procedure and of the scheduled
    step, at least one is answered with a value where both are requested."""
    for pair in DESCRIPTION_OR_CODE:
        in_step = worklist_key(pair[0], in_step=True) is not None
        keys = (case.step_keys or {}) if in_step else case.keys
        if all(name in keys for name in pair):
            yield judge(
                any(any(value_of(answer, name, in_step=in_step)) for name in pair),
                expected=f"{pair[0]} or {pair[1]}",
                actual=None,
            )


@form_rule("one-procedure-code", MUST, "PS3.4 K.6.1.2.2")
def the_requested_procedure_has_one_code(case: WorklistCase, answer: Answer) -> Iterator[Judgement]:
    """Requested Procedure Code Sequence has at most one item."""
    del case
    if "RequestedProcedureCodeSequence" in answer.names:
        count = len(items(answer.value("RequestedProcedureCodeSequence")))
        yield judge(count <= 1, expected="one item", actual=f"{count}")


@form_rule("code-complete", MUST, "PS3.4 K.6.1.2.2", "PS3.3 8.8",
           consequence="The protocol is not chosen on the modality.")  # fmt: skip
def codes_have_value_and_scheme(case: WorklistCase, answer: Answer) -> Iterator[Judgement]:
    """Each item of a code sequence has a code value and, for Code Value, a Coding Scheme
    Designator."""
    del case
    for name in CODES:
        in_step = worklist_key(name, in_step=True) is not None
        for code in items(value_of(answer, name, in_step=in_step)):
            yield judge(
                _is_code(code),
                expected="Code Value with Coding Scheme Designator",
                actual=dict(code),
                at=name,
            )


@form_rule("reference-complete", MUST, "PS3.4 K.6.1.2.2")
def references_name_class_and_instance(case: WorklistCase, answer: Answer) -> Iterator[Judgement]:
    """Each item of Referenced Study Sequence and Referenced Patient Sequence names SOP Class
    and SOP Instance."""
    del case
    for name in REFERENCES:
        for item in items(answer.value(name)):
            both = ("ReferencedSOPClassUID", "ReferencedSOPInstanceUID")
            missing = [each for each in both if not any(item.get(each, ()))]
            yield judge(
                not missing,
                expected="class and instance UID",
                actual=f"{', '.join(missing)} without value",
                at=name,
            )


@form_rule("pending-status", SHOULD, "PS3.4 K.4.1.1.4")
def the_status_says_whether_keys_are_supported(
    case: WorklistCase, answer: Answer
) -> Iterator[Judgement]:
    """A Pending response says FF01 if a requested key is not supported for existence."""
    missing = [name for name, in_step in asked(case) if not has(answer, name, in_step=in_step)]
    if missing:
        yield judge(
            answer.status == PENDING_UNSUPPORTED_KEYS,
            expected=f"FF01, since {', '.join(missing[:3])} is not answered",
            actual=hex_status(answer.status),
        )
    elif all(_in_table(name, in_step) for name, in_step in asked(case)):
        yield judge(
            answer.status == PENDING,
            expected="FF00, since every key is answered",
            actual=hex_status(answer.status),
        )


@rule("pending-status-mixed", SHOULD, "PS3.4 K.4.1.1.4")
def one_request_has_one_pending_status(case: WorklistCase) -> Iterator[Judgement]:
    """Pending responses to one request that hold the same attributes have the same status: what
    is supported is the same."""
    statuses: dict[tuple[frozenset[str], frozenset[str]], set[str]] = {}
    for answer in case.answers:
        held = answer.names - NOT_RETURN_KEYS, step_names(answer)
        statuses.setdefault(held, set()).add(hex_status(answer.status))
    for found in statuses.values():
        yield judge(len(found) == 1, expected="FF00 or FF01", actual=found)


@form_rule("character-set", MUST, "PS3.4 K.4.1.1.3.2", "PS3.5 6.1.2",
           consequence="Names become unreadable on the modality and in every image.")  # fmt: skip
def text_is_in_the_declared_character_set(
    case: WorklistCase, answer: Answer
) -> Iterator[Judgement]:
    """Text is encoded in the response's Specific Character Set, which is there if need be."""
    del case
    wrong = list(_character_set_problems(answer.identifier))
    yield judge(not wrong, expected="text as declared", actual=wrong)


@form_rule("value-representation", MUST, "PS3.5 6.2", "PS3.6 6",
           consequence="Modalities read the value wrongly, or refuse the list.")  # fmt: skip
def attributes_have_their_vr(case: WorklistCase, answer: Answer) -> Iterator[Judgement]:
    """Attributes come in the value representation that the standard gives them."""
    del case
    for place in (answer.identifier, *steps_in(answer)):
        for tag in list(place.keys()):
            element, name = place.get_item(tag), name_of(tag)
            vr = element.VR if element is not None else None
            right = known_vrs(name)
            if right and vr not in (None, "UN"):
                yield judge(vr in right, expected=right, actual=vr, at=name)


@rule("legal-values", MUST, "PS3.5 6.2", "PS3.5 9.1",
      consequence="Images with these values are refused or filed under a wrong name.")  # fmt: skip
def values_are_legal(case: WorklistCase) -> Iterator[Judgement]:
    """Identifiers, codes, dates and times of the steps that this test ordered are legal for
    their VR."""
    for answer in case.answers:
        if case.known_of(answer) is not None:
            results = answer.content.results
            if values_are_legal not in results:
                results[values_are_legal] = list(_legality(answer))
            yield from located(results[values_are_legal], answer.where)


def _legality(answer: Answer) -> Iterator[Judgement]:
    for in_step, names in ((False, MADE), (True, MADE_OF_STEP)):
        for name in names:
            values = texts(value_of(answer, name, in_step=in_step))
            if values:
                vr = vr_of(name)
                yield judge(not (wrong := _illegal(vr, values)), expected=f"a legal {vr}",
                            actual=wrong, at=name)  # fmt: skip


def known_vrs(name: str) -> tuple[str, ...]:
    """The VRs of PS3.6 for an attribute; none for one that it does not have."""
    try:
        return tuple(dictionary_VR(tag_of(name)).split(" or "))
    except (KeyError, ValueError):
        return ()


def _in_table(name: str, in_step: bool) -> bool:
    return worklist_key(name, in_step=in_step) is not None


def _is_code(code: Item) -> bool:
    if any(code.get("CodeValue", ())):
        return any(code.get("CodingSchemeDesignator", ()))
    return any(code.get("LongCodeValue", ())) or any(code.get("URNCodeValue", ()))


def _illegal(vr: str, values: tuple[str, ...]) -> str:
    for value in values:
        try:
            validate_value(vr, value, config.RAISE)
        except ValueError as error:
            return str(error)
    return ""


def _character_set_problems(dataset: Dataset, inherited: tuple[str, ...] = ()) -> Iterator[str]:
    declared = character_set_of(dataset, inherited)
    if SPECIFIC_CHARACTER_SET in dataset and not declared:
        yield "Specific Character Set has zero length"
    # ISO_IR 6 says in words what absence says; it harms nobody, and many send it.
    yield from character_set_problems([each for each in declared if each != "ISO_IR 6"])
    for tag in list(dataset.keys()):
        name = name_of(tag)
        vr = vr_of(name)
        if vr == "SQ":
            for item in dataset[tag].value or ():
                yield from _character_set_problems(item, declared)
            continue
        raw = raw_text(dataset, name) if vr in TEXT_VRS else None
        for each in problems(raw, vr, declared) if raw else ():
            yield f"{name}: {each}"
