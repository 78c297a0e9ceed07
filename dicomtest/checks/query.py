"""C-FIND of the Query/Retrieve service (PS3.4 C.4.1), judged over what this run has stored.

The rules on answers live with the reference matcher (`dicomtest.dicom.answer_rules`); here each
becomes a check, once for the form of the answers and once for each kind of matching.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dicomtest.checks import MUST, SCP, SHOULD, CheckFunction, check
from dicomtest.checks.statuses import is_failure, said
from dicomtest.evidence import Exchange, StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

STEP = "query"
FIND_STATUSES = (0x0000, 0xA700, 0xA900, 0xFE00, 0xFF00, 0xFF01, 0x0122)
MATCHING = ("universal", "single-value", "list-of-uid", "wild-card", "range", "several-keys")
ENTITIES = ("only-matches", "all-matches")  # rules on which entities are returned

CONSEQUENCES = {
    "only-matches": "The user gets patients or studies that were not asked for.",
    "all-matches": "Images that exist are not found.",
    "stored-values": "Lists show wrong names, dates or numbers.",
    "counts": "A workstation that waits for that many images waits for ever, or stops too early.",
    "character-set": "Names become unreadable.",
    "no-duplicates": "Studies appear twice in the list.",
    "required-keys": "Columns of the worklist stay empty.",
    "higher-unique-keys": "What was found cannot be retrieved.",
    "level": "Clients that check the level discard the answer.",
}


def asked(step: StepEvidence) -> Iterator[tuple[dict[str, Any], Exchange]]:
    """Each query of the plan with its exchange, those that were answered to the end."""
    exchanges = {each.label: each for each in step.exchanges("C-FIND")}
    for query in step.facts.get("queries", ()):
        exchange = exchanges.get(query["id"])
        if exchange is not None and exchange.final is not None:
            yield query, exchange


def of(step: StepEvidence, expect: str) -> Iterator[tuple[dict[str, Any], Exchange]]:
    """The queries with that expectation."""
    return ((query, exchange) for query, exchange in asked(step) if query["expect"] == expect)


def where(query: dict[str, Any], at: str = "") -> str:
    """A query in words, and the place in its answers."""
    keys = ", ".join(f"{name}={_value(value)}" for name, value in query["keys"].items() if value)
    text = f"{query['level'] or 'no level'} query ({query['model']} root) by {keys or 'nothing'}"
    return f"{text}; {at}" if at else text


def _value(value: Any) -> str:
    return "\\".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


Verdicts = dict[str, list[tuple[dict[str, Any], Judgement]]]


def _verdicts_of(step: StepEvidence) -> Verdicts:
    """Judge every query of a step; the checks pick what is theirs."""
    from dicomtest.dicom.answer_rules import answers_of, judge_answers
    from dicomtest.dicom.information_model import model_of
    from dicomtest.dicom.population import Population

    population = Population(step.instances)
    found: Verdicts = {}
    for query, exchange in of(step, "judge"):
        assert exchange.data is not None
        model, _operation = model_of(exchange.sop_class)
        try:
            answers = answers_of(exchange)
        except Exception as error:  # whatever a sick answer makes pydicom raise
            wrong = judge(False, expected="data sets", actual=f"{type(error).__name__}: {error}")
            found.setdefault("legal-values", []).append((query, wrong))
            continue
        for verdict in judge_answers(
            population,
            model,
            exchange.data.dataset(),
            answers,
            complete=exchange.status == 0,
        ):
            found.setdefault(verdict.rule.id, []).append((query, verdict.judgement))
    return found


_latest: list[tuple[StepEvidence, Verdicts]] = []
"""The step judged last, itself and not its id(): that may become another step's."""


def verdicts(step: StepEvidence, rule: str) -> Iterator[tuple[dict[str, Any], Judgement]]:
    """What a rule found in this step; every query of a step is judged once for all rules."""
    if not _latest or _latest[0][0] is not step:
        _latest[:] = [(step, _verdicts_of(step))]
    yield from _latest[0][1].get(rule, ())


