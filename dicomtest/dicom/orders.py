"""Orders: imaging service request, requested procedures, scheduled procedure steps.

An order becomes worklist items, one for each scheduled step, with the attributes of PS3.4 Table
K.6-1 in the form in which matching compares them. Equal arguments give equal orders.
"""

from __future__ import annotations

import hashlib
import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from dicomtest.dicom.attribute_values import Attributes, Item
from dicomtest.dicom.objects import Subject
from dicomtest.dicom.uids import UidFactory
from dicomtest.dicom.worklist_model import STEP

SCHEDULED = "SCHEDULED"
CODING_SCHEME = "99DICOMTEST"
# Words at the beginning of a procedure's name that say the modality (PS3.3 C.7.3.1.1.1).
MODALITIES = frozenset(
    {"CR", "CT", "DX", "ES", "IO", "MG", "MR", "NM", "OT", "PT", "PX", "RF", "US", "XA"}
)
_MOMENT = "%Y%m%d%H%M%S"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Code:
    """One item of a code sequence (PS3.3 8.8)."""

    value: str
    scheme: str
    meaning: str

    def item(self) -> Item:
        """As a sequence item."""
        return {
            "CodeValue": (self.value,),
            "CodingSchemeDesignator": (self.scheme,),
            "CodeMeaning": (self.meaning,),
        }


@dataclass(frozen=True)
class ScheduledStep:
    """One scheduled procedure step (PS3.3 C.4.10)."""

    id: str
    station_ae_title: str
    modality: str
    start_date: str  # DA
    start_time: str  # TM
    description: str
    protocol: Code
    performing_physician: str = ""
    station_name: str = ""
    location: str = ""
    status: str = SCHEDULED

    def item(self) -> Item:
        """The item of Scheduled Procedure Step Sequence."""
        return {
            "ScheduledStationAETitle": (self.station_ae_title,),
            "ScheduledProcedureStepStartDate": (self.start_date,),
            "ScheduledProcedureStepStartTime": (self.start_time,),
            "Modality": (self.modality,),
            "ScheduledPerformingPhysicianName": _value(self.performing_physician),
            "ScheduledProcedureStepDescription": (self.description,),
            "ScheduledProtocolCodeSequence": (self.protocol.item(),),
            "ScheduledStationName": _value(self.station_name),
            "ScheduledProcedureStepLocation": _value(self.location),
            "ScheduledProcedureStepID": (self.id,),
            "ScheduledProcedureStepStatus": (self.status,),
            "PreMedication": (),
            "RequestedContrastAgent": (),
        }


@dataclass(frozen=True)
class RequestedProcedure:
    """One requested procedure (PS3.3 C.4.11): its identifiers, its study, its steps."""

    id: str
    description: str
    code: Code
    study_uid: str
    steps: tuple[ScheduledStep, ...]
    priority: str = "ROUTINE"


@dataclass(frozen=True)
class Order:
    """An imaging service request (PS3.3 C.4.12) about one patient."""

    patient: Subject
    accession_number: str
    order_number: str
    procedures: tuple[RequestedProcedure, ...]
    referring_physician: str = "Referring^Rita"
    requesting_physician: str = "Requesting^Robin"
    admission_id: str = ""
    location: str = ""

    def items(self) -> list[Attributes]:
        """One worklist item for each scheduled step, in order."""
        return [self._item(each, step) for each in self.procedures for step in each.steps]

    def _item(self, procedure: RequestedProcedure, step: ScheduledStep) -> Attributes:
        return {
            "SpecificCharacterSet": self.patient.character_set,
            **patient_attributes(self.patient),
            "AccessionNumber": (self.accession_number,),
            "ReferringPhysicianName": (self.referring_physician,),
            "RequestingPhysician": (self.requesting_physician,),
            "PlacerOrderNumberImagingServiceRequest": (self.order_number,),
            "FillerOrderNumberImagingServiceRequest": (self.accession_number,),
            "AdmissionID": _value(self.admission_id),
            "CurrentPatientLocation": _value(self.location),
            "StudyInstanceUID": (procedure.study_uid,),
            "ReferencedStudySequence": (),
            "RequestedProcedureID": (procedure.id,),
            "RequestedProcedureDescription": (procedure.description,),
            "RequestedProcedureCodeSequence": (procedure.code.item(),),
            "RequestedProcedurePriority": (procedure.priority,),
            "PatientTransportArrangements": (),
            STEP: (step.item(),),
        }


