"""Whether values are legal for their VR, and as many as PS3.6 says (PS3.5 6.2, 6.4, 9.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pydicom.datadict import dictionary_VM
from pydicom.tag import BaseTag

from dicomtest.dicom import date_time
from dicomtest.dicom.charsets import (
    TEXT_VRS,
    character_set_problems,
    decode_text,
    problems,
    split_values,
)
from dicomtest.dicom.encoded_values import EncodedElement, dictionary_vrs
from dicomtest.dicom.iods.level import Fault, Level
from dicomtest.dicom.uids import is_valid_uid

WIDTHS = {
    "US": 2, "SS": 2, "UL": 4, "SL": 4, "FL": 4, "FD": 8, "UV": 8, "SV": 8, "AT": 4,
    "OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8,
}  # fmt: skip
LENGTHS = {"AE": 16, "CS": 16, "DS": 16, "IS": 12, "LO": 64, "SH": 16, "ST": 1024, "LT": 10240}
PERSON_NAME_GROUPS, PERSON_NAME_COMPONENTS, PERSON_NAME_LENGTH = 3, 5, 64
PLAIN = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"})
STRINGS = TEXT_VRS | PLAIN
WHOLE = frozenset({"ST", "LT", "UT", "UR"})  # one value, in which a backslash is text
SPECIFIC_CHARACTER_SET = BaseTag(0x00080005)
# PS3.5 7.1 and 7.8.1: groups of commands, file meta information, and those nobody may use.
NOT_IN_DATA_SETS = frozenset({0x0000, 0x0002, 0x0006})
RESERVED_GROUPS = frozenset({0x0001, 0x0003, 0x0005, 0x0007, 0xFFFF})
SHOWN = 80  # characters of a wrong value

_DECIMAL = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_DATE = re.compile(r"\d{8}")
_TIME = re.compile(r"\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?")
_URI = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")


def value_faults(level: Level) -> Iterator[Fault]:
    """Values that are not legal for their VR; text, UIDs and numbers of values not among them."""
    for tag, element in level.elements.items():
        for value in _values(element, level):
            wrong = _illegal(element.vrs[0], value)
            if wrong:
                yield Fault(level.place(tag), f"a legal {element.vrs[0]}", wrong)
        wrong = _wrong_length(element)
        if wrong:
            yield Fault(level.place(tag), f"a legal {' or '.join(element.vrs)}", wrong)


def uid_faults(level: Level) -> Iterator[Fault]:
    """UIDs that are not legal."""
    for tag, element in level.elements.items():
        if element.vrs[0] != "UI" or element.empty:
            continue
        parts = element.value.split(b"\\")
        for number, part in enumerate(parts, 1):
            text = part.decode("ascii", "replace")
            if number == len(parts) and text.endswith("\0") and len(element.value) % 2 == 0:
                text = text[:-1]
            wrong = is_valid_uid(text)
            if wrong:
                yield Fault(level.place(tag), "a valid UID", f"{show(text)}: {wrong}")


def multiplicity_faults(level: Level) -> Iterator[Fault]:
    """Attributes with fewer or more values than PS3.6 gives them."""
    for tag, element in level.elements.items():
        if tag.is_private or element.empty or element.items is not None:
            continue
        allowed = _multiplicity(tag)
        count = _count(element, level)
        if allowed and count and not _fits(count, allowed):
            yield Fault(level.place(tag), f"{allowed} values", f"{count} values")


def representation_faults(level: Level) -> Iterator[Fault]:
    """Explicit VRs that are not those of PS3.6; UN is what somebody did not know."""
    for tag, element in level.elements.items():
        known = dictionary_vrs(tag)
        if tag.is_private or known == ("UN",) or element.vrs[0] == "UN" or tag.element == 0:
            continue
        if not set(element.vrs) & set(known):
            yield Fault(level.place(tag), f"VR {' or '.join(known)}", f"VR {element.vrs[0]}")


def padding_faults(level: Level) -> Iterator[Fault]:
    """Strings of odd length, or padded with NUL where a space belongs."""
    for tag, element in level.elements.items():
        if element.items is not None:
            continue
        if len(element.value) % 2 and not element.encapsulated:
            yield Fault(level.place(tag), "a value of even length", f"{len(element.value)} bytes")
        if element.vrs[0] in STRINGS and element.vrs[0] != "UI" and element.value.endswith(b"\0"):
            yield Fault(level.place(tag), "padding with a space", "padding with NUL")


def text_faults(level: Level) -> Iterator[Fault]:
    """Text that is not in the character set that is declared, and wrong declarations of it."""
    declared = level.elements.get(SPECIFIC_CHARACTER_SET)
    if declared is not None:
        where = level.place(SPECIFIC_CHARACTER_SET)
        if declared.empty:
            yield Fault(where, "a value, since it is of Type 1C", "zero length")
        else:
            values = declared.value.decode("ascii", "replace")
            for wrong in character_set_problems(values):
                yield Fault(where, "a Defined Term", wrong)
    for tag, element in level.elements.items():
        if element.vrs[0] in STRINGS and element.value:
            raw = element.value.rstrip(b"\0")  # padding is judged elsewhere
            for wrong in problems(raw, element.vrs[0], level.character_set)[:1]:
                yield Fault(level.place(tag), "text in the declared character set", wrong)


def private_faults(level: Level) -> Iterator[Fault]:
    """Private elements that nobody has reserved, and groups that no data set may have."""
    for tag in level.elements:
        if tag.group in RESERVED_GROUPS:
            yield Fault(level.place(tag), "no such group in a data set", str(tag))
            continue
        if not tag.is_private:
            if tag.group in NOT_IN_DATA_SETS:
                yield Fault(level.place(tag), "no such group in a data set", str(tag))
            continue
        block = tag.element >> 8
        if 0x10 <= block <= 0xFF:
            creator = level.elements.get(BaseTag(tag.group << 16 | block))
            if creator is None or creator.empty:
                yield Fault(level.place(tag), f"a private creator in ({tag.group:04X},{block:04X})",
                            "none")  # fmt: skip
        elif not 0x10 <= tag.element <= 0xFF and tag.element:
            yield Fault(level.place(tag), "an element of a reserved block", str(tag))


def show(text: str) -> str:
    """A value as it can be shown: not longer than a line."""
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")


def _values(element: EncodedElement, level: Level) -> list[str]:
    """The values of a string, last padding left out."""
    vr = element.vrs[0]
    if vr not in STRINGS or vr == "UI" or element.items is not None:
        return []
    raw = element.value
    parts = [raw] if vr in WHOLE else split_values(raw, vr, level.character_set)
    return [decode_text(each, vr, level.character_set).rstrip(" \0") for each in parts]


def _illegal(vr: str, value: str) -> str:
    """What is wrong with one value; "" for nothing. An empty value is legal everywhere."""
    if not value:
        return ""
    limit = LENGTHS.get(vr)
    if limit is not None and len(value) > limit:
        return f"{show(value)} has {len(value)} characters, more than {limit}"
    rule = _RULES.get(vr)
    return rule(value) if rule else ""


def _application_entity(value: str) -> str:
    text = value.strip(" ")
    return "" if text.isascii() and text.isprintable() else f"{show(value)} has other characters"


def _age(value: str) -> str:
    return "" if re.fullmatch(r"\d{3}[DWMY]", value) else f"{show(value)} is not like 018M"


def _code(value: str) -> str:
    text = value.strip(" ")
    wrong = {each for each in text if not (each in " _" or (each.isascii() and each.isalnum()))}
    wrong |= {each for each in text if each.islower()}
    return f"{show(value)} has {' '.join(sorted(wrong))}" if wrong else ""


def _date(value: str) -> str:
    if _DATE.fullmatch(value) and date_time.parse_date(value):
        return ""
    return f"{show(value)} is no date YYYYMMDD"


def _time(value: str) -> str:
    if _TIME.fullmatch(value) and date_time.parse_time(value):
        return ""
    return f"{show(value)} is no time HHMMSS.FFFFFF"


def _date_and_time(value: str) -> str:
    return "" if date_time.parse_date_time(value) else f"{show(value)} is no date and time"


def _decimal(value: str) -> str:
    return "" if _DECIMAL.fullmatch(value.strip(" ")) else f"{show(value)} is no decimal number"


def _integer(value: str) -> str:
    text = value.strip(" ")
    if re.fullmatch(r"[+-]?\d+", text) and -(2**31) <= int(text) < 2**31:
        return ""
    return f"{show(value)} is no integer from -2^31 to 2^31-1"


def _person_name(value: str) -> str:
    groups = value.split("=")
    if len(groups) > PERSON_NAME_GROUPS:
        return f"{show(value)} has {len(groups)} component groups, more than 3"
    for each in groups:
        if each.count("^") >= PERSON_NAME_COMPONENTS:
            return f"{show(value)} has {each.count('^') + 1} components, more than 5"
        if len(each) > PERSON_NAME_LENGTH:
            return f"{show(value)} has a component group of {len(each)} characters, more than 64"
    return ""


def _locator(value: str) -> str:
    return "" if _URI.fullmatch(value) else f"{show(value)} has characters no URI has"


_RULES: dict[str, Callable[[str], str]] = {
    "AE": _application_entity, "AS": _age, "CS": _code, "DA": _date, "TM": _time,
    "DT": _date_and_time, "DS": _decimal, "IS": _integer, "PN": _person_name, "UR": _locator,
}  # fmt: skip


def _wrong_length(element: EncodedElement) -> str:
    width = min((WIDTHS.get(each, 1) for each in element.vrs), default=1)
    if element.items is not None or element.encapsulated or len(element.value) % width == 0:
        return ""
    return f"{len(element.value)} bytes, no multiple of {width}"


def _multiplicity(tag: BaseTag) -> str:
    try:
        return dictionary_VM(tag)
    except KeyError:
        return ""


def _count(element: EncodedElement, level: Level) -> int:
    vr = element.vrs[0]
    if vr in WHOLE or vr[0] == "O" or vr == "UN" or (len(element.vrs) > 1 and "OW" in element.vrs):
        return 1
    if vr in WIDTHS:
        return len(element.value) // WIDTHS[vr]
    return len(split_values(element.value, vr, level.character_set))


def _fits(count: int, allowed: str) -> bool:
    """Whether so many values are as many as `1`, `2-3`, `1-n` or `2-2n` says."""
    for one in allowed.split(" or "):
        low, dash, high = one.partition("-")
        if not dash and low == "n":
            return True
        if count < int(low):
            continue
        if high.endswith("n"):
            step = int(high[:-1] or 1)
            if count % step == 0:
                return True
        elif count <= int(high or low):
            return True
    return False
