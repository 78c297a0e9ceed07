"""Objects against PS3.3 and PS3.5: sound ones are sound, and every fault is found by its name."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pydicom.data
import pytest
from pydicom import DataElement, Dataset, config
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from dicomtest.dicom.headers import file_reference
from dicomtest.dicom.iods.compile import compiled
from dicomtest.dicom.iods.examination import Examination, examine
from dicomtest.dicom.iods.tables import edition, iod_of, item_attributes
from dicomtest.dicom.objects import KINDS, Placement, StudyPlan, Subject, build
from dicomtest.dicom.part10 import encoded
from dicomtest.dicom.patients import SCRIPTS, patient
from dicomtest.evidence import DataSetRef

NATIVE = (
    ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)  # fmt: skip
COMPRESSED = (RLELossless, JPEGLosslessSV1, JPEGLSLossless, JPEG2000Lossless)
CT, SC, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.7", "1.2.840.10008.5.1.4.1.1.4"


def plan(subject: Subject | None = None) -> StudyPlan:
    return StudyPlan(
        subject or Subject("ZZTEST^Anna", "DT-1", "19700102", "F"),
        study_uid="2.25.100", accession_number="A123", study_id="S1", study_date="20260303",
        study_time="101112", study_description="Study", referring_physician="Referring^Rita",
        request={"RequestedProcedureID": "RP1", "ScheduledProcedureStepID": "SPS1"},
    )  # fmt: skip


def make(kind: str, of: StudyPlan | None = None, **options: Any) -> Dataset:
    if KINDS[kind].refers_to_images:
        options.setdefault("refers_to", [make("ct", of)])
    place = Placement(f"2.25.20{list(KINDS).index(kind)}", 3, "2.25.301", 1)
    return build(kind, of or plan(), place, rng=random.Random(7), **options)


def looked_at(ds: Dataset, syntax: str = ExplicitVRLittleEndian) -> Examination:
    return looked_at_bytes(encoded(ds, syntax), str(ds.get("SOPClassUID", CT)), syntax)


def looked_at_bytes(
    data: bytes, sop_class: str = CT, syntax: str = ExplicitVRLittleEndian
) -> Examination:
    return examine(DataSetRef(str(syntax), data), sop_class=sop_class, sop_instance="2.25.301")


def faults(found: Examination) -> list[str]:
    return [
        *([found.problem] if found.problem else []),
        *(f"{subject}: {each}" for subject, them in found.faults.items() for each in them),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_synthetic_object_is_sound_in_every_syntax(kind: str) -> None:
    ds = make(kind)
    for syntax in (*NATIVE, *(COMPRESSED if KINDS[kind].is_image else ())):
        found = looked_at(ds, syntax)

        assert faults(found) == [], syntax
        assert found.known


@pytest.mark.parametrize("script", SCRIPTS)
def test_names_of_every_script_are_sound(script: str) -> None:
    one = patient(1, 1, script)
    subject = Subject(one.name, one.patient_id, one.birth_date, one.sex, one.character_set)

    assert faults(looked_at(make("ct", plan(subject)))) == []


SOUND_FILES = (
    "CT_small.dcm", "MR_small.dcm", "MR_small_RLE.dcm", "MR_small_bigendian.dcm",
    "MR_small_implicit.dcm", "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm",
    "SC_rgb_dcmtk_+eb+cr.dcm", "SC_rgb_dcmtk_+eb+cy+np.dcm", "SC_rgb_gdcm_KY.dcm",
    "SC_rgb_rle.dcm", "SC_rgb_rle_16bit.dcm", "SC_rgb_rle_2frame.dcm", "JPEG-lossy.dcm",
    "JPGExtended.dcm", "JPEG2000.dcm", "examples_overlay.dcm", "examples_palette.dcm",
    "examples_rgb_color.dcm", "examples_ybr_color.dcm", "examples_jpeg2k.dcm", "rtplan.dcm",
    "test-SR.dcm", "SC_jpeg_no_color_transform.dcm",
)  # fmt: skip


def test_files_made_by_other_software_are_sound() -> None:
    """Those of pydicom's own test files in which dciodvfy finds nothing that is judged here."""
    folder = Path(pydicom.data.__file__).parent / "test_files"
    present = [folder / name for name in SOUND_FILES if (folder / name).is_file()]
    assert len(present) > 15
    for path in present:
        ds = pydicom.dcmread(path, stop_before_pixels=True)
        found = examine(
            file_reference(path), sop_class=ds.SOPClassUID, sop_instance=ds.SOPInstanceUID
        )
        assert faults(found) == [], path.name


