"""Requests a peer invokes: who serves them, and the form of their responses (PS3.7 9.3, 10.3)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dicomtest.dimse import command as commands
from dicomtest.dimse.link import Link
from dicomtest.dimse.messages import Message, encode_dataset
from dicomtest.dimse.upper import Gone, Stalled
from dicomtest.dimse.values import Answer, Retrieval
from dicomtest.evidence import Association, DataSetRef, Exchange, PresentationContext

if TYPE_CHECKING:
    from pydicom import Dataset

    from dicomtest.dimse.invoker import Invoker

PENDING = (0xFF00, 0xFF01)
LOGGER = logging.getLogger(__name__)


@dataclass(slots=True)
class Incoming:
    """A request as a handler sees it."""

    exchange: Exchange
    association: Association
    context: PresentationContext
    link: Link

    @property
    def command(self) -> dict[str, Any]:
        """The command set, by keyword."""
        return self.exchange.command

    def dataset(self) -> Dataset:
        """Decode the data set; an absent one is empty. Raises what pydicom raises."""
        if self.exchange.data is None:
            from pydicom import Dataset

            return Dataset()
        return self.exchange.data.dataset()

    def is_cancelled(self) -> bool:
        """Whether a C-CANCEL for this request has come, or nobody is there to be answered."""
        self.link.listen()
        return self.exchange.message_id in self.link.cancelled or not self.link.upper.usable

    @property
    def same_association(self) -> Invoker:
        """Invoke services on this association, from another thread or from `afterwards`.

        An operation of another thread waits until the message under way is answered; one
        invoked within the handler itself goes out before the answer.
        """
        from dicomtest.dimse.invoker import Invoker

        return Invoker(self.link)

    def afterwards(self, action: Callable[[Invoker], None]) -> None:
        """Do something on this association as soon as this request is answered."""
        self.link.afterwards.append(lambda: action(self.same_association))


def serve(link: Link, message: Message) -> None:
    """Record a request and answer it."""
    code = commands.number(message.command, "CommandField")
    if code == commands.C_CANCEL:
        _cancelled(link, message)
        return
    exchange = _record(link, message)
    context = link.association.context(message.context_id)
    assert context is not None  # the assembler refuses any other
    incoming = Incoming(exchange, link.association, context, link)
    outer, link.serving = link.serving, exchange
    try:
        _serve(link, incoming, message)
    except Gone as gone:
        exchange.ending, exchange.why = "aborted", str(gone)
    except Stalled as stalled:
        exchange.ending, exchange.why = "aborted", f"{stalled} while we were answering"
        link.upper.abort()
    finally:
        link.serving = outer
        link.cancelled.discard(exchange.message_id)
        link.recorder.changed()


def _record(link: Link, message: Message) -> Exchange:
    command = message.command
    code = commands.number(command, "CommandField")
    exchange = Exchange(
        service=commands.SERVICES.get(code or 0, f"{code:04X}" if code is not None else "unknown"),
        message_id=commands.number(command, "MessageID") or 0,
        context_id=message.context_id,
        sop_class=commands.text(command, "AffectedSOPClassUID", "RequestedSOPClassUID"),
        sop_instance=commands.text(command, "AffectedSOPInstanceUID", "RequestedSOPInstanceUID"),
        command=command,
        data=message.data,
        invoked_by="peer",
        began=message.began,
        sent=message.at,
    )
    if message.problem:
        exchange.notes["not_kept"] = message.problem
    link.association.exchanges.append(exchange)
    link.recorder.changed()
    return exchange


def _cancelled(link: Link, message: Message) -> None:
    message_id = commands.number(message.command, "MessageIDBeingRespondedTo")
    serving = link.serving
    if serving is not None and serving.message_id == message_id:
        serving.cancelled_at = message.at
        serving.cancelled_after = len(serving.pending)
        link.cancelled.add(serving.message_id)
    else:  # too late, or for a request that never was: no response exists for a cancel
        late = link.association.notes.setdefault("late_cancels", [])
        late.append({"command": message.command, "at": message.at})


def _serve(link: Link, incoming: Incoming, message: Message) -> None:
    exchange = incoming.exchange
    service = exchange.service
    if service == "C-STORE" and message.problem:
        answer(incoming, Answer(0xA700, elements={"ErrorComment": "Disk full or not writable"}))
        return
    handler: Any = getattr(link.handlers, _ATTRIBUTES.get(service, ""), None)
    try:
        if handler is None:
            answer(incoming, _default(service))
        elif service == "C-FIND":
            _find(incoming, handler(incoming))
        elif service in ("C-MOVE", "C-GET"):
            from dicomtest.dimse.retrieve import retrieve

            wanted: Retrieval = handler(incoming)
            retrieve(incoming, wanted)
        else:
            answer(incoming, handler(incoming))
    except (Gone, Stalled):
        raise
    except Exception as error:
        # A defect of a handler must neither silence the acceptor nor pass for the peer's:
        # it is answered as a failure, logged, and marked in the evidence.
        LOGGER.exception("the handler of %s failed", service)
        exchange.notes["defect"] = f"{type(error).__name__}: {error}"
        if exchange.final is None:
            answer(incoming, Answer(0xC000 if service.startswith("C-") else 0x0110))


def _default(service: str) -> Answer:
    return Answer(0x0000 if service in ("C-ECHO", "C-STORE") else 0x0211)


def _find(incoming: Incoming, answers: Iterator[Answer]) -> None:
    """Send what the handler yields; FE00 once cancelled, 0000 at the end."""
    with closing(answers) if isinstance(answers, Generator) else nullcontext():
        for each in answers:
            if incoming.is_cancelled():
                break
            answer(incoming, each)
            if each.status not in PENDING:
                return
    if not incoming.link.upper.usable:
        raise Gone(incoming.link.upper.why or "the association ended")
    cancelled = incoming.is_cancelled()
    answer(incoming, Answer(0xFE00 if cancelled else 0x0000))


def answer(incoming: Incoming, given: Answer) -> None:
    """Send one response of the standard's form with what the handler gave."""
    exchange, link = incoming.exchange, incoming.link
    data: DataSetRef | None
    if given.dataset is None or isinstance(given.dataset, DataSetRef):
        data = given.dataset
    else:
        syntax = incoming.context.accepted or "1.2.840.10008.1.2"
        data = encode_dataset(given.dataset, syntax)
    if given.delay:
        link.stopping.wait(given.delay)
    link.respond(exchange, {**response_form(exchange, given.status), **given.elements}, data)


