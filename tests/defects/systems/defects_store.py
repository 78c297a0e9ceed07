"""Defects of storage (PS3.4 Annex B)."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .association import Link
from .commands import C_STORE, SUCCESS, Command, Message, response_to
from .data_set import TEXT, DataSet, Element, encode_values
from .defects_association import CT_IMAGE, wait_for_the_end
from .deviation import defect
from .holdings import Stored
from .store import PIXEL_DATA, Verdict, header_of
from .upper_layer import IMPLICIT_LITTLE

KEPT = "PS3.4 B.4.1.1"
COERCED = "PS3.4 B.4.1.3"
STATUS = "PS3.4 B.2.3"
RESPONSE = "PS3.7 9.1.1.1"
LATE = 60.0  # seconds


def other_uid(uid: str) -> str:
    """Another UID, always the same for the same one."""
    return f"2.25.{int(hashlib.sha256(uid.encode()).hexdigest()[:30], 16)}"


# --- responses ---


@defect("store", STATUS, "keep")
def store_success_without_keeping(archive: Any, inner: Any, link: Link, stored: Stored) -> None:
    """Answers 0000 and keeps nothing."""


@defect("store", STATUS, "keep")
def store_loses_every_third(archive: Any, inner: Any, link: Link, stored: Stored) -> None:
    """Answers 0000 and loses the third, sixth ... object of an association."""
    if link.stored % 3:
        inner(link, stored)


@defect("store", STATUS, "judge_object")
def store_refuses_good_objects(archive: Any, inner: Any, *arguments: Any) -> Verdict:
    """Answers A700 (out of resources) to every object."""
    return Verdict(0xA700, "Out of resources")


@defect("store", STATUS, "judge_object", level="should")
def store_warns_without_need(archive: Any, inner: Any, *arguments: Any) -> Verdict:
    """Answers B000 (coercion) to every object although it changes nothing."""
    verdict: Verdict = inner(*arguments)
    return verdict if verdict.status else Verdict(0xB000)


@defect("store", STATUS, "store_response")
def store_illegal_status(archive: Any, inner: Any, *arguments: Any) -> Command:
    """Answers C-STORE with 1234."""
    response: Command = inner(*arguments)
    return response | {"Status": 0x1234}


@defect("store", STATUS, "store_response")
def store_pending(archive: Any, inner: Any, *arguments: Any) -> Command:
    """Answers C-STORE with FF00."""
    response: Command = inner(*arguments)
    return response | {"Status": 0xFF00}


@defect("store", RESPONSE, "store_response")
def store_wrong_instance_in_response(archive: Any, inner: Any, *arguments: Any) -> Command:
    """Names another SOP Instance UID in the response."""
    response: Command = inner(*arguments)
    return response | {"AffectedSOPInstanceUID": other_uid(response["AffectedSOPInstanceUID"])}


@defect("store", RESPONSE, "store_response")
def store_wrong_class_in_response(archive: Any, inner: Any, *arguments: Any) -> Command:
    """Names Secondary Capture in the response, whatever was sent."""
    response: Command = inner(*arguments)
    return response | {"AffectedSOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}


@defect("store", "PS3.7 9.3.1.2", "store_response")
def store_wrong_message_id(
    archive: Any, inner: Any, link: Link, message: Message, *rest: Any
) -> Command:
    """Answers with a Message ID Being Responded To that is one too high."""
    response: Command = inner(link, message, *rest)
    return response | {"MessageIDBeingRespondedTo": (message.id + 1) % 0x10000}


@defect("store", RESPONSE, "serve_store")
def store_never_answers(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Does not answer C-STORE."""
    wait_for_the_end(link)


@defect("store", RESPONSE, "serve_store")
def store_aborts_on_the_second_object(
    archive: Any, inner: Any, link: Link, message: Message
) -> None:
    """Aborts when a second object comes over the same association."""
    if link.stored:
        link.fail("one is enough", 0)
    inner(link, message)


@defect("store", "PS3.4 B.4.1", "judge_object")
def store_refuses_a_second_study(
    archive: Any, inner: Any, link: Link, message: Message, data_set: DataSet
) -> Verdict:
    """Answers C000 to objects of a second study in one association."""
    study = data_set.value("StudyInstanceUID")
    if link.memory.setdefault("study", study) != study:
        return Verdict(0xC000, "Another study")
    verdict: Verdict = inner(link, message, data_set)
    return verdict


