"""The pytest plugin, loaded by every pytest run of the environment: thin, and nothing heavy.

It claims `*.dicomtest.yaml` only. Everything else is imported when the first such file, or the
first of our fixtures, is met.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dicomtest.actors import Simulator
    from dicomtest.run_plugin import RunPlugin
    from dicomtest.session import RunSession
    from dicomtest.spec.site import Site

SUFFIXES = (".dicomtest.yaml", ".dicomtest.yml")
RUN_PLUGIN = "dicomtest-run"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of a run."""
    group = parser.getgroup("dicomtest", "acceptance tests of DICOM systems")
    group.addoption("--dicom-site", metavar="FILE", help="site file naming the systems under test")
    group.addoption(
        "--dicom-output", metavar="DIR", help="folder of the run (default: dicomtest-runs/<run>)"
    )
    group.addoption(
        "--dicom-seed", metavar="N", type=int, help="seed of patients, values and pixels"
    )
    group.addoption(
        "--dicom-attended",
        action="store_true",
        help="somebody is there to act and to answer: open the operator's page",
    )
    group.addoption(
        "--dicom-lan",
        metavar="ADDRESS",
        default="",
        help="serve the operator's page on that address of this machine too (auto: choose one)",
    )
    group.addoption(
        "--dicom-answers", metavar="FILE", help="recorded answers (answers.jsonl, or its run)"
    )
    group.addoption("--dicom-operator", metavar="NAME", default="", help="who answers")
    group.addoption(
        "--dicom-resume", metavar="DIR", help="go on with the interrupted run in that folder"
    )
    group.addoption(
        "--dicom-baseline",
        metavar="DIR",
        help="folder of an earlier run: the report tells what changed since; its seed is used",
    )


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Our own hooks."""
    from dicomtest import hooks

    pluginmanager.add_hookspecs(hooks)


def pytest_configure(config: pytest.Config) -> None:
    """Register marks, so that --strict-markers knows them."""
    for mark in (
        "verify",
        "store",
        "query",
        "move",
        "get",
        "order",
        "worklist",
        "mpps",
        "commit",
        "acquire",
        "print",
    ):
        config.addinivalue_line("markers", f"{mark}: steps of this kind")
    for mark in ("must", "should"):
        config.addinivalue_line("markers", f"{mark}: checks of this level")
    if config.getoption("--dicom-site"):
        _run_plugin(config)  # a site file that is wrong ends the session before it begins
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        from dicomtest.distribution import Controller

        config.pluginmanager.register(Controller(config, _run_plugin), "dicomtest-controller")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Claim scenario files, by their double suffix only."""
    if not file_path.name.endswith(SUFFIXES):
        return None
    _run_plugin(parent.config)
    from dicomtest.collect import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


def _run_plugin(config: pytest.Config) -> RunPlugin:
    """The part that is loaded only when there are scenarios, or fixtures of ours in use."""
    found: RunPlugin | None = config.pluginmanager.get_plugin(RUN_PLUGIN)
    if found is None:
        from dicomtest.run_plugin import RunPlugin

        found = RunPlugin(config)
        config.pluginmanager.register(found, RUN_PLUGIN)
    return found


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep a scenario on one worker; with real systems, keep all scenarios on one."""
    if config.getoption("dist", "no") not in ("load", "loadscope", "no"):
        return None
    from dicomtest.distribution import scheduler

    return scheduler(config, log, SUFFIXES)


@pytest.fixture(scope="session")
def dicom_run(request: pytest.FixtureRequest) -> Iterator[RunSession]:
    """The run: site, casting, folder; its listeners are closed at the end of the session."""
    yield _run_plugin(request.config).session


@pytest.fixture(scope="session")
def site(dicom_run: RunSession) -> Site:
    """The site under test (`--dicom-site`), or one where everything is simulated."""
    return dicom_run.site


def _actor_fixture(actor: str) -> Any:
    @pytest.fixture(scope="session", name=actor)
    def fixture(dicom_run: RunSession) -> Generator[Simulator, None, None]:
        yield dicom_run.run.casting.started(actor)

    fixture.__doc__ = f"The simulated {actor}, listening."
    return fixture


modality = _actor_fixture("modality")
pacs = _actor_fixture("pacs")
workstation = _actor_fixture("workstation")
ris = _actor_fixture("ris")
