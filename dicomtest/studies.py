"""Making the studies that a scenario needs, instance by instance.

Kept apart from the store transaction because later steps (retrieve again, commit, print) need
the same objects. One instance at a time is in memory.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from dicomtest.dicom.attribute_values import attributes_of
from dicomtest.dicom.headers import header
from dicomtest.dicom.objects import KINDS, Placement, StudyPlan, Subject, build, write
from dicomtest.evidence import Instance

if TYPE_CHECKING:
    from pydicom import Dataset

    from dicomtest.dicom.patients import Patient
    from dicomtest.dicom.uids import UidFactory

REFERRED_TO = 4  # images that a presentation state or report of the same study refers to

# names a scenario may use for transfer syntaxes, and what stays lossless under each
TRANSFER_SYNTAXES = {
    "implicit": "1.2.840.10008.1.2",
    "explicit": "1.2.840.10008.1.2.1",
    "rle": "1.2.840.10008.1.2.5",
    "jpeg-lossless": "1.2.840.10008.1.2.4.70",
    "jpeg-ls": "1.2.840.10008.1.2.4.80",
    "jpeg-2000": "1.2.840.10008.1.2.4.90",
}


@dataclass(frozen=True)
class Shape:
    """How large the images of a study are; None takes what is usual for the kind."""

    rows: int | None = None
    columns: int | None = None
    frames: int | None = None


@dataclass(frozen=True)
class Pending:
    """An instance that is planned: made when its transfer syntax is known."""

    kind: str
    place: Placement
    sop_class: str
    seed: int


@dataclass
class Maker:
    """Makes the instances of one study and writes them to files."""

    plan: StudyPlan
    folder: Path
    seed: int
    shape: Shape = Shape()
    _images: list[Dataset] = field(default_factory=list)

    def can_make(self, pending: Pending) -> bool:
        """Whether the images exist that an instance of this kind refers to."""
        return bool(self._images) or not KINDS[pending.kind].refers_to_images

    def refer_to(self, instances: Iterable[Instance]) -> None:
        """Have what is made refer to images that exist already."""
        images = (each for each in instances if each.attributes.get("Rows"))
        self._images += [header(each.data) for each in islice(images, REFERRED_TO)]

    def make(self, pending: Pending, transfer_syntax: str) -> Instance:
        """Build one instance and write it in that transfer syntax."""
        kind = KINDS[pending.kind]
        ds = build(
            pending.kind,
            self.plan,
            pending.place,
            rng=random.Random(pending.seed),
            rows=self.shape.rows,
            columns=self.shape.columns,
            frames=self.shape.frames,
            refers_to=tuple(self._images) if kind.refers_to_images else (),
        )
        path = self.folder / f"{pending.place.instance_uid}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        ref = write(ds, path, transfer_syntax)
        attributes = attributes_of(ds)
        if kind.is_image and len(self._images) < REFERRED_TO:
            self._images.append(without_pixels(ds))
        return Instance(
            sop_class=str(ds.SOPClassUID),
            sop_instance=str(ds.SOPInstanceUID),
            study=str(ds.StudyInstanceUID),
            series=str(ds.SeriesInstanceUID),
            patient_id=str(ds.PatientID),
            data=ref,
            kind=pending.kind,
            attributes=attributes,
        )


def without_pixels(ds: Dataset) -> Dataset:
    """What another object needs to refer to an image: all but its pixels."""
    slim = ds.copy()
    if "PixelData" in slim:
        del slim.PixelData
    return slim


def plan_study(
    patient: Patient | Subject, uids: UidFactory, seed: int, *, number: int, description: str
) -> StudyPlan:
    """A study of that patient; date, time and identifiers follow from the seed and number."""
    subject = patient if isinstance(patient, Subject) else subject_of(patient)
    rng = random.Random(f"{seed}/{subject.patient_id}/{number}")
    day = date.today() - timedelta(days=rng.randrange(2, 300))
    clock = f"{rng.randrange(7, 19):02d}{rng.randrange(60):02d}{rng.randrange(60):02d}"
    return StudyPlan(
        subject=subject,
        study_uid=uids.new(),
        accession_number=f"A{subject.patient_id[-10:]}{number:02d}"[-16:],
        study_id=f"S{number:04d}",
        study_date=day.strftime("%Y%m%d"),
        study_time=clock,
        study_description=description,
        # Type 2: a system has to keep and answer it with a value and without
        referring_physician="Referring^Rita" if number % 2 else "",
        frame_of_reference_uid=uids.new(),
    )


def subject_of(patient: Patient) -> Subject:
    """The patient as the objects need it."""
    return Subject(
        patient_name=patient.name,
        patient_id=patient.patient_id,
        birth_date=patient.birth_date,
        sex=patient.sex,
        character_set=patient.character_set,
    )


def plan_instances(
    kinds: Sequence[str], uids: UidFactory, seed: int, *, images: int, series: int = 1
) -> Iterator[Pending]:
    """The instances of a study: `images` of each kind in `series` series; one of others."""
    series_number = 0
    for kind in kinds:
        per_kind = images if KINDS[kind].is_image else 1
        parts = min(series, per_kind) if KINDS[kind].is_image else 1
        for part in range(parts):
            series_number += 1
            series_uid = uids.new()
            for number in range(part, per_kind, parts):
                yield Pending(
                    kind=kind,
                    place=Placement(
                        series_uid=series_uid,
                        series_number=series_number,
                        instance_uid=uids.new(),
                        instance_number=number // parts + 1,
                    ),
                    sop_class=str(KINDS[kind].sop_class),
                    seed=seed * 1_000_003 + series_number * 1009 + number,
                )
