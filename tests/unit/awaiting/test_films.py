"""A person is asked at the desk when a real printer has printed."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from dicomtest.awaiting.desk import Answer, Desk
from dicomtest.awaiting.films import ask
from dicomtest.evidence import Player, StepEvidence
from dicomtest.spec.site import Limits
from dicomtest.transactions.print import PrintParameters

SHEET = {
    "film_box": "1.2", "format": "STANDARD\\1,2", "label": "print",
    "images": {"1": "text", "2": "smpte"},
    "patches": {"smpte": [[1.0, 0.7, 0.6], [0.0, 0.3, 0.6], [0.5, 0.5, 0.3]]},
}  # fmt: skip


class Somebody(Desk):
    """Answers the first card that is shown."""

    present = True

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self.seen: Any = None
        self._given = list(answers)
        self.threads: list[threading.Thread] = []

    def changed(self) -> None:
        super().changed()
        if self.card is not None and self._given:
            self.seen = self.card
            answer = self._given.pop(0)
            thread = threading.Thread(target=self.give, args=(self.card.number, answer))
            self.threads.append(thread)
            thread.start()


def asked(desk: Desk, *questions: str, limit: float = 30.0, **film: Any) -> StepEvidence:
    step = StepEvidence(
        "films", "2-print", "print", scu="modality", scp="printer",
        players={"printer": Player("printer", False, "PRINT", "10.0.0.1", 104, "Laser 9")},
        facts={"sheets": [SHEET]},
    )  # fmt: skip
    wishes = {"from": "modality", "to": "printer", "ask": questions, "film": film}
    stage = SimpleNamespace(
        run=SimpleNamespace(
            desk=desk,
            casting=SimpleNamespace(system=lambda *_: object()),
            site=SimpleNamespace(limits_of=lambda _system: Limits(step=limit)),
        )
    )
    ask(stage, PrintParameters.model_validate(wishes), step, None)  # type: ignore[arg-type]  # as much of a stage as is needed
    for thread in getattr(desk, "threads", ()):
        thread.join()
    return step


def test_what_is_said_is_kept_with_who_said_it():
    said = Answer(
        "answers", by="Ada", at=0.0, questions={"layout": "yes", "densities": "3.0 1.2 0.2"}
    )
    desk = Somebody(said)

    step = asked(desk, "layout", "densities")

    entry = {"by": "Ada", "at": "1970-01-01T00:00:00+00:00", "note": ""}
    assert step.facts["operator"] == {
        "layout": {"answer": "yes", **entry},
        "densities": {"answer": "3.0 1.2 0.2", **entry},
    }
    assert desk.card is None


def test_the_card_says_which_film_and_which_steps():
    desk = Somebody(Answer("answers"))

    step = asked(desk, "text", "densities")

    card = desk.seen
    assert (card.system, card.key) == ("Laser 9", "films/2-print")
    assert [(each.id, each.kind) for each in card.questions] == [
        ("text", "yes-no"), ("densities", "text"),
    ]  # fmt: skip
    words = card.questions[1].text.en
    assert "film 1, image 2 (smpte), from black to white: 0 %, 50 %, 100 %" in words
    assert all(each.text.zh for each in card.questions)
    assert [(label.en, value) for label, value in card.use] == [
        ("Film 1", "STANDARD\\1,2: text, smpte"),
    ]  # fmt: skip
    assert step.facts["grey_steps"]["patches"][0] == [0.0, 0.3, 0.6]


def test_a_reversed_film_is_measured_from_its_black_end():
    step = asked(Desk(), "densities", polarity="REVERSE")

    assert step.facts["grey_steps"]["patches"][0] == [0.0, 0.7, 0.6]


@pytest.mark.parametrize("choice", ["later", "impossible"])
def test_what_is_put_off_is_not_answered(choice: Any):
    assert asked(Somebody(Answer(choice)), "layout").facts["operator"] is None


def test_no_film_at_all_is_a_no():
    said = Answer("fails", by="Ada", reason="no film came out")

    operator = asked(Somebody(said), "layout", "densities").facts["operator"]

    assert (operator["layout"]["answer"], operator["layout"]["note"]) == ("no", "no film came out")
    assert "densities" not in operator


def test_more_time_can_be_had():
    desk = Somebody(Answer("extend"), Answer("answers", questions={"layout": "yes"}))

    assert asked(desk, "layout").facts["operator"]["layout"]["answer"] == "yes"


def test_nobody_and_silence_leave_it_unanswered():
    assert asked(Desk(), "layout").facts["operator"] is None
    silent = Somebody()
    assert asked(silent, "layout", limit=0.05).facts["operator"] is None


def test_nobody_is_asked_about_films_that_were_refused(monkeypatch):
    monkeypatch.setitem(SHEET, "images", {})
    desk = Somebody(Answer("answers", questions={"layout": "yes"}))

    step = asked(desk, "layout")

    assert desk.seen is None
    assert step.facts.get("operator") is None


def test_a_recorded_answer_is_taken():
    class Recorded(Desk):
        def standing(self, key: str) -> Answer | None:
            assert key == "films/2-print"
            return Answer("answers", by="Ada", questions={"layout": "no"}, note="mirrored")

    operator = asked(Recorded(), "layout").facts["operator"]

    assert operator["layout"]["answer"] == "no"
    assert operator["layout"]["note"] == "mirrored"
