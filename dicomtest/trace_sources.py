"""Where the evidence of a step says what of the identifiers of an examination."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from dicomtest.dicom.attribute_values import attributes_of
from dicomtest.dicom.contents import content_of
from dicomtest.dicom.headers import UNREADABLE, header
from dicomtest.dicom.mpps_model import MPPS, SCHEDULED
from dicomtest.dicom.worklist_model import STEP
from dicomtest.evidence import DataSetRef, StepEvidence

Kind = Literal["ordered", "worklist", "begun", "objects", "answers", "retrieved"]
Group = Literal["patient", "study", "request", "description", "performed"]

REQUEST = "RequestAttributesSequence"
PERFORMED = "ReferencedPerformedProcedureStepSequence"
MPPS_INSTANCE = "SOPInstanceUID of the MPPS"
COPIED = "IHE RAD TF-2x A.1, PS3.17 J.2: copied from the worklist"
SAME = "IHE RAD TF-2x A.1: the same in MPPS and instances"

Path = tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One identifier, and where each kind of column has it; () where it does not."""

    name: str
    group: Group
    rule: str
    item: Path = ()  # of the worklist
    mpps: Path = ()
    instance: Path = ()
    answer: Path = ()
    judged: bool = True

    @property
    def in_every_instance(self) -> bool:
        """Whether every composite instance has it in the data set itself."""
        return len(self.instance) == 1 and self.group in ("patient", "study", "request")

    def path(self, kind: Kind) -> Path:
        """Where a column of that kind has it."""
        return {
            "ordered": self.item,
            "worklist": self.item,
            "begun": self.mpps,
            "objects": self.instance,
            "answers": self.answer,
            "retrieved": self.instance,
        }[kind]


def _everywhere(name: str, group: Group) -> Row:
    here = (name,)
    return Row(name, group, COPIED, here, here, here, here)


def _scheduled(name: str, group: Group, *item: str, instance: Path = (), answer: Path = ()) -> Row:
    return Row(name, group, COPIED, (*item, name), (SCHEDULED, name), instance or (REQUEST, name),
               answer)  # fmt: skip


def _performed(name: str, rule: str = SAME) -> Row:
    return Row(name, "performed", rule, (), (name,), (name,))


ROWS: tuple[Row, ...] = (
    *(_everywhere(each, "patient") for each in
      ("PatientName", "PatientID", "PatientBirthDate", "PatientSex")),
    _scheduled("StudyInstanceUID", "study", instance=("StudyInstanceUID",),
               answer=("StudyInstanceUID",)),
    _scheduled("AccessionNumber", "request", instance=("AccessionNumber",),
               answer=("AccessionNumber",)),
    _scheduled("RequestedProcedureID", "request"),
    _scheduled("ScheduledProcedureStepID", "request", STEP),
    _scheduled("RequestedProcedureDescription", "description"),
    _scheduled("RequestedProcedureCodeSequence", "description"),
    _scheduled("ScheduledProcedureStepDescription", "description", STEP),
    _scheduled("ScheduledProtocolCodeSequence", "description", STEP),
    Row("ReferringPhysicianName", "description", COPIED, ("ReferringPhysicianName",), (),
        ("ReferringPhysicianName",), ("ReferringPhysicianName",)),
    Row("Modality", "description", "PS3.3 C.4.15: instances may be of other modalities",
        (STEP, "Modality"), ("Modality",), ("Modality",), judged=False),
    _performed("PerformedProcedureStepID"),
    Row(MPPS_INSTANCE, "performed", "PS3.3 C.7.3.1: identifies the step of the series",
        (), (MPPS_INSTANCE,), (PERFORMED, "ReferencedSOPInstanceUID")),
    _performed("PerformedProcedureStepStartDate"),
    _performed("PerformedProcedureStepStartTime"),
    _performed("PerformedProcedureStepDescription"),
    _performed("PerformedProtocolCodeSequence"),
    Row("StudyID", "performed", SAME, (), ("StudyID",), ("StudyID",), ("StudyID",)),
)  # fmt: skip


@dataclass(frozen=True)
class Node:
    """One thing that shows identifiers: a worklist item, a performed step, the objects of a study.

    `tokens` tie it to others; columns of one step with different `separate` stay apart.
    """

    at: int
    step: str
    kind: Kind
    tokens: frozenset[str]
    values: Mapping[str, frozenset[str]]
    orders: tuple[str, ...] = ()
    separate: str = ""
    coerced: bool = field(default=False, compare=False)


def nodes(steps: Sequence[StepEvidence]) -> Iterator[Node]:
    """Everything that shows identifiers, in order."""
    for at, step in enumerate(steps):
        names = orders_of(step)
        tied = frozenset(f"order {name}" for name in names)
        for kind, attributes, separate, coerced in _shown(step):
            values = values_of(attributes, kind)
            tokens = tied if kind != "worklist" else frozenset()
            yield Node(at, step.step, kind, tokens | _tokens(values), values, names, separate,
                       coerced)  # fmt: skip


