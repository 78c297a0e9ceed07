"""Modalities under test: what they do wrong in an examination is found, what is right is not.

A defect of one phase does not touch the others, so one modality has one of each phase.
"""

from __future__ import annotations

import threading
from itertools import zip_longest
from pathlib import Path

import pytest

from dicomtest.checks import SCU, all_checks, checks_for
from dicomtest.findings import Outcome
from dicomtest.judging import result
from dicomtest.session import RunSession
from dicomtest.spec.site import Limits, Simulator, Site, System, Trigger
from tests.defects.matrix import Verdict, found, free_port, in_words, of, scenarios
from tests.defects.modality import DEFECTS, Defect, Device

PLAYED = scenarios(str(Path(__file__).parent / "modality" / "modality.dicomtest.yaml"))
MODULES = ("worklist_requests", "mpps_user", "mpps_series", "commit_user", "trace")
UNPROVEN = {
    "worklist.scu-readable": "pynetdicom sends no query without an identifier",
    "mpps.scu-fresh-instance": "a second examination under the same UID is refused with 0111",
    "mpps.scu-unscheduled-empty": "is about examinations without an order",
    "mpps.scu-discontinuation-reason": "is about examinations that are broken off",
}


def combinations() -> list[tuple[Defect, ...]]:
    """Modalities with one defect of each phase, and those with one that spoils what follows."""
    phases: dict[str, list[Defect]] = {}
    for each in DEFECTS.values():
        if not each.alone:
            phase = "commit" if each.phase == "begin" else each.phase
            phases.setdefault(phase, []).append(each)
    together = [
        tuple(one for one in several if one is not None)
        for several in zip_longest(*phases.values())
    ]
    return [*together, *((each,) for each in DEFECTS.values() if each.alone)]


def judged(defects: tuple[Defect, ...], folder: Path, patience: float) -> list[Verdict]:
    ports = {each: free_port() for each in ("self", "ris", "pacs")}
    session = RunSession(None, folder, 1)
    modality = System(
        ae_title="UNDERTEST", host="127.0.0.1", port=ports["self"], actor="modality",
        trigger=Trigger(wait=True),
    )  # fmt: skip
    session.site = Site(
        "modality",
        systems={"modality": modality},
        simulators={each: Simulator(port=ports[each]) for each in ("ris", "pacs")},
        limits=Limits(connect=5, association=5, response=5, step=patience),
    )
    verdicts: list[Verdict] = []
    (scenario,) = PLAYED
    changes = [(each.phase, each.change) for each in defects]
    try:
        session.open([scenario])
        stage = session.stage(scenario)
        stage.play_until(1)
        with Device("UNDERTEST", ports, changes) as device:
            acting = threading.Thread(target=device.examine, daemon=True)
            acting.start()
            for step in scenario.steps[1:]:
                evidence = stage.play_until(step.index)
                parameters = step.parameters.model_dump(by_alias=True)
                verdicts += [
                    result(each, evidence, (), evidence="")
                    for each in checks_for(evidence.kind, parameters)
                    if each.judges is SCU
                ]
            acting.join(5)
    finally:
        session.close()
    return verdicts


@pytest.mark.parametrize("defects", combinations(), ids=lambda each: "+".join(d.name for d in each))
def test_defects_are_found(defects: tuple[Defect, ...], tmp_path: Path) -> None:
    for patience in (1.0, 8.0):  # what a busy machine makes late is awaited once more, longer
        verdicts = judged(defects, tmp_path / str(patience), patience)
        missed = {name for each in defects for name in each.caught_by} - found(verdicts)
        if not missed:
            break
    assert not of(verdicts, Outcome.ERROR), in_words(of(verdicts, Outcome.ERROR))
    assert not missed, in_words(of(verdicts, Outcome.FAILED, Outcome.WARNED, Outcome.BLOCKED))


def test_a_sound_modality_is_not_blamed(tmp_path: Path) -> None:
    verdicts = judged((), tmp_path, 10.0)
    assert len(of(verdicts, Outcome.PASSED)) > 60
    wrong = [
        each
        for each in of(verdicts, Outcome.FAILED, Outcome.WARNED, Outcome.ERROR, Outcome.BLOCKED)
        if not each["check"].startswith("store.scu-type-")  # its images are no more than that
    ]
    assert not wrong, in_words(wrong)


def test_every_check_of_a_modality_has_a_defect() -> None:
    modules = {f"dicomtest.checks.{each}" for each in MODULES}
    ours = {
        each.id
        for each in all_checks().values()
        if each.judges is SCU and each.function.__module__ in modules
    }
    caught = {name for each in DEFECTS.values() for name in each.caught_by}
    assert caught <= ours
    assert set(UNPROVEN) == ours - caught
