"""order: schedule at the RIS, or change, cancel or merge what was scheduled.

There is no DICOM service for it: at a simulated RIS it is done directly, at a real one as its
site file says under `orders`. Facts for the checks:
    order      name of the order
    action     new, change, update-patient, cancel or merge
    way        simulated, known, hl7, command, folder or operator
    items      worklist items as they are to be from now on, by attribute keyword
    messages   [{type, control_id, sent, answer, code, answered_id, why, frame, seconds}] HL7
               messages, where there were any
    command    {exit_status, output} of the site's command, where there was one
    operator   {choice, by, words} of the person who was asked, where there was one
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from dicomtest.errors import StepError
from dicomtest.spec.base import ActorName, Filled, OneOrMore
from dicomtest.spec.steps import AnyStepParameters
from dicomtest.spec.words import wrong
from dicomtest.transactions import transaction
from dicomtest.transactions.storing import Script

if TYPE_CHECKING:
    from dicomtest.dicom.attribute_values import Attributes
    from dicomtest.evidence import StepEvidence
    from dicomtest.saved import SavedOrder
    from dicomtest.stage import Stage
    from dicomtest.transactions.placing import Action, Placed

Day = Literal["yesterday", "today", "tomorrow"]
DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
PATIENT_CHANGES = ("patient_name", "birth_date", "sex")
ORDER_CHANGES = ("day", "time", "station", "modality", "performing_physician")


class OrderParameters(AnyStepParameters):
    """An order at a RIS: a new one, or what becomes of one."""

    at: ActorName = Field(description="The actor that schedules.")
    procedure: Annotated[tuple[Filled, ...], OneOrMore] = Field(
        (), description="name of the requested procedure, such as CT HEAD; several are one order"
    )
    steps: int = Field(1, ge=1, le=20, description="scheduled steps of each requested procedure")
    count: int = Field(1, ge=1, le=5000, description="so many orders like this")
    station: ActorName | None = Field(
        None, description="actor whose AE title is scheduled; default: modality"
    )
    modality: str = Field("", description="Modality; default: the first word of the procedure")
    day: Day | int | None = Field(
        None, description="today, tomorrow, yesterday or days from today; default: today"
    )
    time: str | None = Field(
        None, pattern=r"^[0-2][0-9]:[0-5][0-9]$", description="hh:mm; default: now"
    )
    performing_physician: str | None = Field(
        None, description="Scheduled Performing Physician's Name"
    )
    patient: Script = Field("latin", description="script of the patient's name")
    same_patient: str = Field("", description="name of a saved order or study whose patient it is")
    change: str = Field("", description="name of the order to change instead of making one")
    cancel: str = Field("", description="name of the order to cancel")
    merge: str = Field("", description="name of the order whose patient is merged into another")
    into: str = Field("", description="name of the order or study of the patient that remains")
    patient_name: str | None = Field(None, description="corrected name of the patient")
    birth_date: str | None = Field(
        None, pattern=r"^[0-9]{8}$", description="corrected birth date, as 19700131"
    )
    sex: Literal["M", "F", "O"] | None = Field(None, description="corrected sex")
    save: str = Field("", description="name by which later steps refer to this order")

    @model_validator(mode="after")
    def _one_thing(self) -> OrderParameters:
        ways = [each for each in (self.procedure, self.change, self.cancel, self.merge) if each]
        if len(ways) != 1:
            what = "an order step does exactly one thing"
            raise wrong(what, "write one of procedure, change, cancel and merge")
        if self.merge and not self.into:
            raise wrong("it is not said which patient remains", "add   into: NAME")
        named = [each for each in (*PATIENT_CHANGES, *ORDER_CHANGES) if getattr(self, each)]
        if self.change and not named:
            raise wrong("nothing is changed", "add   patient_name: ..., day: ... or time: ...")
        return self

    @property
    def action(self) -> Action:
        """What the step does."""
        if self.procedure:
            return "new"
        if self.change:
            patient = any(getattr(self, each) is not None for each in PATIENT_CHANGES)
            return "update-patient" if patient else "change"
        return "cancel" if self.cancel else "merge"

    @property
    def about(self) -> str:
        """The name of the order."""
        return self.save or self.change or self.cancel or self.merge

    def actors(self) -> set[str]:
        """The RIS, and the actor scheduled."""
        return {self.at, *([self.station or "modality"] if self.procedure else [])}

    def defines(self) -> list[str]:
        """The name it saves."""
        return [self.save] if self.save else []

    def uses(self) -> list[str]:
        """The names it needs."""
        named = (self.change, self.cancel, self.merge, self.into, self.same_patient)
        return [each for each in named if each]


def describe(parameters: OrderParameters) -> str:
    """The step in words."""
    if parameters.procedure:
        times = f"{parameters.count} times " if parameters.count > 1 else ""
        return f"order {times}{', '.join(parameters.procedure)} at {parameters.at}"
    if parameters.merge:
        return f"merge the patient of {parameters.merge} into that of {parameters.into}"
    return f"{parameters.action.replace('-', ' ')} of {parameters.about} at {parameters.at}"


@transaction("order", parameters=OrderParameters, describe=describe)
def carry_out(stage: Stage, parameters: OrderParameters, step: StepEvidence) -> None:
    """Make the order, or find the one it is about, and have the RIS know it."""
    from dicomtest.transactions.placing import Change, NotPlaced, place

    step.facts.update(order=parameters.about, action=parameters.action, items=[], messages=[])
    order = None if parameters.procedure else _known(stage, parameters.about)
    before = list(order.items) if order else []
    after = list(_changed(stage, parameters, before) if order else _new(stage, parameters))
    try:
        placed = place(stage, Change(parameters.action, parameters.at, before, after), step)
    except NotPlaced as why:
        step.not_run = str(why)
        return
    step.facts["items"] = placed.items
    if order is None:
        if parameters.save:
            stage.saved[parameters.save] = saved_order(parameters.save, placed)
        return
    order.scheduled = placed.items
    order.changed |= _differing(before, placed.items)
    order.answered.clear()
    order.cancelled = order.cancelled or bool(parameters.cancel)


def saved_order(name: str, placed: Placed) -> SavedOrder:
    """The order as later steps know it."""
    from dicomtest.dicom.requests import study_of
    from dicomtest.saved import SavedOrder

    plan = study_of(placed.items[0])
    return SavedOrder(name, plan, (), scheduled=placed.items, exact=placed.exact)


def _known(stage: Stage, name: str) -> SavedOrder:
    from dicomtest.saved import SavedOrder

    found = stage.known(name)
    if not isinstance(found, SavedOrder):
        raise StepError(f"{name} is a study, not an order")
    return found


def _new(stage: Stage, parameters: OrderParameters) -> Iterator[Attributes]:
    from dicomtest.dicom.orders import Wish, plan_order
    from dicomtest.studies import subject_of

    station = stage.run.casting.player(parameters.station or "modality", "worklist")
    day, time = _moment(stage, parameters)
    physician = parameters.performing_physician
    wish = Wish(
        procedures=parameters.procedure,
        station_ae_title=station.ae_title,
        start_date=day,
        start_time=time,
        modality=parameters.modality,
        steps=parameters.steps,
        performing_physician="Performing^Petra" if physician is None else physician,
        station_name=station.actor.upper()[:16],
        location="Room 1",
    )
    first = 1 + sum(
        len(each.facts.get("items", ())) for each in stage.evidence if each.kind == "order"
    )
    for number in range(parameters.count):
        if parameters.same_patient:
            subject = stage.patient_of(stage.known(parameters.same_patient))
        else:
            subject = subject_of(stage.new_patient(parameters.patient))
        yield from plan_order(subject, stage.uids, first + number, wish).items()


def _moment(stage: Stage, parameters: OrderParameters) -> tuple[str, str]:
    from datetime import datetime, timedelta

    day = parameters.day if parameters.day is not None else 0
    offset = DAYS[day] if isinstance(day, str) else day
    date = stage.today + timedelta(days=offset)
    time = parameters.time or datetime.now().strftime("%H:%M")
    return date.strftime("%Y%m%d"), f"{time.replace(':', '')}00"


def _changed(
    stage: Stage, parameters: OrderParameters, before: list[Attributes]
) -> Iterator[Attributes]:
    """The items as they are to be."""
    from dicomtest.dicom.orders import patient_attributes, rescheduled

    values: dict[str, str] = {}
    if parameters.patient_name is not None:
        values["PatientName"] = stage.test_name(parameters.patient_name)
    if parameters.birth_date is not None:
        values["PatientBirthDate"] = parameters.birth_date
    if parameters.sex is not None:
        values["PatientSex"] = parameters.sex
    day, time = _moment(stage, parameters)
    if parameters.day is not None:
        values["ScheduledProcedureStepStartDate"] = day
    if parameters.time is not None:
        values["ScheduledProcedureStepStartTime"] = time
    if parameters.performing_physician is not None:
        values["ScheduledPerformingPhysicianName"] = parameters.performing_physician
    if parameters.modality:
        values["Modality"] = parameters.modality
    if parameters.station:
        station = stage.run.casting.player(parameters.station, "worklist")
        values["ScheduledStationAETitle"] = station.ae_title
    for item in before:
        made = rescheduled(item, **values)
        if parameters.merge:
            patient = stage.patient_of(stage.known(parameters.into))
            made = {**made, **patient_attributes(patient)}
            made["SpecificCharacterSet"] = patient.character_set
        yield made


def _differing(before: list[Attributes], after: list[Attributes]) -> frozenset[str]:
    """The attributes with other values than before."""
    from dicomtest.dicom.orders import step_of

    return frozenset(
        name
        for old, new in zip(before, after, strict=True)
        for one, two in ((old, new), (step_of(old), step_of(new)))
        for name in two
        if one.get(name) != two[name] and not name.endswith("Sequence")
        and name != "SpecificCharacterSet"
    )  # fmt: skip
