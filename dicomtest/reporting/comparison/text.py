"""A comparison in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dicomtest.reporting.comparison.observed import SUBJECTS
from dicomtest.reporting.comparison.verdicts import KINDS, WORSE
from dicomtest.reporting.numbers import seconds
from dicomtest.reporting.text import bounded, fit, one_line

_PAINT = {"red": "31;1", "green": "32", "dim": "2", "bold": "1"}
_MOST = 15  # of each kind; the rest is counted


def comparison_text(changes: Mapping[str, Any], *, colour: bool, width: int) -> str:
    """The comparison in lines of at most `width` columns; text from the wire cannot steer them."""

    def paint(text: str, style: str) -> str:
        return f"\x1b[{_PAINT[style]}m{text}\x1b[0m" if colour and style else text

    lines = []
    for style, line in _lines(changes):
        lines.append(paint(fit(one_line(line), width) if line.strip() else "", style))
        if line.startswith("  "):
            lines[-1] = paint("  " + fit(one_line(line), width - 2), style)
    return "\n".join(lines)


def _lines(changes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for side in ("old", "new"):
        run = changes[side]
        yield "", f"{side}: {run['run']}, {run['site'] or 'no site'}: {run['verdict']}"
    for each in changes["settings"]:
        what = f"{each['what']} {each['of']}".rstrip()
        yield "dim", f"{what}: {each['old'] or 'none'} -> {each['new'] or 'none'}"
    yield from _checks(changes["checks"])
    yield from _section(
        "Scenarios that only one of them has",
        [f"{each['scenario']}: only in the {each['in']} run" for each in changes["scenarios"]],
    )
    yield from _section("Slower or faster, beyond noise", [_time(e) for e in changes["timings"]])
    yield from _section("Observed in another way", [_observed(e) for e in changes["observed"]])
    yield "", ""
    if changes["worse"]:
        yield "red", "Something got worse."
    elif any(changes[key] for key in ("checks", "scenarios", "timings", "observed")):
        yield "green", "Nothing got worse."
    else:
        yield "green", "Nothing changed."


def _checks(checks: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for kind, heading in KINDS.items():
        chosen = [each for each in checks if each["kind"] == kind]
        style = "red" if kind in WORSE else "green" if kind in ("fixed", "no longer warned") else ""
        yield from _section(heading, [_check(each) for each in chosen], style)


def _section(heading: str, entries: list[str], style: str = "") -> Iterator[tuple[str, str]]:
    if not entries:
        return
    yield "", ""
    yield style or "bold", f"{heading} ({len(entries)})"
    for each in entries[:_MOST]:
        yield "", f"  {each}"
    if len(entries) > _MOST:
        yield "dim", f"  and {len(entries) - _MOST} more"


def _check(entry: Mapping[str, Any]) -> str:
    place = entry["places"][0]
    where = f"{place['scenario']} / {place['step']}"
    more = f" and {entry['count'] - 1} more" if entry["count"] > 1 else ""
    said = ""
    if entry["new"] in ("failed", "warned"):
        said = f": expected {entry['expected'] or 'none'}, actual {entry['actual'] or 'none'}"
    elif entry["new"] not in ("passed", "absent") and entry["reason"]:
        said = f": {entry['reason']}"
    verdicts = f"{entry['old']} -> {entry['new']}"
    return bounded(f"{entry['check']} ({where}{more}) {verdicts}{said}", 300)


def _time(entry: Mapping[str, Any]) -> str:
    return (
        f"{entry['system']} {entry['service']}: p50 {seconds(entry['old'])} -> "
        f"{seconds(entry['new'])}, {entry['ratio']:.2f} times "
        f"({entry['counts'][0]} and {entry['counts'][1]} exchanges, p {entry['p']:.1g})"
    )


def _observed(entry: Mapping[str, Any]) -> str:
    more = f" ({entry['count']} steps)" if entry["count"] > 1 else ""
    subject = f"{SUBJECTS[entry['what']]} {entry['subject']}".rstrip()
    change = f"{entry['old'] or 'none'} -> {entry['new'] or 'none'}"
    return bounded(f"{entry['system']}, {subject}: {change}{more}", 300)
