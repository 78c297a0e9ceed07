"""Cells for the rows of pytest-html, which takes them as raw HTML.

The plugin's hooks call these functions. What they need is in `report.user_properties`: an entry
("dicomtest", {...}) with the check as `run.json` holds it. Rows of other people's tests, which
have none, stay as they are. The table's header is made before any scenario is collected, so our
columns stand as lines in the Test cell.

pytest-html knows only pytest's own outcomes and shows anything else as passed. Where a check of
ours did not pass, the result cell therefore never says so.
"""

from __future__ import annotations

from html import escape
from typing import Any, Protocol

from dicomtest.reporting.junit import failure_text
from dicomtest.reporting.text import bounded, clean, one_line
from dicomtest.reporting.words import OUTCOMES, outcome_of

_RESULTS = {"failed": "Failed", "error": "Error", "passed": "Passed"}  # every other: Skipped


class Report(Protocol):
    """What is needed of a pytest report."""

    nodeid: str
    user_properties: list[tuple[str, object]]


def check_of(report: Report) -> dict[str, Any] | None:
    """The check that a report carries, as `run.json` holds it; None for tests that are not ours."""
    attached = getattr(report, "dicomtest", None)
    if isinstance(attached, dict):
        return attached
    for name, value in getattr(report, "user_properties", ()):
        if name == "dicomtest" and isinstance(value, dict):
            return value
    return None


def row_cells(report: Report, cells: list[str]) -> None:
    """Fill those columns for one row, in place; nothing that did not pass is called passed."""
    if not cells:
        return  # another plugin dropped the row
    check = check_of(report)
    if check is None:
        return
    outcome = outcome_of(check)
    if "passed" in cells[0].lower() and outcome != "passed":
        cells[0] = f'<td class="col-result">{_RESULTS.get(outcome, "Skipped")}</td>'
    lines = [
        report.nodeid,
        f"{OUTCOMES[outcome][0]}: {', '.join(map(str, check.get('cites') or ()))}",
        str(check.get("system") or ""),
        _finding(check),
    ]
    cells[1] = f'<td class="col-testId">{"<br>".join(_text(each) for each in lines if each)}</td>'


def details(report: Report, data: list[str]) -> None:
    """Put what the check found in front of the log that pytest-html shows for a row, in place."""
    check = check_of(report)
    if check is not None and outcome_of(check) != "passed":
        data.insert(0, escape(clean(failure_text(check))) + "\n")


def _finding(check: dict[str, Any]) -> str:
    if check.get("expected") or check.get("actual"):
        return f"expected {check.get('expected') or 'none'}, actual {check.get('actual') or 'none'}"
    return str(check.get("reason") or check.get("message") or "")


def _text(value: str) -> str:
    return escape(bounded(one_line(value), 300))
