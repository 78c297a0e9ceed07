"""What every synthetic object has: patient, study, series, equipment, SOP Common, private block."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword

from dicomtest.dicom.objects.registry import Make
from dicomtest.dicom.objects.study import StudyPlan, related_uid

PRIVATE_CREATOR = "DICOMTEST 1.0"
PRIVATE_GROUP = 0x0077
_SOME_DATE, _SOME_TIME = "20260101", "120000"

# Attributes of the Request Attributes Macro, PS3.3 Table 10-9.
REQUEST_ATTRIBUTES = (
    "RequestedProcedureID",
    "RequestedProcedureDescription",
    "RequestedProcedureCodeSequence",
    "ReasonForTheRequestedProcedure",
    "ReasonForRequestedProcedureCodeSequence",
    "ScheduledProcedureStepID",
    "ScheduledProcedureStepDescription",
    "ScheduledProtocolCodeSequence",
)


def start(make: Make) -> Dataset:
    """Begin a data set with the modules that every composite IOD here includes."""
    plan, place, subject = make.plan, make.place, make.plan.subject
    ds = Dataset()
    if subject.character_set:
        ds.SpecificCharacterSet = list(subject.character_set)
    ds.SOPClassUID = make.kind.sop_class
    ds.SOPInstanceUID = place.instance_uid
    ds.PatientName = subject.patient_name
    ds.PatientID = subject.patient_id
    ds.PatientBirthDate = subject.birth_date
    ds.PatientSex = subject.sex
    ds.StudyInstanceUID = plan.study_uid
    ds.StudyDate = plan.study_date
    ds.StudyTime = plan.study_time
    ds.ReferringPhysicianName = plan.referring_physician
    ds.StudyID = plan.study_id
    ds.AccessionNumber = plan.accession_number
    if plan.study_description:
        ds.StudyDescription = plan.study_description
    age = age_string(subject.birth_date, plan.study_date)
    if age:
        ds.PatientAge = age
    ds.PatientWeight = "71.5"
    ds.PatientComments = ""  # Type 3 and empty: even level 2 need not keep it (PS3.4 B.4.1)
    ds.Modality = make.kind.modality
    ds.SeriesInstanceUID = place.series_uid
    ds.SeriesNumber = str(place.series_number)
    ds.SeriesDescription = make.kind.title
    ds.SeriesDate = plan.study_date
    ds.SeriesTime = plan.study_time
    ds.InstanceNumber = str(place.instance_number)
    equipment(ds)
    copy_request(ds, plan)
    return ds


def equipment(ds: Dataset) -> None:
    """General Equipment Module, with what Enhanced General Equipment makes mandatory."""
    ds.Manufacturer = "dicomtest"
    ds.ManufacturerModelName = "Synthetic"
    ds.DeviceSerialNumber = "00042"
    ds.SoftwareVersions = ["dicomtest", "1"]
    ds.InstitutionName = "Synthetic Clinic"
    ds.StationName = "DICOMTEST"


def copy_request(ds: Dataset, plan: StudyPlan) -> None:
    """Put what the worklist said where IHE RAD TF-2 4.8 and PS3.3 10.6 want it.

    Of Scheduled Procedure Step Sequence only what the Request Attributes Macro has is taken. A
    Request Attributes Sequence given as a whole (several orders performed as one) stays as it is.
    """
    item = Dataset()
    for keyword, value in plan.request.items():
        if tag_for_keyword(keyword) is None:
            raise ValueError(f"{keyword} is not a keyword of PS3.6")
        if keyword == "ScheduledProcedureStepSequence":
            for step in value[:1]:
                item.update({each.tag: each for each in step if each.keyword in REQUEST_ATTRIBUTES})
        else:
            setattr(item if keyword in REQUEST_ATTRIBUTES else ds, keyword, value)
    if item and "RequestAttributesSequence" not in plan.request:
        ds.RequestAttributesSequence = [item]


def age_string(birth_date: str, study_date: str) -> str:
    """Age at the study as AS: years from the age of two, else months; "" when unknown."""
    try:
        born = datetime.strptime(birth_date, "%Y%m%d")
        then = datetime.strptime(study_date, "%Y%m%d")
    except ValueError:
        return ""
    months = (then.year - born.year) * 12 + then.month - born.month - (then.day < born.day)
    if months < 0 or months > 999 * 12:
        return ""
    return f"{months:03d}M" if months < 24 else f"{months // 12:03d}Y"


def moment(plan: StudyPlan, seconds: float) -> tuple[str, str]:
    """Date (DA) and time (TM) that many seconds after the study began.

    Where the plan leaves the study's date or time open it counts from a fixed one, because some
    IODs must have a date of their own.
    """
    time = plan.study_time.partition(".")[0].ljust(6, "0") if plan.study_time else _SOME_TIME
    begun = datetime.strptime(f"{plan.study_date or _SOME_DATE}{time}", "%Y%m%d%H%M%S")
    then = begun + timedelta(seconds=seconds)
    return then.strftime("%Y%m%d"), then.strftime("%H%M%S.%f")


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """One item of a code sequence (PS3.3 8.8)."""
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item


def item_of(**values: Any) -> Dataset:
    """A sequence item from keywords and values."""
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def frame_of_reference(ds: Dataset, plan: StudyPlan) -> None:
    """Frame of Reference Module (PS3.3 C.7.4.1); one frame of reference for the study."""
    ds.FrameOfReferenceUID = plan.frame_of_reference_uid or related_uid(
        plan.study_uid, "frame of reference"
    )
    ds.PositionReferenceIndicator = ""


def add_private_block(ds: Dataset, make: Make) -> None:
    """Add private attributes (PS3.5 7.8) of many VRs, which a level 2 SCP keeps (PS3.4 B.4.1).

    Among them: text of odd length, numbers in an unusual but legal spelling, an unknown VR, an
    empty value, an empty sequence, and a sequence whose items have private blocks of their own.
    """
    number = make.place.instance_number
    block = ds.private_block(PRIVATE_GROUP, PRIVATE_CREATOR, create=True)
    block.add_new(0x01, "LO", "odd")
    block.add_new(0x02, "DS", ["+1.50", "-0.250", "1.0E-2"])
    block.add_new(0x03, "IS", f"{number:06d}")
    block.add_new(0x04, "US", [1, 0xFFFF])
    block.add_new(0x05, "SL", -number)
    block.add_new(0x06, "FD", 0.1)
    block.add_new(0x07, "OB", bytes(range(16)))
    block.add_new(0x08, "UN", b"unknown value representation" + bytes([number % 256, 0]))
    block.add_new(0x09, "PN", make.plan.subject.patient_name)
    block.add_new(0x0A, "UT", " leading space and two lines\r\nsecond line")
    block.add_new(0x0B, "AT", [0x00100010, 0x7FE00010])
    block.add_new(0x0C, "LO", "")
    block.add_new(0x0D, "SQ", [])
    block.add_new(0x0E, "SH", ["one", "", "three"])
    block.add_new(0x0F, "UI", make.plan.study_uid)
    block.add_new(0x11, "SQ", [_private_item(each) for each in (1, 2)])


def _private_item(number: int) -> Dataset:
    item = Dataset()
    item.CodeMeaning = f"standard attribute in private item {number}"
    inner = item.private_block(PRIVATE_GROUP, PRIVATE_CREATOR, create=True)
    inner.add_new(0x01, "ST", f"private attribute in private item {number}")
    inner.add_new(0x02, "FL", number / 4)
    inner.add_new(0x0D, "SQ", [item_of(CodeMeaning="nested")])
    return item
