"""Have somebody bring a real printer into trouble, and back: an open tray, an empty magazine."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from dicomtest.awaiting.desk import Card
from dicomtest.awaiting.films import limit_of
from dicomtest.awaiting.words import Words

if TYPE_CHECKING:
    from dicomtest.evidence import StepEvidence
    from dicomtest.stage import Stage
    from dicomtest.transactions.print import PrintParameters

_HOW = {
    "NORMAL": Words("so that it prints again", "使其恢复打印"),
    "WARNING": Words(
        "so that it still prints and warns: for example, leave few films in it",
        "使其仍可打印但发出警告：例如只留少量胶片",
    ),
    "FAILURE": Words(
        "so that it does not print: for example, open its film tray",
        "使其无法打印：例如打开胶片盒",
    ),
}


def bring_into(stage: Stage, parameters: PrintParameters, step: StepEvidence, status: str) -> str:
    """Ask for it and wait; "" when it was done, else why it was not."""
    desk, key = stage.run.desk, f"{step.scenario}/{step.step}"
    nobody = f"somebody must bring the printer into {status}, and nobody is there"
    recorded = desk.standing(key)
    if recorded is not None:
        return "" if recorded.choice in ("done", "answers") else nobody
    if not desk.expects(key):
        return nobody
    limit = limit_of(stage, parameters, step)
    name = step.players[step.scp].name or step.players[step.scp].ae_title
    how = _HOW[status]
    card = Card(
        scenario=step.scenario,
        step=step.step,
        title=Words(f"Printer Status {status}", f"打印机状态 {status}"),
        system=name,
        task=Words(
            f"Bring {name} into the status {status}, {how.en}.",
            f"请将 {name} 置于 {status} 状态，{how.zh}。",
        ),
        awaited=Words("that you say it is done", "您确认完成"),
        use=[],
        way="operator",
        until=monotonic() + limit,
        limit=limit,
    )
    answer = desk.ask(card)
    if answer is None:
        return f"nobody has brought the printer into {status}"
    if answer.choice in ("done", "answers"):
        return ""
    said = answer.reason or answer.note or answer.choice
    return f"the printer was not brought into {status}: {said}"
