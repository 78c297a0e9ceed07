"""The words of the report: verdicts, what they mean, how a run was decided.

`N_` marks a text for translation without translating it yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def N_(text: str) -> str:
    """Mark a text as one that the catalogues translate."""
    return text


# Outcome of a check -> (word, what it means). The order is that of concern: worst first.
OUTCOMES: dict[str, tuple[str, str]] = {
    "failed": (
        N_("failed"),
        N_("A requirement (MUST) of the standard was broken. It prevents acceptance."),
    ),
    "error": (
        N_("tool error"),
        N_("The test tool itself failed here. This says nothing about the system under test."),
    ),
    "blocked": (
        N_("blocked"),
        N_(
            "It could not be judged, because something before it failed. "
            "It leaves the run incomplete."
        ),
    ),
    "not-run": (
        N_("not run"),
        N_("It was not attempted, for the reason given. It leaves the run incomplete."),
    ),
    "accepted": (
        N_("accepted deviation"),
        N_(
            "It failed, and the site has accepted the deviation: who, why and until when is stated."
        ),
    ),
    "warned": (
        N_("warned"),
        N_(
            "A recommendation (SHOULD) of the standard was not followed. "
            "It does not prevent acceptance."
        ),
    ),
    "not-applicable": (
        N_("not applicable"),
        N_("The system does not claim what this check is about. It does not count."),
    ),
    "passed": (
        N_("passed"),
        N_("Everything that was looked at is as the standard requires."),
    ),
}

# What is not applicable speaks only where nothing else does.
CONCERN = [*(each for each in OUTCOMES if each != "not-applicable"), "not-applicable"]

LEVELS = {"must": N_("MUST"), "should": N_("SHOULD")}

SCENARIO_VERDICTS = {
    "passed": N_("passed"),
    "failed": N_("failed"),
    "incomplete": N_("incomplete"),
    "accepted": N_("accepted"),
    "not accepted": N_("not accepted"),
}

ACTORS = {
    "modality": N_("modality"),
    "ris": N_("RIS"),
    "pacs": N_("PACS"),
    "printer": N_("printer"),
    "workstation": N_("workstation"),
    "digitizer": N_("film digitizer"),
}

SITE_WORDS = (N_("test"), N_("production"), N_("new"), N_("upgrade"), N_("periodic"))

ASSOCIATION_OUTCOMES = {
    "accepted": N_("accepted"),
    "rejected": N_("rejected"),
    "aborted": N_("aborted"),
    "no connection": N_("no connection"),
    "no answer": N_("no answer"),
    "tls failed": N_("TLS failed"),
    "released": N_("released"),
    "aborted by us": N_("aborted by the test tool"),
    "aborted by peer": N_("aborted by the peer"),
    "connection closed": N_("connection closed"),
}

# How an exchange ended that has no final status.
ENDINGS = {
    "no response": N_("no response"),
    "aborted": N_("aborted"),
    "abandoned": N_("abandoned by the test tool"),
    "not sent": N_("not sent"),
}

STEP_KINDS = {
    "verify": N_("verify the connection"),
    "store": N_("store"),
    "query": N_("query"),
    "move": N_("retrieve by C-MOVE"),
    "get": N_("retrieve by C-GET"),
    "order": N_("order an examination"),
    "worklist": N_("query the worklist"),
    "mpps": N_("report the performed procedure step"),
    "commit": N_("commit storage"),
    "print": N_("print films"),
    "acquire": N_("acquire an examination"),
    "trace": N_("follow the identifiers"),
}

# The same as short words, for the map.
KIND_NAMES = {
    "verify": N_("verify"),
    "store": N_("store"),
    "query": N_("query"),
    "move": "C-MOVE",
    "get": "C-GET",
    "order": N_("order"),
    "worklist": N_("worklist"),
    "mpps": "MPPS",
    "commit": N_("commitment"),
    "print": N_("print"),
}

# What a column of the identifier table shows.
TRACE_KINDS = {
    "ordered": N_("as ordered"),
    "worklist": N_("worklist answer"),
    "begun": N_("performed step"),
    "objects": N_("objects stored"),
    "answers": N_("query answers"),
    "retrieved": N_("objects retrieved"),
}

# Why a cell of that table differs (dicomtest.trace).
TRACE_REASONS = (
    N_("some instances lack it"),
    N_("the order was changed, and this is what it said at another time"),
    N_("the provider said with B000 that it coerced attributes"),
    N_("it may differ"),
)

# Result/reason of a presentation context in A-ASSOCIATE-AC: PS3.8 Table 9-18.
CONTEXT_RESULTS = {
    0: N_("accepted"),
    1: N_("user rejection"),
    2: N_("no reason given"),
    3: N_("SOP class not supported"),
    4: N_("transfer syntaxes not supported"),
}

DECISIONS = {
    "accepted": N_("Accepted"),
    "deviations": N_("Accepted with deviations"),
    "not accepted": N_("Not accepted"),
    "incomplete": N_("Incomplete"),
    "demonstration": N_("No real system was tested"),
}


def message_of(check: Mapping[str, Any]) -> str:
    """The check's own words, where they say more than expected, actual and reason do."""
    message = str(check.get("message") or "")
    known = [str(check.get(key) or "") for key in ("expected", "actual")]
    repeats = any(known) and all(each in message for each in known)
    return "" if repeats or message == check.get("reason") else message


def outcome_of(check: Mapping[str, Any]) -> str:
    """The outcome of a check; what is not one of ours counts as a tool error, never as passed."""
    outcome = str(check.get("outcome", ""))
    return outcome if outcome in OUTCOMES else "error"


def counts_of(checks: list[dict[str, Any]]) -> dict[str, int]:
    """Count the outcomes, every one of them named."""
    counts = dict.fromkeys(OUTCOMES, 0)
    for check in checks:
        counts[outcome_of(check)] += 1
    return counts


def worst(counts: Mapping[str, int]) -> str:
    """The outcome that speaks for several: the worst that occurs, "not-run" when there is none."""
    return next((outcome for outcome in CONCERN if counts.get(outcome)), "not-run")


def decision(record: Mapping[str, Any], counts: Mapping[str, int]) -> tuple[str, str]:
    """The decision of a run and the rule that gave it (English, to be translated).

    A verdict that the outcomes contradict is never shown better than they are.
    """
    verdict = str(record.get("verdict", "incomplete"))
    judged = sum(counts[each] for each in ("passed", "warned", "failed", "accepted"))
    if verdict == "not accepted" or counts["failed"]:
        if counts["failed"]:
            return "not accepted", N_("At least one requirement (MUST) of the standard was broken.")
        if counts["error"]:
            return "not accepted", N_("The test tool failed, so the run cannot be relied on.")
        return "not accepted", N_("The run was decided as not accepted.")
    if not judged:
        return "incomplete", N_(
            "Nothing was judged. A run in which nothing was judged is not accepted."
        )
    if record.get("interrupted"):
        return "incomplete", N_("The run was interrupted before its end.")
    if verdict != "accepted" or counts["blocked"] or counts["not-run"] or counts["error"]:
        return "incomplete", N_("Nothing failed, but not everything could be judged.")
    if counts["accepted"]:
        return "deviations", N_(
            "Everything that failed is a deviation which the site has accepted."
        )
    if counts["warned"]:
        return "accepted", N_(
            "Every requirement (MUST) that was tested is met; "
            "recommendations (SHOULD) that were not followed do not prevent acceptance."
        )
    return "accepted", N_("Every requirement that was tested is met.")
