"""The sound archive keeps to PS3.8 with peers that do not."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.defects.systems import ArchiveSCP
from tests.defects.systems import upper_layer as ul
from tests.defects.systems.probe import Client
from tests.defects.systems.settings import VERIFICATION

CONTEXTS = [ul.Context(1, VERIFICATION, [ul.IMPLICIT_LITTLE])]


@pytest.fixture
def archive() -> Iterator[ArchiveSCP]:
    """A sound archive that still answers C-ECHO when the test has done its worst."""
    with ArchiveSCP() as running:
        yield running
        with Client(running.port) as client:
            assert "('Status', 0)" in str(client.echo(client.associate(VERIFICATION)))


@pytest.fixture
def peer(archive: ArchiveSCP) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", archive.port), 5) as connection:
        yield connection


def request(**change: object) -> bytes:
    associate = ul.Associate("ARCHIVE", "RAW", CONTEXTS, implementation_class_uid="2.25.1")
    for name, value in change.items():
        setattr(associate, name, value)
    return ul.write_request(associate)


def answer(peer: socket.socket, sent: bytes) -> bytes:
    """The type, and the codes, of the PDU that answers."""
    peer.sendall(sent)
    data = peer.recv(4096)
    return data[:1] + (data[7:10] if data[:1] in (b"\3", b"\7") else b"")


def test_an_unknown_pdu_is_aborted(peer: socket.socket) -> None:
    assert answer(peer, b"\x2a\0\0\0\0\2xx") == bytes([7, 0, 0, 0])


def test_data_before_the_association_is_aborted(peer: socket.socket) -> None:
    assert answer(peer, ul.data_pdu(1, 3, b"xx")) == bytes([7, 0, 0, 0])


def test_a_second_request_is_aborted(peer: socket.socket) -> None:
    assert answer(peer, request()) == bytes([ul.ASSOCIATE_AC])
    assert answer(peer, request()) == bytes([7, 0, 2, 2])


def test_only_bit_0_of_the_protocol_version_counts(peer: socket.socket) -> None:
    assert answer(peer, request(protocol_version=3)) == bytes([ul.ASSOCIATE_AC])


def test_another_protocol_version_is_rejected(peer: socket.socket) -> None:
    assert answer(peer, request(protocol_version=2)) == bytes([3, 1, 2, 2])


def test_another_application_context_is_rejected(peer: socket.socket) -> None:
    assert answer(peer, request(application_context="1.2.3")) == bytes([3, 1, 1, 2])


def test_items_of_unknown_type_are_passed_over(peer: socket.socket) -> None:
    body = request()[6:] + ul.item(0x99, b"unknown")
    assert answer(peer, ul.pdu(ul.ASSOCIATE_RQ, body)) == bytes([ul.ASSOCIATE_AC])


def test_a_request_that_is_cut_short_is_aborted(peer: socket.socket) -> None:
    assert answer(peer, ul.pdu(ul.ASSOCIATE_RQ, bytes(20)))[:1] == bytes([ul.ABORT])


@pytest.mark.parametrize(
    "data",
    [
        ul.data_pdu(1, 3, bytes(20000)),  # longer than announced
        ul.data_pdu(2, 3, b"xx"),  # even context ID
        ul.data_pdu(5, 3, b"xx"),  # context that was not proposed
        ul.data_pdu(1, 3, b"no command set"),
        ul.data_pdu(1, 2, b"a data set without a command"),
        ul.pdu(ul.P_DATA, b"\0\0\xff\xff\1\3xx"),  # value longer than its PDU
    ],
)
def test_bad_data_is_aborted_by_the_provider(peer: socket.socket, data: bytes) -> None:
    assert answer(peer, request()) == bytes([ul.ASSOCIATE_AC])
    assert answer(peer, data)[:3] == bytes([7, 0, 2])
