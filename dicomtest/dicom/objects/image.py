"""What image IODs have in common: General Image, Image Plane, Image Pixel, VOI LUT, multi-frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import DataElement, Dataset

from dicomtest.dicom.objects.common import code, moment
from dicomtest.dicom.objects.phantom import phantom
from dicomtest.dicom.objects.registry import Make


def shape(make: Make, rows: int, columns: int, frames: int = 1) -> tuple[int, int, int]:
    """Frames, rows and columns as ordered, or as usual for the kind."""
    return make.frames or frames, make.rows or rows, make.columns or columns


def decimal(value: float) -> str:
    """A number as DS: at most 16 characters (PS3.5 6.2)."""
    return f"{value:.9g}"


def general_image(
    ds: Dataset, make: Make, image_type: Sequence[str], *, seconds_between: float = 1.0
) -> None:
    """General Image Module (PS3.3 C.7.6.1) and General Acquisition."""
    number = make.place.instance_number
    ds.ImageType = list(image_type)
    date, time = moment(make.plan, 60 + number * seconds_between)
    ds.AcquisitionDate, ds.AcquisitionTime = date, time
    ds.AcquisitionNumber = "1"
    ds.ContentDate, ds.ContentTime = moment(make.plan, 61 + number * seconds_between)
    ds.BurnedInAnnotation = "NO"
    ds.LossyImageCompression = "00"


def image_pixel(
    ds: Dataset, values: NDArray[Any], *, stored: int, photometric: str, signed: bool = False
) -> None:
    """Image Pixel Module (PS3.3 C.7.6.3), native and colour by pixel.

    `values` is frames x rows x columns, with samples as a fourth axis for colour.
    """
    samples = values.shape[3] if values.ndim == 4 else 1
    allocated = 8 if stored <= 8 else 16
    ds.SamplesPerPixel = samples
    ds.PhotometricInterpretation = photometric
    if samples > 1:
        ds.PlanarConfiguration = 0
    ds.Rows, ds.Columns = values.shape[1], values.shape[2]
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = allocated, stored, stored - 1
    ds.PixelRepresentation = int(signed)
    data = values.astype(f"<{'i' if signed else 'u'}{allocated // 8}").tobytes()
    vr = "OB" if allocated == 8 else "OW"
    ds["PixelData"] = DataElement("PixelData", vr, data + b"\0" * (len(data) % 2))


def window(ds: Dataset, centre: float, width: float, explanation: str) -> None:
    """VOI LUT Module (PS3.3 C.11.2) with one window."""
    ds.WindowCenter = decimal(centre)
    ds.WindowWidth = decimal(width)
    ds.WindowCenterWidthExplanation = explanation


def rescale(ds: Dataset, intercept: str, slope: str, units: str = "") -> None:
    """Rescale of the Modality LUT Module (PS3.3 C.11.1)."""
    ds.RescaleIntercept = intercept
    ds.RescaleSlope = slope
    if units:
        ds.RescaleType = units


def axial_plane(ds: Dataset, make: Make, *, spacing: float, thickness: float) -> None:
    """Image Plane Module (PS3.3 C.7.6.2): axial slices from the feet upwards, centred on x, y."""
    ds.PixelSpacing = [decimal(spacing)] * 2
    ds.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    ds.ImagePositionPatient = corner(ds, spacing, (make.place.instance_number - 1) * thickness)
    ds.SliceThickness = decimal(thickness)
    ds.SliceLocation = ds.ImagePositionPatient[2]


def corner(ds: Dataset, spacing: float, z: float) -> list[str]:
    """Image Position (Patient) of an axial slice whose centre lies on the z axis, in mm."""
    x = -spacing * (ds.Columns - 1) / 2
    y = -spacing * (ds.Rows - 1) / 2
    return [decimal(x), decimal(y), decimal(z)]


def cine(ds: Dataset, frames: int, frame_time: float) -> None:
    """Multi-frame and Cine Modules (PS3.3 C.7.6.6, C.7.6.5); `frame_time` in milliseconds."""
    ds.NumberOfFrames = str(frames)
    ds.FrameIncrementPointer = 0x00181063  # Frame Time
    ds.FrameTime = decimal(frame_time)
    ds.StartTrim, ds.StopTrim = "1", str(frames)
    ds.RecommendedDisplayFrameRate = str(max(1, round(1000 / frame_time)))
    ds.CineRate = ds.RecommendedDisplayFrameRate


def colour(make: Make, size: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Grey anatomy with a strip of saturated colours along the bottom, as RGB."""
    grey = phantom(make.rng, size, number=make.place.instance_number, air=8, tissue=110, top=255)
    out = np.repeat(grey[..., np.newaxis], 3, axis=3).astype(np.uint8)
    height = max(1, size[1] // 16)
    ramp = np.linspace(0, 255, size[2]).astype(np.uint8)
    out[:, -height:, :, 0] = ramp
    out[:, -height:, :, 1] = 64
    out[:, -height:, :, 2] = ramp[::-1]
    return out


def nuclear_orientation(ds: Dataset) -> None:
    """NM/PET Patient Orientation Module (PS3.3 C.8.4.6): head first, supine."""
    recumbent = code("102538003", "SCT", "recumbent")
    recumbent.PatientOrientationModifierCodeSequence = [code("40199007", "SCT", "supine")]
    ds.PatientOrientationCodeSequence = [recumbent]
    ds.PatientGantryRelationshipCodeSequence = [code("102540008", "SCT", "headfirst")]
