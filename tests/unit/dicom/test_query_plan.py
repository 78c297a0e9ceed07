"""The planned queries are narrow, and together with the rules they find broken matching."""

import dataclasses

import pytest
from support.queryable import instances

from dicomtest.actors.archive import SUPPORTED_KEYS
from dicomtest.dicom import date_time_matching, matching
from dicomtest.dicom.answer_rules import Answer, judge_answers
from dicomtest.dicom.attribute_values import texts
from dicomtest.dicom.find_response import response
from dicomtest.dicom.finding import find
from dicomtest.dicom.information_model import (
    IMAGE,
    PATIENT,
    PATIENT_ROOT,
    SERIES,
    STUDY,
    STUDY_ROOT,
    UNIQUE_KEYS,
    identifier_faults,
    request_problems,
)
from dicomtest.dicom.matching import Agreement, Match, has_wild_card
from dicomtest.dicom.population import Population
from dicomtest.dicom.query_plan import plan_queries, query_plan
from dicomtest.dicom.three_valued import NO, YES, any_of
from dicomtest.findings import Level


@pytest.fixture(scope="module")
def population():
    return Population(instances())


@pytest.fixture(scope="module")
def plan(population):
    return query_plan(population)


def answers(population, query, *, keys=None, agreement=None, supported=SUPPORTED_KEYS):
    """What a provider that matches in this way gives back, in form as it should be."""
    found = find(
        population,
        query.model,
        query.level,
        {**query.keys, "SpecificCharacterSet": query.character_set} if keys is None else keys,
        agreement=agreement or Agreement(),
        supported=supported,
    )
    made = [
        response(entity, query.model, query.keys, supported=supported, retrieve_ae_title="PACS")
        for entity in found.strict
    ]
    return [Answer(each, status, str(number)) for number, (status, each) in enumerate(made)]


def failures(population, plan, answer):
    """The rules and queries by which a provider is found out, as they are met."""
    for query in plan:
        if query.expect == "answers":
            keys = {**query.keys, "SpecificCharacterSet": query.character_set}
            given = answer(population, query)
            for verdict in judge_answers(population, query.model, keys, given):
                if not verdict.judgement.holds and verdict.rule.level is Level.MUST:
                    yield verdict.rule.id, query.id


def test_every_query_has_an_id_of_its_own_and_says_what_it_is_for(plan):
    assert len({each.id for each in plan}) == len(plan)
    for each in plan:
        assert each.purpose
        assert each.purpose_zh
        assert not each.purpose_zh.isascii()


def test_every_query_is_legal_unless_it_is_meant_to_be_refused(plan):
    for each in plan:
        if each.expect == "answers":
            assert identifier_faults(each.sop_class, each.identifier()) == [], each.id
        else:
            assert request_problems(each.sop_class, each.identifier()), each.id


def test_every_query_is_narrow(plan, population):
    """It names a patient, a study, or the beginning of our Patient IDs."""
    for each in plan:
        patient = texts(each.keys.get("PatientID", ()))
        uids = {text for name in list(UNIQUE_KEYS.values())[1:]
                for text in texts(each.keys.get(name, ()))}  # fmt: skip
        named = [text for text in patient if text.strip("*?")]
        assert uids or named, each.id
        if not uids:
            assert all(text.startswith("DTM") for text in named), each.id


def test_every_level_key_and_kind_of_matching_is_there(plan):
    asked = {
        (each.model.name, each.level, name)
        for each in plan
        for name, values in each.keys.items()
        if values
    }
    for model in (STUDY_ROOT, PATIENT_ROOT):
        for level in model.levels:
            for name in {UNIQUE_KEYS[level], *model.required(level)}:
                assert (model.name, level, name) in asked
    categories = {each.category for each in plan}
    assert categories == {
        *("universal", "single-value", "list-of-uid", "wild-card", "range"),
        *("several-keys", "refused"),
    }


def test_most_queries_find_something_and_many_leave_something_out(plan, population):
    hits = misses = 0
    for each in plan:
        if each.expect == "answers":
            count = len(answers(population, each))
            hits += count > 0
            misses += count == 0
    assert hits > 200
    assert misses > 60


def test_a_query_in_an_extended_character_set_declares_it(plan):
    wide = [each for each in plan if each.character_set]
    assert {each.character_set for each in wide} >= {
        *(("ISO_IR 100",), ("ISO_IR 144",), ("ISO_IR 192",), ("GB18030",), ("", "ISO 2022 IR 87")),
    }
    for each in wide:
        assert "SpecificCharacterSet" in each.identifier()


def test_an_empty_population_gives_no_query():
    assert query_plan(Population()) == []


def test_the_plan_of_one_model_and_level_leaves_out_what_is_to_be_refused(population):
    from dicomtest.evidence import DataSetRef, Instance

    known = [
        Instance(
            sop_class=texts(each.value("SOPClassUID"))[0],
            sop_instance=each.unique,
            study=each.at(STUDY).unique,
            series=each.at(SERIES).unique,
            patient_id=each.at(PATIENT).unique,
            data=DataSetRef("1.2.840.10008.1.2.1", data=b""),
            attributes={"Modality": "CT"},
        )
        for each in population.instances.values()
    ]
    plan = plan_queries(known, "study", levels=["SERIES"], prefix="DTM0")
    assert plan
    assert {(each.model.name, each.level, each.expect) for each in plan} == {
        ("Study Root", SERIES, "answers")
    }
    assert plan_queries(known, "study", prefix="OTHER") == []