def placed(query: dict[str, Any], found: Judgement) -> Judgement:
    """A judgement with the query it is about."""
    return Judgement(found.holds, found.expected, found.actual, where(query, found.where))


def _of_rule(rule: str) -> CheckFunction:
    def function(step: StepEvidence) -> Iterator[Judgement]:
        for query, found in verdicts(step, rule):
            if rule in ENTITIES and query["category"] in MATCHING:
                continue
            yield placed(query, found)

    return function


def _register_rules() -> None:
    from dicomtest.dicom.answer_rules import RULES

    for rule in RULES.values():
        function = _of_rule(rule.id)
        function.__doc__ = rule.requirement
        check(
            f"query.{rule.id}",
            judges=SCP,
            level=rule.level,
            cites=clauses(rule.cites),
            steps=STEP,
            consequence=CONSEQUENCES.get(rule.id, ""),
        )(function)


def clauses(cites: str) -> tuple[str, ...]:
    """"PS3.4 C.1, C.2, PS3.5 6" as clauses of their own, each with its part."""
    part, found = "", []
    for each in cites.split(", "):
        if each.startswith("PS3"):
            part = each.split(" ")[0]
            found.append(each)
        else:
            found.append(f"{part} {each}")
    return tuple(found)


def _is_name(query: dict[str, Any]) -> bool:
    return "-name." in query["id"]


def _is_extended(query: dict[str, Any]) -> bool:
    return any(not _value(value).isascii() for value in query["keys"].values())


def _is_time(query: dict[str, Any]) -> bool:
    return "-time" in query["id"]


def _kind(category: str) -> Callable[[dict[str, Any]], bool]:
    return lambda query: (
        query["category"] == category and not _is_name(query) and not _is_time(query)
    )


KINDS: tuple[tuple[str, str, Callable[[dict[str, Any]], bool], str], ...] = (
    ("single-value", "PS3.4 C.2.2.2.1", _kind("single-value"),
     "Single value matching finds exactly the entities with that value."),
    ("list-of-uid", "PS3.4 C.2.2.2.2", _kind("list-of-uid"),
     "List of UID matching finds every entity whose UID is in the list, and no other."),
    ("universal", "PS3.4 C.2.2.2.3", _kind("universal"),
     "A key of zero length matches every entity."),
    ("wild-card", "PS3.4 C.2.2.2.4", _kind("wild-card"),
     "Wild card matching: `*` stands for any characters and none, `?` for exactly one."),
    ("date-range", "PS3.4 C.2.2.2.5", _kind("range"),
     "Range matching of dates includes both ends, and an open range has one end."),
    ("time", "PS3.4 C.2.2.2.5", lambda q: _is_time(q) and q["category"] != "several-keys",
     "Times match by value and by range, whatever precision they are given in."),
    ("person-name", "PS3.4 C.2.2.2.1", lambda q: _is_name(q) and not _is_extended(q),
     "Names match by single value and wild card."),
    ("character-set", "PS3.4 C.2.2.2", lambda q: _is_extended(q) and q["category"] in MATCHING,
     "Keys outside the basic character repertoire match in the declared character set."),
    ("several-keys", "PS3.4 C.2.2.2", _kind("several-keys"),
     "An entity is found only when it matches all keys at once."),
)  # fmt: skip


def _of_kind(wanted: Callable[[dict[str, Any]], bool]) -> CheckFunction:
    def function(step: StepEvidence) -> Iterator[Judgement]:
        for rule in ENTITIES:
            for query, found in verdicts(step, rule):
                if query["category"] in MATCHING and wanted(query):
                    yield placed(query, found)

    return function


