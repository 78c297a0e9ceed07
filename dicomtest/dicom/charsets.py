"""Character sets of data sets: the text of elements, right under every (0008,0005).

Own code, because pydicom 3.0 writes `ISO 2022 IR 58` (GB 2312) without its escape sequences and
reads them as text, does not designate a set again in the second line of a text, and does not know
ISO_IR 203. Values are read from their bytes wherever pydicom still has them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

from pydicom import DataElement, Dataset, config
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag, Tag
from pydicom.valuerep import PersonName

from dicomtest.dicom.iso2022 import ELEMENTS, ESCAPE, REPLACEMENT
from dicomtest.dicom.text import (
    TEXT_VRS,
    CharacterSet,
    character_set_problems,
    decode_text,
    encodable,
    encode_text,
    problems,
    split_values,
    terms,
)

__all__ = [
    "TEXT_VRS",
    "CharacterSet",
    "character_set_of",
    "character_set_problems",
    "decode_text",
    "decoded",
    "encodable",
    "encode_dataset_text",
    "encode_text",
    "problems",
    "raw_text",
    "split_values",
    "terms",
    "text_of",
]

SPECIFIC_CHARACTER_SET = Tag(0x0008, 0x0005)
# VRs of character strings in the default repertoire (PS3.5 6.2).
PLAIN_VRS = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"})
_ONE_VALUE = frozenset({"ST", "LT", "UT", "UR"})
_ESCAPE_SEQUENCES = re.compile("|".join(re.escape(e.decode("ascii")) for e in ELEMENTS))
# pydicom writes and reads these right: no code extension, one codec of Python's.
_LEFT_TO_PYDICOM = frozenset(
    {f"ISO_IR {n}" for n in (100, 101, 109, 110, 126, 127, 138, 144, 148, 166, 192)}
    | {"GB18030", "GBK"}
)


def character_set_of(ds: Dataset, inherited: CharacterSet = None) -> tuple[str, ...]:
    """Specific Character Set in force in a data set or item, value by value; () when none.

    An item without the attribute takes it from the data set around it (PS3.5 7.5.3), which
    pydicom does not know: `inherited` says what that is.
    """
    if SPECIFIC_CHARACTER_SET not in ds:
        return terms(inherited)
    element = ds.get_item(SPECIFIC_CHARACTER_SET)
    value = None if element is None else element.value
    return terms(value.decode("ascii", "replace") if isinstance(value, bytes) else value)


def text_of(
    ds: Dataset, keyword: str | int, character_set: CharacterSet = None
) -> str | list[str] | None:
    """The text of an element: None when absent, a list when it has several values, else a str.

    Insignificant spaces are gone (PS3.5 6.2). `character_set` is what the data set inherits when
    it is an item. Numbers are given as text. Raises ValueError for sequences and bulk data.
    """
    tag = _tag(keyword)
    if tag not in ds:
        return None
    element = cast("DataElement | RawDataElement", ds.get_item(tag))
    vr = _vr(element, tag)
    if vr not in TEXT_VRS and vr not in PLAIN_VRS:
        if vr == "SQ" or vr[0] == "O" or vr == "UN":
            raise ValueError(f"{tag} has VR {vr}, which has no text")
        value = ds[tag].value
        return [str(each) for each in value] if isinstance(value, Sequence) else str(value or "")
    raw = raw_text(ds, tag)
    if raw is None:
        text = _plain(element)
    else:
        text = decode_text(raw, vr, character_set_of(ds, character_set))
    if vr in _ONE_VALUE:
        return text.rstrip(" \0")
    values = [_trimmed(each, vr) for each in text.split("\\")]
    return values[0] if len(values) == 1 else values


def raw_text(ds: Dataset, keyword: str | int) -> bytes | None:
    """The bytes of a text element as they were read.

    None when it is absent, or when pydicom has decoded it and does not have the bytes any more:
    look before the element is accessed in any other way.
    """
    tag = _tag(keyword)
    element = ds.get_item(tag) if tag in ds else None
    if element is None:
        return None
    value = element.value
    if value is None and isinstance(element, RawDataElement) and not element.length:
        return b""
    if isinstance(value, bytes):
        return value
    several = isinstance(value, Sequence) and not isinstance(value, (str, PersonName))
    if several and value and all(isinstance(each, bytes) for each in value):
        return b"\\".join(value)
    return None


def encode_dataset_text(ds: Dataset, inherited: CharacterSet = None) -> None:
    """Encode text beyond ASCII in place, items included, where pydicom would write it wrong.

    Afterwards `dcmwrite` and pynetdicom write these bytes as they are. Person names can still be
    read as text; other values have become bytes, which `text_of` reads. What was read from a file
    or the network keeps the bytes it had, even wrong ones. Raises UnicodeEncodeError for text
    that Specific Character Set cannot hold.
    """
    character_set = character_set_of(ds, inherited)
    for tag in list(ds.keys()):
        element = cast("DataElement | RawDataElement", ds.get_item(tag))
        vr = _vr(element, tag)
        if vr == "SQ":
            for item in ds[tag].value:
                encode_dataset_text(item, character_set)
        elif vr in TEXT_VRS:
            encoded = _encoded(ds, tag, vr, character_set)
            if encoded is not None:
                ds[tag] = encoded


def decoded(ds: Dataset, inherited: CharacterSet = None) -> Dataset:
    """A copy whose text values are decoded rightly, items included.

    Meant for reading; call `encode_dataset_text` before writing it. Other elements are shared
    with the original.
    """
    character_set = character_set_of(ds, inherited)
    copy = Dataset()
    for tag in ds.keys():  # noqa: SIM118 - iterating over ds itself decodes every element
        element = cast("DataElement | RawDataElement", ds.get_item(tag))
        vr = _vr(element, tag)
        if vr == "SQ":
            items = [decoded(item, character_set) for item in ds[tag].value]
            copy[tag] = DataElement(tag, "SQ", items)
        elif vr in TEXT_VRS:
            copy[tag] = _decoded(ds, tag, vr, character_set)
        else:
            copy[tag] = element
    if hasattr(ds, "file_meta"):
        copy.file_meta = ds.file_meta
    return copy


def _encoded(
    ds: Dataset, tag: BaseTag, vr: str, character_set: tuple[str, ...]
) -> DataElement | None:
    """The element with bytes for a value; None when pydicom may write it as it is."""
    raw = raw_text(ds, tag)
    if raw is None:
        text = _plain(ds.get_item(tag))
        if REPLACEMENT in text:  # was read from wrong bytes, which nobody can mend
            return None
        raw = encode_text(text, vr, character_set)
    if raw.isascii() and ESCAPE not in raw:
        return None
    if len(character_set) == 1 and character_set[0] in _LEFT_TO_PYDICOM:
        return None
    return _element(tag, vr, _names(raw, character_set) if vr == "PN" else raw)


def _decoded(ds: Dataset, tag: BaseTag, vr: str, character_set: tuple[str, ...]) -> DataElement:
    raw = raw_text(ds, tag) if vr == "PN" else None
    if raw is None:
        return _element(tag, vr, text_of(ds, tag, character_set))
    return _element(tag, vr, _names(raw.rstrip(b" \0"), character_set))


def _names(raw: bytes, character_set: tuple[str, ...]) -> Any:
    """Person names that read as the text of these bytes, and are written as these bytes."""
    names = [
        PersonName(
            decode_text(each, "PN", character_set),
            original_string=each,
            validation_mode=config.IGNORE,
        )
        for each in split_values(raw, "PN", character_set)
    ]
    return names[0] if len(names) == 1 else names


def _element(tag: BaseTag, vr: str, value: Any) -> DataElement:
    return DataElement(tag, vr, value, validation_mode=config.IGNORE)


def _plain(element: DataElement | RawDataElement | None) -> str:
    """Text as pydicom gives it, without the escape sequences it did not understand."""
    value = None if element is None else element.value
    if value is None:
        return ""
    single = isinstance(value, (str, PersonName)) or not isinstance(value, Sequence)
    text = str(value) if single else "\\".join(str(each) for each in value)
    return _ESCAPE_SEQUENCES.sub("", text)


def _trimmed(value: str, vr: str) -> str:
    return value.rstrip("\0 ") if vr in ("UI", "UC") else value.strip(" \0")


def _tag(keyword: str | int) -> BaseTag:
    tag = tag_for_keyword(keyword) if isinstance(keyword, str) else keyword
    if tag is None:
        raise ValueError(f"{keyword} is not a keyword of PS3.6")
    return Tag(tag)


def _vr(element: DataElement | RawDataElement, tag: BaseTag) -> str:
    """VR of an element; from PS3.6 where it was read without one or as UN."""
    if element.VR is not None and element.VR != "UN":
        return str(element.VR)
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"