def patient_attributes(patient: Subject) -> Attributes:
    """What a worklist item says of its patient (PS3.4 Table K.6-1)."""
    return {
        "PatientName": (patient.patient_name,),
        "PatientID": (patient.patient_id,),
        "PatientBirthDate": _value(patient.birth_date),
        "PatientSex": _value(patient.sex),
        "ReferencedPatientSequence": (),
        "PatientWeight": ("71.5",),
        "ConfidentialityConstraintOnPatientDataDescription": (),
        "PatientState": (),
        "PregnancyStatus": ("4",) if patient.sex == "F" else (),
        "MedicalAlerts": (),
        "Allergies": (),
        "SpecialNeeds": (),
    }


@dataclass(frozen=True)
class Wish:
    """What is asked for: everything that a scenario says of an order.

    `procedures` are names such as `CT HEAD`, one requested procedure each, with `steps`
    scheduled steps. Steps of one order begin `minutes` apart.
    """

    procedures: tuple[str, ...]
    station_ae_title: str
    start_date: str
    start_time: str
    modality: str = ""
    steps: int = 1
    minutes: int = 15
    priority: str = "ROUTINE"
    performing_physician: str = "Performing^Petra"
    station_name: str = ""
    location: str = ""


def plan_order(patient: Subject, uids: UidFactory, number: int, wish: Wish) -> Order:
    """The order number `number` of what `uids` stands for."""
    tag = f"{identifier_tag(uids.run)}{_in_digits(number, 4)}"
    moments = _moments(wish)
    procedures = []
    for index, name in enumerate(wish.procedures):
        steps = tuple(
            _step(wish, name, f"S{tag}{_DIGITS[index]}{_DIGITS[part]}", next(moments))
            for part in range(wish.steps)
        )
        procedures.append(
            RequestedProcedure(
                id=f"R{tag}{_DIGITS[index]}",
                description=name[:64],
                code=_code("P", name),
                study_uid=uids.of("order", number, "procedure", index),
                steps=steps,
                priority=wish.priority,
            )
        )
    return Order(
        patient=patient,
        accession_number=f"A{tag}",
        order_number=f"O{tag}",
        procedures=tuple(procedures),
    )


def modality_of(procedure: str) -> str:
    """The modality that the name of a procedure begins with; OT where it names none."""
    first = procedure.split(" ")[0].upper()
    return first if first in MODALITIES else "OT"


def rescheduled(item: Attributes, **values: str) -> Attributes:
    """The same item with these values, by keyword, at the place where they belong."""
    step = dict(step_of(item))
    made = dict(item)
    for name, value in values.items():
        target = step if name in step else made
        target[name] = _value(value)
    made[STEP] = (step,)
    return made


def step_of(item: Item) -> Item:
    """The item of Scheduled Procedure Step Sequence; empty when there is none."""
    steps = item.get(STEP, ())
    first = steps[0] if steps else {}
    return {} if isinstance(first, str) else first


def text(item: Item, name: str) -> str:
    """The first value of an attribute of an item, or of its scheduled step; "" when unknown."""
    for place in (item, step_of(item)):
        values = place.get(name, ())
        if values and isinstance(values[0], str):
            return values[0]
    return ""


def identifier_tag(run: str) -> str:
    """Nine characters that tell the identifiers of one run and scenario from all others."""
    number = int.from_bytes(hashlib.sha256(run.encode()).digest()[:8], "big")
    return _in_digits(number, 9)


def _step(wish: Wish, name: str, id: str, moment: tuple[str, str]) -> ScheduledStep:
    return ScheduledStep(
        id=id,
        station_ae_title=wish.station_ae_title,
        modality=wish.modality or modality_of(name),
        start_date=moment[0],
        start_time=moment[1],
        description=f"{name} step"[:64],
        protocol=_code("T", name),
        performing_physician=wish.performing_physician,
        station_name=wish.station_name,
        location=wish.location,
    )


def _moments(wish: Wish) -> Iterator[tuple[str, str]]:
    begin = datetime.strptime(f"{wish.start_date}{wish.start_time[:6].ljust(6, '0')}", _MOMENT)
    for number in itertools.count():
        moment = begin + timedelta(minutes=number * wish.minutes)
        yield moment.strftime("%Y%m%d"), moment.strftime("%H%M%S")


def _in_digits(number: int, length: int) -> str:
    """The last so many digits of a number to the base of 36."""
    return "".join(_DIGITS[number // 36**n % 36] for n in reversed(range(length)))


def _code(letter: str, name: str) -> Code:
    return Code(f"{letter}{zlib.crc32(name.encode()) % 1_000_000:06d}", CODING_SCHEME, name[:64])


def _value(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
