"""Whose turn it is to use a connection: one thread at a time, and nobody forgotten."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Turn:
    """A lock with two kinds of holders: those with something to do, and one idle watcher.

    The watcher reads the connection while nobody else uses it. It gives way: whoever wants
    the turn wakes it, and it does not come back before everybody who waited had the turn.
    """

    def __init__(self, wake: Callable[[], None], *, quiet: float) -> None:
        """`wake` makes the watcher return from its waiting; it may be called in vain.

        The watcher waits until nobody had the turn for `quiet` seconds, which spares a burst
        of operations the handing to and fro between each two.
        """
        self._wake = wake
        self._quiet = quiet
        self._lock = threading.Lock()
        self._free = threading.Condition(self._lock)
        self._calm = threading.Condition(self._lock)
        self._owner: int | None = None
        self._depth = 0
        self._wanting = 0
        self._watching = False
        self._last = 0.0

    @property
    def mine(self) -> bool:
        """Whether the calling thread has the turn."""
        return self._owner == threading.get_ident()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Have the turn; a thread that has it may take it again."""
        me = threading.get_ident()
        with self._lock:
            if self._owner != me:
                self._wanting += 1
                if self._watching:
                    self._wake()
                while self._owner is not None:
                    self._free.wait()
                self._wanting -= 1
                self._owner = me
            self._depth += 1
        try:
            yield
        finally:
            self._give()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Have the turn as the watcher."""
        with self._lock:
            while True:
                left = self._last + self._quiet - time.monotonic()
                if self._owner is not None or self._wanting:
                    self._calm.wait(self._quiet or None)
                elif left > 0:
                    self._calm.wait(left)
                else:
                    break
            self._owner = threading.get_ident()
            self._depth = 1
            self._watching = True
        try:
            yield
        finally:
            self._give()

    def hurry(self) -> None:
        """End the watcher's waiting for quiet early: the connection is over."""
        with self._lock:
            self._last = 0.0
            self._calm.notify()

    def _give(self) -> None:
        with self._lock:
            self._depth -= 1
            if self._depth:
                return
            self._owner = None
            self._watching = False
            if self._wanting:
                self._free.notify()
            else:
                self._last = time.monotonic() if self._quiet else 0.0
                if not self._quiet:
                    self._calm.notify()
