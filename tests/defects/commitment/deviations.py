"""Archives that break storage commitment, and what they may legally do."""

from __future__ import annotations

import copy
from time import sleep
from typing import Any

from pydicom import Dataset
from pydicom.uid import generate_uid

from ..deviations import Registry, add
from .scp import CT, STUDY_MOVE, VERIFICATION, CommitmentSCP, Reference

DEFECTS: Registry = {}
QUIRKS: Registry = {}
REPORT = "PS3.4 J.3.3.1.2"
FORM = "PS3.4 J.3.3.1"


@add(DEFECTS, "PS3.4 J.3.1", "commit.context-accepted")
class NoCommitment(CommitmentSCP):
    """The SOP class is not accepted."""

    classes = (VERIFICATION, CT, STUDY_MOVE)


@add(DEFECTS, "PS3.4 J.3.2.1", "commit.request-accepted")
class RefusesRequests(CommitmentSCP):
    """Every request is refused."""

    def refuses(self, transaction: str, wanted: list[Reference]) -> int:
        return 0x0110


@add(DEFECTS, "PS3.7 10.1.4", "commit.status-of-service", "commit.request-accepted")
class StatusOfStorage(CommitmentSCP):
    """A request is answered with B000."""

    def refuses(self, transaction: str, wanted: list[Reference]) -> int:
        return super().refuses(transaction, wanted) or 0xB000

    reports_anyway = True


@add(DEFECTS, "PS3.4 J.3.2.1.3", "commit.no-report-after-refusal", scenario="all")
class RefusesAndReports(CommitmentSCP):
    """A request is refused, and reported on."""

    reports_anyway = True

    def refuses(self, transaction: str, wanted: list[Reference]) -> int:
        return 0x0110


@add(DEFECTS, "PS3.7 10.1.4", "commit.response-instance")
class OtherInstanceInTheResponse(CommitmentSCP):
    """The response to the request names another instance."""

    def sending(self, message: Any) -> None:
        if hasattr(message, "ActionReply"):
            message.AffectedSOPInstanceUID = "1.2.3.4"


@add(DEFECTS, REPORT, "commit.report-comes")
class NeverReports(CommitmentSCP):
    """No report comes."""

    def report(self, assoc: Any, requestor: str, transaction: str, found: list[Any]) -> None:
        return


@add(DEFECTS, REPORT, "commit.transaction-known", "commit.report-comes")
class OwnTransactionUid(CommitmentSCP):
    """The report has a Transaction UID of its own."""

    def event(self, transaction: str, found: list[Any]) -> Dataset:
        return super().event(generate_uid(), found)


@add(DEFECTS, FORM, "commit.transaction-present")
class NoTransactionUid(CommitmentSCP):
    """The report has no Transaction UID."""

    def event(self, transaction: str, found: list[Any]) -> Dataset:
        made = super().event(transaction, found)
        del made.TransactionUID
        return made


@add(DEFECTS, REPORT, "commit.one-report")
class ReportsTwice(CommitmentSCP):
    """Every report comes twice."""

    def deliver(self, requestor: str, event: Dataset) -> bool:
        super().deliver(requestor, event)
        return super().deliver(requestor, event)


@add(DEFECTS, "PS3.4 J.3.5", "commit.report-instance")
class OwnInstance(CommitmentSCP):
    """The report is not of the well-known instance."""

    def instance(self) -> str:
        return "1.2.3.4.5"


@add(DEFECTS, REPORT, "commit.new-association-title")
class CallsSomebodyElse(CommitmentSCP):
    """The association for the report calls another AE title."""

    def called(self, requestor: str) -> str:
        return "SOMEBODY"


@add(DEFECTS, REPORT, "commit.known-caller")
class ReportsAsSomebodyElse(CommitmentSCP):
    """The association for the report comes from another AE title."""

    def deliver(self, requestor: str, event: Dataset) -> bool:
        self.ae_title = "OTHER_PACS"
        return super().deliver(requestor, event)


@add(DEFECTS, "PS3.7 D.3.3.4", "commit.role-selection")
class NoRoleSelection(CommitmentSCP):
    """The SCP role is not proposed for the report."""

    def roles(self, roles: list[Any]) -> list[Any]:
        return []


@add(DEFECTS, REPORT, "commit.different-association", scenario="open all")
class OnlyOnTheSameAssociation(CommitmentSCP):
    """After the release there is no report."""

    def report(self, assoc: Any, requestor: str, transaction: str, found: list[Any]) -> None:
        sleep(0.1)
        if assoc.is_established:
            self.send(assoc, self.event(transaction, found))


