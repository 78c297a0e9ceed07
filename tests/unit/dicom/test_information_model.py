"""The information models, and what a request must hold (PS3.4 C.4.1.2, C.4.2.2, C.6)."""

import pytest
from pydicom import Dataset

from dicomtest.dicom.information_model import (
    IMAGE,
    PATIENT,
    PATIENT_ROOT,
    SERIES,
    STUDY,
    STUDY_ROOT,
    identifier_faults,
    model_of,
    request_problems,
)
from dicomtest.dicom.worklist_model import REQUIRED_MATCHING, STEP, worklist_key

FULL = {
    "PatientID": ("P1",),
    "StudyInstanceUID": ("1.2",),
    "SeriesInstanceUID": ("1.2.1",),
    "SOPInstanceUID": ("1.2.1.1",),
}


def without(*names):
    return {name: values for name, values in FULL.items() if name not in names}


def test_every_sop_class_is_of_one_model_and_operation():
    assert model_of("1.2.840.10008.5.1.4.1.2.1.1") == (PATIENT_ROOT, "FIND")
    assert model_of("1.2.840.10008.5.1.4.1.2.2.2") == (STUDY_ROOT, "MOVE")
    assert model_of("1.2.840.10008.5.1.4.1.2.2.3") == (STUDY_ROOT, "GET")
    with pytest.raises(KeyError):
        model_of("1.2.840.10008.5.1.4.31")


def test_patient_attributes_belong_to_studies_where_there_is_no_patient_level():
    assert PATIENT_ROOT.level_of("PatientName") == PATIENT
    assert STUDY_ROOT.level_of("PatientName") == STUDY
    assert "PatientID" in STUDY_ROOT.required(STUDY)
    assert "PatientID" not in PATIENT_ROOT.required(STUDY)


@pytest.mark.parametrize(
    ("keyword", "level"),
    [
        ("StudyDescription", STUDY),
        ("PatientAge", STUDY),
        ("Modality", SERIES),
        ("InstitutionName", SERIES),
        ("Rows", IMAGE),
        ("SOPClassUID", IMAGE),
        ("QueryRetrieveLevel", None),
        ("SpecificCharacterSet", None),
    ],
)
def test_an_attribute_belongs_to_one_level(keyword, level):
    assert PATIENT_ROOT.level_of(keyword) == level


def test_what_many_expect_to_be_required_is_optional():
    for keyword in ("StudyDescription", "ModalitiesInStudy", "NumberOfStudyRelatedInstances"):
        assert STUDY_ROOT.is_optional(keyword, STUDY)
    for keyword in ("StudyDate", "AccessionNumber", "StudyInstanceUID"):
        assert not STUDY_ROOT.is_optional(keyword, STUDY)


@pytest.mark.parametrize(
    ("model", "level", "keys"),
    [
        (PATIENT_ROOT, "PATIENT", {"PatientID": ()}),
        (PATIENT_ROOT, "STUDY", {"PatientID": ("P1",), "StudyInstanceUID": ()}),
        (STUDY_ROOT, "STUDY", {"StudyInstanceUID": ("1.2", "1.3"), "PatientName": ("A*",)}),
        (STUDY_ROOT, "IMAGE", without("PatientID")),
        (PATIENT_ROOT, "IMAGE", FULL),
    ],
)
def test_a_right_query_has_no_fault(model, level, keys):
    assert identifier_faults(model.find, {"QueryRetrieveLevel": (level,), **keys}) == []


@pytest.mark.parametrize(
    ("model", "level", "keys", "keyword"),
    [
        (STUDY_ROOT, "", FULL, "QueryRetrieveLevel"),
        (STUDY_ROOT, "PATIENT", {"PatientID": ()}, "QueryRetrieveLevel"),
        (PATIENT_ROOT, "FRAME", FULL, "QueryRetrieveLevel"),
        (PATIENT_ROOT, "study", FULL, "QueryRetrieveLevel"),
        (PATIENT_ROOT, "STUDY", without("PatientID"), "PatientID"),
        (STUDY_ROOT, "SERIES", without("StudyInstanceUID"), "StudyInstanceUID"),
        (STUDY_ROOT, "SERIES", {**FULL, "StudyInstanceUID": ("1", "2")}, "StudyInstanceUID"),
        (PATIENT_ROOT, "STUDY", {**FULL, "PatientID": ("P*",)}, "PatientID"),
    ],
)
@pytest.mark.parametrize("operation", ["find", "move", "get"])
def test_a_provider_cannot_process_a_request_without_level_or_upper_unique_keys(
    model, level, keys, keyword, operation
):
    identifier = {"QueryRetrieveLevel": (level,) if level else (), **keys}
    problems = request_problems(getattr(model, operation), identifier)

    assert [each.keyword for each in problems] == [keyword]
    assert problems[0].code == 0xA900
    assert problems[0].cites.startswith("PS3.4 C.4.")


