"""`dicomtest simulate` on the command line, used by real clients and ended by Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from datetime import date
from pathlib import Path

import pytest
import support
from support.population import SMITH, at, keys_of


class Simulated(support.Peer):
    """A device that `dicomtest simulate` plays."""

    name = "simulate"

    def __init__(self, folder: Path, actor: str, *options: str, ae_title: str) -> None:
        super().__init__(folder, ae_title=ae_title)
        self.arguments = [actor, "--ae-title", ae_title, *options]
        self.kept = folder / "kept"

    def command(self) -> list[str]:
        where = ["--port", str(self.port), "--keep", str(self.kept)]
        return [sys.executable, "-u", "-m", "dicomtest", "simulate", *self.arguments, *where]


@pytest.fixture
def simulate(tmp_path: Path):
    """Start a simulated device; stop it after the test."""
    started: list[Simulated] = []

    def start(*arguments: str, ae_title: str) -> Simulated:
        started.append(Simulated(tmp_path / ae_title, *arguments, ae_title=ae_title).start())
        return started[-1]

    yield start
    for each in started:
        each.stop(wait=True)


def test_a_simulated_pacs_serves_real_clients(simulate, storescp, dcmtk, tmp_path):
    destination = storescp(ae_title="DEST")
    known = f"DEST@{destination.host}:{destination.port}"
    pacs = simulate("pacs", "--destination", known, ae_title="ALONE")
    call = ["-aec", "ALONE", *pacs.address]
    SMITH.sent.clear()
    SMITH.write(tmp_path)

    stored = dcmtk("storescu", *call, *SMITH.sent)
    found = dcmtk("findscu", "-S", "-k", at("STUDY"), "-k", "StudyInstanceUID", *call)
    moved = dcmtk("movescu", "-S", "-aem", "DEST", *keys_of(at("STUDY"), SMITH.uid), *call)

    assert stored.statuses == [0x0000] * 3
    assert [each.StudyInstanceUID for each in found.identifiers] == [SMITH.uid]
    assert (moved.final.status, moved.final.count("Completed")) == (0x0000, 3)
    assert len(destination.files()) == 3
    for service in ("C-STORE", "C-FIND", "C-MOVE"):
        support.until(lambda service=service: service in pacs.text(), what=f"{service} told")


@pytest.mark.parametrize("actor", ["pacs", "modality", "workstation"])
def test_a_simulated_device_answers_an_echo_until_ctrl_c(simulate, dcmtk, actor):
    device = simulate(actor, ae_title="DEVICE")

    echo = dcmtk("echoscu", "-aec", "DEVICE", *device.address)
    os.kill(device.pid, signal.SIGINT)
    support.until(lambda: "stopped" in device.text(), what="the end of the simulator")
    refused = dcmtk("echoscu", "-aec", "DEVICE", *device.address)

    assert echo.echoes == ["Success"]
    assert refused.exit_code != 0
    assert "Traceback" not in device.text()


def test_a_simulated_ris_schedules_what_its_file_says(simulate, dcmtk, tmp_path):
    orders = tmp_path / "orders.yaml"
    one = "- {PatientID: P1, PatientName: One^Ann, Modality: CT, ScheduledStationAETitle: CT1}\n"
    two = "- {PatientID: P2, PatientName: Two^Bob, RequestedProcedureDescription: MR KNEE}\n"
    orders.write_text(one, encoding="utf-8")
    ris = simulate("ris", "--orders", str(orders), ae_title="ALONE")
    step = "ScheduledProcedureStepSequence[0]"
    today = f"{step}.ScheduledProcedureStepStartDate={date.today():%Y%m%d}"

    def asked(*keys: str):
        words = [word for each in ("PatientID", "StudyInstanceUID", *keys) for word in ("-k", each)]
        ran = dcmtk("findscu", "-W", *words, "-aec", "ALONE", *ris.address)
        return {each.PatientID: each.StudyInstanceUID for each in ran.identifiers}

    first = asked(today, f"{step}.ScheduledStationAETitle=CT1", f"{step}.Modality=CT")
    orders.write_text(two + one, encoding="utf-8")
    both, knee = asked(), asked(f"{step}.Modality=MR")
    orders.write_text("- {PatientID: P3, PatientNam: Three^Eve}\n", encoding="utf-8")
    kept = asked()

    assert list(first) == ["P1"]
    assert set(both) == {"P1", "P2"}
    assert both["P1"] == first["P1"]  # the same study, whenever the file is read
    assert list(knee) == ["P2"]
    assert kept == both
    assert 'did you mean "PatientName"?' in " ".join(ris.text().split())
