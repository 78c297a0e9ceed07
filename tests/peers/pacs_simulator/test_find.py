"""Real clients query our PACS simulator: each must get what the standard promises it."""

from __future__ import annotations

import pytest
from pydicom import Dataset
from support.population import (
    DOE,
    DOE_LATER,
    LI,
    MUELLER,
    POPULATION,
    SMITH,
    UID_ROOT,
    WANG,
    YAMADA,
    at,
    studies,
    uids,
)

SUCCESS, PENDING, CANCEL = 0x0000, 0xFF00, 0xFE00


@pytest.fixture
def find(filled, dcmtk):
    """Ask with findscu; give the data sets of the answers when the query ended well."""

    def ask(*keys: str, root: str = "-S", charset: str = "ISO_IR 192") -> list[Dataset]:
        asked = [part for key in (*keys, f"SpecificCharacterSet={charset}") for part in ("-k", key)]
        found = dcmtk("findscu", root, *asked, *filled.call)
        *pending, final = found.statuses
        assert final == SUCCESS, str(found)
        assert set(pending) <= {PENDING, 0xFF01}
        assert len(found.identifiers) == len(pending)
        return found.identifiers

    return ask


@pytest.mark.parametrize("root", ["-P", "-S"])
def test_every_level_is_answered(find, root):
    above = [f"PatientID={DOE.patient}"] if root == "-P" else []
    study = [*above, f"StudyInstanceUID={DOE.uid}"]
    series = [*study, f"SeriesInstanceUID={DOE.series(1)}"]

    by_study = find(at("STUDY"), *above, "StudyInstanceUID", "PatientName=DOE*", root=root)
    by_series = find(at("SERIES"), *study, "SeriesInstanceUID", "Modality", root=root)
    by_image = find(at("IMAGE"), *series, "SOPInstanceUID", "InstanceNumber", root=root)

    assert studies(by_study) == uids(DOE, DOE_LATER)
    assert sorted(each.SeriesInstanceUID for each in by_series) == [DOE.series(1), DOE.series(2)]
    assert sorted(int(each.InstanceNumber) for each in by_image) == [1, 2]
    assert {each.QueryRetrieveLevel for each in by_image} == {"IMAGE"}


def test_patients_are_found_once_each(find):
    found = find(at("PATIENT"), "PatientID", "PatientName", root="-P")

    assert sorted(each.PatientID for each in found) == ["P1", "P2", "P3", "P4", "P5", "P6"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("PatientName=DOE^JOHN^Q", (DOE, DOE_LATER)),
        ("PatientName=DO*", (DOE, DOE_LATER)),
        ("PatientName=*JANE", (SMITH,)),
        ("PatientName=?OE^JOHN*", (DOE, DOE_LATER)),
        ("PatientName=*", POPULATION),
        ("PatientName=", POPULATION),
        ("PatientName=NOBODY*", ()),
        ("PatientID=P?", POPULATION),
        ("PatientID=P", ()),
        # Mueller's Required Key is unknown, which matches everything (PS3.4 C.2.2.1.2)
        ("AccessionNumber=A1", (DOE, MUELLER)),
        ("AccessionNumber=a1", (MUELLER,)),
        ("AccessionNumber=?2", (DOE_LATER, MUELLER)),
        ("StudyDate=20200115", (DOE,)),
        ("StudyDate=20200115-20201231", (DOE, SMITH)),
        ("StudyDate=-20201231", (DOE, SMITH)),
        ("StudyDate=20220102-", (WANG, YAMADA, LI)),
        ("StudyTime=235959", (DOE_LATER,)),
        ("StudyTime=000000-000001", (SMITH,)),
        ("StudyTime=2300-", (DOE_LATER,)),
        ("ModalitiesInStudy=MR", (SMITH,)),
        (f"StudyInstanceUID={DOE.uid}\\{LI.uid}", (DOE, LI)),
        (f"StudyInstanceUID={UID_ROOT}", ()),
    ],
)
def test_keys_match_as_the_standard_says(find, key, expected):
    keys = [key] if key.startswith("StudyInstanceUID") else [key, "StudyInstanceUID"]

    assert studies(find(at("STUDY"), *keys)) == uids(*expected)


