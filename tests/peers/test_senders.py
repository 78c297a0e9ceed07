"""DCMTK sends, asks and is refused: its objects are sound, and what it does not do is told."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import support
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from support.programs import environment, program

from dicomtest.dicom.iods.second_opinion import opinions
from dicomtest.evidence import DataSetRef

pytestmark = pytest.mark.peer

SCENARIO = """\
scenario: dcmtk
steps:
  - verify: {from: modality, to: pacs}
  - store: {from: modality, to: pacs, study: [ct, us], images: 2}
  - store: {from: modality, to: pacs, faults: {status: out-of-resources, times: 1}}
  - store: {from: modality, to: pacs, faults: {reject: temporary-congestion, times: 1}}
  - query: {from: modality, to: pacs, level: STUDY}
"""
SITE = """\
site: DCMTK
systems:
  modality:
    {{ae_title: CT1, host: 127.0.0.1, port: 1, product: DCMTK, trigger: {{command: {command}}}}}
simulators: {{pacs: {{port: {port}}}}}
limits: {{step: 20 s}}
"""
# What is run for each step: dcmsend proposes what it finds, storescu what it always does.
PLAY = """\
import glob, subprocess, sys
step, title, host, port, objects = sys.argv[1:]
to = ["-aet", "CT1", "-aec", title, host, port]
files = sorted(glob.glob(objects + "/*.dcm"))
query = [a for k in ("QueryRetrieveLevel=STUDY", "PatientID=DT*", "StudyInstanceUID")
         for a in ("-k", k)]
command = {
    "1-verify": ["echoscu", *to], "2-store": ["dcmsend", *to, *files],
    "3-store": ["storescu", *to, *files], "4-store": ["dcmsend", *to, *files],
    "5-query": ["findscu", "-S", *query, *to],
}[step]
code = subprocess.run(command).returncode
if step == "4-store" and code:
    code = subprocess.run(command).returncode
sys.exit(code)
"""


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Any]]]:
    """Every verdict on DCMTK of one run."""
    folder = tmp_path_factory.mktemp("dcmtk")
    try:
        for name in ("echoscu", "dcmsend", "storescu", "findscu"):
            program(name)
    except support.Missing as missing:
        pytest.skip(str(missing))
    (folder / "play.py").write_text(PLAY, encoding="utf-8")
    (folder / "dcmtk.dicomtest.yaml").write_text(SCENARIO, encoding="utf-8")
    wanted = ("{step}", "{ae_title}", "{host}", "{port}", "{objects}")
    command = json.dumps([sys.executable, str(folder / "play.py"), *wanted])
    site = SITE.format(command=command, port=support.free_port())
    (folder / "site.yaml").write_text(site, encoding="utf-8")
    run = [sys.executable, "-m", "dicomtest", "run", "dcmtk.dicomtest.yaml"]
    done = subprocess.run(
        [*run, "--site", "site.yaml", "--output", "run"],
        cwd=folder, env=environment(), capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert (folder / "run" / "run.json").is_file(), done.stdout + done.stderr
    yield json.loads((folder / "run" / "run.json").read_text("utf-8"))["checks"]


def test_nothing_is_wrong_but_that_storescu_does_not_send_again(
    checks: list[dict[str, Any]],
) -> None:
    found = {
        (each["step"], each["check"], each["outcome"])
        for each in checks
        if each["outcome"] not in ("passed", "not-applicable")
    }

    assert found == {("3-store", "store.scu-sends-again", "warned")}


def test_every_object_was_held_against_its_iod(checks: list[dict[str, Any]]) -> None:
    sent = [each for each in checks if each["step"] == "2-store" and each["outcome"] == "passed"]
    by_name = {each["check"]: each for each in sent}

    assert by_name["store.scu-type-1"]["examined"] >= 2
    assert "highdicom" in by_name["store.scu-type-1"]["reason"]
    assert "could not be evaluated" in by_name["store.scu-conditional"]["reason"]
    assert {"store.scu-pixel-data", "store.scu-uids", "association.scu-default-transfer-syntax",
            "store.scu-one-modality"} <= set(by_name)  # fmt: skip


def test_a_second_opinion_is_asked_where_it_is_installed(tmp_path: Path) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is not installed")
    sound = dcmread(str(get_testdata_file("CT_small.dcm")))
    broken = dcmread(str(get_testdata_file("CT_small.dcm")))
    del broken.ImageType

    found = opinions([kept(sound, tmp_path / "1.dcm"), kept(broken, tmp_path / "2.dcm", "2.25.2")])

    assert found[sound.SOPInstanceUID] == []
    assert any("ImageType" in each for each in found["2.25.2"])


def kept(ds: Dataset, path: Path, uid: str = "") -> tuple[str, str, DataSetRef]:
    from dicomtest.dicom.headers import file_reference

    ds.save_as(path)
    return str(ds.SOPClassUID), uid or str(ds.SOPInstanceUID), file_reference(path)
