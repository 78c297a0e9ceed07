"""What a simulated PACS keeps, finds and hands out."""

import threading
import time
from pathlib import Path

import pytest
from pydicom import Dataset
from support.queryable import CT, MR, ROOT, instances

from dicomtest.actors.archive import Archive
from dicomtest.dicom.answer_rules import Answer, judge_answers
from dicomtest.dicom.attribute_values import data_set
from dicomtest.dicom.information_model import PATIENT_ROOT, STUDY_ROOT
from dicomtest.dicom.matching import Agreement
from dicomtest.dicom.part10 import encoded, write
from dicomtest.dicom.population import Population
from dicomtest.dicom.query_plan import query_plan
from dicomtest.evidence import DataSetRef

EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED = (
    *("1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"),
    "1.2.840.10008.1.2.1.99",
)


def identifier(level, **keys):
    values = {name: each if isinstance(each, tuple) else (each,) for name, each in keys.items()}
    values = {name: () if each == ("",) else each for name, each in values.items()}
    return data_set({"QueryRetrieveLevel": (level,), **values})


@pytest.fixture
def archive(tmp_path):
    archive = Archive(tmp_path, retrieve_ae_title="PACS")
    for number, each in enumerate(instances()):
        stored = archive.add(write(each, tmp_path / f"{number}.dcm", EXPLICIT))
        assert stored.status == 0x0000
    return archive


@pytest.fixture
def one():
    return next(instances())


def test_the_answers_to_every_planned_query_break_no_rule(archive):
    population = Population(instances())
    judged = 0
    for query in query_plan(population):
        found = list(archive.find(query.sop_class, query.identifier()))
        if query.expect == "refusal":
            assert found == [(0xA900, None)], query.id
            continue
        answers = [Answer(answer, status) for status, answer in found if answer is not None]
        verdicts = judge_answers(
            population, query.model, query.identifier(), answers, foreign_ok=False
        )
        assert [each for each in verdicts if not each.judgement.holds] == [], query.id
        judged += len(verdicts)
    assert judged > 4000


def test_an_answer_has_just_what_was_asked_and_what_the_clause_adds(archive):
    request = identifier("STUDY", StudyInstanceUID=f"{ROOT}.1", StudyID="", PatientAge="")
    [(status, answer)] = archive.find(STUDY_ROOT.find, request)

    assert status == 0xFF00
    assert {each.keyword for each in answer} == {
        *("QueryRetrieveLevel", "StudyInstanceUID", "StudyID", "PatientAge"),
        *("RetrieveAETitle", "InstanceAvailability"),
    }
    assert answer.PatientAge is None or answer.PatientAge == ""
    assert answer.RetrieveAETitle == "PACS"


def test_an_optional_key_it_does_not_support_is_left_out_and_said_so(archive):
    request = identifier("STUDY", StudyInstanceUID=f"{ROOT}.1", OtherStudyNumbers="")
    [(status, answer)] = archive.find(STUDY_ROOT.find, request)

    assert status == 0xFF01
    assert "OtherStudyNumbers" not in answer


def test_a_key_of_a_lower_level_is_not_answered(archive):
    request = identifier("STUDY", StudyInstanceUID=f"{ROOT}.1", SeriesInstanceUID="")
    [(status, answer)] = archive.find(STUDY_ROOT.find, request)

    assert status == 0xFF01
    assert "SeriesInstanceUID" not in answer


@pytest.mark.parametrize(
    ("study", "character_set"),
    [(1, None), (5, "ISO_IR 100"), (6, ["", "ISO 2022 IR 87"]), (7, "GB18030")],
)
def test_an_answer_is_in_the_character_set_of_the_stored_object(archive, study, character_set):
    request = identifier("STUDY", StudyInstanceUID=f"{ROOT}.{study}", PatientName="")
    [(_, answer)] = archive.find(STUDY_ROOT.find, request)

    assert answer.get("SpecificCharacterSet") == character_set


def test_names_are_matched_literally_unless_it_is_told_otherwise(archive, tmp_path):
    request = identifier("STUDY", PatientName="dtest*", StudyInstanceUID="")
    assert list(archive.find(STUDY_ROOT.find, request)) == []

    lenient = Agreement(insensitive_names=True)
    assert len(list(archive.find(STUDY_ROOT.find, request, agreement=lenient))) == 5


