"""The runs of a folder: table, trend chart, page."""

from __future__ import annotations

import json

import pytest

from dicomtest.cli import main
from dicomtest.errors import UsageError
from dicomtest.reporting.history import HEIGHT, MOST_BARS, Run, chart, history_page, runs_in


@pytest.fixture
def runs(sample, tmp_path):
    """Three runs, one of them with hostile text, beside what is no run."""
    for name, changes in (
        ("b", {"started": 1790000000.0}),
        ("a", {"started": 1790090000.0, "verdict": "accepted"}),
        ("c", {"started": 1790080000.0, "real_systems": False}),
    ):
        record = sample.record(**changes)
        if name == "a":
            record = sample.hostile(record)
            record |= {"format": 1, "started": 1790090000.0}
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (tmp_path / "b" / "report.html").write_text("", encoding="utf-8")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{", encoding="utf-8")
    return tmp_path


def test_the_runs_stand_in_order_of_time_and_unreadable_ones_are_left_out(runs):
    found = runs_in(runs)

    assert [each.folder for each in found] == ["b", "c", "a"]
    assert [each.link for each in found] == ["b/report.html", "", ""]
    assert found[1].real_systems is False


def test_a_folder_without_runs_is_an_error_of_usage(tmp_path):
    with pytest.raises(UsageError, match="there is no run"):
        runs_in(tmp_path)


def test_the_page_is_well_formed_and_nothing_from_a_record_becomes_markup(runs, read_page):
    for language in ("en", "zh"):
        page = read_page(history_page(runs_in(runs), language=language))

        assert page.mistakes == []
        assert {tag for tag, _ in page.elements}.isdisjoint({"script", "img"})
        assert "b/report.html" in page.links()


def test_the_command_lists_the_runs_and_writes_the_page(runs, capsys):
    assert main(["history", str(runs), "--html"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5  # head, three runs, the page
    assert "(simulators)" in lines[2]
    assert "\x1b" not in "".join(lines)
    assert (runs / "history.html").is_file()


def run(number, **counts):
    return Run("f", f"r{number}", float(number), 0, "", "", "accepted", counts, True, "all")


def test_a_single_failure_among_many_checks_can_be_seen_in_the_chart():
    drawn = chart([run(1, passed=9999, failed=1)])

    (bar,) = drawn.bars
    assert [part[0] for part in bar.parts] == ["passed", "failed"]
    assert bar.parts[1][2] >= 3
    assert all(0 <= y <= HEIGHT for _, y, _, _ in bar.parts)


def test_only_the_last_runs_are_drawn_and_the_others_counted():
    drawn = chart([run(number, passed=1) for number in range(MOST_BARS + 5)])

    assert len(drawn.bars) == MOST_BARS
    assert drawn.missing == 5
    assert drawn.bars[-1].run.run == f"r{MOST_BARS + 4}"
