"""The identifiers of an examination, from the worklist to the archive and back.

Each check looks at what one system shows in one step, and compares it with what was valid before:
`dicomtest.trace` says how. A difference with a known cause (the order was changed meanwhile) holds.
"""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SCU, SHOULD, check
from dicomtest.checks.memo import once_per_step
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, Level, Side, judge
from dicomtest.trace import Cell, Table, tables
from dicomtest.trace_sources import Group, Kind, Row

Cells = Iterator[tuple[Table, Row, Cell]]
IHE = "IHE RAD TF-2x A.1"
EXAMPLES = "PS3.17 J.2"


def cells(step: StepEvidence, kind: Kind, *groups: Group) -> Cells:
    """The cells of this step that were compared with something."""
    for table in _tables(step):
        for row, cell in table.of(step.step, kind):
            if cell.verdict not in ("unknown", "reference") and row.group in groups:
                yield table, row, cell


@once_per_step
def _tables(step: StepEvidence) -> list[Table]:
    return tables([*step.story, step])


def agreeing(step: StepEvidence, kind: Kind, *groups: Group) -> Iterator[Judgement]:
    """Whether identifiers that are there are the right ones."""
    for table, row, cell in cells(step, kind, *groups):
        if cell.verdict != "absent":
            yield _judged(cell.verdict != "different", table, row, cell)


def complete(step: StepEvidence, kind: Kind, *groups: Group) -> Iterator[Judgement]:
    """Whether identifiers that are known are there."""
    for table, row, cell in cells(step, kind, *groups):
        yield _judged(cell.verdict != "absent", table, row, cell)


def _judged(holds: bool, table: Table, row: Row, cell: Cell) -> Judgement:
    about = f" of {', '.join(table.orders)}" if table.orders else ""
    return judge(
        holds,
        expected=sorted(cell.expected) or "empty",
        actual=sorted(cell.values) or None,
        at=f"{row.name}{about} ({row.rule})",
    )


def _register(
    id: str,
    requirement: str,
    *,
    judges: Side,
    level: Level,
    cites: tuple[str, ...],
    steps: str | tuple[str, ...],
    kind: Kind,
    groups: tuple[Group, ...],
    consequence: str,
    absent: bool = False,
) -> None:
    def function(step: StepEvidence) -> Iterator[Judgement]:
        return (complete if absent else agreeing)(step, kind, *groups)

    function.__doc__ = requirement
    check(id, judges=judges, level=level, cites=cites, steps=steps, consequence=consequence)(
        function
    )


WRONG_PATIENT = "The examination is filed under another patient."
WRONG_ORDER = "The examination is not found under its order; nobody reads or bills it."

_register(
    "trace.mpps-patient",
    "The performed procedure step names the patient as the worklist does.",
    judges=SCU, level=MUST, cites=(IHE, EXAMPLES), steps="mpps", kind="begun",
    groups=("patient",), consequence=WRONG_PATIENT,
)  # fmt: skip
_register(
    "trace.mpps-study",
    "The performed procedure step has the Study Instance UID of the worklist.",
    judges=SCU, level=MUST, cites=(IHE, EXAMPLES), steps="mpps", kind="begun",
    groups=("study",), consequence=WRONG_ORDER,
)  # fmt: skip
_register(
    "trace.mpps-request",
    "The performed procedure step has the Accession Number, the Requested Procedure ID and the "
    "Scheduled Procedure Step ID of the worklist.",
    judges=SCU, level=MUST, cites=(IHE, EXAMPLES), steps="mpps", kind="begun",
    groups=("request",), consequence=WRONG_ORDER,
)  # fmt: skip
_register(
    "trace.mpps-descriptions",
    "The performed procedure step has the descriptions and codes of the worklist.",
    judges=SCU, level=SHOULD, cites=(IHE, EXAMPLES), steps="mpps", kind="begun",
    groups=("description",), consequence="Procedures are counted and billed wrongly.",
)  # fmt: skip
_register(
    "trace.mpps-complete",
    "The performed procedure step has every identifier that the worklist gave.",
    judges=SCU, level=SHOULD, cites=(IHE, EXAMPLES), steps="mpps", kind="begun",
    groups=("patient", "study", "request", "description"), consequence=WRONG_ORDER, absent=True,
)  # fmt: skip
_register(
    "trace.objects-patient",
    "The instances name the patient as the worklist does.",
    judges=SCU, level=MUST, cites=(IHE, EXAMPLES), steps="store", kind="objects",
    groups=("patient",), consequence=WRONG_PATIENT,
)  # fmt: skip
_register(
    "trace.objects-study",
    "The instances have the Study Instance UID of the worklist.",
    judges=SCU, level=MUST, cites=(IHE, EXAMPLES), steps="store", kind="objects",
    groups=("study",), consequence=WRONG_ORDER,
)  # fmt: skip
_register(
    "trace.objects-request",
    "The instances have the Accession Number of the worklist, and in Request Attributes Sequence "
    "its Requested Procedure ID and Scheduled Procedure Step ID.",
    judges=SCU, level=MUST, cites=(IHE, EXAMPLES), steps="store", kind="objects",
    groups=("request",), consequence=WRONG_ORDER,
)  # fmt: skip
_register(
    "trace.objects-performed",
    "What the instances say of their performed procedure step is what was reported of it.",
    judges=SCU, level=MUST, cites=("PS3.3 C.7.3.1", IHE), steps="store", kind="objects",
    groups=("performed",), consequence="The images cannot be tied to the examination.",
)  # fmt: skip
_register(
    "trace.objects-descriptions",
    "The instances have the descriptions, codes and referring physician of the worklist.",
    judges=SCU, level=SHOULD, cites=(IHE, EXAMPLES), steps="store", kind="objects",
    groups=("description",), consequence="Hanging protocols and statistics go wrong.",
)  # fmt: skip
_register(
    "trace.objects-complete",
    "The instances have every identifier that the worklist gave, and those of their performed "
    "procedure step.",
    judges=SCU, level=SHOULD, cites=(IHE, EXAMPLES), steps="store", kind="objects",
    groups=("patient", "study", "request", "description", "performed"), consequence=WRONG_ORDER,
    absent=True,
)  # fmt: skip
_register(
    "trace.answers",
    "Answers to queries show the identifiers that the stored instances have.",
    judges=SCP, level=MUST, cites=("PS3.4 C.4.1.3.1.1",), steps="query", kind="answers",
    groups=("patient", "study", "request", "performed"), consequence=WRONG_ORDER,
)  # fmt: skip
_register(
    "trace.retrieved",
    "Retrieved instances have the identifiers with which they were stored.",
    judges=SCP, level=MUST, cites=("PS3.4 B.4.1",), steps=("move", "get"), kind="retrieved",
    groups=("patient", "study", "request", "description", "performed"), consequence=WRONG_PATIENT,
)  # fmt: skip
_register(
    "trace.retrieved-complete",
    "Retrieved instances have lost none of the identifiers with which they were stored.",
    judges=SCP, level=MUST, cites=("PS3.4 B.4.1",), steps=("move", "get"), kind="retrieved",
    groups=("patient", "study", "request", "description", "performed"), consequence=WRONG_ORDER,
    absent=True,
)  # fmt: skip
