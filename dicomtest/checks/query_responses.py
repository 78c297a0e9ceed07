"""C-FIND as a run of responses: statuses, identifiers, refusals, C-CANCEL (PS3.4 C.4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.query import STEP, asked, of, sick, where
from dicomtest.checks.statuses import is_failure, is_find_status, said
from dicomtest.evidence import IMPLICIT_LITTLE, Exchange, StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

AFTER_CANCEL = 1.0  # seconds in which a provider has seen a C-CANCEL
STILL_ANSWERING = 3  # Pending responses that came later than that


def finals(step: StepEvidence) -> Iterator[Exchange]:
    """C-FIND requests that were answered to the end."""
    return (each for each in step.exchanges("C-FIND") if each.final is not None)


@check(
    "query.success",
    judges=SCP,
    level=MUST,
    cites="PS3.4 C.4.1.3.1",
    steps=STEP,
    consequence="The client shows an error instead of a list.",
)
def a_legal_query_ends_with_success(step: StepEvidence) -> Iterator[Judgement]:
    """A query that keeps the rules of its information model ends with Success, whether or not
    something matches."""
    for query, exchange in asked(step):
        if query["expect"] in ("judge", "empty", "absent"):
            comment = exchange.final.command.get("ErrorComment", "") if exchange.final else ""
            yield judge(
                exchange.status == 0,
                expected="0000",
                actual=f"{said(exchange.status)} {comment}".strip(),
                at=where(query),
            )


@check("query.status-of-service", judges=SCP, level=SHOULD, cites="PS3.4 C.4.1.1.4", steps=STEP)
def status_belongs_to_find(step: StepEvidence) -> Iterator[Judgement]:
    """Every status is one that the Query/Retrieve Service Class defines for C-FIND."""
    for exchange in step.exchanges("C-FIND"):
        for status in {each.status for each in exchange.responses if each.status is not None}:
            yield judge(
                is_find_status(status),
                expected="0000, FF00, FF01, FE00, A700, A900, 0122 or Cxxx",
                actual=said(status),
                at=exchange,
            )


@check(
    "query.cancel-status",
    judges=SCP,
    level=MUST,
    cites="PS3.4 C.4.1.1.4",
    steps=STEP,
    consequence="The client takes a whole list for a part of one.",
)
def canceled_only_when_cancelled(step: StepEvidence) -> Iterator[Judgement]:
    """Status FE00 answers only a request that was cancelled."""
    for exchange in finals(step):
        if exchange.cancelled_at is None:
            yield judge(exchange.status != 0xFE00, expected="0000", actual="FE00", at=exchange)


@check("query.pending-has-identifier", judges=SCP, level=MUST, cites="PS3.4 C.4.1.3.1", steps=STEP)
def pending_responses_carry_identifiers(step: StepEvidence) -> Iterator[Judgement]:
    """Every Pending response carries an identifier."""
    for exchange in step.exchanges("C-FIND"):
        for number, response in enumerate(exchange.pending, 1):
            yield judge(
                response.data is not None,
                expected="an identifier",
                actual="no data set",
                at=f"{exchange.service} {exchange.label}, answer {number}",
            )


@check(
    "query.answers-decode",
    judges=SCP,
    level=MUST,
    cites="PS3.5 7.1",
    steps=STEP,
    consequence="The client breaks off, or shows what is not there.",
)
def identifiers_decode(step: StepEvidence) -> Iterator[Judgement]:
    """Every identifier is a data set in the transfer syntax of its presentation context."""
    for exchange in step.exchanges("C-FIND"):
        problems = sick(step, exchange)
        for number, response in enumerate(exchange.pending, 1):
            if response.data is not None:
                yield judge(
                    number not in problems,
                    expected="a data set",
                    actual=problems.get(number, ""),
                    at=f"{exchange.service} {exchange.label}, answer {number}",
                )


@check(
    "query.value-representations",
    judges=SCP,
    level=MUST,
    cites=("PS3.5 6.2", "PS3.5 7.1.2"),
    steps=STEP,
    consequence="The client does not understand dates or names.",
)
def identifiers_have_the_vrs_of_the_dictionary(step: StepEvidence) -> Iterator[Judgement]:
    """An attribute of the standard has, in an explicit VR transfer syntax, its own VR (or UN)."""
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    for exchange in step.exchanges("C-FIND"):
        problems = sick(step, exchange)
        for number, response in enumerate(exchange.pending, 1):
            if response.data is None or number in problems:
                continue
            if response.data.transfer_syntax == IMPLICIT_LITTLE:
                continue
            ds = response.data.dataset()
            wrong = []
            for tag in ds.keys():  # noqa: SIM118 - a Dataset yields elements, decoded
                vr = ds.get_item(tag).VR
                if dictionary_has_tag(tag) and vr != "UN" and vr not in dictionary_VR(tag):
                    wrong.append(f"{tag} {vr} for {dictionary_VR(tag)}")
            yield judge(
                not wrong,
                expected="the VRs of PS3.6",
                actual=wrong,
                at=f"{exchange.service} {exchange.label}, answer {number}",
            )


CANCELLED = 0xFE00


@check(
    "query.final-without-identifier",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 C.4.1.1.4", "PS3.4 C.4.1.3.1"),
    steps=STEP,
)
def the_final_response_carries_no_identifier(step: StepEvidence) -> Iterator[Judgement]:
    """The final response carries no identifier."""
    for exchange in finals(step):
        assert exchange.final is not None
        if exchange.status == CANCELLED:
            continue  # what DCMTK adds to it is in many products, and is read by nobody
        yield judge(
            exchange.final.data is None, expected="no data set", actual="a data set", at=exchange
        )


@check(
    "query.rule-broken-is-refused",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 C.4.1.1.3.1", "PS3.4 C.4.1.3.1"),
    steps=STEP,
    when="probes",
    consequence="A wrong query looks as if there were no images.",
)
def what_cannot_be_processed_is_no_empty_list(step: StepEvidence) -> Iterator[Judgement]:
    """A query that names a stored study, but no Query/Retrieve Level or one that does not exist,
    is not answered with "no match": a provider that cannot process it says so."""
    for query, exchange in of(step, "error"):
        if query["category"] in ("missing-level", "wrong-level"):
            hidden = not is_failure(exchange.status) and not exchange.pending
            yield judge(
                not hidden,
                expected="A900 or Cxxx",
                actual=f"{said(exchange.status)} without an answer",
                at=f"query with {query['purpose']}",
            )


@check(
    "query.level-is-demanded",
    judges=SCP,
    level=SHOULD,
    cites="PS3.4 C.4.1.1.3.1",
    steps=STEP,
    when="probes",
    consequence="Errors of a client stay unnoticed.",
)
def a_request_without_a_level_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A query without Query/Retrieve Level, or with one that does not exist, is refused with a
    failure status."""
    for query, exchange in of(step, "error"):
        if query["category"] in ("missing-level", "wrong-level"):
            yield judge(
                is_failure(exchange.status),
                expected="A900 or Cxxx",
                actual=f"{said(exchange.status)} after {len(exchange.pending)} answers",
                at=f"query with {query['purpose']}",
            )


