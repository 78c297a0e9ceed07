"""What the screen of a system under test shows: asked when a step is over, where somebody is.

A step says what to ask:   screen: {told: "Did it say that the archive refused an image?"}
The answers become the fact `operator`, by question: {answer, by, at, note}, and observations
`screen.NAME`: no clause judges a screen, so they are noted and compared, not judged.
"""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from dicomtest.awaiting.desk import Answer, Card, Question
from dicomtest.awaiting.words import Words

if TYPE_CHECKING:
    from dicomtest.evidence import StepEvidence
    from dicomtest.spec.scenario import Step
    from dicomtest.spec.site import System
    from dicomtest.stage import Stage

TASK = Words("Look at the screen of {system}.", "请查看 {system} 的屏幕。")


def ask_about_screen(stage: Stage, step: Step, evidence: StepEvidence) -> None:
    """Ask what a step says; nothing where nobody is, or no real system took part."""
    asked = getattr(step.parameters, "screen", {})
    system = _real(stage, step, evidence)
    if not asked or system is None or evidence.not_run or evidence.not_applicable:
        return
    desk, key = stage.run.desk, f"{evidence.scenario}/{evidence.step}#screen"
    answer = desk.standing(key)
    if answer is None and desk.present:
        answer = _at_the_desk(stage, evidence, system, [
            Question(name, Words(text.in_language("en"), text.in_language("zh")))
            for name, text in asked.items()
        ])  # fmt: skip
    if answer is None or answer.choice not in ("done", "answers"):
        return
    at = datetime.fromtimestamp(answer.at, UTC).isoformat(timespec="seconds")
    said = {name: text for name, text in answer.questions.items() if name in asked}
    evidence.facts["operator"] = {
        name: {"answer": text, "by": answer.by, "at": at, "note": answer.note}
        for name, text in said.items()
    }
    evidence.facts.setdefault("observed", {}).update(
        {f"screen.{name}": text for name, text in said.items()}
    )


def _real(stage: Stage, step: Step, evidence: StepEvidence) -> System | None:
    """The real system whose screen is meant: of who asks, else of who answers."""
    for actor in (evidence.scu, evidence.scp):
        system = stage.run.casting.system(actor, step.kind) if actor else None
        if system is not None:
            return system
    return None


def _at_the_desk(
    stage: Stage, evidence: StepEvidence, system: System, questions: list[Question]
) -> Answer | None:
    limit = stage.run.site.limits_of(system).step
    card = Card(
        scenario=evidence.scenario,
        step=f"{evidence.step}#screen",
        title=Words("Look at the screen", "查看屏幕"),
        system=system.title,
        task=Words(*(each.format(system=system.title) for each in TASK)),
        awaited=Words("answers to the questions", "对问题的回答"),
        use=[],
        way="operator",
        until=monotonic() + limit,
        limit=limit,
        questions=questions,
    )
    return stage.run.desk.ask(card)
