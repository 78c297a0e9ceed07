"""Every rule on the answers to a query catches what it is for, and nothing else."""

import copy

import pytest
from pydicom import DataElement, Dataset, config
from support.queryable import ROOT, instances

from dicomtest.actors.archive import SUPPORTED_KEYS
from dicomtest.dicom.answer_rules import RULES, Answer, answers_of, judge_answers
from dicomtest.dicom.attribute_values import data_set
from dicomtest.dicom.find_response import response
from dicomtest.dicom.finding import find
from dicomtest.dicom.information_model import IMAGE, PATIENT_ROOT, SERIES, STUDY, STUDY_ROOT
from dicomtest.dicom.population import Population
from dicomtest.evidence import DataSetRef, Exchange, Response
from dicomtest.findings import Level

OURS = {"QueryRetrieveLevel": ("STUDY",), "PatientID": ("DTM0*",), "StudyInstanceUID": ()}


@pytest.fixture(scope="module")
def population():
    return Population(instances())


class Answered:
    """A right set of answers, to be spoilt."""

    def __init__(self, population, model, keys):
        self.population, self.model, self.keys = population, model, keys
        level = next(each for each in model.levels if each == keys["QueryRetrieveLevel"][0])
        found = find(population, model, level, keys, supported=SUPPORTED_KEYS).strict
        self.status, self.answers = [], []
        for entity in found:
            status, answer = response(
                entity, model, keys, supported=SUPPORTED_KEYS, retrieve_ae_title="PACS"
            )
            self.status.append(status)
            self.answers.append(answer)

    def failed(self, **options):
        answers = [
            Answer(answer, status, f"answer {number}")
            for number, (status, answer) in enumerate(
                zip(self.status, self.answers, strict=True), 1
            )
        ]
        verdicts = judge_answers(
            self.population, self.model, data_set(self.keys), answers, **options
        )
        return sorted({each.rule.id for each in verdicts if not each.judgement.holds})


@pytest.fixture
def studies(population):
    keys = {
        **OURS,
        "PatientName": (),
        "StudyDate": ("20240101-20240229",),
        "StudyDescription": (),
        "NumberOfStudyRelatedInstances": (),
        "ModalitiesInStudy": (),
    }
    answered = Answered(population, STUDY_ROOT, keys)
    assert len(answered.answers) == 6
    assert answered.failed() == []
    return answered


def spoilt(answered, name, value):
    """One answer with another value, bytes and all, or without the attribute."""
    answer = answered.answers[0]
    if value is None:
        delattr(answer, name)
    else:
        answer[name] = DataElement(name, _vr(name), value, validation_mode=config.IGNORE)
    return answered.failed()


def _vr(name):
    from dicomtest.dicom.attribute_values import vr_of

    return vr_of(name)


@pytest.mark.parametrize(
    ("name", "value", "rules"),
    [
        ("StationName", "X", ["only-requested"]),
        ("PatientBirthDate", "", ["only-requested"]),
        ("StudyID", "S1", ["only-requested"]),
        ("PatientName", None, ["required-keys"]),
        ("StudyDate", None, ["required-keys"]),
        ("StudyInstanceUID", None, ["required-keys"]),
        ("StudyDescription", None, ["optional-keys", "pending-status"]),
        ("QueryRetrieveLevel", None, ["level"]),
        ("QueryRetrieveLevel", "SERIES", ["level"]),
        ("RetrieveAETitle", None, ["retrieve-location"]),
        ("RetrieveAETitle", "", []),
        ("RetrieveAETitle", "A TITLE LONGER THAN 16", ["legal-values"]),
        ("InstanceAvailability", None, []),
        ("InstanceAvailability", "", ["instance-availability"]),
        ("InstanceAvailability", "NEARBY", ["instance-availability"]),
        ("InstanceAvailability", "NEARLINE", []),
        ("SpecificCharacterSet", "", ["character-set"]),
        ("SpecificCharacterSet", "LATIN1", ["character-set"]),
        ("SpecificCharacterSet", "ISO_IR 192", []),
        ("StudyDate", "20240130", ["stored-values"]),
        ("StudyDate", "", ["stored-values"]),
        ("PatientName", "DTEST^Anna", ["stored-values"]),
        ("PatientName", "DTEST^Anna^Maria^^", []),
        ("StudyDescription", "CT", ["stored-values"]),
        ("StudyDescription", "", []),
        ("NumberOfStudyRelatedInstances", "3", ["counts"]),
        ("NumberOfStudyRelatedInstances", "04", []),
        ("NumberOfStudyRelatedInstances", "", []),
        ("ModalitiesInStudy", "CT", ["counts"]),
        ("ModalitiesInStudy", ["MR", "CT"], []),
    ],
)
def test_one_spoilt_attribute_breaks_just_its_rule(studies, name, value, rules):
    assert spoilt(studies, name, value) == rules


