"""Performed Series Sequence: that it lists what was made, and as what (PS3.4 F.7.2.2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dicomtest.checks import MUST, SCU, SHOULD, check
from dicomtest.checks.mpps_messages import (
    Told,
    changes,
    inner,
    known_before,
    stored_instances,
    value,
)
from dicomtest.checks.mpps_user import present, valued
from dicomtest.dicom.attribute_values import Attributes
from dicomtest.dicom.mpps_model import FINAL_STATES, IMAGES, OTHERS, SERIES, STATUS, required
from dicomtest.dicom.uids import is_valid_uid
from dicomtest.evidence import Instance, StepEvidence
from dicomtest.findings import Judgement, judge

STEP = "mpps"


@dataclass(frozen=True)
class Listed:
    """One instance as a performed series lists it."""

    sop_class: str
    sop_instance: str
    series: str
    sequence: str
    told: Told


def listed(each: Told) -> list[Listed]:
    """Everything that an N-SET lists."""
    return [
        Listed(
            value(reference, "ReferencedSOPClassUID"),
            value(reference, "ReferencedSOPInstanceUID"),
            value(series, "SeriesInstanceUID"),
            sequence,
            each,
        )
        for series in inner(each.attributes, SERIES)
        for sequence in (IMAGES, OTHERS)
        for reference in inner(series, sequence)
    ]


def made_in(step: StepEvidence, each: Told) -> list[Instance]:
    """The stored instances that name the performed step as their own."""
    number = value(known_before(step, each), "PerformedProcedureStepID")
    return [
        instance
        for instance in stored_instances(step)
        if each.uid in _steps_of(instance) or (number and number == _number_of(instance))
    ]


def _number_of(instance: Instance) -> str:
    return str(next(iter(instance.attributes.get("PerformedProcedureStepID", [])), ""))


def _steps_of(instance: Instance) -> set[str]:
    found = instance.attributes.get("ReferencedPerformedProcedureStepSequence", ())
    return {
        str(uid) for item in found if not isinstance(item, str)
        for uid in item.get("ReferencedSOPInstanceUID", ())
    }  # fmt: skip


def is_image(instance: Instance) -> bool:
    """Whether an instance has rows of pixels."""
    return bool(instance.attributes.get("Rows"))


def final(step: StepEvidence) -> Iterator[Told]:
    """The N-SET requests of this step that end a performed step."""
    return (each for each in changes(step) if value(each.attributes, STATUS) in FINAL_STATES)


@check("mpps.scu-series-attributes", judges=SCU, level=MUST, cites="PS3.4 F.7.2.2.1", steps=STEP,
       consequence="The list of images cannot be filed.")  # fmt: skip
def series_items_are_complete(step: StepEvidence) -> Iterator[Judgement]:
    """Every item of Performed Series Sequence has a protocol name and a Series Instance UID, and,
    if only empty, the other attributes of Table F.7.2-1."""
    for each in changes(step):
        for number, series in enumerate(inner(each.attributes, SERIES), 1):
            at = f"{SERIES} item {number} of {each.uid}"
            yield from valued(series, required("1", SERIES), at)
            yield from present(series, required("2", SERIES), at)


@check("mpps.scu-series-uid", judges=SCU, level=MUST, cites="PS3.5 9.1", steps=STEP)
def series_uids_are_valid(step: StepEvidence) -> Iterator[Judgement]:
    """The Series Instance UIDs are valid, and each stands in one item."""
    for each in changes(step):
        seen: set[str] = set()
        for series in inner(each.attributes, SERIES):
            uid = value(series, "SeriesInstanceUID")
            wrong = is_valid_uid(uid) or ("it is listed twice" if uid in seen else "")
            seen.add(uid)
            yield judge(not wrong, expected="a valid UID, once", actual=f"{uid}: {wrong}",
                        at=each.exchange)  # fmt: skip


@check("mpps.scu-references-complete", judges=SCU, level=MUST, cites="PS3.3 10.8", steps=STEP)
def references_are_complete(step: StepEvidence) -> Iterator[Judgement]:
    """Every reference to an instance has its SOP Class UID and its SOP Instance UID."""
    for each in changes(step):
        for reference in listed(each):
            yield judge(
                bool(reference.sop_class and reference.sop_instance),
                expected="SOP Class UID and SOP Instance UID",
                actual=f"{reference.sop_class or 'no class'}, "
                f"{reference.sop_instance or 'no instance'}",
                at=each.exchange,
            )


@check("mpps.scu-each-once", judges=SCU, level=MUST, cites="PS3.4 F.7.2.2.2", steps=STEP,
       consequence="The RIS counts more images than there are.")  # fmt: skip
def each_instance_is_listed_once(step: StepEvidence) -> Iterator[Judgement]:
    """An instance is listed once."""
    for each in changes(step):
        uids = [reference.sop_instance for reference in listed(each)]
        twice = sorted({uid for uid in uids if uids.count(uid) > 1})
        if uids:
            yield judge(not twice, expected="once", actual=f"twice: {', '.join(twice)}",
                        at=each.exchange)  # fmt: skip


@check("mpps.scu-complete-list", judges=SCU, level=MUST, cites="PS3.4 F.7.2.2.2", steps=STEP,
       consequence="Reading begins before all images are there, or waits for ever.")  # fmt: skip
def every_instance_is_listed(step: StepEvidence) -> Iterator[Judgement]:
    """The final N-SET, together with those before it, lists every instance that was made in the
    step."""
    for each in final(step):
        known = {reference.sop_instance for reference in listed(_whole(step, each))}
        for instance in made_in(step, each):
            yield judge(
                instance.sop_instance in known,
                expected="listed",
                actual="not listed",
                at=f"instance {instance.sop_instance} in the final N-SET of {each.uid}",
            )


def _whole(step: StepEvidence, each: Told) -> Told:
    """The request with the series that earlier ones gave, where it gives none itself."""
    merged: Attributes = {**known_before(step, each), **each.attributes}
    return Told(each.exchange, merged, each.here, each.calling)


@check("mpps.scu-reference-class", judges=SCU, level=MUST, cites="PS3.4 F.7.2.2.2", steps=STEP)
def references_name_the_right_class(step: StepEvidence) -> Iterator[Judgement]:
    """An instance that was stored is listed with its own SOP Class UID."""
    stored = {each.sop_instance: each for each in stored_instances(step)}
    for each in changes(step):
        for reference in listed(each):
            instance = stored.get(reference.sop_instance)
            if instance is not None:
                yield judge(
                    reference.sop_class == instance.sop_class,
                    expected=instance.sop_class,
                    actual=reference.sop_class,
                    at=f"instance {reference.sop_instance}",
                )


@check("mpps.scu-reference-series", judges=SCU, level=MUST, cites="PS3.4 F.7.2.2.2", steps=STEP,
       consequence="The RIS shows images under a series that does not exist.")  # fmt: skip
def references_stand_under_their_series(step: StepEvidence) -> Iterator[Judgement]:
    """An instance that was stored is listed under its own Series Instance UID."""
    stored = {each.sop_instance: each for each in stored_instances(step)}
    for each in changes(step):
        for reference in listed(each):
            instance = stored.get(reference.sop_instance)
            if instance is not None:
                yield judge(
                    reference.series == instance.series,
                    expected=instance.series,
                    actual=reference.series,
                    at=f"instance {reference.sop_instance}",
                )


@check("mpps.scu-images-and-others", judges=SCU, level=SHOULD, cites="PS3.4 F.7.2.2.1", steps=STEP)
def images_and_others_are_kept_apart(step: StepEvidence) -> Iterator[Judgement]:
    """Images are in Referenced Image Sequence; what is no image is in Referenced Non-Image
    Composite SOP Instance Sequence."""
    stored = {each.sop_instance: each for each in stored_instances(step)}
    for each in changes(step):
        for reference in listed(each):
            instance = stored.get(reference.sop_instance)
            if instance is not None:
                wanted = IMAGES if is_image(instance) else OTHERS
                yield judge(
                    reference.sequence == wanted,
                    expected=wanted,
                    actual=reference.sequence,
                    at=f"instance {reference.sop_instance}",
                )
