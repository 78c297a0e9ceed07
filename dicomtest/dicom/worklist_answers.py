"""The answers to one worklist query, laid out for the rules that judge them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from pydicom import Dataset

from dicomtest.dicom.answers import Answer
from dicomtest.dicom.attribute_values import Attributes, Item, Values, items, name_of, texts
from dicomtest.dicom.contents import Content
from dicomtest.dicom.matching import (
    WORKLIST,
    Agreement,
    has_wild_card,
    is_universal,
    match,
)
from dicomtest.dicom.orders import step_of, text
from dicomtest.dicom.three_valued import Match
from dicomtest.dicom.worklist_keys import narrowing
from dicomtest.dicom.worklist_model import STEP, worklist_key
from dicomtest.findings import Judgement, Level

PENDING = 0xFF00
PENDING_UNSUPPORTED_KEYS = 0xFF01  # PS3.4 Table K.4-1
NOT_RETURN_KEYS = frozenset({"SpecificCharacterSet", "TimezoneOffsetFromUTC"})

Identity = tuple[str, str]
"""Study Instance UID and Scheduled Procedure Step ID."""


def identity_of(item: Attributes) -> Identity:
    """What tells one scheduled step from every other."""
    return text(item, "StudyInstanceUID"), text(item, "ScheduledProcedureStepID")


@dataclass(frozen=True, eq=False)
class Known:
    """One scheduled step that the provider was told of.

    `exact`: it was told every identifier, so that it must answer with them. `may_be_gone`: it
    is under way or over, and the provider may have taken it off the list.
    """

    item: Attributes
    name: str = ""
    exact: bool = True
    may_be_gone: bool = False
    compared: dict[Content, list[Judgement]] = field(default_factory=dict, repr=False)

    @cached_property
    def identity(self) -> Identity:
        """What tells it from every other."""
        return identity_of(self.item)


@dataclass(frozen=True, eq=False)
class WorklistCase:
    """A request and everything needed to judge its answers.

    `complete`: the operation ended with Success, so that every match should be there.
    """

    known: Sequence[Known]
    keys: Mapping[str, Values]
    answers: Sequence[Answer]
    complete: bool = True
    agreement: Agreement = WORKLIST

    @cached_property
    def step_keys(self) -> Item | None:
        """The keys of the scheduled step; None when it was asked for as a whole."""
        inner = items(self.keys.get(STEP, ()))
        return inner[0] if inner and inner[0] else None

    @cached_property
    def narrowed(self) -> Mapping[str, Values]:
        """The keys that can rule a step out.

        A sequence whose item keys are all of zero length is asked back: a step without a code is
        returned, with zero length (PS3.4 K.2.2.1.2).
        """
        return narrowing(self.keys)

    @cached_property
    def required(self) -> Mapping[str, Values]:
        """The keys that every provider has to match: Required, and not asked beyond Table K.6-1."""
        return self._only(_is_required)

    @cached_property
    def shape(self) -> tuple[frozenset[str], frozenset[str] | None]:
        """Which attributes were asked for, whatever their values."""
        step = None if self.step_keys is None else frozenset(self.step_keys)
        return frozenset(self.keys), step

    @cached_property
    def of_identity(self) -> Mapping[Identity, Known]:
        """The steps of ours by what tells them apart."""
        return {each.identity: each for each in reversed(self.known)}

    def known_of(self, answer: Answer) -> Known | None:
        """The step of ours that an answer is about."""
        return self.of_identity.get(identity_of(answer.attributes))

    def must(self) -> Iterator[Known]:
        """The steps that match whatever freedom the provider uses.

        A provider that ignores an Optional Key answers more, never less.
        """
        if self._asked_beyond_the_table():
            return
        for each in self.known:
            matching = match(self.narrowed, each.item, self.agreement)
            if matching.match is Match.MATCH and not each.may_be_gone:
                yield each

    def excluded(self, item: Attributes) -> bool:
        """Whether an item must not be answered."""
        return match(self.required, item, self.agreement).match is Match.NO_MATCH

    def _asked_beyond_the_table(self) -> bool:
        """Whether a key has wild cards that need not be matched (PS3.4 Table K.6-1)."""
        return any(
            any(has_wild_card(each) for each in texts(key))
            and not (name.endswith("Name") or is_universal(key))
            for keys in (self.keys, self.step_keys or {})
            for name, key in keys.items()
        )

    def _only(self, wanted: Callable[[str, Values], bool]) -> Mapping[str, Values]:
        keys = self.narrowed
        made = {name: key for name, key in keys.items() if name != STEP and wanted(name, key)}
        inner = items(keys.get(STEP, ()))
        step = {name: key for name, key in inner[0].items() if wanted(name, key)} if inner else {}
        return {**made, STEP: (step,)} if step else made


def _is_required(name: str, key: Values) -> bool:
    """Whether matching of this key, asked in this way, is required (PS3.4 Table K.6-1)."""
    for in_step in (True, False):
        entry = worklist_key(name, in_step=in_step)
        if entry is not None and entry.required_matching:
            wild = any(has_wild_card(each) for each in texts(key))
            return name.endswith("Name") or not wild
    return False


def steps_in(answer: Answer) -> list[Dataset]:
    """The items of Scheduled Procedure Step Sequence; none when it is absent or no sequence."""
    value = answer.identifier.get(STEP)
    return [each for each in value or () if isinstance(each, Dataset)]


def step_names(answer: Answer) -> frozenset[str]:
    """The attributes in the item of Scheduled Procedure Step Sequence, those of bulk data too."""
    known = answer.content.results
    if step_names not in known:
        steps = steps_in(answer)
        tags = steps[0].keys() if steps else ()
        known[step_names] = frozenset(name_of(tag) for tag in tags if tag.element)
    return known[step_names]  # type: ignore[no-any-return]  # put there two lines above


def value_of(answer: Answer, name: str, *, in_step: bool) -> Values:
    """The value of an attribute in its place; () when it is empty or absent."""
    place: Mapping[str, Values] = step_of(answer.attributes) if in_step else answer.attributes
    return place.get(name, ())


RuleFunction = Callable[[WorklistCase], Iterable[Judgement]]
AnswerFunction = Callable[[WorklistCase, Answer], Iterable[Judgement]]
Decorator = Callable[[AnswerFunction], AnswerFunction]


@dataclass(frozen=True)
class WorklistRule:
    """One requirement on the answers to a worklist query, and the function that judges it."""

    id: str
    level: Level
    cites: tuple[str, ...]
    requirement: str
    consequence: str
    function: RuleFunction = field(repr=False)


_rules: dict[str, WorklistRule] = {}


def rule(
    id: str, level: Level, *cites: str, consequence: str = ""
) -> Callable[[RuleFunction], RuleFunction]:
    """Register a rule under an id; its docstring is the requirement in words."""

    def register(function: RuleFunction) -> RuleFunction:
        if id in _rules:
            raise ValueError(f"a rule named {id} is already registered")
        requirement = " ".join(inspect.cleandoc(function.__doc__ or "").split())
        _rules[id] = WorklistRule(id, level, cites, requirement, consequence, function)
        return function

    return register


def form_rule(id: str, level: Level, *cites: str, consequence: str = "") -> Decorator:
    """Register a rule on each answer alone: on its bytes, its status and what was asked for.

    Equal answers are judged once. The function says where in the answer, not in which.
    """

    def register(function: AnswerFunction) -> AnswerFunction:
        def of_case(case: WorklistCase) -> Iterator[Judgement]:
            for answer in case.answers:
                key = (id, case.shape, answer.status)
                results = answer.content.results
                if key not in results:
                    results[key] = list(function(case, answer))
                yield from located(results[key], answer.where)

        of_case.__doc__ = function.__doc__
        rule(id, level, *cites, consequence=consequence)(of_case)
        return function

    return register


def located(found: Iterable[Judgement], where: str) -> Iterator[Judgement]:
    """Judgements with the answer they are about; of those that hold nobody asks."""
    for each in found:
        if each.holds:
            yield each
        else:
            yield replace(each, where=f"{where} {each.where}".strip())


def registered() -> dict[str, WorklistRule]:
    """The rules registered so far by id; `worklist_rules.RULES` is all of them."""
    return _rules
