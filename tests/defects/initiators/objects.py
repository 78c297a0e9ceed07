"""Broken objects, each with the checks that must find it, and no other may."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from pydicom import DataElement, Dataset, config
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from .sender import STUDY, Objects, image, images


class Broken(NamedTuple):
    """What a sender sends, what becomes of the bytes of its first object, and who must see it."""

    caught_by: set[str]
    change: Callable[[Objects], object] = lambda _objects: None
    encoded: Callable[[bytes], bytes] | None = None
    objects: Callable[[], Objects] = images


def put(keyword: str, value: Any, vr: str = "", at: int = 0) -> Callable[[Objects], object]:
    """Give an object a value, legal or not."""

    def change(objects: Objects) -> None:
        tag = tag_for_keyword(keyword)
        assert tag is not None
        known = objects[at].get_item(tag)
        wanted = vr or (str(known.VR) if known is not None else "LO")
        objects[at][tag] = DataElement(tag, wanted, value, validation_mode=config.IGNORE)

    return change


def drop(*keywords: str) -> Callable[[Objects], object]:
    """Leave attributes out of the first object."""
    return lambda objects: [delattr(objects[0], each) for each in keywords]


def element(tag: int, vr: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


def swap(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """Change bytes that are there once."""

    def change(data: bytes) -> bytes:
        assert data.count(old) == 1, data.count(old)
        return data.replace(old, new)

    return change


def in_other_study(objects: Objects) -> None:
    objects[1].StudyInstanceUID = generate_uid()


def same_uid(objects: Objects) -> None:
    objects[1].SOPInstanceUID = objects[0].SOPInstanceUID
    objects[1].file_meta.MediaStorageSOPInstanceUID = objects[0].SOPInstanceUID
    objects[1].SeriesInstanceUID = generate_uid()


def uid_of_the_study(objects: Objects) -> None:
    objects[0].SOPInstanceUID = objects[0].StudyInstanceUID
    objects[0].file_meta.MediaStorageSOPInstanceUID = objects[0].StudyInstanceUID


def other_name(data: bytes) -> bytes:
    """The same object under a SOP Instance UID that is not that of the request."""
    at = data.index(b"\x08\x00\x18\x00UI") + 10
    return data[:at] + b"8" + data[at:][1:]


def referring(**wrong: str) -> Callable[[Objects], object]:
    """Have the second image refer to the first."""

    def change(objects: Objects) -> None:
        item = Dataset()
        item.ReferencedSOPClassUID = objects[0].SOPClassUID
        item.ReferencedSOPInstanceUID = objects[0].SOPInstanceUID
        item.update(wrong)
        for keyword, value in wrong.items():
            setattr(item, keyword, value)
        objects[1].ReferencedImageSequence = [item]

    return change


def both(*changes: Callable[[Objects], object]) -> Callable[[Objects], object]:
    return lambda objects: [each(objects) for each in changes]


def report() -> Objects:
    ds = image(1, "test-SR.dcm")
    ds.SeriesInstanceUID = generate_uid()
    return [ds]


def without_creator(objects: Objects) -> None:
    objects[0].add_new(0x00351001, "LO", "whose")


def presentation_state() -> Objects:
    """About an image that is never sent."""
    from dicomtest.dicom.objects import Placement, StudyPlan, Subject, build

    plan = StudyPlan(Subject("ZZTEST^Sender", "DT-S-1", "19700102", "F"), study_uid=STUDY,
                     study_date="20260303", study_time="101112", study_id="1")  # fmt: skip
    about = image()
    place = Placement(generate_uid(), 9, generate_uid(), 1)
    made = build("gsps", plan, place, rng=random.Random(1), refers_to=[about])
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return [made]


PIXELS = "store.scu-pixel-data"
OBJECTS: dict[str, Broken] = {
    "no-image-type": Broken({"store.scu-type-1"}, drop("ImageType")),
    "no-frame-of-reference": Broken({"store.scu-type-1"}, drop("FrameOfReferenceUID")),
    "empty-modality": Broken({"store.scu-type-1", "store.scu-one-modality"}, put("Modality", "")),
    "no-birth-date": Broken({"store.scu-type-2"}, drop("PatientBirthDate")),
    "no-study-time": Broken({"store.scu-type-2"}, drop("StudyTime")),
    "no-width-for-the-window": Broken(
        {"store.scu-conditional"}, put("WindowCenter", "40", "DS")
    ),
    "no-pixels": Broken({"store.scu-conditional"}, drop("PixelData")),
    "sex-in-words": Broken({"store.scu-enumerated-values", "store.scu-one-patient-in-a-study"},
                           put("PatientSex", "MALE")),
    "image-type-turned": Broken({"store.scu-enumerated-values"},
                                put("ImageType", ["PRIMARY", "ORIGINAL", "AXIAL"])),
    "value-type-unknown": Broken({"store.scu-report-content"}, lambda objects: setattr(
        objects[0].ContentSequence[0], "ValueType", "WORDS"), objects=report),
    "tags-not-in-order": Broken(
        {"store.scu-readable", "store.scu-order"},
        encoded=lambda data: data + element(0x00081040, b"LO", b"late"),
    ),
    "cut-off": Broken({"store.scu-readable", PIXELS}, encoded=lambda data: data[:-200]),
    "date-with-dots": Broken({"store.scu-values", "store.scu-one-study"},
                             put("StudyDate", "2026.03.03")),
    "decimal-comma": Broken({"store.scu-values"}, encoded=swap(
        element(0x00180050, b"DS", b"5.000000"), element(0x00180050, b"DS", b"5,000000"))),
    "long-accession-number": Broken({"store.scu-values", "store.scu-one-study"},
                                    put("AccessionNumber", "A" * 17)),
    "padded-with-nul": Broken({"store.scu-padding"}, encoded=swap(
        element(0x00080060, b"CS", b"CT"), element(0x00080060, b"CS", b"CT\0\0"))),
    "two-accession-numbers": Broken({"store.scu-value-multiplicity", "store.scu-one-study"},
                                    put("AccessionNumber", ["A", "B"])),
    "position-of-two": Broken({"store.scu-value-multiplicity"},
                              put("ImagePositionPatient", ["1", "2"])),
    "name-as-lo": Broken({"store.scu-value-representation"}, put("PatientName", "ZZTEST^Sender",
                                                                 "LO")),
    "uid-with-zero": Broken({"store.scu-uids", "store.scu-one-series"},
                            put("FrameOfReferenceUID", "1.2.03.4")),
    "uid-too-long": Broken({"store.scu-uids", "store.scu-one-series"},
                           put("FrameOfReferenceUID", "1." + "2" * 64)),
    "umlaut-undeclared": Broken(
        {"store.scu-character-set", "store.scu-one-patient-in-a-study"},
        drop("SpecificCharacterSet"),
        encoded=swap(element(0x00100010, b"PN", b"ZZTEST^Sender "),
                     element(0x00100010, b"PN", b"ZZTEST^S\xfcnder ")),
    ),
    "character-set-invented": Broken({"store.scu-character-set"},
                                     put("SpecificCharacterSet", "UTF8", "CS")),
    "private-without-creator": Broken({"store.scu-private-blocks"}, without_creator),
    "high-bit-15": Broken({"store.scu-pixel-description"}, put("BitsStored", 12)),
    "rgb-of-one-sample": Broken({"store.scu-pixel-description"},
                                put("PhotometricInterpretation", "RGB")),
    "rows-too-many": Broken({PIXELS}, put("Rows", 129)),
    "pixels-too-long": Broken({PIXELS}, lambda objects: setattr(
        objects[0], "PixelData", objects[0].PixelData + b"\0\0")),
    "another-name": Broken({"store.scu-names-itself"}, encoded=other_name),
    "one-uid-twice": Broken({"store.scu-one-instance-one-uid"}, same_uid),
    "uid-of-the-study": Broken({"store.scu-one-instance-one-uid"}, uid_of_the_study),
    "two-patients": Broken({"store.scu-one-patient-in-a-study"}, put("PatientID", "DT-S-2")),
    "two-accessions": Broken({"store.scu-one-study"}, put("AccessionNumber", "OTHER")),
    "series-in-two-studies": Broken({"store.scu-one-modality"}, in_other_study),
    "two-modalities": Broken({"store.scu-one-modality"}, put("Modality", "MR")),
    "two-series-numbers": Broken({"store.scu-one-series"}, put("SeriesNumber", "77")),
    "two-descriptions": Broken({"store.scu-series-described-once"},
                               both(
        put("SeriesDescription", "one", "LO"), put("SeriesDescription", "another", "LO", at=1))),
    "state-of-an-image-that-never-came": Broken(
        {"store.scu-references-resolve"}, objects=presentation_state
    ),
    "reference-of-another-class": Broken(
        {"store.scu-references-agree"},
        referring(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.4"),
    ),
}  # fmt: skip

QUIRKS: dict[str, Broken] = {
    "as-it-is": Broken(set()),
    "report": Broken(set(), objects=report),
    "referring": Broken(set(), referring()),
    "other-fraction": Broken(set(), both(
        put("StudyTime", "120000"), put("StudyTime", "120000.000000", at=1))),
    "empty-components": Broken(set(), put("PatientName", "ZZTEST^Sender^^", at=1)),
    "number-with-zeros": Broken(set(), put("SeriesNumber", "01", at=1)),
    "private": Broken(set(), lambda objects: objects[0].private_block(
        0x0035, "OURS", create=True).add_new(1, "LO", "ours")),
    "rle": Broken(set(), objects=lambda: [image(1, "MR_small_RLE.dcm")]),
    "jpeg-2000": Broken(set(), objects=lambda: [image(1, "MR_small_jp2klossless.dcm")]),
    "ultrasound": Broken(set(), objects=lambda: [image(1, "examples_rgb_color.dcm")]),
}  # fmt: skip
