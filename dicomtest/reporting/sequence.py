"""The sequence diagram of a step: who said what to whom, laid out as rows and lanes.

Messages that repeat (twelve C-STOREs in a row, two hundred pending responses) are drawn once with
their number, and the number of rows is bounded: the whole dialogue is in the evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dicomtest.reporting.text import bounded

LANE_WIDTH = 430
LEFT = 120  # of the first lane: times stand to its left
ROW_HEIGHT = 26
TOP = 46
MOST_LANES = 4

_ASSOCIATE = "A-ASSOCIATE"  # the text of a message that is the opening of an association
_PENDING = re.compile("([0-9]+) x pending, ")
_UNANSWERED = ("no response", "aborted")
_VARIES = re.compile(r"[0-9]+(?:\.[0-9]+)+|[0-9]+")


@dataclass(frozen=True)
class Row:
    """One line of the diagram: an arrow between two lanes, or a remark without one."""

    kind: str  # association | refused | message | end | repeats | omitted
    text: str = ""
    status: str = ""
    start: int = 0  # lanes, from 0
    end: int = 0
    at: float | None = None
    number: int = 0  # how many messages a remark stands for; pending responses before a status

    @property
    def trouble(self) -> bool:
        """Whether the line reports a failure: a status that is neither success nor on the way."""
        return self.kind == "refused" or self.status in _UNANSWERED or is_failure(self.status)


@dataclass(frozen=True)
class Diagram:
    """A laid-out diagram; `height` and `width` in SVG user units."""

    lanes: list[str]
    rows: list[Row] = field(default_factory=list)
    messages: int = 0

    @property
    def width(self) -> int:
        """Width of the drawing."""
        return LEFT + LANE_WIDTH * max(1, len(self.lanes) - 1) + 70

    @property
    def height(self) -> int:
        """Height of the drawing."""
        return TOP + ROW_HEIGHT * len(self.rows) + 14

    def x(self, lane: int) -> int:
        """Where a lane's line stands."""
        return LEFT + LANE_WIDTH * lane

    def y(self, row: int) -> int:
        """Where a row's arrow is drawn."""
        return TOP + ROW_HEIGHT * (row + 1) - 6


def is_failure(status: object) -> bool:
    """Whether a status is of the class Failure (PS3.7 Annex C)."""
    text = str(status or "").upper()
    if not re.fullmatch("[0-9A-F]{4}", text):
        return False
    fine = text in ("0000", "0001", "0107", "0116", "FE00", "FF00", "FF01")
    return not fine and not text.startswith("B")


def diagram(step: Mapping[str, Any], titles: Mapping[str, str], *, limit: int = 60) -> Diagram:
    """Lay out the associations and messages of a step in at most `limit` rows.

    `titles` tells which actor has an AE title, to draw associations between the same lanes.
    """
    messages = list(step.get("messages") or ())
    associations = list(step.get("associations") or ())
    lanes = [str(step[side]) for side in ("scu", "scp") if step.get(side)]
    for message in messages:
        for name in (str(message.get("from", "")), str(message.get("to", ""))):
            if name and name not in lanes and len(lanes) < MOST_LANES:
                lanes.append(name)
    if len(lanes) < 2:
        lanes = [*lanes, "?", "?"][:2]
    rows = _bounded(_folded(list(_rows(messages, associations, lanes, titles))), limit)
    missing = _exchanges(step) - sum(1 for each in messages if each.get("status"))
    if missing > 0 and not any(each.kind == "omitted" for each in rows):
        rows.append(Row("omitted", number=missing))
    return Diagram(lanes, rows, len(messages))


def _exchanges(step: Mapping[str, Any]) -> int:
    """How many exchanges the step had by its figures; the record lists a bounded number."""
    figures = ((step.get("timings") or {}).get("exchanges") or {}).values()
    return sum(int(_number(each.get("count")) or 0) for each in figures)