@add(DEFECTS, "PS3.3 C.14.1.1", "commit.repeated-transaction", scenario="all again")
class TransactionsRepeat(CommitmentSCP):
    """A Transaction UID can be used again."""

    def sorted(self, wanted: list[Reference], *, again: bool) -> list[tuple[Reference, int | None]]:
        return super().sorted(wanted, again=False)


@add(DEFECTS, "PS3.4 J.3.2.1", "commit.empty-refused", scenario="empty")
class TakesNothing(CommitmentSCP):
    """A request for nothing is taken."""

    def refuses(self, transaction: str, wanted: list[Reference]) -> int:
        return 0x0000


@add(DEFECTS, FORM, "commit.event-type", scenario="all")
class EventTypeThree(CommitmentSCP):
    """Event Type ID is 3."""

    def event_type(self, event: Dataset) -> int:
        return 3


@add(DEFECTS, REPORT, "commit.event-type-fits", scenario="some")
class AlwaysEventTypeOne(CommitmentSCP):
    """Failures come with event type 1."""

    def event_type(self, event: Dataset) -> int:
        return 1


@add(DEFECTS, REPORT, "commit.event-type-fits", scenario="all")
class AlwaysEventTypeTwo(CommitmentSCP):
    """Success comes with event type 2."""

    def event_type(self, event: Dataset) -> int:
        return 2


@add(DEFECTS, FORM, "commit.event-type-fits", "commit.complete", scenario="some")
class FailuresAreLeftOut(CommitmentSCP):
    """There is no Failed SOP Sequence."""

    def event(self, transaction: str, found: list[Any]) -> Dataset:
        made = super().event(transaction, found)
        made.pop("FailedSOPSequence", None)
        return made

    def event_type(self, event: Dataset) -> int:
        return 2 if len(event.get("ReferencedSOPSequence") or ()) != 2 else 1


@add(DEFECTS, FORM, "commit.no-empty-sequence", scenario="all again")
class EmptySequences(CommitmentSCP):
    """Referenced SOP Sequence is there without an item."""

    def event(self, transaction: str, found: list[Any]) -> Dataset:
        made = super().event(transaction, found)
        if "ReferencedSOPSequence" not in made:
            made.ReferencedSOPSequence = []
        return made


@add(DEFECTS, REPORT, "commit.no-empty-sequence", "commit.complete", scenario="all")
class EmptyReport(CommitmentSCP):
    """The report names no instance."""

    def event(self, transaction: str, found: list[Any]) -> Dataset:
        return super().event(transaction, [])


@add(DEFECTS, REPORT, "commit.complete")
class LosesTheLast(CommitmentSCP):
    """The last instance is not in the report."""

    def event(self, transaction: str, found: list[Any]) -> Dataset:
        return super().event(transaction, found[:-1])


@add(DEFECTS, REPORT, "commit.no-strangers")
class AddsAStranger(CommitmentSCP):
    """The report has an instance that nobody asked for."""

    def event(self, transaction: str, found: list[Any]) -> Dataset:
        return super().event(transaction, [*found, ((CT, "1.2.3.4.5.6"), None)])


@add(DEFECTS, REPORT, "commit.each-once", scenario="some")
class SafeAndLost(CommitmentSCP):
    """A failed instance is also committed."""

    def event(self, transaction: str, found: list[Any]) -> Dataset:
        return super().event(transaction, [*found, *((each, None) for each, _ in found[-1:])])


@add(DEFECTS, "PS3.3 C.14.1.1", "commit.stored-is-known", "commit.stored-is-committed")
class ForgetsWhatItTook(CommitmentSCP):
    """What was stored is unknown."""

    def store(self, event: Any) -> int:
        return 0x0000


@add(DEFECTS, REPORT, "commit.stored-is-committed")
class CommitsNothing(CommitmentSCP):
    """Everything fails with 0110."""

    def reason(self, sop_class: str, uid: str) -> int | None:
        return super().reason(sop_class, uid) or 0x0110


@add(DEFECTS, REPORT, "commit.missing-fails", "commit.wrong-class-fails", scenario="some")
class CommitsEverything(CommitmentSCP):
    """Everything is committed, stored or not."""

    def reason(self, sop_class: str, uid: str) -> int | None:
        return None


@add(
    DEFECTS, "PS3.3 C.14.1.1", "commit.missing-reason", "commit.wrong-class-reason", scenario="some"
)
class EverythingIsAProcessingFailure(CommitmentSCP):
    """Every Failure Reason is 0110."""

    def unknown(self, uid: str) -> int | None:
        return 0x0110

    def other_class(self, uid: str) -> int | None:
        return 0x0110


