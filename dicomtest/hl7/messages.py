"""Messages about orders and patients, made from worklist items (IHE RAD TF-2 4.4, 4.12, 4.13).

ORM^O01 carries one requested procedure with an ORC and OBR for each scheduled step and the Study
Instance UID in ZDS; OMI^O23 has an IPC segment for each step. ADT^A08 updates a patient, ADT^A40
merges two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dicomtest.dicom.attribute_values import Attributes, Item, Values, items
from dicomtest.dicom.orders import step_of, text
from dicomtest.hl7.er7 import (
    DELIMITERS,
    Segment,
    components,
    encoded,
    escaped,
    fitting_character_set,
    segment,
)

Kind = Literal["ORM^O01", "OMI^O23"]
Action = Literal["new", "change", "cancel"]
ORDER_CONTROL = {"new": "NW", "change": "XO", "cancel": "CA"}  # HL7 table 0119
VERSIONS = {"ORM^O01": "2.3.1", "OMI^O23": "2.5.1"}
STRUCTURES = {
    "OMI^O23": "OMI^O23^OMI_O23",
    "ADT^A08": "ADT^A08^ADT_A01",
    "ADT^A40": "ADT^A40^ADT_A39",
}
_SEX = {"M": "M", "F": "F", "O": "O"}


@dataclass(frozen=True)
class Envelope:
    """What MSH says beside the message type; application and facility as `APP^FACILITY`."""

    control_id: str
    moment: str  # YYYYMMDDHHMMSS
    sender: str = "DICOMTEST^DICOMTEST"
    receiver: str = "RIS^RIS"
    version: str = ""


@dataclass(frozen=True)
class Message:
    """One message: its type, its control ID, and its bytes."""

    type: str
    control_id: str
    data: bytes


def order_messages(
    kind: Kind, action: Action, wanted: Sequence[Attributes], envelopes: Iterator[Envelope]
) -> Iterator[Message]:
    """One message for each requested procedure among the items."""
    studies: dict[str, list[Attributes]] = {}
    for item in wanted:
        studies.setdefault(text(item, "StudyInstanceUID"), []).append(item)
    for steps in studies.values():
        body = [_pid(steps[0]), _pv1(steps[0])]
        body += _orm(action, steps) if kind == "ORM^O01" else _omi(action, steps)
        yield _message(kind, next(envelopes), body)


def patient_update(item: Attributes, envelope: Envelope) -> Message:
    """ADT^A08: the patient of an item as he is to be."""
    return _message("ADT^A08", envelope, [_evn("A08", envelope), _pid(item), _pv1(item)])


def patient_merge(remaining: Attributes, prior: Attributes, envelope: Envelope) -> Message:
    """ADT^A40: the patient of `prior` becomes that of `remaining`."""
    merged = segment(
        "MRG",
        {1: components(text(prior, "PatientID")), 7: name(text(prior, "PatientName"))},
    )
    return _message("ADT^A40", envelope, [_evn("A40", envelope), _pid(remaining), merged])


def name(value: str) -> str:
    """A DICOM PN as XPN: prefix and suffix change places, one repetition for each group."""
    repetitions = []
    for group, letter in zip(value.split("="), "AIP", strict=False):
        family, given, middle, prefix, suffix = (*group.split("^"), "", "", "", "")[:5]
        parts = (family, given, middle, suffix, prefix, "", "L", letter if "=" in value else "")
        if any((family, given, middle, prefix, suffix)):
            repetitions.append(components(*parts))
    return "~".join(repetitions)


def _message(kind: str, envelope: Envelope, body: Sequence[Segment]) -> Message:
    sender, receiver = (each.split("^") for each in (envelope.sender, envelope.receiver))
    version = envelope.version or VERSIONS.get(kind, "2.3.1")
    type_ = kind if version < "2.4" else STRUCTURES.get(kind, kind)
    head = {
        1: "|",
        2: DELIMITERS,
        3: escaped(sender[0]),
        4: escaped("".join(sender[1:2])),
        5: escaped(receiver[0]),
        6: escaped("".join(receiver[1:2])),
        7: envelope.moment,
        9: type_,
        10: envelope.control_id,
        11: "P",
        12: version,
        18: fitting_character_set(["|".join(each) for each in body]),
    }
    return Message(kind, envelope.control_id, encoded([segment("MSH", head), *body]))


def _evn(event: str, envelope: Envelope) -> Segment:
    return segment("EVN", {1: event, 2: envelope.moment})


def _pid(item: Attributes) -> Segment:
    return segment(
        "PID",
        {
            3: components(text(item, "PatientID"), "", "", text(item, "IssuerOfPatientID")),
            5: name(text(item, "PatientName")),
            7: text(item, "PatientBirthDate"),
            8: _SEX.get(text(item, "PatientSex"), "U"),
            18: components(text(item, "AdmissionID")),
        },
    )


def _pv1(item: Attributes) -> Segment:
    return segment(
        "PV1",
        {
            2: "O",
            3: components(text(item, "CurrentPatientLocation")),
            8: _person(item, "ReferringPhysicianName"),
            19: components(text(item, "AdmissionID")),
        },
    )


def _orm(action: Action, steps: Sequence[Attributes]) -> list[Segment]:
    body = []
    for item in steps:
        timing = f"^^^{_start(item)}^^R"
        body += [
            _orc(action, item, {7: timing}),
            segment("OBR", {**_obr(item), **_obr_of_step(item), 27: timing}),
        ]
    uid = text(steps[0], "StudyInstanceUID")
    return [*body, segment("ZDS", {1: components(uid, "100", "Application", "DICOM")})]


def _omi(action: Action, steps: Sequence[Attributes]) -> list[Segment]:
    first = steps[0]
    body = [
        _orc(action, first, {}),
        segment("TQ1", {1: "1", 7: _start(first), 9: "R"}),
        segment("OBR", _obr(first)),
    ]
    for item in steps:
        fields = {
            1: components(text(item, "AccessionNumber")),
            2: components(text(item, "RequestedProcedureID")),
            3: components(text(item, "StudyInstanceUID")),
            4: components(text(item, "ScheduledProcedureStepID")),
            5: components(text(item, "Modality")),
            6: _code(item, "ScheduledProtocolCodeSequence", "ScheduledProcedureStepDescription"),
            7: components(text(item, "ScheduledStationName")),
            8: components(text(item, "ScheduledProcedureStepLocation")),
            9: escaped(text(item, "ScheduledStationAETitle")),
        }
        body.append(segment("IPC", fields))
    return body


def _orc(action: Action, item: Attributes, more: Mapping[int, str]) -> Segment:
    fields = {
        1: ORDER_CONTROL[action],
        2: components(text(item, "PlacerOrderNumberImagingServiceRequest"), "DICOMTEST"),
        3: components(text(item, "FillerOrderNumberImagingServiceRequest"), "DICOMTEST"),
        5: "CA" if action == "cancel" else "SC",
        12: _person(item, "RequestingPhysician"),
    }
    return segment("ORC", {**fields, **more})


def _obr(item: Attributes) -> dict[int, str]:
    requested = _code(item, "RequestedProcedureCodeSequence", "RequestedProcedureDescription")
    return {
        1: "1",
        2: components(text(item, "PlacerOrderNumberImagingServiceRequest"), "DICOMTEST"),
        3: components(text(item, "FillerOrderNumberImagingServiceRequest"), "DICOMTEST"),
        4: requested,
        16: _person(item, "RequestingPhysician"),
        44: requested,
    }


def _obr_of_step(item: Attributes) -> dict[int, str]:
    requested = _code(item, "RequestedProcedureCodeSequence", "RequestedProcedureDescription")
    protocol = _code(item, "ScheduledProtocolCodeSequence", "ScheduledProcedureStepDescription")
    return {
        4: f"{requested}^{protocol}",
        18: escaped(text(item, "AccessionNumber")),
        19: escaped(text(item, "RequestedProcedureID")),
        20: escaped(text(item, "ScheduledProcedureStepID")),
        24: escaped(text(item, "Modality")),
        34: _person(item, "ScheduledPerformingPhysicianName"),
        36: _start(item),
    }


def _start(item: Attributes) -> str:
    day = text(item, "ScheduledProcedureStepStartDate")
    return f"{day}{text(item, 'ScheduledProcedureStepStartTime').partition('.')[0]}"


def _person(item: Attributes, keyword: str) -> str:
    """A physician as XCN, whose first component is an identifier that nobody gave."""
    family, given, middle, prefix, suffix = (
        *text(item, keyword).split("=")[0].split("^"), "", "", "", "",
    )[:5]  # fmt: skip
    return components("", family, given, middle, suffix, prefix)


def _code(item: Attributes, sequence: str, description: str) -> str:
    """A code as CE: identifier, text, coding system; always of three components."""
    codes = items(_of_item(item, sequence))
    first: Item = codes[0] if codes else {}
    meaning = text(first, "CodeMeaning") or text(item, description)
    values = (text(first, "CodeValue"), meaning, text(first, "CodingSchemeDesignator"))
    return "^".join(escaped(each) for each in values)


def _of_item(item: Attributes, keyword: str) -> Values:
    return item.get(keyword, ()) or step_of(item).get(keyword, ())
