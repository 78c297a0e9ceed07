"""Cells for the rows of pytest-html, which takes them as raw HTML.

The plugin's hooks call these functions. What they need is in `report.user_properties`: an entry
("dicomtest", {...}) with the check as `run.json` holds it. Rows of other people's tests, which
have none, get empty cells.

pytest-html knows only pytest's own outcomes and shows anything else as passed. Where a check of
ours did not pass, the result cell therefore never says so.
"""

from __future__ import annotations

from html import escape
from typing import Any, Protocol

from dicomtest.reporting.junit import failure_text
from dicomtest.reporting.text import bounded, clean, one_line
from dicomtest.reporting.words import OUTCOMES, outcome_of

_AFTER = 2  # our columns stand behind pytest-html's Result and Test
_RESULTS = {"failed": "Failed", "error": "Error", "passed": "Passed"}  # every other: Skipped


class Report(Protocol):
    """What is needed of a pytest report."""

    nodeid: str
    user_properties: list[tuple[str, object]]


def check_of(report: Report) -> dict[str, Any] | None:
    """The check that a report carries, as `run.json` holds it; None for tests that are not ours."""
    for name, value in getattr(report, "user_properties", ()):
        if name == "dicomtest" and isinstance(value, dict):
            return value
    return None


def header_cells(cells: list[str]) -> None:
    """Add the columns Verdict, Clause, System and Finding, in place."""
    cells[_AFTER:_AFTER] = [
        '<th class="sortable" data-column-type="verdict">Verdict</th>',
        '<th class="sortable" data-column-type="clause">Clause</th>',
        '<th class="sortable" data-column-type="system">System</th>',
        "<th>Finding</th>",
    ]


def row_cells(report: Report, cells: list[str]) -> None:
    """Fill those columns for one row, in place; nothing that did not pass is called passed."""
    if not cells:
        return  # another plugin dropped the row
    check = check_of(report)
    if check is None:
        cells[_AFTER:_AFTER] = [_cell("verdict"), _cell("clause"), _cell("system"), _cell("")]
        return
    outcome = outcome_of(check)
    if "passed" in cells[0].lower() and outcome != "passed":
        cells[0] = _cell("result", _RESULTS.get(outcome, "Skipped"))
    cells[1] = _cell("testId", report.nodeid)
    cells[_AFTER:_AFTER] = [
        _cell("verdict", OUTCOMES[outcome][0]),
        _cell("clause", ", ".join(map(str, check.get("cites") or ()))),
        _cell("system", check.get("system")),
        _cell("", _finding(check)),
    ]


def details(report: Report, data: list[str]) -> None:
    """Put what the check found in front of the log that pytest-html shows for a row, in place."""
    check = check_of(report)
    if check is not None and outcome_of(check) != "passed":
        data.insert(0, escape(clean(failure_text(check))) + "\n")


def _finding(check: dict[str, Any]) -> str:
    if check.get("expected") or check.get("actual"):
        return f"expected {check.get('expected') or 'none'}, actual {check.get('actual') or 'none'}"
    return str(check.get("reason") or check.get("message") or "")


def _cell(column: str, value: object = "") -> str:
    text = escape(bounded(one_line(value or ""), 300))
    return f'<td class="col-{column}">{text}</td>' if column else f"<td>{text}</td>"
