"""C-FIND of the Modality Worklist: statuses, final responses, cancel (PS3.4 K.4.1.1.4, K.4.1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.statuses import is_failure, said
from dicomtest.checks.worklist import STEP
from dicomtest.checks.worklist_judging import answers_of, asked, of, where
from dicomtest.evidence import Exchange, StepEvidence
from dicomtest.findings import Judgement, judge

STATUSES = (0x0000, 0xA700, 0xA900, 0xFE00, 0xFF00, 0xFF01, 0x0122, 0x0124)


@check("worklist.success", judges=SCP, level=MUST, cites="PS3.4 K.4.1.1.4", steps=STEP,
       consequence="The modality shows an error instead of its list.")  # fmt: skip
def a_legal_query_ends_with_success(step: StepEvidence) -> Iterator[Judgement]:
    """A query that keeps the rules of the worklist model ends with Success, whether or not
    something matches."""
    for query, exchange in asked(step):
        if query["expect"] in ("judge", "empty", "again") and not query.get("character_set"):
            yield judge(
                exchange.status == 0, expected="0000", actual=_ended(exchange), at=where(query)
            )


@check("worklist.character-set-of-request", judges=SCP, level=SHOULD,
       cites=("PS3.4 C.2.2.2", "PS3.4 K.4.1.1.3.1"), steps=STEP, when="matching",
       consequence="A patient cannot be looked up by the name he writes.")  # fmt: skip
def a_character_set_is_not_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A query with names outside the basic character repertoire ends with Success; how a
    provider matches in a character set that it does not support is its own matter."""
    for query, exchange in of(step, "judge"):
        if query.get("character_set"):
            yield judge(
                exchange.status == 0, expected="0000", actual=_ended(exchange), at=where(query)
            )


@check("worklist.status-of-service", judges=SCP, level=SHOULD, cites="PS3.4 K.4.1.1.4", steps=STEP)
def status_belongs_to_worklist(step: StepEvidence) -> Iterator[Judgement]:
    """Every status is one that the Worklist Management Service Class defines for C-FIND."""
    for exchange in step.exchanges("C-FIND"):
        for status in {each.status for each in exchange.responses if each.status is not None}:
            yield judge(
                status in STATUSES or status >> 12 == 0xC or status >> 8 == 0x02,
                expected="0000, FF00, FF01, FE00, A700, A900, 0122, 0124 or Cxxx",
                actual=said(status),
                at=exchange,
            )


@check("worklist.pending-has-identifier", judges=SCP, level=MUST, cites="PS3.4 K.4.1.3",
       steps=STEP)  # fmt: skip
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


@check("worklist.final-without-identifier", judges=SCP, level=MUST, cites="PS3.4 K.4.1.3",
       steps=STEP)  # fmt: skip
def the_final_response_carries_no_identifier(step: StepEvidence) -> Iterator[Judgement]:
    """The final response carries no identifier."""
    for exchange in step.exchanges("C-FIND"):
        # What DCMTK adds to the response to a cancellation is in many products.
        if exchange.final is not None and exchange.status != 0xFE00:
            yield judge(exchange.final.data is None, expected="no data set",
                        actual="a data set", at=exchange)  # fmt: skip


@check("worklist.nothing-after-the-final-response", judges=SCP, level=MUST,
       cites="PS3.4 K.4.1.3", steps=STEP)  # fmt: skip
def nothing_follows_the_final_response(step: StepEvidence) -> Iterator[Judgement]:
    """A request has one final response, and nothing follows it."""
    for exchange in step.exchanges("C-FIND"):
        surplus = exchange.notes.get("surplus_responses", ())
        yield judge(
            not surplus,
            expected="one final response",
            actual=f"{len(surplus)} responses after the final one",
            at=exchange,
        )


@check("worklist.no-match-is-success", judges=SCP, level=MUST, cites="PS3.4 K.4.1.3",
       steps=STEP, when="probes",
       consequence="An empty list looks like an error, or the other way.")  # fmt: skip
def no_match_is_one_success(step: StepEvidence) -> Iterator[Judgement]:
    """A query that nothing matches gets one response: Success without an identifier."""
    for query, exchange in of(step, "empty"):
        yield judge(
            exchange.status == 0 and not exchange.pending,
            expected="0000 and no answers",
            actual=f"{said(exchange.status)} after {len(exchange.pending)} answers",
            at=where(query),
        )


@check("worklist.cancel", judges=SCP, level=MUST, cites=("PS3.4 K.4.1.3", "PS3.7 9.3.2.3"),
       steps=STEP, when="probes",
       consequence="A query that matches too much cannot be stopped.")  # fmt: skip
def cancel_is_heeded(step: StepEvidence) -> Iterator[Judgement]:
    """After C-CANCEL the query ends: with status FE00, or with Success when every match had been
    sent before the cancel arrived."""
    for query, exchange in of(step, "cancel"):
        if exchange.cancelled_at is None:
            continue
        complete = len(exchange.pending) >= query["matches"]
        yield judge(
            exchange.status == 0xFE00 or (exchange.status == 0 and complete),
            expected="FE00, or 0000 after every match",
            actual=f"{said(exchange.status)} after {len(exchange.pending)} of {query['matches']}",
            at=exchange,
        )