def test_sequences_come_back_with_the_matching_items_and_the_requested_keys(tmp_path, one):
    codes = [Dataset(), Dataset()]
    for number, code in enumerate(codes):
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = f"C{number}", "99X", "x"
    one.ProcedureCodeSequence = codes
    archive = Archive(tmp_path, retrieve_ae_title="PACS")
    assert archive.add(write(one, tmp_path / "1.dcm", EXPLICIT)).status == 0
    asked = {"CodeValue": ("C1",), "CodingSchemeDesignator": ()}
    request = identifier("STUDY", StudyInstanceUID="", ProcedureCodeSequence=(asked,))
    [(status, answer)] = archive.find(STUDY_ROOT.find, request)

    assert status == 0xFF00
    [item] = answer.ProcedureCodeSequence
    assert (item.CodeValue, item.CodingSchemeDesignator) == ("C1", "99X")
    assert "CodeMeaning" not in item


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED])
def test_objects_of_every_encoding_are_indexed(tmp_path, one, syntax):
    archive = Archive(tmp_path)
    ref = write(one, tmp_path / "1.dcm", syntax)
    assert archive.add(ref, sop_class=CT, sop_instance=one.SOPInstanceUID).status == 0

    request = identifier("IMAGE", StudyInstanceUID=one.StudyInstanceUID,
                         SeriesInstanceUID=one.SeriesInstanceUID, SOPInstanceUID="",
                         Rows="8")  # fmt: skip
    assert len(list(archive.find(STUDY_ROOT.find, request))) == 1
    assert archive.instances[0].data == ref


def test_a_dicom_file_is_taken_by_its_path(tmp_path, one):
    ref = write(one, tmp_path / "1.dcm", EXPLICIT)
    archive = Archive(tmp_path)

    assert archive.add(Path(ref.path)).instance.data == ref


def test_the_same_instance_again_is_no_duplicate(archive, one, tmp_path):
    known = archive.get(one.SOPInstanceUID)
    again = write(one, tmp_path / "again.dcm", EXPLICIT)
    stored = archive.add(again)

    assert (stored.status, stored.duplicate, stored.instance) == (0x0000, True, known)
    assert len(archive) == 32
    assert not Path(again.path).exists()
    assert Path(known.data.path).exists()


def test_the_same_instance_in_another_transfer_syntax_is_no_duplicate(archive, one, tmp_path):
    again = write(one, tmp_path / "again.dcm", IMPLICIT)

    assert archive.add(again).status == 0x0000
    assert len(archive) == 32


def test_another_instance_under_a_known_uid_is_refused_and_changes_nothing(archive, one, tmp_path):
    one.PatientName = "DTEST^Somebody^Else"
    stored = archive.add(write(one, tmp_path / "other.dcm", EXPLICIT))

    assert stored.status == 0xC000
    assert len(stored.elements["ErrorComment"]) <= 64
    request = identifier("STUDY", StudyInstanceUID=f"{ROOT}.1", PatientName="")
    [(_, answer)] = archive.find(STUDY_ROOT.find, request)
    assert str(answer.PatientName) == "DTEST^Anna^Maria"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"SOPClassUID": MR}, 0xA900),
        ({"SOPInstanceUID": "1.2.3"}, 0xA900),
        ({"StudyInstanceUID": ""}, 0xA900),
        ({"SeriesInstanceUID": ""}, 0xA900),
    ],
)
def test_an_object_that_contradicts_its_request_is_refused(tmp_path, one, change, status):
    uid = one.SOPInstanceUID
    for name, value in change.items():
        setattr(one, name, value)
    archive = Archive(tmp_path)
    data = DataSetRef(EXPLICIT, data=encoded(one, EXPLICIT))
    stored = archive.add(data, sop_class=CT, sop_instance=uid)

    assert stored.status == status
    assert len(archive) == 0


@pytest.mark.parametrize("raw", [b"", b"\0" * 7, b"no data set at all " * 9, b"\xff" * 64])
@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, DEFLATED])
def test_bytes_that_are_no_object_are_refused(tmp_path, raw, syntax):
    archive = Archive(tmp_path)
    stored = archive.add(DataSetRef(syntax, data=raw), sop_class=CT, sop_instance="1.2.3")

    assert stored.status in (0xA900, 0xC000)
    assert stored.elements["ErrorComment"].isascii()
    assert len(stored.elements["ErrorComment"]) <= 64


def test_an_object_encoded_otherwise_than_it_says_is_refused(tmp_path, one):
    archive = Archive(tmp_path)
    for said, done in ((EXPLICIT, IMPLICIT), (IMPLICIT, EXPLICIT), (EXPLICIT, BIG_ENDIAN)):
        assert archive.add(DataSetRef(said, data=encoded(one, done))).status in (0xA900, 0xC000)


def test_a_file_that_is_gone_is_a_lack_of_resources(tmp_path):
    archive = Archive(tmp_path)

    assert archive.add(DataSetRef(EXPLICIT, path=str(tmp_path / "gone.dcm"))).status == 0xA700


