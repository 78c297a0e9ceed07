"""Independent validators read the documents of `dicomtest.dicom.objects`.

dciodvfy (dicom3tools) checks modules and attributes against PS3.3; dsrdump (DCMTK) reads content
trees and refuses relationships that their IOD does not allow.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import support
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from support import programs

from dicomtest.dicom.objects import KINDS, Placement, StudyPlan, Subject, build, write

TREES = ("basic-text-sr", "enhanced-sr", "comprehensive-sr", "dose-sr", "ko")
KINDS_OF_IMAGES = [name for name, each in KINDS.items() if each.is_image]
COLOUR = {"us", "us-multiframe", "sc"}  # a greyscale presentation state is not about these
REQUEST = {"RequestedProcedureID": "RP1", "RequestedProcedureDescription": "CT HEAD"}
PLAN = StudyPlan(
    Subject("DT-Test^Anna", "DT-1-0001", "19700102", "F"),
    study_uid="2.25.100",
    accession_number="A123",
    study_id="S1",
    study_date="20260303",
    study_time="101112",
    study_description="Synthetic study",
    request=REQUEST,
)


def one(kind: str, **options: Any) -> Dataset:
    number = list(KINDS).index(kind)
    place = Placement(f"2.25.2{number}", number, f"2.25.3{number}", 1)
    return build(kind, PLAN, place, rng=random.Random(7), private=False, **options)


def about(kind: str, *images: str) -> Dataset:
    return one(kind, refers_to=[one(each) for each in images])


def complaints(ds: Dataset, path: Path, transfer_syntax: str) -> list[str]:
    """Errors and warnings of dciodvfy about a data set."""
    try:
        dciodvfy = programs.program("dciodvfy")
    except support.Missing as missing:
        pytest.skip(str(missing))
    write(ds, path, transfer_syntax)
    done = subprocess.run([dciodvfy, path], capture_output=True, text=True, check=False, timeout=60)
    assert len(done.stderr.splitlines()) > 0, "dciodvfy says at least which IOD it found"
    return [line for line in done.stderr.splitlines() if "Error" in line or "Warning" in line]


@pytest.mark.parametrize("transfer_syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian])
@pytest.mark.parametrize("kind", [*TREES, "gsps", "pdf"])
def test_dciodvfy_finds_nothing(kind: str, transfer_syntax: str, tmp_path: Path) -> None:
    assert complaints(about(kind, "ct", "cr"), tmp_path / "x.dcm", transfer_syntax) == []


@pytest.mark.parametrize(
    ("kind", "image"),
    [
        *(("gsps", image) for image in KINDS_OF_IMAGES if image not in COLOUR),
        *(("comprehensive-sr", image) for image in KINDS_OF_IMAGES),
    ],
)
def test_dciodvfy_finds_nothing_whatever_the_images(kind: str, image: str, tmp_path: Path) -> None:
    assert complaints(about(kind, image), tmp_path / "x.dcm", ExplicitVRLittleEndian) == []


def test_dciodvfy_would_find_something(tmp_path: Path) -> None:
    ds = about("gsps", "ct")
    del ds.PresentationLUTShape

    assert complaints(ds, tmp_path / "x.dcm", ExplicitVRLittleEndian) != []


@pytest.mark.parametrize("kind", TREES)
def test_dsrdump_reads_the_whole_tree(
    kind: str, dcmtk: Callable[..., support.Ran], tmp_path: Path
) -> None:
    ds = about(kind, "ct", "enhanced-ct")
    write(ds, tmp_path / "x.dcm", ExplicitVRLittleEndian)

    done = dcmtk("dsrdump", tmp_path / "x.dcm")

    assert done.exit_code == 0
    assert not [line for line in done.log.splitlines() if line.startswith("E:")]
    meaning = ds.ConceptNameCodeSequence[0].CodeMeaning
    assert meaning in done.log
    assert done.log.count("<") > items_in(ds)


def items_in(ds: Dataset) -> int:
    return sum(1 + items_in(each) for each in ds.get("ContentSequence", ()))
