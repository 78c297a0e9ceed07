"""Findings, one group per check and system, and within it one pattern per way of being wrong.

A PACS that mangles every name fails the same check four hundred times: the reader wants to see
it once, with the number, some places and what differs. UIDs and other values that change from
one instance to the next are left out of the comparison, never out of what is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dicomtest.reporting.text import slug, without_names
from dicomtest.reporting.words import OUTCOMES, message_of, outcome_of


@dataclass
class Place:
    """Where a pattern was seen: a step and something in it."""

    scenario: str
    step: str
    where: str
    evidence: str


@dataclass
class Pattern:
    """One way in which expected and actual differ, and how often."""

    expected: str
    actual: str
    count: int = 0
    places: list[Place] = field(default_factory=list)
    more: int = 0  # places not listed


@dataclass
class Group:
    """What one check found on one system, over the whole run."""

    anchor: str
    check: str
    outcome: str
    level: str
    judges: str
    system: str
    simulated: bool
    requirement: str
    cites: list[str]
    consequence: str
    fix: str
    message: str
    reason: str
    count: int = 0
    steps: set[tuple[str, str]] = field(default_factory=set)
    patterns: list[Pattern] = field(default_factory=list)
    more: int = 0  # patterns not listed
    deviation: dict[str, Any] | None = None

    @property
    def compares(self) -> bool:
        """Whether any pattern says what was expected or what was there."""
        return any(each.expected or each.actual for each in self.patterns)


def group(
    checks: Iterable[Mapping[str, Any]],
    outcomes: tuple[str, ...] = ("failed", "error", "warned"),
    *,
    places: int = 3,
    patterns: int = 8,
) -> list[Group]:
    """Group the checks of these outcomes by check and system; the worst and most frequent first.

    At most `patterns` patterns a group and `places` places a pattern are kept; the rest is
    counted.
    """
    groups: dict[tuple[str, str, str], Group] = {}
    seen: dict[tuple[str, str, str], dict[tuple[str, str], Pattern]] = {}
    for check in checks:
        outcome = outcome_of(check)
        if outcome not in outcomes:
            continue
        key = (outcome, str(check.get("check", "")), str(check.get("system", "")))
        if key not in groups:
            groups[key] = _start(check, outcome)
            seen[key] = {}
        _add(groups[key], seen[key], check, places)
    rank = list(OUTCOMES)
    found = sorted(groups.items(), key=lambda each: (rank.index(each[0][0]), -each[1].count))
    for key, each in found:
        ordered = sorted(seen[key].values(), key=lambda pattern: -pattern.count)
        each.patterns, each.more = ordered[:patterns], max(0, len(ordered) - patterns)
    _number(each for _, each in found)
    return [each for _, each in found]


def _start(check: Mapping[str, Any], outcome: str) -> Group:
    def text(key: str) -> str:
        return str(check.get(key) or "")

    return Group(
        anchor="",
        check=text("check"),
        outcome=outcome,
        level=text("level"),
        judges=text("judges"),
        system=text("system"),
        simulated=bool(check.get("simulated")),
        requirement=text("requirement"),
        cites=[str(each) for each in check.get("cites") or ()],
        consequence=text("consequence"),
        fix=text("fix"),
        message=message_of(check),
        reason=text("reason"),
        deviation=check.get("deviation"),
    )


def _add(
    into: Group,
    seen: dict[tuple[str, str], Pattern],
    check: Mapping[str, Any],
    places: int,
) -> None:
    step = (str(check.get("scenario", "")), str(check.get("step", "")))
    into.steps.add(step)
    findings = check.get("findings") or [check]
    into.count += max(int(check.get("count") or 0), len(findings))
    for finding in findings:
        expected, actual = str(finding.get("expected", "")), str(finding.get("actual", ""))
        key = (without_names(expected), without_names(actual))
        pattern = seen.setdefault(key, Pattern(expected, actual))
        pattern.count += 1
        if len(pattern.places) < places:
            where = str(finding.get("where") or check.get("where") or "")
            pattern.places.append(Place(*step, where, str(check.get("evidence") or "")))
        else:
            pattern.more += 1


def _number(groups: Iterable[Group]) -> None:
    taken: set[str] = set()
    for each in groups:
        wanted = name = slug("finding", each.check)
        number = 1
        while name in taken:
            number += 1
            name = f"{wanted}-{number}"
        taken.add(name)
        each.anchor = name
