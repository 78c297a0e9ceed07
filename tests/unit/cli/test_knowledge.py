"""checks, explain and schema: what they list."""

from __future__ import annotations

import json

import pytest

from dicomtest.checks import all_checks


def listed(out: str) -> list[str]:
    before, _, _ = out.partition("\n\n")
    return (
        [line.split()[0] for line in before.splitlines()[1:]] if before.startswith("check") else []
    )


def test_checks_lists_every_check_with_level_side_and_clause(dicomtest):
    said = dicomtest("checks")

    assert said.status == 0
    assert listed(said.out) == list(all_checks())
    for check in all_checks().values():
        (line,) = (each for each in said.out.splitlines() if each.split()[:1] == [check.id])
        assert {check.level, check.judges} <= set(line.split())
        assert all(clause in line for clause in check.cites)


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        (["--level", "should"], lambda check: check.level == "should"),
        (["--judges", "scu"], lambda check: check.judges == "scu"),
        (["--step", "store"], lambda check: set(check.steps) & {"store", "*"}),
        (["--clause", "ps3.8"], lambda check: any("PS3.8" in each for each in check.cites)),
        (["accepted"], lambda check: "accepted" in f"{check.id} {check.requirement}".lower()),
    ],
)
def test_filters_leave_out_the_others(dicomtest, filters, fits):
    expected = [each.id for each in all_checks().values() if fits(each)]

    said = dicomtest("checks", *filters)

    assert listed(said.out) == expected
    assert said.status == (0 if expected else 1)


def test_a_filter_that_nothing_fits_ends_with_1(dicomtest):
    said = dicomtest("checks", "nonsense-that-is-nowhere")

    assert said.status == 1
    assert said.out.strip().startswith("0 of")


def test_explain_shows_a_check_in_full(dicomtest):
    for check in all_checks().values():
        said = dicomtest("explain", check.id)

        words = " ".join(said.out.split())
        assert said.status == 0
        assert check.requirement in words
        assert all(clause in words for clause in check.cites)
        assert check.fix in words


def test_explain_suggests_the_check_that_was_meant(dicomtest):
    known = next(iter(all_checks()))

    assert f"did you mean {known}?" in dicomtest("explain", known[:-1]).err


@pytest.mark.parametrize("kind", ["site", "scenario", "simulator", "run"])
def test_schema_is_json_in_ascii(dicomtest, kind):
    said = dicomtest("schema", kind)

    assert said.out.isascii()
    assert json.loads(said.out)["$schema"] == "http://json-schema.org/draft-07/schema#"
