"""Rules on what a C-FIND returns: the right entities, with the values that were stored."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from dicomtest.dicom import date_time, person_names
from dicomtest.dicom.answers import Answer, Case, rule
from dicomtest.dicom.attribute_values import NUMBER_VRS, Values, items, texts, vr_of
from dicomtest.dicom.charsets import character_set_of
from dicomtest.dicom.finding import find, in_character_set, match_entity, match_values
from dicomtest.dicom.freedoms import UNKNOWN_VALUE
from dicomtest.dicom.matching import Match, match_attribute
from dicomtest.dicom.population import COMPUTED_KEYS, Entity
from dicomtest.findings import Judgement, Level, judge, show

MUST, SHOULD = Level.MUST, Level.SHOULD


@rule("only-matches", MUST, "PS3.4 C.4.1.3.1, C.2.2.2")
def every_answer_matches(case: Case) -> Iterator[Judgement]:
    """Every response is about an entity that matches all keys of the request.

    Where the standard leaves matching open, both answers hold. An entity that was not stored by
    this test is judged by the values of the response itself.
    """
    for answer in case.answers:
        entity = case.known(answer)
        if entity is None and not case.foreign_ok:
            actual = answer.first(case.unique) or "an unknown entity"
            yield judge(False, expected="what was stored", actual=actual, at=answer.where)
            continue
        supported = case.matched_keys(answer)
        if entity is not None:
            matching = match_entity(entity, case.model, case.keys, case.agreement, supported)
        else:
            keys = {name: key for name, key in case.keys.items() if name in answer.names}
            agreement = in_character_set(case.agreement, keys, character_set_of(answer.identifier))
            matching = match_values(
                case.level, case.model, keys, answer.value, agreement, supported
            )
        holds = matching.match is not Match.NO_MATCH
        wrong = "" if holds else _mismatches(case, answer, entity)
        yield judge(holds, expected="a match of all keys", actual=wrong, at=answer.where)


@rule("all-matches", MUST, "PS3.4 C.4.1.3.1")
def every_match_is_returned(case: Case) -> Iterator[Judgement]:
    """When the operation ends with Success, there was a response for every match."""
    if not case.complete:
        return
    returned = {answer.first(case.unique) for answer in case.answers}
    anonymous = sum(1 for answer in case.answers if not answer.first(case.unique))
    answers = find(case.population, case.model, case.level, case.keys, agreement=case.agreement)
    for entity in answers.must:
        # A response without its Unique Key is the business of another rule.
        holds = entity.unique in returned or anonymous > 0
        where = f"{case.unique} {entity.unique}"
        yield judge(holds, expected="a response", actual=None if not holds else "", at=where)


@rule("unknown-values", SHOULD, "PS3.4 C.2.2.1.2")
def unknown_required_keys_match(case: Case) -> Iterator[Judgement]:
    """An entity without a value for a Required Key matches whatever is asked for.

    The clause says "shall", but hardly any system does so and many users would not want it:
    reported, not failed.
    """
    above = case.model.unique_keys_above(case.level)
    own = case.model.required(case.level) | {case.unique}
    required = {name: key for name, key in case.keys.items() if name in own or name in above}
    returned = {answer.first(case.unique) for answer in case.answers}
    answers = find(case.population, case.model, case.level, required, agreement=case.agreement)
    for each in answers.may if case.complete else ():
        if each.matching.freedom is UNKNOWN_VALUE:
            unique = each.entity.unique
            where = f"{case.unique} {unique}"
            yield judge(unique in returned, expected="a response", actual=None, at=where)


@rule("stored-values", MUST, "PS3.4 C.4.1.3.1.1, C.4.1.1.3.2")
def values_are_those_that_were_stored(case: Case) -> Iterator[Judgement]:
    """Keys are returned with the values of the stored instances.

    An Optional Key may be empty; a Required Key only if the instances have no value for it.
    """
    for answer in case.answers:
        entity = case.known(answer)
        for name in case.own_keys() if entity is not None else ():
            if entity is None or name not in answer.names or name in COMPUTED_KEYS:
                continue
            stored, returned = entity.value(name), answer.value(name)
            if not stored or (not returned and case.model.is_optional(name, case.level)):
                continue
            same = any(
                same_values(vr_of(name), each, returned)
                for each in (stored, *entity.alternatives(name))
            )
            where = f"{answer.where} {name} of {entity.unique}"
            actual = _shown(returned) or "zero length"
            yield judge(same, expected=_shown(stored), actual=actual, at=where)


@rule("counts", MUST, "PS3.4 C.3.4, Table C.3-1")
def counts_and_lists_are_right(case: Case) -> Iterator[Judgement]:
    """Number of ... Related ..., Modalities in Study and SOP Classes in Study are right.

    They are Optional Keys: judged where they are returned with a value.
    """
    for answer in case.answers:
        entity = case.known(answer)
        for name in sorted(COMPUTED_KEYS & set(case.keys) & answer.names):
            returned = texts(answer.value(name))
            if entity is None or not returned or case.model.level_of(name) != case.level:
                continue
            right = texts(entity.value(name))
            same = sorted(right) == sorted(set(returned))
            if len(right) == 1 and len(returned) == 1:
                same = same_values(vr_of(name), right, returned)
            where = f"{answer.where} {name} of {entity.unique}"
            yield judge(same, expected=_shown(right), actual=_shown(returned), at=where)


def same_values(vr: str, stored: Values, returned: Values) -> bool:
    """Whether two attributes have the same values, by their meaning."""
    if vr == "SQ":
        # Only matching items, with what was asked for, are returned (PS3.4 C.2.2.2.6).
        return all(
            any(
                all(same_values(vr_of(name), one.get(name, ()), two[name]) for name in two)
                for one in items(stored)
            )
            for two in items(returned)
        )
    left, right = texts(stored), texts(returned)
    return len(left) == len(right) and all(
        _same(vr, one, two) for one, two in zip(left, right, strict=True)
    )


def _same(vr: str, stored: str, returned: str) -> bool:
    if stored == returned:
        return True
    if vr == "PN":
        stored, returned = person_names.tidy(stored), person_names.tidy(returned)
    if vr in ("DA", "TM", "DT"):
        one, two = date_time.parse(vr, stored), date_time.parse(vr, returned)
        return one is not None and two is not None and one.start == two.start
    if vr in ("IS", "DS") or vr in NUMBER_VRS:
        try:
            return float(stored) == float(returned)
        except ValueError:
            return False
    return unicodedata.normalize("NFC", stored) == unicodedata.normalize("NFC", returned)


def _mismatches(case: Case, answer: Answer, entity: Entity | None) -> str:
    """The keys that rule an entity out, with its values."""
    found = []
    for name, key in case.keys.items():
        if case.model.level_of(name) is None:
            continue
        value = answer.value(name) if entity is None else entity.value(name)
        if match_attribute(name, key, value, case.agreement).match is Match.NO_MATCH:
            found.append(f"{name} {_shown(value)} for {_shown(key)}")
    return "; ".join(found) or "the date and time combined are out of range"


def _shown(values: Values) -> str:
    return "\\".join(texts(values)) if not items(values) else show(items(values))
