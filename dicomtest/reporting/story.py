"""Results in story order: scenarios, their steps, the checks of each step.

What the record does not tie together (a check whose step is not listed) still appears: nothing
that was judged may be missing from the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dicomtest.reporting.sequence import Diagram, diagram
from dicomtest.reporting.text import slug
from dicomtest.reporting.words import CONCERN, counts_of, outcome_of, worst

ROWS_IN_ALL = 6000  # of all diagrams together, so that a long run still opens at once


@dataclass
class StepView:
    """One step with its checks in the order in which they were judged."""

    anchor: str
    name: str
    data: dict[str, Any]
    checks: list[dict[str, Any]] = field(default_factory=list)
    diagram: Diagram | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Its outcomes, counted."""
        return counts_of(self.checks)

    @property
    def outcome(self) -> str:
        """The worst outcome in it; what could not be carried out counts as blocked."""
        if self.data.get("problem") and not self.checks:
            return "blocked"
        if self.data.get("not_applicable") and not self.checks:
            return "not-applicable"
        return worst(self.counts)

    @property
    def worst_first(self) -> list[dict[str, Any]]:
        """Its checks for reading: what did not pass stands first, what is not applicable last."""
        return sorted(self.checks, key=lambda each: CONCERN.index(outcome_of(each)))

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Those checks that are worth a line each: all that apply."""
        return [each for each in self.worst_first if outcome_of(each) != "not-applicable"]

    @property
    def beside_the_point(self) -> dict[str, list[str]]:
        """Ids of the checks that do not apply, by reason."""
        found: dict[str, list[str]] = {}
        for each in self.checks:
            if outcome_of(each) == "not-applicable":
                found.setdefault(str(each.get("reason") or ""), []).append(
                    str(each.get("check", ""))
                )
        return found

    @property
    def clean(self) -> bool:
        """Whether there is nothing in it that a reader must look at."""
        return self.outcome in ("passed", "not-applicable") and not self.data.get("problem")


@dataclass
class ScenarioView:
    """One scenario with its steps in the order in which they were carried out."""

    anchor: str
    name: str
    data: dict[str, Any]
    steps: list[StepView] = field(default_factory=list)
    not_run: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """Outcomes of its steps, counted."""
        return counts_of([check for step in self.steps for check in step.checks])


def story(record: Mapping[str, Any]) -> list[ScenarioView]:
    """Every scenario of the record, in story order."""
    taken: set[str] = set()
    scenarios: dict[str, ScenarioView] = {}
    steps: dict[tuple[str, str], StepView] = {}

    def scenario(name: str, data: dict[str, Any]) -> ScenarioView:
        if name not in scenarios:
            scenarios[name] = ScenarioView(_fresh(slug("scenario", name), taken), name, data)
        return scenarios[name]

    def step(of: str, name: str, data: dict[str, Any]) -> StepView:
        if (of, name) not in steps:
            view = StepView(_fresh(slug("step", of, name), taken), name, data)
            steps[of, name] = view
            scenario(of, {}).steps.append(view)
        return steps[of, name]

    for each in record.get("scenarios") or ():
        scenario(str(each.get("scenario", "")), each)
    for each in record.get("steps") or ():
        step(str(each.get("scenario", "")), str(each.get("step", "")), each)
    for each in record.get("checks") or ():
        step(str(each.get("scenario", "")), str(each.get("step", "")), {}).checks.append(each)
    for each in record.get("not_run") or ():
        scenario(str(each.get("scenario", "")), {}).not_run = str(each.get("why", ""))
    _draw(record, steps.values())
    return list(scenarios.values())


def _fresh(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    taken.add(name)
    return name


def _draw(record: Mapping[str, Any], steps: Iterable[StepView]) -> None:
    titles = {
        str(player.get("ae_title", "")).strip(): actor
        for actor, player in (record.get("casting") or {}).items()
    }
    drawn = [each for each in steps if each.data.get("messages") or each.data.get("associations")]
    share = max(10, min(60, ROWS_IN_ALL // max(1, len(drawn))))
    for each in drawn:
        each.diagram = diagram(each.data, titles, limit=share if each.clean else 60)


@dataclass
class Unjudged:
    """Checks that were not judged for one reason."""

    outcome: str
    reason: str
    count: int = 0
    steps: list[tuple[str, str]] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)


def unjudged(record: Mapping[str, Any]) -> list[Unjudged]:
    """What was not judged and why: one entry per outcome and reason, the most frequent first."""
    found: dict[tuple[str, str], Unjudged] = {}
    for check in record.get("checks") or ():
        outcome = outcome_of(check)
        if outcome not in ("blocked", "not-run", "not-applicable", "error"):
            continue
        reason = str(check.get("reason") or check.get("message") or "")
        entry = found.setdefault((outcome, reason), Unjudged(outcome, reason))
        entry.count += 1
        step = (str(check.get("scenario", "")), str(check.get("step", "")))
        if step not in entry.steps:
            entry.steps.append(step)
        name = str(check.get("check", ""))
        if name not in entry.checks:
            entry.checks.append(name)
    for each in record.get("steps") or ():
        for key, outcome in (("problem", "blocked"), ("not_run", "not-run")):
            reason = str(each.get(key) or "")
            step = (str(each.get("scenario", "")), str(each.get("step", "")))
            if reason and not any(step in entry.steps for entry in found.values()):
                entry = found.setdefault((outcome, reason), Unjudged(outcome, reason))
                entry.steps.append(step)
    order = ("error", "blocked", "not-run", "not-applicable")
    return sorted(found.values(), key=lambda each: (order.index(each.outcome), -each.count))
