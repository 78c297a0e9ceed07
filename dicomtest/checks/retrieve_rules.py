"""What C-MOVE and C-GET have in common: which instances come, statuses, counters, lists.

Statuses follow from what the receiver saw (PS3.4 C.4.2.3.1, C.4.3.3.1): Success when every
sub-operation succeeded, Warning when some did, Failure or Refused when none did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dicomtest.checks.retrieved import (
    COUNTERS,
    LATER,
    cancelled,
    copies,
    counters,
    failed_list,
    finished,
    plain,
    request,
    results,
    sub_operations,
)
from dicomtest.checks.statuses import is_failure, is_retrieve_status, is_warning, said, took
from dicomtest.evidence import EXPLICIT_LITTLE, IMPLICIT_LITTLE, StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

AFTER_CANCEL = 1.5  # seconds in which a provider has seen a C-CANCEL
STILL_SENDING = 5  # sub-operations begun later than that


def everything_arrives(step: StepEvidence) -> Iterator[Judgement]:
    """Every matching instance is sent to the receiver."""
    exchange = request(step)
    if not plain(step):
        return
    found = results(step)
    final = exchange.final
    ending = f", {said(final.status)}" if final is not None else ""
    yield judge(
        not found.failed,
        expected=f"{len(found.wanted)} instances",
        actual=f"{len(found.taken)} instances{ending}; "
        f"missing {', '.join(sorted(found.failed)[:3])}",
        at=exchange,
    )


def everything_is_tried(step: StepEvidence) -> Iterator[Judgement]:
    """Every matching instance is sent, also after the receiver refused another one."""
    exchange = request(step)
    if not step.facts.get("refused") or cancelled(step):
        return
    tried = {each.sop_instance for each in sub_operations(step)}
    left = sorted(results(step).wanted - tried - set(step.facts.get("not_offered", ())))
    yield judge(
        not left,
        expected=f"{len(results(step).wanted)} instances sent",
        actual=f"{len(left)} never sent: {', '.join(left[:3])}",
        at=exchange,
    )


def nothing_else(step: StepEvidence) -> Iterator[Judgement]:
    """No instance is sent that does not match the request."""
    wanted = set(step.facts.get("wanted", ()))
    for each in sub_operations(step):
        yield judge(
            each.sop_instance in wanted,
            expected="an instance that was asked for",
            actual=f"{each.sop_instance} was not asked for",
            at=each,
        )


def nothing_twice(step: StepEvidence) -> Iterator[Judgement]:
    """No instance is sent again once the receiver has taken it."""
    taken = Counter(each.sop_instance for each in sub_operations(step) if took(each.status))
    for uid, count in taken.items():
        yield judge(count == 1, expected="once", actual=f"{count} times", at=uid)


def default_syntax_is_enough(step: StepEvidence) -> Iterator[Judgement]:
    """Instances that were stored uncompressed are also sent where Implicit VR Little Endian is the
    only transfer syntax accepted."""
    if not step.facts.get("narrow"):
        return
    uncompressed = {
        each.sop_instance
        for each in step.instances
        if each.data.transfer_syntax in (IMPLICIT_LITTLE, EXPLICIT_LITTLE)
    }
    missing = sorted(uncompressed & results(step).failed)
    yield judge(
        not missing,
        expected=f"{len(uncompressed)} instances",
        actual=f"{len(missing)} missing: {', '.join(missing[:3])}",
        at=request(step),
    )


def bad_identifier_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A request whose identifier lacks the level or a Unique Key, or names a level that does not
    exist, is not answered as if nothing matched: it is refused with a failure status."""
    if not step.facts.get("probe"):
        return
    exchange, final = finished(step)
    completed = counters(final)[COUNTERS[0]]
    hidden = final.status == 0 and not completed and not sub_operations(step)
    yield judge(
        not hidden,
        expected="A900 or Cxxx",
        actual=f"{said(final.status)}, nothing sent",
        at=exchange,
    )


def success_status(step: StepEvidence) -> Iterator[Judgement]:
    """When all sub-operations succeeded, the final status is Success."""
    if not plain(step):
        return
    exchange, final = finished(step)
    if results(step).failed or any(is_warning(each.status) for each in sub_operations(step)):
        return
    yield judge(final.status == 0, expected="0000", actual=said(final.status), at=exchange)


def partial_status(step: StepEvidence) -> Iterator[Judgement]:
    """When some sub-operations failed and others did not, the final status is a Warning, B000."""
    found = results(step)
    if cancelled(step) or not _failed_on_purpose(step) or not found.taken or not found.failed:
        return
    exchange, final = finished(step)
    yield judge(final.status == 0xB000, expected="B000", actual=said(final.status), at=exchange)


def total_failure_is_failure(step: StepEvidence) -> Iterator[Judgement]:
    """When every sub-operation failed, the final status is of class Failure."""
    if not _all_failed(step):
        return
    exchange, final = finished(step)
    yield judge(
        is_failure(final.status),
        expected="a failure (A702)",
        actual=said(final.status),
        at=exchange,
    )


