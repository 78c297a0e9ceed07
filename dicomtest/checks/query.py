"""C-FIND of the Query/Retrieve service (PS3.4 C.4.1), judged over what this run has stored.

The rules on answers live with the reference matcher (`dicomtest.dicom.answer_rules`); here each
becomes a check, once for the form of the answers and once for each kind of matching.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dicomtest.checks import MUST, SCP, SHOULD, CheckFunction, check
from dicomtest.checks.memo import once_per_step
from dicomtest.evidence import Exchange, StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

STEP = "query"
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


@once_per_step
def _sick(step: StepEvidence) -> dict[int, dict[int, str]]:
    return {id(each): _problems(each) for each in step.exchanges("C-FIND")}


def _problems(exchange: Exchange) -> dict[int, str]:
    from dicomtest.dicom.vr_encoding import mistaken_encoding

    found = {}
    for number, response in enumerate(exchange.pending, 1):
        if response.data is None:
            continue
        problem = mistaken_encoding(response.data)
        if problem:
            found[number] = problem
            continue
        try:
            for element in response.data.dataset().iterall():
                _ = element.value
        except Exception as error:  # whatever a sick data set makes pydicom raise
            found[number] = f"{type(error).__name__}: {error}"
    return found


def sick(step: StepEvidence, exchange: Exchange) -> dict[int, str]:
    """The Pending responses, numbered from 1, whose identifier does not decode, and why."""
    return _sick(step)[id(exchange)]


@once_per_step
def _verdicts_of(step: StepEvidence) -> Verdicts:
    """Judge every query of a step; the checks pick what is theirs."""
    from dicomtest.dicom.answer_rules import answers_of, judge_answers
    from dicomtest.dicom.information_model import model_of
    from dicomtest.dicom.population import Population

    population = Population(step.instances)
    found: Verdicts = {}
    for query, exchange in of(step, "judge"):
        if exchange.data is None or sick(step, exchange):
            continue
        model, _operation = model_of(exchange.sop_class)
        for verdict in judge_answers(
            population,
            model,
            exchange.data.dataset(),
            answers_of(exchange),
            complete=exchange.status == 0,
        ):
            found.setdefault(verdict.rule.id, []).append((query, verdict.judgement))
    return found


def verdicts(step: StepEvidence, rule: str) -> Iterator[tuple[dict[str, Any], Judgement]]:
    """What a rule found in this step; every query of a step is judged once for all rules."""
    yield from _verdicts_of(step).get(rule, ())


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
    """ "PS3.4 C.1, C.2, PS3.5 6" as clauses of their own, each with its part."""
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


@check(
    "query.stored-is-found",
    judges=SCP,
    level=MUST,
    cites="PS3.4 C.4.1.3.1",
    steps=STEP,
    consequence="Images that the archive said it has stored cannot be found.",
    fix="If the archive indexes slowly, give the step a longer `within`.",
)
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


@check(
    "query.expected-studies",
    judges=SCP,
    level=MUST,
    cites="PS3.4 C.4.1.3.1",
    steps=STEP,
    when="expect",
    consequence="A search finds too much or too little.",
)
def the_scenarios_studies_are_found(step: StepEvidence) -> Iterator[Judgement]:
    """The answers are about the entities that the scenario expects, and no other of this run."""
    from dicomtest.dicom.answer_rules import answers_of
    from dicomtest.dicom.information_model import UNIQUE_KEYS, QueryLevel
    from dicomtest.dicom.population import Population

    for query, exchange in of(step, "judge"):
        if "only" not in query or sick(step, exchange):
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


@check(
    "query.broken-off-is-not-found",
    judges=SCP,
    level=MUST,
    cites="PS3.4 B.4.1",
    steps=STEP,
    when="absent",
    consequence="Half an image lies in the archive and looks whole.",
)
def broken_off_instances_are_not_found(step: StepEvidence) -> Iterator[Judgement]:
    """An instance whose transfer was broken off is not found."""
    for query, exchange in of(step, "absent"):
        found = set()
        for number, response in enumerate(exchange.pending, 1):
            if response.data is not None and number not in sick(step, exchange):
                found.add(str(response.data.dataset().get("SOPInstanceUID", "")))
        half = sorted(found & set(query["unwanted"]))
        yield judge(not half, expected="not found", actual=half, at=where(query))
