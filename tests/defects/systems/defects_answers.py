"""Defects of C-FIND: what an answer contains, and the order of responses (PS3.4 C.4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydicom.datadict import keyword_for_tag

from .association import Link
from .commands import CANCEL, DATA_SET, PENDING, SUCCESS, Command, Message, response_to
from .data_set import TEXT, DataSet, Element, write_data_set
from .defects_association import wait_for_the_end
from .deviation import Level, defect
from .holdings import LEVELS, UNIQUE_KEYS, Entity
from .query import Refused, recoded
from .text import decode_text

RESPONSE = "PS3.4 C.4.1.1.3.2"
STATUS = "PS3.4 C.4.1.1.4"
BEHAVIOUR = "PS3.4 C.4.1.3.1"
RETRIEVE_AE = "PS3.4 C.4.1.1.3.2"
COUNTS = "PS3.4 C.3.4"
CHARSET = "PS3.3 C.12.1.1.2"
CANCELLED = "PS3.4 C.4.1.3.1"


# --- the identifier of a response ---


def changed_answer(
    name: str,
    says: str,
    clause: str,
    change: Callable[[DataSet, str], None],
    level: Level = "must",
) -> None:
    """Register a defect that changes each answer; `change` gets it and the level."""

    def answer(
        archive: Any, inner: Any, message: Message, identifier: DataSet, at: str, entity: Entity
    ) -> DataSet:
        found: DataSet = inner(message, identifier, at, entity)
        change(found, at)
        return found

    answer.__name__, answer.__doc__ = name, says
    defect("find", clause, "answer", level=level)(answer)


def _drop(*keywords: str) -> Callable[[DataSet, str], None]:
    def change(found: DataSet, at: str) -> None:
        for keyword in keywords:
            found.drop(keyword)

    return change


def _put(keyword: str, *values: str) -> Callable[[DataSet, str], None]:
    def change(found: DataSet, at: str) -> None:
        found.put(keyword, *values)

    return change


def _drop_upper_keys(found: DataSet, at: str) -> None:
    for level in LEVELS[: LEVELS.index(at)]:
        found.drop(UNIQUE_KEYS[level])


def _drop_own_key(found: DataSet, at: str) -> None:
    found.drop(UNIQUE_KEYS[at])


def _drop_empty(found: DataSet, at: str) -> None:
    for element in list(found):
        if not element.value and element.items is None:
            found.drop(element.tag)


def _texts(change: Callable[[str], str], *vrs: str) -> Callable[[DataSet, str], None]:
    def rewrite(found: DataSet, at: str) -> None:
        for element in list(found):
            if element.vr in vrs and keyword_for_tag(element.tag) not in UNIQUE_KEYS.values():
                values = [change(each) for each in found.values(element.tag)]
                found.put(element.tag, *values, vr=element.vr)

    return rewrite


def _add_unrequested(found: DataSet, at: str) -> None:
    found.put("InstitutionName", "ANY HOSPITAL")
    found.put("PatientComments", "")


def _wrong_vrs(found: DataSet, at: str) -> None:
    for element in found:
        if element.vr in ("DA", "PN", "SH"):
            element.vr = "LO"


changed_answer(
    "find_answers_without_level",
    "Leaves Query/Retrieve Level out.",
    RESPONSE,
    _drop("QueryRetrieveLevel"),
)
changed_answer(
    "find_answers_with_another_level",
    "Answers with Query/Retrieve Level IMAGE for SERIES and SERIES for anything else.",
    RESPONSE,
    lambda found, at: found.put("QueryRetrieveLevel", "IMAGE" if at == "SERIES" else "SERIES"),
)
changed_answer(
    "find_answers_without_upper_keys",
    "Leaves the unique keys of the levels above out.",
    RESPONSE,
    _drop_upper_keys,
)
changed_answer(
    "find_answers_without_unique_key",
    "Leaves the unique key of the level out.",
    RESPONSE,
    _drop_own_key,
)
changed_answer(
    "find_answers_without_retrieve_ae_title",
    "Sends neither Retrieve AE Title nor a Storage Media File-set.",
    RETRIEVE_AE,
    _drop("RetrieveAETitle"),
)
changed_answer(
    "find_answers_with_empty_retrieve_ae_title",
    "Leaves Retrieve AE Title empty at every level.",
    RETRIEVE_AE,
    _put("RetrieveAETitle"),
)
changed_answer(
    "find_illegal_availability",
    "Answers Instance Availability YES.",
    RETRIEVE_AE,
    _put("InstanceAvailability", "YES"),
)
changed_answer(
    "find_empty_availability",
    "Answers Instance Availability without a value.",
    RETRIEVE_AE,
    _put("InstanceAvailability"),
)
changed_answer(
    "find_answers_without_unknown_keys",
    "Leaves requested attributes out when they have no value.",
    RESPONSE,
    _drop_empty,
)
changed_answer(
    "find_answers_without_study_date", "Never returns Study Date.", RESPONSE, _drop("StudyDate")
)
changed_answer(
    "find_answers_without_patient_name",
    "Never returns Patient's Name.",
    RESPONSE,
    _drop("PatientName"),
)
changed_answer(
    "find_answers_without_modality", "Never returns Modality.", RESPONSE, _drop("Modality")
)
changed_answer(
    "find_answers_without_instance_number",
    "Never returns Instance Number.",
    RESPONSE,
    _drop("InstanceNumber"),
)
changed_answer(
    "find_answers_what_nobody_asked",
    "Adds attributes that were not requested.",
    RESPONSE,
    _add_unrequested,
)
changed_answer(
    "find_cuts_texts",
    "Cuts text in answers to eight characters.",
    BEHAVIOUR,
    _texts(lambda text: text[:8], "LO", "PN", "SH", "LT", "ST"),
)
changed_answer(
    "find_answers_in_capitals",
    "Turns text in answers into capitals.",
    BEHAVIOUR,
    _texts(str.upper, "LO", "PN", "SH", "LT", "ST"),
)
changed_answer(
    "find_dates_with_hyphens",
    "Writes dates in answers as 2024-01-31.",
    "PS3.5 6.2",
    _texts(lambda text: f"{text[:4]}-{text[4:6]}-{text[6:]}" if text else "", "DA"),
)
changed_answer(
    "find_answers_empty_values",
    "Returns requested attributes without their values.",
    BEHAVIOUR,
    _texts(lambda text: text[:0], "LO", "PN", "SH", "DA", "TM"),
)
changed_answer(
    "find_wrong_value_representations", "Writes dates and names as LO.", "PS3.5 6.2", _wrong_vrs
)


@defect("find", RESPONSE, "answer_key")
def find_universal_keys_are_not_returned(
    archive: Any, inner: Any, found: DataSet, key: Element, entity: Entity
) -> None:
    """Returns only the attributes whose key had a value."""
    if key.value or key.items or keyword_for_tag(key.tag) in UNIQUE_KEYS.values():
        inner(found, key, entity)


@defect("find", BEHAVIOUR, "answer_key")
def find_repeats_the_keys(
    archive: Any, inner: Any, found: DataSet, key: Element, entity: Entity
) -> None:
    """Returns the value of the key instead of that of the entity."""
    inner(found, key, entity)
    if key.value and key.vr not in ("UI", "CS"):
        found.elements[key.tag] = Element(key.tag, key.vr, key.value)


@defect("find", BEHAVIOUR, "answered")
def find_mixes_two_entities(archive: Any, inner: Any, entity: Entity, keyword: str) -> list[str]:
    """Answers with the patient's name and study date of another study."""
    if keyword not in ("PatientName", "StudyDate", "StudyDescription"):
        return list(inner(entity, keyword))
    others = archive.entities(entity.level)
    at = next(n for n, each in enumerate(others) if each.instances[0] is entity.instances[0])
    return list(inner(others[at - 1], keyword))


