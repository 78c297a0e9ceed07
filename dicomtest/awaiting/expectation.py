"""What a step awaits from a real system, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dicomtest.awaiting.words import AE_TITLE, HOST, NOTHING, PORT, Words

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset

    from dicomtest.awaiting.arrivals import Message
    from dicomtest.evidence import Exchange, StepEvidence
    from dicomtest.spec.site import System
    from dicomtest.stage import Stage


class CannotBeAsked(Exception):
    """A real system cannot be made to do this (it is a simulator's trick); `str` says why."""


@dataclass
class Progress:
    """How far what has been seen fulfils what is awaited.

    `mine` are the exchanges that belong to the step. `near` are near misses: what came and does
    not count, and why.
    """

    done: bool = False
    mine: list[Exchange] = field(default_factory=list)
    seen: list[Words] = field(default_factory=list)
    near: list[Words] = field(default_factory=list)
    short: Words = NOTHING


class Expectation:
    """Base of what the kinds of steps await.

    `task` says what somebody has to do, `awaited` what ends the wait, `use` the values to work
    with, `values` the same for a trigger. `settle` are the seconds without news, while an
    association is open, after which nothing more is expected.
    """

    settle = 2.0
    by_word = False  # nothing can be seen: it is done when somebody or the trigger says so
    sop_class = "1.2.840.10008.1.1"  # of `request`

    def __init__(self, stage: Stage, parameters: Any, step: StepEvidence) -> None:
        """Keep what the step is about."""
        self.stage = stage
        self.parameters = parameters
        self.step = step
        self.task = Words("", "")
        self.awaited = Words("", "")
        self.use: list[tuple[Words, str]] = []
        self.values: dict[str, str] = {}
        self.confirmed = False  # somebody or the trigger said that it is done

    @property
    def system(self) -> System:
        """The real system that is to act."""
        system = self.stage.run.casting.system(self.step.scu, self.step.kind)
        assert system is not None, "only a real system is awaited"
        return system

    def look(self, messages: Sequence[Message], *, lenient: bool) -> Progress:
        """Judge what has come so far from the system, oldest first.

        `lenient` when a person said that it is what was asked for, whatever it looks like.
        """
        raise NotImplementedError

    def finish(self, progress: Progress) -> None:
        """Fill instances and facts of the step, and what later steps need."""

    def request(self) -> Dataset | None:
        """What a simulator would ask or report, for a trigger; None when there is nothing."""
        return None

    def make_objects(self, folder: Path) -> bool:
        """Write what is to be sent, for a trigger; False when that is nothing."""
        del folder
        return False

    def begin(self) -> None:
        """Prepare our side, before anybody is told to act."""

    def end(self) -> None:
        """Undo what `begin` did."""

    @staticmethod
    def up_to(messages: Sequence[Message], last: Exchange | None) -> list[Exchange]:
        """The requests up to the one that fulfils the step: what comes later is for later steps.

        All of them while there is none.
        """
        found = []
        for _, each in messages:
            found.append(each)
            if each is last:
                break
        return found

    def refused(self, messages: Sequence[Message]) -> list[Words]:
        """Near misses: requests that our side answered with neither Success nor a Warning."""
        from dicomtest.dimse import status_class
        from dicomtest.findings import hex_status

        found = []
        for _association, each in messages:
            if each.final is None or each.status is None:
                continue
            if status_class(each.status) in ("success", "warning"):
                continue
            comment = str(each.final.command.get("ErrorComment", ""))
            what = f"{each.service} {hex_status(each.status)} {comment}".strip()
            found.append(Words(f"refused by us: {what}", f"被本机拒绝：{what}"))
        return list(dict.fromkeys(found))

    def tell_destination(self) -> None:
        """Name whom to call among the values, each as a person enters it."""
        player = self.step.players[self.step.scp]
        self.use += [
            (AE_TITLE, player.ae_title),
            (HOST, player.host),
            (PORT, str(player.port or "")),
        ]
