"""MPPS providers: each defect is found by the check that is there for it; what is legal is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from dicomtest.checks import SCP, all_checks
from dicomtest.findings import Outcome
from tests.defects.deviations import unproven
from tests.defects.matrix import Verdict, found, in_words, of, scenarios
from tests.defects.mpps import DEFECTS, QUIRKS, MppsSCP
from tests.defects.workflow import judge, ris_system

PLAYED = scenarios(str(Path(__file__).parent / "mpps" / "mpps.dicomtest.yaml"))
UNPROVEN = {"mpps.answered-quickly": "a system that takes 11 seconds would take them each time"}


def judged(system: type[MppsSCP], folder: Path) -> list[Verdict]:
    with system() as scp:
        return judge({"ris": ris_system(scp.port, scp.ae_title, None, "mpps")}, PLAYED, folder)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found(name: str, tmp_path: Path) -> None:
    defect = DEFECTS[name]
    verdicts = judged(defect.system, tmp_path)
    assert not of(verdicts, Outcome.ERROR), in_words(of(verdicts, Outcome.ERROR))
    missed = defect.caught_by - found(verdicts)
    assert not missed, in_words(of(verdicts, Outcome.FAILED, Outcome.WARNED, Outcome.BLOCKED))


def test_every_check_of_a_provider_has_a_defect() -> None:
    ours = {each.id for each in all_checks().values() if each.judges is SCP}
    assert set(UNPROVEN) == unproven(("mpps.",), [DEFECTS]) & ours


@pytest.mark.parametrize("name", ["", *QUIRKS])
def test_what_is_legal_is_not_blamed(name: str, tmp_path: Path) -> None:
    verdicts = judged(QUIRKS[name].system if name else MppsSCP, tmp_path)
    wrong = of(verdicts, Outcome.FAILED, Outcome.WARNED, Outcome.ERROR, Outcome.BLOCKED)
    assert not wrong, in_words(wrong)
