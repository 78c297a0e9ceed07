"""A modality and a workstation of plain pynetdicom, and stages on which they are awaited."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pydicom import dcmread
from support.device import SIMULATED, Device, free_port, site_text

from dicomtest.awaiting.desk import Answer, Desk
from dicomtest.casting import Casting
from dicomtest.checks import all_checks
from dicomtest.dimse import Recorder
from dicomtest.evidence_json import write_step
from dicomtest.session import RunSession
from dicomtest.spec.scenario import load_scenarios
from dicomtest.spec.site import load_site
from dicomtest.stage import Run, Stage
from dicomtest.transactions import step_models


class Person(Desk):
    """Somebody at the desk: says what is scripted when its card shows what it waits for."""

    present = True

    def __init__(self, *script) -> None:
        super().__init__()
        self.script, self.cards = list(script), []
        self.told: list[Answer] = []

    def changed(self) -> None:
        super().changed()
        card = self.card
        if card is None:
            return
        if card not in self.cards:
            self.cards.append(card)
        if self.script and self.script[0][0](card):
            _, act = self.script.pop(0)
            made = act() if callable(act) else act
            if made is not None:
                self.give(card.number, made)

    def record(self, card, answer) -> None:
        self.told.append(answer)


@pytest.fixture
def person():
    """The class of scripted operators."""
    return Person


@pytest.fixture
def stage_of(tmp_path):
    """Give (stage, device) for a scenario in which a system is real; everything is closed after."""
    opened: list[Casting] = []
    servers = []

    def made(steps: str, *, actor: str = "modality", trigger: str = "{wait: true}", step="30 s",
             desk: Desk | None = None, listens: bool = False) -> tuple[Stage, Device]:  # fmt: skip
        ports = {each: free_port() for each in (*SIMULATED, "self")}
        site = tmp_path / "site.yaml"
        site.write_text(site_text(ports, actor, trigger, step), encoding="utf-8")
        path = tmp_path / "x.dicomtest.yaml"
        path.write_text(f"scenario: x\nsteps:\n{steps}", encoding="utf-8")
        loaded = load_site(site, checks=tuple(all_checks()), steps=tuple(step_models()))
        recorder = Recorder()
        spool = tmp_path / "run" / "evidence" / "received"
        spool.mkdir(parents=True)
        casting = Casting(loaded, recorder, spool)
        opened.append(casting)
        run = Run(loaded, "r1", 1, tmp_path / "run", recorder, casting, desk=desk or Desk())
        device = Device("UNDERTEST", ports)
        if listens:
            servers.append(device.serve())
        stage = Stage(run, load_scenarios(path, step_models())[0])
        casting.open(stage.scenario.actors() | {"pacs", "ris"})
        return stage, device

    yield made
    for each in servers:
        each.shutdown()
    for each in opened:
        each.close()


@pytest.fixture
def acting():
    """Let something happen beside the test; its failure is the test's."""
    threads, failures = [], []

    def act(function, *arguments, **options):
        def run():
            try:
                function(*arguments, **options)
            except Exception as error:  # whatever goes wrong there has to be told here
                failures.append(error)

        thread = threading.Thread(target=run, daemon=True)
        threads.append(thread)
        thread.start()

    yield act
    for each in threads:
        each.join(10)
    assert not failures, failures


@pytest.fixture
def read_all():
    """The DICOM files of a folder."""
    return lambda folder: [dcmread(each) for each in sorted(Path(folder).iterdir())]


@pytest.fixture
def interrupted(tmp_path):
    """Begin runs in one folder, one after the other, as if each had been interrupted.

    Gives (play, device): `play(number)` plays up to that step in the present run.
    """
    ports = {each: free_port() for each in (*SIMULATED, "self")}
    device = Device("UNDERTEST", ports)
    server = device.serve()
    sessions: list[RunSession] = []

    def begin(steps: str, desk: Desk | None = None, **site: str):
        for each in sessions:
            each.close()
        (tmp_path / "site.yaml").write_text(
            site_text(ports, "modality", site.get("trigger", "{wait: true}"), "30 s"),
            encoding="utf-8",
        )
        path = tmp_path / "x.dicomtest.yaml"
        path.write_text(f"scenario: x\nsteps:\n{steps}", encoding="utf-8")
        session = RunSession(
            tmp_path / "site.yaml", tmp_path / "run", 1, "20260101-000000-aaaa",
            resumed=bool(sessions),
        )  # fmt: skip
        sessions.append(session)
        if desk is not None:
            session.run.desk = desk
        scenario = load_scenarios(path, step_models())[0]
        session.open([scenario])
        stage = session.stage(scenario)

        def play(number: int):
            while len(stage.evidence) < number:
                write_step(stage.play_until(len(stage.evidence) + 1), session.folder)
                session.played(stage)
            return stage.evidence[number - 1]

        return play

    yield begin, device
    server.shutdown()
    for each in sessions:
        each.close()
