"""What changed between an instance as it was sent and as it came back.

A level 2 storage SCP keeps every attribute, private ones included (PS3.4 B.4.1). What is only
encoded in another way is no change: transfer syntax, lengths of sequences and groups, padding, UN
for a VR the system does not know, another character set for the same text, another block number
for the same private creator.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from pydicom import Dataset
from pydicom.datadict import keyword_for_tag, tag_for_keyword
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID, JPEG2000TransferSyntaxes

from dicomtest.dicom.charsets import TEXT_VRS, character_set_of, decode_text
from dicomtest.dicom.codecs import pixels_of
from dicomtest.dicom.encoded_values import (
    EncodedElement,
    as_sequence,
    dictionary_vrs,
    elements_of,
)
from dicomtest.dicom.iso2022 import REPLACEMENT
from dicomtest.dicom.person_names import tidy
from dicomtest.evidence import EXPLICIT_LITTLE, DataSetRef

What: TypeAlias = Literal["missing", "added", "changed", "vr", "empty removed"]

# In these the backslash is text (PS3.5 6.2).
_ONE_VALUE = frozenset({"ST", "LT", "UT", "UR"})
_LEADING_SPACES_MEAN_NOTHING = frozenset({"AE", "CS", "DS", "IS", "LO", "SH"})
_STRINGS = TEXT_VRS | {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"}
_NUMBERS = {
    "US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q",
}  # fmt: skip
_PIXEL_DATA = Tag("PixelData")
_PLANAR_CONFIGURATION = Tag("PlanarConfiguration")
# These come and go with a codec: by plane or by pixel, YBR_RCT and YBR_ICT (PS3.5 8.2).
_PIXEL_ENCODING = (_PLANAR_CONFIGURATION, Tag("PhotometricInterpretation"))
# Specific Character Set is judged by the text it gives; the others belong to the encoding.
_NOT_COMPARED = frozenset(Tag(each) for each in (0x00080005, 0x7FE00001, 0x7FE00002, 0xFFFCFFFC))
_SHOWN = 80  # characters of a value


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute that is not as it was.

    `path` leads to it through items, counted from 1: `RequestAttributesSequence[1].(0077,1001)`.
    "vr" is the same value under another VR; "empty removed" an attribute without a value that
    is not there any more, which level 2 allows for Type 3.
    """

    path: str
    tag: int
    keyword: str  # "" where PS3.6 has none
    expected: str
    actual: str
    kind: What


def compare_refs(
    original: DataSetRef, returned: DataSetRef, *, allow: Collection[int | str] = ()
) -> list[Difference]:
    """`compare` for two encoded data sets; raises what pydicom raises when one is none."""
    return compare(
        original.dataset(),
        returned.dataset(),
        allow=allow,
        transfer_syntaxes=(original.transfer_syntax, returned.transfer_syntax),
    )


def compare(
    original: Dataset,
    returned: Dataset,
    *,
    allow: Collection[int | str] = (),
    transfer_syntaxes: tuple[str, str] = (EXPLICIT_LITTLE, EXPLICIT_LITTLE),
) -> list[Difference]:
    """Compare attribute by attribute, items and private attributes included.

    `allow` names attributes of the top level (tags or keywords) that may differ in any way.
    `transfer_syntaxes` are those of the two data sets, needed to decode compressed pixel data.
    Raises ValueError for a keyword that PS3.6 does not have.
    """
    skipped = frozenset(_tag(each) for each in allow)
    before = _Side(original, UID(transfer_syntaxes[0]))
    after = _Side(returned, UID(transfer_syntaxes[1]))
    return list(_level(before, after, "", skipped))


class _Side:
    """One of the two data sets (or items) with what is needed to read its values."""

    def __init__(self, ds: Dataset, syntax: UID, inherited: Sequence[str] = ()) -> None:
        self.ds, self.syntax = ds, syntax
        self.character_set = character_set_of(ds, inherited)
        self.elements = _by_key(elements_of(ds, inherited))

    def item(self, ds: Dataset) -> _Side:
        return _Side(ds, self.syntax, self.character_set)


_Key: TypeAlias = tuple[int, str, int]


