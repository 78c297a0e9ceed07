"""What a run showed beyond verdicts: the things to know, capabilities, figures, observations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dicomtest.reporting.grouping import Group
from dicomtest.reporting.words import N_

STANDARD_UID = re.compile(r"1\.2\.840\.10008(?:\.[0-9]+)+")


@dataclass(frozen=True)
class Note:
    """One sentence of the things to know: a text of ours with values, and where to read on."""

    kind: str  # bad | open | warn | info
    text: str
    values: dict[str, Any] = field(default_factory=dict)
    plural: str = ""
    number: int = 0
    anchor: str = ""


def things_to_know(
    record: Mapping[str, Any], groups: list[Group], counts: Mapping[str, int], *, limit: int = 5
) -> list[Note]:
    """The few sentences that a reader in a hurry must not miss, the most important first."""
    return list(_notes(record, groups, counts))[:limit]


def _notes(
    record: Mapping[str, Any], groups: list[Group], counts: Mapping[str, int]
) -> Iterator[Note]:
    failed = [each for each in groups if each.outcome == "failed"]
    expired = [each for each in record.get("deviations") or () if each.get("expired")]
    if expired:
        yield Note(
            "bad",
            N_("%(num)s accepted deviation has expired and counts as failed again."),
            plural=N_("%(num)s accepted deviations have expired and count as failed again."),
            number=len(expired),
            anchor="deviations",
        )
    room = 2 if counts["blocked"] + counts["not-run"] or expired else 3
    for each in failed[:room]:
        yield Note(
            "bad",
            N_("%(system)s fails %(check)s: %(requirement)s"),
            {"system": each.system, "check": each.check, "requirement": each.requirement},
            anchor=each.anchor,
        )
    if len(failed) > room:
        yield Note(
            "bad",
            N_("%(num)s more check fails; see the findings."),
            plural=N_("%(num)s more checks fail; see the findings."),
            number=len(failed) - room,
            anchor="findings",
        )
    yield from _gaps(record, counts)
    left = sum(int(each.get("instances") or 0) for each in record.get("left_behind") or ())
    if left:
        yield Note(
            "info",
            N_("%(num)s synthetic instance was left behind on the systems under test."),
            plural=N_("%(num)s synthetic instances were left behind on the systems under test."),
            number=left,
            anchor="left-behind",
        )
    if counts["accepted"]:
        yield Note(
            "warn",
            N_("%(num)s failed check is covered by an accepted deviation."),
            plural=N_("%(num)s failed checks are covered by accepted deviations."),
            number=counts["accepted"],
            anchor="deviations",
        )
    if counts["warned"]:
        yield Note(
            "warn",
            N_("%(num)s check found a recommendation that is not followed."),
            plural=N_("%(num)s checks found recommendations that are not followed."),
            number=counts["warned"],
            anchor="findings",
        )


def _gaps(record: Mapping[str, Any], counts: Mapping[str, int]) -> Iterator[Note]:
    if counts["error"]:
        yield Note(
            "open",
            N_("%(num)s check ended in an error of the test tool itself."),
            plural=N_("%(num)s checks ended in an error of the test tool itself."),
            number=counts["error"],
            anchor="not-run",
        )
    if counts["blocked"] or counts["not-run"]:
        yield Note(
            "open",
            N_("%(num)s check could not be judged (blocked or not run)."),
            plural=N_("%(num)s checks could not be judged (blocked or not run)."),
            number=counts["blocked"] + counts["not-run"],
            anchor="not-run",
        )
    stalled = sum(held_up(each) for each in record.get("steps") or ())
    if stalled:
        yield Note(
            "info",
            N_("%(num)s message was held up by the peer for about 40 ms; see the figures."),
            plural=N_(
                "%(num)s messages were held up by the peer for about 40 ms; see the figures."
            ),
            number=stalled,
            anchor="performance",
        )


def uid_name(uid: str) -> str:
    """The standard's name of a UID (PS3.6 Table A-1); the UID itself when it is not known."""
    if not STANDARD_UID.fullmatch(uid) or len(uid) > 64:
        return uid
    from pydicom.uid import UID

    return str(UID(uid).name)


@dataclass(frozen=True)
class Figure:
    """Times of one service in one step, in seconds; `rate` in bytes a second."""

    service: str
    count: int
    p50: float | None
    p95: float | None
    slowest: float | None
    size: int
    rate: float | None


def held_up(step: Mapping[str, Any]) -> int:
    """Messages of a step that the peer held up for about 40 ms, where they make a pattern.

    Delayed acknowledgement of TCP holds up one message in every few; a single slow answer has
    other reasons and is not counted.
    """
    timings = step.get("timings") or {}
    number = int(_number(timings.get("stalled_40ms")))
    exchanges = (timings.get("exchanges") or {}).values()
    total = sum(int(_number(each.get("count"))) for each in exchanges)
    return number if number >= 5 and number * 5 >= total else 0


def figures(step: Mapping[str, Any]) -> list[Figure]:
    """The figures of a step's exchanges, one entry per DIMSE service."""
    timings = step.get("timings") or {}
    spent = _number(timings.get("wire")) + _number(timings.get("peer"))
    exchanges = timings.get("exchanges") or {}
    found = []
    for service, each in exchanges.items():
        size = int(_number(each.get("bytes")))
        rate = size / spent if size and spent > 0 and len(exchanges) == 1 else None
        found.append(
            Figure(
                str(service),
                int(_number(each.get("count"))),
                each.get("p50"),
                each.get("p95"),
                each.get("max"),
                size,
                rate,
            )
        )
    return found


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


@dataclass
class Observation:
    """Something that the standard leaves open, as it was seen; recorded for comparison."""

    system: str
    name: str
    value: str
    count: int = 0
    step: tuple[str, str] = ("", "")


def observations(record: Mapping[str, Any]) -> list[Observation]:
    """Observations without repetition, by system and name."""
    found: dict[tuple[str, str, str], Observation] = {}
    for each in record.get("observations") or ():
        key = (str(each.get("system", "")), str(each.get("name", "")), str(each.get("value", "")))
        step = (str(each.get("scenario", "")), str(each.get("step", "")))
        entry = found.setdefault(key, Observation(*key, step=step))
        entry.count += 1
    return sorted(found.values(), key=lambda each: (each.system, each.name, each.value))


def spread(reasons: Iterable[str]) -> tuple[str, int]:
    """The most frequent of several reasons and how often it occurs; empty and 0 without any."""
    counted = Counter(each for each in reasons if each)
    return counted.most_common(1)[0] if counted else ("", 0)


def left_out(record: Mapping[str, Any]) -> int:
    """How many checks a selection left out; 0 where the record does not say."""
    told = re.search(r"([0-9]+) checks? left out", str(record.get("selected") or ""))
    return int(told[1]) if told else 0


def trace_trouble(table: Mapping[str, Any]) -> bool:
    """Whether an identifier is lost or changed in an examination's table."""
    return bool({"different", "absent"} & set(_trace_verdicts(table)))


def trace_summary(table: Mapping[str, Any]) -> str:
    """What a table shows, in a few words (English, to be translated)."""
    if trace_trouble(table):
        return N_("an identifier was lost or changed")
    if "explained" in _trace_verdicts(table):
        return N_("every difference is explained")
    return N_("every identifier is the same throughout")


def _trace_verdicts(table: Mapping[str, Any]) -> Iterator[str]:
    for row in table.get("rows") or ():
        yield from (str(cell.get("verdict", "")) for cell in row.get("cells") or ())
