"""The worklist queries worth asking over known scheduled steps (PS3.4 K.6.1.2.2, IHE RAD-5).

Every Required Matching Key alone and combined, patient-based and broad queries, ranges, times on
both sides of midnight. With `within` a query is never about anything but patients of ours.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from dicomtest.dicom.attribute_values import Attributes, extended, fitting_character_set, vr_of
from dicomtest.dicom.matching import has_wild_card
from dicomtest.dicom.orders import text
from dicomtest.dicom.query_cases import cases
from dicomtest.dicom.query_scope import described, slug
from dicomtest.dicom.worklist_keys import nested, universal
from dicomtest.dicom.worklist_model import STEP

DATE, TIME = "ScheduledProcedureStepStartDate", "ScheduledProcedureStepStartTime"
PATIENT_BASED = ("PatientName", "PatientID", "AccessionNumber", "RequestedProcedureID")
BROAD = (DATE, "Modality", "ScheduledStationAETitle")

# Category of the queries about a Required Matching Key; None leaves a case out.
ALONE = {
    "ScheduledStationAETitle": "station",
    "Modality": "modality",
    "PatientID": "patient-id",
    DATE: "start-date",
    TIME: "start-time",
    "ScheduledPerformingPhysicianName": "physician",
    "PatientName": "patient-name",
}
# A key that takes a single value only is asked with nothing else (PS3.4 Table K.6-1).
SINGLE_ONLY = ("single", "single-absent", "beginning", "end", "other-case")
CATEGORIES = (
    *ALONE.values(),
    *("start-date-range", "start-time-range", "physician-wild-card", "patient-name-wild-card"),
    *("character-set", "date-time", "patient-based", "broad", "several-keys", "optional-key"),
    *("universal-sequence", "return-keys"),
)


@dataclass(frozen=True)
class WorklistQuery:
    """One worklist request to send, as data; `keys` are JSON values in their places.

    `category` says which kind of matching it is about, `purpose` and `purpose_zh` in words.
    """

    id: str
    category: str
    keys: Mapping[str, Any]
    purpose: str
    purpose_zh: str
    character_set: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Plan:
    """What all queries have in common."""

    items: Sequence[Attributes]
    within: Mapping[str, str]

    def query(
        self, id: str, category: str, keys: Mapping[str, str], en: str, zh: str
    ) -> WorklistQuery:
        """A query by these keys that asks everything else back."""
        values = [(value,) for value in keys.values()]
        wide = any(extended(each) for each in values)
        stored = next((_declared(each) for each in self.items if _holds(each, keys)), ())
        attributes: Attributes = {name: (value,) for name, value in keys.items()}
        return WorklistQuery(
            id=id,
            category=category,
            keys=nested({**universal(), **self.within, **keys}),
            purpose=en,
            purpose_zh=zh,
            character_set=fitting_character_set(attributes, stored) if wide else (),
        )


def plan_worklist(
    items: Sequence[Attributes], within: Mapping[str, str] | None = None
) -> list[WorklistQuery]:
    """Every query over these items; none when there are none.

    `within` are keys that every query has, unless it is about them.
    """
    if not items:
        return []
    plan = _Plan(items, within or {})
    return [
        *_each_key_alone(plan),
        *_date_and_time(plan),
        *_combined(plan, PATIENT_BASED, "patient-based"),
        *_combined(plan, BROAD, "broad"),
        *_several(plan),
        *_sequence(plan),
        *_by_study(plan),
        *_every_return_key(plan),
    ]


def _each_key_alone(plan: _Plan) -> Iterator[WorklistQuery]:
    for name, category in ALONE.items():
        vr = vr_of(name)
        en, zh = described(name)
        for case in cases(vr, [text(each, name) for each in plan.items]):
            if vr not in ("DA", "TM", "PN") and case.id not in SINGLE_ONLY:
                continue
            key = case.key[0]
            kind = category
            if vr in ("DA", "TM") and "-" in key:
                kind = f"{category}-range"
            elif not key.isascii():
                kind = "character-set"
            elif has_wild_card(key):
                kind = f"{category}-wild-card"
            yield plan.query(
                f"{slug(name)}.{case.id}", kind, {name: key}, f"{en}: {case.en}", f"{zh}：{case.zh}"
            )


def _date_and_time(plan: _Plan) -> Iterator[WorklistQuery]:
    """A range of dates and one of times are one range (PS3.4 C.2.2.2.5.4, K.6.1.2.2)."""
    moments = sorted(
        {(text(each, DATE), text(each, TIME)[:4]) for each in plan.items if text(each, TIME)}
    )
    if not moments:
        return
    (first_day, first), (last_day, last) = moments[0], moments[-1]
    night = _shifted(first_day, 1)
    ranges = (
        ("midnight", f"{first_day}-{night}", f"{first}-{_earlier(first)}",
         "from one time to an earlier one on the next day", "跨午夜的时间范围"),
        ("before-midnight", f"{first_day}-{night}", "2359-0001",
         "the two minutes around midnight", "午夜前后两分钟"),
        ("all", f"{first_day}-{last_day}", f"{first}-{last}",
         "from the first step to the last", "从最早到最晚的步骤"),
        ("since", f"{last_day}-", f"{last}-", "from a moment on", "自某时刻起"),
        ("until", f"-{first_day}", f"-{first}", "up to a moment", "截至某时刻"),
        ("before", f"{_shifted(first_day, -1)}-{first_day}", f"{first}-{_earlier(first)}",
         "the day before the first step", "最早步骤之前的一天"),
    )  # fmt: skip
    for id, dates, times, en, zh in ranges:
        yield plan.query(
            f"date-time.{id}",
            "date-time",
            {DATE: dates, TIME: times},
            f"date and time combined: {en}",
            f"日期与时间组合：{zh}",
        )


def _combined(plan: _Plan, names: Sequence[str], category: str) -> Iterator[WorklistQuery]:
    """All combinations of what IHE asks a modality to query by (RAD TF-2 4.5.4.1.2)."""
    plain = [each for each in plan.items if text(each, "PatientName").isascii()]
    item = (plain or plan.items)[-1]  # what a provider does beyond ASCII is asked elsewhere
    known = [name for name in names if text(item, name)]
    for count in range(1, len(known) + 1):
        for chosen in combinations(known, count):
            words = " and ".join(described(name)[0] for name in chosen)
            zh = "、".join(described(name)[1] for name in chosen)
            yield plan.query(
                f"{category}.{'+'.join(slug(name) for name in chosen)}",
                category,
                {name: text(item, name) for name in chosen},
                words,
                zh,
            )


def _several(plan: _Plan) -> Iterator[WorklistQuery]:
    """Keys that no single step has together, though each is there."""
    names = [name for name in (*ALONE, "AccessionNumber") if name not in (DATE, TIME)]
    for one, other in combinations(names, 2):
        pair = _crossed(plan.items, one, other)
        if pair is None:
            continue
        required = "AccessionNumber" not in (one, other)
        yield plan.query(
            f"several-keys.{slug(one)}+{slug(other)}",
            "several-keys" if required else "optional-key",
            {one: pair[0], other: pair[1]},
            f"{described(one)[0]} of one step and {described(other)[0]} of another",
            f"一个步骤的{described(one)[1]}与另一步骤的{described(other)[1]}",
        )


def _sequence(plan: _Plan) -> Iterator[WorklistQuery]:
    """The sequence without keys: of zero length, and with an item of zero length."""
    patient = text(plan.items[0], "PatientID")
    cases: tuple[tuple[str, list[dict[str, Any]], str, str], ...] = (
        ("zero-length", [], "of zero length", "零长度的预约程序步骤序列"),
        ("empty-item", [{}], "with an item of zero length", "含零长度条目的预约程序步骤序列"),
    )
    for id, value, en, zh in cases:
        made = plan.query(
            f"sequence.{id}",
            "universal-sequence",
            {"PatientID": patient},
            f"Scheduled Procedure Step Sequence {en}",
            zh,
        )
        yield replace(made, keys={**made.keys, STEP: value})


def _every_return_key(plan: _Plan) -> Iterator[WorklistQuery]:
    """All of Table K.6-1, and attributes of its modules that it leaves to the provider."""
    more = ("ReasonForTheRequestedProcedure", "EthnicGroup", "PatientComments")
    keys = {"PatientID": text(plan.items[0], "PatientID")}
    made = plan.query("return-keys", "return-keys", keys, "every return key", "所有返回键")
    every = {**universal(seldom=True), **dict.fromkeys(more, ""), **plan.within, **keys}
    yield replace(made, keys=nested(every))


def _by_study(plan: _Plan) -> Iterator[WorklistQuery]:
    uid = text(plan.items[0], "StudyInstanceUID")
    if uid:
        yield plan.query(
            "optional.study-instance-uid",
            "optional-key",
            {"StudyInstanceUID": uid},
            "one Study Instance UID",
            "单个检查实例 UID",
        )


def _crossed(items: Sequence[Attributes], one: str, other: str) -> tuple[str, str] | None:
    """Values of two keys that no item has together."""
    together = {(text(each, one), text(each, other)) for each in items}
    for left, _ in sorted(together):
        for _, right in sorted(together):
            if left and right and (left, right) not in together:
                return left, right
    return None


def _declared(item: Attributes) -> tuple[str, ...]:
    return tuple(each for each in item.get("SpecificCharacterSet", ()) if isinstance(each, str))


def _holds(item: Attributes, keys: Mapping[str, str]) -> bool:
    """Whether an item has the text beyond ASCII that a key asks for."""
    wide = [value.strip("*^") for value in keys.values() if not value.isascii()]
    values = [text(item, name) for name in keys]
    return bool(wide) and all(any(each in value for value in values) for each in wide)


def _shifted(day: str, days: int) -> str:
    moved = datetime.datetime.strptime(day, "%Y%m%d") + datetime.timedelta(days=days)
    return moved.strftime("%Y%m%d")


def _earlier(clock: str) -> str:
    """A minute before a time of day; the same at midnight."""
    minute = max(0, int(clock[:2]) * 60 + int(clock[2:4]) - 1)
    return f"{minute // 60:02}{minute % 60:02}"
