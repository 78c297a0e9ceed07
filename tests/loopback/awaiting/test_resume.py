"""A run that was interrupted goes on where it stopped."""

from __future__ import annotations

import pickle

import pytest

from dicomtest.awaiting.desk import Answer
from dicomtest.errors import UsageError
from dicomtest.operator import journal
from dicomtest.operator.people import People, desk_of
from dicomtest.resume import Begun, Keeper, read_begun, write_begun

EXAMINATION = """\
  - order: {at: ris, procedure: CT HEAD, save: head}
  - mpps: {from: modality, to: ris, order: head, status: IN PROGRESS}
  - store: {from: modality, to: pacs, order: head, images: 2}
  - mpps: {from: modality, to: ris, order: head, status: COMPLETED}
  - commit: {from: modality, to: pacs, order: head, within: 30 s}
  - query: {from: workstation, to: pacs, order: head}
"""


def test_what_was_done_is_known_and_not_done_again(interrupted, acting):
    begin, device = interrupted
    play = begin(EXAMINATION)
    first = play(1)
    (item,) = device.worklist()
    uid = device.begin(item)
    images = device.images(2, patient=item)
    device.store(images)
    play(3)

    play = begin(EXAMINATION)  # everything in memory is gone
    assert play(1).started == first.started
    assert play(3).facts["order"] == [each.SOPInstanceUID for each in images]
    acting(lambda: (device.end(uid, images), device.commit(images)))
    ended, committed, found = play(4), play(5), play(6)
    assert ended.problem == ""  # our RIS still knows the performed step
    assert ended.facts["performed"]["sop_instance"] == uid
    assert committed.problem == ""  # and our archive the images
    assert committed.facts["came"]
    assert found.facts["missing"] == []


def test_what_was_put_off_is_played_when_the_run_goes_on(interrupted, person):
    begin, device = interrupted
    lines = "  - verify: {from: modality, to: pacs}\n" * 2
    somebody = person(
        (lambda card: card.step == "1-verify", Answer("later", by="Ann")),
        (lambda card: card.step == "2-verify", device.echo),
    )
    play = begin(lines, somebody, trigger="{operator: true}")
    assert play(1).not_run == "put off by Ann"
    second = play(2)
    assert second.problem == ""
    somebody = person((lambda card: card.step == "1-verify", device.echo))
    play = begin(lines, somebody, trigger="{operator: true}")
    assert (play(1).not_run, play(1).problem) == ("", "")
    assert play(2).started == second.started
    assert [each.step for each in somebody.cards] == ["1-verify"]


def test_only_the_version_that_began_a_run_resumes_it(tmp_path):
    begun = Begun("r1", 7, "site.yaml", ("a.dicomtest.yaml",))
    write_begun(tmp_path, begun)
    assert read_begun(tmp_path) == begun
    path = tmp_path / "session.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"version": "', '"version": "9'),
                    encoding="utf-8")  # fmt: skip
    with pytest.raises(UsageError, match="was begun by dicomtest 9"):
        read_begun(tmp_path)
    with pytest.raises(UsageError, match="no run that can be resumed"):
        read_begun(tmp_path / "elsewhere")


def test_a_state_that_does_something_is_refused(interrupted, tmp_path):
    begin, _device = interrupted
    begin("  - verify: {from: modality, to: pacs}\n")

    class Evil:
        def __reduce__(self):
            return print, ("something",)

    folder = tmp_path / "elsewhere"
    (folder / "state").mkdir(parents=True)
    (folder / "state" / "x.pickle").write_bytes(pickle.dumps({"number": Evil()}))
    with pytest.raises(UsageError, match=r"builtins\.print does not belong into a run"):
        Keeper(folder).restore_run(None)


def test_answers_go_to_a_journal_and_can_be_replayed(stage_of, tmp_path):
    lines = "  - verify: {from: modality, to: pacs}\n" * 3
    stage, device = stage_of(lines, trigger="{operator: true}", step="60 s")
    folder = stage.run.folder
    for step, choice in (("1-verify", "extend"), ("1-verify", "impossible"), ("2-verify", "done")):
        entry = {"at": 1.5, "by": "Ann", "scenario": "x", "step": step, "choice": choice,
                 "note": "no button", "questions": {"q": "yes"}}  # fmt: skip
        journal.append(tmp_path / "earlier", entry)
    with (tmp_path / "earlier" / "answers.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"cut')
    stage.run.desk = desk_of(People(answers=tmp_path / "earlier"), stage.run.site, folder)
    first = stage.play_until(1)
    assert first.not_applicable == "cannot be done here, says Ann: no button"
    device.echo(title="OTHER")  # "done" takes what came
    second = stage.play_until(2)
    assert second.problem == ""
    assert [each.service for each in second.exchanges()] == ["C-ECHO"]
    assert "nobody is there" in stage.play_until(3).not_run
    kept = journal.read(folder)
    assert {key: each.choice for key, each in kept.items()} == {
        "x/1-verify": "impossible", "x/2-verify": "done"
    }  # fmt: skip
    assert kept["x/1-verify"].at == 1.5


def test_a_file_that_is_no_journal_is_refused(tmp_path):
    path = tmp_path / "answers.jsonl"
    for text in ("[]\n{}\n", "x\ny\n", '{"choice": "dance", "scenario": "a", "step": "b"}\n'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=r"answers\.jsonl:1"):
            journal.read(path)
