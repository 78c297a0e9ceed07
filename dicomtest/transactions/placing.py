"""How an order gets into a RIS: directly into a simulated one, else as the site file says.

Each way either does what the change asks for, or raises NotPlaced (nobody is there who could) or
StepError (it was tried and failed); then the order stays what it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dicomtest.errors import StepError

if TYPE_CHECKING:
    from dicomtest.actors.ris import Ris
    from dicomtest.dicom.attribute_values import Attributes
    from dicomtest.evidence import StepEvidence
    from dicomtest.spec.site import Orders, System
    from dicomtest.stage import Stage

Action = Literal["new", "change", "update-patient", "cancel", "merge"]


class NotPlaced(Exception):
    """The way that the site file names cannot do this without a person."""


@dataclass(frozen=True)
class Change:
    """What is to become of an order: its items until now, and from now on.

    A merge gives `before` the patient that goes away.
    """

    action: Action
    at: str
    before: list[Attributes]
    after: list[Attributes]


@dataclass(frozen=True)
class Placed:
    """What came of it: the items the RIS now has; `exact` when it took over every identifier."""

    items: list[Attributes]
    exact: bool


def place(stage: Stage, change: Change, step: StepEvidence) -> Placed:
    """Make the RIS know."""
    system = stage.run.casting.system(change.at, "order")
    if system is None:
        step.facts["way"] = "simulated"
        return _simulated(stage, change)
    way = way_of(system)
    step.facts["way"] = way
    return _WAYS[way](stage, change, step, system)


def way_of(system: System) -> str:
    """The way that a site file names for a system: known, hl7, command, folder or operator."""
    orders = system.orders
    if orders is None:
        return "operator"
    return next(each for each in _WAYS if getattr(orders, each) is not None)


def _simulated(stage: Stage, change: Change) -> Placed:
    from dicomtest.dicom.orders import text

    ris: Ris = stage.run.casting.started(change.at)  # type: ignore[assignment]  # an order is placed at a RIS
    if change.action == "cancel":
        for item in change.before:
            uid, step_id = text(item, "StudyInstanceUID"), text(item, "ScheduledProcedureStepID")
            ris.orders.set_status(uid, step_id, "CANCELED")
    else:
        ris.orders.schedule(change.after)
    return Placed(change.after, True)


def _operator(stage: Stage, change: Change, step: StepEvidence, system: System) -> Placed:
    why = stage.ask_for_order(change, step, system)
    if why:
        raise NotPlaced(why)
    return Placed(change.after, False)


def _known(stage: Stage, change: Change, _step: StepEvidence, system: System) -> Placed:
    from dicomtest.transactions.known_orders import choose

    orders = orders_of(system)
    if change.action != "new":
        raise NotPlaced(
            f"{system.title} has the orders of {orders.known}, which nobody changes from here"
        )
    return choose(stage, Path(str(orders.known)), change.after)


def _hl7(stage: Stage, change: Change, step: StepEvidence, system: System) -> Placed:
    from dicomtest.transactions.placing_hl7 import send

    send(stage, change, step, orders_of(system))
    return Placed(change.after, False)


def _command(stage: Stage, change: Change, step: StepEvidence, system: System) -> Placed:
    from dicomtest.transactions.placing_files import run

    run(stage, change, step, orders_of(system))
    return Placed(change.after, True)


def _folder(_stage: Stage, change: Change, _step: StepEvidence, system: System) -> Placed:
    from dicomtest.transactions.placing_files import drop

    try:
        drop(change, orders_of(system))
    except OSError as error:
        where = orders_of(system).folder
        raise StepError(f"the order could not be written into {where}: {error}") from None
    return Placed(change.after, True)


def orders_of(system: System) -> Orders:
    """How orders get into the system, where its site file says it."""
    assert system.orders is not None, "the way was chosen by it"
    return system.orders


_WAYS: dict[str, Callable[[Stage, Change, StepEvidence, System], Placed]] = {
    "known": _known,
    "hl7": _hl7,
    "command": _command,
    "folder": _folder,
    "operator": _operator,
}
