"""Reading the attributes of a stored instance without its pixel data."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from pydicom import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.filereader import data_element_generator, read_dataset, read_preamble
from pydicom.tag import BaseTag
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian
from pydicom.valuerep import VR

from dicomtest.dicom.attribute_values import attributes_of
from dicomtest.evidence import DataSetRef

PIXEL_DATA = 0x7FE00010
# What pydicom raises for bytes that are no data set.
UNREADABLE = (
    *(InvalidDicomError, EOFError, KeyError, NotImplementedError, ValueError),
    *(struct.error, zlib.error),
)
_CHUNK = 1 << 20


def file_reference(path: Path) -> DataSetRef:
    """Refer to the data set in a DICOM file (PS3.10 7.1); raises one of `UNREADABLE`, OSError."""
    with path.open("rb") as file:
        read_preamble(file, force=False)
        meta = read_dataset(file, False, True, stop_when=_after_file_meta)
        offset = file.tell()
    syntax = str(meta.get("TransferSyntaxUID", "")).strip("\0 ")
    if not syntax:
        raise ValueError("the file does not say its transfer syntax")
    return DataSetRef(transfer_syntax=syntax, path=str(path), offset=offset)


def header(data: DataSetRef, tags: Sequence[int] = ()) -> Dataset:
    """The data set up to its pixel data, of the tags only; raises one of `UNREADABLE`, OSError.

    Specific Character Set is always among them.
    """
    uid = UID(data.transfer_syntax)
    if data.path is None or uid == DeflatedExplicitVRLittleEndian:
        raw = data.read()
        if uid == DeflatedExplicitVRLittleEndian:
            raw = zlib.decompressobj(wbits=-zlib.MAX_WBITS).decompress(raw)
        return _read(io.BytesIO(raw), uid, tags)
    with Path(data.path).open("rb") as file:
        file.seek(data.offset)
        return _read(file, uid, tags)


def same_content(one: DataSetRef, other: DataSetRef, tags: Sequence[int]) -> bool:
    """Whether two references hold the same instance.

    Byte for byte in one transfer syntax; by the attributes of these tags in two.
    """
    if one == other:
        return True
    if one.transfer_syntax != other.transfer_syntax:
        return attributes_of(header(one, tags)) == attributes_of(header(other, tags))
    with _opened(one) as left, _opened(other) as right:
        while True:
            pieces = left.read(_CHUNK), right.read(_CHUNK)
            if pieces[0] != pieces[1]:
                return False
            if not pieces[0]:
                return True


def _opened(data: DataSetRef) -> BinaryIO:
    if data.path is None:
        return io.BytesIO(data.read())
    file = Path(data.path).open("rb")  # noqa: SIM115 - the caller closes it
    file.seek(data.offset)
    return file


def _read(file: BinaryIO, uid: UID, tags: Sequence[int]) -> Dataset:
    # pydicom would silently read another encoding than the transfer syntax says.
    start = file.read(6)
    file.seek(-len(start), io.SEEK_CUR)
    explicit = uid != "1.2.840.10008.1.2"
    if len(start) == 6 and (start[4:6].decode("latin-1") in VR.__members__) != explicit:
        raise ValueError(f"the encoding is not that of transfer syntax {uid.name}")
    elements = data_element_generator(
        file,
        is_implicit_VR=not explicit,
        is_little_endian=uid != "1.2.840.10008.1.2.2",
        stop_when=_at_pixel_data,
        specific_tags=[BaseTag(each) for each in tags] or None,
    )
    return Dataset({each.tag: each for each in elements})


def _at_pixel_data(tag: BaseTag, vr: str | None, length: int) -> bool:
    del vr, length
    return bool(tag >= PIXEL_DATA)


def _after_file_meta(tag: BaseTag, vr: str | None, length: int) -> bool:
    del vr, length
    return tag.group != 2
