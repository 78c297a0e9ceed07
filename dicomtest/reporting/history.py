"""The runs of a folder, in order of time: a table for the terminal, a page with a trend chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dicomtest.errors import UsageError
from dicomtest.reporting.html import environment, head
from dicomtest.reporting.numbers import moment
from dicomtest.reporting.record import read_record
from dicomtest.reporting.text import one_line, scrub
from dicomtest.reporting.translations import choose
from dicomtest.reporting.words import OUTCOMES

HEIGHT, BAR, GAP = 160, 28, 10  # of the chart, in SVG user units
MOST_BARS = 40
# Outcomes in the bars, from the ground up.
STACK = ("passed", "accepted", "warned", "failed", "blocked", "not-run", "error")


@dataclass(frozen=True)
class Run:
    """What the list says of one run."""

    folder: str  # relative to the folder of runs
    run: str
    started: float | None
    utc_offset: int | None
    site: str
    systems: str
    verdict: str
    counts: Mapping[str, int]
    real_systems: bool
    selected: str
    link: str = ""

    @property
    def judged(self) -> int:
        """Checks that a bar shows."""
        return sum(self.counts.get(each, 0) for each in STACK)


def runs_in(folder: Path) -> list[Run]:
    """Every run directly in a folder, the oldest first; raises UsageError when there is none.

    A folder whose record cannot be read is left out.
    """
    found = []
    for path in folder.glob("*/run.json"):
        try:
            record, _ = read_record(path.parent)
        except UsageError:
            continue
        found.append(_run(path.parent, scrub(record)))
    if not found:
        raise UsageError(f"there is no run in {folder}; name the folder that holds run folders")
    return sorted(found, key=lambda each: (each.started or 0, each.folder))


def _run(folder: Path, record: Mapping[str, Any]) -> Run:
    casting = record.get("casting") or {}
    tested = [each for each in casting.values() if not each.get("simulated")]
    started = record.get("started")
    report = folder / "report.html"
    return Run(
        folder=folder.name,
        run=str(record.get("run", "")),
        started=float(started) if isinstance(started, int | float) else None,
        utc_offset=(record.get("tool") or {}).get("utc_offset"),
        site=str((record.get("site") or {}).get("name", "")),
        systems=", ".join(dict.fromkeys(_title(each) for each in tested)),
        verdict=str(record.get("verdict", "")),
        counts={each: int((record.get("counts") or {}).get(each) or 0) for each in OUTCOMES},
        real_systems=bool(record.get("real_systems")),
        selected=str(record.get("selected") or "all"),
        link=quote(f"{folder.name}/report.html") if report.is_file() else "",
    )


def _title(player: Mapping[str, Any]) -> str:
    parts = [str(player.get(key) or "") for key in ("product", "version")]
    return " ".join(each for each in parts if each) or str(player.get("ae_title") or "")


def history_rows(runs: Sequence[Run]) -> list[tuple[str, ...]]:
    """The runs as rows of a terminal's table, the oldest first, below a row of headings."""
    head = ("started", "verdict", "failed", "warned", "open", "passed", "systems", "folder")
    rows: list[tuple[str, ...]] = [head]
    for each in runs:
        counts = each.counts
        unjudged = counts["blocked"] + counts["not-run"] + counts["error"]
        verdict = each.verdict if each.real_systems else f"{each.verdict} (simulators)"
        cells = (
            _day(each), verdict, counts["failed"], counts["warned"], unjudged, counts["passed"],
            each.systems or "none", each.folder,
        )  # fmt: skip
        rows.append(tuple(one_line(cell) for cell in cells))
    return rows


def _day(run: Run) -> str:
    from datetime import UTC, datetime, timedelta, timezone

    if run.started is None:
        return "-"
    zone = timezone(timedelta(seconds=run.utc_offset)) if run.utc_offset else UTC
    return f"{datetime.fromtimestamp(run.started, zone):%Y-%m-%d %H:%M}"


@dataclass(frozen=True)
class Bar:
    """One run in the chart: where it stands, and its parts as (outcome, y, height, number)."""

    run: Run
    x: int
    parts: tuple[tuple[str, float, float, int], ...]


@dataclass(frozen=True)
class Chart:
    """The trend of the last runs; `most` checks reach the top."""

    bars: tuple[Bar, ...]
    most: int
    missing: int  # older runs that are not drawn

    @property
    def width(self) -> int:
        """Width of the drawing."""
        return 60 + (BAR + GAP) * max(1, len(self.bars))


def chart(runs: Sequence[Run]) -> Chart:
    """Lay out the chart: a bar for each run, one part for each outcome.

    What did not pass is never thinner than a line, however many checks there are.
    """
    drawn = runs[-MOST_BARS:]
    most = max([1, *(each.judged for each in drawn)])
    bars = []
    for index, run in enumerate(drawn):
        y, parts = float(HEIGHT), []
        for outcome in STACK:
            number = run.counts.get(outcome, 0)
            if not number:
                continue
            tall = HEIGHT * number / most
            if outcome != "passed":
                tall = max(3.0, tall)
            y = max(0.0, y - tall)
            parts.append((outcome, y, tall, number))
        bars.append(Bar(run, 50 + index * (BAR + GAP), tuple(parts)))
    return Chart(tuple(bars), most, len(runs) - len(drawn))


def history_page(runs: Iterable[Run], *, language: str | None = None) -> str:
    """The runs as one self-contained HTML file; raises UsageError for an unknown language."""
    tongue = choose(language, None)
    listed = list(runs)
    page = environment(tongue).get_template("history.html.j2")
    return page.render(
        runs=listed[::-1],
        chart=chart(listed),
        height=HEIGHT,
        bar=BAR,
        when=lambda each: moment(each.started, tongue, each.utc_offset),
        places={},
        **head(tongue),
    )
