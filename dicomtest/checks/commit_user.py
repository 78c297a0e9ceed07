"""Storage commitment: what the SCU asks for, and that it takes the report (PS3.4 J.3)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCU, SHOULD, check
from dicomtest.checks.commit_messages import all_reports, asked, for_reports
from dicomtest.checks.mpps_messages import is_taken, stored_instances
from dicomtest.checks.statuses import said
from dicomtest.dicom.commitment_model import COMMITMENT, COMMITMENT_INSTANCE, REQUEST
from dicomtest.dicom.uids import is_valid_uid
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

STEP = "commit"


@check("commit.scu-transaction", judges=SCU, level=MUST, cites="PS3.4 J.3.2.1", steps=STEP,
       consequence="The report cannot be matched with the request.")  # fmt: skip
def the_transaction_has_a_uid(step: StepEvidence) -> Iterator[Judgement]:
    """The request has a Transaction UID, and it is a valid UID."""
    for each in asked(step):
        wrong = is_valid_uid(each.transaction) if each.transaction else "there is none"
        yield judge(not wrong, expected="a valid UID", actual=wrong, at=each.exchange)


@check("commit.scu-transaction-fresh", judges=SCU, level=MUST, cites="PS3.4 J.3.2.1.1", steps=STEP,
       consequence="Reports on two requests cannot be told apart.")  # fmt: skip
def each_request_has_its_own_transaction(step: StepEvidence) -> Iterator[Judgement]:
    """Each request has a Transaction UID of its own."""
    if step.facts.get("repeat"):
        raise NotApplicable("it is repeated on purpose")
    earlier = {each.transaction for one in step.story for each in asked(one)}
    for each in asked(step):
        yield judge(
            each.transaction not in earlier, expected="a new UID", actual="used before",
            at=each.exchange,
        )  # fmt: skip
        earlier.add(each.transaction)


@check("commit.scu-instance", judges=SCU, level=MUST, cites="PS3.4 J.3.5", steps=STEP)
def the_well_known_instance_is_asked(step: StepEvidence) -> Iterator[Judgement]:
    """The request is to the well-known instance, with Action Type ID 1."""
    for each in asked(step):
        actual = (each.exchange.sop_instance, each.exchange.command.get("ActionTypeID"))
        yield judge(
            actual == (COMMITMENT_INSTANCE, REQUEST),
            expected=f"{COMMITMENT_INSTANCE}, action 1",
            actual=f"{actual[0]}, action {actual[1]}",
            at=each.exchange,
        )


@check("commit.scu-something", judges=SCU, level=MUST, cites="PS3.4 J.3.2.1", steps=STEP)
def something_is_asked_for(step: StepEvidence) -> Iterator[Judgement]:
    """The request has at least one instance."""
    if step.facts.get("empty"):
        raise NotApplicable("it is empty on purpose")
    for each in asked(step):
        yield judge(bool(each.references), expected="an item", actual="no item", at=each.exchange)


@check("commit.scu-references-complete", judges=SCU, level=MUST, cites="PS3.4 J.3.2.1",
       steps=STEP)  # fmt: skip
def references_are_complete(step: StepEvidence) -> Iterator[Judgement]:
    """Every item of the request has a SOP Class UID and a SOP Instance UID."""
    for each in asked(step):
        for one in each.references:
            yield judge(
                bool(one.sop_class and one.sop_instance),
                expected="SOP Class UID and SOP Instance UID",
                actual=f"{one.sop_class or 'no class'}, {one.sop_instance or 'no instance'}",
                at=each.exchange,
            )


@check("commit.scu-each-once", judges=SCU, level=MUST, cites="PS3.4 J.3.2.1", steps=STEP)
def each_instance_is_asked_for_once(step: StepEvidence) -> Iterator[Judgement]:
    """An instance is in the request once."""
    for each in asked(step):
        uids = [one.sop_instance for one in each.references]
        yield judge(
            len(set(uids)) == len(uids),
            expected="each instance once",
            actual=f"{len(uids) - len(set(uids))} more than once",
            at=each.exchange,
        )


@check("commit.scu-class", judges=SCU, level=MUST, cites="PS3.4 J.3.2.1", steps=STEP,
       consequence="The archive does not commit what it has.")  # fmt: skip
def instances_are_named_with_their_class(step: StepEvidence) -> Iterator[Judgement]:
    """An instance that was stored is requested with its own SOP Class UID."""
    stored = {each.sop_instance: each.sop_class for each in stored_instances(step)}
    wrong = set(step.facts.get("wrong_class", []))
    for each in asked(step):
        for one in each.references:
            if one.sop_instance in stored and one.sop_instance not in wrong:
                yield judge(
                    one.sop_class == stored[one.sop_instance],
                    expected=stored[one.sop_instance],
                    actual=one.sop_class,
                    at=f"instance {one.sop_instance}",
                )


@check("commit.scu-answers", judges=SCU, level=MUST, cites="PS3.4 J.3.3.1.3", steps=STEP,
       consequence="The archive repeats the report for ever.")  # fmt: skip
def the_report_is_answered(step: StepEvidence) -> Iterator[Judgement]:
    """Every report is answered."""
    for each in all_reports(step):
        yield judge(
            each.exchange.final is not None,
            expected="a response",
            actual=f"{each.exchange.ending} {each.exchange.why}".strip(),
            at=each.exchange,
        )


@check("commit.scu-takes-report", judges=SCU, level=MUST, cites="PS3.4 J.3.3.1.3", steps=STEP,
       consequence="The modality does not learn that its images are safe.")  # fmt: skip
def the_report_is_taken(step: StepEvidence) -> Iterator[Judgement]:
    """A report on one of its requests is answered with Success."""
    known = {each.transaction for one in (*step.story, step) for each in asked(one)}
    on_purpose = step.facts.get("refused", 0)
    for each in all_reports(step):
        if each.transaction not in known or each.exchange.final is None:
            continue
        if on_purpose > 0 and not is_taken(each.exchange.status):
            on_purpose -= 1
            continue
        yield judge(
            is_taken(each.exchange.status),
            expected="0000",
            actual=said(each.exchange.status),
            at=each.exchange,
        )


@check("commit.scu-accepts-association", judges=SCU, level=MUST, cites="PS3.4 J.3.3.1.3",
       steps=STEP, consequence="Reports on a new association never arrive.")  # fmt: skip
def a_new_association_is_accepted(step: StepEvidence) -> Iterator[Judgement]:
    """The association that a provider opens for its report is accepted, and the presentation
    context too."""
    for each in for_reports(step):
        good = each.outcome == "accepted" and bool(each.accepted(COMMITMENT))
        yield judge(good, expected="accepted", actual=f"{each.outcome} {each.why}".strip(), at=each)


@check("commit.scu-role", judges=SCU, level=SHOULD, cites="PS3.7 D.3.3.4", steps=STEP,
       consequence="A strict archive does not send its report.")  # fmt: skip
def the_scp_role_is_granted(step: StepEvidence) -> Iterator[Judgement]:
    """Where the provider proposes the SCP role for itself on an association of its own, the role
    is granted."""
    for each in for_reports(step):
        for context in each.accepted(COMMITMENT):
            if context.proposed_roles is not None and context.proposed_roles[1]:
                roles = context.accepted_roles
                yield judge(
                    roles is not None and roles[1],
                    expected="SCP role 1",
                    actual="no answer" if roles is None else "SCP role 0",
                    at=each,
                )
