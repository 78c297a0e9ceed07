"""What holds for every test: where a DICOM peer is required, its absence is a failure."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

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
