"""Objects to store, find and retrieve, each rule of matching with something to tell apart."""

from __future__ import annotations

from .data_set import DataSet, Element, write_data_set
from .holdings import Stored
from .settings import NATIVE
from .store import header_of

EXPLICIT = NATIVE[0]
CT, MR, SC = (f"1.2.840.10008.5.1.4.1.1.{each}" for each in ("2", "4", "7"))
MODALITY = {CT: "CT", MR: "MR", SC: "OT"}
ROOT = "2.25.1000"


def study_uid(study: int) -> str:
    """UIDs of studies 1 and 11 to 19 begin alike."""
    return f"{ROOT}.{study}"


def made(study: int, series: int, instance: int, sop_class: str, **attributes: str) -> Stored:
    """One object; an attribute of several values has them joined by a backslash."""
    data_set = DataSet()
    charset = attributes.pop("SpecificCharacterSet", "")
    if charset:
        data_set.put("SpecificCharacterSet", *charset.split("|"))
    uid = f"{study_uid(study)}.{series}.{instance}"
    values = {
        "SOPClassUID": sop_class,
        "SOPInstanceUID": uid,
        "StudyInstanceUID": study_uid(study),
        "SeriesInstanceUID": f"{study_uid(study)}.{series}",
        "Modality": MODALITY[sop_class],
        "SeriesNumber": str(series),
        "InstanceNumber": str(instance),
        "StudyID": f"S{study}",
        "StudyDescription": "Head without contrast medium",
        "SeriesDescription": "Axial",
        "PatientSex": "",
        "ImageType": "ORIGINAL\\PRIMARY\\AXIAL",
        "PixelSpacing": "0.48\\0.52",
        "SamplesPerPixel": "1",
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": "160" if instance == 1 else "16",
        "Columns": "128" if instance == 1 else "16",
        "BitsAllocated": "16",
        "BitsStored": "16",
        "HighBit": "15",
        "PixelRepresentation": "0",
    } | attributes
    for keyword, value in values.items():
        data_set.put(keyword, *(value.split("\\") if value else []))
    item = DataSet(inherited=data_set.charset)
    item.put("RequestedProcedureID", "RP1")
    data_set.put_items("RequestAttributesSequence", [item])
    data_set.put(0x00110010, "SOME MAKER")
    data_set.put(0x00111001, "private", vr="LO")
    pixels = bytes(range(256)) * 160 if instance == 1 else bytes(range(256)) * 2
    data_set.elements[0x7FE00010] = Element(0x7FE00010, "OW", pixels)
    data = write_data_set(data_set, EXPLICIT)
    return Stored(sop_class, uid, EXPLICIT, data, header_of(data_set))


def population() -> list[Stored]:
    """Patients P1 to P4, eleven studies."""
    john = {"PatientName": "Doe^John", "PatientID": "P1"}
    buc = {"PatientName": "Buc^Jérôme", "PatientID": "P3"}
    other_buc = {"PatientName": "Buc^Jèrome", "PatientID": "P3"}
    objects = [
        made(1, series, instance, CT if series == 1 else MR, **john, **first)
        for first in ({"StudyDate": "20240110", "StudyTime": "101500", "AccessionNumber": "AB1"},)
        for series, count in ((1, 3), (2, 2))
        for instance in range(1, count + 1)
    ]
    more = [
        ("20240111", "", "ab1", john, ""),
        ("20240112", "120000", "AB12", john, ""),
        ("20240120", "1830", "XAB1", john, ""),
        ("20240131", "235959", "A.1", {"PatientName": "Doe^Jane", "PatientID": "P2"}, ""),
        (
            "20240201",
            "000000",
            "A1",
            buc,
            "ISO_IR 100",
        ),
        ("20240202", "101559", "", other_buc, "ISO_IR 100"),
        (
            "20240203",
            "070000",
            "AXXB",
            {"PatientName": "Wang^XiaoDong=王^小东", "PatientID": "P4"},
            "ISO_IR 192",
        ),
        ("20240204", "080000", "AB", {"PatientName": "Wang^Xiao", "PatientID": "P4"}, ""),
        ("", "090000", "AB?", {"PatientName": "Doe^Johnny", "PatientID": "P10"}, ""),
    ]
    for number, (date, time, accession, patient, charset) in enumerate(more, 11):
        attributes = {"StudyDate": date, "StudyTime": time, "AccessionNumber": accession}
        attributes |= patient
        if charset:
            attributes["SpecificCharacterSet"] = charset
        objects.append(made(number, 1, 1, SC, **attributes))
    return objects
