"""The part of the plugin that works in runs with scenarios: opens, records, gives the verdict.

Under pytest-xdist the workers play and judge; the controller alone writes the record. Verdicts
travel as an attribute of the test report (plain JSON values), evidence as files in the run folder.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from time import time
from typing import Any

import pytest

from dicomtest.baseline import read_baseline, wanted_seed
from dicomtest.collect import SESSION, CheckItem, ScenarioFile, StepNode
from dicomtest.errors import SetupError, SpecError, UsageError
from dicomtest.operator.people import People
from dicomtest.record import RunRecord, count, exit_status
from dicomtest.reporting import pytest_html
from dicomtest.resume import Begun, read_begun, write_begun
from dicomtest.session import RunSession
from dicomtest.spec.scenario import Scenario, refuse_duplicates


class RunPlugin:
    """One for each pytest session that has scenarios."""

    def __init__(self, config: pytest.Config) -> None:
        """Read the site; a site file that is wrong ends the session with its problems."""
        self.config = config
        self.started = time()
        self.worker: bool = hasattr(config, "workerinput")
        site = config.getoption("--dicom-site")
        told = told_by_controller(config)
        output = told.get("output") or config.getoption("--dicom-output")
        resume = config.getoption("--dicom-resume")
        try:
            begun = read_begun(Path(resume)) if resume else None
            if begun is not None:
                told = {**told, "run": begun.run, "seed": begun.seed}
                output = resume
                self.started = begun.started or self.started
            self.baseline = read_baseline(config)
            seed = told.get("seed", wanted_seed(config, self.baseline))
            self.session = RunSession(
                Path(site) if site else None,
                Path(output) if output else None,
                seed,
                told.get("run", ""),
                self._people(),
                resumed=begun is not None,
            )
        except (SpecError, UsageError) as error:
            raise pytest.UsageError(str(error)) from None
        config.stash[SESSION] = self.session
        self.results: list[dict[str, Any]] = []
        self.scenarios: dict[str, Scenario] = {}
        self.entries: dict[str, dict[str, Any]] = {}
        self.casting: dict[str, Any] = {}
        self.items = 0
        self.spec_problems = False
        self.deselected = 0
        self.record: dict[str, Any] | None = None
        self.report_path: Path | None = None

    def _people(self) -> People:
        """Who is there; nobody in a worker of pytest-xdist or in its controller."""
        option = self.config.getoption
        answers = option("--dicom-answers")
        alone = not self.worker and not getattr(self.config.option, "numprocesses", None)
        return People(
            attended=bool(option("--dicom-attended")) and alone,
            lan=option("--dicom-lan"),
            answers=Path(answers) if answers else None,
            name=option("--dicom-operator"),
        )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note that a scenario file is wrong: an error of usage, not an interruption."""
        if report.failed and SPEC_PROBLEM in str(report.longrepr):
            self.spec_problems = True

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Count checks that -k, -m or --lf left out."""
        self.deselected += sum(1 for each in items if isinstance(each, CheckItem))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the scenarios that are going to be played; their names must differ."""
        found: dict[tuple[Path, str], Scenario] = {}
        for item in session.items:
            if isinstance(item, CheckItem):
                self.items += 1
                scenario = item.node.scenario
                self.scenarios[scenario.id] = scenario
                self.entries[scenario.id] = scenario_entry(scenario)
                found[(scenario.path, scenario.id)] = scenario
        try:
            refuse_duplicates(list(found.values()))
        except SpecError as error:
            raise pytest.UsageError(str(error)) from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Open every listener before the first step, so that a taken port is told at once."""
        parallel = self.worker or bool(getattr(self.config.option, "numprocesses", 0))
        if session.config.option.collectonly or not self.items or parallel:
            return
        try:
            self.session.open(list(self.scenarios.values()))
            self._note_begin()
        except (SetupError, UsageError, OSError) as error:
            raise pytest.UsageError(str(error)) from None

    def _note_begin(self) -> None:
        """Keep how the run is started, so that it can be resumed."""
        site, option = self.session.site, self.config.getoption
        if not site.systems:
            return
        write_begun(
            self.session.folder,
            Begun(
                run=self.session.run_id,
                seed=self.session.seed,
                site=str(site.path.resolve()) if site.path else "",
                scenarios=tuple(
                    dict.fromkeys(str(each.path.resolve()) for each in self.scenarios.values())
                ),
                keyword=option("keyword") or "",
                mark=option("markexpr") or "",
                started=self.started,
            ),
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach the verdict to the report, so that it reaches the controller."""
        report = yield
        if isinstance(item, CheckItem):
            if call.when == "call" and item.result is not None:
                report.dicomtest = item.result  # type: ignore[attr-defined]  # our own attribute
            elif call.when == "setup" and call.excinfo is not None:
                report.dicomtest = step_failed(  # type: ignore[attr-defined]  # our own attribute
                    item, str(call.excinfo.value) or call.excinfo.typename
                )
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the verdicts; under xdist the controller's own plugin hands them over."""
        if not self.worker and self.items:
            self.keep(report)

    def keep(self, report: pytest.TestReport) -> None:
        """Keep the verdict that a report carries."""
        result = getattr(report, "dicomtest", None)
        if result is not None:
            self.results.append(result)

    def merge(self, output: dict[str, Any]) -> None:
        """Take over what an xdist worker knew of casting and scenarios."""
        self.casting.update(output["casting"])
        for entry in output["scenarios"]:
            self.entries.setdefault(entry["scenario"], entry)

    def _actors(self) -> set[str]:
        return {actor for each in self.scenarios.values() for actor in each.actors()}

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Close the listeners; on the controller, write the record and set the exit status."""
        if self.spec_problems and not self.worker:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
            return
        self.casting.update(self.session.casting_entry(self._actors()))
        self.session.close()
        if self.worker:
            output: dict[str, Any] = getattr(self.config, "workeroutput")  # noqa: B009 -- xdist's
            output["dicomtest"] = {
                "casting": self.casting, "scenarios": list(self.entries.values())
            }  # fmt: skip
            return
        if session.config.option.collectonly or not self.results:
            return
        interrupted = int(exitstatus) not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        status = exit_status(count(self.results), int(exitstatus))
        session.exitstatus = status
        try:
            self._write(interrupted, status)
        except SetupError as error:
            self.config.stash[PROBLEM] = str(error)
            session.exitstatus = 4

    def _write(self, interrupted: bool, status: int) -> None:
        from dicomtest.reporting.html import write_report
        from dicomtest.reporting.junit import write_junit

        record = RunRecord(
            folder=self.session.folder,
            run_id=self.session.run_id,
            seed=self.session.seed,
            site=self.session.site_entry(),
            casting=self.casting,
            scenarios=list(self.entries.values()),
            real_systems=bool(self.session.real_actors),
            deviations=self.session.site.deviations,
            selected=f"a selection, {self.deselected} checks left out"
            if self.deselected
            else "all",
            started=self.started,
            checks=self.results,
        )
        self.record = record.write(
            interrupted=interrupted, exit_status=status, additions=self._additions
        )
        write_junit(self.session.folder)
        self.report_path = write_report(self.session.folder)

    def _additions(self, record: dict[str, Any]) -> dict[str, Any]:
        """What the record says beyond the run itself."""
        from dicomtest.reporting.comparison import compare
        from dicomtest.spec.requirements import entries

        found: dict[str, Any] = {"requirements": entries(self.session.requirements)}
        if self.baseline is not None:
            found["changes"] = compare(self.baseline, record)
        return found

    def _selected(self) -> str:
        return f"a selection, {self.deselected} checks left out" if self.deselected else "all"

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        """Verdict, clause and finding in pytest-html's rows, escaped."""
        pytest_html.row_cells(report, cells)

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_html(self, report: pytest.TestReport, data: list[str]) -> None:
        """What a check found."""
        pytest_html.details(report, data)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The verdict, what failed, and where the report is."""
        from dicomtest.reporting.summary import summarise

        problem = self.config.stash.get(PROBLEM, "")
        if problem:
            terminalreporter.write_line(problem)
        if self.record is not None:
            width = terminalreporter._tw.fullwidth
            terminalreporter.section("dicomtest")
            terminalreporter.write_line(
                summarise(self.record, colour=terminalreporter.hasmarkup, width=width)
            )
            terminalreporter.write_line(f"report: {self.report_path}")


PROBLEM = pytest.StashKey[str]()
SPEC_PROBLEM = "nothing was sent."  # how every SpecError ends


def told_by_controller(config: pytest.Config) -> dict[str, Any]:
    """Run, output folder and seed, when the controller of a distributed run decided them."""
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        return dict(worker.get("dicomtest", {}))
    try:
        from dicomtest.distribution import TOLD
    except ImportError:  # pytest-xdist is not installed
        return {}
    return config.stash.get(TOLD, {})


def scenario_entry(scenario: Scenario) -> dict[str, Any]:
    """A scenario, for the record."""
    return {
        "scenario": scenario.id,
        "title": {"en": scenario.title.in_language("en"), "zh": scenario.title.in_language("zh")},
        "purpose": {
            "en": scenario.purpose.in_language("en"),
            "zh": scenario.purpose.in_language("zh"),
        },
        "profile": scenario.profile,
        "file": scenario.path.name,
    }


def step_failed(item: CheckItem, why: str) -> dict[str, Any]:
    """The entry of a check whose step could not be carried out by a defect of this program."""
    node: StepNode = item.node
    return {
        "check": item.check.id,
        "outcome": "error",
        "level": str(item.check.level),
        "side": str(item.check.judges),
        "scenario": node.scenario.id,
        "step": node.step.id,
        "judges": "",
        "system": "",
        "simulated": False,
        "cites": list(item.check.cites),
        "requirement": item.check.requirement,
        "expected": "",
        "actual": "",
        "where": "",
        "message": why,
        "findings": [],
        "count": 0,
        "examined": 0,
        "reason": why,
        "consequence": "",
        "fix": "",
        "evidence": node.evidence_file,
        "deviation": None,
        "seconds": 0.0,
    }


__all__ = ["RunPlugin", "ScenarioFile"]
