"""Protocol data units of PS3.8 9.3: written through pynetdicom, read leniently.

Reading is our own because evidence must hold what a peer sent, also where pynetdicom would
refuse or repair it, and because unrecognized items shall be ignored (PS3.8 9.3.1).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydicom.uid import UID
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    ImplementationClassUIDNotification,
    ImplementationVersionNameNotification,
    MaximumLengthNotification,
    SCP_SCU_RoleSelectionNegotiation,
    SOPClassExtendedNegotiation,
)
from pynetdicom.presentation import PresentationContext as NetContext

from dicomtest.dimse.values import APPLICATION_CONTEXT, Proposal
from dicomtest.evidence import IMPLICIT_LITTLE, Association, Peer, PresentationContext

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)

IMPLEMENTATION_CLASS_UID = "2.25.281946370925714826493871530245809117634"
IMPLEMENTATION_VERSION_NAME = "DICOMTEST_01"


class PduError(Exception):
    """The bytes are no valid PDU; `reason` is that of PS3.8 Table 9-26."""

    def __init__(self, what: str, reason: int = 6) -> None:
        """Say what is wrong, in words."""
        super().__init__(what)
        self.reason = reason


@dataclass(slots=True)
class AssociateItems:
    """What an A-ASSOCIATE-RQ or -AC holds."""

    protocol_version: int
    called: str
    calling: str
    titles: bytes = b""  # both as received, an A-ASSOCIATE-AC echoes them
    application_context: str = ""
    contexts: list[PresentationContext] = field(default_factory=list)
    roles: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    max_pdu: int | None = None
    implementation_class_uid: str = ""
    implementation_version_name: str = ""
    extended: dict[str, str] = field(default_factory=dict)  # SOP class -> hex
    async_window: tuple[int, int] | None = None
    user_identity_type: int | None = None
    unknown_items: list[str] = field(default_factory=list)  # "5F" ...

    def describe(self, peer: Peer) -> None:
        """Fill in what this peer said of itself."""
        peer.max_pdu = self.max_pdu
        peer.implementation_class_uid = self.implementation_class_uid
        peer.implementation_version_name = self.implementation_version_name

    def note(self, association: Association, kind: str) -> None:
        """Keep the rarer items under notes["rq"] or notes["ac"]."""
        rare: dict[str, Any] = {}
        if self.extended:
            rare["sop_class_extended"] = dict(self.extended)
        if self.async_window is not None:
            rare["asynchronous_operations_window"] = list(self.async_window)
        if self.user_identity_type is not None:
            rare["user_identity_type"] = self.user_identity_type
        if self.unknown_items:
            rare["unknown_items"] = list(self.unknown_items)
        if self.protocol_version != 1:
            rare["protocol_version"] = self.protocol_version
        if self.application_context != APPLICATION_CONTEXT:
            rare["application_context"] = self.application_context
        if rare:
            association.notes[kind] = rare


def associate_rq(
    *,
    calling: str,
    called: str,
    proposals: Sequence[Proposal],
    max_pdu: int,
    application_context: str | None = None,
) -> bytes:
    """Encode an A-ASSOCIATE-RQ (PS3.8 Table 9-11), context IDs 1, 3, 5 ... in order."""
    if not 1 <= len(proposals) <= 128:
        raise ValueError(f"1 to 128 presentation contexts can be proposed, not {len(proposals)}")
    primitive = _associate(calling, called, application_context)
    contexts = []
    for index, proposal in enumerate(proposals):
        contexts.append(
            _context(2 * index + 1, proposal.abstract_syntax, proposal.transfer_syntaxes)
        )
    primitive.presentation_context_definition_list = contexts
    roles = {p.abstract_syntax: p.roles for p in reversed(proposals) if p.roles is not None}
    extended = {p.abstract_syntax: p.extended for p in proposals if p.extended is not None}
    primitive.user_information = [*_user_information(max_pdu), *_roles(roles)]
    for sop_class, information in extended.items():
        item = SOPClassExtendedNegotiation()
        item.sop_class_uid = UID(sop_class)
        item.service_class_application_information = information
        primitive.user_information.append(item)
    return bytes(A_ASSOCIATE_RQ(primitive).encode())


def associate_ac(
    request: AssociateItems,
    contexts: Sequence[PresentationContext],
    *,
    max_pdu: int,
    roles: dict[str, tuple[bool, bool]],
) -> bytes:
    """Encode an A-ASSOCIATE-AC (PS3.8 Table 9-17) with these answers to the request."""
    primitive = _associate("CALLING", "CALLED", APPLICATION_CONTEXT)
    results = []
    for each in contexts:
        # the transfer syntax is not significant unless accepted, yet the sub-item is needed
        result = _context(each.id, "1.2.840.10008.1.1", (each.accepted or IMPLICIT_LITTLE,))
        result.result = each.result
        results.append(result)
    primitive.presentation_context_definition_results_list = results
    primitive.user_information = [*_user_information(max_pdu), *_roles(roles)]
    encoded = bytes(A_ASSOCIATE_AC(primitive).encode())
    # the titles come back as they were sent, odd ones too
    return encoded[:10] + request.titles + encoded[42:]


def _associate(calling: str, called: str, application_context: str | None) -> A_ASSOCIATE:
    primitive = A_ASSOCIATE()
    primitive.application_context_name = UID(application_context or APPLICATION_CONTEXT)
    primitive.calling_ae_title = calling
    primitive.called_ae_title = called
    return primitive


def _context(context_id: int, abstract_syntax: str, syntaxes: Sequence[str]) -> NetContext:
    context = NetContext()
    context.context_id = context_id
    if abstract_syntax:
        context.abstract_syntax = UID(abstract_syntax)
    context.transfer_syntax = [UID(each) for each in syntaxes]
    return context


def _user_information(max_pdu: int) -> list[Any]:
    length = MaximumLengthNotification()
    length.maximum_length_received = max_pdu
    uid = ImplementationClassUIDNotification()
    uid.implementation_class_uid = UID(IMPLEMENTATION_CLASS_UID)
    name = ImplementationVersionNameNotification()
    name.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    return [length, uid, name]


def _roles(roles: dict[str, tuple[bool, bool]]) -> list[Any]:
    items = []
    for sop_class, (scu, scp) in roles.items():
        item = SCP_SCU_RoleSelectionNegotiation()
        item.sop_class_uid = UID(sop_class)
        item.scu_role = scu
        item.scp_role = scp
        items.append(item)
    return items


def associate_rj(result: int, source: int, reason: int) -> bytes:
    """Encode an A-ASSOCIATE-RJ (PS3.8 Table 9-21)."""
    return struct.pack(">BBLBBBB", ASSOCIATE_RJ, 0, 4, 0, result, source, reason)


def release_rq() -> bytes:
    """Encode an A-RELEASE-RQ (PS3.8 Table 9-24)."""
    return struct.pack(">BBLL", RELEASE_RQ, 0, 4, 0)


def release_rp() -> bytes:
    """Encode an A-RELEASE-RP (PS3.8 Table 9-25)."""
    return struct.pack(">BBLL", RELEASE_RP, 0, 4, 0)


def abort(source: int, reason: int) -> bytes:
    """Encode an A-ABORT (PS3.8 Table 9-26)."""
    return struct.pack(">BBLBBBB", ABORT, 0, 4, 0, 0, source, reason)


def read_associate(body: bytes, *, request: bool) -> AssociateItems:
    """Read the body (after the 6-byte header) of an A-ASSOCIATE-RQ or -AC."""
    if len(body) < 68:
        raise PduError(f"the A-ASSOCIATE PDU ends within its fixed fields ({len(body)} bytes)")
    (version,) = struct.unpack_from(">H", body, 0)
    items = AssociateItems(version, _title(body[4:20]), _title(body[20:36]), bytes(body[4:36]))
    for kind, value in _items(body[68:]):
        if kind == 0x10:
            items.application_context = _uid(value)
        elif kind == (0x20 if request else 0x21):
            items.contexts.append(_read_context(value, request=request))
        elif kind == 0x50:
            for sub_kind, sub_value in _items(value):
                _read_user_item(items, sub_kind, sub_value)
        else:
            items.unknown_items.append(f"{kind:02X}")
    return items


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        if at + 4 > len(data):
            raise PduError("an item header is cut off")
        kind, _, length = struct.unpack_from(">BBH", data, at)
        at += 4
        if at + length > len(data):
            left = len(data) - at
            raise PduError(f"item {kind:02X}H claims {length} bytes where {left} are left")
        yield kind, data[at : at + length]
        at += length


def _read_context(value: bytes, *, request: bool) -> PresentationContext:
    if len(value) < 4:
        raise PduError("a presentation context item is too short")
    context = PresentationContext(id=value[0], abstract_syntax="")
    if not request:
        context.result = value[2]
    for kind, sub_value in _items(value[4:]):
        if kind == 0x30 and request:
            context.abstract_syntax = _uid(sub_value)
        elif kind == 0x40 and request:
            context.proposed.append(_uid(sub_value))
        elif kind == 0x40 and context.accepted is None:
            context.accepted = _uid(sub_value)
    return context


def _read_user_item(items: AssociateItems, kind: int, value: bytes) -> None:
    if kind == 0x51 and len(value) == 4:
        (items.max_pdu,) = struct.unpack(">L", value)
    elif kind == 0x52:
        items.implementation_class_uid = _uid(value)
    elif kind == 0x53 and len(value) == 4:
        invoked, performed = struct.unpack(">HH", value)
        items.async_window = (invoked, performed)
    elif kind == 0x54 and len(value) >= 4:
        (length,) = struct.unpack_from(">H", value)
        if len(value) < length + 4:
            raise PduError("a role selection item is cut off")
        uid = _uid(value[2 : 2 + length])
        items.roles[uid] = (bool(value[2 + length]), bool(value[3 + length]))
    elif kind == 0x55:
        items.implementation_version_name = value.decode("latin-1").strip(" \0")
    elif kind == 0x56 and len(value) >= 2:
        (length,) = struct.unpack_from(">H", value)
        items.extended[_uid(value[2 : 2 + length])] = value[2 + length :].hex()
    elif kind == 0x58 and value:
        items.user_identity_type = value[0]
    elif kind not in (0x57, 0x59):
        items.unknown_items.append(f"{kind:02X}")


def _title(value: bytes) -> str:
    return value.decode("latin-1").strip(" \0")


def _uid(value: bytes) -> str:
    return value.decode("latin-1").rstrip("\0")
