"""Whether bytes are a sequence of items, to the last byte (PS3.5 7.5).

pydicom reads on where lengths do not fit, which is right for a viewer, but not for finding out
in which encoding a value of VR UN was written.
"""

from __future__ import annotations

import struct

_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_FRAGMENTED = (b"OB", b"OW")  # of undefined length: Pixel Data in fragments (PS3.5 A.4)
# VRs whose length field has 16 bits (PS3.5 Table 7.1-2); all others have 32.
_SHORT = frozenset(b"AE AS AT CS DA DS DT FL FD IS LO LT PN SH SL SS ST TM UI UL US".split())


def is_sequence(data: bytes, *, implicit: bool) -> bool:
    """Say whether all of `data`, little endian, is items of that kind of VR encoding."""
    try:
        return _sequence(data, 0, len(data), implicit) == len(data)
    except (ValueError, struct.error, RecursionError):
        return False


def problem_of(data: bytes, *, implicit: bool) -> str:
    """What is wrong with the encoding of a data set, little endian, to its last byte; "" if sound.

    Lengths and order of tags; sequences of defined length are not looked into.
    """
    try:
        _item(data, 0, len(data), implicit)
    except RecursionError:
        return "sequences are nested too deeply"
    except struct.error:
        return "the data set ends in the middle of an element"
    except ValueError as error:
        return str(error)
    return ""


def _sequence(data: bytes, at: int, end: int | None, implicit: bool) -> int:
    """Walk over items; `end` is None where a delimiter closes them. Gives the end."""
    while end is None or at < end:
        tag, length = _tag(data, at), struct.unpack_from("<I", data, at + 4)[0]
        at += 8
        if tag == _SEQUENCE_END and end is None:
            return at
        if tag != _ITEM:
            raise ValueError("not an item")
        at = _item(data, at, None if length == _UNDEFINED else at + length, implicit)
    if at != end:
        raise ValueError("an item is longer than its sequence")
    return at


def _item(data: bytes, at: int, end: int | None, implicit: bool) -> int:
    """Walk over elements in ascending order of tag."""
    previous = -1
    while end is None or at < end:
        tag = _tag(data, at)
        if tag == _ITEM_END and end is None:
            return at + 8
        if tag <= previous:
            raise ValueError(f"tags do not ascend: {_words(tag)} after {_words(previous)}")
        previous = tag
        at = _element(data, at + 4, implicit)
    if at != end:
        raise ValueError("an element is longer than its item")
    return at


def _element(data: bytes, at: int, implicit: bool) -> int:
    """Walk over VR, length and value."""
    vr = b"" if implicit else data[at : at + 2]
    if not implicit and not (vr.isalpha() and vr.isupper()):
        raise ValueError(f"no VR but {vr.hex(' ')} at byte {at}")
    if vr in _SHORT:
        at, length = at + 4, struct.unpack_from("<H", data, at + 2)[0]
    else:
        at += 0 if implicit else 4
        at, length = at + 4, struct.unpack_from("<I", data, at)[0]
    if length != _UNDEFINED:
        if at + length > len(data):
            raise ValueError(f"a value of {length} bytes at byte {at} is longer than the data")
        return at + int(length)
    if vr in _FRAGMENTED:
        return _fragments(data, at)
    return _sequence(data, at, None, implicit or vr == b"UN")


def _fragments(data: bytes, at: int) -> int:
    while _tag(data, at) == _ITEM:
        at += 8 + struct.unpack_from("<I", data, at + 4)[0]
    if _tag(data, at) != _SEQUENCE_END:
        raise ValueError("fragments without an end")
    return at + 8


def _words(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _tag(data: bytes, at: int) -> int:
    group, element = struct.unpack_from("<HH", data, at)
    return int(group << 16 | element)