def _by_key(elements: Mapping[BaseTag, EncodedElement]) -> dict[_Key, EncodedElement]:
    """Elements by tag; private ones by group, creator and offset in the block (PS3.5 7.8.1).

    A creator that has reserved two blocks of a group is left with its block numbers.
    """
    creators: dict[tuple[int, int], str] = {}
    for tag, element in elements.items():
        if tag.is_private_creator:
            name = element.value.decode("ascii", "replace").strip(" \0")
            creators[tag.group, tag.element] = name
    names = Counter((group, name) for (group, _), name in creators.items())
    found = {}
    for tag, element in elements.items():
        block = tag.element if tag.is_private_creator else tag.element >> 8
        name = creators.get((tag.group, block), "") if tag.is_private else ""
        if name and names[tag.group, name] == 1:
            # Offsets within a block are below 0x100, so that 0x100 stands for the creator itself.
            offset = 0x100 if tag.is_private_creator else tag.element & 0xFF
            found[tag.group, name, offset] = element
        else:
            found[tag.group, "", tag.element] = element
    return found


def _level(
    before: _Side, after: _Side, path: str, skipped: Collection[BaseTag] = ()
) -> Iterator[Difference]:
    """The differences of two data sets or items."""
    keys = {**before.elements, **after.elements}
    for key in sorted(keys, key=lambda each: keys[each].tag):
        expected, actual = before.elements.get(key), after.elements.get(key)
        tag = keys[key].tag
        if tag in skipped or tag in _NOT_COMPARED or tag.element == 0:
            continue
        if actual is None and expected is not None:
            kind: What = "empty removed" if expected.empty else "missing"
            yield _difference(path, expected.tag, shown(expected, before), "absent", kind)
        elif expected is None and actual is not None:
            yield _difference(path, actual.tag, "absent", shown(actual, after), "added")
        elif expected is not None and actual is not None:
            yield from _element(expected, actual, before, after, path)


def _element(
    expected: EncodedElement, actual: EncodedElement, before: _Side, after: _Side, path: str
) -> Iterator[Difference]:
    """The differences of one element that both have."""
    tag = expected.tag
    if tag == _PIXEL_DATA:
        said = _pixel_difference(expected, actual, before, after)
        if said:
            yield _difference(path, tag, said[0], said[1], "changed")
        return
    if (
        expected.items is not None
        or actual.items is not None
        or _both_look_nested(expected, actual)
    ):
        yield from _sequence(expected, actual, before, after, path)
        return
    vr = _common_vr(expected, actual)
    as_vr = vr or expected.vrs[0]
    same = _same_value(as_vr, expected.value, actual.value, before, after)
    if tag in _PIXEL_ENCODING and before.syntax != after.syntax:
        same = tag == _PLANAR_CONFIGURATION or _colour_space(before) == _colour_space(after)
    if not same:
        expected, actual = replace(expected, vrs=(as_vr,)), replace(actual, vrs=(as_vr,))
        said = shown(expected, before), shown(actual, after)
        yield _difference(path, tag, *said, "changed")
    elif same and vr is None:
        yield _difference(path, tag, expected.vrs[0], actual.vrs[0], "vr")


def _sequence(
    expected: EncodedElement, actual: EncodedElement, before: _Side, after: _Side, path: str
) -> Iterator[Difference]:
    """The differences of two sequences, item by item."""
    tag = expected.tag
    one, other = as_sequence(expected), as_sequence(actual)
    if one is None or other is None:
        yield _difference(path, tag, shown(expected, before), shown(actual, after), "changed")
        return
    if "SQ" in expected.vrs and not {"SQ", "UN"} & set(actual.vrs):
        yield _difference(path, tag, "SQ", actual.vrs[0], "vr")
    if len(one) != len(other):
        counts = f"{len(one)} items", f"{len(other)} items"
        yield _difference(path, tag, *counts, "changed")
    for number, (item, twin) in enumerate(zip(one, other, strict=False), 1):
        inner = f"{path}{name_of(tag)}[{number}]."
        yield from _level(before.item(item), after.item(twin), inner)


def _both_look_nested(expected: EncodedElement, actual: EncodedElement) -> bool:
    """Whether two unequal values of VR UN are the same sequence with other lengths."""
    return (
        expected.vrs == actual.vrs == ("UN",)
        and expected.value != actual.value
        and as_sequence(expected) is not None
        and as_sequence(actual) is not None
    )


