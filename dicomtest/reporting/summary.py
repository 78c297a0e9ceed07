"""The closing summary of a run: what a terminal of 80 columns and 24 lines can show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dicomtest.reporting import words
from dicomtest.reporting.facts import spread
from dicomtest.reporting.grouping import Group, group
from dicomtest.reporting.text import columns, fit, one_line

_COLOURS = {
    "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35",
    "dim": "2", "bold": "1",
}  # fmt: skip
_OUTCOME_COLOURS = {
    "failed": "red", "error": "magenta", "blocked": "magenta", "not-run": "magenta",
    "warned": "yellow", "accepted": "blue", "passed": "green",
}  # fmt: skip
_DECISION_COLOURS = {
    "accepted": "green", "deviations": "blue", "not accepted": "red", "incomplete": "magenta"
}  # fmt: skip
_LABEL = 9  # columns of "expected "


class _Page:
    """Lines that fit the width, and the paint."""

    def __init__(self, *, colour: bool, width: int) -> None:
        self.colour = colour
        self.width = max(40, width)
        self.lines: list[str] = []

    def paint(self, text: str, *styles: str) -> str:
        codes = [_COLOURS[each] for each in styles if each in _COLOURS]
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.colour and codes else text

    def add(self, text: str = "", *styles: str, indent: int = 0) -> None:
        """One line of text that may come from the wire, cut to the width."""
        cut = fit(one_line(text), self.width - indent)
        self.lines.append(f"{' ' * indent}{self.paint(cut, *styles)}" if cut else "")

    def pair(self, label: str, value: object, *styles: str) -> None:
        """A label in its column and a value cut to what is left."""
        room = self.width - 4 - _LABEL
        cut = fit(one_line(value) or "none", room)
        self.lines.append(
            f"    {self.paint(f'{label:<{_LABEL}}', 'dim')}{self.paint(cut, *styles)}"
        )


def summarise(
    record: Mapping[str, Any],
    *,
    colour: bool,
    width: int,
    report: Path | str = "",
    height: int = 24,
) -> str:
    """Give the closing summary: verdict, counts, what failed, where the report is.

    Never more than `height` lines (but at least 12) of `width` columns (but at least 40). Text
    from the wire cannot steer the terminal or start a line of its own.
    """
    page = _Page(colour=colour, width=width)
    counts = words.counts_of(list(record.get("checks") or ()))
    _verdict(page, record, counts)
    closing = list(_closing(record))
    room = (
        max(12, height) - len(page.lines) - len(closing) - 3
    )  # the report, an empty line, the prompt
    _findings(page, record, room)
    page.add()
    for label, text in closing:
        cut = fit(one_line(text), page.width - 13)
        page.lines.append(f"{page.paint(label.ljust(13), 'dim')}{cut}")
    if report:  # whole, however long: half a path is of no use
        page.lines.append(f"{page.paint('report'.ljust(13), 'dim')}{one_line(report)}")
    return "\n".join(page.lines)


def _verdict(page: _Page, record: Mapping[str, Any], counts: Mapping[str, int]) -> None:
    decision, rule = words.decision(record, counts)
    why = one_line(record.get("verdict_reason") or rule)
    word = words.DECISIONS[decision].upper()
    if not record.get("real_systems"):
        word += ", SIMULATORS ONLY"
    page.lines.append(page.paint("─" * page.width, "dim"))
    room = page.width - columns(word) - 2
    page.lines.append(
        f"{page.paint(word, _DECISION_COLOURS[decision], 'bold')}  {fit(why, room)}".rstrip()
    )
    if not record.get("real_systems"):
        page.add("No real system was tested: every actor was a simulator.", "yellow", "bold")
    if record.get("interrupted"):
        page.add("The run was interrupted before its end.", "magenta")
    _counts(page, counts)


def _counts(page: _Page, counts: Mapping[str, int]) -> None:
    """The outcomes with their numbers, worst first, on as many lines as they need."""
    line: list[str] = []
    used = 0
    for outcome, number in counts.items():
        if not number:
            continue
        text = f"{number:,} {words.OUTCOMES[outcome][0]}"
        if line and used + columns(text) + 3 > page.width:
            page.lines.append(" · ".join(line))
            line, used = [], 0
        line.append(page.paint(text, _OUTCOME_COLOURS.get(outcome, "dim")))
        used += columns(text) + 3
    page.lines.append(" · ".join(line) or "no check was judged")


def _findings(page: _Page, record: Mapping[str, Any], room: int) -> None:
    """The findings, worst first, as many as the room allows; the last line counts the rest."""
    groups = group(record.get("checks") or (), ("failed", "error", "warned"))
    room -= 1  # the line that counts the rest
    brief = len(groups) * 5 > room
    shown = 0
    if brief:
        page.add()
        room -= 1
    for each in groups:
        lines = _Page(colour=page.colour, width=page.width)
        _finding(lines, each, brief=brief)
        if len(lines.lines) > room:
            break
        page.lines += lines.lines
        room -= len(lines.lines)
        shown += 1
    rest = groups[shown:]
    if rest:
        kinds: dict[str, int] = {}
        for each in rest:
            kinds[each.outcome] = kinds.get(each.outcome, 0) + 1
        told = ", ".join(f"{number} {words.OUTCOMES[kind][0]}" for kind, number in kinds.items())
        page.add(
            f"{'and ' if shown else ''}{len(rest)} more in the report ({told})", "dim", indent=2
        )


def _finding(page: _Page, each: Group, *, brief: bool) -> None:
    word = words.OUTCOMES[each.outcome][0].upper()
    if not brief:
        page.add()
    head = one_line(f"{each.check}  {', '.join(each.cites)}  {each.system}")
    cut = fit(head, page.width - columns(word) - 2)
    page.lines.append(f"{page.paint(word, _OUTCOME_COLOURS[each.outcome], 'bold')}  {cut}")
    if each.outcome == "error" or not each.patterns:
        page.pair("reason", each.reason or each.message)
        return
    pattern = each.patterns[0]
    if brief:
        half = (page.width - 4 - 2 * _LABEL) // 2
        expected, actual = (
            fit(one_line(value) or "none", half) for value in (pattern.expected, pattern.actual)
        )
        page.add(f"expected {expected} actual {actual}", indent=4)
        return
    page.pair("expected", pattern.expected)
    page.pair("actual", pattern.actual, _OUTCOME_COLOURS[each.outcome])
    place = pattern.places[0]
    where = f"{place.scenario} / {place.step}: {place.where}"
    page.pair("where", f"{where} ({each.count} times)" if each.count > 1 else where)


def _closing(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What else must be known, as (label, text)."""
    open_checks = [
        each
        for each in record.get("checks") or ()
        if words.outcome_of(each) in ("blocked", "not-run")
    ]
    if open_checks:
        reason, number = spread(str(each.get("reason") or "") for each in open_checks)
        told = f", {number} because: {reason}" if reason else ""
        yield "not judged", f"{len(open_checks)} checks{told}"
    skipped = list(record.get("not_run") or ())
    if skipped:
        first = f"{skipped[0].get('scenario', '')}: {skipped[0].get('why', '')}"
        more = f"{len(skipped)} scenarios, first " if len(skipped) > 1 else ""
        yield "not run", more + first
    if record.get("changes"):
        yield "changes", _changes(record["changes"])
    left = sum(int(each.get("instances") or 0) for each in record.get("left_behind") or ())
    if left:
        yield "left behind", f"{left} synthetic instances on the systems under test"


def _changes(changes: Mapping[str, Any]) -> str:
    """What is different from the run before, in numbers."""
    told = Counter(str(each["kind"]) for each in changes["checks"])
    words = [f"{number} {kind}" for kind, number in told.items()]
    slower = sum(each["ratio"] > 1 for each in changes["timings"])
    for number, what in (
        (slower, "slower"),
        (len(changes["timings"]) - slower, "faster"),
        (len(changes["scenarios"]), "scenarios in one run only"),
        (len(changes["observed"]), "observed in another way"),
    ):
        if number:
            words.append(f"{number} {what}")
    verdict = "worse" if changes["worse"] else "nothing worse"
    return f"{verdict} than {changes['old']['run']}: {', '.join(words) or 'no change'}"
