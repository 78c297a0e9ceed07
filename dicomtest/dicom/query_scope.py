"""Where a query looks: one level, some entities of ours there, and keys that lead to no others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydicom import Dataset
from pydicom.datadict import dictionary_description

from dicomtest.dicom.attribute_values import (
    Attributes,
    Values,
    data_set,
    extended,
    fitting_character_set,
    tag_of,
)
from dicomtest.dicom.information_model import (
    PATIENT,
    UNIQUE_KEYS,
    InformationModel,
    QueryLevel,
)
from dicomtest.dicom.population import Entity, Population

MOST_UIDS = 20  # in a list that keeps a query narrow
SHORTEST_PREFIX = 3

_CHINESE = {
    "PatientName": "患者姓名",
    "PatientID": "患者 ID",
    "PatientBirthDate": "出生日期",
    "PatientSex": "性别",
    "StudyInstanceUID": "检查实例 UID",
    "StudyDate": "检查日期",
    "StudyTime": "检查时间",
    "AccessionNumber": "检查号",
    "StudyID": "检查 ID",
    "StudyDescription": "检查描述",
    "ReferringPhysicianName": "申请医师姓名",
    "ModalitiesInStudy": "检查中的设备类型",
    "SeriesInstanceUID": "序列实例 UID",
    "Modality": "设备类型",
    "SeriesNumber": "序列号",
    "SeriesDescription": "序列描述",
    "BodyPartExamined": "检查部位",
    "SOPInstanceUID": "SOP 实例 UID",
    "SOPClassUID": "SOP 类 UID",
    "InstanceNumber": "实例号",
}


@dataclass(frozen=True)
class Query:
    """One C-FIND request to send, as data.

    `category` is the kind of matching it is about: universal, single-value, list-of-uid,
    wild-card, range, several-keys, or refused. `purpose` and `purpose_zh` say in words what it is
    for. `required_only`: every key that is matched is a Required or Unique Key, so every provider
    must support it. `expect` is "refusal" for requests that a provider cannot process.
    """

    id: str
    model: InformationModel
    level: QueryLevel
    keys: Mapping[str, Values]
    category: str
    purpose: str
    purpose_zh: str
    character_set: tuple[str, ...] = ()
    required_only: bool = True
    expect: Literal["answers", "refusal"] = "answers"

    @property
    def sop_class(self) -> str:
        """SOP Class UID of the C-FIND request."""
        return self.model.find

    def identifier(self) -> Dataset:
        """The request identifier, encoded as `character_set` says."""
        return data_set(self.keys, self.character_set)


@dataclass(frozen=True)
class Scope:
    """One level of one model, entities of ours at it, and the keys that narrow a query to them.

    `instead` narrows without the Patient ID, for queries that match it in other ways.
    """

    name: str
    model: InformationModel
    level: QueryLevel
    entities: Sequence[Entity]
    narrow: Mapping[str, Values]
    instead: Mapping[str, Values] = field(default_factory=dict)

    @property
    def unique(self) -> str:
        """The Unique Key of the level."""
        return UNIQUE_KEYS[self.level]

    def universal(self, optional: Sequence[str] = ()) -> Attributes:
        """Every Required Key and these Optional ones, universal but for what keeps it narrow."""
        keys: Attributes = {"QueryRetrieveLevel": (str(self.level),)}
        for name in (self.unique, *sorted(self.model.required(self.level)), *optional):
            if self.model.level_of(name) == self.level:
                keys[name] = ()
        return {**keys, **self.narrow}

    def with_key(self, name: str, key: Values) -> Attributes:
        """All Required Keys, of which one is matched."""
        keys = self.universal()
        if name in self.instead or name not in self.narrow:
            return {**keys, name: key}
        return {**keys, **self.instead, name: key}

    def query(
        self,
        id: str,
        keys: Mapping[str, Values],
        category: str,
        en: str,
        zh: str,
        *,
        required_only: bool = True,
        character_set: tuple[str, ...] = (),
    ) -> Query:
        """A query within this scope; its text is in the character set of the entities if it can."""
        wide = any(extended(values) for values in keys.values())
        stored = next((each.character_set for each in self.entities if _holds(each, keys)), ())
        return Query(
            id=f"{slug(self.model.name)}.{self.name}.{id}",
            model=self.model,
            level=self.level,
            keys=dict(keys),
            category=category,
            purpose=f"{self.level}: {en}",
            purpose_zh=f"{self.level}：{zh}",
            character_set=character_set or (fitting_character_set(keys, stored) if wide else ()),
            required_only=required_only,
        )


def scopes(population: Population, model: InformationModel, level: QueryLevel) -> Iterator[Scope]:
    """The places to query at a level: where there is most to tell apart."""
    if not population.studies:
        return
    name = level.lower()
    if level == PATIENT:
        for number, patient in enumerate(_two_patients(population), 1):
            narrow: Attributes = {"PatientID": (patient.unique,)}
            yield Scope(
                name if number == 1 else f"{name}-{number}", model, level, [patient], narrow
            )
        return
    if level == model.levels[0]:
        studies = list(population.studies.values())[:MOST_UIDS]
        listed: Attributes = {"StudyInstanceUID": tuple(each.unique for each in studies)}
        by_id = _patient_id_of(population) if len(studies) == len(population.studies) else None
        narrow = {"PatientID": (by_id,)} if by_id else listed
        yield Scope(name, model, level, studies, narrow, listed)
        return
    above = population.of(model.above(level)[-1]).values()
    parent = max((each for each in above if each.at(PATIENT).unique), key=_children, default=None)
    if parent is None:
        return
    upper = {UNIQUE_KEYS[each]: (parent.at(each).unique,) for each in model.above(level)}
    yield Scope(name, model, level, list(parent.children.values())[:MOST_UIDS], upper)


def described(name: str) -> tuple[str, str]:
    """The name of an attribute in words, English and Chinese."""
    en = dictionary_description(tag_of(name))
    return en, _CHINESE.get(name, en)


def slug(name: str) -> str:
    """`StudyInstanceUID` and `Study Root` as parts of an id: study-instance-uid, study-root."""
    words = re.sub(r"([a-z])([A-Z])|([A-Z])([A-Z][a-z])", r"\1\3-\2\4", name)
    return words.replace(" ", "-").lower()


def _children(entity: Entity) -> int:
    return len(entity.children)


def _holds(entity: Entity, keys: Mapping[str, Values]) -> bool:
    """Whether an entity has text that one of the keys asks for."""
    asked = [text for values in keys.values() for text in values if isinstance(text, str)]
    words = {part for text in asked for part in re.split(r"[*?^= ]", text) if not part.isascii()}
    known = "".join(str(entity.value(name)) for name in keys)
    return bool(words) and all(word in known for word in words)


def _two_patients(population: Population) -> Iterator[Entity]:
    """One patient, and one whose name goes beyond ASCII."""
    named = [each for each in population.patients.values() if each.unique]
    wide = [each for each in named if extended(each.value("PatientName"))]
    plain = [each for each in named if each not in wide]
    yield from [*plain[:1], *wide[:1]]


def _patient_id_of(population: Population) -> str | None:
    """A Patient ID key that fits all of ours: the one there is, or what they begin with and *."""
    ids = list(population.patients)
    if len(ids) == 1:
        return ids[0] or None
    first, last = min(ids), max(ids)
    prefix = first[: next((n for n, each in enumerate(first) if last[n : n + 1] != each), None)]
    if len(prefix) < SHORTEST_PREFIX or "*" in prefix or "?" in prefix:
        return None
    return f"{prefix}*"