def total_failure_is_a702(step: StepEvidence) -> Iterator[Judgement]:
    """When every sub-operation failed, the final status is A702."""
    if not _all_failed(step):
        return
    exchange, final = finished(step)
    if is_failure(final.status):
        yield judge(final.status == 0xA702, expected="A702", actual=said(final.status), at=exchange)


def warnings_are_told(step: StepEvidence) -> Iterator[Judgement]:
    """When the receiver answered sub-operations with a warning, the final status is B000."""
    found = results(step)
    if not found.warned or found.failed or cancelled(step):
        return
    exchange, final = finished(step)
    yield judge(final.status == 0xB000, expected="B000", actual=said(final.status), at=exchange)


def status_of_service(step: StepEvidence) -> Iterator[Judgement]:
    """Every status is one that the Query/Retrieve Service Class defines for this service."""
    exchange = request(step)
    for status in dict.fromkeys(each.status for each in exchange.responses):
        if status is not None:
            yield judge(
                is_retrieve_status(status, exchange.service),
                expected="0000, B000, A701, A702, A900, Cxxx, FE00, FF00"
                + (", A801" if exchange.service == "C-MOVE" else ""),
                actual=said(status),
                at=exchange,
            )


def final_comes_last(step: StepEvidence) -> Iterator[Judgement]:
    """The final response comes when no sub-operation remains: none begins after it."""
    _exchange, final = finished(step)
    for each in sub_operations(step):
        yield judge(
            each.began <= final.at + LATER,
            expected="before the final response",
            actual=f"begun {each.began - final.at:.2f} s after it",
            at=each,
        )


def pending_without_identifier(step: StepEvidence) -> Iterator[Judgement]:
    """A Pending response carries no identifier."""
    exchange = request(step)
    for response in exchange.pending:
        yield judge(response.data is None, expected="no data set", actual="a data set", at=exchange)


def failed_list_is_right(step: StepEvidence) -> Iterator[Judgement]:
    """When sub-operations failed, the final response lists their SOP Instance UIDs in Failed SOP
    Instance UID List."""
    exchange, final = finished(step)
    failed = results(step).failed
    if not failed or cancelled(step) or not _failed_on_purpose(step):
        return
    if final.status not in (0xB000, 0xA702):
        return
    listed = failed_list(final)
    yield judge(
        set(listed or ()) == failed,
        expected=sorted(failed),
        actual="no list" if listed is None else sorted(listed),
        at=exchange,
    )


def no_list_without_failure(step: StepEvidence) -> Iterator[Judgement]:
    """When no sub-operation failed, the final response carries no data set."""
    exchange, final = finished(step)
    if final.status == 0:
        yield judge(final.data is None, expected="no data set", actual="a data set", at=exchange)


def no_match_sends_nothing(step: StepEvidence) -> Iterator[Judgement]:
    """A request that matches nothing sends nothing, and ends with Success without completed
    sub-operations, or with a failure status."""
    if not step.parameters.get("unknown_study"):
        return
    exchange, final = finished(step)
    completed = counters(final)[COUNTERS[0]]
    fine = (final.status == 0 and not completed) or is_failure(final.status)
    yield judge(
        fine and not sub_operations(step),
        expected="0000 with nothing completed, or a failure",
        actual=f"{said(final.status)}, {len(sub_operations(step))} instances sent",
        at=exchange,
    )


def cancel_is_heeded(step: StepEvidence) -> Iterator[Judgement]:
    """After C-CANCEL the sub-operations are interrupted and the status is FE00; or it is that of
    a request that was complete before the cancel could arrive."""
    if not cancelled(step):
        return
    exchange, final = finished(step)
    if exchange.cancelled_at is None:
        raise NotApplicable("the request was over before there was a response to cancel after")
    subs = sub_operations(step)
    wanted = set(step.facts.get("wanted", ()))
    complete = wanted <= {each.sop_instance for each in subs}
    late = sum(each.began > exchange.cancelled_at + AFTER_CANCEL for each in subs)
    over = complete and final.status in (0x0000, 0xB000) and late < STILL_SENDING
    yield judge(
        final.status == 0xFE00 or over,
        expected="FE00, or 0000 when everything had been sent",
        actual=f"{said(final.status)}, {len(subs)} of {len(wanted)} sent, {late} of them begun "
        f"more than {AFTER_CANCEL:g} s after the C-CANCEL",
        at=exchange,
    )


def identifies_itself(step: StepEvidence) -> Iterator[Judgement]:
    """SOP Class and Instance UID of a sub-operation's request are those of its data set."""
    for copy in copies(step):
        if copy.problem:
            continue
        exchange = copy.exchange
        inside = tuple(
            str(copy.ds.get(name, "")).strip() for name in ("SOPClassUID", "SOPInstanceUID")
        )
        told = (exchange.sop_class, exchange.sop_instance)
        yield judge(told == inside, expected=told, actual=inside, at=exchange)


def _failed_on_purpose(step: StepEvidence) -> bool:
    """Whether the harness made sub-operations fail."""
    return bool(step.facts.get("refused") or step.facts.get("not_offered"))


def _all_failed(step: StepEvidence) -> bool:
    """Whether every sub-operation failed because the harness made it."""
    found = results(step)
    return (
        bool(found.wanted) and not found.taken and _failed_on_purpose(step) and not cancelled(step)
    )
