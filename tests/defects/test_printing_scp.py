"""Every check of a printer is caught by a broken one, and silent on sound ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dicomtest.checks import SCP, all_checks
from dicomtest.session import RunSession
from dicomtest.spec.base import Text
from dicomtest.spec.scenario import Scenario, Step
from dicomtest.spec.site import Limits, Simulator, Site, System
from dicomtest.transactions import step_models

from .matrix import free_port
from .printing.defects_refusals import DEFECTS
from .printing.quirks import QUIRKS
from .printing.registry import Deviation
from .printing.scp import Host, PrinterSCP
from .printing.verdicts import Verdict, findings, in_words, verdicts_on

# What a person says of films is not the printer's to get wrong on the wire.
BY_EYE = ("print.operator-", "print.densities")
PLAIN: dict[str, Any] = {
    "from": "modality", "to": "printer", "rows": 64, "columns": 64, "job_within": 2,
}  # fmt: skip


class Bench:
    """One run in which every printer stands in for the next."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.host = host
        self.session = RunSession(None, folder, 1)
        self.session.site = Site(
            "printers",
            systems={
                "printer": System(
                    ae_title=PrinterSCP.ae_title, host="127.0.0.1", port=host.port, actor="printer"
                )
            },
            simulators={"modality": Simulator(port=free_port())},
            limits=Limits(connect=5, association=5, response=5),
        )
        self.played = 0

    def judge(self, printer: PrinterSCP, each: Deviation | None, **more: Any) -> list[Verdict]:
        """The verdicts on a printer, in the step that shows its peculiarity."""
        self.host.play(printer)
        self.played += 1
        told = {**PLAIN, **(each.step if each else {}), **more}
        judged = step_models()["print"].model_validate(told)
        told.pop("condition", None)  # nobody can bring a real printer into it
        parameters = step_models()["print"].model_validate(told)
        step = Step(1, "print", parameters, 1, 1)
        name = f"printer-{self.played}"
        scenario = Scenario(name, Text(), Text(), "", (), (step,), Path(name), 1)
        evidence = self.session.stage(scenario).play_until(1)
        if each is not None:
            evidence.facts["conditions"] = list(each.conditions)
        return verdicts_on(evidence, judged.model_dump(by_alias=True))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Host() as host:
        made = Bench(host, tmp_path_factory.mktemp("printers"))
        try:
            yield made
        finally:
            made.session.close()


def found(verdicts: list[Verdict]) -> set[str]:
    return {each["check"] for each in findings(verdicts) if each["check"].startswith("print.")}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_broken_printer_is_found(bench: Bench, name: str) -> None:
    defect = DEFECTS[name]

    verdicts = bench.judge(defect.system(), defect)

    assert defect.caught_by <= found(verdicts), in_words(findings(verdicts))
    assert found(verdicts) <= defect.caught_by | defect.also, in_words(findings(verdicts))
    assert not [each for each in verdicts if each["outcome"] == "error"]


@pytest.mark.parametrize("name", QUIRKS)
def test_a_sound_printer_with_habits_is_left_in_peace(bench: Bench, name: str) -> None:
    quirk = QUIRKS[name]

    verdicts = bench.judge(quirk.system(), quirk)

    assert not findings(verdicts), in_words(findings(verdicts))


def test_the_sound_printer_is_sound_in_every_step_that_shows_a_defect(bench: Bench) -> None:
    steps = [each.step for each in DEFECTS.values() if not each.conditions]
    probes = list(dict.fromkeys(name for each in steps for name in each.get("probes", ())))
    plain = {repr(each): each for each in steps if "probes" not in each}
    colour = {"probes": ["gray-in-colour-box"], "colour": True}
    for parameters in (*plain.values(), {"probes": probes}, colour):
        verdicts = bench.judge(PrinterSCP(), None, **parameters)

        assert not findings(verdicts), f"{parameters}\n{in_words(findings(verdicts))}"
        assert any(each["outcome"] == "passed" for each in verdicts)


def test_every_check_of_a_printer_has_a_broken_one() -> None:
    checks = {
        each.id
        for each in all_checks().values()
        if each.id.startswith("print.") and each.judges is SCP and not each.id.startswith(BY_EYE)
    }
    caught = set().union(*(each.caught_by for each in DEFECTS.values()))

    assert checks == caught
    assert len(caught) >= 50
