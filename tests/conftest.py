"""What holds for every test: where a DICOM peer is required, its absence is a failure."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

# Scenarios for broken systems are played by the tests of `defects`, not collected as they are.
collect_ignore_glob = ["*.dicomtest.yaml", "*/*.dicomtest.yaml", "*/*/*.dicomtest.yaml"]

# A busy machine is slow, not wrong.
hypothesis.settings.register_profile(
    "dicomtest", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("dicomtest")

# Set by .ci/run: every program is installed there, so that nothing is left untested unnoticed.
REQUIRE_PEERS = "DICOMTEST_REQUIRE_PEERS"
NEEDS_PROGRAMS = ("peer", "browser")


def peers_required() -> bool:
    return os.environ.get(REQUIRE_PEERS, "") not in ("", "0")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test that needs an installed program into a failure, where asked."""
    report = yield
    if (
        report.skipped
        and not hasattr(report, "wasxfail")
        and peers_required()
        and any(item.get_closest_marker(name) for name in NEEDS_PROGRAMS)
    ):
        report.outcome = "failed"
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.longrepr = f"{REQUIRE_PEERS} is set, and this was skipped: {why}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a file that is skipped as a whole."""
    report = yield
    in_peers = {"peers", "browser"} & set(collector.path.parts)
    if report.skipped and peers_required() and in_peers:
        report.outcome = "failed"
        report.longrepr = f"{REQUIRE_PEERS} is set, and this was skipped: {report.longrepr}"
    return report


class ByFile(LoadScopeScheduling):
    """With `-n`, a file stays on one worker, since its tests share a peer, a run, a browser."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        # Each product's acceptance is long; they share nothing.
        return nodeid[nodeid.rfind("[") :] if file.endswith("test_acceptance.py") else file


LONG_FIRST = ("test_acceptance.py", "peers/", "browser/", "loopback/", "defects/")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give whole files to workers, in the order of `pytest_collection_modifyitems`."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes long when there are several workers: none waits for the last."""
    if "PYTEST_XDIST_WORKER" in os.environ or config.getoption("numprocesses", None):
        items.sort(key=_weight)


def _weight(item: pytest.Item) -> int:
    found = (at for at, each in enumerate(LONG_FIRST) if each in item.nodeid)
    return next(found, len(LONG_FIRST))
