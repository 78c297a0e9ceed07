"""JUnit XML (the xunit2 family) of a run, as GitLab, Jenkins and others take it.

One test suite for each scenario, one test case for each check: `classname` is scenario.step,
`name` the check's id. JUnit knows no more than passed, skipped, failure and error, so every
verdict that is neither of the last two nor `passed` becomes skipped with its reason: nothing that
did not pass shows as passed. Names are unique, because GitLab drops duplicates.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dicomtest.reporting.record import read_record
from dicomtest.reporting.requirements import of_checks
from dicomtest.reporting.story import ScenarioView, story
from dicomtest.reporting.text import bounded, one_line, scrub
from dicomtest.reporting.words import OUTCOMES, message_of, outcome_of


def write_junit(run_dir: Path, *, variant: str = "") -> Path:
    """Write `junit.xml` beside the `run.json` of a run folder; gives its path.

    `variant` as in `read_record`. Raises UsageError when the folder holds no record that can be
    read.
    """
    record, _ = read_record(run_dir, variant=variant)
    path = Path(run_dir) / f"junit{variant}.xml"
    path.write_text(junit(record), encoding="utf-8", newline="\n")
    return path


def junit(record: Mapping[str, Any]) -> str:
    """Give the JUnit XML of a record."""
    record = scrub(record)
    suites = ET.Element("testsuites", name="dicomtest")
    names: set[tuple[str, str]] = set()
    indices = {id(each): at for at, each in enumerate(record.get("checks") or ())}
    wanted = of_checks(record)
    for scenario in story(record):
        suite = ET.SubElement(suites, "testsuite", name=scenario.name)
        _head(suite, scenario, record)
        for step in scenario.steps:
            for check in step.checks:
                place = f"{_dotless(scenario.name)}.{_dotless(step.name)}"
                _case(suite, place, check, names, wanted.get(indices[id(check)], ()))
    for key in ("tests", "failures", "errors", "skipped"):
        suites.set(key, str(sum(int(each.get(key, 0)) for each in suites)))
    suites.set("time", f"{sum(float(each.get('time', 0)) for each in suites):.3f}")
    ET.indent(suites)
    text = ET.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _head(suite: ET.Element, scenario: ScenarioView, record: Mapping[str, Any]) -> None:
    counts = scenario.counts
    total = sum(counts.values())
    failures, errors = counts["failed"], counts["error"]
    skipped = total - failures - errors - counts["passed"]
    spent = sum(float(step.data.get("seconds") or 0) for step in scenario.steps)
    started = min(
        (float(step.data["started"]) for step in scenario.steps if step.data.get("started")),
        default=float(record.get("started") or 0),
    )
    suite.set("tests", str(total))
    suite.set("failures", str(failures))
    suite.set("errors", str(errors))
    suite.set("skipped", str(skipped))
    suite.set("time", f"{spent:.3f}")
    suite.set("timestamp", datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"))
    suite.set("hostname", str((record.get("tool") or {}).get("host") or ""))
    _properties(
        suite,
        {
            "run": record.get("run"),
            "verdict": record.get("verdict"),
            "real_systems": "yes" if record.get("real_systems") else "no",
            "profile": scenario.data.get("profile"),
            "not_run": scenario.not_run,
        },
    )


def _case(
    suite: ET.Element,
    classname: str,
    check: Mapping[str, Any],
    names: set[tuple[str, str]],
    requirements: Iterable[str],
) -> None:
    name = _unique(classname, check, names)
    case = ET.SubElement(
        suite,
        "testcase",
        classname=classname,
        name=name,
        time=f"{float(check.get('seconds') or 0):.3f}",
    )
    outcome = outcome_of(check)
    _properties(
        case,
        {
            "clause": ", ".join(check.get("cites") or ()),
            "requirement": ", ".join(requirements),
            "level": check.get("level"),
            "system": check.get("system"),
            "verdict": outcome,
            "evidence": check.get("evidence"),
        },
    )
    if outcome == "passed":
        return
    tag = {"failed": "failure", "error": "error"}.get(outcome, "skipped")
    told = ET.SubElement(case, tag, message=bounded(_headline(outcome, check), 500))
    told.set("type", outcome)
    told.text = failure_text(check)


def _unique(classname: str, check: Mapping[str, Any], names: set[tuple[str, str]]) -> str:
    """The check's id; with whom it judges, then with a number, when it is taken in that step."""
    name = one_line(check.get("check") or "unnamed")
    number = 1
    wanted = [name, f"{name} [{one_line(check.get('judges') or check.get('side') or '')}]"]
    while (classname, wanted[0]) in names:
        wanted = wanted[1:]
        if not wanted:
            number += 1
            wanted = [f"{name} ({number})"]
    names.add((classname, wanted[0]))
    return wanted[0]


def _headline(outcome: str, check: Mapping[str, Any]) -> str:
    word = OUTCOMES[outcome][0]
    if check.get("expected") or check.get("actual"):
        said = f"expected {check.get('expected') or 'none'}, actual {check.get('actual') or 'none'}"
    else:
        said = str(check.get("reason") or check.get("message") or "")
    return one_line(f"{word}: {said}" if said else word)


def failure_text(check: Mapping[str, Any]) -> str:
    """What a check found, one fact a line, for JUnit and pytest-html; not yet escaped."""
    deviation = check.get("deviation") or {}
    findings = check.get("findings") or []
    lines = [
        ("requirement", check.get("requirement")),
        ("clause", ", ".join(check.get("cites") or ())),
        ("system", check.get("system")),
        ("expected", check.get("expected")),
        ("actual", check.get("actual")),
        ("where", check.get("where")),
        ("times", check.get("count") if int(check.get("count") or 0) > 1 else ""),
        ("reason", check.get("reason")),
        ("message", message_of(check)),
        ("accepted", " until ".join(str(deviation.get(key, "")) for key in ("accepted_by", "until"))
         if deviation else ""),
        ("because", deviation.get("why")),
        ("consequence", check.get("consequence")),
        ("fix", check.get("fix")),
        ("evidence", check.get("evidence")),
    ]  # fmt: skip
    told = [f"{key}: {bounded(one_line(value), 1000)}" for key, value in lines if value]
    for each in findings[1:10]:
        values = [str(each.get(key) or "none") for key in ("expected", "actual", "where")]
        told.append(bounded(one_line("also: expected {}, actual {}, at {}".format(*values)), 500))
    return "\n".join(told)


def _properties(parent: ET.Element, values: Mapping[str, object]) -> None:
    kept = {key: one_line(value) for key, value in values.items() if value}
    if kept:
        properties = ET.SubElement(parent, "properties")
        for key, value in kept.items():
            ET.SubElement(properties, "property", name=key, value=bounded(value, 500))


def _dotless(name: str) -> str:
    """A name as one part of a class name: Jenkins splits at the dot."""
    return one_line(name).replace(".", "_") or "unnamed"
