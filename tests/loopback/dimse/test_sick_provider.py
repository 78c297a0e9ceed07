"""What a sick SCP does is recorded as it was, promptly, and never repaired."""

from __future__ import annotations

import struct
import sys
import threading
import time
from collections.abc import Callable

import pytest
from pydicom import Dataset

from dicomtest.dimse import Limits, pdus
from dicomtest.dimse import command as commands
from dicomtest.evidence import EXPLICIT_LITTLE, DataSetRef

from .conftest import (
    COMMITMENT,
    CT,
    STUDY_FIND,
    Net,
    Scripted,
    Wired,
    an_object,
    p_data,
    response,
)

IMPATIENT = Limits(connect=2, association=0.3, response=0.3, release=0.3)
Start = Callable[..., Scripted]


def answering(*answers: Callable[[Wired, int, dict], None]) -> Callable[[Wired], None]:
    """Accept, give each request to one of these, confirm the release."""

    def script(peer: Wired) -> None:
        peer.accept()
        for answer in answers:
            context_id, command, _ = peer.message()
            answer(peer, context_id, command)
        peer.release()

    return script


@pytest.mark.parametrize("status", [0x1234, 0xFFFF, 0x0000, 0xD000])
def test_any_status_is_recorded(net: Net, scripted: Start, status: int):
    peer = scripted(answering(lambda peer, cid, rq: peer.respond(cid, rq, status)))
    with net.associate(peer) as requestor:
        echo = requestor.echo()

    assert echo.status == status
    assert echo.ending == "answered"


def test_odd_elements_of_a_response_are_recorded(net: Net, scripted: Start):
    odd = {
        "NumberOfRemainingSuboperations": 0,
        "ErrorComment": "x" * 100,
        "OffendingElement": ["00100020", "00080018"],
        "MoveDestination": "WHAT FOR",
    }
    peer = scripted(answering(lambda peer, cid, rq: peer.respond(cid, rq, 0, **odd)))
    with net.associate(peer) as requestor:
        echo = requestor.echo()

    assert echo.final is not None
    assert echo.final.command | odd == echo.final.command


@pytest.mark.parametrize("missing", ["Status", "MessageIDBeingRespondedTo", "AffectedSOPClassUID"])
def test_a_missing_element_is_recorded_as_missing(net: Net, scripted: Start, missing: str):
    def answer(peer: Wired, context_id: int, command: dict) -> None:
        given = {**response(command, 0), missing: None}
        peer.send(p_data(context_id, command=commands.encode(given)))

    with net.associate(scripted(answering(answer))) as requestor:
        echo = requestor.echo()

    assert echo.final is not None
    assert missing not in echo.final.command
    assert echo.status == (None if missing == "Status" else 0)
    assert echo.ending == "answered"


def test_a_wrong_message_id_is_the_outstanding_requests(net: Net, scripted: Start):
    def answer(peer: Wired, context_id: int, command: dict) -> None:
        peer.respond(context_id, command, 0, MessageIDBeingRespondedTo=999)

    with net.associate(scripted(answering(answer))) as requestor:
        echo = requestor.echo()

    assert echo.status == 0
    assert echo.final is not None
    assert echo.final.command["MessageIDBeingRespondedTo"] == 999


def test_a_second_final_response_is_not_taken_for_the_next_requests(net: Net, scripted: Start):
    def twice(peer: Wired, context_id: int, command: dict) -> None:
        peer.respond(context_id, command, 0x0000)
        peer.respond(context_id, command, 0x0110)

    def once(peer: Wired, context_id: int, command: dict) -> None:
        peer.respond(context_id, command, 0x0000)

    with net.associate(scripted(answering(twice, once))) as requestor:
        first, second = requestor.echo(), requestor.echo()

    assert (first.status, second.status) == (0, 0)
    (surplus,) = first.notes["surplus_responses"]
    assert surplus["command"]["Status"] == 0x0110


