"""UIDs are legal, fresh for every run, and the same again for the same run."""

from __future__ import annotations

import pytest

from dicomtest.dicom.uids import UidFactory, is_valid_uid


def test_a_run_never_gives_a_uid_twice():
    uids = UidFactory("run 1")

    made = [uids.new() for _ in range(500)] + [uids.of("head", "series", n) for n in range(500)]

    assert len(set(made)) == 1000
    assert all(is_valid_uid(uid) == "" and uid.startswith("2.25.") for uid in made)


def test_the_same_run_gives_the_same_uids_and_another_run_others():
    first, again, other = UidFactory("run 1"), UidFactory("run 1"), UidFactory("run 2")

    assert [first.new(), first.new()] == [again.new(), again.new()]
    assert first.of("head") == again.of("head") != other.of("head")
    assert other.new() not in (UidFactory("run 1").new(), first.of("number 1"))


@pytest.mark.parametrize("uid", ["1.2.840.10008.1.1", "2.25.0", "0.1", "1.2.3\0", "1." + "2" * 62])
def test_legal_uids_pass(uid):
    assert is_valid_uid(uid) == ""


@pytest.mark.parametrize(
    ("uid", "clue"),
    [
        ("", "empty"),
        ("\0", "empty"),
        ("1.2..3", "empty component"),
        ("1.2.", "empty component"),
        (".1.2", "empty component"),
        ("1.02", "begins with zero"),
        ("1.00", "begins with zero"),
        ("1.2.3 ", "space"),
        ("1.2.3\0\0", "NUL"),
        ("1.2a.3", "not a number"),
        ("1.-2", "not a number"),
        ("1.٣", "not a number"),
        ("1." + "2" * 63, "65 characters"),
        ("12", "single component"),
    ],
)
def test_wrong_uids_are_named(uid, clue):
    assert clue in is_valid_uid(uid)
