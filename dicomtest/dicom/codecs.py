"""Pixel data in and out of transfer syntaxes (PS3.5 Annex A), without loss.

Arrays of pixels always have the shape frames x rows x columns, with a fourth axis for the
samples where Samples per Pixel is more than 1, and hold the stored values themselves: Bits
Stored bits, signed where Pixel Representation says so.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import DataElement, Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import (
    UID,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from dicomtest.dicom.jpeg_lossless import encode_frame
from dicomtest.evidence import DataSetRef

Pixels = NDArray[Any]

# What pydicom and the codecs raise for attributes or streams that are not as they should be.
_DECODING_ERRORS = (
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    RuntimeError,
    TypeError,
    ValueError,
)

# VRs of elements longer than a byte, whose value pydicom keeps as undecoded bytes.
_WORD_BYTES = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}


def encode(ds: Dataset, transfer_syntax: str) -> Dataset:
    """Give the data set with its pixel data as the transfer syntax wants it.

    `ds` holds native pixel data, little endian, and is left as it is. Raises ValueError for a
    transfer syntax nothing here can write.
    """
    uid = UID(transfer_syntax)
    if uid.is_encapsulated:
        return _compressed(ds, uid) if "PixelData" in ds else ds
    return ds if uid.is_little_endian else _with_swapped_words(ds)


def can_encode(transfer_syntax: str) -> bool:
    """Say whether `encode` writes pixel data in this transfer syntax."""
    uid = UID(transfer_syntax)
    return uid in _ENCODERS or (uid.is_transfer_syntax and not uid.is_encapsulated)


def decoded_pixels(ref: DataSetRef) -> Pixels:
    """Give the pixels of an encoded data set; see the module for their shape.

    Raises ValueError, saying why, when there are none or they cannot be decoded.
    """
    return pixels_of(ref.dataset(), ref.transfer_syntax)


def pixels_of(ds: Dataset, transfer_syntax: str) -> Pixels:
    """Give the pixels of a decoded data set that came in this transfer syntax.

    Raises ValueError, saying why, when there are none or they cannot be decoded.
    """
    uid = UID(transfer_syntax)
    if "PixelData" not in ds:
        raise ValueError("the data set has no Pixel Data")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom's advice on odd but readable pixel data
            if uid.is_encapsulated and uid != RLELossless:
                values = _decoded_frames(ds, uid)
            else:
                values = _decoded_by_pydicom(ds, uid)
        samples = int(ds.SamplesPerPixel)
        shape = [_frames(ds), int(ds.Rows), int(ds.Columns), *([samples] if samples > 1 else [])]
        return _stored_values(values.reshape(shape), ds)
    except _DECODING_ERRORS as error:
        raise ValueError(f"pixel data in {uid.name} cannot be decoded: {error}") from error


def _frames(ds: Dataset) -> int:
    return int(ds.get("NumberOfFrames") or 1)


def _stored_values(values: Pixels, ds: Dataset) -> Pixels:
    """Keep Bits Stored bits and extend the sign; what lies above them has no meaning here."""
    if values.dtype.kind == "f":
        return values
    values = values.astype(values.dtype.newbyteorder("="), copy=False)
    stored, high = int(ds.BitsStored), int(ds.HighBit)
    width = values.dtype.itemsize * 8
    if stored == width:
        kind = "i" if ds.PixelRepresentation == 1 else "u"
        return values.view(f"{kind}{values.dtype.itemsize}")
    below = max(high - stored + 1, 0) if width == int(ds.BitsAllocated) else 0
    low = (values.astype(np.int64) >> below) & ((1 << stored) - 1)
    if ds.PixelRepresentation == 1:
        low -= (low >> (stored - 1)) << stored
        return low.astype(f"i{values.dtype.itemsize}")
    return low.astype(f"u{values.dtype.itemsize}")


def _decoded_by_pydicom(ds: Dataset, uid: UID) -> Pixels:
    """Native pixel data and RLE, which pydicom decodes by itself."""
    source = Dataset()
    source.update(ds)
    source.file_meta = FileMetaDataset()
    source.file_meta.TransferSyntaxUID = uid
    values, _ = get_decoder(uid).as_array(source, raw=True, decoding_plugin="pydicom")
    return np.asarray(values)


def _decoded_frames(ds: Dataset, uid: UID) -> Pixels:
    """Frames of JPEG, JPEG-LS and JPEG 2000 streams, decoded one by one."""
    if uid in (JPEGLSLossless, JPEGLSNearLossless):
        decode = _decode_jpeg_ls
    elif uid in _JPEG:
        decode = _decode_jpeg
    elif uid in _JPEG_2000:
        decode = _decode_jpeg_2000
    else:
        raise ValueError(f"nothing here decodes {uid.name}")
    offsets = ds.get("ExtendedOffsetTable"), ds.get("ExtendedOffsetTableLengths")
    frames = generate_frames(
        ds.PixelData,
        number_of_frames=_frames(ds),
        extended_offsets=offsets if all(offsets) else None,
    )
    return np.stack([decode(each) for each in frames])


def _decode_jpeg(stream: bytes) -> Pixels:
    from libjpeg.utils import decode

    return np.asarray(decode(stream))


def _decode_jpeg_ls(stream: bytes) -> Pixels:
    from jpeg_ls.CharLS import decode

    return np.asarray(decode(np.frombuffer(stream, dtype=np.uint8)))


def _decode_jpeg_2000(stream: bytes) -> Pixels:
    from openjpeg.utils import decode

    return np.asarray(decode(stream))


_JPEG = (JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1)
# PS3.6 Table A-1: JPEG 2000 and High-Throughput JPEG 2000.
_JPEG_2000 = (
    JPEG2000Lossless,
    UID("1.2.840.10008.1.2.4.91"),
    HTJ2KLossless,
    UID("1.2.840.10008.1.2.4.202"),
    UID("1.2.840.10008.1.2.4.203"),
)


def _compressed(ds: Dataset, uid: UID) -> Dataset:
    """A copy of the data set with encapsulated pixel data (PS3.5 A.4)."""
    if uid not in _ENCODERS:
        raise ValueError(f"cannot write {uid.name}")
    native = UID("1.2.840.10008.1.2.1")
    frames = [_ENCODERS[uid](each, ds) for each in pixels_of(ds, native)]
    copy = Dataset()
    copy.update(ds)
    # Elements are shared with `ds`, so that they are replaced, never assigned to.
    copy["PixelData"] = DataElement("PixelData", "OB", encapsulate(frames))
    copy["PixelData"].is_undefined_length = True
    if ds.SamplesPerPixel > 1:
        planar = int(uid == RLELossless)
        copy["PlanarConfiguration"] = DataElement("PlanarConfiguration", "US", planar)
    if uid in _JPEG_2000 and ds.PhotometricInterpretation == "RGB":
        # PS3.5 8.2.4: the reversible transformation of the codec is named.
        copy["PhotometricInterpretation"] = DataElement(
            "PhotometricInterpretation", "CS", "YBR_RCT"
        )
    return copy


def _patterns(frame: Pixels, ds: Dataset) -> Pixels:
    """Samples as unsigned bit patterns of Bits Stored bits."""
    unsigned: Pixels = frame.view(f"u{frame.dtype.itemsize}")
    return np.bitwise_and(unsigned, (1 << int(ds.BitsStored)) - 1)


def _encode_jpeg(frame: Pixels, ds: Dataset) -> bytes:
    return encode_frame(_patterns(frame, ds), int(ds.BitsStored))


def _encode_jpeg_ls(frame: Pixels, ds: Dataset) -> bytes:
    from jpeg_ls.CharLS import encode_pixel_data

    return bytes(
        encode_pixel_data(
            _patterns(frame, ds).tobytes(),
            rows=frame.shape[0],
            columns=frame.shape[1],
            samples_per_pixel=int(ds.SamplesPerPixel),
            bits_stored=int(ds.BitsStored),
            planar_configuration=0,
        )
    )


def _encode_jpeg_2000(frame: Pixels, ds: Dataset) -> bytes:
    from openjpeg.utils import encode_array

    rgb = ds.PhotometricInterpretation == "RGB"
    try:
        stream = encode_array(
            np.ascontiguousarray(frame),
            bits_stored=int(ds.BitsStored),
            photometric_interpretation=1 if rgb else 0,  # 1: RGB in the codec's own numbering
            use_mct=rgb,
        )
    except RuntimeError as error:  # the codec's six resolutions need 32 rows and columns
        size = f"{frame.shape[0]} x {frame.shape[1]}"
        raise ValueError(f"a {size} frame cannot be written in JPEG 2000: {error}") from error
    return bytes(stream)


def _encode_rle(frame: Pixels, ds: Dataset) -> bytes:
    stream: bytes = get_encoder(RLELossless).encode(
        frame.tobytes(),
        encoding_plugin="pydicom",
        rows=frame.shape[0],
        columns=frame.shape[1],
        samples_per_pixel=int(ds.SamplesPerPixel),
        planar_configuration=0,
        number_of_frames=1,
        bits_allocated=int(ds.BitsAllocated),
        bits_stored=int(ds.BitsStored),
        pixel_representation=int(ds.PixelRepresentation),
        photometric_interpretation=str(ds.PhotometricInterpretation),
    )
    return stream


_ENCODERS: dict[UID, Callable[[Pixels, Dataset], bytes]] = {
    RLELossless: _encode_rle,
    JPEGLossless: _encode_jpeg,
    JPEGLosslessSV1: _encode_jpeg,
    JPEGLSLossless: _encode_jpeg_ls,
    JPEG2000Lossless: _encode_jpeg_2000,
    UID("1.2.840.10008.1.2.4.91"): _encode_jpeg_2000,  # JPEG 2000, which may be lossless too
}


def _with_swapped_words(ds: Dataset) -> Dataset:
    """A copy for big endian: pydicom writes the bytes of OW and its kin as they are."""
    copy = Dataset()
    for element in ds:
        if element.VR in _WORD_BYTES and element.value:
            words = np.frombuffer(element.value, dtype=f"<u{_WORD_BYTES[element.VR]}")
            copy[element.tag] = DataElement(element.tag, element.VR, words.byteswap().tobytes())
        elif element.VR == "SQ":
            items = [_with_swapped_words(item) for item in element.value]
            copy[element.tag] = DataElement(element.tag, "SQ", items)
        else:
            copy[element.tag] = element
    return copy