def test_media_take_the_place_of_a_retrieve_ae_title(studies):
    for answer in studies.answers:
        del answer.RetrieveAETitle
        answer.StorageMediaFileSetID = ""
        answer.StorageMediaFileSetUID = ""
    assert studies.failed() == []

    del studies.answers[0].StorageMediaFileSetUID
    assert studies.failed() == ["retrieve-location"]


def test_text_beyond_ascii_has_to_be_declared(population):
    keys = {**OURS, "StudyDate": ("20240301",), "StudyDescription": ()}
    answered = Answered(population, STUDY_ROOT, keys)
    assert answered.failed() == []
    raw = answered.answers[0]
    raw.StudyDescription = "Sch\u00e4del".encode("latin-1")
    del raw.SpecificCharacterSet

    assert "character-set" in answered.failed()


def test_an_answer_in_another_character_set_is_right(population):
    keys = {**OURS, "PatientName": (), "StudyDate": ("20240301",)}
    answered = Answered(population, STUDY_ROOT, keys)
    answered.answers = [
        data_set({**OURS, "StudyInstanceUID": (f"{ROOT}.5",), "PatientID": ("DTM03",),
                  "StudyDate": ("20240301",), "PatientName": ("DTÉST^Jérôme",),
                  "RetrieveAETitle": ("PACS",)}, "ISO_IR 192")
    ]  # fmt: skip

    assert answered.failed() == []


def test_a_missing_answer_is_missed(studies):
    studies.answers.pop()
    studies.status.pop()

    assert studies.failed() == ["all-matches"]
    assert studies.failed(complete=False) == []


def test_an_answer_given_twice_is_noticed(studies):
    studies.answers.append(copy.deepcopy(studies.answers[0]))
    studies.status.append(0xFF00)

    assert studies.failed() == ["no-duplicates"]


def test_an_answer_that_does_not_match_is_noticed(studies, population):
    keys = {**studies.keys, "StudyDate": ()}
    more = Answered(population, STUDY_ROOT, keys)
    known = {each.StudyInstanceUID for each in studies.answers}
    studies.answers += [each for each in more.answers if each.StudyInstanceUID not in known]
    studies.status += [0xFF00, 0xFF00]

    assert studies.failed() == ["only-matches"]


def foreign(**attributes):
    known = {**OURS, "StudyInstanceUID": ("1.9.9",), "PatientID": ("DTM0-other",),
             "PatientName": (), "StudyDate": ("20240202",), "StudyDescription": (),
             "NumberOfStudyRelatedInstances": ("700",), "ModalitiesInStudy": ("US",),
             "RetrieveAETitle": ("PACS",)}  # fmt: skip
    return data_set({**known, **{name: (value,) for name, value in attributes.items()}})


def test_what_others_stored_is_tolerated_if_it_matches(studies):
    studies.answers.append(foreign())
    studies.status.append(0xFF00)

    assert studies.failed() == []
    assert studies.failed(foreign_ok=False) == ["only-matches"]


@pytest.mark.parametrize("values", [{"StudyDate": "20240301"}, {"PatientID": "OTHER"}])
def test_what_others_stored_has_to_match_by_its_own_values(studies, values):
    studies.answers.append(foreign(**values))
    studies.status.append(0xFF00)

    assert studies.failed() == ["only-matches"]


