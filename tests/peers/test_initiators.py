"""Independent programs as the modality and workstation under test, made to act by the site file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from support import runs
from support.device import SIMULATED, free_port
from support.programs import Missing, dcmtk_program, node_modules

SCRIPT = Path(runs.__file__).with_name("initiators.py")
DAY = """\
scenario: day
steps:
  - verify: {from: modality, to: pacs}
  - order: {at: ris, procedure: CT HEAD, save: head}
  - worklist: {from: modality, to: ris, expect: [head]}
  - mpps: {from: modality, to: ris, order: head}
  - store: {from: modality, to: pacs, order: head, images: 3}
  - mpps: {from: modality, to: ris, order: head, status: COMPLETED}
"""
WITH_DCMTK = """\
  - store: {from: modality, to: pacs, images: 2, save: more}
  - query: {from: modality, to: pacs, study: more}
  - move: {from: modality, to: pacs, study: more}
  - get: {from: modality, to: pacs, study: more}
  - print: {from: workstation, to: printer}
"""
WITH_ORTHANC = """\
  - commit: {from: modality, to: pacs, order: head, within: 20 s}
  - query: {from: modality, to: pacs, order: head}
  - move: {from: modality, to: pacs, order: head}
"""
# odil proposes Explicit VR Little Endian alone, and our script leaves Study ID empty
ODIL_FINDINGS = {"association.scu-default-transfer-syntax", "trace.objects-performed"}


def played(folder: Path, steps: str, *, arguments: list[str], **systems: str) -> runs.Played:
    """Run the scenario with systems whose trigger is our script with these arguments."""
    (folder / "day.dicomtest.yaml").write_text(DAY + steps, encoding="utf-8")
    command = json.dumps([sys.executable, str(SCRIPT), *arguments])
    ports = "".join(f"  {each}: {{port: {free_port()}}}\n" for each in SIMULATED)
    real = "".join(
        f"  {actor}: {{{where}, trigger: {{command: {command}}}}}\n"
        for actor, where in systems.items()
    )
    site = f"site: Initiators\nlimits: {{step: 25 s}}\nsystems:\n{real}simulators:\n{ports}"
    return runs.play(folder, site, "day.dicomtest.yaml")


def services(run: runs.Played) -> dict[str, list[str]]:
    """What each step consists of."""
    found = {}
    for each in run.record["steps"]:
        evidence = run.evidence("day", each["step"])
        found[each["step"]] = sorted(
            exchange["service"]
            for association in evidence.get("associations", ())
            for exchange in association.get("exchanges", ())
        )
    return found


def problems(run: runs.Played) -> dict[str, str]:
    """Steps that were not carried out, and why."""
    return {
        each["step"]: each["problem"] or each["not_run"] or each["not_applicable"]
        for each in run.record["steps"]
        if each["problem"] or each["not_run"] or each["not_applicable"]
    }


def test_dcmtk_and_odil_as_modality_and_workstation(tmp_path, monkeypatch):
    try:
        dcmtk_program("storescu")
    except Missing as missing:
        pytest.skip(str(missing))
    port = free_port()
    monkeypatch.setenv("DICOMTEST_OWN_PORT", str(port))
    run = played(
        tmp_path, WITH_DCMTK, modality=f"ae_title: DCMTK, host: 127.0.0.1, port: {port}",
        workstation=f"ae_title: DCMPSTATE, host: 127.0.0.1, port: {free_port()}",
        arguments=["dcmtk", str(tmp_path / "print")],
    )  # fmt: skip
    assert problems(run) == {}, run.output
    found = services(run)
    printing = found.pop("11-print")
    assert found == {
        "1-verify": ["C-ECHO"],
        "2-order": [],
        "3-worklist": ["C-FIND"],
        "4-mpps": ["N-CREATE"],
        "5-store": ["C-STORE"] * 3,
        "6-mpps": ["N-SET"],
        "7-store": ["C-STORE"] * 2,
        "8-query": ["C-FIND"],
        "9-move": ["C-MOVE", "C-STORE", "C-STORE"],
        "10-get": ["C-GET", "C-STORE", "C-STORE"],
    }
    assert {"N-CREATE", "N-SET", "N-ACTION"} <= set(printing)
    assert len(run.evidence("day", "11-print")["facts"]["films"]) == 1
    assert run.outcomes["passed"] > 40
    assert run.outcomes["error"] == 0
    assert {each["check"] for each in run.checks("failed")} == ODIL_FINDINGS


def test_orthanc_and_dcmjs_as_modality_and_workstation(tmp_path, orthanc):
    try:
        node_modules()
    except Missing as missing:
        pytest.skip(str(missing))
    peer = orthanc()
    run = played(
        tmp_path, WITH_ORTHANC, modality=runs.address(peer),
        arguments=["orthanc", str(peer.http_port)],
    )  # fmt: skip
    assert problems(run) == {}, run.output
    found = services(run)
    assert found["3-worklist"] == ["C-FIND"]
    assert found["4-mpps"] == ["N-CREATE"]
    assert found["5-store"] == ["C-STORE"] * 3
    assert found["6-mpps"] == ["N-SET"]
    assert found["7-commit"] == ["N-ACTION", "N-EVENT-REPORT"]
    assert found["9-move"] == ["C-MOVE", "C-STORE", "C-STORE", "C-STORE"]
    assert run.outcomes["passed"] > 40
    assert run.outcomes["error"] == 0
    assert run.checks("failed") == []
