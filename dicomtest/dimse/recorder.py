"""Keeps the associations of a run, from either end, until somebody takes them."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from dicomtest.evidence import Association


@dataclass(slots=True)
class _Kept:
    """An association and what of it was taken already."""

    association: Association
    exchanges: int = 0
    parts: list[Association] = field(default_factory=list)

    @property
    def undecided(self) -> bool:
        """Whether it is only being opened."""
        return not self.association.answered and not self.association.closed

    @property
    def live(self) -> bool:
        """Whether more may happen on it."""
        return self.association.outcome == "accepted" and not self.association.ended

    @property
    def news(self) -> Association | None:
        """What was not taken yet; None when nothing is new."""
        if not self.parts:
            return self.association
        new = self.association.exchanges[self.exchanges :]
        if not new:
            return None
        return replace(self.association, exchanges=new, notes=dict(self.association.notes))


class Recorder:
    """Thread-safe list of associations; whoever writes to one calls `changed()`.

    When the harness played both ends of a TCP connection, the acceptor's copy is dropped on
    `take()`, so that nothing is judged twice.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._condition = threading.Condition()
        self._kept: list[_Kept] = []
        self._parted: list[_Kept] = []  # those of which a part was taken
        self._opened = 0
        # an acceptor may be late to open its copy, after the requestor's was taken
        self._taken: deque[str] = deque(maxlen=1000)

    def open(self, seen_from: Literal["requestor", "acceptor"]) -> Association:
        """Append a fresh association, with an id of its own."""
        with self._condition:
            association = Association(id=self._next_id(), seen_from=seen_from)
            self._kept.append(_Kept(association))
            self._condition.notify_all()
        return association

    def _next_id(self) -> str:
        self._opened += 1
        return f"a{self._opened}"

    def changed(self) -> None:
        """Wake everybody who waits for something to be recorded."""
        with self._condition:
            for each in self._parted:
                for part in each.parts:
                    _copy_end(each.association, part)
            self._condition.notify_all()

    @property
    def recorded(self) -> list[Association]:
        """What is not yet taken."""
        with self._condition:
            return self._news()

    def _news(self) -> list[Association]:
        return [new for each in self._kept if (new := each.news) is not None]

    def take(
        self, *, live: bool = False, only: Callable[[Association], bool] | None = None
    ) -> list[Association]:
        """Remove and return what was recorded since the last take.

        An association that is still open is returned as a copy of what happened so far, and
        what happens on it later comes with a later take, as a record with an id of its own
        and `notes["continues"]`: some systems keep an association for hours. With `live` the
        association itself is returned, once, and goes on growing. One that is only being
        opened is left for a later take. `only` limits it to some associations.
        """
        with self._condition:
            self._drop_acceptors_copies()
            taken, kept = [], []
            for each in self._kept:
                unwanted = only is not None and not only(each.association)
                if unwanted or (each.undecided and not live):
                    kept.append(each)
                    continue
                if live or not (each.live or each.parts):
                    if not each.parts:
                        taken.append(each.association)
                    continue
                part = self._part(each)
                if part is not None:
                    taken.append(part)
                if not each.association.closed:
                    kept.append(each)
            for each in self._parted:  # those that are over by now, for the last time
                for part in each.parts:
                    _copy_end(each.association, part)
            self._kept = kept
            self._parted = [each for each in kept if each.parts]
            return taken

    def _part(self, kept: _Kept) -> Association | None:
        """Copy what is new of an association that was or is taken in parts."""
        new = kept.news
        if new is None:
            return None
        first = not kept.parts
        part = replace(
            kept.association,
            id=kept.association.id if first else self._next_id(),
            exchanges=list(new.exchanges),
            notes=dict(kept.association.notes),
        )
        if not first:
            part.notes["continues"] = kept.association.id
        kept.exchanges = len(kept.association.exchanges)
        kept.parts.append(part)
        return part

    def _drop_acceptors_copies(self) -> None:
        requestors = [
            each
            for each in self._kept
            if each.association.seen_from == "requestor"
            and each.association.connection
            and not (each.parts and each.association.ended)
        ]
        ours = {each.association.connection for each in requestors}
        unseen = {
            each.association.connection
            for each in requestors
            if not each.parts and not each.undecided
        }
        kept = []
        for each in self._kept:
            connection = each.association.connection
            if each.association.seen_from != "acceptor" or not connection:
                kept.append(each)
            elif connection in ours or connection in self._taken:
                ours.discard(connection)
                unseen.discard(connection)
                if connection in self._taken:
                    self._taken.remove(connection)
            else:
                kept.append(each)
        self._kept = kept
        self._taken.extend(unseen)  # those whose other end has not been seen yet

    def wait_for(self, predicate: Callable[[list[Association]], bool], seconds: float) -> bool:
        """Wait until the predicate holds for what is not yet taken; say whether it did in time."""
        deadline = time.monotonic() + seconds
        with self._condition:
            while not predicate(self._news()):
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._condition.wait(left)
            return True


def _copy_end(source: Association, part: Association) -> None:
    part.ended, part.released_by, part.abort = source.ended, source.released_by, source.abort
    part.closed, part.why = source.closed, source.why
    part.largest_pdu_received = source.largest_pdu_received
    part.largest_pdu_sent = source.largest_pdu_sent
