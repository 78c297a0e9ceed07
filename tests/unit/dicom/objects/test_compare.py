"""What counts as a change between what was sent and what came back."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import DataElement, Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
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

from dicomtest.dicom.compare import Difference, compare, compare_refs
from dicomtest.dicom.objects import KINDS, StudyPlan, Subject, write
from dicomtest.dicom.part10 import encoded
from dicomtest.dicom.patients import SCRIPTS, patient
from dicomtest.evidence import DataSetRef

Build = Callable[..., Dataset]
LITTLE, IMPLICIT, BIG = ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian
SYNTAXES = (IMPLICIT, BIG, DeflatedExplicitVRLittleEndian, RLELossless, JPEGLosslessSV1,
            JPEGLSLossless, JPEG2000Lossless)  # fmt: skip


def ref(ds: Dataset, syntax: str = LITTLE) -> DataSetRef:
    """The data set as bytes, exactly as pydicom has its values."""
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = syntax == IMPLICIT, syntax != BIG
    write_dataset(buffer, ds)
    return DataSetRef(syntax, data=buffer.getvalue())


def one_element(vr: str, value: bytes) -> DataSetRef:
    """A data set of (0009,1001) alone, with a value field of exactly these bytes."""
    form = "<2sHI" if vr in ("UT", "OB", "UN") else "<2sH"
    sizes = (0, len(value)) if form == "<2sHI" else (len(value),)
    head = struct.pack("<HH", 0x0009, 0x1001) + struct.pack(form, vr.encode(), *sizes)
    return DataSetRef(LITTLE, data=head + value)


def of(*elements: tuple[int, str, object], character_set: str | list[str] = "") -> Dataset:
    """A data set of (tag, VR, value); values of bytes are written as they are."""
    ds = Dataset()
    if character_set:
        ds.SpecificCharacterSet = character_set
    for tag, vr, value in elements:
        ds[tag] = DataElement(tag, vr, value)
    return ds


def found(
    original: Dataset, returned: Dataset, one: str = LITTLE, other: str = LITTLE
) -> list[tuple[str, str]]:
    """Path and kind of each difference."""
    return [
        (each.path, each.kind) for each in compare_refs(ref(original, one), ref(returned, other))
    ]


@pytest.mark.parametrize("name", KINDS)
def test_no_transfer_syntax_changes_an_object(name: str, make: Build, tmp_path: Path) -> None:
    ds = make(name, 3)
    original = write(ds, tmp_path / "sent.dcm", LITTLE)

    for syntax in SYNTAXES:
        returned = write(ds, tmp_path / "back.dcm", syntax)
        assert compare_refs(original, returned) == []
        assert compare_refs(returned, original) == []
        assert compare(ds, returned.dataset(), transfer_syntaxes=(LITTLE, syntax)) == []


def test_comparing_leaves_both_data_sets_as_they_are(make: Build, tmp_path: Path) -> None:
    first = write(make("enhanced-ct"), tmp_path / "a.dcm", IMPLICIT).dataset()
    second = write(make("enhanced-ct"), tmp_path / "b.dcm", LITTLE).dataset()
    raw = [first.get_item(tag, keep_deferred=True) for tag in first.keys()]  # noqa: SIM118 - not decoded

    compare(first, second, transfer_syntaxes=(IMPLICIT, LITTLE))

    assert [first.get_item(tag, keep_deferred=True) for tag in first.keys()] == raw  # noqa: SIM118 - not decoded


@pytest.mark.parametrize(
    ("vr", "value", "same"),
    [
        ("LO", b"text", b"text "),
        ("LO", b"text", b" text"),
        ("LO", b"text", b"text\0"),
        ("SH", b"a\\b", b"a \\b "),
        ("LT", b"text", b"text  "),
        ("AE", b"PACS", b" PACS "),
        ("CS", b"A\\B", b"A\\ B "),
        ("DS", b"1.50", b" 1.50 "),
        ("IS", b"7 ", b" 7"),
        ("UI", b"1.2.3\0", b"1.2.3 "),
        ("DA", b"20260101", b"20260101  "),
        ("TM", b"1011", b"1011  "),
        ("PN", b"A^B", b"A^B^^^"),
        ("PN", b"A^B", b"A^B=="),
        ("PN", b"A^B=C", b"A^B^=C^^"),
        ("PN", b"A^B\\C", b"A^B^\\C"),
        ("LO", b"", b"  "),
    ],
)
def test_what_means_nothing_in_a_vr_is_no_change(vr: str, value: bytes, same: bytes) -> None:
    before, after = one_element(vr, value), one_element(vr, same)

    assert compare_refs(before, after) == compare_refs(after, before) == []


@pytest.mark.parametrize(
    ("vr", "value", "other"),
    [
        ("LO", b"text", b"Text"),
        ("LO", b"a  b", b"a b "),
        ("LT", b"text", b" text "),
        ("UT", b"a\\b ", b"a\\ b"),
        ("PN", b"A^B", b"A^^B"),
        ("PN", b"=A", b"A "),
        ("DS", b"1.50", b"1.5 "),
        ("DS", b"1E3 ", b"1000"),
        ("DS", b"+1", b"1 "),
        ("IS", b"007 ", b"7 "),
        ("TM", b"1011", b"101100"),
        ("DA", b"20260101", b"2026.01.01"),
        ("SH", b"a\\\\c", b"a\\c "),
        ("SH", b"a", b"a\\"),
        ("LO", b"x ", b""),
        ("US", b"\1\0", b"\2\0"),
        ("FD", b"\0" * 8, b"\0" * 7 + b"\x80"),  # 0 and -0
        ("OB", b"\1\2", b"\1\2\0\0"),
        ("UN", b"\1\2", b"\1\3"),
    ],
)
def test_what_means_something_in_a_vr_is_a_change(vr: str, value: bytes, other: bytes) -> None:
    before, after = one_element(vr, value), one_element(vr, other)

    for differences in (compare_refs(before, after), compare_refs(after, before)):
        assert [(each.path, each.kind) for each in differences] == [("(0009,1001)", "changed")]


def test_presence_is_told_apart_from_emptiness() -> None:
    full, empty, absent = (
        of((0x00104000, "LT", "words")),
        of((0x00104000, "LT", "")),
        of(),
    )

    assert found(full, absent) == [("PatientComments", "missing")]
    assert found(absent, full) == found(absent, empty) == [("PatientComments", "added")]
    assert found(empty, absent) == [("PatientComments", "empty removed")]
    assert found(full, empty) == found(empty, full) == [("PatientComments", "changed")]
    assert found(of((0x00081140, "SQ", [])), absent) == [
        ("ReferencedImageSequence", "empty removed")
    ]


def test_difference_says_what_was_and_what_is() -> None:
    before = of((0x00100010, "PN", "ZZ^A"), (0x00280010, "US", 512), (0x00091001, "OB", b"\1\2"))
    after = of((0x00100010, "PN", "ZZ^B"), (0x00280010, "US", 256))

    assert compare_refs(ref(before), ref(after)) == [
        Difference("(0009,1001)", 0x00091001, "", "2 bytes: 01 02", "absent", "missing"),
        Difference("PatientName", 0x00100010, "PatientName", "ZZ^A", "ZZ^B", "changed"),
        Difference("Rows", 0x00280010, "Rows", "512", "256", "changed"),
    ]


def test_allowed_attributes_may_differ_in_any_way() -> None:
    before = of((0x00100020, "LO", "A"), (0x00100040, "CS", "F"))
    after = of((0x00100010, "PN", "ZZ"), (0x00100020, "LO", "B"))

    assert (
        compare_refs(ref(before), ref(after), allow=["PatientID", 0x00100010, "PatientSex"]) == []
    )
    assert [
        each.keyword for each in compare_refs(ref(before), ref(after), allow=["PatientID"])
    ] == [
        "PatientName",
        "PatientSex",
    ]


def test_allowing_does_not_reach_into_items() -> None:
    before = of((0x00400275, "SQ", [of((0x00100020, "LO", "A"))]))
    after = of((0x00400275, "SQ", [of((0x00100020, "LO", "B"))]))

    (only,) = compare_refs(ref(before), ref(after), allow=["PatientID"])
    assert only.path == "RequestAttributesSequence[1].PatientID"


def test_unknown_name_of_an_allowed_attribute_is_refused() -> None:
    with pytest.raises(ValueError, match="PatientNumber"):
        compare(of(), of(), allow=["PatientNumber"])


def test_items_are_compared_one_by_one_and_in_depth() -> None:
    inner = of((0x00091001, "LO", b"x"), (0x00080100, "SH", "C1"))
    before = of((0x00400275, "SQ", [of((0x00400008, "SQ", [inner, inner]))]))
    wrong = of((0x00091001, "LO", b"y"))
    after = of((0x00400275, "SQ", [of((0x00400008, "SQ", [inner, wrong, inner]))]))

    inside = "RequestAttributesSequence[1].ScheduledProtocolCodeSequence"
    assert found(before, after) == [
        (inside, "changed"),
        (f"{inside}[2].CodeValue", "missing"),
        (f"{inside}[2].(0009,1001)", "changed"),
    ]


def test_lengths_of_sequences_and_groups_are_no_change() -> None:
    before = of((0x00400275, "SQ", [of((0x00400009, "SH", "S1"))]))
    after = of((0x00400275, "SQ", [of((0x00400009, "SH", "S1"))]))
    after[0x00400275].is_undefined_length = True
    after[0x00400275].value[0].is_undefined_length_sequence_item = True
    data = b"\x40\x00\x00\x00UL\x04\x00\x00\x00\x00\x00" + ref(after).read()

    assert ref(before).read() != ref(after).read()
    assert compare_refs(ref(before), DataSetRef(LITTLE, data=data)) == []


def private(block: int = 0x10, vr: str = "LO", value: object = "a") -> Dataset:
    return of(
        (0x00090000 | block, "LO", "CREATOR"),
        (0x00090001 | block << 8, vr, value),
    )


def test_private_block_may_get_another_number() -> None:
    assert found(private(0x10), private(0x22)) == []
    assert found(private(0x10), private(0x22, value="b")) == [("(0009,1001)", "changed")]


def test_private_block_without_its_creator_is_a_change() -> None:
    orphan = private()
    del orphan[0x00090010]

    assert ("(0009,0010)", "missing") in found(private(), orphan)


def test_private_creators_keep_their_own_elements_apart() -> None:
    before, after = private(), private()
    before[0x00090011] = DataElement(0x00090011, "LO", "OTHER")
    before[0x00091101] = DataElement(0x00091101, "LO", "b")
    after[0x00090010] = DataElement(0x00090010, "LO", "OTHER")
    after[0x00090011] = DataElement(0x00090011, "LO", "CREATOR")
    after[0x00091001] = DataElement(0x00091001, "LO", "b")
    after[0x00091101] = DataElement(0x00091101, "LO", "a")

    assert found(before, after) == []


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("LO", "odd"),
        ("DS", ["1.0", "2"]),
        ("US", [1, 2]),
        ("FD", 0.1),
        ("OB", b"\1\2"),
        ("UT", " x"),
        ("SQ", [of((0x00080100, "SH", "C1"), (0x00090010, "LO", "CREATOR"))]),
        ("SQ", []),
        ("SQ", [Dataset()]),
    ],
)
def test_unknown_vr_with_the_same_bytes_is_no_change(vr: str, value: object) -> None:
    explicit, implicit = (
        ref(private(vr=vr, value=value)),
        ref(private(vr=vr, value=value), IMPLICIT),
    )
    raw = implicit.read()
    at = raw.index(b"\x09\x00\x01\x10") + 8
    unknown = ref(private(vr="UN", value=raw[at:]))

    assert compare_refs(explicit, unknown) == compare_refs(unknown, explicit) == []
    assert compare_refs(explicit, implicit) == compare_refs(implicit, explicit) == []
    assert compare_refs(implicit, unknown) == []


def test_sequence_in_unknown_vr_is_compared_item_by_item() -> None:
    before = private(vr="SQ", value=[of((0x00080100, "SH", "C1"))])
    after = ref(private(vr="SQ", value=[of((0x00080100, "SH", "C2"))]), IMPLICIT)

    (only,) = compare_refs(ref(before), after)
    assert (only.path, only.kind) == ("(0009,1001)[1].CodeValue", "changed")


def test_sequence_that_stayed_explicit_in_unknown_vr_is_read() -> None:
    known = private(vr="SQ", value=[of((0x00080100, "SH", "C1"), (0x00090010, "LO", "CREATOR"))])
    data = ref(known).read()
    at = data.index(b"\x09\x00\x01\x10SQ")
    unknown = DataSetRef(LITTLE, data=data[: at + 4] + b"UN" + data[at + 6 :])

    assert compare_refs(ref(known), unknown) == compare_refs(unknown, ref(known)) == []


def test_sequences_of_unknown_vr_on_both_sides_may_have_other_lengths() -> None:
    before, after = (private(vr="SQ", value=[of((0x00080100, "SH", "C1"))]) for _ in range(2))
    after[0x00091001].value[0].is_undefined_length_sequence_item = True

    assert ref(before, IMPLICIT).read() != ref(after, IMPLICIT).read()
    assert found(before, after, IMPLICIT, IMPLICIT) == []


def test_another_vr_is_told() -> None:
    assert found(private(vr="LO"), private(vr="SH")) == [("(0009,1001)", "vr")]
    assert found(private(vr="LO"), private(vr="ST", value="b")) == [("(0009,1001)", "changed")]


def test_choice_of_vr_that_the_dictionary_leaves_is_no_change() -> None:
    one, other = of((0x00280106, "US", 5)), of((0x00280106, "SS", 5))

    assert found(one, other) == []
    assert found(one, other, LITTLE, IMPLICIT) == []
    assert found(one, of((0x00280106, "SS", 6))) == [("SmallestImagePixelValue", "changed")]


def test_character_set_is_judged_by_the_text_it_gives() -> None:
    latin = of((0x00100010, "PN", b"Buc^J\xe9r\xf4me"), character_set="ISO_IR 100")
    utf_8 = of((0x00100010, "PN", "Buc^Jérôme".encode()), character_set="ISO_IR 192")
    mislabelled = of((0x00100010, "PN", b"Buc^J\xe9r\xf4me"), character_set="ISO_IR 101")
    unlabelled = of((0x00100010, "PN", b"Buc^J\xe9r\xf4me"))
    lost = of((0x00100010, "PN", b"Buc^J?r?me"), character_set="ISO_IR 100")

    assert found(latin, utf_8) == found(utf_8, latin) == []
    # é and ô have the same code in ISO 8859-1 and -2: nobody reads anything else.
    assert found(latin, mislabelled) == []
    assert found(latin, lost) == [("PatientName", "changed")]
    assert found(utf_8, unlabelled) == [("PatientName", "changed")]


def test_wrong_bytes_are_kept_or_changed_like_any_other() -> None:
    wrong = of((0x00100010, "PN", b"A\xff"), character_set="ISO_IR 192")
    other = of((0x00100010, "PN", b"A\xfe"), character_set="ISO_IR 192")

    assert found(wrong, wrong) == []
    assert found(wrong, other) == [("PatientName", "changed")]


def test_items_inherit_the_character_set() -> None:
    def nested(code: bytes, character_set: str) -> Dataset:
        item = of((0x00321060, "LO", code))
        return of((0x00400275, "SQ", [item]), character_set=character_set)

    latin, utf_8 = nested(b"\xe9", "ISO_IR 100"), nested("é".encode(), "ISO_IR 192")
    own = nested(b"\xe9", "ISO_IR 192")
    own[0x00400275].value[0].SpecificCharacterSet = "ISO_IR 100"

    assert found(latin, utf_8) == found(latin, own) == []
    assert len(found(latin, nested(b"\xe9", "ISO_IR 192"))) == 1


def test_changed_pixel_is_found_in_every_syntax(make: Build, tmp_path: Path) -> None:
    for name in ("ct", "us", "nm", "pet"):
        ds, damaged = make(name), make(name)
        pixels = bytearray(damaged.PixelData)
        pixels[-2] ^= 1
        damaged.PixelData = bytes(pixels)
        original = write(ds, tmp_path / "sent.dcm", LITTLE)
        for syntax in (LITTLE, *SYNTAXES):
            (only,) = compare_refs(original, write(damaged, tmp_path / "back.dcm", syntax))
            assert (only.path, only.kind) == ("PixelData", "changed")
            assert only.actual.startswith("1 of ")
            assert only.actual.endswith("differ, by up to 1")


def test_padding_behind_native_pixels_is_no_change(make: Build) -> None:
    ds, padded = make("ct"), make("ct")
    padded.PixelData += b"\0\0"

    assert found(ds, padded) == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_names_in_another_character_set_are_the_same(
    script: str, make: Build, plan: StudyPlan, tmp_path: Path
) -> None:
    someone = patient(1, 1, script)
    written = []
    for character_set, name in (
        (someone.character_set, someone.name),
        (("ISO_IR 192",), someone.name),
        (("ISO_IR 192",), someone.name.replace("^", "^?", 1)),
    ):
        subject = Subject(name, "DT-1", "19700102", "F", character_set)
        ds = make("ct", plan=replace(plan, subject=subject, referring_physician=someone.name))
        written.append(write(ds, tmp_path / f"{len(written)}.dcm", IMPLICIT if written else LITTLE))
    sent, recoded, spoilt = written

    assert compare_refs(sent, recoded) == compare_refs(recoded, sent) == []
    assert [each.path for each in compare_refs(sent, spoilt)] == ["PatientName", "(0077,1009)"]


def test_damaged_stream_is_a_change(make: Build, tmp_path: Path) -> None:
    original = write(make("ct"), tmp_path / "sent.dcm", JPEGLosslessSV1)
    data = bytearray(original.read())
    data[-2000:-1000] = bytes(1000)

    (only,) = compare_refs(original, DataSetRef(JPEGLosslessSV1, data=bytes(data)))
    assert only.path == "PixelData"


def test_wrong_label_of_the_same_pixels_is_a_change(make: Build, tmp_path: Path) -> None:
    sent = write(make("us"), tmp_path / "sent.dcm", JPEG2000Lossless)
    wrong = make("us")
    wrong.PhotometricInterpretation = "YBR_RCT"  # of native pixels, which are RGB
    native = write(wrong, tmp_path / "back.dcm", LITTLE)

    assert [each.keyword for each in compare_refs(sent, native)] == ["PhotometricInterpretation"]


def test_same_pixels_in_another_order_are_told_by_their_label(make: Build, tmp_path: Path) -> None:
    ds, other = make("us"), make("us")
    pixels = np.frombuffer(ds.PixelData, np.uint8).reshape(ds.Rows, ds.Columns, 3)
    other.PixelData = np.ascontiguousarray(pixels.transpose(2, 0, 1)).tobytes()
    original = write(ds, tmp_path / "sent.dcm", LITTLE)

    assert found(ds, other) == [("PixelData", "changed")]
    other.PlanarConfiguration = 1
    assert found(ds, other) == [("PlanarConfiguration", "changed")]
    implicit = write(other, tmp_path / "back.dcm", IMPLICIT)
    assert compare_refs(original, implicit) == []


def test_garbage_in_a_sequence_is_a_change_and_no_crash() -> None:
    before = of((0x00400275, "SQ", [of((0x00400009, "SH", "S1"))]))
    data = bytearray(ref(before).read())
    data[12:20] = b"\xff" * 8

    assert compare_refs(ref(before), DataSetRef(LITTLE, data=bytes(data)))


TEXT = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="\\^="))
VALUES = st.one_of(
    st.tuples(st.just("LO"), TEXT),
    st.tuples(st.just("UT"), TEXT),
    st.tuples(st.just("PN"), TEXT),
    st.tuples(st.just("US"), st.integers(0, 65535)),
    st.tuples(st.just("SL"), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just("FD"), st.floats(allow_nan=False)),
    st.tuples(st.just("OB"), st.binary(max_size=20).map(lambda b: b + b"\0" * (len(b) % 2))),
    st.tuples(st.just("OW"), st.binary(max_size=10).map(lambda b: b + b)),
)
LEVELS = st.recursive(
    st.dictionaries(st.integers(1, 9), VALUES, max_size=6),
    lambda inner: st.dictionaries(
        st.integers(1, 9),
        VALUES | st.tuples(st.just("SQ"), st.lists(inner, max_size=3)),
        max_size=6,
    ),
    max_leaves=12,
)


def private_data_set(level: dict[int, tuple[str, object]]) -> Dataset:
    ds = Dataset()
    block = ds.private_block(0x0099, "HYPOTHESIS", create=True)
    for offset, (vr, value) in level.items():
        if vr == "SQ":
            assert isinstance(value, list)
            value = [private_data_set(each) for each in value]
        block.add_new(offset, vr, value)
    return ds


@settings(max_examples=80, deadline=None)
@given(level=LEVELS)
def test_no_encoding_changes_private_attributes(level: dict[int, tuple[str, object]]) -> None:
    ds = private_data_set(level)
    explicit = DataSetRef(LITTLE, data=encoded(ds, LITTLE))

    for syntax in (IMPLICIT, LITTLE, BIG):
        other = DataSetRef(syntax, data=encoded(ds, syntax))
        assert compare_refs(explicit, other) == compare_refs(other, explicit) == []


@settings(max_examples=80, deadline=None)
@given(level=LEVELS.filter(bool), data=st.data())
def test_any_removed_private_attribute_is_missed(
    level: dict[int, tuple[str, object]], data: st.DataObject
) -> None:
    ds, lacking = private_data_set(level), private_data_set(level)
    gone = data.draw(st.sampled_from(sorted(level)))
    del lacking[0x00991000 | gone]

    for syntax in (IMPLICIT, LITTLE, BIG):
        other = DataSetRef(syntax, data=encoded(lacking, syntax))
        (only,) = compare_refs(DataSetRef(LITTLE, data=encoded(ds, LITTLE)), other)
        assert only.kind in ("missing", "empty removed")
        assert only.tag == 0x00991000 | gone