def _register_kinds() -> None:
    for name, clause, wanted, requirement in KINDS:
        function = _of_kind(wanted)
        function.__doc__ = requirement
        check(
            f"query.match-{name}",
            judges=SCP,
            # a provider that does not support a character set may match as it likes (C.2.2.2)
            level=SHOULD if name == "character-set" else MUST,
            cites=clause,
            steps=STEP,
            when="matching",
            consequence="A search finds too much or too little.",
        )(function)


_register_rules()
_register_kinds()


@check("query.stored-is-found", judges=SCP, level=MUST, cites="PS3.4 C.4.1.3.1", steps=STEP,
       consequence="Images that the archive said it has stored cannot be found.",
       fix="If the archive indexes slowly, give the step a longer `within`.")  # fmt: skip
def what_was_stored_is_found(step: StepEvidence) -> Iterator[Judgement]:
    """Every instance that was answered with Success or a Warning is found by a query at IMAGE
    level within the time limit."""
    looks = list(step.exchanges("C-FIND", label="look"))
    if not looks:
        raise NotApplicable("nothing had been stored")
    missing = step.facts.get("missing", [])
    total = len(step.instances)
    yield judge(
        not missing,
        expected=f"{total} instances",
        actual=f"{len(missing)} not found: {', '.join(missing[:3])}",
        at=looks[-1],
    )


@check("query.success", judges=SCP, level=MUST, cites="PS3.4 C.4.1.1.4", steps=STEP,
       consequence="The client shows an error instead of a list.")  # fmt: skip
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
                status in FIND_STATUSES or status >> 12 == 0xC or status >> 8 == 0x02,
                expected="0000, FF00, FF01, FE00, A700, A900, 0122 or Cxxx",
                actual=said(status),
                at=exchange,
            )


