"""The journal of what real systems sent of their own accord, until a step takes it.

A modality may do more than the step that is being awaited: what comes early waits here, in the
order in which it came, for the step that is about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dicomtest.evidence import Association, Exchange

if TYPE_CHECKING:
    from dicomtest import dimse

Message = tuple[Association, Exchange]
"""A request with its responses, and the association it came on."""


@dataclass
class _Arrived:
    """An association, which may go on growing, and what of it steps have taken."""

    association: Association
    taken: set[int] = field(default_factory=set)  # id() of exchanges
    parts: int = 0
    settled: bool = False  # it can give no further step anything

    @property
    def left(self) -> list[Exchange]:
        return [each for each in self.association.exchanges if id(each) not in self.taken]


class Arrivals:
    """What arrived and belongs to no step yet."""

    def __init__(self, recorder: dimse.Recorder) -> None:
        """Begin with nothing."""
        self._recorder = recorder
        self._kept: list[_Arrived] = []

    def gather(self, only: Callable[[Association], bool] | None = None) -> None:
        """Take over what the recorder has; of certain associations only, if need be."""
        taken = self._recorder.take(live=True, only=only)
        self._kept += [_Arrived(each) for each in taken]

    def forget(self) -> None:
        """Let go of everything: another scenario begins."""
        self._recorder.take()
        self._kept.clear()

    def drop(self, unwanted: Callable[[Association], bool]) -> None:
        """Let go of these associations, whatever is left of them."""
        self._kept = [each for each in self._kept if not unwanted(each.association)]

    def messages(self, wanted: Callable[[Association], bool]) -> list[Message]:
        """What is left of these associations and was answered or given up, oldest first."""
        found = [
            (each.association, exchange)
            for each in self._kept
            if wanted(each.association)
            for exchange in each.left
            if is_over(each.association, exchange)
        ]
        return sorted(found, key=lambda one: one[1].began or one[1].sent)

    def associations(self, wanted: Callable[[Association], bool]) -> list[Association]:
        """Those of which no step has taken everything, oldest first."""
        return [
            each.association
            for each in self._kept
            if wanted(each.association)
            and not each.settled
            and (each.left or not each.association.exchanges)
        ]

    @property
    def activity(self) -> tuple[int, int, int]:
        """Differs whenever something has happened: associations, messages, ends."""
        every = [each.association for each in self._kept]
        answers = sum(len(one.responses) for each in every for one in each.exchanges)
        return (
            len(every),
            sum(len(each.exchanges) for each in every) + answers,
            sum(1 for each in every if each.closed or each.ended),
        )

    def claim(
        self,
        exchanges: Iterable[Exchange],
        *,
        bare: Callable[[Association], bool] = lambda _association: False,
    ) -> list[Association]:
        """Give these exchanges on their associations, to a step; nobody gets them again.

        An association that gives several steps something becomes several records, the later
        ones with `notes["continues"]`. `bare` says of which associations on which nothing was
        asked the step wants the record too, a rejected one for example.
        """
        wanted = {id(each) for each in exchanges}
        found = []
        for each in self._kept:
            own = [one for one in each.left if id(one) in wanted]
            if own or (not each.settled and self._is_bare(each, bare)):
                each.taken |= {id(one) for one in own}
                found.append(_part(each, own))
        self._kept = [
            each
            for each in self._kept
            if each.left or not (each.association.closed or each.settled)
        ]
        return found

    @staticmethod
    def _is_bare(each: _Arrived, bare: Callable[[Association], bool]) -> bool:
        nothing = not each.association.exchanges and bool(each.association.closed)
        each.settled = nothing and bare(each.association)
        return each.settled


def is_over(association: Association, exchange: Exchange) -> bool:
    """Whether nothing more comes of an exchange."""
    return (
        exchange.final is not None
        or exchange.ending != "answered"
        or bool(association.closed or association.ended)
    )


def _part(arrived: _Arrived, own: list[Exchange]) -> Association:
    association = arrived.association
    made = replace(association, exchanges=own, notes=dict(association.notes))
    if arrived.parts:
        made.id = f"{association.id}.{arrived.parts + 1}"
        made.notes["continues"] = association.id
    arrived.parts += 1
    return made
