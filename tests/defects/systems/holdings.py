"""The objects an archive holds, in memory, and the entities of the information model in them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from .data_set import DataSet

LEVELS = ("PATIENT", "STUDY", "SERIES", "IMAGE")
UNIQUE_KEYS = {
    "PATIENT": "PatientID",
    "STUDY": "StudyInstanceUID",
    "SERIES": "SeriesInstanceUID",
    "IMAGE": "SOPInstanceUID",
}


@dataclass
class Stored:
    """One composite instance: the bytes to give back, and its attributes without bulk data."""

    sop_class: str
    sop_instance: str
    syntax: str
    data: bytes
    header: DataSet
    link: int = 0  # the association it came over

    def key(self, level: str) -> str:
        """Value of the unique key of a level."""
        return self.header.value(UNIQUE_KEYS[level])


@dataclass
class Entity:
    """One patient, study, series or composite instance, as a set of instances."""

    level: str
    instances: list[Stored]

    @property
    def header(self) -> DataSet:
        """Attributes are those of the first instance stored."""
        return self.instances[0].header

    def distinct(self, level: str) -> list[str]:
        """The values of the unique key of a lower level in this entity."""
        return list(dict.fromkeys(each.key(level) for each in self.instances))


@dataclass
class Holdings:
    """Instances in order of arrival."""

    instances: list[Stored] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, stored: Stored) -> None:
        """Add an instance; one with the same SOP Instance UID is replaced in its place."""
        with self.lock:
            for at, each in enumerate(self.instances):
                if each.sop_instance == stored.sop_instance:
                    self.instances[at] = stored
                    return
            self.instances.append(stored)

    def snapshot(self) -> list[Stored]:
        """The instances at this moment."""
        with self.lock:
            return list(self.instances)


def group(instances: list[Stored], level: str) -> list[Entity]:
    """Instances by the unique keys of a level and the levels above it, in order of arrival.

    A study belongs to one patient by its UID alone; a UID is unique in the whole world, so the
    unique key of the level is enough.
    """
    entities: dict[str, Entity] = {}
    for each in instances:
        entities.setdefault(each.key(level), Entity(level, [])).instances.append(each)
    return list(entities.values())
