"""The scheduled workflow where three real systems make up one department.

Orthanc is the archive, wlmscpfs has the worklist, and MPPS goes to a server built on dcmjs-dimse.
Orders are files; the modality and the workstation are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import support
from support.runs import Played, address, of_worklist, play, verify

pytestmark = pytest.mark.timeout(300)

MODALITY, WORKSTATION = "DT_MOD", "DT_WS"


@dataclass(frozen=True)
class Department:
    """The real systems, still running, and the run that has tested them."""

    archive: support.Orthanc
    worklist: support.Wlmscpfs
    mpps: support.DcmjsScp
    played: Played


@pytest.fixture(scope="module")
def department(tmp_path_factory) -> Iterator[Department]:
    """Run the shipped scenarios of the daily course; the archive knows our AE titles."""
    folder = tmp_path_factory.mktemp("department")
    ports = {title: support.free_port() for title in (MODALITY, WORKSTATION)}
    known = {title: ("127.0.0.1", port) for title, port in ports.items()}
    worklist = support.Wlmscpfs(folder / "worklist")
    try:
        with (
            support.Orthanc(folder / "archive", modalities=known) as archive,
            worklist,
            support.DcmjsScp(folder / "mpps") as mpps,
        ):
            site = f"""\
site: A department
systems:
  pacs: {{{address(archive)}, product: Orthanc}}
  worklist: {{{of_worklist(worklist)}, product: wlmscpfs}}
  mpps: {{{address(mpps)}, actor: ris, serves: [mpps], product: dcmjs-dimse}}
simulators:
  modality: {{ae_title: {MODALITY}, port: {ports[MODALITY]}}}
  workstation: {{ae_title: {WORKSTATION}, port: {ports[WORKSTATION]}}}
seed: 20261123
"""
            played = play(folder, site, "workflow-scheduled")
            yield Department(archive, worklist, mpps, played)
    except support.Missing as missing:
        pytest.skip(str(missing))


def test_a_sound_department_is_accepted(department: Department):
    played = department.played

    verify(played, {})  # nothing is wrong with any of them in this
    assert played.checks("blocked", "not-run", "error") == []
    assert played.record["verdict"] == "accepted"
    assert played.exit_status == 0, played.output
    scenarios = {each["scenario"] for each in played.record["scenarios"]}
    assert scenarios == {"workflow-scheduled", "workflow-unscheduled", "workflow-discontinued"}


def test_every_step_went_to_the_system_that_serves_it(department: Department):
    played = department.played

    judged = {(each["step"], each["system"]) for each in played.checks("passed")}
    of_scheduled = {step.partition("-")[2]: system for step, system in judged}
    assert of_scheduled["worklist"] == "wlmscpfs (WLMSCP)"
    assert of_scheduled["mpps"] == "dcmjs-dimse (DCMJSSCP)"
    assert of_scheduled["store"] == of_scheduled["commit"] == "Orthanc (ORTHANC)"
    assert not any(each["simulated"] for each in played.checks("passed"))


def test_the_trace_of_the_identifiers_is_in_the_record(department: Department):
    (table,) = department.played.record["trace"]["workflow-scheduled"]

    kinds = [each["kind"] for each in table["columns"]]
    cells = [cell for row in table["rows"] for cell in row["cells"]]
    assert {"ordered", "worklist", "begun", "objects", "answers", "retrieved"} <= set(kinds)
    assert {each["verdict"] for each in cells} <= {"reference", "equal", "unknown", "explained"}


def test_the_systems_say_the_same_of_the_examination(department: Department, dcmtk):
    """What each system was told, asked from it without our help."""
    played = department.played
    (table,) = played.record["trace"]["workflow-scheduled"]
    values = {row["name"]: row["cells"][0]["values"] for row in table["rows"]}
    (study,) = values["StudyInstanceUID"]

    (kept,) = [
        each
        for each in department.archive.rest("/studies?expand")
        if each["MainDicomTags"]["StudyInstanceUID"] == study
    ]
    began = [each for each in department.mpps.told() if each["service"] == "N-CREATE"]
    call = ["-aec", department.worklist.ae_title, *department.worklist.address]
    scheduled = dcmtk("findscu", "-W", "-k", f"StudyInstanceUID={study}", "-k", "PatientID", *call)

    patient = kept["PatientMainDicomTags"]["PatientID"]
    assert [kept["MainDicomTags"]["AccessionNumber"]] == values["AccessionNumber"]
    assert {each["data"]["PatientID"] for each in began if study in str(each["data"])} == {patient}
    assert patient in {each.PatientID for each in scheduled.identifiers}


def test_every_real_system_is_in_the_record(department: Department):
    casting = department.played.record["casting"]

    real = {name: each["ae_title"] for name, each in casting.items() if not each["simulated"]}
    assert real == {"pacs": "ORTHANC", "ris": "WLMSCP", "ris (mpps)": "DCMJSSCP"}
    assert casting["ris (mpps)"]["serves"] == ["mpps"]
    report = (department.played.folder / "report.html").read_text(encoding="utf-8")
    assert all(product in report for product in ("Orthanc", "wlmscpfs", "dcmjs-dimse"))
