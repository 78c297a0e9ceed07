"""What is printed can be printed everywhere, in colour only where that is wanted."""

from __future__ import annotations

import io
import sys

import pytest

from dicomtest import console


class Terminal(io.StringIO):
    def isatty(self):
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Called within the test: pytest sets sys.stdout anew between a fixture and its test."""
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_character_that_the_console_cannot_show_is_replaced(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252"))

    console.write("naïve 检查 ok")

    assert raw.getvalue().decode("cp1252").strip() == "naïve ?? ok"


def test_colour_on_a_terminal(monkeypatch):
    terminal(monkeypatch)

    assert console.paint("x", console.RED) == "\x1b[31;1mx\x1b[0m"


def test_no_colour_when_it_is_not_wanted(monkeypatch):
    terminal(monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")

    assert console.paint("x", console.RED) == "x"


def test_no_colour_in_a_file(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())

    assert console.paint("x", console.RED) == "x"


def test_columns_are_aligned_for_wide_characters_too():
    assert console.table([("检查", "b"), ("wide", "c")], indent="") == "检查  b\nwide  c"


def test_an_empty_table_is_nothing():
    assert console.table([]) == ""
