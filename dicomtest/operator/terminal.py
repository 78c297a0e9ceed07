"""The card of a step in the terminal, and what is typed there."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

from dicomtest.awaiting.desk import Answer, Card, Choice, Desk
from dicomtest.console import write
from dicomtest.operator.texts import reasons, words
from dicomtest.reporting.text import clean

KEYS: dict[str, Choice] = {
    "d": "done", "f": "fails", "c": "impossible", "l": "later", "r": "repeat", "m": "extend",
}  # fmt: skip
ANSWERS = {"y": "yes", "n": "no", "?": "unknown"}


class Terminal:
    """Writes what changes on the card; reads lines in a thread of its own."""

    def __init__(
        self, desk: Desk, *, language: str = "en", read: Callable[[], str] | None = None
    ) -> None:
        """Prepare; `read` gives the next line, "" when there will be none."""
        self._desk = desk
        self._language = language
        self._words = words(language)
        self._reasons = reasons(language)
        self._read = read or sys.stdin.readline
        self._stopped = threading.Event()
        self._shown = 0
        self._told: list[str] = []

    def start(self) -> None:
        """Begin to show and to read."""
        for each in (self._show_changes, self._read_lines):
            threading.Thread(target=each, name="dicomtest-terminal", daemon=True).start()

    def stop(self) -> None:
        """Show nothing more; the reading thread ends with the program."""
        self._stopped.set()

    def _show_changes(self) -> None:
        version = -1
        while not self._stopped.is_set():
            card = self._desk.card
            if card is not None:
                self._show(card)
            version = self._desk.wait_for_change(version, 1.0)

    def _show(self, card: Card) -> None:
        if card.number != self._shown:
            self._shown, self._told = card.number, []
            for line in card_lines(card, self._language):
                write(clean(line))
        news = [each.in_language(self._language) for each in (*card.seen, *card.near)]
        for line in news:
            if line not in self._told:
                write(clean(f"    {line}"))
        self._told = list(dict.fromkeys([*self._told, *news]))

    def _read_lines(self) -> None:
        while not self._stopped.is_set():
            line = self._read()
            if not line:
                return
            card = self._desk.card
            if card is not None:
                self._understand(card, line.strip())

    def _understand(self, card: Card, line: str) -> None:
        key, _, rest = line.partition(" ")
        if key.lower() == "?" or key.lower() not in KEYS:
            self._shown = 0
            self._show(card)
            return
        choice = KEYS[key.lower()]
        reason, note, questions = "", rest.strip(), {}
        if choice == "fails" and not note:
            reason, note = self._ask_why()
        elif choice == "impossible" and not note:
            note = self._ask(self._words["note"])
        elif choice == "done" and card.questions:
            for each in card.questions:
                said = self._ask(f"{each.text.in_language(self._language)} [y/n/?]")
                questions[each.id] = ANSWERS.get(said.lower()[:1], said or "unknown")
        by = getattr(self._desk, "name", "")
        answer = Answer(choice, by, reason, note, questions, via="terminal")
        if not self._desk.give(card.number, answer):
            write(self._words["first"])

    def _ask_why(self) -> tuple[str, str]:
        names = list(self._reasons)
        for number, name in enumerate(names, 1):
            write(f"    {number}  {self._reasons[name]}")
        said = self._ask(self._words["reason"])
        if said.isdigit() and 1 <= int(said) <= len(names):
            return self._reasons[names[int(said) - 1]], self._ask(self._words["note"])
        return "", said

    def _ask(self, question: str) -> str:
        write(f"    {clean(question)}: ", end="")
        return self._read().strip()


def card_lines(card: Card, language: str) -> list[str]:
    """The card as lines of text."""
    text = words(language)
    lines = ["", f"  >> {card.task.in_language(language)}", f"     {text['at']}: {card.system}"]
    lines += [f"     {name.in_language(language)}: {value}" for name, value in card.use]
    minutes, seconds = divmod(int(card.left), 60)
    lines.append(
        f"     {text['awaited']}: {card.awaited.in_language(language)} "
        f"({text['left']} {minutes}:{seconds:02d})"
    )
    if card.way != "operator":
        lines.append(f"     {text['itself']}")
    lines.append(f"     {text['keys']}")
    return lines
