"""How an order gets into a RIS: directly into a simulated one, else as the site file says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dicomtest.actors.ris import Ris
    from dicomtest.dicom.attribute_values import Attributes
    from dicomtest.evidence import StepEvidence
    from dicomtest.saved import SavedOrder
    from dicomtest.stage import Stage


@dataclass(frozen=True)
class Change:
    """What is to become of an order; `before` are its items until now."""

    action: str
    at: str
    order: SavedOrder
    before: list[Attributes]


def place(stage: Stage, change: Change, step: StepEvidence) -> None:
    """Make the RIS know; the step says what came of it."""
    system = stage.run.casting.system(change.at, "order")
    if system is None:
        step.facts["way"] = "simulated"
        _simulated(stage, change)
        return
    step.facts["way"] = "operator"
    step.not_run = "somebody must enter the order at the RIS, and nobody is there"


def _simulated(stage: Stage, change: Change) -> None:
    from dicomtest.dicom.orders import text

    ris: Ris = stage.run.casting.started(change.at)  # type: ignore[assignment]  # an order is placed at a RIS
    if change.action == "cancel":
        for item in change.before:
            uid, step_id = text(item, "StudyInstanceUID"), text(item, "ScheduledProcedureStepID")
            ris.orders.set_status(uid, step_id, "CANCELED")
        return
    ris.orders.schedule(change.order.scheduled)
