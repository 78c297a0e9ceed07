"""Telling sequences from other bytes."""

from __future__ import annotations

import pytest
from pydicom import DataElement, Dataset
from pydicom.encaps import encapsulate
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from dicomtest.dicom.nesting import is_sequence


def sequence(*, implicit: bool, undefined: bool) -> bytes:
    """Two items with text, numbers, another sequence and compressed pixels, as bytes."""
    ds = Dataset()
    inner = Dataset()
    inner.CodeValue = "C1"
    ds.ContentSequence = [Dataset(), Dataset()]
    for item in ds.ContentSequence:
        item.Rows = 5
        item.LongCodeValue = "long"
        item.ConceptNameCodeSequence = [inner]
        item["ConceptNameCodeSequence"].is_undefined_length = undefined
        inner.is_undefined_length_sequence_item = undefined
        item.is_undefined_length_sequence_item = undefined
        if not implicit:
            item["PixelData"] = DataElement("PixelData", "OB", encapsulate([b"\1\2", b"\3\4"]))
            item["PixelData"].is_undefined_length = True
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = implicit, True
    write_dataset(buffer, ds)
    data: bytes = buffer.getvalue()
    return data[8 if implicit else 12 :]


@pytest.mark.parametrize("undefined", [True, False])
@pytest.mark.parametrize("implicit", [True, False])
def test_sequence_is_known_by_its_encoding(implicit: bool, undefined: bool) -> None:
    data = sequence(implicit=implicit, undefined=undefined)

    assert is_sequence(data, implicit=implicit)
    assert not is_sequence(data, implicit=not implicit)


@pytest.mark.parametrize("undefined", [True, False])
@pytest.mark.parametrize("implicit", [True, False])
def test_no_part_of_a_sequence_is_one(implicit: bool, undefined: bool) -> None:
    data = sequence(implicit=implicit, undefined=undefined)
    whole_items = {0, len(data) // 2, len(data)}

    for end in set(range(len(data))) - whole_items:
        assert not is_sequence(data[:end], implicit=implicit), end
    assert not is_sequence(data + b"\0\0", implicit=implicit)


def test_other_bytes_are_no_sequence() -> None:
    for data in (
        b"\0" * 8,
        b"text",
        b"\xfe\xff\x00\xe0",
        b"\xfe\xff\x00\xe0\xff\xff\xff\xff" * 5000,
    ):
        for implicit in (True, False):
            assert not is_sequence(data, implicit=implicit)


def test_tags_must_ascend() -> None:
    one = b"\x08\x00\x00\x01\x02\x00\x00\x00C1"
    item = b"\xfe\xff\x00\xe0" + len(2 * one).to_bytes(4, "little")

    assert not is_sequence(item + one + one, implicit=True)
