"""Judging a saved run again: the evidence stays, the verdicts are given by today's checks.

Needed when a check has been mended or added since: nobody has to bother the systems again. The
deviations are those of the record, and they count as of the day of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from dicomtest import __version__, record
from dicomtest.checks import all_checks, checks_for
from dicomtest.errors import UsageError
from dicomtest.evidence import StepEvidence
from dicomtest.judging import judged_player, result
from dicomtest.reporting.record import read_record

Key = tuple[str, str, str]  # scenario, step, check


@dataclass(frozen=True)
class Change:
    """A verdict that is no longer what it was; None where there is or was none."""

    scenario: str
    step: str
    check: str
    old: str | None
    new: str | None
    why: str = ""


@dataclass(frozen=True)
class RecordedDeviation:
    """An accepted deviation as the record holds it."""

    check: str
    system: str | None
    scenario: str | None
    why: str
    accepted_by: str
    until: date


def judge_again(folder: Path) -> tuple[dict[str, Any], list[Change]]:
    """Judge the evidence of a run folder; give the new record and what changed.

    Nothing is written. Raises UsageError when the record or the evidence cannot be read.
    """
    old, digest = read_record(folder)
    steps = story_of(folder)
    by_key: dict[Key, dict[str, Any]] = {_key(each): each for each in old.get("checks") or ()}
    deviations = _deviations(old.get("deviations") or ())
    day = _day(old)
    known = {key[2] for key in by_key}
    whole = old.get("selected") == "all" and not old.get("interrupted")
    judged: dict[Key, dict[str, Any]] = {}
    for step in steps:
        for check in checks_for(step.kind, step.parameters):
            key = (step.scenario, step.step, check.id)
            if key not in by_key and not (whole and check.id not in known and _tested(check, step)):
                continue
            evidence = f"evidence/{step.scenario}/{step.step}.json"
            judged[key] = result(check, step, deviations, evidence=evidence, today=day)
    present = {(each.scenario, each.step) for each in steps}
    for key, entry in by_key.items():
        if key[:2] not in present and key not in judged:
            judged[key] = entry  # its evidence is missing: the old verdict is all there is
    order = {key: number for number, key in enumerate(by_key)}
    checks = sorted(judged.values(), key=lambda each: order.get(_key(each), len(order)))
    return _rebuilt(old, checks, steps, digest), list(_changes(by_key, judged))


def _day(old: Mapping[str, Any]) -> date:
    """The day of the run, where it was carried out."""
    east = timedelta(seconds=int((old.get("tool") or {}).get("utc_offset") or 0))
    return datetime.fromtimestamp(float(old.get("started") or 0), timezone(east)).date()


def _key(check: Mapping[str, Any]) -> Key:
    return str(check.get("scenario")), str(check.get("step")), str(check.get("check"))


def story_of(folder: Path) -> list[StepEvidence]:
    """The evidence of a run folder, in the order in which it was played."""
    try:
        steps = list(record.read_evidence(folder))
    except (OSError, ValueError) as error:
        raise UsageError(f"the evidence in {folder} cannot be read: {error}") from error
    if not steps:
        raise UsageError(f"there is no evidence in {folder}; only the whole folder can be judged")
    return steps


def _tested(check: Any, step: StepEvidence) -> bool:
    """Whether a check that is new since the run judges a system that the run tested."""
    player = judged_player(check, step)
    simulators_only = all(each.simulated for each in step.players.values())
    return player is not None and (not player.simulated or simulators_only)


def _deviations(entries: Iterable[Mapping[str, Any]]) -> Sequence[RecordedDeviation]:
    return [
        RecordedDeviation(
            check=str(each["check"]),
            system=each.get("system"),
            scenario=each.get("scenario"),
            why=str(each.get("why", "")),
            accepted_by=str(each.get("accepted_by", "")),
            until=date.fromisoformat(str(each["until"])),
        )
        for each in entries
    ]


def _changes(
    old: Mapping[Key, Mapping[str, Any]], new: Mapping[Key, Mapping[str, Any]]
) -> Iterable[Change]:
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        was = str(before["outcome"]) if before else None
        now = str(after["outcome"]) if after else None
        if was == now:
            continue
        if after is None:
            known = key[2] in all_checks()
            why = "the check no longer judges this step" if known else "there is no such check now"
        elif before is None:
            why = "the check is new"
        else:
            why = str(after["message"] or after["reason"])
        yield Change(*key, was, now, why)


def _rebuilt(
    old: Mapping[str, Any],
    checks: list[dict[str, Any]],
    steps: Sequence[StepEvidence],
    digest: str,
) -> dict[str, Any]:
    counts = record.count(checks)
    verdict, why = record.run_verdict(counts, interrupted=bool(old.get("interrupted")))
    scenarios = []
    for each in old.get("scenarios") or ():
        own = record.count(one for one in checks if one["scenario"] == each["scenario"])
        scenarios.append({**each, "counts": own, "verdict": record.scenario_verdict(own)})
    used = {each["check"] for each in checks if each["outcome"] == "accepted"}
    return {
        **old,
        "verdict": verdict,
        "verdict_reason": why,
        "exit_status": record.exit_status(counts, 2 if old.get("interrupted") else 0),
        "counts": counts,
        "scenarios": scenarios,
        "steps": [record.step_entry(each) for each in steps],
        "checks": checks,
        "deviations": [
            {**each, "used": each["check"] in used} for each in old.get("deviations") or ()
        ],
        "not_run": record.not_run(checks),
        "judged_again": {"version": __version__, "of": digest},
    }
