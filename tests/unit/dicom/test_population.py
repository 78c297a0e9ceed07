"""Known instances, grouped and counted, and what a query finds among them."""

import pytest
from support.queryable import ROOT, instances

from dicomtest.dicom import freedoms
from dicomtest.dicom.finding import find
from dicomtest.dicom.information_model import (
    IMAGE,
    PATIENT,
    PATIENT_ROOT,
    SERIES,
    STUDY,
    STUDY_ROOT,
)
from dicomtest.dicom.matching import Agreement, Match
from dicomtest.dicom.population import Population
from dicomtest.evidence import DataSetRef, Instance


@pytest.fixture(scope="module")
def population():
    return Population(instances())


def instance(number="1", study="1.1", patient="P1", **attributes):
    known = {
        "PatientID": (patient,),
        "StudyInstanceUID": (study,),
        "SeriesInstanceUID": (f"{study}.1",),
        "SOPInstanceUID": (f"{study}.1.{number}",),
        "SOPClassUID": ("1.2.840.10008.5.1.4.1.1.2",),
        "Modality": ("CT",),
    }
    return {**known, **{name: (value,) for name, value in attributes.items()}}


def test_instances_are_grouped_by_unique_keys(population):
    assert len(population.patients) == 6
    assert len(population.studies) == 8
    assert len(population.series) == 16
    assert len(population.instances) == 32
    assert population.studies[f"{ROOT}.1"].at(PATIENT).unique == "DTM01"


@pytest.mark.parametrize(
    ("level", "unique", "name", "values"),
    [
        (PATIENT, "DTM01", "NumberOfPatientRelatedStudies", ("3",)),
        (PATIENT, "DTM01", "NumberOfPatientRelatedSeries", ("6",)),
        (PATIENT, "DTM01", "NumberOfPatientRelatedInstances", ("12",)),
        (STUDY, f"{ROOT}.1", "NumberOfStudyRelatedSeries", ("2",)),
        (STUDY, f"{ROOT}.1", "NumberOfStudyRelatedInstances", ("4",)),
        (SERIES, f"{ROOT}.1.1", "NumberOfSeriesRelatedInstances", ("3",)),
        (STUDY, f"{ROOT}.1", "ModalitiesInStudy", ("CT", "MR")),
        (IMAGE, f"{ROOT}.1.1.2", "InstanceNumber", ("2",)),
        (IMAGE, f"{ROOT}.1.1.2", "PatientName", ("DTEST^Anna^Maria",)),
        (STUDY, f"{ROOT}.1", "Modality", ()),
    ],
)
def test_an_entity_knows_its_own_attributes_and_those_above(
    population, level, unique, name, values
):
    assert population.of(level)[unique].value(name) == values


def test_an_instance_that_is_there_already_changes_nothing():
    population = Population([instance(), instance(StudyDate="20240101")])

    assert len(population.instances) == 1
    assert population.studies["1.1"].value("StudyDate") == ()


def test_an_instance_without_its_place_is_refused():
    with pytest.raises(ValueError, match="SeriesInstanceUID"):
        Population([{**instance(), "SeriesInstanceUID": ()}])


def test_removing_the_last_instance_removes_what_it_was_in():
    population = Population([instance("1"), instance("2"), instance("1", "1.2")])
    population.remove("1.1.1.1")
    assert set(population.studies) == {"1.1", "1.2"}
    population.remove("1.1.1.2")
    assert set(population.studies) == {"1.2"}
    population.remove("1.2.1.1")
    assert not population.patients


def test_recorded_instances_are_known_by_their_json_values():
    recorded = Instance(
        sop_class="1.2.840.10008.5.1.4.1.1.2",
        sop_instance="1.2.3.4",
        study="1.2",
        series="1.2.3",
        patient_id="P1",
        data=DataSetRef("1.2.840.10008.1.2.1", data=b""),
        attributes={"PatientName": "DOE^J", "Rows": 512, "ImageType": ["ORIGINAL", "PRIMARY"]},
    )
    image = Population([recorded]).instances["1.2.3.4"]

    assert image.value("PatientName") == ("DOE^J",)
    assert image.value("Rows") == ("512",)
    assert image.value("ImageType") == ("ORIGINAL", "PRIMARY")


