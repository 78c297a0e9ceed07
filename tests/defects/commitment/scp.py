"""A sound archive with storage commitment on plain pynetdicom (PS3.4 J.3).

It stores CT images, finds their studies and sends them where C-MOVE says. Each decision is a
method of its own, so that a deviation is a small subclass.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from time import sleep
from typing import Any

from pydicom import Dataset
from pynetdicom import AE, build_context, build_role, evt

VERIFICATION, COMMITMENT = "1.2.840.10008.1.1", "1.2.840.10008.1.20.1"
INSTANCE = "1.2.840.10008.1.20.1.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
STUDY_FIND, STUDY_MOVE = "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.2.2"
SYNTAXES = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"]

Reference = tuple[str, str]
"""SOP Class UID and SOP Instance UID."""


class CommitmentSCP:
    """An archive; `peers` says on which port of this host an AE title listens."""

    ae_title = "BROKEN_PACS"
    classes: tuple[str, ...] = (VERIFICATION, CT, STUDY_FIND, STUDY_MOVE, COMMITMENT)

    def __init__(self, peers: dict[str, int]) -> None:
        self.peers = peers
        self.port = 0
        self.held: dict[str, Dataset] = {}
        self.transactions: set[str] = set()
        self._server: Any = None
        self._over = False
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> CommitmentSCP:
        ae = AE(self.ae_title)
        for uid in self.classes:
            ae.add_supported_context(uid, SYNTAXES)
        handlers = [
            (evt.EVT_C_STORE, lambda event: self.store(event)),
            (evt.EVT_C_FIND, lambda event: self.find(event)),
            (evt.EVT_C_MOVE, lambda event: self.move(event)),
            (evt.EVT_N_ACTION, lambda event: self.action(event)),
            (evt.EVT_ACCEPTED, self.on_accepted),
        ]
        self._server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
        self.port = self._server.server_address[1]
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over = True
        for each in self._threads:
            each.join(5)
        self._server.shutdown()

    def on_accepted(self, event: Any) -> None:
        """Let `sending` see every response before it goes out."""
        dimse, send = event.assoc.dimse, event.assoc.dimse.send_msg

        def through(primitive: Any, context_id: int) -> None:
            self.sending(primitive)
            send(primitive, context_id)

        dimse.send_msg = through

    def sending(self, message: Any) -> None:
        """Change a message before it is sent."""

    def store(self, event: Any) -> int:
        image = event.dataset
        image.file_meta = event.file_meta
        self.held[str(image.SOPInstanceUID)] = image
        return 0x0000

    def find(self, event: Any) -> Iterator[Any]:
        """What is held, by the UIDs of the levels alone."""
        level = str(event.identifier.QueryRetrieveLevel)
        unique = {"STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID"}
        key = unique.get(level, "SOPInstanceUID")
        found = {}
        for image in self.held.values():
            asked = [(name, str(event.identifier.get(name, "") or ""))
                     for name in (*unique.values(), "SOPInstanceUID")]  # fmt: skip
            if all(not wanted or str(image[name].value) == wanted for name, wanted in asked):
                found[str(image[key].value)] = image
        for image in found.values():
            answer = Dataset()
            for each in event.identifier:
                answer[each.tag] = image.get(each.tag, each)
            answer.QueryRetrieveLevel = level
            yield 0xFF00, self.shown(answer)
        yield 0x0000, None

    def shown(self, answer: Dataset) -> Dataset:
        """An answer as it is sent."""
        return answer

    def move(self, event: Any) -> Iterator[Any]:
        wanted = [each for each in self.held.values()
                  if each.StudyInstanceUID == event.identifier.StudyInstanceUID]  # fmt: skip
        port = self.peers[str(event.move_destination).strip()]
        yield "127.0.0.1", port, {"contexts": [build_context(CT, SYNTAXES)]}
        wanted = self.given_back(wanted)
        yield len(wanted)
        for each in wanted:
            yield 0xFF00, each

    def given_back(self, wanted: list[Dataset]) -> list[Dataset]:
        """What is sent of a study."""
        return wanted

    def action(self, event: Any) -> tuple[int, None]:
        """N-ACTION: take the request and report later."""
        asked = event.action_information
        transaction = str(asked.get("TransactionUID", ""))
        wanted = [
            (str(each.ReferencedSOPClassUID), str(each.ReferencedSOPInstanceUID))
            for each in asked.get("ReferencedSOPSequence") or ()
        ]
        status = self.refuses(transaction, wanted)
        again = transaction in self.transactions
        self.transactions.add(transaction)
        requestor = str(event.assoc.requestor.ae_title).strip()
        if status == 0x0000 or self.reports_anyway:
            self.later(event.assoc, requestor, transaction, self.sorted(wanted, again=again))
        return status, None

    reports_anyway = False

    def refuses(self, transaction: str, wanted: list[Reference]) -> int:
        """The status of the response."""
        return 0x0000 if wanted else 0x0115

    def sorted(self, wanted: list[Reference], *, again: bool) -> list[tuple[Reference, int | None]]:
        """Each reference with its Failure Reason, None when it is committed."""
        return [(each, 0x0131 if again else self.reason(*each)) for each in wanted]

    def reason(self, sop_class: str, uid: str) -> int | None:
        """Why an instance is not committed."""
        if uid not in self.held:
            return self.unknown(uid)
        return None if self.held[uid].SOPClassUID == sop_class else self.other_class(uid)

    def unknown(self, uid: str) -> int | None:
        return 0x0112

    def other_class(self, uid: str) -> int | None:
        return 0x0119

    def later(self, assoc: Any, requestor: str, transaction: str, found: list[Any]) -> None:
        """Report in a thread of its own."""
        thread = threading.Thread(
            target=self.report, args=(assoc, requestor, transaction, found), daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def report(self, assoc: Any, requestor: str, transaction: str, found: list[Any]) -> None:
        """Open an association and report; again when the report is refused."""
        del assoc
        event = self.event(transaction, found)
        for _attempt in range(3):
            if self._over or self.deliver(requestor, event):
                return
            sleep(0.05)

    def deliver(self, requestor: str, event: Dataset) -> bool:
        """Send one report; whether it was taken."""
        ae = AE(self.ae_title)
        ae.add_requested_context(COMMITMENT, SYNTAXES)
        roles = [build_role(COMMITMENT, scu_role=False, scp_role=True)]
        port = self.peers.get(requestor)
        if port is None:
            return True
        handlers = [(evt.EVT_ACCEPTED, self.on_accepted)]
        assoc = ae.associate("127.0.0.1", port, ae_title=self.called(requestor),
                             ext_neg=self.roles(roles), evt_handlers=handlers)  # fmt: skip
        if not assoc.is_established:
            return False
        status = self.send(assoc, event)
        assoc.release()
        return "Status" in status and status.Status == 0x0000

    def called(self, requestor: str) -> str:
        return requestor

    def roles(self, roles: list[Any]) -> list[Any]:
        return roles

    def send(self, assoc: Any, event: Dataset) -> Dataset:
        """Send the report on an association."""
        kind = self.event_type(event)
        for context in assoc.accepted_contexts:  # pynetdicom sends none without the role
            context._as_scp = True
        status, _ = assoc.send_n_event_report(event, kind, COMMITMENT, self.instance())
        return status

    def instance(self) -> str:
        return INSTANCE

    def event_type(self, event: Dataset) -> int:
        return 2 if "FailedSOPSequence" in event else 1

    def event(self, transaction: str, found: list[Any]) -> Dataset:
        """The event information."""
        made = Dataset()
        made.TransactionUID = transaction
        good = [self.item(each, None) for each, reason in found if reason is None]
        bad = [self.item(each, reason) for each, reason in found if reason is not None]
        if good:
            made.ReferencedSOPSequence = good
        if bad:
            made.FailedSOPSequence = bad
        return made

    def item(self, reference: Reference, reason: int | None) -> Dataset:
        """One item of either sequence."""
        made = Dataset()
        made.ReferencedSOPClassUID, made.ReferencedSOPInstanceUID = reference
        if reason is not None:
            made.FailureReason = reason
        return made
