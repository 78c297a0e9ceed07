"""Attribute matching of C-FIND (PS3.4 C.2.2.2), on values as text.

Methods of a mixin, so that a defect or a quirk can replace exactly one rule.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta

from .data_set import DataSet, decode_values
from .settings import Settings

WILD = {"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"}
RANGED = {"DA", "TM", "DT"}


class Matching:
    """Whether one attribute of an entity matches a key."""

    settings: Settings

    def matches(self, vr: str, wanted: list[str], found: list[str]) -> bool:
        """One key against the values of one attribute.

        No value in the key is universal matching (C.2.2.2.3). Of a multi-valued attribute any
        value may match; of a key with several values (legal for UIDs) any may.
        """
        if not wanted or wanted == ["*"]:
            return True
        if not found:
            return self.matches_unknown(vr, wanted)
        if vr == "UI":
            return self.matches_uids(wanted, found)
        return any(self.matches_one(vr, key, value) for key in wanted for value in found)

    def matches_unknown(self, vr: str, wanted: list[str]) -> bool:
        """A value the archive does not know matches whatever is asked for (C.2.2.1.2)."""
        return True

    def matches_one(self, vr: str, key: str, value: str) -> bool:
        """One value of a key against one value of the attribute."""
        if vr in RANGED and "-" in key:
            return self.matches_range(vr, key, value)
        if vr in RANGED:
            return self.matches_time(vr, key, value)
        if vr == "PN":
            return self.matches_name(key, value)
        if vr in WILD and ("*" in key or "?" in key):
            return self.matches_wildcard(vr, key, value)
        return self.matches_single(vr, key, value)

    def matches_single(self, vr: str, key: str, value: str) -> bool:
        """Single value matching (C.2.2.2.1): equal, case and all; numbers by value."""
        if vr in ("IS", "DS"):
            try:
                return float(key) == float(value)
            except ValueError:
                return key == value
        return key == value

    def matches_uids(self, wanted: list[str], found: list[str]) -> bool:
        """List of UID matching (C.2.2.2.2)."""
        return any(uid in found for uid in wanted)

    def matches_wildcard(self, vr: str, key: str, value: str) -> bool:
        """Wild card matching (C.2.2.2.4): * is any run, ? is exactly one character."""
        parts = {"*": ".*", "?": "."}
        pattern = "".join(parts.get(each) or re.escape(each) for each in key)
        return re.fullmatch(pattern, value, re.DOTALL) is not None

    def matches_time(self, vr: str, key: str, value: str) -> bool:
        """Single value matching of dates and times, by their meaning."""
        wanted, found = moment(vr, key), moment(vr, value)
        return wanted is not None and wanted == found

    def matches_range(self, vr: str, key: str, value: str) -> bool:
        """Range matching (C.2.2.2.5): both ends belong to the range, either may be open."""
        low, high = split_range(vr, key)
        found = moment(vr, value)
        if found is None:
            return False
        first, last = moment(vr, low), moment(vr, high)
        if (low and first is None) or (high and last is None):
            return False
        return (first is None or first <= found) and (last is None or found <= last)

    def matches_name(self, key: str, value: str) -> bool:
        """A person name: whole, or by component group (alphabetic, ideographic, phonetic)."""
        value, key = self.name_as_matched(value), self.name_as_matched(key)
        groups = value.split("=")
        if self.settings.names_whole:
            return self._matches_group(key, value)
        if "=" not in key:
            return any(self._matches_group(key, group) for group in [value, *groups])
        groups += [""] * 3
        return all(
            self._matches_group(wanted, group)
            for wanted, group in zip(key.split("="), groups, strict=False)
            if wanted
        )

    def _matches_group(self, key: str, group: str) -> bool:
        if "*" in key or "?" in key:
            groups = {group, group.rstrip("^ ")}
            return any(self.matches_wildcard("PN", key, each) for each in groups)
        return self.matches_single("PN", key.rstrip("^ "), group.rstrip("^ "))

    def name_as_matched(self, name: str) -> str:
        """A person name as this archive compares it; the standard leaves case and accents open."""
        if self.settings.name_accents_ignored:
            decomposed = unicodedata.normalize("NFD", name)
            name = "".join(each for each in decomposed if not unicodedata.combining(each))
        if self.settings.name_case_ignored:
            name = name.casefold()
        return name

    def matches_items(self, wanted: DataSet, found: list[DataSet]) -> bool:
        """Sequence matching (C.2.2.2.6): all keys of the item within one item of the target."""
        if all(not key.value and not key.items for key in wanted):
            return True
        return any(self._matches_item(wanted, item) for item in found)

    def _matches_item(self, wanted: DataSet, item: DataSet) -> bool:
        for key in wanted:
            target = item.get(key.tag)
            if key.items is not None:
                inner = key.items[0] if key.items else DataSet()
                if not self.matches_items(inner, (target.items if target else None) or []):
                    return False
            else:
                asked = decode_values(key, wanted.charset)
                if not self.matches(key.vr, asked, item.values(key.tag) or [""]):
                    return False
        return True


def split_range(vr: str, key: str) -> tuple[str, str]:
    """The two ends of a range; a DT may carry a negative offset from UTC in each end."""
    if vr != "DT":
        low, _, high = key.partition("-")
        return low.strip(), high.strip()
    offset = r"(?:[+-]\d{4})?"
    parts = re.fullmatch(rf"(\d*(?:\.\d+)?{offset})-(\d*(?:\.\d+)?{offset})", key.strip())
    return (parts[1], parts[2]) if parts else ("", "")


def moment(vr: str, text: str) -> datetime | None:
    """A date, time or date time as an instant, what is left out at its least; None: not one."""
    text = text.strip()
    offset = re.search(r"([+-])(\d\d)(\d\d)$", text) if vr == "DT" else None
    digits = re.sub(r"[.:]", "", text[: offset.start()] if offset else text)
    if vr == "TM" and digits:
        digits = "19000101" + digits
    if not digits.isdigit() or len(digits) < (8 if vr == "DA" else 4):
        return None
    full = digits + "00000101000000000000"[len(digits) :]
    try:
        when = datetime.strptime(full[:20], "%Y%m%d%H%M%S%f")
        if offset:
            shift = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
            when += -shift if offset[1] == "+" else shift
    except (ValueError, OverflowError):
        return None
    return when
