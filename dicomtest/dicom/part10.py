"""Data sets into DICOM files (PS3.10 7.1) and bare encodings."""

from __future__ import annotations

import zlib
from pathlib import Path

from pydicom import DataElement, Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset, write_file_meta_info
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian

from dicomtest.dicom.charsets import encode_dataset_text
from dicomtest.dicom.codecs import encode
from dicomtest.evidence import DataSetRef

IMPLEMENTATION_CLASS_UID = "2.25.104986211514598471616178982468556737381"
IMPLEMENTATION_VERSION_NAME = "DICOMTEST"


def encoded(ds: Dataset, transfer_syntax: str) -> bytes:
    """Encode a data set, without file meta information, compressing its pixel data if needed.

    `ds` is left as it is. Raises ValueError for a transfer syntax nothing here can write, and
    for text that Specific Character Set cannot hold.
    """
    uid = UID(transfer_syntax)
    buffer = DicomBytesIO()
    buffer.is_implicit_VR = uid.is_implicit_VR
    buffer.is_little_endian = uid.is_little_endian
    write_dataset(buffer, _with_encoded_text(encode(ds, transfer_syntax)))
    data: bytes = buffer.getvalue()
    if uid == DeflatedExplicitVRLittleEndian:
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        data = deflater.compress(data) + deflater.flush()
        data += b"\0" * (len(data) % 2)  # PS3.5 A.5: padded to even length
    return data


def write(ds: Dataset, path: Path, transfer_syntax: str) -> DataSetRef:
    """Write a DICOM file and say where in it the data set begins.

    Raises ValueError as `encoded` does, OSError as `Path.open` does.
    """
    data = encoded(ds, transfer_syntax)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(ds.SOPClassUID)
    meta.MediaStorageSOPInstanceUID = UID(ds.SOPInstanceUID)
    meta.TransferSyntaxUID = UID(transfer_syntax)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    head = DicomBytesIO()
    head.is_implicit_VR, head.is_little_endian = False, True
    head.write(b"\0" * 128 + b"DICM")
    write_file_meta_info(head, meta)
    prefix: bytes = head.getvalue()
    with path.open("wb") as file:
        file.write(prefix)
        file.write(data)
    return DataSetRef(transfer_syntax=str(transfer_syntax), path=str(path), offset=len(prefix))


def _with_encoded_text(ds: Dataset) -> Dataset:
    """A copy whose text is encoded right where pydicom would write it wrong or as "?"."""
    copy = _with_own_items(ds)
    encode_dataset_text(copy)
    return copy


def _with_own_items(ds: Dataset) -> Dataset:
    copy = Dataset()
    for tag in ds.keys():  # noqa: SIM118 - iterating the data set converts its values
        element = ds.get_item(tag)
        if isinstance(element, DataElement) and element.VR == "SQ":
            items = [_with_own_items(item) for item in element.value]
            element = DataElement(tag, "SQ", items)
        copy[tag] = element
    return copy
