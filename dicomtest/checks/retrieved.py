"""What move and get have in common: sub-operations, counters, and whether objects came whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from dicomtest.checks.statuses import is_warning, said, took
from dicomtest.evidence import Exchange, Instance, Response, StepEvidence
from dicomtest.findings import Blocked, Judgement, judge

COUNTERS = (
    "NumberOfCompletedSuboperations",
    "NumberOfFailedSuboperations",
    "NumberOfWarningSuboperations",
)
REMAINING = "NumberOfRemainingSuboperations"
# PS3.4 Table B.4-1: an SCP may coerce these, and shall say so with a warning
COERCIBLE = frozenset(
    {
        "PatientID",
        "IssuerOfPatientID",
        "OtherPatientIDsSequence",
        "StudyInstanceUID",
        "SeriesInstanceUID",
    }
)


def request(step: StepEvidence) -> Exchange:
    """The C-MOVE or C-GET of the step; raises Blocked when there was none."""
    for each in step.exchanges("C-MOVE", "C-GET"):
        return each
    raise Blocked(step.problem or "nothing was requested")


def finished(step: StepEvidence) -> tuple[Exchange, Response]:
    """The request and its final response; raises Blocked without one."""
    exchange = request(step)
    if exchange.final is None:
        raise Blocked(f"there is no final response: {exchange.ending}")
    return exchange, exchange.final


def sub_operations(step: StepEvidence) -> list[Exchange]:
    """The C-STORE sub-operations of the step."""
    return list(step.exchanges("C-STORE"))


def accepted_subs(step: StepEvidence) -> list[Exchange]:
    """Sub-operations that the receiver took."""
    return [each for each in sub_operations(step) if took(each.status)]


def plain(step: StepEvidence) -> bool:
    """Whether everything wanted can be sent: nothing refused, unknown, down or cancelled."""
    facts = step.facts
    cancelled = step.parameters.get("cancel_after") is not None
    hindered = facts.get("refused") or facts.get("unknown") or facts.get("down")
    return bool(facts.get("wanted")) and not (hindered or cancelled or facts.get("not_offered"))


def counters(response: Response) -> dict[str, int | None]:
    """The sub-operation counters of a response; None for one that is absent."""
    found: dict[str, int | None] = {}
    for name in (REMAINING, *COUNTERS):
        value = response.command.get(name)
        found[name] = value if isinstance(value, int) else None
    return found


def short(name: str) -> str:
    """A counter's name as findings show it."""
    return name.removeprefix("NumberOf").removesuffix("Suboperations").lower()


def shown(values: dict[str, int | None]) -> str:
    """Counters in words."""
    return ", ".join(
        f"{short(name)} {'absent' if value is None else value}" for name, value in values.items()
    )


def failed_list(response: Response) -> list[str] | None:
    """Failed SOP Instance UID List of a response; None when it carries no data set."""
    if response.data is None:
        return None
    value = response.data.dataset().get("FailedSOPInstanceUIDList")
    if value is None:
        return []
    return [value] if isinstance(value, str) else [str(each) for each in value]


