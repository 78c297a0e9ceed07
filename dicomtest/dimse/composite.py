"""DIMSE-C services as a user invokes them, on any association, from either end (PS3.7 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dicomtest.dimse import command as commands
from dicomtest.dimse.invocation import Invocation
from dicomtest.dimse.link import Link
from dicomtest.dimse.messages import data_size, encode_dataset
from dicomtest.dimse.words import context_result_in_words
from dicomtest.evidence import Association, DataSetRef, Exchange, PresentationContext

if TYPE_CHECKING:
    from pydicom import Dataset

VERIFICATION = "1.2.840.10008.1.1"


class CompositeInvoker:
    """Invokes services; whatever the peer does is in the exchange that comes back."""

    def __init__(self, link: Link) -> None:
        """Use this association."""
        self._link = link

    @property
    def link(self) -> Link:
        """The association in use, for the modules of this package."""
        return self._link

    @property
    def association(self) -> Association:
        """The evidence, growing while the association lives."""
        return self._link.association

    @property
    def established(self) -> bool:
        """Whether requests can be sent (still)."""
        return self._link.upper.state == "Sta6"

    def echo(self, *, label: str = "") -> Exchange:
        """C-ECHO (PS3.7 9.1.5)."""
        return self._invoke(commands.C_ECHO, VERIFICATION, {}, label=label)

    def store(
        self,
        data: DataSetRef,
        *,
        sop_class: str,
        sop_instance: str,
        priority: int = 0,
        originator: tuple[str, int] | None = None,
        label: str = "",
        context_id: int | None = None,
        claim_class: str | None = None,
        notes: dict[str, Any] | None = None,
    ) -> Exchange:
        """C-STORE (PS3.7 9.1.1): send encoded bytes as they are, decoding nothing.

        The presentation context is the accepted one of `sop_class` in the data set's transfer
        syntax, or `context_id`; `claim_class` stands in the request in place of `sop_class`.
        """
        exchange, command = self._store_request(
            sop_class, sop_instance, priority, originator, claim_class, label
        )
        exchange.notes.update(notes or {})
        exchange.data = data
        context = self._context(sop_class, data.transfer_syntax, context_id, exchange)
        if context is None:
            return self._not_sent(exchange)
        exchange.context_id = context.id
        return Invocation(self._link, exchange).run(command, data)

    def _store_request(
        self,
        sop_class: str,
        sop_instance: str,
        priority: int,
        originator: tuple[str, int] | None,
        claim_class: str | None,
        label: str,
    ) -> tuple[Exchange, dict[str, Any]]:
        exchange = Exchange("C-STORE", 0, None, claim_class or sop_class, sop_instance, label=label)
        command: dict[str, Any] = {
            "AffectedSOPClassUID": exchange.sop_class,
            "CommandField": commands.C_STORE,
            "Priority": priority,
            "AffectedSOPInstanceUID": sop_instance,
        }
        if originator is not None:
            command["MoveOriginatorApplicationEntityTitle"] = originator[0]
            command["MoveOriginatorMessageID"] = originator[1]
        return exchange, command

    def find(
        self,
        model: str,
        identifier: Dataset,
        *,
        transfer_syntax: str | None = None,
        cancel_after: int | None = None,
        label: str = "",
        limit: int | None = None,
        priority: int = 0,
    ) -> Exchange:
        """C-FIND (PS3.7 9.1.2).

        `cancel_after` sends a C-CANCEL after so many Pending responses (0: straight after the
        request). `limit` does the same, and keeps no more matches than that.
        """
        return self._invoke(
            commands.C_FIND,
            model,
            {"Priority": priority},
            identifier,
            transfer_syntax=transfer_syntax,
            cancel_after=cancel_after,
            keep=limit,
            label=label,
        )

    def move(
        self,
        model: str,
        identifier: Dataset,
        destination: str,
        *,
        transfer_syntax: str | None = None,
        cancel_after: int | None = None,
        label: str = "",
        priority: int = 0,
    ) -> Exchange:
        """C-MOVE (PS3.7 9.1.4); `destination` is an AE title the peer must know."""
        return self._invoke(
            commands.C_MOVE,
            model,
            {"Priority": priority, "MoveDestination": destination},
            identifier,
            transfer_syntax=transfer_syntax,
            cancel_after=cancel_after,
            label=label,
        )

    def get(
        self,
        model: str,
        identifier: Dataset,
        *,
        transfer_syntax: str | None = None,
        cancel_after: int | None = None,
        label: str = "",
        priority: int = 0,
    ) -> Exchange:
        """C-GET (PS3.7 9.1.3); the C-STORE sub-operations become exchanges of their own."""
        return self._invoke(
            commands.C_GET,
            model,
            {"Priority": priority},
            identifier,
            transfer_syntax=transfer_syntax,
            cancel_after=cancel_after,
            label=label,
        )

    def abort_in_store(
        self,
        data: DataSetRef,
        *,
        sop_class: str,
        sop_instance: str,
        fraction: float = 0.5,
        how: Literal["abort", "close"] = "abort",
        label: str = "",
    ) -> Exchange:
        """Begin a C-STORE and end the association when that part of the data set is sent."""
        exchange, command = self._store_request(sop_class, sop_instance, 0, None, None, label)
        exchange.data = data
        context = self._context(sop_class, data.transfer_syntax, None, exchange)
        if context is None:
            return self._not_sent(exchange)
        exchange.context_id = context.id
        stop_after = int(data_size(data) * fraction)
        return Invocation(self._link, exchange).break_off(
            command, data, stop_after, drop=how == "close"
        )

    def send_command(
        self,
        context_id: int,
        command: dict[str, Any],
        data: DataSetRef | None = None,
        *,
        service: str = "",
        label: str = "",
    ) -> Exchange:
        """Send a command set as given (a Message ID is added where there is none)."""
        code = commands.number(command, "CommandField") or 0
        exchange = Exchange(
            service or commands.SERVICES.get(code, f"{code:04X}"),
            commands.number(command, "MessageID") or 0,
            context_id,
            commands.text(command, "AffectedSOPClassUID", "RequestedSOPClassUID"),
            commands.text(command, "AffectedSOPInstanceUID", "RequestedSOPInstanceUID"),
            data=data,
            label=label,
        )
        return Invocation(self._link, exchange).run(dict(command), data)

    # --- common ground

    def _invoke(
        self,
        code: int,
        sop_class: str,
        elements: dict[str, Any],
        dataset: Dataset | None = None,
        *,
        abstract_syntax: str | None = None,
        transfer_syntax: str | None = None,
        cancel_after: int | None = None,
        keep: int | None = None,
        label: str = "",
    ) -> Exchange:
        command = {"AffectedSOPClassUID": sop_class, **elements, "CommandField": code}
        if "RequestedSOPClassUID" in elements:
            del command["AffectedSOPClassUID"]
        command = {k: v for k, v in command.items() if v is not None}
        exchange = Exchange(
            commands.SERVICES[code],
            0,
            None,
            sop_class,
            commands.text(command, "AffectedSOPInstanceUID", "RequestedSOPInstanceUID"),
            label=label,
        )
        context = self._context(abstract_syntax or sop_class, transfer_syntax, None, exchange)
        if context is None:
            return self._not_sent(exchange)
        exchange.context_id = context.id
        if dataset is not None:
            exchange.data = encode_dataset(dataset, context.accepted or "")
            if not exchange.data.data:
                # a data set without elements is sent as no data set: a PDV of no bytes makes
                # some peers wait for ever
                exchange.data = None
        return Invocation(self._link, exchange).run(
            command, exchange.data, cancel_after=cancel_after, keep=keep
        )

    def _context(
        self,
        abstract_syntax: str,
        transfer_syntax: str | None,
        context_id: int | None,
        exchange: Exchange,
    ) -> PresentationContext | None:
        """Choose an accepted context, or say in the exchange why there is none."""
        association = self.association
        if context_id is not None:
            return association.context(context_id) or PresentationContext(
                context_id, abstract_syntax
            )
        accepted = association.accepted(abstract_syntax)
        fitting = [c for c in accepted if transfer_syntax in (None, c.accepted)]
        as_scu = [c for c in fitting if self._may_be_scu(c)]
        if as_scu or (fitting and exchange.service != "C-STORE"):
            return (as_scu or fitting)[0]
        exchange.ending = "not sent"
        exchange.why = self._why_no_context(abstract_syntax, transfer_syntax, accepted, fitting)
        return None

    def _may_be_scu(self, context: PresentationContext) -> bool:
        """Whether the roles as negotiated let us be the SCU (PS3.7 D.3.3.4)."""
        roles = context.accepted_roles or (True, False)
        return roles[0 if self._link.is_requestor else 1]

    def _why_no_context(
        self,
        abstract_syntax: str,
        transfer_syntax: str | None,
        accepted: list[PresentationContext],
        fitting: list[PresentationContext],
    ) -> str:
        association = self.association
        if association.outcome != "accepted":
            return association.why or "no association"
        if fitting:
            return f"the roles negotiated for {abstract_syntax} do not let us be its SCU"
        if accepted:
            syntaxes = ", ".join(str(each.accepted) for each in accepted)
            return f"only {syntaxes} was accepted for {abstract_syntax}, not {transfer_syntax}"
        answers = {
            context_result_in_words(each.result)
            for each in association.contexts
            if each.abstract_syntax == abstract_syntax
        }
        how = ", ".join(sorted(answers)) or "not proposed"
        return f"no presentation context for {abstract_syntax}: {how}"

    def _not_sent(self, exchange: Exchange) -> Exchange:
        self.association.exchanges.append(exchange)
        self._link.recorder.changed()
        return exchange
