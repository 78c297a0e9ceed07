"""Our listener against bare sockets: garbage, silence, half objects (PS3.8 9.2, 9.3)."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dicomtest.dimse import Listener, pdus
from dicomtest.dimse import command as commands
from dicomtest.evidence import Association

from .conftest import CT, SHORT, VERIFICATION, Net, Wired, an_object, echo_rq, p_data, rq

Raw = Callable[[Listener], Wired]
HASTY = replace(SHORT, association=0.3, idle=0.3, release=0.3)


def ended(net: Net) -> Association:
    """The acceptor's record, once its association is over."""
    assert net.recorder.wait_for(lambda known: bool(known and known[-1].closed), 5)
    return net.recorder.recorded[-1]


def still_alive(net: Net) -> None:
    with net.associate(net.listeners[0]) as requestor:
        assert requestor.echo().status == 0


def established(raw: Raw, listener: Listener, *abstract_syntaxes: str) -> Wired:
    peer = raw(listener)
    peer.send(rq(*abstract_syntaxes))
    assert peer.pdu()[0] == pdus.ASSOCIATE_AC
    return peer


def test_a_silent_connection_is_closed_by_artim(net: Net, raw: Raw):
    peer = raw(net.listen(limits=HASTY))
    began = time.monotonic()

    assert peer.closed()
    assert 0.2 < time.monotonic() - began < 3
    assert ended(net).outcome == "aborted"
    still_alive(net)


def test_half_a_request_is_closed_by_artim(net: Net, raw: Raw):
    peer = raw(net.listen(limits=HASTY))
    peer.send(rq()[:50])

    assert peer.closed()
    assert ended(net).outcome == "aborted"
    still_alive(net)


def test_a_request_of_four_gigabytes_is_refused_at_once(net: Net, raw: Raw):
    peer = raw(net.listen())
    peer.send(b"\x01\0\xff\xff\xff\xff" + rq()[6:])

    assert peer.pdu() == (pdus.ABORT, b"\0\0\0\0")
    still_alive(net)


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"\x99",
        b"\xff" * 100_000,
        p_data(1, command=b"1234"),
        pdus.release_rp(),
        b"\x01\0\0\0\0\x04abcd",
    ],
)
def test_garbage_before_a_request_is_aborted_by_the_service_user(
    net: Net, raw: Raw, garbage: bytes
):
    peer = raw(net.listen())
    peer.send(garbage)

    kind, body = peer.pdu()
    assert (kind, body[2]) == (pdus.ABORT, 0)
    peer.sock.close()
    assert ended(net).outcome == "aborted"
    still_alive(net)


@pytest.mark.parametrize(
    ("garbage", "reason"),
    [
        (b"\x99\0\0\0\0\0", 1),
        (rq(), 2),
        (pdus.release_rp(), 2),
        (struct.pack(">BBLLBB", 4, 0, 8, 99, 1, 3) + b"ab", 6),
        (p_data(2, command=b"\0\0"), 6),
        (p_data(9, command=b"\0\0"), 6),
        (p_data(1, command=b"garbage that is no command set"), 6),
        (p_data(1, data=b"a data set first"), 2),
    ],
)
def test_garbage_on_an_association_is_aborted_by_the_provider(
    net: Net, raw: Raw, garbage: bytes, reason: int
):
    peer = established(raw, net.listen())
    peer.send(garbage)

    assert peer.pdu() == (pdus.ABORT, bytes([0, 0, 2, reason]))
    peer.sock.close()
    record = ended(net)
    assert record.ended == "aborted by us"
    assert record.abort == (2, reason)
    still_alive(net)


def test_an_abort_is_not_answered(net: Net, raw: Raw):
    peer = established(raw, net.listen())
    peer.send(pdus.abort(0, 0))

    assert peer.closed()
    assert ended(net).ended == "aborted by peer"


def test_a_release_is_confirmed_and_the_peer_closes(net: Net, raw: Raw):
    peer = established(raw, net.listen())
    peer.send(pdus.release_rq())

    assert peer.pdu()[0] == pdus.RELEASE_RP
    peer.sock.close()
    assert ended(net).ended == "released"


def test_requests_and_a_release_in_one_go_are_all_answered(net: Net, raw: Raw):
    peer = established(raw, net.listen())
    peer.send(echo_rq(1), echo_rq(2), pdus.release_rq())

    for message_id in (1, 2):
        _, answered, _ = peer.message()
        assert answered["MessageIDBeingRespondedTo"] == message_id
    assert peer.pdu()[0] == pdus.RELEASE_RP


def test_a_message_in_one_byte_pieces_is_understood(net: Net, raw: Raw):
    peer = established(raw, net.listen())
    for byte in echo_rq():
        peer.send(bytes([byte]))

    assert peer.message()[1]["Status"] == 0


def test_a_message_in_many_fragments_is_understood(net: Net, raw: Raw):
    peer = established(raw, net.listen())
    encoded = commands.encode(
        {
            "AffectedSOPClassUID": VERIFICATION,
            "CommandField": commands.C_ECHO,
            "MessageID": 3,
            "CommandDataSetType": 0x0101,
        }
    )
    pieces = [
        struct.pack(">LBB", 3, 1, 1 if at + 1 < len(encoded) else 3) + encoded[at : at + 1]
        for at in range(len(encoded))
    ]
    body = b"".join(pieces)
    peer.send(struct.pack(">BBL", 4, 0, len(body)) + body)

    assert peer.message()[1]["MessageIDBeingRespondedTo"] == 3


