"""Answers of attribute matching: yes, no, or left to the implementation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from dicomtest.dicom.freedoms import Freedom


class Match(IntEnum):
    """Whether an entity matches, by the standard."""

    NO_MATCH = 0
    EITHER = 1
    MATCH = 2


@dataclass(frozen=True, slots=True)
class Matching:
    """What the standard says of one comparison, and why it leaves it open if it does."""

    match: Match
    strict: bool  # what a literal-minded implementation answers
    freedom: Freedom | None = None


YES = Matching(Match.MATCH, True)
NO = Matching(Match.NO_MATCH, False)


def either(freedom: Freedom, strict: bool) -> Matching:
    """A comparison the standard leaves open."""
    return Matching(Match.EITHER, strict, freedom)


def all_of(matchings: Iterable[Matching]) -> Matching:
    """All must match: keys of an identifier, item keys of a sequence."""
    result = YES
    for each in matchings:
        worse = each if each.match < result.match else result
        result = Matching(worse.match, result.strict and each.strict, worse.freedom)
    return result


def any_of(matchings: Iterable[Matching]) -> Matching:
    """One is enough: values of an attribute, UIDs of a list, items of a sequence."""
    result = NO
    for each in matchings:
        better = each if each.match > result.match else result
        result = Matching(better.match, result.strict or each.strict, better.freedom)
    return result


def of_readings(readings: Iterable[bool], strict: bool, freedom: Freedom) -> Matching:
    """Agreement of all permitted readings, or EITHER when they differ."""
    several = set(readings)
    if several == {True}:
        return YES
    return either(freedom, strict) if True in several else NO
