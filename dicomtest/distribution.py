"""Scenarios under pytest-xdist: one scenario stays on one worker.

Listeners and real systems are shared resources, so with a site all scenarios share a worker.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from dicomtest.baseline import read_baseline, wanted_seed
from dicomtest.errors import UsageError

if TYPE_CHECKING:
    from dicomtest.run_plugin import RunPlugin


class Controller:
    """The controller's side of a distributed run: it collects nothing, and keeps everything.

    It cannot know whether there are scenarios before the first verdict arrives, so until then it
    only hands out the run's name; the rest is loaded with the first verdict.
    """

    def __init__(
        self, config: pytest.Config, run_plugin: Callable[[pytest.Config], RunPlugin]
    ) -> None:
        """Name the run."""
        self.config = config
        self._run_plugin = run_plugin
        run = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        output = config.getoption("--dicom-output") or Path("dicomtest-runs", run)
        try:
            seed = wanted_seed(config, read_baseline(config))
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None
        self.told = {
            "run": run,
            "output": str(Path(output).absolute()),
            "seed": secrets.randbelow(2**31) if seed is None else seed,
        }
        config.stash[TOLD] = self.told

    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker which run it belongs to."""
        node.workerinput["dicomtest"] = self.told

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a verdict."""
        if hasattr(report, "dicomtest"):
            self._run_plugin(self.config).keep(report)

    def pytest_testnodedown(self, node: Any, error: object) -> None:  # noqa: ARG002 -- hook
        """Keep what a finished worker knew of casting and scenarios."""
        output = getattr(node, "workeroutput", {}).get("dicomtest")
        if output:
            self._run_plugin(self.config).merge(output)


TOLD = pytest.StashKey[dict[str, Any]]()
"""What the controller decided for all workers: run, output, seed."""


class ScenarioScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Scopes are scenarios; other tests are spread one by one as xdist's default does."""

    suffixes: tuple[str, ...] = ()
    together = False

    def _split_scope(self, nodeid: str) -> str:
        parts = nodeid.split("::")
        if not parts[0].endswith(self.suffixes):
            return nodeid
        return "dicomtest" if self.together else "::".join(parts[:2])


def scheduler(config: pytest.Config, log: Any, suffixes: tuple[str, ...]) -> Any:
    """The scheduler of this session."""
    made = ScenarioScheduling(config, log)
    made.suffixes = suffixes
    made.together = bool(config.getoption("--dicom-site"))
    return made