@check("worklist.serves-after-cancel", judges=SCP, level=MUST, cites="PS3.7 9.3.2.3", steps=STEP,
       when="probes")  # fmt: skip
def the_association_lives_after_a_cancel(step: StepEvidence) -> Iterator[Judgement]:
    """After a cancelled query the association serves the next request."""
    for association in step.associations:
        finds = association.of("C-FIND")
        for before, after in pairwise(finds):
            if before.cancelled_at is not None:
                yield judge(
                    after.final is not None, expected="a response", actual=after.ending, at=after
                )


@check("worklist.optional-key-hides-nothing", judges=SCP, level=MUST,
       cites=("PS3.4 K.2.2.1.1.2", "PS3.4 K.2.2.1.2"), steps=STEP, when="probes",
       consequence="A modality that asks for more than the RIS knows gets no list.")  # fmt: skip
def an_optional_key_hides_nothing(step: StepEvidence) -> Iterator[Judgement]:
    """An Optional Key of zero length, supported or not, does not change which steps are answered,
    and the operation ends with Success."""
    yield from _answered_all_the_same(step, "unknown-key")


@check("worklist.foreign-key-is-ignored", judges=SCP, level=SHOULD, cites="PS3.4 K.2.2.1.1.2",
       steps=STEP, when="probes",
       consequence="A modality that sends a key too many gets no list.")  # fmt: skip
def a_foreign_key_is_ignored(step: StepEvidence) -> Iterator[Judgement]:
    """A key that has no place in a worklist query, such as Query/Retrieve Level, is ignored for
    matching."""
    yield from _answered_all_the_same(step, "foreign-key")


def _answered_all_the_same(step: StepEvidence, expect: str) -> Iterator[Judgement]:
    for query, exchange in of(step, expect):
        yield judge(
            exchange.status == 0 and len(exchange.pending) >= query["matches"],
            expected=f"0000 after {query['matches']} answers",
            actual=f"{_ended(exchange)} after {len(exchange.pending)}",
            at=where(query),
        )


@check("worklist.unsupported-key-is-announced", judges=SCP, level=SHOULD, cites="PS3.4 K.4.1.1.4",
       steps=STEP, when="probes")  # fmt: skip
def a_key_that_is_not_supported_is_announced(step: StepEvidence) -> Iterator[Judgement]:
    """A provider that leaves a key out of its answers says so with status FF01."""
    for query, exchange in of(step, "unknown-key"):
        for names, response in zip(_names(exchange), exchange.pending, strict=False):
            if query["unknown"] not in names:
                yield judge(
                    response.status == 0xFF01,
                    expected="FF01",
                    actual=said(response.status),
                    at=where(query),
                )


@check("worklist.two-items-are-refused", judges=SCP, level=SHOULD,
       cites=("PS3.4 C.2.2.2.6", "PS3.4 K.4.1.1.4"), steps=STEP, when="probes")  # fmt: skip
def a_sequence_of_two_items_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A request whose Scheduled Procedure Step Sequence has two items, which no request may
    have, is refused with a failure status."""
    for query, exchange in of(step, "refusal"):
        yield judge(
            is_failure(exchange.status),
            expected="A900 or Cxxx",
            actual=f"{said(exchange.status)} after {len(exchange.pending)} answers",
            at=where(query),
        )


@check("worklist.same-answers-again", judges=SCP, level=SHOULD, cites="PS3.4 K.4.1.3", steps=STEP,
       when="probes", consequence="The list changes each time somebody looks.")  # fmt: skip
def the_same_query_has_the_same_answers(step: StepEvidence) -> Iterator[Judgement]:
    """The same query, sent twice at once, has the same answers about the steps of this test."""
    seen: dict[str, list[set[tuple[str, str]]]] = {}
    from dicomtest.checks.worklist_judging import answered, known_steps

    ours = {each.identity for each in known_steps(step)}
    for query, _ in of(step, "again"):
        found = {identity for label, identity, _ in answered(step) if label == query["id"]}
        seen.setdefault(query["purpose"], []).append(found & ours)
    for purpose, several in seen.items():
        yield judge(
            all(each == several[0] for each in several),
            expected=sorted(each[1] for each in several[0]),
            actual=[sorted(each[1] for each in found) for found in several[1:]],
            at=purpose,
        )


def _names(exchange: Exchange) -> list[frozenset[str]]:
    """The attributes of each answer; none when one cannot be read."""
    try:
        return [each.names for each in answers_of(exchange)]
    except Exception:  # whatever a sick answer makes pydicom raise is found by another check
        return []


def _ended(exchange: Exchange) -> str:
    comment = exchange.final.command.get("ErrorComment", "") if exchange.final else ""
    return f"{said(exchange.status)} {comment}".strip()
