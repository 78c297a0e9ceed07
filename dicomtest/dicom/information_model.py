"""Query/Retrieve and worklist information models as data (PS3.4 C.6, K.6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Operation = Literal["FIND", "MOVE", "GET"]


class QueryLevel(StrEnum):
    """Values of Query/Retrieve Level (0008,0052), top first (PS3.4 C.6.1, C.6.2)."""

    PATIENT = "PATIENT"
    STUDY = "STUDY"
    SERIES = "SERIES"
    IMAGE = "IMAGE"


PATIENT, STUDY, SERIES, IMAGE = QueryLevel

UNIQUE_KEYS: dict[QueryLevel, str] = {
    PATIENT: "PatientID",
    STUDY: "StudyInstanceUID",
    SERIES: "SeriesInstanceUID",
    IMAGE: "SOPInstanceUID",
}


def _keywords(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


# Required Keys: PS3.4 Tables C.6-1 to C.6-5.
_REQUIRED: dict[QueryLevel, frozenset[str]] = {
    PATIENT: frozenset({"PatientName"}),
    STUDY: frozenset({"StudyDate", "StudyTime", "AccessionNumber", "StudyID"}),
    SERIES: frozenset({"Modality", "SeriesNumber"}),
    IMAGE: frozenset({"InstanceNumber"}),
}

# Attributes of the identifier that are no keys (PS3.4 C.4.1.1.3).
NOT_KEYS = frozenset(
    {
        *("QueryRetrieveLevel", "QueryRetrieveView", "SpecificCharacterSet"),
        *("TimezoneOffsetFromUTC", "RetrieveAETitle", "InstanceAvailability"),
        *("StorageMediaFileSetID", "StorageMediaFileSetUID"),
    }
)

# Which entity an attribute describes: modules of the Patient IE, Study IE, and of the Series,
# Frame of Reference and Equipment IEs (PS3.3 C.7.1 to C.7.5; PS3.4 C.3.1). All others: IMAGE.
_LEVEL_KEYWORDS: dict[QueryLevel, frozenset[str]] = {
    PATIENT: _keywords(
        "PatientName PatientID IssuerOfPatientID IssuerOfPatientIDQualifiersSequence",
        "TypeOfPatientID ReferencedPatientSequence PatientBirthDate PatientBirthTime PatientSex",
        "OtherPatientIDs OtherPatientIDsSequence OtherPatientNames EthnicGroup PatientComments PatientBirthName",
        "PatientMotherBirthName PatientSpeciesDescription PatientSpeciesCodeSequence",
        "PatientBreedDescription ResponsiblePerson ResponsibleOrganization PatientIdentityRemoved",
        "QualityControlSubject NumberOfPatientRelatedStudies NumberOfPatientRelatedSeries",
        "NumberOfPatientRelatedInstances",
    ),
    STUDY: _keywords(
        "StudyInstanceUID StudyDate StudyTime AccessionNumber StudyID ModalitiesInStudy",
        "SOPClassesInStudy AnatomicRegionsInStudyCodeSequence ReferringPhysicianName",
        "IssuerOfAccessionNumberSequence ConsultingPhysicianName",
        "StudyDescription ProcedureCodeSequence NameOfPhysiciansReadingStudy PhysiciansOfRecord",
        "AdmittingDiagnosesDescription AdmittingDiagnosesCodeSequence ReferencedStudySequence",
        "PatientAge PatientSize PatientWeight Occupation AdditionalPatientHistory",
        "OtherStudyNumbers RequestingService MedicalAlerts Allergies PregnancyStatus PatientState SmokingStatus",
        "AdmissionID ServiceEpisodeID NumberOfStudyRelatedSeries NumberOfStudyRelatedInstances",
    ),
    SERIES: _keywords(
        "SeriesInstanceUID Modality SeriesNumber NumberOfSeriesRelatedInstances SeriesDescription",
        "SeriesDescriptionCodeSequence SeriesDate SeriesTime BodyPartExamined Laterality",
        "ProtocolName PatientPosition PerformingPhysicianName OperatorsName RelatedSeriesSequence",
        "ReferencedPerformedProcedureStepSequence RequestAttributesSequence",
        "PerformedProcedureStepID",
        "PerformedProcedureStepStartDate PerformedProcedureStepStartTime",
        "PerformedProcedureStepEndDate PerformedProcedureStepEndTime",
        "PerformedProcedureStepDescription PerformedProtocolCodeSequence",
        "CommentsOnThePerformedProcedureStep FrameOfReferenceUID PositionReferenceIndicator",
        "Manufacturer InstitutionName InstitutionAddress InstitutionalDepartmentName StationName",
        "ManufacturerModelName DeviceSerialNumber SoftwareVersions",
        "SmallestPixelValueInSeries LargestPixelValueInSeries PresentationIntentType",
    ),
}


@dataclass(frozen=True)
class InformationModel:
    """One Query/Retrieve Information Model: its levels, top first, and its SOP Classes."""

    name: str
    levels: tuple[QueryLevel, ...]
    find: str
    move: str
    get: str
    cites: str

    def above(self, level: QueryLevel) -> tuple[QueryLevel, ...]:
        """The levels over this one, top first."""
        return self.levels[: self.levels.index(level)]

    def level_of(self, keyword: str) -> QueryLevel | None:
        """The level an attribute belongs to; None for what is no key (PS3.4 C.4.1.1.3).

        Attributes of patients are attributes of studies where there is no patient level
        (PS3.4 C.3.2).
        """
        if keyword in NOT_KEYS:
            return None
        level = next((each for each, of in _LEVEL_KEYWORDS.items() if keyword in of), IMAGE)
        return level if level in self.levels else self.levels[0]

    def unique_keys_above(self, level: QueryLevel) -> tuple[str, ...]:
        """Unique Keys of the levels over this one, top first."""
        return tuple(UNIQUE_KEYS[each] for each in self.above(level))

    def required(self, level: QueryLevel) -> frozenset[str]:
        """Required Keys of a level; a provider supports and matches them all (C.2.2.1.2)."""
        keys = _REQUIRED[level]
        if PATIENT not in self.levels and level == STUDY:
            keys |= _REQUIRED[PATIENT] | {UNIQUE_KEYS[PATIENT]}
        return keys

    def is_optional(self, keyword: str, level: QueryLevel) -> bool:
        """Whether a key of this level is an Optional Key (PS3.4 C.2.2.1.3)."""
        return keyword != UNIQUE_KEYS[level] and keyword not in self.required(level)


_QR = "1.2.840.10008.5.1.4.1.2."
PATIENT_ROOT = InformationModel(
    name="Patient Root",
    levels=(PATIENT, STUDY, SERIES, IMAGE),
    find=f"{_QR}1.1",
    move=f"{_QR}1.2",
    get=f"{_QR}1.3",
    cites="PS3.4 C.6.1",
)
STUDY_ROOT = InformationModel(
    name="Study Root",
    levels=(STUDY, SERIES, IMAGE),
    find=f"{_QR}2.1",
    move=f"{_QR}2.2",
    get=f"{_QR}2.3",
    cites="PS3.4 C.6.2",
)
MODELS = (PATIENT_ROOT, STUDY_ROOT)


def model_of(sop_class: str) -> tuple[InformationModel, Operation]:
    """The model and the operation of a Query/Retrieve SOP Class; raises KeyError for others."""
    for model in MODELS:
        if sop_class == model.find:
            return model, "FIND"
        if sop_class == model.move:
            return model, "MOVE"
        if sop_class == model.get:
            return model, "GET"
    raise KeyError(sop_class)
