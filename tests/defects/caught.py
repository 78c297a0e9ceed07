"""Which checks catch which defect, and in which steps of which scenario: `caught.yaml`.

    find-folds-case: {play: find 1 8, ask: [...], caught_by: [query.match-single-value]}

`play` names a scenario of `scenarios/` and the steps of it that are enough; `ask` the queries
that are enough of a step with `matching: true`. `caught_by` are checks that fail or warn, all
of them. A list of such cases where one defect is to prove several checks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

TABLE = Path(__file__).with_name("caught.yaml")


@dataclass(frozen=True)
class Case:
    """One defect, in the smallest play that shows it."""

    defect: str
    scenario: str
    steps: tuple[int, ...]
    ask: tuple[str, ...]
    caught_by: frozenset[str]

    @property
    def id(self) -> str:
        """As a test's parameter."""
        return f"{self.defect}-{self.scenario}-{'-'.join(map(str, self.steps))}"


def cases() -> list[Case]:
    """The table, in its order."""
    table: dict[str, Any] = YAML(typ="safe").load(TABLE.read_text("utf-8"))
    return [
        _case(defect, row)
        for defect, rows in table.items()
        for row in (rows if isinstance(rows, list) else [rows])
    ]


def _case(defect: str, row: dict[str, Any]) -> Case:
    scenario, *steps = row["play"].split()
    return Case(
        defect,
        scenario,
        tuple(map(int, steps)),
        tuple(row.get("ask", ())),
        frozenset(row["caught_by"]),
    )


def representative(every: Iterable[Case]) -> list[Case]:
    """Few cases that together prove what all of them prove: the most fruitful first."""
    left = list(every)
    unproven = {check for case in left for check in case.caught_by}
    chosen = []
    while unproven:
        best = max(left, key=lambda case: (len(case.caught_by & unproven), -len(case.steps)))
        chosen.append(best)
        unproven -= best.caught_by
    return chosen
