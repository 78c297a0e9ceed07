"""A real modality is to fetch its worklist from our RIS: C-FIND of the Modality Worklist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dicomtest.awaiting.expectation import Expectation, Progress
from dicomtest.awaiting.kinds.query import one, read
from dicomtest.awaiting.registry import awaits
from dicomtest.awaiting.words import ACCESSION_NUMBER, Words, patient_rows, patient_values

if TYPE_CHECKING:
    from pydicom import Dataset

    from dicomtest.awaiting.arrivals import Message
    from dicomtest.evidence import Association, Exchange, StepEvidence
    from dicomtest.saved import SavedOrder
    from dicomtest.stage import Stage
    from dicomtest.transactions.worklist import WorklistParameters

WORKLIST = "1.2.840.10008.5.1.4.31"
CANCELLED = 0xFE00


def is_worklist(_association: Association, exchange: Exchange) -> bool:
    """Whether it is a C-FIND of the Modality Worklist."""
    return exchange.service == "C-FIND" and exchange.sop_class == WORKLIST


class Worklist(Expectation):
    """A query whose answers have every order that the step names, and none that is gone."""

    sop_class = WORKLIST

    def __init__(self, stage: Stage, parameters: WorklistParameters, step: StepEvidence) -> None:
        """Await the orders that the step expects."""
        from dicomtest.saved import order_of

        super().__init__(stage, parameters, step)
        found = [order_of(stage.saved, name) for name in parameters.expect or ()]
        self.orders: list[SavedOrder] = [each for each in found if each is not None]

    def look(self, messages: Sequence[Message], *, lenient: bool) -> Progress:
        """Every query counts; together their answers have to show the orders."""
        mine = [exchange for _, exchange in messages]
        good = [each for each in mine if each.status in (0, CANCELLED)]
        shown: set[str] = set()
        missing, last = list(self.orders), None
        for each in good:
            shown |= {one(read(found.data), "StudyInstanceUID") for found in each.pending}
            missing = [order for order in self.orders if order.plan.study_uid not in shown]
            if lenient or not missing:
                last = each
                break
        seen = [
            Words(
                f"worklist query: {len(each.pending)} scheduled steps found",
                f"收到工作列表查询：{len(each.pending)} 条",
            )
            for each in mine[-3:]
        ]
        near = self.refused(messages)
        if good and missing:
            names = ", ".join(str(each.plan.subject.patient_name) for each in missing)
            near.append(
                Words(
                    f"a query came, but its keys do not find {names}",
                    f"已收到查询，但其条件无法找到 {names}",
                )
            )
        return Progress(
            done=last is not None, mine=self.up_to(messages, last), seen=seen, near=near,
            short=Words("no worklist query found what was ordered", "没有查询到已预约的检查"),
        )  # fmt: skip

    def finish(self, progress: Progress) -> None:  # noqa: ARG002 -- of every kind
        """What the worklist was to show."""
        from dicomtest.saved import SavedOrder
        from dicomtest.transactions.worklist import items_of

        orders = {
            name: each for name, each in self.stage.saved.items() if isinstance(each, SavedOrder)
        }
        self.step.facts.update(
            queries=[], items=items_of(orders), looked_for=[], visible_after=None, missing=[],
            lingering=[],
        )  # fmt: skip

    def request(self) -> Dataset | None:
        """The keys of the scenario, with everything else asked back."""
        from dicomtest.dicom.worklist_keys import nested, universal
        from dicomtest.transactions.worklist import identifier_of, resolved

        title = self.system.ae_title
        given = {
            name: resolved(self.stage, title, value) for name, value in self.parameters.keys.items()
        }
        if not given and self.orders:
            given = {"PatientID": self.orders[0].plan.subject.patient_id}
        made: Dataset = identifier_of(nested({**universal(), **given}))
        return made


@awaits("worklist", concerns=is_worklist)
def worklist(stage: Stage, parameters: WorklistParameters, step: StepEvidence) -> Expectation:
    """Opening the worklist on the modality's console."""
    made = Worklist(stage, parameters, step)
    title = step.players[step.scp].ae_title
    made.awaited = Words("a worklist query", "工作列表查询")
    made.task = Words(f"Refresh the worklist from {title}.", f"请从 {title} 刷新工作列表。")
    if made.orders:
        first = made.orders[0]
        subject = first.plan.subject
        made.use = [*patient_rows(subject), (ACCESSION_NUMBER, first.plan.accession_number)]
        made.values = {
            **patient_values(subject),
            "accession_number": first.plan.accession_number,
            "study_instance_uid": first.plan.study_uid,
        }
        made.task = Words(
            f"Refresh the worklist from {title}; this patient has to be in it.",
            f"请从 {title} 刷新工作列表；列表中应有该患者。",
        )
        made.awaited = Words(
            "a worklist query that shows this patient", "能显示该患者的工作列表查询"
        )
    made.tell_destination()
    return made
