"""Peers that are no DICOM systems, or stop being ones half-way: bad input at run time.

A harness that meets one must come to a verdict, in bounded time, and say in words what it saw.

    with RawPeer(BEHAVIOURS["never-answers"]) as peer:
        ... associate with 127.0.0.1, peer.port ...
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from . import upper_layer as ul
from .commands import NO_DATA_SET, RESPONSE, Command, read_command, write_command

HALF_A_PDU = 20


class Gone(Exception):
    """The other side closed, or the peer was stopped."""


@dataclass
class Conversation:
    """One TCP connection, read PDU by PDU."""

    socket: socket.socket
    stopped: threading.Event
    request: ul.Associate = field(default_factory=ul.Associate)

    def read_pdu(self) -> tuple[int, bytes]:
        """Type and body of the next PDU; waits for as long as it takes."""
        head = self.read(6)
        kind, _, length = struct.unpack(">BBL", head)
        return kind, self.read(length)

    def read(self, count: int) -> bytes:
        """Exactly that many bytes; raises Gone when the other side closes."""
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise Gone
            data += part
        return data

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def wait(self) -> None:
        """Read and say nothing until the other side closes."""
        while self.socket.recv(1 << 16):
            pass
        raise Gone

    def reset(self) -> None:
        """Break the connection with a TCP reset."""
        linger = struct.pack("ii", 1, 0)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.socket.close()
        raise Gone

    def acceptance(self) -> bytes:
        """Read the A-ASSOCIATE-RQ; the A-ASSOCIATE-AC that takes every context."""
        kind, body = self.read_pdu()
        if kind != ul.ASSOCIATE_RQ:
            raise Gone
        self.request = ul.read_associate(body)
        contexts = [
            ul.Context(each.id, result=0, accepted=each.transfer_syntaxes[0])
            for each in self.request.contexts
        ]
        return ul.write_accept(
            ul.Associate(
                contexts=contexts,
                implementation_class_uid="2.25.309999999999999999999999999999999999",
                titles=self.request.titles,
            )
        )

    def accept(self) -> None:
        """Accept the association."""
        self.write(self.acceptance())

    def command(self) -> tuple[int, Command]:
        """Context ID and command set of the next message; its data set is read and dropped."""
        command: Command | None = None
        collected = b""
        while True:
            kind, body = self.read_pdu()
            if kind == ul.RELEASE_RQ:
                self.write(ul.release_pdu(ul.RELEASE_RP))
                self.wait()
            if kind != ul.P_DATA:
                raise Gone
            for context_id, header, fragment in ul.read_data(body):
                last = bool(header & ul.LAST_FRAGMENT)
                if header & ul.COMMAND_FRAGMENT:
                    collected += fragment
                    if last:
                        command = read_command(collected)
                        if command["CommandDataSetType"] == NO_DATA_SET:
                            return context_id, command
                elif last and command is not None:
                    return context_id, command

    def respond(self, **change: Any) -> None:
        """Answer the next request, with these elements in place of the proper ones."""
        context_id, command = self.command()
        response = answer_to(command) | change
        self.write(ul.data_pdu(context_id, 3, write_command(response)))


def answer_to(command: Command) -> Command:
    """A proper response with Success."""
    return {
        "AffectedSOPClassUID": command.get("AffectedSOPClassUID"),
        "CommandField": command["CommandField"] | RESPONSE,
        "MessageIDBeingRespondedTo": command.get("MessageID"),
        "CommandDataSetType": NO_DATA_SET,
        "Status": 0,
        "AffectedSOPInstanceUID": command.get("AffectedSOPInstanceUID"),
    }


@dataclass(frozen=True)
class Behaviour:
    """What a raw peer does with each connection."""

    name: str
    says: str
    run: Callable[[Conversation], None]


BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(run: Callable[[Conversation], None]) -> Callable[[Conversation], None]:
    """Register a behaviour under the function's name with hyphens."""
    name = run.__name__.replace("_", "-")
    BEHAVIOURS[name] = Behaviour(name, " ".join((run.__doc__ or "").split()), run)
    return run