def orders_of(step: StepEvidence) -> tuple[str, ...]:
    """Names of the orders that a step is about, as the scenario says."""
    performed = step.facts.get("performed")
    if step.kind == "mpps" and performed:
        return (*performed["orders"], performed["name"])
    told = step.facts.get("order") if step.kind == "order" else step.parameters.get("order")
    if isinstance(told, str):
        return (told,) if told else ()
    return tuple(str(each) for each in told or ()) if step.kind != "store" else ()


Shown = tuple[Kind, Mapping[str, Any], str, bool]


def _shown(step: StepEvidence) -> Iterator[Shown]:
    if step.kind == "order":
        for item in step.facts.get("items", []):
            yield "ordered", item, "", False
    elif step.kind == "worklist":
        yield from (("worklist", each, "", False) for each in _answers(step))
    elif step.kind == "mpps":
        yield from _begun(step)
    elif step.kind == "store":
        yield from _stored(step)
    elif step.kind == "query":
        yield from (("answers", each, "", False) for each in _answers(step))
    elif step.kind in ("move", "get"):
        for exchange in step.exchanges("C-STORE"):
            yield "retrieved", decoded(exchange.data, head=True), "", False


def _answers(step: StepEvidence) -> Iterator[Mapping[str, Any]]:
    """Answers that name a study, each once."""
    seen: set[bytes] = set()
    for exchange in step.exchanges("C-FIND"):
        for response in exchange.pending:
            data = response.data
            if data is None or (data.data is not None and data.data in seen):
                continue
            if data.data is not None:
                seen.add(data.data)
            attributes = decoded(data)
            if attributes.get("StudyInstanceUID"):
                yield attributes


def _begun(step: StepEvidence) -> Iterator[Shown]:
    for exchange in step.exchanges("N-CREATE"):
        if exchange.sop_class == MPPS and exchange.label in ("", "create") and _taken(exchange):
            made = dict(decoded(exchange.data))
            if step.facts.get("probes") and exchange.sop_instance != _reported(step):
                continue
            made[MPPS_INSTANCE] = (exchange.sop_instance,)
            yield "begun", made, exchange.sop_instance, False


def _reported(step: StepEvidence) -> str:
    return str((step.facts.get("performed") or {}).get("sop_instance", ""))


def _stored(step: StepEvidence) -> Iterator[Shown]:
    if step.facts.get("fault"):
        return
    known = {each.sop_instance: each.attributes for each in step.instances}
    for exchange in step.exchanges("C-STORE"):
        if _taken(exchange):
            attributes = known.get(exchange.sop_instance) or decoded(exchange.data, head=True)
            yield "objects", attributes, "", exchange.status == 0xB000


def _taken(exchange: Any) -> bool:
    status = exchange.status
    return status is not None and (status in (0, 0x0107, 0x0116) or status >> 12 == 0xB)


def decoded(data: DataSetRef | None, *, head: bool = False) -> Mapping[str, Any]:
    """The attributes of a data set, of an instance without its pixels; none if unreadable."""
    if data is None:
        return {}
    try:
        return attributes_of(header(data)) if head else content_of(data).attributes
    except (*UNREADABLE, OSError):
        return {}


def values_of(attributes: Mapping[str, Any], kind: Kind) -> dict[str, frozenset[str]]:
    """What a data set says in each row; a row that is not there at all is left out of answers."""
    found: dict[str, frozenset[str]] = {}
    for row in ROWS:
        path = row.path(kind)
        if not path or (kind in ("worklist", "answers") and path[0] not in attributes):
            continue
        found[row.name] = frozenset(_texts(attributes, path))
    return found


def _texts(attributes: Mapping[str, Any], path: Path) -> Iterator[str]:
    values = attributes.get(path[0]) or ()
    if len(path) > 1:
        for item in values:
            if not isinstance(item, str):
                yield from _texts(item, path[1:])
        return
    for value in values:
        text = normal(path[0], value) if isinstance(value, str) else _code(value)
        if text:
            yield text


def normal(name: str, value: str) -> str:
    """A value as it is compared: names without empty components, times to the second."""
    if name.endswith("Name"):
        return "=".join(group.rstrip("^ ") for group in value.split("=")).rstrip("=")
    if name.endswith("Time"):
        return value.partition(".")[0].replace(":", "").ljust(6, "0")
    return value.strip(" \0")


def _code(item: Mapping[str, Any]) -> str:
    def one(name: str) -> str:
        return next((str(each) for each in item.get(name) or ()), "")

    value = one("CodeValue") or one("LongCodeValue") or one("URNCodeValue")
    return f"{value} ({one('CodingSchemeDesignator')})" if value else ""


def _tokens(values: Mapping[str, Iterable[str]]) -> frozenset[str]:
    strong = ("StudyInstanceUID", "ScheduledProcedureStepID", MPPS_INSTANCE)
    found = {f"{name} {value}" for name in strong for value in values.get(name, ())}
    patients = sorted(values.get("PatientID", ()))
    for value in values.get("AccessionNumber", ()):
        found |= {f"accession {value} of {patient}" for patient in patients}
    return frozenset(found)
