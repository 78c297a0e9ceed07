"""DIMSE statuses: their class (PS3.7 Annex C) and what they mean in words."""

from __future__ import annotations

from typing import Literal

StatusClass = Literal["success", "warning", "failure", "cancel", "pending"]


def status_class(code: int | None) -> StatusClass | None:
    """Give the class of a status; None for a code outside the ranges of PS3.7 Annex C."""
    if code is None or not 0 <= code <= 0xFFFF:
        return None
    if code == 0x0000:
        return "success"
    if code in (0x0001, 0x0107, 0x0116) or code >> 12 == 0xB:
        return "warning"
    if code >> 12 in (0xA, 0xC) or code >> 8 in (0x01, 0x02):
        return "failure"
    if code == 0xFE00:
        return "cancel"
    if code in (0xFF00, 0xFF01):
        return "pending"
    return None


# PS3.7 Annex C, and the lists of 9.1 and 10.1
_GENERAL = {
    0x0000: "success",
    0x0105: "no such attribute",
    0x0106: "invalid attribute value",
    0x0107: "attribute list error",
    0x0110: "processing failure",
    0x0111: "duplicate SOP instance",
    0x0112: "no such SOP instance",
    0x0113: "no such event type",
    0x0114: "no such argument",
    0x0115: "invalid argument value",
    0x0116: "attribute value out of range",
    0x0117: "invalid SOP instance",
    0x0118: "no such SOP class",
    0x0119: "class-instance conflict",
    0x0120: "missing attribute",
    0x0121: "missing attribute value",
    0x0122: "SOP class not supported",
    0x0123: "no such action",
    0x0124: "not authorized",
    0x0210: "duplicate invocation",
    0x0211: "unrecognized operation",
    0x0212: "mistyped argument",
    0x0213: "resource limitation",
    0xFE00: "cancelled",
    0xFF00: "pending",
}
# PS3.4 B.2.3, C.4.1.1.4, C.4.2.1.5, C.4.3.1.4
_SERVICES: dict[str, dict[int, str]] = {
    "C-STORE": {
        0xB000: "stored, data elements were coerced",
        0xB006: "stored, elements were discarded",
        0xB007: "stored, the data set does not match the SOP class",
    },
    "C-FIND": {
        0xFF00: "a match",
        0xFF01: "a match, though optional keys are not supported",
        0xA700: "refused: out of resources",
        0xA900: "the identifier does not match the SOP class",
    },
    "C-MOVE": {
        0xB000: "sub-operations complete, some failed or with warnings",
        0xA701: "refused: out of resources, unable to calculate the number of matches",
        0xA702: "refused: out of resources, unable to perform sub-operations",
        0xA801: "refused: move destination unknown",
        0xA900: "the identifier does not match the SOP class",
    },
}
_SERVICES["C-GET"] = {k: v for k, v in _SERVICES["C-MOVE"].items() if k != 0xA801}
_RANGES: dict[str, tuple[tuple[int, int, str], ...]] = {
    "C-STORE": (
        (0xA700, 0xA7FF, "refused: out of resources"),
        (0xA900, 0xA9FF, "the data set does not match the SOP class"),
        (0xC000, 0xCFFF, "cannot understand"),
    ),
    "C-FIND": ((0xC000, 0xCFFF, "unable to process"),),
    "C-MOVE": ((0xC000, 0xCFFF, "unable to process"),),
    "C-GET": ((0xC000, 0xCFFF, "unable to process"),),
}


def status_in_words(service: str, code: int | None) -> str:
    """Say what a status means for a service ("C-STORE", "N-SET" ...), with its code and class."""
    if code is None:
        return "no status"
    meaning = _SERVICES.get(service, {}).get(code) or _GENERAL.get(code)
    if meaning is None:
        for low, high, text in _RANGES.get(service, ()):
            if low <= code <= high:
                meaning = text
    kind = status_class(code)
    if kind is None:
        return f"{code:04X} (not a status of PS3.7 Annex C)"
    if meaning is None:
        return f"{code:04X} ({kind})"
    return f"{code:04X} ({meaning})" if meaning == kind else f"{code:04X} ({kind}: {meaning})"
