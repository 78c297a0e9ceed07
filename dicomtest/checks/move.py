"""C-MOVE (PS3.4 C.4.2): what it alone asks; the rest is shared with C-GET."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check, retrieve_table, unchanged
from dicomtest.checks.retrieve_counters import final_counters_present
from dicomtest.checks.retrieved import finished, request, sub_operations
from dicomtest.checks.statuses import is_failure, said
from dicomtest.evidence import Association, StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

STEP = "move"
retrieve_table.register(STEP)
unchanged.register(STEP)
# C.4.2.1.7 leaves the counters open, C.4.2.3.1 wants them; C-GET has no such sentence
check(
    "move.final-counters-present",
    judges=SCP,
    level=SHOULD,
    cites="PS3.4 C.4.2.3.1",
    steps=STEP,
)(final_counters_present)


def deliveries(step: StepEvidence) -> list[Association]:
    """The associations that carried, or were to carry, the sub-operations."""
    return [
        each
        for each in step.associations
        if not each.of("C-MOVE") and each.label not in ("move", "busy")
    ]


@check("move.separate-association", judges=SCP, level=MUST, cites="PS3.4 C.4.2.3.1", steps=STEP)
def sub_operations_come_on_another_association(step: StepEvidence) -> Iterator[Judgement]:
    """The C-STORE sub-operations come on an association of their own, not on that of the
    C-MOVE."""
    for association in step.associations:
        if association.of("C-MOVE"):
            stray = association.of("C-STORE")
            yield judge(
                not stray,
                expected="no C-STORE on the association of the C-MOVE",
                actual=f"{len(stray)} C-STORE requests",
                at=association,
            )


@check(
    "move.destination-ae-title",
    judges=SCP,
    level=MUST,
    cites="PS3.4 C.4.2.1.3",
    steps=STEP,
    consequence="A strict destination rejects the association.",
)
def the_destination_is_called_by_its_title(step: StepEvidence) -> Iterator[Judgement]:
    """The association for the sub-operations is requested from the AE title that the C-MOVE named
    as its destination."""
    for each in deliveries(step):
        yield judge(
            each.called_ae_title.strip() == step.facts["destination"],
            expected=step.facts["destination"],
            actual=each.called_ae_title,
            at=each,
        )


@check(
    "move.originator",
    judges=SCP,
    level=MUST,
    cites="PS3.7 9.1.1.1",
    steps=STEP,
    consequence="The receiver cannot tell which of its requests an image belongs to.",
)
def the_originator_is_right(step: StepEvidence) -> Iterator[Judgement]:
    """Move Originator AE Title and Message ID of a sub-operation, where they are there, are those
    of the C-MOVE request."""
    exchange = request(step)
    asking, own = step.players[step.scu].ae_title, step.players[step.scp].ae_title
    for each in sub_operations(step):
        title = each.command.get("MoveOriginatorApplicationEntityTitle")
        number = each.command.get("MoveOriginatorMessageID")
        if title is None and number is None:
            continue
        # `move.originator-not-itself` tells of those that name themselves.
        yield judge(
            str(title or asking).strip() in (asking, own)
            and (number is None or number == exchange.message_id),
            expected=f"{asking}, message {exchange.message_id}",
            actual=f"{title}, message {number}",
            at=each,
        )


# pynetdicom's C-MOVE SCP names itself, and so do the products built on it: told, not failed.
@check("move.originator-not-itself", judges=SCP, level=SHOULD, cites="PS3.7 9.1.1.1", steps=STEP)
def the_originator_is_who_asked(step: StepEvidence) -> Iterator[Judgement]:
    """Move Originator AE Title is the title of who asked for the C-MOVE, not that of the system
    itself."""
    asking, own = step.players[step.scu].ae_title, step.players[step.scp].ae_title
    for each in sub_operations(step):
        title = each.command.get("MoveOriginatorApplicationEntityTitle")
        if title is not None and asking != own:
            yield judge(str(title).strip() != own, expected=asking, actual=own, at=each)


@check("move.originator-present", judges=SCP, level=SHOULD, cites="PS3.7 9.1.1.1", steps=STEP)
def the_originator_is_named(step: StepEvidence) -> Iterator[Judgement]:
    """The sub-operations name the AE title and the Message ID of the C-MOVE they belong to."""
    for each in sub_operations(step):
        missing = [
            name
            for name in ("MoveOriginatorApplicationEntityTitle", "MoveOriginatorMessageID")
            if each.command.get(name) is None
        ]
        yield judge(not missing, expected="present", actual=f"absent: {missing}", at=each)


@check(
    "move.calling-ae-title",
    judges=SCP,
    level=SHOULD,
    cites="PS3.8 7.1.1.3",
    steps=STEP,
    consequence="A destination that knows its partners by their AE titles rejects the system.",
    fix="Register the AE title the system sends with at its destinations.",
)
def the_system_calls_under_its_title(step: StepEvidence) -> Iterator[Judgement]:
    """The association for the sub-operations is requested under the AE title under which the
    system took the C-MOVE request."""
    system = step.players[step.scp].ae_title
    for each in deliveries(step):
        yield judge(
            each.calling_ae_title.strip() == system,
            expected=system,
            actual=each.calling_ae_title,
            at=each,
        )


@check(
    "move.unknown-destination-refused",
    judges=SCP,
    level=MUST,
    cites="PS3.4 C.4.2.1.5",
    steps=STEP,
    when="unknown_destination",
    consequence="A typing error in a destination looks like a successful transfer.",
)
def an_unknown_destination_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A C-MOVE to a destination that is not known ends with a failure status, and sends
    nothing."""
    exchange, final = finished(step)
    yield judge(
        is_failure(final.status) and not sub_operations(step),
        expected="a failure (A801)",
        actual=said(final.status),
        at=exchange,
    )


@check(
    "move.unknown-destination-status",
    judges=SCP,
    level=SHOULD,
    cites="PS3.4 C.4.2.1.5",
    steps=STEP,
    when="unknown_destination",
    consequence="The user is not told that the destination is not configured.",
)
def an_unknown_destination_is_named(step: StepEvidence) -> Iterator[Judgement]:
    """A C-MOVE to a destination that is not known is refused with A801, Move Destination
    unknown."""
    exchange, final = finished(step)
    if not is_failure(final.status):
        raise NotApplicable("it is not refused at all")
    yield judge(final.status == 0xA801, expected="A801", actual=said(final.status), at=exchange)


@check(
    "move.destination-down",
    judges=SCP,
    level=MUST,
    cites="PS3.4 C.4.2.3.1",
    steps=STEP,
    when="destination_down",
    consequence="Images that never arrived are reported as sent.",
)
def a_destination_that_does_not_answer_is_told(step: StepEvidence) -> Iterator[Judgement]:
    """A C-MOVE whose destination cannot be reached, so that every sub-operation fails, ends with a
    failure status."""
    exchange, final = finished(step)
    yield judge(
        is_failure(final.status),
        expected="A702 or another failure",
        actual=said(final.status),
        at=exchange,
    )
