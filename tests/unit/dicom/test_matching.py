"""Attribute matching as PS3.4 C.2.2.2 has it."""

import pytest

from dicomtest.dicom import freedoms
from dicomtest.dicom.matching import (
    WORKLIST,
    Agreement,
    Match,
    is_universal,
    match,
    match_attribute,
)

MATCH, EITHER, NO_MATCH = Match.MATCH, Match.EITHER, Match.NO_MATCH


def one(name, key, *target, **agreed):
    return match_attribute(name, (key,) if key else (), target, Agreement(**agreed)).match


@pytest.mark.parametrize(
    ("name", "key", "value", "expected"),
    [
        ("AccessionNumber", "A100", "A100", MATCH),
        ("AccessionNumber", "a100", "A100", NO_MATCH),
        ("AccessionNumber", "A10", "A100", NO_MATCH),
        ("StudyDescription", "Schadel", "Schädel", NO_MATCH),
        ("StudyDescription", "Scha\u0308del", "Schädel", EITHER),
        ("Modality", "CT", "CT", MATCH),
        ("Modality", "CT", "CTA", NO_MATCH),
        ("StudyInstanceUID", "1.2.3", "1.2.3", MATCH),
        ("StudyInstanceUID", "1.2.3", "1.2.30", NO_MATCH),
        ("StudyInstanceUID", "1.2.*", "1.2.3", EITHER),
        ("Rows", "512", "512", MATCH),
        ("Rows", "256", "512", NO_MATCH),
        ("InstanceNumber", "7", "7", MATCH),
        ("InstanceNumber", "7", "007", EITHER),
        ("InstanceNumber", "7", "70", NO_MATCH),
        ("SliceThickness", "1.0", "1.00", EITHER),
        ("PatientAge", "045Y", "045Y", MATCH),
    ],
)
def test_a_single_value_matches_exactly_but_for_numbers_as_text(name, key, value, expected):
    assert one(name, key, value) is expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("A*", MATCH),
        ("*", MATCH),
        ("**", MATCH),
        ("A100*", MATCH),
        ("*100", MATCH),
        ("*10*", MATCH),
        ("A?00", MATCH),
        ("????", MATCH),
        ("?*", MATCH),
        ("A*1*0", MATCH),
        ("???", NO_MATCH),
        ("A100?", NO_MATCH),
        ("?A100", NO_MATCH),
        ("a*", NO_MATCH),
        ("*1", NO_MATCH),
        ("A.00", NO_MATCH),
        ("[A]100", NO_MATCH),
    ],
)
def test_wild_cards_stand_for_any_run_and_for_one_character(key, expected):
    assert one("AccessionNumber", key, "A100") is expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("DOE^JOHN", MATCH),
        ("doe^john", EITHER),
        ("DOE^JOHN^", EITHER),
        ("DOE", NO_MATCH),
        ("DOE^JON", NO_MATCH),
        ("DOE^*", MATCH),
        ("DOE*", MATCH),
        ("doe*", EITHER),
        ("*OE^JOHN", MATCH),
        ("?OE^JOHN", MATCH),
        ("*JOHN*", EITHER),
        ("*^JOHN", MATCH),
        ("D*N", EITHER),
        ("DOE^J?N", NO_MATCH),
        ("ROE*", NO_MATCH),
    ],
)
def test_a_name_matches_literally_and_may_match_in_looser_ways(key, expected):
    assert one("PatientName", key, "DOE^JOHN") is expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", MATCH),
        ("Yamada^Tarou", EITHER),
        ("山田^太郎", EITHER),
        ("=山田^太郎", EITHER),
        ("*山田^太郎*", EITHER),
        ("Yamada*", MATCH),
        ("Yamada^T?rou", EITHER),
        ("山本^太郎", NO_MATCH),
        ("*=*", EITHER),
    ],
)
def test_component_groups_may_be_matched_one_by_one(key, expected):
    assert one("PatientName", key, "Yamada^Tarou=山田^太郎=やまだ^たろう") is expected


@pytest.mark.parametrize("key", ["Jerome", "JÉRÔME", "Je\u0301ro\u0302me"])
def test_accent_and_case_of_a_name_are_left_to_the_provider(key):
    found = match_attribute("PatientName", (f"Buc^{key}",), ("Buc^Jérôme",))

    assert (found.match, found.freedom) == (EITHER, freedoms.PERSON_NAME)


def test_a_simulator_may_be_told_to_use_the_freedom_of_names():
    key, value = ("buc^jerome",), ("Buc^Jérôme",)

    assert not match_attribute("PatientName", key, value).strict
    assert match_attribute("PatientName", key, value, Agreement(insensitive_names=True)).strict


def test_with_fuzzy_matching_negotiated_any_name_may_match():
    assert one("PatientName", "SWAIN", "SWAYNE") is NO_MATCH
    assert one("PatientName", "SWAIN", "SWAYNE", fuzzy_names=True) is EITHER
    assert one("PatientName", "SWAIN", "SWAIN", fuzzy_names=True) is MATCH


