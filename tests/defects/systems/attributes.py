"""Which attribute belongs to which level of the Query/Retrieve models (PS3.4 C.6.1.1, C.6.2.1)."""

from __future__ import annotations

_LEVELS = {
    "PATIENT": """
        PatientName PatientID IssuerOfPatientID IssuerOfPatientIDQualifiersSequence
        PatientBirthDate PatientBirthTime PatientSex OtherPatientIDs OtherPatientIDsSequence
        OtherPatientNames EthnicGroup PatientComments NumberOfPatientRelatedStudies
        NumberOfPatientRelatedSeries NumberOfPatientRelatedInstances""",
    "STUDY": """
        StudyInstanceUID StudyDate StudyTime AccessionNumber IssuerOfAccessionNumberSequence
        StudyID StudyDescription ReferringPhysicianName PhysiciansOfRecord
        NameOfPhysiciansReadingStudy AdmittingDiagnosesDescription PatientAge PatientSize
        PatientWeight Occupation AdditionalPatientHistory ProcedureCodeSequence
        ReferencedStudySequence ModalitiesInStudy SOPClassesInStudy
        NumberOfStudyRelatedSeries NumberOfStudyRelatedInstances
        RetrieveAETitle StorageMediaFileSetID StorageMediaFileSetUID""",
    "SERIES": """
        SeriesInstanceUID Modality SeriesNumber SeriesDescription SeriesDate SeriesTime
        PerformingPhysicianName ProtocolName BodyPartExamined Laterality PatientPosition
        OperatorsName Manufacturer InstitutionName InstitutionalDepartmentName StationName
        ManufacturerModelName DeviceSerialNumber SoftwareVersions RequestAttributesSequence
        PerformedProcedureStepStartDate PerformedProcedureStepStartTime PerformedProcedureStepID
        PerformedProcedureStepDescription ReferencedPerformedProcedureStepSequence
        FrameOfReferenceUID NumberOfSeriesRelatedInstances""",
}
LEVEL_OF = {keyword: level for level, text in _LEVELS.items() for keyword in text.split()}
LEVEL_OF["AvailableTransferSyntaxUID"] = "IMAGE"

REQUIRED = {
    "PATIENT": {"PatientName", "PatientID"},
    "STUDY": {"StudyDate", "StudyTime", "AccessionNumber", "StudyID", "StudyInstanceUID"},
    "SERIES": {"Modality", "SeriesNumber", "SeriesInstanceUID"},
    "IMAGE": {"InstanceNumber", "SOPInstanceUID"},
}

COMPUTED = {
    "NumberOfPatientRelatedStudies",
    "NumberOfPatientRelatedSeries",
    "NumberOfPatientRelatedInstances",
    "NumberOfStudyRelatedSeries",
    "NumberOfStudyRelatedInstances",
    "NumberOfSeriesRelatedInstances",
    "ModalitiesInStudy",
    "SOPClassesInStudy",
    "AvailableTransferSyntaxUID",
}

# Of the request, not of any entity (PS3.4 C.2.2.2, C.4.1.1.3.1). Retrieve AE Title is answered
# for every entity, asked for or not.
NEVER_MATCHED = {
    "QueryRetrieveLevel",
    "QueryRetrieveView",
    "SpecificCharacterSet",
    "TimezoneOffsetFromUTC",
    "InstanceAvailability",
    "RetrieveAETitle",
}


def supported_level(keyword: str) -> str:
    """The level an attribute belongs to; what no other level claims is of the instance."""
    return LEVEL_OF.get(keyword, "IMAGE")
