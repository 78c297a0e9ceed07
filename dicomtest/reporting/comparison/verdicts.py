"""Checks whose verdict is another one than in the run before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dicomtest.reporting.comparison.places import step_keys
from dicomtest.reporting.words import N_, outcome_of

# Kind of change -> its heading. The order is that of concern.
KINDS = {
    "newly failing": N_("Newly failing"),
    "deviation not accepted": N_("Deviations that are no longer accepted"),
    "newly warned": N_("Newly warned"),
    "not judged": N_("Not judged any more"),
    "fixed": N_("Fixed"),
    "no longer warned": N_("No longer warned"),
    "accepted": N_("Now accepted as deviations"),
    "newly judged": N_("Newly judged"),
    "no longer applies": N_("No longer applicable"),
}
WORSE = {"newly failing", "deviation not accepted", "newly warned", "not judged"}

ABSENT = "absent"  # the outcome of a check that one of the runs does not have
_OPEN = {"blocked", "not-run", "error"}
_MOST_PLACES = 5

Key = tuple[object, ...]


def verdict_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One entry for each check, system and change, with the number of places and some of them."""
    before, after = _by_key(old), _by_key(new)
    both = _scenarios(old) & _scenarios(new)
    found: dict[Key, dict[str, Any]] = {}
    for key in dict.fromkeys((*after, *before)):
        was, now = before.get(key), after.get(key)
        one = now or was or {}
        if str(one.get("scenario", "")) not in both:
            continue  # told once, as a scenario that one run does not have
        outcomes = (outcome_of(was) if was else ABSENT, outcome_of(now) if now else ABSENT)
        kind = _kind(*outcomes, selected=new.get("selected") not in (None, "all"))
        if kind is None:
            continue
        group = (kind, one.get("check"), one.get("judges"), *outcomes)
        entry = found.setdefault(group, _entry(kind, one, outcomes))
        entry["count"] += 1
        if len(entry["places"]) < _MOST_PLACES:
            entry["places"].append(
                {"scenario": one.get("scenario", ""), "step": one.get("step", "")}
            )
    order = list(KINDS)
    return sorted(found.values(), key=lambda each: (order.index(each["kind"]), -each["count"]))


def _by_key(record: Mapping[str, Any]) -> dict[Key, Mapping[str, Any]]:
    keys = step_keys(record)
    found: dict[Key, Mapping[str, Any]] = {}
    for each in record.get("checks") or ():
        place = keys[str(each.get("scenario", "")), str(each.get("step", ""))]
        found[(*place, each.get("check"), each.get("side"))] = each
    return found


def _scenarios(record: Mapping[str, Any]) -> set[str]:
    return {str(each.get("scenario", "")) for each in record.get("checks") or ()}


def _kind(old: str, new: str, *, selected: bool) -> str | None:
    """What a pair of outcomes means; None where nothing changed that matters."""
    if old == new or {old, new} <= _OPEN | {"not-applicable", ABSENT}:
        return None
    if new == "failed":
        return "deviation not accepted" if old == "accepted" else "newly failing"
    if new in _OPEN:
        return "not judged"
    if new == ABSENT:
        return None if selected else "not judged"
    if new == "accepted":
        return "accepted"
    if new == "not-applicable":
        return "no longer applies"
    if new == "warned":
        return "fixed" if old == "failed" else "newly warned"
    return _for_the_better(old)


def _for_the_better(old: str) -> str:
    """What it means that a check now passes."""
    if old in ("failed", "accepted"):
        return "fixed"
    return "no longer warned" if old == "warned" else "newly judged"


def _entry(kind: str, check: Mapping[str, Any], outcomes: tuple[str, str]) -> dict[str, Any]:
    kept = (
        "check", "level", "judges", "system", "simulated", "cites", "requirement", "expected",
        "actual", "where", "reason", "consequence", "fix",
    )  # fmt: skip
    return {
        "kind": kind,
        "old": outcomes[0],
        "new": outcomes[1],
        **{key: check.get(key, "") for key in kept},
        "count": 0,
        "places": [],
    }


def missing_scenarios(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Scenarios of which only one of the runs has checks; `in` says which one has them."""
    return list(_missing(_scenarios(old), _scenarios(new)))


def _missing(old: set[str], new: set[str]) -> Iterator[dict[str, Any]]:
    for name in sorted(old - new):
        yield {"scenario": name, "in": "old"}
    for name in sorted(new - old):
        yield {"scenario": name, "in": "new"}
