"""The closing summary in the terminal."""

from __future__ import annotations

import re

import pytest

from dicomtest.reporting.summary import summarise
from dicomtest.reporting.text import columns

ESCAPE = re.compile("\x1b\\[[0-9;]*m")


def test_it_tells_verdict_counts_failures_and_where_the_report_is(sample):
    text = summarise(sample.record(), colour=False, width=80, report="runs/x/report.html")

    for each in ("NOT ACCEPTED", "1 failed", "2 passed", "store.status", "PS3.4 B.2.3",
                 "expected", "0000", "A700", "runs/x/report.html", "12 synthetic instances",
                 "the association was rejected", "no RIS is named"):  # fmt: skip
        assert each in text


@pytest.mark.parametrize("width", [20, 40, 80, 120])
@pytest.mark.parametrize("colour", [False, True])
def test_it_fits_one_screen_whatever_happened(sample, width, colour):
    for record in (
        sample.record(),
        sample.record(real_systems=False, interrupted=True),
        sample.hostile(sample.record()),
        sample.large(3000),
        {"format": 1},
    ):
        lines = summarise(record, colour=colour, width=width, report="r.html").split("\n")

        assert len(lines) <= 23
        assert max(columns(ESCAPE.sub("", each)) for each in lines) <= max(40, width)


def test_what_does_not_fit_is_counted(sample):
    text = summarise(sample.large(3000), colour=False, width=80)

    shown = len(re.findall("^FAILED|^WARNED", text, re.MULTILINE))
    more = int(re.search(r"and (\d+) more in the report", text).group(1))
    assert shown >= 5
    assert shown + more == 40  # twenty checks that fail somewhere, twenty that warn somewhere


def test_the_wire_cannot_steer_the_terminal_or_forge_a_line(sample):
    record = sample.record()
    record["checks"][1]["findings"] = [
        {"expected": "0000", "actual": "x\x1b[2J\nACCEPTED  all is well\r\x9b1A", "where": "y"}
    ]

    text = summarise(record, colour=False, width=80)

    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    assert not re.search("^ACCEPTED", text, re.MULTILINE)


def test_colour_adds_nothing_but_colour(sample):
    plain = summarise(sample.record(), colour=False, width=80)
    coloured = summarise(sample.record(), colour=True, width=80)

    assert "\x1b" not in plain
    assert coloured != plain
    assert ESCAPE.sub("", coloured) == plain


def test_a_run_without_a_real_system_says_so(sample):
    text = summarise(
        sample.record(real_systems=False, verdict="accepted", checks=[sample.check("a")]),
        colour=False,
        width=80,
    )

    assert "No real system was tested" in text


def test_a_clean_run_is_short(sample):
    record = sample.record(
        checks=[sample.check("a.b")],
        verdict="accepted",
        verdict_reason="",
        not_run=[],
        left_behind=[],
    )

    text = summarise(record, colour=False, width=80, report="r.html")

    assert "ACCEPTED  Every requirement that was tested is met." in text
    assert len(text.splitlines()) <= 6
