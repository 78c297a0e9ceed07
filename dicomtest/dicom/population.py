"""Known instances grouped into patients, studies, series and instances, and what a query finds.

A judge builds one from what was stored, a simulated archive keeps one as its index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pydicom import Dataset

from dicomtest.dicom.attribute_values import Attributes, Values, attributes_of, from_json, texts
from dicomtest.dicom.charsets import terms
from dicomtest.dicom.information_model import (
    IMAGE,
    PATIENT,
    PATIENT_ROOT,
    SERIES,
    STUDY,
    UNIQUE_KEYS,
    QueryLevel,
)
from dicomtest.evidence import Instance

LEVELS = PATIENT_ROOT.levels


@dataclass(eq=False, slots=True)
class Entity:
    """A patient, study, series or composite object instance.

    `attributes` are those of its own level, as its first instance gave them; `others` holds what
    later instances said differently.
    """

    level: QueryLevel
    unique: str  # value of the Unique Key
    parent: Entity | None = None
    children: dict[str, Entity] = field(default_factory=dict)
    attributes: Attributes = field(default_factory=dict)
    others: dict[str, list[Values]] = field(default_factory=dict)
    character_set: tuple[str, ...] = ()

    def at(self, level: QueryLevel) -> Entity:
        """The entity itself or the one it belongs to at this level; KeyError below it."""
        entity: Entity | None = self
        while entity is not None:
            if entity.level == level:
                return entity
            entity = entity.parent
        raise KeyError(level)

    def below(self, level: QueryLevel) -> Iterator[Entity]:
        """The entities of this level that belong to it, itself included."""
        if self.level == level:
            yield self
            return
        for child in self.children.values():
            yield from child.below(level)

    def value(self, name: str) -> Values:
        """The value of an attribute of this entity or one above it; () if unknown."""
        owner = self._owner(name)
        if owner is None:
            return ()
        computed = _COMPUTED.get(name)
        return computed(owner) if computed is not None else owner.attributes.get(name, ())

    def alternatives(self, name: str) -> list[Values]:
        """What other instances of the entity hold instead."""
        owner = self._owner(name)
        return [] if owner is None else owner.others.get(name, [])

    def _owner(self, name: str) -> Entity | None:
        level = PATIENT_ROOT.level_of(name)
        if level is None or LEVELS.index(level) > LEVELS.index(self.level):
            return None
        return self.at(level)


class Population:
    """Entities by Unique Key, each level of its own. Not safe for threads by itself."""

    def __init__(self, instances: Iterable[Dataset | Instance | Mapping[str, Values]] = ()) -> None:
        """Add these instances; raises ValueError as `add` does."""
        self.patients: dict[str, Entity] = {}
        self.studies: dict[str, Entity] = {}
        self.series: dict[str, Entity] = {}
        self.instances: dict[str, Entity] = {}
        for each in instances:
            self.add(each)

    def add(self, instance: Dataset | Instance | Mapping[str, Values]) -> Entity:
        """Add one instance; a SOP Instance UID already there is left as it is.

        Raises ValueError when one of the three UIDs of the hierarchy is missing.
        """
        attributes = _attributes(instance)
        uniques = [next(iter(texts(attributes.get(UNIQUE_KEYS[each], ()))), "") for each in LEVELS]
        missing = [
            UNIQUE_KEYS[level]
            for level, unique in zip(LEVELS, uniques, strict=True)
            if not unique and level != PATIENT
        ]
        if missing:
            raise ValueError(f"the instance has no {', '.join(missing)}")
        known = self.instances.get(uniques[-1])
        if known is not None:
            return known
        split: dict[QueryLevel, Attributes] = {level: {} for level in LEVELS}
        for name, values in attributes.items():
            level = PATIENT_ROOT.level_of(name)
            if level is not None:
                split[level][name] = values
        parent: Entity | None = None
        for level, unique in zip(LEVELS, uniques, strict=True):
            parent = self._entity(level, unique, parent)
            _merge(parent, split[level], terms(texts(attributes.get("SpecificCharacterSet", ()))))
        assert parent is not None
        return parent

    def remove(self, sop_instance: str) -> None:
        """Forget an instance, and what is empty without it; KeyError if it is not there."""
        entity: Entity | None = self.instances[sop_instance]
        while entity is not None and not entity.children:
            parent = entity.parent
            del self.of(entity.level)[entity.unique]
            if parent is not None:
                del parent.children[entity.unique]
            entity = parent

    def of(self, level: QueryLevel) -> dict[str, Entity]:
        """The entities of a level by Unique Key."""
        return {
            PATIENT: self.patients,
            STUDY: self.studies,
            SERIES: self.series,
            IMAGE: self.instances,
        }[level]

    def _entity(self, level: QueryLevel, unique: str, parent: Entity | None) -> Entity:
        known = self.of(level)
        if unique not in known:
            known[unique] = Entity(level, unique, parent)
            if parent is not None:
                parent.children[unique] = known[unique]
        return known[unique]


def _attributes(instance: Dataset | Instance | Mapping[str, Values]) -> Mapping[str, Values]:
    if isinstance(instance, Dataset):
        return attributes_of(instance)
    if not isinstance(instance, Instance):
        return instance
    known = {
        "PatientID": instance.patient_id,
        "StudyInstanceUID": instance.study,
        "SeriesInstanceUID": instance.series,
        "SOPInstanceUID": instance.sop_instance,
        "SOPClassUID": instance.sop_class,
    }
    return from_json({**instance.attributes, **known})


def _merge(entity: Entity, attributes: Attributes, character_set: tuple[str, ...]) -> None:
    if not entity.attributes:
        entity.attributes, entity.character_set = attributes, character_set
        return
    for name in entity.attributes.keys() | attributes.keys():
        there, new = entity.attributes.get(name, ()), attributes.get(name, ())
        if there != new and new not in entity.others.get(name, ()):
            entity.others.setdefault(name, []).append(new)


def _count(level: QueryLevel) -> Callable[[Entity], Values]:
    def count(entity: Entity) -> Values:
        return (str(sum(1 for _ in entity.below(level))),)

    return count


def _distinct(name: str, level: QueryLevel) -> Callable[[Entity], Values]:
    def distinct(entity: Entity) -> Values:
        found = (text for each in entity.below(level) for text in texts(each.value(name)))
        return tuple(dict.fromkeys(found))

    return distinct


# Additional Query/Retrieve Attributes (PS3.4 Table C.3-1).
_COMPUTED: dict[str, Callable[[Entity], Values]] = {
    "NumberOfPatientRelatedStudies": _count(STUDY),
    "NumberOfPatientRelatedSeries": _count(SERIES),
    "NumberOfPatientRelatedInstances": _count(IMAGE),
    "NumberOfStudyRelatedSeries": _count(SERIES),
    "NumberOfStudyRelatedInstances": _count(IMAGE),
    "NumberOfSeriesRelatedInstances": _count(IMAGE),
    "ModalitiesInStudy": _distinct("Modality", SERIES),
    "SOPClassesInStudy": _distinct("SOPClassUID", IMAGE),
}
COMPUTED_KEYS = frozenset(_COMPUTED)
