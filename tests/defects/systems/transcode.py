"""An object in another transfer syntax; pydicom's codecs undo compression."""

from __future__ import annotations

import io

from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID

from .data_set import read_data_set, write_data_set
from .holdings import Stored
from .settings import NATIVE


def as_syntax(stored: Stored, syntax: str) -> bytes | None:
    """The bytes of an object in a transfer syntax; None when there is no way to it."""
    if syntax == stored.syntax:
        return stored.data
    if syntax not in NATIVE:
        return None
    data, source = stored.data, stored.syntax
    if source not in NATIVE:
        data, source = decompressed(data, source), NATIVE[0]
    return data if source == syntax else write_data_set(read_data_set(data, source), syntax)


def decompressed(data: bytes, syntax: str) -> bytes:
    """Decode compressed pixel data: the object in Explicit VR Little Endian."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = UID(syntax)
    file = io.BytesIO()
    head = Dataset()
    head.file_meta = meta
    head.save_as(file, enforce_file_format=False)
    file.seek(0)
    data_set = dcmread(io.BytesIO(file.getvalue() + data), force=True)
    data_set.decompress(generate_instance_uid=False)
    written = io.BytesIO()
    data_set.file_meta = FileMetaDataset()
    data_set.save_as(written, implicit_vr=False, little_endian=True)
    return written.getvalue()
