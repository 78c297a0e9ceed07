"""X-Ray Radiation Dose SR (PS3.3 A.35.8) of a CT and of a radiograph."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.uid import XRayRadiationDoseSRStorage

from dicomtest.dicom.objects.registry import Make, kind
from dicomtest.dicom.objects.sr_content import (
    CONTEXT,
    MODIFIER,
    PROPERTIES,
    Concept,
    coded,
    container,
    content_moment,
    date_time,
    device_observer,
    header,
    language,
    num,
    root,
    text,
    uid_reference,
)
from dicomtest.dicom.objects.study import related_uid

DOSE_REPORT = ("113701", "DCM", "X-Ray Radiation Dose Report")
PROCEDURE_REPORTED = ("121058", "DCM", "Procedure reported")
HAS_INTENT = ("363703001", "SCT", "Has Intent")
DIAGNOSTIC_INTENT = ("261004008", "SCT", "Diagnostic Intent")
SCOPE_OF_ACCUMULATION = ("113705", "DCM", "Scope of Accumulation")
STUDY = ("113014", "DCM", "Study")
STUDY_INSTANCE_UID = ("110180", "DCM", "Study Instance UID")
SOURCE_OF_DOSE_INFORMATION = ("113854", "DCM", "Source of Dose Information")
AUTOMATED_DATA_COLLECTION = ("113856", "DCM", "Automated Data Collection")
IRRADIATION_EVENT_UID = ("113769", "DCM", "Irradiation Event UID")
ACQUISITION_PROTOCOL = ("125203", "DCM", "Acquisition Protocol")
TARGET_REGION = ("123014", "DCM", "Target Region")
KVP = ("113733", "DCM", "KVP")
TUBE_CURRENT = ("113734", "DCM", "X-Ray Tube Current")
EXPOSURE_TIME = ("113824", "DCM", "Exposure Time")
IDENTIFICATION_OF_SOURCE = ("113832", "DCM", "Identification of the X-Ray Source")

CT_PROCEDURE = ("77477000", "SCT", "Computed Tomography X-Ray")
START_OF_IRRADIATION = ("113809", "DCM", "Start of X-Ray Irradiation")
END_OF_IRRADIATION = ("113810", "DCM", "End of X-Ray Irradiation")
CT_ACCUMULATED = ("113811", "DCM", "CT Accumulated Dose Data")
TOTAL_EVENTS = ("113812", "DCM", "Total Number of Irradiation Events")
DLP_TOTAL = ("113813", "DCM", "CT Dose Length Product Total")
CT_ACQUISITION = ("113819", "DCM", "CT Acquisition")
CT_ACQUISITION_TYPE = ("113820", "DCM", "CT Acquisition Type")
SEQUENCED = ("113804", "DCM", "Sequenced Acquisition")
CT_PARAMETERS = ("113822", "DCM", "CT Acquisition Parameters")
SCANNING_LENGTH = ("113825", "DCM", "Scanning Length")
SINGLE_COLLIMATION = ("113826", "DCM", "Nominal Single Collimation Width")
TOTAL_COLLIMATION = ("113827", "DCM", "Nominal Total Collimation Width")
PITCH_FACTOR = ("113828", "DCM", "Pitch Factor")
NUMBER_OF_SOURCES = ("113823", "DCM", "Number of X-Ray Sources")
CT_SOURCE = ("113831", "DCM", "CT X-Ray Source Parameters")
MAXIMUM_TUBE_CURRENT = ("113833", "DCM", "Maximum X-Ray Tube Current")
TIME_PER_ROTATION = ("113834", "DCM", "Exposure Time per Rotation")
CT_DOSE = ("113829", "DCM", "CT Dose")
MEAN_CTDI_VOL = ("113830", "DCM", "Mean CTDIvol")
PHANTOM_TYPE = ("113835", "DCM", "CTDIw Phantom Type")
IEC_BODY_PHANTOM = ("113691", "DCM", "IEC Body Dosimetry Phantom")
DLP = ("113838", "DCM", "DLP")
ABDOMEN: Concept = ("818981001", "SCT", "Abdomen")

MGY_CM = ("mGy.cm", "mGy.cm")
MGY = ("mGy", "mGy")
MILLIMETRE = ("mm", "mm")
SECOND = ("s", "s")
KILOVOLT = ("kV", "kV")
MILLIAMPERE = ("mA", "mA")
RATIO = ("{ratio}", "ratio")

ROTATIONS = 20
ROTATION_SECONDS = 0.5
WIDTH_MM = 10.0
CTDI_MGY = 12.5


@kind(
    "dose-sr",
    sop_class=XRayRadiationDoseSRStorage,
    modality="SR",
    title="CT dose report",
)
def ct_dose(ds: Dataset, make: Make) -> None:
    """One sequenced acquisition of the abdomen, reported from TID 10011 by the scanner itself."""
    header(ds, make, (), verified=False)
    seconds = ROTATIONS * (ROTATION_SECONDS + 1)
    began, ended = ("".join(content_moment(make.plan, after)) for after in (60.0, 60.0 + seconds))
    length_mm = ROTATIONS * WIDTH_MM
    dlp = f"{CTDI_MGY * length_mm / 10:.2f}"
    root(
        ds,
        DOSE_REPORT,
        "10011",
        language(),
        coded(
            PROCEDURE_REPORTED,
            CT_PROCEDURE,
            coded(HAS_INTENT, DIAGNOSTIC_INTENT, by=MODIFIER),
            by=MODIFIER,
        ),
        *device_observer(ds, related_uid(str(ds.DeviceSerialNumber), "device")),
        date_time(START_OF_IRRADIATION, began, by=CONTEXT),
        date_time(END_OF_IRRADIATION, ended, by=CONTEXT),
        scope(make),
        container(
            CT_ACCUMULATED,
            num(TOTAL_EVENTS, "1", ("{events}", "events")),
            num(DLP_TOTAL, dlp, MGY_CM),
        ),
        container(
            CT_ACQUISITION,
            text(ACQUISITION_PROTOCOL, "Abdomen"),
            coded(TARGET_REGION, ABDOMEN),
            coded(CT_ACQUISITION_TYPE, SEQUENCED),
            uid_reference(IRRADIATION_EVENT_UID, event_uid(make)),
            _ct_parameters(length_mm),
            container(
                CT_DOSE,
                num(MEAN_CTDI_VOL, f"{CTDI_MGY:.2f}", MGY),
                coded(PHANTOM_TYPE, IEC_BODY_PHANTOM),
                num(DLP, dlp, MGY_CM),
            ),
        ),
        coded(SOURCE_OF_DOSE_INFORMATION, AUTOMATED_DATA_COLLECTION),
    )


def _ct_parameters(length_mm: float) -> Dataset:
    """CT Acquisition Parameters of TID 10013; the sections touch, so the pitch factor is 1."""
    return container(
        CT_PARAMETERS,
        num(EXPOSURE_TIME, f"{ROTATIONS * ROTATION_SECONDS:.2f}", SECOND),
        num(SCANNING_LENGTH, f"{length_mm:.1f}", MILLIMETRE),
        num(SINGLE_COLLIMATION, f"{WIDTH_MM / 4:.2f}", MILLIMETRE),
        num(TOTAL_COLLIMATION, f"{WIDTH_MM:.2f}", MILLIMETRE),
        num(PITCH_FACTOR, "1.0", RATIO),
        num(NUMBER_OF_SOURCES, "1", ("{X-Ray sources}", "X-Ray sources")),
        container(
            CT_SOURCE,
            text(IDENTIFICATION_OF_SOURCE, "A"),
            num(KVP, "120", KILOVOLT),
            num(MAXIMUM_TUBE_CURRENT, "250", MILLIAMPERE),
            num(TUBE_CURRENT, "250", MILLIAMPERE),
            num(TIME_PER_ROTATION, f"{ROTATION_SECONDS:.2f}", SECOND),
        ),
    )


def scope(make: Make) -> Dataset:
    """Scope of Accumulation: the study."""
    return coded(
        SCOPE_OF_ACCUMULATION,
        STUDY,
        uid_reference(STUDY_INSTANCE_UID, make.plan.study_uid, by=PROPERTIES),
        by=CONTEXT,
    )


def event_uid(make: Make) -> str:
    """The Irradiation Event UID of the one event this report is about."""
    return related_uid(make.place.instance_uid, "irradiation event")
