"""The record of a run: verdict, exit status, what was left behind."""

from __future__ import annotations

import json

import pytest

from dicomtest.errors import SetupError
from dicomtest.evidence import (
    Association,
    DataSetRef,
    Exchange,
    Instance,
    Player,
    PresentationContext,
    Response,
    StepEvidence,
)
from dicomtest.evidence_json import read_step, write_step
from dicomtest.findings import Outcome
from dicomtest.record import RunRecord, count, exit_status, left_behind, run_verdict


def counts(**given):
    return {str(each): given.get(each.name.lower(), 0) for each in Outcome}


@pytest.mark.parametrize(
    ("given", "pytest_status", "verdict", "status"),
    [
        ({"passed": 3}, 0, "accepted", 0),
        ({"passed": 3, "warned": 1}, 0, "accepted", 0),
        ({"passed": 3, "accepted": 1}, 0, "accepted", 0),
        ({"passed": 3, "not_applicable": 1}, 0, "accepted", 0),
        ({"passed": 3, "failed": 1}, 1, "not accepted", 1),
        ({"passed": 3, "failed": 1, "error": 1, "blocked": 1}, 1, "not accepted", 1),
        ({"passed": 3, "blocked": 1}, 0, "incomplete", 10),
        ({"passed": 3, "not_run": 1}, 0, "incomplete", 10),
        ({"not_applicable": 3}, 0, "incomplete", 10),
        ({}, 0, "incomplete", 10),
        ({"passed": 3, "error": 1}, 1, "incomplete", 3),
    ],
)
def test_the_verdict_and_the_exit_status_follow_the_counts(given, pytest_status, verdict, status):
    made = counts(**given)

    assert run_verdict(made, interrupted=False)[0] == verdict
    assert exit_status(made, pytest_status) == status


@pytest.mark.parametrize("status", [2, 3, 4, 5])
def test_pytests_other_statuses_stay(status):
    assert exit_status(counts(passed=1), status) == status


def test_an_interrupted_run_is_not_accepted():
    assert run_verdict(counts(passed=5), interrupted=True)[0] == "incomplete"


def test_python_tests_that_fail_beside_the_checks_count():
    assert exit_status(counts(passed=5), 1) == 1


def step(*, simulated: bool) -> StepEvidence:
    stored = [
        Exchange("C-STORE", n, 1, "1.2", f"1.2.{n}", responses=[Response(status)])
        for n, status in enumerate((0x0000, 0xB000, 0xA700, None))
    ]
    instances = [
        Instance("1.2", f"1.2.{n}", "1.3", "1.4", "DT-1", DataSetRef("1.2.840.10008.1.2", b"x"))
        for n in range(4)
    ]
    association = Association("a1", "requestor", contexts=[PresentationContext(1, "1.2")])
    association.exchanges = stored
    return StepEvidence(
        "story",
        "1-store",
        "store",
        scp="pacs",
        players={"pacs": Player("pacs", simulated, "X", "h", 1)},
        associations=[association],
        instances=instances,
    )


def test_what_real_systems_have_taken_is_listed_as_left_behind():
    entries = left_behind([step(simulated=False), step(simulated=False)])

    assert entries == [
        {
            "system": "pacs",
            "patient_id": "DT-1",
            "study": "1.3",
            "scenario": "story",
            "instances": 2,
        }
    ]


def test_nothing_is_left_behind_on_a_simulator():
    assert left_behind([step(simulated=True)]) == []


def test_evidence_survives_being_written_and_read(tmp_path):
    original = step(simulated=False)
    original.instances[0].data = DataSetRef(
        "1.2.840.10008.1.2", path=str(tmp_path / "evidence" / "objects" / "x.dcm"), offset=7
    )
    name = write_step(original, tmp_path)

    assert name == "evidence/story/1-store.json"
    assert '"path":"evidence/objects/x.dcm"' in (tmp_path / name).read_text(encoding="utf-8")
    assert read_step(tmp_path / name, tmp_path) == original


def test_bytes_of_every_value_survive(tmp_path):
    original = step(simulated=False)
    original.associations[0].exchanges[0].data = DataSetRef("1.2", bytes(range(256)))

    write_step(original, tmp_path)

    assert read_step(tmp_path / "evidence/story/1-store.json", tmp_path) == original


def test_a_record_holds_the_contract(tmp_path):
    write_step(step(simulated=False), tmp_path)
    check = {"check": "a.b", "outcome": "failed", "scenario": "story", "step": "1-store"}
    record = RunRecord(
        folder=tmp_path,
        run_id="r",
        seed=7,
        site={"name": "X"},
        casting={},
        scenarios=[{"scenario": "story"}],
        real_systems=True,
        checks=[check],
    )

    record.write(exit_status=1)
    written = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))

    assert written["format"] == 1
    assert written["verdict"] == "not accepted"
    assert written["checks"] == [check]
    assert written["steps"][0]["step"] == "1-store"
    assert written["tool"]["seed"] == 7
    assert written["left_behind"][0]["instances"] == 2


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path):
    taken = tmp_path / "file"
    taken.write_text("not a folder", encoding="utf-8")
    record = RunRecord(taken, "r", 7, {}, {}, [], real_systems=False)

    with pytest.raises(SetupError, match="--output"):
        record.write()


def test_counts_name_every_outcome():
    assert set(count([{"outcome": "passed"}])) == {str(each) for each in Outcome}
