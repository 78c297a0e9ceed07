"""The answers to one C-FIND request, laid out for the rules that judge them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pydicom import Dataset

from dicomtest.dicom.attribute_values import Attributes, Values, attributes_of, texts
from dicomtest.dicom.contents import Content
from dicomtest.dicom.information_model import (
    UNIQUE_KEYS,
    InformationModel,
    QueryLevel,
    level_of_request,
)
from dicomtest.dicom.matching import BASELINE, Agreement
from dicomtest.dicom.population import Entity, Population
from dicomtest.findings import Judgement, Level

PENDING = 0xFF00
PENDING_UNSUPPORTED_KEYS = 0xFF01  # PS3.4 Table C.4-1


@dataclass(frozen=True, eq=False)
class Answer:
    """One Pending response: its identifier and where it stands in the evidence."""

    identifier: Dataset
    status: int = PENDING
    where: str = ""
    shared: Content | None = field(default=None, repr=False)

    @cached_property
    def content(self) -> Content:
        """The identifier with what was already worked out from it."""
        return self.shared or Content(self.identifier)

    @property
    def attributes(self) -> Attributes:
        """The attributes that have a text form."""
        return self.content.attributes

    @property
    def names(self) -> frozenset[str]:
        """Every attribute there is, without the retired group lengths."""
        return self.content.names

    def value(self, name: str) -> Values:
        """The value of an attribute; () when it is empty or absent."""
        return self.attributes.get(name, ())

    def first(self, name: str) -> str:
        """The first value of an attribute as text; "" when there is none."""
        return next(iter(texts(self.value(name))), "")


@dataclass(frozen=True, eq=False)
class Case:
    """A request and everything needed to judge its answers.

    `complete`: the operation ended with Success, so that every match should be there.
    `foreign_ok`: the provider may hold entities that are not in the population.
    """

    population: Population
    model: InformationModel
    level: QueryLevel
    keys: Mapping[str, Values]
    answers: Sequence[Answer]
    agreement: Agreement = BASELINE
    complete: bool = True
    foreign_ok: bool = True

    @property
    def unique(self) -> str:
        """The Unique Key of the level."""
        return UNIQUE_KEYS[self.level]

    def known(self, answer: Answer) -> Entity | None:
        """The entity of the population an answer is about, where it can be told."""
        return self.population.of(self.level).get(answer.first(self.unique))

    def own_keys(self) -> Iterator[str]:
        """The keys that belong to the level of the query."""
        yield from (name for name in self.keys if self.model.level_of(name) == self.level)

    def optional_keys(self) -> Iterator[str]:
        """The Optional Keys of the level among the keys."""
        own = self.own_keys()
        yield from (name for name in own if self.model.is_optional(name, self.level))

    def matched_keys(self, answer: Answer) -> frozenset[str]:
        """The Optional Keys the provider says it matched in the same way as Required Keys."""
        if answer.status != PENDING:
            return frozenset()
        return frozenset(name for name in self.optional_keys() if name in answer.names)


RuleFunction = Callable[[Case], Iterable[Judgement]]


@dataclass(frozen=True)
class Rule:
    """One requirement on the answers, and the function that judges it."""

    id: str
    level: Level
    cites: str
    requirement: str
    function: RuleFunction = field(repr=False)


@dataclass(frozen=True)
class Verdict:
    """What one rule found at one place."""

    rule: Rule
    judgement: Judgement


_rules: dict[str, Rule] = {}


def rule(id: str, level: Level, cites: str) -> Callable[[RuleFunction], RuleFunction]:
    """Register a rule under an id; its docstring is the requirement in words."""

    def register(function: RuleFunction) -> RuleFunction:
        if id in _rules:
            raise ValueError(f"a rule named {id} is already registered")
        requirement = " ".join(inspect.cleandoc(function.__doc__ or "").split())
        _rules[id] = Rule(id, level, cites, requirement, function)
        return function

    return register


def registered() -> dict[str, Rule]:
    """The rules registered so far by id; `answer_rules.RULES` is all of them."""
    return _rules


def case_of(
    population: Population,
    model: InformationModel,
    identifier: Dataset | Mapping[str, Values],
    responses: Iterable[Answer | Dataset],
    *,
    agreement: Agreement = BASELINE,
    complete: bool = True,
    foreign_ok: bool = True,
) -> Case:
    """Lay out a request and its answers; raises ValueError for a request without a level."""
    keys = attributes_of(identifier) if isinstance(identifier, Dataset) else identifier
    level, wrong = level_of_request(model, keys)
    if level is None:
        raise ValueError(wrong[0].words)
    answers = [
        each if isinstance(each, Answer) else Answer(each, where=f"answer {number}")
        for number, each in enumerate(responses, 1)
    ]
    return Case(population, model, level, keys, answers, agreement, complete, foreign_ok)
