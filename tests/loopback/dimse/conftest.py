"""Our two ends of an association, and peers scripted byte by byte."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset

from dicomtest.dimse import (
    Handlers,
    Limits,
    Listener,
    Proposal,
    Recorder,
    Remote,
    Requestor,
    Supported,
    associate,
    pdus,
)
from dicomtest.dimse import command as commands
from dicomtest.dimse.messages import encode_dataset
from dicomtest.evidence import EXPLICIT_LITTLE, IMPLICIT_LITTLE, DataSetRef

VERIFICATION = "1.2.840.10008.1.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
STUDY_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_GET = "1.2.840.10008.5.1.4.1.2.2.3"
MPPS = "1.2.840.10008.3.1.2.3.3"
COMMITMENT = "1.2.840.10008.1.20.1"
UNCOMPRESSED = (EXPLICIT_LITTLE, IMPLICIT_LITTLE)
SHORT = Limits(connect=5, association=5, response=5, release=2, idle=10)
EVERYTHING = tuple(
    Supported(uid, UNCOMPRESSED)
    for uid in (VERIFICATION, CT, STUDY_FIND, STUDY_MOVE, STUDY_GET, MPPS, COMMITMENT)
)


@dataclass
class Net:
    """Starts ends of associations and stops them after the test."""

    folder: Path
    recorder: Recorder = field(default_factory=Recorder)
    listeners: list[Listener] = field(default_factory=list)
    requestors: list[Requestor] = field(default_factory=list)

    def listen(self, ae_title: str = "SCP", **options: Any) -> Listener:
        given: dict[str, Any] = {
            "supported": EVERYTHING,
            "handlers": Handlers(),
            "recorder": self.recorder,
            "spool": self.folder / f"spool-{len(self.listeners)}",
            "limits": SHORT,
        }
        listener = Listener(ae_title, **{**given, **options})
        self.listeners.append(listener)
        return listener.start()

    def associate(
        self, peer: Listener | Scripted | int, *abstract_syntaxes: str, **options: Any
    ) -> Requestor:
        port = peer if isinstance(peer, int) else peer.port
        given: dict[str, Any] = {
            "calling": "SCU",
            "proposals": [
                Proposal(uid, (EXPLICIT_LITTLE,)) for uid in abstract_syntaxes or (VERIFICATION,)
            ],
            "recorder": self.recorder,
            "limits": SHORT,
        }
        tls = options.pop("tls", None)
        remote = Remote("SCP", "127.0.0.1", port, tls)
        self.requestors.append(associate(remote, **{**given, **options}))
        return self.requestors[-1]


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Net]:
    before = set(threading.enumerate())
    net = Net(tmp_path)
    yield net
    for requestor in net.requestors:
        requestor.abort()
    for listener in net.listeners:
        listener.stop()
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(10)
    assert not any(thread.is_alive() for thread in left), left


def an_object(size: int = 1000, **attributes: Any) -> DataSetRef:
    """An encoded CT-like data set of about that size."""
    dataset = Dataset()
    dataset.SOPClassUID = CT
    dataset.SOPInstanceUID = "1.2.3.4"
    dataset.PatientID = "P1"
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    dataset.add_new("PixelData", "OW", b"\x5a\xa5" * (size // 2))
    return encode_dataset(dataset, EXPLICIT_LITTLE)


# --- peers scripted byte by byte


@dataclass
class Wired:
    """One end of a TCP connection in the hands of a test."""

    sock: socket.socket

    def send(self, *pieces: bytes) -> None:
        self.sock.sendall(b"".join(pieces))

    def exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = self.sock.recv(count - len(data))
            if not piece:
                raise EOFError(f"closed after {len(data)} of {count} bytes")
            data += piece
        return data

    def pdu(self) -> tuple[int, bytes]:
        kind, _, length = struct.unpack(">BBL", self.exactly(6))
        return kind, self.exactly(length)

    def accept(self, max_pdu: int = 16384, result: int = 0) -> pdus.AssociateItems:
        """Read an A-ASSOCIATE-RQ and accept every context in its first transfer syntax."""
        kind, body = self.pdu()
        assert kind == pdus.ASSOCIATE_RQ
        items = pdus.read_associate(body, request=True)
        for context in items.contexts:
            context.result, context.accepted = result, context.proposed[0]
        self.send(pdus.associate_ac(items, items.contexts, max_pdu=max_pdu, roles={}))
        return items

    def message(self) -> tuple[int, dict[str, Any], bytes]:
        """Read one DIMSE message: context ID, command set, data set."""
        command, data = b"", b""
        context_id, has_data = 0, True
        complete = False
        while not complete:
            kind, body = self.pdu()
            assert kind == pdus.P_DATA, kind
            at = 0
            while at < len(body):
                length, context_id, control = struct.unpack_from(">LBB", body, at)
                piece = body[at + 6 : at + 4 + length]
                at += 4 + length
                if control & 1:
                    command += piece
                    if control & 2:
                        kind_of = commands.decode(command)["CommandDataSetType"]
                        has_data = kind_of != commands.NO_DATA_SET
                        complete = not has_data
                else:
                    data += piece
                    complete = bool(control & 2)
        return context_id, commands.decode(command), data

    def respond(
        self, context_id: int, request: dict[str, Any], status: int, **elements: Any
    ) -> None:
        self.send(
            p_data(context_id, command=commands.encode(response(request, status, **elements)))
        )

    def release(self) -> None:
        """Confirm the release that comes next."""
        kind, _ = self.pdu()
        assert kind == pdus.RELEASE_RQ
        self.send(pdus.release_rp())

    def closed(self) -> bool:
        """Whether the other end closes without another byte."""
        try:
            return self.sock.recv(1) == b""
        except ConnectionError:
            return True


def response(request: dict[str, Any], status: int | None, **elements: Any) -> dict[str, Any]:
    return {
        "AffectedSOPClassUID": request.get("AffectedSOPClassUID"),
        "CommandField": request["CommandField"] | 0x8000,
        "MessageIDBeingRespondedTo": request.get("MessageID"),
        "CommandDataSetType": 0x0101,
        "Status": status,
        **elements,
    }


def p_data(
    context_id: int, *, command: bytes | None = None, data: bytes | None = None, last: bool = True
) -> bytes:
    """One P-DATA-TF PDU with one PDV."""
    piece = command if command is not None else data
    assert piece is not None
    control = (1 if command is not None else 0) | (2 if last else 0)
    pdv = struct.pack(">LBB", len(piece) + 2, context_id, control) + piece
    return struct.pack(">BBL", pdus.P_DATA, 0, len(pdv)) + pdv


@dataclass
class Scripted:
    """Listens, and gives its first connections to a script each, in a thread."""

    scripts: tuple[Callable[[Wired], None], ...]
    port: int = 0
    error: BaseException | None = None

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(10)
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            for script in self.scripts:
                sock, _ = self._server.accept()
                with sock:
                    sock.settimeout(10)
                    script(Wired(sock))
        except BaseException as error:
            self.error = error
        finally:
            self._server.close()

    def finish(self) -> None:
        """Wait for the scripts; raise what they raised."""
        self._thread.join(10)
        assert not self._thread.is_alive(), "the script did not end"
        if self.error is not None:
            raise self.error


@pytest.fixture
def scripted() -> Iterator[Callable[..., Scripted]]:
    started: list[Scripted] = []

    def start(*scripts: Callable[[Wired], None]) -> Scripted:
        started.append(Scripted(scripts))
        return started[-1]

    yield start
    for each in started:
        each.finish()


@pytest.fixture
def raw() -> Iterator[Callable[[Listener], Wired]]:
    """Connect to a listener as a bare socket."""
    opened: list[socket.socket] = []

    def connect(listener: Listener) -> Wired:
        sock = socket.create_connection(("127.0.0.1", listener.port), 5)
        sock.settimeout(5)
        opened.append(sock)
        return Wired(sock)

    yield connect
    for sock in opened:
        sock.close()


def rq(*abstract_syntaxes: str, called: str = "SCP", calling: str = "RAW", **kw: Any) -> bytes:
    return pdus.associate_rq(
        calling=calling,
        called=called,
        proposals=[
            Proposal(each, (EXPLICIT_LITTLE,)) for each in abstract_syntaxes or (VERIFICATION,)
        ],
        max_pdu=16384,
        **kw,
    )


def echo_rq(message_id: int = 1) -> bytes:
    command = {
        "AffectedSOPClassUID": VERIFICATION,
        "CommandField": commands.C_ECHO,
        "MessageID": message_id,
        "CommandDataSetType": commands.NO_DATA_SET,
    }
    return p_data(1, command=commands.encode(command))