def test_a_final_response_with_a_data_set_keeps_it(net: Net, scripted: Start):
    def answer(peer: Wired, context_id: int, command: dict) -> None:
        given = response(command, 0, CommandDataSetType=1)
        peer.send(
            p_data(context_id, command=commands.encode(given)),
            p_data(context_id, data=b"\xff\xfe no data set at all"),
        )

    with net.associate(scripted(answering(answer)), STUDY_FIND) as requestor:
        found = requestor.find(STUDY_FIND, Dataset())

    assert found.status == 0
    assert found.final is not None
    assert found.final.data is not None
    assert found.final.data.read() == b"\xff\xfe no data set at all"


def test_a_data_set_that_was_not_announced_is_noted(net: Net, scripted: Start):
    def answer(peer: Wired, context_id: int, command: dict) -> None:
        peer.respond(context_id, command, 0)
        peer.send(p_data(context_id, data=b"12345678"))

    def then(peer: Wired, context_id: int, command: dict) -> None:
        peer.respond(context_id, command, 0)

    with net.associate(scripted(answering(answer, then)), STUDY_FIND) as requestor:
        found = requestor.find(STUDY_FIND, Dataset())
        again = requestor.find(STUDY_FIND, Dataset())

    assert (found.status, again.status) == (0, 0)
    assert requestor.association.notes["stray_data_bytes"] == 8


def test_no_response_is_waited_for_no_longer_than_asked(net: Net, scripted: Start):
    def silent(peer: Wired) -> None:
        peer.accept()
        peer.message()
        kind, body = peer.pdu()
        assert (kind, body[2]) == (pdus.ABORT, 0)

    requestor = net.associate(scripted(silent), limits=IMPATIENT)
    began = time.monotonic()
    echo = requestor.echo()

    assert echo.ending == "no response"
    assert "no response within 0.3 s" in echo.why
    assert time.monotonic() - began < 2
    assert requestor.echo().ending == "not sent"
    requestor.release()
    assert requestor.association.ended == "aborted by us"


def test_an_announced_data_set_that_never_comes_is_told(net: Net, scripted: Start):
    def half(peer: Wired) -> None:
        peer.accept()
        context_id, command, _ = peer.message()
        given = response(command, 0xFF00, CommandDataSetType=1)
        peer.send(p_data(context_id, command=commands.encode(given)))
        assert peer.pdu()[0] == pdus.ABORT

    requestor = net.associate(scripted(half), STUDY_FIND, limits=IMPATIENT)
    found = requestor.find(STUDY_FIND, Dataset())
    requestor.abort()

    assert found.ending == "no response"
    assert "announces a data set, but only 0 bytes of it" in found.why


def test_an_abort_while_waiting_is_noticed_at_once(net: Net, scripted: Start):
    def aborting(peer: Wired) -> None:
        peer.accept()
        peer.message()
        peer.send(pdus.abort(2, 6))

    requestor = net.associate(scripted(aborting))
    began = time.monotonic()
    echo = requestor.echo()

    assert time.monotonic() - began < 1
    assert echo.ending == "aborted"
    assert "invalid PDU parameter value" in echo.why
    assert requestor.association.ended == "aborted by peer"
    assert requestor.association.abort == (2, 6)


def test_a_closed_connection_is_noticed_at_once(net: Net, scripted: Start):
    def closing(peer: Wired) -> None:
        peer.accept()
        peer.message()

    requestor = net.associate(scripted(closing))
    echo = requestor.echo()

    assert echo.ending == "aborted"
    assert "closed the connection" in echo.why
    assert requestor.association.ended == "connection closed"


def test_a_release_instead_of_a_response_is_confirmed_and_told(net: Net, scripted: Start):
    def releasing(peer: Wired) -> None:
        peer.accept()
        peer.message()
        peer.send(pdus.release_rq())
        assert peer.pdu()[0] == pdus.RELEASE_RP

    requestor = net.associate(scripted(releasing))
    echo = requestor.echo()

    assert echo.ending == "aborted"
    assert "released the association instead of answering" in echo.why
    requestor.release()
    assert requestor.association.released_by == "peer"
    assert requestor.association.ended == "released"


