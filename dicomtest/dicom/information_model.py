"""Query/Retrieve information models as data, and what an identifier must hold (PS3.4 C.4, C.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydicom import Dataset

from dicomtest.dicom.attribute_levels import (
    IMAGE,
    LEVEL_OF,
    NOT_KEYS,
    PATIENT,
    REQUIRED_KEYS,
    SERIES,
    STUDY,
    UNIQUE_KEYS,
    QueryLevel,
)
from dicomtest.dicom.attribute_values import Values, attributes_of, is_empty, items, texts, vr_of
from dicomtest.dicom.date_time import parse, parse_range

__all__ = [
    "IMAGE",
    "MODELS",
    "NOT_KEYS",
    "PATIENT",
    "PATIENT_ROOT",
    "SERIES",
    "STUDY",
    "STUDY_ROOT",
    "UNIQUE_KEYS",
    "IdentifierProblem",
    "InformationModel",
    "Operation",
    "QueryLevel",
    "identifier_faults",
    "level_of_request",
    "model_of",
    "request_problems",
]

Operation = Literal["FIND", "MOVE", "GET"]
DOES_NOT_MATCH = 0xA900  # Identifier does not match SOP Class (PS3.4 Tables C.4-1 to C.4-3)


@dataclass(frozen=True)
class InformationModel:
    """One Query/Retrieve Information Model: its levels, top first, and its SOP Classes."""

    name: str
    levels: tuple[QueryLevel, ...]
    find: str
    move: str
    get: str
    cites: str

    def above(self, level: QueryLevel) -> tuple[QueryLevel, ...]:
        """The levels over this one, top first."""
        return self.levels[: self.levels.index(level)]

    def level_of(self, keyword: str) -> QueryLevel | None:
        """The level an attribute belongs to; None for what is no key (PS3.4 C.4.1.1.3).

        Attributes of patients are attributes of studies where there is no patient level
        (PS3.4 C.3.2).
        """
        if keyword in NOT_KEYS:
            return None
        level = LEVEL_OF.get(keyword, IMAGE)
        return level if level in self.levels else self.levels[0]

    def unique_keys_above(self, level: QueryLevel) -> tuple[str, ...]:
        """Unique Keys of the levels over this one, top first."""
        return tuple(UNIQUE_KEYS[each] for each in self.above(level))

    def required(self, level: QueryLevel) -> frozenset[str]:
        """Required Keys of a level; a provider supports and matches them all (C.2.2.1.2)."""
        keys = REQUIRED_KEYS[level]
        if PATIENT not in self.levels and level == STUDY:
            keys |= REQUIRED_KEYS[PATIENT] | {UNIQUE_KEYS[PATIENT]}
        return keys

    def is_optional(self, keyword: str, level: QueryLevel) -> bool:
        """Whether a key of this level is an Optional Key (PS3.4 C.2.2.1.3)."""
        return keyword != UNIQUE_KEYS[level] and keyword not in self.required(level)


_QR = "1.2.840.10008.5.1.4.1.2."
PATIENT_ROOT = InformationModel(
    name="Patient Root",
    levels=(PATIENT, STUDY, SERIES, IMAGE),
    find=f"{_QR}1.1",
    move=f"{_QR}1.2",
    get=f"{_QR}1.3",
    cites="PS3.4 C.6.1",
)
STUDY_ROOT = InformationModel(
    name="Study Root",
    levels=(STUDY, SERIES, IMAGE),
    find=f"{_QR}2.1",
    move=f"{_QR}2.2",
    get=f"{_QR}2.3",
    cites="PS3.4 C.6.2",
)
MODELS = (PATIENT_ROOT, STUDY_ROOT)


def model_of(sop_class: str) -> tuple[InformationModel, Operation]:
    """The model and the operation of a Query/Retrieve SOP Class; raises KeyError for others."""
    for model in MODELS:
        if sop_class == model.find:
            return model, "FIND"
        if sop_class == model.move:
            return model, "MOVE"
        if sop_class == model.get:
            return model, "GET"
    raise KeyError(sop_class)


@dataclass(frozen=True, slots=True)
class IdentifierProblem:
    """One thing wrong with a request identifier.

    With `refuse` a provider cannot go on and answers `code`; without, only the user of the
    service broke a rule, and a good peer answers all the same.
    """

    keyword: str
    words: str
    cites: str
    refuse: bool = False
    code: int = DOES_NOT_MATCH


def request_problems(
    sop_class: str, identifier: Dataset | Mapping[str, Values], *, relational: bool = False
) -> list[IdentifierProblem]:
    """Why a provider refuses this request; none when it can be processed.

    Raises KeyError when the SOP Class is not one of Query/Retrieve.
    """
    faults = identifier_faults(sop_class, identifier, relational=relational)
    return [each for each in faults if each.refuse]


def identifier_faults(
    sop_class: str, identifier: Dataset | Mapping[str, Values], *, relational: bool = False
) -> list[IdentifierProblem]:
    """Everything wrong with the identifier of a request: what a user of the service is judged by.

    Raises KeyError when the SOP Class is not one of Query/Retrieve.
    """
    model, operation = model_of(sop_class)
    keys = attributes_of(identifier) if isinstance(identifier, Dataset) else identifier
    level, wrong = level_of_request(model, keys)
    if level is None:
        return wrong
    found = list(_above(model, level, keys, operation, relational))
    if operation == "FIND":
        found += _query_keys(model, level, keys, relational)
        found += _values(keys)
    else:
        found += _retrieve_keys(level, keys, model.unique_keys_above(level), operation)
    return found


def level_of_request(
    model: InformationModel, keys: Mapping[str, Values]
) -> tuple[QueryLevel | None, list[IdentifierProblem]]:
    """The Query/Retrieve Level asked for, or why there is none."""
    values = texts(keys.get("QueryRetrieveLevel", ()))
    allowed = ", ".join(model.levels)
    if len(values) == 1 and values[0] in model.levels:
        return QueryLevel(values[0]), []
    words = (
        f"Query/Retrieve Level is {' and '.join(values)!r}"
        if values
        else "Query/Retrieve Level is missing"
    )
    return None, [
        IdentifierProblem(
            "QueryRetrieveLevel",
            f"{words}; {model.name} has {allowed}",
            f"PS3.4 C.4.1.1.3.1, {model.cites[6:]}",
            refuse=True,
        )
    ]


def _above(
    model: InformationModel,
    level: QueryLevel,
    keys: Mapping[str, Values],
    operation: Operation,
    relational: bool,
) -> Iterator[IdentifierProblem]:
    """The Unique Key of every level above: there, one value, no wild card."""
    cites = {"FIND": "PS3.4 C.4.1.2.1", "MOVE": "PS3.4 C.4.2.2.1", "GET": "PS3.4 C.4.3.2.1"}
    if relational:
        return
    for keyword in model.unique_keys_above(level):
        values = texts(keys.get(keyword, ()))
        if not values:
            words = f"{keyword} of a level above {level} is missing"
        elif len(values) > 1:
            words = f"{keyword} of a level above {level} has {len(values)} values"
        elif "*" in values[0] or "?" in values[0]:
            words = f"{keyword} of a level above {level} holds a wild card"
        else:
            continue
        yield IdentifierProblem(keyword, words, cites[operation], refuse=True)


def _query_keys(
    model: InformationModel, level: QueryLevel, keys: Mapping[str, Values], relational: bool
) -> Iterator[IdentifierProblem]:
    unique = UNIQUE_KEYS[level]
    if unique not in keys:
        yield IdentifierProblem(
            unique, f"{unique}, the Unique Key of the level, is missing", "PS3.4 C.4.1.2.1"
        )
    above = model.above(level)
    for keyword in keys:
        of = model.level_of(keyword)
        if of is None or of == level or keyword in model.unique_keys_above(level) or relational:
            continue
        where = "above" if of in above else "below"
        words = f"{keyword} belongs to {of}, {where} the level of the query"
        yield IdentifierProblem(keyword, words, "PS3.4 C.4.1.2.1")
    if "InstanceAvailability" in keys:
        yield IdentifierProblem(
            "InstanceAvailability",
            "Instance Availability is for responses only",
            "PS3.4 C.4.1.1.3.2",
        )


def _values(keys: Mapping[str, Values]) -> Iterator[IdentifierProblem]:
    """Values no rule of matching applies to."""
    for keyword in ("SpecificCharacterSet", "TimezoneOffsetFromUTC"):
        if keyword in keys and is_empty(keys[keyword]):
            words = f"{keyword} has zero length"
            yield IdentifierProblem(keyword, words, "PS3.4 C.2.2.2")
    for keyword, values in keys.items():
        if keyword in NOT_KEYS:
            continue
        vr = vr_of(keyword)
        if len(items(values)) > 1:
            words = f"{keyword} has {len(items(values))} items, not one"
            yield IdentifierProblem(keyword, words, "PS3.4 C.2.2.2.6")
        if vr in ("DA", "TM", "DT"):
            for text in texts(values):
                if text and parse(vr, text) is None and parse_range(vr, text) is None:
                    words = f"{keyword} {text!r} is neither a {vr} value nor a range of them"
                    yield IdentifierProblem(keyword, words, "PS3.4 C.2.2.2.5")


def _retrieve_keys(
    level: QueryLevel, keys: Mapping[str, Values], above: tuple[str, ...], operation: Operation
) -> Iterator[IdentifierProblem]:
    part = {"MOVE": "C.4.2", "GET": "C.4.3"}[operation] if operation != "FIND" else ""
    unique = UNIQUE_KEYS[level]
    values = texts(keys.get(unique, ()))
    if not values:
        yield IdentifierProblem(
            unique,
            f"{unique}, which says what to retrieve, is missing",
            f"PS3.4 {part}.2.1",
            refuse=True,
        )
    if level == PATIENT and len(values) > 1:
        words = f"PatientID has {len(values)} values; it takes a single one"
        yield IdentifierProblem(unique, words, f"PS3.4 {part}.2.1", refuse=True)
    for keyword in keys:
        if keyword not in NOT_KEYS and keyword != unique and keyword not in above:
            words = f"{keyword} is no Unique Key of {level} or a level above"
            yield IdentifierProblem(keyword, words, "PS3.4 C.2.2.1.2, C.2.2.1.3")
