"""Matching of names, dates and times, written from PS3.4 C.2.2.2 for these tests alone."""

from __future__ import annotations

import re


def name_matches(key: str, value: str) -> bool:
    """A name by single value or wild card; empty components at the end do not count."""
    if "*" in key or "?" in key:
        pattern = re.escape(key).replace(r"\*", ".*").replace(r"\?", ".")
        groups = [value, *value.split("=")]
        return any(re.fullmatch(pattern, each, re.S) for each in groups)
    return plain(key) == plain(value) or any(plain(key) == plain(e) for e in value.split("="))


def plain(name: str) -> str:
    """A name without what is empty at its ends."""
    return "=".join(group.rstrip("^ ") for group in name.split("=")).rstrip("=")


def date_in(key: str, value: str) -> bool:
    """A date in a range, or equal to a date."""
    low, dash, high = key.partition("-")
    if not dash:
        return key == value
    return (not low or low <= value) and (not high or value <= high)


def time_in(key: str, value: str) -> bool:
    """A time in a range, or equal to a time, whatever their precision."""
    low, dash, high = key.partition("-")
    if not dash:
        return full(key) == full(value)
    return (not low or full(low) <= full(value)) and (not high or full(value) <= full(high))


def times_in_dates(date: str, time: str, dates: str, times: str) -> bool:
    """A moment between two moments, each given by a date and a time."""
    (first, _, last), (early, _, late) = dates.partition("-"), times.partition("-")
    moment = date + full(time)
    after = not first or moment >= first + full(early)
    before = not last or moment <= last + full(late)
    return after and before


def full(time: str) -> str:
    """A time to the microsecond."""
    clock, _, fraction = time.partition(".")
    return clock.ljust(6, "0") + fraction.ljust(6, "0")
