"""YAML as plain values with positions; what is said about files that are no good."""

from __future__ import annotations

from pathlib import Path

import pytest

from dicomtest.errors import SpecError, UsageError
from dicomtest.spec.yaml import read


def said(problems):
    return [(each.line, each.column, each.what) for each in problems]


def test_values_are_plain_types(write):
    text = "a: 1\nb: [x, 1.5, true, null]\nc: {d: 'e'}\n"

    value = read(write(text)).documents[0]

    assert value == {"a": 1, "b": ["x", 1.5, True, None], "c": {"d": "e"}}
    assert {type(value), type(value["b"]), type(value["c"]), type(value["b"][0])} == {
        dict,
        list,
        str,
    }


def test_yaml_is_version_1_2_so_no_is_a_text(write):
    assert read(write("modality: no\nother: on\n")).documents == [{"modality": "no", "other": "on"}]


@pytest.mark.parametrize("text", ["007", "1.10", "0x1F", "1_000", "+5", "2027-03-01", "1e3", ".5"])
def test_a_number_in_an_unusual_spelling_stays_text(write, text):
    assert read(write(f"a: {text}\n")).documents == [{"a": text}]


@pytest.mark.parametrize(("text", "value"), [("0", 0), ("-7", -7), ("104", 104), ("0.5", 0.5)])
def test_a_plain_number_is_one(write, text, value):
    found = read(write(f"a: {text}\n")).documents[0]["a"]

    assert (found, type(found)) == (value, type(value))


def test_byte_order_mark_and_crlf_are_accepted(write):
    document = read(write(b"\xef\xbb\xbfa: 1\r\nb: \xe6\xb5\x8b\r\n"))

    assert document.documents == [{"a": 1, "b": "测"}]
    assert document.position(0, ("b",)) == (2, 4)


def test_positions_count_from_one_and_tell_key_and_value_apart(write):
    document = read(write("a: 1\nb:\n  - x\n  - {c: y}\n---\nd: z\n"))

    assert document.position(0, ("b", 1, "c")) == (4, 9)
    assert document.position(0, ("b", 1, "c"), key=True) == (4, 6)
    assert document.position(1, ("d",)) == (6, 4)
    assert document.position(0, ("b", 1, "absent")) == (4, 5)


def test_aliases_and_merges_give_the_values_they_repeat(write):
    document = read(write("base: &b {x: 1, y: 2}\ncopy: *b\nown: {<<: *b, y: 3}\n"))

    assert document.documents[0]["copy"] == {"x": 1, "y": 2}
    assert document.documents[0]["own"] == {"y": 3, "x": 1}
    assert document.position(0, ("own", "x")) == (1, 14)


def test_an_environment_variable_is_put_in(write, monkeypatch):
    monkeypatch.setenv("DT_HOST", "10.0.0.5")

    document = read(write("host: ${env:DT_HOST}\nurl: http://${env:DT_HOST}:80/\n"))

    assert document.documents == [{"host": "10.0.0.5", "url": "http://10.0.0.5:80/"}]
    assert document.source(0, ("host",)) == "${env:DT_HOST}"


def test_an_environment_variable_that_is_not_set_is_a_problem(write, problems, monkeypatch):
    monkeypatch.delenv("DT_ABSENT", raising=False)

    found = problems(read, write("a: 1\nhost: ${env:DT_ABSENT}\n"))

    assert said(found) == [(2, 7, "the environment variable DT_ABSENT is not set")]


def test_every_tab_is_named(write, problems):
    found = problems(read, write("a:\n\tb: 1\n  \tc: 2\nd: 3\n"))

    assert said(found) == [(2, 1, "a tab"), (3, 3, "a tab")]
    assert found[0].fix == "write spaces instead"


def test_a_tab_behind_a_colon_is_named(write, problems):
    assert said(problems(read, write("a: 1\nb:\t2\n"))) == [(2, 3, "a tab")]