def test_keys_are_combined_with_and(find):
    found = find(at("STUDY"), "PatientName=DOE*", "StudyDate=20210101-", "StudyInstanceUID")

    assert studies(found) == [DOE_LATER.uid]


@pytest.mark.parametrize(
    ("pattern", "study"),
    [
        ("Müller*", MUELLER),
        ("*王^小东", WANG),
        ("Yamada*", YAMADA),
        ("*山田*", YAMADA),
        ("*李^娜*", LI),
    ],
)
def test_names_are_found_and_returned_whatever_their_character_set(find, pattern, study):
    found = find(at("STUDY"), f"PatientName={pattern}", "StudyInstanceUID")

    assert [(each.StudyInstanceUID, str(each.PatientName)) for each in found] == [
        (study.uid, study.name)
    ]


def test_counts_and_modalities_of_a_study(find):
    (found,) = find(
        at("STUDY"),
        f"StudyInstanceUID={DOE.uid}",
        *("ModalitiesInStudy", "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances"),
    )

    assert found.ModalitiesInStudy == "CT"
    assert found.NumberOfStudyRelatedSeries == 2
    assert found.NumberOfStudyRelatedInstances == 3


def test_an_answer_holds_what_was_asked_for_and_no_more(find):
    (found,) = find(at("STUDY"), f"StudyInstanceUID={DOE.uid}", "PatientID", "StudyDescription")

    assert set(found.dir()) <= {
        *("QueryRetrieveLevel", "StudyInstanceUID", "PatientID", "StudyDescription"),
        *("SpecificCharacterSet", "RetrieveAETitle", "InstanceAvailability"),
    }
    assert "StudyDescription" in found


@pytest.mark.parametrize(
    ("root", "keys"),
    [
        ("-S", ["StudyInstanceUID"]),
        ("-S", [at("PATIENT"), "PatientID"]),
        ("-S", [at("NONSENSE"), "StudyInstanceUID"]),
        ("-S", [at("SERIES"), "SeriesInstanceUID"]),
        ("-S", [at("IMAGE"), f"StudyInstanceUID={DOE.uid}", "SOPInstanceUID"]),
        ("-P", [at("STUDY"), "StudyInstanceUID"]),
    ],
    ids=[
        "no-level",
        "patient-in-study-root",
        "unknown-level",
        "no-study",
        "no-series",
        "no-patient",
    ],
)
def test_a_query_that_cannot_be_is_refused_without_an_answer(filled, dcmtk, root, keys):
    refused = dcmtk("findscu", root, *(part for key in keys for part in ("-k", key)), *filled.call)

    (status,) = refused.statuses
    assert status == 0xA900 or 0xC000 <= status <= 0xCFFF


def test_a_query_is_cancelled(filled, dcmtk):
    cancelled = dcmtk(
        "findscu", "--cancel", 1, "-S", "-k", at("STUDY"), "-k", "StudyInstanceUID", *filled.call
    )

    *pending, final = cancelled.statuses
    assert final in (CANCEL, SUCCESS)  # all answers may be on their way already
    assert 1 <= len(pending) <= len(POPULATION)
    assert cancelled.exit_code == 0


def test_dcmjs_gets_the_same_answers(filled, dcmjs):
    keys = {"QueryRetrieveLevel": "STUDY", "PatientName": "DOE*", "StudyInstanceUID": ""}

    found = dcmjs("find", *filled.peer, keys=keys)

    assert found.statuses == [PENDING, PENDING, SUCCESS]
    answers = sorted(each["StudyInstanceUID"] for each in found.identifiers)
    assert answers == uids(DOE, DOE_LATER)