class RawPeer:
    """A TCP server on 127.0.0.1 that treats every connection by one behaviour."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.open: list[socket.socket] = []
        self.threads: list[threading.Thread] = []

    def start(self) -> int:
        """Listen; returns the port."""
        self._run(self._accept)
        return self.port

    def stop(self) -> None:
        """Close everything."""
        self.stopped.set()
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=1),
        ):
            pass  # wakes accept()
        self.listener.close()
        for connection in self.open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self.threads:
            thread.join(5)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            if self.stopped.is_set():
                connection.close()
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.open.append(connection)
            self._run(self._attend, connection)

    def _attend(self, connection: socket.socket) -> None:
        conversation = Conversation(connection, self.stopped)
        with contextlib.suppress(Gone, OSError, ValueError, ul.Malformed):
            self.behaviour.run(conversation)
        connection.close()


def rejecting(result: int, source: int, reason: int) -> Behaviour:
    """A peer that rejects every association with these codes, legal or not."""

    def run(peer: Conversation) -> None:
        peer.read_pdu()
        peer.write(ul.reject_pdu(result, source, reason))
        peer.wait()

    return Behaviour(
        f"rejects-{result}-{source}-{reason}",
        f"Rejects the association with result {result}, source {source}, reason {reason}.",
        run,
    )


def aborting(source: int, reason: int) -> Behaviour:
    """A peer that answers the A-ASSOCIATE-RQ with an A-ABORT of these codes."""

    def run(peer: Conversation) -> None:
        peer.read_pdu()
        peer.write(ul.abort_pdu(source, reason))

    return Behaviour(
        f"aborts-{source}-{reason}",
        f"Aborts on the A-ASSOCIATE-RQ with source {source}, reason {reason}.",
        run,
    )


def answering(status: int) -> Behaviour:
    """A peer that answers every request with one status, legal or not."""

    def run(peer: Conversation) -> None:
        peer.accept()
        while True:
            peer.respond(Status=status)

    return Behaviour(f"answers-{status:04x}", f"Answers every request with {status:04X}.", run)


def dripping(seconds: float) -> Behaviour:
    """A peer that accepts, one byte at a time with that pause in between."""

    def run(peer: Conversation) -> None:
        for byte in peer.acceptance():
            peer.write(bytes([byte]))
            if peer.stopped.wait(seconds):
                return
        while True:
            peer.respond()

    return Behaviour(f"drips-{seconds:g}", f"Accepts with a byte every {seconds:g} s.", run)


# --- before the association ---


@behaviour
def never_answers(peer: Conversation) -> None:
    """Takes the connection and says nothing."""
    peer.wait()


@behaviour
def closes_at_once(peer: Conversation) -> None:
    """Takes the connection and closes it."""


@behaviour
def resets_at_once(peer: Conversation) -> None:
    """Takes the connection and resets it."""
    peer.reset()


@behaviour
def closes_on_the_request(peer: Conversation) -> None:
    """Reads the A-ASSOCIATE-RQ and closes the connection."""
    peer.read_pdu()


@behaviour
def answers_with_garbage(peer: Conversation) -> None:
    """Answers the A-ASSOCIATE-RQ with bytes that are no PDU."""
    peer.read_pdu()
    peer.write(bytes(range(255, 100, -1)))
    peer.wait()


@behaviour
def answers_with_an_endless_pdu(peer: Conversation) -> None:
    """Answers with an A-ASSOCIATE-AC that claims 4 GB and sends a few bytes of them."""
    peer.read_pdu()
    peer.write(b"\2\0\xff\xff\xff\xff" + bytes(100))
    peer.wait()


@behaviour
def accepts_by_half(peer: Conversation) -> None:
    """Sends half an A-ASSOCIATE-AC and closes the connection."""
    peer.write(peer.acceptance()[:HALF_A_PDU])


@behaviour
def accepts_by_half_and_waits(peer: Conversation) -> None:
    """Sends half an A-ASSOCIATE-AC and says nothing more."""
    peer.write(peer.acceptance()[:HALF_A_PDU])
    peer.wait()


@behaviour
def accepts_with_broken_items(peer: Conversation) -> None:
    """Sends an A-ASSOCIATE-AC whose items are longer than the PDU."""
    kind, body = ul.ASSOCIATE_AC, bytearray(peer.acceptance()[6:])
    body[70:72] = b"\xff\xff"
    peer.write(ul.pdu(kind, bytes(body)))
    peer.wait()


@behaviour
def sends_the_request_back(peer: Conversation) -> None:
    """Returns every byte it gets, like an echo service."""
    while data := peer.socket.recv(1 << 16):
        peer.write(data)


@behaviour
def answers_with_release(peer: Conversation) -> None:
    """Answers the A-ASSOCIATE-RQ with an A-RELEASE-RP."""
    peer.read_pdu()
    peer.write(ul.release_pdu(ul.RELEASE_RP))
    peer.wait()


@behaviour
def rejects_with_a_short_pdu(peer: Conversation) -> None:
    """Sends an A-ASSOCIATE-RJ without its codes."""
    peer.read_pdu()
    peer.write(ul.pdu(ul.ASSOCIATE_RJ, b"\0"))
    peer.wait()


@behaviour
def is_a_web_server(peer: Conversation) -> None:
    """Answers like an HTTP server that does not understand the request."""
    peer.socket.recv(1 << 16)
    body = b"<html><body><h1>400 Bad request</h1></body></html>"
    head = f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    peer.write(head.encode() + body)


@behaviour
def is_a_shell_server(peer: Conversation) -> None:
    """Greets like an SSH server before anything was sent."""
    peer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
    peer.wait()


@behaviour
def is_a_tls_server(peer: Conversation) -> None:
    """Speaks TLS only: clear text gets an alert and the end of the connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("aNULL:@SECLEVEL=0")  # a server without a certificate
    with context.wrap_socket(peer.socket, server_side=True) as wrapped:
        while wrapped.recv(1 << 16):
            pass


