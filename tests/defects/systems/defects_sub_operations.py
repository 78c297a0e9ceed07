"""Defects of C-MOVE and C-GET: which instances are sent, how, and where to (PS3.4 C.4.2, C.4.3)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .association import Ended, Link
from .commands import SUCCESS, Command, Message, response_to
from .data_set import DataSet, read_data_set, write_data_set
from .defects_association import wait_for_the_end
from .defects_retrieve import FIELDS, both
from .defects_store import corrupt_pixels, drop_private, other_uid
from .deviation import Level, defect
from .holdings import Stored
from .query import Refused
from .retrieve import UNKNOWN_DESTINATION, exchange

MOMENT = 0.1  # seconds

# --- which instances ---


@both(".3.1", "instances_to_retrieve")
def sends_the_whole_patient(archive: Any, inner: Any, link: Link, message: Message) -> list[Stored]:
    """Sends every instance of the patient, whatever was asked for."""
    patients = {each.key("PATIENT") for each in inner(link, message)}
    return [each for each in archive.holdings.snapshot() if each.key("PATIENT") in patients]


@both(".3.1", "instances_to_retrieve")
def sends_the_whole_study(archive: Any, inner: Any, link: Link, message: Message) -> list[Stored]:
    """Sends the whole study when a series or an instance was asked for."""
    studies = {each.key("STUDY") for each in inner(link, message)}
    return [each for each in archive.holdings.snapshot() if each.key("STUDY") in studies]


@both(".3.1", "instances_to_retrieve")
def sends_the_whole_series(archive: Any, inner: Any, link: Link, message: Message) -> list[Stored]:
    """Sends the whole series when one instance was asked for."""
    series = {each.key("SERIES") for each in inner(link, message)}
    return [each for each in archive.holdings.snapshot() if each.key("SERIES") in series]


@both(".3.1", "instances_to_retrieve")
def sends_the_first_series(archive: Any, inner: Any, link: Link, message: Message) -> list[Stored]:
    """Sends the first series of a study only."""
    found: list[Stored] = inner(link, message)
    return [each for each in found if each.key("SERIES") == found[0].key("SERIES")]


@both(".3.1", "instances_to_retrieve")
def sends_one_instance(archive: Any, inner: Any, link: Link, message: Message) -> list[Stored]:
    """Sends the first instance only."""
    found: list[Stored] = inner(link, message)
    return found[:1]


@both(".3.1", "instances_to_retrieve")
def loses_the_last_instance(archive: Any, inner: Any, link: Link, message: Message) -> list[Stored]:
    """Sends every instance but the last."""
    found: list[Stored] = inner(link, message)
    return found[:-1]


@both(".3.1", "instances_to_retrieve")
def sends_instances_twice(archive: Any, inner: Any, link: Link, message: Message) -> list[Stored]:
    """Sends each instance twice."""
    found: list[Stored] = inner(link, message)
    return [each for each in found for _ in range(2)]


@both(".3.1", "instances_to_retrieve")
def sends_a_stranger(archive: Any, inner: Any, link: Link, message: Message) -> list[Stored]:
    """Sends an instance of another patient or study along."""
    found: list[Stored] = inner(link, message)
    others = [
        each
        for each in archive.holdings.snapshot()
        if found and each.key("STUDY") != found[0].key("STUDY")
    ]
    return found + others[:1]


@both(".1.4.1", "retrieve_keys")
def first_uid_of_a_list(archive: Any, inner: Any, *arguments: Any) -> dict[str, list[str]]:
    """Looks at the first UID of a list only."""
    return {level: keys[:1] for level, keys in inner(*arguments).items()}


@both(".1.4.1", "instances_to_retrieve")
def sends_everything_without_a_key(
    archive: Any, inner: Any, link: Link, message: Message
) -> list[Stored]:
    """Sends all it has when the unique key of the level is missing."""
    try:
        found: list[Stored] = inner(link, message)
    except Refused:
        found = archive.holdings.snapshot()
    return found


@both(".1.4.1", "instances_to_retrieve")
def bad_identifiers_match_nothing(
    archive: Any, inner: Any, link: Link, message: Message
) -> list[Stored]:
    """Answers 0000 where the level or a unique key is missing or wrong."""
    try:
        found: list[Stored] = inner(link, message)
    except Refused:
        found = []
    return found


# --- what is sent ---


def on_the_way(name: str, says: str, change: Callable[[DataSet], None]) -> None:
    """Register a defect that changes objects while they are sent."""

    def store_data(archive: Any, inner: Any, message: Message, stored: Stored, syntax: str) -> Any:
        data = inner(message, stored, syntax)
        if data is None:
            return None
        sent = read_data_set(data, syntax)
        change(sent)
        return write_data_set(sent, syntax)

    store_data.__name__, store_data.__doc__ = name, says
    both(".3.1", "data_to_send")(store_data)


def _other_patient(sent: DataSet) -> None:
    sent.put("PatientName", "Unknown")


def _other_instance(sent: DataSet) -> None:
    sent.put("SOPInstanceUID", other_uid(sent.value("SOPInstanceUID")))


def _no_character_set(sent: DataSet) -> None:
    sent.drop("SpecificCharacterSet")


on_the_way("drops_private_on_the_way", "Sends objects without private attributes.", drop_private)
on_the_way(
    "corrupts_pixels_on_the_way",
    "Flips the bits of one byte of pixel data it sends.",
    corrupt_pixels,
)
on_the_way(
    "changes_the_patient_on_the_way", "Sends objects with another Patient's Name.", _other_patient
)
on_the_way(
    "changes_the_instance_on_the_way",
    "Sends data sets with another SOP Instance UID than the command's.",
    _other_instance,
)
on_the_way(
    "loses_the_character_set_on_the_way",
    "Sends objects without Specific Character Set.",
    _no_character_set,
)


@both(".3.1", "data_to_send")
def sends_another_transfer_syntax(
    archive: Any, inner: Any, message: Message, stored: Stored, syntax: str
) -> bytes:
    """Sends data sets as they are stored, whatever transfer syntax the context has."""
    return stored.data


@both(".3.1", "sub_operation")
def does_not_send(archive: Any, inner: Any, message: Message, stored: Stored, send: Any) -> int:
    """Counts sub-operations as completed without carrying them out."""
    return SUCCESS


@both(".3.1", "sub_operation")
def sends_some(archive: Any, inner: Any, message: Message, stored: Stored, send: Any) -> int | None:
    """Carries out every second sub-operation and counts all of them as completed."""
    archive.memory["turn"] = not archive.memory.get("turn")
    return inner(message, stored, send) if archive.memory["turn"] else SUCCESS


@both(".3.1", "sub_operation")
def ignores_the_status_of_stores(
    archive: Any, inner: Any, message: Message, stored: Stored, send: Any
) -> int:
    """Counts each sub-operation as completed, whatever its C-STORE response says."""
    inner(message, stored, send)
    return SUCCESS


@both(".3.1", "perform")
def stops_at_the_first_failure(
    archive: Any, inner: Any, link: Link, message: Message, instances: Any, progress: Any, send: Any
) -> bool:
    """Attempts no further sub-operation after one that failed."""

    def careful(stored: Stored) -> int | None:
        if progress.failed:
            raise _Stopped
        status: int | None = send(stored)
        return status

    try:
        return bool(inner(link, message, instances, progress, careful))
    except _Stopped:
        return False


class _Stopped(Exception):
    pass


# --- C-MOVE alone ---


@defect("move", "PS3.4 C.4.2.1.5", "destination")
def move_to_an_unknown_destination_succeeds(
    archive: Any, inner: Any, message: Message
) -> tuple[str, int]:
    """Answers 0000 to a Move Destination it does not know."""
    try:
        address: tuple[str, int] = inner(message)
    except Refused as refused:
        raise Refused(SUCCESS, "") from refused
    return address


@defect("move", "PS3.4 C.4.2.1.5", "refuse_retrieve")
def move_to_an_unknown_destination_aborts(
    archive: Any, inner: Any, link: Link, message: Message, refused: Refused
) -> None:
    """Aborts on a Move Destination it does not know."""
    if refused.status == UNKNOWN_DESTINATION:
        link.fail("unknown destination", 0)
    inner(link, message, refused)


@defect("move", "PS3.4 C.4.2.1.5", "refuse_retrieve")
def move_to_an_unknown_destination_hangs(
    archive: Any, inner: Any, link: Link, message: Message, refused: Refused
) -> None:
    """Does not answer when it does not know the Move Destination."""
    if refused.status == UNKNOWN_DESTINATION:
        wait_for_the_end(link)
    inner(link, message, refused)


@defect("move", "PS3.4 C.4.2.1.5", "refuse_retrieve")
def move_to_an_unknown_destination_is_c001(
    archive: Any, inner: Any, link: Link, message: Message, refused: Refused
) -> None:
    """Answers C001 instead of A801 to a Move Destination it does not know."""
    if refused.status == UNKNOWN_DESTINATION:
        refused = Refused(0xC001, str(refused))
    inner(link, message, refused)


@defect("move", "PS3.4 C.4.2.3.1", "destination")
def move_to_another_destination(archive: Any, inner: Any, message: Message) -> tuple[str, int]:
    """Sends to the first destination it knows, whichever was asked for."""
    inner(message)
    address: tuple[str, int] = next(iter(archive.destinations.values()))
    return address


@defect("move", "PS3.4 C.4.2.3.1", "connect")
def move_hangs_when_the_destination_is_down(
    archive: Any, inner: Any, link: Link, *arguments: Any
) -> Any:
    """Never ends a move whose destination accepts no association."""
    outward = inner(link, *arguments)
    if outward is None:
        wait_for_the_end(link)
    return outward


@defect("move", "PS3.4 C.4.2.3.1", "connect")
def move_aborts_when_the_destination_is_down(
    archive: Any, inner: Any, link: Link, *arguments: Any
) -> Any:
    """Aborts when the destination accepts no association."""
    outward = inner(link, *arguments)
    if outward is None:
        link.fail("destination is down", 0)
    return outward


@defect("move", "PS3.4 C.4.2.3.1", "connect")
def move_calls_another_ae_title(
    archive: Any, inner: Any, link: Link, title: str, *arguments: Any
) -> Any:
    """Calls the destination by another AE title than the Move Destination."""
    return inner(link, "ANY-SCP", *arguments)


@defect("move", "PS3.8 7.1.1.3", "calling_title", level="should")
def move_comes_from_another_ae_title(archive: Any, inner: Any, link: Link) -> str:
    """Calls the destination under another AE title than its own."""
    return "MOVESCU"


def _originator(name: str, says: str, level: Level, **change: Any) -> None:
    def move_request(archive: Any, inner: Any, *arguments: Any) -> Command:
        request: Command = inner(*arguments)
        return request | change

    move_request.__name__, move_request.__doc__ = name, says
    defect("move", "PS3.7 9.1.1.1", "move_request", level=level)(move_request)


_originator(
    "move_without_originator",
    "Sends no Move Originator with its C-STORE requests.",
    "should",
    MoveOriginatorApplicationEntityTitle=None,
    MoveOriginatorMessageID=None,
)
_originator(
    "move_names_another_originator",
    "Names an AE as Move Originator that moved nothing.",
    "must",
    MoveOriginatorApplicationEntityTitle="SOMEBODY",
)
_originator(
    "move_names_another_message",
    "Sends Move Originator Message ID 4711.",
    "must",
    MoveOriginatorMessageID=4711,
)


@defect("move", "PS3.4 C.4.2.3.1", "serve_move")
def move_ends_before_it_begins(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Answers 0000 first and sends the instances a moment later."""
    archive.destination(message)
    archive.instances_to_retrieve(link, message)
    archive.reply(link, message, response_to(message, SUCCESS))
    reply, archive.reply = archive.reply, lambda *_: None
    time.sleep(MOMENT)
    try:
        inner(link, message)
    finally:
        archive.reply = reply


