"""The upper layer protocol of one association: PS3.8 9.2, driven by whoever needs it.

State table: pynetdicom's (PS3.8 Table 9-10). Loop and actions: our own, for pynetdicom 3.0.4
runs them in two polling threads that can take each other's responses (a response is lost, and
the association aborted after a time-out that looks like the peer's), takes no notice of
ARTIM while a PDU is incomplete, and closes without A-ABORT on some malformed PDUs. Here no
thread is needed: the thread that waits for a response reads the connection itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from pynetdicom.fsm import TRANSITION_TABLE

from dicomtest.dimse import pdus
from dicomtest.dimse.pdus import AssociateItems, PduError
from dicomtest.dimse.stream import PduStream
from dicomtest.dimse.wire import Got, Wire
from dicomtest.dimse.words import abort_in_words
from dicomtest.evidence import Association

_EVENT_OF = {
    pdus.ASSOCIATE_RQ: "Evt6",
    pdus.ASSOCIATE_AC: "Evt3",
    pdus.ASSOCIATE_RJ: "Evt4",
    pdus.RELEASE_RQ: "Evt12",
    pdus.RELEASE_RP: "Evt13",
    pdus.ABORT: "Evt16",
}
_STALL = (0.030, 0.300)  # seconds a PDU stands still when the peer's Nagle meets a delayed ACK


class Gone(Exception):
    """The association cannot carry data any more; `str()` says why."""


class Stalled(Exception):
    """The peer reads nothing any more."""


class Fragments(Protocol):
    """Takes the presentation data values as they come, in pieces of any size."""

    def fragment(self, context_id: int, control: int, chunk: memoryview, end: bool) -> None:
        """Take a piece of a PDV; `end` with its last. Raises PduError for what is not allowed."""

    def discard(self) -> None:
        """Forget an incomplete message: nothing more will come."""


class Upper:
    """State machine of one association. One thread at a time may call it."""

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
        """Start in Sta4 (requestor, connected) or Sta2 (acceptor); `artim` in seconds."""
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
        self._stream = PduStream(wire, self)
        self.stopping = threading.Event()  # whoever uses the association is to give it up
        if not requestor:
            self.event("Evt5")

    @property
    def usable(self) -> bool:
        """Whether data can be sent: established, or asked for release and not yet confirmed."""
        return self.state in ("Sta6", "Sta8")

    @property
    def over(self) -> bool:
        """Whether the association no longer exists and the connection is closed."""
        return self.state == "Sta1"

    @property
    def release_requested(self) -> bool:
        """Whether the peer asked for release and waits for our confirmation."""
        return self.state in ("Sta8", "Sta9", "Sta12")

    # --- what the service user asks for

    def request(self, rq: bytes) -> None:
        """Send an A-ASSOCIATE-RQ on the fresh connection."""
        self._out = rq
        self.event("Evt2")

    def accept(self, ac: bytes) -> None:
        """Answer the A-ASSOCIATE-RQ with an AC."""
        self._out = ac
        self.event("Evt7")

    def reject(self, rj: bytes) -> None:
        """Answer the A-ASSOCIATE-RQ with an RJ."""
        self._out = rj
        self.event("Evt8")

    def never(self) -> None:
        """There is no connection and never was."""
        self._shut()

    def ask_release(self) -> None:
        """Send an A-RELEASE-RQ."""
        self._out = pdus.release_rq()
        self.event("Evt11")

    def confirm_release(self) -> None:
        """Answer the peer's A-RELEASE-RQ."""
        self._out = pdus.release_rp()
        self.event("Evt14")

    def abort(self, source: int = 0, reason: int = 0) -> None:
        """Send an A-ABORT and wait no longer than a moment for the peer to close."""
        if self.state in ("Sta1", "Sta13"):
            return
        if not self.association.ended:
            self.association.ended = "aborted by us"
            self.association.abort = (source, reason)
        self._out = pdus.abort(source, reason)
        self.event("Evt15")

    def drop(self) -> None:
        """Close the connection without a word."""
        if not self.association.ended:
            self.association.ended = "aborted by us"
            self.association.notes["dropped"] = "we closed the connection without A-ABORT"
        self._shut()

    # --- the loop

    def pump(self, seconds: float) -> Got:
        """Handle what arrives, waiting for it no longer than that; also writes what is unsent."""
        if self.over:
            return Got.CLOSED
        now = time.monotonic()
        if self._artim is not None:
            if now >= self._artim:
                self.event("Evt18")
                return Got.DATA
            seconds = min(seconds, self._artim - now)
        inside = self._stream.inside
        got = self.wire.wait(seconds)
        if got is Got.DATA:
            if inside:
                self._notice_stall(time.monotonic() - now)
            try:
                self._stream.parse()
            except PduError as error:
                self._invalid(error)
        elif got is Got.CLOSED:
            self.event("Evt17")
        return got

    def _notice_stall(self, waited: float) -> None:
        if _STALL[0] <= waited <= _STALL[1]:
            notes = self.association.notes
            notes["stalls"] = notes.get("stalls", 0) + 1
            notes["stalled_seconds"] = round(notes.get("stalled_seconds", 0.0) + waited, 3)

    def send(self, *buffers: bytes | memoryview, limit: float) -> None:
        """Write P-DATA-TF PDUs; raises Gone, or Stalled after `limit` s without progress."""
        if not self.usable:
            raise Gone(self.why or "the association is over")
        self.wire.queue(*buffers)
        self.drain(limit)
        if not self.usable:
            raise Gone(self.why or "the association is over")

    def drain(self, limit: float) -> None:
        """Write everything that is queued, reading meanwhile."""
        wire = self.wire
        written, since = wire.written, time.monotonic()
        while not wire.flush():
            self.pump(min(1.0, limit))
            if wire.written != written:
                written, since = wire.written, time.monotonic()
            elif self.stopping.is_set() or time.monotonic() - since > limit:
                raise Stalled(f"the peer read nothing for {limit:g} s")
        if wire.closed and not self.over:
            self.event("Evt17")

    def finish(self, seconds: float) -> None:
        """Wait for the connection to be closed after release, reject or abort; then close it."""
        deadline = time.monotonic() + seconds
        while not self.over:
            left = deadline - time.monotonic()
            if left <= 0:
                self._shut()
            else:
                self.pump(left)

    # --- what the stream passes on

    def data_begins(self, length: int) -> bool:
        """Take notice of a P-DATA-TF PDU; False where Table 9-10 allows none."""
        if self.state in ("Sta6", "Sta7"):
            longest = self.association.largest_pdu_received
            self.association.largest_pdu_received = max(longest, length)
            return True
        if self.state != "Sta13":
            self.why = self.why or "the peer sent P-DATA-TF where it is not allowed"
        self._reason = 2
        self.event("Evt10")
        return False

    def data(self, context_id: int, control: int, chunk: memoryview, end: bool) -> None:
        """Pass on a piece of a PDV, unless a piece before it has ended the association."""
        if self.state in ("Sta6", "Sta7"):
            self._fragments.fragment(context_id, control, chunk, end)

    def control(self, kind: int, body: bytes) -> None:
        """Take any PDU but P-DATA-TF."""
        if kind in (pdus.ASSOCIATE_RQ, pdus.ASSOCIATE_AC):
            if self.state == ("Sta2" if kind == pdus.ASSOCIATE_RQ else "Sta5"):
                self.items = pdus.read_associate(body, request=kind == pdus.ASSOCIATE_RQ)
        elif len(body) < 4:
            raise PduError(f"a PDU of type {kind:02X}H has length {len(body)}, not 4")
        if kind == pdus.ASSOCIATE_RJ and self.state == "Sta5":
            self.association.reject = (body[1], body[2], body[3])
        if kind == pdus.ABORT and self.state != "Sta13":
            self.association.abort = (body[2], body[3])
        self._reason = 2
        event = _EVENT_OF[kind]
        if TRANSITION_TABLE.get((event, self.state)) in ("AA-1", "AA-8"):
            self.why = self.why or (
                f"the peer sent a PDU of type {kind:02X}H in state {self.state}, "
                "where PS3.8 Table 9-10 does not allow it"
            )
        self.event(event)

    def _invalid(self, error: PduError) -> None:
        self._stream.give_up()
        self.why = self.why or f"the peer sent what is no valid PDU: {error}"
        self.association.notes.setdefault("invalid_pdu", str(error))
        self._reason = error.reason
        self.event("Evt19")

    # --- PS3.8 Table 9-10 and its actions

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
            self.reject(pdus.associate_rj(1, 2, 2))

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
            self.why = self.why or "no A-ASSOCIATE-RQ came in time, or the peer aborted"
            if not self.association.ended:
                self.association.ended = (
                    "aborted by peer" if self.association.abort else "aborted by us"
                )
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
