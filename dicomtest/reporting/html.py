"""The acceptance report: the record of a run as one self-contained HTML file.

No script, no request, a strict Content-Security-Policy. It opens from disk and from mail, prints
on A4, and is a function of the record alone: the same record gives the same report.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dicomtest.reporting import facts, films, grouping, requirements, story, text, times, words
from dicomtest.reporting.capabilities import CLAIMED, statements
from dicomtest.reporting.comparison.observed import SUBJECTS
from dicomtest.reporting.comparison.verdicts import KINDS, WORSE
from dicomtest.reporting.numbers import moment, seconds, size
from dicomtest.reporting.record import read_record
from dicomtest.reporting.sitemap import site_map
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
    checks = list(record.get("checks") or ())
    counts = words.counts_of(checks)
    findings = grouping.group(checks)
    decision, rule = words.decision(record, counts)
    scenarios = story.story(record)
    casting = record.get("casting") or {}
    rows = requirements.matrix(record)
    page = environment(tongue).get_template("report.html.j2")
    return page.render(
        record=record,
        digest=digest,
        **head(tongue),
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
        statements=statements(record),
        map=site_map(record),
        services=times.services(record),
        left_out=facts.left_out(record),
        requirements=rows,
        requirement_tally=requirements.tally(rows),
        evidence_files=_steps_first(record.get("evidence") or ()),
        observations=facts.observations(record),
        films=films.printed(record),
        large=len(checks) > LARGE,
    )


def _steps_first(files: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Evidence of steps before the data sets that it refers to."""
    return sorted(files, key=lambda each: not str(each.get("path", "")).endswith(".json"))


def head(language: str) -> dict[str, str]:
    """What every page needs: its language, the style sheet, and the hash that permits it."""
    style = (reports_dir() / "report.css").read_text(encoding="utf-8")
    return {
        "lang": {"en": "en-GB", "zh": "zh-CN"}.get(language, language),
        "style": style,
        "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    }


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

    def phrase(value: object) -> str:
        """What was expected or seen, where it is a phrase of ours and not a value of the wire."""
        text = str(value or "")
        return translations.pgettext("value", text) if text else ""

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
        phrase=phrase,
        step_title=step_title,
        words=words,
        KINDS=KINDS,
        SUBJECTS=SUBJECTS,
        WORSE=WORSE,
        CLAIMED=CLAIMED,
        LOOKS=requirements.LOOKS,
        FUNCTIONS=requirements.FUNCTIONS,
        REQUIREMENT_VERDICTS=requirements.VERDICTS,
        trace_trouble=facts.trace_trouble,
        trace_summary=facts.trace_summary,
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
