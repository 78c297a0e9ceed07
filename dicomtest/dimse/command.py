"""Command sets: Implicit VR Little Endian, group 0000 only (PS3.7 6.3.1, Annex E).

Decoding keeps what is there, odd or not, by pydicom keyword: a check must see what a peer
really sent. So neither pydicom's nor pynetdicom's setters come near it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword

NO_DATA_SET = 0x0101
DATA_SET = 0x0001

C_STORE, C_GET, C_FIND, C_MOVE, C_ECHO = 0x0001, 0x0010, 0x0020, 0x0021, 0x0030
N_EVENT_REPORT, N_GET, N_SET = 0x0100, 0x0110, 0x0120
N_ACTION, N_CREATE, N_DELETE = 0x0130, 0x0140, 0x0150
C_CANCEL = 0x0FFF
RESPONSE = 0x8000

SERVICES = {  # PS3.7 Table E.1-1
    C_STORE: "C-STORE",
    C_GET: "C-GET",
    C_FIND: "C-FIND",
    C_MOVE: "C-MOVE",
    C_ECHO: "C-ECHO",
    N_EVENT_REPORT: "N-EVENT-REPORT",
    N_GET: "N-GET",
    N_SET: "N-SET",
    N_ACTION: "N-ACTION",
    N_CREATE: "N-CREATE",
    N_DELETE: "N-DELETE",
    C_CANCEL: "C-CANCEL",
}


class CommandError(Exception):
    """The bytes are no command set; `str()` says why."""


@cache
def _element(keyword: str) -> tuple[int, str]:
    tag = tag_for_keyword(keyword)
    if tag is None or tag >> 16:
        raise ValueError(f"{keyword} is no command element")
    return tag, dictionary_VR(tag)


def encode(command: Mapping[str, Any]) -> bytes:
    """Encode, in order of tags, with the group length; elements that are None are left out."""
    parts = []
    for keyword, value in sorted(command.items(), key=lambda item: _element(item[0])[0]):
        if value is None or keyword == "CommandGroupLength":
            continue
        tag, vr = _element(keyword)
        data = _encode_value(vr, value)
        parts.append(struct.pack("<HHL", 0, tag, len(data)) + data)
    body = b"".join(parts)
    return struct.pack("<HHLL", 0, 0, 4, len(body)) + body


def _encode_value(vr: str, value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if vr in ("US", "UL"):
        values = value if isinstance(value, (list, tuple)) else [value]
        return struct.pack(f"<{len(values)}{'H' if vr == 'US' else 'L'}", *values)
    if vr == "AT":
        values = value if isinstance(value, (list, tuple)) else [value]
        tags = [int(each, 16) if isinstance(each, str) else int(each) for each in values]
        return b"".join(struct.pack("<HH", tag >> 16, tag & 0xFFFF) for tag in tags)
    text = "\\".join(value) if isinstance(value, (list, tuple)) else str(value)
    data = text.encode("ascii", "replace")
    return data + (b"\0" if vr == "UI" else b" ") * (len(data) % 2)


def decode(data: bytes) -> dict[str, Any]:
    """Decode every element by keyword; raises CommandError for bytes that are no command set.

    UIDs lose their padding NUL, other text its padding spaces; numbers are int, several of
    them a list; AT is a list of 8-digit hex strings. Elements the dictionary does not know
    are kept under their tag, as hex text.
    """
    command: dict[str, Any] = {}
    at = 0
    while at < len(data):
        if at + 8 > len(data):
            raise CommandError(f"the command set ends within an element, at byte {at}")
        group, element, length = struct.unpack_from("<HHL", data, at)
        at += 8
        if at + length > len(data):
            raise CommandError(
                f"element ({group:04X},{element:04X}) of the command set claims {length} bytes "
                f"where {len(data) - at} are left; is it encoded in Implicit VR Little Endian?"
            )
        value = data[at : at + length]
        at += length
        name, vr = _known(group << 16 | element)
        command[name] = _decode_value(vr, value)
    return command


@cache
def _known(tag: int) -> tuple[str, str]:
    keyword = keyword_for_tag(tag) if tag >> 16 == 0 else ""
    return (keyword, dictionary_VR(tag)) if keyword else (f"{tag:08X}", "")


def _decode_value(vr: str, value: bytes) -> Any:
    width = {"US": 2, "UL": 4, "AT": 4}.get(vr)
    if vr == "":
        return value.hex()
    if width is not None:
        if len(value) % width:
            return value.hex()
        if vr == "AT":
            pairs = struct.iter_unpack("<HH", value)
            return [f"{group:04X}{element:04X}" for group, element in pairs]
        numbers = [each[0] for each in struct.iter_unpack("<H" if vr == "US" else "<L", value)]
        return numbers[0] if len(numbers) == 1 else numbers or None
    text = value.decode("latin-1")
    return text.rstrip("\0") if vr == "UI" else text.strip(" \0")


def number(command: Mapping[str, Any], keyword: str) -> int | None:
    """Give an element that should be one number; None where it is absent or something else."""
    value = command.get(keyword)
    return value if isinstance(value, int) else None


def text(command: Mapping[str, Any], *keywords: str) -> str:
    """Give the first of these elements that is there, as text; "" when none is."""
    for keyword in keywords:
        value = command.get(keyword)
        if isinstance(value, str) and value:
            return value
    return ""
