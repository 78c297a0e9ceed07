"""Orders by HL7 version 2: how a RIS acknowledges them (HL7 v2.5.1 2.9, 2.14; MLLP release 1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dicomtest.checks import MUST, SCP, check
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, judge

STEP = "order"
CODES = ("AA", "AE", "AR", "CA", "CE", "CR")


def answered(step: StepEvidence) -> Iterator[dict[str, Any]]:
    """The messages of the step that got an answer."""
    return (each for each in step.facts.get("messages", ()) if each["answer"])


@check("order.acknowledged", judges=SCP, level=MUST, cites=("HL7 v2.5.1 2.9", "IHE RAD TF-2 4.2"),
       steps=STEP, consequence="Nobody knows whether the order was taken.")  # fmt: skip
def every_message_is_acknowledged(step: StepEvidence) -> Iterator[Judgement]:
    """Every message is answered with an acknowledgement within the time limit."""
    for each in step.facts.get("messages", ()):
        yield judge(bool(each["answer"]), expected="an acknowledgement", actual=each["why"],
                    at=each["type"])  # fmt: skip


@check("order.accepted", judges=SCP, level=MUST, cites=("HL7 v2.5.1 2.9.2", "IHE RAD TF-2 4.2"),
       steps=STEP, consequence="The order does not reach the worklist.",
       fix="The reason is in ERR or MSA-3, and in the log of the RIS.")  # fmt: skip
def every_message_is_accepted(step: StepEvidence) -> Iterator[Judgement]:
    """A message that keeps the rules is acknowledged with AA, or CA."""
    for each in answered(step):
        yield judge(each["code"] in ("AA", "CA"), expected="AA", actual=_said(each),
                    at=each["type"])  # fmt: skip


@check("order.acknowledgement-code", judges=SCP, level=MUST, cites="HL7 v2.5.1 2.14.8", steps=STEP)
def the_code_is_one_of_the_table(step: StepEvidence) -> Iterator[Judgement]:
    """MSA-1 is one of AA, AE, AR, CA, CE, CR."""
    for each in answered(step):
        yield judge(each["code"] in CODES, expected=CODES, actual=each["code"] or None,
                    at=each["type"])  # fmt: skip


@check("order.acknowledgement-control-id", judges=SCP, level=MUST, cites="HL7 v2.5.1 2.14.8",
       steps=STEP, consequence="The sender cannot tell which order was acknowledged.")  # fmt: skip
def the_acknowledgement_names_the_message(step: StepEvidence) -> Iterator[Judgement]:
    """MSA-2 is the Message Control ID of the message."""
    for each in answered(step):
        yield judge(each["answered_id"] == each["control_id"], expected=each["control_id"],
                    actual=each["answered_id"] or None, at=each["type"])  # fmt: skip


@check("order.acknowledgement-header", judges=SCP, level=MUST, cites="HL7 v2.5.1 2.14.9",
       steps=STEP)  # fmt: skip
def the_acknowledgement_is_a_message(step: StepEvidence) -> Iterator[Judgement]:
    """An acknowledgement begins with MSH, whose control ID and message type have values, and MSA
    follows."""
    for each in answered(step):
        segments = each["answer"].replace("\n", "\r").split("\r")
        fields = segments[0].split(segments[0][3:4] or "|")
        names = [line[:3] for line in segments if line]
        wrong = []
        if names[:1] != ["MSH"] or len(fields) < 12:
            wrong.append("no whole MSH at its beginning")
        elif not (fields[8] and fields[9]):
            wrong.append("MSH-9 or MSH-10 without value")
        if "MSA" not in names:
            wrong.append("no MSA")
        yield judge(not wrong, expected="MSH and MSA", actual=wrong, at=each["type"])


@check("order.acknowledgement-frame", judges=SCP, level=MUST, cites="HL7 MLLP release 1",
       steps=STEP)  # fmt: skip
def the_acknowledgement_is_framed(step: StepEvidence) -> Iterator[Judgement]:
    """An acknowledgement stands between 0B and 1C 0D, with nothing around it."""
    for each in answered(step):
        yield judge(not each["frame"], expected="0B ... 1C 0D", actual=each["frame"],
                    at=each["type"])  # fmt: skip


def _said(each: dict[str, Any]) -> str:
    return f"{each['code'] or 'no code'}: {each['why']}"
