"""A small sound archive on sockets: C-ECHO, C-STORE, C-FIND, C-MOVE and C-GET as an SCP.

It shares no code with dicomtest, and its network code not even a library. Every decision is a
method, and `Deviation`s (see `deviation.py`) replace single methods or settings: a defect makes
the archive unsound in exactly one way, a quirk uses a freedom the standard gives.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Self

from . import upper_layer as ul
from .association import Ended, Link, fragment_limit
from .commands import (
    C_ECHO,
    C_FIND,
    C_GET,
    C_MOVE,
    C_STORE,
    NO_DATA_SET,
    RESPONSE,
    SUCCESS,
    Command,
    Message,
    response_to,
)
from .deviation import Deviation
from .holdings import Holdings
from .query import Refused
from .retrieve import Retrieve
from .settings import VERIFICATION, Settings
from .store import Store

IMPLEMENTATION_CLASS_UID = "2.25.209999999999999999999999999999999999"
IMPLEMENTATION_VERSION_NAME = "INDEPENDENT_1"


class ArchiveSCP(Store, Retrieve):
    """An archive that listens from `start()` to `stop()`, on a port the OS chooses.

    `destinations` are the AEs it can move to: AE title to host and port.
    """

    def __init__(
        self,
        ae_title: str = "ARCHIVE",
        destinations: Mapping[str, tuple[str, int]] | None = None,
        deviations: Iterable[Deviation] = (),
        settings: Settings | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.ae_title = ae_title
        self.destinations = dict(destinations or {})
        self.settings = settings or Settings()
        self.host, self.port = host, port
        self.holdings = Holdings()
        self.links: dict[int, Link] = {}
        self.lock = threading.Lock()
        self.counter = 0  # connections so far
        self.aborts = 0  # associations the other side aborted
        self.memory: dict[str, object] = {}  # for defects
        self.stopping = threading.Event()
        self.threads: list[threading.Thread] = []
        self.listener: socket.socket | None = None
        for deviation in deviations:
            self.settings = replace(self.settings, **deviation.settings)
            for hook, function in deviation.hooks.items():
                setattr(self, hook, partial(function, self, getattr(self, hook)))

    # --- lifecycle ---

    def start(self) -> int:
        """Listen; returns the port."""
        listener = socket.create_server((self.host, self.port), backlog=64)
        self.listener, self.port = listener, listener.getsockname()[1]
        self._run(self._accept, listener)
        return int(self.port)

    def stop(self) -> None:
        """Close every connection and wait for the threads."""
        self.stopping.set()
        if self.listener is not None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection((self.host, self.port), timeout=1),
            ):
                pass  # wakes accept()
            self.listener.close()
        for link in list(self.links.values()):
            link.close()
        for thread in self.threads:
            thread.join(5)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type] # any callable
        self.threads = [each for each in self.threads if each.is_alive()] + [thread]
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if self.stopping.is_set():
                connection.close()
                return
            with self.lock:
                self.counter += 1
                link = Link(self, connection, self.counter)
                self.links[link.number] = link
            self._run(self._attend, link)

    def _attend(self, link: Link) -> None:
        try:
            self.associate(link)
            while True:
                self.dispatch(link, link.next_message())
        except Ended:
            pass
        finally:
            self.aborts += link.aborted
            self.on_gone(link)
            link.close()
            with self.lock:
                self.links.pop(link.number, None)

    # --- hooks: upper layer ---

    def outgoing(self, link: Link, data: bytes) -> bytes:
        """Any PDU on its way out."""
        return data

    def fragment_size(self, link: Link) -> int:
        """Bytes of a message in one P-DATA-TF (PS3.8 D.1)."""
        return fragment_limit(link.peer.max_pdu)

    def send_message(
        self, link: Link, context_id: int, command: Command, data: bytes | None
    ) -> None:
        """Any DIMSE message on its way out, C-STORE sub-operations too."""
        link.send_in_fragments(context_id, command, data)

    def associate(self, link: Link) -> None:
        """Answer the request for an association (PS3.8 7.1)."""
        link.announced = self.settings.max_pdu
        kind, body = link.read_pdu(self.settings.artim)
        if kind != ul.ASSOCIATE_RQ:
            link.fail("A-ASSOCIATE-RQ expected", 2)
        try:
            link.peer = ul.read_associate(body)
        except ul.Malformed as problem:
            link.fail(str(problem), problem.reason)
        refusal = self.refuse_association(link, link.peer)
        if refusal is not None:
            self.reject(link, *refusal)
        link.established = True
        accept = self.accept(link, link.peer)
        link.contexts = {each.id: each for each in accept.contexts if each.result == 0}
        self.send_accept(link, accept)

    def refuse_association(
        self,
        link: Link,
        request: ul.Associate,
    ) -> tuple[int, int, int] | None:
        """Result, source and reason of a rejection (PS3.8 Table 9-21), or None."""
        if not request.protocol_version & 1:
            return (1, 2, 2)
        if request.application_context != ul.APPLICATION_CONTEXT:
            return (1, 1, 2)
        if self.settings.check_called and request.called != self.ae_title:
            return (1, 1, 7)
        with self.lock:
            active = sum(each.established for each in self.links.values())
        if active >= self.settings.max_associations:
            return (2, 3, 2)
        return None

    def reject(self, link: Link, result: int, source: int, reason: int) -> None:
        """Send A-ASSOCIATE-RJ and wait for the requestor to close."""
        link.write(ul.reject_pdu(result, source, reason))
        self.await_close(link)
        raise Ended("rejected")

    def await_close(self, link: Link) -> None:
        """The requestor closes the connection; ARTIM limits the wait (PS3.8 Sta13)."""
        with contextlib.suppress(Ended, OSError):
            link.socket.settimeout(self.settings.artim)
            while link.socket.recv(4096):
                pass

    def accept(self, link: Link, request: ul.Associate) -> ul.Associate:
        """The A-ASSOCIATE-AC: an answer to every context and every role item."""
        contexts = [self.answer_context(link, each, request) for each in request.contexts]
        return ul.Associate(
            contexts=contexts,
            max_pdu=self.settings.max_pdu,
            implementation_class_uid=IMPLEMENTATION_CLASS_UID,
            implementation_version_name=IMPLEMENTATION_VERSION_NAME,
            roles=self.answer_roles(link, request, contexts),
            extended=self.answer_extended(request),
            titles=request.titles,
        )

    def send_accept(self, link: Link, accept: ul.Associate) -> None:
        """Write the A-ASSOCIATE-AC."""
        link.write(ul.write_accept(accept))

    def supported_syntaxes(self, abstract_syntax: str) -> tuple[str, ...]:
        """The transfer syntaxes of a SOP class this archive serves; none when it does not."""
        if abstract_syntax == VERIFICATION or abstract_syntax in self.settings.query_retrieve:
            return self.settings.query_syntaxes
        if abstract_syntax in self.settings.storage_classes:
            return self.settings.syntaxes
        return ()

    def answer_context(
        self,
        link: Link,
        asked: ul.Context,
        request: ul.Associate,
    ) -> ul.Context:
        """Accept (0) or refuse (3 abstract syntax, 4 transfer syntaxes) one context."""
        supported = self.supported_syntaxes(asked.abstract_syntax)
        answer = replace(asked, accepted=next(iter(asked.transfer_syntaxes), ul.IMPLICIT_LITTLE))
        first, second = asked.transfer_syntaxes, supported
        if not self.settings.proposals_first:
            first, second = list(supported), tuple(asked.transfer_syntaxes)
        chosen = next((each for each in first if each in second), None)
        if not supported:
            answer.result = 3
        elif chosen is None:
            answer.result = 4
        else:
            answer.result, answer.accepted = 0, chosen
        scu, scp = request.roles.get(asked.abstract_syntax, (True, False))
        answer.role_scp = scu
        answer.role_scu = scp and asked.abstract_syntax in self.settings.storage_classes
        return answer

    def answer_roles(
        self,
        link: Link,
        request: ul.Associate,
        contexts: list[ul.Context],
    ) -> dict[str, tuple[bool, bool]]:
        """Role selection items (PS3.7 D.3.3.4): storage in either role, anything else default."""
        accepted = {each.abstract_syntax for each in contexts if each.result == 0}
        return {
            uid: (scu, scp and uid in self.settings.storage_classes)
            for uid, (scu, scp) in request.roles.items()
            if uid in accepted
        }

    def answer_extended(self, request: ul.Associate) -> dict[str, bytes]:
        """SOP class extended negotiation (PS3.4 C.5): relational queries, where claimed."""
        if not self.settings.relational:
            return {}
        return {
            uid: bytes([each[:1] == b"\1"]) + bytes(len(each) - 1)
            for uid, each in request.extended.items()
            if uid in self.settings.query_retrieve and each
        }

    def answer_release(self, link: Link) -> None:
        """Send A-RELEASE-RP and wait for the requestor to close."""
        time.sleep(self.settings.release_delay)
        link.established = False
        link.write(ul.release_pdu(ul.RELEASE_RP))
        self.await_close(link)

    def on_command(self, link: Link, message: Message) -> None:
        """A command set has come, its data set not yet."""

    def on_gone(self, link: Link) -> None:
        """An association is over, in whatever way."""

    # --- hooks: messages ---

    def dispatch(self, link: Link, message: Message) -> None:
        """Serve one request; requests nobody knows get 0211 (PS3.7 C.5)."""
        services = {
            C_ECHO: self.serve_echo,
            C_STORE: self.serve_store,
            C_FIND: self.serve_find,
            C_MOVE: self.serve_move,
            C_GET: self.serve_get,
        }
        field = message.command["CommandField"]
        if field & RESPONSE:
            return
        service = services.get(field)
        if service is None:
            self.reply(link, message, response_to(message, 0x0211))
        elif message.sop_class != link.contexts[message.context_id].abstract_syntax:
            self.reply(link, message, response_to(message, 0x0122))
        else:
            try:
                service(link, message)
            except Refused as refused:
                self.reply(link, message, self.failure(message, refused.status, str(refused)))

    def reply(
        self, link: Link, message: Message, response: Command, data: bytes | None = None
    ) -> None:
        """Send one response."""
        time.sleep(self.settings.delay)
        if not self.settings.response_sop_class:
            response = response | {"AffectedSOPClassUID": None}
        if data is not None and response["CommandDataSetType"] == NO_DATA_SET:
            response = response | {"CommandDataSetType": 1}
        link.send(message.context_id, response, data)

    def failure(self, message: Message, status: int, comment: str) -> Command:
        """A failure response, with a comment where the archive gives one."""
        response = response_to(message, status)
        if self.settings.comments and comment:
            response["ErrorComment"] = comment[:64]
        return response

    def serve_echo(self, link: Link, message: Message) -> None:
        """C-ECHO (PS3.7 9.1.5)."""
        self.reply(link, message, self.echo_response(message))

    def echo_response(self, message: Message) -> Command:
        """Success."""
        return response_to(message, SUCCESS)