@check(
    "query.hierarchy-is-kept",
    judges=SCP,
    level=SHOULD,
    cites="PS3.4 C.4.1.2.1",
    steps=STEP,
    when="probes",
)
def a_request_outside_the_hierarchy_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A hierarchical query that lacks the single value of a Unique Key above its level is
    refused with a failure status."""
    for query, exchange in of(step, "error"):
        if query["category"] in ("missing-upper-key", "upper-key-list"):
            yield judge(
                is_failure(exchange.status),
                expected="A900 or Cxxx",
                actual=f"{said(exchange.status)} after {len(exchange.pending)} answers",
                at=f"query in which {query['purpose']}",
            )


@check(
    "query.no-match-is-success",
    judges=SCP,
    level=MUST,
    cites="PS3.4 C.4.1.3.1",
    steps=STEP,
    when="probes",
    consequence="An empty list looks like an error, or the other way.",
)
def no_match_is_one_success(step: StepEvidence) -> Iterator[Judgement]:
    """A query that nothing matches gets one response: Success without an identifier."""
    for query, exchange in of(step, "empty"):
        yield judge(
            exchange.status == 0 and not exchange.pending,
            expected="0000 and no answers",
            actual=f"{said(exchange.status)} after {len(exchange.pending)} answers",
            at=where(query),
        )


@check(
    "query.cancel",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 C.4.1.3.1", "PS3.7 9.3.2.3"),
    steps=STEP,
    when="probes",
    consequence="A query that matches too much cannot be stopped.",
)
def cancel_is_heeded(step: StepEvidence) -> Iterator[Judgement]:
    """After C-CANCEL the matching is interrupted and the status is FE00; or it is Success, when
    every match had been sent before the cancel could arrive."""
    for query, exchange in of(step, "cancel"):
        if exchange.cancelled_at is None:
            raise NotApplicable("every answer had come before there was something to cancel")
        matches = sum(each.series == query["keys"]["SeriesInstanceUID"] for each in step.instances)
        pending = exchange.pending
        late = sum(each.at > exchange.cancelled_at + AFTER_CANCEL for each in pending)
        over = exchange.status == 0 and len(pending) >= matches and late < STILL_ANSWERING
        yield judge(
            exchange.status == 0xFE00 or over,
            expected="FE00, or 0000 after every match",
            actual=f"{said(exchange.status)} after {len(pending)} of {matches}, {late} of them "
            f"more than {AFTER_CANCEL:g} s after the C-CANCEL",
            at=exchange,
        )


@check(
    "query.serves-after-cancel",
    judges=SCP,
    level=MUST,
    cites="PS3.7 9.3.2.3",
    steps=STEP,
    when="probes",
)
def the_association_lives_after_a_cancel(step: StepEvidence) -> Iterator[Judgement]:
    """After a cancelled query the association serves the next request."""
    for association in step.associations:
        for before, after in pairwise(association.of("C-FIND")):
            if before.cancelled_at is not None:
                yield judge(
                    after.final is not None, expected="a response", actual=after.ending, at=after
                )
