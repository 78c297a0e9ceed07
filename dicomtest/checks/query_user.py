"""Query and retrieve: what a workstation asks (PS3.4 C.4.1.1.3.1, C.4.2.1.4, C.4.3.1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dicomtest.checks import MUST, SCU, SHOULD, check
from dicomtest.checks.statuses import said, took
from dicomtest.evidence import Exchange, StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

if TYPE_CHECKING:
    from pydicom import Dataset

STEPS = ("query", "move", "get")
RETRIEVE = ("move", "get")
BROKEN_ON_PURPOSE = ("error", "cancel")
SUB_OPERATIONS = ("sub-operation", "C-MOVE sub-operations")
LOOKS = ("look", "coerced")  # how this program waits: no requests of a user


def requests(step: StepEvidence, *services: str) -> Iterator[tuple[Exchange, Dataset | None]]:
    """Requests with their identifiers, None for one that cannot be read."""
    deliberate = {
        each["id"]
        for each in step.facts.get("queries", ())
        if each.get("expect") in BROKEN_ON_PURPOSE
    }
    if step.facts.get("probe"):
        return
    for exchange in step.exchanges(*(services or ("C-FIND", "C-MOVE", "C-GET"))):
        if exchange.label in deliberate or exchange.label in LOOKS:
            continue
        try:
            yield exchange, exchange.data.dataset() if exchange.data else None
        except Exception:  # whatever a sick identifier makes pydicom raise is judged
            yield exchange, None


@check("query.scu-readable", judges=SCU, level=MUST, cites=("PS3.4 C.4.1.1.3", "PS3.5 7"),
       steps=STEPS, consequence="The archive refuses the query.")  # fmt: skip
def the_request_has_an_identifier(step: StepEvidence) -> Iterator[Judgement]:
    """A C-FIND, C-MOVE or C-GET has an identifier, a data set in the negotiated transfer
    syntax."""
    for exchange, identifier in requests(step):
        actual = "none" if exchange.data is None else "not readable"
        yield judge(identifier is not None, expected="a data set", actual=actual, at=exchange)


@check("query.scu-identifier", judges=SCU, level=MUST,
       cites=("PS3.4 C.4.1.1.3.1", "PS3.4 C.4.1.2.1", "PS3.4 C.4.2.1.4", "PS3.4 C.2.2.2"),
       steps=STEPS, consequence="Archives refuse the request, or answer what was not asked.",
       fix="The vendor of the workstation mends the request.")  # fmt: skip
def the_identifier_is_legal(step: StepEvidence) -> Iterator[Judgement]:
    """An identifier has a Query/Retrieve Level of its model, one value for the Unique Key of every
    level above, keys of that level, and values that a rule of matching applies to."""
    from dicomtest.dicom.information_model import request_problems

    for exchange, identifier in requests(step):
        if identifier is None:
            continue
        try:
            wrong = [each.words for each in request_problems(exchange.sop_class, identifier)]
        except KeyError:
            wrong = [f"{exchange.sop_class} is no Query/Retrieve SOP class"]
        yield judge(not wrong, expected="a legal identifier", actual=wrong, at=exchange)


@check("query.scu-character-set", judges=SCU, level=MUST, cites=("PS3.4 C.4.1.1.3.1", "PS3.5 6.1"),
       steps=STEPS, consequence="Names beyond ASCII are not found.")  # fmt: skip
def text_is_in_the_declared_character_set(step: StepEvidence) -> Iterator[Judgement]:
    """Text of a request is encoded in its Specific Character Set, which is there if need be."""
    from dicomtest.dicom.worklist_request import character_set_faults

    for exchange, identifier in requests(step):
        if identifier is not None:
            wrong = list(character_set_faults(identifier))
            yield judge(not wrong, expected="text as declared", actual=wrong, at=exchange)


@check("query.scu-narrow", judges=SCU, level=SHOULD, cites="IHE RAD TF-2 4.14", steps="query",
       consequence="A large archive answers with everything it has, or with nothing.")  # fmt: skip
def a_query_matches_something(step: StepEvidence) -> Iterator[Judgement]:
    """A query has at least one matching key with a value."""
    from dicomtest.dicom.attribute_values import attributes_of, is_empty
    from dicomtest.dicom.information_model import NOT_KEYS

    for exchange, identifier in requests(step, "C-FIND"):
        if identifier is None:
            continue
        keys = attributes_of(identifier)
        asked = [name for name, value in keys.items() if name not in NOT_KEYS
                 and not is_empty(value) and value != ("*",)]  # fmt: skip
        yield judge(bool(asked), expected="a matching key", actual="none has a value", at=exchange)


@check("move.scu-destination", judges=SCU, level=MUST, cites=("PS3.7 9.1.4.1", "PS3.5 6.2"),
       steps="move", consequence="The archive does not know where to send.")  # fmt: skip
def the_destination_is_an_ae_title(step: StepEvidence) -> Iterator[Judgement]:
    """A C-MOVE names its destination by an AE title of 1 to 16 characters."""
    for exchange in step.exchanges("C-MOVE"):
        title = str(exchange.command.get("MoveDestination") or "").strip()
        yield judge(0 < len(title) <= 16, expected="an AE title", actual=title or "none",
                    at=exchange)  # fmt: skip


@check("retrieve.scu-takes-what-it-asked-for", judges=SCU, level=MUST,
       cites=("PS3.4 C.4.2.2.1", "PS3.4 B.2.3"), steps=RETRIEVE,
       consequence="The user opens a study that is not complete.")  # fmt: skip
def what_was_asked_for_is_taken(step: StepEvidence) -> Iterator[Judgement]:
    """What a workstation asked for, and whose SOP class and transfer syntax it accepted, it takes:
    every sub-operation is answered with Success or a Warning."""
    if step.facts.get("refused") or step.facts.get("down") or _elsewhere(step):
        raise NotApplicable("the receiver refuses on purpose, or is somebody else")
    for each in step.exchanges("C-STORE"):
        if each.ending not in ("not sent", "abandoned"):
            yield judge(took(each.status), expected="0000 or a warning", actual=said(each.status),
                        at=each)  # fmt: skip


def _elsewhere(step: StepEvidence) -> bool:
    """Whether the objects go to somebody else than who asked."""
    player = step.players.get(step.scu)
    titles = {
        str(each.command.get("MoveDestination") or "").strip() for each in step.exchanges("C-MOVE")
    }
    return bool(titles) and player is not None and titles != {player.ae_title.strip()}


@check("retrieve.scu-accepts-classes", judges=SCU, level=SHOULD, cites="PS3.4 B.2.1",
       steps=RETRIEVE, consequence="Some images of the study cannot be retrieved.")  # fmt: skip
def contexts_are_accepted(step: StepEvidence) -> Iterator[Judgement]:
    """Every SOP class that is sent to a workstation on its own request is accepted in at least one
    transfer syntax that was offered."""
    if step.facts.get("narrow") or step.facts.get("down") or _elsewhere(step):
        raise NotApplicable("the receiver is narrow on purpose, or is somebody else")
    for association in step.associations:
        if association.label not in SUB_OPERATIONS or association.outcome != "accepted":
            continue
        for uid in sorted({each.abstract_syntax for each in association.contexts}):
            yield judge(bool(association.accepted(uid)), expected="accepted", actual="refused",
                        at=f"association {association.id}, {uid}")  # fmt: skip
