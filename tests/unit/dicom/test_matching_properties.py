"""What holds of matching whatever the values are."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from dicomtest.dicom.attribute_values import attributes_of, data_set, trim
from dicomtest.dicom.matching import Agreement, Match, match, match_attribute, matches_pattern
from dicomtest.dicom.person_names import fold, tidy

MATCH, EITHER, NO_MATCH = Match.MATCH, Match.EITHER, Match.NO_MATCH

plain = st.text(alphabet="ABCab01 ._-^", min_size=1, max_size=12).map(str.strip).filter(bool)
words = st.text(alphabet="ABCab01._-山é", min_size=1, max_size=12)
days = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1))


@st.composite
def value_and_pattern(draw):
    """A text, and a pattern made from it by putting wild cards where characters were."""
    value = draw(words)
    pattern, at = "", 0
    while at < len(value):
        kind = draw(st.sampled_from(["keep", "one", "run"]))
        length = draw(st.integers(0, 4)) if kind == "run" else 1
        pattern += {"keep": value[at], "one": "?", "run": "*"}[kind]
        at += length
    return value, pattern


@given(value_and_pattern())
def test_a_pattern_made_from_a_text_fits_it(made):
    value, pattern = made

    assert matches_pattern(pattern, value)
    assert match_attribute("StudyDescription", (pattern,), (value,)).match >= EITHER


@given(words, words)
def test_a_pattern_without_wild_cards_fits_only_itself(pattern, text):
    assert matches_pattern(pattern, text) == (pattern == text)


@given(st.text("ab*?", max_size=10), st.text("ab", max_size=10))
def test_patterns_mean_what_a_naive_definition_says(pattern, text):
    def naive(p, t):
        if not p:
            return not t
        if p[0] == "*":
            return any(naive(p[1:], t[n:]) for n in range(len(t) + 1))
        return bool(t) and p[0] in ("?", t[0]) and naive(p[1:], t[1:])

    assert matches_pattern(pattern, text) == naive(pattern, text)


def test_a_hostile_pattern_takes_no_time():
    assert not matches_pattern("*a" * 200 + "b", "a" * 5000)


@given(plain, plain)
def test_single_values_of_text_match_when_equal_and_never_otherwise(key, value):
    for name in ("AccessionNumber", "StudyDescription", "StudyID"):
        same = trim("LO", key) == trim("LO", value)
        assert match_attribute(name, (key,), (value,)).match is (MATCH if same else NO_MATCH)


@given(plain, plain)
def test_the_strict_answer_is_one_the_judge_accepts(key, value):
    for name in ("PatientName", "AccessionNumber", "StudyTime", "InstanceNumber", "StudyDate"):
        for agreement in (Agreement(), Agreement(insensitive_names=True)):
            found = match_attribute(name, (key,), (value,), agreement)
            assert found.match is EITHER or found.strict == (found.match is MATCH)
            assert (found.freedom is not None) == (found.match is EITHER)


@given(days, days, days)
def test_a_range_holds_exactly_the_days_between_its_ends(one, two, day):
    low, high = sorted((one, two))
    key = f"{low:%Y%m%d}-{high:%Y%m%d}"
    expected = MATCH if low <= day <= high else NO_MATCH

    assert match_attribute("StudyDate", (key,), (f"{day:%Y%m%d}",)).match is expected


@given(days, days)
def test_the_two_open_ranges_of_a_day_share_just_that_day(bound, day):
    value = (f"{day:%Y%m%d}",)
    until = match_attribute("StudyDate", (f"-{bound:%Y%m%d}",), value).match is MATCH
    since = match_attribute("StudyDate", (f"{bound:%Y%m%d}-",), value).match is MATCH

    assert until or since
    assert (until and since) == (bound == day)


@given(st.times(), st.times(), st.times())
def test_a_range_of_precise_times_holds_exactly_the_times_between_its_ends(one, two, time):
    low, high = sorted((one, two))
    key = f"{low:%H%M%S.%f}-{high:%H%M%S.%f}"
    expected = MATCH if low <= time <= high else NO_MATCH

    assert match_attribute("StudyTime", (key,), (f"{time:%H%M%S.%f}",)).match is expected


@given(st.times(), st.sampled_from([2, 4, 6]))
def test_a_time_is_within_its_own_less_precise_range(time, digits):
    text = f"{time:%H%M%S.%f}"
    short = text[:digits]

    assert match_attribute("StudyTime", (f"{short}-",), (text,)).match is MATCH
    assert match_attribute("StudyTime", (f"-{short}",), (text,)).match >= EITHER


moments = st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1))


@given(moments, moments, moments)
def test_combined_ranges_are_ranges_of_moments(one, two, moment):
    low, high = sorted((one, two))
    keys = {
        "StudyDate": (f"{low:%Y%m%d}-{high:%Y%m%d}",),
        "StudyTime": (f"{low:%H%M%S.%f}-{high:%H%M%S.%f}",),
    }
    known = {"StudyDate": (f"{moment:%Y%m%d}",), "StudyTime": (f"{moment:%H%M%S.%f}",)}
    expected = MATCH if low <= moment <= high else NO_MATCH

    assert match(keys, known, Agreement(combined_date_time=True)).match is expected


names = st.lists(st.text("ABCabcéÖ山田やまだ", min_size=1, max_size=5), min_size=1, max_size=3).map(
    "^".join
)


@given(names)
def test_a_name_matches_itself_in_every_way_that_is_permitted(name):
    assert match_attribute("PatientName", (name,), (name,)).match is MATCH
    for changed in (name.upper(), name.lower(), f"{name}^", f"{name}=", f"*{name}*"):
        assert match_attribute("PatientName", (changed,), (name,)).match >= EITHER


@given(names, names)
def test_a_name_matches_no_name_that_differs_in_more_than_case_and_accent(one, other):
    if fold(tidy(one)) != fold(tidy(other)):
        assert match_attribute("PatientName", (one,), (other,)).match is NO_MATCH


@given(names, st.sampled_from([None, "ISO_IR 192", "GB18030", "\\ISO 2022 IR 87"]))
def test_attributes_survive_the_way_through_a_data_set(name, character_set):
    known = {
        "PatientName": (name,),
        "Rows": ("512",),
        "SeriesNumber": ("007",),
        "ModalitiesInStudy": ("CT", "MR"),
        "ReferencedStudySequence": ({"ReferencedSOPInstanceUID": ("1.2.3",)},),
    }
    try:
        made = data_set(known, character_set)
    except UnicodeEncodeError:
        return
    found = attributes_of(made)
    found.pop("SpecificCharacterSet", None)

    assert found == known
