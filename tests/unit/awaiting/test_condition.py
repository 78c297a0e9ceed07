"""Somebody is asked to bring a real printer into trouble."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from dicomtest.awaiting.condition import bring_into
from dicomtest.awaiting.desk import Answer, Desk
from dicomtest.evidence import Player, StepEvidence
from dicomtest.spec.site import Limits
from dicomtest.transactions.print import PrintParameters

PARAMETERS = PrintParameters.model_validate(
    {"from": "modality", "to": "printer", "condition": {"status": "FAILURE", "when": "before"}}
)


class Somebody(Desk):
    """Says one thing of the first card."""

    present = True

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.seen: Any = None
        self.answer = answer

    def changed(self) -> None:
        super().changed()
        if self.card is not None and self.seen is None:
            self.seen = self.card
            threading.Timer(0, self.give, (self.card.number, self.answer)).start()


def brought(desk: Desk, status: str = "FAILURE") -> str:
    step = StepEvidence(
        "trouble", "2-print", "print", scu="modality", scp="printer",
        players={"printer": Player("printer", False, "PRINT", "10.0.0.1", 104, "Laser 9")},
    )  # fmt: skip
    run = SimpleNamespace(
        desk=desk,
        casting=SimpleNamespace(system=lambda *_: object()),
        site=SimpleNamespace(limits_of=lambda _system: Limits(step=30)),
    )
    return bring_into(SimpleNamespace(run=run), PARAMETERS, step, status)  # type: ignore[arg-type]  # as much of a stage as is needed


@pytest.mark.parametrize("status", ["NORMAL", "WARNING", "FAILURE"])
def test_the_card_says_what_is_to_be_done(status: str):
    desk = Somebody(Answer("done"))

    assert brought(desk, status) == ""
    assert f"Bring Laser 9 into the status {status}" in desk.seen.task.en
    assert status in desk.seen.task.zh


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer("impossible", reason="it is in use"), "not brought into FAILURE: it is in use"),
        (Answer("later"), "not brought into FAILURE: later"),
    ],
)
def test_why_it_was_not_done_is_told(answer: Answer, why: str):
    assert why in brought(Somebody(answer))


def test_nobody_can_do_it_when_nobody_is_there():
    assert "and nobody is there" in brought(Desk())


def test_a_recorded_answer_counts():
    class Recorded(Desk):
        def standing(self, key: str) -> Answer | None:
            return Answer("done") if key == "trouble/2-print" else None

    assert brought(Recorded()) == ""
