"""The recorder: nothing twice, nothing lost, everybody woken."""

from __future__ import annotations

import threading
import time

import pytest

from dicomtest.dimse import Recorder
from dicomtest.evidence import Exchange


def opened(recorder: Recorder, end: str, connection: str = "", ended: str = "released"):
    """An association that was answered, and is over unless `ended` is empty."""
    association = recorder.open(end)
    association.outcome = "accepted"
    association.connection, association.ended = connection, ended
    association.answered = association.opened = 1.0
    return association


def test_ids_are_fresh_even_after_a_take():
    recorder = Recorder()
    first = opened(recorder, "requestor")
    assert recorder.take() == [first]
    second = opened(recorder, "acceptor")

    assert (first.id, second.id) == ("a1", "a2")
    (taken,) = recorder.take()
    assert taken is second
    assert recorder.take() == []


@pytest.mark.parametrize("ended", ["", "released"])
def test_the_acceptors_copy_of_our_own_connection_is_dropped(ended: str):
    recorder = Recorder()
    opened(recorder, "acceptor", "127.0.0.1:4>127.0.0.1:5", ended)
    ours = opened(recorder, "requestor", "127.0.0.1:4>127.0.0.1:5", ended)
    other = opened(recorder, "acceptor", "127.0.0.1:6>127.0.0.1:5", ended)

    assert recorder.take() == [ours, other]
    assert recorder.take() == []


@pytest.mark.parametrize("ended", ["", "released"])
def test_an_acceptors_copy_that_comes_late_is_dropped_once(ended: str):
    recorder = Recorder()
    ours = opened(recorder, "requestor", "a>b", ended)
    assert recorder.take() == [ours]
    opened(recorder, "acceptor", "a>b", ended)
    assert recorder.take() == []
    ours.ended = "released"
    assert recorder.take() == []
    reused = opened(recorder, "acceptor", "a>b", ended)  # the port is used again, by another

    assert recorder.take() == [reused]


def test_failed_attempts_without_a_connection_are_all_kept():
    recorder = Recorder()
    attempts = [opened(recorder, end) for end in ("requestor", "acceptor", "requestor")]

    assert recorder.take() == attempts


def test_an_association_that_is_only_being_opened_is_left():
    recorder = Recorder()
    opening = recorder.open("acceptor")

    assert recorder.take() == []
    opening.outcome, opening.answered, opening.ended = "rejected", 5.0, ""
    assert recorder.take() == [opening]


def test_an_open_association_is_taken_in_parts():
    """Some systems keep an association for hours: each step sees what happened in it."""
    recorder = Recorder()
    association = opened(recorder, "acceptor", "a>b", ended="")
    echo, store, last = (Exchange("C-ECHO", n, 1, "1.2") for n in (1, 2, 3))
    association.exchanges.append(echo)
    (first,) = recorder.take()
    assert recorder.take() == []
    assert recorder.recorded == []

    association.exchanges.append(store)
    assert recorder.wait_for(lambda known: [e for a in known for e in a.exchanges] == [store], 1)
    (second,) = recorder.take()
    association.exchanges.append(last)
    association.ended, association.closed = "released", 9.0
    recorder.changed()
    (third,) = recorder.take()

    assert (first.id, second.id, third.id) == ("a1", "a2", "a3")
    assert [part.exchanges for part in (first, second, third)] == [[echo], [store], [last]]
    assert first.exchanges[0] is echo
    assert second.notes == third.notes == {"continues": "a1"}
    assert {part.ended for part in (first, second, third)} == {"released"}
    assert {part.closed for part in (first, second, third)} == {9.0}
    assert association.exchanges == [echo, store, last]
    assert recorder.take() == []


def test_the_end_of_an_association_alone_is_no_news():
    recorder = Recorder()
    association = opened(recorder, "requestor", "a>b", ended="")
    (first,) = recorder.take()
    association.ended = "aborted by peer"
    recorder.changed()

    assert first.ended == "aborted by peer"
    assert recorder.take() == []
    association.closed = 9.0
    recorder.changed()
    assert first.closed == 9.0
    assert recorder.take() == recorder.recorded == []


def test_live_associations_are_taken_as_they_are_and_once():
    recorder = Recorder()
    opening, association = recorder.open("acceptor"), opened(recorder, "acceptor", ended="")

    first, second = recorder.take(live=True)
    assert first is opening
    assert second is association
    association.exchanges.append(Exchange("C-ECHO", 1, 1, "1.2"))
    assert recorder.take(live=True) == []


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