@defect("move", "PS3.4 C.4.2.3.1", "move_proposals")
def move_proposes_one_sop_class(archive: Any, inner: Any, stored: list[Stored]) -> Any:
    """Proposes the first SOP class alone: instances of others fail."""
    return inner([each for each in stored if each.sop_class == stored[0].sop_class])


# --- C-GET alone ---


@defect("get", "PS3.7 D.3.3.4", "choose_context")
def get_ignores_roles(
    archive: Any, inner: Any, link: Link, message: Message, stored: Stored
) -> Any:
    """Sends C-STORE requests on contexts whose requestor is not an SCP."""
    for context in link.contexts.values():
        context.role_scu = True
    return inner(link, message, stored)


@defect("get", "PS3.7 D.3.3.4", "accept")
def get_accepts_no_role(archive: Any, inner: Any, *arguments: Any) -> Any:
    """Offers C-GET but never takes the SCU role for storage."""
    accept = inner(*arguments)
    accept.roles = {uid: (scu, False) for uid, (scu, _) in accept.roles.items()}
    for context in accept.contexts:
        context.role_scu = False
    return accept


@defect("get", "PS3.4 C.4.3.3.1", "choose_context")
def get_uses_another_context(
    archive: Any, inner: Any, link: Link, message: Message, stored: Stored
) -> Any:
    """Sends objects on a presentation context of another SOP class."""
    context, data = inner(link, message, stored)
    if message.command["CommandField"] != FIELDS["get"]:
        return context, data
    others = [
        each
        for each in link.contexts.values()
        if each.role_scu and each.abstract_syntax != stored.sop_class
    ]
    return (others[0] if others and data is not None else context), data