def raw(ds: Dataset, keyword: str, value: Any, vr: str = "") -> None:
    """Set a value that pydicom would refuse or repair."""
    known = ds.get_item(keyword)
    vr = vr or (str(known.VR) if known is not None else "LO")
    tag = pydicom.datadict.tag_for_keyword(keyword)
    ds[tag] = DataElement(tag, vr, value, validation_mode=config.IGNORE)


def without(*keywords: str) -> Callable[[Dataset], None]:
    return lambda ds: [delattr(ds, each) for each in keywords] and None


def with_(keyword: str, value: Any, vr: str = "") -> Callable[[Dataset], None]:
    return lambda ds: raw(ds, keyword, value, vr)


def in_item(sequence: str, change: Callable[[Dataset], None]) -> Callable[[Dataset], None]:
    return lambda ds: change(ds[sequence].value[0])


def several(*changes: Callable[[Dataset], None]) -> Callable[[Dataset], None]:
    return lambda ds: [each(ds) for each in changes] and None


def private_without_creator(ds: Dataset) -> None:
    ds.add_new(0x00291001, "LO", "whose")


BROKEN: list[tuple[str, str, Callable[[Dataset], None], str, str]] = [
    ("type-1-absent", "ct", without("ImageType"), "type 1", "ImageType"),
    ("type-1-empty", "ct", with_("Modality", ""), "type 1", "Modality"),
    ("type-1-of-plane", "ct", without("ImagePositionPatient"), "type 1", "ImagePositionPatient"),
    ("type-1-of-series", "mr", without("SeriesInstanceUID"), "type 1", "SeriesInstanceUID"),
    ("type-2-absent", "ct", without("PatientBirthDate"), "type 2", "PatientBirthDate"),
    ("type-2-of-study", "us", without("AccessionNumber"), "type 2", "AccessionNumber"),
    ("item-type-1", "gsps", in_item("GraphicLayerSequence", without("GraphicLayerOrder")),
     "type 1", "GraphicLayerSequence[1].GraphicLayerOrder"),
    ("code-meaning", "dx", in_item("AnatomicRegionSequence", without("CodeMeaning")),
     "type 1", "AnatomicRegionSequence[1].CodeMeaning"),
    ("code-scheme", "dx", in_item("AnatomicRegionSequence", without("CodingSchemeDesignator")),
     "conditions", "AnatomicRegionSequence[1].CodingSchemeDesignator"),
    ("code-value", "dx", in_item("AnatomicRegionSequence", without("CodeValue")),
     "conditions", "AnatomicRegionSequence[1].CodeValue"),
    ("planar-configuration", "sc", without("PlanarConfiguration"), "conditions",
     "PlanarConfiguration"),
    ("pixel-data", "ct", without("PixelData"), "conditions", "PixelData"),
    ("window-width", "ct", several(with_("WindowCenter", "40", "DS"), without("WindowWidth")),
     "conditions", "WindowWidth"),
    ("deidentified", "ct", with_("PatientIdentityRemoved", "YES", "CS"), "conditions",
     "DeidentificationMethod"),
    ("lossy-ratio", "dx", several(with_("LossyImageCompression", "01", "CS")), "conditions",
     "LossyImageCompressionRatio"),
    ("sex", "ct", with_("PatientSex", "MALE"), "enumerated", "PatientSex"),
    ("image-type", "ct", with_("ImageType", ["PRIMARY", "ORIGINAL"]), "enumerated", "ImageType"),
    ("image-type-one-value", "ct", with_("ImageType", "ORIGINAL"), "enumerated", "ImageType"),
    ("pixel-representation", "ct", with_("PixelRepresentation", 2), "enumerated",
     "PixelRepresentation"),
    ("burned-in", "us", with_("BurnedInAnnotation", "Y", "CS"), "enumerated", "BurnedIn"),
    ("verification-flag", "basic-text-sr", with_("VerificationFlag", "SIGNED"), "enumerated",
     "VerificationFlag"),
    ("relationship-type", "basic-text-sr",
     in_item("ContentSequence", without("RelationshipType")), "content", "RelationshipType"),
    ("value-type", "basic-text-sr", in_item("ContentSequence", with_("ValueType", "WORDS")),
     "content", "ValueType"),
    ("measured-value", "dose-sr", lambda ds: [delattr(each, "MeasuredValueSequence")
     for each in numbers(ds)] and None, "content", "MeasuredValueSequence"),
    ("date", "ct", with_("StudyDate", "20260230"), "values", "StudyDate"),
    ("date-with-dots", "ct", with_("StudyDate", "2026.02.03"), "values", "StudyDate"),
    ("time", "ct", with_("StudyTime", "10:11"), "values", "StudyTime"),
    ("age", "ct", with_("PatientAge", "45", "AS"), "values", "PatientAge"),
    ("code-string", "ct", with_("BodyPartExamined", "head", "CS"), "values", "BodyPart"),
    ("decimal-long", "ct", with_("KVP", "120.00000000000001", "DS"), "values", "KVP"),
    ("integer", "ct", with_("SeriesNumber", "1.0", "IS"), "values", "SeriesNumber"),
    ("short-string", "ct", with_("AccessionNumber", "A1234567890123456"), "values", "Accession"),
    ("long-string", "ct", with_("StudyDescription", "x" * 65), "values", "StudyDescription"),
    ("name-components", "ct", with_("PatientName", "a^b^c^d^e^f"), "values", "PatientName"),
    ("uid-zero", "ct", with_("StudyInstanceUID", "1.2.03.4"), "uids", "StudyInstanceUID"),
    ("uid-letters", "ct", with_("FrameOfReferenceUID", "1.2.abc"), "uids", "FrameOfReference"),
    ("uid-long", "ct", with_("SeriesInstanceUID", "1." + "2" * 64), "uids", "SeriesInstanceUID"),
    ("multiplicity-low", "ct", with_("ImagePositionPatient", ["1", "2"], "DS"), "multiplicity",
     "ImagePositionPatient"),
    ("multiplicity-high", "ct", with_("AccessionNumber", ["a", "b"]), "multiplicity",
     "AccessionNumber"),
    ("representation", "ct", with_("StudyDescription", "text", "ST"), "representation",
     "StudyDescription"),
    ("term", "ct", with_("SpecificCharacterSet", "UTF-8", "CS"), "text", "SpecificCharacterSet"),
    ("term-empty", "ct", with_("SpecificCharacterSet", "", "CS"), "text", "SpecificCharacterSet"),
    ("private-creator", "ct", private_without_creator, "private", "(0029,1001)"),
    ("bits-stored", "ct", with_("BitsStored", 17), "description", "BitsStored"),
    ("high-bit", "ct", with_("HighBit", 15), "description", "HighBit"),
    ("samples", "ct", with_("SamplesPerPixel", 3), "description", "SamplesPerPixel"),
    ("photometric", "ct", with_("PhotometricInterpretation", "RGB"), "description", "Samples"),
    ("rows", "ct", lambda ds: raw(ds, "Rows", ds.Rows + 1), "pixels", "PixelData"),
    ("frames", "us-multiframe", with_("NumberOfFrames", "99"), "pixels", "PixelData"),
    ("pixels-short", "ct", lambda ds: raw(ds, "PixelData", ds.PixelData[:-2], "OW"), "pixels",
     "PixelData"),
    ("pixels-long", "ct", lambda ds: raw(ds, "PixelData", ds.PixelData + b"\0\0", "OW"), "pixels",
     "PixelData"),
    ("pixels-bytes", "ct", lambda ds: raw(ds, "PixelData", ds.PixelData, "OB"), "pixels",
     "PixelData"),
]  # fmt: skip


