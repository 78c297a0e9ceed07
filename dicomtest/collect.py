"""Scenario files as pytest collectors: file, scenario and step collect, checks are items.

A step's collector carries the step out once, in `setup`; an item only judges its evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dicomtest.checks import Check, checks_for
from dicomtest.errors import DicomtestError, SetupError, SpecError
from dicomtest.findings import Outcome, Side
from dicomtest.spec.scenario import Scenario, Step, load_scenarios
from dicomtest.transactions import all_transactions, step_models

if TYPE_CHECKING:
    from dicomtest.evidence import StepEvidence
    from dicomtest.session import RunSession

SESSION = pytest.StashKey["RunSession"]()
"""Where the plugin keeps the run in pytest's config."""


class ScenarioFile(pytest.File):
    """A `*.dicomtest.yaml`; all its problems are reported together."""

    def collect(self) -> Iterator[ScenarioNode]:
        """One collector for each scenario in the file."""
        try:
            scenarios = load_scenarios(self.path, step_models())
        except SpecError as error:
            raise self.CollectError(str(error)) from None
        for scenario in scenarios:
            yield ScenarioNode.from_parent(self, name=scenario.id, scenario=scenario)


class ScenarioNode(pytest.Collector):
    """One scenario: its steps in the order of the story."""

    def __init__(self, *, scenario: Scenario, **kwargs: Any) -> None:
        """Keep the scenario and give its tags as marks."""
        super().__init__(**kwargs)
        self.scenario = scenario
        for tag in scenario.tags:
            self.config.addinivalue_line("markers", f"{tag}: a tag of scenarios")
            self.add_marker(str(tag))

    def collect(self) -> Iterator[StepNode]:
        """One collector for each step."""
        for step in self.scenario.steps:
            yield StepNode.from_parent(self, name=step.id, scenario=self.scenario, step=step)


class StepNode(pytest.Collector):
    """One step: carried out once, judged by its checks."""

    def __init__(self, *, scenario: Scenario, step: Step, **kwargs: Any) -> None:
        """Keep the step; its kind is a mark."""
        super().__init__(**kwargs)
        self.scenario = scenario
        self.step = step
        self.evidence: StepEvidence | None = None
        self.evidence_file = f"evidence/{scenario.id}/{step.id}.json"
        self.add_marker(step.kind)

    @property
    def session_run(self) -> RunSession:
        """The run this step belongs to."""
        return self.config.stash[SESSION]

    def collect(self) -> Iterator[CheckItem]:
        """The checks that judge a system of this run in this step."""
        parameters = self.step.parameters.model_dump(by_alias=True)
        real = self.session_run.real_actors
        for check in checks_for(self.step.kind, parameters):
            scp = parameters.get("to") or parameters.get("at", "")
            actor = str(parameters.get("from", "") if check.judges is Side.SCU else scp)
            if real and actor not in real:
                continue
            yield CheckItem.from_parent(self, name=check.id, check=check)

    def setup(self) -> None:
        """Carry the step out (and the ones before it, if they have not been)."""
        if self.evidence is not None:
            return
        self.config.hook.pytest_dicomtest_step(scenario=self.scenario, step=self.step)
        from dicomtest.evidence_json import write_step

        run = self.session_run
        try:
            stage = run.stage(self.scenario)
            for step in self.scenario.steps[len(stage.evidence) : self.step.index]:
                played = stage.play_until(step.index)
                played.facts["title"] = all_transactions()[step.kind].describe(step.parameters)
                write_step(played, run.folder)
                run.played(stage)
            self.evidence = stage.evidence[self.step.index - 1]
        except SetupError as error:
            pytest.exit(str(error), returncode=4)
        except OSError as error:
            pytest.exit(
                f"the evidence could not be written: {error}. Free some space or choose "
                "another folder with --output.",
                returncode=4,
            )

    def repr_failure(  # type: ignore[override]  # as pytest.Collector itself narrows it
        self, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> Any:
        """Our own errors as words, without a traceback."""
        if isinstance(excinfo.value, DicomtestError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class CheckFailed(Exception):
    """A check found the system under test not conforming; `str` is what a person reads."""


class CheckError(Exception):
    """A check could not judge because of a defect of this program."""


class CheckItem(pytest.Item):
    """One check of one step."""

    def __init__(self, *, check: Check, **kwargs: Any) -> None:
        """Keep the check; level and judged side are marks."""
        super().__init__(**kwargs)
        self.check = check
        self.result: dict[str, Any] | None = None
        self.add_marker(str(check.level))

    @property
    def node(self) -> StepNode:
        """The step this check judges."""
        assert isinstance(self.parent, StepNode)
        return self.parent

    def runtest(self) -> None:
        """Judge; raise what makes pytest show the verdict, never as passed when it is not."""
        from dicomtest.judging import result

        evidence = self.node.evidence
        assert evidence is not None, "the step is carried out before its checks"
        self.result = result(
            self.check,
            evidence,
            self.node.session_run.site.deviations,
            evidence=self.node.evidence_file,
        )
        self.user_properties.append(("verdict", self.result["outcome"]))
        self.user_properties.append(("clause", ", ".join(self.check.cites)))
        self.user_properties.append(("level", str(self.check.level)))
        self.user_properties.append(("system", self.result["system"]))
        self._raise(Outcome(self.result["outcome"]), self.result)

    @staticmethod
    def _raise(outcome: Outcome, result: dict[str, Any]) -> None:
        if outcome is Outcome.FAILED:
            raise CheckFailed(failure_text(result))
        if outcome is Outcome.ERROR:
            raise CheckError(f"defect of dicomtest in check {result['check']}: {result['reason']}")
        if outcome is Outcome.ACCEPTED:
            deviation = result["deviation"]
            pytest.xfail(
                f"accepted deviation until {deviation['until']} ({deviation['accepted_by']}: "
                f"{deviation['why']}): {result['message']}"
            )
        if outcome is Outcome.WARNED:
            pytest.xfail(f"warned: {result['message']}")
        if outcome is not Outcome.PASSED:
            pytest.skip(f"{outcome}: {result['reason']}")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What was required, expected and found; no traceback for a verdict."""
        if isinstance(excinfo.value, (CheckFailed, CheckError, DicomtestError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The line of the step in the scenario file."""
        name = f"{self.node.scenario.id} / {self.node.step.id} / {self.check.id}"
        return self.path, self.node.step.line - 1, name


def failure_text(result: dict[str, Any]) -> str:
    """A failed check as a person reads it: requirement, findings, clause, evidence."""
    from dicomtest.reporting.text import clean

    lines = [f"{result['check']} ({', '.join(result['cites'])}) judges {result['system']}"]
    lines.append(f"  required: {result['requirement']}")
    for finding in result["findings"][:5]:
        lines.append(f"  expected: {finding['expected']}")
        lines.append(f"  actual:   {finding['actual']}")
        if finding["where"]:
            lines.append(f"  where:    {finding['where']}")
    if result["count"] > 5:
        lines.append(f"  ... and {result['count'] - 5} more")
    lines.append(f"  evidence: {result['evidence']}")
    return "\n".join(clean(line) for line in lines)
