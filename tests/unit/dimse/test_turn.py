"""The turn goes round: nobody waits for ever, nobody has it twice."""

from __future__ import annotations

import threading
import time

import pytest

from dicomtest.dimse.turn import Turn


@pytest.mark.parametrize("quiet", [0.0, 0.001])
def test_takers_and_watcher_exclude_each_other_and_all_go_on(quiet: float):
    wakes = threading.Semaphore(0)
    turn = Turn(wakes.release, quiet=quiet)
    inside = 0
    most = 0
    watched = 0
    over = threading.Event()

    def enter() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        inside -= 1

    def watch() -> None:
        nonlocal watched
        while not over.is_set():
            with turn.watching():
                enter()
                watched += 1
                wakes.acquire(timeout=5)  # the wake-up may have come before

    def take() -> None:
        for number in range(300):
            with turn.taken():
                enter()
                with turn.taken():
                    assert turn.mine
            if number % 50 == 0:
                time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    takers = [threading.Thread(target=take) for _ in range(4)]
    for thread in (watcher, *takers):
        thread.start()
    began = time.monotonic()
    for thread in takers:
        thread.join(20)
    took = time.monotonic() - began
    over.set()
    wakes.release()
    turn.hurry()
    watcher.join(10)

    assert not any(thread.is_alive() for thread in (watcher, *takers))
    assert took < 4, "a taker waited until the watcher gave up by itself"
    assert most == 1
    assert watched
    assert not turn.mine


def test_a_watcher_does_not_come_between_a_burst():
    turn = Turn(lambda: None, quiet=0.2)
    watching = threading.Event()

    def watch() -> None:
        with turn.watching():
            watching.set()

    with turn.taken():
        watcher = threading.Thread(target=watch)
        watcher.start()
    for _ in range(100):
        with turn.taken():
            assert not watching.is_set()

    assert watching.wait(5)
    watcher.join()


def test_the_turn_comes_back_after_an_error():
    turn = Turn(lambda: None, quiet=0.0)
    with pytest.raises(KeyError), turn.taken():
        raise KeyError
    with turn.watching():
        assert turn.mine
