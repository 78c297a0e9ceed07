"""A small client, and walks through each service that write down what a system answers.

Two archives differ on the wire when their walks differ. Each walk is a generator of pairs, what
was done and what came of it, so that a comparison can stop at the first difference.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable
from typing import Any, Self

from . import upper_layer as ul
from .archive_scp import ArchiveSCP
from .association import Ended, Link
from .commands import C_ECHO, C_STORE, DATA_SET, NO_DATA_SET, Command, Message
from .data_set import DataSet, write_data_set
from .holdings import Stored
from .settings import (
    NATIVE,
    VERIFICATION,
    Settings,
)
from .store import Verdict

EXPLICIT, IMPLICIT = NATIVE[:2]
ENOUGH = 40  # responses; no walk asks for so many


class Client:
    """The requestor's end; `patience` is how long silence may last, in seconds."""

    def __init__(self, port: int, patience: float = 5.0) -> None:
        self.port, self.patience = port, patience
        self.settings = Settings()
        self.links: list[Link] = []
        self.kept: list[tuple[int, Command, bytes]] = []  # C-STORE sub-operations of a C-GET
        self.refuse: dict[str, int] = {}  # SOP Instance UID to status, for them
        self.on_pending: Callable[[], None] | None = None  # once

    def outgoing(self, link: Link, data: bytes) -> bytes:
        """As it is."""
        return data

    def answer_release(self, link: Link) -> None:
        """Nothing here waits for a release by the archive."""
        link.close()

    def on_command(self, link: Link, message: Message) -> None:
        """Nothing to do before the data set is there."""

    def send_message(self, link: Link, *message: Any) -> None:
        """As it is."""
        link.send_in_fragments(*message)

    def fragment_size(self, link: Link) -> int:
        """As long as the archive takes."""
        return max(1, (link.peer.max_pdu or 16384) - 6)

    def associate(
        self,
        *classes: str | tuple[str, list[str]],
        called: str = "ARCHIVE",
        max_pdu: int = 16384,
        roles: dict[str, tuple[bool, bool]] | None = None,
    ) -> Link:
        """An association; raises Ended when there is none to be had."""
        contexts = []
        for at, each in enumerate(classes):
            uid, syntaxes = each if isinstance(each, tuple) else (each, [EXPLICIT])
            contexts.append(ul.Context(2 * at + 1, uid, syntaxes))
        try:
            connection = socket.create_connection(("127.0.0.1", self.port), self.patience)
        except OSError as problem:
            raise Ended("no connection") from problem
        link = Link(self, connection, 0)  # type: ignore[arg-type] # has what a Link needs
        self.links.append(link)
        request = ul.Associate(called, "PROBE", contexts, max_pdu, "2.25.1", roles=roles or {})
        link.request(request, max(self.patience, 2.0))  # a busy machine is no silent peer
        return link

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for link in self.links:
            link.close()

    def invoke(
        self,
        link: Link,
        sop_class: str,
        command: Command,
        data: bytes | None = None,
    ) -> list[Any]:
        """Send a request; its responses as text and bytes, and how it ended if not properly."""
        found = [each for each in link.contexts.values() if each.abstract_syntax == sop_class]
        if not found:
            return ["no context"]
        command = {
            "AffectedSOPClassUID": sop_class,
            "MessageID": 7,
            "Priority": 0,
            "CommandDataSetType": NO_DATA_SET if data is None else DATA_SET,
        } | command
        try:
            link.send(found[0].id, command, data)
            return self.responses(link)
        except Ended as end:
            return [f"ended: {end}"]

    def responses(self, link: Link) -> list[Any]:
        """Everything up to the final response."""
        seen: list[Any] = []
        try:
            while len(seen) < ENOUGH:
                message = link.next_message(self.patience)
                if message.command["CommandField"] == C_STORE:
                    self.take_in(link, message)
                    continue
                data = message.data and hashlib.sha1(message.data).hexdigest()[:8]
                seen.append((message.context_id, sorted(message.command.items()), data))
                if message.command.get("Status") not in (0xFF00, 0xFF01, 0xFF02):
                    return [*seen, f"{len(self.kept)} received by then"]
                if self.on_pending:
                    self.on_pending()
                    self.on_pending = None
        except Ended as end:
            return [*seen, f"ended: {end}"]
        return [*seen, "and more"]

    def take_in(self, link: Link, message: Message) -> None:
        """Be the C-STORE SCP of a C-GET."""
        self.kept.append((message.context_id, message.command, message.data or b""))
        status = self.refuse.get(message.sop_instance, 0)
        response = {
            "AffectedSOPClassUID": message.sop_class,
            "AffectedSOPInstanceUID": message.sop_instance,
            "CommandField": C_STORE | 0x8000,
            "MessageIDBeingRespondedTo": message.command["MessageID"],
            "CommandDataSetType": NO_DATA_SET,
            "Status": status,
        }
        link.send(message.context_id, response)

    def echo(self, link: Link) -> list[Any]:
        """C-ECHO; anything left over from before comes first."""
        return self.invoke(link, VERIFICATION, {"CommandField": C_ECHO})

    def store(self, link: Link, stored: Stored, **command: Any) -> list[Any]:
        """C-STORE."""
        request = {"CommandField": C_STORE, "AffectedSOPInstanceUID": stored.sop_instance}
        return self.invoke(link, stored.sop_class, request | command, stored.data)

    def query(
        self,
        link: Link,
        sop_class: str,
        field: int,
        **keys: str,
    ) -> list[Any]:
        """C-FIND, C-MOVE or C-GET with these keys, several values joined by a backslash."""
        identifier = DataSet()
        if not all(each.isascii() for each in keys.values()):
            identifier.put("SpecificCharacterSet", "ISO_IR 192")
        extra = {"MoveDestination": keys.pop("to")} if "to" in keys else {}
        for keyword, value in keys.items():
            identifier.put(keyword, *(value.split("\\") if value else []))
        data = write_data_set(identifier, EXPLICIT)
        command = {"CommandField": field} | extra
        return self.invoke(link, sop_class, command, data)


class Destination(ArchiveSCP):
    """Where a C-MOVE sends to: writes down what comes, answers as told."""

    def __init__(self, ae_title: str) -> None:
        super().__init__(ae_title)
        self.received: list[Any] = []
        self.refuse: dict[str, int] = {}

    def serve_store(self, link: Link, message: Message) -> None:
        """Write down and answer."""
        digest = hashlib.sha1(message.data or b"").hexdigest()[:8]
        callers = (link.peer.calling, link.peer.called)
        syntax = link.contexts[message.context_id].accepted
        self.received.append((callers, sorted(message.command.items()), syntax, digest))
        verdict = Verdict(self.refuse.get(message.sop_instance, 0))
        self.reply(link, message, self.store_response(link, message, verdict))
