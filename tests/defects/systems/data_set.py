"""Data sets as elements with the bytes they came in (PS3.5 section 7).

Values stay undecoded until somebody asks, so an object that a defect touches in one place is
otherwise written back byte by byte, and hostile values raise nothing.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydicom.datadict import dictionary_VR, tag_for_keyword

from .text import decode_text, encode_text
from .upper_layer import DEFLATED, EXPLICIT_BIG, IMPLICIT_LITTLE

LONG_LENGTH = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
SWAPPED = {"AT": 2, "US": 2, "SS": 2, "OW": 2, "UL": 4, "SL": 4, "FL": 4, "OF": 4, "OL": 4}
SWAPPED |= {"FD": 8, "OD": 8, "SV": 8, "UV": 8, "OV": 8}
BINARY = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "FL": "f", "FD": "d", "SV": "q", "UV": "Q"}
TEXT = {"LO", "LT", "PN", "SH", "ST", "UC", "UT"}
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
CHARACTER_SET = 0x00080005


@dataclass
class Element:
    """One data element: value as little endian bytes, or items, or pixel fragments."""

    tag: int
    vr: str
    value: bytes = b""
    items: list[DataSet] | None = None
    fragments: list[bytes] | None = None

    @property
    def private(self) -> bool:
        """Odd group number."""
        return bool(self.tag >> 16 & 1)


@dataclass
class DataSet:
    """Elements by tag; `charset` are the defined terms in force (PS3.3 C.12.1.1.2)."""

    elements: dict[int, Element] = field(default_factory=dict)
    inherited: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Element]:
        return iter([self.elements[tag] for tag in sorted(self.elements)])

    def __contains__(self, keyword: str) -> bool:
        return _tag(keyword) in self.elements

    @property
    def charset(self) -> tuple[str, ...]:
        """Specific Character Set of this data set, or the one it inherits."""
        own = self.elements.get(CHARACTER_SET)
        if own is None:
            return self.inherited
        return tuple(part.strip() for part in own.value.decode("ascii", "replace").split("\\"))

    def get(self, keyword: str | int) -> Element | None:
        """The element of that keyword or tag."""
        return self.elements.get(_tag(keyword))

    def values(self, keyword: str | int) -> list[str]:
        """Values as text, padding removed; empty when absent or of zero length."""
        element = self.get(keyword)
        return [] if element is None else decode_values(element, self.charset)

    def value(self, keyword: str | int) -> str:
        """The first value as text, or nothing."""
        return next(iter(self.values(keyword)), "")

    def put(self, keyword: str | int, *values: str, vr: str = "") -> None:
        """Set an element from text values, in this data set's character set."""
        tag = _tag(keyword)
        vr = vr or vr_of(tag, self)
        self.elements[tag] = Element(tag, vr, encode_values(values, vr, self.charset))

    def put_items(self, keyword: str | int, items: list[DataSet]) -> None:
        """Set a sequence."""
        tag = _tag(keyword)
        self.elements[tag] = Element(tag, "SQ", items=items)

    def drop(self, keyword: str | int) -> None:
        """Remove an element, if it is there."""
        self.elements.pop(_tag(keyword), None)

    def copy(self) -> DataSet:
        """A copy with its own elements; bytes are shared."""
        copied = DataSet(inherited=self.inherited)
        for tag, each in self.elements.items():
            items = None if each.items is None else [item.copy() for item in each.items]
            copied.elements[tag] = Element(tag, each.vr, each.value, items, each.fragments)
        return copied

    def everywhere(self) -> Iterator[DataSet]:
        """This data set and the items of its sequences, all the way down."""
        yield self
        for element in self:
            for item in element.items or ():
                yield from item.everywhere()


def _tag(keyword: str | int) -> int:
    if isinstance(keyword, int):
        return keyword
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise KeyError(keyword)
    return tag


