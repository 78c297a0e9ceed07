"""C-FIND of the Modality Worklist (PS3.4 Annex K): what a RIS answers, over what was ordered.

The rules on answers live in `dicomtest.dicom.worklist_rules`; here each becomes a check, those
on which steps are answered once for each kind of matching.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dicomtest.checks import MUST, SCP, SHOULD, CheckFunction, check
from dicomtest.checks.worklist_judging import (
    UNREADABLE,
    Query,
    answered,
    known_steps,
    looks,
    placed,
    verdicts,
)
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

STEP = "worklist"
STILL_TO_COME = ("SCHEDULED", "ARRIVED", "READY")  # PS3.3 C.4.10
ENTITIES = ("only-matches", "all-matches")  # rules on which steps are answered


def _of_rule(rule: str) -> CheckFunction:
    def function(step: StepEvidence) -> Iterator[Judgement]:
        for query, found in verdicts(step).get(rule, ()):
            if rule not in ENTITIES or query["category"] not in MATCHING:
                yield placed(query, found)

    return function


def _register_rules() -> None:
    from dicomtest.dicom.worklist_rules import RULES

    for rule in RULES.values():
        function = _of_rule(rule.id)
        function.__doc__ = rule.requirement
        check(
            f"worklist.{rule.id}",
            judges=SCP,
            level=rule.level,
            cites=rule.cites,
            steps=STEP,
            consequence=rule.consequence,
        )(function)


TABLE = ("PS3.4 K.2.2.1.1.1", "PS3.4 K.6.1.2.2")
KINDS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], str], ...] = (
    ("station", ("station",), TABLE,
     "Scheduled Station AE Title is matched by single value: steps of other stations are not "
     "answered, those of several stations are."),
    ("start-date", ("start-date",), TABLE,
     "Scheduled Procedure Step Start Date is matched by a single day."),
    ("start-date-range", ("start-date-range",), (*TABLE, "PS3.4 C.2.2.2.5"),
     "Scheduled Procedure Step Start Date is matched by range: both ends belong to it, and an "
     "open range has one end."),
    ("start-time", ("start-time",), TABLE,
     "Scheduled Procedure Step Start Time is matched by single value."),
    ("start-time-range", ("start-time-range",), (*TABLE, "PS3.4 C.2.2.2.5"),
     "Scheduled Procedure Step Start Time is matched by range, whatever precision it is given "
     "in."),
    ("date-time", ("date-time",), (*TABLE, "PS3.4 C.2.2.2.5.4"),
     "A range of start dates and a range of start times are one range from a moment to a moment, "
     "also over midnight."),
    ("modality", ("modality",), TABLE, "Modality is matched by single value."),
    ("physician", ("physician",), TABLE,
     "Scheduled Performing Physician's Name is matched by single value."),
    ("physician-wild-card", ("physician-wild-card",), (*TABLE, "PS3.4 C.2.2.2.4"),
     "Scheduled Performing Physician's Name is matched by wild card."),
    ("patient-name", ("patient-name",), TABLE, "Patient's Name is matched by single value."),
    ("patient-name-wild-card", ("patient-name-wild-card",), (*TABLE, "PS3.4 C.2.2.2.4"),
     "Patient's Name is matched by wild card: `*` stands for any characters and none, `?` for "
     "exactly one."),
    ("patient-id", ("patient-id",), TABLE, "Patient ID is matched by single value."),
    ("several-keys", ("several-keys",), (*TABLE, "PS3.4 C.2.2.2.6"),
     "A step is answered only when it matches all keys at once, those of the scheduled step in "
     "the same item."),
    ("patient-based", ("patient-based",), ("PS3.4 K.4.1.3", "IHE RAD TF-2 4.5.4.1.2"),
     "The patient-based queries of IHE (name, Patient ID, accession number, requested procedure "
     "and all their combinations) find the step they are about."),
    ("broad", ("broad",), ("PS3.4 K.4.1.3", "IHE RAD TF-2 4.5.4.1.2"),
     "The broad queries of IHE (start date, Modality, station and all their combinations) find "
     "every step they are about, and no other."),
    ("universal-sequence", ("universal-sequence",), ("PS3.4 K.2.2.1.2", "PS3.4 C.2.2.2.6"),
     "Scheduled Procedure Step Sequence of zero length, or with an item of zero length, matches "
     "every step."),
    ("optional-key", ("optional-key",), ("PS3.4 K.2.2.1.1.2",),
     "A key that need not be matched does not hide a step that matches it."),
    ("character-set", ("character-set",), ("PS3.4 C.2.2.2", "PS3.4 K.4.1.1.3.1"),
     "Names outside the basic character repertoire match in the declared character set."),
)  # fmt: skip
MATCHING = frozenset(category for _, categories, _, _ in KINDS for category in categories)


def _of_kind(wanted: Callable[[Query], bool]) -> CheckFunction:
    def function(step: StepEvidence) -> Iterator[Judgement]:
        found = verdicts(step)
        for rule in ENTITIES:
            for query, judgement in found.get(rule, ()):
                if wanted(query):
                    yield placed(query, judgement)

    return function


def _register_kinds() -> None:
    for name, categories, clauses, requirement in KINDS:
        function = _of_kind(lambda query, mine=categories: query["category"] in mine)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        function.__doc__ = requirement
        check(
            f"worklist.match-{name}",
            judges=SCP,
            # a provider that does not support a character set may match as it likes (C.2.2.2)
            level=SHOULD if name == "character-set" else MUST,
            cites=clauses,
            steps=STEP,
            when="matching",
            consequence="The modality's list shows too much or too little.",
        )(function)


_register_rules()
_register_kinds()


@check("worklist.readable", judges=SCP, level=MUST, cites=("PS3.4 K.4.1.1.3", "PS3.5 7"),
       steps=STEP, consequence="The modality shows an error instead of its list.")  # fmt: skip
def identifiers_can_be_read(step: StepEvidence) -> Iterator[Judgement]:
    """The identifiers of all responses are data sets in the negotiated transfer syntax."""
    for query, found in verdicts(step).get(UNREADABLE, ()):
        yield placed(query, found)


@check("worklist.order-appears", judges=SCP, level=MUST, cites="PS3.4 K.4.1.3", steps=STEP,
       consequence="The patient stands in the room and is not on the list.",
       fix="If the RIS takes longer to publish orders, give the step `within`.")  # fmt: skip
def what_was_ordered_is_in_the_worklist(step: StepEvidence) -> Iterator[Judgement]:
    """Every scheduled step that was ordered is in the worklist within the time limit, and shows
    what was changed since."""
    _waited(step)
    missing = {tuple(each) for each in step.facts.get("missing", ())}
    for each in step.facts.get("items", ()):
        if each["order"] in step.facts["looked_for"] and not each["may_be_gone"]:
            yield judge(
                (each["order"], each["number"]) not in missing,
                expected="in the worklist, as it was ordered or changed",
                actual=_what_was_there(step, each),
                at=f"order {each['order']}, scheduled step {each['number'] + 1}",
            )


@check("worklist.cancelled-disappears", judges=SCP, level=SHOULD,
       cites="IHE RAD TF-2 4.3", steps=STEP,
       consequence="A patient is examined although nobody wants it any more.")  # fmt: skip
def what_was_cancelled_is_gone(step: StepEvidence) -> Iterator[Judgement]:
    """A scheduled step whose order was cancelled is not in the worklist any more, or has the
    status CANCELED, within the time limit."""
    _waited(step)
    lingering = {tuple(each) for each in step.facts.get("lingering", ())}
    for each in step.facts.get("items", ()):
        if each["cancelled"]:
            yield judge(
                (each["order"], each["number"]) not in lingering,
                expected="not in the worklist",
                actual="still there",
                at=f"order {each['order']}, scheduled step {each['number'] + 1}",
            )


@check("worklist.expected-steps", judges=SCP, level=MUST, cites="PS3.4 K.4.1.3", steps=STEP,
       when="expect", consequence="The modality's list shows too much or too little.")  # fmt: skip
def the_scenarios_steps_are_found(step: StepEvidence) -> Iterator[Judgement]:
    """The answers are about the scheduled steps that the scenario expects, and no other that it
    ordered."""
    ours = {each.identity for each in known_steps(step)}
    for query in step.facts.get("queries", ()):
        if "only" in query:
            found = {identity for label, identity, _ in answered(step) if label == query["id"]}
            wanted = {(each[0], each[1]) for each in query["only"]}
            yield judge(
                found & ours == wanted & ours,
                expected=sorted(each[1] for each in wanted & ours),
                actual=sorted(each[1] for each in found & ours),
                at=query["purpose"],
            )


@check("worklist.study-uid-stable", judges=SCP, level=MUST, cites="PS3.4 K.6.1.2.2", steps=STEP,
       consequence="The images of one examination fall apart into several studies.")  # fmt: skip
def the_study_keeps_its_uid(step: StepEvidence) -> Iterator[Judgement]:
    """A requested procedure has the same Study Instance UID in the answers to every query, and in
    those of all its scheduled steps."""
    from dicomtest.dicom.orders import text

    uids: dict[tuple[str, str, str], set[str]] = {}
    for _, (uid, _), item in answered(step):
        key = (text(item, "PatientID"), text(item, "AccessionNumber"),
               text(item, "RequestedProcedureID"))  # fmt: skip
        if uid and key[2]:
            uids.setdefault(key, set()).add(uid)
    for key, found in uids.items():
        yield judge(
            len(found) == 1,
            expected="one Study Instance UID",
            actual=found,
            at=f"requested procedure {key[2]}",
        )


@check("worklist.study-uid-unique", judges=SCP, level=SHOULD, cites="PS3.4 K.6.1.2.2", steps=STEP,
       consequence="Examinations of different patients are merged in the archive.")  # fmt: skip
def no_two_procedures_share_a_study(step: StepEvidence) -> Iterator[Judgement]:
    """Requested procedures of different patients or accession numbers have different Study
    Instance UIDs."""
    from dicomtest.dicom.orders import text

    of_study: dict[str, set[tuple[str, str]]] = {}
    for _, (uid, _), item in answered(step):
        if uid:
            owner = (text(item, "PatientID"), text(item, "AccessionNumber"))
            of_study.setdefault(uid, set()).add(owner)
    for uid, found in of_study.items():
        yield judge(
            len(found) == 1,
            expected="one patient and accession number",
            actual=[" ".join(each) for each in sorted(found)],
            at=f"study {uid}",
        )


@check("worklist.status-follows-mpps", judges=SCP, level=SHOULD, cites="IHE RAD TF-2 4.7",
       steps=STEP, consequence="Who was examined already is called again.")  # fmt: skip
def the_status_follows_the_reports(step: StepEvidence) -> Iterator[Judgement]:
    """A scheduled step whose performed procedure step was reported COMPLETED to the same system
    is not in the worklist as if it were still to come."""
    from dicomtest.dicom.orders import text

    over = _reported_over(step)
    for _, identity, item in answered(step):
        status = text(item, "ScheduledProcedureStepStatus")
        if identity in over and status:
            yield judge(
                status not in STILL_TO_COME,
                expected="gone, or another status",
                actual=status,
                at=f"scheduled step {identity[1]}",
            )


def _reported_over(step: StepEvidence) -> set[tuple[str, str]]:
    """The scheduled steps whose performed step this system knows to be completed."""
    from dicomtest.checks.mpps_messages import decoded, inner, is_taken, value

    begun: dict[str, set[tuple[str, str]]] = {}
    over: set[tuple[str, str]] = set()
    for before in step.story:
        if before.kind != "mpps" or before.players.get(before.scp) != step.players.get(step.scp):
            continue
        for each in before.exchanges("N-CREATE", "N-SET"):
            if not is_taken(each.status):
                continue
            told = decoded(each.data)
            for one in inner(told, "ScheduledStepAttributesSequence"):
                named = value(one, "StudyInstanceUID"), value(one, "ScheduledProcedureStepID")
                begun.setdefault(each.sop_instance, set()).add(named)
            if value(told, "PerformedProcedureStepStatus") == "COMPLETED":
                over |= begun.get(each.sop_instance, set())
    return over


def _waited(step: StepEvidence) -> None:
    if not looks(step):
        raise NotApplicable("nothing had been ordered")


def _what_was_there(step: StepEvidence, each: Query) -> str:
    """What the worklist had in place of an order: nothing, or the state before a change."""
    from dicomtest.dicom.attribute_values import from_json
    from dicomtest.dicom.worklist_answers import identity_of

    wanted = identity_of(from_json(each["item"]))
    if any(identity == wanted for _, identity, _ in answered(step)):
        return "as it was before the change"
    return "not there"