@add(DEFECTS, REPORT, "commit.wrong-class-fails", scenario="some")
class ClassDoesNotMatter(CommitmentSCP):
    """The SOP class is not looked at."""

    def other_class(self, uid: str) -> int | None:
        return None


@add(DEFECTS, "PS3.3 C.14.1.1", "commit.failure-reason", scenario="some")
class NoReason(CommitmentSCP):
    """Failures have no reason."""

    def item(self, reference: Reference, reason: int | None) -> Dataset:
        return super().item(reference, None)


@add(DEFECTS, "PS3.3 C.14.1.1", "commit.failure-reason", scenario="some")
class OwnReason(CommitmentSCP):
    """Failures have the reason A700."""

    def unknown(self, uid: str) -> int | None:
        return 0xA700


@add(DEFECTS, FORM, "commit.reason-only-for-failures", scenario="some")
class AlwaysADuplicate(CommitmentSCP):
    """What is unknown fails as a duplicate transaction."""

    def unknown(self, uid: str) -> int | None:
        return 0x0131


@add(DEFECTS, FORM, "commit.references-complete")
class NoClasses(CommitmentSCP):
    """References have no SOP Class UID."""

    def item(self, reference: Reference, reason: int | None) -> Dataset:
        made = super().item(reference, reason)
        del made.ReferencedSOPClassUID
        return made


@add(DEFECTS, FORM, "commit.class-kept")
class OtherClass(CommitmentSCP):
    """Committed instances have another SOP class."""

    def item(self, reference: Reference, reason: int | None) -> Dataset:
        made = super().item(reference, reason)
        if reason is None:
            made.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
        return made


@add(DEFECTS, "PS3.4 J.3.3.1.1", "commit.retrieve-title-once")
class RetrieveTitleTwice(CommitmentSCP):
    """Retrieve AE Title is said outside and inside of the sequence."""

    def event(self, transaction: str, found: list[Any]) -> Dataset:
        made = super().event(transaction, found)
        made.RetrieveAETitle = self.ae_title
        for each in made.get("ReferencedSOPSequence") or ():
            each.RetrieveAETitle = self.ae_title
        return made


@add(DEFECTS, FORM, "commit.no-reason-when-committed")
class ReasonZero(CommitmentSCP):
    """Committed instances have Failure Reason 0."""

    def item(self, reference: Reference, reason: int | None) -> Dataset:
        return super().item(reference, reason or 0)


@add(DEFECTS, REPORT, "commit.committed-is-retrieved", scenario="all back")
class CommittedAndLost(CommitmentSCP):
    """One committed image is not given back."""

    def given_back(self, wanted: list[Dataset]) -> list[Dataset]:
        return wanted[1:]


@add(QUIRKS, REPORT)
class ReportsOnTheSameAssociation(CommitmentSCP):
    """The report comes on the association of the request where it is still open."""

    def report(self, assoc: Any, requestor: str, transaction: str, found: list[Any]) -> None:
        sleep(0.05)
        if assoc.is_established:
            status = self.send(assoc, self.event(transaction, found))
            if "Status" in status and status.Status == 0x0000:
                return
        super().report(assoc, requestor, transaction, found)


@add(QUIRKS, "PS3.4 J.3.3.1.1")
class SaysWhere(CommitmentSCP):
    """The report says from where to retrieve, and takes a moment."""

    def event(self, transaction: str, found: list[Any]) -> Dataset:
        sleep(0.1)
        made = super().event(transaction, found)
        made.RetrieveAETitle = self.ae_title
        return made


@add(QUIRKS, "PS3.3 C.14.1.1")
class RefusesRepetitions(CommitmentSCP):
    """A Transaction UID that was used before is refused at once."""

    def refuses(self, transaction: str, wanted: list[Reference]) -> int:
        return 0x0110 if transaction in self.transactions else super().refuses(transaction, wanted)


@add(QUIRKS, FORM)
class OtherOrder(CommitmentSCP):
    """Instances are reported in another order, with both roles proposed."""

    def event(self, transaction: str, found: list[Any]) -> Dataset:
        return super().event(transaction, found[::-1])

    def roles(self, roles: list[Any]) -> list[Any]:
        both = copy.deepcopy(roles)
        if both != [True]:
            both[0].scu_role = True
        return both


@add(QUIRKS, REPORT)
class NeverRetries(CommitmentSCP):
    """A report that was refused is not sent again."""

    def deliver(self, requestor: str, event: Dataset) -> bool:
        super().deliver(requestor, event)
        return True
