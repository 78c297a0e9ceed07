"""Every check of a print client is caught by a broken one, and silent on sound ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomtest.checks import SCU, all_checks
from dicomtest.evidence import Association, StepEvidence
from dicomtest.session import RunSession
from dicomtest.spec.site import Limits, Simulator, Site
from dicomtest.transactions import step_models

from .matrix import free_port
from .printing.scu import PrintSCU
from .printing.scu_defects import DEFECTS
from .printing.scu_quirks import QUIRKS
from .printing.verdicts import Verdict, findings, in_words, verdicts_on


class Bench:
    """A printer of ours, and the verdicts on whoever prints on it."""

    def __init__(self, folder: Path, response: float) -> None:
        self.session = RunSession(None, folder, 1)
        self.session.site = Site(
            "clients",
            simulators={"printer": Simulator(port=free_port())},
            limits=Limits(connect=5, association=5, response=response),
        )
        self.run = self.session.run
        self.printer = self.run.casting.started("printer")

    def judge(self, client: PrintSCU) -> list[Verdict]:
        """The verdicts on a client that prints."""
        client.run(self.printer.port, self.printer.ae_title)
        parameters = step_models()["print"].model_validate({"from": "modality", "to": "printer"})
        step = StepEvidence(
            scenario="clients",
            step="1-print",
            kind="print",
            scu="modality",
            scp="printer",
            players={
                actor: self.run.casting.player(actor, "print") for actor in ("modality", "printer")
            },
            parameters=parameters.model_dump(mode="json", by_alias=True, exclude_none=True),
            associations=list(self.over()),
        )
        assert step.associations
        return verdicts_on(step, parameters.model_dump(by_alias=True))

    def over(self) -> Iterator[Association]:
        """What was recorded, once the association is over."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            for each in self.run.recorder.recorded:
                if each.closed:
                    yield from self.run.recorder.take()
                    return
            time.sleep(0.002)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("clients"), 5)
    try:
        yield made
    finally:
        made.session.close()


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The same for clients that will not answer: the printer gives up soon."""
    made = Bench(tmp_path_factory.mktemp("hasty"), 0.3)
    try:
        yield made
    finally:
        made.session.close()


@pytest.mark.parametrize("name", DEFECTS)
def test_a_broken_client_is_found(bench: Bench, hasty: Bench, name: str) -> None:
    defect = DEFECTS[name]

    found = findings((hasty if defect.step else bench).judge(defect.system()), str(SCU))

    checks = {each["check"] for each in found}
    assert defect.caught_by <= checks, in_words(found)
    assert checks <= defect.caught_by | defect.also, in_words(found)


@pytest.mark.parametrize("name", QUIRKS)
def test_a_sound_client_with_habits_is_left_in_peace(bench: Bench, name: str) -> None:
    verdicts = bench.judge(QUIRKS[name].system())

    assert not findings(verdicts), in_words(findings(verdicts))
    assert sum(each["outcome"] == "passed" for each in verdicts) > 40


def test_every_check_of_a_client_has_a_broken_one() -> None:
    checks = {
        each.id
        for each in all_checks().values()
        if each.id.startswith("print.") and each.judges is SCU
    }
    caught = set().union(*(each.caught_by for each in DEFECTS.values()))

    assert checks == caught
    assert len(caught) >= 50