def response_form(exchange: Exchange, status: int) -> dict[str, Any]:
    """Give the elements a response has beside those of its outcome (PS3.7 9.3, 10.3)."""
    request = exchange.command
    code = commands.number(request, "CommandField") or 0
    form: dict[str, Any] = {
        "AffectedSOPClassUID": exchange.sop_class or None,
        "CommandField": code | commands.RESPONSE,
        "MessageIDBeingRespondedTo": exchange.message_id,
        "Status": status,
    }
    if exchange.service == "C-STORE" or exchange.service.startswith("N-"):
        form["AffectedSOPInstanceUID"] = exchange.sop_instance or None
    if exchange.service == "N-ACTION":
        form["ActionTypeID"] = request.get("ActionTypeID")
    elif exchange.service == "N-EVENT-REPORT":
        form["EventTypeID"] = request.get("EventTypeID")
    return form


_ATTRIBUTES = {
    "C-ECHO": "echo",
    "C-STORE": "store",
    "C-FIND": "find",
    "C-MOVE": "move",
    "C-GET": "get",
    "N-CREATE": "n_create",
    "N-SET": "n_set",
    "N-GET": "n_get",
    "N-ACTION": "n_action",
    "N-EVENT-REPORT": "n_event_report",
    "N-DELETE": "n_delete",
}
