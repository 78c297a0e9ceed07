"""Plays scenarios against an independent RIS or modality in this process; gives every verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dicomtest.session import RunSession
from dicomtest.spec.scenario import Scenario
from dicomtest.spec.site import Limits, Orders, Simulator, Site, System

from .matrix import Verdict, free_port, judge_step

LIMITS = Limits(connect=5, association=5, response=5)


def ris_system(port: int, ae_title: str, folder: Path | None, *serves: str) -> System:
    """A RIS under test; orders get into it as files in a folder, if at all."""
    orders = Orders(folder=str(folder)) if folder is not None else None
    return System(
        ae_title=ae_title, host="127.0.0.1", port=port, actor="ris", orders=orders,
        serves=serves or None,
    )  # fmt: skip


def judge(
    systems: dict[str, System],
    played: Sequence[Scenario],
    folder: Path,
    *,
    limits: Limits = LIMITS,
    ports: Mapping[str, int] | None = None,
) -> list[Verdict]:
    """Play the scenarios with these systems cast, and judge each step."""
    session = RunSession(None, folder, 1)
    session.site = Site(
        "workflow",
        systems=systems,
        simulators={
            actor: Simulator(port=(ports or {}).get(actor) or free_port())
            for actor in ("modality", "workstation", "pacs", "ris")
            if actor not in systems
        },
        limits=limits,
    )
    verdicts = []
    try:
        for scenario in played:
            stage = session.stage(scenario)
            for step in scenario.steps:
                evidence = stage.play_until(step.index)
                parameters = step.parameters.model_dump(by_alias=True)
                verdicts += list(judge_step(evidence, parameters))
    finally:
        session.close()
    return verdicts
