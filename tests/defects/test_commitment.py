"""Storage commitment: each defect of an archive is found; what is legal is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dicomtest.checks import SCP, all_checks
from dicomtest.findings import Outcome
from dicomtest.spec.scenario import Scenario
from dicomtest.spec.site import System
from dicomtest.transactions import commit
from tests.defects.commitment import DEFECTS, QUIRKS, CommitmentSCP
from tests.defects.deviations import unproven
from tests.defects.matrix import Verdict, found, free_port, in_words, of, scenarios
from tests.defects.workflow import judge

HASTY = {"within": 1.0}  # seconds for a report that may never come
(WHOLE,) = scenarios(str(Path(__file__).parent / "commitment" / "commitment.dicomtest.yaml"))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look less long for a second report than a real system deserves."""
    monkeypatch.setattr(commit, "GRACE", 0.1)


def only(*labels: str) -> Scenario:
    """The scenario with the steps of these labels only."""
    steps = [each for each in WHOLE.steps if each.kind == "store"
             or getattr(each.parameters, "label", "") in labels]  # fmt: skip
    numbered = tuple(
        replace(each, index=number, parameters=each.parameters.model_copy(update=HASTY))
        for number, each in enumerate(steps, 1)
    )
    return replace(WHOLE, steps=numbered)


def judged(system: type[CommitmentSCP], played: Scenario, folder: Path) -> list[Verdict]:
    ports = {"modality": free_port(), "workstation": free_port()}
    titles = {"DT_MOD": ports["modality"], "DT_WS": ports["workstation"]}
    with system(titles) as scp:
        pacs = System(
            ae_title=scp.ae_title, host="127.0.0.1", port=scp.port, actor="pacs",
            serves=("store", "move", "commit"),
        )  # fmt: skip
        return judge({"pacs": pacs}, [played], folder, ports=ports)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found(name: str, tmp_path: Path) -> None:
    defect = DEFECTS[name]
    verdicts = judged(defect.system, only(*(defect.scenario or "all").split()), tmp_path)
    assert not of(verdicts, Outcome.ERROR), in_words(of(verdicts, Outcome.ERROR))
    missed = defect.caught_by - found(verdicts)
    assert not missed, in_words(of(verdicts, Outcome.FAILED, Outcome.WARNED, Outcome.BLOCKED))


def test_every_check_of_a_provider_has_a_defect() -> None:
    ours = {each.id for each in all_checks().values() if each.judges is SCP}
    assert not unproven(("commit.",), [DEFECTS]) & ours


@pytest.mark.parametrize("name", ["", *QUIRKS])
def test_what_is_legal_is_not_blamed(name: str, tmp_path: Path) -> None:
    verdicts = judged(QUIRKS[name].system if name else CommitmentSCP, WHOLE, tmp_path)
    wrong = [
        each
        for each in of(verdicts, Outcome.FAILED, Outcome.WARNED, Outcome.ERROR, Outcome.BLOCKED)
        if not each["check"].startswith("move.")  # pynetdicom's own C-MOVE, measured elsewhere
    ]
    assert not wrong, in_words(wrong)
