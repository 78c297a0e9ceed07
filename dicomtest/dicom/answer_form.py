"""Rules on the form of a C-FIND response identifier (PS3.4 C.4.1.1.3.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pydicom import config
from pydicom.valuerep import validate_value

from dicomtest.dicom.answers import PENDING, PENDING_UNSUPPORTED_KEYS, Answer, Case, rule
from dicomtest.dicom.attribute_values import texts, vr_of
from dicomtest.dicom.charsets import (
    SPECIFIC_CHARACTER_SET,
    TEXT_VRS,
    character_set_of,
    character_set_problems,
    problems,
    raw_text,
)
from dicomtest.dicom.information_model import NOT_KEYS
from dicomtest.dicom.population import COMPUTED_KEYS
from dicomtest.findings import Judgement, Level, hex_status, judge

MUST, SHOULD = Level.MUST, Level.SHOULD

AVAILABILITY = ("ONLINE", "NEARLINE", "OFFLINE", "UNAVAILABLE")
MEDIA = ("StorageMediaFileSetID", "StorageMediaFileSetUID")


@rule("only-requested", MUST, "PS3.4 C.4.1.1.3.2")
def only_what_was_asked(case: Case) -> Iterator[Judgement]:
    """A response holds no attribute that was not requested, but those the clause names."""
    allowed = NOT_KEYS | set(case.keys) | set(case.model.unique_keys_above(case.level))
    for answer in case.answers:
        extra = sorted(answer.names - allowed)
        yield judge(not extra, expected="only requested keys", actual=extra, at=answer.where)


@rule("required-keys", MUST, "PS3.4 C.2.2.1.2, C.4.1.1.3.2")
def required_keys_are_returned(case: Case) -> Iterator[Judgement]:
    """A response holds every requested Unique and Required Key, if only with zero length."""
    wanted = [name for name in case.own_keys() if not case.model.is_optional(name, case.level)]
    for answer in case.answers:
        for name in wanted:
            yield judge(name in answer.names, expected=name, actual=None, at=answer.where)


@rule("optional-keys", SHOULD, "PS3.4 C.2.2.1.3, C.4.1.1.3.2")
def optional_keys_are_returned_always_or_never(case: Case) -> Iterator[Judgement]:
    """An Optional Key the provider supports is in every response, with zero length if need be."""
    for name in case.optional_keys():
        supported = any(name in answer.names for answer in case.answers)
        for answer in case.answers if supported else ():
            yield judge(name in answer.names, expected=name, actual=None, at=answer.where)


@rule("pending-status", SHOULD, "PS3.4 C.4.1.1.4, Table C.4-1")
def the_status_says_whether_keys_are_supported(case: Case) -> Iterator[Judgement]:
    """A Pending response says FF01 if an Optional Key is not supported, and FF00 if all are."""
    optional = list(case.optional_keys())
    for answer in case.answers:
        missing = [name for name in optional if name not in answer.names]
        if missing:
            yield judge(
                answer.status == PENDING_UNSUPPORTED_KEYS,
                expected=f"FF01, since {', '.join(missing)} is not supported",
                actual=hex_status(answer.status),
                at=answer.where,
            )
        elif not optional and not _keys_of_other_levels(case):
            yield judge(
                answer.status == PENDING,
                expected="FF00, since no Optional Key was sent",
                actual=hex_status(answer.status),
                at=answer.where,
            )


@rule("pending-status-mixed", SHOULD, "PS3.4 C.4.1.1.4, Table C.4-1")
def one_request_has_one_pending_status(case: Case) -> Iterator[Judgement]:
    """All Pending responses to one request have the same status: what is supported is the same."""
    if case.answers:
        statuses = {hex_status(answer.status) for answer in case.answers}
        yield judge(len(statuses) == 1, expected="FF00 or FF01", actual=statuses)


@rule("level", MUST, "PS3.4 C.4.1.1.3.2")
def the_level_is_that_of_the_request(case: Case) -> Iterator[Judgement]:
    """A response holds the Query/Retrieve Level of the request."""
    for answer in case.answers:
        actual = answer.first("QueryRetrieveLevel") or None
        yield judge(actual == case.level, expected=case.level, actual=actual, at=answer.where)


@rule("higher-unique-keys", MUST, "PS3.4 C.4.1.3.1.1")
def unique_keys_of_higher_levels_are_returned(case: Case) -> Iterator[Judgement]:
    """A response holds the Unique Key of every level above that of the query."""
    for answer in case.answers:
        for name in case.model.unique_keys_above(case.level):
            asked = " or ".join(texts(case.keys.get(name, ())))
            actual = answer.first(name) or None
            holds = actual is not None and (case.agreement.relational or actual == asked)
            yield judge(holds, expected=f"{name} {asked}", actual=actual, at=answer.where)


@rule("character-set", MUST, "PS3.4 C.4.1.1.3.2, PS3.5 6.1.2")
def text_is_in_the_declared_character_set(case: Case) -> Iterator[Judgement]:
    """Text is encoded in the response's Specific Character Set, which is there if need be."""
    for answer in case.answers:
        wrong = list(_character_set_problems(answer))
        yield judge(not wrong, expected="text as declared", actual=wrong, at=answer.where)


