"""The requirement matrix: for each wish its tests and verdict, and what no test covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dicomtest.reporting.words import CONCERN, N_, counts_of, outcome_of, worst
from dicomtest.spec.requirements import Requirement

NO_TEST, NOT_TESTED = "no test", "not tested"
VERDICTS = {
    "met": N_("met"),
    "warned": N_("met, with remarks"),
    "failed": N_("not met"),
    "open": N_("not decided"),
    "accepted": N_("deviation accepted"),
    "not applicable": N_("not applicable"),
    NOT_TESTED: N_("not tested in this run"),
    NO_TEST: N_("no test covers it"),
}
# Verdict of a requirement, and the outcome of a check whose mark and colour it takes.
LOOKS = {
    "met": "passed",
    "warned": "warned",
    "failed": "failed",
    "open": "blocked",
    "accepted": "accepted",
    "not applicable": "not-applicable",
    NOT_TESTED: "not-run",
    NO_TEST: "not-run",
}
FUNCTIONS = {"basic": N_("basic function"), "optional": N_("optional function")}
_OF_OUTCOME = {
    "passed": "met",
    "warned": "warned",
    "failed": "failed",
    "accepted": "accepted",
    "blocked": "open",
    "not-run": "open",
    "error": "open",
    "not-applicable": "not applicable",
}


@dataclass
class Row:
    """One requirement with what this run says about it."""

    id: str
    device: str
    data: Mapping[str, Any]
    verdict: str
    counts: dict[str, int] = field(default_factory=dict)
    steps: list[tuple[str, str]] = field(default_factory=list)  # the worst first
    checks: list[str] = field(default_factory=list)  # that are not passed, by id


def matrix(record: Mapping[str, Any]) -> list[Row]:
    """One row for each requirement of the record, in the order of the files."""
    return _rows(record)[0]


def of_checks(record: Mapping[str, Any]) -> dict[int, list[str]]:
    """Ids of the requirements that each check shows, by its index in the record."""
    return _rows(record)[1]


def _rows(record: Mapping[str, Any]) -> tuple[list[Row], dict[int, list[str]]]:
    kinds = {
        (str(each.get("scenario")), str(each.get("step"))): str(each.get("kind", ""))
        for each in record.get("steps") or ()
    }
    checks = list(enumerate(record.get("checks") or ()))
    rows: list[Row] = []
    shown: dict[int, list[str]] = {}
    for data in record.get("requirements") or ():
        device = str(data.get("device", ""))
        fields = {key: value for key, value in data.items() if key != "device"}
        requirement = Requirement.model_validate(fields)
        found = []
        for index, check in checks if requirement.tests else ():
            kind = kinds.get((str(check.get("scenario")), str(check.get("step"))), "")
            if any(each.fits(check, kind, device) for each in requirement.tests):
                found.append(check)
                shown.setdefault(index, []).append(requirement.id)
        rows.append(_row(requirement, device, data, found))
    return rows, shown


def _row(
    requirement: Requirement, device: str, data: Mapping[str, Any], found: list[dict[str, Any]]
) -> Row:
    if not found:
        verdict = NOT_TESTED if requirement.tests else NO_TEST
        return Row(requirement.id, device, data, verdict)
    counts = counts_of(found)
    found.sort(key=lambda each: CONCERN.index(outcome_of(each)))
    steps = dict.fromkeys((str(each.get("scenario")), str(each.get("step"))) for each in found)
    told = (each for each in found if outcome_of(each) not in ("passed", "not-applicable"))
    names = dict.fromkeys(str(each.get("check")) for each in told)
    return Row(
        requirement.id, device, data, _OF_OUTCOME[worst(counts)], counts, list(steps), list(names)
    )


def tally(rows: Iterable[Row]) -> dict[str, int]:
    """How many requirements there are of each verdict, every verdict named."""
    counts = dict.fromkeys(VERDICTS, 0)
    for each in rows:
        counts[each.verdict] += 1
    return counts
