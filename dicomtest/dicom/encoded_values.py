"""Elements of a data set as their encoded bytes, whatever transfer syntax they came in.

Comparing decoded values would compare what pydicom makes of them: it drops leading zeros, repairs
and warns. Here every value is little endian bytes, as they were on the wire.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from pydicom import DataElement, Dataset
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_sequence
from pydicom.filewriter import write_data_element
from pydicom.tag import BaseTag

from dicomtest.dicom.charsets import TEXT_VRS, character_set_of, encode_text
from dicomtest.dicom.nesting import is_sequence

_UNDEFINED = 0xFFFFFFFF
_ITEM = b"\xfe\xff\x00\xe0"  # the tag (FFFE,E000), little endian
_WORDS = {
    "AT": 2, "US": 2, "SS": 2, "OW": 2, "UL": 4, "SL": 4, "FL": 4, "OF": 4, "OL": 4,
    "FD": 8, "SV": 8, "UV": 8, "OD": 8, "OV": 8,
}  # fmt: skip


@dataclass(frozen=True)
class EncodedElement:
    """One element: its VRs, and either its bytes or its items.

    `vrs` has one VR when it was explicit, several where the dictionary leaves a choice, and is
    UN when nobody said it (a private element in Implicit VR).
    """

    tag: BaseTag
    vrs: tuple[str, ...]
    value: bytes = b""
    items: tuple[Dataset, ...] | None = None
    encapsulated: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is no value: zero length, or only padding in a string."""
        if self.items is not None:
            return not self.items
        return not (self.value.strip(b" \0") if self.vrs[0] in _STRINGS else self.value)


_STRINGS = TEXT_VRS | {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"}


def elements_of(ds: Dataset, inherited: Sequence[str] = ()) -> dict[BaseTag, EncodedElement]:
    """Every element of one level, in order of tag; `inherited` is the character set around it."""
    character_set = character_set_of(ds, inherited)
    found = {}
    for tag in sorted(ds.keys()):
        element = cast("DataElement | RawDataElement", ds.get_item(tag, keep_deferred=True))
        if isinstance(element, RawDataElement) and element.value is None and element.length:
            element = ds[tag]  # pydicom left it in the file
        if isinstance(element, RawDataElement):
            found[tag] = _from_raw(element)
        else:
            found[tag] = _from_element(element, character_set)
    return found


def as_sequence(element: EncodedElement) -> tuple[Dataset, ...] | None:
    """The items in a value of VR UN, or None when it holds no sequence.

    Inside UN a sequence is Implicit VR Little Endian (PS3.5 6.2.2); some
    systems keep the explicit encoding they received.
    """
    if element.items is not None:
        return element.items
    if not element.value:
        return ()
    for implicit in (True, False):
        if is_sequence(element.value, implicit=implicit):
            buffer = io.BytesIO(element.value)
            return tuple(read_sequence(buffer, implicit, True, len(element.value), "iso8859"))
    return None


def _from_raw(raw: RawDataElement) -> EncodedElement:
    vrs = (raw.VR,) if raw.VR not in (None, "UN") else dictionary_vrs(raw.tag)
    encapsulated = raw.length == _UNDEFINED
    value = raw.value if isinstance(raw.value, bytes) else b""
    if vrs == ("SQ",):
        unknown = EncodedElement(raw.tag, vrs, value)
        items = _explicit_items(raw, value) if raw.VR == "SQ" else as_sequence(unknown)
        return EncodedElement(raw.tag, vrs if items is not None else ("UN",), value, items)
    if not raw.is_little_endian and not encapsulated:
        value = swapped(value, vrs[0])
    return EncodedElement(raw.tag, vrs, value, encapsulated=encapsulated)


def _explicit_items(raw: RawDataElement, value: bytes) -> tuple[Dataset, ...] | None:
    if value and not value.startswith(_ITEM if raw.is_little_endian else swapped(_ITEM, "AT")):
        return None
    try:
        buffer = io.BytesIO(value)
        return tuple(read_sequence(buffer, False, raw.is_little_endian, len(value), "iso8859"))
    except (ValueError, KeyError, OSError, EOFError, struct.error, NotImplementedError):
        return None


def _from_element(element: DataElement, character_set: Sequence[str]) -> EncodedElement:
    vr, value = str(element.VR), element.value
    if vr == "SQ":
        return EncodedElement(element.tag, ("SQ",), items=tuple(value or ()))
    vrs = tuple(vr.split(" or ")) if " or " in vr else (vr,)
    encapsulated = bool(element.is_undefined_length)
    if isinstance(value, bytes):
        raw = value
    elif vr in TEXT_VRS:
        raw = encode_text(_text(value), vr, character_set)
    else:
        raw = _written(element)
    return EncodedElement(element.tag, vrs, raw, encapsulated=encapsulated)


def _text(value: Any) -> str | list[str]:
    if value is None:
        return ""
    several = isinstance(value, Sequence) and not isinstance(value, str)
    return [str(each) for each in value] if several else str(value)


def _written(element: DataElement) -> bytes:
    """The value field as pydicom writes it."""
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = True, True
    write_data_element(buffer, element)
    written: bytes = buffer.getvalue()
    return written[8:]  # tag and length


def dictionary_vrs(tag: BaseTag) -> tuple[str, ...]:
    """VRs that PS3.6 has for a tag; LO for a private creator, UN where it has none."""
    if tag.is_private:
        return ("LO",) if tag.is_private_creator else ("UN",)
    try:
        return tuple(dictionary_VR(tag).split(" or "))
    except KeyError:
        return ("UN",)


def swapped(value: bytes, vr: str) -> bytes:
    """Big endian words of a VR as little endian; a value of a wrong length stays as it is."""
    width = _WORDS.get(vr)
    if width is None or len(value) % width:
        return value
    return np.frombuffer(value, dtype=f">u{width}").astype(f"<u{width}").tobytes()