@defect("store", STATUS, "judge_object", level="should")
def store_accepts_another_class(
    archive: Any, inner: Any, link: Link, message: Message, data_set: DataSet
) -> Verdict:
    """Answers 0000 to an object whose SOP Class UID differs from the command."""
    same = data_set.copy()
    same.put("SOPClassUID", message.sop_class)
    verdict: Verdict = inner(link, message, same)
    return verdict


@defect("store", STATUS, "judge_object", level="should")
def store_accepts_another_instance(
    archive: Any, inner: Any, link: Link, message: Message, data_set: DataSet
) -> Verdict:
    """Answers 0000 to an object whose SOP Instance UID differs from the command."""
    same = data_set.copy()
    same.put("SOPInstanceUID", message.sop_instance)
    verdict: Verdict = inner(link, message, same)
    return verdict


@defect("store", STATUS, "judge_object", level="should")
def store_refuses_duplicates(
    archive: Any, inner: Any, link: Link, message: Message, data_set: DataSet
) -> Verdict:
    """Answers A700 to an object that it has already."""
    if message.sop_instance in {each.sop_instance for each in archive.holdings.snapshot()}:
        return Verdict(0xA700, "Have it")
    verdict: Verdict = inner(link, message, data_set)
    return verdict


@defect("store", STATUS, "judge_object")
def store_refuses_while_another_is_storing(
    archive: Any, inner: Any, link: Link, message: Message, data_set: DataSet
) -> Verdict:
    """Answers A700 while another association that stored something is open."""
    if _others(archive, link):
        return Verdict(0xA700, "Busy")
    verdict: Verdict = inner(link, message, data_set)
    return verdict


@defect("store", RESPONSE, "judge_object")
def store_aborts_on_a_mismatch(
    archive: Any, inner: Any, link: Link, message: Message, data_set: DataSet
) -> Verdict:
    """Aborts on an object that contradicts its command."""
    verdict: Verdict = inner(link, message, data_set)
    if verdict.status == 0xA900:
        link.fail("mismatch", 0)
    return verdict


@defect("store", "PS3.5 10.1", "supported_syntaxes")
def store_without_the_default_transfer_syntax(
    archive: Any, inner: Any, abstract_syntax: str
) -> tuple[str, ...]:
    """Does not take objects in Implicit VR Little Endian."""
    syntaxes: tuple[str, ...] = inner(abstract_syntax)
    if abstract_syntax not in archive.settings.storage_classes:
        return syntaxes
    return tuple(each for each in syntaxes if each != IMPLICIT_LITTLE)


@defect("store", "PS3.2 7", "supported_syntaxes")
def store_does_not_take_a_class_it_claims(
    archive: Any, inner: Any, abstract_syntax: str
) -> tuple[str, ...]:
    """Accepts no CT Image Storage."""
    return () if abstract_syntax == CT_IMAGE else inner(abstract_syntax)


@defect("store", RESPONSE, "store_response")
def store_error_comment_of_80_characters(archive: Any, inner: Any, *arguments: Any) -> Command:
    """Sends an Error Comment that is longer than its VR allows."""
    response: Command = inner(*arguments)
    return response | {"ErrorComment": "Stored, and " + "very " * 14}


