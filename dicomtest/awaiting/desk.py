"""Where people are asked: one card for each step that is awaited, and what they say of it.

Terminal and web page are views of a desk; whoever answers first is heard.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Any, Literal

from dicomtest.awaiting.words import NOTHING, Words

Choice = Literal["done", "fails", "impossible", "later", "repeat", "extend", "answers"]
"""What a person can say: it is done; it does not work; it cannot be done here; not now; once
more from the start; more time is needed; answers to the questions."""

EXTENSION = 300.0  # seconds more, when somebody asks for them


@dataclass(frozen=True)
class Question:
    """A question that is answered by yes or no, or by a text such as a row of numbers."""

    id: str
    text: Words
    kind: Literal["yes-no", "text"] = "yes-no"


@dataclass(frozen=True)
class Answer:
    """What was said of a card, by whom, when (seconds since the epoch) and where."""

    choice: Choice
    by: str = ""
    reason: str = ""
    note: str = ""
    questions: dict[str, str] = field(default_factory=dict)  # by id: yes, no, unknown, or text
    via: str = ""  # page, terminal, file
    at: float = field(default_factory=time)


@dataclass
class Card:
    """What is shown of one step; the engine changes it, views read it."""

    scenario: str
    step: str
    title: Words
    system: str  # what is to act, as people call it
    task: Words
    awaited: Words
    use: list[tuple[Words, str]]
    way: str  # operator, wait, command, url
    number: int = 0
    until: float = 0.0  # monotonic
    limit: float = 0.0  # seconds
    seen: list[Words] = field(default_factory=list)
    near: list[Words] = field(default_factory=list)
    short: Words = NOTHING
    questions: list[Question] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The step, as the journal names it."""
        return f"{self.scenario}/{self.step}"

    @property
    def left(self) -> float:
        """Seconds until the time is over."""
        return max(0.0, self.until - monotonic())


class Desk:
    """Nobody is there; the base of desks where somebody is, and what views and engine use."""

    present = False

    def __init__(self) -> None:
        """Nothing is shown."""
        self._condition = threading.Condition()
        self._answers: list[tuple[int, Answer]] = []
        self._numbers = 0
        self._answered = 0  # number of the card of which the last word was said
        self.card: Card | None = None
        self.past: list[tuple[str, Words, Words]] = []  # step, title, what became of it
        self.version = 0
        self.wake: Callable[[], None] = lambda: None  # called when something was said

    def show(self, card: Card) -> None:
        """Put a card on the desk in place of the one before."""
        with self._condition:
            self._numbers += 1
            card.number = self._numbers
            self.card = card
            self._answers.clear()
        self.changed()

    def changed(self) -> None:
        """Tell the views that the card has changed."""
        with self._condition:
            self.version += 1
            self._condition.notify_all()

    def close(self, outcome: Words) -> None:
        """Take the card away and say what became of it."""
        with self._condition:
            if self.card is not None:
                self.past.append((self.card.key, self.card.title, outcome))
                self.card = None
        self.changed()

    def give(self, number: int, answer: Answer) -> bool:
        """Say something of the card with that number; False when it is gone: somebody was first."""
        with self._condition:
            if self.card is None or self.card.number != number:
                return False
            if self._answered == number:
                return False
            if answer.choice not in ("extend", "repeat"):
                self._answered = number
            self._answers.append((number, answer))
        self.record(self.card, answer)
        self.changed()
        self.wake()
        return True

    def said(self, card: Card) -> Answer | None:
        """The next thing said of a card; None when there is none."""
        with self._condition:
            for at, (number, answer) in enumerate(self._answers):
                if number == card.number:
                    del self._answers[at]
                    return answer
        return None

    def ask(self, card: Card) -> Answer | None:
        """Show a card until somebody says something final; None when the time is over."""
        self.show(card)
        version, answer = self.version, None
        try:
            while answer is None and monotonic() < card.until:
                answer = self.said(card)
                if answer is not None and answer.choice in ("extend", "repeat"):
                    card.until += EXTENSION
                    self.changed()
                    answer = None
                elif answer is None:
                    version = self.wait_for_change(version, min(1.0, card.left))
        finally:
            self.close(Words("answered", "已回答") if answer else Words("not answered", "未回答"))
        return answer

    def expects(self, key: str) -> bool:
        """Whether somebody can be asked about that step."""
        del key
        return self.present

    def standing(self, key: str) -> Answer | None:
        """What was said of a step beforehand (a recorded answer); None when nothing was."""
        del key
        return None

    def wait_for_change(self, version: int, seconds: float) -> int:
        """Wait until something differs from that version; give the version now."""
        with self._condition:
            self._condition.wait_for(lambda: self.version != version, seconds)
            return self.version

    def record(self, card: Card, answer: Answer) -> None:
        """Keep what was said; the base keeps nothing."""
        del card, answer

    def stop(self) -> None:
        """Close every view; safe to call twice."""


def as_entry(card: Card, answer: Answer) -> dict[str, Any]:
    """An answer as the journal has it."""
    scenario, step = card.scenario, card.step
    return {
        "at": round(answer.at, 3),
        "by": answer.by,
        "scenario": scenario,
        "step": step,
        "choice": answer.choice,
        "reason": answer.reason,
        "note": answer.note,
        "questions": answer.questions,
        "via": answer.via,
    }
