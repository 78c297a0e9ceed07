"""What steps save under a name for later steps of their scenario: studies and orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dicomtest.dicom.attribute_values import Attributes
    from dicomtest.dicom.objects import StudyPlan
    from dicomtest.evidence import Instance

# What a store step makes for an order of that modality, unless it says otherwise.
KINDS = {
    "CT": "ct",
    "CR": "cr",
    "DX": "dx",
    "MG": "mg",
    "MR": "mr",
    "NM": "nm",
    "PT": "pet",
    "RF": "rf",
    "US": "us",
    "XA": "xa",
}


@dataclass
class Saved:
    """A study that a step made, under the name by which later steps refer to it."""

    name: str
    plan: StudyPlan
    kinds: tuple[str, ...]
    instances: list[Instance] = field(default_factory=list)
    not_applicable: str = ""  # why there is nothing, when the system does not claim it
    broken_off: list[Instance] = field(default_factory=list)  # never sent to their end


@dataclass
class SavedOrder(Saved):
    """An order, with one worklist item for each of its scheduled procedure steps.

    `scheduled` is what the RIS was asked to schedule, `answered` what its worklist said, by the
    number of the step (from 0). A RIS that assigns identifiers of its own makes the two differ:
    `exact` says that it was told every one. `changed` are attributes that were changed since it
    was ordered, which may take the RIS a while. `performed` holds what a performed procedure step
    adds to the instances of a step, by keyword; None stands for all steps.
    """

    scheduled: list[Attributes] = field(default_factory=list)
    answered: dict[int, Attributes] = field(default_factory=dict)
    exact: bool = True
    cancelled: bool = False
    changed: frozenset[str] = frozenset()
    performed: dict[int | None, dict[str, Any]] = field(default_factory=dict)

    def item(self, number: int = 0) -> Attributes:
        """One worklist item: as the modality got it, or as scheduled before any query."""
        return self.answered.get(number) or self.scheduled[number]

    @property
    def items(self) -> list[Attributes]:
        """Every worklist item of the order."""
        return [self.item(number) for number in range(len(self.scheduled))]

    def study(self, number: int = 0) -> StudyPlan:
        """The study that is acquired for a scheduled step, with its identifiers."""
        from dicomtest.dicom.requests import study_of

        extra = {**self.performed.get(None, {}), **self.performed.get(number, {})}
        return study_of(self.item(number), self.plan, extra)

    def kind(self, number: int = 0) -> str:
        """The kind of object that the modality of a scheduled step makes; "" when unknown."""
        from dicomtest.dicom.orders import text

        return KINDS.get(text(self.item(number), "Modality"), "")

    def take(self, study: Saved) -> None:
        """Count the instances of a study as the order's; the same ones only once."""
        known = {each.sop_instance for each in (*self.instances, *self.broken_off)}
        self.instances += [each for each in study.instances if each.sop_instance not in known]
        self.broken_off += [each for each in study.broken_off if each.sop_instance not in known]

    def answer(self, number: int, item: Attributes) -> None:
        """Note what the worklist said of a scheduled step."""
        self.answered[number] = item
        if number == 0:
            self.plan = self.study(0)


def order_of(saved: Mapping[str, Saved], name: str) -> SavedOrder | None:
    """The order saved under that name; None when it is a study, or nothing."""
    found = saved.get(name)
    return found if isinstance(found, SavedOrder) else None
