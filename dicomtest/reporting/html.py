"""The acceptance report: the record of a run as one self-contained HTML file.

No script, no request, a strict Content-Security-Policy. It opens from disk and from mail, prints
on A4, and is a function of the record alone: the same record gives the same report.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dicomtest.reporting import facts, grouping, story, text, words
from dicomtest.reporting.record import read_record
from dicomtest.reporting.translations import catalogue, choose
from dicomtest.resources import reports_dir

if TYPE_CHECKING:
    import gettext

    from jinja2 import Environment

LARGE = 2000  # checks; beyond, a print shows steps in which all passed as one line


def write_report(run_dir: Path, *, language: str | None = None, variant: str = "") -> Path:
    """Write `report.html` beside the `run.json` of a run folder; gives its path.

    `variant` as in `read_record`. Raises UsageError as `read_record` does, and when there is no
    such language.
    """
    record, digest = read_record(run_dir, variant=variant)
    path = Path(run_dir) / f"report{variant}.html"
    page = render(record, language=language, digest=digest)
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def render(record: Mapping[str, Any], *, language: str | None = None, digest: str = "") -> str:
    """Give the report of a record in a language (default: the site's).

    `digest` is the SHA-256 of the record's file, which the sign-off lines repeat.
    Raises UsageError when there is no such language.
    """
    record = text.scrub(record)
    tongue = choose(language, (record.get("site") or {}).get("language"))
    translations = catalogue(tongue)
    style = (reports_dir() / "report.css").read_text(encoding="utf-8")
    checks = list(record.get("checks") or ())
    counts = words.counts_of(checks)
    findings = grouping.group(checks)
    decision, rule = words.decision(record, counts)
    scenarios = story.story(record)
    casting = record.get("casting") or {}
    page = environment(tongue).get_template("report.html.j2")
    return page.render(
        record=record,
        lang={"en": "en-GB", "zh": "zh-CN"}.get(tongue, tongue),
        digest=digest,
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        site=record.get("site") or {},
        tool=record.get("tool") or {},
        casting=casting,
        tested=[each for each in casting.values() if not each.get("simulated")],
        counts=counts,
        total=len(checks),
        decision=decision,
        rule=rule,
        reason=_reason(record, tongue, translations),
        findings=findings,
        accepted=grouping.group(checks, ("accepted",)),
        notes=facts.things_to_know(record, findings, counts),
        scenarios=scenarios,
        places={(each.name, step.name): step.anchor for each in scenarios for step in each.steps},
        unjudged=story.unjudged(record),
        capabilities=facts.capabilities(record),
        observations=facts.observations(record),
        large=len(checks) > LARGE,
    )


def _reason(record: Mapping[str, Any], language: str, texts: gettext.NullTranslations) -> str:
    """The record's own words for its verdict; none rather than English in another language."""
    reason = str(record.get("verdict_reason") or "")
    known = texts.gettext(reason) if reason else ""
    return known if language == "en" or known != reason else ""


@lru_cache(maxsize=4)
def environment(language: str) -> Environment:
    """The template environment: autoescape on, a misspelt name is an error, texts translated."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    translations = catalogue(language)
    made = Environment(
        loader=FileSystemLoader(reports_dir()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]  # added by the extension

    def tr(value: object) -> str:
        """Translate a text that comes from the record; unlike `_` its result is still escaped."""
        return translations.gettext(str(value)) if value else ""

    def localised(value: object) -> str:
        if isinstance(value, Mapping):
            return str(value.get(language) or value.get("en") or next(iter(value.values()), ""))
        return str(value or "")

    def step_title(step: Mapping[str, Any]) -> str:
        """The title of a step; in another language its kind, unless the title is translated."""
        title = str(step.get("title") or "")
        kind = words.STEP_KINDS.get(str(step.get("kind")), "")
        return title if language == "en" or not kind or tr(title) != title else tr(kind)

    made.globals.update(
        tr=tr,
        step_title=step_title,
        words=words,
        figures=facts.figures,
        held_up=facts.held_up,
        uid_name=facts.uid_name,
    )
    made.filters.update(
        localised=localised,
        bounded=text.bounded,
        href=text.href,
        moment=lambda value, utc_offset: moment(value, language, utc_offset),
        seconds=seconds,
        size=size,
        number=lambda value: f"{int(value or 0):,}",
    )
    return made


def moment(value: object, language: str, utc_offset: object = None) -> str:
    """A time (seconds since the epoch) as the language writes it, with its offset from UTC.

    `utc_offset` in seconds east is that of the machine which carried the run out; without it the
    time is given in UTC, so that the report does not depend on where it was made.
    """
    if not isinstance(value, (int, float)):
        return "–"
    east = utc_offset if isinstance(utc_offset, (int, float)) and abs(utc_offset) < 86400 else 0
    zone = timezone(timedelta(seconds=east)) if east else UTC
    try:
        at = datetime.fromtimestamp(value, zone)
    except (OverflowError, OSError, ValueError):
        return "–"
    hours = f"{at:%H:%M:%S} {zone.tzname(at)}"
    if language == "zh":
        return f"{at.year}年{at.month}月{at.day}日 {hours}"
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {hours}"


# Not strftime's %B: the locale of the machine must not show in the report.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def seconds(value: object) -> str:
    """A duration for people: `85 µs`, `0.4 ms`, `12 ms`, `3.21 s`, `4 min 05 s`."""
    if not isinstance(value, (int, float)):
        return "–"
    if 0 < value < 0.0001:
        return f"{value * 1_000_000:.0f} µs"
    if value < 0.01:
        return f"{value * 1000:.1f} ms"
    if value < 1:
        return f"{value * 1000:.0f} ms"
    if value < 60:
        return f"{value:.2f} s"
    whole = round(value)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def size(value: object) -> str:
    """A number of bytes for people, in units of 1,000: `812 B`, `12.3 kB`, `4.1 MB`."""
    if not isinstance(value, (int, float)):
        return "–"
    amount = float(value)
    for unit in ("B", "kB", "MB", "GB"):
        if abs(amount) < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
