"""Pixel data in every transfer syntax, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from dicomtest.dicom.codecs import can_encode, decoded_pixels, encode, pixels_of
from dicomtest.dicom.objects import KINDS, write
from dicomtest.dicom.objects.image import image_pixel
from dicomtest.evidence import DataSetRef

Build = Callable[..., Dataset]
NATIVE = (
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
)
COMPRESSED = (
    RLELossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEG2000Lossless,
    "1.2.840.10008.1.2.4.91",
)
IMAGES = [name for name, each in KINDS.items() if each.is_image]


@pytest.mark.parametrize("syntax", [*NATIVE, *COMPRESSED])
@pytest.mark.parametrize("name", IMAGES)
def test_pixels_come_back(name: str, syntax: str, make: Build, tmp_path: Path) -> None:
    ds = make(name, 3)
    before = dict(ds.to_json_dict())
    ref = write(ds, tmp_path / "x.dcm", syntax)

    assert np.array_equal(decoded_pixels(ref), pixels_of(ds, ExplicitVRLittleEndian))
    assert ds.to_json_dict() == before  # what is written stays as it is
    assert ref.transfer_syntax == syntax
    assert dcmread(tmp_path / "x.dcm").file_meta.TransferSyntaxUID == syntax
    assert can_encode(syntax)


@pytest.mark.parametrize("syntax", [*NATIVE, *COMPRESSED])
@pytest.mark.parametrize("stored", [10, 12, 16])
def test_signed_values_come_back(syntax: str, stored: int, make: Build, tmp_path: Path) -> None:
    low, high = -(2 ** (stored - 1)), 2 ** (stored - 1) - 1
    values = np.random.default_rng(1).integers(low, high, (2, 33, 40))
    values[0, 0, :2] = low, high
    ds = make("nm", frames=2)
    image_pixel(ds, values, stored=stored, photometric="MONOCHROME2", signed=True)

    ref = write(ds, tmp_path / "x.dcm", syntax)

    assert np.array_equal(decoded_pixels(ref), values)


def test_bits_above_bits_stored_mean_nothing(make: Build) -> None:
    ds = make("ct")
    clean = pixels_of(ds, ExplicitVRLittleEndian)
    ds.PixelData = (np.frombuffer(ds.PixelData, "<u2") | 0xF000).tobytes()

    assert np.array_equal(pixels_of(ds, ExplicitVRLittleEndian), clean)


def test_colour_by_plane_is_read_as_the_same_pixels(make: Build) -> None:
    ds = make("us-multiframe")
    pixels = pixels_of(ds, ExplicitVRLittleEndian)
    ds.PlanarConfiguration = 1
    ds.PixelData = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)).tobytes()

    assert np.array_equal(pixels_of(ds, ExplicitVRLittleEndian), pixels)
    compressed = encode(ds, JPEGLosslessSV1)
    assert compressed.PlanarConfiguration == 0
    assert np.array_equal(pixels_of(compressed, JPEGLosslessSV1), pixels)


def test_colour_transformation_of_jpeg_2000_is_named(make: Build) -> None:
    assert encode(make("us"), JPEG2000Lossless).PhotometricInterpretation == "YBR_RCT"
    assert encode(make("ct"), JPEG2000Lossless).PhotometricInterpretation == "MONOCHROME2"


def test_words_of_other_elements_are_swapped_for_big_endian(make: Build, tmp_path: Path) -> None:
    ds = make("ct")
    item = Dataset()
    item.add_new(0x00283006, "OW", b"\x01\x00\x02\x00")  # LUT Data
    ds.ModalityLUTSequence = [item]

    write(ds, tmp_path / "x.dcm", ExplicitVRBigEndian)

    read = dcmread(tmp_path / "x.dcm")
    assert read.ModalityLUTSequence[0].get_item(0x00283006).value == b"\x00\x01\x00\x02"
    assert item[0x00283006].value == b"\x01\x00\x02\x00"


def test_data_set_without_pixels_is_written_in_any_syntax(make: Build, tmp_path: Path) -> None:
    ds = make("ct")
    del ds.PixelData
    ref = write(ds, tmp_path / "x.dcm", JPEGBaseline8Bit)

    assert ref.dataset().SOPInstanceUID == ds.SOPInstanceUID
    with pytest.raises(ValueError, match="no Pixel Data"):
        decoded_pixels(ref)


def test_lossy_and_unknown_syntaxes_are_refused(make: Build, tmp_path: Path) -> None:
    for syntax in (JPEGBaseline8Bit, "1.2.3.4"):
        assert not can_encode(syntax)
        with pytest.raises(ValueError, match=r"cannot write|transfer syntax"):
            write(make("us"), tmp_path / "x.dcm", syntax)


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_damaged_stream_is_an_error_in_words(syntax: str, make: Build) -> None:
    ds = encode(make("ct"), syntax)
    ds.PixelData = ds.PixelData[:40] + bytes(len(ds.PixelData) - 48) + ds.PixelData[-8:]

    with pytest.raises(ValueError, match="cannot be decoded"):
        pixels_of(ds, syntax)


@pytest.mark.parametrize("keyword", ["Rows", "BitsAllocated", "SamplesPerPixel", "HighBit"])
def test_missing_attribute_is_an_error_in_words(keyword: str, make: Build) -> None:
    ds = make("ct")
    delattr(ds, keyword)

    with pytest.raises(ValueError, match=r"cannot be decoded: .*(Bit|Rows|Samples)"):
        pixels_of(ds, ExplicitVRLittleEndian)


def test_wrong_size_is_an_error_in_words(make: Build) -> None:
    for syntax in (ExplicitVRLittleEndian, JPEGLosslessSV1):
        ds = encode(make("ct"), syntax)
        ds.Rows = 300

        with pytest.raises(ValueError, match="cannot be decoded"):
            pixels_of(ds, syntax)


def test_frame_too_small_for_jpeg_2000_is_refused(make: Build) -> None:
    with pytest.raises(ValueError, match="8 x 8 frame cannot be written in JPEG 2000"):
        encode(make("ct", rows=8, columns=8), JPEG2000Lossless)


@pytest.mark.parametrize("syntax", [*NATIVE, JPEGLSLossless])
def test_bare_data_set_is_read_too(syntax: str, make: Build, tmp_path: Path) -> None:
    ds = make("mr")
    ref = write(ds, tmp_path / "x.dcm", syntax)
    bare = DataSetRef(ref.transfer_syntax, data=ref.read())

    assert np.array_equal(decoded_pixels(bare), decoded_pixels(ref))
    assert bare.dataset().PatientID == ds.PatientID


def test_what_is_not_deflated_is_an_error_in_words() -> None:
    with pytest.raises(ValueError, match="cannot be inflated"):
        DataSetRef(DeflatedExplicitVRLittleEndian, data=b"\xff" * 20).dataset()
