"""Which entity of the Query/Retrieve models an attribute describes, and what kind of key it is."""

from __future__ import annotations

from enum import StrEnum


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


# Required Keys: PS3.4 Tables C.6-1 to C.6-5.
REQUIRED_KEYS: dict[QueryLevel, frozenset[str]] = {
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


def _keywords(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


# Which entity an attribute describes: modules of the Patient IE, Study IE, and of the Series,
# Frame of Reference and Equipment IEs (PS3.3 C.7.1 to C.7.5; PS3.4 C.3.1). All others: IMAGE.
LEVEL_KEYWORDS: dict[QueryLevel, frozenset[str]] = {
    PATIENT: _keywords(
        "PatientName PatientID IssuerOfPatientID IssuerOfPatientIDQualifiersSequence",
        "TypeOfPatientID ReferencedPatientSequence PatientBirthDate PatientBirthTime PatientSex",
        "OtherPatientIDs OtherPatientIDsSequence OtherPatientNames EthnicGroup PatientComments",
        "PatientBirthName PatientMotherBirthName PatientSpeciesDescription",
        "PatientSpeciesCodeSequence",
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
        "OtherStudyNumbers RequestingService MedicalAlerts Allergies PregnancyStatus PatientState",
        "SmokingStatus AdmissionID ServiceEpisodeID NumberOfStudyRelatedSeries",
        "NumberOfStudyRelatedInstances",
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

LEVEL_OF: dict[str, QueryLevel] = {
    keyword: level for level, keywords in LEVEL_KEYWORDS.items() for keyword in keywords
}