def everything_arrives(step: StepEvidence) -> Iterator[Judgement]:
    """Every matching instance is sent to the receiver."""
    request(step)
    if not plain(step):
        return
    arrived = {each.sop_instance for each in accepted_subs(step)}
    missing = [uid for uid in step.facts["wanted"] if uid not in arrived]
    yield judge(
        not missing,
        expected=f"{len(step.facts['wanted'])} instances",
        actual=f"{len(arrived)} instances; missing {', '.join(missing[:3])}",
        at=request(step),
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
    """No instance is sent twice."""
    taken = Counter(each.sop_instance for each in accepted_subs(step))
    for uid, count in taken.items():
        yield judge(count == 1, expected="once", actual=f"{count} times", at=uid)


def success_status(step: StepEvidence) -> Iterator[Judgement]:
    """When all sub-operations succeeded, the final status is Success."""
    if not plain(step):
        return
    exchange, final = finished(step)
    subs = sub_operations(step)
    if any(is_warning(each.status) for each in subs):
        return
    yield judge(final.status == 0, expected="0000", actual=said(final.status), at=exchange)


def partial_status(step: StepEvidence) -> Iterator[Judgement]:
    """When some sub-operations failed and others did not, the final status is B000."""
    refused = set(step.facts.get("refused", ())) | set(step.facts.get("not_offered", ()))
    if not refused or refused >= set(step.facts.get("wanted", ())):
        return
    if step.parameters.get("cancel_after") is not None:
        return
    exchange, final = finished(step)
    yield judge(final.status == 0xB000, expected="B000", actual=said(final.status), at=exchange)


def all_failed(step: StepEvidence) -> bool:
    """Whether every sub-operation was refused on purpose."""
    wanted = set(step.facts.get("wanted", ()))
    refused = set(step.facts.get("refused", ())) | set(step.facts.get("not_offered", ()))
    cancelled = step.parameters.get("cancel_after") is not None
    return bool(wanted) and refused >= wanted and not cancelled


def refused_not_success(step: StepEvidence) -> Iterator[Judgement]:
    """When every sub-operation failed, the final status is not Success."""
    if not all_failed(step):
        return
    exchange, final = finished(step)
    yield judge(
        final.status != 0 and final.status != 0xFE00,
        expected="A702 (or B000)",
        actual=said(final.status),
        at=exchange,
    )


def refused_status(step: StepEvidence) -> Iterator[Judgement]:
    """When every sub-operation failed, the final status is A702."""
    if not all_failed(step):
        return
    exchange, final = finished(step)
    if final.status == 0:
        return
    yield judge(final.status == 0xA702, expected="A702", actual=said(final.status), at=exchange)


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
    """The four counters of every Pending response add up to the same number of sub-operations."""
    exchange = request(step)
    totals = []
    for response in exchange.pending:
        values = [each for each in counters(response).values() if each is not None]
        if len(values) == 4:
            totals.append(sum(values))
    if totals:
        wanted = len(step.facts.get("wanted", ()))
        yield judge(
            all(total == wanted for total in totals),
            expected=f"{wanted} in every response",
            actual=sorted(set(totals)),
            at=exchange,
        )


def counters_move_on(step: StepEvidence) -> Iterator[Judgement]:
    """From one Pending response to the next the remaining sub-operations never grow, and the
    completed, failed and warning ones never shrink."""
    exchange = request(step)
    pending = [counters(each) for each in exchange.pending]
    for before, after in zip(pending, pending[1:], strict=False):
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
    if step.parameters.get("cancel_after") is not None or step.facts.get("unknown"):
        return
    values = counters(final)
    wanted = set(step.facts.get("wanted", ()))
    if final.status not in (0x0000, 0xB000, 0xA702):
        return
    if all(values[name] is None for name in COUNTERS) or not wanted:
        return
    if step.facts.get("down"):
        right = {COUNTERS[0]: 0, COUNTERS[1]: len(wanted), COUNTERS[2]: 0}
    else:
        last = {each.sop_instance: each.status for each in sub_operations(step)}
        warned = sum(is_warning(status) for status in last.values())
        good = sum(status == 0 for status in last.values())
        right = {COUNTERS[0]: good, COUNTERS[1]: len(wanted) - good - warned, COUNTERS[2]: warned}
    for name in COUNTERS:
        if values[name] is not None:
            yield judge(
                values[name] == right[name],
                expected=f"{short(name)} {right[name]}",
                actual=f"{short(name)} {values[name]}",
                at=exchange,
            )


def final_counters_present(step: StepEvidence) -> Iterator[Judgement]:
    """The final response carries the numbers of completed, failed and warning sub-operations."""
    exchange, final = finished(step)
    if final.status not in (0x0000, 0xB000, 0xA702):
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


def pending_without_identifier(step: StepEvidence) -> Iterator[Judgement]:
    """A Pending response carries no identifier."""
    exchange = request(step)
    for response in exchange.pending:
        yield judge(
            response.data is None, expected="no data set", actual="a data set", at=exchange
        )


def failed_list_is_right(step: StepEvidence) -> Iterator[Judgement]:
    """When sub-operations failed, the final response lists their SOP Instance UIDs in Failed SOP
    Instance UID List."""
    exchange, final = finished(step)
    failed = set(step.facts.get("refused", ())) | set(step.facts.get("not_offered", ()))
    if not failed or step.parameters.get("cancel_after") is not None:
        return
    if final.status not in (0xB000, 0xA702):
        return
    listed = failed_list(final)
    yield judge(
        set(listed or ()) == failed and len(listed or ()) == len(failed),
        expected=sorted(failed),
        actual="no data set" if listed is None else sorted(listed),
        at=exchange,
    )


def no_list_after_success(step: StepEvidence) -> Iterator[Judgement]:
    """A final response of class Success carries no Failed SOP Instance UID List."""
    exchange, final = finished(step)
    if final.status == 0:
        listed = failed_list(final)
        yield judge(listed is None, expected="no data set", actual="a data set", at=exchange)


def no_match_sends_nothing(step: StepEvidence) -> Iterator[Judgement]:
    """A request that matches nothing sends nothing, and ends with Success without completed
    sub-operations, or with a failure status."""
    if not step.parameters.get("unknown_study"):
        return
    exchange, final = finished(step)
    completed = counters(final)[COUNTERS[0]]
    fine = final.status is not None and final.status not in (0xB000, 0xFE00) and not completed
    yield judge(
        fine and not sub_operations(step),
        expected="0000 with nothing completed, or a failure",
        actual=f"{said(final.status)}, {len(sub_operations(step))} instances sent",
        at=exchange,
    )


def cancel_is_heeded(step: StepEvidence) -> Iterator[Judgement]:
    """After C-CANCEL the request ends: with status FE00, or with the status of a request that was
    complete before the cancel arrived."""
    if step.parameters.get("cancel_after") is None:
        return
    exchange, final = finished(step)
    if exchange.cancelled_at is None:
        raise Blocked("the request was over before it could be cancelled")
    wanted = set(step.facts.get("wanted", ()))
    complete = wanted <= {each.sop_instance for each in sub_operations(step)}
    yield judge(
        final.status == 0xFE00 or (complete and final.status in (0x0000, 0xB000)),
        expected="FE00, or 0000 when everything had been sent",
        actual=f"{said(final.status)}, {len(sub_operations(step))} of {len(wanted)} sent",
        at=exchange,
    )


def cancel_counters(step: StepEvidence) -> Iterator[Judgement]:
    """The counters of a cancelled request, where they are there, cover every matching instance."""
    if step.parameters.get("cancel_after") is None:
        return
    exchange, final = finished(step)
    values = counters(final)
    if final.status != 0xFE00 or None in values.values():
        return
    total = sum(each for each in values.values() if each is not None)
    wanted = len(step.facts.get("wanted", ()))
    yield judge(total == wanted, expected=f"{wanted} in all", actual=shown(values), at=exchange)


def identifies_itself(step: StepEvidence) -> Iterator[Judgement]:
    """SOP Class and Instance UID of a sub-operation's request are those of its data set."""
    for exchange, _original, ds in received(step):
        said_uids = (exchange.sop_class, exchange.sop_instance)
        inside = (str(ds.get("SOPClassUID", "")), str(ds.get("SOPInstanceUID", "")))
        yield judge(said_uids == inside, expected=said_uids, actual=inside, at=exchange)


def received(step: StepEvidence) -> Iterator[tuple[Exchange, Instance, Any]]:
    """Sub-operations with the original and the decoded data set of what was received."""
    originals = {each.sop_instance: each for each in step.instances}
    for each in sub_operations(step):
        original = originals.get(each.sop_instance)
        if original is None or each.data is None or each.final is None:
            continue
        yield each, original, each.data.dataset()


def differences(
    step: StepEvidence, wanted: Callable[[Any], bool], expected: str
) -> Iterator[Judgement]:
    """Compare everything received with what was stored; one judgement for each difference."""
    from dicomtest.dicom.compare import compare_refs

    originals = {each.sop_instance: each for each in step.instances}
    compared: set[str] = set()
    for each in sub_operations(step):
        original = originals.get(each.sop_instance)
        if original is None or each.data is None or each.sop_instance in compared:
            continue
        if each.sop_instance in step.facts.get("refused", ()):
            continue
        compared.add(each.sop_instance)
        allowed = announced(step, each.sop_instance)
        found = [
            difference
            for difference in compare_refs(original.data, each.data, allow=allowed)
            if wanted(difference)
        ]
        if not found:
            yield judge(True, expected=expected, at=each)
        for difference in found:
            yield judge(
                False,
                expected=f"{difference.path} {difference.expected}",
                actual=f"{difference.kind}: {difference.actual}",
                at=each,
            )


def announced(step: StepEvidence, sop_instance: str) -> frozenset[str]:
    """Attributes that may have been coerced: Table B.4-1, where the C-STORE was answered B000."""
    for before in step.story:
        for exchange in before.exchanges("C-STORE"):
            if exchange.sop_instance == sop_instance and exchange.status == 0xB000:
                return COERCIBLE
    return frozenset()
