"""Defects of C-FIND: levels, hierarchy, and how many matches come back (PS3.4 C.4.1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydicom.datadict import keyword_for_tag

from .association import Link
from .commands import PENDING, SUCCESS, Command, Message, response_to
from .data_set import DataSet, Element, write_data_set
from .defects_association import wait_for_the_end
from .deviation import defect
from .holdings import LEVELS, UNIQUE_KEYS, Entity
from .query import Refused
from .settings import NATIVE

HIERARCHY = "PS3.4 C.4.1.3.1"
C_FIND_RESPONSE = 0x8020


# --- hierarchy and levels ---


@defect("find", HIERARCHY, "matches_key")
def find_ignores_the_levels_above(
    archive: Any, inner: Any, identifier: DataSet, key: Element, entity: Entity
) -> bool:
    """Ignores the unique keys of the levels above: returns the series of all studies."""
    upper = LEVELS[: LEVELS.index(entity.level)]
    above = keyword_for_tag(key.tag) in {UNIQUE_KEYS[each] for each in upper}
    return (above and entity.level in LEVELS[2:]) or inner(identifier, key, entity)


@defect("find", HIERARCHY, "serve_find")
def find_bad_levels_match_nothing(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Answers 0000 without a match where the level is missing or not of the model."""
    identifier = archive.read_identifier(link, message)
    try:
        archive.query_level(message, identifier)
    except Refused:
        archive.reply(link, message, response_to(message, SUCCESS))
    else:
        inner(link, message)


@defect("find", HIERARCHY, "serve_find", level="should")
def find_missing_upper_keys_match_nothing(
    archive: Any, inner: Any, link: Link, message: Message
) -> None:
    """Answers 0000 without a match where the unique key of a level above is missing."""
    identifier = archive.read_identifier(link, message)
    try:
        archive.check_hierarchy(link, message, identifier, archive.query_level(message, identifier))
    except Refused:
        archive.reply(link, message, response_to(message, SUCCESS))
    else:
        inner(link, message)


@defect("find", HIERARCHY, "query_level")
def find_takes_a_missing_level_for_study(
    archive: Any, inner: Any, message: Message, identifier: DataSet
) -> str:
    """Answers a query without Query/Retrieve Level, or with one it does not know, as STUDY."""
    try:
        return str(inner(message, identifier))
    except Refused:
        identifier.put("QueryRetrieveLevel", "STUDY")
        return "STUDY"


@defect("find", "PS3.4 C.6", "matching_entities")
def find_image_level_is_empty(
    archive: Any, inner: Any, message: Message, identifier: DataSet, level: str
) -> list[Entity]:
    """Finds nothing at IMAGE level."""
    return [] if level == "IMAGE" else inner(message, identifier, level)


@defect("find", "PS3.4 C.6", "query_level")
def find_image_level_fails(archive: Any, inner: Any, message: Message, identifier: DataSet) -> str:
    """Answers C001 at IMAGE level."""
    level = str(inner(message, identifier))
    if level == "IMAGE":
        raise Refused(0xC001, "No instances here")
    return level


@defect("find", "PS3.4 C.6", "entities")
def find_series_level_knows_one_series(archive: Any, inner: Any, level: str) -> list[Entity]:
    """Returns the first series of each study only."""
    entities: list[Entity] = inner(level)
    if level != "SERIES":
        return entities
    first = {each.instances[0].key("STUDY"): each for each in reversed(entities)}
    return list(first.values())


# --- more or fewer matches ---


@defect("find", "PS3.4 C.4.1.3.1", "answers")
def find_loses_the_last_match(archive: Any, inner: Any, *arguments: Any) -> list[DataSet]:
    """Leaves out the last of several matches."""
    answers: list[DataSet] = inner(*arguments)
    return answers[:-1] if len(answers) > 1 else answers


@defect("find", "PS3.4 C.4.1.3.1", "answers")
def find_stops_at_two_matches(archive: Any, inner: Any, *arguments: Any) -> list[DataSet]:
    """Returns two matches at most and answers 0000."""
    answers: list[DataSet] = inner(*arguments)
    return answers[:2]


@defect("find", "PS3.4 C.4.1.3.1", "answers")
def find_returns_every_match_twice(archive: Any, inner: Any, *arguments: Any) -> list[DataSet]:
    """Returns each match twice."""
    answers: list[DataSet] = inner(*arguments)
    return [each for each in answers for _ in range(2)]


