"""Plays scenarios against an independent archive, in this process, and gives every verdict.

A harness is worthless in two ways: it misses the defect, or it cries wolf. `test_matrix.py`
measures both with the systems of `tests.defects.systems`; this module is the measuring device.
It needs no pytest items, so that one defect takes about a second.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dicomtest.actors import silence, simulator
from dicomtest.checks import association, checks_for, query_responses, retrieve_rules
from dicomtest.dicom import query_plan
from dicomtest.errors import SetupError
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Outcome, Side
from dicomtest.judging import result
from dicomtest.session import RunSession
from dicomtest.spec.scenario import Scenario, load_scenarios
from dicomtest.spec.site import Claims, Limits, Simulator, Site, System
from dicomtest.transactions import move, query, retrieval, step_models

from .systems import ArchiveSCP, Deviation, Settings

SCENARIOS = Path(__file__).parent / "scenarios"
ARCHIVE, DESTINATION = "ARCHIVE", "DT_WS"
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
PATIENT = Limits(connect=5, association=10, response=20)
HASTY = Limits(connect=2, association=0.8, response=0.8)
"""Time limits for a system that may be slow, and for one that may never answer."""
QUICK = (
    (query, "FIND_WITHIN", 0.3),
    (query, "PAUSE", 0.05),
    (move, "LATE", 0.2),
    (retrieval, "PACE", 0.03),
    (association, "ANSWERED_WITHIN", 0.3),
    (query_responses, "AFTER_CANCEL", 0.1),
    (retrieve_rules, "AFTER_CANCEL", 0.1),
    (simulator, "BUSY_FOR", 0.3),
    (silence, "SHORT", 0.3),
    (silence, "SHORT_RELEASE", 0.1),
)
"""What is waited for where a defect lets one wait in vain, in seconds."""

Verdict = dict[str, Any]


def scenarios(*names: str) -> list[Scenario]:
    """The scenarios of this folder (or, by path, others)."""
    found = []
    for name in names:
        path = Path(name) if "/" in name else SCENARIOS / f"{name}.dicomtest.yaml"
        found += load_scenarios(path, step_models())
    return found


def part(scenario: Scenario, *numbers: int) -> Scenario:
    """Some steps of a scenario, numbered anew from 1."""
    chosen = [each for each in scenario.steps if each.index in numbers]
    steps = tuple(replace(each, index=at) for at, each in enumerate(chosen, 1))
    return replace(scenario, steps=steps)


@contextmanager
def quick() -> Iterator[None]:
    """Wait for nothing longer than it takes on an idle machine."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, seconds in QUICK:
            patch.setattr(module, name, seconds)
        yield


@contextmanager
def asking(wanted: Callable[[str], bool]) -> Iterator[None]:
    """Of every kind of matching, ask only the queries whose ids are wanted."""
    plan = query_plan.plan_queries

    def planned(*arguments: Any, **options: Any) -> list[query_plan.Query]:
        return [each for each in plan(*arguments, **options) if wanted(each.id)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(query_plan, "plan_queries", planned)
        yield


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on.

    It lies below those the operating system hands out, so that no connection of another test
    takes it before it is used.
    """
    while True:
        port = random.randrange(16000, 32000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def judge_system(
    port: int,
    played: Sequence[Scenario],
    folder: Path,
    *,
    workstation: int,
    limits: Limits = PATIENT,
    ae_title: str = ARCHIVE,
    seed: int = 1,
) -> list[Verdict]:
    """Play the scenarios against the archive that listens on this port and judge each step."""
    session = RunSession(None, folder, seed)
    session.site = Site(
        "matrix",
        systems={
            "pacs": System(
                ae_title=ae_title,
                host="127.0.0.1",
                port=port,
                actor="pacs",
                claims=Claims(sop_classes=(CT_IMAGE,)),
            )
        },
        simulators={
            "workstation": Simulator(ae_title=DESTINATION, port=workstation),
            "modality": Simulator(port=free_port()),
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


def judge_step(evidence: StepEvidence, parameters: dict[str, Any]) -> Iterator[Verdict]:
    """The verdicts of every check of a step that judges the archive."""
    for check in checks_for(evidence.kind, parameters):
        if check.judges is Side.SCP:
            yield result(check, evidence, (), evidence="")


def judge_archive(
    deviations: Iterable[Deviation],
    played: Sequence[Scenario],
    folder: Path,
    *,
    limits: Limits = PATIENT,
    settings: Settings | None = None,
) -> list[Verdict]:
    """The same against the independent archive with these deviations."""
    deviations = tuple(deviations)
    while True:
        with archive_of(deviations, settings) as (archive, workstation):
            try:
                return judge_system(
                    archive.port, played, folder, workstation=workstation, limits=limits
                )
            except SetupError as error:  # somebody else has taken a free port meanwhile
                if "is taken" not in str(error):
                    raise


@contextmanager
def archive_of(
    deviations: Iterable[Deviation], settings: Settings | None = None
) -> Iterator[tuple[ArchiveSCP, int]]:
    """A listening archive, and the port of the workstation it can move to."""
    workstation = free_port()
    destinations = {"ELSEWHERE": ("127.0.0.1", 1), DESTINATION: ("127.0.0.1", workstation)}
    with ArchiveSCP(ARCHIVE, destinations, deviations, settings) as archive:
        yield archive, workstation


def of(verdicts: Iterable[Verdict], *outcomes: Outcome) -> list[Verdict]:
    """Those with one of these outcomes."""
    return [each for each in verdicts if each["outcome"] in {str(one) for one in outcomes}]


def found(verdicts: Iterable[Verdict]) -> set[str]:
    """Ids of the checks that found something."""
    return {each["check"] for each in of(verdicts, Outcome.FAILED, Outcome.WARNED)}


def in_words(verdicts: Iterable[Verdict]) -> str:
    """Verdicts one a line, for an assertion's message."""
    return "\n".join(
        f"{each['outcome']} {each['scenario']} {each['step']} {each['check']}: "
        f"{each['message'] or each['reason']}"
        for each in verdicts
    )