def wrong_count(keyword: str, change: int = 1) -> None:
    """Register the defect that one number of related entities is wrong."""

    def computed(archive: Any, inner: Any, entity: Entity, which: str) -> list[str]:
        values: list[str] = inner(entity, which)
        return [str(int(values[0]) + change)] if which == keyword else values

    words = "".join(f"_{c.lower()}" if c.isupper() else c for c in keyword)
    computed.__name__ = f"find_wrong{words}"
    computed.__doc__ = f"Answers {keyword} one too high."
    defect("find", COUNTS, "computed")(computed)


for _keyword in (
    "NumberOfPatientRelatedStudies",
    "NumberOfStudyRelatedSeries",
    "NumberOfStudyRelatedInstances",
    "NumberOfSeriesRelatedInstances",
):
    wrong_count(_keyword)


@defect("find", COUNTS, "computed")
def find_first_of_the_modalities(archive: Any, inner: Any, entity: Entity, which: str) -> list[str]:
    """Answers one of several Modalities in Study."""
    values: list[str] = inner(entity, which)
    return values[:1] if which == "ModalitiesInStudy" else values


@defect("find", COUNTS, "computed")
def find_invents_a_modality(archive: Any, inner: Any, entity: Entity, which: str) -> list[str]:
    """Adds OT to Modalities in Study."""
    values: list[str] = inner(entity, which)
    return [*values, "OT"] if which == "ModalitiesInStudy" else values


