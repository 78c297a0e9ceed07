"""Orders that a person enters at a real RIS: what is asked, and what is made of the answer."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from dicomtest.awaiting.desk import Card
from dicomtest.awaiting.words import (
    ACCESSION_NUMBER,
    BIRTH_DATE,
    PATIENT_ID,
    PATIENT_NAME,
    SEX,
    Words,
)
from dicomtest.errors import StepError

if TYPE_CHECKING:
    from dicomtest.dicom.attribute_values import Attributes
    from dicomtest.evidence import StepEvidence
    from dicomtest.spec.site import System
    from dicomtest.stage import Stage
    from dicomtest.transactions.placing import Change

TASKS = {
    "new": Words("Order this examination at {system}.", "请在 {system} 中预约此检查。"),
    "change": Words("Change this order at {system}.", "请在 {system} 中更改此预约。"),
    "update-patient": Words(
        "Correct this patient's data at {system}.", "请在 {system} 中更正此患者的信息。"
    ),
    "cancel": Words("Cancel this order at {system}.", "请在 {system} 中取消此预约。"),
    "merge": Words(
        "Merge patient {prior} into this patient at {system}.",
        "请在 {system} 中将患者 {prior} 合并到此患者。",
    ),
}
ROWS = (
    (PATIENT_NAME, "PatientName"),
    (PATIENT_ID, "PatientID"),
    (BIRTH_DATE, "PatientBirthDate"),
    (SEX, "PatientSex"),
    (ACCESSION_NUMBER, "AccessionNumber"),
    (Words("Procedure", "检查项目"), "RequestedProcedureDescription"),
    (Words("Modality", "设备类型"), "Modality"),
    (Words("Station AE title", "设备 AE title"), "ScheduledStationAETitle"),
    (Words("Date", "日期"), "ScheduledProcedureStepStartDate"),
    (Words("Time", "时间"), "ScheduledProcedureStepStartTime"),
    (Words("Performing physician", "执行医师"), "ScheduledPerformingPhysicianName"),
)


def ask(stage: Stage, change: Change, step: StepEvidence, system: System) -> str:
    """Ask somebody to do it; "" when it was done, else why it was not (nobody is there, later).

    Raises StepError when it was tried and does not work.
    """
    desk, key = stage.run.desk, f"{step.scenario}/{step.step}"
    answer = desk.standing(key)
    if answer is None and not desk.expects(key):
        action = change.action.replace("-", " ")
        what = f"somebody must do this at {system.title} ({action} of an order)"
        return f"{what}, and nobody is there"
    if answer is None:
        answer = desk.ask(card_of(stage, change, step, system))
    if answer is None:
        return "nobody said within the time limit that the order was entered"
    person, words = answer.by or "the operator", answer.reason or answer.note
    step.facts["operator"] = {"choice": answer.choice, "by": person, "words": words}
    if answer.choice == "fails":
        raise StepError(f"it does not work, says {person}: {words or 'no reason given'}")
    if answer.choice in ("later", "impossible"):
        how = "put off" if answer.choice == "later" else "not possible here, said"
        return f"{how} by {person}" + (f": {words}" if words else "")
    return ""


def card_of(stage: Stage, change: Change, step: StepEvidence, system: System) -> Card:
    """What is shown: the task, and the values to enter."""
    from dicomtest.dicom.orders import text

    items = change.after
    names = {"system": system.title, "prior": text(change.before[0], "PatientID")
             if change.before else ""}  # fmt: skip
    task = Words(*(each.format(**names) for each in TASKS[change.action]))
    rows: list[tuple[Words, str]] = []
    for number, item in enumerate(items, 1):
        for words, name in ROWS:
            row = (_numbered(words, number, len(items)), text(item, name))
            if row[1] and not _said_before(items[: number - 1], name, row[1]):
                rows.append(row)
    limit = stage.run.site.limits_of(system).step
    return Card(
        scenario=step.scenario,
        step=step.step,
        title=Words("Order an examination", "预约检查"),
        system=system.title,
        task=task,
        awaited=Words("that the order has been entered", "确认预约已录入"),
        use=rows,
        way="operator",
        until=monotonic() + limit,
        limit=limit,
    )


def _numbered(words: Words, number: int, count: int) -> Words:
    return words if count == 1 else Words(f"{number}. {words.en}", f"{number}. {words.zh}")


def _said_before(items: list[Attributes], name: str, value: str) -> bool:
    """Whether the last item has it already: what several steps share is shown once."""
    from dicomtest.dicom.orders import text

    return bool(items) and text(items[-1], name) == value
