"""The queries worth asking over a known population: every key, every kind of matching.

Every query is narrow: it names a patient, studies or a prefix of ours, so that a system in
clinical use is never asked for everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from dicomtest.dicom.attribute_values import Attributes, extended, texts, vr_of
from dicomtest.dicom.information_model import (
    IMAGE,
    PATIENT,
    PATIENT_ROOT,
    SERIES,
    STUDY,
    STUDY_ROOT,
    UNIQUE_KEYS,
    InformationModel,
    QueryLevel,
)
from dicomtest.dicom.matching import has_wild_card
from dicomtest.dicom.population import LEVELS, Population
from dicomtest.dicom.query_cases import KeyCase, cases
from dicomtest.dicom.query_scope import Query, Scope, described, scopes, slug
from dicomtest.evidence import Instance

__all__ = ["Query", "plan_queries", "query_plan"]

# Optional Keys that are matched, where the population has values.
MATCHED_KEYS: dict[QueryLevel, tuple[str, ...]] = {
    PATIENT: ("PatientBirthDate", "PatientSex"),
    STUDY: ("StudyDescription", "ReferringPhysicianName", "ModalitiesInStudy"),
    SERIES: ("SeriesDescription", "BodyPartExamined"),
    IMAGE: ("SOPClassUID",),
}
# Optional Keys that are only asked for.
RETURNED_KEYS: dict[QueryLevel, tuple[str, ...]] = {
    PATIENT: ("NumberOfPatientRelatedStudies", "NumberOfPatientRelatedInstances"),
    STUDY: (
        *("SOPClassesInStudy", "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances"),
        *("PatientBirthDate", "PatientSex"),
    ),
    SERIES: ("NumberOfSeriesRelatedInstances", "SeriesDate", "SeriesTime"),
    IMAGE: ("Rows", "Columns", "BitsAllocated", "NumberOfFrames"),
}


def query_plan(
    population: Population,
    models: Sequence[InformationModel] = (STUDY_ROOT, PATIENT_ROOT),
) -> list[Query]:
    """Every query over this population; none where it is empty."""
    plan: list[Query] = []
    for model in models:
        for level in model.levels:
            for scope in scopes(population, model, level):
                plan += _in_scope(scope)
        if population.studies:
            plan += _not_processable(population, model)
    return plan


def plan_queries(
    instances: Sequence[Instance],
    model: Literal["study", "patient"],
    *,
    levels: Collection[str] = LEVELS,
    prefix: str = "",
) -> list[Query]:
    """The queries that every provider processes, at these levels of one model.

    With a `prefix`, only over patients whose ID begins with it.
    """
    ours = [each for each in instances if each.patient_id.startswith(prefix)]
    root = STUDY_ROOT if model == "study" else PATIENT_ROOT
    plan = query_plan(Population(ours), [root])
    return [each for each in plan if each.expect == "answers" and each.level in levels]


def _category(vr: str, key: tuple[str, ...]) -> str:
    if len(key) > 1:
        return "list-of-uid"
    if key == ("*",):
        return "universal"
    if vr in ("DA", "TM", "DT"):
        return "range" if "-" in key[0] else "single-value"
    return "wild-card" if has_wild_card(key[0]) else "single-value"


def _in_scope(scope: Scope) -> Iterator[Query]:
    level, model = scope.level, scope.model
    yield scope.query(
        "required-keys",
        scope.universal(),
        "universal",
        "every Required Key, universal matching",
        "所有必需键，通配匹配",
    )
    optional = (*MATCHED_KEYS[level], *RETURNED_KEYS[level])
    yield scope.query(
        "all-keys",
        scope.universal(optional),
        "universal",
        "Optional Keys as well, universal",
        "含可选键，通配匹配",
    )
    for name in (UNIQUE_KEYS[level], *sorted(model.required(level)), *MATCHED_KEYS[level]):
        if model.level_of(name) != level:
            continue
        values = [text for each in scope.entities for text in texts(each.value(name))]
        for case in cases(vr_of(name), values):
            # A wild card is not for the Unique Key (PS3.4 C.4.1.2.1), and not narrow either.
            if level != PATIENT or name != scope.unique or case.id.startswith("single"):
                yield from _one_key(scope, name, case)
    yield from _several_keys(scope)


def _one_key(scope: Scope, name: str, case: KeyCase) -> Iterator[Query]:
    keys = scope.with_key(name, case.key)
    required = not scope.model.is_optional(name, scope.level)
    category = _category(vr_of(name), case.key)
    en, zh = described(name)
    id, en, zh = f"{slug(name)}.{case.id}", f"{en}: {case.en}", f"{zh}：{case.zh}"
    yield scope.query(id, keys, category, en, zh, required_only=required)
    if extended(case.key):
        yield scope.query(
            f"{id}.utf-8",
            keys,
            category,
            f"{en}, in ISO_IR 192",
            f"{zh}，使用 ISO_IR 192",
            required_only=required,
            character_set=("ISO_IR 192",),
        )


def _several_keys(scope: Scope) -> Iterator[Query]:
    """Keys that are all to be met at once, and then one of them not."""
    first = scope.entities[0]
    names = sorted(scope.model.required(scope.level) - set(scope.narrow))
    together: Attributes = {
        name: texts(first.value(name))[:1] for name in names if texts(first.value(name))
    }
    if len(together) < 2:
        return
    universal = scope.universal()
    yield scope.query(
        "several",
        {**universal, **together},
        "several-keys",
        "all keys of one entity together",
        "同一实体的多个键组合",
    )
    for name, value in together.items():
        for case in cases(vr_of(name), texts(value)):
            if case.id == "single-absent":
                en, zh = described(name)
                keys = {**universal, **together, name: case.key}
                id = f"several.{slug(name)}-absent"
                yield scope.query(
                    id, keys, "several-keys", f"all keys, but another {en}", f"多个键，但{zh}不符"
                )
    if scope.level == STUDY:
        yield from _dates_with_times(scope)


def _dates_with_times(scope: Scope) -> Iterator[Query]:
    """Date and time ranges are independent unless negotiated (PS3.4 C.2.2.2.5, C.5.1.1)."""
    days = sorted({text for each in scope.entities for text in texts(each.value("StudyDate"))})
    times = sorted({text for each in scope.entities for text in texts(each.value("StudyTime"))})
    if days and times:
        keys = {
            **scope.universal(),
            "StudyDate": (f"{days[0]}-{days[-1]}",),
            "StudyTime": (f"{times[0]}-{times[len(times) // 2]}",),
        }
        yield scope.query(
            "date-and-time-range",
            keys,
            "range",
            "a range of days and one of times, each by itself",
            "日期范围与时间范围各自独立匹配",
        )


def _not_processable(population: Population, model: InformationModel) -> Iterator[Query]:
    """Requests that no provider can process: an error is asked for, not "no match"."""
    study = next(iter(population.studies.values()))
    series = next(iter(study.children))
    narrow: Attributes = {"StudyInstanceUID": (study.unique,)}
    if PATIENT in model.levels:
        narrow["PatientID"] = (study.at(PATIENT).unique,)
    without = {name: key for name, key in narrow.items() if name != "StudyInstanceUID"}
    below = {**without, "QueryRetrieveLevel": ("SERIES",), "SeriesInstanceUID": (series,)}
    wrong: list[tuple[str, QueryLevel, Attributes, str, str]] = [
        ("no-level", STUDY, narrow, "no Query/Retrieve Level", "缺少查询级别"),
        (
            "unknown-level",
            STUDY,
            {**narrow, "QueryRetrieveLevel": ("BOGUS",)},
            "a Query/Retrieve Level that does not exist",
            "不存在的查询级别",
        ),
        (
            "no-study-uid",
            SERIES,
            below,
            "SERIES level without Study Instance UID",
            "SERIES 级别缺少检查实例 UID",
        ),
    ]
    if PATIENT not in model.levels:
        patient: Attributes = {"PatientID": (study.at(PATIENT).unique,)}
        patient["QueryRetrieveLevel"] = ("PATIENT",)
        words = "PATIENT level in Study Root", "Study Root 中使用 PATIENT 级别"
        wrong.append(("patient-level", STUDY, patient, *words))
    for name, level, keys, en, zh in wrong:
        id = f"{slug(model.name)}.refused.{name}"
        yield Query(id, model, level, keys, "refused", en, zh, expect="refusal")