def test_a_silent_association_is_aborted_after_the_idle_limit(net: Net, raw: Raw):
    peer = established(raw, net.listen(limits=HASTY))

    assert peer.pdu()[0] == pdus.ABORT
    assert ended(net).ended == "aborted by us"


@pytest.mark.parametrize("how", ["close", "abort", "silence"])
def test_half_an_object_leaves_no_file(net: Net, raw: Raw, tmp_path: Path, how: str):
    listener = net.listen(limits=HASTY if how == "silence" else SHORT)
    peer = established(raw, listener, CT)
    request = {
        "AffectedSOPClassUID": CT,
        "CommandField": commands.C_STORE,
        "MessageID": 1,
        "Priority": 0,
        "AffectedSOPInstanceUID": "1.2.3",
        "CommandDataSetType": 1,
    }
    data = an_object(10_000).read()
    peer.send(
        p_data(1, command=commands.encode(request)),
        p_data(1, data=data[:5000], last=False),
        p_data(1, data=data[5000:], last=False)[:2000],
    )
    if how == "close":
        peer.sock.close()
    elif how == "abort":
        peer.send(p_data(1, data=data[5000:], last=False)[2000:], pdus.abort(0, 0))
        peer.sock.close()
    record = ended(net)

    assert list((tmp_path / "spool-0").iterdir()) == []
    assert record.exchanges == []
    still_alive(net)


def test_only_bit_0_of_the_protocol_version_counts(net: Net, raw: Raw):
    listener = net.listen()
    peer = raw(listener)
    request = bytearray(rq())
    request[6:8] = b"\x00\x03"
    peer.send(bytes(request))
    assert peer.pdu()[0] == pdus.ASSOCIATE_AC

    other = raw(listener)
    request[6:8] = b"\x00\x02"
    other.send(bytes(request))
    assert other.pdu() == (pdus.ASSOCIATE_RJ, bytes([0, 1, 2, 2]))


def test_unknown_items_and_reserved_bytes_are_ignored(net: Net, raw: Raw):
    request = bytearray(rq())
    request[1] = 0x55
    request[8:10] = b"\x55\x55"
    request[42:74] = b"\x55" * 32
    request += b"\x99\x55\x00\x04abcd"
    request[2:6] = struct.pack(">L", len(request) - 6)
    peer = raw(net.listen())
    peer.send(bytes(request))

    kind, body = peer.pdu()
    assert kind == pdus.ASSOCIATE_AC
    items = pdus.read_associate(body, request=False)
    assert [each.result for each in items.contexts] == [0]
    assert net.recorder.recorded[0].notes["rq"]["unknown_items"] == ["99"]


def test_the_titles_come_back_as_they_were_sent(net: Net, raw: Raw):
    request = bytearray(rq())
    request[10:26] = b"  SCP".ljust(16)
    request[26:42] = b" RAW\xe9".ljust(16)
    peer = raw(net.listen())
    peer.send(bytes(request))

    kind, body = peer.pdu()
    assert kind == pdus.ASSOCIATE_AC
    assert body[4:36] == bytes(request[10:42])
    assert net.recorder.recorded[0].calling_ae_title == "RAW\xe9"


@pytest.mark.parametrize("ids", [(2,), (1, 1)])
def test_impossible_context_ids_are_aborted(net: Net, raw: Raw, ids: tuple[int, ...]):
    request = bytearray(rq(*([VERIFICATION] * len(ids))))
    at = [i for i in range(74, len(request) - 4) if request[i] == 0x20 and request[i + 1] == 0]
    firsts = [i for i in at if request[i + 4] in (1, 3) and request[i + 8] == 0x30]
    assert len(firsts) == len(ids)
    for place, context_id in zip(firsts, ids, strict=True):
        request[place + 4] = context_id
    peer = raw(net.listen())
    peer.send(bytes(request))

    assert peer.pdu() == (pdus.ABORT, bytes([0, 0, 2, 6]))


def test_an_unknown_command_is_refused(net: Net, raw: Raw):
    peer = established(raw, net.listen())
    command = {"CommandField": 0x0777, "MessageID": 9, "CommandDataSetType": 0x0101}
    peer.send(p_data(1, command=commands.encode(command)))

    _, answered, _ = peer.message()
    assert (answered["Status"], answered["MessageIDBeingRespondedTo"]) == (0x0211, 9)


def test_many_bad_connections_leave_room_for_good_ones(net: Net, raw: Raw):
    listener = net.listen()
    for _ in range(60):
        raw(listener).send(b"\x99")
    still_alive(net)


def test_stop_ends_every_connection(net: Net, raw: Raw):
    listener = net.listen()
    idle, silent = established(raw, listener), raw(listener)
    half = established(raw, listener)
    half.send(echo_rq()[:10])
    began = time.monotonic()
    listener.stop()

    assert time.monotonic() - began < 3
    assert idle.pdu()[0] == pdus.ABORT
    assert half.pdu()[0] == pdus.ABORT
    assert silent.closed()
    assert listener.open_associations == 0