def test_optional_keys_count_once_the_provider_says_it_matches_them(population):
    asked = {**OURS, "StudyDescription": ("CT Head",)}
    every = Answered(population, STUDY_ROOT, {**asked, "StudyDescription": ()})
    every.keys = asked
    assert len(every.answers) == 8
    assert every.failed() == ["only-matches"]

    every.status = [0xFF01] * 8  # supported for existence, not for matching
    assert every.failed() == []

    for answer in every.answers:
        del answer.StudyDescription
    assert every.failed() == []

    every.status = [0xFF00] * 8
    assert every.failed() == ["pending-status"]


def test_the_status_of_a_query_without_optional_keys_is_ff00(population):
    answered = Answered(population, STUDY_ROOT, {**OURS, "StudyDate": ()})
    answered.status[0] = 0xFF01

    assert answered.failed() == ["pending-status", "pending-status-mixed"]


@pytest.mark.parametrize("model", [STUDY_ROOT, PATIENT_ROOT])
@pytest.mark.parametrize("level", [SERIES, IMAGE])
def test_unique_keys_of_upper_levels_come_back(population, model, level):
    keys = {
        "QueryRetrieveLevel": (str(level),),
        "PatientID": ("DTM01",),
        "StudyInstanceUID": (f"{ROOT}.1",),
        "SeriesInstanceUID": (f"{ROOT}.1.1",),
        "SOPInstanceUID": (),
    }
    if level == SERIES:
        del keys["SOPInstanceUID"]
    if model is STUDY_ROOT:
        del keys["PatientID"]
    for name in model.unique_keys_above(level):
        answered = Answered(population, model, keys)
        assert answered.answers
        assert answered.failed() == []
        assert spoilt(answered, name, None) == ["higher-unique-keys"]
        assert spoilt(answered, name, "1.2.3") == ["higher-unique-keys"]


def test_at_the_lowest_level_the_retrieve_location_has_a_value(population):
    keys = {
        "QueryRetrieveLevel": ("IMAGE",),
        "StudyInstanceUID": (f"{ROOT}.1",),
        "SeriesInstanceUID": (f"{ROOT}.1.1",),
        "SOPInstanceUID": (),
    }
    answered = Answered(population, STUDY_ROOT, keys)

    assert spoilt(answered, "RetrieveAETitle", "") == ["retrieve-location"]


def test_an_unknown_required_key_is_reported_and_never_failed():
    population = Population(
        {"PatientID": ("P1",), "StudyInstanceUID": (f"1.{n}",), "SeriesInstanceUID": (f"1.{n}.1",),
         "SOPInstanceUID": (f"1.{n}.1.1",), "AccessionNumber": accession}
        for n, accession in enumerate([("A1",), ()])
    )  # fmt: skip
    keys = {"QueryRetrieveLevel": ("STUDY",), "StudyInstanceUID": (), "AccessionNumber": ("A1",)}
    answered = Answered(population, STUDY_ROOT, keys)
    assert len(answered.answers) == 2
    assert answered.failed() == []
    answered.answers.pop()
    answered.status.pop()

    assert answered.failed() == ["unknown-values"]
    assert RULES["unknown-values"].level is Level.SHOULD


def test_a_request_without_a_level_cannot_be_judged(population):
    with pytest.raises(ValueError, match="Query/Retrieve Level is missing"):
        judge_answers(population, STUDY_ROOT, Dataset(), [])


def test_answers_are_taken_from_the_evidence(population):
    keys = {**OURS, "StudyDate": ("20240131",)}
    identifier = data_set({**keys, "StudyInstanceUID": (f"{ROOT}.1",), "PatientID": ("DTM01",)})
    from dicomtest.dicom.part10 import encoded

    explicit = "1.2.840.10008.1.2.1"
    ref = DataSetRef(explicit, data=encoded(identifier, explicit))
    exchange = Exchange("C-FIND", 1, 1, STUDY_ROOT.find)
    exchange.responses = [Response(0xFF01, data=ref), Response(0x0000)]
    found = answers_of(exchange)

    assert [each.status for each in found] == [0xFF01]
    assert found[0].first("StudyInstanceUID") == f"{ROOT}.1"


def test_every_rule_says_what_it_is_about():
    for each in RULES.values():
        assert each.requirement.endswith(".")
        assert each.cites.startswith("PS3.")
    assert STUDY in STUDY_ROOT.levels
