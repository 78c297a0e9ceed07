"""Attribute matching (PS3.4 C.2.2.2), the one place where it is decided what matches what.

The answer has three values, because the standard leaves some cases to the implementation. A
judge accepts both answers to EITHER; a simulator gives the one in `strict`. Where a case is
open, the permitted readings are all tried: agreement is MATCH or NO_MATCH, disagreement EITHER.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dicomtest.dicom import person_names
from dicomtest.dicom.attribute_values import (
    NUMBER_VRS,
    Item,
    Values,
    extended,
    is_empty,
    items,
    texts,
    vr_of,
)
from dicomtest.dicom.date_time_matching import combined_pairs, match_combined, match_date_time
from dicomtest.dicom.freedoms import (
    CHARACTER_SET,
    COMBINING,
    ILLEGAL_KEY,
    MULTIPLE_VALUES,
    NUMBER_STRING,
    PERSON_NAME,
    UNKNOWN_VALUE,
    WIDE_WILD_CARD,
)
from dicomtest.dicom.information_model import NOT_KEYS
from dicomtest.dicom.three_valued import (
    NO,
    YES,
    Match,
    Matching,
    all_of,
    any_of,
    either,
    of_readings,
)

__all__ = [
    "BASELINE",
    "WORKLIST",
    "Agreement",
    "Match",
    "Matching",
    "has_wild_card",
    "is_universal",
    "match",
    "match_attribute",
    "matches_pattern",
]

WILD_CARD_VRS = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
DATE_TIME_VRS = frozenset({"DA", "TM", "DT"})


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the two sides agreed on (PS3.4 C.5.1.1) and what the service class fixes.

    `unknown_matches`: a key matches an entity whose value is unknown (PS3.4 C.2.2.1.2); in a
    worklist it does not (PS3.4 K.2.2.1.1.1). `character_sets`: the Specific Character Sets the
    provider claims, as far as that is known: in these it also finds text stored in another.
    `character_set_supported`: it has to understand the one of the request.
    """

    relational: bool = False
    combined_date_time: bool = False
    fuzzy_names: bool = False
    multiple_values: bool = False
    unknown_matches: bool = True
    character_sets: frozenset[str] = frozenset()
    character_set_supported: bool = True
    insensitive_names: bool = False  # the freedom a simulator uses; a judge is not affected


BASELINE = Agreement()
WORKLIST = Agreement(combined_date_time=True, unknown_matches=False)


def match(
    keys: Mapping[str, Values], entity: Mapping[str, Values], agreement: Agreement = BASELINE
) -> Matching:
    """Match all keys against the attributes of one entity, or of one item of a sequence."""
    left = {name: key for name, key in keys.items() if name not in NOT_KEYS}
    found = []
    for pair in combined_pairs(left) if agreement.combined_date_time else ():
        day, time = pair
        target = entity.get(day, ()), entity.get(time, ())
        unknown = agreement.unknown_matches
        found.append(match_combined((left[day], left[time]), target, unknown_matches=unknown))
        left = {name: key for name, key in left.items() if name not in pair}
    for name, key in left.items():
        found.append(match_attribute(name, key, entity.get(name, ()), agreement))
    return all_of(found)


def match_attribute(
    name: str, key: Values, target: Values, agreement: Agreement = BASELINE
) -> Matching:
    """Match one key against the value, or the values, an entity has for it (PS3.4 C.2.2.3)."""
    vr = vr_of(name)
    if vr == "SQ":
        return _match_sequence(items(key), items(target), agreement)
    if is_empty(key) or (vr in WILD_CARD_VRS and is_universal(key)):
        return YES
    if is_empty(target):
        return either(UNKNOWN_VALUE, True) if agreement.unknown_matches else NO
    wanted, values = texts(key), [value for value in texts(target) if value]
    result = any_of(_match_one(vr, one, each, agreement) for one in wanted for each in values)
    if len(wanted) > 1 and vr != "UI" and not agreement.multiple_values:
        return either(MULTIPLE_VALUES, result.strict)
    if extended(key) and not agreement.character_set_supported:
        return either(CHARACTER_SET, result.strict)
    return result


def is_universal(values: Values) -> bool:
    """Whether a key asks for the value only: zero length, or `*` and nothing else.

    PS3.4 C.2.2.2.3, C.2.2.2.4 Note 1. In a VR without wild cards `*` is an illegal value.
    """
    if items(values):
        return False
    return is_empty(values) or (len(values) == 1 and set(texts(values)[0]) == {"*"})


def asks_only(values: Values) -> bool:
    """Whether a key is universal, or a sequence whose item keys all are (PS3.4 C.2.2.2.6)."""
    inner = items(values)
    if not inner:
        return is_universal(values)
    return all(asks_only(each) for item in inner for each in item.values())


def has_wild_card(text: str) -> bool:
    """Whether a key value holds `*` or `?`."""
    return "*" in text or "?" in text


def matches_pattern(pattern: str, text: str) -> bool:
    """Whether `*` (any run, also none) and `?` (one character) of the pattern fit all of the text.

    Takes time in proportion to the product of the lengths, whatever the pattern.
    """
    at, here = 0, 0
    star, retry = -1, 0
    while here < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, retry = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            retry += 1
            at, here = star + 1, retry
        else:
            return False
    return set(pattern[at:]) <= {"*"}


def _match_one(vr: str, key: str, value: str, agreement: Agreement) -> Matching:
    """Match one key value against one value."""
    if vr == "PN":
        return _match_name(key, value, agreement)
    if vr in DATE_TIME_VRS:
        return match_date_time(vr, key, value)
    if vr in WILD_CARD_VRS:
        return _match_text(key, value)
    if key == value:
        return YES
    if has_wild_card(key):
        return either(ILLEGAL_KEY, False)
    if vr in ("IS", "DS") or vr in NUMBER_VRS:
        return _match_number(vr, key, value)
    return NO


def _match_name(key: str, value: str, agreement: Agreement) -> Matching:
    readings = person_names.readings(key, value, matches_pattern)
    if agreement.fuzzy_names and not readings.literal:
        return either(PERSON_NAME, False)
    strict = readings.loosest if agreement.insensitive_names else readings.literal
    return of_readings(readings.all, strict, PERSON_NAME)


def _match_text(key: str, value: str) -> Matching:
    """Exact and case-sensitive, or by wild cards (PS3.4 C.2.2.2.1, C.2.2.2.4)."""
    compare: Callable[[str, str], bool] = matches_pattern if has_wild_card(key) else str.__eq__
    if compare(key, value):
        wide = "?" in key and not value.isascii()
        return either(WIDE_WILD_CARD, True) if wide else YES
    if compare(unicodedata.normalize("NFC", key), unicodedata.normalize("NFC", value)):
        return either(COMBINING, False)
    return NO


def _match_number(vr: str, key: str, value: str) -> Matching:
    try:
        same = float(key) == float(value)
    except ValueError:
        return either(ILLEGAL_KEY, False)
    if not same:
        return NO
    return YES if vr in NUMBER_VRS else either(NUMBER_STRING, True)


def _match_sequence(key: Sequence[Item], target: Sequence[Item], agreement: Agreement) -> Matching:
    """All item keys match within at least one item (PS3.4 C.2.2.2.6)."""
    if not any(key):
        return YES
    if len(key) > 1:
        return either(ILLEGAL_KEY, False)
    if not target:
        known_to_fail = not agreement.unknown_matches and not asks_only(tuple(key))
        return NO if known_to_fail else either(UNKNOWN_VALUE, True)
    return any_of(match(key[0], item, agreement) for item in target)
