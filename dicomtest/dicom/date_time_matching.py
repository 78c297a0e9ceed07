"""Matching of dates and times: single values, ranges, a date and a time combined.

PS3.4 C.2.2.2.1.3 and C.2.2.2.5.
"""

from __future__ import annotations

from collections.abc import Mapping

from dicomtest.dicom import date_time
from dicomtest.dicom.attribute_values import Values, texts
from dicomtest.dicom.date_time import Range, Span
from dicomtest.dicom.freedoms import DATE_TIME, EXTENT, ILLEGAL_KEY, UNKNOWN_VALUE
from dicomtest.dicom.three_valued import NO, YES, Match, Matching, either, of_readings

_FIRST, _LAST = -(10**20), 10**20  # before and after everything


def match_date_time(vr: str, key: str, value: str) -> Matching:
    """Match one value of VR DA, TM or DT against a single value or a range."""
    moment = date_time.parse(vr, value)
    if "-" in key:
        wanted = date_time.parse_range(vr, key)
        if wanted is not None and moment is not None:
            return within(wanted, moment)
        if wanted is not None or vr != "DT":
            return either(ILLEGAL_KEY, False)
    single = date_time.parse(vr, key)
    if single is None or moment is None:
        return YES if key == value else either(ILLEGAL_KEY, False)
    if "-" in key:  # a DT with a negative offset: a range by its form, not by its meaning
        return either(ILLEGAL_KEY, _overlap(single, moment))
    same = single.start == moment.start
    if single.local != moment.local:
        near = abs(single.start - moment.start) <= date_time.WIDEST_OFFSET
        return either(DATE_TIME, same) if near else NO
    return of_readings((key == value, same, _overlap(single, moment)), same, DATE_TIME)


def within(wanted: Range, moment: Span) -> Matching:
    """Whether a moment lies in a range, both ends included (PS3.4 C.2.2.2.5).

    A value of less than full precision is read as its first moment, or as the whole span it may
    mean, of which all or some has to lie in the range: open where these differ.
    """
    readings = []
    for early in _zone_shifts(wanted.low, moment):
        for late in _zone_shifts(wanted.high, moment):
            first = _FIRST if wanted.low is None else wanted.low.start + early
            last = _LAST if wanted.high is None else wanted.high.start + late
            at_last = _LAST if wanted.high is None else wanted.high.end + late
            readings += [
                first <= moment.start <= last,
                first <= moment.start and moment.end <= at_last,
                first <= moment.end and moment.start <= at_last,
            ]
    return of_readings(readings, readings[0], EXTENT)


def combined_pairs(keys: Mapping[str, Values]) -> list[tuple[str, str]]:
    """The DA and TM keys that hold the same form of range (PS3.4 C.2.2.2.5.4)."""
    pairs = []
    for day in keys:
        time = day.removesuffix("Date") + "Time"
        if not day.endswith("Date") or time not in keys:
            continue
        dates, times = _ends("DA", keys[day]), _ends("TM", keys[time])
        if dates is not None and times is not None and dates.form == times.form:
            pairs.append((day, time))
    return pairs


def match_combined(
    keys: tuple[Values, Values], target: tuple[Values, Values], *, unknown_matches: bool
) -> Matching:
    """Match a date and a time as if each pair were one DT (PS3.4 C.2.2.2.5.4).

    `keys` must be one of `combined_pairs`.
    """
    dates, times = _ends("DA", keys[0]), _ends("TM", keys[1])
    assert dates is not None and times is not None
    wanted = Range(_joined(dates.low, times.low), _joined(dates.high, times.high))
    day, time = (texts(each) for each in target)
    date = date_time.parse_date(day[0]) if day else None
    if date is None:
        return either(UNKNOWN_VALUE, True) if unknown_matches else NO
    clock = date_time.parse_time(time[0]) if time else None
    result = within(wanted, date_time.at_time(date, clock))
    if clock is None and not unknown_matches and result.match is Match.MATCH:
        return either(UNKNOWN_VALUE, False)
    return result


def _joined(date: Span | None, time: Span | None) -> Span | None:
    return None if date is None else date_time.at_time(date, time)


def _ends(vr: str, key: Values) -> Range | None:
    """A range whose ends need not be in order: 1800-0600 is, once the dates are."""
    single = texts(key)
    if len(single) != 1 or single[0].count("-") != 1:
        return None
    low, high = (end.strip() for end in single[0].split("-"))
    ends = date_time.parse(vr, low), date_time.parse(vr, high)
    if (low and ends[0] is None) or (high and ends[1] is None) or not (low or high):
        return None
    return Range(*ends)


def _zone_shifts(bound: Span | None, moment: Span) -> tuple[int, ...]:
    """What to add to a bound when only one of the two says its UTC offset."""
    if bound is None or bound.local == moment.local:
        return (0,)
    return (0, -date_time.WIDEST_OFFSET, date_time.WIDEST_OFFSET)


def _overlap(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end
