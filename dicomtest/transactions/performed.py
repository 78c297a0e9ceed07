"""What a scenario performs: the procedure steps that mpps began, and what belongs to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dicomtest.saved import SavedOrder

if TYPE_CHECKING:
    from pydicom import Dataset

    from dicomtest.dicom.attribute_values import Attributes
    from dicomtest.dicom.performed_step import Performing
    from dicomtest.evidence import Instance


@dataclass
class PerformedStep:
    """One performed procedure step of a scenario, under its name.

    `study` is where the instances of the step are saved; those that were there before it began
    do not belong to it, nor those of another step.
    """

    name: str
    performing: Performing
    study: SavedOrder
    orders: tuple[str, ...] = ()
    status: str = ""
    earlier: set[str] = field(default_factory=set)

    def instances(self) -> list[Instance]:
        """The instances made for this step, as far as they were stored."""
        own = self.performing.id
        return [
            each
            for each in self.study.instances
            if each.sop_instance not in self.earlier
            and (each.attributes.get("PerformedProcedureStepID") or (own,))[0] == own
        ]


def joined(name: str, orders: list[SavedOrder], study_uid: str) -> SavedOrder:
    """Several orders performed as one (the group case): a study of its own name.

    The instances carry a Request Attributes Sequence of one item for each scheduled step.
    """
    from pydicom import Dataset

    from dicomtest.dicom.objects.common import REQUEST_ATTRIBUTES
    from dicomtest.dicom.worklist_model import STEP

    first = orders[0]
    made = SavedOrder(name, first.plan, first.kinds, exact=first.exact)
    made.scheduled = [with_study(item, study_uid) for order in orders for item in order.items]
    requests = []
    for order in orders:
        for number in range(len(order.scheduled)):
            told = order.study(number).request
            item = Dataset()
            for source in [told, *({e.keyword: e.value for e in s} for s in told.get(STEP, ()))]:
                for keyword, value in source.items():
                    if keyword in REQUEST_ATTRIBUTES:
                        setattr(item, keyword, value)
            requests.append(item)
    made.performed[None] = {"RequestAttributesSequence": requests}
    made.plan = made.study(0)
    return made


def with_study(item: Attributes, study_uid: str) -> Attributes:
    """The worklist item under another study."""
    return {**item, "StudyInstanceUID": (study_uid,)}


def unscheduled(name: str, patient: Attributes, study_uid: str, modality: str) -> SavedOrder:
    """A study nobody ordered: the patient is known, every identifier of a request is empty."""
    from dicomtest.dicom.requests import study_of
    from dicomtest.dicom.worklist_model import STEP

    item: Attributes = {
        **patient,
        "StudyInstanceUID": (study_uid,),
        STEP: ({"Modality": (modality,)},),
    }
    return SavedOrder(name, study_of(item), (), scheduled=[item])


def encoded(attributes: Attributes) -> Dataset:
    """The data set of a request, in the character set that the attributes declare."""
    from dicomtest.dicom.attribute_values import data_set, fitting_character_set, texts

    declared = texts(attributes.get("SpecificCharacterSet", ()))
    return data_set(attributes, fitting_character_set(attributes, declared))