# --- character sets ---


@defect("find", CHARSET, "in_character_set")
def find_wrong_character_set_label(
    archive: Any, inner: Any, found: DataSet, entity: Entity
) -> DataSet:
    """Encodes answers in UTF-8 and calls it ISO_IR 100."""
    answer = recoded(found, ("ISO_IR 192",))
    answer.put("SpecificCharacterSet", "ISO_IR 100")
    return answer


@defect("find", CHARSET, "in_character_set")
def find_no_character_set_label(
    archive: Any, inner: Any, found: DataSet, entity: Entity
) -> DataSet:
    """Leaves Specific Character Set out of answers that need it."""
    answer: DataSet = inner(found, entity)
    answer.drop("SpecificCharacterSet")
    return answer


@defect("find", CHARSET, "in_character_set")
def find_encodes_twice(archive: Any, inner: Any, found: DataSet, entity: Entity) -> DataSet:
    """Answers in UTF-8 that was encoded twice."""
    twice = recoded(found, ("ISO_IR 192",))
    for element in list(twice):
        if element.vr in TEXT:
            text = [each.encode().decode("latin-1") for each in found.values(element.tag)]
            twice.put(element.tag, *text, vr=element.vr)
    twice.put("SpecificCharacterSet", "ISO_IR 192")
    return twice


@defect("find", CHARSET, "in_character_set")
def find_question_marks(archive: Any, inner: Any, found: DataSet, entity: Entity) -> DataSet:
    """Puts ? for every character outside ASCII."""
    return recoded(found, ())


@defect("find", CHARSET, "in_character_set")
def find_unknown_character_set(archive: Any, inner: Any, found: DataSet, entity: Entity) -> DataSet:
    """Answers with Specific Character Set UTF-8, which is no defined term."""
    answer = recoded(found, ("ISO_IR 192",))
    answer.put("SpecificCharacterSet", "UTF-8")
    return answer


@defect("find", "PS3.4 C.2.2.2", "read_identifier", level="should")
def find_ignores_the_character_set_of_keys(
    archive: Any, inner: Any, link: Link, message: Message
) -> DataSet:
    """Reads every key as Latin-1, whatever the request says."""
    identifier: DataSet = inner(link, message)
    for element in identifier:
        if element.vr in TEXT and element.value:
            text = decode_text(element.value, ("ISO_IR 100",), element.vr)
            element.value = text.encode()
    identifier.put("SpecificCharacterSet", "ISO_IR 192")
    return identifier


# --- responses ---


@defect("find", STATUS, "finish_find")
def find_final_with_identifier(
    archive: Any, inner: Any, link: Link, message: Message, identifier: DataSet
) -> None:
    """Sends an identifier with the final response."""
    data = write_data_set(identifier, link.contexts[message.context_id].accepted)
    archive.reply(link, message, response_to(message, SUCCESS), data)


