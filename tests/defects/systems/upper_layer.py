"""PDUs of the DICOM upper layer (PS3.8 9.3) as bytes, read and written with `struct` alone.

The systems here must share no network code with what is under test, and a broken one must be
able to write whatever bytes its defect asks for: hence neither dicomtest nor pynetdicom.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ = 1, 2, 3
P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = 4, 5, 6, 7

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"

COMMAND_FRAGMENT, LAST_FRAGMENT = 1, 2  # message control header, PS3.8 E.2


class Malformed(Exception):
    """A PDU that does not follow PS3.8 9.3; `reason` is the A-ABORT reason (Table 9-26)."""

    def __init__(self, what: str, reason: int = 6) -> None:
        super().__init__(what)
        self.reason = reason


@dataclass
class Context:
    """A presentation context: proposed (PS3.8 9.3.2.2), and answered once `result` is set."""

    id: int
    abstract_syntax: str = ""
    transfer_syntaxes: list[str] = field(default_factory=list)
    result: int | None = None  # PS3.8 Table 9-18
    accepted: str = ""
    role_scu: bool = False  # this end may invoke the service
    role_scp: bool = False  # this end may perform it


@dataclass
class Associate:
    """An A-ASSOCIATE-RQ or -AC; the fields both have in common."""

    called: str = ""
    calling: str = ""
    contexts: list[Context] = field(default_factory=list)
    max_pdu: int = 16384  # 0: no limit
    implementation_class_uid: str = ""
    implementation_version_name: str = ""
    roles: dict[str, tuple[bool, bool]] = field(default_factory=dict)  # SOP class: SCU, SCP
    extended: dict[str, bytes] = field(default_factory=dict)
    application_context: str = APPLICATION_CONTEXT
    protocol_version: int = 1
    titles: bytes = b""  # both AE titles and the reserved bytes as received, to be sent back

    def context(self, context_id: int) -> Context | None:
        """The presentation context of that ID."""
        return next((each for each in self.contexts if each.id == context_id), None)


def pdu(kind: int, body: bytes) -> bytes:
    """One PDU: type, reserved byte, length, body."""
    return struct.pack(">BBL", kind, 0, len(body)) + body


def item(kind: int, body: bytes) -> bytes:
    """One variable item or sub-item."""
    return struct.pack(">BBH", kind, 0, len(body)) + body


def reject_pdu(result: int, source: int, reason: int) -> bytes:
    """A-ASSOCIATE-RJ (PS3.8 9.3.4)."""
    return pdu(ASSOCIATE_RJ, bytes([0, result, source, reason]))


def abort_pdu(source: int, reason: int) -> bytes:
    """A-ABORT (PS3.8 9.3.8)."""
    return pdu(ABORT, bytes([0, 0, source, reason]))


def release_pdu(kind: int) -> bytes:
    """A-RELEASE-RQ or -RP (PS3.8 9.3.6, 9.3.7)."""
    return pdu(kind, bytes(4))


def data_pdu(context_id: int, header: int, fragment: bytes) -> bytes:
    """A P-DATA-TF PDU with one presentation data value (PS3.8 9.3.5)."""
    value = bytes([context_id, header]) + fragment
    return pdu(P_DATA, struct.pack(">L", len(value)) + value)


def read_data(body: bytes) -> list[tuple[int, int, bytes]]:
    """The presentation data values of a P-DATA-TF: context ID, control header, fragment."""
    values = []
    at = 0
    while at < len(body):
        if len(body) - at < 6:
            raise Malformed("presentation data value item cut short")
        (length,) = struct.unpack_from(">L", body, at)
        if length < 2 or at + 4 + length > len(body):
            raise Malformed("presentation data value length does not fit its PDU")
        values.append((body[at + 4], body[at + 5], body[at + 6 : at + 4 + length]))
        at += 4 + length
    if not values:
        raise Malformed("P-DATA-TF without a presentation data value")
    return values


def read_items(data: bytes) -> list[tuple[int, bytes]]:
    """Split variable items: type and body of each."""
    items = []
    at = 0
    while at < len(data):
        if len(data) - at < 4:
            raise Malformed("item header cut short")
        kind, _, length = struct.unpack_from(">BBH", data, at)
        if at + 4 + length > len(data):
            raise Malformed("item is longer than its PDU")
        items.append((kind, data[at + 4 : at + 4 + length]))
        at += 4 + length
    return items


def _uid(data: bytes) -> str:
    return data.decode("ascii", "replace").rstrip("\0 ")


def _title(data: bytes) -> str:
    return data.decode("latin-1").strip(" \0")


def read_associate(body: bytes) -> Associate:
    """Read the body of an A-ASSOCIATE-RQ or -AC; items of unknown type are passed over."""
    if len(body) < 68:
        raise Malformed("A-ASSOCIATE is shorter than its fixed fields")
    associate = Associate(
        called=_title(body[4:20]),
        calling=_title(body[20:36]),
        application_context="",
        protocol_version=int.from_bytes(body[0:2], "big"),
        titles=body[4:68],
    )
    for kind, value in read_items(body[68:]):
        if kind == 0x10:
            associate.application_context = _uid(value)
        elif kind == 0x20:
            associate.contexts.append(_read_proposed(value))
        elif kind == 0x21:
            associate.contexts.append(_read_answered(value))
        elif kind == 0x50:
            _read_user_information(associate, value)
    return associate


def _read_proposed(value: bytes) -> Context:
    if len(value) < 4:
        raise Malformed("presentation context item cut short")
    context = Context(value[0])
    for kind, syntax in read_items(value[4:]):
        if kind == 0x30:
            context.abstract_syntax = _uid(syntax)
        elif kind == 0x40:
            context.transfer_syntaxes.append(_uid(syntax))
    if context.id % 2 == 0:
        raise Malformed("presentation context ID is even")
    return context


def _read_answered(value: bytes) -> Context:
    context = Context(value[0], result=value[2])
    for kind, syntax in read_items(value[4:]):
        if kind == 0x40:
            context.accepted = _uid(syntax)
    return context


def _read_user_information(associate: Associate, data: bytes) -> None:
    for kind, value in read_items(data):
        if kind == 0x51 and len(value) == 4:
            associate.max_pdu = int.from_bytes(value, "big")
        elif kind == 0x52:
            associate.implementation_class_uid = _uid(value)
        elif kind == 0x55:
            associate.implementation_version_name = _title(value)
        elif kind in (0x54, 0x56) and len(value) >= 2:
            length = int.from_bytes(value[:2], "big")
            uid, rest = _uid(value[2 : 2 + length]), value[2 + length :]
            if kind == 0x56:
                associate.extended[uid] = rest
            elif len(rest) >= 2:
                associate.roles[uid] = (rest[0] == 1, rest[1] == 1)


def _user_information(associate: Associate) -> bytes:
    parts = [item(0x51, associate.max_pdu.to_bytes(4, "big"))]
    if associate.implementation_class_uid:
        parts.append(item(0x52, associate.implementation_class_uid.encode("ascii")))
    for uid, (scu, scp) in associate.roles.items():
        name = uid.encode("ascii")
        parts.append(item(0x54, struct.pack(">H", len(name)) + name + bytes([scu, scp])))
    if associate.implementation_version_name:
        parts.append(item(0x55, associate.implementation_version_name.encode("ascii")))
    for uid, information in associate.extended.items():
        name = uid.encode("ascii")
        parts.append(item(0x56, struct.pack(">H", len(name)) + name + information))
    return item(0x50, b"".join(parts))


def write_request(associate: Associate) -> bytes:
    """An A-ASSOCIATE-RQ PDU (PS3.8 9.3.2)."""
    titles = associate.called.ljust(16) + associate.calling.ljust(16)
    parts = [struct.pack(">HH", associate.protocol_version, 0), titles.encode("latin-1")]
    parts += [bytes(32), item(0x10, associate.application_context.encode("ascii"))]
    for context in associate.contexts:
        syntaxes = [item(0x30, context.abstract_syntax.encode("ascii"))]
        syntaxes += [item(0x40, each.encode("ascii")) for each in context.transfer_syntaxes]
        parts.append(item(0x20, bytes([context.id, 0, 0, 0]) + b"".join(syntaxes)))
    parts.append(_user_information(associate))
    return pdu(ASSOCIATE_RQ, b"".join(parts))


def write_accept(associate: Associate) -> bytes:
    """An A-ASSOCIATE-AC PDU (PS3.8 9.3.3); AE titles and reserved bytes go back unchanged."""
    parts = [struct.pack(">HH", associate.protocol_version, 0), associate.titles]
    parts.append(item(0x10, associate.application_context.encode("ascii")))
    for context in associate.contexts:
        syntax = item(0x40, context.accepted.encode("ascii"))
        parts.append(item(0x21, bytes([context.id, 0, context.result or 0, 0]) + syntax))
    parts.append(_user_information(associate))
    return pdu(ASSOCIATE_AC, b"".join(parts))
