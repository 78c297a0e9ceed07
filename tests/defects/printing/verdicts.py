"""What every check says of one step, whichever side it judges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dicomtest.checks import checks_for
from dicomtest.evidence import StepEvidence
from dicomtest.judging import result

Verdict = dict[str, Any]


def verdicts_on(step: StepEvidence, parameters: dict[str, Any]) -> list[Verdict]:
    """The verdicts of all checks of a step with these parameters."""
    return [result(each, step, (), evidence="") for each in checks_for(step.kind, parameters)]


def findings(verdicts: Iterable[Verdict], side: str = "") -> list[Verdict]:
    """Those that found something, on one side or both."""
    return [
        each
        for each in verdicts
        if each["outcome"] in ("failed", "warned", "error") and side in ("", each["side"])
    ]


def in_words(verdicts: Iterable[Verdict]) -> str:
    """One a line, for an assertion's message."""
    return "\n".join(
        f"{each['outcome']} {each['check']}: {each['message'] or each['reason']}"
        for each in verdicts
    )
