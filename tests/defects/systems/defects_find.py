"""Defects of C-FIND: what matches (PS3.4 C.2.2.2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydicom.datadict import keyword_for_tag

from .association import Link
from .commands import Message
from .data_set import DataSet, Element
from .deviation import defect
from .holdings import UNIQUE_KEYS, Entity
from .matching import split_range
from .query import Refused

SINGLE_VALUE = "PS3.4 C.2.2.2.1"
LIST_OF_UID = "PS3.4 C.2.2.2.2"
UNIVERSAL = "PS3.4 C.2.2.2.3"
WILD_CARD = "PS3.4 C.2.2.2.4"
RANGE = "PS3.4 C.2.2.2.5"
KEYS = "PS3.4 C.2.2.1"


# --- keys without effect ---


def ignored_key(keyword: str, level: str) -> None:
    """Register the defect that one key matches everything."""

    def matches_key(
        archive: Any, inner: Any, identifier: DataSet, key: Element, entity: Entity
    ) -> bool:
        ignored = keyword_for_tag(key.tag) == keyword and entity.level == level
        return ignored or inner(identifier, key, entity)

    words = "_".join(re.findall("[A-Z]+(?![a-z])|[A-Z][a-z]+", keyword)).lower()
    matches_key.__name__ = f"find_ignores_{words}"
    matches_key.__doc__ = f"Matches every {level} whatever {keyword} asks for."
    defect("find", KEYS, "matches_key")(matches_key)


for _keyword, _level in {
    "PatientName": "STUDY",
    "PatientID": "STUDY",
    "StudyInstanceUID": "STUDY",
    "StudyDate": "STUDY",
    "StudyTime": "STUDY",
    "AccessionNumber": "STUDY",
    "StudyID": "STUDY",
    "Modality": "SERIES",
    "SeriesNumber": "SERIES",
    "SeriesInstanceUID": "SERIES",
    "InstanceNumber": "IMAGE",
    "SOPInstanceUID": "IMAGE",
}.items():
    ignored_key(_keyword, _level)


@defect("find", KEYS, "matches_key")
def find_ignores_patient_keys_at_patient_level(
    archive: Any, inner: Any, identifier: DataSet, key: Element, entity: Entity
) -> bool:
    """Returns every patient to a PATIENT query."""
    return entity.level == "PATIENT" or inner(identifier, key, entity)


@defect("find", KEYS, "matching_entities")
def find_ignores_every_key(
    archive: Any, inner: Any, message: Message, identifier: DataSet, level: str
) -> list[Entity]:
    """Returns everything it has at the level."""
    entities: list[Entity] = archive.entities(level)
    return entities


@defect("find", KEYS, "matching_entities")
def find_needs_one_matching_key(
    archive: Any, inner: Any, message: Message, identifier: DataSet, level: str
) -> list[Entity]:
    """Returns what matches any of the keys instead of all of them."""
    keys = [
        each
        for each in archive.matching_keys(message, identifier, level)
        if each.value or each.items
    ]
    return [
        each
        for each in archive.entities(level)
        if not keys or any(archive.matches_key(identifier, key, each) for key in keys)
    ]


@defect("find", KEYS, "matching_keys")
def find_uses_the_first_key_only(
    archive: Any, inner: Any, message: Message, identifier: DataSet, level: str
) -> list[Element]:
    """Matches the first key that has a value and ignores the rest."""
    with_value = [each for each in inner(message, identifier, level) if each.value]
    return with_value[:1]


# --- single values ---


@defect("find", SINGLE_VALUE, "matches_single")
def find_folds_case(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Ignores case in attributes that are not person names."""
    return bool(inner(vr, key.casefold(), value.casefold()))