@defect("get", "PS3.4 C.4.3.3.1", "instances_to_retrieve")
def get_skips_classes_silently(
    archive: Any, inner: Any, link: Link, message: Message
) -> list[Stored]:
    """Leaves instances out, uncounted, whose SOP class has no presentation context."""
    found: list[Stored] = inner(link, message)
    if message.command["CommandField"] != FIELDS["get"]:
        return found
    return [each for each in found if archive.choose_context(link, message, each)[0] is not None]


@defect("get", "PS3.4 C.4.3.3.1", "serve_get")
def get_loses_the_association(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Closes the connection after the final response."""
    inner(link, message)
    link.close()
    raise Ended("closed")


@defect("get", "PS3.4 C.4.3.3.1", "serve_get")
def get_sends_on_another_association(
    archive: Any, inner: Any, link: Link, message: Message
) -> None:
    """Sends the instances as for a C-MOVE to the AE that asked."""
    message.command["MoveDestination"] = link.peer.calling
    archive.serve_move(link, message)


@defect("get", "PS3.4 C.4.3.3.1", "serve_get")
def get_ends_before_it_begins(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Answers 0000 first and sends the instances a moment later."""
    archive.reply(link, message, response_to(message, SUCCESS))
    reply, archive.reply = archive.reply, lambda *_: None
    time.sleep(MOMENT)
    try:
        inner(link, message)
    finally:
        archive.reply = reply


@defect("move", "PS3.4 C.4.2.3.1", "serve_move")
def move_sends_on_the_same_association(
    archive: Any, inner: Any, link: Link, message: Message
) -> None:
    """Sends the instances back on the association of the C-MOVE."""
    for number, stored in enumerate(archive.instances_to_retrieve(link, message), 1):
        request = archive.move_request(link, message, stored, number)
        exchange(archive, link, message.context_id, request, stored.data)
    archive.reply(link, message, response_to(message, SUCCESS))


@defect("move", "PS3.7 9.1.1.1", "move_request", level="should")
def move_names_itself_as_originator(archive: Any, inner: Any, *arguments: Any) -> Command:
    """Names its own AE title as Move Originator."""
    request: Command = inner(*arguments)
    return request | {"MoveOriginatorApplicationEntityTitle": archive.ae_title}


@both(".3.1", "data_to_send", level="should")
def sends_only_as_stored(
    archive: Any, inner: Any, message: Message, stored: Stored, syntax: str
) -> bytes | None:
    """Sends objects in the transfer syntax in which it keeps them, and in no other."""
    data: bytes | None = inner(message, stored, syntax)
    return data if syntax == stored.syntax else None
