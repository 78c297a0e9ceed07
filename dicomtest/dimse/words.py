"""Reasons of the upper layer in words: what was said, and what is likely to mend it."""

from __future__ import annotations

_RESULTS = {1: "rejected permanently", 2: "rejected for the moment"}
_SOURCES = {
    1: "by the application (service-user)",
    2: "by the association service (service-provider, ACSE)",
    3: "by the presentation service (service-provider)",
}
# PS3.8 Table 9-21: (source, reason) -> what, likely fix
_REJECTS = {
    (1, 1): (
        "no reason given",
        "look in the log of the peer; often a licence, a missing configuration or an AE "
        "title it does not know",
    ),
    (1, 2): (
        "application context name not supported",
        "the peer does not speak DICOM's application context; is this a DICOM port?",
    ),
    (1, 3): (
        "calling AE title not recognized",
        "enter our AE title, and our address where the peer checks it, in the peer's list of "
        "known systems; upper and lower case differ",
    ),
    (1, 7): (
        "called AE title not recognized",
        "correct `ae_title` of this system in the site file; upper and lower case differ",
    ),
    (2, 1): ("no reason given", "look in the log of the peer; often a user identity it wants"),
    (2, 2): (
        "protocol version not supported",
        "the peer must accept protocol version 1 (bit 0, PS3.8 9.3.2)",
    ),
    (3, 1): ("temporary congestion", "the peer is busy; try again later"),
    (3, 2): (
        "local limit exceeded",
        "the peer allows no further association; close others, or raise its limit",
    ),
}


def reject_in_words(result: int, source: int, reason: int) -> tuple[str, str]:
    """Say what an A-ASSOCIATE-RJ means and what is likely to mend it (PS3.8 Table 9-21)."""
    how = _RESULTS.get(result, f"rejected (result {result}, which is not defined)")
    who = _SOURCES.get(source, f"by source {source}, which is not defined")
    known = _REJECTS.get((source, reason))
    if known is None:
        kind = "reserved" if source in _SOURCES and 0 <= reason <= 10 else "not defined"
        known = (
            f"reason {reason}, which is {kind}",
            "look in the log of the peer; PS3.8 Table 9-21 does not define this reason",
        )
    return f"{how} {who}: {known[0]}", known[1]


# PS3.8 Table 9-26
_ABORTS = {
    0: "reason not specified",
    1: "unrecognized PDU",
    2: "unexpected PDU",
    4: "unrecognized PDU parameter",
    5: "unexpected PDU parameter",
    6: "invalid PDU parameter value",
}


def abort_in_words(source: int, reason: int) -> str:
    """Say what an A-ABORT means (PS3.8 Table 9-26); the reason of a user abort means nothing."""
    if source == 0:
        return "aborted by the application (service-user)"
    if source == 2:
        return (
            "aborted by the upper layer (service-provider): "
            f"{_ABORTS.get(reason, f'reason {reason}, which is not defined')}"
        )
    return f"aborted with source {source}, which is not defined, reason {reason}"


def context_result_in_words(result: int | None) -> str:
    """Say what the answer to a presentation context means (PS3.8 Table 9-18)."""
    return {
        None: "not answered",
        0: "accepted",
        1: "refused by the application (user-rejection)",
        2: "refused without reason (provider rejection)",
        3: "abstract syntax not supported",
        4: "transfer syntaxes not supported",
    }.get(result, f"result {result}, which is not defined")