def test_what_happens_while_idle_is_noticed(net: Net, scripted: Start):
    def releasing(peer: Wired) -> None:
        peer.accept()
        peer.send(pdus.release_rq())
        assert peer.pdu()[0] == pdus.RELEASE_RP

    requestor = net.associate(scripted(releasing))

    assert net.recorder.wait_for(lambda known: known[0].ended == "released", 5)
    assert not requestor.established
    assert requestor.echo().why == "the association was over: the peer released it"


def test_a_response_just_before_an_abort_counts(net: Net, scripted: Start):
    def both(peer: Wired) -> None:
        peer.accept()
        context_id, command, _ = peer.message()
        given = p_data(context_id, command=commands.encode(response(command, 0)))
        peer.send(given, pdus.abort(0, 0))

    echo = net.associate(scripted(both)).echo()

    assert echo.status == 0
    assert echo.ending == "answered"


def test_an_early_failure_is_taken_although_the_peer_reads_no_more(net: Net, scripted: Start):
    read_on = threading.Event()

    def early(peer: Wired) -> None:
        peer.accept()
        _, body = peer.pdu()
        command = commands.decode(body[6:])
        peer.respond(body[4], command, 0xA700)
        assert read_on.wait(10)
        size = 0
        while size < 8_000_000:
            kind, body = peer.pdu()
            assert kind == pdus.P_DATA
            size += len(body) - 6
        peer.release()

    threading.Timer(0.3, read_on.set).start()
    requestor = net.associate(scripted(early), CT)
    data = DataSetRef(EXPLICIT_LITTLE, data=bytes(8_000_000))
    stored = requestor.store(data, sop_class=CT, sop_instance="1.2.3.4")
    requestor.release()

    assert stored.status == 0xA700
    assert stored.final is not None
    assert stored.final.at < stored.sent


def test_an_abort_in_the_middle_of_our_sending_is_noticed(net: Net, scripted: Start):
    def full(peer: Wired) -> None:
        peer.accept()
        peer.pdu()
        peer.send(pdus.abort(0, 0))

    requestor = net.associate(scripted(full), CT)
    data = DataSetRef(EXPLICIT_LITTLE, data=bytes(50_000_000))
    stored = requestor.store(data, sop_class=CT, sop_instance="1.2.3.4")

    assert stored.ending == "aborted"
    if sys.platform == "linux":  # others throw away what stands before a reset
        assert requestor.association.ended == "aborted by peer"


def test_a_peer_that_stops_reading_does_not_hang_us(net: Net, scripted: Start):
    done = threading.Event()

    def stuck(peer: Wired) -> None:
        peer.accept()
        assert done.wait(10)

    requestor = net.associate(scripted(stuck), CT, limits=IMPATIENT)
    data = DataSetRef(EXPLICIT_LITTLE, data=bytes(50_000_000))
    stored = requestor.store(data, sop_class=CT, sop_instance="1.2.3.4")
    done.set()

    assert stored.ending == "no response"
    assert "read nothing for 0.3 s" in stored.why


@pytest.mark.parametrize(
    ("garbage", "told"),
    [
        (b"\x99\0\0\0\0\x04abcd", "PDU type 99H is not defined"),
        (b"HTTP/1.1 400 Bad Request\r\n", "PDU type 48H"),
        (struct.pack(">BBLLBB", 4, 0, 8, 99, 1, 3) + b"ab", "a PDV claims 99 bytes"),
        (struct.pack(">BBL", 4, 0, 3) + b"abc", "holds no PDV"),
        (struct.pack(">BBL", 5, 0, 2) + b"ab", "has length 2, not 4"),
        (p_data(7, command=b"\0\0"), "presentation context 7 was not accepted"),
        (p_data(1, command=b"\1\2\3"), "the command set cannot be read"),
        (p_data(1, command=b"\0\0\0\1\xff\0\0\0"), "claims 255 bytes where 0 are left"),
    ],
)
def test_garbage_ends_in_an_abort_with_the_reason_told(
    net: Net, scripted: Start, garbage: bytes, told: str
):
    def sick(peer: Wired) -> None:
        peer.accept()
        peer.message()
        peer.send(garbage)
        kind, body = peer.pdu()
        assert kind == pdus.ABORT
        assert body[2] == 2

    requestor = net.associate(scripted(sick))
    echo = requestor.echo()

    assert echo.ending == "no response"
    assert told in echo.why
    assert requestor.association.ended == "aborted by us"


