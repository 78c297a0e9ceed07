"""From a check and evidence to a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from dicomtest.checks import MUST, SCP, SHOULD, Check, all_checks, check
from dicomtest.evidence import Player, StepEvidence
from dicomtest.findings import Blocked, Judgement, Level, NotApplicable, Outcome, judge
from dicomtest.judging import result, verdict


@dataclass
class Deviation:
    check: str = "x.y"
    system: str | None = "pacs"
    scenario: str | None = None
    why: str = "known"
    accepted_by: str = "J. Doe"
    until: date = date(2027, 3, 1)


def made(function, level: Level = MUST) -> Check:
    return Check("x.y", SCP, level, ("PS3.4 A",), ("verify",), "It must.", function)


def step(**values) -> StepEvidence:
    player = Player("pacs", False, "ARCHIVE", "127.0.0.1", 104, "Archive 1.0", "pacs")
    return StepEvidence(
        "scenario", "1-verify", "verify", scp="pacs", players={"pacs": player}, **values
    )


def good(_step: StepEvidence) -> Iterator[Judgement]:
    yield judge(True)


def bad(_step: StepEvidence) -> Iterator[Judgement]:
    yield judge(True)
    yield judge(False, expected="0000", actual="A700", at="message 1")
    yield judge(False, expected="0000", actual="A701", at="message 2")


def nothing(_step: StepEvidence) -> Iterator[Judgement]:
    yield from ()


def blocked(_step: StepEvidence) -> Iterator[Judgement]:
    raise Blocked("no association")


def foreign(_step: StepEvidence) -> Iterator[Judgement]:
    raise NotApplicable("not claimed")


def broken(_step: StepEvidence) -> Iterator[Judgement]:
    raise ZeroDivisionError("ours")


@pytest.mark.parametrize(
    ("function", "level", "values", "outcome"),
    [
        (good, MUST, {}, Outcome.PASSED),
        (bad, MUST, {}, Outcome.FAILED),
        (bad, SHOULD, {}, Outcome.WARNED),
        (nothing, MUST, {}, Outcome.NOT_APPLICABLE),
        (nothing, MUST, {"problem": "refused"}, Outcome.BLOCKED),
        (good, MUST, {"problem": "the rest was refused"}, Outcome.BLOCKED),
        (bad, MUST, {"problem": "refused"}, Outcome.FAILED),
        (blocked, MUST, {}, Outcome.BLOCKED),
        (foreign, MUST, {}, Outcome.NOT_APPLICABLE),
        (bad, MUST, {"not_run": "nobody is there"}, Outcome.NOT_RUN),
        (bad, MUST, {"not_applicable": "not claimed"}, Outcome.NOT_APPLICABLE),
    ],
)
def test_every_outcome_has_its_cause(function, level, values, outcome):
    assert verdict(made(function, level), step(**values)).outcome is outcome


def test_a_defect_of_ours_is_an_error_and_never_a_failure_of_the_system():
    entry = result(made(broken), step(), [], evidence="e.json")

    assert entry["outcome"] == "error"
    assert "ZeroDivisionError" in entry["reason"]


def test_an_entry_says_who_what_and_where():
    entry = result(made(bad), step(), [], evidence="evidence/scenario/1-verify.json")

    assert entry["system"] == "Archive 1.0 (ARCHIVE)"
    assert (entry["expected"], entry["actual"], entry["where"]) == ("0000", "A700", "message 1")
    assert entry["count"] == 2
    assert entry["examined"] == 3
    assert entry["message"] == "expected 0000, got A700, in message 1 (and 1 more)"


@pytest.mark.parametrize(
    ("deviation", "outcome"),
    [
        (Deviation(), "accepted"),
        (Deviation(system=None), "accepted"),
        (Deviation(system="ARCHIVE"), "accepted"),
        (Deviation(system="ris"), "failed"),
        (Deviation(check="x.z"), "failed"),
        (Deviation(scenario="scenario"), "accepted"),
        (Deviation(scenario="another"), "failed"),
        (Deviation(until=date(2026, 1, 1)), "failed"),
        (Deviation(until=date(2026, 6, 1)), "accepted"),
    ],
)
def test_a_deviation_is_accepted_where_it_fits_and_until_its_last_day(deviation, outcome):
    entry = result(made(bad), step(), [deviation], evidence="", today=date(2026, 6, 1))

    assert entry["outcome"] == outcome
    assert (entry["deviation"] is not None) == (outcome == "accepted")


def test_a_deviation_never_turns_a_passed_check_into_something_else():
    entry = result(made(good), step(), [Deviation()], evidence="", today=date(2026, 6, 1))

    assert entry["outcome"] == "passed"


def test_a_check_needs_a_free_id_a_clause_and_a_docstring():
    all_checks()
    with pytest.raises(ValueError, match="already registered"):
        check("verify.success", judges=SCP, level=MUST, cites="PS3.4 A", steps="verify")(good)
    with pytest.raises(ValueError, match="needs a docstring"):
        check("unit.nothing", judges=SCP, level=MUST, cites="PS3.4 A", steps="verify")(good)
