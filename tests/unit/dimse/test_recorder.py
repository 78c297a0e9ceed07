"""The recorder: nothing twice, nothing lost, everybody woken."""

from __future__ import annotations

import threading
import time

from dicomtest.dimse import Recorder


def test_ids_are_fresh_even_after_a_take():
    recorder = Recorder()
    first = recorder.open("requestor")
    assert recorder.take() == [first]
    second = recorder.open("acceptor")

    assert (first.id, second.id) == ("a1", "a2")
    assert recorder.take() == [second]
    assert recorder.take() == []


def test_the_acceptors_copy_of_our_own_connection_is_dropped():
    recorder = Recorder()
    theirs, ours, other = (recorder.open(end) for end in ("acceptor", "requestor", "acceptor"))
    theirs.connection = ours.connection = "127.0.0.1:4>127.0.0.1:5"
    other.connection = "127.0.0.1:6>127.0.0.1:5"

    assert recorder.take() == [ours, other]


def test_an_acceptors_copy_that_comes_late_is_dropped_once():
    recorder = Recorder()
    ours = recorder.open("requestor")
    ours.connection = "a>b"
    assert recorder.take() == [ours]
    late, reused = recorder.open("acceptor"), recorder.open("acceptor")
    late.connection = reused.connection = "a>b"  # the port is used again, by somebody else

    assert recorder.take() == [reused]


def test_failed_attempts_without_a_connection_are_all_kept():
    recorder = Recorder()
    attempts = [recorder.open("requestor"), recorder.open("acceptor"), recorder.open("requestor")]

    assert recorder.take() == attempts


def test_waiting_ends_as_soon_as_the_predicate_holds():
    recorder = Recorder()

    def change() -> None:
        association = recorder.open("acceptor")
        association.ended = "released"
        recorder.changed()

    threading.Timer(0.05, change).start()
    began = time.monotonic()

    assert recorder.wait_for(lambda known: any(each.ended for each in known), 5)
    assert time.monotonic() - began < 2


def test_waiting_in_vain_ends_in_time():
    recorder = Recorder()
    began = time.monotonic()

    assert not recorder.wait_for(lambda known: bool(known), 0.05)
    assert time.monotonic() - began < 2