def studies(population, agreement=None, **keys):
    keys = {name: value if isinstance(value, tuple) else (value,) for name, value in keys.items()}
    return find(population, STUDY_ROOT, STUDY, keys, agreement=agreement or Agreement())


def test_a_required_key_must_be_matched(population):
    found = studies(population, AccessionNumber="DTA100")

    assert [each.unique for each in found.must] == [f"{ROOT}.1"]
    assert not found.may
    assert found.of(f"{ROOT}.2") is Match.NO_MATCH


def test_an_optional_key_may_be_ignored_unless_it_is_known_to_be_supported(population):
    keys = {"StudyDescription": ("CT Head",)}
    found = find(population, STUDY_ROOT, STUDY, keys)
    assert len(found.must) == 2
    assert {each.matching.freedom for each in found.may} == {freedoms.OPTIONAL_KEY}
    assert len(found.strict) == 2

    found = find(population, STUDY_ROOT, STUDY, keys, supported={"StudyDescription"})
    assert (len(found.must), len(found.may)) == (2, 0)

    found = find(population, STUDY_ROOT, STUDY, keys, supported=())
    assert (len(found.must), len(found.may)) == (8, 0)


def test_a_hierarchical_query_looks_only_below_the_named_entities(population):
    keys = {"StudyInstanceUID": (f"{ROOT}.1",), "Modality": ("CT",)}
    found = find(population, STUDY_ROOT, SERIES, keys)

    assert [each.unique for each in found.must] == [f"{ROOT}.1.1"]


def test_a_study_of_another_patient_is_not_found(population):
    keys = {"PatientID": ("DTM02",), "StudyInstanceUID": (f"{ROOT}.1",)}

    assert find(population, PATIENT_ROOT, STUDY, keys).candidates == ()


def test_a_key_of_another_level_leaves_the_answer_open(population):
    found = studies(population, SeriesNumber="9")

    assert {each.matching.freedom for each in found.may} == {freedoms.OTHER_LEVEL}
    assert len(found.may) == 8


def test_relational_queries_match_keys_of_every_level_above(population):
    keys = {"PatientName": ("DTEST^Bernd",), "SeriesInstanceUID": ()}
    found = find(population, PATIENT_ROOT, SERIES, keys, agreement=Agreement(relational=True))

    assert [each.unique for each in found.must] == [f"{ROOT}.4.1", f"{ROOT}.4.2"]


def test_the_unique_key_of_the_level_takes_no_wild_card(population):
    found = find(population, PATIENT_ROOT, PATIENT, {"PatientID": ("DTM0*",)})

    assert {each.matching.freedom for each in found.may} == {freedoms.UNIQUE_WILD_CARD}
    assert len(found.strict) == 6


def test_an_entity_whose_instances_disagree_is_left_open():
    population = Population([instance("1", StudyID="A"), instance("2", StudyID="B")])

    found = studies(population, StudyID="B")
    assert [each.matching.freedom for each in found.may] == [freedoms.INCONSISTENT]
    assert studies(population, StudyID="C").candidates == ()


def test_text_has_to_be_found_in_the_character_set_it_was_stored_in(population):
    own = studies(population, PatientName="Люкceмбypг", SpecificCharacterSet="ISO_IR 144")
    other = studies(population, PatientName="Люкceмбypг", SpecificCharacterSet="ISO_IR 192")
    claimed = studies(
        population,
        Agreement(character_sets=frozenset({"ISO_IR 192"})),
        PatientName="Люкceмбypг",
        SpecificCharacterSet="ISO_IR 192",
    )

    assert [each.unique for each in own.must] == [f"{ROOT}.8"]
    assert other.must == []
    assert f"{ROOT}.8" in {each.entity.unique for each in other.may}
    assert [each.unique for each in claimed.must] == [f"{ROOT}.8"]
