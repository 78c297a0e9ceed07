"""Reports on a commitment request wherever they may come: our archive plays each kind.

That of an archive which opens an association for them is in every run of the shipped scenarios.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dicomtest import dimse
from dicomtest.actors import Simulator, simulator_class
from dicomtest.actors.simulator import Setting
from dicomtest.casting import Casting
from dicomtest.checks import all_checks, checks_for
from dicomtest.checks.commit_messages import reports
from dicomtest.dimse import Recorder
from dicomtest.evidence import Player, StepEvidence
from dicomtest.findings import Side
from dicomtest.judging import verdict
from dicomtest.spec.profile import load_profile
from dicomtest.spec.scenario import load_scenarios
from dicomtest.spec.site import load_site
from dicomtest.stage import Run, Stage
from dicomtest.transactions import step_models

STEPS = """\
  - store: {from: modality, to: pacs, study: ct, images: 2, save: head}
  - commit: {from: modality, to: pacs, study: head, within: 5 s, next_after: 0.5 s HOLD}
  - commit:
      {from: modality, to: pacs, study: head, missing: 1000, within: 5 s, next_after: 0.5 s HOLD}
  - commit:
      {from: modality, to: pacs, study: head, refuse_reports: 1, within: 5 s, next_after: 1 s HOLD}
  - commit: {from: modality, to: pacs, study: head, wait: false, save: later}
  - verify: {from: modality, to: pacs}
  - commit: {from: modality, to: pacs, of: later, within: 5 s, next_after: 0.5 s}
"""


@pytest.fixture
def stage_at(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Give a stage whose PACS is a system that reports in this way."""
    with ExitStack() as stack:

        def made(steps: str, **commitment: object) -> Stage:
            known: dict[str, dimse.Remote] = {}
            profile = load_profile("pacs")
            archive: Simulator = simulator_class("pacs")(
                Setting(
                    player=Player("pacs", True, "ARCHIVE", "127.0.0.1", None),
                    profile=profile.model_copy(update={"quirks": {"commitment": commitment}}),
                    recorder=Recorder(),
                    spool=tmp_path / "archive",
                    limits=dimse.Limits(connect=3, association=5, response=10),
                    directory=known.get,
                )
            )
            stack.enter_context(archive)
            site = tmp_path / "site.yaml"
            site.write_text(
                "site: S\nsystems:\n"
                f"  pacs: {{ae_title: ARCHIVE, host: 127.0.0.1, port: {archive.port}}}\n",
                encoding="utf-8",
            )
            path = tmp_path / "c.dicomtest.yaml"
            path.write_text(f"scenario: c\nsteps:\n{steps}", encoding="utf-8")
            loaded = load_site(site, checks=tuple(all_checks()), steps=tuple(step_models()))
            recorder = Recorder()
            (tmp_path / "run" / "received").mkdir(parents=True)
            casting = Casting(loaded, recorder, tmp_path / "run" / "received")
            stack.callback(casting.close)
            modality = casting.simulator("modality")
            modality.setting.port = 0  # of the operating system's choice
            modality.start()
            known[modality.ae_title] = dimse.Remote(modality.ae_title, "127.0.0.1", modality.port)
            run = Run(loaded, "r1", 1, tmp_path / "run", recorder, casting)
            return Stage(run, load_scenarios(path, step_models())[0])

        yield made


def broken(step: StepEvidence) -> list[str]:
    """The checks of the archive that a step does not satisfy."""
    return [
        f"{check.id} in {step.step}: {found.outcome} {found.findings[:1]} {found.reason}"
        for check in checks_for(step.kind, dict(step.parameters))
        if check.judges is Side.SCP
        for found in [verdict(check, step)]
        if str(found.outcome) in ("failed", "warned", "error", "blocked")
    ]


@pytest.mark.parametrize("way", ["same", "next"])
def test_a_report_is_taken_wherever_it_comes(stage_at, way):
    hold = ", hold: open" if way == "same" else ""
    steps = STEPS.replace(" HOLD", hold)
    stage = stage_at(steps, report=way)

    played = [stage.play_until(number) for number in range(1, 8)]

    assert [each for step in played for each in broken(step)] == []
    commits = [step for step in played if step.kind == "commit"]
    ways = {each.way for step in commits[:2] for each in reports(step)}
    assert ways == {way}
    assert [len(each.failed) for each in reports(commits[1])] == [1000]
    refused, again = reports(commits[2])[:2]
    assert (refused.exchange.status, again.exchange.status) == (0x0110, 0x0000)
    assert commits[4].facts["came"]


def test_a_report_that_never_comes_is_found(stage_at):
    steps = STEPS.splitlines(keepends=True)
    short = steps[1].replace("within: 5 s, next_after: 0.5 s HOLD", "within: 0.4 s")
    stage = stage_at(steps[0] + short, report="new", after=60)

    stage.play_until(1)
    step = stage.play_until(2)

    assert not step.facts["came"]
    assert {each.split(" ")[0] for each in broken(step)} >= {"commit.report-comes"}
