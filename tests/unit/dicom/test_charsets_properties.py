"""Whatever the text and whatever the bytes: round trips, and no crash on hostile input."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset, dcmwrite
from pydicom.filereader import read_dataset

from dicomtest.dicom.charsets import (
    TEXT_VRS,
    CharacterSet,
    decode_text,
    decoded,
    encodable,
    encode_dataset_text,
    encode_text,
    problems,
    raw_text,
    split_values,
    text_of,
)

ALPHABETS = {
    ("ISO_IR 100",): "Aé ÿ",
    ("ISO_IR 13",): "Aｱ ﾞ",
    ("ISO_IR 192",): "A王 é𠮷",
    ("GB18030",): "A王 é𠮷",
    ("GBK",): "A王 喆",
    ("", "ISO 2022 IR 58"): "A王 。",
    ("", "ISO 2022 IR 87"): "A山 あ",
    ("", "ISO 2022 IR 149"): "A洪 길",
    ("ISO 2022 IR 13", "ISO 2022 IR 87"): "Aｱ 山あ",
    ("ISO 2022 IR 13", "ISO 2022 IR 87", "ISO 2022 IR 159"): "Aｱ 山丂",
    ("ISO 2022 IR 100", "ISO 2022 IR 144", "ISO 2022 IR 126"): "Aé ЖΩ",
    ("", "ISO 2022 IR 166", "ISO 2022 IR 58", "ISO 2022 IR 149"): "Aก王길",
}
DELIMITERS = {"PN": "^=\\", "LO": "\\", "LT": "\r\n\t\f", "UT": "\r\n\\"}
SETS = st.sampled_from(sorted(ALPHABETS))
ANY_SET = st.sampled_from([None, "", "ISO_IR 999", ("", "UTF-8"), "ISO 2022 IR 58", *ALPHABETS])


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str, tuple[str, ...]]:
    character_set = draw(SETS)
    vr = draw(st.sampled_from(sorted(DELIMITERS)))
    text = draw(st.text(alphabet=ALPHABETS[character_set] + DELIMITERS[vr], max_size=20))
    return text, vr, character_set


@given(texts())
def test_text_comes_back_and_its_bytes_are_right(case: tuple[str, str, tuple[str, ...]]) -> None:
    text, vr, character_set = case

    raw = encode_text(text, vr, character_set)

    assert decode_text(raw, vr, character_set) == text
    assert problems(raw, vr, character_set) == []
    values = split_values(raw, vr, character_set)
    assert b"\\".join(values) == raw
    assert [decode_text(each, vr, character_set) for each in values] == (
        text.split("\\") if vr in ("PN", "LO") else [text]
    )


@given(texts())
def test_a_data_set_brings_the_text_to_a_reader(case: tuple[str, str, tuple[str, ...]]) -> None:
    text, _, character_set = case
    ds = Dataset()
    ds.SpecificCharacterSet = list(character_set)
    ds.PatientComments = text
    encode_dataset_text(ds)
    buffer = io.BytesIO()

    dcmwrite(buffer, ds, implicit_vr=False, little_endian=True, enforce_file_format=False)
    buffer.seek(0)
    read = read_dataset(buffer, is_implicit_VR=False, is_little_endian=True)

    assert text_of(decoded(read), "PatientComments") == text.rstrip(" ")
    assert text_of(read, "PatientComments") == text.rstrip(" ")


@given(st.text(max_size=20), ANY_SET)
def test_what_is_encodable_is_what_encodes(text: str, character_set: CharacterSet) -> None:
    if encodable(text, character_set):
        encode_text(text, "PN", character_set)
    else:
        with pytest.raises(ValueError):
            encode_text(text, "PN", character_set)


hostile = st.lists(
    st.one_of(
        st.binary(max_size=4),
        st.sampled_from([b"\x1b$)A", b"\x1b$B", b"\x1b(B", b"\x1b", b"\x1b$", b"^", b"=", b"\\"]),
    ),
    max_size=8,
).map(b"".join)


@settings(max_examples=300)
@given(hostile, st.sampled_from(sorted(TEXT_VRS | {"CS", "UI"})), ANY_SET)
def test_no_bytes_stop_reading(raw: bytes, vr: str, character_set: CharacterSet) -> None:
    text = decode_text(raw, vr, character_set)
    found = problems(raw, vr, character_set)

    assert "\ufffd" not in text or found
    assert b"\\".join(split_values(raw, vr, character_set)) == raw


@given(hostile)
def test_wrong_bytes_that_were_read_are_written_as_they_were(raw: bytes) -> None:
    raw = raw + b" " * (len(raw) % 2)
    element = b"\x10\x00\x10\x00PN" + len(raw).to_bytes(2, "little") + raw
    charset = b"\x08\x00\x05\x00CS\x10\x00\\ISO 2022 IR 58 "
    read = read_dataset(io.BytesIO(charset + element), is_implicit_VR=False, is_little_endian=True)
    encode_dataset_text(read)
    buffer = io.BytesIO()

    dcmwrite(buffer, read, implicit_vr=False, little_endian=True, enforce_file_format=False)

    assert raw in buffer.getvalue()
    assert raw_text(read, "PatientName") in (raw, None)
