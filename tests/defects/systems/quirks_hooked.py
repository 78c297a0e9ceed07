"""Quirks that need code; see `quirks.py`."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import replace
from typing import Any

from pydicom.datadict import keyword_for_tag

from . import upper_layer as ul
from .attributes import LEVEL_OF
from .commands import write_command
from .data_set import DataSet
from .deviation import quirk
from .holdings import UNIQUE_KEYS
from .query import Refused
from .settings import NATIVE, STUDY_ROOT_FIND
from .transcode import as_syntax

EXPLICIT, IMPLICIT = NATIVE[:2]
ANSWERED_ANYWAY = ("RetrieveAETitle", "StorageMediaFileSetID", "StorageMediaFileSetUID")


@quirk("association", "PS3.7 D.3.3.2", "accept")
def no_implementation_version_name(archive: Any, inner: Any, *arguments: Any) -> ul.Associate:
    """Sends no Implementation Version Name, which is optional."""
    accept: ul.Associate = inner(*arguments)
    accept.implementation_version_name = ""
    return accept


@quirk("association", "PS3.8 9.3.3", "accept")
def answers_contexts_in_reverse_order(archive: Any, inner: Any, *arguments: Any) -> ul.Associate:
    """Answers the presentation contexts last to first."""
    accept: ul.Associate = inner(*arguments)
    accept.contexts.reverse()
    return accept


@quirk("association", "PS3.8 9.3.3.2", "answer_context")
def other_syntax_in_refused_contexts(
    archive: Any, inner: Any, link: Any, asked: ul.Context, request: ul.Associate
) -> ul.Context:
    """Names Implicit VR in a refused context, where the transfer syntax means nothing."""
    answer: ul.Context = inner(link, asked, request)
    return replace(answer, accepted=IMPLICIT) if answer.result else answer


@quirk("association", "PS3.8 9.1", "outgoing")
def writes_in_pieces(archive: Any, inner: Any, link: Any, data: bytes) -> bytes:
    """Writes each PDU to the TCP connection in several pieces."""
    data = inner(link, data)
    for part in (data[:1], data[1:7]):
        link.socket.sendall(part)
        time.sleep(0.002)
    return data[7:]


@quirk("association", "PS3.8 9.3.5", "fragment_size")
def small_fragments(archive: Any, inner: Any, link: Any) -> int:
    """Sends messages in many small P-DATA-TF PDUs."""
    return min(128, int(inner(link)))


@quirk("association", "PS3.8 9.3.5.1", "send_message")
def two_values_in_one_pdu(
    archive: Any, inner: Any, link: Any, context_id: int, command: Any, data: bytes | None
) -> None:
    """Puts command and data set into one P-DATA-TF PDU where they fit."""
    most = archive.fragment_size(link) - 6
    head = write_command(command)
    if data is None or len(head) + len(data) > most:
        inner(link, context_id, command, data)
        return
    values = [(ul.COMMAND_FRAGMENT | ul.LAST_FRAGMENT, head), (ul.LAST_FRAGMENT, data)]
    body = b"".join(
        (len(each) + 2).to_bytes(4, "big") + bytes([context_id, header]) + each
        for header, each in values
    )
    link.write(ul.pdu(ul.P_DATA, body))


@quirk("association", "PS3.8 7.2.2.2", "await_close")
def closes_at_once(archive: Any, inner: Any, link: Any) -> None:
    """Closes the connection itself soon after its last PDU."""
    link.socket.settimeout(0.2)
    with contextlib.suppress(OSError):
        link.socket.recv(1)


@quirk("store", "PS3.4 B.4.1.1", "to_keep")
def re_encodes_sequences(archive: Any, inner: Any, link: Any, data_set: DataSet) -> DataSet:
    """Writes sequences and items anew, with undefined length."""
    return inner(link, data_set) or data_set.copy()


@quirk("store", "PS3.4 B.4.1.1", "keep")
def decompresses_on_receipt(archive: Any, inner: Any, link: Any, stored: Any) -> None:
    """Keeps compressed objects uncompressed."""
    data = as_syntax(stored, EXPLICIT)
    inner(link, stored if data is None else replace(stored, syntax=EXPLICIT, data=data))


@quirk("store", "PS3.4 B.2.3", "keep")
def keeps_the_first_copy(archive: Any, inner: Any, link: Any, stored: Any) -> None:
    """Ignores an instance it has already, with Success."""
    if stored.sop_instance not in {each.sop_instance for each in archive.holdings.snapshot()}:
        inner(link, stored)


@quirk("store", "PS3.4 B.4.1.1", "keep")
def shows_objects_after_a_second(archive: Any, inner: Any, link: Any, stored: Any) -> None:
    """Makes objects available for query and retrieve one second after it got them."""
    timer = threading.Timer(1.0, inner, (link, stored))
    timer.daemon = True
    timer.start()


@quirk("store", "PS3.4 B.2.3", "judge_object")
def refuses_mismatches_with_c000(archive: Any, inner: Any, *arguments: Any) -> Any:
    """Refuses an object that contradicts its command with Cxxx instead of A9xx."""
    verdict = inner(*arguments)
    return replace(verdict, status=0xC123) if verdict.status == 0xA900 else verdict


@quirk("find", "PS3.4 C.4.1.1.3.2", "complete_answer")
def media_instead_of_retrieve_ae_title(
    archive: Any, inner: Any, found: DataSet, level: str, entity: Any
) -> None:
    """Names the Storage Media File-set instead of a Retrieve AE Title."""
    inner(found, level, entity)
    found.drop("RetrieveAETitle")
    found.put("StorageMediaFileSetID", "VOLUME1")
    found.put("StorageMediaFileSetUID", "2.25.7")


@quirk("find", "PS3.5 6.2", "answered")
def times_with_fraction(archive: Any, inner: Any, entity: Any, keyword: str) -> list[str]:
    """Answers a Study Time of 101500 as 101500.000000: the same time."""
    values: list[str] = inner(entity, keyword)
    if keyword in ("StudyTime", "SeriesTime") and values and len(values[0]) == 6:
        return [values[0] + ".000000"]
    return values


@quirk("find", "PS3.5 6.2.1", "answered")
def names_with_every_delimiter(archive: Any, inner: Any, entity: Any, keyword: str) -> list[str]:
    """Answers Doe^John as Doe^John^^^: the same name."""
    values: list[str] = inner(entity, keyword)
    if keyword == "PatientName" and values and "=" not in values[0]:
        return [values[0] + "^" * (4 - values[0].count("^"))]
    return values


@quirk("find", "PS3.4 C.4.1.3.1", "find_cancelled")
def cancel_comes_too_late(archive: Any, inner: Any, *arguments: Any) -> bool:
    """Has sent every answer before it looks for a C-CANCEL, and ends with Success."""
    return False


@quirk("get", "PS3.4 C.4.3.3.1", "counters")
def remaining_in_cancel_responses_absent(
    archive: Any, inner: Any, status: int, progress: Any
) -> Any:
    """Leaves Number of Remaining Sub-operations out of a Canceled response, which may have it."""
    counters = inner(status, progress)
    return counters | {"NumberOfRemainingSuboperations": None} if status == 0xFE00 else counters


@quirk("association", "PS3.8 9.3.4", "refuse_association")
def rejects_when_it_supports_nothing(
    archive: Any, inner: Any, link: Any, request: ul.Associate
) -> Any:
    """Rejects with 1/1/1 when it could accept no presentation context."""
    wanted = [archive.answer_context(link, each, request).result for each in request.contexts]
    return inner(link, request) if 0 in wanted else (1, 1, 1)


@quirk("find", "PS3.4 C.2.2.2.1", "matches_single")
def numbers_match_as_text(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Compares integer and decimal strings character by character."""
    return key == value


