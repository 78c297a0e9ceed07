"""C-MOVE and C-GET as an SCP (PS3.4 C.4.2, C.4.3)."""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import upper_layer as ul
from .association import Ended, Link
from .commands import (
    C_STORE,
    CANCEL,
    DATA_SET,
    PENDING,
    SUCCESS,
    Command,
    Message,
    response_to,
)
from .data_set import DataSet, write_data_set
from .holdings import UNIQUE_KEYS, Stored
from .query import Query, Refused, model_levels
from .settings import NATIVE, VERIFICATION
from .transcode import as_syntax

if TYPE_CHECKING:
    from collections.abc import Callable

WARNING, ALL_FAILED, UNKNOWN_DESTINATION = 0xB000, 0xA702, 0xA801
MOST_CONTEXTS = 128


@dataclass
class Progress:
    """The sub-operations of one retrieve."""

    remaining: int
    completed: int = 0
    failed: int = 0
    warning: int = 0
    failures: list[str] = field(default_factory=list)  # SOP Instance UIDs
    invoked: int = 0
    service: str = "move"

    def count(self, stored: Stored, status: int | None) -> None:
        """Book one sub-operation by the status of its C-STORE response."""
        self.remaining -= 1
        if status == SUCCESS:
            self.completed += 1
        elif status is not None and status >> 12 == 0xB:
            self.warning += 1
        else:
            self.failed += 1
            self.failures.append(stored.sop_instance)


