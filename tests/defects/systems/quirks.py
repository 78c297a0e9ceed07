"""Legal peculiarities of archives: on none of them may a check fail or warn.

Where two of them contradict each other they are two quirks, and both are right.
"""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import replace
from typing import Any

from . import upper_layer as ul
from .commands import write_command
from .data_set import DataSet
from .deviation import QUIRKS, plain_quirk, quirk
from .settings import (
    NATIVE,
    QUERY_RETRIEVE,
    STUDY_ROOT_FIND,
    STUDY_ROOT_GET,
    STUDY_ROOT_MOVE,
)
from .transcode import as_syntax

__all__ = ["QUIRKS"]

EXPLICIT, IMPLICIT = NATIVE[:2]
CT_AND_MR = ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4")
STUDY_ROOT = (STUDY_ROOT_FIND, STUDY_ROOT_MOVE, STUDY_ROOT_GET)
WITHOUT_GET = tuple(uid for uid in QUERY_RETRIEVE if not uid.endswith(".3"))


plain_quirk(
    "pdu-4096",
    "Receives P-DATA-TF PDUs of at most 4096 bytes.",
    "PS3.8 D.1",
    "association",
    max_pdu=4096,
)
plain_quirk(
    "pdu-unlimited",
    "Announces 0: no limit on the length of P-DATA-TF PDUs.",
    "PS3.8 D.1",
    "association",
    max_pdu=0,
)
plain_quirk(
    "pdu-131072",
    "Receives P-DATA-TF PDUs of up to 131072 bytes.",
    "PS3.8 D.1",
    "association",
    max_pdu=131072,
)
plain_quirk(
    "accepts-any-called-ae-title",
    "Does not look at the called AE title.",
    "PS3.8 9.3.4",
    "association",
    check_called=False,
)
plain_quirk(
    "one-association-at-a-time",
    "Rejects a second association with 2/3/2 (local limit exceeded, transient).",
    "PS3.8 9.3.4",
    "association",
    max_associations=1,
)
plain_quirk(
    "only-ct-and-mr",
    "Accepts no storage SOP class but CT and MR Image Storage.",
    "PS3.8 9.3.3.2",
    "association",
    storage_classes=CT_AND_MR,
)
plain_quirk(
    "only-implicit-vr",
    "Accepts Implicit VR Little Endian alone.",
    "PS3.8 9.3.3.2",
    "association",
    syntaxes=(IMPLICIT,),
    query_syntaxes=(IMPLICIT,),
)
plain_quirk(
    "own-order-of-transfer-syntaxes",
    "Picks the transfer syntax by its own preference.",
    "PS3.8 9.3.3.2",
    "association",
    proposals_first=False,
)
plain_quirk(
    "slow-release",
    "Answers A-RELEASE-RQ after 300 ms.",
    "PS3.8 7.2",
    "association",
    release_delay=0.3,
)
plain_quirk(
    "slow-answers",
    "Sends every response 300 ms late.",
    "PS3.7 9.1",
    "association",
    delay=0.3,
)
plain_quirk(
    "no-patient-root",
    "Offers the Study Root model only.",
    "PS3.4 C.3",
    "find",
    query_retrieve=STUDY_ROOT,
)
plain_quirk(
    "no-get",
    "Offers no C-GET.",
    "PS3.4 C.3",
    "get",
    query_retrieve=WITHOUT_GET,
)
plain_quirk(
    "storage-only",
    "Offers no query and no retrieve.",
    "PS3.4 B.1",
    "store",
    query_retrieve=(),
)
plain_quirk(
    "responses-without-sop-class",
    "Leaves the optional Affected SOP Class UID out of responses.",
    "PS3.7 9.3",
    "association",
    response_sop_class=False,
)
plain_quirk(
    "no-error-comments",
    "Gives no Error Comment and no Offending Element with a failure.",
    "PS3.7 C.4",
    "association",
    comments=False,
)
plain_quirk(
    "coerces-patient-id",
    "Puts its own prefix before Patient ID and says so with B000.",
    "PS3.4 B.4.1.2",
    "store",
    coerce_patient_id=True,
)
plain_quirk(
    "drops-empty-type-3",
    "Drops empty Type 3 attributes.",
    "PS3.4 B.4.1.1",
    "store",
    drop_empty_type_3=True,
)
plain_quirk(
    "names-case-sensitive",
    "Matches person names case-sensitively.",
    "PS3.4 C.2.2.2.1",
    "find",
    name_case_ignored=False,
)
plain_quirk(
    "names-without-accents",
    "Ignores case and accents in person names.",
    "PS3.4 C.2.2.2.1",
    "find",
    name_accents_ignored=True,
)
plain_quirk(
    "answers-in-utf-8",
    "Answers queries in ISO_IR 192 whatever the objects are in.",
    "PS3.4 C.4.1.1.3.2",
    "find",
    answer_charset="ISO_IR 192",
)
plain_quirk(
    "answers-in-latin-1",
    "Answers queries in ISO_IR 100 where that is enough.",
    "PS3.4 C.4.1.1.3.2",
    "find",
    answer_charset="ISO_IR 100",
)
plain_quirk(
    "always-names-the-character-set",
    "Sends Specific Character Set with every answer.",
    "PS3.4 C.4.1.1.3.2",
    "find",
    answer_charset="ISO_IR 192",
    always_charset=True,
)
plain_quirk(
    "no-optional-keys",
    "Supports unique and required keys only: others are absent, with FF01.",
    "PS3.4 C.2.2.1.3",
    "find",
    optional_keys=False,
)
plain_quirk(
    "ff00-for-every-answer",
    "Sends FF00 even where a requested optional key is not supported.",
    "PS3.4 C.4.1.1.4",
    "find",
    warn_unsupported=False,
)
plain_quirk(
    "returns-instance-availability",
    "Returns Instance Availability.",
    "PS3.4 C.4.1.1.3.2",
    "find",
    instance_availability=True,
)
plain_quirk(
    "retrieve-ae-title-at-image-level",
    "Leaves Retrieve AE Title empty above the lowest level.",
    "PS3.4 C.4.1.1.3.2",
    "find",
    retrieve_ae_title="image level",
)
plain_quirk(
    "answers-in-reverse-order",
    "Sends the latest match first.",
    "PS3.4 C.4.1",
    "find",
    answer_order="reverse",
)
plain_quirk(
    "answers-sorted-by-uid",
    "Sends matches in order of their UIDs.",
    "PS3.4 C.4.1",
    "find",
    answer_order="uid",
)
plain_quirk(
    "answers-with-pauses",
    "Takes 50 ms between two answers.",
    "PS3.4 C.4.1",
    "find",
    answer_pause=0.05,
)
plain_quirk(
    "refuses-with-c000",
    "Refuses an identifier that breaks the hierarchy with C000 instead of A900.",
    "PS3.4 C.4.1.1.4",
    "find",
    refusal=0xC000,
)
plain_quirk(
    "relational-queries",
    "Negotiates relational queries when they are asked for.",
    "PS3.4 C.5.1.1",
    "find",
    relational=True,
)
plain_quirk(
    "no-pending-moves",
    "Sends no Pending response while it moves.",
    "PS3.4 C.4.2.3.1",
    "move",
    pending_every=None,
)
plain_quirk(
    "pending-after-the-last",
    "Sends a Pending response after the last sub-operation too.",
    "PS3.4 C.4.2.3.1",
    "move",
    pending_last=True,
)
plain_quirk(
    "pending-before-the-first",
    "Sends a Pending response before the first sub-operation.",
    "PS3.4 C.4.2.3.1",
    "move",
    pending_first=True,
)
plain_quirk(
    "pending-every-third",
    "Sends a Pending response after every third sub-operation.",
    "PS3.4 C.4.2.3.1",
    "move",
    pending_every=3,
)
plain_quirk(
    "final-without-counters",
    "Sends no counters with the final response.",
    "PS3.4 C.4.2.1.6",
    "move",
    final_counters=False,
)
plain_quirk(
    "one-association-per-instance",
    "Opens an association for each sub-operation.",
    "PS3.4 C.4.2.2.1",
    "move",
    associations="each",
)
plain_quirk(
    "proposes-extra-contexts",
    "Proposes Verification beside the storage contexts it needs.",
    "PS3.8 7.1",
    "move",
    extra_contexts=True,
)
plain_quirk(
    "one-context-per-class",
    "Proposes one context with several transfer syntaxes per SOP class.",
    "PS3.8 9.3.2.2",
    "move",
    contexts_per_class="one",
)
plain_quirk(
    "releases-after-the-final-response",
    "Releases the association of the sub-operations after the final response.",
    "PS3.4 C.4.2.2.1",
    "move",
    release_late=True,
)
plain_quirk(
    "nothing-to-move-is-a900",
    "Answers a retrieve that matches nothing with A900.",
    "PS3.4 C.4.2.1.5",
    "move",
    nothing_found=0xA900,
)
plain_quirk(
    "nothing-to-move-is-c000",
    "Answers a retrieve that matches nothing with C000.",
    "PS3.4 C.4.2.1.5",
    "move",
    nothing_found=0xC000,
)
plain_quirk(
    "sends-implicit-vr",
    "Sends retrieved objects in Implicit VR Little Endian where that is accepted.",
    "PS3.4 C.4.2.2.1",
    "move",
    retrieve_syntax=IMPLICIT,
)
plain_quirk(
    "sends-explicit-vr",
    "Sends retrieved objects in Explicit VR Little Endian where that is accepted.",
    "PS3.4 C.4.2.2.1",
    "move",
    retrieve_syntax=EXPLICIT,
)
plain_quirk(
    "slow-sub-operations",
    "Takes 100 ms for each sub-operation.",
    "PS3.4 C.4.2",
    "move",
    sub_operation_pause=0.1,
)


@quirk("association", "PS3.8 D.3.3.2", "accept")
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
