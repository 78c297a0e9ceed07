"""One association in use: requests we invoke, requests the peer invokes (PS3.7 7, 8)."""

from __future__ import annotations

import threading
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
    largest_pdu,
)
from dicomtest.dimse.recorder import Recorder
from dicomtest.dimse.turn import Turn
from dicomtest.dimse.upper import Gone, Stalled, Upper
from dicomtest.dimse.values import Handlers, Limits
from dicomtest.dimse.wire import Got, Wire
from dicomtest.evidence import Association, DataSetRef, Exchange, Response

if TYPE_CHECKING:
    from dicomtest.dimse.spool import Spool

PENDING = (0xFF00, 0xFF01)


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
            linger=min(limits.release, 2.0) if requestor else limits.release,
        )
        self.turn = Turn(wire.wake, quiet=0.02 if requestor else 0.0)
        self.answer_delay = 0.0
        self.stopping = threading.Event()
        self.cancelled: set[int] = set()  # message IDs the peer cancelled
        self.afterwards: deque[Callable[[], None]] = deque()  # once the message is answered
        self.serving: Exchange | None = None
        self.child: Link | None = None  # the association of C-MOVE sub-operations under way
        self._serve = serve
        self._last_message_id = 0
        self._outstanding: Exchange | None = None
        self._told = False

    # --- our requests

    def invoke(
        self,
        exchange: Exchange,
        command: dict[str, Any],
        data: DataSetRef | None,
        *,
        cancel_after: int | None = None,
        keep: int | None = None,
    ) -> Exchange:
        """Send a request and take its responses to the final one; nothing a peer does raises.

        `cancel_after` sends a C-CANCEL after so many Pending responses; `keep` too, and
        keeps no more responses than that.
        """
        with self.turn.taken():
            self._drain_inbox()
            if not self._begin(exchange, command):
                return exchange
            self._outstanding = exchange
            try:
                self.send(exchange.context_id or 0, exchange.command, data)
                exchange.sent = time.time()
                self.recorder.changed()
                self._take_responses(exchange, cancel_after, keep)
            except Gone as gone:
                exchange.sent = exchange.sent or time.time()
                self._drain_inbox()
                if exchange.final is None:
                    self._ended(exchange, str(gone))
            except Stalled as stalled:
                exchange.sent = time.time()
                exchange.ending, exchange.why = "no response", f"{stalled} while we were sending"
                self.upper.abort()
            finally:
                self._outstanding = None
                self.settle()
                self.recorder.changed()
        return exchange

    def interrupt(
        self,
        exchange: Exchange,
        command: dict[str, Any],
        data: DataSetRef,
        stop_after: int,
        *,
        drop: bool,
    ) -> Exchange:
        """Send a part of a message, then abort (or close the connection without a word)."""
        with self.turn.taken():
            self._drain_inbox()
            if not self._begin(exchange, command):
                return exchange
            exchange.ending = "abandoned"
            exchange.why = "we ended the association in the middle of the data set, on purpose"
            try:
                context_id = exchange.context_id or 0
                self.send(context_id, exchange.command, data, stop_after=stop_after)
            except Gone as gone:
                self._ended(exchange, str(gone))
            except Stalled as stalled:
                exchange.ending, exchange.why = "no response", f"{stalled} while we were sending"
            exchange.sent = time.time()
            self.abort(drop=drop)
        return exchange

    def stop(self) -> None:
        """Make whoever uses the association give it up soon; from any thread."""
        self.stopping.set()
        self.upper.wire.wake()
        child = self.child
        if child is not None:
            child.stop()

    def _begin(self, exchange: Exchange, command: dict[str, Any]) -> bool:
        self.association.exchanges.append(exchange)
        if not self.upper.usable or self.upper.release_requested:
            exchange.ending = "not sent"
            exchange.why = self.why_over()
            self.settle()
            self.recorder.changed()
            return False
        exchange.message_id = exchange.message_id or self.next_message_id()
        exchange.command = {**command, "MessageID": exchange.message_id}
        return True

    def next_message_id(self) -> int:
        """Give message IDs 1 to 65535, over and over."""
        self._last_message_id = self._last_message_id % 0xFFFF + 1
        return self._last_message_id

    def why_over(self) -> str:
        """Say in words why nothing can be sent."""
        if self.upper.why:
            return f"the association was over: {self.upper.why}"
        if self.association.released_by == "peer":
            return "the association was over: the peer released it"
        return "the association was over"

    def _take_responses(
        self, exchange: Exchange, cancel_after: int | None, keep: int | None
    ) -> None:
        bound = min((n for n in (cancel_after, keep) if n is not None), default=None)
        if bound == 0:
            self.cancel(exchange, 0)
        pending = 0
        while True:
            message = self._next_response(exchange)
            if message is None:
                return
            response = as_response(message)
            if response.status in PENDING:
                pending += 1
                if keep is not None and pending > keep:
                    exchange.notes["responses_not_kept"] = pending - keep
                else:
                    exchange.responses.append(response)
                if bound is not None and pending >= bound and exchange.cancelled_at is None:
                    self.cancel(exchange, pending)
            else:
                exchange.responses.append(response)
                exchange.ending = "answered"
                return
            self.recorder.changed()

    def _next_response(self, exchange: Exchange) -> Message | None:
        """Wait for the next response to the outstanding request, serving what else comes."""
        deadline = time.monotonic() + self.limits.response
        while True:
            while self.assembler.inbox:
                message = self.assembler.inbox.popleft()
                if self._is_response_to(message, exchange):
                    return message
                if not is_response(message):
                    deadline = time.monotonic() + self.limits.response
            if not self.upper.usable or self.upper.release_requested:
                self._ended(exchange, self.upper.why)
                return None
            left = deadline - time.monotonic()
            if self.stopping.is_set():
                self.upper.abort()
            elif left <= 0:
                self._no_response(exchange)
                return None
            else:
                self.upper.pump(left)

    def _no_response(self, exchange: Exchange) -> None:
        exchange.ending = "no response"
        which = "further response" if exchange.responses else "response"
        exchange.why = f"no {which} within {self.limits.response:g} s"
        if self.assembler.underway:
            exchange.why += f": {self.assembler.underway}"
        # a late response could be taken for that of the next request
        self.upper.abort()

    def _ended(self, exchange: Exchange, why: str) -> None:
        association = self.association
        if association.ended == "aborted by us":
            exchange.ending = "no response" if why else "abandoned"
            exchange.why = why or "we aborted the association"
        elif self.upper.release_requested or association.released_by == "peer":
            exchange.ending = "aborted"
            exchange.why = "the peer released the association instead of answering"
        else:
            exchange.ending = "aborted"
            exchange.why = why or "the association ended before a final response"

    def _is_response_to(self, message: Message, exchange: Exchange) -> bool:
        """Whether it answers the outstanding request; anything else is dealt with here."""
        if not is_response(message):
            self._serve(self, message)
            return False
        answered = commands.number(message.command, "MessageIDBeingRespondedTo")
        # else it is for the only outstanding request: a wrong Message ID Being Responded To
        # is evidence
        return answered == exchange.message_id or not self._belongs_to_earlier(answered, message)

    def _belongs_to_earlier(self, message_id: int | None, message: Message) -> bool:
        for earlier in reversed(self.association.exchanges):
            if earlier is self._outstanding or earlier.invoked_by != "us":
                continue
            if message_id is not None and earlier.message_id == message_id:
                surplus = earlier.notes.setdefault("surplus_responses", [])
                surplus.append({"command": message.command, "at": message.at})
                return True
            if earlier.final is not None and len(self.association.exchanges) > 1000:
                break
        return False

    def cancel(self, exchange: Exchange, after: int) -> None:
        """Send a C-CANCEL for an outstanding request (PS3.7 9.3.2.3)."""
        command = {
            "CommandField": commands.C_CANCEL,
            "MessageIDBeingRespondedTo": exchange.message_id,
            "CommandDataSetType": commands.NO_DATA_SET,
        }
        exchange.cancelled_after = after
        exchange.cancelled_at = time.time()
        self.send(exchange.context_id or 0, command, None)

    # --- sending

    def send(
        self,
        context_id: int,
        command: dict[str, Any],
        data: DataSetRef | None,
        *,
        stop_after: int | None = None,
    ) -> None:
        """Send one message; raises Gone or Stalled. `stop_after` bytes of data, only these."""
        peer = self.association
        other = peer.acceptor if peer.seen_from == "requestor" else peer.requestor
        length = largest_pdu(other.max_pdu)
        if length < 8:
            raise Gone(f"the peer takes PDUs of {other.max_pdu} bytes only, too short for data")
        has_data = data is not None and data.data != b""
        command["CommandDataSetType"] = commands.DATA_SET if has_data else commands.NO_DATA_SET
        buffers: list[bytes | memoryview] = list(
            command_pdus(context_id, commands.encode(command), length)
        )
        limit = self.limits.response
        sent = 0
        if has_data and data is not None:
            for block in data_pdus(context_id, data, length):
                buffers += block
                if stop_after is not None:
                    buffers, sent = _shorten(buffers, stop_after)
                self._note_sent(buffers)
                self.upper.send(*buffers, limit=limit)
                buffers = []
                if sent:
                    return
                self.upper.pump(0)  # an early failure may come before the request is complete
        if buffers:
            self._note_sent(buffers)
            self.upper.send(*buffers, limit=limit)
        self.upper.wire.acknowledge_quickly()

    def _note_sent(self, buffers: list[bytes | memoryview]) -> None:
        longest = max((len(each) for each in buffers), default=0)
        # a header of 12 bytes stands before each piece, 6 of them count as PDU length
        length = longest + 6 if len(buffers) > 1 else longest - 6
        self.association.largest_pdu_sent = max(self.association.largest_pdu_sent, length)

    # --- the peer's requests

    def respond(
        self, exchange: Exchange, command: dict[str, Any], data: DataSetRef | None
    ) -> None:
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

    def listen(self) -> None:
        """Take in what has arrived without waiting: a cancel, an abort."""
        while self.upper.pump(0) is Got.DATA:
            pass
        for message in list(self.assembler.inbox):
            if message.command.get("CommandField") == commands.C_CANCEL:
                self.assembler.inbox.remove(message)
                self._serve(self, message)

    def idle(self, seconds: float) -> Got:
        """Serve what the peer invokes; wait for it no longer than that."""
        self._drain_inbox()
        got = Got.CLOSED
        if not self.upper.over and not self.afterwards:
            got = self.upper.pump(seconds)
            self._drain_inbox()
        while self.afterwards and self.upper.usable:
            self.afterwards.popleft()()
        self.settle()
        return got

    def _drain_inbox(self) -> None:
        while self.assembler.inbox:
            message = self.assembler.inbox.popleft()
            if is_response(message):
                answered = commands.number(message.command, "MessageIDBeingRespondedTo")
                if self._outstanding is not None and answered == self._outstanding.message_id:
                    self._outstanding.responses.append(as_response(message))
                    self._outstanding.ending = "answered"
                elif not self._belongs_to_earlier(answered, message):
                    notes = self.association.notes.setdefault("unasked_responses", [])
                    notes.append({"command": message.command, "at": message.at})
            else:
                self._serve(self, message)

    # --- the end

    def settle(self) -> None:
        """Confirm a release the peer asked for, and tell of the association's end."""
        if self.upper.release_requested and not self.assembler.inbox:
            self.upper.confirm_release()
        if self.association.ended and not self._told:
            self._told = True
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
            self._drain_inbox()
            if self.upper.state == "Sta6":
                self.upper.ask_release()
                self._await_release()
            self.settle()
            self.upper.finish(min(self.limits.release, 2.0))
            self.settle()
        self.recorder.changed()

    def _await_release(self) -> None:
        deadline = time.monotonic() + self.limits.release
        while self.upper.state in ("Sta7", "Sta9", "Sta10", "Sta11", "Sta12"):
            left = deadline - time.monotonic()
            if left <= 0:
                self.upper.why = f"no A-RELEASE-RP within {self.limits.release:g} s"
                self.association.why = self.association.why or self.upper.why
                self.upper.abort()
                return
            self.upper.pump(left)
            if self.upper.state in ("Sta9", "Sta12"):
                self.upper.confirm_release()
            self._drain_inbox()

    def abort(self, *, drop: bool = False) -> None:
        """Send A-ABORT (or close the connection without a word) and be gone."""
        with self.turn.taken():
            if drop:
                self.upper.drop()
            else:
                self.upper.abort()
                self.upper.finish(min(self.limits.release, 2.0))
            self.settle()
        self.recorder.changed()


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


def _shorten(
    buffers: list[bytes | memoryview], stop_after: int
) -> tuple[list[bytes | memoryview], int]:
    """Keep whole PDUs up to so many bytes, then half of one, so that a PDU stays incomplete."""
    kept: list[bytes | memoryview] = []
    size = 0
    for each in buffers:
        if size + len(each) > stop_after and kept:
            kept.append(each[: max(1, len(each) // 2)])
            return kept, size + len(each)
        kept.append(each)
        size += len(each)
    return kept, 0
