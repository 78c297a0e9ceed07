"""What a check says: judgements, outcomes, levels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dicomtest.evidence import Association, Exchange


class Level(StrEnum):
    """How strongly the standard asks for it."""

    MUST = "must"
    SHOULD = "should"


class Side(StrEnum):
    """Whom a check judges: the service class user or the service class provider of the step."""

    SCU = "scu"
    SCP = "scp"


class Outcome(StrEnum):
    """Verdict of one check; see the glossary in CONTRIBUTING.md."""

    PASSED = "passed"
    WARNED = "warned"
    FAILED = "failed"
    BLOCKED = "blocked"
    NOT_RUN = "not-run"
    NOT_APPLICABLE = "not-applicable"
    ACCEPTED = "accepted"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One thing looked at: it holds, or expected and actual differ.

    A check yields one for everything it examined, held or not: a check that examined nothing
    has not passed.
    """

    holds: bool
    expected: str = ""
    actual: str = ""
    where: str = ""
    note: str = ""  # what a reader should know whatever the verdict: what was not evaluated


class Blocked(Exception):
    """Raised by a check that cannot judge because something before it failed."""


class NotRun(Exception):
    """Raised by a check that needs what a person says, and nobody was there to say it."""


class NotApplicable(Exception):
    """Raised by a check when the system does not claim what it is about."""


def judge(
    holds: bool,
    *,
    expected: Any = "",
    actual: Any = "",
    at: Exchange | Association | str = "",
    note: str = "",
) -> Judgement:
    """Say whether a requirement holds at one place; expected and actual are shown if not."""
    return Judgement(bool(holds), show(expected), show(actual), place(at), note)


def show(value: Any) -> str:
    """A value as a person reads it: statuses and tags stay as given, None is "absent"."""
    if value is None:
        return "absent"
    if isinstance(value, bytes):
        return value.hex(" ")
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return ", ".join(show(item) for item in items) or "none"
    return str(value)


def hex_status(status: int | None) -> str:
    """A status as the standard writes it: 0000, B007, FF00; "no response" for None."""
    return "no response" if status is None else f"{status:04X}"


def place(at: Exchange | Association | str) -> str:
    """Where in the evidence, in words."""
    if isinstance(at, Exchange):
        text = f"{at.service} message {at.message_id}"
        if at.label:
            text += f" ({at.label})"
        return f"{text} {at.sop_instance}".rstrip()
    if isinstance(at, Association):
        text = f"association {at.id} {at.calling_ae_title} to {at.called_ae_title}"
        return f"{text} ({at.label})" if at.label else text
    return at
