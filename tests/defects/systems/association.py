"""One association of an archive: negotiation as acceptor, and DIMSE messages both ways."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from typing import TYPE_CHECKING

from . import upper_layer as ul
from .commands import C_CANCEL, NO_DATA_SET, Command, Message, read_command, write_command

if TYPE_CHECKING:
    from .archive_scp import ArchiveSCP

LARGEST_FRAGMENT = 1 << 17  # when the peer announced no limit


class Ended(Exception):
    """The association is over: released, aborted, or the connection closed."""


class Link:
    """An association and its TCP connection; also the requestor's end for C-MOVE.

    Everything written goes through `archive.outgoing`, where a defect can change any byte.
    """

    def __init__(self, archive: ArchiveSCP, connection: socket.socket, number: int) -> None:
        self.archive = archive
        self.socket = connection
        self.number = number
        self.peer = ul.Associate()
        self.contexts: dict[int, ul.Context] = {}  # accepted ones
        self.announced = 0  # our Maximum Length Received
        self.established = False
        self.aborted = False
        self.cancelled: set[int] = set()
        self.inbox: list[Message] = []
        self.buffer = bytearray()
        self.partial: Message | None = None
        self.fragments: list[bytes] = []
        self.release_asked = False
        self.stored = 0  # C-STORE requests seen
        self.memory: dict[str, object] = {}  # for defects
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    # --- bytes ---

    def write(self, data: bytes) -> None:
        """Send one PDU, or what a defect makes of it."""
        changed = self.archive.outgoing(self, data)
        if changed:
            try:
                self.socket.sendall(changed)
            except OSError as problem:
                raise Ended("connection lost while writing") from problem

    def read_pdu(self, timeout: float) -> tuple[int, bytes]:
        """The next PDU: type and body. The time limit holds for the whole PDU."""
        until = time.monotonic() + timeout
        while True:
            if len(self.buffer) >= 6:
                kind, _, length = struct.unpack_from(">BBL", self.buffer)
                self._check_header(kind, length)
                if len(self.buffer) >= 6 + length:
                    body = bytes(self.buffer[6 : 6 + length])
                    del self.buffer[: 6 + length]
                    return kind, body
            self._fill(until - time.monotonic())

    def _fill(self, timeout: float) -> None:
        try:
            self.socket.settimeout(max(0.001, timeout))
            data = self.socket.recv(1 << 16)
        except TimeoutError:
            self.abort(2, 0)
            raise Ended("time limit") from None
        except OSError as problem:
            raise Ended("connection lost") from problem
        if not data:
            raise Ended("connection closed")
        self.buffer += data

    def _check_header(self, kind: int, length: int) -> None:
        if kind not in range(1, 8):
            self.fail("unrecognized PDU", 1)
        if kind == ul.P_DATA and self.announced and length > self.announced:
            self.fail("P-DATA-TF is longer than announced", 6)
        if kind != ul.P_DATA and length > 1 << 20:
            self.fail("PDU length", 6)

    def fail(self, what: str, reason: int) -> None:
        """Abort as the service provider (PS3.8 AA-8; AA-1 before the request)."""
        self.abort(2 if self.established else 0, reason if self.established else 0)
        raise Ended(what)

    def abort(self, source: int, reason: int = 0) -> None:
        """Send A-ABORT and close."""
        with contextlib.suppress(Ended):
            self.write(ul.abort_pdu(source, reason))
        self.close()

    def close(self) -> None:
        """Close the connection; safe to repeat, from any thread."""
        self.established = False
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    # --- messages in ---

    def next_message(self, timeout: float | None = None) -> Message:
        """The next DIMSE message; raises Ended on release, abort or loss."""
        while not self.inbox:
            if self.release_asked:
                self.archive.answer_release(self)
                raise Ended("released")
            self._take(*self.read_pdu(timeout or self.archive.settings.idle))
        return self.inbox.pop(0)

    def is_cancelled(self, message_id: int) -> bool:
        """Whether a C-CANCEL for that request has come by now."""
        while self._readable():
            self._fill(0.1)
        while len(self.buffer) >= 6:
            (length,) = struct.unpack_from(">L", self.buffer, 2)
            if len(self.buffer) < 6 + length:
                break
            self._take(*self.read_pdu(0.1))
        return message_id in self.cancelled

    def _readable(self) -> bool:
        try:
            return bool(select.select([self.socket], [], [], 0)[0])
        except (OSError, ValueError) as problem:
            raise Ended("connection lost") from problem

    def _take(self, kind: int, body: bytes) -> None:
        if kind == ul.P_DATA:
            try:
                values = ul.read_data(body)
            except ul.Malformed as problem:
                self.fail(str(problem), problem.reason)
            for context_id, header, fragment in values:
                self._take_fragment(context_id, header, fragment)
        elif kind == ul.RELEASE_RQ:
            self.release_asked = True
        elif kind == ul.ABORT:
            self.aborted = True
            raise Ended("aborted")
        else:
            self.fail(f"unexpected PDU {kind}", 2)

    def _take_fragment(self, context_id: int, header: int, fragment: bytes) -> None:
        if context_id not in self.contexts:
            self.fail("presentation context was not accepted", 6)
        command = bool(header & ul.COMMAND_FRAGMENT)
        if command != (self.partial is None):
            self.fail("command and data set fragments out of order", 6)
        self.fragments.append(fragment)
        if not header & ul.LAST_FRAGMENT:
            return
        whole = b"".join(self.fragments)
        self.fragments = []
        if self.partial is None:
            try:
                received = Message(context_id, read_command(whole))
            except (ValueError, struct.error) as problem:
                self.fail(str(problem), 6)
            if received.command["CommandDataSetType"] != NO_DATA_SET:
                self.partial = received
                self.archive.on_command(self, received)
                return
        else:
            received, self.partial = self.partial, None
            received.data = whole
        if received.command["CommandField"] == C_CANCEL:
            self.cancelled.add(int(received.command.get("MessageIDBeingRespondedTo") or 0))
        else:
            self.inbox.append(received)

    # --- messages out ---

    def send(self, context_id: int, command: Command, data: bytes | None = None) -> None:
        """Send a message; see `ArchiveSCP.send_message`."""
        self.archive.send_message(self, context_id, command, data)

    def send_in_fragments(self, context_id: int, command: Command, data: bytes | None) -> None:
        """Send a message, each P-DATA-TF within the peer's Maximum Length Received."""
        most = self.archive.fragment_size(self)
        self._send_fragments(context_id, write_command(command), ul.COMMAND_FRAGMENT, most)
        if data is not None:
            self._send_fragments(context_id, data, 0, most)

    def _send_fragments(self, context_id: int, data: bytes, header: int, most: int) -> None:
        for at in range(0, max(len(data), 1), most):
            last = ul.LAST_FRAGMENT if at + most >= len(data) else 0
            self.write(ul.data_pdu(context_id, header | last, data[at : at + most]))

    # --- requestor's end ---

    def request(self, associate: ul.Associate, timeout: float) -> None:
        """Ask for the association; raises Ended when it is not accepted."""
        self.announced = associate.max_pdu
        self.write(ul.write_request(associate))
        kind, body = self.read_pdu(timeout)
        if kind != ul.ASSOCIATE_AC:
            self.close()
            raise Ended("association not accepted")
        try:
            self.peer = ul.read_associate(body)
        except ul.Malformed as problem:
            self.fail(str(problem), 6)
        for answer in self.peer.contexts:
            asked = associate.context(answer.id)
            if asked is not None and answer.result == 0:
                asked.accepted, asked.result, asked.role_scu = answer.accepted, 0, True
                self.contexts[asked.id] = asked
        self.established = True

    def release(self, timeout: float) -> None:
        """Ask for release and wait for the answer."""
        try:
            self.write(ul.release_pdu(ul.RELEASE_RQ))
            while self.read_pdu(timeout)[0] not in (ul.RELEASE_RP, ul.ABORT):
                pass
        except Ended:
            pass
        self.close()


def fragment_limit(max_pdu: int) -> int:
    """Fragment bytes that fit a P-DATA-TF of that length: six go to the PDV header."""
    return max(1, max_pdu - 6) if max_pdu else LARGEST_FRAGMENT
