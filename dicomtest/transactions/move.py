"""move: C-MOVE, and the C-STORE sub-operations it brings about (PS3.4 C.4.2).

The step's instances are the originals of what was asked for. Facts for the checks:
    wanted       SOP Instance UIDs that match the request
    destination  AE title asked for
    unknown      whether that AE title does not exist
    down         whether the destination was not listening
    refused      SOP Instance UIDs that the destination refused on purpose
    narrow       whether the destination accepted Implicit VR Little Endian alone
    probe        what was wrong with the identifier, on purpose
    level, model, move_class
    requested    whether a C-MOVE could be requested at all
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pydantic import Field

from dicomtest.spec.base import ActorName
from dicomtest.transactions import transaction
from dicomtest.transactions.retrieval import (
    MOVE,
    Receiver,
    RetrieveParameters,
    nothing_to_retrieve,
    retrieve_identifier,
    wanted_instances,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dicomtest.actors.workstation import Workstation
    from dicomtest.evidence import Association, StepEvidence
    from dicomtest.stage import Stage

UNKNOWN_DESTINATION = "DT_NOWHERE"
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
LATE = 2.0  # seconds for sub-operations that begin after the final response
SETTLE = 5.0  # seconds for the sub-operations' associations to end after the final response


class MoveParameters(RetrieveParameters):
    """C-MOVE to a destination, by default the actor that asks."""

    destination: ActorName | None = Field(None, description="actor to send to")
    unknown_destination: bool = Field(False, description="name an AE title nobody knows")
    destination_down: bool = Field(False, description="stop the destination's listener meanwhile")

    def actors(self) -> set[str]:
        """The two ends, and the destination."""
        return {self.from_, self.to} | ({self.destination} if self.destination else set())


def describe(parameters: MoveParameters) -> str:
    """The step in words."""
    target = parameters.destination or parameters.from_
    where = "an unknown destination" if parameters.unknown_destination else target
    what = ", ".join(parameters.names) or parameters.order
    words = f"move {what} ({parameters.level} level) from {parameters.to} to {where}"
    if parameters.accept != "all":
        words += f", which accepts {parameters.accept}"
    if parameters.destination_down:
        words += ", which does not listen"
    if parameters.cancel_after is not None:
        words += f", cancelled after {parameters.cancel_after}"
    return words


@transaction("move", parameters=MoveParameters, describe=describe)
def carry_out(stage: Stage, parameters: MoveParameters, step: StepEvidence) -> None:
    """Ask, receive, and wait until the provider has closed what it opened."""
    casting = stage.run.casting
    actor = parameters.destination or parameters.from_
    destination = casting.started(actor)
    step.players[actor] = casting.player(actor)
    wanted = wanted_instances(stage, parameters)
    receiver = Receiver(parameters)
    model = MOVE[parameters.model]
    title = UNKNOWN_DESTINATION if parameters.unknown_destination else destination.ae_title
    step.instances = [] if parameters.unknown_study else wanted
    step.facts.update(
        wanted=[each.sop_instance for each in step.instances],
        destination=title,
        unknown=parameters.unknown_destination,
        down=parameters.destination_down,
        refused=receiver.refused,
        narrow=parameters.transfer_syntax != "any",
        probe=parameters.probe or "",
        level=parameters.level,
        model=parameters.model,
        move_class=model,
        requested=False,
    )
    if not wanted and not parameters.unknown_study:
        nothing_to_retrieve(stage, parameters, step)
        return
    identifier = retrieve_identifier(stage, parameters, wanted)
    from dicomtest import dimse

    scu = casting.started(parameters.from_)
    proposals = [dimse.Proposal(model, (EXPLICIT, IMPLICIT))]
    answered = False
    remote = casting.remote(parameters.to, step.kind)
    with (
        _destination(destination, receiver, parameters),  # type: ignore[arg-type]  # a move goes to a storage SCP
        scu.associate(
            remote,
            proposals,
            label="move",
            provoked=parameters.destination_down or parameters.unknown_destination,
            **stage.options(parameters),
        ) as peer,
    ):
        if stage.usable(peer, model, "C-MOVE", parameters, step):
            step.facts["requested"] = True
            exchange = peer.move(model, identifier, title, cancel_after=parameters.cancel_after)
            answered = exchange.final is not None
        if answered and _should_arrive(parameters):
            # so that what comes late is not taken for something of the next step
            stage.run.recorder.wait_for(lambda seen: _arrived(seen, step), LATE)
    stage.run.recorder.wait_for(_all_closed, SETTLE)


def _should_arrive(parameters: MoveParameters) -> bool:
    """Whether every instance asked for can be sent."""
    hindered = parameters.unknown_destination or parameters.destination_down or parameters.probe
    return not hindered and parameters.cancel_after is None


def _arrived(associations: list[Association], step: StepEvidence) -> bool:
    sent = {exchange.sop_instance for each in associations for exchange in each.of("C-STORE")}
    return sent >= set(step.facts["wanted"])


@contextmanager
def _destination(
    workstation: Workstation, receiver: Receiver, parameters: MoveParameters
) -> Iterator[None]:
    """Make the destination answer as the step wants it, or not listen, for the time of the step."""
    down, narrow = parameters.destination_down, parameters.transfer_syntax == "implicit"
    before = workstation.rule
    workstation.rule = receiver
    if down or narrow:
        workstation.pause()
    if narrow:
        workstation.accepts = (IMPLICIT,)
        workstation.resume()
    try:
        yield
    finally:
        workstation.rule, workstation.accepts = before, None
        if narrow:
            workstation.pause()
        if down or narrow:
            workstation.resume()


def _all_closed(associations: list[Association]) -> bool:
    return all(each.closed for each in associations)
