"""What move and get have in common as evidence: sub-operations, counters, what was received.

The rules about it are in `retrieve_rules` (statuses, counters, lists) and `unchanged` (contents).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dicomtest.checks.memo import once_per_step
from dicomtest.checks.statuses import is_warning, took
from dicomtest.evidence import Exchange, Instance, Response, StepEvidence
from dicomtest.findings import Blocked, Judgement, judge

if TYPE_CHECKING:
    from dicomtest.dicom.compare import Difference

COUNTERS = (
    "NumberOfCompletedSuboperations",
    "NumberOfFailedSuboperations",
    "NumberOfWarningSuboperations",
)
REMAINING = "NumberOfRemainingSuboperations"
LATER = 0.05  # seconds by which two clocks of this program may differ
COUNTED = (0x0000, 0xB000, 0xA702)  # final statuses that tell what became of the sub-operations
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
# its notes allow corrections of other attributes of patient and study; the same warning tells
CORRECTED = COERCIBLE | {
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDescription",
    "ReferringPhysicianName",
}


def request(step: StepEvidence) -> Exchange:
    """The C-MOVE or C-GET of the step; raises Blocked when there was none."""
    for each in step.exchanges("C-MOVE", "C-GET"):
        return each
    raise Blocked(step.problem or "nothing was requested")


def finished(step: StepEvidence) -> tuple[Exchange, Response]:
    """The request and its final response; raises Blocked without one."""
    exchange = request(step)
    if exchange.final is None:
        raise Blocked(f"there is no final response: {exchange.why or exchange.ending}")
    return exchange, exchange.final


def sub_operations(step: StepEvidence) -> list[Exchange]:
    """The C-STORE sub-operations of the step."""
    return list(step.exchanges("C-STORE"))


@dataclass(frozen=True)
class Results:
    """What became of the matching instances, by SOP Instance UID, as the receiver saw it."""

    wanted: frozenset[str]
    completed: frozenset[str]  # taken with Success
    warned: frozenset[str]  # taken with a Warning
    tried: frozenset[str]  # sent, whether it was taken or not

    @property
    def taken(self) -> frozenset[str]:
        """Those the receiver took."""
        return self.completed | self.warned

    @property
    def failed(self) -> frozenset[str]:
        """Those it did not take, or that were never sent."""
        return self.wanted - self.taken


@once_per_step
def results(step: StepEvidence) -> Results:
    """Sum up the sub-operations; the last attempt counts."""
    wanted = frozenset(step.facts.get("wanted", ()))
    last = {each.sop_instance: each.status for each in sub_operations(step)}
    taken = {uid: status for uid, status in last.items() if uid in wanted and took(status)}
    return Results(
        wanted,
        frozenset(uid for uid, status in taken.items() if not is_warning(status)),
        frozenset(uid for uid, status in taken.items() if is_warning(status)),
        frozenset(last) & wanted,
    )


def hindered(step: StepEvidence) -> bool:
    """Whether the harness itself kept sub-operations from succeeding, or cancelled."""
    facts = step.facts
    provoked = ("refused", "unknown", "down", "not_offered", "narrow", "probe")
    return any(facts.get(each) for each in provoked) or cancelled(step)


def cancelled(step: StepEvidence) -> bool:
    """Whether the step was to be cancelled."""
    return step.parameters.get("cancel_after") is not None


def plain(step: StepEvidence) -> bool:
    """Whether there is something to send, and nothing in its way."""
    return bool(step.facts.get("wanted")) and not hindered(step)


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
    """Failed SOP Instance UID List of a response; None without one, or when it cannot be read."""
    if response.data is None:
        return None
    try:
        value = response.data.dataset().get("FailedSOPInstanceUIDList")
    except Exception:  # whatever a sick data set makes pydicom raise: it lists nothing
        return None
    if value is None:
        return []
    values = [value] if isinstance(value, str) else list(value)
    return [str(each) for each in values if str(each)]


@dataclass(frozen=True)
class Copy:
    """A sub-operation with the original of what it carried; `problem` says why it is no copy."""

    exchange: Exchange
    original: Instance
    ds: Any = None  # the decoded data set
    differences: tuple[Difference, ...] = ()
    problem: str = ""


@once_per_step
def copies(step: StepEvidence) -> list[Copy]:
    """Everything that arrived and was wanted, compared with what had been stored."""
    from dicomtest.dicom.compare import compare_refs
    from dicomtest.dicom.vr_encoding import mistaken_encoding

    originals = {each.sop_instance: each for each in step.instances}
    found = []
    for each in sub_operations(step):
        original = originals.get(each.sop_instance)
        if original is None or each.data is None:
            continue
        problem = mistaken_encoding(each.data)
        if problem:
            found.append(Copy(each, original, problem=problem))
            continue
        try:
            ds = each.data.dataset()
            differences = tuple(compare_refs(original.data, each.data)) if len(ds) else ()
        except Exception as error:  # whatever a sick data set makes pydicom raise
            found.append(Copy(each, original, problem=f"{type(error).__name__}: {error}"))
            continue
        problem = "" if len(ds) else "an empty data set"
        found.append(Copy(each, original, ds, differences, problem))
    return found


def differences(
    step: StepEvidence, wanted: Callable[[Difference], bool], expected: str
) -> Iterator[Judgement]:
    """One judgement for each difference of that sort, and one for each copy without any.

    What the C-STORE response had announced is no difference.
    """
    for copy in copies(step):
        if copy.problem:
            continue
        statuses = store_statuses(step, copy.exchange.sop_instance)
        found = [
            each
            for each in copy.differences
            if wanted(each) and not _announced(each.path, each.kind, statuses)
        ]
        if not found:
            yield judge(True, expected=expected, at=copy.exchange)
        for each in found:
            yield judge(
                False,
                expected=f"{each.path} {each.expected}",
                actual=f"{each.kind}: {each.actual}",
                at=copy.exchange,
            )


def store_statuses(step: StepEvidence, sop_instance: str) -> set[int | None]:
    """How the C-STORE requests of an instance were answered in the steps before."""
    return {
        exchange.status
        for before in step.story
        for exchange in before.exchanges("C-STORE")
        if exchange.sop_instance == sop_instance and exchange.invoked_by == "us"
    }


def _announced(path: str, kind: str, statuses: set[int | None]) -> bool:
    """Whether B000 (coercion) or B006 (elements discarded) had told of a difference."""
    if 0xB000 in statuses and path.split("[")[0] in CORRECTED:
        return True
    return 0xB006 in statuses and kind == "missing"
