"""Two runs of the same scenarios: what got worse, what was mended, what else is different.

A pure function of two records. UIDs, times and the values of synthetic patients differ in every
run and are never a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dicomtest.reporting.comparison.observed import observed_changes
from dicomtest.reporting.comparison.times import time_changes
from dicomtest.reporting.comparison.verdicts import WORSE, missing_scenarios, verdict_changes
from dicomtest.reporting.text import scrub
from dicomtest.reporting.words import N_


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What is different in the new record, as plain JSON values.

    `worse` is true when a check newly fails, warns or is not judged any more, or when a service
    has become slower beyond noise. Changed observations alone are not worse.
    """
    old, new = scrub(old), scrub(new)
    checks = verdict_changes(old, new)
    timings = time_changes(old, new)
    absent = missing_scenarios(old, new)
    lost = any(each["in"] == "old" for each in absent) and _whole(new)
    return {
        "old": _run(old),
        "new": _run(new),
        "settings": [
            {"what": what, "of": of, "old": before, "new": after}
            for what, of, before, after in _settings(old, new)
            if before != after
        ],
        "checks": checks,
        "scenarios": absent,
        "observed": observed_changes(old, new),
        "timings": timings,
        "worse": lost
        or any(each["kind"] in WORSE for each in checks)
        or any(each["ratio"] > 1 for each in timings),
    }


def _whole(record: Mapping[str, Any]) -> bool:
    return record.get("selected") in (None, "all")


def _run(record: Mapping[str, Any]) -> dict[str, Any]:
    site, tool = record.get("site") or {}, record.get("tool") or {}
    return {
        "run": record.get("run", ""),
        "started": record.get("started"),
        "utc_offset": tool.get("utc_offset"),
        "verdict": record.get("verdict", ""),
        "site": site.get("name", ""),
        "counts": record.get("counts") or {},
    }


# What may explain differences: its name and where the record holds it.
CIRCUMSTANCES = {
    N_("site"): ("site", "name"),
    N_("version of dicomtest"): ("tool", "version"),
    N_("seed"): ("tool", "seed"),
    N_("computer"): ("tool", "host"),
    N_("operating system"): ("tool", "platform"),
    N_("version of pynetdicom"): ("tool", "pynetdicom"),
    N_("version of pydicom"): ("tool", "pydicom"),
}
PLAYER, SELECTION = N_("player of"), N_("selection")


def _settings(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[str, str, str, str]]:
    """What may explain differences: what, of which actor, before, now."""
    for name in dict.fromkeys((*(old.get("casting") or {}), *(new.get("casting") or {}))):
        yield PLAYER, name, _player(old, name), _player(new, name)
    for what, (part, key) in CIRCUMSTANCES.items():
        yield what, "", _text(old, part, key), _text(new, part, key)
    yield SELECTION, "", str(old.get("selected", "")), str(new.get("selected", ""))


def _text(record: Mapping[str, Any], part: str, key: str) -> str:
    return str((record.get(part) or {}).get(key, ""))


def _player(record: Mapping[str, Any], actor: str) -> str:
    player = (record.get("casting") or {}).get(actor)
    if player is None:
        return ""
    if player.get("simulated"):
        return f"simulator {player.get('profile', '')}".rstrip()
    parts = [player.get(key) for key in ("maker", "product", "version")]
    return " ".join(str(each) for each in parts if each) or str(player.get("ae_title", ""))
