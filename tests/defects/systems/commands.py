"""DIMSE messages: command sets as dictionaries of keyword and value (PS3.7 6.3, 9.3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword

C_STORE, C_GET, C_FIND, C_MOVE, C_ECHO, C_CANCEL = 0x01, 0x10, 0x20, 0x21, 0x30, 0x0FFF
RESPONSE = 0x8000
NO_DATA_SET, DATA_SET = 0x0101, 0x0001

SUCCESS, CANCEL, PENDING, PENDING_WARNING = 0x0000, 0xFE00, 0xFF00, 0xFF01

NUMBERS = {"US": "<H", "UL": "<L"}

# No dictionary lookup by keyword finds what a defect may want to write: group 0000 only.
Command = dict[str, Any]


@dataclass
class Message:
    """One DIMSE message as received."""

    context_id: int
    command: Command
    data: bytes | None = None

    @property
    def id(self) -> int:
        """Message ID of the request."""
        return int(self.command.get("MessageID", 0))

    @property
    def sop_class(self) -> str:
        """Affected SOP Class UID."""
        return str(self.command.get("AffectedSOPClassUID", ""))

    @property
    def sop_instance(self) -> str:
        """Affected SOP Instance UID."""
        return str(self.command.get("AffectedSOPInstanceUID", ""))


def response_to(message: Message, status: int) -> Command:
    """A response as the standard has it: same SOP class, same message ID, no data set."""
    return {
        "AffectedSOPClassUID": message.sop_class,
        "CommandField": message.command["CommandField"] | RESPONSE,
        "MessageIDBeingRespondedTo": message.id,
        "CommandDataSetType": NO_DATA_SET,
        "Status": status,
    }


def read_command(data: bytes) -> Command:
    """Decode a command set: Implicit VR Little Endian, group 0000 (PS3.7 6.3.1).

    Raises ValueError when the bytes are no command set.
    """
    command: Command = {}
    at = 0
    while at < len(data):
        if len(data) - at < 8:
            raise ValueError("command element cut short")
        group, element, length = struct.unpack_from("<HHL", data, at)
        value = data[at + 8 : at + 8 + length]
        if group != 0 or len(value) != length:
            raise ValueError("not a command element")
        tag = element
        command[keyword_for_tag(tag) or f"{tag:08X}"] = _read_value(tag, value)
        at += 8 + length
    if "CommandField" not in command or "CommandDataSetType" not in command:
        raise ValueError("command set without Command Field or Command Data Set Type")
    return command


def _read_value(tag: int, value: bytes) -> Any:
    try:
        vr = dictionary_VR(tag)
    except KeyError:
        return value
    if vr in NUMBERS:
        return struct.unpack(NUMBERS[vr], value)[0] if value else None
    if vr == "AT":
        return [
            "{:04X}{:04X}".format(*struct.unpack_from("<HH", value, at))
            for at in range(0, len(value) - 3, 4)
        ]
    return value.decode("latin-1").rstrip("\0 ").lstrip(" ")


def write_command(command: Command) -> bytes:
    """Encode a command set, elements in order of tag, Command Group Length in front.

    Values of None are left out: a defect may so drop an element.
    """
    tags = {tag_for_keyword(keyword): value for keyword, value in command.items()}
    body = b"".join(
        _write_element(tag, value)
        for tag, value in sorted(tags.items(), key=lambda pair: pair[0] or 0)
        if tag is not None and value is not None
    )
    return struct.pack("<HHLL", 0, 0, 4, len(body)) + body


def _write_element(tag: int, value: Any) -> bytes:
    vr = dictionary_VR(tag)
    if isinstance(value, bytes):
        data = value
    elif vr in NUMBERS:
        data = struct.pack(NUMBERS[vr], value)
    elif vr == "AT":
        data = b"".join(struct.pack("<HH", each >> 16, each & 0xFFFF) for each in value)
    else:
        data = str(value).encode("latin-1")
        if len(data) % 2:
            data += b"\0" if vr == "UI" else b" "
    return struct.pack("<HHL", 0, tag, len(data)) + data
