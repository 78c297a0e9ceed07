"""dicomtest report: from the record of a finished run, and judged again."""

from __future__ import annotations

import json
import shutil

import pytest

from dicomtest.rejudge import judge_again, story_of


def record_of(folder):
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def write_record(folder, record):
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")


def evidence_of(folder, step):
    path = folder / "evidence" / "small" / f"{step}.json"
    return path, json.loads(path.read_text(encoding="utf-8"))


def test_the_report_is_made_again_from_the_record_alone(run_folder, dicomtest):
    made = {name: (run_folder / name).read_bytes() for name in ("report.html", "junit.xml")}
    for name in made:
        (run_folder / name).unlink()
    shutil.rmtree(run_folder / "evidence")

    said = dicomtest("report", run_folder)

    assert said.status == 0
    assert {name: (run_folder / name).read_bytes() for name in made} == made
    assert str(run_folder / "report.html") in said.out


def test_evidence_that_was_changed_after_the_run_is_told(run_folder, dicomtest):
    assert dicomtest("report", run_folder).err == ""
    path, _ = evidence_of(run_folder, "2-store")
    path.write_bytes(path.read_bytes().replace(b"C-STORE", b"C-STORM", 1))

    said = dicomtest("report", run_folder)

    assert said.status == 0
    assert said.err.endswith("was changed since the run: evidence/small/2-store.json\n")


def test_the_language_can_be_chosen_and_another_is_refused(run_folder, dicomtest):
    assert dicomtest("report", run_folder, "--language", "zh").status == 0
    assert '<html lang="zh-CN">' in (run_folder / "report.html").read_text(encoding="utf-8")

    said = dicomtest("report", run_folder, "--language", "xx")
    assert said.status == 4
    assert "there are: en, zh" in said.err


def test_without_a_folder_the_newest_run_is_taken(run_folder, dicomtest, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert dicomtest("report").status == 4
    (tmp_path / "dicomtest-runs").mkdir()
    run_folder.rename(tmp_path / "dicomtest-runs" / "1")

    assert dicomtest("report").status == 0


def test_a_folder_that_is_no_run_is_told_so(tmp_path, dicomtest):
    said = dicomtest("report", tmp_path)

    assert said.status == 4
    assert "is it a run folder?" in said.err


def test_the_same_evidence_gives_the_same_verdicts(run_folder, dicomtest):
    before = (run_folder / "run.json").read_bytes()

    said = dicomtest("report", run_folder, "--judge")

    assert said.status == 0
    assert "No verdict changed." in said.out
    assert (run_folder / "run.json").read_bytes() == before
    again = json.loads((run_folder / "run-judged.json").read_text(encoding="utf-8"))
    old = record_of(run_folder)
    assert again["counts"] == old["counts"]
    assert again["steps"] == old["steps"]
    page = (run_folder / "report-judged.html").read_text(encoding="utf-8")
    assert "Judged again." in page


def test_other_evidence_gives_another_verdict_and_it_is_told(run_folder, dicomtest):
    path, evidence = evidence_of(run_folder, "2-store")
    for association in evidence["associations"]:
        for exchange in association.get("exchanges", []):
            exchange["responses"][-1]["status"] = 0xA700
    path.write_text(json.dumps(evidence), encoding="utf-8")

    said = dicomtest("report", run_folder, "--judge")

    assert said.status == 1
    assert "passed -> failed store." in said.out
    assert "A700" in said.out


def test_every_step_knows_the_steps_before_it(run_folder):
    steps = story_of(run_folder)

    assert [[each.step for each in step.story] for step in steps] == [
        [],
        ["1-verify"],
        ["1-verify", "2-store"],
    ]


def test_a_recorded_deviation_counts_as_of_the_day_of_the_run(run_folder):
    path, evidence = evidence_of(run_folder, "3-query")
    for association in evidence["associations"]:
        for exchange in association.get("exchanges", []):
            exchange["responses"] = exchange["responses"][-1:]
    path.write_text(json.dumps(evidence), encoding="utf-8")
    record = record_of(run_folder)
    record["started"] = 1_000_000_000.0  # 2001: the deviation was not over then
    record["deviations"] = [
        {
            "check": "query.all-matches",
            "system": "pacs",
            "why": "known",
            "accepted_by": "Dr Lin",
            "until": "2002-01-01",
        }
    ]
    write_record(run_folder, record)

    again, changes = judge_again(run_folder)

    assert ("query.all-matches", "accepted") in {(each.check, each.new) for each in changes}
    assert again["deviations"][0]["used"]


def test_a_check_that_is_gone_and_one_that_is_new_are_told(run_folder):
    record = record_of(run_folder)
    gone = {**record["checks"][0], "check": "store.no-such-check"}
    new = next(each for each in record["checks"] if each["check"] == "query.stored-is-found")
    record["checks"] = [each for each in [gone, *record["checks"]] if each is not new]
    write_record(run_folder, record)

    again, changes = judge_again(run_folder)

    told = {each.check: (each.old, each.new) for each in changes}
    assert told["store.no-such-check"][1] is None
    assert told["query.stored-is-found"] == (None, "passed")
    assert "store.no-such-check" not in {each["check"] for each in again["checks"]}


def test_a_selection_stays_a_selection(run_folder):
    record = record_of(run_folder)
    record["selected"] = "a selection"
    record["checks"] = record["checks"][:3]
    write_record(run_folder, record)

    again, changes = judge_again(run_folder)

    assert changes == []
    assert len(again["checks"]) == 3


def test_without_evidence_nothing_is_judged_again(run_folder, dicomtest):
    shutil.rmtree(run_folder / "evidence")

    said = dicomtest("report", run_folder, "--judge")

    assert said.status == 4
    assert "no evidence" in said.err


@pytest.mark.parametrize("content", ["{", "[]", '{"scenario": 7}'])
def test_evidence_that_is_none_is_a_usage_error(run_folder, dicomtest, content):
    path, _ = evidence_of(run_folder, "2-store")
    path.write_text(content, encoding="utf-8")

    said = dicomtest("report", run_folder, "--judge")

    assert said.status == 4
    assert "cannot be read" in said.err