@defect("find", STATUS, "send_answer")
def find_pending_without_identifier(
    archive: Any, inner: Any, link: Link, message: Message, status: int, answer: DataSet
) -> None:
    """Sends Pending responses without an identifier."""
    archive.reply(link, message, response_to(message, status))


@defect("find", RESPONSE, "send_answer")
def find_pending_with_empty_identifier(
    archive: Any, inner: Any, link: Link, message: Message, status: int, answer: DataSet
) -> None:
    """Sends Pending responses with an identifier of nothing but its level."""
    level = answer.value("QueryRetrieveLevel")
    empty = DataSet()
    empty.put("QueryRetrieveLevel", level)
    inner(link, message, status, empty)


@defect("find", RESPONSE, "send_answer")
def find_answers_cut_short(
    archive: Any, inner: Any, link: Link, message: Message, status: int, answer: DataSet
) -> None:
    """Sends identifiers that end in the middle of a value."""
    data = write_data_set(answer, link.contexts[message.context_id].accepted)
    archive.reply(link, message, response_to(message, status), data[:-4])


@defect("find", STATUS, "pending_status")
def find_illegal_pending_status(archive: Any, inner: Any, *arguments: Any) -> int:
    """Sends matches with status FF02."""
    return 0xFF02


@defect("find", STATUS, "pending_status", level="should")
def find_warns_without_reason(archive: Any, inner: Any, *arguments: Any) -> int:
    """Sends FF01 although it supports every key of the request."""
    return 0xFF01


@defect("find", STATUS, "pending_status")
def find_matches_with_success(archive: Any, inner: Any, *arguments: Any) -> int:
    """Sends the matches with status 0000."""
    return SUCCESS


def final_status(name: str, says: str, status: int) -> None:
    """Register a defect of the final status alone."""

    def finish_find(
        archive: Any, inner: Any, link: Link, message: Message, identifier: DataSet
    ) -> None:
        archive.reply(link, message, response_to(message, status))

    finish_find.__name__, finish_find.__doc__ = name, says
    defect("find", STATUS, "finish_find")(finish_find)


final_status("find_illegal_final_status", "Ends a query with 1234.", 0x1234)
final_status("find_ends_with_warning", "Ends a query with B000.", 0xB000)
final_status("find_ends_with_failure", "Ends a good query with C002 after the matches.", 0xC002)
final_status("find_ends_with_cancel", "Ends a query nobody cancelled with FE00.", CANCEL)


@defect("find", STATUS, "finish_find")
def find_no_final_response(
    archive: Any, inner: Any, link: Link, message: Message, identifier: DataSet
) -> None:
    """Sends the matches and no final response."""
    wait_for_the_end(link)


@defect("find", STATUS, "finish_find")
def find_pending_after_the_final_response(
    archive: Any, inner: Any, link: Link, message: Message, identifier: DataSet
) -> None:
    """Repeats the first match after the final response."""
    inner(link, message, identifier)
    level = archive.query_level(message, identifier)
    for answer in archive.answers(message, identifier, level)[:1]:
        archive.send_answer(link, message, PENDING, answer)


@defect("find", STATUS, "finish_find")
def find_ends_twice(
    archive: Any, inner: Any, link: Link, message: Message, identifier: DataSet
) -> None:
    """Sends the final response twice."""
    inner(link, message, identifier)
    inner(link, message, identifier)


@defect("find", "PS3.7 9.3.2.2", "reply")
def find_wrong_message_id(
    archive: Any, inner: Any, link: Link, message: Message, response: Command, *data: Any
) -> None:
    """Answers queries with a Message ID Being Responded To that is one too high."""
    if response["CommandField"] == 0x8020:
        wrong = (message.id + 1) % 0x10000
        response = response | {"MessageIDBeingRespondedTo": wrong}
    inner(link, message, response, *data)