@rule("retrieve-location", MUST, "PS3.4 C.4.1.1.3.2")
def it_says_where_to_retrieve_from(case: Case) -> Iterator[Judgement]:
    """A response holds Retrieve AE Title, or both Storage Media File-Set ID and UID.

    They may be empty at every level but the lowest.
    """
    lowest = case.level == case.model.levels[-1]
    for answer in case.answers:
        online = "RetrieveAETitle" in answer.names
        media = all(name in answer.names for name in MEDIA)
        yield judge(
            online or media,
            expected="Retrieve AE Title, or Storage Media File-Set ID and UID",
            actual=None,
            at=answer.where,
        )
        if lowest and (online or media):
            filled = answer.first("RetrieveAETitle") or all(answer.first(name) for name in MEDIA)
            yield judge(
                bool(filled), expected=f"a value at level {case.level}", actual="zero length",
                at=answer.where,
            )  # fmt: skip


@rule("instance-availability", MUST, "PS3.4 C.4.1.1.3.2")
def instance_availability_is_one_of_four(case: Case) -> Iterator[Judgement]:
    """Instance Availability, where it is there, is ONLINE, NEARLINE, OFFLINE or UNAVAILABLE."""
    for answer in case.answers:
        if "InstanceAvailability" in answer.names:
            values = texts(answer.value("InstanceAvailability"))
            holds = len(values) == 1 and values[0] in AVAILABILITY
            actual = values or "zero length"
            yield judge(holds, expected=" or ".join(AVAILABILITY), actual=actual, at=answer.where)


@rule("no-duplicates", MUST, "PS3.4 C.4.1.3.1, C.4.1.3.1.1")
def no_entity_is_returned_twice(case: Case) -> Iterator[Judgement]:
    """There is one response for each match."""
    uniques = [answer.first(case.unique) for answer in case.answers]
    for unique, times in Counter(each for each in uniques if each).items():
        yield judge(times == 1, expected=1, actual=times, at=f"{case.unique} {unique}")


@rule("legal-values", MUST, "PS3.5 6.2")
def values_the_provider_makes_are_legal(case: Case) -> Iterator[Judgement]:
    """What the provider itself puts into a response is legal for its VR."""
    made = COMPUTED_KEYS | {"RetrieveAETitle", *MEDIA}
    for answer in case.answers:
        for name in sorted(made & answer.names):
            wrong = _illegal(vr_of(name), texts(answer.value(name)))
            where = f"{answer.where} {name}".strip()
            yield judge(not wrong, expected=f"a legal {vr_of(name)}", actual=wrong, at=where)


def _keys_of_other_levels(case: Case) -> bool:
    """Whether keys were sent for which the clause does not say what to answer."""
    above = case.model.unique_keys_above(case.level)
    levels = (case.model.level_of(name) for name in case.keys if name not in above)
    return any(level not in (None, case.level) for level in levels)


def _illegal(vr: str, values: tuple[str, ...]) -> str:
    for value in values:
        try:
            validate_value(vr, value, config.RAISE)
        except ValueError as error:
            return str(error)
    return ""


def _character_set_problems(answer: Answer) -> Iterator[str]:
    declared = character_set_of(answer.identifier)
    if SPECIFIC_CHARACTER_SET in answer.identifier and not declared:
        yield "Specific Character Set has zero length"
    # ISO_IR 6 says in words what absence says; it harms nobody, and many send it.
    wrong = character_set_problems([each for each in declared if each != "ISO_IR 6"])
    yield from wrong
    for name in sorted(answer.attributes):
        vr = vr_of(name)
        raw = raw_text(answer.identifier, name) if vr in TEXT_VRS else None
        for each in problems(raw, vr, declared) if raw else ():
            yield f"{name}: {each}"