@check("query.pending-has-identifier", judges=SCP, level=MUST, cites="PS3.4 C.4.1.1.3.2",
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


@check("query.final-without-identifier", judges=SCP, level=MUST, cites="PS3.4 C.4.1.1.3.2",
       steps=STEP)  # fmt: skip
def the_final_response_carries_no_identifier(step: StepEvidence) -> Iterator[Judgement]:
    """The final response carries no identifier."""
    for exchange in step.exchanges("C-FIND"):
        if exchange.final is not None:
            yield judge(
                exchange.final.data is None,
                expected="no data set",
                actual="a data set",
                at=exchange,
            )


@check("query.nothing-after-the-final-response", judges=SCP, level=MUST, cites="PS3.4 C.4.1.3.1",
       steps=STEP)  # fmt: skip
def nothing_follows_the_final_response(step: StepEvidence) -> Iterator[Judgement]:
    """A request has one final response, and nothing follows it."""
    for exchange in step.exchanges("C-FIND"):
        finals = [each for each in exchange.responses if each.status not in (0xFF00, 0xFF01)]
        after = sum(
            association.notes.get("unasked_responses", 0) for association in step.associations
        )
        yield judge(
            len(finals) <= 1 and not after,
            expected="one final response",
            actual=f"{len(finals)} final responses, {after} after the end",
            at=exchange,
        )


@check("query.rule-broken-is-refused", judges=SCP, level=MUST,
       cites=("PS3.4 C.4.1.1.3.1", "PS3.4 C.4.1.1.4"), steps=STEP, when="probes",
       consequence="A wrong query looks as if there were no images.")  # fmt: skip
def a_request_without_a_level_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A query without Query/Retrieve Level, or with one that does not exist, is refused with a
    failure status; "no match" would hide the error."""
    for query, exchange in of(step, "error"):
        if query["category"] in ("missing-level", "wrong-level"):
            yield judge(
                is_failure(exchange.status),
                expected="A900 or Cxxx",
                actual=f"{said(exchange.status)} after {len(exchange.pending)} answers",
                at=f"query with {query['purpose']}",
            )


@check("query.hierarchy-is-kept", judges=SCP, level=SHOULD, cites="PS3.4 C.4.1.2.1", steps=STEP,
       when="probes")  # fmt: skip
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


@check("query.no-match-is-success", judges=SCP, level=MUST, cites="PS3.4 C.4.1.3.1", steps=STEP,
       when="probes", consequence="An empty list looks like an error, or the other way.")  # fmt: skip
def no_match_is_one_success(step: StepEvidence) -> Iterator[Judgement]:
    """A query that nothing matches gets one response: Success without an identifier."""
    for query, exchange in of(step, "empty"):
        yield judge(
            exchange.status == 0 and not exchange.pending,
            expected="0000 and no answers",
            actual=f"{said(exchange.status)} after {len(exchange.pending)} answers",
            at=where(query),
        )


@check("query.cancel", judges=SCP, level=MUST, cites=("PS3.4 C.4.1.3.1", "PS3.7 9.3.2.3"),
       steps=STEP, when="probes",
       consequence="A query that matches too much cannot be stopped.")  # fmt: skip
def cancel_is_heeded(step: StepEvidence) -> Iterator[Judgement]:
    """After C-CANCEL the query ends: with status FE00, or with Success when every match had been
    sent before the cancel arrived."""
    for query, exchange in of(step, "cancel"):
        if exchange.cancelled_at is None:
            continue
        expected = sum(each.series == query["keys"]["SeriesInstanceUID"] for each in step.instances)
        complete = len(exchange.pending) >= expected
        yield judge(
            exchange.status == 0xFE00 or (exchange.status == 0 and complete),
            expected="FE00, or 0000 after every match",
            actual=f"{said(exchange.status)} after {len(exchange.pending)} of {expected}",
            at=exchange,
        )


@check("query.serves-after-cancel", judges=SCP, level=MUST, cites="PS3.7 9.3.2.3", steps=STEP,
       when="probes")  # fmt: skip
def the_association_lives_after_a_cancel(step: StepEvidence) -> Iterator[Judgement]:
    """After a cancelled query the association serves the next request."""
    for association in step.associations:
        finds = association.of("C-FIND")
        for before, after in zip(finds, finds[1:], strict=False):
            if before.cancelled_at is not None:
                yield judge(
                    after.final is not None, expected="a response", actual=after.ending, at=after
                )


@check("query.expected-studies", judges=SCP, level=MUST, cites="PS3.4 C.4.1.3.1", steps=STEP,
       when="expect", consequence="A search finds too much or too little.")  # fmt: skip
def the_scenarios_studies_are_found(step: StepEvidence) -> Iterator[Judgement]:
    """The answers are about the entities that the scenario expects, and no other of this run."""
    from dicomtest.dicom.answer_rules import answers_of
    from dicomtest.dicom.information_model import UNIQUE_KEYS, QueryLevel
    from dicomtest.dicom.population import Population

    for query, exchange in of(step, "judge"):
        if "only" not in query:
            continue
        level = QueryLevel(query["level"])
        ours = set(Population(step.instances).of(level))
        found = {each.first(UNIQUE_KEYS[level]) for each in answers_of(exchange)} & ours
        yield judge(
            found == set(query["only"]),
            expected=sorted(query["only"]),
            actual=sorted(found),
            at=where(query),
        )


@check("query.broken-off-is-not-found", judges=SCP, level=MUST, cites="PS3.4 B.4.1", steps=STEP,
       when="absent", consequence="Half an image lies in the archive and looks whole.")  # fmt: skip
def broken_off_instances_are_not_found(step: StepEvidence) -> Iterator[Judgement]:
    """An instance whose transfer was broken off is not found."""
    for query, exchange in of(step, "absent"):
        found = set()
        for response in exchange.pending:
            if response.data is not None:
                found.add(str(response.data.dataset().get("SOPInstanceUID", "")))
        half = sorted(found & set(query["unwanted"]))
        yield judge(not half, expected="not found", actual=half, at=where(query))