SOUND = {
    "literal": {},
    "names without case and accent": {"agreement": Agreement(insensitive_names=True)},
    "no optional keys": {"supported": ()},
    "unknown values never match": {"agreement": Agreement(unknown_matches=False)},
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_provider_breaks_no_rule_however_it_uses_its_freedom(population, plan, name):
    found = failures(population, plan, lambda *case: answers(*case, **SOUND[name]))

    assert list(found) == []


def ignoring(name):
    def answer(population, query):
        keys = {key: values for key, values in query.keys.items() if key != name}
        return answers(population, query, keys=keys)

    return answer


@pytest.mark.parametrize(
    "name",
    [
        *("PatientName", "PatientID", "StudyDate", "StudyTime", "AccessionNumber", "StudyID"),
        *("StudyInstanceUID", "Modality", "SeriesNumber", "SeriesInstanceUID", "InstanceNumber"),
        *("SOPInstanceUID", "StudyDescription", "ModalitiesInStudy", "SOPClassUID"),
    ],
)
def test_a_key_that_is_ignored_is_noticed(population, plan, name):
    assert any(rule == "only-matches" for rule, _ in failures(population, plan, ignoring(name)))


def exclusive_end(wanted, moment):
    if wanted.high is not None and moment.start == wanted.high.start:
        return NO
    return WITHIN(wanted, moment)


def exclusive_start(wanted, moment):
    if wanted.low is not None and moment.start == wanted.low.start:
        return NO
    return WITHIN(wanted, moment)


def question_mark_may_be_nothing(pattern, text):
    return PATTERN(pattern, text) or PATTERN(pattern.replace("?", ""), text)


def asterisk_needs_a_character(pattern, text):
    return PATTERN(pattern.replace("*", "?*"), text)


def unanchored(pattern, text):
    return PATTERN(f"*{pattern}*", text)


def without_case(pattern, text):
    return PATTERN(pattern.lower(), text.lower())


def as_if_without_wild_cards(pattern, text):
    return pattern == text


def prefix_only(key, value):
    return YES if value.startswith(key.split("*")[0]) else NO


def equal_without_case(key, value):
    if has_wild_card(key):
        return TEXT(key, value)
    return YES if key.lower() == value.lower() else NO


WITHIN, PATTERN, TEXT = date_time_matching.within, matching.matches_pattern, matching._match_text
DEFECTS = {
    "end of a range left out": (date_time_matching, "within", exclusive_end),
    "beginning of a range left out": (date_time_matching, "within", exclusive_start),
    "range always met": (date_time_matching, "within", lambda *_: YES),
    "range never met": (date_time_matching, "within", lambda *_: NO),
    "? may be nothing": (matching, "matches_pattern", question_mark_may_be_nothing),
    "* needs a character": (matching, "matches_pattern", asterisk_needs_a_character),
    "pattern found anywhere": (matching, "matches_pattern", unanchored),
    "pattern without case": (matching, "matches_pattern", without_case),
    "wild cards taken literally": (matching, "matches_pattern", as_if_without_wild_cards),
    "only the beginning counts": (matching, "_match_text", prefix_only),
    "text without case": (matching, "_match_text", equal_without_case),
    "one key is enough": (matching, "all_of", lambda found: any_of(found)),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_broken_matching_is_noticed(population, plan, defect, monkeypatch):
    module, name, broken = DEFECTS[defect]

    def answer(population, query):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, broken)
            return answers(population, query)

    found = failures(population, plan, answer)

    assert next(found)[0] in ("only-matches", "all-matches")


def first_uid_only(population, query):
    keys = {
        name: values[:1] if name in UNIQUE_KEYS.values() else values
        for name, values in query.keys.items()
    }
    return answers(population, query, keys=keys)


def combined_without_negotiation(population, query):
    return answers(population, query, agreement=Agreement(combined_date_time=True))


def one_answer_short(population, query):
    return answers(population, query)[:-1]


def deaf_to_extended_text(population, query):
    return [] if query.character_set else answers(population, query)


@pytest.mark.parametrize(
    "answer",
    [first_uid_only, combined_without_negotiation, one_answer_short, deaf_to_extended_text],
)
def test_a_provider_that_cuts_corners_is_noticed(population, plan, answer):
    assert next(failures(population, plan, answer), None) is not None


def test_date_and_time_queries_tell_combined_from_separate_matching(population, plan):
    query = next(each for each in plan if each.id.endswith("study.date-and-time-range"))
    separate = {each.first("StudyInstanceUID") for each in answers(population, query)}
    combined = {
        each.first("StudyInstanceUID") for each in combined_without_negotiation(population, query)
    }

    assert separate != combined


def test_queries_are_values(plan):
    assert dataclasses.replace(plan[0]) == plan[0]
    assert {each.level for each in plan} == {PATIENT, STUDY, SERIES, IMAGE}
    assert Match.MATCH > Match.EITHER
