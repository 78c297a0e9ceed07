"""acquire: a modality makes images while the archive cannot be reached (store and forward).

Nothing is stored: a later   store: {again: NAME}   forwards the images. A simulated archive does
not listen meanwhile, and the modality finds that out; a real one is left alone. The step's
instances are those that were made. Facts for the checks:
    tried   whether an association was tried in vain
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from dicomtest.spec.steps import StepParameters
from dicomtest.transactions import transaction
from dicomtest.transactions.storing import Kind

if TYPE_CHECKING:
    from dicomtest.evidence import StepEvidence
    from dicomtest.stage import Stage

EXPLICIT = "1.2.840.10008.1.2.1"
VERIFICATION = "1.2.840.10008.1.1"


class AcquireParameters(StepParameters):
    """Images that wait on the modality until the archive can be reached again."""

    order: str = Field(min_length=1, description="name of the saved order they belong to")
    study: tuple[Kind, ...] | Kind = Field("ct", description="what to make: ct, mr, gsps, ...")
    images: int = Field(1, ge=1, le=5000, description="images of each image kind")
    series: int = Field(1, ge=1, le=100, description="series over which they are spread")

    def uses(self) -> list[str]:
        """The order."""
        return [self.order]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds, as a tuple."""
        return (self.study,) if isinstance(self.study, str) else self.study


def describe(parameters: AcquireParameters) -> str:
    """The step in words."""
    what = f"{parameters.images} {', '.join(parameters.kinds)} for {parameters.order}"
    return f"acquire {what} on {parameters.from_} while {parameters.to} cannot be reached"


@transaction("acquire", parameters=AcquireParameters, describe=describe)
def carry_out(stage: Stage, parameters: AcquireParameters, step: StepEvidence) -> None:
    """Make the images; where the archive is simulated, let it not listen and try it."""
    from dicomtest.errors import StepError
    from dicomtest.saved import order_of
    from dicomtest.studies import Maker, plan_instances

    order = order_of(stage.saved, parameters.order)
    if order is None:
        raise StepError(f"{parameters.order} is no order, or it was never made")
    maker = Maker(order.study(), stage.run.objects / stage.scenario.id, stage.run.seed)
    planned = plan_instances(
        parameters.kinds,
        stage.uids,
        stage.run.seed + len(stage.evidence),
        images=parameters.images,
        series=parameters.series,
    )
    step.instances = [maker.make(each, EXPLICIT) for each in planned if maker.can_make(each)]
    order.instances.extend(step.instances)
    step.facts["tried"] = not stage.run.casting.is_real(parameters.to)
    if step.facts["tried"]:
        _try(stage, parameters)


def _try(stage: Stage, parameters: AcquireParameters) -> None:
    from dicomtest import dimse

    archive = stage.run.casting.started(parameters.to)
    remote = stage.run.casting.remote(parameters.to)
    modality = stage.run.casting.started(parameters.from_)
    archive.pause()
    try:
        proposals = [dimse.Proposal(VERIFICATION, (EXPLICIT,))]
        with modality.associate(remote, proposals, label="down"):
            pass
    finally:
        archive.resume()
