"""Text from the wire made harmless."""

from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtest.reporting.text import bounded, clean, columns, fit, href, one_line, scrub, slug


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Wang^XiaoDong=王^小东", "Wang^XiaoDong=王^小东"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b2J", "\\x9b2J"),
        ("a\rb", "a\\x0db"),
        ("abc\u202edef", "abc\\u202edef"),
        ("\udcff", "\\udcff"),
        ("\ufffe", "\\ufffe"),
        ("\ufffd", "\ufffd"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_steers_or_hides_becomes_visible(text, shown):
    assert clean(text) == shown


@given(st.text(st.characters(categories=None)))
def test_cleaned_text_can_be_encoded_and_holds_no_control_character(text):
    done = clean(text)

    done.encode("utf-8")
    assert not [each for each in done if category(each) in ("Cc", "Cs") and each not in "\t\n"]
    assert clean(done) == done


@given(st.text(st.characters(categories=None)))
def test_one_line_is_one_line(text):
    assert len(one_line(text).splitlines()) <= 1


@given(st.text(), st.integers(0, 60))
def test_a_fitted_text_fits(text, width):
    assert columns(fit(one_line(text), width)) <= width


def test_wide_characters_take_two_columns():
    assert columns("王小东") == 6
    assert fit("王小东王小东", 7) == "王小东…"


def test_scrub_reaches_keys_lists_and_leaves_numbers():
    assert scrub({"a\x00": ["\x1b", 1, None, 2.5, True, {"b": "\x07"}]}) == {
        "a\\x00": ["\\x1b", 1, None, 2.5, True, {"b": "\\x07"}]
    }


def test_bounded_says_how_much_is_missing():
    assert bounded("abc", 3) == "abc"
    assert bounded("abcdef", 3) == "abc … (+3)"


def test_only_files_of_the_evidence_folder_become_links():
    assert href("evidence/ct study/2#.json") == "evidence/ct%20study/2%23.json"
    assert href("evidence\\ct\\2.json") == "evidence/ct/2.json"
    for each in ("", None, "evidence", "x/y", "evidence/../y", "/evidence/y", "javascript:x/y"):
        assert href(each) is None


@given(st.lists(st.text()))
def test_a_slug_is_an_id(parts):
    assert slug(*parts).replace("-", "").isalnum()
    assert slug(*parts).isascii()