class Retrieve(Query):
    """The retrieve services of an archive."""

    destinations: dict[str, tuple[str, int]]

    def serve_move(self, link: Link, message: Message) -> None:
        """Send the instances to the Move Destination, on an association of our own."""
        try:
            address = self.destination(message)
            instances = self.instances_to_retrieve(link, message)
        except Refused as refused:
            self.refuse_retrieve(link, message, refused)
            return
        title = str(message.command["MoveDestination"])
        sender = Sender(self, link, message, instances, title, address)
        progress = Progress(len(instances))
        try:
            cancelled = self.perform(link, message, instances, progress, sender.send)
            if not self.settings.release_late:
                sender.close()
            self.finish_retrieve(link, message, progress, cancelled)
        finally:
            sender.close()

    def serve_get(self, link: Link, message: Message) -> None:
        """Send the instances back over the same association."""
        try:
            instances = self.instances_to_retrieve(link, message)
        except Refused as refused:
            self.refuse_retrieve(link, message, refused)
            return
        progress = Progress(len(instances), service="get")
        cancelled = self.perform(
            link, message, instances, progress, lambda each: self.send_back(link, message, each)
        )
        self.finish_retrieve(link, message, progress, cancelled)

    def refuse_retrieve(self, link: Link, message: Message, refused: Refused) -> None:
        """The failure response."""
        self.reply(link, message, self.failure(message, refused.status, str(refused)))

    def destination(self, message: Message) -> tuple[str, int]:
        """Host and port of the Move Destination; A801 when it is unknown."""
        title = str(message.command.get("MoveDestination", ""))
        if title not in self.destinations:
            raise Refused(UNKNOWN_DESTINATION, f"Move Destination {title} is unknown")
        return self.destinations[title]

    # --- what to send ---

    def instances_to_retrieve(self, link: Link, message: Message) -> list[Stored]:
        """The instances under the unique keys of the identifier (C.4.2.1.4)."""
        identifier = self.read_identifier(link, message)
        level = self.query_level(message, identifier)
        self.check_hierarchy(link, message, identifier, level)
        wanted = self.retrieve_keys(message, identifier, level)
        if not wanted[level] or any(set("*?") & set(each) for each in wanted[level]):
            raise Refused(self.settings.refusal, f"{UNIQUE_KEYS[level]} has no value")
        found = self.select(wanted)
        if not found and self.settings.nothing_found:
            raise Refused(self.settings.nothing_found, "Nothing to retrieve")
        return found

    def retrieve_keys(
        self, message: Message, identifier: DataSet, level: str
    ) -> dict[str, list[str]]:
        """The values of the unique keys down to the level of the retrieve."""
        levels = model_levels(message)
        used = levels[: levels.index(level) + 1]
        return {each: identifier.values(UNIQUE_KEYS[each]) for each in used}

    def select(self, wanted: dict[str, list[str]]) -> list[Stored]:
        """The instances whose unique keys are all among the wanted ones."""
        return [
            each
            for each in self.holdings.snapshot()
            if all(not keys or each.key(level) in keys for level, keys in wanted.items())
        ]

    # --- sub-operations ---

    def perform(
        self,
        link: Link,
        message: Message,
        instances: list[Stored],
        progress: Progress,
        send: Callable[[Stored], int | None],
    ) -> bool:
        """Carry the sub-operations out; True when a C-CANCEL stopped them."""
        every = self.settings.pending_every
        if every and instances and self.settings.pending_first:
            self.send_pending(link, message, progress)
        for stored in instances:
            if self.retrieve_cancelled(link, message):
                return True
            progress.invoked += 1
            progress.count(stored, self.sub_operation(message, stored, send))
            time.sleep(self.settings.sub_operation_pause)
            due = every and progress.invoked % every == 0
            if due and (progress.remaining or self.settings.pending_last):
                self.send_pending(link, message, progress)
        return False

    def sub_operation(
        self, message: Message, stored: Stored, send: Callable[[Stored], int | None]
    ) -> int | None:
        """One C-STORE; its status, or None when there was no response."""
        return send(stored)

    def retrieve_cancelled(self, link: Link, message: Message) -> bool:
        """Whether the requestor asked to stop."""
        return link.is_cancelled(message.id)

    def store_request(self, stored: Stored, message_id: int) -> Command:
        """The command of a C-STORE sub-operation."""
        return {
            "AffectedSOPClassUID": stored.sop_class,
            "CommandField": C_STORE,
            "MessageID": message_id,
            "Priority": 0,
            "CommandDataSetType": DATA_SET,
            "AffectedSOPInstanceUID": stored.sop_instance,
        }

    def move_request(
        self, link: Link, message: Message, stored: Stored, message_id: int
    ) -> Command:
        """The same with the Move Originator of PS3.7 9.1.1.1.6 and 9.1.1.1.7."""
        return self.store_request(stored, message_id) | {
            "MoveOriginatorApplicationEntityTitle": link.peer.calling,
            "MoveOriginatorMessageID": message.id,
        }

    def data_to_send(self, message: Message, stored: Stored, syntax: str) -> bytes | None:
        """The data set of one sub-operation."""
        return as_syntax(stored, syntax)

    def send_syntaxes(self, stored: Stored) -> list[str]:
        """Transfer syntaxes an object can be sent in, the best first."""
        first = self.settings.retrieve_syntax or stored.syntax
        return list(dict.fromkeys([first, *NATIVE[:2]]))

    def send_back(self, link: Link, message: Message, stored: Stored) -> int | None:
        """One C-GET sub-operation."""
        context, data = self.choose_context(link, message, stored)
        if context is None or data is None:
            return None
        number = int(str(link.memory.get("message id", 0))) + 1
        link.memory["message id"] = number
        return exchange(self, link, context.id, self.store_request(stored, number), data)

    def choose_context(
        self, link: Link, message: Message, stored: Stored
    ) -> tuple[ul.Context | None, bytes | None]:
        """An accepted context of the SOP class in which this end is SCU, and the data for it."""
        for syntax in [*self.send_syntaxes(stored), ""]:
            for context in link.contexts.values():
                if context.abstract_syntax != stored.sop_class or not context.role_scu:
                    continue
                if syntax in ("", context.accepted):
                    data = self.data_to_send(message, stored, context.accepted)
                    if data is not None:
                        return context, data
        return None, None

    def move_proposals(self, stored: list[Stored]) -> list[tuple[str, list[str]]]:
        """SOP class and transfer syntaxes of each context to propose to a destination."""
        proposals: list[tuple[str, list[str]]] = []
        if self.settings.extra_contexts:
            proposals += [(VERIFICATION, list(NATIVE[:2]))]
        for each in stored:
            syntaxes = self.send_syntaxes(each)
            one = self.settings.contexts_per_class == "one"
            for proposed in [syntaxes] if one else [[syntax] for syntax in syntaxes]:
                if (each.sop_class, proposed) not in proposals:
                    proposals.append((each.sop_class, proposed))
        return proposals[:MOST_CONTEXTS]

    def calling_title(self, link: Link) -> str:
        """The AE title sub-operations come from."""
        return self.ae_title

    def connect(
        self, link: Link, title: str, address: tuple[str, int], stored: list[Stored]
    ) -> Link | None:
        """An association with a Move Destination; None when there is none to be had."""
        contexts = [
            ul.Context(2 * at + 1, sop_class, syntaxes)
            for at, (sop_class, syntaxes) in enumerate(self.move_proposals(stored))
        ]
        try:
            connection = socket.create_connection(address, self.settings.sub_operation_timeout)
        except OSError:
            return None
        outward = Link(self, connection, 0)  # type: ignore[arg-type] # always an ArchiveSCP
        request = ul.Associate(
            called=title,
            calling=self.calling_title(link),
            contexts=contexts,
            max_pdu=self.settings.max_pdu,
            implementation_class_uid="2.25.209999999999999999999999999999999999",
            implementation_version_name="INDEPENDENT_1",
        )
        try:
            outward.request(request, self.settings.sub_operation_timeout)
        except Ended:
            outward.close()
            return None
        return outward

    # --- responses ---

    def send_pending(self, link: Link, message: Message, progress: Progress) -> None:
        """Counters, no identifier."""
        response = response_to(message, PENDING) | self.counters(PENDING, progress)
        self.reply(link, message, response)

    def finish_retrieve(
        self, link: Link, message: Message, progress: Progress, cancelled: bool
    ) -> None:
        """The final response; its identifier names the instances that failed, if any."""
        status = CANCEL if cancelled else self.final_status(message, progress)
        response = response_to(message, status)
        response |= self.counters(status, progress)
        if self.settings.comments and status not in (SUCCESS, CANCEL):
            response["ErrorComment"] = "Some sub-operations failed or warned"
        self.reply(link, message, response, self.final_identifier(link, message, progress))

    def final_status(self, message: Message, progress: Progress) -> int:
        """Success only without failures and warnings (Table C.4-2, C.4-3)."""
        if not progress.failed and not progress.warning:
            return SUCCESS
        return WARNING if progress.completed or progress.warning else ALL_FAILED

    def counters(self, status: int, progress: Progress) -> Command:
        """Number of ... Sub-operations (PS3.7 9.3.4.2); Remaining not in final responses."""
        if status not in (PENDING, CANCEL) and not self.settings.final_counters:
            return {}
        remaining = progress.remaining if status in (PENDING, CANCEL) else None
        return {
            "NumberOfRemainingSuboperations": remaining,
            "NumberOfCompletedSuboperations": progress.completed,
            "NumberOfFailedSuboperations": progress.failed,
            "NumberOfWarningSuboperations": progress.warning,
        }

    def failed_list(self, progress: Progress) -> list[str]:
        """What goes into the Failed SOP Instance UID List (C.4.2.1.4.2)."""
        return progress.failures

    def final_identifier(self, link: Link, message: Message, progress: Progress) -> bytes | None:
        """Failed SOP Instance UID List, or no data set at all."""
        failures = self.failed_list(progress)
        if not failures:
            return None
        identifier = DataSet()
        identifier.put("FailedSOPInstanceUIDList", *failures)
        return write_data_set(identifier, link.contexts[message.context_id].accepted)


