"""DCMTK and dciodvfy read the text that we write under every character set they know."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import support
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage
from support import programs

from dicomtest.dicom.part10 import write
from dicomtest.dicom.patients import SCRIPTS, patient

LINES = {
    "chinese-gb2312": ("第一行", "第二行"),
    "chinese-gb18030": ("第一行喆", "第二行"),
    "korean": ("첫째 줄", "둘째 줄"),
    "cyrillic": ("Первая", "вторая"),
}
# The character set conversion of Debian's DCMTK (glibc's iconv) has no ISO 2022 IR 87.
KNOWN_TO_DCMTK = [script for script in SCRIPTS if not script.startswith("japanese")]


def about(script: str) -> Dataset:
    one = patient("run", 1, script)
    ds = Dataset()
    if one.character_set:
        ds.SpecificCharacterSet = list(one.character_set)
    ds.SOPClassUID = SecondaryCaptureImageStorage
    ds.SOPInstanceUID = "2.25.1"
    ds.PatientName = one.name
    ds.PatientID = one.patient_id
    ds.PatientComments = "\r\n".join(LINES.get(script, ("first line", "second line")))
    return ds


@pytest.mark.parametrize("script", KNOWN_TO_DCMTK)
def test_dcmtk_reads_names_and_second_lines(
    script: str, dcmtk: Callable[..., support.Ran], tmp_path: Path
) -> None:
    ds = about(script)
    write(ds, tmp_path / "x.dcm", ExplicitVRLittleEndian)

    shown = dcmtk("dcmdump", "+U8", "+L", tmp_path / "x.dcm")

    assert shown.exit_code == 0
    assert f"[{ds.PatientName}]" in shown.log
    for line in ds.PatientComments.splitlines():
        assert line in shown.log


@pytest.mark.parametrize("script", SCRIPTS)
def test_dciodvfy_accepts_the_bytes(script: str, tmp_path: Path) -> None:
    try:
        dciodvfy = programs.program("dciodvfy")
    except support.Missing as missing:
        pytest.skip(str(missing))
    write(about(script), tmp_path / "x.dcm", ExplicitVRLittleEndian)

    done = subprocess.run(
        [dciodvfy, tmp_path / "x.dcm"], capture_output=True, check=False, timeout=60
    )

    said = done.stderr.decode("utf-8", "replace").splitlines()
    assert said
    assert [line for line in said if "- Value " in line] == []  # "Value invalid for this VR"