def test_a_list_of_uids_matches_any_of_them():
    key = ("1.2.3", "1.2.4")

    assert match_attribute("StudyInstanceUID", key, ("1.2.4",)).match is MATCH
    assert match_attribute("StudyInstanceUID", key, ("1.2.5",)).match is NO_MATCH


def test_several_values_of_another_vr_have_no_meaning_unless_negotiated():
    key, value = ("CT", "MR"), ("CT",)

    assert match_attribute("ModalitiesInStudy", key, value).match is EITHER
    negotiated = Agreement(multiple_values=True)
    assert match_attribute("ModalitiesInStudy", key, value, negotiated).match is MATCH
    assert match_attribute("ModalitiesInStudy", key, ("US",), negotiated).match is NO_MATCH


def test_one_of_several_stored_values_is_enough():
    assert one("ModalitiesInStudy", "MR", "CT", "MR") is MATCH
    assert one("ModalitiesInStudy", "US", "CT", "MR") is NO_MATCH


@pytest.mark.parametrize("name", ["PatientName", "StudyDate", "StudyInstanceUID", "Rows"])
@pytest.mark.parametrize("target", [(), ("1",)])
def test_a_key_of_zero_length_matches_everything(name, target):
    assert match_attribute(name, (), target).match is MATCH


def test_a_lone_asterisk_is_universal_matching():
    assert is_universal(("*",))
    assert one("AccessionNumber", "*") is MATCH
    assert match_attribute("StudyDate", ("*",), ("20240101",)).match is EITHER  # not legal in DA


def test_an_unknown_value_is_left_open_in_a_query_and_fails_in_a_worklist():
    found = match_attribute("AccessionNumber", ("A1",), ())

    assert (found.match, found.freedom) == (EITHER, freedoms.UNKNOWN_VALUE)
    assert found.strict
    assert match_attribute("AccessionNumber", ("A1",), (), WORKLIST).match is NO_MATCH


def test_text_beyond_ascii_is_open_under_a_character_set_the_provider_lacks():
    found = match_attribute(
        "PatientName", ("Müller*",), ("Maier",), Agreement(character_set_supported=False)
    )

    assert (found.match, found.freedom) == (EITHER, freedoms.CHARACTER_SET)
    assert one("PatientName", "Maier", "Maier", character_set_supported=False) is MATCH


def test_attributes_that_only_say_how_to_read_a_query_are_never_matched():
    keys = {
        "SpecificCharacterSet": ("ISO_IR 192",),
        "QueryRetrieveLevel": ("STUDY",),
        "TimezoneOffsetFromUTC": ("+0100",),
        "AccessionNumber": ("A1",),
    }

    assert match(keys, {"AccessionNumber": ("A1",)}).match is MATCH


def test_all_keys_have_to_match():
    keys = {"AccessionNumber": ("A1",), "StudyID": ("S1",)}

    assert match(keys, {"AccessionNumber": ("A1",), "StudyID": ("S1",)}).match is MATCH
    assert match(keys, {"AccessionNumber": ("A1",), "StudyID": ("S2",)}).match is NO_MATCH
    assert match(keys, {"AccessionNumber": ("A1",)}).match is EITHER


STEP = "ScheduledProcedureStepSequence"
CT_AT_ONE = {"Modality": ("CT",), "ScheduledStationAETitle": ("AE1",)}
MR_AT_TWO = {"Modality": ("MR",), "ScheduledStationAETitle": ("AE2",)}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ((), MATCH),
        (({},), MATCH),
        (({"Modality": ()},), MATCH),
        (({"Modality": ("CT",)},), MATCH),
        (({"Modality": ("MR",), "ScheduledStationAETitle": ("AE2",)},), MATCH),
        (({"Modality": ("CT",), "ScheduledStationAETitle": ("AE2",)},), NO_MATCH),
        (({"Modality": ("US",)},), NO_MATCH),
        (({"Modality": ("CT",)}, {"Modality": ("MR",)}), EITHER),
    ],
)
def test_item_keys_have_to_match_within_one_item(key, expected):
    assert match_attribute(STEP, key, (CT_AT_ONE, MR_AT_TWO), WORKLIST).match is expected


def test_a_sequence_that_is_not_there_is_found_only_by_universal_matching():
    assert match_attribute(STEP, ({"Modality": ("CT",)},), (), WORKLIST).match is NO_MATCH
    assert match_attribute(STEP, (), (), WORKLIST).match is MATCH


def test_sequences_match_within_sequences():
    key = ({"ScheduledProtocolCodeSequence": ({"CodeValue": ("C1",)},)},)
    item = {"ScheduledProtocolCodeSequence": ({"CodeValue": ("C0",)}, {"CodeValue": ("C1",)})}

    assert match_attribute(STEP, key, (item,)).match is MATCH
    assert match_attribute(STEP, key, ({**item, "ScheduledProtocolCodeSequence": ()},)).match is (
        EITHER
    )