@defect("find", "PS3.7 9.3.2.2", "reply")
def find_wrong_sop_class(
    archive: Any, inner: Any, link: Link, message: Message, response: Command, *data: Any
) -> None:
    """Names Verification as the SOP class in C-FIND responses."""
    if response["CommandField"] == 0x8020:
        response = response | {"AffectedSOPClassUID": "1.2.840.10008.1.1"}
    inner(link, message, response, *data)


@defect("find", "PS3.7 9.3.2.2", "send_answer")
def find_promises_an_identifier(
    archive: Any, inner: Any, link: Link, message: Message, status: int, answer: DataSet
) -> None:
    """Says that a data set follows a Pending response and sends none."""
    response = response_to(message, status) | {"CommandDataSetType": DATA_SET}
    link.send(message.context_id, response, None)


@defect("find", BEHAVIOUR, "serve_find")
def find_never_answers(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Does not answer C-FIND."""
    wait_for_the_end(link)


@defect("find", BEHAVIOUR, "serve_find")
def find_aborts(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Aborts on C-FIND."""
    link.fail("no query", 0)


@defect("find", BEHAVIOUR, "serve_find")
def find_always_fails(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Answers every query with C001."""
    raise Refused(0xC001, "Unable to process")


@defect("find", BEHAVIOUR, "serve_find")
def find_aborts_on_the_second_query(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Aborts when a second query comes over the same association."""
    if link.memory.setdefault("query", message) is not message:
        link.fail("one is enough", 0)
    inner(link, message)


@defect("find", BEHAVIOUR, "send_answer")
def find_stops_in_the_middle(
    archive: Any, inner: Any, link: Link, message: Message, status: int, answer: DataSet
) -> None:
    """Sends one match and then nothing more."""
    inner(link, message, status, answer)
    wait_for_the_end(link)


# --- C-CANCEL ---

SLOW = {"answer_pause": 0.05}


@defect("find", CANCELLED, "find_cancelled", settings=SLOW)
def find_ignores_cancel(archive: Any, inner: Any, *arguments: Any) -> bool:
    """Goes on sending matches after a C-CANCEL and ends with 0000."""
    return False


def cancelled(name: str, says: str, then: Callable[[Any, Link, Message], None]) -> None:
    """Register a defect of what happens once a C-CANCEL was seen."""

    def find_cancelled(archive: Any, inner: Any, link: Link, message: Message) -> bool:
        if not inner(link, message):
            return False
        link.cancelled.clear()
        then(archive, link, message)
        return True

    find_cancelled.__name__, find_cancelled.__doc__ = name, says
    defect("find", CANCELLED, "find_cancelled", settings=SLOW)(find_cancelled)


def _fail_association(archive: Any, link: Link, message: Message) -> None:
    link.fail("cancelled", 0)


def _say_nothing(archive: Any, link: Link, message: Message) -> None:
    wait_for_the_end(link)


cancelled("find_aborts_on_cancel", "Aborts on C-CANCEL.", _fail_association)
cancelled(
    "find_falls_silent_on_cancel", "Stops on C-CANCEL without a final response.", _say_nothing
)


@defect("find", CANCELLED, "reply", settings=SLOW)
def find_cancel_ends_with_success(
    archive: Any, inner: Any, link: Link, message: Message, response: Command, *data: Any
) -> None:
    """Stops on C-CANCEL and answers 0000, as if it had sent every match."""
    if response["Status"] == CANCEL:
        response = response | {"Status": SUCCESS}
    inner(link, message, response, *data)


@defect("find", CANCELLED, "reply", settings=SLOW)
def find_goes_on_after_cancel(
    archive: Any, inner: Any, link: Link, message: Message, response: Command, *data: Any
) -> None:
    """Answers C-CANCEL with FE00 and then sends another match."""
    if data and data[0] is not None:
        link.memory["last"] = (response, data)
    inner(link, message, response, *data)
    if response["Status"] == CANCEL and "last" in link.memory:
        last: Any = link.memory["last"]
        inner(link, message, last[0], *last[1])
