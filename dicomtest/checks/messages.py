"""DIMSE responses of any service: what PS3.7 asks of every one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dicomtest.checks import MUST, SCP, check
from dicomtest.evidence import Exchange, StepEvidence
from dicomtest.findings import Judgement, hex_status, judge

MULTIPLE = ("C-FIND", "C-MOVE", "C-GET")


def requested(step: StepEvidence) -> Iterator[Exchange]:
    """Requests the harness invoked and that were answered at least once."""
    return (each for each in step.exchanges() if each.invoked_by == "us" and each.responses)


def said_of(response: dict[str, Any]) -> str:
    """A response that nobody waited for, in words."""
    status = response["command"].get("Status")
    return f"a response with status {hex_status(status if isinstance(status, int) else None)}"


def is_defined(status: int) -> bool:
    """Whether PS3.7 Annex C gives the status a class."""
    return (
        status in (0x0000, 0x0001, 0x0107, 0x0116, 0xFE00, 0xFF00, 0xFF01)
        or status >> 8 in (0x01, 0x02)
        or status >> 12 in (0xA, 0xB, 0xC)
    )


@check(
    "dimse.final-response",
    judges=SCP,
    level=MUST,
    cites="PS3.7 9.3",
    steps="*",
    consequence="The sender waits for ever and does not know whether its request was done.",
)
def every_request_is_answered(step: StepEvidence) -> Iterator[Judgement]:
    """Every request gets a final response within the time limit of the site."""
    for each in step.exchanges():
        if each.invoked_by != "us" or each.ending in ("abandoned", "not sent"):
            continue
        yield judge(
            each.ending == "answered" and each.final is not None,
            expected="a final response",
            actual=f"{each.ending}: {each.why}" if each.why else each.ending,
            at=each,
        )


@check(
    "dimse.nothing-after-the-final-response",
    judges=SCP,
    level=MUST,
    cites="PS3.7 9.3",
    steps="*",
    consequence="The sender takes the surplus for an answer to its next request.",
)
def nothing_follows_the_final_response(step: StepEvidence) -> Iterator[Judgement]:
    """A request has one final response, and nothing follows it."""
    for exchange in requested(step):
        surplus = exchange.notes.get("surplus_responses", ())
        yield judge(
            not surplus,
            expected="nothing after the final response",
            actual=[said_of(each) for each in surplus],
            at=exchange,
        )
    for association in step.associations:
        unasked = association.notes.get("unasked_responses", ())
        if unasked:
            yield judge(
                False,
                expected="responses to what was requested",
                actual=[said_of(each) for each in unasked],
                at=association,
            )


@check(
    "dimse.status-defined",
    judges=SCP,
    level=MUST,
    cites="PS3.7 C",
    steps="*",
    consequence="The sender cannot tell success from failure.",
)
def status_is_defined(step: StepEvidence) -> Iterator[Judgement]:
    """Every response carries a status, and PS3.7 Annex C gives it a meaning."""
    for exchange in requested(step):
        for response in exchange.responses:
            yield judge(
                response.status is not None and is_defined(response.status),
                expected="a status of class success, warning, failure, cancel or pending",
                actual="absent" if response.status is None else hex_status(response.status),
                at=exchange,
            )


@check("dimse.pending-only-where-defined", judges=SCP, level=MUST, cites="PS3.7 C.4", steps="*")
def pending_only_where_defined(step: StepEvidence) -> Iterator[Judgement]:
    """A Pending status answers only requests that have several responses."""
    for exchange in requested(step):
        if exchange.service in MULTIPLE:
            continue
        statuses = [hex_status(each.status) for each in exchange.responses]
        yield judge(
            not exchange.pending and len(exchange.responses) == 1,
            expected="one response, not pending",
            actual=statuses,
            at=exchange,
        )


@check("dimse.message-id-being-responded-to", judges=SCP, level=MUST, cites="PS3.7 9.3", steps="*")
def message_id_is_the_requests(step: StepEvidence) -> Iterator[Judgement]:
    """Message ID Being Responded To of every response is the Message ID of its request."""
    for exchange in requested(step):
        for response in exchange.responses:
            actual = response.command.get("MessageIDBeingRespondedTo")
            yield judge(
                actual == exchange.message_id,
                expected=exchange.message_id,
                actual=actual,
                at=exchange,
            )


@check("dimse.command-field", judges=SCP, level=MUST, cites="PS3.7 E.1", steps="*")
def command_field_is_the_responses(step: StepEvidence) -> Iterator[Judgement]:
    """The Command Field of a response is that of its request with the highest bit set."""
    for exchange in requested(step):
        wanted = exchange.command.get("CommandField")
        if not isinstance(wanted, int):
            continue
        for response in exchange.responses:
            actual = response.command.get("CommandField")
            yield judge(
                actual == wanted | 0x8000,
                expected=f"{wanted | 0x8000:04X}",
                actual=f"{actual:04X}" if isinstance(actual, int) else actual,
                at=exchange,
            )


@check("dimse.affected-sop-class", judges=SCP, level=MUST, cites="PS3.7 9.3", steps="*")
def affected_class_is_the_requests(step: StepEvidence) -> Iterator[Judgement]:
    """Affected SOP Class UID of a response, where it is there, is that of the request."""
    for exchange in requested(step):
        for response in exchange.responses:
            actual = response.command.get("AffectedSOPClassUID")
            if actual in (None, ""):
                continue
            yield judge(
                actual == exchange.sop_class,
                expected=exchange.sop_class,
                actual=actual,
                at=exchange,
            )


@check("dimse.presentation-context", judges=SCP, level=MUST, cites="PS3.8 E.2", steps="*")
def response_comes_on_the_same_context(step: StepEvidence) -> Iterator[Judgement]:
    """A response comes on the presentation context of its request."""
    for exchange in requested(step):
        for response in exchange.responses:
            if response.context_id is None or exchange.context_id is None:
                continue
            yield judge(
                response.context_id == exchange.context_id,
                expected=f"context {exchange.context_id}",
                actual=f"context {response.context_id}",
                at=exchange,
            )


@check("dimse.data-set-type", judges=SCP, level=MUST, cites="PS3.7 9.3", steps="*")
def no_data_set_where_none_belongs(step: StepEvidence) -> Iterator[Judgement]:
    """The responses of C-ECHO and C-STORE carry no data set."""
    for exchange in requested(step):
        if exchange.service not in ("C-ECHO", "C-STORE"):
            continue
        for response in exchange.responses:
            yield judge(
                response.data is None, expected="no data set", actual="a data set", at=exchange
            )


@check("dimse.error-comment", judges=SCP, level=MUST, cites=("PS3.7 C", "PS3.5 6.2"), steps="*")
def error_comment_fits(step: StepEvidence) -> Iterator[Judgement]:
    """Error Comment, where it is there, has at most 64 characters (VR LO)."""
    for exchange in requested(step):
        for response in exchange.responses:
            comment = response.command.get("ErrorComment")
            if isinstance(comment, str) and comment:
                yield judge(
                    len(comment) <= 64,
                    expected="at most 64 characters",
                    actual=comment,
                    at=exchange,
                )
