"""Finding the same step in two runs, and values that differ in every run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from dicomtest.reporting.text import without_names

StepKey = tuple[str, str, int]  # scenario, kind, which step of that kind, from 1

_WHEN = re.compile(r"\b(?:19|20)[0-9]{6}(?:[0-9]{6}(?:\.[0-9]+)?)?\b|\b[0-9]{6}\.[0-9]+\b")
_PORT = re.compile(r":[0-9]{2,5}\b")


def step_keys(record: Mapping[str, Any]) -> dict[tuple[str, str], StepKey]:
    """Keys of the steps by (scenario, step) that stay when other steps are put between them."""
    keys: dict[tuple[str, str], StepKey] = {}
    seen: Counter[tuple[str, str]] = Counter()
    listed = [*(record.get("steps") or ()), *(record.get("checks") or ())]
    for each in listed:
        place = (str(each.get("scenario", "")), str(each.get("step", "")))
        if place in keys:
            continue
        kind = str(each.get("kind") or place[1].partition("-")[2] or place[1])
        seen[place[0], kind] += 1
        keys[place] = (place[0], kind, seen[place[0], kind])
    return keys


def steps_by_key(record: Mapping[str, Any]) -> dict[StepKey, dict[str, Any]]:
    """The steps of a record by their key."""
    keys = step_keys(record)
    return {
        keys[str(each.get("scenario", "")), str(each.get("step", ""))]: each
        for each in record.get("steps") or ()
    }


def stable(value: object) -> str:
    """A value as text without what differs in every run: UIDs of ours, test patients, moments."""
    return _PORT.sub(":…", _WHEN.sub("moment", without_names(str(value))))
