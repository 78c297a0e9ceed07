"""`dicomtest run` as a user types it, and what its record says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from support.dcmtk import Wlmscpfs
from support.orthanc import Orthanc
from support.process import Peer
from support.programs import environment

FINDINGS = ("failed", "warned")


@dataclass(frozen=True)
class Played:
    """A run that has ended."""

    exit_status: int
    output: str = field(repr=False)
    folder: Path

    @cached_property
    def record(self) -> dict[str, Any]:
        """run.json; raises AssertionError with what was printed when there is none."""
        path = self.folder / "run.json"
        assert path.is_file(), f"no record: {self.output}"
        return dict(json.loads(path.read_text(encoding="utf-8")))

    @property
    def outcomes(self) -> Counter[str]:
        """How many checks came out how."""
        return Counter(each["outcome"] for each in self.record["checks"])

    def checks(self, *outcomes: str) -> list[dict[str, Any]]:
        """The checks that came out like that."""
        return [each for each in self.record["checks"] if each["outcome"] in outcomes]

    @property
    def findings(self) -> dict[tuple[str, str], str]:
        """What was found: check, `scenario/step` -> what the system did."""
        return {
            (each["check"], f"{each['scenario']}/{each['step']}"): str(each["actual"])
            for each in self.checks(*FINDINGS)
        }

    def evidence(self, scenario: str, step: str) -> dict[str, Any]:
        """What was recorded of a step."""
        path = self.folder / "evidence" / scenario / f"{step}.json"
        return dict(json.loads(path.read_text(encoding="utf-8")))


def play(folder: Path, site: str, *scenarios: str) -> Played:
    """Run these scenarios with that text of a site file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "site.yaml").write_text(site, encoding="utf-8")
    where = ["--site", "site.yaml", "--output", "run"]
    done = subprocess.run(
        [sys.executable, "-m", "dicomtest", "run", *scenarios, *where],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return Played(done.returncode, done.stdout + done.stderr, folder / "run")


@dataclass(frozen=True)
class Known:
    """A true non-conformity of a product: where it shows, the clause, and what it does."""

    step: str
    clause: str
    does: str


Findings = dict[str, tuple[Known, ...]]  # by check


def verify(played: Played, findings: Findings) -> None:
    """Raise AssertionError unless exactly this was found, and under these clauses."""
    expected = {(check, each.step): each for check, told in findings.items() for each in told}
    false_alarms = {place: was for place, was in played.findings.items() if place not in expected}
    missed = {f"{check} in {step}" for check, step in expected.keys() - played.findings.keys()}
    assert not false_alarms, f"false alarms, or another product: {false_alarms}"
    assert not missed, f"missed: {missed}"
    for each in played.checks(*FINDINGS):
        known = expected[each["check"], f"{each['scenario']}/{each['step']}"]
        assert known.clause in each["cites"], each["check"]


def address(peer: Peer) -> str:
    """AE title, host and port of a system, as its site file has them."""
    return f"ae_title: {peer.ae_title}, host: {peer.host}, port: {peer.port}"


def of_worklist(peer: Wlmscpfs | Orthanc) -> str:
    """A worklist as its site file has it: orders are files in its folder."""
    folder = peer.items if isinstance(peer, Wlmscpfs) else peer.worklists
    return (
        f"{address(peer)}, actor: ris, serves: [verify, worklist], orders: {{folder: '{folder}'}}"
    )
