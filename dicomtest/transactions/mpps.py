"""mpps: a modality performed procedure step, N-CREATE and N-SET (PS3.4 F.7; IHE RAD-6, RAD-7).

The step's instances are those of the performed step when it ends. Facts for the checks:
    performed    {name, sop_instance, orders, unscheduled, study, status, id} of the step that was
                 begun or changed; absent when only probes were made
    probes       names of the probes that were made (`dicomtest.dicom.mpps_probes`); each request
                 has the label of its kind, and the retrieval after it the label "get:" and that
    retrieve     whether MPPS Retrieve (F.8) was accepted
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import Field, model_validator

from dicomtest.spec.steps import AnyStepParameters, StepParameters
from dicomtest.spec.words import wrong
from dicomtest.transactions import transaction

if TYPE_CHECKING:
    from dicomtest import dimse
    from dicomtest.dicom.attribute_values import Attributes
    from dicomtest.dicom.performed_step import Performing
    from dicomtest.evidence import Exchange, StepEvidence
    from dicomtest.saved import SavedOrder
    from dicomtest.stage import Stage
    from dicomtest.transactions.performed import PerformedStep

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"

Status = Literal["IN PROGRESS", "COMPLETED", "DISCONTINUED"]
Probe = Literal[
    "transitions", "duplicate", "unknown", "created-final", "missing-type-1", "empty-type-1",
    "missing-type-2", "after-completed", "after-discontinued", "not-allowed", "bad-status",
]  # fmt: skip
Reason = Literal[
    "doctor-cancelled", "equipment-failure", "incorrect-procedure-ordered", "patient-allergic",
    "patient-refused", "patient-did-not-arrive", "duplicate-order", "incorrect-side-ordered",
    "unspecified", "incorrect-worklist-entry", "patient-condition",
]  # fmt: skip
Script = Literal[
    "latin", "latin1", "chinese-gb18030", "chinese-utf8", "chinese-gb2312", "japanese",
    "japanese-kana", "korean", "cyrillic", "greek", "arabic",
]  # fmt: skip


class MppsParameters(StepParameters):
    """N-CREATE or N-SET of a modality performed procedure step."""

    order: tuple[str, ...] | str = Field(
        (), description="the saved order that is performed, or several performed as one"
    )
    scheduled_step: int = Field(
        1, ge=1, description="which scheduled procedure step of the order, counted from 1"
    )
    unscheduled: bool = Field(False, description="performed without an order (emergency)")
    patient: Script = Field("latin", description="script of the name of an unscheduled patient")
    modality: str = Field("CT", description="modality of an unscheduled step")
    status: Status = Field(
        "IN PROGRESS", description="IN PROGRESS begins a step, the others end it"
    )
    reason: Reason | None = Field(None, description="why a step is DISCONTINUED")
    of: str = Field("", description="the performed step to change, by its name")
    append: str = Field("", description="the performed step whose study this one goes on with")
    save: str = Field("", description="name of the performed step, by default that of the order")
    probes: tuple[Probe, ...] | Literal["all"] = Field(
        (), description="what else to try, on steps of its own, to see how the provider refuses"
    )
    optional: bool = Field(False, description="a system may well not offer this")

    @model_validator(mode="after")
    def _about_something(self) -> MppsParameters:
        if not (self.orders or self.of or self.unscheduled or self.append or self.probes):
            raise wrong("this performs nothing", "name an order, or write   unscheduled: true")
        if self.unscheduled and not self.save:
            raise wrong("an unscheduled step has no name", "add   save: NAME")
        if self.unscheduled and (self.orders or self.of or self.append):
            raise wrong("an unscheduled step performs no order", "leave out order, of and append")
        if len(self.orders) > 1 and not self.save:
            raise wrong("several orders performed as one have no name", "add   save: NAME")
        if self.reason and self.status != "DISCONTINUED":
            raise wrong("a reason belongs to status DISCONTINUED", "leave out the reason")
        return self

    @property
    def orders(self) -> tuple[str, ...]:
        """The orders, as a tuple."""
        return (self.order,) if isinstance(self.order, str) else self.order

    @property
    def name(self) -> str:
        """The name of the performed step."""
        return self.save or self.of or next(iter(self.orders), "") or self.append

    @property
    def begins(self) -> bool:
        """Whether a step begins: N-CREATE."""
        return self.status == "IN PROGRESS" and not self.of

    def defines(self) -> list[str]:
        """The name it saves."""
        return [self.save] if self.save else []

    def uses(self) -> list[str]:
        """The names it needs."""
        return [*self.orders, *(each for each in (self.of, self.append) if each)]

    def order_problems(self, earlier: Sequence[tuple[str, AnyStepParameters]]) -> list[str]:
        """Whether the step that is to change has begun."""
        if self.begins or not self.name:
            return []
        names = [
            each.name for _, each in earlier if isinstance(each, MppsParameters) and each.begins
        ]
        if self.name in names:
            return []
        return [f"the performed step {self.name} has not begun"]


def describe(parameters: MppsParameters) -> str:
    """The step in words."""
    if not parameters.name:
        return f"try how {parameters.to} refuses wrong performed procedure steps"
    words = f"{parameters.from_} reports {parameters.name} {parameters.status} to {parameters.to}"
    if parameters.unscheduled:
        words += " (unscheduled)"
    if parameters.append:
        words += f", goes on with {parameters.append}"
    if parameters.reason:
        words += f": {parameters.reason}"
    if parameters.probes:
        words += "; and tries how it refuses wrong ones"
    return words


@transaction("mpps", parameters=MppsParameters, describe=describe)
def carry_out(stage: Stage, parameters: MppsParameters, step: StepEvidence) -> None:
    """Report the step, then make the probes."""
    from dicomtest import dimse
    from dicomtest.dicom.mpps_model import MPPS, MPPS_RETRIEVE
    from dicomtest.transactions.mpps_probing import make_probes

    step.facts.update(probes=[], retrieve=False)
    step.not_applicable = _never_offered(stage, parameters)
    if step.not_applicable:
        return
    performed = _performed(stage, parameters, step) if parameters.name else None
    scu = stage.run.casting.started(parameters.from_)
    remote = stage.run.casting.remote(parameters.to, step.kind)
    waiting = list(_probes(parameters))
    classes = [MPPS, MPPS_RETRIEVE] if waiting else [MPPS]
    options = {**stage.options(parameters), "label": "mpps"}
    while performed is not None or waiting:
        proposals = [dimse.Proposal(each, (EXPLICIT, IMPLICIT)) for each in classes]
        with scu.associate(remote, proposals, **options) as peer:
            if not stage.usable(peer, MPPS, "Modality Performed Procedure Step", parameters, step):
                return
            if peer.association.accepted(MPPS_RETRIEVE):
                step.facts["retrieve"] = True
            if performed is not None:
                _report(stage, parameters, step, peer, performed)
                performed = None
            if not make_probes(stage, parameters, step, peer, waiting):
                classes = [MPPS]
        options["restarting"] = True


def _never_offered(stage: Stage, parameters: MppsParameters) -> str:
    """Why the step to go on with was never begun: the system does not offer MPPS."""
    if parameters.begins or not parameters.name or parameters.name in stage.performed:
        return ""
    reasons = (each.not_applicable for each in stage.evidence if each.kind == "mpps")
    return next(filter(None, reasons), "")


def _probes(parameters: MppsParameters) -> tuple[Probe, ...]:
    return get_args(Probe) if parameters.probes == "all" else parameters.probes


def _performed(stage: Stage, parameters: MppsParameters, step: StepEvidence) -> PerformedStep:
    """The step to report: a new one, or the one that has begun."""
    from dicomtest.errors import StepError

    if parameters.begins:
        performed = _begin(stage, parameters)
    else:
        known = stage.performed.get(parameters.name)
        if known is None:
            raise StepError(f"the performed step {parameters.name} never began")
        performed = known
    step.facts["performed"] = {
        "name": performed.name,
        "sop_instance": performed.performing.sop_instance,
        "id": performed.performing.id,
        "orders": list(performed.orders),
        "unscheduled": not performed.performing.items,
        "study": performed.performing.study_uid,
        "status": parameters.status,
    }
    return performed


def _begin(stage: Stage, parameters: MppsParameters) -> PerformedStep:
    from dicomtest.dicom.performed_step import of_instances
    from dicomtest.transactions.performed import PerformedStep

    study, orders = study_to_perform(stage, parameters)
    performing = performing_of(stage, parameters, study, scheduled=bool(orders))
    study.performed.setdefault(None, {}).update(of_instances(performing))
    study.plan = study.study(0)
    return PerformedStep(
        parameters.name,
        performing,
        study,
        orders,
        earlier={each.sop_instance for each in study.instances},
    )


def study_to_perform(
    stage: Stage, parameters: MppsParameters
) -> tuple[SavedOrder, tuple[str, ...]]:
    """The study to acquire, and the orders it is acquired for."""
    from dataclasses import replace

    from dicomtest.dicom.orders import patient_attributes
    from dicomtest.dicom.requests import subject_of_item
    from dicomtest.errors import StepError
    from dicomtest.saved import order_of
    from dicomtest.studies import subject_of
    from dicomtest.transactions.performed import joined, unscheduled

    if parameters.append and not parameters.orders:
        before = stage.performed.get(parameters.append)
        if before is None:
            raise StepError(f"the performed step {parameters.append} never began")
        return before.study, before.orders
    if parameters.unscheduled:
        subject = subject_of(stage.new_patient(parameters.patient))
        patient = {
            **patient_attributes(subject),
            "SpecificCharacterSet": subject.character_set,
        }
        made = unscheduled(parameters.name, patient, stage.uids.new(), parameters.modality)
        now = datetime.now()
        made.plan = replace(
            made.plan,
            subject=subject_of_item(made.scheduled[0]),
            study_date=now.strftime("%Y%m%d"),
            study_time=now.strftime("%H%M%S"),
        )
        stage.saved[parameters.name] = made
        return made, ()
    orders = []
    for name in parameters.orders:
        order = order_of(stage.saved, name)
        if order is None:
            stage.known(name)
            raise StepError(f"{name} is no order")
        orders.append(order)
    if len(orders) == 1:
        return orders[0], parameters.orders
    group = joined(parameters.name, orders, orders[0].plan.study_uid)
    stage.saved[parameters.name] = group
    return group, parameters.orders


def performing_of(
    stage: Stage, parameters: MppsParameters, study: SavedOrder, *, scheduled: bool
) -> Performing:
    """What the modality knows when it begins to perform a study."""
    from dicomtest.dicom.orders import text
    from dicomtest.dicom.performed_step import Performing
    from dicomtest.errors import StepError

    number = parameters.scheduled_step - 1
    if number >= len(study.scheduled):
        raise StepError(f"{study.name} has {len(study.scheduled)} scheduled steps")
    group = len(parameters.orders) > 1
    items = study.items if group else [study.item(number)]
    first = items[0]
    return Performing(
        sop_instance=stage.uids.new(),
        id=f"P{len(stage.performed) + 1:02d}{stage.run.id[-4:]}{stage.uids.new()[-6:]}"[:16],
        station_ae_title=stage.run.casting.player(parameters.from_).ae_title,
        modality=text(first, "Modality") or parameters.modality,
        study_uid=text(first, "StudyInstanceUID"),
        begun=datetime.now(),
        items=items if scheduled else (),
        patient=None if scheduled else first,
        description=text(first, "ScheduledProcedureStepDescription"),
        protocol=text(first, "ScheduledProcedureStepDescription") or "EMERGENCY",
        study_id=text(first, "RequestedProcedureID"),
    )


def _report(
    stage: Stage,
    parameters: MppsParameters,
    step: StepEvidence,
    peer: dimse.Requestor,
    performed: PerformedStep,
) -> None:
    """Send the request; a step that was refused has not begun, or goes on as it was."""
    from dicomtest.dicom.mpps_model import MPPS
    from dicomtest.dicom.performed_step import creation
    from dicomtest.transactions.performed import encoded

    performing = performed.performing
    if parameters.begins:
        made = encoded(creation(performing))

        def send() -> Exchange:
            return peer.n_create(MPPS, performing.sop_instance, made, label="create")

    else:
        step.instances = performed.instances()
        changes = changes_of(stage, parameters, performed)
        label = "progress" if parameters.status == "IN PROGRESS" else "end"
        said = encoded(changes)

        def send() -> Exchange:
            return peer.n_set(MPPS, performing.sop_instance, said, label=label)

    exchange = send()
    if parameters.faults and not dimse_took(exchange.status):
        exchange = send()
    if not dimse_took(exchange.status):
        step.problem = "the performed procedure step was not taken"
        return
    performed.status = parameters.status
    stage.performed[performed.name] = performed


def changes_of(stage: Stage, parameters: MppsParameters, performed: PerformedStep) -> Attributes:
    """The modification list of an N-SET that reports progress or the end."""
    from dicomtest.dicom.performed_step import final, progress

    retrieve = _archive(stage, performed)
    if parameters.status == "IN PROGRESS":
        return progress(performed.instances(), performed.performing, retrieve)
    return final(
        parameters.status,
        datetime.now(),
        performed.instances(),
        performed.performing,
        new_series=stage.uids.new(),
        reason=parameters.reason or "",
        retrieve_ae=retrieve,
    )


def _archive(stage: Stage, performed: PerformedStep) -> str:
    """AE title of the actor that has taken the instances."""
    own = {each.sop_instance for each in performed.instances()}
    for actor, known in stage.run.stored.items():
        if own & {each.sop_instance for each in known}:
            return stage.run.casting.player(actor).ae_title
    return ""


def dimse_took(status: int | None) -> bool:
    """Success or Warning."""
    from dicomtest.dimse import status_class

    return status is not None and status_class(status) in ("success", "warning")