def numbers(level: Dataset) -> list[Dataset]:
    found = []
    for each in level.get("ContentSequence", ()):
        found += [each] if each.ValueType == "NUM" else []
        found += numbers(each)
    return found


@cache
def original(kind: str) -> Dataset:
    return make(kind)


@pytest.mark.parametrize(
    ("kind", "change", "subject", "path"),
    [each[1:] for each in BROKEN],
    ids=[each[0] for each in BROKEN],
)
def test_a_fault_is_found(
    kind: str, change: Callable[[Dataset], None], subject: str, path: str
) -> None:
    import copy

    ds = copy.deepcopy(original(kind))
    change(ds)

    found = looked_at(ds).faults.get(subject, [])

    assert any(path in each.path for each in found), (subject, path)


def element(tag: int, vr: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


NAME = element(0x00100010, b"PN", b"A^B ")


@pytest.mark.parametrize(
    ("data", "subject"),
    [
        (element(0x00080060, b"CS", b"CT\0\0") + NAME, "padding"),
        (element(0x00100010, b"PN", "Müller".encode("latin-1")), "text"),
        (element(0x00080005, b"CS", b"ISO_IR 192") + element(0x00100010, b"PN", b"M\xfcller"),
         "text"),
        (element(0x00280010, b"US", b"\1\0\0"), "values"),
        (element(0x00180050, b"DS", b"1,5 "), "values"),
        (element(0x00020010, b"UI", b"1.2.840.10008.1.2\0"), "private"),
    ],
    ids=["nul", "no-character-set", "not-utf-8", "odd-number", "comma", "group-2"],
)  # fmt: skip
def test_faults_of_bytes_are_found(data: bytes, subject: str) -> None:
    assert looked_at_bytes(data).faults[subject]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (NAME + element(0x00080060, b"CS", b"CT"), "ascend"),
        (NAME + NAME, "ascend"),
        (NAME[:-2], "longer than the data"),
        (NAME + b"\x10\x00", "middle"),
        (b"\x08\x00\x60\x00\x02\x00\x00\x00CT", "no VR"),
        (b"not a data set at all, but text that is long enough", ""),
    ],
    ids=["order", "twice", "cut", "rest", "implicit", "text"],
)
def test_what_cannot_be_read_is_a_problem_in_words(data: bytes, word: str) -> None:
    problem = looked_at_bytes(data).problem

    assert problem
    assert word in problem


