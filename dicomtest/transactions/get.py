"""get: C-GET, with the C-STORE sub-operations on the same association (PS3.4 C.4.3).

The step's instances are the originals of what was asked for. Facts for the checks:
    wanted       SOP Instance UIDs that match the request
    refused      SOP Instance UIDs that the requestor refused on purpose
    not_offered  SOP Instance UIDs for which no presentation context (in the role of SCP) was
                 proposed, on purpose
    narrow       whether only Implicit VR Little Endian was proposed
    probe        what was wrong with the identifier, on purpose
    level, model, get_class
    requested    whether a C-GET could be requested at all
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import Field

from dicomtest.transactions import transaction
from dicomtest.transactions.retrieval import (
    GET,
    Receiver,
    RetrieveParameters,
    nothing_to_retrieve,
    retrieve_identifier,
    wanted_instances,
)

if TYPE_CHECKING:
    from dicomtest import dimse
    from dicomtest.evidence import Instance, StepEvidence
    from dicomtest.stage import Stage

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
MOST_CLASSES = 60  # two contexts each and the model's own stay below 128


class GetParameters(RetrieveParameters):
    """C-GET on one association."""

    no_role: bool = Field(
        False, description="propose the storage contexts without the role of SCP, on purpose"
    )
    leave_out: tuple[str, ...] = Field(
        (), description="kinds for which no storage context is proposed, on purpose"
    )


def describe(parameters: GetParameters) -> str:
    """The step in words."""
    what = ", ".join(parameters.names) or parameters.order
    words = f"get {what} ({parameters.level} level) from {parameters.to}"
    if parameters.accept != "all":
        words += f", accepting {parameters.accept}"
    if parameters.leave_out:
        words += f", offering no context for {', '.join(parameters.leave_out)}"
    if parameters.cancel_after is not None:
        words += f", cancelled after {parameters.cancel_after}"
    return words


@transaction("get", parameters=GetParameters, describe=describe)
def carry_out(stage: Stage, parameters: GetParameters, step: StepEvidence) -> None:
    """Ask, and take the sub-operations on the same association."""
    wanted = wanted_instances(stage, parameters)
    receiver = Receiver(parameters)
    model = GET[parameters.model]
    step.instances = [] if parameters.unknown_study else wanted
    left_out = [
        each.sop_instance
        for each in step.instances
        if parameters.no_role or each.kind in parameters.leave_out
    ]
    step.facts.update(
        wanted=[each.sop_instance for each in step.instances],
        refused=receiver.refused,
        not_offered=left_out,
        narrow=parameters.transfer_syntax != "any",
        probe=parameters.probe or "",
        level=parameters.level,
        model=parameters.model,
        get_class=model,
        requested=False,
    )
    if not wanted and not parameters.unknown_study:
        nothing_to_retrieve(stage, parameters, step)
        return
    identifier = retrieve_identifier(stage, parameters, wanted)
    from dicomtest import dimse

    def take(incoming: dimse.Incoming) -> dimse.Answer:
        return dimse.Answer(receiver(incoming))

    casting = stage.run.casting
    scu = casting.started(parameters.from_)
    offered = [each for each in wanted if each.kind not in parameters.leave_out]
    storage = storage_proposals(offered)
    if parameters.transfer_syntax == "implicit":
        storage = [replace(each, transfer_syntaxes=(IMPLICIT,)) for each in storage]
    if parameters.no_role:
        storage = [replace(each, roles=None) for each in storage]
    proposals = [dimse.Proposal(model, (EXPLICIT, IMPLICIT)), *dict.fromkeys(storage)]
    with scu.associate(
        casting.remote(parameters.to, step.kind),
        proposals,
        label="get",
        store_handler=take,
        spool=scu.setting.spool,
        **stage.options(parameters),
    ) as peer:
        if stage.usable(peer, model, "C-GET", parameters, step):
            step.facts["requested"] = True
            peer.get(model, identifier, cancel_after=parameters.cancel_after)


def storage_proposals(instances: list[Instance]) -> list[dimse.Proposal]:
    """A context for each SOP class as it was stored, and one uncompressed; in the role of SCP."""
    from dicomtest import dimse

    stored: dict[str, set[str]] = {}
    for each in instances:
        stored.setdefault(each.sop_class, set()).add(each.data.transfer_syntax)
    proposals = []
    for sop_class in list(stored)[:MOST_CLASSES]:
        compressed = sorted(stored[sop_class] - {IMPLICIT, EXPLICIT})
        if compressed:
            proposals.append(dimse.Proposal(sop_class, tuple(compressed), roles=(False, True)))
        proposals.append(dimse.Proposal(sop_class, (EXPLICIT, IMPLICIT), roles=(False, True)))
    return proposals