@defect("find", WILD_CARD, "matches_wildcard")
def find_folds_case_in_wildcards(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Ignores case with wild cards in attributes that are not person names."""
    return bool(inner(vr, key.casefold(), value.casefold()))


@defect("find", SINGLE_VALUE, "matches_single")
def find_matches_prefixes(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Takes a key for the beginning of a value."""
    return value.startswith(key) if vr not in ("IS", "DS", "PN") else inner(vr, key, value)


@defect("find", SINGLE_VALUE, "matches_single")
def find_matches_suffixes(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Takes a key for the end of a value: leading characters do not count."""
    return value.endswith(key) if vr not in ("IS", "DS", "PN") else inner(vr, key, value)


@defect("find", SINGLE_VALUE, "matches_name")
def find_matches_parts_of_names(archive: Any, inner: Any, key: str, value: str) -> bool:
    """Takes a name key for any part of a name."""
    return archive.name_as_matched(key.strip("*")) in archive.name_as_matched(value)


@defect("find", SINGLE_VALUE, "matches_name")
def find_matches_family_names_only(archive: Any, inner: Any, key: str, value: str) -> bool:
    """Compares the first component of a name and no other."""
    return bool(inner(key.partition("^")[0], value.partition("=")[0].partition("^")[0]))


@defect("find", SINGLE_VALUE, "name_as_matched", level="should")
def find_cannot_match_other_alphabets(archive: Any, inner: Any, name: str) -> str:
    """Compares names as if every character outside ASCII were the same."""
    return "".join(each if each.isascii() else "?" for each in inner(name))


@defect("find", UNIVERSAL, "matches")
def find_empty_key_matches_empty_values(
    archive: Any, inner: Any, vr: str, wanted: list[str], found: list[str]
) -> bool:
    """Takes a key without value for the wish that the attribute have none."""
    return bool(inner(vr, wanted, found)) if wanted else not found or vr in ("UI", "IS")


@defect("find", UNIVERSAL, "matches")
def find_universal_key_needs_a_value(
    archive: Any, inner: Any, vr: str, wanted: list[str], found: list[str]
) -> bool:
    """Leaves out entities that have no value for a key without value."""
    return bool(inner(vr, wanted, found)) and (bool(wanted) or bool(found))


@defect("find", UNIVERSAL, "matches")
def find_star_needs_a_value(
    archive: Any, inner: Any, vr: str, wanted: list[str], found: list[str]
) -> bool:
    """Does not let * alone match an attribute without value."""
    return bool(found) if wanted == ["*"] else inner(vr, wanted, found)


@defect("find", "PS3.4 C.2.2.1.2", "matches_unknown", level="should")
def find_unknown_values_do_not_match(archive: Any, inner: Any, vr: str, wanted: list[str]) -> bool:
    """Leaves out entities that have no value for a key that asks for one, as most archives do."""
    return False


# --- wild cards ---


@defect("find", WILD_CARD, "matches_wildcard")
def find_takes_wildcards_literally(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Knows no wild cards."""
    return key == value


@defect("find", WILD_CARD, "matches_wildcard")
def find_takes_question_mark_literally(
    archive: Any, inner: Any, vr: str, key: str, value: str
) -> bool:
    """Knows * but takes ? for a question mark."""
    pattern = ".*".join(re.escape(part) for part in key.split("*"))
    return re.fullmatch(pattern, value) is not None


@defect("find", WILD_CARD, "matches_wildcard")
def find_question_mark_may_be_nothing(
    archive: Any, inner: Any, vr: str, key: str, value: str
) -> bool:
    """Lets ? match no character as well as one."""
    parts = {"*": ".*", "?": ".?"}
    pattern = "".join(parts.get(each) or re.escape(each) for each in key)
    return re.fullmatch(pattern, value) is not None


@defect("find", WILD_CARD, "matches_wildcard")
def find_question_mark_is_any_run(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Treats ? like *."""
    return bool(inner(vr, key.replace("?", "*"), value))


@defect("find", WILD_CARD, "matches_wildcard")
def find_star_needs_a_character(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Does not let * match an empty run."""
    return bool(inner(vr, key.replace("*", "?*"), value))


@defect("find", WILD_CARD, "matches_wildcard")
def find_star_at_the_end_only(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Knows * as the last character only."""
    if "*" in key[:-1]:
        return key == value
    return bool(inner(vr, key, value))


@defect("find", WILD_CARD, "matches_wildcard")
def find_wildcards_in_names_only(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Knows wild cards in person names and nowhere else."""
    return bool(inner(vr, key, value)) if vr == "PN" else key == value


@defect("find", WILD_CARD, "matches_wildcard")
def find_wildcard_is_a_regular_expression(
    archive: Any, inner: Any, vr: str, key: str, value: str
) -> bool:
    """Lets . in a key with wild cards match any character."""
    pattern = key.replace("*", ".*").replace("?", ".").replace("^", r"\^")
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return False


# --- ranges ---


def _range_without(low: bool, high: bool) -> Callable[..., bool]:
    def matches_range(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
        first, last = split_range(vr, key)
        at_low = low and bool(first) and archive.matches_time(vr, first, value)
        at_high = high and bool(last) and archive.matches_time(vr, last, value)
        return bool(inner(vr, key, value)) and not at_low and not at_high

    return matches_range


for _name, _says, _low, _high in (
    ("find_range_without_its_first_day", "Leaves the lower end out of a range.", True, False),
    ("find_range_without_its_last_day", "Leaves the upper end out of a range.", False, True),
):
    _function = _range_without(_low, _high)
    _function.__name__, _function.__doc__ = _name, _says
    defect("find", RANGE, "matches_range")(_function)


@defect("find", RANGE, "matches_range")
def find_range_matches_everything(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Takes a range for universal matching."""
    return True


@defect("find", RANGE, "matches_range")
def find_range_matches_nothing(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Takes a range for a value that nothing has."""
    return False


@defect("find", RANGE, "matches_range")
def find_range_means_its_first_day(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Looks at the lower end of a range only, as a single value."""
    return bool(archive.matches_time(vr, key.partition("-")[0], value))


@defect("find", RANGE, "matches_range")
def find_open_range_matches_everything(
    archive: Any, inner: Any, vr: str, key: str, value: str
) -> bool:
    """Takes a range that is open on one side for universal matching."""
    return not all(split_range(vr, key)) or inner(vr, key, value)


@defect("find", RANGE, "matches_range")
def find_open_range_matches_nothing(
    archive: Any, inner: Any, vr: str, key: str, value: str
) -> bool:
    """Finds nothing in a range that is open on one side."""
    return all(split_range(vr, key)) and inner(vr, key, value)


@defect("find", RANGE, "matches_range")
def find_range_until_is_ignored(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Ignores the upper end of a range."""
    low, _ = split_range(vr, key)
    return bool(inner(vr, f"{low}-", value)) if low else True


@defect("find", RANGE, "matches_range")
def find_time_range_is_ignored(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Takes a range of times for universal matching."""
    return vr == "TM" or inner(vr, key, value)


@defect("find", RANGE, "matches_range")
def find_time_range_compares_text(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Compares times by their hours: minutes in a range do not count."""
    if vr != "TM":
        return bool(inner(vr, key, value))
    low, high = (each[:2] for each in split_range(vr, key))
    return (not low or low <= value[:2]) and (not high or value[:2] <= high)


@defect("find", RANGE, "read_identifier")
def find_refuses_open_ranges(archive: Any, inner: Any, link: Link, message: Message) -> DataSet:
    """Answers C000 to a range that is open on one side."""
    identifier: DataSet = inner(link, message)
    for element in identifier:
        value = identifier.value(element.tag)
        if element.vr in ("DA", "TM", "DT") and value and "-" in (value[0], value[-1]):
            raise Refused(0xC000, "Open range")
    return identifier


# --- lists of UIDs ---


@defect("find", LIST_OF_UID, "matches_uids")
def find_first_uid_of_a_list(archive: Any, inner: Any, wanted: list[str], found: list[str]) -> bool:
    """Looks at the first UID of a list only."""
    return bool(inner(wanted[:1], found))


@defect("find", LIST_OF_UID, "matches_uids")
def find_lists_of_uids_match_nothing(
    archive: Any, inner: Any, wanted: list[str], found: list[str]
) -> bool:
    """Takes a list of UIDs for one long value."""
    return len(wanted) == 1 and inner(wanted, found)


@defect("find", LIST_OF_UID, "matches_uids")
def find_lists_of_uids_match_everything(
    archive: Any, inner: Any, wanted: list[str], found: list[str]
) -> bool:
    """Takes a list of UIDs for universal matching."""
    return len(wanted) > 1 or inner(wanted, found)


@defect("find", SINGLE_VALUE, "matches_uids")
def find_matches_uid_prefixes(
    archive: Any, inner: Any, wanted: list[str], found: list[str]
) -> bool:
    """Takes a UID for the beginning of one."""
    return any(uid.startswith(key.rstrip("*")) for key in wanted for uid in found)


@defect("find", LIST_OF_UID, "check_hierarchy")
def find_refuses_lists_of_uids(
    archive: Any, inner: Any, link: Link, message: Message, identifier: DataSet, level: str
) -> None:
    """Answers A900 to a list of UIDs."""
    inner(link, message, identifier, level)
    if len(identifier.values(UNIQUE_KEYS[level])) > 1:
        raise Refused(0xA900, "One UID only")