# --- in the association ---


@behaviour
def accepts_and_falls_silent(peer: Conversation) -> None:
    """Accepts the association and answers no request."""
    peer.accept()
    peer.wait()


@behaviour
def accepts_and_aborts(peer: Conversation) -> None:
    """Aborts right after it accepted."""
    peer.accept()
    peer.write(ul.abort_pdu(2, 1))


@behaviour
def accepts_and_closes(peer: Conversation) -> None:
    """Closes the connection right after it accepted."""
    peer.accept()


@behaviour
def aborts_on_the_first_data(peer: Conversation) -> None:
    """Aborts when the first P-DATA-TF comes."""
    peer.accept()
    peer.read_pdu()
    peer.write(ul.abort_pdu(0, 0))


@behaviour
def closes_on_the_first_data(peer: Conversation) -> None:
    """Closes the connection when the first P-DATA-TF comes."""
    peer.accept()
    peer.read_pdu()


@behaviour
def resets_on_the_first_data(peer: Conversation) -> None:
    """Resets the connection when the first P-DATA-TF comes."""
    peer.accept()
    peer.read_pdu()
    peer.reset()


def _half_a_response(peer: Conversation) -> None:
    context_id, command = peer.command()
    data = write_command(answer_to(command))
    peer.write(ul.data_pdu(context_id, ul.COMMAND_FRAGMENT, data[:30]))


@behaviour
def aborts_in_a_response(peer: Conversation) -> None:
    """Sends the first fragment of a response and aborts."""
    peer.accept()
    _half_a_response(peer)
    peer.write(ul.abort_pdu(0, 0))


@behaviour
def closes_in_a_response(peer: Conversation) -> None:
    """Sends the first fragment of a response and closes the connection."""
    peer.accept()
    _half_a_response(peer)


@behaviour
def closes_in_a_pdu(peer: Conversation) -> None:
    """Sends half a P-DATA-TF PDU and closes the connection."""
    peer.accept()
    context_id, command = peer.command()
    peer.write(ul.data_pdu(context_id, 3, write_command(answer_to(command)))[:HALF_A_PDU])


