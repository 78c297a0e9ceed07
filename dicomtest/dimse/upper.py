"""The upper layer service of one association, driven by whoever needs it (PS3.8 7, 9.2).

pynetdicom 3.0.4 runs the upper layer in two polling threads that can take each other's
responses: one is lost, and the association aborted after a time-out that looks like the
peer's. Here no thread is needed: the thread that waits for a response reads the connection
itself, and ARTIM runs while a PDU is incomplete, too.
"""

from __future__ import annotations

import threading
import time

from pynetdicom.fsm import TRANSITION_TABLE

from dicomtest.dimse import pdus
from dicomtest.dimse.pdus import PduError
from dicomtest.dimse.states import Fragments, StateMachine
from dicomtest.dimse.stream import PduStream
from dicomtest.dimse.wire import Got, Wire
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


class Upper(StateMachine):
    """What a service user asks for and is told. One thread at a time may call it."""

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
        """Begin with a connected wire, as StateMachine does."""
        self.sent_at = 0.0  # when the last P-DATA-TF was written
        self.stopping = threading.Event()  # whoever uses the association is to give it up
        self._stream = PduStream(wire, self)
        super().__init__(
            wire, association, fragments, requestor=requestor, artim=artim, linger=linger
        )

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
        self.sent_at = time.time()
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
