"""Every kind of synthetic object: what holds for all of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from dicomtest.dicom.codecs import decoded_pixels
from dicomtest.dicom.objects import KINDS, Placement, StudyPlan, build, kind, write
from dicomtest.dicom.objects.common import PRIVATE_CREATOR, PRIVATE_GROUP, age_string, moment
from dicomtest.dicom.part10 import encoded

Build = Callable[..., Dataset]
IMAGES = [name for name, each in KINDS.items() if each.is_image]
THE_IMAGE_KINDS = {
    "ct", "cr", "dx", "mr", "us", "us-multiframe", "sc", "mg", "nm", "pet", "xa", "rf",
    "enhanced-ct", "enhanced-mr",
}  # fmt: skip


def test_every_promised_image_kind_is_registered() -> None:
    assert set(IMAGES) == THE_IMAGE_KINDS


@pytest.mark.parametrize("name", KINDS)
def test_object_names_its_class_its_patient_and_its_place(name: str, make: Build) -> None:
    ds = make(name, 4)

    assert ds.SOPClassUID == KINDS[name].sop_class
    assert ds.SOPInstanceUID == "2.25.3004"
    assert ds.InstanceNumber == 4
    assert ds.Modality == KINDS[name].modality
    assert (ds.StudyInstanceUID, ds.SeriesNumber) == ("2.25.100", 3)
    assert (ds.PatientName, ds.PatientID, ds.PatientSex) == ("ZZTEST^Anna", "DT-1", "F")
    assert ds.PatientAge == "056Y"
    assert not hasattr(ds, "file_meta")
    assert "SpecificCharacterSet" not in ds


@pytest.mark.parametrize("name", KINDS)
def test_same_seed_gives_the_same_bytes(name: str, make: Build) -> None:
    one, other = make(name, 2, seed=5), make(name, 2, seed=5)

    assert encoded(one, ExplicitVRLittleEndian) == encoded(other, ExplicitVRLittleEndian)


@pytest.mark.parametrize("name", IMAGES)
def test_pixels_differ_between_instances_and_between_seeds(name: str, make: Build) -> None:
    first = make(name, 1, seed=5).PixelData

    assert first != make(name, 2, seed=5).PixelData
    assert first != make(name, 1, seed=6).PixelData


@pytest.mark.parametrize("name", IMAGES)
def test_the_number_of_the_instance_is_drawn(name: str, make: Build, tmp_path: Path) -> None:
    drawn = []
    for number in (1, 8):
        ref = write(make(name, number, seed=5), tmp_path / f"{number}.dcm", ExplicitVRLittleEndian)
        frame = decoded_pixels(ref)[0]
        corner = frame[: frame.shape[0] // 10, : frame.shape[1] // 8]
        drawn.append(corner == frame.max())

    assert 0 < drawn[0].sum() < drawn[1].sum()  # 8 has more strokes than 1


@pytest.mark.parametrize("name", IMAGES)
def test_stored_values_fit_bits_stored_and_fill_their_range(
    name: str, make: Build, tmp_path: Path
) -> None:
    ds = make(name)
    pixels = decoded_pixels(write(ds, tmp_path / "x.dcm", ExplicitVRLittleEndian))

    assert ds.HighBit == ds.BitsStored - 1
    assert pixels.min() >= 0
    assert pixels.max() < 2 ** (ds.BitsStored - ds.PixelRepresentation)
    assert len(np.unique(pixels)) > 50


@pytest.mark.parametrize("name", IMAGES)
def test_size_is_as_ordered(name: str, make: Build, tmp_path: Path) -> None:
    frames = 3 if "NumberOfFrames" in make(name) else 1
    ds = make(name, rows=40, columns=33, frames=3)
    pixels = decoded_pixels(write(ds, tmp_path / "x.dcm", ImplicitVRLittleEndian))

    assert (ds.Rows, ds.Columns) == (40, 33)
    assert pixels.shape[:3] == (frames, 40, 33)
    assert len(ds.PixelData) % 2 == 0


@pytest.mark.parametrize("name", KINDS)
def test_private_block_is_there_unless_unwanted(name: str, make: Build) -> None:
    ds = make(name)
    block = ds.private_block(PRIVATE_GROUP, PRIVATE_CREATOR)

    assert block[0x02].VR == "DS"
    assert block[0x08].VR == "UN"
    assert block[0x11].value[1].private_block(PRIVATE_GROUP, PRIVATE_CREATOR)[0x02].value == 0.5
    assert not any(tag.is_private for tag in make(name, private=False).keys())  # noqa: SIM118 - tags, not elements


@pytest.mark.parametrize("name", IMAGES)
def test_series_level_attributes_are_the_same_in_every_instance(name: str, make: Build) -> None:
    one, other = make(name, 1), make(name, 30, seed=8)

    for keyword in (
        "Modality", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription", "SeriesDate",
        "SeriesTime", "BodyPartExamined", "PatientPosition", "FrameOfReferenceUID",
        "NumberOfSlices", "Manufacturer", "StationName",
    ):  # fmt: skip
        assert one.get(keyword) == other.get(keyword)


@pytest.mark.parametrize("name", ["ct", "mr", "pet"])
def test_slices_form_a_stack_without_gaps(name: str, make: Build) -> None:
    slices = [make(name, number) for number in (1, 2, 3)]
    heights = [float(each.ImagePositionPatient[2]) for each in slices]

    steps = np.diff(heights)
    assert np.allclose(steps, float(slices[0].SliceThickness))
    assert [float(each.SliceLocation) for each in slices] == heights
    assert len({each.FrameOfReferenceUID for each in slices}) == 1
    half = float(slices[0].PixelSpacing[1]) * (slices[0].Columns - 1) / 2
    assert float(slices[0].ImagePositionPatient[0]) == pytest.approx(-half)


@pytest.mark.parametrize("name", ["enhanced-ct", "enhanced-mr"])
def test_functional_groups_describe_every_frame(name: str, make: Build) -> None:
    ds = make(name, frames=4)
    groups = ds.PerFrameFunctionalGroupsSequence

    assert len(groups) == ds.NumberOfFrames == 4
    indices = [list(each.FrameContentSequence[0].DimensionIndexValues) for each in groups]
    assert indices == [[1, 1], [1, 2], [1, 3], [1, 4]]
    heights = [float(each.PlanePositionSequence[0].ImagePositionPatient[2]) for each in groups]
    measures = ds.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert np.allclose(np.diff(heights), float(measures.SpacingBetweenSlices))


def test_nuclear_frames_are_energy_windows_times_detectors(make: Build) -> None:
    ds = make("nm")

    assert list(ds.EnergyWindowVector) == [1, 1, 2, 2]
    assert list(ds.DetectorVector) == [1, 2, 1, 2]
    assert len(ds.EnergyWindowInformationSequence) == ds.NumberOfEnergyWindows == 2
    assert len(ds.DetectorInformationSequence) == ds.NumberOfDetectors == 2


def test_number_of_slices_is_the_length_of_the_series_where_known(plan: StudyPlan) -> None:
    place = Placement("2.25.1", 1, "2.25.2", 2, series_length=12)

    assert build("pet", plan, place, rng=random.Random(1)).NumberOfSlices == 12


def test_request_goes_into_its_sequence_and_the_rest_beside_it(
    make: Build, plan: StudyPlan
) -> None:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "P1", "99DT", "CT head"
    request = {
        "RequestedProcedureID": "RP7",
        "ScheduledProtocolCodeSequence": [code],
        "PerformedProcedureStepID": "PPS7",
    }
    ds = make("ct", plan=replace(plan, request=request))

    (item,) = ds.RequestAttributesSequence
    assert item.RequestedProcedureID == "RP7"
    assert item.ScheduledProtocolCodeSequence[0].CodeMeaning == "CT head"
    assert ds.PerformedProcedureStepID == "PPS7"
    assert "RequestAttributesSequence" not in make("ct", plan=replace(plan, request={}))


def test_worklist_item_can_be_handed_over_whole(make: Build, plan: StudyPlan) -> None:
    step = Dataset()
    step.ScheduledProcedureStepID, step.Modality = "SPS9", "CT"
    request = {"RequestedProcedureID": "RP9", "ScheduledProcedureStepSequence": [step]}
    ds = make("ct", plan=replace(plan, request=request))

    (item,) = ds.RequestAttributesSequence
    assert (item.RequestedProcedureID, item.ScheduledProcedureStepID) == ("RP9", "SPS9")
    assert "Modality" not in item
    assert "ScheduledProcedureStepSequence" not in ds


def test_what_is_no_keyword_is_refused(make: Build, plan: StudyPlan) -> None:
    with pytest.raises(ValueError, match="RequestedProcedureName is not a keyword"):
        make("ct", plan=replace(plan, request={"RequestedProcedureName": "x"}))


def test_unknown_kind_is_refused_with_the_known_ones(plan: StudyPlan) -> None:
    with pytest.raises(ValueError, match=r"no kind 'ctt'; kinds are .*enhanced-ct"):
        build("ctt", plan, Placement("2.25.1", 1, "2.25.2", 1), rng=random.Random(1))


def test_kind_that_refers_to_images_wants_some(make: Build) -> None:
    referring = [name for name, each in KINDS.items() if each.refers_to_images]

    for name in referring:
        with pytest.raises(ValueError, match="refers to images"):
            make(name, refers_to=())


def test_name_of_a_kind_is_given_once() -> None:
    with pytest.raises(ValueError, match="ct is already registered"):
        kind("ct", sop_class="1.2", modality="CT", title="again")(lambda *_: None)


@pytest.mark.parametrize(
    ("born", "studied", "age"),
    [
        ("19700102", "20260101", "055Y"),
        ("19700102", "20260102", "056Y"),
        ("20250101", "20260301", "014M"),
        ("20260301", "20260301", "000M"),
        ("20260301", "20260101", ""),
        ("", "20260101", ""),
    ],
)
def test_age_follows_from_birth_and_study(born: str, studied: str, age: str) -> None:
    assert age_string(born, studied) == age


def test_moment_counts_from_the_beginning_of_the_study(plan: StudyPlan) -> None:
    late = replace(plan, study_date="20261231", study_time="2359")

    assert moment(late, 61.5) == ("20270101", "000001.500000")
    assert moment(replace(plan, study_date=""), 5) == ("20260101", "101117.000000")
    assert moment(replace(plan, study_time=""), 5) == ("20260303", "120005.000000")
