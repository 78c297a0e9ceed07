"""The byte stream of an association, cut into PDUs and presentation data values (PS3.8 9.3).

P-DATA-TF PDUs are passed on piece by piece as they arrive, so that neither a peer without a
PDU limit nor a false length makes us keep more than the receive buffer.
"""

from __future__ import annotations

import struct
from typing import Protocol

from dicomtest.dimse import pdus
from dicomtest.dimse.pdus import PduError
from dicomtest.dimse.wire import Wire

_LONGEST_CONTROL_PDU = 4 * 1024 * 1024  # 128 contexts with 64 transfer syntaxes are 0.6 MB


class Receiver(Protocol):
    """What the stream is passed on to."""

    @property
    def over(self) -> bool:
        """Whether nothing more is to be read."""

    def data_begins(self, length: int) -> bool:
        """Take notice of a P-DATA-TF PDU; False when the state allows none."""

    def data(self, context_id: int, control: int, chunk: memoryview, end: bool) -> None:
        """Take a piece of a PDV, `end` with its last."""

    def control(self, kind: int, body: bytes) -> None:
        """Take any other PDU, without its 6-byte header."""


class PduStream:
    """Cuts what a wire has received. Raises PduError where it makes no sense."""

    def __init__(self, wire: Wire, receiver: Receiver) -> None:
        """Begin with a PDU header."""
        self._wire = wire
        self._receiver = receiver
        self._deaf = False  # out of step; what comes is thrown away
        self._pdu_left = self._pdv_left = 0
        self._pdv = (0, 0)

    @property
    def inside(self) -> bool:
        """Whether a PDU has come in part."""
        return bool(self._pdu_left or len(self._wire.data))

    def give_up(self) -> None:
        """Throw away what came and will come."""
        self._deaf = True
        self._wire.consume(len(self._wire.data))

    def parse(self) -> None:
        """Pass on everything that is complete enough."""
        while not self._receiver.over:
            data = self._wire.data
            if self._deaf:
                self._wire.consume(len(data))
                return
            if not (self._parse_pdv(data) if self._pdu_left else self._parse_pdu(data)):
                return

    def _parse_pdv(self, data: memoryview) -> bool:
        if not self._pdv_left:
            if len(data) < 6:
                return False
            length, context_id, control = struct.unpack_from(">LBB", data)
            if length < 2 or length + 4 > self._pdu_left:
                raise PduError(f"a PDV claims {length} bytes in a PDU with {self._pdu_left} left")
            self._pdv = (context_id, control)
            self._pdu_left -= 6
            self._pdv_left = length - 2
            self._wire.consume(6)
            if not self._pdv_left:
                self._receiver.data(context_id, control, memoryview(b""), True)
            return True
        count = min(len(data), self._pdv_left)
        if not count:
            return False
        self._pdu_left -= count
        self._pdv_left -= count
        self._receiver.data(*self._pdv, data[:count], not self._pdv_left)
        self._wire.consume(count)
        return True

    def _parse_pdu(self, data: memoryview) -> bool:
        if not data:
            return False
        kind = data[0]
        if not 1 <= kind <= 7:
            start = bytes(data[:16])
            what = f"PDU type {kind:02X}H is not defined"
            if start[:1] in (b"\x15", b"\x16") and start[1:2] == b"\x03":
                what += "; these bytes are TLS: the peer expects or speaks TLS on this port"
            raise PduError(f"{what} (first bytes {start!r})", 1)
        if len(data) < 6:
            return False
        (length,) = struct.unpack_from(">L", data, 2)
        if kind == pdus.P_DATA:
            return self._begin_p_data(length)
        if length > _LONGEST_CONTROL_PDU:
            raise PduError(f"a PDU of type {kind:02X}H claims {length} bytes")
        if len(data) < 6 + length:
            return False
        body = bytes(data[6 : 6 + length])
        self._wire.consume(6 + length)
        self._receiver.control(kind, body)
        return True

    def _begin_p_data(self, length: int) -> bool:
        if not self._receiver.data_begins(length):
            self.give_up()
            return False
        if length < 6:
            raise PduError(f"a P-DATA-TF PDU of length {length} holds no PDV")
        self._wire.consume(6)
        self._pdu_left = length
        return True
