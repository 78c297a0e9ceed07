"""Values to ask for: for one attribute, given values that are stored, the systematic cases.

PS3.4 C.2.2.2: single value, list of UID, universal, wild card, range matching.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dicomtest.dicom.attribute_values import extended
from dicomtest.dicom.matching import WILD_CARD_VRS

UNKNOWN_UID = "2.25.1"


@dataclass(frozen=True, slots=True)
class KeyCase:
    """One value to ask for; `id` says which case it is, `en` and `zh` in words."""

    id: str
    key: tuple[str, ...]
    en: str
    zh: str


def cases(vr: str, values: Sequence[str]) -> Iterator[KeyCase]:
    """The cases for an attribute of this VR that has these values, without a repeated one."""
    stored = [value for value in dict.fromkeys(values) if value]
    if not stored:
        return
    seen: set[tuple[str, ...]] = set()
    for each in _cases(vr, stored):
        if each.key not in seen:
            seen.add(each.key)
            yield each


def _cases(vr: str, stored: list[str]) -> Iterator[KeyCase]:
    if vr == "UI":
        yield from _uids(stored)
    elif vr == "DA":
        yield from _dates(sorted(stored))
    elif vr == "TM":
        yield from _times(sorted(stored))
    elif vr == "PN":
        yield from _names(stored)
    elif vr in WILD_CARD_VRS:
        yield from _texts(vr, stored)
    else:
        yield KeyCase("single", (stored[0],), "a single value", "单值")
        absent = _absent_number(stored)
        if absent:
            yield KeyCase("single-absent", (absent,), "a value that is not there", "不存在的值")


def _uids(stored: list[str]) -> Iterator[KeyCase]:
    yield KeyCase("single", (stored[0],), "one UID", "单个 UID")
    yield KeyCase("absent", (UNKNOWN_UID,), "a UID that is not there", "不存在的 UID")
    if len(stored) > 1:
        yield KeyCase("list", tuple(stored[:2]), "a list of two UIDs", "两个 UID 的列表")
    mixed = (stored[-1], UNKNOWN_UID)
    yield KeyCase("list-mixed", mixed, "a list with an unknown UID", "含未知 UID 的列表")


def _dates(stored: list[str]) -> Iterator[KeyCase]:
    first, last = stored[0], stored[-1]
    before, after = _shifted(first, -1), _shifted(first, 1)
    yield KeyCase("single", (first,), "a single day", "单个日期")
    yield KeyCase("single-absent", (before,), "a day without studies", "没有检查的日期")
    yield KeyCase("range-day", (f"{first}-{first}",), "a range of one day", "一天的范围")
    yield KeyCase("range-all", (f"{first}-{last}",), "a range that begins and ends on stored days",
                  "起止均为已存日期的范围")  # fmt: skip
    yield KeyCase("range-from-next", (f"{after}-{_shifted(last, 1)}",),
                  "a range that begins a day later", "晚一天开始的范围")  # fmt: skip
    yield KeyCase("range-to-previous", (f"{before}-{_shifted(last, -1)}",) if last > first
                  else (f"{_shifted(before, -1)}-{before}",),
                  "a range that ends a day earlier", "早一天结束的范围")  # fmt: skip
    yield KeyCase("range-until", (f"-{first}",), "up to and including a day", "截止到某日（含）")
    yield KeyCase("range-until-before", (f"-{before}",), "up to the day before", "截止到前一日")
    yield KeyCase("range-since", (f"{last}-",), "from a day on", "从某日起（含）")
    yield KeyCase("range-since-after", (f"{_shifted(last, 1)}-",), "from the day after", "从次日起")


def _times(stored: list[str]) -> Iterator[KeyCase]:
    first, last = stored[0], stored[-1]
    clock = first[:6]
    yield KeyCase("single", (first,), "a single time", "单个时间")
    yield KeyCase("range-all", (f"{first}-{last}",), "a range that begins and ends at stored times",
                  "起止均为已存时间的范围")  # fmt: skip
    yield KeyCase("range-until", (f"-{first}",), "up to and including a time", "截止到某时刻（含）")
    yield KeyCase("range-since", (f"{last}-",), "from a time on", "从某时刻起（含）")
    if len(clock) == 6 and "0000" < clock[:4] < "2359":
        minute = int(clock[:2]) * 60 + int(clock[2:4])
        yield KeyCase("range-minutes", (f"{_clock(minute - 1)}-{_clock(minute + 1)}",),
                      "a range given to the minute", "精确到分钟的范围")  # fmt: skip
        yield KeyCase("range-before", (f"0000-{_clock(minute - 1)}",),
                      "a range that ends before it", "在其之前结束的范围")  # fmt: skip


def _texts(vr: str, stored: list[str]) -> Iterator[KeyCase]:
    value = stored[0]
    yield KeyCase("single", (value,), "a single value", "单值")
    yield KeyCase("single-absent", (_absent(vr, stored),), "a value that is not there",
                  "不存在的值")  # fmt: skip
    yield KeyCase("any", ("*",), "* alone, which is universal matching", "仅有 *，即通配匹配")
    yield from _wild_cards(value)
    yield from _parts(value, stored)
    if vr != "CS" and value.swapcase() not in stored:  # lower case is not legal in CS
        yield KeyCase(
            "other-case", (value.swapcase(),), "the value in other case", "大小写不同的值"
        )
        yield KeyCase("prefix-other-case", (f"{value.swapcase()[:-1]}*",),
                      "the beginning in other case and *", "大小写不同的开头加 *")  # fmt: skip


def _parts(value: str, stored: list[str]) -> Iterator[KeyCase]:
    """What matches nothing: parts without a wild card, and the wild cards of other languages."""
    if len(value) < 4:
        return
    for id, key, en, zh in (
        ("beginning", value[:-1], "the beginning without *", "仅有开头，无 *"),
        ("end", value[1:], "the end without *", "仅有结尾，无 *"),
        ("dot", f"{value[0]}.{value[2:]}*", "a full stop, which is no wild card", "点号不是通配符"),
        ("underscore", f"{value[0]}_{value[2:]}*", "_, which is no wild card", "_ 不是通配符"),
    ):
        if key not in stored and value[1] not in "._":
            yield KeyCase(id, (key,), en, zh)


def _wild_cards(value: str) -> Iterator[KeyCase]:
    half = max(1, len(value) // 2)
    yield KeyCase("prefix", (f"{value[:half]}*",), "the beginning and *", "开头加 *")
    yield KeyCase("suffix", (f"*{value[half:]}",), "* and the end", "* 加结尾")
    if len(value) > 2:
        yield KeyCase("middle", (f"*{value[1:-1]}*",), "* on both sides", "两侧加 *")
        yield KeyCase("inside", (f"{value[0]}*{value[-1]}",), "* within", "中间为 *")
    yield KeyCase("run-of-none", (f"{value}*",), "the value and *, which may stand for nothing",
                  "值后加 *（可匹配空）")  # fmt: skip
    yield KeyCase("one", (f"?{value[1:]}",), "? for the first character", "用 ? 代替首字符")
    yield KeyCase("one-last", (f"{value[:-1]}?",), "? for the last character", "用 ? 代替末字符")
    yield KeyCase("one-too-many", (f"{value}?",), "? where there is no character", "多出一个 ?")


def _names(stored: list[str]) -> Iterator[KeyCase]:
    plain = next((name for name in stored if name.isascii()), stored[0])
    yield KeyCase("single", (plain,), "a whole name", "完整姓名")
    yield KeyCase("single-absent", (_absent("PN", stored),), "a name that is not there",
                  "不存在的姓名")  # fmt: skip
    yield KeyCase("any", ("*",), "* alone, which is universal matching", "仅有 *，即通配匹配")
    family = plain.split("=")[0].split("^")[0]
    if "^" in plain:
        yield KeyCase("family", (f"{family}^*",), "the family name and ^*", "姓加 ^*")
        yield KeyCase("family-only", (family,), "the family name without *", "仅有姓，无 *")
    yield from _wild_cards(plain)
    if plain.swapcase() not in stored:
        yield KeyCase(
            "other-case", (plain.swapcase(),), "the name in other case", "大小写不同的姓名"
        )
    wide = [name for name in stored if extended((name,))]
    for number, name in enumerate(wide, 1):
        yield KeyCase(f"wide-{number}", (name,), "a name beyond ASCII", "非 ASCII 姓名")
        groups = [group for group in name.split("=") if group]
        yield KeyCase(f"wide-{number}-prefix", (f"{groups[0].split('^')[0]}*",),
                      "the family name beyond ASCII and *", "非 ASCII 的姓加 *")  # fmt: skip
        if len(groups) > 1:
            yield KeyCase(f"wide-{number}-group", (groups[1],), "one component group",
                          "单个组成部分组")  # fmt: skip
            yield KeyCase(f"wide-{number}-within", (f"*{groups[1]}*",),
                          "one component group between *", "* 之间的组成部分组")  # fmt: skip


def _absent(vr: str, stored: list[str]) -> str:
    """A legal value that is not stored and looks like one that is."""
    value = stored[0]
    limit = 16 if vr in ("AE", "CS", "SH") else 64
    for ending in ("X", "Q", "7", "XX", "QZ"):
        candidate = value[: limit - len(ending)] + ending
        if candidate not in stored:
            return candidate
    return "NOTTHERE"


def _absent_number(stored: list[str]) -> str:
    try:
        highest = max(float(value) for value in stored)
    except ValueError:
        return ""
    return str(int(highest) + 17)


def _shifted(day: str, days: int) -> str:
    moved = datetime.datetime.strptime(day, "%Y%m%d") + datetime.timedelta(days=days)
    return moved.strftime("%Y%m%d")


def _clock(minute: int) -> str:
    return f"{minute // 60:02}{minute % 60:02}"