class Sender:
    """Sub-operations of one C-MOVE: one association for all of them, or one each."""

    def __init__(
        self,
        archive: Retrieve,
        link: Link,
        message: Message,
        instances: list[Stored],
        title: str,
        address: tuple[str, int],
    ) -> None:
        self.archive, self.link, self.message = archive, link, message
        self.instances = instances
        self.title, self.address = title, address
        self.outward: Link | None = None
        self.tried = False
        self.number = 0

    def send(self, stored: Stored) -> int | None:
        """Send one instance; None when no response came."""
        archive = self.archive
        if archive.settings.associations == "each":
            self.close()
            self.tried = False
        if not self.tried:
            self.tried = True
            batch = [stored] if archive.settings.associations == "each" else self.instances
            self.outward = archive.connect(self.link, self.title, self.address, batch)
        if self.outward is None:
            return None
        context, data = archive.choose_context(self.outward, self.message, stored)
        if context is None or data is None:
            return None
        self.number += 1
        request = archive.move_request(self.link, self.message, stored, self.number)
        try:
            return exchange(archive, self.outward, context.id, request, data)
        except Ended:
            self.outward = None
            return None

    def close(self) -> None:
        """Release the association, if there is one."""
        if self.outward is not None:
            with contextlib.suppress(Ended):
                self.outward.release(self.archive.settings.sub_operation_timeout)
            self.outward = None


def exchange(
    archive: Retrieve, link: Link, context_id: int, command: Command, data: bytes
) -> int | None:
    """Send a C-STORE request; the status of its response."""
    link.send(context_id, command, data)
    while True:
        answer = link.next_message(archive.settings.sub_operation_timeout)
        if answer.command.get("MessageIDBeingRespondedTo") == command["MessageID"]:
            status: Any = answer.command.get("Status")
            return None if status is None else int(status)
