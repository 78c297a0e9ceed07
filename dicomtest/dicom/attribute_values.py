"""Attributes of a data set as plain text values, the form in which matching compares them.

A value is text as DICOM spells it ("20240131", "007", "512"), decoded and without the padding of
its VR; a sequence is a tuple of items, each again attributes by name. The name of an attribute
is its keyword, or the eight hex digits of its tag where PS3.6 gives none (private attributes).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeAlias

from pydicom import DataElement, Dataset, config
from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag, Tag

from dicomtest.dicom.charsets import (
    PLAIN_VRS,
    TEXT_VRS,
    CharacterSet,
    character_set_of,
    encodable,
    encode_dataset_text,
    terms,
    text_of,
)

Item: TypeAlias = "Mapping[str, Values]"
Values: TypeAlias = tuple[str, ...] | tuple[Item, ...]
Attributes: TypeAlias = dict[str, Values]

# In these the backslash is text, not a delimiter of values (PS3.5 6.2).
SINGLE_TEXT_VRS = frozenset({"LT", "ST", "UT", "UR"})
STRING_VRS = TEXT_VRS | PLAIN_VRS
NUMBER_VRS = {
    "US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q",
}  # fmt: skip
# Leading and trailing spaces mean nothing here; elsewhere only trailing ones (PS3.5 6.2).
PADDED_BOTH_ENDS = frozenset({"AE", "CS", "DS", "IS", "LO", "SH"})


@cache
def vr_of(name: str) -> str:
    """The VR of an attribute, UN for one that PS3.6 does not have; US for "US or SS"."""
    tag = tag_for_keyword(name)
    try:
        return dictionary_VR(tag if tag is not None else Tag(name)).split(" ")[0]
    except (KeyError, ValueError):
        return "UN"


def name_of(tag: BaseTag) -> str:
    """Keyword of a tag, or its eight hex digits."""
    return keyword_for_tag(tag) or f"{tag:08X}"


def tag_of(name: str) -> BaseTag:
    """The tag of a name given by `name_of`; raises ValueError for no such keyword."""
    tag = tag_for_keyword(name)
    return Tag(tag if tag is not None else int(name, 16))


def attributes_of(dataset: Dataset, character_set: CharacterSet = None) -> Attributes:
    """All attributes of a data set that have a text form; bulk data (OB, OW, UN ...) is left out.

    Never raises for what a real system may have encoded wrongly: bytes that stand for nothing
    become U+FFFD, numbers of an impossible length are an empty value.
    """
    character_set = character_set_of(dataset, character_set)
    found: Attributes = {}
    for tag in dataset.keys():  # noqa: SIM118 - iterating the data set converts its values
        values = _values(dataset, tag, character_set)
        if values is not None:
            found[name_of(tag)] = values
    return found


def from_json(attributes: Mapping[str, Any]) -> Attributes:
    """The same form from JSON values: text, numbers, lists of them, objects for items."""
    return {name: _from_json(value, vr_of(name)) for name, value in attributes.items()}


def data_set(attributes: Mapping[str, Values], character_set: CharacterSet = None) -> Dataset:
    """A data set of these attributes, Specific Character Set included where given.

    Text is encoded already where pydicom would encode it wrong. Raises ValueError for a number
    that is none, or for text the character set cannot hold.
    """
    made = Dataset()
    if character_set:
        declared = list(terms(character_set))
        made.SpecificCharacterSet = declared[0] if len(declared) == 1 else declared
    for name, values in attributes.items():
        if name != "SpecificCharacterSet":
            # Keys of a query may be illegal as values: wild cards, ranges, lists.
            tag, vr = tag_of(name), vr_of(name)
            value = _encodable(vr, values)
            made[tag] = DataElement(tag, vr, value, validation_mode=config.IGNORE)
    encode_dataset_text(made)
    return made


def texts(values: Values) -> tuple[str, ...]:
    """The values that are text, none of a sequence."""
    return tuple(value for value in values if isinstance(value, str))


def items(values: Values) -> tuple[Item, ...]:
    """The items of a sequence, none of anything else."""
    return tuple(value for value in values if not isinstance(value, str))


def trim(vr: str, text: str) -> str:
    """A value without the padding that its VR declares meaningless (PS3.5 6.2)."""
    text = text.rstrip(" \0")
    return text.lstrip(" ") if vr in PADDED_BOTH_ENDS else text


def with_values(values: Values) -> Values:
    """Items without the attributes that are empty: of Type 1C there is a value or nothing."""
    found = tuple({name: each for name, each in item.items() if each} for item in items(values))
    return found or values


def is_empty(values: Values) -> bool:
    """Whether an attribute has no value at all: zero length, or only padding."""
    return not any(values)


def extended(values: Iterable[str | Item]) -> bool:
    """Whether a value needs more than the default character repertoire."""
    return any(
        not value.isascii() if isinstance(value, str) else any(map(extended, value.values()))
        for value in values
    )


def fitting_character_set(
    attributes: Mapping[str, Values], preferred: CharacterSet = None
) -> tuple[str, ...]:
    """A character set that can hold the attributes: none, the preferred one, or ISO_IR 192."""
    wide = [each for values in attributes.values() for each in _wide_texts(values)]
    if not wide:
        return ()
    values = terms(preferred)
    if values and all(encodable(text, values) for text in wide):
        return values
    return ("ISO_IR 192",)


def _wide_texts(values: Values) -> list[str]:
    found = [text for text in texts(values) if not text.isascii()]
    for item in items(values):
        found += [text for inner in item.values() for text in _wide_texts(inner)]
    return found


def _values(dataset: Dataset, tag: BaseTag, character_set: CharacterSet) -> Values | None:
    element = dataset.get_item(tag)
    vr = element.VR if element is not None and element.VR not in (None, "UN") else None
    vr = vr or vr_of(name_of(tag))
    if vr == "SQ":
        return tuple(attributes_of(item, character_set) for item in _items(dataset, tag))
    if vr in STRING_VRS:
        text = text_of(dataset, tag, character_set)
        return _clean(vr, [text or ""] if isinstance(text, str | None) else text)
    if isinstance(element, RawDataElement):
        return _numbers(element.value or b"", vr, element.is_little_endian)
    return _from_python(dataset[tag].value, vr) if vr in NUMBER_VRS or vr == "AT" else None


def _items(dataset: Dataset, tag: BaseTag) -> list[Dataset]:
    try:
        value = dataset[tag].value
    except (EOFError, KeyError, NotImplementedError, ValueError, struct.error):
        return []  # the bytes of the sequence are no data sets
    return [each for each in value if isinstance(each, Dataset)] if value else []


def _numbers(raw: bytes, vr: str, little: bool) -> Values | None:
    form = NUMBER_VRS.get(vr, "HH" if vr == "AT" else "")
    if not form:
        return None
    form = f"{'<' if little else '>'}{form}"
    if len(raw) % struct.calcsize(form):
        return ()
    numbers = struct.iter_unpack(form, raw)
    if vr == "AT":
        return tuple(f"{group:04X}{element:04X}" for group, element in numbers)
    return tuple(_number(each[0]) for each in numbers)


def _from_python(value: Any, vr: str) -> tuple[str, ...]:
    if value is None:
        return ()
    several = value if isinstance(value, (MultiValue, list, tuple)) else [value]
    if vr == "AT":
        return tuple(f"{Tag(each):08X}" for each in several)
    spelt = [str(getattr(each, "original_string", None) or each) for each in several]
    if vr in NUMBER_VRS:
        return tuple(_number(each) for each in several if each != "")
    if vr not in SINGLE_TEXT_VRS:
        # A data set made here may hold several values as one text, as they are encoded.
        spelt = [part for each in spelt for part in each.split("\\")]
    return _clean(vr, spelt)


def _from_json(value: Any, vr: str) -> Values:
    if value is None:
        return ()
    several = value if isinstance(value, (list, tuple)) else [value]
    if vr == "SQ":
        return tuple(from_json(item) for item in several)
    return _from_python(list(several), vr)


def _clean(vr: str, several: Iterable[str]) -> tuple[str, ...]:
    values = tuple(trim(vr, each) for each in several)
    return values if any(values) else ()


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _encodable(vr: str, values: Values) -> Any:
    if vr == "SQ":
        return [data_set(item) for item in items(values)]
    if vr in NUMBER_VRS:
        convert = float if vr in ("FL", "FD") else int
        return [convert(each) for each in texts(values)] or None
    if vr == "AT":
        return [Tag(int(each, 16)) for each in texts(values)] or None
    if vr in SINGLE_TEXT_VRS:
        return "\\".join(texts(values))
    several = list(texts(values))
    return several[0] if len(several) == 1 else several or ""