def test_every_duplicate_key_is_named_with_the_line_of_the_first(write, problems):
    found = problems(read, write("a: 1\nb: {c: 1, c: 2}\na: 3\n"))

    assert said(found) == [
        (2, 11, 'the key "c" is here twice; first in line 2'),
        (3, 1, 'the key "a" is here twice; first in line 1'),
    ]


@pytest.mark.parametrize("content", ["", "\n\n", "# only a comment\n", "---\n---\n", "~\n"])
def test_an_empty_file_is_named(write, problems, content):
    assert said(problems(read, write(content))) == [(1, 1, "the file is empty")]


def test_a_file_that_is_not_utf8_is_named_with_the_place_and_the_likely_encoding(write, problems):
    found = problems(read, write("a: 1\nsite: 测试\n".encode("gb18030")))

    assert said(found) == [(2, 7, "the file is not UTF-8")]
    assert "GB18030" in found[0].fix


def test_utf16_is_recognised(write, problems):
    assert "UTF-16" in problems(read, write("a: 1\n".encode("utf-16")))[0].fix


def test_a_control_character_is_named(write, problems):
    assert said(problems(read, write("a: 1\nb: x\x07y\n"))) == [
        (2, 5, "the character U+0007 is not allowed in YAML")
    ]


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: b: c\n", 1, 5, "second colon"),
        ("a: [1, 2\nb: 3\n", 2, 2, "this is not YAML"),
        ("a: 'x\n", 2, 1, "begun in line 1"),
        ("a: @x\n", 1, 4, "cannot begin with '@'"),
        ("a: *nowhere\n", 1, 4, "undefined alias"),
        ("a: !!python/object:os.system x\n", 1, 4, "tag"),
        ("? [a, b]\n: 1\n", 1, 3, "key must be one word"),
        ("a: &a [*a]\n", 1, 4, "alias is part of what it repeats"),
    ],
)
def test_what_is_not_yaml_is_said_with_place(write, problems, text, line, column, words):
    (found,) = problems(read, write(text))

    assert (found.line, found.column) == (line, column)
    assert words in found.what
    assert found.fix


def test_a_mapping_that_merges_itself_ends(write):
    with pytest.raises(SpecError):
        read(write("a: &a {b: &b {<<: *a}, c: *b}\nd: &d [*d]\n"))


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path):
    with pytest.raises(UsageError, match="no such file"):
        read(tmp_path / "absent.yaml")


def test_a_folder_is_a_usage_error(tmp_path: Path):
    with pytest.raises(UsageError, match="cannot be read"):
        read(tmp_path)


@pytest.mark.parametrize("text", [".inf", ".nan", "~x", "12:30:00", "1.0e3"])
def test_what_is_no_plain_number_stays_text(write, text):
    assert read(write(f"a: {text}\n")).documents == [{"a": text}]


def test_a_file_of_yaml_1_1_keeps_its_yes_as_text(write):
    assert read(write("%YAML 1.1\n---\na: yes\nb: true\n")).documents == [{"a": "yes", "b": True}]


@pytest.mark.parametrize("text", ["!x {b: 1}", "!x [1]", "!x y"])
def test_a_tag_is_refused_wherever_it_stands(write, problems, text):
    assert said(problems(read, write(f"a: {text}\n"))) == [
        (1, 4, "the tag !x is not used in these files")
    ]


def test_a_file_that_is_nested_without_end_is_refused(write, problems):
    assert "nested too deeply" in problems(read, write("[" * 600))[0].what


def test_the_two_halves_of_an_escaped_character_are_put_together(write):
    document = read(write('"\\ud83d\\ude00": "\\ud83d\\ude00"\n'))

    assert document.documents == [{"😀": "😀"}]
    assert document.position(0, ("😀",)) == (1, 17)


def test_a_number_of_any_length_can_be_read(write):
    assert read(write(f"a: {'1' * 5000}\n")).documents == [{"a": "1" * 5000}]


@pytest.mark.parametrize("text", ['a: "\\ud83d"\n', '"\\ud83d": 1\n'])
def test_half_a_character_is_refused(write, problems, text):
    (found,) = problems(read, write(text))

    assert found.what == "a text with half a character"
