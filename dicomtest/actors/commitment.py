"""Storage commitment as SCP and the receiving end of its SCU (PS3.4 J.3).

`CommitmentProvider` belongs to an archive: it answers N-ACTION and reports, as the device
profile's quirk `commitment` says, on an association of its own (`report: new`), on that of the
request (`same`), or on the next one that the SCU opens (`next`), `after` so many seconds.
`ReportInbox` belongs to whoever asks: it takes reports wherever they come.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from dicomtest import dimse
from dicomtest.dicom.attribute_values import Attributes, attributes_of, data_set
from dicomtest.dicom.commitment_model import (
    CLASS_CONFLICT,
    COMMITMENT,
    COMMITMENT_INSTANCE,
    DUPLICATE_TRANSACTION,
    NO_SUCH_INSTANCE,
    REFERENCED,
    REQUEST,
    Reference,
    references,
    report,
    transaction_of,
)
from dicomtest.dicom.headers import UNREADABLE

if TYPE_CHECKING:
    from dicomtest.actors.simulator import Simulator

UNCOMPRESSED = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")
RETRIES, PAUSE = 5, 0.2  # a report that was refused or could not be delivered is tried again

ClassOf = Callable[[str], str | None]
"""SOP class of a stored instance; None when there is none of that UID."""


@dataclass
class Commitment:
    """One request on its way to being reported."""

    transaction: str
    requestor: str  # AE title
    called: str  # the AE title under which the request came
    event_type: int
    event: Attributes
    delivered: bool = False


class CommitmentProvider:
    """Commits what the archive holds; call `stop` when the archive stops listening."""

    def __init__(self, actor: Simulator, class_of: ClassOf) -> None:
        """Begin without a transaction; raises nothing for quirks it does not know."""
        quirks = actor.profile.quirks.get("commitment") or {}
        self.report: str = quirks.get("report", "new")
        self.after = float(quirks.get("after", 0))
        self._actor = actor
        self._class_of = class_of
        self._known: set[str] = set()
        self._waiting: list[Commitment] = []
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._lock = threading.RLock()

    def n_action(self, incoming: dimse.Incoming) -> dimse.Answer:
        """Take a request and report on it later (J.3.2.1.3)."""
        exchange = incoming.exchange
        if exchange.sop_instance != COMMITMENT_INSTANCE:
            return _refuse(0x0112, "Not the well-known instance of storage commitment")
        if incoming.command.get("ActionTypeID") != REQUEST:
            return _refuse(0x0123, "No such action")
        try:
            asked = attributes_of(incoming.dataset())
        except UNREADABLE as error:
            return _refuse(0x0110, f"The data set cannot be read: {error}")
        transaction, wanted = transaction_of(asked), references(asked, REFERENCED)
        if not transaction or not wanted:
            return _refuse(0x0115, "Transaction UID and Referenced SOP Sequence are required")
        if any(not each.sop_class or not each.sop_instance for each in wanted):
            return _refuse(0x0115, "An item lacks its SOP Class or SOP Instance UID")
        commitment = self._judged(incoming, transaction, wanted)
        self._actor.setting.announce(f"N-ACTION {transaction}: {len(wanted)} instances")
        same = incoming.same_association if self._way() == "same" else None
        incoming.afterwards(lambda _invoker: self._start(commitment, same))
        return dimse.Answer(0x0000, elements={"ActionTypeID": REQUEST})

    def established(self, invoker: dimse.Invoker) -> None:
        """Deliver what waits for this requestor to open an association again."""
        title = invoker.association.calling_ae_title.strip()
        if not invoker.association.accepted(COMMITMENT):
            return
        with self._lock:
            mine = [each for each in self._waiting if each.requestor == title]
            self._waiting = [each for each in self._waiting if each.requestor != title]
        for each in mine:
            self._deliver(invoker, each)
            if not each.delivered:
                self._keep(each)

    def stop(self) -> None:
        """Give up what is under way."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._stopping.clear()

    def _judged(
        self, incoming: dimse.Incoming, transaction: str, wanted: list[Reference]
    ) -> Commitment:
        """Look each instance up; a Transaction UID that was used before fails them all."""
        with self._lock:
            again = transaction in self._known
            self._known.add(transaction)
        committed, failed = [], []
        plan = self._actor.faults
        for number, each in enumerate(wanted):
            stored = self._class_of(each.sop_instance)
            reason = plan.commitment_fails(number) if plan else None
            if reason is not None:
                pass  # on purpose
            elif again:
                reason = DUPLICATE_TRANSACTION
            elif stored is None:
                reason = NO_SUCH_INSTANCE
            elif stored != each.sop_class:
                reason = CLASS_CONFLICT
            if reason is None:
                committed.append(each)
            else:
                failed.append(Reference(each.sop_class, each.sop_instance, reason))
        association = incoming.association
        return Commitment(
            transaction,
            association.calling_ae_title.strip(),
            association.called_ae_title.strip(),
            *report(transaction, committed, failed),
        )

    def _start(self, commitment: Commitment, same: dimse.Invoker | None) -> None:
        faults = self._actor.faults.faults if self._actor.faults else None
        if faults is not None and faults.commit == "never":
            return
        if self._way() == "next":
            self._keep(commitment)
            return
        thread = threading.Thread(
            target=self._report, args=(commitment, same), name="dicomtest-commitment", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _report(self, commitment: Commitment, same: dimse.Invoker | None) -> None:
        """Report, if need be on a new association, where the SCP role is proposed (J.3.3.1.2)."""
        plan = self._actor.faults
        late = plan.faults.after if plan else None
        self._stopping.wait(self.after if late is None else late)
        if same is not None and same.established:
            self._deliver(same, commitment)
        for _attempt in range(RETRIES):
            if commitment.delivered or self._stopping.is_set():
                return
            remote = self._actor.setting.directory(commitment.requestor)
            if remote is None:
                break
            proposal = dimse.Proposal(COMMITMENT, UNCOMPRESSED, roles=(False, True))
            with self._actor.associate(
                remote, [proposal], label="commitment report", calling=commitment.called
            ) as peer:
                self._deliver(peer, commitment)
            if not commitment.delivered:
                self._stopping.wait(PAUSE)
        if not commitment.delivered:
            self._keep(commitment)

    def _way(self) -> str:
        """On which association to report: what a fault says, else the device profile."""
        plan = self._actor.faults
        return (plan.faults.report if plan else None) or self.report

    def _keep(self, commitment: Commitment) -> None:
        with self._lock:
            self._waiting.append(commitment)

    def _deliver(self, invoker: dimse.Invoker, commitment: Commitment) -> None:
        exchange = invoker.n_event_report(
            COMMITMENT,
            COMMITMENT_INSTANCE,
            data_set(commitment.event),
            event_type=commitment.event_type,
            label="commitment report",
        )
        commitment.delivered = dimse.status_class(exchange.status) in ("success", "warning")


@dataclass(frozen=True)
class Report:
    """A report as it came: when, and how it was answered."""

    transaction: str
    event_type: int | None
    event: Attributes
    status: int
    association: str  # id of the association in the evidence


@dataclass
class ReportInbox:
    """Takes commitment reports; refuses the first `refuse` of them on purpose."""

    refuse: int = 0
    reports: list[Report] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def n_event_report(self, incoming: dimse.Incoming) -> dimse.Answer:
        """Answer 0000, or 0110 while it is to refuse."""
        try:
            event = attributes_of(incoming.dataset())
        except UNREADABLE:
            event = {}
        with self._changed:
            status = 0x0110 if self.refuse > 0 else 0x0000
            self.refuse = max(0, self.refuse - 1)
            self.reports.append(
                Report(
                    transaction_of(event),
                    incoming.command.get("EventTypeID"),
                    event,
                    status,
                    incoming.association.id,
                )
            )
            self._changed.notify_all()
        return dimse.Answer(status)

    def wait_for(self, transaction: str, seconds: float, *, since: int = 0) -> Report | None:
        """Wait for a report of this transaction that was not refused.

        `since` leaves out so many that came before.
        """
        until = monotonic() + seconds
        with self._changed:
            while True:
                for each in self.reports[since:]:
                    if each.transaction == transaction and each.status == 0x0000:
                        return each
                left = until - monotonic()
                if left <= 0:
                    return None
                self._changed.wait(left)


def _refuse(status: int, words: str) -> dimse.Answer:
    printable = "".join(each if each.isprintable() and each.isascii() else " " for each in words)
    return dimse.Answer(status, elements={"ErrorComment": printable.replace("\\", "/")[:64]})
