"""The counters of sub-operations in the responses of C-MOVE and C-GET.

PS3.4 C.4.2.1.6 to C.4.2.1.9 and C.4.3.1.5 to C.4.3.1.8.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dicomtest.checks.retrieved import (
    COUNTED,
    COUNTERS,
    LATER,
    REMAINING,
    cancelled,
    counters,
    finished,
    hindered,
    request,
    results,
    short,
    shown,
    sub_operations,
)
from dicomtest.checks.statuses import took
from dicomtest.evidence import Association, StepEvidence
from dicomtest.findings import Judgement, judge


def warnings_are_counted(step: StepEvidence) -> Iterator[Judgement]:
    """Sub-operations that ended with a warning are counted as such in the final response."""
    found = results(step)
    if not found.warned or cancelled(step):
        return
    exchange, final = finished(step)
    said_number = counters(final)["NumberOfWarningSuboperations"]
    if said_number is not None:
        yield judge(
            said_number == len(found.warned),
            expected=f"warning {len(found.warned)}",
            actual=f"warning {said_number}",
            at=exchange,
        )


def pending_counters(step: StepEvidence) -> Iterator[Judgement]:
    """Every Pending response carries all four sub-operation counters."""
    exchange = request(step)
    for response in exchange.pending:
        values = counters(response)
        yield judge(
            None not in values.values(),
            expected="remaining, completed, failed and warning",
            actual=shown(values),
            at=exchange,
        )


def counters_add_up(step: StepEvidence) -> Iterator[Judgement]:
    """The four counters of a Pending response add up to the number of sub-operations, but for
    those that are under way."""
    exchange = request(step)
    found = results(step)
    wanted = len(found.wanted)
    # what it does not send or sends too much of is the business of other checks
    least = wanted if hindered(step) else len(found.tried)
    most = wanted if hindered(step) else max(wanted, len(sub_operations(step)))
    under_way = max(1, _parallel_deliveries(step))
    for response in exchange.pending:
        values = [each for each in counters(response).values() if each is not None]
        if len(values) == 4:
            yield judge(
                least - under_way <= sum(values) <= most,
                expected=f"{least} in all",
                actual=shown(counters(response)),
                at=exchange,
            )


def counters_are_not_ahead(step: StepEvidence) -> Iterator[Judgement]:
    """A Pending response counts no sub-operation as completed before its instance was sent."""
    exchange = request(step)
    received = [each.sent for each in sub_operations(step)]
    for response in exchange.pending:
        values = counters(response)
        done = [values[name] or 0 for name in COUNTERS if name != "NumberOfFailedSuboperations"]
        by_then = sum(at <= response.at + LATER for at in received)
        yield judge(
            sum(done) <= by_then,
            expected=f"at most {by_then} completed",
            actual=shown(values),
            at=exchange,
        )


def counters_move_on(step: StepEvidence) -> Iterator[Judgement]:
    """From one Pending response to the next the remaining sub-operations never grow, and the
    completed, failed and warning ones never shrink."""
    exchange = request(step)
    pending = [counters(each) for each in exchange.pending]
    for before, after in pairwise(pending):
        for name in (REMAINING, *COUNTERS):
            old, new = before[name], after[name]
            if old is None or new is None:
                continue
            right = new <= old if name == REMAINING else new >= old
            yield judge(right, expected=f"{short(name)} after {old}", actual=new, at=exchange)


def final_counters(step: StepEvidence) -> Iterator[Judgement]:
    """The counters of the final response, where they are there, say what happened to the
    sub-operations."""
    exchange, final = finished(step)
    found = results(step)
    meant = not step.facts.get("unknown") and not step.facts.get("probe")
    if cancelled(step) or not meant or not found.wanted:
        return
    if final.status not in COUNTED:
        return
    values = counters(final)
    completed, failed, warning = (values[name] for name in COUNTERS)
    if failed is not None:
        # that something was never sent is the business of another check
        least = len(found.failed if hindered(step) else found.failed & found.tried)
        yield judge(
            least <= failed <= len(found.failed),
            expected=f"failed {len(found.failed)}",
            actual=f"failed {failed}",
            at=exchange,
        )
    if completed is not None:
        # a provider that does not tell warnings apart is the business of another check
        least, taken = len(found.completed), len(found.taken)
        most = sum(took(each.status) for each in sub_operations(step))
        told = completed + (warning or 0)
        yield judge(
            least <= completed <= most and (warning is None or taken <= told <= most),
            expected=f"completed {least}, warning {taken - least}",
            actual=shown({name: values[name] for name in COUNTERS}),
            at=exchange,
        )


def final_counters_present(step: StepEvidence) -> Iterator[Judgement]:
    """The final response carries the numbers of completed, failed and warning sub-operations."""
    exchange, final = finished(step)
    if final.status not in COUNTED:
        return
    values = {name: counters(final)[name] for name in COUNTERS}
    yield judge(
        None not in values.values(),
        expected="completed, failed and warning",
        actual=shown(values),
        at=exchange,
    )


def final_without_remaining(step: StepEvidence) -> Iterator[Judgement]:
    """A final response of class Success, Warning or Failure carries no Number of Remaining
    Sub-operations."""
    exchange, final = finished(step)
    if final.status == 0xFE00:
        return
    yield judge(
        REMAINING not in final.command,
        expected="absent",
        actual=final.command.get(REMAINING),
        at=exchange,
    )


def cancel_counters(step: StepEvidence) -> Iterator[Judgement]:
    """The counters of a cancelled request, where they are there, cover every matching instance."""
    if not cancelled(step):
        return
    exchange, final = finished(step)
    values = counters(final)
    if final.status != 0xFE00 or None in values.values():
        return
    total = sum(each for each in values.values() if each is not None)
    wanted = len(step.facts.get("wanted", ()))
    yield judge(total <= wanted, expected=f"{wanted} in all", actual=shown(values), at=exchange)


def cancel_counters_present(step: StepEvidence) -> Iterator[Judgement]:
    """A Canceled response carries the numbers of completed, failed and warning sub-operations."""
    if not cancelled(step):
        return
    exchange, final = finished(step)
    if final.status == 0xFE00:
        values = {name: counters(final)[name] for name in COUNTERS}
        yield judge(
            None not in values.values(),
            expected="completed, failed and warning",
            actual=shown(values),
            at=exchange,
        )


def _parallel_deliveries(step: StepEvidence) -> int:
    """How many associations carried sub-operations at the same time, at most."""
    spans = [_span(each) for each in step.associations if each.of("C-STORE")]
    return max((sum(a <= b < c for a, c in spans) for b, _ in spans), default=0)


def _span(association: Association) -> tuple[float, float]:
    return association.opened, association.closed or float("inf")
