"""One request of ours and what becomes of it (PS3.7 8.1, 9.3, 10.3)."""

from __future__ import annotations

import time
from typing import Any

from dicomtest.dimse import command as commands
from dicomtest.dimse.link import Link
from dicomtest.dimse.messages import Message, as_response, is_response
from dicomtest.dimse.upper import Gone, Stalled
from dicomtest.evidence import DataSetRef, Exchange

PENDING = (0xFF00, 0xFF01)
MULTIPLE = ("C-FIND", "C-MOVE", "C-GET")  # services with several responses
PREMATURE = 0.05  # seconds in which a response to half a message may come
INTERRUPTIONS = 200  # requests of the peer while a response is awaited: there is no end to them
EMPTY_MATCHES = 200  # Pending responses of a C-FIND without an identifier: there is no end to it


class Invocation:
    """Sends a request and takes its responses; nothing a peer does raises."""

    def __init__(self, link: Link, exchange: Exchange) -> None:
        """Prepare; the exchange is recorded when it is carried out."""
        self.exchange = exchange
        self._link = link

    def run(
        self,
        command: dict[str, Any],
        data: DataSetRef | None,
        *,
        cancel_after: int | None = None,
        keep: int | None = None,
    ) -> Exchange:
        """Carry it out to the final response.

        `cancel_after` sends a C-CANCEL after so many Pending responses; `keep` too, and
        keeps no more responses than that.
        """
        link, exchange = self._link, self.exchange
        with link.turn.taken():
            link.drain_inbox()
            if not self._begin(command):
                return exchange
            outer, link.outstanding = link.outstanding, self
            try:
                link.send(exchange.context_id or 0, exchange.command, data)
                exchange.sent = link.upper.sent_at
                link.recorder.changed()
                self._take_responses(cancel_after, keep)
            except Gone as gone:
                exchange.sent = exchange.sent or time.time()
                link.drain_inbox()  # what the peer had said before it went
                if exchange.final is None:
                    self._ended(str(gone))
            except Stalled as stalled:
                exchange.sent = time.time()
                exchange.ending, exchange.why = "no response", f"{stalled} while we were sending"
                link.upper.abort()
            finally:
                link.outstanding = outer
                link.settle()
                link.recorder.changed()
        return exchange

    def break_off(
        self, command: dict[str, Any], data: DataSetRef, stop_after: int, *, drop: bool
    ) -> Exchange:
        """Send a part of the message, then abort (or close the connection without a word).

        A response that has come by then is recorded.
        """
        link, exchange = self._link, self.exchange
        with link.turn.taken():
            link.drain_inbox()
            if not self._begin(command):
                return exchange
            exchange.ending = "abandoned"
            exchange.why = "we ended the association in the middle of the data set, on purpose"
            outer, link.outstanding = link.outstanding, self
            try:
                context_id = exchange.context_id or 0
                link.send(
                    context_id, exchange.command, data, stop_after=stop_after, within_pdu=drop
                )
                link.upper.pump(PREMATURE)
                link.drain_inbox()
            except Gone as gone:
                self._ended(str(gone))
            except Stalled as stalled:
                exchange.ending, exchange.why = "no response", f"{stalled} while we were sending"
            finally:
                link.outstanding = outer
            exchange.sent = time.time()
            link.abort(drop=drop)
        return exchange

    def _begin(self, command: dict[str, Any]) -> bool:
        link, exchange = self._link, self.exchange
        link.association.exchanges.append(exchange)
        if not link.upper.usable or link.upper.release_requested:
            exchange.ending = "not sent"
            exchange.why = link.why_over()
            link.settle()
            link.recorder.changed()
            return False
        exchange.message_id = exchange.message_id or link.next_message_id()
        exchange.command = {**command, "MessageID": exchange.message_id}
        exchange.began = time.time()
        return True

    def _take_responses(self, cancel_after: int | None, keep: int | None) -> None:
        exchange = self.exchange
        bound = min((n for n in (cancel_after, keep) if n is not None), default=None)
        if bound == 0:
            self._cancel(0)
        pending = empty = 0
        limits = self._link.limits
        until = time.monotonic() + (
            limits.operation if exchange.service in MULTIPLE else limits.response
        )
        while True:
            if pending and (time.monotonic() > until or empty > EMPTY_MATCHES):
                self._endless(pending)
                return
            message = self._next(until)
            if message is None:
                return
            response = as_response(message)
            if response.status not in PENDING:
                exchange.responses.append(response)
                return
            pending += 1
            empty += exchange.service == "C-FIND" and response.data is None
            if keep is not None and pending > keep:
                exchange.notes["responses_not_kept"] = pending - keep
            else:
                exchange.responses.append(response)
            if bound is not None and pending >= bound and exchange.cancelled_at is None:
                self._cancel(pending)
            self._link.recorder.changed()

    def _next(self, until: float) -> Message | None:
        """Wait for the next response, serving what else comes; None when there is none.

        C-STORE sub-operations of a C-GET may come for as long as `until`.
        """
        served, retrieval = 0, self.exchange.service == "C-GET"
        link, upper, limit = self._link, self._link.upper, self._link.limits.response
        since = time.monotonic()
        while True:
            while link.assembler.inbox:
                message = link.assembler.inbox.popleft()
                if not is_response(message):
                    link.serve(message)
                    since, served = time.monotonic(), served + 1
                    if served > INTERRUPTIONS and (not retrieval or since > until):
                        self._interrupted(served)
                        return None
                elif self._is_mine(message):
                    return message
            if not upper.usable or upper.release_requested:
                self._ended(upper.why)
                return None
            left = max(since, upper.wire.heard) + limit - time.monotonic()
            if link.stopping.is_set():
                upper.abort()
            elif left <= 0:
                self._no_response()
                return None
            else:
                upper.pump(left)

    def _is_mine(self, message: Message) -> bool:
        """Whether it answers this request; a surplus one for an earlier request is put aside.

        Anything else is for the only outstanding request: a wrong Message ID Being Responded
        To is evidence against the peer.
        """
        answered = commands.number(message.command, "MessageIDBeingRespondedTo")
        return answered == self.exchange.message_id or not self._link.unasked(message)

    def take_late(self, message: Message) -> bool:
        """Take a response that came just before the association ended."""
        if self.exchange.final is not None or not self._is_mine(message):
            return False
        self.exchange.responses.append(as_response(message))
        return True

    def _cancel(self, after: int) -> None:
        """Send a C-CANCEL (PS3.7 9.3.2.3)."""
        command = {
            "CommandField": commands.C_CANCEL,
            "MessageIDBeingRespondedTo": self.exchange.message_id,
        }
        self.exchange.cancelled_after = after
        self.exchange.cancelled_at = time.time()
        self._link.send(self.exchange.context_id or 0, command, None)

    def _interrupted(self, served: int) -> None:
        """Give up a request to which the peer has nothing but requests to say."""
        exchange = self.exchange
        exchange.ending = "no response"
        exchange.why = f"no response, but {served} requests of the peer"
        self._link.upper.abort()

    def _endless(self, pending: int) -> None:
        """Give up a request that is answered with Pending again and again."""
        exchange = self.exchange
        seconds = time.time() - exchange.sent
        exchange.ending = "no response"
        exchange.why = f"no final response after {pending} Pending ones in {seconds:.0f} s"
        self._link.upper.abort()

    def _no_response(self) -> None:
        exchange, link = self.exchange, self._link
        which = "further response" if exchange.responses else "response"
        exchange.ending = "no response"
        exchange.why = f"no {which} within {link.limits.said(link.limits.response)}"
        if link.assembler.underway:
            exchange.why += f": {link.assembler.underway}"
        # a late response could be taken for that of the next request
        link.upper.abort()

    def _ended(self, why: str) -> None:
        exchange, link = self.exchange, self._link
        association = link.association
        if association.ended == "aborted by us":
            exchange.ending = "no response" if why else "abandoned"
            exchange.why = why or "we aborted the association"
        elif not association.ended and not link.upper.release_requested:
            exchange.ending, exchange.why = "not sent", why
        elif association.ended == "released" or link.upper.release_requested:
            exchange.ending = "aborted"
            exchange.why = "the peer released the association instead of answering"
        else:
            exchange.ending = "aborted"
            exchange.why = why or "the association ended before a final response"
