"""dciodvfy (dicom3tools) finds no error in any synthetic object, however it is encoded."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import support
from pydicom import Dataset
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)
from support import programs

from dicomtest.dicom.objects import KINDS, Placement, StudyPlan, Subject, build, write
from dicomtest.dicom.patients import SCRIPTS, patient

NATIVE = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian)
COMPRESSED = (RLELossless, JPEGLossless, JPEGLosslessSV1, JPEGLSLossless, JPEG2000Lossless)
IMAGES = [name for name, each in KINDS.items() if each.is_image]
PLAN = StudyPlan(
    Subject("ZZTEST^Anna", "DT-1", "19700102", "F"),
    study_uid="2.25.100",
    accession_number="A123",
    study_id="S1",
    study_date="20260303",
    study_time="101112",
    study_description="Synthetic study",
    referring_physician="Referring^Rita",
    request={
        "RequestedProcedureID": "RP1",
        "RequestedProcedureDescription": "Head",
        "ScheduledProcedureStepID": "SPS1",
    },
)

Errors = Callable[[Dataset, str], list[str]]


@pytest.fixture
def errors(tmp_path: Path) -> Errors:
    """Write a data set and give the errors that dciodvfy finds in the file."""
    try:
        dciodvfy = programs.program("dciodvfy")
    except support.Missing as missing:
        pytest.skip(str(missing))

    def found(ds: Dataset, syntax: str = ExplicitVRLittleEndian) -> list[str]:
        path = tmp_path / "x.dcm"
        write(ds, path, syntax)
        done = subprocess.run([dciodvfy, path], capture_output=True, check=False, timeout=60)
        lines = done.stderr.decode(errors="replace").splitlines()
        assert lines, "dciodvfy says at least which IOD it found"
        return [line for line in lines if "Error" in line]

    return found


def make(kind: str, plan: StudyPlan = PLAN, number: int = 1, **options: object) -> Dataset:
    if KINDS[kind].refers_to_images:
        options.setdefault("refers_to", [make("ct", plan)])
    place = Placement(f"2.25.20{list(KINDS).index(kind)}", 3, f"2.25.30{number}", number)
    return build(kind, plan, place, rng=random.Random(7), **options)  # type: ignore[arg-type]  # options are build's own


@pytest.mark.parametrize("syntax", NATIVE)
@pytest.mark.parametrize("kind", KINDS)
def test_every_object_is_right_in_every_native_syntax(
    kind: str, syntax: str, errors: Errors
) -> None:
    assert errors(make(kind), syntax) == []


@pytest.mark.parametrize("syntax", COMPRESSED)
@pytest.mark.parametrize("kind", IMAGES)
def test_every_image_is_right_in_every_compressed_syntax(
    kind: str, syntax: str, errors: Errors
) -> None:
    assert errors(make(kind), syntax) == []


@pytest.mark.parametrize("kind", KINDS)
def test_later_instances_and_plain_objects_are_right_too(kind: str, errors: Errors) -> None:
    assert errors(make(kind, number=30), ExplicitVRLittleEndian) == []
    assert errors(make(kind, private=False), ExplicitVRLittleEndian) == []
    assert errors(make(kind, replace(PLAN, request={})), ExplicitVRLittleEndian) == []


@pytest.mark.parametrize("frames", [1, 5])
@pytest.mark.parametrize("kind", IMAGES)
def test_images_of_any_size_are_right(kind: str, frames: int, errors: Errors) -> None:
    ds = make(kind, rows=33, columns=47, frames=frames)

    assert errors(ds, ImplicitVRLittleEndian) == []


@pytest.mark.parametrize("kind", KINDS)
def test_objects_about_a_patient_known_by_name_only_are_right(kind: str, errors: Errors) -> None:
    unknown = StudyPlan(Subject("ZZTEST^Unknown", "DT-2", "", ""), study_uid="2.25.100")

    assert errors(make(kind, unknown), ExplicitVRLittleEndian) == []


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("kind", KINDS)
def test_objects_are_right_in_every_script(kind: str, script: str, errors: Errors) -> None:
    someone = patient(1, 1, script)
    subject = Subject(
        someone.name,
        someone.patient_id,
        someone.birth_date,
        someone.sex,
        someone.character_set,
    )

    assert errors(make(kind, replace(PLAN, subject=subject)), ExplicitVRLittleEndian) == []


@pytest.mark.parametrize("keyword", ["Rows", "ImageType", "SOPClassUID", "PatientName"])
def test_an_error_would_be_found(keyword: str, errors: Errors) -> None:
    ds = make("ct")
    if keyword == "SOPClassUID":
        ds.SOPClassUID = "1.2.3"
    else:
        delattr(ds, keyword)

    assert errors(ds, ExplicitVRLittleEndian)
