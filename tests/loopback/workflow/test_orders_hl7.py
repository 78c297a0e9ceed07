"""Orders at a real RIS by HL7: what is sent, and what is made of every kind of answer."""

from __future__ import annotations

import pytest

NEW = "  - order: {at: ris, procedure: CT HEAD, time: '09:30', station: modality, save: head}\n"
DAY = NEW + (
    "  - order: {at: ris, change: head, day: tomorrow}\n"
    "  - order: {at: ris, change: head, patient_name: Corrected^Cora, sex: F}\n"
    "  - order: {at: ris, procedure: MR KNEE, save: knee}\n"
    "  - order: {at: ris, merge: knee, into: head}\n"
    "  - order: {at: ris, cancel: head}\n"
)


def field(message, name: str, number: int) -> str:
    """A field of the first such segment, as HL7 counts."""
    segment = next(each for each in message if each[0] == name)
    index = number - 1 if name == "MSH" else number
    return segment[index] if index < len(segment) else ""


def test_an_order_and_what_becomes_of_it(stage_of, receiver, judged):
    stage = stage_of(DAY, f'{{hl7: "127.0.0.1:{receiver.port}"}}')

    steps = [stage.play_until(number) for number in range(1, 7)]

    assert [each.problem for each in steps] == [""] * 6
    assert all(set(judged(each).values()) == {"passed"} for each in steps)
    kinds = [field(each, "MSH", 9) for each in receiver.taken]
    assert kinds == ["ORM^O01", "ORM^O01", "ADT^A08", "ORM^O01", "ADT^A40", "ORM^O01"]
    controls = [field(each, "ORC", 1) for each in receiver.taken if each[-1][0] == "ZDS"]
    assert controls == ["NW", "XO", "NW", "CA"]
    assert len({field(each, "MSH", 10) for each in receiver.taken}) == 6

    ordered, moved, update, knee, merge, _ = receiver.taken
    (item,) = steps[0].facts["items"]
    assert field(ordered, "PID", 3) == item["PatientID"][0]
    assert field(ordered, "ZDS", 1) == f"{item['StudyInstanceUID'][0]}^100^Application^DICOM"
    assert field(ordered, "OBR", 18) == item["AccessionNumber"][0]
    assert field(ordered, "OBR", 24) == "CT"
    assert field(ordered, "OBR", 36) == f"{stage.today:%Y%m%d}093000"
    assert field(moved, "OBR", 36)[:8] > field(ordered, "OBR", 36)[:8]
    assert field(update, "PID", 5).startswith("DTr1-Corrected^Cora")
    assert field(update, "PID", 8) == "F"
    assert field(merge, "MRG", 1) == field(knee, "PID", 3)
    assert field(merge, "PID", 3) == field(ordered, "PID", 3)


def test_an_omi_message_has_a_segment_for_each_scheduled_step(stage_of, receiver):
    steps = "  - order: {at: ris, procedure: NM BONE, steps: 2, patient: japanese}\n"
    how = f'{{hl7: "127.0.0.1:{receiver.port}", message: OMI^O23, receiver: A&B^C}}'
    stage = stage_of(steps, how)

    step = stage.play_until(1)

    (message,) = receiver.taken
    assert field(message, "MSH", 9) == "OMI^O23^OMI_O23"
    assert field(message, "MSH", 12) == "2.5.1"
    assert (field(message, "MSH", 5), field(message, "MSH", 6)) == (r"A\T\B", "C")
    assert field(message, "MSH", 18) == "UNICODE UTF-8"
    alphabetic, ideographic, phonetic = field(message, "PID", 5).split("~")
    assert [each[-2:] for each in (alphabetic, ideographic, phonetic)] == ["^A", "^I", "^P"]
    first, second = (each for each in message if each[0] == "IPC")
    (one, two) = step.facts["items"]
    assert (first[3], second[3]) == (one["StudyInstanceUID"][0], two["StudyInstanceUID"][0])
    assert first[4] != second[4]


@pytest.mark.parametrize(
    ("code", "more", "words"),
    [
        (
            "AE",
            ["ERR||PID^1^3|101^Required field missing^HL70357|E"],
            "a required field is missing",
        ),
        ("AR", ["ERR|^^^203&Unsupported version"], "name the version"),
        ("AE", [], "it does not say why: its log does"),
        ("CR", [], "rejected on receipt"),
        ("OK", [], "the code OK is none of HL7 table 0008"),
    ],
)
def test_a_refusal_is_explained(stage_of, receiver, acknowledged, judged, code, more, words):
    receiver.answers.append(acknowledged(code, *more))
    stage = stage_of(NEW, f'{{hl7: "127.0.0.1:{receiver.port}"}}')

    step = stage.play_until(1)

    assert f"was acknowledged with {code}" in step.problem
    assert words in step.problem
    assert judged(step)["accepted"] == "failed"
    assert judged(step)["acknowledgement-code"] == ("failed" if code == "OK" else "blocked")
    assert "head" not in stage.saved  # what was refused has not been ordered


SILENCE, CLOSED = b"", None
NO_HL7 = b"HTTP/1.1 400 Bad Request\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (SILENCE, "no acknowledgement came within the time limit"),
        (CLOSED, "the connection was closed before an acknowledgement came"),
        (NO_HL7, 'what came is no HL7 message: "HTTP/1.1 400 Bad Request"'),
    ],
    ids=["silence", "closed", "no HL7"],
)
def test_no_acknowledgement_is_explained(stage_of, receiver, judged, answer, words):
    receiver.answers.append(answer)
    stage = stage_of(NEW, f'{{hl7: "127.0.0.1:{receiver.port}", timeout: 0.5 s}}')

    step = stage.play_until(1)

    assert words in step.problem
    assert judged(step)["acknowledged"] == "failed"


def test_nobody_who_listens_is_explained(stage_of, receiver):
    stage = stage_of(NEW, '{hl7: "127.0.0.1:1"}')

    step = stage.play_until(1)

    assert "no connection to 127.0.0.1:1" in step.problem


def test_an_acknowledgement_of_something_else_or_out_of_its_frame_is_found(
    stage_of, receiver, acknowledged, judged
):
    wrong = acknowledged("AA").replace(b"{id}", b"ANOTHER").replace(b"|ACK|A1|", b"|||")
    receiver.answers.append(b"\r\n" + wrong)
    stage = stage_of(NEW, f'{{hl7: "127.0.0.1:{receiver.port}"}}')

    step = stage.play_until(1)

    assert {name for name, outcome in judged(step).items() if outcome == "failed"} == {
        "acknowledgement-control-id",
        "acknowledgement-header",
        "acknowledgement-frame",
    }
