"""Plays scenarios against an independent archive, in this process, and gives every verdict.

A harness is worthless in two ways: it misses the defect, or it cries wolf. `test_matrix.py`
measures both with the systems of `tests.defects.systems`; this module is the measuring device.
It needs no pytest items, so that one defect takes about a second.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dicomtest.checks import checks_for
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Outcome
from dicomtest.judging import result
from dicomtest.session import RunSession
from dicomtest.spec.scenario import Scenario, load_scenarios
from dicomtest.spec.site import Limits, Simulator, Site, System
from dicomtest.transactions import step_models

from .systems import ArchiveSCP, Deviation, Settings

SCENARIOS = Path(__file__).parent / "scenarios"
ARCHIVE, DESTINATION = "ARCHIVE", "DT_WS"
PATIENT = Limits(connect=5, association=10, response=20)
HASTY = Limits(connect=2, association=1.5, response=1.5)
"""Time limits for a system that may be slow, and for one that may never answer."""

Verdict = dict[str, Any]


def scenarios(*names: str) -> list[Scenario]:
    """The scenarios of this folder (or, by path, others)."""
    found = []
    for name in names:
        path = Path(name) if "/" in name else SCENARIOS / f"{name}.dicomtest.yaml"
        found += load_scenarios(path, step_models())
    return found


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
        systems={"pacs": System(ae_title=ae_title, host="127.0.0.1", port=port, actor="pacs")},
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
    """The verdicts of every check of a step."""
    for check in checks_for(evidence.kind, parameters):
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
    with archive_of(deviations, settings) as (archive, workstation):
        return judge_system(archive.port, played, folder, workstation=workstation, limits=limits)


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
