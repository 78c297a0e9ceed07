"""What becomes of films: printed sessions, print jobs and their events (PS3.4 H.4.5)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.print_evidence import (
    MAIN,
    STEP,
    Act,
    acts,
    events,
    information,
    references,
    value,
)
from dicomtest.checks.print_film import BUSY
from dicomtest.checks.statuses import said, took
from dicomtest.dicom.print.classes import (
    FILM_BOX,
    FILM_SESSION,
    JOB_EVENTS,
    PRINT_JOB,
    PRINT_JOB_REFERENCE,
)
from dicomtest.dicom.uids import is_valid_uid
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

FINAL = ("DONE", "FAILURE")
IN_THE_DARK = "Nobody knows whether the film came out."


def printed(step: StepEvidence) -> Iterator[Act]:
    """The N-ACTIONs that were taken where print jobs are negotiated; raises NotApplicable."""
    found = [
        act
        for act in acts(step, "N-ACTION", of=(FILM_BOX, FILM_SESSION))
        if act.took and act.association.accepted(PRINT_JOB)
    ]
    if not found:
        raise NotApplicable(
            "the printer does not accept the Print Job SOP Class, or printed nothing"
        )
    return iter(found)


@check(
    "print.job-reference",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.2.2.4", "PS3.4 H.4.1.2.4"),
    steps=STEP,
    consequence=IN_THE_DARK,
)
def the_reply_names_the_job(step: StepEvidence) -> Iterator[Judgement]:
    """Where the Print Job SOP Class is negotiated, the Action Reply of a Print names the print job
    with its class and instance."""
    for act in printed(step):
        told = references(act.reply, PRINT_JOB_REFERENCE)
        yield judge(
            len(told) == 1 and told[0][0] == PRINT_JOB and not is_valid_uid(told[0][1]),
            expected=f"one reference of class {PRINT_JOB} in (2100,0500)",
            actual=[f"{sop_class} {uid}" for sop_class, uid in told] or "no reference",
            at=act.exchange,
        )


@check(
    "print.session-printed",
    judges=SCP,
    level=SHOULD,
    cites=("PS3.4 H.4.1.2", "PS3.4 H.4.1.2.4"),
    steps=STEP,
)
def sessions_are_printed_or_not_supported(step: StepEvidence) -> Iterator[Judgement]:
    """A film session with images is accepted for printing, or the printer says that it prints
    none (0211, 0123, B601)."""
    for each in step.associations:
        for exchange in each.of("N-ACTION"):
            if exchange.sop_class != FILM_SESSION or each.label not in (*MAIN, "session-print"):
                continue
            fine = took(exchange.status) or exchange.status in (0x0211, 0x0123, *BUSY)
            yield judge(fine, expected="0000", actual=said(exchange.status), at=exchange)


@check("print.job-event-type", judges=SCP, level=MUST, cites="PS3.4 H.4.5.2.1", steps=STEP)
def job_events_are_defined(step: StepEvidence) -> Iterator[Judgement]:
    """An event of a print job has Event Type ID 1 (Pending), 2 (Printing), 3 (Done) or 4
    (Failure)."""
    for _association, exchange in events(step, PRINT_JOB):
        kind = exchange.command.get("EventTypeID")
        yield judge(kind in JOB_EVENTS, expected="1, 2, 3 or 4", actual=kind, at=exchange)


@check("print.job-event-known", judges=SCP, level=MUST, cites="PS3.4 H.4.5.2.1", steps=STEP)
def job_events_are_of_our_jobs(step: StepEvidence) -> Iterator[Judgement]:
    """Events of a print job come only on the association that created it."""
    ours = {
        (act.association.id, uid)
        for act in acts(step, "N-ACTION", probes=True)
        for _, uid in references(act.reply, PRINT_JOB_REFERENCE)
    }
    tried_too = {
        (association.id, exchange.sop_instance)
        for association in step.associations
        if any(each.label.startswith("try") for each in association.of("N-ACTION"))
        for exchange in association.of("N-EVENT-REPORT")
    }
    for association, exchange in events(step, PRINT_JOB):
        yield judge(
            (association.id, exchange.sop_instance) in ours | tried_too,
            expected="a print job of this association",
            actual=exchange.sop_instance or "no instance",
            at=exchange,
        )


@check("print.job-event-info", judges=SCP, level=MUST, cites="PS3.4 H.4.5.2.1", steps=STEP)
def failing_jobs_say_why(step: StepEvidence) -> Iterator[Judgement]:
    """A Pending or Failure event of a print job carries Execution Status Info."""
    for _association, exchange in events(step, PRINT_JOB):
        if exchange.command.get("EventTypeID") in (1, 4):
            actual = value(information(exchange), "ExecutionStatusInfo")
            yield judge(
                bool(actual), expected="Execution Status Info", actual="absent", at=exchange
            )


@check(
    "print.job-ends-once",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.5.2.1",
    steps=STEP,
    consequence="A film is reported as lost although it came out, or the other way round.",
)
def nothing_comes_after_the_end(step: StepEvidence) -> Iterator[Judgement]:
    """After Done or Failure no further event of the same print job comes: it is deleted."""
    seen: dict[tuple[str, str], str] = {}
    for association, exchange in events(step, PRINT_JOB):
        key = (association.id, exchange.sop_instance)
        state = JOB_EVENTS.get(exchange.command.get("EventTypeID", 0), "")
        before = seen.get(key, "")
        yield judge(
            before not in FINAL, expected=f"nothing after {before}", actual=state, at=exchange
        )
        seen[key] = state


@check(
    "print.job-end-told",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.5.2.1",
    steps=STEP,
    consequence=IN_THE_DARK,
)
def the_end_of_a_job_is_told(step: StepEvidence) -> Iterator[Judgement]:
    """A print job that has come to its end has been reported as Done or Failure, as long as the
    association was open."""
    told = {
        exchange.sop_instance
        for _association, exchange in events(step, PRINT_JOB)
        if JOB_EVENTS.get(exchange.command.get("EventTypeID", 0)) in FINAL
    }
    for act in acts(step, "N-GET", of=PRINT_JOB):
        state = value(act.reply, "ExecutionStatus")
        if state in FINAL:
            yield judge(
                act.exchange.sop_instance in told,
                expected=f"an event {state}",
                actual="none, though N-GET says so",
                at=act.exchange,
            )
    for uid in sorted(told):
        yield judge(True, at=uid)


@check("print.job-get", judges=SCP, level=MUST, cites="PS3.4 H.4.5.2.2", steps=STEP)
def a_job_can_be_asked(step: StepEvidence) -> Iterator[Judgement]:
    """An N-GET of a print job that has not ended gives its Execution Status: PENDING, PRINTING,
    DONE or FAILURE."""
    ended = set()
    for association in step.associations:
        for exchange in association.of("N-EVENT-REPORT"):
            if JOB_EVENTS.get(exchange.command.get("EventTypeID", 0)) in FINAL:
                ended.add(exchange.sop_instance)
    for act in acts(step, "N-GET", of=PRINT_JOB):
        if act.exchange.sop_instance in ended:
            continue
        state = value(act.reply, "ExecutionStatus")
        yield judge(
            act.took and state in JOB_EVENTS.values(),
            expected=sorted(JOB_EVENTS.values()),
            actual=f"{said(act.status)} {state or 'no Execution Status'}",
            at=act.exchange,
        )
