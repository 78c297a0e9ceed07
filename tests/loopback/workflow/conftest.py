"""Stages whose RIS is a real system as far as orders go, and what it takes them by."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dicomtest.awaiting.desk import Answer, Desk
from dicomtest.casting import Casting
from dicomtest.checks import all_checks
from dicomtest.dimse import Recorder
from dicomtest.evidence import StepEvidence
from dicomtest.judging import verdict
from dicomtest.spec.scenario import load_scenarios
from dicomtest.spec.site import load_site
from dicomtest.stage import Run, Stage
from dicomtest.transactions import step_models

START, END = b"\x0b", b"\x1c\r"


class Receiver:
    """Takes HL7 messages by MLLP and answers each with the next of `answers`, then with AA.

    In an answer, `{id}` stands for the control ID of the message; None closes the connection,
    an empty one says nothing until the sender gives up.
    """

    def __init__(self) -> None:
        self.answers: list[bytes | None] = []
        self.taken: list[list[list[str]]] = []
        self._closing = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                if self._closing.is_set():
                    return
                self._one(connection)

    def _one(self, connection: socket.socket) -> None:
        received = b""
        while not received.endswith(END):
            received += connection.recv(65536)
        assert received.startswith(START)
        codec = "utf-8" if b"UNICODE UTF-8" in received else "iso8859-1"
        lines = received[1:-2].decode(codec).split("\r")
        message = [line.split("|") for line in lines if line]
        self.taken.append(message)
        answer = self.answers.pop(0) if self.answers else acknowledgement("AA")
        if answer:
            connection.sendall(answer.replace(b"{id}", message[0][9].encode()))
        if answer is not None:
            connection.settimeout(5)
            connection.recv(1)  # until the sender closes


def acknowledgement(code: str, *more: str, text: str = "", framed: bool = True) -> bytes:
    """An acknowledgement with this code, and further segments."""
    head = r"MSH|^~\&|RIS|RIS|DICOMTEST|DICOMTEST|20261123120000||ACK|A1|P|2.3.1"
    body = "".join(f"{each}\r" for each in (head, f"MSA|{code}|{{id}}|{text}", *more)).encode()
    return START + body + END if framed else body


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A RIS that takes orders by HL7."""
    made = Receiver()
    yield made
    made.close()


class Person(Desk):
    """Somebody who gives these answers, one for each card."""

    present = True

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self.answers, self.cards = list(answers), []

    def changed(self) -> None:
        """Answer a card that is new."""
        super().changed()
        if self.card is not None and self.card not in self.cards:
            self.cards.append(self.card)
            self.give(self.card.number, self.answers.pop(0))


@pytest.fixture
def person() -> type[Person]:
    """The class of scripted operators."""
    return Person


@pytest.fixture
def stage_of(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Give a stage for these steps, where orders get into the RIS as `orders` says."""
    opened: list[Casting] = []

    def made(steps: str, orders: str = "", *, port: int = 4243, desk: Desk | None = None) -> Stage:
        site = tmp_path / "site.yaml"
        how = f", orders: {orders}" if orders else ""
        site.write_text(
            "site: S\nlimits: {connect: 2 s, step: 5 s}\nsystems:\n"
            f"  ris: {{ae_title: REALRIS, host: 127.0.0.1, port: {port}, product: A RIS{how}}}\n",
            encoding="utf-8",
        )
        path = tmp_path / "orders.dicomtest.yaml"
        path.write_text(f"scenario: orders\nsteps:\n{steps}", encoding="utf-8")
        loaded = load_site(site, checks=tuple(all_checks()), steps=tuple(step_models()))
        recorder = Recorder()
        (tmp_path / "run").mkdir()
        casting = Casting(loaded, recorder, tmp_path / "run" / "received")
        opened.append(casting)
        run = Run(loaded, "r1", 1, tmp_path / "run", recorder, casting, desk=desk or Desk())
        return Stage(run, load_scenarios(path, step_models())[0])

    yield made
    for each in opened:
        each.close()


def outcomes(step: StepEvidence) -> dict[str, Any]:
    """The outcome of every check of the kind `order` in a step, by its name."""
    return {
        name.partition(".")[2]: str(verdict(check, step).outcome)
        for name, check in all_checks().items()
        if name.startswith("order.")
    }


@pytest.fixture
def judged() -> Callable[[StepEvidence], dict[str, Any]]:
    """Judge a step."""
    return outcomes


@pytest.fixture
def acknowledged() -> Callable[..., bytes]:
    """Make acknowledgements."""
    return acknowledgement
