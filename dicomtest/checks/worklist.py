"""C-FIND of the Modality Worklist (PS3.4 Annex K), judged over what was ordered."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, check
from dicomtest.checks.statuses import said
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, judge

STEP = "worklist"


@check("worklist.success", judges=SCP, level=MUST, cites="PS3.4 K.4.1.1.4", steps=STEP,
       consequence="The modality shows an error instead of its list.")  # fmt: skip
def a_legal_query_ends_with_success(step: StepEvidence) -> Iterator[Judgement]:
    """A query that keeps the rules of the worklist model ends with Success, whether or not
    something matches."""
    for exchange in step.exchanges("C-FIND"):
        if exchange.final is None or exchange.cancelled_at is not None:
            continue
        comment = exchange.final.command.get("ErrorComment", "")
        yield judge(
            exchange.status == 0,
            expected="0000",
            actual=f"{said(exchange.status)} {comment}".strip(),
            at=exchange,
        )


@check("worklist.order-appears", judges=SCP, level=MUST, cites="PS3.4 K.4.1.3", steps=STEP,
       consequence="The patient stands in the room and is not on the list.")  # fmt: skip
def what_was_ordered_is_in_the_worklist(step: StepEvidence) -> Iterator[Judgement]:
    """Every scheduled step that was ordered is in the worklist within the time limit."""
    missing = [tuple(each) for each in step.facts.get("missing", [])]
    for each in step.facts.get("items", []):
        if each["order"] in step.facts["looked_for"]:
            yield judge(
                (each["order"], each["number"]) not in missing,
                expected="in the worklist, as ordered",
                actual="not there",
                at=f"order {each['order']}, scheduled step {each['number'] + 1}",
            )


@check("worklist.expected-steps", judges=SCP, level=MUST, cites="PS3.4 K.4.1.3", steps=STEP,
       when="expect", consequence="The modality's list shows too much or too little.")  # fmt: skip
def the_scenarios_steps_are_found(step: StepEvidence) -> Iterator[Judgement]:
    """The answers are about the scheduled steps that the scenario expects, and no other that it
    ordered."""
    from dicomtest.dicom.attribute_values import attributes_of
    from dicomtest.dicom.orders import text

    ours = {_identity(each["item"]) for each in step.facts["items"]}
    for query in step.facts["queries"]:
        for exchange in step.exchanges("C-FIND", label=query["id"]):
            if "only" not in query or exchange.final is None:
                continue
            found = set()
            for response in exchange.pending:
                if response.data is not None:
                    item = attributes_of(response.data.dataset())
                    found.add((text(item, "StudyInstanceUID"),
                               text(item, "ScheduledProcedureStepID")))  # fmt: skip
            wanted = {tuple(each) for each in query["only"]}
            yield judge(
                found & ours == wanted,
                expected=sorted(each[1] for each in wanted),
                actual=sorted(each[1] for each in found & ours),
                at=exchange,
            )


def _identity(item: dict[str, object]) -> tuple[str, str]:
    from dicomtest.dicom.attribute_values import from_json
    from dicomtest.dicom.orders import text

    made = from_json(item)
    return text(made, "StudyInstanceUID"), text(made, "ScheduledProcedureStepID")
