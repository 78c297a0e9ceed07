"""Worklist: each defect is found by the check that is there for it; what is legal is not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from dicomtest.dicom.worklist_plan import CATEGORIES
from dicomtest.findings import Outcome
from dicomtest.spec.scenario import Scenario
from tests.defects.deviations import unproven
from tests.defects.matrix import Verdict, found, in_words, of, scenarios
from tests.defects.workflow import judge, ris_system
from tests.defects.worklist import COMBINED, DEFECTS, WorklistSCP

HERE = Path(__file__).parent / "worklist"
UNPROVEN = {"worklist.ordered-values-kept": "is about a RIS that is told of orders by HL7"}


@cache
def played(name: str) -> list[Scenario]:
    return scenarios(str(HERE / f"{name}.dicomtest.yaml"))


def only(kinds: set[str]) -> list[Scenario]:
    """The matching scenario with only these kinds of matching."""
    (scenario,) = played("matching")
    last = scenario.steps[-1]
    asked = last.parameters.model_copy(update={"matching": tuple(sorted(kinds))})
    return [replace(scenario, steps=(*scenario.steps[:-1], replace(last, parameters=asked)))]


def judged(system: type[WorklistSCP], steps: list[Scenario], folder: Path) -> list[Verdict]:
    orders = folder / "worklist"
    orders.mkdir()
    with system(orders) as scp:
        site = {"ris": ris_system(scp.port, scp.ae_title, orders)}
        return judge(site, steps, folder / "run")


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found(name: str, tmp_path: Path) -> None:
    defect = DEFECTS[name]
    kinds = {each.removeprefix("worklist.match-") for each in defect.caught_by}
    kinds = kinds & set(CATEGORIES) or {"patient-based", "character-set"}
    steps = played(defect.scenario) if defect.scenario else only(kinds)
    verdicts = judged(defect.system, steps, tmp_path)
    assert not of(verdicts, Outcome.ERROR), in_words(of(verdicts, Outcome.ERROR))
    missed = defect.caught_by - found(verdicts)
    assert not missed, in_words(of(verdicts, Outcome.FAILED, Outcome.WARNED, Outcome.BLOCKED))


def test_every_check_of_a_provider_has_a_defect() -> None:
    assert set(UNPROVEN) == {
        each for each in unproven(("worklist.",), [DEFECTS]) if ".scu-" not in each
    }


@pytest.mark.parametrize("name", ["", *COMBINED])
def test_what_is_legal_is_not_blamed(name: str, tmp_path: Path) -> None:
    system = COMBINED[name].system if name else WorklistSCP
    verdicts = judged(system, [*played("matching"), *played("form"), *played("reported")], tmp_path)
    wrong = of(verdicts, Outcome.FAILED, Outcome.WARNED, Outcome.ERROR, Outcome.BLOCKED)
    assert not wrong, in_words(wrong)
