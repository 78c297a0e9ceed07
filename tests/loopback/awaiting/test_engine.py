"""Steps that a real system begins: what ends the wait, whose messages count, what is told."""

from __future__ import annotations

import socket
from time import monotonic

import pytest
from pydicom import Dataset

from dicomtest.awaiting.desk import Answer

EXAMINATION = """\
  - verify: {from: modality, to: pacs}
  - order: {at: ris, procedure: CT HEAD, save: head}
  - worklist: {from: modality, to: ris, expect: [head]}
  - mpps: {from: modality, to: ris, order: head, status: IN PROGRESS}
  - store: {from: modality, to: pacs, order: head, images: 3}
  - mpps: {from: modality, to: ris, of: head, status: IN PROGRESS, label: progress}
  - mpps: {from: modality, to: ris, order: head, status: COMPLETED}
  - commit: {from: modality, to: pacs, order: head, within: 30 s}
  - query: {from: workstation, to: pacs, order: head}
"""


def services(step) -> list[str]:
    return [each.service for each in step.exchanges()]


def is_awaited(stage, step: str) -> None:
    """Wait until a step is awaited."""
    desk, version = stage.run.desk, -1
    while desk.card is None or desk.card.step != step:
        version = desk.wait_for_change(version, 5)


def near(step) -> str:
    return "; ".join(step.facts["awaited"]["near"])


def examine(device, *, early: int = 3) -> None:
    """Everything that a modality does for the first patient in its worklist."""
    (item,) = device.worklist()
    uid = device.begin(item)
    images = device.images(3, patient=item)
    device.store(images)
    device.end(uid, images)
    device.commit(images)


def test_a_modality_goes_through_its_day_and_every_step_has_exactly_its_messages(stage_of, acting):
    stage, device = stage_of(EXAMINATION, listens=True)
    acting(device.echo)
    stage.play_until(2)
    acting(examine, device)  # far ahead of the steps that ask for it
    steps = [stage.play_until(number) for number in range(1, 10)]
    assert [each.problem for each in steps] == [""] * 9
    assert services(steps[0]) == ["C-ECHO"]
    assert services(steps[2]) == ["C-FIND"]
    assert services(steps[3]) == ["N-CREATE"]
    assert services(steps[4]) == ["C-STORE"] * 3
    assert "need not report progress" in steps[5].not_applicable
    assert services(steps[6]) == ["N-SET"]
    assert services(steps[7]) == ["N-ACTION", "N-EVENT-REPORT"]
    assert [len(each.associations) for each in steps[:5]] == [1, 0, 1, 1, 1]
    assert [each.attributes["PatientID"] for each in steps[4].instances] == [
        (stage.saved["head"].plan.subject.patient_id,)
    ] * 3
    assert steps[6].facts["performed"]["status"] == "COMPLETED"
    assert len(steps[7].facts["requested"]) == 3
    assert steps[7].facts["came"]
    assert len(stage.saved["head"].instances) == 3  # and the simulated workstation finds them
    assert steps[8].facts["missing"] == []


def test_a_workstation_finds_and_retrieves(stage_of, acting):
    steps = """\
  - store: {from: modality, to: pacs, images: 2, save: one}
  - query: {from: workstation, to: pacs, level: STUDY, study: one}
  - move: {from: workstation, to: pacs, study: one}
  - get: {from: workstation, to: pacs, study: one}
  - get: {from: workstation, to: pacs, study: one, accept: none}
"""
    stage, device = stage_of(steps, actor="workstation", listens=True)
    stage.play_until(1)
    study = stage.saved["one"].plan.study_uid

    def work():
        device.find(study)
        device.retrieve(study, move=True)
        device.retrieve(study, move=False)

    acting(work)
    query, move, get, refusing = [stage.play_until(number) for number in (2, 3, 4, 5)]
    assert [each.problem for each in (query, move, get)] == ["", "", ""]
    assert services(query) == ["C-FIND"]
    assert sorted(services(move)) == ["C-MOVE", "C-STORE", "C-STORE"]
    assert len(move.associations) == 2
    assert move.facts["destination"] == "UNDERTEST"
    assert sorted(services(get)) == ["C-GET", "C-STORE", "C-STORE"]
    assert len(get.associations) == 1
    assert refusing.not_applicable


def test_nobody_is_asked_where_nobody_is(stage_of):
    stage, _device = stage_of(
        "  - verify: {from: modality, to: pacs}\n", trigger="{operator: true}", step="10 min"
    )
    began = monotonic()
    step = stage.play_until(1)
    assert "nobody is there" in step.not_run
    assert monotonic() - began < 5


