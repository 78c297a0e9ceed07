"""A-ASSOCIATE PDUs: ours read by pynetdicom, odd ones read leniently (PS3.8 9.3)."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom.pdu import A_ABORT_RQ, A_ASSOCIATE_AC, A_ASSOCIATE_RJ, A_ASSOCIATE_RQ

from dicomtest.dimse import Proposal, pdus
from dicomtest.evidence import PresentationContext

CT = "1.2.840.10008.5.1.4.1.1.2"
SYNTAXES = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")


def a_request(**options) -> bytes:
    proposals = [Proposal(CT, SYNTAXES, roles=(False, True)), Proposal("1.2.3", SYNTAXES[:1])]
    given = {"calling": "US", "called": "THEM", "proposals": proposals, "max_pdu": 65536}
    return pdus.associate_rq(**{**given, **options})


def test_pynetdicom_reads_our_request():
    pdu = A_ASSOCIATE_RQ()
    pdu.decode(a_request())

    assert (pdu.calling_ae_title, pdu.called_ae_title) == ("US", "THEM")
    assert [each.context_id for each in pdu.presentation_context] == [1, 3]
    assert pdu.user_information.maximum_length == 65536
    (role,) = pdu.user_information.role_selection.values()
    assert (role.scu_role, role.scp_role) == (0, 1)


def test_we_read_our_request():
    items = pdus.read_associate(a_request()[6:], request=True)

    assert (items.protocol_version, items.calling, items.called) == (1, "US", "THEM")
    assert items.application_context == "1.2.840.10008.3.1.1.1"
    assert [(each.id, each.abstract_syntax, tuple(each.proposed)) for each in items.contexts] == [
        (1, CT, SYNTAXES),
        (3, "1.2.3", SYNTAXES[:1]),
    ]
    assert items.roles == {CT: (False, True)}
    assert items.max_pdu == 65536
    assert items.implementation_version_name == pdus.IMPLEMENTATION_VERSION_NAME


def test_pynetdicom_reads_our_acceptance():
    request = pdus.read_associate(a_request()[6:], request=True)
    contexts = [
        PresentationContext(1, CT, result=0, accepted=SYNTAXES[1]),
        PresentationContext(3, "1.2.3", result=3),
    ]
    encoded = pdus.associate_ac(request, contexts, max_pdu=0, roles={CT: (False, True)})
    pdu = A_ASSOCIATE_AC()
    pdu.decode(encoded)

    assert [each.result for each in pdu.presentation_context] == [0, 3]
    assert pdu.presentation_context[0].transfer_syntax == SYNTAXES[1]
    assert encoded[10:42] == a_request()[10:42]
    items = pdus.read_associate(encoded[6:], request=False)
    first = items.contexts[0]
    assert (first.id, first.result, first.accepted) == (1, 0, SYNTAXES[1])


def test_pynetdicom_reads_the_short_pdus():
    reject, abort = A_ASSOCIATE_RJ(), A_ABORT_RQ()
    reject.decode(pdus.associate_rj(1, 1, 7))
    abort.decode(pdus.abort(2, 6))

    assert (reject.result, reject.source, reject.reason_diagnostic) == (1, 1, 7)
    assert (abort.source, abort.reason_diagnostic) == (2, 6)
    assert pdus.release_rq() == b"\x05\0\0\0\0\x04\0\0\0\0"
    assert pdus.release_rp() == b"\x06\0\0\0\0\x04\0\0\0\0"


def item(kind: int, value: bytes) -> bytes:
    return struct.pack(">BBH", kind, 0, len(value)) + value


def test_rarer_user_items_are_read_in_any_order():
    information = b"".join(
        [
            item(0x58, b"\1\0\0\4user\0\0"),
            item(0x56, b"\0\3" + b"1.2" + b"\1\0"),
            item(0x57, b"whatever"),
            item(0x53, b"\0\2\0\3"),
            item(0x5F, b"?"),
            item(0x51, b"\0\0\x40\0"),
        ]
    )
    body = b"\0\1\0\0" + b"A".ljust(16) + b"B".ljust(16) + bytes(32) + item(0x50, information)
    items = pdus.read_associate(body, request=True)

    assert items.user_identity_type == 1
    assert items.extended == {"1.2": "0100"}
    assert items.async_window == (2, 3)
    assert items.unknown_items == ["5F"]
    assert items.max_pdu == 16384


def test_contexts_without_syntaxes_are_read():
    body = bytes(68) + item(0x20, b"\1\0\0\0") + item(0x20, b"\3\0\0\0" + item(0x30, b"1.2"))
    items = pdus.read_associate(body, request=True)

    assert [(each.id, each.abstract_syntax, each.proposed) for each in items.contexts] == [
        (1, "", []),
        (3, "1.2", []),
    ]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes):
    for request in (True, False):
        try:
            pdus.read_associate(bytes(68) + data, request=request)
        except pdus.PduError as error:
            assert error.reason == 6


@pytest.mark.parametrize("count", [0, 129])
def test_impossible_numbers_of_contexts_are_refused(count: int):
    with pytest.raises(ValueError, match="1 to 128"):
        a_request(proposals=[Proposal(CT, SYNTAXES)] * count)
