"""DIMSE messages cut into presentation data values, and put together again (PS3.7 6.3, PS3.8 E)."""

from __future__ import annotations

import struct
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dicomtest.dimse import command as commands
from dicomtest.dimse.pdus import P_DATA, PduError
from dicomtest.dimse.spool import FileSink, MemorySink, Spool
from dicomtest.evidence import IMPLICIT_LITTLE, Association, DataSetRef, Response

if TYPE_CHECKING:
    from pydicom import Dataset

EXPLICIT_BIG = "1.2.840.10008.1.2.2"
DEFLATED = "1.2.840.10008.1.2.1.99"
_READ = 1024 * 1024  # bytes of a file in memory at a time
_LARGEST_SENT_PDU = 128 * 1024  # where the peer sets no limit, or a larger one


@dataclass(slots=True)
class Message:
    """A complete DIMSE message as received."""

    context_id: int
    command: dict[str, Any] = field(default_factory=dict)
    data: DataSetRef | None = None
    began: float = 0.0  # when its first byte came
    at: float = 0.0  # when its last byte came
    problem: str = ""  # why the data set could not be kept


def is_response(message: Message) -> bool:
    """Whether a message is a response; a status without a Command Field makes it one."""
    code = commands.number(message.command, "CommandField")
    if code is None:
        return "Status" in message.command or "MessageIDBeingRespondedTo" in message.command
    return bool(code & commands.RESPONSE)


def as_response(message: Message) -> Response:
    """Make evidence of a received response, as it was."""
    return Response(
        status=commands.number(message.command, "Status"),
        command=message.command,
        data=message.data,
        at=message.at,
        context_id=message.context_id,
    )


class Assembler:
    """Puts messages together; complete ones wait in `inbox`."""

    def __init__(self, association: Association, now: Callable[[], float]) -> None:
        """Assemble for this association; `now` tells when the last bytes came."""
        self.inbox: deque[Message] = deque()
        self.spool: Spool | None = None
        self.progress: Callable[[int], None] | None = None  # told the size of a data set so far
        self._association = association
        self._now = now
        self._message: Message | None = None
        self._command = bytearray()
        self._sink: FileSink | MemorySink | None = None

    @property
    def underway(self) -> str:
        """What has come of an incomplete message, in words; "" when nothing has."""
        if self._message is None:
            return ""
        if self._sink is None:
            return f"only {len(self._command)} bytes of a command set came"
        return (
            f"a command set came that announces a data set, but only {self._sink.size} bytes of it"
        )

    def fragment(self, context_id: int, control: int, chunk: memoryview, end: bool) -> None:
        """Take a piece of a PDV (PS3.8 E.2: bit 0 command, bit 1 last fragment)."""
        is_command, is_last = bool(control & 1), bool(control & 2) and end
        message = self._message
        if message is None:
            if not is_command:
                self._stray(len(chunk))
                return
            context = self._association.context(context_id)
            if context is None or context.result != 0:
                raise PduError(f"presentation context {context_id} was not accepted")
            message = self._message = Message(context_id, began=self._now())
        if context_id != message.context_id:
            raise PduError(
                f"a message of presentation context {message.context_id} goes on in context "
                f"{context_id}"
            )
        if self._sink is None:
            if not is_command:
                raise PduError("a data set begins before the command set is complete")
            self._command += chunk
            if len(self._command) > 1024 * 1024:
                raise PduError("the command set does not end")
            if is_last:
                self._begin_data(message)
            return
        if is_command:
            raise PduError("a command set begins before the data set is complete")
        self._sink.write(chunk)
        if self.progress is not None:
            self.progress(self._sink.size)
        if is_last and self._sink is not None:
            message.data = self._sink.finish()
            message.problem = self._sink.problem
            self._complete(message)

    def _begin_data(self, message: Message) -> None:
        try:
            message.command = commands.decode(bytes(self._command))
        except commands.CommandError as error:
            raise PduError(f"the command set cannot be read: {error}") from error
        if message.command.get("CommandDataSetType", commands.NO_DATA_SET) == commands.NO_DATA_SET:
            self._complete(message)
            return
        context = self._association.context(message.context_id)
        syntax = (context.accepted if context else None) or IMPLICIT_LITTLE
        if message.command.get("CommandField") == commands.C_STORE and self.spool is not None:
            peer = self._association
            self._sink = self.spool.create(
                sop_class=commands.text(message.command, "AffectedSOPClassUID"),
                sop_instance=commands.text(message.command, "AffectedSOPInstanceUID"),
                transfer_syntax=syntax,
                source=peer.calling_ae_title
                if peer.seen_from == "acceptor"
                else peer.called_ae_title,
            )
        else:
            self._sink = MemorySink(syntax)

    def _complete(self, message: Message) -> None:
        message.at = self._now()
        self.inbox.append(message)
        self._message = self._sink = None
        self._command.clear()

    def _stray(self, size: int) -> None:
        if self._association.seen_from == "acceptor":
            raise PduError("a data set comes without a command set that announces it", 2)
        notes = self._association.notes
        notes["stray_data_bytes"] = notes.get("stray_data_bytes", 0) + size

    def discard(self) -> None:
        """Forget an incomplete message, and its file."""
        if self._sink is not None:
            self._sink.discard()
        self._message = self._sink = None
        self._command.clear()