def _common_vr(expected: EncodedElement, actual: EncodedElement) -> str | None:
    """The VR in which both can be read; None when each says a different one."""
    if expected.vrs == ("UN",):
        return actual.vrs[0]
    if actual.vrs == ("UN",):
        return expected.vrs[0]
    choice = (*expected.vrs, *(each for each in actual.vrs if each not in expected.vrs))
    if any(each in actual.vrs for each in expected.vrs):
        return next(each for each in expected.vrs if each in actual.vrs)
    return choice[0] if set(choice) <= set(dictionary_vrs(expected.tag)) else None


def _same_value(vr: str, one: bytes, other: bytes, before: _Side, after: _Side) -> bool:
    """Whether two value fields mean the same, read as this VR."""
    if one == other and before.character_set == after.character_set:
        return True
    if vr not in _STRINGS:
        return one == other
    mine = decode_text(one, vr, before.character_set)
    theirs = decode_text(other, vr, after.character_set)
    if REPLACEMENT in mine and REPLACEMENT in theirs:
        return one.rstrip(b" \0") == other.rstrip(b" \0")
    return significant(vr, mine) == significant(vr, theirs)


def significant(vr: str, text: str) -> list[str]:
    """The values of a string without what means nothing in that VR (PS3.5 6.2, 6.2.1.1)."""
    values = [text] if vr in _ONE_VALUE else text.split("\\")
    values = [each.rstrip(" \0") for each in values]
    if vr in _LEADING_SPACES_MEAN_NOTHING:
        return [each.lstrip(" ") for each in values]
    return [tidy(each) for each in values] if vr == "PN" else values


def _colour_space(side: _Side) -> str:
    """What Photometric Interpretation says about the pixels once they are decoded."""
    element = side.elements.get((0x0028, "", 0x0004))
    said = element.value.decode("ascii", "replace").strip(" \0") if element else ""
    transformed = said in ("YBR_RCT", "YBR_ICT") and side.syntax in JPEG2000TransferSyntaxes
    return "RGB" if transformed else said


def _pixel_difference(
    expected: EncodedElement, actual: EncodedElement, before: _Side, after: _Side
) -> tuple[str, str] | None:
    """What was and what is, when the pixels differ; None when they are the same."""
    if expected.value == actual.value and expected.encapsulated == actual.encapsulated:
        return None
    arrays = []
    for side, element in ((before, expected), (after, actual)):
        native = side.syntax.is_encapsulated and not element.encapsulated  # an icon, say
        try:
            copy = Dataset()  # decoding would change the data set
            copy.update(side.ds)
            arrays.append(pixels_of(copy, EXPLICIT_LITTLE if native else side.syntax))
        except ValueError as error:
            return "the same pixels", str(error)
    one, other = arrays
    if one.shape != other.shape:
        return f"pixels {one.shape}", f"pixels {other.shape}"
    if np.array_equal(one, other):
        return None
    unequal = np.count_nonzero(one != other)
    largest = np.abs(one.astype(np.float64) - other.astype(np.float64)).max()
    return "the same pixels", f"{unequal} of {one.size} samples differ, by up to {largest:g}"


def shown(element: EncodedElement, side: _Side) -> str:
    """A value as a person reads it, cut short."""
    if element.items is not None:
        return f"{len(element.items)} items"
    if element.empty:
        return "no value"
    vr = element.vrs[0]
    if vr in _STRINGS:
        text = decode_text(element.value, vr, side.character_set).rstrip(" \0")
    elif vr in _NUMBERS and len(element.value) % struct.calcsize(_NUMBERS[vr]) == 0:
        count = len(element.value) // struct.calcsize(_NUMBERS[vr])
        numbers = struct.unpack(f"<{count}{_NUMBERS[vr]}", element.value)
        text = "\\".join(f"{each:.17g}" if vr in ("FL", "FD") else str(each) for each in numbers)
    else:
        text = f"{len(element.value)} bytes: {element.value[: _SHOWN // 3].hex(' ')}"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _tag(name: int | str) -> BaseTag:
    tag = tag_for_keyword(name) if isinstance(name, str) else name
    if tag is None:
        raise ValueError(f"{name} is not a keyword of PS3.6")
    return Tag(tag)


def name_of(tag: BaseTag) -> str:
    """Keyword, or (gggg,eeee) where PS3.6 has none."""
    return keyword_for_tag(tag) or f"({tag.group:04X},{tag.element:04X})"


def _difference(path: str, tag: BaseTag, expected: str, actual: str, kind: What) -> Difference:
    return Difference(
        f"{path}{name_of(tag)}", int(tag), keyword_for_tag(tag), expected, actual, kind
    )