def test_what_a_site_cannot_see_is_not_run(stage_of):
    stage, _device = stage_of("  - verify: {from: modality, to: pacs}\n")
    systems = stage.run.site.systems
    systems["pacs"] = systems["modality"].model_copy(update={"actor": "pacs"})
    assert "both real" in stage.play_until(1).not_run


def test_near_misses_are_told(stage_of, person):
    somebody = person()
    stage, device = stage_of(
        "  - order: {at: ris, procedure: CT HEAD, save: head}\n"
        "  - store: {from: modality, to: pacs, order: head, images: 5}\n",
        trigger="{operator: true}", desk=somebody,
    )  # fmt: skip

    def act():
        (item,) = device.worklist()
        device.begin(item)
        device.echo(title="SOMEBODY")
        device.store(device.images(2, patient=Dataset()))

    somebody.script = [
        (lambda _card: True, act),
        (lambda card: len(card.near) == 3, Answer("fails", by="Ann")),
    ]
    step = stage.play_until(2)
    told = near(step)
    assert "AE title SOMEBODY (127.0.0.1:" in told
    assert "expected UNDERTEST" in told
    assert "2 for another patient: Somebody^Else (ID NOT-OURS)" in told
    assert "reported (MPPS), but no image has come" in told
    assert step.facts["awaited"]["short"] == "0 of 5 images arrived"
    assert step.instances == []
    assert services(step) == []


def test_some_images_are_evidence_but_not_enough(stage_of, person):
    somebody = person()
    stage, device = stage_of(
        "  - order: {at: ris, procedure: CT HEAD, save: head}\n"
        "  - store: {from: modality, to: pacs, order: head, images: 5}\n",
        trigger="{operator: true}", desk=somebody,
    )  # fmt: skip
    somebody.script = [
        (
            lambda _card: True,
            lambda: device.store(device.images(3, patient=device.worklist()[0])),
        ),
        (lambda card: card.short.en.startswith("3 of 5"), Answer("done", by="Ann")),
    ]
    step = stage.play_until(2)
    assert step.problem == ""  # a person has said that this is what was asked for
    assert step.facts["awaited"]["short"] == "3 of 5 images arrived"
    assert services(step) == ["C-STORE"] * 3


def test_the_time_is_limited(stage_of):
    stage, _device = stage_of("  - verify: {from: modality, to: pacs, within: 0.3 s}\n")
    assert stage.play_until(1).problem == "no C-ECHO has come within 0.3 s"


def test_a_person_is_told_what_to_do_and_the_event_ends_the_wait(stage_of, person):
    somebody = person()
    stage, device = stage_of(
        "  - store: {from: modality, to: pacs, images: 2}\n",
        trigger="{operator: true}", desk=somebody,
    )  # fmt: skip

    def act():
        patient = Dataset()
        patient.PatientID = {name.en: value for name, value in somebody.card.use}["Patient ID"]
        device.store(device.images(2, patient=patient))

    somebody.script = [(lambda _card: True, act)]
    step = stage.play_until(1)
    (card,) = somebody.cards
    assert step.problem == ""
    assert step.facts["awaited"]["ended"] == "seen"
    assert "by hand" in card.task.en
    assert ["DT_PACS", "127.0.0.1", str(device.ports["pacs"])] == [x for _, x in card.use][-3:]
    assert card.task.zh


def test_what_a_person_says_ends_the_wait_too(stage_of, person):
    def says(number, choice, **more):
        answer = Answer(choice, by="Ann", **more)
        return (lambda card: card.step == f"{number}-verify", answer)

    lines = "  - verify: {from: modality, to: pacs}\n" * 5
    somebody = person(
        says(1, "fails", reason="no connection", note="cable"),
        says(2, "impossible", note="no such button"),
        says(3, "later"),
        says(4, "done"),
        says(5, "extend"),
        (lambda card: card.until > monotonic() + 200, Answer("later")),
    )
    stage, _device = stage_of(lines, trigger="{operator: true}", desk=somebody)
    fails, impossible, later, done, extended = [stage.play_until(n) for n in range(1, 6)]
    assert fails.problem == "it does not work, says Ann: no connection cable"
    assert impossible.not_applicable == "cannot be done here, says Ann: no such button"
    assert later.not_run == "put off by Ann"
    assert done.problem == "no C-ECHO has come"
    assert extended.not_run == "put off by the operator"


def test_done_takes_what_came_under_another_ae_title(stage_of, person):
    somebody = person()
    stage, device = stage_of(
        "  - verify: {from: modality, to: pacs}\n", trigger="{operator: true}", desk=somebody
    )
    somebody.script = [
        (lambda _card: True, lambda: device.echo(title="WRONG")),
        (lambda card: any("WRONG" in each.en for each in card.near), Answer("done", by="Ann")),
    ]
    step = stage.play_until(1)
    assert step.problem == ""
    assert [each.calling_ae_title for each in step.associations] == ["WRONG"]


