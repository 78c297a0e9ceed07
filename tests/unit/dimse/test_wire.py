"""A wire reads and writes without blocking, and no wake-up is lost."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from dicomtest.dimse.wire import Got, Wire


@pytest.fixture
def ends() -> Iterator[tuple[Wire, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs = socket.create_connection(server.getsockname())
        ours, _ = server.accept()
    wire = Wire(ours)
    theirs.settimeout(5)
    yield wire, theirs
    wire.close()
    theirs.close()


def test_nodelay_is_set(ends: tuple[Wire, socket.socket]):
    assert ends[0]._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_data_arrives_and_is_consumed(ends: tuple[Wire, socket.socket]):
    wire, theirs = ends
    theirs.sendall(b"abcdef")

    assert wire.wait(5) is Got.DATA
    assert bytes(wire.data) == b"abcdef"
    wire.consume(4)
    assert bytes(wire.data) == b"ef"
    assert wire.wait(0) is Got.NOTHING


def test_more_than_the_buffer_is_taken_when_nothing_is_consumed(
    ends: tuple[Wire, socket.socket],
):
    wire, theirs = ends
    sent = bytes(range(256)) * 8192
    sender = threading.Thread(target=theirs.sendall, args=(sent,))
    sender.start()
    while len(wire.data) < len(sent):
        assert wire.wait(5) is Got.DATA
    sender.join()

    assert bytes(wire.data) == sent


def test_a_wake_up_before_the_waiting_is_not_lost(ends: tuple[Wire, socket.socket]):
    wire, _ = ends
    wire.wake()
    wire.wake()

    assert wire.wait(5) is Got.WOKEN
    assert wire.wait(0) is Got.NOTHING


def test_no_wake_up_is_lost_whenever_it_comes(ends: tuple[Wire, socket.socket]):
    """A race in slow motion: thousands of wake-ups against a thread that begins to wait."""
    wire, _ = ends
    asked = threading.Semaphore(0)
    woken = 0

    def wake() -> None:
        for _ in range(3000):
            asked.acquire(timeout=5)
            wire.wake()

    thread = threading.Thread(target=wake)
    thread.start()
    for _ in range(3000):
        asked.release()
        if wire.wait(5) is Got.WOKEN:
            woken += 1
    thread.join()

    assert woken == 3000


def test_data_and_a_wake_up_together_give_the_data(ends: tuple[Wire, socket.socket]):
    wire, theirs = ends
    theirs.sendall(b"x")
    time.sleep(0.01)
    wire.wake()

    assert wire.wait(5) is Got.DATA


def test_what_does_not_fit_is_written_while_waiting(ends: tuple[Wire, socket.socket]):
    wire, theirs = ends
    sent = bytes(range(256)) * 100_000
    received = bytearray()

    def read() -> None:
        while len(received) < len(sent):
            received.extend(theirs.recv(1 << 20))
        theirs.sendall(b"done")

    wire.queue(sent[:10], memoryview(sent)[10:])
    assert not wire.flush()
    reader = threading.Thread(target=read)
    reader.start()
    while wire.wait(5) is Got.NOTHING:
        pass
    reader.join()

    assert not wire.unsent
    assert wire.written == len(sent)
    assert received == sent
    assert bytes(wire.data) == b"done"


def test_a_closed_connection_is_told(ends: tuple[Wire, socket.socket]):
    wire, theirs = ends
    theirs.sendall(b"last")
    theirs.close()

    assert wire.wait(5) is Got.DATA
    assert wire.wait(5) is Got.CLOSED
    assert wire.closed
    wire.queue(b"into the void")
    assert wire.flush()


def test_a_reset_connection_is_told_in_words(ends: tuple[Wire, socket.socket]):
    wire, theirs = ends
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    theirs.close()

    assert wire.wait(5) is Got.CLOSED
    assert wire.error


def test_no_wire_is_closed_from_the_beginning():
    wire = Wire.none()

    assert wire.closed
    assert wire.wait(0) is Got.CLOSED
    wire.wake()
    wire.close()
