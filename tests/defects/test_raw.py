"""The raw peers do what their names say."""

from __future__ import annotations

import socket

import pytest

from tests.defects.systems.association import Ended
from tests.defects.systems.probe import Client
from tests.defects.systems.raw import BEHAVIOURS, RawPeer, answering, rejecting
from tests.defects.systems.settings import VERIFICATION

# What a client sees that associates and sends one C-ECHO; the rest never accepts.
ANSWER_THE_ECHO = {
    "answers-1234", "answers-c001", "answers-ffff", "drips-0.001", "never-answers-release",
    "responds-to-another-message", "responds-with-a-request", "responds-without-status",
    "is-pending-for-ever", "promises-a-data-set",
}  # fmt: skip
ACCEPT = ANSWER_THE_ECHO | {
    "accepts-and-falls-silent", "accepts-and-aborts", "accepts-and-closes",
    "aborts-on-the-first-data", "closes-on-the-first-data", "resets-on-the-first-data",
    "aborts-in-a-response", "closes-in-a-response", "closes-in-a-pdu", "falls-silent-in-a-pdu",
    "sends-an-unknown-pdu", "sends-a-garbled-command-set", "sends-values-that-overlap",
    "releases-instead-of-answering",
}  # fmt: skip


def test_every_behaviour_is_sorted() -> None:
    assert set(BEHAVIOURS) >= ACCEPT


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_a_raw_peer_gets_as_far_as_it_should(name: str) -> None:
    with RawPeer(BEHAVIOURS[name]) as peer, Client(peer.port, patience=0.3) as client:
        try:
            link = client.associate(VERIFICATION)
        except Ended:
            assert name not in ACCEPT
            return
        assert name in ACCEPT
        answer = client.echo(link)
        answered = not any("ended" in str(each) for each in answer[:1])
        assert answered == (name in ANSWER_THE_ECHO - {"promises-a-data-set"})


def test_codes_of_a_rejection_are_sent_as_given() -> None:
    with (
        RawPeer(rejecting(2, 3, 1)) as peer,
        socket.create_connection(("127.0.0.1", peer.port), 2) as connection,
    ):
        connection.sendall(b"\1\0\0\0\0\0")
        assert connection.recv(100) == bytes([3, 0, 0, 0, 0, 4, 0, 2, 3, 1])


def test_an_illegal_status_is_sent_as_given() -> None:
    with RawPeer(answering(0xABCD)) as peer, Client(peer.port) as client:
        answer = client.echo(client.associate(VERIFICATION))
    assert ("Status", 0xABCD) in answer[0][1]


def test_a_tls_server_ends_a_connection_in_clear_text() -> None:
    with (
        RawPeer(BEHAVIOURS["is-a-tls-server"]) as peer,
        socket.create_connection(("127.0.0.1", peer.port), 2) as connection,
    ):
        connection.sendall(b"\1\0\0\0\0\xff" + bytes(255))
        try:
            answer = connection.recv(1000)
        except ConnectionResetError:
            answer = b""
        assert answer[:1] in (b"", b"\x15")  # nothing, or a TLS alert
