"""What a worklist request must hold, and how its keys may be asked (PS3.4 K.4.1.1.3.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydicom import Dataset

from dicomtest.dicom.attribute_values import Item, Values, attributes_of, items, texts, vr_of
from dicomtest.dicom.charsets import SPECIFIC_CHARACTER_SET, character_set_of, raw_text
from dicomtest.dicom.date_time import parse, parse_range
from dicomtest.dicom.information_model import NOT_KEYS
from dicomtest.dicom.matching import has_wild_card
from dicomtest.dicom.orders import step_of
from dicomtest.dicom.text import problems
from dicomtest.dicom.worklist_model import STEP, worklist_key

# What a modality needs later to make objects that belong to patient, order and step
# (IHE RAD TF-2 4.5.4.1.2.3, Table 4.5-3): asked for at the top, and in the scheduled step.
NEEDED = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID"),
    *("AccessionNumber", "RequestedProcedureID", "RequestedProcedureDescription"),
    *("ReferringPhysicianName", "ReferencedStudySequence"),
)
NEEDED_OF_STEP = (
    *("ScheduledProcedureStepID", "ScheduledProcedureStepDescription", "Modality"),
    *("ScheduledProcedureStepStartDate", "ScheduledProcedureStepStartTime"),
    *("ScheduledStationAETitle", "ScheduledProtocolCodeSequence"),
)


def keys_with_places(keys: Mapping[str, Values]) -> Iterator[tuple[str, Values]]:
    """Every key of a request, those of the scheduled step included."""
    for place in (keys, step_of(keys)):
        for name, key in place.items():
            if name != STEP and name not in NOT_KEYS:
                yield name, key


def illegal_key(name: str, key: Values) -> str:
    """What is wrong with the way in which a key is asked (PS3.4 C.2.2.2, Table K.6-1)."""
    vr, values = vr_of(name), texts(key)
    if items(key) or not any(values):
        return ""
    if len(values) > 1 and vr != "UI":
        return "only UIDs can be listed (PS3.4 C.2.2.2)"
    value = values[0]
    if vr in ("DA", "TM"):
        ends = [each.strip() for each in value.split("-")]
        legal = len(ends) <= 2 and any(ends) and all(parse(vr, each) for each in ends if each)
        # together with a range of dates, a range of times may end earlier than it begins
        ordered = vr == "TM" or "-" not in value or parse_range(vr, value) is not None
        return "" if legal and ordered else f"this is no {vr} and no range of {vr}"
    if vr in ("UI", "US", "DS", "IS") and has_wild_card(value):
        return f"there are no wild cards in {vr} (PS3.4 C.2.2.2.4)"
    return ""


def beyond_required(name: str, key: Values) -> str:
    """What a provider need not understand of a Required Key that is asked like this."""
    entry = worklist_key(name, in_step=True) or worklist_key(name)
    if entry is None or not entry.required_matching or name.endswith("Name"):
        return ""
    value = next(iter(texts(key)), "")
    if has_wild_card(value) and set(value) != {"*"}:
        return "a provider only has to match single values here (PS3.4 Table K.6-1)"
    return ""


def step_items(request: Dataset) -> int | None:
    """How many items Scheduled Procedure Step Sequence has; None when it is absent."""
    if STEP not in request:
        return None
    return len(request.get(STEP) or ())


def misplaced(request: Dataset) -> list[str]:
    """Keys that belong into the scheduled step and stand beside it."""
    names = attributes_of(request)
    return sorted(
        name
        for name in names
        if worklist_key(name) is None and worklist_key(name, in_step=True) is not None
    )


def missing_return_keys(keys: Mapping[str, Values]) -> list[str]:
    """What a modality will need and does not ask for; nothing in the step if asked as a whole."""
    inner = items(keys.get(STEP, ()))
    step: Item | None = inner[0] if inner and inner[0] else None
    missing = [name for name in NEEDED if name not in keys]
    if STEP not in keys:
        return [*missing, STEP]
    if step is not None:
        missing += [name for name in NEEDED_OF_STEP if name not in step]
    return missing


def character_set_faults(request: Dataset) -> Iterator[str]:
    """What is wrong with the character set of a request (PS3.4 K.4.1.1.3.1, PS3.5 6.1.2)."""
    declared = character_set_of(request)
    if SPECIFIC_CHARACTER_SET in request and not declared:
        yield "Specific Character Set has zero length"
    for place in (request, *(request.get(STEP) or ())):
        for tag in list(place.keys()):
            raw = raw_text(place, int(tag))
            vr = vr_of(f"{tag:08X}")
            if raw and vr in ("PN", "LO", "SH", "LT", "ST", "UC", "UT"):
                yield from problems(raw, vr, declared)