def test_upper_unique_keys_may_be_missing_when_relational_queries_were_negotiated():
    keys = {"QueryRetrieveLevel": ("SERIES",), "SeriesInstanceUID": ("1.2.1",)}

    assert request_problems(STUDY_ROOT.find, keys)
    assert identifier_faults(STUDY_ROOT.find, keys, relational=True) == []


@pytest.mark.parametrize(
    ("keys", "keyword"),
    [
        ({"StudyInstanceUID": (), "SeriesInstanceUID": ()}, "SeriesInstanceUID"),
        ({"PatientName": ("A*",)}, "StudyInstanceUID"),
        ({"StudyInstanceUID": (), "InstanceAvailability": ()}, "InstanceAvailability"),
        ({"StudyInstanceUID": (), "SpecificCharacterSet": ()}, "SpecificCharacterSet"),
        ({"StudyInstanceUID": (), "StudyDate": ("20240131-20240101",)}, "StudyDate"),
        ({"StudyInstanceUID": (), "StudyTime": ("noon",)}, "StudyTime"),
        (
            {"StudyInstanceUID": (), "ProcedureCodeSequence": ({}, {})},
            "ProcedureCodeSequence",
        ),
    ],
)
def test_a_user_is_told_of_faults_that_a_provider_can_live_with(keys, keyword):
    identifier = {"QueryRetrieveLevel": ("STUDY",), **keys}

    assert [each.keyword for each in identifier_faults(STUDY_ROOT.find, identifier)] == [keyword]
    assert request_problems(STUDY_ROOT.find, identifier) == []


def test_patient_keys_have_no_place_below_study_level_in_study_root():
    keys = {"QueryRetrieveLevel": ("SERIES",), **without("SOPInstanceUID")}
    faults = identifier_faults(STUDY_ROOT.find, keys)

    assert [each.keyword for each in faults] == ["PatientID"]


def test_a_retrieval_has_to_say_what_to_retrieve():
    problems = request_problems(STUDY_ROOT.move, {"QueryRetrieveLevel": ("STUDY",)})

    assert [each.keyword for each in problems] == ["StudyInstanceUID"]


def test_a_retrieval_holds_unique_keys_only():
    keys = {"QueryRetrieveLevel": ("STUDY",), "StudyInstanceUID": ("1", "2"), "StudyDate": ()}

    assert [each.keyword for each in identifier_faults(STUDY_ROOT.get, keys)] == ["StudyDate"]
    assert request_problems(STUDY_ROOT.get, keys) == []


def test_one_patient_at_a_time_can_be_retrieved():
    keys = {"QueryRetrieveLevel": ("PATIENT",), "PatientID": ("P1", "P2")}

    assert [each.keyword for each in request_problems(PATIENT_ROOT.move, keys)] == ["PatientID"]


def test_a_data_set_is_read_as_it_is():
    identifier = Dataset()
    identifier.QueryRetrieveLevel = "STUDY"
    identifier.StudyInstanceUID = ""

    assert identifier_faults(STUDY_ROOT.find, identifier) == []


def test_the_worklist_has_the_required_matching_keys_of_the_standard():
    assert set(REQUIRED_MATCHING) == {
        STEP,
        "ScheduledStationAETitle",
        "ScheduledProcedureStepStartDate",
        "ScheduledProcedureStepStartTime",
        "Modality",
        "ScheduledPerformingPhysicianName",
        "PatientName",
        "PatientID",
    }
    accession = worklist_key("AccessionNumber")
    assert accession is not None
    assert (accession.returned, accession.required_matching) == ("2", False)
