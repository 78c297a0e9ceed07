"""Instances without pixels that differ in everything a query can ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydicom import Dataset

from dicomtest.dicom.attribute_values import data_set, from_json

ROOT = "1.2.826.0.1.3680043.8.498.78"
CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"

PATIENTS: list[tuple[dict[str, Any], str]] = [
    ({"PatientID": "DTM01", "PatientName": "DTEST^Anna^Maria", "PatientSex": "F",
      "PatientBirthDate": "19700101"}, ""),
    ({"PatientID": "DTM02", "PatientName": "DTEST^Bernd", "PatientSex": "M",
      "PatientBirthDate": "19850630"}, ""),
    ({"PatientID": "DTM03", "PatientName": "DTÉST^Jérôme", "PatientSex": "M",
      "PatientBirthDate": "20000229"}, "ISO_IR 100"),
    ({"PatientID": "DTM04", "PatientName": "Yamada^Tarou=山田^太郎=やまだ^たろう",
      "PatientSex": "M", "PatientBirthDate": "19601231"}, "\\ISO 2022 IR 87"),
    ({"PatientID": "DTM05", "PatientName": "Wang^XiaoDong=王^小东", "PatientSex": "O",
      "PatientBirthDate": "19991231"}, "GB18030"),
    ({"PatientID": "DTM06", "PatientName": "Люкceмбypг", "PatientSex": "F",
      "PatientBirthDate": "19450508"}, "ISO_IR 144"),
]  # fmt: skip

# Study of a patient: date, time, description, accession number, study ID, referring physician.
STUDIES: list[tuple[int, tuple[str, str, str, str, str, str]]] = [
    (0, ("20240131", "101500", "CT Head", "DTA100", "S1", "DTEST^Referrer")),
    (0, ("20240201", "235959", "MR Knee left", "DTA101", "S2", "DTEST^Referrer")),
    (0, ("20240229", "000000", "CT Thorax", "DTA102", "s2", "DTEST^Other")),
    (1, ("20231231", "113000.250000", "CT head", "dta100", "007", "")),
    (2, ("20240301", "120000", "Schädel", "DTA200", "7", "DTEST^Referrer")),
    (3, ("20240201", "081530", "CT Head", "DTA300", "S1", "DTEST^Referrer")),
    (4, ("20240202", "081531", "CT Abdomen", "DTA301", "S10", "DTEST^Other")),
    (5, ("20240131", "181500", "MR Head", "DTA1000", "S100", "DTEST^Other")),
]


def instances() -> Iterator[Dataset]:
    """Two series in every study, of several instances in the first."""
    for number, (owner, values) in enumerate(STUDIES, 1):
        patient, character_set = PATIENTS[owner]
        date, time, description, accession, study_id, referrer = values
        study = {
            **patient,
            "StudyInstanceUID": f"{ROOT}.{number}",
            "StudyDate": date,
            "StudyTime": time,
            "StudyDescription": description,
            "AccessionNumber": accession,
            "StudyID": study_id,
            "ReferringPhysicianName": referrer,
        }
        for series, (modality, length) in enumerate((("CT", 3), ("MR", 1)), 1):
            for image in range(1, length + 1):
                one = {
                    **study,
                    "SeriesInstanceUID": f"{ROOT}.{number}.{series}",
                    "Modality": modality,
                    "SeriesNumber": str(series),
                    "SeriesDescription": f"{modality} axial",
                    "SeriesDate": date,
                    "SeriesTime": time,
                    "BodyPartExamined": "HEAD",
                    "SOPClassUID": CT if modality == "CT" else MR,
                    "SOPInstanceUID": f"{ROOT}.{number}.{series}.{image}",
                    "InstanceNumber": str(image),
                    "Rows": 8,
                    "Columns": 8,
                    "BitsAllocated": 16,
                }
                yield data_set(from_json(one), character_set)
