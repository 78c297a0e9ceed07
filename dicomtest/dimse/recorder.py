"""Keeps the associations of a run, from either end, until somebody takes them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Literal

from dicomtest.evidence import Association


class Recorder:
    """Thread-safe list of associations; whoever writes to one calls `changed()`.

    When the harness played both ends of a TCP connection, the acceptor's copy is dropped on
    `take()`, so that nothing is judged twice.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._condition = threading.Condition()
        self._associations: list[Association] = []
        self._opened = 0
        # an acceptor may be late to open its copy, after the requestor's was taken
        self._taken: deque[str] = deque(maxlen=1000)

    def open(self, seen_from: Literal["requestor", "acceptor"]) -> Association:
        """Append a fresh association, with an id of its own."""
        with self._condition:
            self._opened += 1
            association = Association(id=f"a{self._opened}", seen_from=seen_from)
            self._associations.append(association)
            self._condition.notify_all()
        return association

    def changed(self) -> None:
        """Wake everybody who waits for something to be recorded."""
        with self._condition:
            self._condition.notify_all()

    def take(self) -> list[Association]:
        """Remove and return what was recorded since the last take."""
        with self._condition:
            recorded, self._associations = self._associations, []
            ours = {
                each.connection
                for each in recorded
                if each.seen_from == "requestor" and each.connection
            }
            kept = []
            for each in recorded:
                if each.seen_from == "acceptor" and each.connection in ours:
                    ours.discard(each.connection)
                elif each.seen_from == "acceptor" and each.connection in self._taken:
                    self._taken.remove(each.connection)
                else:
                    kept.append(each)
            self._taken.extend(ours)  # those whose other end has not been seen yet
            return kept

    def wait_for(self, predicate: Callable[[list[Association]], bool], seconds: float) -> bool:
        """Wait until the predicate holds for what is recorded; say whether it did in time."""
        deadline = time.monotonic() + seconds
        with self._condition:
            while not predicate(list(self._associations)):
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._condition.wait(left)
            return True
