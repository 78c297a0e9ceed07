"""The state machine of the upper layer: PS3.8 9.2.

State table: pynetdicom's (PS3.8 Table 9-10). Actions: our own, for those of pynetdicom 3.0.4
test the whole protocol version instead of its bit 0, give no reason in an A-ABORT, and work
through queues between two polling threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from pynetdicom.fsm import TRANSITION_TABLE

from dicomtest.dimse import pdus
from dicomtest.dimse.pdus import AssociateItems
from dicomtest.dimse.wire import Wire
from dicomtest.dimse.words import abort_in_words
from dicomtest.evidence import Association


class Fragments(Protocol):
    """Takes the presentation data values as they come, in pieces of any size."""

    def fragment(self, context_id: int, control: int, chunk: memoryview, end: bool) -> None:
        """Take a piece of a PDV; `end` with its last. Raises PduError for what is not allowed."""

    def discard(self) -> None:
        """Forget an incomplete message: nothing more will come."""


class StateMachine:
    """States and actions of one association, from the connected transport on."""

    def __init__(
        self,
        wire: Wire,
        association: Association,
        fragments: Fragments,
        *,
        requestor: bool,
        artim: float,
        linger: float,
    ) -> None:
        """Start in Sta4 (requestor, connected) or Sta2 (acceptor).

        `artim` seconds are for the A-ASSOCIATE-RQ to come, `linger` for the peer to close.
        """
        self.wire = wire
        self.association = association
        self.state = "Sta4" if requestor else "Sta1"
        self.items: AssociateItems | None = None  # of the peer's RQ or AC
        self.accepted = False  # an A-ASSOCIATE-AC came or went
        self.negotiated: Callable[[AssociateItems], None] | None = None  # told of the peer's AC
        self.why = ""  # why the association ended otherwise than by release
        self._fragments = fragments
        self._requestor = requestor
        self._artim_seconds = artim
        self._linger = linger
        self._artim: float | None = None
        self._out = b""  # the PDU the next action sends
        self._reason = 0  # of the A-ABORT the next action sends
        if not requestor:
            self.event("Evt5")

    def event(self, event: str) -> None:
        """Do what the state table says; an event that cannot happen in this state is ignored."""
        action = TRANSITION_TABLE.get((event, self.state))
        if action is not None:
            getattr(self, "_" + action.replace("-", "_").lower())()

    def _write(self, pdu: bytes) -> None:
        self.wire.queue(pdu)
        self.wire.flush()  # what does not fit now is written by pump()

    def _send_last(self, pdu: bytes) -> None:
        """Send the last PDU of an association and give the peer some time to close."""
        self._write(pdu)
        self._artim = time.monotonic() + self._linger
        self.state = "Sta13"

    def _shut(self) -> None:
        self._artim = None
        self.state = "Sta1"
        self._fragments.discard()
        self.wire.close()
        self.association.closed = time.time()

    def _ae_2(self) -> None:
        self._write(self._out)
        self.state = "Sta5"

    def _ae_3(self) -> None:
        self.accepted = True
        self.state = "Sta6"
        if self.negotiated is not None and self.items is not None:
            self.negotiated(self.items)  # before what stands behind the AC is read
        self.association.answered = self.wire.received_at

    def _ae_4(self) -> None:
        self.association.answered = self.wire.received_at
        self._shut()

    def _ae_5(self) -> None:
        self._artim = time.monotonic() + self._artim_seconds
        self.state = "Sta2"

    def _ae_6(self) -> None:
        self._artim = None
        assert self.items is not None
        self.state = "Sta3"
        if not self.items.protocol_version & 1:  # only bit 0 is tested, PS3.8 9.3.2
            self.association.reject = (1, 2, 2)
            self._send_last(pdus.associate_rj(1, 2, 2))

    def _ae_7(self) -> None:
        self.accepted = True
        self._write(self._out)
        self.state = "Sta6"

    def _ae_8(self) -> None:
        self._send_last(self._out)

    def _ar_1(self) -> None:
        self._write(self._out)
        self.association.released_by = "us"
        self.state = "Sta7"

    def _ar_2(self) -> None:
        self.association.released_by = "peer"
        self.state = "Sta8"

    def _ar_3(self) -> None:
        self.association.ended = "released"
        self._shut()

    def _ar_4(self) -> None:
        self.association.ended = "released"
        self._send_last(self._out)

    def _ar_8(self) -> None:
        self.association.notes["release_collision"] = True
        self.state = "Sta9" if self._requestor else "Sta10"

    def _ar_9(self) -> None:
        self._write(self._out)
        self.state = "Sta11"

    def _ar_10(self) -> None:
        self.state = "Sta12"

    def _aa_1(self) -> None:
        # in Sta2 the PDU is ours to choose: service-user source
        pdu = pdus.abort(0, 0) if self.state == "Sta2" else self._out
        self._end_by_us()
        self._send_last(pdu)

    def _aa_2(self) -> None:
        if self.state == "Sta2":
            came = self.association.abort is not None
            self.association.ended = "aborted by peer" if came else "aborted by us"
            how = "the peer aborted before" if came else "there came no complete"
            self.why = f"{how} A-ASSOCIATE-RQ"
        self._shut()

    def _aa_3(self) -> None:
        self.association.answered = self.association.answered or self.wire.received_at
        self.association.ended = "aborted by peer"
        source, reason = self.association.abort or (0, 0)
        self.why = self.why or abort_in_words(source, reason)
        self._shut()

    def _aa_4(self) -> None:
        self.association.ended = self.association.ended or "connection closed"
        how = f" ({self.wire.error})" if self.wire.error else ""
        self.why = self.why or f"the peer closed the connection{how}"
        self._shut()

    _ar_5 = _shut

    def _aa_5(self) -> None:
        self.association.ended = "connection closed"
        self.why = self.why or "the peer closed the connection before an A-ASSOCIATE-RQ"
        self._shut()

    def _aa_6(self) -> None:
        pass

    def _aa_7(self) -> None:
        self._write(pdus.abort(2, self._reason))

    def _aa_8(self) -> None:
        self._end_by_us()
        if self.association.abort is None:
            self.association.abort = (2, self._reason)
        self._send_last(pdus.abort(2, self._reason))

    def _end_by_us(self) -> None:
        self._fragments.discard()
        if not self.association.ended:
            self.association.ended = "aborted by us"
