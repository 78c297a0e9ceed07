"""No wake-up is lost and nobody is forgotten when several threads use one association."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from dicomtest.dimse import Answer, Handlers, Incoming
from dicomtest.evidence import Exchange

from .conftest import COMMITMENT, VERIFICATION, Net, Scripted, Wired


def test_operations_of_many_threads_on_one_association_all_end(net: Net):
    requestor = net.associate(net.listen())

    def some(seed: int) -> list[Exchange]:
        pause = random.Random(seed)
        exchanges = []
        for _ in range(100):
            exchanges.append(requestor.echo())
            if pause.random() < 0.1:  # long enough for the watcher to come between
                time.sleep(0.008)
        return exchanges

    with ThreadPoolExecutor(8) as pool:
        exchanges = [each for lot in pool.map(some, range(8)) for each in lot]
    requestor.release()

    assert len(exchanges) == 800
    assert {each.status for each in exchanges} == {0}
    assert max(each.seconds or 0.0 for each in exchanges) < 1
    assert len({each.message_id for each in exchanges}) == 800


def test_both_ends_may_invoke_at_once(net: Net):
    """The acceptor reports from a thread of its own while the requestor asks."""
    incoming: list[Incoming] = []
    ready = threading.Event()

    def n_action(request: Incoming) -> Answer:
        incoming.append(request)
        ready.set()
        return Answer(0)

    listener = net.listen(handlers=Handlers(n_action=n_action))
    served = Handlers(n_event_report=lambda _: Answer(0))
    requestor = net.associate(listener, COMMITMENT, VERIFICATION, handlers=served)
    requestor.n_action(COMMITMENT, "1.2.3", None, action_type=1)
    assert ready.wait(5)

    def report() -> list[Exchange]:
        same = incoming[0].same_association
        return [same.n_event_report(COMMITMENT, "1.2.3", None, event_type=1) for _ in range(200)]

    def ask() -> list[Exchange]:
        return [requestor.echo() for _ in range(200)]

    with ThreadPoolExecutor(2) as pool:
        reported, asked = pool.submit(report), pool.submit(ask)
        exchanges = reported.result(60) + asked.result(60)

    assert {(each.ending, each.status) for each in exchanges} == {("answered", 0)}
    assert max(each.seconds or 0.0 for each in exchanges) < 1
    requestor.release()


def test_an_operation_after_a_pause_wakes_the_watcher_at_once(net: Net):
    requestor = net.associate(net.listen())
    took = []
    for number in range(100):
        time.sleep(0.01 if number % 2 else 0.005)  # about when the watcher takes over
        began = time.monotonic()
        assert requestor.echo().status == 0
        took.append(time.monotonic() - began)

    assert max(took) < 0.5
    requestor.release()


def test_an_abort_from_another_thread_ends_the_waiting(net: Net, scripted: Callable[..., Scripted]):
    asked = threading.Event()

    def silent(peer: Wired) -> None:
        peer.accept()
        peer.message()
        asked.set()
        assert peer.pdu()[0] == 7

    requestor = net.associate(scripted(silent))

    def abort() -> None:
        assert asked.wait(5)
        requestor.abort()

    thread = threading.Thread(target=abort)
    thread.start()
    began = time.monotonic()
    echo = requestor.echo()
    thread.join()

    assert time.monotonic() - began < 2
    assert echo.ending == "abandoned"
    assert echo.why == "we aborted the association"


def test_stop_ends_an_operation_of_the_acceptor(net: Net):
    """An event report that the peer never answers must not keep the listener."""
    reporting = threading.Event()

    def n_action(request: Incoming) -> Answer:
        request.afterwards(
            lambda same: same.n_event_report(COMMITMENT, "1.2.3", None, event_type=1)
        )
        return Answer(0)

    def never(_: Incoming) -> Answer:
        reporting.set()
        time.sleep(0.5)
        return Answer(0)

    listener = net.listen(handlers=Handlers(n_action=n_action))
    requestor = net.associate(listener, COMMITMENT, handlers=Handlers(n_event_report=never))
    requestor.n_action(COMMITMENT, "1.2.3", None, action_type=1)
    assert reporting.wait(5)
    began = time.monotonic()
    listener.stop()

    assert time.monotonic() - began < 2
    requestor.abort()


def test_many_short_associations_leave_nothing_behind(net: Net):
    listener = net.listen()
    before = threading.active_count()
    for _ in range(200):
        with net.associate(listener) as requestor:
            assert requestor.echo().status == 0
    net.requestors.clear()
    listener.stop()

    assert threading.active_count() < before
    taken = net.recorder.take()
    assert len(taken) == 200
    assert {each.ended for each in taken} == {"released"}
