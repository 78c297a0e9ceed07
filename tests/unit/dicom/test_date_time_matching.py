"""Dates and times: by meaning, in ranges with both ends, apart or combined (PS3.4 C.2.2.2.5)."""

import pytest

from dicomtest.dicom.date_time import parse, parse_range
from dicomtest.dicom.matching import WORKLIST, Agreement, Match, match, match_attribute

MATCH, EITHER, NO_MATCH = Match.MATCH, Match.EITHER, Match.NO_MATCH


def one(name, key, value):
    return match_attribute(name, (key,), (value,)).match


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("20240131", "20240131", MATCH),
        ("20240131", "20240130", NO_MATCH),
        ("20240131", "2024.01.31", EITHER),
        ("20240101-20240131", "20240101", MATCH),
        ("20240101-20240131", "20240131", MATCH),
        ("20240101 - 20240131", "20240115", MATCH),
        ("20240101-20240131", "20231231", NO_MATCH),
        ("20240101-20240131", "20240201", NO_MATCH),
        ("-20240131", "20240131", MATCH),
        ("-20240131", "20240201", NO_MATCH),
        ("20240131-", "20240131", MATCH),
        ("20240131-", "20240130", NO_MATCH),
        ("20240228-20240301", "20240229", MATCH),
        ("20240131-20240101", "20240115", EITHER),
        ("-", "20240115", EITHER),
        ("20240230", "20240229", EITHER),
        ("yesterday", "20240229", EITHER),
    ],
)
def test_days(key, value, expected):
    assert one("StudyDate", key, value) is expected


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("103000", "103000", MATCH),
        ("2230", "223000", EITHER),  # by meaning the same, by characters not
        ("103000", "103001", NO_MATCH),
        ("103000", "103000.5", EITHER),
        ("1000-1100", "103000", MATCH),
        ("1000-1100", "100000", MATCH),
        ("1000-1100", "095959.999999", NO_MATCH),
        ("1000-1100", "110100", NO_MATCH),
        ("1000-1100", "110000.5", EITHER),  # 11:00 sharp, or all of that minute
        ("-1100", "110100", NO_MATCH),
        ("-1100", "000000", MATCH),
        ("1000-", "235959", MATCH),
        ("1000-", "0959", NO_MATCH),
        ("103000-103000", "103000", MATCH),
        ("-103000", "103000", MATCH),
        ("-103000", "103001", NO_MATCH),
        ("103000-", "103000", MATCH),
        ("-1030", "103015", EITHER),
        ("103015-1100", "1030", EITHER),
        ("103000.000000-103000.999999", "103000", MATCH),
        ("10-11", "10", MATCH),
        ("2200-0200", "230000", EITHER),  # ranges do not cross midnight
        ("2400", "230000", EITHER),
    ],
)
def test_times_of_day(key, value, expected):
    assert one("StudyTime", key, value) is expected


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("19980128103000", "19980128103000", MATCH),
        ("19980128103000.0000", "19980128103000", EITHER),
        ("19980128-19980129", "19980128103000", MATCH),
        ("19980128-19980129", "19980130000000", NO_MATCH),
        ("199801-", "19980128103000", MATCH),
        ("19980128080000+0000-19980128120000+0000", "19980128103000+0000", MATCH),
        ("19980128080000+0000-19980128120000+0000", "19980128103000+0300", NO_MATCH),
        ("19980128070000-0500-19980128110000-0500", "19980128133000+0000", MATCH),
        ("19980128080000+0000-19980128120000+0000", "19980128103000", EITHER),
        ("19980128080000+0000-19980128120000+0000", "19980201103000", NO_MATCH),
        ("19980128103000-0500", "19980128103000-0500", EITHER),
    ],
)
def test_moments_with_and_without_a_utc_offset(key, value, expected):
    assert one("AcquisitionDateTime", key, value) is expected


def day_and_time(date, time, agreement=WORKLIST):
    keys = {
        "ScheduledProcedureStepStartDate": (date,),
        "ScheduledProcedureStepStartTime": (time,),
    }
    known = {
        "ScheduledProcedureStepStartDate": ("20060706",),
        "ScheduledProcedureStepStartTime": ("030000",),
    }
    return match(keys, known, agreement).match


def test_a_range_of_days_and_one_of_times_are_one_range_in_a_worklist():
    assert day_and_time("20060705-20060707", "1000-1800") is MATCH
    assert day_and_time("20060705-20060707", "1000-1800", Agreement()) is NO_MATCH


def test_combined_ranges_may_cross_midnight():
    assert day_and_time("20060705-20060706", "2200-0600") is MATCH
    assert day_and_time("20060705-20060706", "2200-0200") is NO_MATCH


def test_open_ranges_are_combined_when_both_are_open_at_the_same_end():
    assert day_and_time("20060706-", "0300-") is MATCH
    assert day_and_time("20060706-", "0301-") is NO_MATCH
    assert day_and_time("-20060706", "-0300") is MATCH
    assert day_and_time("-20060706", "-0259") is NO_MATCH


def test_ranges_of_different_form_stay_apart():
    assert day_and_time("20060705-", "-0300") is MATCH
    assert day_and_time("20060705-", "-0259") is NO_MATCH
    assert day_and_time("20060706", "0200-0400") is MATCH


def test_a_worklist_item_without_a_date_is_not_found_by_a_range():
    keys = {"ScheduledProcedureStepStartDate": ("20060705-20060707",),
            "ScheduledProcedureStepStartTime": ("1000-1800",)}  # fmt: skip

    assert match(keys, {}, WORKLIST).match is NO_MATCH


@pytest.mark.parametrize("text", ["20240230", "2024", "2024013", "20241301", "abc", ""])
def test_what_is_no_date_is_not_read_as_one(text):
    assert parse("DA", text) is None


@pytest.mark.parametrize("text", ["-", "--", "20240101-20231231", "2024-2025", "a-b"])
def test_what_is_no_range_of_days_is_not_read_as_one(text):
    assert parse_range("DA", text) is None


def test_a_leap_second_is_a_time():
    assert parse("TM", "235960") is not None
    assert parse("TM", "235961") is None
