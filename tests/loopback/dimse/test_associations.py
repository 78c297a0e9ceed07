"""Negotiation, refusals and failures to connect, all told in words."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dicomtest.dimse import (
    Handlers,
    Limits,
    Policy,
    Proposal,
    Recorder,
    Remote,
    Supported,
    associate,
    pdus,
)
from dicomtest.errors import SetupError
from dicomtest.evidence import EXPLICIT_LITTLE, IMPLICIT_LITTLE

from .conftest import CT, SHORT, STUDY_FIND, VERIFICATION, Net, Scripted, Wired, an_object

Start = Callable[..., Scripted]
J2K = "1.2.840.10008.1.2.4.90"


def test_contexts_are_answered_one_by_one(net: Net):
    listener = net.listen(
        supported=[
            Supported(CT, (J2K, IMPLICIT_LITTLE, EXPLICIT_LITTLE)),
            Supported(STUDY_FIND, (IMPLICIT_LITTLE,)),
        ]
    )
    proposals = [
        Proposal(CT, (EXPLICIT_LITTLE, IMPLICIT_LITTLE)),
        Proposal(CT, (J2K,)),
        Proposal(STUDY_FIND, (EXPLICIT_LITTLE,)),
        Proposal("1.2.3.4.5", (IMPLICIT_LITTLE,)),
    ]
    requestor = net.associate(listener, proposals=proposals)

    answers = [(each.id, each.result, each.accepted) for each in requestor.association.contexts]
    assert answers == [(1, 0, IMPLICIT_LITTLE), (3, 0, J2K), (5, 4, None), (7, 3, None)]


@pytest.mark.parametrize(
    ("supported", "proposed", "answered", "result"),
    [
        ((None, None), (True, True), None, 0),
        ((None, None), None, None, 0),
        ((True, True), None, None, 0),
        ((True, True), (False, True), (False, True), 0),
        ((True, True), (True, True), (True, True), 0),
        ((None, True), (True, True), (True, True), 0),
        ((True, False), (True, True), (True, False), 0),
        ((False, True), (True, True), (False, True), 0),
        ((True, None), (False, True), (False, False), 1),
    ],
)
def test_roles_are_answered_with_no_more_than_proposed(
    net: Net,
    supported: tuple[bool | None, bool | None],
    proposed: tuple[bool, bool] | None,
    answered: tuple[bool, bool] | None,
    result: int,
):
    listener = net.listen(supported=[Supported(CT, (EXPLICIT_LITTLE,), *supported)])
    requestor = net.associate(listener, proposals=[Proposal(CT, (EXPLICIT_LITTLE,), proposed)])

    (context,) = requestor.association.contexts
    assert context.proposed_roles == proposed
    assert context.result == result
    assert context.accepted_roles == (answered if result == 0 else None)


@pytest.mark.parametrize(
    ("options", "policy", "reject", "word"),
    [
        ({"called": "WRONG"}, Policy(), (1, 1, 7), "called AE title not recognized"),
        ({"calling": "ME"}, Policy(calling=frozenset({"YOU"})), (1, 1, 3), "calling AE title"),
        ({"application_context": "1.2.3"}, Policy(), (1, 1, 2), "application context name"),
        ({}, Policy(reject=(2, 3, 1)), (2, 3, 1), "temporary congestion"),
        ({}, Policy(reject=(1, 2, 1)), (1, 2, 1), "no reason given"),
        ({}, Policy(reject=(1, 1, 9)), (1, 1, 9), "reason 9, which is reserved"),
    ],
)
def test_a_rejection_is_told_in_words(
    net: Net, options: dict, policy: Policy, reject: tuple[int, int, int], word: str
):
    requestor = net.associate(net.listen(policy=policy), **options)

    association = requestor.association
    assert association.outcome == "rejected"
    assert association.reject == reject
    assert word in association.why
    assert association.ended == ""
    assert not requestor.established
    not_sent = requestor.echo()
    assert not_sent.ending == "not sent"
    assert word in not_sent.why


def test_one_association_too_many_is_rejected_for_the_moment(net: Net):
    listener = net.listen(policy=Policy(max_associations=1))
    with net.associate(listener) as first:
        second = net.associate(listener)
        assert second.association.reject == (2, 3, 2)
        assert first.echo().status == 0


def test_an_unchecked_called_title_is_accepted(net: Net):
    listener = net.listen(policy=Policy(check_called=False))

    assert net.associate(listener, called="ANYBODY").established


def test_no_accepted_context_is_told(net: Net):
    requestor = net.associate(net.listen(), "1.2.3.4.5")

    assert requestor.association.outcome == "accepted"
    assert "abstract syntax not supported" in requestor.association.why
    assert "abstract syntax not supported" in requestor.n_delete("1.2.3.4.5", "1").why


def test_a_refused_port_is_told(net: Net):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    requestor = net.associate(port)

    assert requestor.association.outcome == "no connection"
    assert f"127.0.0.1:{port} refused: nothing listens there" in requestor.association.why
    assert requestor.echo().ending == "not sent"
    requestor.release()
    requestor.abort()


def test_an_unknown_host_is_told():
    requestor = associate(
        Remote("SCP", "no-such-host.invalid", 104),
        calling="SCU",
        proposals=[Proposal(VERIFICATION, (IMPLICIT_LITTLE,))],
        recorder=Recorder(),
        limits=SHORT,
    )

    assert requestor.association.outcome == "no connection"
    assert "unknown host no-such-host.invalid" in requestor.association.why


def test_a_port_that_takes_no_connection_times_out(net: Net):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        port = server.getsockname()[1]
        full = [socket.socket() for _ in range(4)]
        for sock in full:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        requestor = net.associate(port, limits=Limits(connect=0.3))
        for sock in full:
            sock.close()

    assert requestor.association.outcome == "no connection"
    assert "within 0.3 s" in requestor.association.why


def test_a_port_that_says_nothing_is_no_answer(net: Net, scripted: Start):
    done = threading.Event()
    peer = scripted(lambda _: done.wait(5))
    requestor = net.associate(peer, limits=replace(SHORT, association=0.3))
    done.set()

    assert requestor.association.outcome == "no answer"
    assert "no answer to A-ASSOCIATE-RQ within 0.3 s" in requestor.association.why


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"", "closed the connection without answering"),
        (b"HTTP/1.1 400 Bad Request\r\n", "PDU type 48H is not defined"),
        (pdus.abort(2, 1), "unrecognized PDU"),
        (pdus.abort(0, 0), "by the application"),
        (pdus.release_rp(), "does not allow it"),
        (b"\x02\0\0\0\0\x02\0\1", "ends within its fixed fields"),
    ],
)
def test_a_port_that_answers_otherwise_is_told(net: Net, scripted: Start, answer: bytes, told: str):
    def script(peer: Wired) -> None:
        peer.pdu()
        peer.send(answer)

    requestor = net.associate(scripted(script))

    assert requestor.association.outcome == "aborted"
    assert told in requestor.association.why


def test_odd_answers_to_contexts_are_recorded(net: Net, scripted: Start):
    def script(peer: Wired) -> None:
        _, body = peer.pdu()
        items = pdus.read_associate(body, request=True)
        first, second = items.contexts
        first.result, first.accepted = 7, EXPLICIT_LITTLE
        second.id, second.result, second.accepted = 99, 0, "1.2.3"
        ac = pdus.associate_ac(items, [second], max_pdu=1, roles={CT: (True, True)})
        extra = b"\x21\0\0\x10\x01\0\x07\0\x40\0\0\x08" + b"1.2.3.4\0"
        ac = ac[:2] + (len(ac) - 6 + len(extra)).to_bytes(4, "big") + ac[6:] + extra
        peer.send(ac)
        peer.release()

    requestor = net.associate(scripted(script), CT, VERIFICATION)
    requestor.release()

    first, second = requestor.association.contexts
    assert (first.result, first.accepted, first.accepted_roles) == (7, None, (True, True))
    assert second.result is None
    assert requestor.association.notes["answers_not_proposed"] == [99]
    assert requestor.association.acceptor.max_pdu == 1


def test_roles_and_extended_negotiation_stand_in_the_request(net: Net, scripted: Start):
    read: list[pdus.AssociateItems] = []

    def script(peer: Wired) -> None:
        read.append(peer.accept())
        peer.release()

    proposals = [
        Proposal(CT, (IMPLICIT_LITTLE,), roles=(False, True)),
        Proposal(CT, (EXPLICIT_LITTLE,), roles=(False, True)),
        Proposal(STUDY_FIND, (IMPLICIT_LITTLE,), extended=b"\1\0\1"),
    ]
    net.associate(scripted(script), proposals=proposals, max_pdu=32768).release()

    (items,) = read
    assert items.roles == {CT: (False, True)}
    assert items.extended == {STUDY_FIND: "010001"}
    assert items.max_pdu == 32768
    assert items.implementation_class_uid == pdus.IMPLEMENTATION_CLASS_UID


def test_128_contexts_can_be_proposed_and_no_more(net: Net):
    listener = net.listen()
    proposals = [Proposal(VERIFICATION, (IMPLICIT_LITTLE,))] * 128
    requestor = net.associate(listener, proposals=proposals)

    assert [each.id for each in requestor.association.contexts] == list(range(1, 256, 2))
    assert {each.result for each in requestor.association.contexts} == {0}
    for wrong in ([], proposals * 2):
        with pytest.raises(ValueError, match="1 to 128"):
            net.associate(listener, proposals=wrong)


def test_a_body_that_raises_aborts(net: Net):
    requestor = net.associate(net.listen())
    with pytest.raises(KeyError), requestor:
        raise KeyError("our own")

    assert requestor.association.ended == "aborted by us"


def test_a_dropped_connection_shows_at_the_other_end(net: Net):
    requestor = net.associate(net.listen())
    requestor.drop()

    assert requestor.association.notes["dropped"]
    assert net.recorder.wait_for(lambda known: known[1].ended == "connection closed", 5)


def test_the_end_of_associations_is_told(net: Net):
    told: list[tuple[str, str]] = []
    both = threading.Semaphore(0)

    def ended(association) -> None:
        told.append((association.ended, association.calling_ae_title))
        both.release()

    listener = net.listen(handlers=Handlers(released=ended, aborted=ended))
    net.associate(listener, calling="A").release()
    assert both.acquire(timeout=5)
    net.associate(listener, calling="B").abort()
    assert both.acquire(timeout=5)

    assert told == [("released", "A"), ("aborted by peer", "B")]


def test_a_taken_port_is_told(net: Net):
    listener = net.listen()

    with pytest.raises(SetupError, match=rf"Port {listener.port} on 127.0.0.1 is taken"):
        net.listen(port=listener.port)


def test_a_foreign_address_is_told(net: Net):
    with pytest.raises(SetupError, match="is no address of this machine"):
        net.listen(host="192.0.2.1")


def test_a_spool_that_cannot_be_made_is_told(net: Net, tmp_path: Path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")

    with pytest.raises(SetupError, match="cannot be kept in"):
        net.listen(spool=tmp_path / "file" / "spool")


def test_a_listener_can_be_started_again(net: Net):
    listener = net.listen()
    port = listener.port
    listener.stop()
    assert net.associate(port).association.outcome == "no connection"
    listener.start()

    assert listener.port == port
    assert net.associate(listener).established


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [(Policy(abort=True), "aborted"), (Policy(silent=True), "no answer")],
)
def test_a_listener_can_answer_badly_on_purpose(net: Net, policy: Policy, outcome: str):
    listener = net.listen(policy=policy)
    requestor = net.associate(listener, limits=replace(SHORT, association=0.3))

    assert requestor.association.outcome == outcome


@pytest.mark.parametrize(
    ("policy", "ended"),
    [
        (Policy(abort_after_bytes=100_000), "aborted by peer"),
        (Policy(close_after_bytes=100_000), "connection closed"),
    ],
)
def test_a_listener_can_break_off_a_store_on_purpose(
    net: Net, tmp_path: Path, policy: Policy, ended: str
):
    requestor = net.associate(net.listen(policy=policy), CT)
    stored = requestor.store(an_object(3_000_000), sop_class=CT, sop_instance="1.2.3")

    assert stored.ending == "aborted"
    assert requestor.association.ended in (ended, "connection closed")
    net.listeners[0].stop()
    assert list((tmp_path / "spool-0").iterdir()) == []


def test_a_disk_that_takes_nothing_is_answered_with_a700(net: Net, tmp_path: Path):
    listener = net.listen()
    with net.associate(listener, CT) as requestor:
        (tmp_path / "spool-0").rmdir()
        stored = requestor.store(an_object(), sop_class=CT, sop_instance="1.2.3")

    assert stored.status == 0xA700
    assert "could not be written" in (net.recorder.recorded[1].exchanges[0].notes["not_kept"])
