"""Storage commitment: the request, and when and how the report comes (PS3.4 J.3)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.commit_messages import (
    Asked,
    accepted_request,
    all_reports,
    asked,
    for_reports,
    report,
    reports,
)
from dicomtest.checks.mpps_messages import is_taken
from dicomtest.checks.statuses import is_failure, said
from dicomtest.dicom.commitment_model import (
    COMMITMENT,
    COMMITMENT_INSTANCE,
    DUPLICATE_TRANSACTION,
)
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

STEP = "commit"
# PS3.7 10.1.4.1: statuses of N-ACTION
STATUSES = {0x0000, 0x0110, 0x0112, 0x0114, 0x0115, 0x0117, 0x0118, 0x0119, 0x0123, 0x0124,
            0x0210, 0x0211, 0x0212, 0x0213}  # fmt: skip


@check("commit.context-accepted", judges=SCP, level=MUST, cites="PS3.4 J.3.1", steps=STEP,
       consequence="The modality never learns that it may delete its images.")  # fmt: skip
def the_class_is_offered(step: StepEvidence) -> Iterator[Judgement]:
    """A system that is to commit storage accepts a presentation context for the Storage
    Commitment Push Model."""
    if step.parameters.get("optional"):
        return
    for each in step.associations:
        proposed = [c for c in each.contexts if c.abstract_syntax == COMMITMENT]
        if each.outcome == "accepted" and each.label == "commit" and proposed:
            yield judge(
                bool(each.accepted(COMMITMENT)),
                expected="accepted",
                actual=f"refused with result {proposed[0].result}",
                at=each,
            )


@check("commit.request-accepted", judges=SCP, level=MUST, cites="PS3.4 J.3.2.1", steps=STEP,
       consequence="Images stay on the modality until its disk is full.",
       fix="Register the modality at the archive for storage commitment, with its AE title, the "
       "address of this machine and its port: Orthanc, for one, aborts the request of an AE title "
       "that is not in its DicomModalities.")  # fmt: skip
def a_request_is_taken(step: StepEvidence) -> Iterator[Judgement]:
    """A conformant N-ACTION is answered with Success: the request has been received."""
    if step.facts.get("empty") or step.facts.get("repeat"):
        raise NotApplicable("the request is not conformant")
    for each in asked(step):
        final = each.exchange.final
        comment = final.command.get("ErrorComment", "") if final else ""
        yield judge(
            each.exchange.status == 0,
            expected="0000",
            actual=f"{said(each.exchange.status)} {comment}".strip()
            if final
            else _unanswered(each),
            at=each.exchange,
        )


def _unanswered(request: Asked) -> str:
    """How a request ended without a response, and what that usually means."""
    title = request.association.calling_ae_title.strip()
    words = f"{request.exchange.ending}: {request.exchange.why}".strip(": ")
    if request.association.ended in ("aborted by peer", "connection closed"):
        words += f"; the archive probably does not know {title} as one it may report to"
    return words


@check("commit.status-of-service", judges=SCP, level=SHOULD, cites="PS3.7 10.1.4", steps=STEP)
def status_belongs_to_the_service(step: StepEvidence) -> Iterator[Judgement]:
    """The status of the N-ACTION response is one that PS3.7 defines for it."""
    for each in asked(step):
        if each.exchange.status is not None:
            yield judge(
                each.exchange.status in STATUSES,
                expected="a status of N-ACTION",
                actual=said(each.exchange.status),
                at=each.exchange,
            )


@check("commit.response-instance", judges=SCP, level=MUST, cites="PS3.7 10.1.4", steps=STEP)
def the_response_is_about_the_request(step: StepEvidence) -> Iterator[Judgement]:
    """Affected SOP Instance UID and Action Type ID of the response, where they are there, are
    those of the request."""
    for each in asked(step):
        for response in each.exchange.responses:
            for name, wanted in (
                ("AffectedSOPInstanceUID", each.exchange.sop_instance),
                ("ActionTypeID", each.exchange.command.get("ActionTypeID")),
            ):
                actual = response.command.get(name)
                if actual not in (None, ""):
                    yield judge(
                        actual == wanted, expected=f"{name} {wanted}", actual=actual,
                        at=each.exchange,
                    )  # fmt: skip


@check("commit.report-comes", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.2", steps=STEP,
       consequence="Images stay on the modality until its disk is full.",
       fix="Register the modality's AE title, host and port at the archive; give the step more "
       "time (within), where the archive needs it.")  # fmt: skip
def a_report_comes(step: StepEvidence) -> Iterator[Judgement]:
    """After a request was taken a report comes, on whatever association, within the time that the
    scenario allows."""
    within = step.facts.get("within")
    if not within or not accepted_request(step):
        return
    found = reports(step)
    if step.facts.get("refused"):
        found = [each for each in found if each.taken] or found
    yield judge(
        bool(found),
        expected=f"an N-EVENT-REPORT within {within:g} s",
        actual="none came",
        at=f"transaction {step.facts['transaction']}",
    )


@check("commit.transaction-known", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.2", steps=STEP,
       consequence="The modality cannot tell which request the report answers.")  # fmt: skip
def reports_name_a_request(step: StepEvidence) -> Iterator[Judgement]:
    """Every report has the Transaction UID of a request that was made."""
    known = {each.transaction for one in (*step.story, step) for each in asked(one)}
    known |= set(step.facts.get("earlier", ()))
    for each in all_reports(step):
        yield judge(
            each.transaction in known,
            expected="the Transaction UID of a request",
            actual=each.transaction or None,
            at=each.exchange,
        )


@check("commit.one-report", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.2", steps=STEP)
def a_request_is_reported_once(step: StepEvidence) -> Iterator[Judgement]:
    """After a report was taken no other with the same Transaction UID follows."""
    found = reports(step)
    for number, each in enumerate(found):
        before = any(earlier.taken for earlier in found[:number])
        yield judge(not before, expected="one report", actual="another one", at=each.exchange)


@check("commit.report-instance", judges=SCP, level=MUST, cites="PS3.4 J.3.5", steps=STEP)
def the_report_is_of_the_well_known_instance(step: StepEvidence) -> Iterator[Judgement]:
    """Affected SOP Instance UID of the report is the well-known instance of storage
    commitment."""
    for each in all_reports(step):
        actual = each.exchange.command.get("AffectedSOPInstanceUID")
        yield judge(
            actual == COMMITMENT_INSTANCE, expected=COMMITMENT_INSTANCE, actual=actual,
            at=each.exchange,
        )  # fmt: skip


@check("commit.no-report-after-refusal", judges=SCP, level=MUST, cites="PS3.4 J.3.2.1.3",
       steps=STEP)  # fmt: skip
def a_refused_request_is_not_reported(step: StepEvidence) -> Iterator[Judgement]:
    """When the request was refused no report on it follows."""
    for each in asked(step):
        if is_failure(each.exchange.status) and not step.facts.get("repeat"):
            found = reports(step)
            yield judge(
                not found, expected="no report", actual=f"{len(found)} reports", at=each.exchange
            )


@check("commit.new-association-title", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.2",
       steps=STEP, consequence="A strict modality rejects the report.")  # fmt: skip
def a_new_association_names_both_ends(step: StepEvidence) -> Iterator[Judgement]:
    """An association that is opened for a report calls the AE title that made the request."""
    titles = {each.association.calling_ae_title.strip() for one in (*step.story, step)
              for each in asked(one)}  # fmt: skip
    for each in for_reports(step):
        yield judge(
            each.called_ae_title.strip() in titles,
            expected=titles,
            actual=each.called_ae_title,
            at=each,
        )


@check("commit.known-caller", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.2", steps=STEP,
       consequence="A strict modality rejects the report.")  # fmt: skip
def the_caller_is_the_one_asked(step: StepEvidence) -> Iterator[Judgement]:
    """An association that is opened for a report comes from the AE title that was asked."""
    asked_titles = {each.association.called_ae_title.strip() for one in (*step.story, step)
                    for each in asked(one)}  # fmt: skip
    known = {each.association.calling_ae_title.strip() for one in (*step.story, step)
             for each in asked(one)}  # fmt: skip
    for each in all_reports(step):
        caller = each.association.calling_ae_title.strip()
        if caller not in known:
            yield judge(
                caller in asked_titles, expected=asked_titles, actual=caller, at=each.association
            )


@check("commit.role-selection", judges=SCP, level=MUST,
       cites=("PS3.4 J.3.3.1.3", "PS3.7 D.3.3.4"), steps=STEP,
       consequence="A strict modality refuses the report.")  # fmt: skip
def the_scp_role_is_proposed(step: StepEvidence) -> Iterator[Judgement]:
    """On an association that it opens for a report, the provider proposes the SCP role for
    itself."""
    titles = {each.association.calling_ae_title.strip() for one in (*step.story, step)
              for each in asked(one)}  # fmt: skip
    for each in all_reports(step):
        if each.association.calling_ae_title.strip() in titles:
            continue
        context = each.association.context(each.exchange.context_id)
        roles = context.proposed_roles if context is not None else None
        yield judge(
            roles is not None and roles[1],
            expected="role selection with SCP role 1",
            actual="no role selection" if roles is None else "SCP role 0",
            at=each.association,
        )


@check("commit.different-association", judges=SCP, level=MUST, cites="PS3.4 J.3.3.1.2",
       steps=STEP, consequence="Modalities that release at once never get a report.")  # fmt: skip
def another_association_can_be_used(step: StepEvidence) -> Iterator[Judgement]:
    """When the association of the request has been released, the report comes on another one."""
    if step.facts.get("hold") != "release" or not step.facts.get("within"):
        return
    if not accepted_request(step):
        return
    elsewhere = [each for each in reports(step) if each.way != "same"]
    same = [each for each in reports(step) if each.way == "same"]
    if same and not elsewhere:
        raise NotApplicable("the report came before the release")
    yield judge(
        bool(elsewhere),
        expected="a report on another association",
        actual="none came",
        at=f"transaction {step.facts['transaction']}",
    )


@check("commit.repeated-transaction", judges=SCP, level=SHOULD, cites="PS3.3 C.14.1.1",
       steps=STEP, when="repeat",
       consequence="Reports on two requests cannot be told apart.")  # fmt: skip
def a_repeated_transaction_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A request with a Transaction UID that was used before is refused, or its instances fail
    with reason 0131, duplicate transaction UID."""
    for each in asked(step):
        if is_taken(each.exchange.status):
            failed = report(step).failed
            reasons = {one.reason for one in failed}
            yield judge(
                reasons == {DUPLICATE_TRANSACTION},
                expected="0131 for every instance",
                actual=sorted(said(one) for one in reasons) or "everything is committed",
                at=each.exchange,
            )
        elif each.exchange.final is not None:
            yield judge(True)


@check("commit.empty-refused", judges=SCP, level=SHOULD, cites="PS3.4 J.3.2.1", steps=STEP,
       when="empty")  # fmt: skip
def an_empty_request_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A request without any instance is refused: Referenced SOP Sequence is of type 1."""
    for each in asked(step):
        if each.exchange.final is not None:
            yield judge(
                is_failure(each.exchange.status),
                expected="a failure",
                actual=said(each.exchange.status),
                at=each.exchange,
            )
