"""What a value of VR DA, TM or DT means: a span of moments, as wide as the value is precise.

Values are parsed leniently (the retired forms `YYYY.MM.DD` and `HH:MM:SS` are read), because
they come from real systems; whether a value is legal is another question.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

SECOND = 1_000_000  # microseconds
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# No place on earth is further from UTC (PS3.5 6.2, DT: -1200 to +1400).
WIDEST_OFFSET = 14 * HOUR

_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})|(\d{4})\.(\d{2})\.(\d{2})")
_TIME = re.compile(r"(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.(\d{1,6}))?)?)?")
_DATE_TIME = re.compile(
    r"(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?))?)?)?([+-]\d{4})?"
)


@dataclass(frozen=True, slots=True)
class Span:
    """First and last microsecond a value may mean; `local` if no UTC offset was given.

    Counted from midnight for TM, from a day before the year 1 for DA and DT.
    """

    start: int
    end: int
    local: bool = True


@dataclass(frozen=True, slots=True)
class Range:
    """A range key (PS3.4 C.2.2.2.5); None is an open end."""

    low: Span | None
    high: Span | None

    @property
    def form(self) -> tuple[bool, bool]:
        """Which ends are given; combined matching needs the same form of both keys."""
        return self.low is not None, self.high is not None


def parse(vr: str, text: str) -> Span | None:
    """The span a value of VR DA, TM or DT means; None when it is not legal."""
    text = text.strip(" \0")
    if vr == "DA":
        return parse_date(text)
    return parse_time(text) if vr == "TM" else parse_date_time(text)


def parse_date(text: str) -> Span | None:
    """The day of a DA value: one point, since days are compared as days."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    start = _day(year, month, day)
    return None if start is None else Span(start, start)


def parse_time(text: str) -> Span | None:
    """The time of day of a TM value; second 60 is a leap second (PS3.5 6.2)."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, second, fraction = found.groups()
    if int(hour) > 23 or int(minute or 0) > 59 or int(second or 0) > 60:
        return None
    start, width = int(hour) * HOUR, HOUR
    if minute is not None:
        start, width = start + int(minute) * MINUTE, MINUTE
    if second is not None:
        start, width = start + int(second) * SECOND, SECOND
    if fraction is not None:
        start, width = start + int(fraction.ljust(6, "0")), 10 ** (6 - len(fraction))
    return Span(start, start + width - 1)


def parse_date_time(text: str) -> Span | None:
    """The moments of a DT value, in UTC where it carries an offset."""
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        return None
    year, month, day, time, offset = found.groups()
    start = _day(int(year), int(month or 1), int(day or 1))
    if start is None:
        return None
    if time is not None:
        within = parse_time(time)
        if within is None:
            return None
        start, end = start + within.start, start + within.end
    elif day is not None:
        end = start + DAY - 1
    elif month is not None:
        after = _day(int(year) + int(month) // 12, int(month) % 12 + 1, 1)
        end = (after or start + 31 * DAY) - 1
    else:
        end = (_day(int(year) + 1, 1, 1) or start + 365 * DAY) - 1
    if offset is None:
        return Span(start, end)
    minutes = int(offset[1:3]) * 60 + int(offset[3:5])
    shift = (-minutes if offset[0] == "+" else minutes) * MINUTE
    return Span(start + shift, end + shift, local=False)


def at_time(day: Span, time: Span | None) -> Span:
    """The moments of a DA and a TM value taken together; the whole day when the time is unknown."""
    if time is None:
        return Span(day.start, day.start + DAY - 1)
    return Span(day.start + time.start, day.start + time.end)


def parse_range(vr: str, text: str) -> Range | None:
    """A range key `a-b`, `-b` or `a-`; None when the text is not a legal range.

    In a DT the hyphen also begins a negative UTC offset: the split is taken where both sides
    are legal and in order (PS3.4 C.2.2.2.1.3, Note 3).
    """
    text = text.strip(" \0")
    for hyphen in (each.start() for each in re.finditer("-", text)):
        before, after = text[:hyphen].strip(), text[hyphen + 1 :].strip()
        low, high = parse(vr, before), parse(vr, after)
        if (before and low is None) or (after and high is None) or not (before or after):
            continue
        if low is not None and high is not None and low.start > high.end:
            continue
        return Range(low, high)
    return None


def _day(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).toordinal() * DAY
    except ValueError:
        return None