def test_longer_pdus_than_allowed_are_taken_and_recorded(net: Net, scripted: Start):
    def answer(peer: Wired, context_id: int, command: dict) -> None:
        given = response(command, 0, CommandDataSetType=1)
        peer.send(
            p_data(context_id, command=commands.encode(given)),
            p_data(context_id, data=bytes(3_000_000)),
        )

    with net.associate(scripted(answering(answer)), STUDY_FIND, max_pdu=16384) as requestor:
        found = requestor.find(STUDY_FIND, Dataset())

    assert found.final is not None
    assert found.final.data is not None
    assert len(found.final.data.read()) == 3_000_000
    assert requestor.association.largest_pdu_received == 3_000_006


@pytest.mark.parametrize("max_pdu", [0, 8, 64, 4096, 131072, 0xFFFFFFFF])
def test_the_peers_pdu_limit_is_kept(net: Net, scripted: Start, max_pdu: int):
    longest = []

    def script(peer: Wired) -> None:
        peer.accept(max_pdu=max_pdu)
        size = 0
        while size < 300_000 if max_pdu != 8 else size < 1000:
            kind, body = peer.pdu()
            assert kind == pdus.P_DATA
            longest.append(len(body))
            if not body[5] & 1:
                size += len(body) - 6
        assert peer.pdu()[0] == pdus.ABORT

    requestor = net.associate(scripted(script), CT, limits=IMPATIENT)
    size = 1000 if max_pdu == 8 else 300_000
    data = DataSetRef(EXPLICIT_LITTLE, data=bytes(size))
    exchange = requestor.store(data, sop_class=CT, sop_instance="1.2.3.4")
    requestor.release()

    assert exchange.ending == "no response"
    assert max(longest) <= (max_pdu or 0xFFFFFFFF)
    assert max(longest) == requestor.association.largest_pdu_sent


def test_a_pdu_limit_too_small_for_anything_is_told(net: Net, scripted: Start):
    def script(peer: Wired) -> None:
        peer.accept(max_pdu=4)
        peer.release()

    with net.associate(scripted(script)) as requestor:
        echo = requestor.echo()

    assert echo.ending == "not sent"
    assert "PDUs of 4 bytes only" in echo.why


def test_a_release_without_answer_ends_in_an_abort(net: Net, scripted: Start):
    def script(peer: Wired) -> None:
        peer.accept()
        assert peer.pdu()[0] == pdus.RELEASE_RQ
        assert peer.pdu()[0] == pdus.ABORT

    requestor = net.associate(scripted(script), limits=IMPATIENT)
    requestor.release()

    assert requestor.association.ended == "aborted by us"
    assert "no A-RELEASE-RP within 0.3 s" in requestor.association.why


def test_a_release_collision_ends_in_release(net: Net, scripted: Start):
    def script(peer: Wired) -> None:
        peer.accept()
        assert peer.pdu()[0] == pdus.RELEASE_RQ
        peer.send(pdus.release_rq())
        assert peer.pdu()[0] == pdus.RELEASE_RP
        peer.send(pdus.release_rp())

    requestor = net.associate(scripted(script))
    requestor.release()

    assert requestor.association.ended == "released"
    assert requestor.association.notes["release_collision"]