def vr_of(tag: int, data_set: DataSet | None = None) -> str:
    """The value representation PS3.6 gives a tag; ambiguous ones settled (PS3.5 A.1)."""
    if tag >> 16 & 1:
        return "LO" if 0x10 <= tag & 0xFFFF <= 0xFF else "UN"
    if tag & 0xFFFF == 0:
        return "UL"
    try:
        vr = dictionary_VR(tag)
    except KeyError:
        return "UN"
    if vr.startswith("US or SS"):
        signed = data_set is not None and data_set.elements.get(0x00280103)
        return "SS" if signed and signed.value[:1] == b"\1" else "US"
    return "OW" if " or " in vr else vr


def decode_values(element: Element, charset: tuple[str, ...]) -> list[str]:
    """All values of an element as text; numbers in decimal, tags as eight hex digits."""
    vr, data = element.vr, element.value
    if element.items is not None or element.fragments is not None or not data:
        return []
    if vr in BINARY:
        size = struct.calcsize("<" + BINARY[vr])
        whole = data[: len(data) // size * size]
        return [str(number) for (number,) in struct.iter_unpack("<" + BINARY[vr], whole)]
    if vr == "AT":
        whole = data[: len(data) // 4 * 4]
        return ["{:04X}{:04X}".format(*pair) for pair in struct.iter_unpack("<HH", whole)]
    if vr in ("UN", "OB", "OW", "OD", "OF", "OL", "OV"):
        return []
    text = decode_text(data, charset if vr in TEXT else (), vr)
    if vr in ("LT", "ST", "UT", "UR"):
        return [text.rstrip("\0 ")]
    parts = [part.strip("\0 ") for part in text.split("\\")]
    return parts if any(parts) else []


def encode_values(values: tuple[str, ...], vr: str, charset: tuple[str, ...]) -> bytes:
    """The value field of text values, padded to even length."""
    if vr in BINARY:
        number = float if vr in ("FL", "FD") else int
        return b"".join(struct.pack("<" + BINARY[vr], number(each)) for each in values)
    if vr == "AT":
        pairs = [int(each, 16) for each in values]
        return b"".join(struct.pack("<HH", each >> 16, each & 0xFFFF) for each in pairs)
    data = b"\\".join(encode_text(each, charset if vr in TEXT else (), vr) for each in values)
    return data + (b"\0" if vr == "UI" else b" ") * (len(data) % 2)


class Reader:
    """Reads elements one after the other; raises ValueError where they stop making sense."""

    def __init__(self, data: bytes, implicit: bool, big: bool) -> None:
        self.data, self.implicit = data, implicit
        self.order = ">" if big else "<"
        self.at = 0

    @classmethod
    def of(cls, data: bytes, syntax: str) -> Reader:
        """A reader of one transfer syntax, not deflated."""
        return cls(data, syntax == IMPLICIT_LITTLE, syntax == EXPLICIT_BIG)

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise ValueError("data set is cut short")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big" if self.order == ">" else "little")

    def tag(self) -> int:
        return self.number(2) << 16 | self.number(2)

    def data_set(self, end: int | None, inherited: tuple[str, ...]) -> DataSet:
        found = DataSet(inherited=inherited)
        while self.at < (len(self.data) if end is None else end):
            tag = self.tag()
            if tag == ITEM_END:
                self.number(4)
                break
            found.elements[tag] = self.element(tag, found)
        return found

    def element(self, tag: int, owner: DataSet) -> Element:
        if self.implicit:
            vr, length = vr_of(tag, owner), self.number(4)
        else:
            vr = self.take(2).decode("ascii", "replace")
            if not vr.isalpha():
                raise ValueError(f"no value representation at {tag:08X}")
            if vr in LONG_LENGTH:
                self.take(2)
                length = self.number(4)
            else:
                length = self.number(2)
        if vr == "SQ" or (length == UNDEFINED and tag != 0x7FE00010):
            return Element(tag, "SQ", items=self.items(length, owner.charset, vr == "UN"))
        if length == UNDEFINED:
            return Element(tag, vr, fragments=self.fragments())
        return Element(tag, vr, self.swapped(vr, self.take(length)))

    def swapped(self, vr: str, value: bytes) -> bytes:
        return swap(vr, value) if self.order == ">" else value

    def items(self, length: int, charset: tuple[str, ...], unknown: bool) -> list[DataSet]:
        was, self.implicit = self.implicit, self.implicit or unknown
        items = []
        end = None if length == UNDEFINED else self.at + length
        while end is None or self.at < end:
            tag, size = self.tag(), self.number(4)
            if tag == SEQUENCE_END:
                break
            if tag != ITEM:
                raise ValueError("sequence without item")
            items.append(self.data_set(None if size == UNDEFINED else self.at + size, charset))
        self.implicit = was
        return items

    def fragments(self) -> list[bytes]:
        fragments: list[bytes] = []
        while True:
            tag, size = self.tag(), self.number(4)
            if tag == SEQUENCE_END:
                return fragments
            if tag != ITEM:
                raise ValueError("pixel data without item")
            fragments.append(self.take(size))


def swap(vr: str, value: bytes) -> bytes:
    """Turn the byte order of a binary value."""
    size = SWAPPED.get(vr, 1)
    if size == 1 or len(value) % size:
        return value
    return b"".join(value[at : at + size][::-1] for at in range(0, len(value), size))


def read_data_set(data: bytes, syntax: str) -> DataSet:
    """Decode; raises ValueError when the bytes are no data set of that transfer syntax."""
    if syntax == DEFLATED:
        try:
            data = zlib.decompress(data, -zlib.MAX_WBITS)
        except zlib.error as problem:
            raise ValueError("not deflated") from problem
    return Reader.of(data, syntax).data_set(None, ())


def write_data_set(data_set: DataSet, syntax: str) -> bytes:
    """Encode, sequences with undefined length."""
    data = b"".join(
        _write_element(element, syntax == IMPLICIT_LITTLE, syntax == EXPLICIT_BIG)
        for element in data_set
    )
    if syntax != DEFLATED:
        return data
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    data = deflate.compress(data) + deflate.flush()
    return data + b"\0" * (len(data) % 2)


def _write_element(element: Element, implicit: bool, big: bool) -> bytes:
    order = ">" if big else "<"
    value, length = element.value, len(element.value)
    if element.items is not None:
        value, length = _write_items(element.items, implicit, big), UNDEFINED
    elif element.fragments is not None:
        parts = [_mark(ITEM, len(each), order) + each for each in element.fragments]
        value, length = b"".join(parts) + _mark(SEQUENCE_END, 0, order), UNDEFINED
    elif big:
        value = swap(element.vr, value)
    head = struct.pack(order + "HH", element.tag >> 16, element.tag & 0xFFFF)
    if implicit:
        return head + struct.pack(order + "L", length) + value
    vr = element.vr
    if vr in LONG_LENGTH:
        return head + vr.encode() + struct.pack(order + "HL", 0, length) + value
    if length > 0xFFFF:  # PS3.5 6.2.2: what does not fit goes as UN
        return head + b"UN" + struct.pack(order + "HL", 0, length) + value
    return head + vr.encode() + struct.pack(order + "H", length) + value


def _write_items(items: list[DataSet], implicit: bool, big: bool) -> bytes:
    order = ">" if big else "<"
    parts = []
    for item in items:
        body = b"".join(_write_element(each, implicit, big) for each in item)
        parts.append(_mark(ITEM, UNDEFINED, order) + body + _mark(ITEM_END, 0, order))
    return b"".join(parts) + _mark(SEQUENCE_END, 0, order)


def _mark(tag: int, length: int, order: str) -> bytes:
    return struct.pack(order + "HHL", tag >> 16, tag & 0xFFFF, length)
