"""Data sets without patients' values and AE titles, encoded as they were."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dicomtest.evidence import DEFLATED_LITTLE, EXPLICIT_BIG, IMPLICIT_LITTLE, DataSetRef

if TYPE_CHECKING:
    from pydicom import Dataset
    from pydicom.dataelem import DataElement

# Attributes that tell who or where somebody is; beside them every PN and AE (PS3.15 Annex E).
SENSITIVE = frozenset({
    "PatientName", "PatientID", "IssuerOfPatientID", "OtherPatientIDs", "OtherPatientNames",
    "PatientBirthDate", "PatientBirthTime", "PatientBirthName", "PatientMotherBirthName",
    "PatientAddress", "PatientTelephoneNumbers", "PatientInsurancePlanCodeSequence",
    "MedicalRecordLocator", "MilitaryRank", "EthnicGroup", "Occupation",
    "PatientReligiousPreference",
    "AdditionalPatientHistory", "PatientComments", "RegionOfResidence", "CountryOfResidence",
    "AccessionNumber", "AdmissionID", "ServiceEpisodeID", "StudyID", "RequestedProcedureID",
    "ScheduledProcedureStepID", "PerformedProcedureStepID",
    "PlacerOrderNumberImagingServiceRequest", "FillerOrderNumberImagingServiceRequest",
    "OrderCallbackPhoneNumber", "InstitutionName", "InstitutionAddress",
    "InstitutionalDepartmentName", "StationName", "DeviceSerialNumber", "CurrentPatientLocation",
    "PatientInstitutionResidence", "ScheduledStationName", "PerformedStationName",
    "PerformedLocation", "ReferringPhysicianName", "RequestingPhysician", "RequestingService",
    "PerformingPhysicianName", "ScheduledPerformingPhysicianName", "OperatorsName",
    "NameOfPhysiciansReadingStudy", "PhysiciansOfRecord", "ReferringPhysicianAddress",
    "ReferringPhysicianTelephoneNumbers", "TextString", "FilmSessionLabel",
})  # fmt: skip


# What a film shows may be the name of a patient, burnt in.
_PRINTED = frozenset({"BasicGrayscaleImageSequence", "BasicColorImageSequence"})


class Words(Protocol):
    """Who knows by what a value is replaced."""

    def value(self, value: str, keyword: str) -> str:
        """A patient's value in other words."""

    def whole(self, value: str, kind: str) -> str:
        """An AE title by another name."""


@dataclass(frozen=True)
class Redacted:
    """An encoded data set; empty where the bytes were none."""

    content: bytes

    @property
    def text(self) -> str:
        """As the JSON of the evidence holds bytes."""
        return base64.urlsafe_b64encode(self.content).decode("ascii")


def words_of(value: str) -> Iterator[str]:
    """The words of a value; delimiters, wild cards and empty parts are none."""
    return (each for each in re.split(r"[\W_]+", value) if each)


def redacted(reference: dict[str, Any], folder: Path, words: Words) -> Redacted:
    """The data set of a reference in a step's JSON, with other words in the sensitive attributes.

    What cannot be decoded is left out as a whole: nobody can tell what it says.
    """
    from pydicom import config

    data = _reference(reference, folder)
    before = config.settings.reading_validation_mode
    config.settings.reading_validation_mode = config.IGNORE
    try:
        dataset = data.dataset()
        _replace(dataset, words)
        return Redacted(_encoded(dataset, data.transfer_syntax))
    except Exception:  # bytes from a real system, which pydicom may refuse in any way
        return Redacted(b"")
    finally:
        config.settings.reading_validation_mode = before


def _reference(reference: dict[str, Any], folder: Path) -> DataSetRef:
    syntax = str(reference["transfer_syntax"])
    if reference.get("path") is None:
        encoded = str(reference.get("data") or "")
        return DataSetRef(
            syntax, data=base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        )
    path = str(folder / str(reference["path"]))
    return DataSetRef(syntax, path=path, offset=int(reference.get("offset") or 0))


def _replace(dataset: Dataset, words: Words) -> None:
    from pydicom.dataelem import DataElement

    for tag in list(dataset.keys()):
        element = dataset[tag]
        if element.tag.is_private:
            del dataset[tag]  # nobody can tell what it says
        elif element.VR == "SQ":
            for item in element.value or ():
                if element.keyword in _PRINTED and "PixelData" in item:
                    item["PixelData"].value = bytes(len(item.PixelData))
                _replace(item, words)
        elif element.VR == "AE" or element.VR == "PN" or element.keyword in SENSITIVE:
            values = [_other(each, element, words) for each in _values(element)]
            value: Any = values[0] if len(values) == 1 else values
            dataset[tag] = DataElement(tag, element.VR, value, already_converted=False)


def _values(element: DataElement) -> list[str]:
    value = element.value
    if value is None:
        return [""]
    many = not isinstance(value, (str, bytes)) and hasattr(value, "__iter__")
    return [str(each) for each in (value if many and element.VR != "PN" else _names(value))]


def _names(value: Any) -> list[Any]:
    from pydicom.multival import MultiValue

    return list(value) if isinstance(value, MultiValue) else [value]


def _other(value: str, element: DataElement, words: Words) -> str:
    if not value:
        return ""
    if element.VR == "AE":
        return words.whole(value, "AE")
    return words.value(value, element.keyword)


def _encoded(dataset: Dataset, syntax: str) -> bytes:
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    buffer = DicomBytesIO()
    buffer.is_implicit_VR = syntax == IMPLICIT_LITTLE
    buffer.is_little_endian = syntax != EXPLICIT_BIG
    write_dataset(buffer, dataset)
    content = buffer.getvalue()
    if syntax == DEFLATED_LITTLE:
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        content = packer.compress(content) + packer.flush()
        content += b"\0" * (len(content) % 2)
    return bytes(BytesIO(content).getvalue())