@quirk("find", "PS3.4 C.2.2.2.1.3", "matches_time")
def times_match_as_text(archive: Any, inner: Any, vr: str, key: str, value: str) -> bool:
    """Compares single dates and times character by character: 2230 does not match 223000."""
    return key == value


@quirk("find", "PS3.4 C.2.2.2.5", "matches_range")
def ranges_reach_to_the_end_of_the_minute(
    archive: Any, inner: Any, vr: str, key: str, value: str
) -> bool:
    """Takes -1030 for everything up to 10:30:59."""
    if vr == "TM" and key[-1:].isdigit() and len(key.rpartition("-")[2]) == 4:
        key += "59.999999"
    return bool(inner(vr, key, value))


@quirk("find", "PS3.4 C.4.1.2.1", "check_hierarchy")
def refuses_keys_of_levels_above(
    archive: Any, inner: Any, link: Any, message: Any, identifier: DataSet, level: str
) -> None:
    """Answers A900 when a key belongs to a level above and is not its unique key."""
    inner(link, message, identifier, level)
    above = archive.levels_above(message, level)
    if message.sop_class == STUDY_ROOT_FIND and level != "STUDY":
        above = ("PATIENT", *above)
    own = {*UNIQUE_KEYS.values(), *ANSWERED_ANYWAY}
    for keyword in map(keyword_for_tag, identifier.elements):
        if LEVEL_OF.get(keyword) in above and keyword not in own:
            raise Refused(0xA900, f"{keyword} is of a level above")


@quirk("find", "PS3.4 C.4.1.2.1", "check_hierarchy")
def refuses_wild_cards_in_unique_keys(
    archive: Any, inner: Any, link: Any, message: Any, identifier: DataSet, level: str
) -> None:
    """Answers A900 to a wild card in a UID, for which none is defined."""
    inner(link, message, identifier, level)
    if level != "PATIENT" and set("*?") & set(identifier.value(UNIQUE_KEYS[level])):
        raise Refused(0xA900, "No wild cards in a UID")


@quirk("move", "PS3.4 C.4.2.3.1", "instances_to_retrieve")
def sends_in_reverse_order(archive: Any, inner: Any, *arguments: Any) -> Any:
    """Sends the instances last to first."""
    return inner(*arguments)[::-1]