@behaviour
def falls_silent_in_a_pdu(peer: Conversation) -> None:
    """Sends half a P-DATA-TF PDU and says nothing more."""
    peer.accept()
    context_id, command = peer.command()
    peer.write(ul.data_pdu(context_id, 3, write_command(answer_to(command)))[:HALF_A_PDU])
    peer.wait()


@behaviour
def sends_an_unknown_pdu(peer: Conversation) -> None:
    """Answers a request with a PDU of type 2A."""
    peer.accept()
    peer.command()
    peer.write(ul.pdu(0x2A, bytes(16)))
    peer.wait()


@behaviour
def sends_a_garbled_command_set(peer: Conversation) -> None:
    """Answers a request with a command set that cannot be read."""
    peer.accept()
    context_id, _ = peer.command()
    peer.write(ul.data_pdu(context_id, 3, bytes.fromhex("00000001ffffffff") + b"garbage"))
    peer.wait()


@behaviour
def sends_values_that_overlap(peer: Conversation) -> None:
    """Answers with a P-DATA-TF whose value is longer than the PDU."""
    peer.accept()
    context_id, _ = peer.command()
    peer.write(ul.pdu(ul.P_DATA, struct.pack(">LBB", 5000, context_id, 3) + bytes(50)))
    peer.wait()


@behaviour
def responds_without_status(peer: Conversation) -> None:
    """Leaves Status out of its responses."""
    peer.accept()
    while True:
        peer.respond(Status=None)


@behaviour
def responds_to_another_message(peer: Conversation) -> None:
    """Answers with a Message ID Being Responded To that was never sent."""
    peer.accept()
    while True:
        peer.respond(MessageIDBeingRespondedTo=60000)


@behaviour
def responds_with_a_request(peer: Conversation) -> None:
    """Answers a request with a C-ECHO request of its own."""
    peer.accept()
    while True:
        peer.respond(CommandField=0x0030, MessageID=1, Status=None, MessageIDBeingRespondedTo=None)


@behaviour
def promises_a_data_set(peer: Conversation) -> None:
    """Says in its responses that a data set follows and sends none."""
    peer.accept()
    while True:
        peer.respond(CommandDataSetType=1)


@behaviour
def is_pending_for_ever(peer: Conversation) -> None:
    """Answers with FF00 again and again."""
    peer.accept()
    context_id, command = peer.command()
    response = answer_to(command) | {"Status": 0xFF00}
    while not peer.stopped.wait(0.01):
        peer.write(ul.data_pdu(context_id, 3, write_command(response)))


@behaviour
def releases_instead_of_answering(peer: Conversation) -> None:
    """Answers a request with an A-RELEASE-RQ."""
    peer.accept()
    peer.command()
    peer.write(ul.release_pdu(ul.RELEASE_RQ))
    peer.wait()


@behaviour
def never_answers_release(peer: Conversation) -> None:
    """Answers requests but no A-RELEASE-RQ."""
    peer.accept()
    while True:
        kind, body = peer.read_pdu()
        if kind != ul.P_DATA:
            peer.wait()
        for context_id, header, fragment in ul.read_data(body):
            if header == ul.COMMAND_FRAGMENT | ul.LAST_FRAGMENT:
                response = answer_to(read_command(fragment))
                peer.write(ul.data_pdu(context_id, 3, write_command(response)))


for _each in (
    rejecting(1, 1, 1),
    rejecting(1, 1, 2),
    rejecting(1, 1, 3),
    rejecting(1, 1, 7),
    rejecting(1, 2, 1),
    rejecting(1, 2, 2),
    rejecting(2, 3, 1),
    rejecting(2, 3, 2),
    rejecting(0, 5, 99),
    aborting(0, 0),
    aborting(2, 0),
    aborting(2, 6),
    aborting(7, 99),
    answering(0x1234),
    answering(0xC001),
    answering(0xFFFF),
    dripping(0.001),
    dripping(1.0),
):
    BEHAVIOURS[_each.name] = _each
