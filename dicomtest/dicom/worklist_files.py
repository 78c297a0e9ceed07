"""Worklist items as files: a DICOM file as worklist folders hold it, and text for dump2dcm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from dicomtest.dicom.attribute_values import Attributes, data_set
from dicomtest.dicom.worklist_model import MODALITY_WORKLIST_FIND


def as_data_set(item: Attributes) -> Dataset:
    """The item as a data set in its own character set."""
    declared = tuple(each for each in item.get("SpecificCharacterSet", ()) if isinstance(each, str))
    return data_set(item, declared)


def write_item(item: Attributes, path: Path) -> None:
    """Write an item as a DICOM file (PS3.10); raises OSError."""
    made = as_data_set(item)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(MODALITY_WORKLIST_FIND)
    meta.MediaStorageSOPInstanceUID = UID(str(made.get("StudyInstanceUID", "")) or "2.25.0")
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta = meta
    made.save_as(path, enforce_file_format=True)


def as_dump(item: Attributes) -> str:
    """An item in the text form that dump2dcm reads; UTF-8."""
    utf8 = dict(item)
    wide = any(not each.isascii() for each in _all_text(item))
    made = data_set(utf8, ("ISO_IR 192",) if wide else ())
    return "\n".join(_lines(made, "")) + "\n"


def _lines(made: Dataset, indent: str) -> Iterator[str]:
    for element in made:
        if element.VR == "SQ":
            yield f"{indent}{element.tag} SQ".replace(", ", ",")
            for each in element.value:
                yield f"{indent}(fffe,e000) -"
                yield from _lines(each, f"{indent}  ")
                yield f"{indent}(fffe,e00d) -"
            yield f"{indent}(fffe,e0dd) -"
            continue
        yield f"{indent}{element.tag} {element.VR} {_value(element.value)}".replace(", ", ",", 1)


def _value(value: object) -> str:
    several = value if isinstance(value, (list, tuple)) else [value]
    text = "\\".join(
        each.decode("utf-8") if isinstance(each, bytes) else str(each if each is not None else "")
        for each in several
    )
    return f"[{text}]"


def _all_text(item: Attributes) -> Iterator[str]:
    for values in item.values():
        for each in values:
            if isinstance(each, str):
                yield each
            else:
                yield from _all_text(dict(each))