def test_compressed_frames_are_compared_with_their_description() -> None:
    for syntax in (JPEGLSLossless, JPEG2000Lossless, JPEGLosslessSV1):
        ds = make("ct", rows=32, columns=48)
        data = encoded(ds, syntax)
        wrong = data.replace(element(0x00280010, b"US", struct.pack("<H", 32)),
                             element(0x00280010, b"US", struct.pack("<H", 33)))  # fmt: skip

        assert [each.path for each in looked_at_bytes(wrong, syntax=syntax).faults["pixels"]] == [
            "Rows"
        ]
        as_native = looked_at_bytes(data).faults["pixels"]
        assert as_native[0].actual == "encapsulated"


def test_conditions_that_cannot_be_evaluated_are_named_and_fail_nobody() -> None:
    found = looked_at(make("ct"))

    assert {"PatientPosition", "Laterality"} <= found.not_evaluated
    assert found.conditions > 5
    assert not found.faults["conditions"]


def test_a_private_class_is_not_judged_by_the_tables() -> None:
    ds = make("ct")
    ds.SOPClassUID = "1.2.3.4"
    found = looked_at(ds)

    assert not found.known
    assert "type 1" not in found.subjects


def test_the_modality_of_a_secondary_capture_is_its_own_business() -> None:
    """PS3.3 C.8.6.1: the SC Equipment Module overrides the General Series Module."""
    sc, ct = iod_of(SC), iod_of(CT)
    assert sc is not None
    assert ct is not None

    assert sc.attributes["Modality"].type == "3"
    assert ct.attributes["Modality"].type == "1"


def test_the_tables_say_where_they_come_from() -> None:
    assert "highdicom" in edition()
    assert iod_of("1.2.3") is None


def test_tables_are_compiled_from_those_of_the_library() -> None:
    rows = [
        {"keyword": "A", "type": "1", "path": []},
        {"keyword": "S", "type": "3", "path": []},
        {"keyword": "B", "type": "2", "path": ["S"]},
    ]
    made = compiled(
        {"1.2": "x"}, {"x": [{"key": "m", "usage": "M"}]}, {"m": rows, "unused": rows},
        version="1", date="2026-01-01",
    )  # fmt: skip

    assert made["iods"] == {"x": [["m", "M"]]}
    assert list(made["modules"]) == ["m"]
    assert made["nodes"] == [[("B", "2", -1)], [("A", "1", -1), ("S", "3", 0)]]


def test_of_modules_that_differ_on_an_item_the_weakest_counts() -> None:
    ct = iod_of(MR)
    assert ct is not None

    found = item_attributes(ct.sequences["RequestAttributesSequence"])

    assert found["RequestedProcedureID"].type == "1C"
