"""What `dicomtest run` shows while it runs: scenario, step, check; then the closing summary.

It stands in for pytest's terminal reporter. On a terminal the line of the step that is being
carried out is rewritten; in a file or pipe every step is one line.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import pytest

from dicomtest.collect import CheckItem
from dicomtest.findings import Outcome
from dicomtest.reporting.text import clean

SHOWN = (Outcome.FAILED, Outcome.WARNED, Outcome.ERROR, Outcome.ACCEPTED)
SIGNS = {
    Outcome.PASSED: "ok",
    Outcome.WARNED: "warned",
    Outcome.FAILED: "FAILED",
    Outcome.BLOCKED: "blocked",
    Outcome.NOT_RUN: "not run",
    Outcome.NOT_APPLICABLE: "n/a",
    Outcome.ACCEPTED: "accepted deviation",
    Outcome.ERROR: "ERROR",
}
COLOURS = {
    Outcome.PASSED: "32",
    Outcome.WARNED: "33",
    Outcome.FAILED: "31;1",
    Outcome.ERROR: "31;1",
    Outcome.ACCEPTED: "33",
}


class Progress:
    """A pytest plugin that prints progress and the summary."""

    def __init__(self, *, verbose: bool = False) -> None:
        """Write to standard output; a terminal gets rewritten lines and colour."""
        from dicomtest.console import colour

        self.verbose = verbose
        self.live = sys.stdout.isatty()
        self.colour = colour()
        self._scenario = ""
        self._step = ""
        self._counts: Counter[Outcome] = Counter()
        self._open = False
        self._config: pytest.Config | None = None
        self._problems: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        """Remember the session."""
        self._config = config

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what is wrong with a scenario file."""
        if report.failed:
            self._problems.append(str(report.longrepr))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Say what is going to be run."""
        if self._problems:
            return
        items = [each for each in session.items if isinstance(each, CheckItem)]
        scenarios = {each.node.scenario.id for each in items}
        self._line(f"{len(scenarios)} scenarios, {len(items)} checks")

    def pytest_dicomtest_step(self, scenario: Any, step: Any) -> None:
        """A step begins."""
        from dicomtest.transactions import all_transactions

        self._finish_step()
        if scenario.id != self._scenario:
            self._scenario = scenario.id
            title = scenario.title.in_language("en")
            self._line(f"\n{scenario.id}" + (f"  {title}" if title else ""))
        words = all_transactions()[step.kind].describe(step.parameters)
        self._step = f"  {step.id}  {words}"
        self._open = True
        self._transient(f"{self._step} ...")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A check begins."""
        if self.live:
            self._transient(f"{self._step} ... {nodeid.rsplit('::', 1)[-1]}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A check has its verdict."""
        result = getattr(report, "dicomtest", None)
        if result is None:
            return
        outcome = Outcome(result["outcome"])
        self._counts[outcome] += 1
        if not self.verbose and outcome not in SHOWN:
            return
        self._erase()
        if self._step:
            self._line(self._step)
            self._step = ""
        text = f"      {self._paint(outcome)}  {result['check']}"
        if result["message"]:
            text += f": {result['message']}"
        self._line(clean(text))

    def pytest_sessionfinish(self) -> None:
        """End the last step's line."""
        self._finish_step()

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Print the summary, when everything has been written."""
        from dicomtest.reporting.summary import summarise
        from dicomtest.run_plugin import PROBLEM

        for problem in dict.fromkeys(self._problems):
            self._line(problem)
        if config.stash.get(PROBLEM, ""):
            self._line(config.stash[PROBLEM])
        plugin = config.pluginmanager.get_plugin("dicomtest-run")
        if plugin is not None and plugin.record is not None:
            from shutil import get_terminal_size

            width = min(100, get_terminal_size((80, 24)).columns)
            self._line("")
            self._line(summarise(plugin.record, colour=self.colour, width=width))
            self._line(f"report: {plugin.report_path}")

    @pytest.hookimpl
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C, or an end that was asked for with a reason."""
        self._erase()
        reason = str(getattr(excinfo.value, "msg", "") or "")
        self._line(reason or "\ninterrupted; what was done so far is in the record")
        plugin = self._config and self._config.pluginmanager.get_plugin("dicomtest-run")
        if plugin and plugin.session.can_be_resumed:
            self._line(f"go on with   dicomtest run --resume {plugin.session.folder}")

    def pytest_internalerror(self, excrepr: Any) -> None:
        """A defect of this program: one line, and the traceback for its developers."""
        self._erase()
        self._line(f"internal error of dicomtest, please report it:\n{excrepr}")

    def close(self) -> None:
        """Flush."""
        sys.stdout.flush()

    def _finish_step(self) -> None:
        if not self._open:
            return
        self._erase()
        counts = ", ".join(
            f"{number} {SIGNS[outcome]}" for outcome, number in sorted(self._counts.items())
        )
        self._line(f"{self._step or '     '}  {counts or 'no check applies'}")
        self._counts.clear()
        self._open = False
        self._step = ""

    def _paint(self, outcome: Outcome) -> str:
        sign, code = SIGNS[outcome], COLOURS.get(outcome, "")
        return f"\x1b[{code}m{sign}\x1b[0m" if self.colour and code else sign

    def _transient(self, text: str) -> None:
        if self.live:
            self._erase()
            sys.stdout.write(clean(text)[:100])
            sys.stdout.flush()

    def _erase(self) -> None:
        if self.live:
            sys.stdout.write("\r\x1b[2K")

    @staticmethod
    def _line(text: str) -> None:
        from dicomtest.console import write

        write(text)
