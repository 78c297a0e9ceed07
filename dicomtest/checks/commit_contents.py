"""Storage commitment: what a report says of each instance (PS3.4 J.3.3, PS3.3 C.14.1.1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.commit_messages import all_reports, report, reports
from dicomtest.checks.mpps_messages import inner, value
from dicomtest.checks.statuses import said
from dicomtest.dicom.commitment_model import (
    ALL_COMMITTED,
    CLASS_CONFLICT,
    DUPLICATE_TRANSACTION,
    FAILED,
    FAILURES_EXIST,
    NO_SUCH_INSTANCE,
    REASON,
    REASONS,
    REFERENCED,
    TRANSACTION,
)
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

STEP = "commit"


@check("commit.event-type", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1", steps=STEP)
def the_event_type_exists(step: StepEvidence) -> Iterator[Judgement]:
    """Event Type ID is 1 (everything is committed) or 2 (complete, failures exist)."""
    for each in all_reports(step):
        yield judge(
            each.event_type in (ALL_COMMITTED, FAILURES_EXIST),
            expected="1 or 2",
            actual=each.event_type,
            at=each.exchange,
        )


@check("commit.event-type-fits", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.2", steps=STEP,
       consequence="Images are deleted that are not safe.")  # fmt: skip
def the_event_type_fits(step: StepEvidence) -> Iterator[Judgement]:
    """Event type 1 has no Failed SOP Sequence; event type 2 has one with an item."""
    for each in all_reports(step):
        there = FAILED in each.attributes
        if each.event_type == ALL_COMMITTED:
            yield judge(
                not there, expected="no Failed SOP Sequence", actual="one", at=each.exchange
            )
        elif each.event_type == FAILURES_EXIST:
            yield judge(
                bool(each.failed),
                expected="an item of Failed SOP Sequence",
                actual="none" if there else "no such sequence",
                at=each.exchange,
            )


@check("commit.no-empty-sequence", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1", steps=STEP)
def no_sequence_is_empty(step: StepEvidence) -> Iterator[Judgement]:
    """Referenced SOP Sequence, where it is there, has an item: it is of type 1, or absent when
    nothing is committed."""
    if step.facts.get("empty"):
        raise NotApplicable("nothing was asked for, which is not allowed")
    for each in all_reports(step):
        for name in (REFERENCED,):
            if name in each.attributes:
                yield judge(
                    bool(inner(each.attributes, name)),
                    expected="an item",
                    actual=f"{name} is empty",
                    at=each.exchange,
                )
        yield judge(
            REFERENCED in each.attributes or bool(each.failed),
            expected="instances",
            actual="neither sequence has an item",
            at=each.exchange,
        )


@check("commit.transaction-present", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1", steps=STEP)
def the_transaction_is_named(step: StepEvidence) -> Iterator[Judgement]:
    """The report has a Transaction UID."""
    for each in all_reports(step):
        actual = value(each.attributes, TRANSACTION)
        yield judge(bool(actual), expected="a value", actual=actual or None, at=each.exchange)


@check("commit.complete", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.2", steps=STEP,
       consequence="The modality waits for ever for what the report leaves out.")  # fmt: skip
def everything_is_reported(step: StepEvidence) -> Iterator[Judgement]:
    """Every instance of the request is in the report, committed or failed."""
    found = report(step)
    named = {each.sop_instance for each in (*found.committed, *found.failed)}
    for _sop_class, uid in step.facts["requested"]:
        yield judge(
            uid in named, expected="committed or failed", actual="not in the report",
            at=f"instance {uid}",
        )  # fmt: skip


@check("commit.no-strangers", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.2", steps=STEP)
def nothing_else_is_reported(step: StepEvidence) -> Iterator[Judgement]:
    """The report has no instance that was not requested."""
    wanted = {uid for _, uid in step.facts.get("requested", [])}
    for found in reports(step):
        for each in (*found.committed, *found.failed):
            yield judge(
                each.sop_instance in wanted, expected="requested", actual="never requested",
                at=f"instance {each.sop_instance}",
            )  # fmt: skip


@check("commit.each-once", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.2", steps=STEP,
       consequence="An image is said to be both safe and lost.")  # fmt: skip
def each_instance_is_reported_once(step: StepEvidence) -> Iterator[Judgement]:
    """An instance is reported once: either committed or failed."""
    for found in reports(step):
        uids = [each.sop_instance for each in (*found.committed, *found.failed)]
        twice = sorted(uid for uid, times in Counter(uids).items() if times > 1)
        yield judge(
            not twice,
            expected="each instance once",
            actual=f"more than once: {', '.join(twice)}",
            at=found.exchange,
        )


@check("commit.stored-is-known", judges=SCP, level=MUST, cites="PS3.3 C.14.1.1", steps=STEP,
       consequence="The archive denies images that it took a moment ago.")  # fmt: skip
def what_was_stored_is_known(step: StepEvidence) -> Iterator[Judgement]:
    """An instance that the provider has taken with Success does not fail as unknown (0112) or of
    another class (0119)."""
    stored = set(step.facts.get("stored", []))
    for each in report(step).failed:
        if each.sop_instance in stored:
            yield judge(
                each.reason not in (NO_SUCH_INSTANCE, CLASS_CONFLICT),
                expected="committed",
                actual=f"failed with {said(each.reason)}",
                at=f"instance {each.sop_instance}",
            )
    for each in report(step).committed:
        if each.sop_instance in stored:
            yield judge(True)


@check("commit.stored-is-committed", judges=SCP, level=SHOULD, cites="PS3.4 J.3.3.1.2",
       steps=STEP, consequence="The modality has to send its images again.")  # fmt: skip
def what_was_stored_is_committed(step: StepEvidence) -> Iterator[Judgement]:
    """Every instance that the provider has taken with Success is committed."""
    if step.facts.get("repeat"):
        raise NotApplicable("the Transaction UID was used before")
    found = report(step)
    committed = {each.sop_instance for each in found.committed}
    failed = {each.sop_instance: each.reason for each in found.failed}
    for uid in step.facts.get("stored", []):
        if uid in committed or uid in failed:
            yield judge(
                uid in committed, expected="committed",
                actual=f"failed with {said(failed.get(uid))}", at=f"instance {uid}",
            )  # fmt: skip


@check("commit.missing-fails", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.2", steps=STEP,
       when="missing", consequence="The modality deletes the only copy of an image.")  # fmt: skip
def what_was_never_stored_fails(step: StepEvidence) -> Iterator[Judgement]:
    """An instance that was never stored is not committed."""
    committed = {each.sop_instance for each in report(step).committed}
    for uid in step.facts.get("never_stored", []):
        yield judge(
            uid not in committed, expected="failed", actual="committed", at=f"instance {uid}"
        )


@check("commit.missing-reason", judges=SCP, level=SHOULD, cites="PS3.3 C.14.1.1", steps=STEP,
       when="missing", consequence="Nobody sends the image again.")  # fmt: skip
def a_missing_instance_is_named(step: StepEvidence) -> Iterator[Judgement]:
    """An instance that was never stored fails with reason 0112, no such object instance."""
    missing = set(step.facts.get("never_stored", []))
    for each in report(step).failed:
        if each.sop_instance in missing and each.reason is not None:
            yield judge(
                each.reason == NO_SUCH_INSTANCE, expected="0112", actual=said(each.reason),
                at=f"instance {each.sop_instance}",
            )  # fmt: skip


@check("commit.wrong-class-fails", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.2", steps=STEP,
       when="wrong_class", consequence="A mistaken identity is confirmed as safe.")  # fmt: skip
def a_wrong_class_fails(step: StepEvidence) -> Iterator[Judgement]:
    """An instance that is requested with another SOP class than it is stored with is not
    committed."""
    committed = {each.sop_instance for each in report(step).committed}
    for uid in step.facts.get("wrong_class", []):
        yield judge(
            uid not in committed, expected="failed", actual="committed", at=f"instance {uid}"
        )


@check("commit.wrong-class-reason", judges=SCP, level=SHOULD, cites="PS3.3 C.14.1.1", steps=STEP,
       when="wrong_class")  # fmt: skip
def a_wrong_class_is_named(step: StepEvidence) -> Iterator[Judgement]:
    """An instance that is requested with another SOP class fails with reason 0119, class-instance
    conflict."""
    wrong = set(step.facts.get("wrong_class", []))
    for each in report(step).failed:
        if each.sop_instance in wrong and each.reason is not None:
            yield judge(
                each.reason == CLASS_CONFLICT, expected="0119", actual=said(each.reason),
                at=f"instance {each.sop_instance}",
            )  # fmt: skip


@check("commit.failure-reason", judges=SCP, level=MUST, cites="PS3.3 C.14.1.1", steps=STEP,
       consequence="Nobody learns what has to be done about it.")  # fmt: skip
def every_failure_has_a_reason(step: StepEvidence) -> Iterator[Judgement]:
    """Every failed instance has a Failure Reason, one of 0110, 0112, 0119, 0122, 0131, 0213."""
    for found in all_reports(step):
        for each in found.failed:
            yield judge(
                each.reason in REASONS,
                expected=sorted(said(reason) for reason in REASONS),
                actual="absent" if each.reason is None else said(each.reason),
                at=f"instance {each.sop_instance}",
            )


@check("commit.reason-only-for-failures", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1",
       steps=STEP)  # fmt: skip
def no_duplicate_without_one(step: StepEvidence) -> Iterator[Judgement]:
    """Reason 0131, duplicate transaction UID, is given only where the Transaction UID was used
    before."""
    if step.facts.get("repeat"):
        raise NotApplicable("the Transaction UID was used before")
    for found in reports(step):
        for each in found.failed:
            yield judge(
                each.reason != DUPLICATE_TRANSACTION, expected="another reason", actual="0131",
                at=f"instance {each.sop_instance}",
            )  # fmt: skip


@check("commit.references-complete", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1", steps=STEP)
def references_are_complete(step: StepEvidence) -> Iterator[Judgement]:
    """Every item of the report has a SOP Class UID and a SOP Instance UID."""
    for found in all_reports(step):
        for each in (*found.committed, *found.failed):
            yield judge(
                bool(each.sop_class and each.sop_instance),
                expected="SOP Class UID and SOP Instance UID",
                actual=f"{each.sop_class or 'no class'}, {each.sop_instance or 'no instance'}",
                at=found.exchange,
            )


@check("commit.class-kept", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1", steps=STEP)
def committed_under_its_class(step: StepEvidence) -> Iterator[Judgement]:
    """A committed instance has the SOP Class UID of the request."""
    wanted = {uid: sop_class for sop_class, uid in step.facts.get("requested", [])}
    for found in reports(step):
        for each in found.committed:
            if each.sop_instance in wanted:
                yield judge(
                    each.sop_class == wanted[each.sop_instance],
                    expected=wanted[each.sop_instance],
                    actual=each.sop_class,
                    at=f"instance {each.sop_instance}",
                )


@check("commit.retrieve-title-once", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.1", steps=STEP)
def where_to_retrieve_is_said_once(step: StepEvidence) -> Iterator[Judgement]:
    """Retrieve AE Title is either outside Referenced SOP Sequence or in its items, not both."""
    for found in all_reports(step):
        outside = bool(value(found.attributes, "RetrieveAETitle"))
        inside = any(value(e, "RetrieveAETitle") for e in inner(found.attributes, REFERENCED))
        yield judge(
            not (outside and inside), expected="in one place", actual="in both",
            at=found.exchange,
        )  # fmt: skip


@check("commit.no-reason-when-committed", judges=SCP, level=SHOULD, cites="PS3.4 J.3.3.1",
       steps=STEP)  # fmt: skip
def a_committed_instance_has_no_reason(step: StepEvidence) -> Iterator[Judgement]:
    """An item of Referenced SOP Sequence has no Failure Reason."""
    for found in all_reports(step):
        for item in inner(found.attributes, REFERENCED):
            yield judge(
                REASON not in item, expected="no Failure Reason", actual=value(item, REASON),
                at=found.exchange,
            )  # fmt: skip


@check("commit.committed-is-retrieved", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.2",
       steps=("move", "get"), consequence="Images that were said to be safe are lost.")  # fmt: skip
def what_was_committed_can_be_retrieved(step: StepEvidence) -> Iterator[Judgement]:
    """What the provider has committed it gives back when it is asked for."""
    limited = ("unknown_study", "unknown_destination", "destination_down", "leave_out")
    if any(step.parameters.get(name) for name in limited):
        raise NotApplicable("not everything can arrive in this step")
    if step.parameters.get("accept", "all") != "all" or step.facts.get("refused"):
        raise NotApplicable("the receiver refuses some")
    if step.parameters.get("cancel_after") is not None:
        raise NotApplicable("it is cancelled")
    committed = {
        each.sop_instance
        for one in step.story
        if one.kind == "commit" and one.scp == step.scp
        for found in all_reports(one)
        for each in found.committed
    }
    arrived = {each.sop_instance for each in step.exchanges("C-STORE")}
    for uid in step.facts.get("wanted", []):
        if uid in committed:
            yield judge(
                uid in arrived, expected="retrieved", actual="not sent", at=f"instance {uid}"
            )