@pytest.mark.parametrize(
    ("model", "level", "keys", "count"),
    [
        (PATIENT_ROOT, "PATIENT", {"PatientID": "DTM01"}, 12),
        (PATIENT_ROOT, "STUDY", {"PatientID": "DTM01", "StudyInstanceUID": f"{ROOT}.1"}, 4),
        (PATIENT_ROOT, "STUDY", {"PatientID": "DTM02", "StudyInstanceUID": f"{ROOT}.1"}, 0),
        (STUDY_ROOT, "STUDY", {"StudyInstanceUID": (f"{ROOT}.1", f"{ROOT}.2")}, 8),
        (STUDY_ROOT, "STUDY", {"StudyInstanceUID": "1.2.3"}, 0),
        (
            STUDY_ROOT,
            "SERIES",
            {"StudyInstanceUID": f"{ROOT}.1", "SeriesInstanceUID": f"{ROOT}.1.1"},
            3,
        ),
        (
            STUDY_ROOT,
            "IMAGE",
            {
                "StudyInstanceUID": f"{ROOT}.1",
                "SeriesInstanceUID": f"{ROOT}.1.1",
                "SOPInstanceUID": (f"{ROOT}.1.1.1", f"{ROOT}.1.1.3", "1.2.3"),
            },
            2,
        ),
        (STUDY_ROOT, "IMAGE", {"SOPInstanceUID": f"{ROOT}.1.1.1"}, 0),
        (STUDY_ROOT, "STUDY", {"StudyDate": "20240131"}, 0),
    ],
)
@pytest.mark.parametrize("operation", ["move", "get"])
def test_a_retrieval_selects_by_unique_keys(archive, model, level, keys, count, operation):
    found = archive.select(getattr(model, operation), identifier(level, **keys))

    assert len({each.sop_instance for each in found}) == len(found) == count


def test_what_is_removed_is_neither_found_nor_on_disk(archive, tmp_path):
    archive.remove(f"{ROOT}.1.2.1")
    request = identifier("STUDY", StudyInstanceUID=f"{ROOT}.1", NumberOfStudyRelatedInstances="",
                         ModalitiesInStudy="")  # fmt: skip
    [(_, answer)] = archive.find(STUDY_ROOT.find, request)
    assert (answer.NumberOfStudyRelatedInstances, answer.ModalitiesInStudy) == (3, "CT")

    archive.clear()
    assert len(archive) == 0
    assert list(archive.find(STUDY_ROOT.find, request)) == []
    assert list(tmp_path.glob("*.dcm")) == []


def test_files_outside_its_folder_are_left_alone(tmp_path, one):
    (tmp_path / "spool").mkdir()
    ref = write(one, tmp_path / "theirs.dcm", EXPLICIT)
    archive = Archive(tmp_path / "spool")
    archive.add(ref)
    archive.clear()

    assert Path(ref.path).exists()


def test_storing_and_finding_at_the_same_time_is_safe(tmp_path):
    refs = [
        write(each, tmp_path / f"{number}.dcm", EXPLICIT) for number, each in enumerate(instances())
    ]
    archive = Archive(tmp_path, retrieve_ae_title="PACS")
    wrong: list[Exception] = []

    def store(some):
        try:
            for ref in some:
                assert archive.add(ref).status == 0
                request = identifier("STUDY", PatientID="DTM*", StudyInstanceUID="",
                                     NumberOfStudyRelatedInstances="")  # fmt: skip
                for _ in archive.find(STUDY_ROOT.find, request):
                    pass
        except Exception as error:  # whatever breaks in a thread has to reach the test
            wrong.append(error)

    threads = [threading.Thread(target=store, args=(refs[start::4],)) for start in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert wrong == []
    assert len(archive) == 32


def test_a_query_by_unique_keys_is_quick_however_much_there_is():
    archive = Archive(Path())
    for number in range(10_000):
        study, series = number // 500, number // 100
        archive._population.add(
            {
                "PatientID": (f"P{study}",),
                "StudyInstanceUID": (f"1.{study}",),
                "SeriesInstanceUID": (f"1.{study}.{series}",),
                "SOPInstanceUID": (f"1.{study}.{series}.{number}",),
                "InstanceNumber": (str(number),),
            }
        )
    request = identifier("IMAGE", StudyInstanceUID="1.7", SeriesInstanceUID="1.7.36",
                         SOPInstanceUID="1.7.36.3601", InstanceNumber="")  # fmt: skip
    started = time.perf_counter()
    for _ in range(100):
        assert len(list(archive.find(STUDY_ROOT.find, request))) == 1

    # A scan of all instances would take far longer than this, even on a busy machine.
    assert time.perf_counter() - started < 2.0