def test_a_stall_within_a_pdu_is_noted(net: Net, scripted: Start):
    """The signature of a peer with Nagle's algorithm on: 40 ms between two pieces."""

    def answer(peer: Wired, context_id: int, command: dict) -> None:
        pdu = p_data(context_id, command=commands.encode(response(command, 0)))
        peer.send(pdu[:12])
        threading.Event().wait(0.06)
        peer.send(pdu[12:])

    def prompt(peer: Wired, context_id: int, command: dict) -> None:
        peer.respond(context_id, command, 0)

    with net.associate(scripted(answering(answer, prompt))) as requestor:
        assert (requestor.echo().status, requestor.echo().status) == (0, 0)

    assert requestor.association.notes["stalls"] == 1
    assert 0.03 <= requestor.association.notes["stalled_seconds"] <= 0.3


def test_an_unasked_response_is_noted(net: Net, scripted: Start):
    def script(peer: Wired) -> None:
        items = peer.accept()
        given = {"CommandField": 0x8030, "MessageIDBeingRespondedTo": 5, "Status": 0}
        peer.send(p_data(items.contexts[0].id, command=commands.encode(given)))
        peer.release()

    requestor = net.associate(scripted(script))
    assert net.recorder.wait_for(lambda known: "unasked_responses" in known[0].notes, 5)
    requestor.release()


def test_requests_of_the_peer_are_served_while_we_wait(net: Net, scripted: Start):
    def script(peer: Wired) -> None:
        peer.accept()
        context_id, command, _ = peer.message()
        report = {
            "AffectedSOPClassUID": COMMITMENT,
            "CommandField": commands.N_EVENT_REPORT,
            "MessageID": 77,
            "AffectedSOPInstanceUID": "1.2.3",
            "EventTypeID": 1,
            "CommandDataSetType": 0x0101,
        }
        peer.send(p_data(context_id, command=commands.encode(report)))
        _, answered, _ = peer.message()
        assert (answered["MessageIDBeingRespondedTo"], answered["Status"]) == (77, 0x0211)
        peer.respond(context_id, command, 0)
        peer.release()

    with net.associate(scripted(script), COMMITMENT) as requestor:
        action = requestor.n_action(COMMITMENT, "1.2.3", None, action_type=1)

    assert action.status == 0
    assert [each.service for each in requestor.association.exchanges] == [
        "N-ACTION",
        "N-EVENT-REPORT",
    ]


def test_breaking_off_a_store_aborts_within_the_data_set(net: Net, scripted: Start):
    read: list[tuple[int, int]] = []

    def script(peer: Wired) -> None:
        peer.accept()
        with pytest.raises(EOFError):
            while True:
                kind, _, length = struct.unpack(">BBL", peer.exactly(6))
                read.append((kind, length))
                peer.exactly(length)

    peer = scripted(script)
    requestor = net.associate(peer, CT)
    stored = requestor.abort_in_store(
        an_object(1_000_000), sop_class=CT, sop_instance="1.2.3.4", fraction=0.5, how="close"
    )
    peer.finish()

    assert stored.ending == "abandoned"
    assert not requestor.established
    assert {kind for kind, _ in read} == {pdus.P_DATA}
    assert 480_000 < sum(length for _, length in read) < 520_000


def test_an_abort_in_the_middle_of_a_store_comes_after_a_whole_pdu(net: Net, scripted: Start):
    read: list[tuple[int, int]] = []

    def script(peer: Wired) -> None:
        peer.accept()
        while not read or read[-1][0] == pdus.P_DATA:
            kind, body = peer.pdu()
            read.append((kind, len(body)))

    peer = scripted(script)
    requestor = net.associate(peer, CT)
    stored = requestor.abort_in_store(
        an_object(1_000_000), sop_class=CT, sop_instance="1.2.3.4", fraction=0.5
    )
    peer.finish()

    assert stored.ending == "abandoned"
    assert requestor.association.ended == "aborted by us"
    assert read[-1][0] == pdus.ABORT
    assert 480_000 < sum(length for _, length in read) < 520_000
