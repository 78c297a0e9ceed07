"""dicomtest compare on the folders of real runs."""

from __future__ import annotations

import json
import shutil

import pytest

from dicomtest.observed import observed_facts
from dicomtest.rejudge import story_of


@pytest.fixture
def later(run_folder, tmp_path):
    """A second run folder, equal to the first."""
    return shutil.copytree(run_folder, tmp_path / "later")


def change(folder, edit):
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    edit(record)
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")


def fail(record):
    passed = next(each for each in record["checks"] if each["outcome"] == "passed")
    passed.update(outcome="failed", expected="a", actual="b")


def test_nothing_changed_is_status_0(run_folder, later, dicomtest):
    said = dicomtest("compare", run_folder, later)

    assert said.status == 0
    assert "Nothing changed." in said.out


def test_something_worse_is_status_1_and_the_way_back_is_0(run_folder, later, dicomtest):
    change(later, fail)

    worse = dicomtest("compare", run_folder, later)
    better = dicomtest("compare", later, run_folder)

    assert worse.status == 1
    assert "Newly failing (1)" in worse.out
    assert better.status == 0
    assert "Fixed (1)" in better.out


def test_it_is_written_as_html_and_json(run_folder, later, dicomtest, tmp_path):
    change(later, fail)

    said = dicomtest("compare", run_folder, later, "--html", "--json", tmp_path / "c.json")

    assert said.status == 1
    assert "Newly failing" in (later / "comparison.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["worse"] is True


def test_the_page_is_in_the_language_of_the_site_or_the_one_asked_for(run_folder, later, dicomtest):
    change(later, lambda record: record["site"].update(language="zh"))

    dicomtest("compare", run_folder, later, "--html")
    assert "两次测试的比较" in (later / "comparison.html").read_text(encoding="utf-8")

    dicomtest("compare", run_folder, later, "--html", "--language", "en")
    assert "Comparison of two runs" in (later / "comparison.html").read_text(encoding="utf-8")


def test_a_folder_that_is_no_run_is_a_usage_error(run_folder, tmp_path, dicomtest):
    assert dicomtest("compare", run_folder, tmp_path / "absent").status == 4


def test_what_a_step_showed_is_recorded_for_the_comparison(run_folder):
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    _, store, query = record["steps"]

    assert store["observed"]["statuses"] == {"C-STORE": {"0000": 1}}
    assert store["timings"]["exchanges"]["C-STORE"]["bytes"] > 32 * 32 * 2
    assert len(store["timings"]["exchanges"]["C-STORE"]["samples"]) == 1
    assert query["observed"]["keys"]["STUDY"]["PatientName"] == "value"
    assert all("." not in each or "2.25" not in each for each in query["observed"]["statuses"])


def test_cancelled_and_repeated_queries_are_not_observed(run_folder):
    (*_, query) = story_of(run_folder)
    exchange = next(iter(query.exchanges("C-FIND")))
    exchange.label = "cancelled"
    assert "C-FIND cancelled" in observed_facts(query)["statuses"]

    exchange.cancelled_at = 1.0
    assert "C-FIND cancelled" not in observed_facts(query)["statuses"]
    exchange.cancelled_at, exchange.label = None, "look"
    assert "C-FIND look" not in observed_facts(query)["statuses"]
