"""Which entities of a population a query must, may and must not return.

PS3.4 C.4.1.3.1.1 (hierarchical) and C.4.1.3.2.2 (relational).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from dicomtest.dicom.attribute_values import Values, extended, texts
from dicomtest.dicom.charsets import terms
from dicomtest.dicom.freedoms import INCONSISTENT, OPTIONAL_KEY, OTHER_LEVEL, UNIQUE_WILD_CARD
from dicomtest.dicom.information_model import (
    UNIQUE_KEYS,
    InformationModel,
    QueryLevel,
)
from dicomtest.dicom.matching import BASELINE, Agreement, asks_only, has_wild_card, match
from dicomtest.dicom.population import Entity, Population
from dicomtest.dicom.three_valued import YES, Match, Matching, all_of, either


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity of the query's level that is not ruled out, and how it matches."""

    entity: Entity
    matching: Matching


@dataclass(frozen=True, slots=True)
class Answers:
    """What a query finds; entities that are in none of the lists must not be returned."""

    level: QueryLevel
    candidates: tuple[Candidate, ...]

    @property
    def must(self) -> list[Entity]:
        """Those every provider returns."""
        return [each.entity for each in self.candidates if each.matching.match is Match.MATCH]

    @property
    def may(self) -> list[Candidate]:
        """Those the standard leaves to the provider, each with the reason."""
        return [each for each in self.candidates if each.matching.match is Match.EITHER]

    @property
    def strict(self) -> list[Entity]:
        """Those a literal-minded provider returns: what a simulator answers."""
        return [each.entity for each in self.candidates if each.matching.strict]

    def of(self, unique: str) -> Match:
        """Whether the entity with this Unique Key is to be returned."""
        for each in self.candidates:
            if each.entity.unique == unique:
                return each.matching.match
        return Match.NO_MATCH


def find(
    population: Population,
    model: InformationModel,
    level: QueryLevel,
    keys: Mapping[str, Values],
    *,
    agreement: Agreement = BASELINE,
    supported: Collection[str] | None = None,
) -> Answers:
    """Match the keys of an identifier against the entities of one level.

    `supported` are the Optional Keys the provider matches; None if that is not known, and then
    an Optional Key rules nothing out.
    """
    found = [
        Candidate(entity, matching)
        for entity in _reachable(population, model, level, keys)
        if (matching := match_entity(entity, model, keys, agreement, supported)).match
    ]
    return Answers(level, tuple(found))


def match_entity(
    entity: Entity,
    model: InformationModel,
    keys: Mapping[str, Values],
    agreement: Agreement = BASELINE,
    supported: Collection[str] | None = None,
) -> Matching:
    """Match one entity of the query's level.

    Text beyond ASCII has to be matched in the character set it was stored in; in another only
    by a provider that claims to support it, for else matching is undefined (PS3.4 C.2.2.2).
    """
    agreement = in_character_set(agreement, keys, entity.character_set)
    return match_values(
        entity.level, model, keys, entity.value, agreement, supported, entity.alternatives
    )


def in_character_set(
    agreement: Agreement, keys: Mapping[str, Values], stored: tuple[str, ...]
) -> Agreement:
    """The agreement, with the answer to whether text stored so is to be found by these keys."""
    if not any(extended(key) for key in keys.values()):
        return agreement
    asked = terms(texts(keys.get("SpecificCharacterSet", ())))
    known = asked == stored or set(asked) <= agreement.character_sets
    return replace(agreement, character_set_supported=known)


def match_values(
    level: QueryLevel,
    model: InformationModel,
    keys: Mapping[str, Values],
    value: Callable[[str], Values],
    agreement: Agreement = BASELINE,
    supported: Collection[str] | None = None,
    alternatives: Callable[[str], list[Values]] = lambda name: [],  # noqa: ARG005 - none by default
) -> Matching:
    """Match the keys of an identifier against values, wherever these come from."""
    required: dict[str, Values] = {}
    optional: dict[str, Values] = {}
    elsewhere: dict[str, Values] = {}
    above = model.unique_keys_above(level)
    for name, key in keys.items():
        of = model.level_of(name)
        if of is None or asks_only(key):
            continue
        if name in above or (agreement.relational and of in model.above(level)):
            required[name] = key
        elif of != level:
            elsewhere[name] = key
        elif model.is_optional(name, level):
            optional[name] = key
        else:
            required[name] = key
    found = [_match(required, value, alternatives, agreement)]
    found += _match_optional(optional, value, alternatives, agreement, supported)
    if elsewhere:
        matching = _match(elsewhere, value, alternatives, agreement)
        found.append(matching if matching.match is Match.MATCH else either(OTHER_LEVEL, True))
    unique = UNIQUE_KEYS[level]
    if unique in required and any(has_wild_card(text) for text in texts(required[unique])):
        found.append(either(UNIQUE_WILD_CARD, True))
    return all_of(found)


def _match_optional(
    keys: dict[str, Values],
    value: Callable[[str], Values],
    alternatives: Callable[[str], list[Values]],
    agreement: Agreement,
    supported: Collection[str] | None,
) -> Iterator[Matching]:
    """Optional Keys rule out nothing where the provider need not match them (C.2.2.1.3)."""
    if supported is not None:
        keys = {name: key for name, key in keys.items() if name in supported}
    if not keys:
        return
    matching = _match(keys, value, alternatives, agreement)
    if supported is None and matching.match is Match.NO_MATCH:
        matching = either(OPTIONAL_KEY, False)
    yield matching


def _match(
    keys: dict[str, Values],
    value: Callable[[str], Values],
    alternatives: Callable[[str], list[Values]],
    agreement: Agreement,
) -> Matching:
    if not keys:
        return YES
    first = {name: value(name) for name in keys}
    matching = match(keys, first, agreement)
    for name in keys:
        for other in alternatives(name):
            if match(keys, {**first, name: other}, agreement).match != matching.match:
                return either(INCONSISTENT, matching.strict)
    return matching


def _reachable(
    population: Population,
    model: InformationModel,
    level: QueryLevel,
    keys: Mapping[str, Values],
) -> Iterator[Entity]:
    """The entities worth looking at: straight by Unique Key where one is given."""
    for each in (level, *reversed(model.above(level))):
        wanted = texts(keys.get(UNIQUE_KEYS[each], ()))
        if not wanted or any(has_wild_card(text) for text in wanted):
            continue
        known = population.of(each)
        for unique in dict.fromkeys(wanted):
            if unique in known:
                yield from known[unique].below(level)
        return
    yield from population.of(level).values()