def largest_pdu(announced: int | None) -> int:
    """Give the PDU length to use towards a peer that announced this Maximum Length Received."""
    if not announced:
        return _LARGEST_SENT_PDU
    return min(announced, _LARGEST_SENT_PDU)


def command_pdus(context_id: int, encoded: bytes, pdu_length: int) -> Iterator[bytes]:
    """Cut a command set into P-DATA-TF PDUs of one PDV each."""
    step = pdu_length - 6
    for at in range(0, len(encoded), step):
        piece = encoded[at : at + step]
        last = at + step >= len(encoded)
        yield _header(context_id, len(piece), 0x03 if last else 0x01) + piece


def _header(context_id: int, size: int, control: int) -> bytes:
    return struct.pack(">BBLLBB", P_DATA, 0, size + 6, size + 2, context_id, control)


def data_pdus(
    context_id: int, data: DataSetRef, pdu_length: int
) -> Iterator[tuple[list[bytes | memoryview], int]]:
    """Cut a data set into P-DATA-TF PDUs, some at a time: headers and views, nothing copied.

    With each lot comes the length of its longest PDU.
    """
    step = (pdu_length - 6) & ~1  # PDV fragments are of even length, PS3.8 E.2
    for block, last_block in _blocks(data, step):
        buffers: list[bytes | memoryview] = []
        for at in range(0, max(len(block), 1), step):
            piece = block[at : at + step]
            last = last_block and at + step >= len(block)
            buffers.append(_header(context_id, len(piece), 0x02 if last else 0x00))
            buffers.append(piece)
        yield buffers, min(step, len(block)) + 6


def _blocks(data: DataSetRef, step: int) -> Iterator[tuple[memoryview, bool]]:
    size = max(step, _READ // step * step)
    if data.data is not None:
        whole = memoryview(data.data)
        for at in range(0, max(len(whole), 1), size):
            yield whole[at : at + size], at + size >= len(whole)
        return
    assert data.path is not None
    left = data_size(data)
    with Path(data.path).open("rb", buffering=0) as file:
        file.seek(data.offset)
        while True:
            # a new buffer for each block: the one before may still be queued for sending
            block = _read(file, min(size, left))
            left -= len(block)
            yield block, left <= 0
            if left <= 0:
                return
            if not len(block):
                raise OSError(f"{data.path} became shorter while it was sent")


def _read(file: Any, size: int) -> memoryview:
    view = memoryview(bytearray(size))
    got = 0
    while got < size:
        count = file.readinto(view[got:])
        if not count:
            break
        got += count
    return view[:got]


def data_size(data: DataSetRef) -> int:
    """Length of the encoded data set in bytes."""
    if data.data is not None:
        return len(data.data)
    assert data.path is not None
    return Path(data.path).stat().st_size - data.offset


def encode_dataset(dataset: Dataset, transfer_syntax: str) -> DataSetRef:
    """Encode a data set (not a composite object with encapsulated pixels) for sending."""
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    stream = DicomBytesIO()
    stream.is_implicit_VR = transfer_syntax == IMPLICIT_LITTLE
    stream.is_little_endian = transfer_syntax != EXPLICIT_BIG
    write_dataset(stream, dataset)
    data = stream.getvalue()
    if transfer_syntax == DEFLATED and data:
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        data = deflater.compress(data) + deflater.flush()
        data += b"\0" * (len(data) % 2)
    return DataSetRef(transfer_syntax, data=data)