@defect("store", RESPONSE, "on_command")
def store_answers_before_the_end(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Answers C-STORE with 0000 as soon as it has read the command."""
    inner(link, message)
    if message.command["CommandField"] == C_STORE:
        link.memory["answered"] = message.id
        link.send(message.context_id, response_to(message, SUCCESS))


# --- what is kept ---


def altered(name: str, says: str, clause: str, change: Callable[[DataSet], None]) -> None:
    """Register a defect that changes every object it keeps and answers 0000."""

    def to_keep(archive: Any, inner: Any, link: Link, data_set: DataSet) -> DataSet:
        kept: DataSet = inner(link, data_set) or data_set.copy()
        change(kept)
        return kept

    to_keep.__name__, to_keep.__doc__ = name, says
    defect("store", clause, "to_keep")(to_keep)


def drop_private(kept: DataSet) -> None:
    """At every depth."""
    for each in kept.everywhere():
        each.elements = {tag: e for tag, e in each.elements.items() if not e.private}


def _drop(*keywords: str) -> Callable[[DataSet], None]:
    def change(kept: DataSet) -> None:
        for keyword in keywords:
            kept.drop(keyword)

    return change


def _rewrite(
    change: Callable[[str], str], *keywords: str, vrs: frozenset[str] = frozenset()
) -> Callable[[DataSet], None]:
    def rewrite(kept: DataSet) -> None:
        for tag in list(kept.elements):
            element = kept.elements[tag]
            chosen = element.vr in vrs or any(kept.get(each) is element for each in keywords)
            if chosen and element.value:
                kept.put(tag, *[change(each) for each in kept.values(tag)], vr=element.vr)

    return rewrite


def _empty_sequences(kept: DataSet) -> None:
    for element in kept:
        if element.items:
            element.items = []


def _drop_empty(kept: DataSet) -> None:
    for element in list(kept):
        if not element.value and element.items is None and element.fragments is None:
            kept.drop(element.tag)


def _first_values(kept: DataSet) -> None:
    for tag, element in list(kept.elements.items()):
        values = kept.values(tag)
        if len(values) > 1 and not element.private and tag >> 16 != 0x0008:
            kept.put(tag, values[0], vr=element.vr)


def corrupt_pixels(kept: DataSet) -> None:
    """Flip the bits of one byte in the middle."""
    element = kept.get(PIXEL_DATA)
    if element is None:
        return
    if element.fragments:
        element.fragments = [*element.fragments[:-1], _flipped(element.fragments[-1])]
    else:
        element.value = _flipped(element.value)


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return (
        data[:middle] + bytes(255 - each for each in data[middle : middle + 1]) + data[middle + 1 :]
    )


def _coarse_pixels(kept: DataSet) -> None:
    element = kept.get(PIXEL_DATA)
    if element is None or element.fragments:
        return
    step = 2 if kept.value("BitsAllocated") == "16" else 1
    data = bytearray(element.value)
    data[::step] = bytes(each & 0xF8 for each in data[::step])
    element.value = bytes(data)


def _unknown_vr(kept: DataSet) -> None:
    for keyword in ("AccessionNumber", "StudyDescription", "SeriesDescription", "PatientName"):
        element = kept.get(keyword)
        if element is not None:
            element.vr = "UN"


def _question_marks(kept: DataSet) -> None:
    charset = kept.charset
    for each in kept.everywhere():
        for tag, element in list(each.elements.items()):
            if element.vr in TEXT and element.value:
                texts = each.values(tag)
                if not all(text.isascii() for text in texts):
                    data = encode_values(tuple(texts), element.vr, ())
                    each.elements[tag] = Element(tag, element.vr, data)
    if charset:
        kept.put("SpecificCharacterSet", *charset)


altered("store_drops_private", "Drops private attributes.", KEPT, drop_private)
altered(
    "store_drops_type_3",
    "Drops Type 3 attributes that have a value.",
    KEPT,
    _drop(
        "StudyDescription",
        "SeriesDescription",
        "ProtocolName",
        "InstitutionName",
        "StationName",
        "ImageComments",
        "PatientComments",
        "WindowCenter",
        "WindowWidth",
        "BodyPartExamined",
        "PatientAge",
        "PatientWeight",
        "OperatorsName",
    ),
)
altered(
    "store_truncates_text",
    "Cuts text to 16 characters.",
    KEPT,
    _rewrite(lambda text: text[:16], vrs=frozenset({"LO", "PN", "LT", "ST", "UT"})),
)
altered("store_empties_sequences", "Loses the items of sequences.", KEPT, _empty_sequences)
altered("store_drops_empty_type_2", "Drops every attribute without a value.", KEPT, _drop_empty)
altered("store_keeps_first_values", "Keeps the first of several values.", KEPT, _first_values)
altered(
    "store_rounds_decimals",
    "Rounds decimal strings to whole numbers.",
    KEPT,
    _rewrite(lambda text: str(round(float(text))), vrs=frozenset({"DS"})),
)
altered(
    "store_changes_patient_name",
    "Turns Patient's Name into capitals and says nothing.",
    COERCED,
    _rewrite(str.upper, "PatientName"),
)
altered(
    "store_changes_patient_id",
    "Puts a prefix before Patient ID and answers 0000.",
    COERCED,
    _rewrite(lambda text: "0" + text, "PatientID"),
)
altered(
    "store_changes_accession_number",
    "Cuts Accession Number to its last three characters and says nothing.",
    COERCED,
    _rewrite(lambda text: text[-3:], "AccessionNumber"),
)
altered(
    "store_changes_study_uid",
    "Gives studies another Study Instance UID and answers 0000.",
    COERCED,
    _rewrite(other_uid, "StudyInstanceUID"),
)
altered(
    "store_changes_series_uid",
    "Gives series another Series Instance UID and answers 0000.",
    COERCED,
    _rewrite(other_uid, "SeriesInstanceUID"),
)
altered(
    "store_changes_instance_uid",
    "Gives instances another SOP Instance UID and answers 0000.",
    KEPT,
    _rewrite(other_uid, "SOPInstanceUID"),
)
altered(
    "store_changes_study_date",
    "Sets Study Date to the year 2000.",
    KEPT,
    _rewrite(lambda text: "2000" + text[4:], "StudyDate"),
)
altered("store_corrupts_pixels", "Flips the bits of one byte of pixel data.", KEPT, corrupt_pixels)
altered("store_recompresses_lossily", "Loses the low bits of pixels.", KEPT, _coarse_pixels)
altered("store_drops_pixel_data", "Loses the pixel data.", KEPT, lambda kept: kept.drop(PIXEL_DATA))
altered(
    "store_loses_character_set",
    "Drops Specific Character Set.",
    KEPT,
    _drop("SpecificCharacterSet"),
)
altered("store_replaces_characters", "Puts ? for what is not ASCII.", KEPT, _question_marks)
altered(
    "store_drops_name_groups",
    "Keeps the alphabetic group of names alone.",
    KEPT,
    _rewrite(lambda text: text.partition("=")[0], vrs=frozenset({"PN"})),
)
altered("store_changes_vr", "Writes text attributes as UN.", KEPT, _unknown_vr)


# --- where and when ---


@defect("store", KEPT, "keep")
def store_duplicates_on_resend(archive: Any, inner: Any, link: Link, stored: Stored) -> None:
    """Files an instance that comes again as a second one, with another SOP Instance UID."""
    known = {each.sop_instance for each in archive.holdings.snapshot()}
    if stored.sop_instance in known:
        header = stored.header.copy()
        header.put("SOPInstanceUID", other_uid(stored.sop_instance))
        stored = replace(stored, sop_instance=other_uid(stored.sop_instance), header=header)
    inner(link, stored)


@defect("store", RESPONSE, "on_gone")
def store_keeps_half_objects(archive: Any, inner: Any, link: Link) -> None:
    """Keeps what has come of an object when the association is aborted in the middle of it."""
    inner(link)
    if link.partial is None or not link.fragments:
        return
    context = link.contexts[link.partial.context_id]
    data = b"".join(link.fragments)
    whole = _readable_part(data, context.accepted)
    if whole is not None and whole.value("SOPInstanceUID"):
        archive.keep(
            link,
            Stored(
                link.partial.sop_class,
                link.partial.sop_instance,
                context.accepted,
                data,
                header_of(whole),
            ),
        )


def _readable_part(data: bytes, syntax: str) -> DataSet | None:
    from .data_set import Reader

    reader = Reader.of(data, syntax)
    found = DataSet()
    try:
        while reader.at < len(data):
            tag = reader.tag()
            found.elements[tag] = reader.element(tag, found)
    except ValueError:
        pass
    return found if found.elements else None


def _others(archive: Any, link: Link) -> list[Link]:
    links = list(archive.links.values())
    return [each for each in links if each.established and each is not link and each.stored]


@defect("store", KEPT, "to_keep")
def store_mixes_up_associations(
    archive: Any, inner: Any, link: Link, data_set: DataSet
) -> DataSet | None:
    """Files objects in the study of another association that is storing at the same time."""
    link.memory["study"] = data_set.value("StudyInstanceUID")
    for other in _others(archive, link):
        study = other.memory.get("study")
        if study and study != link.memory["study"]:
            mixed = data_set.copy()
            mixed.put("StudyInstanceUID", str(study))
            return mixed
    kept: DataSet | None = inner(link, data_set)
    return kept


@defect("store", STATUS, "keep")
def store_loses_concurrent_objects(archive: Any, inner: Any, link: Link, stored: Stored) -> None:
    """Loses objects, with 0000, while another association that stored something is open."""
    if not _others(archive, link):
        inner(link, stored)


@defect("store", KEPT, "keep")
def store_shows_objects_after_a_minute(
    archive: Any, inner: Any, link: Link, stored: Stored
) -> None:
    """Makes objects available for query and retrieve after a minute."""
    timer = threading.Timer(LATE, inner, (link, stored))
    timer.daemon = True
    timer.start()


@defect("store", KEPT, "keep")
def store_shows_objects_one_late(archive: Any, inner: Any, link: Link, stored: Stored) -> None:
    """Makes an object available when the next one comes; the last never is."""
    waiting = archive.memory.get("waiting")
    archive.memory["waiting"] = stored
    if waiting is not None:
        inner(link, waiting)


@defect("store", KEPT, "keep")
def store_keeps_one_object_per_series(archive: Any, inner: Any, link: Link, stored: Stored) -> None:
    """Keeps the first object of each series and answers 0000 to the others."""
    series = {each.key("SERIES") for each in archive.holdings.snapshot()}
    if stored.key("SERIES") not in series:
        inner(link, stored)
