"""DCMTK reads what our codecs wrote, and we find nothing changed in what DCMTK re-encodes."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import (
    ExplicitVRLittleEndian,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)
from support import DcmtkRan

from dicomtest.dicom.compare import Difference, compare
from dicomtest.dicom.objects import KINDS, Placement, StudyPlan, Subject, build, write
from dicomtest.evidence import DataSetRef

Dcmtk = Callable[..., DcmtkRan]
IMAGES = [name for name, each in KINDS.items() if each.is_image]
PLAN = StudyPlan(
    Subject("ZZTEST^Anna", "DT-1", "19700102", "F"),
    study_uid="2.25.100",
    study_date="20260303",
    study_time="101112",
)
DECODERS = {
    RLELossless: "dcmdrle",
    JPEGLossless: "dcmdjpeg",
    JPEGLosslessSV1: "dcmdjpeg",
    JPEGLSLossless: "dcmdjpls",
}
ADDED_BY_DCMTK = ("DerivationDescription",)  # when it compresses


def image(kind: str) -> Dataset:
    place = Placement("2.25.200", 3, "2.25.300", 4)
    return build(kind, PLAN, place, rng=random.Random(7))


def differences(sent: DataSetRef, path: Path) -> list[Difference]:
    returned = dcmread(path)
    syntaxes = (sent.transfer_syntax, str(returned.file_meta.TransferSyntaxUID))
    return compare(sent.dataset(), returned, allow=ADDED_BY_DCMTK, transfer_syntaxes=syntaxes)


@pytest.mark.parametrize("syntax", DECODERS)
@pytest.mark.parametrize("kind", IMAGES)
def test_dcmtk_decodes_what_we_encoded(
    kind: str, syntax: str, dcmtk: Dcmtk, tmp_path: Path
) -> None:
    sent = write(image(kind), tmp_path / "ours.dcm", syntax)
    ran = dcmtk(DECODERS[syntax], tmp_path / "ours.dcm", tmp_path / "theirs.dcm")

    assert ran.exit_code == 0, ran
    assert not dcmread(tmp_path / "theirs.dcm").file_meta.TransferSyntaxUID.is_encapsulated
    assert differences(sent, tmp_path / "theirs.dcm") == []


@pytest.mark.parametrize(
    "command",
    [
        ("dcmconv", "+ti"),
        ("dcmconv", "+te", "-e"),
        ("dcmconv", "+tb", "+g"),
        ("dcmconv", "+td"),
        ("dcmcrle",),
        ("dcmcjpeg", "+e1"),
        ("dcmcjpeg", "+el", "+sv", "6"),
        ("dcmcjpls", "+el"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("kind", IMAGES)
def test_nothing_is_changed_by_another_encoding_of_dcmtk(
    kind: str, command: tuple[str, ...], dcmtk: Dcmtk, tmp_path: Path
) -> None:
    sent = write(image(kind), tmp_path / "ours.dcm", ExplicitVRLittleEndian)
    name, *options = command
    ran = dcmtk(name, *options, tmp_path / "ours.dcm", tmp_path / "theirs.dcm")

    assert ran.exit_code == 0, ran
    assert differences(sent, tmp_path / "theirs.dcm") == []
