"""What the worklist checks share: the queries of a step, their answers, judged once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dicomtest.checks.memo import once_per_step
from dicomtest.evidence import Exchange, StepEvidence
from dicomtest.findings import Judgement, judge

if TYPE_CHECKING:
    from dicomtest.dicom.answers import Answer
    from dicomtest.dicom.attribute_values import Attributes
    from dicomtest.dicom.worklist_answers import Identity, Known

Query = dict[str, Any]
Found = dict[str, list[tuple[Query, Judgement]]]

UNREADABLE = "readable"
"""Stands among the rules for answers that are no data sets."""


def asked(step: StepEvidence) -> Iterator[tuple[Query, Exchange]]:
    """Each query of the step with its exchange, those that were answered to the end."""
    exchanges = {each.label: each for each in step.exchanges("C-FIND")}
    for query in step.facts.get("queries", ()):
        exchange = exchanges.get(query["id"])
        if exchange is not None and exchange.final is not None:
            yield query, exchange


def of(step: StepEvidence, expect: str) -> Iterator[tuple[Query, Exchange]]:
    """The queries with that expectation."""
    return ((query, exchange) for query, exchange in asked(step) if query["expect"] == expect)


def looks(step: StepEvidence) -> list[Exchange]:
    """The queries by which the step waited for the orders."""
    return list(step.exchanges("C-FIND", label="look"))


def known_steps(step: StepEvidence) -> list[Known]:
    """The scheduled steps that the provider was told of and not told to cancel."""
    from dicomtest.dicom.attribute_values import from_json
    from dicomtest.dicom.worklist_answers import Known

    missing = {tuple(each) for each in step.facts.get("missing", ())}
    return [
        Known(
            from_json(each["item"]),
            f"order {each['order']}, scheduled step",
            each["exact"],
            each["may_be_gone"] or (each["order"], each["number"]) in missing,
        )
        for each in step.facts.get("items", ())
        if not each["cancelled"]
    ]


@once_per_step
def verdicts(step: StepEvidence) -> Found:
    """What each rule found in this step, by its id, in order of the queries."""
    from dicomtest.dicom.worklist_rules import WorklistCase, judge_worklist

    found: Found = {}
    known = known_steps(step)
    for query, exchange in of(step, "judge"):
        keys = request_keys(exchange)
        try:
            answers = answers_of(exchange)
        except Exception as error:  # whatever a sick answer makes pydicom raise
            wrong = judge(False, expected="data sets", actual=f"{type(error).__name__}: {error}")
            found.setdefault(UNREADABLE, []).append((query, wrong))
            continue
        found.setdefault(UNREADABLE, []).append((query, judge(True)))
        case = WorklistCase(known, keys, answers, complete=exchange.status == 0)
        for rule, judgement in judge_worklist(case):
            found.setdefault(rule.id, []).append((query, judgement))
    return found


@once_per_step
def answered(step: StepEvidence) -> list[tuple[str, Identity, Attributes]]:
    """Every answer of the step that can be read: its query, its step, its attributes."""
    from dicomtest.dicom.worklist_answers import identity_of

    found = []
    for exchange in step.exchanges("C-FIND"):
        try:
            answers = answers_of(exchange)
        except Exception:  # whatever a sick answer makes pydicom raise is found by a check
            continue
        for each in answers:
            found.append((exchange.label, identity_of(each.attributes), each.attributes))
    return found


def answers_of(exchange: Exchange) -> list[Answer]:
    """The Pending responses that carry an identifier; raises what pydicom raises."""
    from dicomtest.dicom.answers import Answer
    from dicomtest.dicom.contents import content_of

    found = []
    for number, each in enumerate(exchange.pending, 1):
        if each.data is not None:
            content = content_of(each.data)
            found.append(Answer(content.identifier, each.status or 0, f"answer {number}", content))
    return found


def request_keys(exchange: Exchange) -> Attributes:
    """The keys as they were sent."""
    from dicomtest.dicom.attribute_values import attributes_of

    assert exchange.data is not None, "a worklist query has an identifier"
    return attributes_of(exchange.data.dataset())


def where(query: Query, at: str = "") -> str:
    """A query in words, and the place in its answers."""
    text = f"query {query['id']} by {_matched(query['keys']) or 'nothing'}"
    return f"{text}; {at}" if at else text


def placed(query: Query, found: Judgement) -> Judgement:
    """A judgement with the query it is about; of one that holds nobody asks."""
    if found.holds:
        return found
    return Judgement(found.holds, found.expected, found.actual, where(query, found.where))


def _matched(keys: Any) -> str:
    """The keys with a value, those of the scheduled step included."""
    parts = []
    for name, value in keys.items():
        if isinstance(value, (list, tuple)):
            parts += [_matched(each) for each in value if isinstance(each, dict)]
        elif value:
            parts.append(f"{name}={value}")
    return ", ".join(each for each in parts if each)