@defect("find", "PS3.4 C.4.1.3.1", "answers")
def find_returns_one_answer_per_instance(
    archive: Any, inner: Any, message: Message, identifier: DataSet, level: str
) -> list[DataSet]:
    """Returns a study once for each of its instances."""
    found: list[Entity] = archive.matching_entities(message, identifier, level)
    return [
        archive.answer(message, identifier, level, each) for each in found for _ in each.instances
    ]


@defect("find", "PS3.4 C.4.1.3.1", "matching_entities")
def find_adds_a_stranger(
    archive: Any, inner: Any, message: Message, identifier: DataSet, level: str
) -> list[Entity]:
    """Adds an entity that does not match to the matches."""
    found: list[Entity] = inner(message, identifier, level)
    keys = {each.instances[0].key(level) for each in found}
    others = [each for each in archive.entities(level) if each.instances[0].key(level) not in keys]
    return found + others[:1] if found else found


@defect("find", "PS3.4 C.4.1.3.1", "serve_find")
def find_fails_when_nothing_matches(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Answers C001 where it should answer 0000 without a match."""
    identifier = archive.read_identifier(link, message)
    try:
        level = archive.query_level(message, identifier)
        archive.check_hierarchy(link, message, identifier, level)
        nothing = not archive.matching_entities(message, identifier, level)
    except Refused:
        nothing = False
    if nothing:
        archive.reply(link, message, archive.failure(message, 0xC001, "Nothing found"))
    else:
        inner(link, message)


@defect("find", "PS3.4 C.4.1.1.3.2", "finish_find")
def find_answers_nothing_with_an_empty_match(
    archive: Any, inner: Any, link: Link, message: Message, identifier: DataSet
) -> None:
    """Sends an empty FF00 response where nothing matches."""
    level = archive.query_level(message, identifier)
    if not archive.matching_entities(message, identifier, level):
        empty = DataSet()
        empty.put("QueryRetrieveLevel", level)
        archive.send_answer(link, message, PENDING, empty)
    inner(link, message, identifier)


# --- the wrong place, the wrong words ---


@defect("find", "PS3.8 E.2", "reply")
def find_answers_on_another_context(
    archive: Any, inner: Any, link: Link, message: Message, response: Command, *data: Any
) -> None:
    """Answers on another accepted presentation context than that of the request."""
    others = [each for each in link.contexts if each != message.context_id]
    if response["CommandField"] == C_FIND_RESPONSE and others:
        message = replace(message, context_id=others[0])
    inner(link, message, response, *data)


@defect("find", "PS3.5 7.1", "send_answer")
def find_answers_in_another_transfer_syntax(
    archive: Any, inner: Any, link: Link, message: Message, status: int, answer: DataSet
) -> None:
    """Encodes answers with implicit VR where explicit VR was negotiated, and the other way."""
    accepted = link.contexts[message.context_id].accepted
    other = next(each for each in NATIVE[:2] if each != accepted)
    archive.reply(link, message, response_to(message, status), write_data_set(answer, other))


@defect("find", "PS3.5 6.2", "complete_answer")
def find_retrieve_ae_title_is_too_long(
    archive: Any, inner: Any, found: DataSet, level: str, entity: Entity
) -> None:
    """Answers a Retrieve AE Title of 20 characters."""
    inner(found, level, entity)
    found.put("RetrieveAETitle", "ARCHIVE_OF_ST_ELSEWH")


@defect("find", "PS3.4 C.4.1.1.4", "send_answer", level="should")
def find_mixes_pending_statuses(
    archive: Any, inner: Any, link: Link, message: Message, status: int, answer: DataSet
) -> None:
    """Sends every second match with FF01 and the others with FF00."""
    link.memory["turn"] = not link.memory.get("turn")
    inner(link, message, PENDING if link.memory["turn"] else 0xFF01, answer)


@defect("find", "PS3.7 9.3.2.3", "serve_find", settings={"answer_pause": 0.05})
def find_serves_nothing_after_a_cancel(
    archive: Any, inner: Any, link: Link, message: Message
) -> None:
    """Answers no query on an association on which one was cancelled."""
    if link.cancelled:
        wait_for_the_end(link)
    inner(link, message)
