"""order: schedule at the RIS, or change, cancel or merge what was scheduled.

There is no DICOM service for it: at a simulated RIS it is done directly, at a real one as its
site file says under `orders`. Facts for the checks:
    order      name of the order
    action     new, change, update-patient, cancel or merge
    way        simulated, known, hl7, command, folder or operator
    items      worklist items as they are to be from now on, by attribute keyword
    messages   [{type, sent, answer, code, why, seconds}] HL7 messages, where there were any
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, model_validator

from dicomtest.spec.base import ActorName, Filled, OneOrMore
from dicomtest.spec.steps import AnyStepParameters
from dicomtest.spec.words import wrong
from dicomtest.transactions import transaction
from dicomtest.transactions.store import Script

if TYPE_CHECKING:
    from dicomtest.evidence import StepEvidence
    from dicomtest.stage import Stage

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
    def action(self) -> str:
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
    from dicomtest.saved import SavedOrder
    from dicomtest.transactions.placing import Change, place

    if parameters.procedure:
        order = _new(stage, parameters)
        before: list[Any] = []
    else:
        found = stage.known(parameters.about)
        if not isinstance(found, SavedOrder):
            step.problem = f"{parameters.about} is a study, not an order"
            return
        order, before = found, list(found.items)
        order.scheduled = list(_changed(stage, parameters, before))
        order.changed |= _differing(before, order.scheduled)
        order.answered.clear()
        order.cancelled = order.cancelled or bool(parameters.cancel)
    step.facts.update(
        order=parameters.about, action=parameters.action, items=order.scheduled, messages=[]
    )
    if parameters.save:
        stage.saved[parameters.save] = order
    place(stage, Change(parameters.action, parameters.at, order, before), step)


def _new(stage: Stage, parameters: OrderParameters) -> Any:
    from dicomtest.dicom.orders import Wish, plan_order
    from dicomtest.dicom.requests import study_of
    from dicomtest.saved import SavedOrder
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
    items = []
    for number in range(parameters.count):
        if parameters.same_patient:
            subject = stage.patient_of(stage.known(parameters.same_patient))
        else:
            subject = subject_of(stage.new_patient(parameters.patient))
        items += plan_order(subject, stage.uids, first + number, wish).items()
    return SavedOrder(parameters.save, study_of(items[0]), (), scheduled=items)


def _moment(stage: Stage, parameters: OrderParameters) -> tuple[str, str]:
    from datetime import datetime, timedelta

    day = parameters.day if parameters.day is not None else 0
    offset = DAYS[day] if isinstance(day, str) else day
    date = stage.today + timedelta(days=offset)
    time = parameters.time or datetime.now().strftime("%H:%M")
    return date.strftime("%Y%m%d"), f"{time.replace(':', '')}00"


def _changed(stage: Stage, parameters: OrderParameters, before: list[Any]) -> Iterator[Any]:
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


def _differing(before: list[Any], after: list[Any]) -> frozenset[str]:
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
