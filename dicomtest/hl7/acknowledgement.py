"""Acknowledgements of HL7 messages in words (HL7 v2.5.1, 2.9 and 2.15.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dicomtest.hl7.er7 import Segment, get, parsed

# Acknowledgement codes, HL7 table 0008
CODES = {
    "AA": "it was accepted",
    "AE": "it was understood but not accepted (application error)",
    "AR": "it was rejected (application reject)",
    "CA": "it was received (commit accept)",
    "CE": "it could not be taken in (commit error)",
    "CR": "it was rejected on receipt (commit reject)",
}
# Error conditions, HL7 table 0357
ERRORS = {
    "100": "a segment is missing or out of order",
    "101": "a required field is missing",
    "102": "a field has the wrong data type",
    "103": "a value is not in its table",
    "200": "this message type is not supported",
    "201": "this event is not supported",
    "202": "this processing ID is not supported",
    "203": "this version of HL7 is not supported",
    "204": "the patient, order or visit is not known",
    "205": "the identifier exists already",
    "206": "the record is locked",
    "207": "an error inside the application",
}
HINTS = {
    "200": "write another message in the site file: orders: {hl7: ..., message: OMI^O23}",
    "201": "write another message in the site file: orders: {hl7: ..., message: OMI^O23}",
    "203": "name the version the system wants: orders: {hl7: ..., version: 2.5.1}",
    "204": "the patient or the order must be there first",
}


@dataclass(frozen=True)
class Acknowledgement:
    """What an acknowledgement says; `taken` is whether the message was."""

    code: str
    control_id: str
    taken: bool
    words: str


def read(message: bytes) -> Acknowledgement:
    """Read an acknowledgement; what is missing in it is said in its words."""
    segments = parsed(message)
    code = get(segments, "MSA", 1).strip()
    control_id = get(segments, "MSA", 2).strip()
    taken = code in ("AA", "CA")
    if not code:
        return Acknowledgement("", control_id, False, "the answer has no acknowledgement code")
    words = [CODES.get(code, f"the code {code} is none of HL7 table 0008")]
    if not taken:
        words += _reasons(segments)
    return Acknowledgement(code, control_id, taken, "; ".join(words))


def _reasons(segments: Sequence[Segment]) -> list[str]:
    """Why, as far as MSA and ERR say."""
    text = get(segments, "MSA", 3)
    found = [f'it says "{text}"'] if text else []
    # ERR-3 since version 2.5; before it ERR-1.4 (and its subcomponents) or MSA-6
    old = get(segments, "ERR", 1, 4).split("&")[0]
    condition = get(segments, "ERR", 3) or old or get(segments, "MSA", 6)
    if condition:
        found.append(ERRORS.get(condition, f"error condition {condition}"))
    location = get(segments, "ERR", 2)
    if location:
        field = get(segments, "ERR", 2, 3)
        found.append(f"in {location}{f'-{field}' if field else ''}")
    for number in (7, 8):
        more = get(segments, "ERR", number)
        if more and more != text:
            found.append(f'"{more}"')
    if condition in HINTS:
        found.append(HINTS[condition])
    if not found:
        found.append("it does not say why: its log does")
    return found
