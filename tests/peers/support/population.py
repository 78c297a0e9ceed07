"""A small population of images that a PACS is filled with, and the keys that name parts of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file

UID_ROOT = "1.2.826.0.1.3680043.8.498.77"


@dataclass(frozen=True)
class Study:
    """What the population holds of one study: images of each series, attributes of all."""

    number: int
    images: tuple[int, ...]
    patient: str
    name: str
    charset: str = "ISO_IR 6"
    date: str = "20200115"
    time: str = "101500"
    modality: str = "CT"
    accession: str = "A0"
    sent: list[Path] = field(default_factory=list, compare=False)

    @property
    def uid(self) -> str:
        return f"{UID_ROOT}.{self.number}"

    def series(self, number: int) -> str:
        return f"{self.uid}.{number}"

    def write(self, folder: Path) -> None:
        template = dcmread(get_testdata_file("CT_small.dcm"))
        del template.DataSetTrailingPadding  # storescu does not send it
        for series, count in enumerate(self.images, 1):
            for image in range(1, count + 1):
                template.SpecificCharacterSet = self.charset.split("\\")
                template.PatientID = self.patient
                template.PatientName = self.name
                template.StudyInstanceUID = self.uid
                template.StudyDate, template.StudyTime = self.date, self.time
                template.AccessionNumber = self.accession
                template.Modality = self.modality
                template.SeriesInstanceUID = self.series(series)
                template.SeriesNumber, template.InstanceNumber = series, image
                template.SOPInstanceUID = f"{self.series(series)}.{image}"
                template.file_meta.MediaStorageSOPInstanceUID = template.SOPInstanceUID
                self.sent.append(folder / f"{self.number}-{series}-{image}.dcm")
                template.save_as(self.sent[-1])

    @property
    def instances(self) -> set[str]:
        return {
            f"{self.series(series)}.{image}"
            for series, count in enumerate(self.images, 1)
            for image in range(1, count + 1)
        }


DOE = Study(1, (2, 1), "P1", "DOE^JOHN^Q", accession="A1")
DOE_LATER = Study(2, (1,), "P1", "DOE^JOHN^Q", date="20210630", time="235959", accession="A2")
SMITH = Study(3, (3,), "P2", "SMITH^JANE", date="20201231", time="000000", modality="MR")
MUELLER = Study(4, (1,), "P3", "Müller^Jürgen", charset="ISO_IR 100", date="20220101", accession="")
WANG = Study(5, (1,), "P4", "Wang^XiaoDong=王^小东", charset="ISO_IR 192", date="20220102")
YAMADA = Study(
    *(6, (1,), "P5", "Yamada^Tarou=山田^太郎=やまだ^たろう", r"\ISO 2022 IR 87"), date="20220103"
)
LI = Study(7, (1,), "P6", "Li^Na=李^娜", charset="GB18030", date="20220104")
POPULATION = (DOE, DOE_LATER, SMITH, MUELLER, WANG, YAMADA, LI)


def studies(answers: list[Dataset]) -> list[str]:
    """UIDs of the studies found; a list, so that a duplicate is seen."""
    return sorted(str(each.StudyInstanceUID) for each in answers)


def uids(*wanted: Study) -> list[str]:
    return sorted(each.uid for each in wanted)


def at(level: str) -> str:
    return f"QueryRetrieveLevel={level}"


def keys_of(level: str, study: str, *more: str) -> list[str]:
    """Arguments that name a study (and what lies below it) to movescu and getscu."""
    names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    keys = [level, *(f"{name}={uid}" for name, uid in zip(names, (study, *more), strict=False))]
    return [part for key in keys for part in ("-k", key)]