def test_repeat_begins_anew(stage_of, person):
    somebody = person()
    stage, device = stage_of(
        "  - order: {at: ris, procedure: CT HEAD, save: head}\n"
        "  - store: {from: modality, to: pacs, order: head, images: 2}\n",
        trigger="{operator: true}", desk=somebody,
    )  # fmt: skip

    def send(count):
        device.store(device.images(count, patient=device.worklist()[0]))

    somebody.script = [
        (lambda _card: True, lambda: send(1)),
        (lambda card: "1 of 2" in card.short.en, Answer("repeat")),
        (lambda card: "0 of 2" in card.short.en, lambda: send(2)),
    ]
    step = stage.play_until(2)
    assert step.problem == ""
    assert services(step) == ["C-STORE"] * 2


def test_a_system_copes_with_what_goes_wrong_on_purpose(stage_of, acting):
    stage, device = stage_of(
        "  - store: {from: modality, to: pacs, images: 2, "
        "faults: {status: out-of-resources, times: 1}}\n"
        "  - store: {from: modality, to: pacs, images: 2, faults: {abort: association, times: 1}}\n"
        "  - worklist: {from: modality, to: ris, faults: {worklist: huge}}\n"
    )
    images = device.images(2, patient=Dataset())
    more = device.images(2, patient=Dataset())

    def send(images):
        try:
            device.store(images)
        except AssertionError:  # aborted, or refused
            return False
        return True

    def act():
        is_awaited(stage, "1-store")
        while not send(images):
            pass

    acting(act)
    refused = stage.play_until(1)
    assert refused.problem == ""
    assert [each.status for each in refused.exchanges()] == [0xA700, 0, 0]

    device.store(more)  # too early: nothing has gone wrong yet

    def again():
        is_awaited(stage, "2-store")
        while not send(more):
            pass

    acting(again)
    aborted = stage.play_until(2)
    assert aborted.problem == ""
    assert [each.outcome for each in aborted.associations] == ["aborted", "accepted"]
    assert [each.status for each in aborted.exchanges()] == [0, 0]
    acting(lambda: (is_awaited(stage, "3-worklist"), device.worklist()))
    assert stage.play_until(3).problem == ""


def test_images_that_wait_while_the_archive_is_down_come_later(stage_of, acting, person):
    somebody = person()
    stage, device = stage_of(
        "  - order: {at: ris, procedure: CT HEAD, save: head}\n"
        "  - acquire: {from: modality, to: pacs, order: head, images: 2}\n"
        "  - store: {from: modality, to: pacs, again: head}\n",
        trigger="{operator: true}", desk=somebody,
    )  # fmt: skip
    stage.play_until(1)
    images = device.images(2, patient=device.worklist()[0])

    def vain():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", device.ports["pacs"]))
        return Answer("done", by="Ann")

    somebody.script = [
        (lambda card: card.step == "2-acquire", vain),
        (lambda card: card.step == "3-store", lambda: device.store(images)),
    ]
    assert stage.play_until(2).problem == ""
    step = stage.play_until(3)
    assert step.problem == ""
    assert services(step) == ["C-STORE"] * 2
    assert len(stage.saved["head"].instances) == 2


def test_what_the_screen_shows_is_asked_and_noted(stage_of, person):
    somebody = person()
    line = (
        "  - verify: {from: modality, to: pacs, screen: {green: {en: Is it green?, zh: 绿色？}}}\n"
    )
    stage, device = stage_of(line, trigger="{operator: true}", desk=somebody)
    somebody.script = [
        (lambda card: card.step == "1-verify", device.echo),
        (
            lambda card: card.step == "1-verify#screen",
            lambda: Answer("done", by="Ann", questions={"green": "no", "other": "yes"}),
        ),
    ]
    step = stage.play_until(1)
    assert step.facts["observed"] == {"screen.green": "no"}
    assert step.facts["operator"]["green"]["by"] == "Ann"
    assert [each.text.zh for each in somebody.cards[1].questions] == ["绿色？"]


def test_nobody_is_asked_about_a_screen_where_nobody_is(stage_of, acting):
    stage, device = stage_of("  - verify: {from: modality, to: pacs, screen: {green: Is it?}}\n")
    acting(lambda: (is_awaited(stage, "1-verify"), device.echo()))
    step = stage.play_until(1)
    assert (step.problem, step.not_run) == ("", "")
    assert "operator" not in step.facts
