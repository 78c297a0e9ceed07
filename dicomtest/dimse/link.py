"""One association in use: what is sent, what is served, and how it ends (PS3.7 8, PS3.8 7)."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dicomtest.dimse import command as commands
from dicomtest.dimse.messages import (
    Assembler,
    Message,
    command_pdus,
    data_pdus,
    data_size,
    is_response,
    largest_pdu,
)
from dicomtest.dimse.recorder import Recorder
from dicomtest.dimse.turn import Turn
from dicomtest.dimse.upper import Gone, Upper
from dicomtest.dimse.values import Handlers, Limits
from dicomtest.dimse.wire import Got, Wire
from dicomtest.evidence import Association, DataSetRef, Exchange, Response

if TYPE_CHECKING:
    from dicomtest.dimse.invocation import Invocation
    from dicomtest.dimse.spool import Spool

LOGGER = logging.getLogger(__name__)
NO_RELEASE = "no A-RELEASE-RP"  # how the reason begins when a release was not confirmed
_LINGER = 2.0  # seconds we leave the peer to close after our abort, or after it released


class Link:
    """Both directions of DIMSE on one connection. Whoever calls has the turn."""

    def __init__(
        self,
        wire: Wire,
        association: Association,
        recorder: Recorder,
        *,
        ae_title: str,
        limits: Limits,
        handlers: Handlers,
        spool: Spool | None,
        serve: Callable[[Link, Message], None],
        requestor: bool,
    ) -> None:
        """Join wire, state machine and evidence; nothing is sent yet."""
        self.association = association
        self.recorder = recorder
        self.ae_title = ae_title
        self.limits = limits
        self.handlers = handlers
        self.assembler = Assembler(association, lambda: wire.received_at)
        self.assembler.spool = spool
        self.upper = Upper(
            wire,
            association,
            self.assembler,
            requestor=requestor,
            artim=limits.association,
            linger=min(limits.release, _LINGER) if requestor else limits.release,
        )
        self.turn = Turn(wire.wake, quiet=0.005 if requestor else 0.0)
        self.stopping = self.upper.stopping
        self.answer_delay = 0.0
        self.cancelled: set[int] = set()  # message IDs the peer cancelled
        self.afterwards: deque[Callable[[], None]] = deque()  # once the message is answered
        self.serving: Exchange | None = None
        self.outstanding: Invocation | None = None
        self.child: Link | None = None  # the association of C-MOVE sub-operations under way
        self.serve: Callable[[Message], None] = lambda message: serve(self, message)
        self._last_message_id = 0
        self._told = False

    def stop(self) -> None:
        """Make whoever uses the association give it up soon; from any thread."""
        self.stopping.set()
        self.upper.wire.wake()
        child = self.child
        if child is not None:
            child.stop()

    def next_message_id(self) -> int:
        """Give message IDs 1 to 65535, over and over."""
        self._last_message_id = self._last_message_id % 0xFFFF + 1
        return self._last_message_id

    def why_over(self) -> str:
        """Say in words why nothing can be sent."""
        if self.association.outcome != "accepted":
            return self.association.why
        if self.upper.why:
            return f"the association was over: {self.upper.why}"
        if self.association.released_by == "peer":
            return "the association was over: the peer released it"
        return "the association was over"

    # --- sending

    def send(
        self,
        context_id: int,
        command: dict[str, Any],
        data: DataSetRef | None,
        *,
        stop_after: int | None = None,
        within_pdu: bool = False,
    ) -> None:
        """Send one message; raises Gone or Stalled.

        `stop_after` sends only so many bytes of the message, and breaks off behind a PDU, or
        `within_pdu`.
        """
        association = self.association
        other = association.acceptor if self.is_requestor else association.requestor
        length = largest_pdu(other.max_pdu)
        if length < 8:
            raise Gone(f"the peer takes PDUs of {other.max_pdu} bytes only, too short for data")
        has_data = data is not None and data_size(data) > 0
        command["CommandDataSetType"] = commands.DATA_SET if has_data else commands.NO_DATA_SET
        buffers: list[bytes | memoryview] = list(
            command_pdus(context_id, commands.encode(command), length)
        )
        self._note_sent(max(map(len, buffers)) - 6)
        left, sent = stop_after, False
        if data is not None and has_data:
            for block, longest in data_pdus(context_id, data, length):
                self._note_sent(longest)
                buffers += block
                if left is not None:
                    buffers, left = _shorten(buffers, left, within_pdu)
                if sent:
                    self.upper.pump(0)  # an early failure may come before the request is complete
                self.upper.send(*buffers, limit=self.limits.response)
                buffers, sent = [], True
                if left == 0:
                    return
        if buffers:
            self.upper.send(*buffers, limit=self.limits.response)
        self.upper.wire.acknowledge_quickly()

    def _note_sent(self, length: int) -> None:
        if length > self.association.largest_pdu_sent:
            self.association.largest_pdu_sent = length

    @property
    def is_requestor(self) -> bool:
        """Whether we opened the association."""
        return self.association.seen_from == "requestor"

    def respond(self, exchange: Exchange, command: dict[str, Any], data: DataSetRef | None) -> None:
        """Send a response and record it; raises Gone or Stalled."""
        response = Response(
            status=commands.number(command, "Status"),
            command={k: v for k, v in command.items() if v is not None},
            data=data if data is not None and data.data != b"" else None,
            context_id=exchange.context_id,
        )
        if self.answer_delay:
            self.stopping.wait(self.answer_delay)
        self.send(exchange.context_id or 0, response.command, data)
        response.at = time.time()
        exchange.responses.append(response)
        self.recorder.changed()

    # --- what has come

    def listen(self) -> None:
        """Take in what has arrived without waiting: a cancel, an abort."""
        while self.upper.pump(0) is Got.DATA:
            pass
        for message in list(self.assembler.inbox):
            if message.command.get("CommandField") == commands.C_CANCEL:
                self.assembler.inbox.remove(message)
                self.serve(message)

    def idle(self, seconds: float) -> Got:
        """Serve what the peer invokes; wait for it no longer than that."""
        got = Got.DATA
        self.drain_inbox()
        self.settle()
        if not self.afterwards:
            got = self.upper.pump(seconds)
            self.drain_inbox()
        while self.afterwards and self.upper.usable:
            self._do(self.afterwards.popleft())
        self.settle()
        return got

    def _do(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:
            # A defect of ours must neither silence this end nor pass for the peer's.
            LOGGER.exception("an action after a message failed")
            self.association.notes["defect"] = f"{type(error).__name__}: {error}"

    def drain_inbox(self) -> None:
        """Deal with every message that has come."""
        while self.assembler.inbox:
            message = self.assembler.inbox.popleft()
            if not is_response(message):
                self.serve(message)
            elif self.outstanding is None or not self.outstanding.take_late(message):
                self.unasked(message)

    def unasked(self, message: Message) -> bool:
        """Note a response nobody waits for with the request it names, or the association."""
        answered = commands.number(message.command, "MessageIDBeingRespondedTo")
        kept = {"command": message.command, "at": message.at}
        for earlier in reversed(self.association.exchanges):
            current = self.outstanding is not None and earlier is self.outstanding.exchange
            if earlier.invoked_by == "us" and not current and earlier.message_id == answered:
                earlier.notes.setdefault("surplus_responses", []).append(kept)
                return True
        if self.outstanding is None:
            self.association.notes.setdefault("unasked_responses", []).append(kept)
            self.recorder.changed()
        return False

    # --- the end

    def settle(self) -> None:
        """Confirm a release the peer asked for, and tell of the association's end."""
        if self.upper.release_requested and not self.assembler.inbox and self.serving is None:
            self.upper.confirm_release()
        if self.association.ended and not self._told:
            self._told = True
            if self.association.ended != "released":
                self.association.why = self.association.why or self.upper.why
            told = (
                self.handlers.released
                if self.association.ended == "released"
                else self.handlers.aborted
            )
            if told is not None:
                told(self.association)
            self.recorder.changed()

    def release(self) -> None:
        """Release the association, or abort it when the peer does not confirm in time."""
        with self.turn.taken():
            self.drain_inbox()
            if self.upper.state == "Sta6":
                self.upper.ask_release()
                self._await_release()
            self.settle()
            self.upper.finish(min(self.limits.release, _LINGER))
            self.settle()
        self.recorder.changed()

    def _await_release(self) -> None:
        deadline = time.monotonic() + self.limits.release
        while self.upper.state in ("Sta7", "Sta9", "Sta10", "Sta11", "Sta12"):
            left = deadline - time.monotonic()
            if left <= 0 or self.stopping.is_set():
                self.upper.why = f"{NO_RELEASE} within {self.limits.release:g} s"
                self.association.why = self.association.why or self.upper.why
                self.upper.abort()
                return
            self.upper.pump(left)
            if self.upper.state in ("Sta9", "Sta12"):
                self.upper.confirm_release()
            self.drain_inbox()

    def abort(self, *, drop: bool = False) -> None:
        """Send A-ABORT (or close the connection without a word) and be gone.

        An operation under way in another thread is abandoned.
        """
        if not self.turn.mine:
            self.stop()
        with self.turn.taken():
            if drop:
                self.upper.drop()
            else:
                self.upper.abort()
                self.upper.finish(min(self.limits.release, _LINGER))
            self.settle()
        self.recorder.changed()


def _shorten(
    buffers: list[bytes | memoryview], left: int, within_pdu: bool
) -> tuple[list[bytes | memoryview], int]:
    """Keep so many bytes of a message, never all; give how many are still to be sent."""
    kept: list[bytes | memoryview] = []
    for each in buffers:
        if len(each) >= left and len(each) > 12:  # a piece, not the header before it
            if within_pdu:
                kept.append(each[: max(1, min(left, len(each) - 1))])
            else:
                kept.pop()
            return kept, 0
        kept.append(each)
        left = max(1, left - len(each))
    return kept, left
