"""Cells for pytest-html."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from dicomtest.reporting.pytest_html import details, row_cells


def report(check=None, nodeid="scenarios/x.dicomtest.yaml::ct-study::2-store::store.status"):
    properties = [("other", "x")] + ([("dicomtest", check)] if check else [])
    return SimpleNamespace(nodeid=nodeid, user_properties=properties)


def cells(result="Passed"):
    return [
        f'<td class="col-result">{result}</td>',
        '<td class="col-testId">x</td>',
        '<td class="col-duration">1 ms</td>',
        '<td class="col-links"></td>',
    ]


def test_a_row_carries_verdict_clause_system_and_finding(sample):
    ours, theirs = cells(), cells()

    row_cells(report(sample.check("store.status", "failed")), ours)
    row_cells(report(), theirs)

    assert len(ours) == len(cells())
    assert "failed: PS3.4 B.2.3<br>" in ours[1]
    assert "Orthanc" in ours[1]
    assert "expected 0000, actual A700" in ours[1]
    assert theirs == cells()


@pytest.mark.parametrize(
    "outcome",
    ["failed", "error", "blocked", "not-run", "warned", "accepted", "not-applicable", "?"],
)
def test_what_did_not_pass_never_shows_as_passed(sample, outcome):
    row = cells("Passed")

    row_cells(report(sample.check("store.status", outcome)), row)

    assert "passed" not in "".join(row).lower()


def test_everything_from_the_wire_is_escaped(sample):
    check = sample.hostile(sample.check("store.status", "failed"))
    row, log = cells("Failed"), []

    row_cells(report(check, nodeid="x::<img src=x>"), row)
    details(report(check), log)

    text = "".join(row + log)
    assert "<img" not in text
    assert "<script" not in text
    assert "\x1b" not in text
    assert "&lt;script&gt;" in text


def test_the_failure_text_stands_before_the_log(sample):
    log = ["captured"]

    details(report(sample.check("store.status", "failed")), log)
    details(report(sample.check("store.status")), log)
    details(report(), log)

    assert "actual: A700" in log[0]
    assert log[1:] == ["captured"]


def test_a_row_that_another_plugin_dropped_stays_dropped(sample):
    dropped = []

    row_cells(report(sample.check("store.status")), dropped)

    assert dropped == []
