"""Orders at a real RIS by a command, a folder, a list of what is there, or a person."""

from __future__ import annotations

import json
import sys

import pytest
from pydicom import dcmread

from dicomtest.awaiting.desk import Answer

NEW = "  - order: {at: ris, procedure: CT HEAD, station: modality, save: head}\n"
CHANGED = NEW + "  - order: {at: ris, cancel: head}\n"
COPY = (
    "import os, shutil, sys; print('entered', os.environ['DICOMTEST_ACTION']); "
    "shutil.copy(sys.argv[1], sys.argv[2]); sys.exit(int(sys.argv[3]))"
)


def command(*words: str) -> str:
    line = " ".join(json.dumps(each) for each in (sys.executable, "-c", COPY, *words))
    return f"{{command: {json.dumps(line)}}}"


def test_a_command_is_given_the_items(stage_of, tmp_path):
    taken = tmp_path / "taken.wl"
    stage = stage_of(NEW, command("{wl}", str(taken), "0"))

    step = stage.play_until(1)

    (item,) = step.facts["items"]
    assert step.problem == ""
    assert step.facts["command"] == {"exit_status": 0, "output": "entered new"}
    assert dcmread(taken).PatientID == item["PatientID"][0]
    assert stage.saved["head"].exact  # it was told every identifier


def test_a_command_that_fails_is_explained(stage_of, tmp_path):
    stage = stage_of(NEW, command("{json}", str(tmp_path / "x"), "3"))

    step = stage.play_until(1)

    assert "ended with 3: entered new" in step.problem
    assert stage.saved == {}


def test_a_folder_gets_a_file_for_each_step_until_it_is_cancelled(stage_of, tmp_path):
    folder = tmp_path / "worklist"
    folder.mkdir()
    stage = stage_of(CHANGED, f"{{folder: '{folder}', format: dump}}")

    stage.play_until(1)
    (path,) = folder.iterdir()
    dump = path.read_text(encoding="utf-8")
    stage.play_until(2)

    (item,) = stage.evidence[0].facts["items"]
    assert path.suffix == ".dump"
    assert f"(0010,0020) LO [{item['PatientID'][0]}]" in dump
    assert "(0040,0100) SQ" in dump
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_gone_is_explained(stage_of, tmp_path):
    folder = tmp_path / "worklist"
    folder.mkdir()
    stage = stage_of(NEW, f"{{folder: '{folder}'}}")
    folder.rmdir()

    assert "the order could not be written into" in stage.play_until(1).problem


def test_orders_that_are_there_already_are_taken_over(stage_of, tmp_path):
    (tmp_path / "known.yaml").write_text(
        "- {PatientID: MR1, PatientName: One^Mary, Modality: MR, AccessionNumber: A1}\n"
        "- {PatientID: CT1, PatientName: Two^Tom, Modality: CT, AccessionNumber: A2}\n",
        encoding="utf-8",
    )
    stage = stage_of(CHANGED, "{known: known.yaml}")

    step = stage.play_until(1)
    cancelled = stage.play_until(2)

    (item,) = step.facts["items"]
    assert item["PatientID"] == ("CT1",)  # the one of the modality that the scenario wants
    assert "which nobody changes from here" in cancelled.not_run


def test_without_a_person_it_is_not_run(stage_of):
    step = stage_of(NEW).play_until(1)

    assert "somebody must do this at A RIS" in step.not_run
    assert step.problem == ""


def test_a_person_is_shown_what_to_enter(stage_of, person):
    desk = person(Answer("done", by="Olga"), Answer("done", by="Olga"))
    stage = stage_of(NEW + "  - order: {at: ris, change: head, sex: F}\n", desk=desk)

    stage.play_until(1)
    step = stage.play_until(2)

    (item,) = stage.evidence[0].facts["items"]
    shown = {words.en: value for words, value in desk.cards[0].use}
    assert step.not_run == step.problem == ""
    assert desk.cards[0].task.en == "Order this examination at A RIS."
    assert shown["Patient ID"] == item["PatientID"][0]
    assert shown["Procedure"] == "CT HEAD"
    assert shown["Station AE title"] == "DT_MOD"
    assert desk.cards[1].task.en == "Correct this patient's data at A RIS."
    assert step.facts["operator"]["by"] == "Olga"
    assert not stage.saved["head"].exact  # the RIS may have its own identifiers


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ("later", ("put off by Olga: too busy", "")),
        ("impossible", ("not possible here, said by Olga: too busy", "")),
        ("fails", ("", "it does not work, says Olga: too busy")),
    ],
)
def test_a_person_who_does_not_is_quoted(stage_of, person, choice, told):
    stage = stage_of(NEW, desk=person(Answer(choice, by="Olga", reason="too busy")))

    step = stage.play_until(1)

    assert (step.not_run, step.problem) == told
    assert stage.saved == {}