def _rows(
    messages: Sequence[Mapping[str, Any]],
    associations: Sequence[Mapping[str, Any]],
    lanes: list[str],
    titles: Mapping[str, str],
) -> Iterator[Row]:
    """The lines in order; associations that no message opens or ends are put around theirs."""
    by_id = {str(each.get("id")): each for each in associations}
    names = [str(each.get("association")) for each in messages]
    told = {
        name for name, each in zip(names, messages, strict=True) if each.get("text") == _ASSOCIATE
    }
    last = {name: index for index, name in enumerate(names)}
    waiting = [name for name in by_id if name not in told]
    for index, (name, message) in enumerate(zip(names, messages, strict=True)):
        while name in waiting:  # it, after those before it that carried no message
            first = waiting.pop(0)
            yield from _association(by_id[first], lanes, titles, ends=first not in last)
        yield _message(message, by_id.get(name, {}), lanes)
        if name in by_id and name not in told and last[name] == index:
            yield from _ending(by_id[name], lanes, titles)
    for name in waiting:
        yield from _association(by_id[name], lanes, titles, ends=True)


def _message(message: Mapping[str, Any], association: Mapping[str, Any], lanes: list[str]) -> Row:
    """One message of the record, which lists the opening and end of associations among them."""
    text, status = str(message.get("text") or ""), str(message.get("status") or "")
    kind = "message"
    pending = _PENDING.match(status)
    if text == _ASSOCIATE:
        kind = "association" if status == "accepted" else "refused"
        text = _names(association)
    elif text and text == association.get("ended") and not status:
        kind, text, status = "end", "", text
    return Row(
        kind,
        text=bounded(text, 62),
        status=status[pending.end() :] if pending else status,
        start=_lane(lanes, message.get("from"), 0),
        end=_lane(lanes, message.get("to"), 1),
        at=_number(message.get("at")),
        number=int(pending.group(1)) if pending else 0,
    )


def _names(association: Mapping[str, Any]) -> str:
    names = f"{association.get('calling', '')} → {association.get('called', '')}"
    label = association.get("label")
    return f"{names} ({label})" if label else names


def _association(
    association: Mapping[str, Any], lanes: list[str], titles: Mapping[str, str], *, ends: bool
) -> Iterator[Row]:
    start, end = _ends(association, lanes, titles)
    outcome = str(association.get("outcome", ""))
    yield Row(
        "association" if outcome == "accepted" else "refused",
        text=bounded(_names(association), 62),
        status=outcome,
        start=start,
        end=end,
    )
    if ends:
        yield from _ending(association, lanes, titles)


def _ending(
    association: Mapping[str, Any], lanes: list[str], titles: Mapping[str, str]
) -> Iterator[Row]:
    ended = str(association.get("ended") or "")
    if ended:
        start, end = _ends(association, lanes, titles)
        yield Row("end", status=ended, start=start, end=end)


def _ends(
    association: Mapping[str, Any], lanes: list[str], titles: Mapping[str, str]
) -> tuple[int, int]:
    calling = titles.get(str(association.get("calling", "")).strip())
    called = titles.get(str(association.get("called", "")).strip())
    start, end = _lane(lanes, calling, 0), _lane(lanes, called, 1)
    return (start, end) if start != end else (0, 1)


def _lane(lanes: list[str], name: object, otherwise: int) -> int:
    return lanes.index(str(name)) if str(name) in lanes else otherwise


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _folded(rows: list[Row]) -> list[Row]:
    """Draw four or more repetitions of one message, or of one pair, as the first and the last."""

    def key(row: Row) -> tuple[object, ...]:
        return (row.kind, row.start, row.end, row.status, _VARIES.sub("#", row.text))

    keys = [key(row) for row in rows]
    folded: list[Row] = []
    index = 0
    while index < len(rows):
        period, times = 1, 1
        for size in (1, 2, 4):
            count = 1
            while (
                keys[index : index + size]
                == keys[index + count * size : index + (count + 1) * size]
            ):
                count += 1
            if rows[index].kind != "refused" and count >= 4 and count * size > period * times:
                period, times = size, count
        if times < 4:
            folded.append(rows[index])
            index += 1
            continue
        end = index + period * times
        folded += rows[index : index + period]
        folded.append(Row("repeats", number=times - 2))
        folded += rows[end - period : end]
        index = end
    return folded


def _bounded(rows: list[Row], limit: int) -> list[Row]:
    if len(rows) <= limit:
        return rows
    tail = max(1, limit // 4)
    head = max(1, limit - tail - 1)
    missing = len(rows) - head - tail
    return [*rows[:head], Row("omitted", number=missing), *rows[len(rows) - tail :]]
