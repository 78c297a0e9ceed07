"""Colour images of 8 bits: ultrasound, single and multi-frame, and secondary capture."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.uid import (
    SecondaryCaptureImageStorage,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
)

from dicomtest.dicom.objects.common import item_of
from dicomtest.dicom.objects.image import cine, colour, general_image, image_pixel, shape
from dicomtest.dicom.objects.registry import Make, kind


@kind("us", sop_class=UltrasoundImageStorage, modality="US", title="US image", is_image=True)
def us(ds: Dataset, make: Make) -> None:
    """Ultrasound Image IOD, PS3.3 A.6: RGB, colour by pixel."""
    _ultrasound(ds, make, (1, make.rows or 180, make.columns or 240))


@kind(
    "us-multiframe",
    sop_class=UltrasoundMultiFrameImageStorage,
    modality="US",
    title="US multi-frame image",
    is_image=True,
)
def us_multiframe(ds: Dataset, make: Make) -> None:
    """Ultrasound Multi-frame Image IOD, PS3.3 A.7: RGB, 25 frames a second."""
    size = shape(make, 120, 160, 10)
    _ultrasound(ds, make, size)
    cine(ds, size[0], 40)
    ds.HeartRate = "72"


def _ultrasound(ds: Dataset, make: Make, size: tuple[int, int, int]) -> None:
    """US Image and US Region Calibration Modules (PS3.3 C.8.5.6, C.8.5.5)."""
    # PS3.3 C.8.5.6.1.1: value 3 says what was examined, value 4 which modes are shown (2D).
    general_image(ds, make, ["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001"])
    image_pixel(ds, colour(make, size), stored=8, photometric="RGB")
    ds.PatientOrientation = ""
    ds.UltrasoundColorDataPresent = 1
    ds.BodyPartExamined = "ABDOMEN"
    ds.TransducerData = ["C5-1", "", ""]
    ds.ProcessingFunction = "ABD_GENERAL"
    ds.SequenceOfUltrasoundRegions = [
        item_of(
            RegionSpatialFormat=1,  # 2D
            RegionDataType=1,  # tissue
            RegionFlags=0,
            RegionLocationMinX0=0,
            RegionLocationMinY0=0,
            RegionLocationMaxX1=size[2] - 1,
            RegionLocationMaxY1=size[1] - 1,
            ReferencePixelX0=size[2] // 2,
            ReferencePixelY0=0,
            PhysicalUnitsXDirection=3,  # cm
            PhysicalUnitsYDirection=3,
            ReferencePixelPhysicalValueX=0.0,
            ReferencePixelPhysicalValueY=0.0,
            PhysicalDeltaX=0.0625,
            PhysicalDeltaY=0.0625,
            TransducerFrequency=3500,
        )
    ]


@kind(
    "sc",
    sop_class=SecondaryCaptureImageStorage,
    modality="OT",
    title="Secondary capture image",
    is_image=True,
)
def sc(ds: Dataset, make: Make) -> None:
    """Secondary Capture Image IOD, PS3.3 A.8: RGB, colour by pixel."""
    general_image(ds, make, ["DERIVED", "SECONDARY"])
    image_pixel(
        ds, colour(make, (1, make.rows or 160, make.columns or 200)), stored=8, photometric="RGB"
    )
    ds.PatientOrientation = ""
    ds.ConversionType = "WSD"
    ds.SecondaryCaptureDeviceManufacturer = "dicomtest"
    ds.SecondaryCaptureDeviceManufacturerModelName = "Synthetic"
    ds.SecondaryCaptureDeviceSoftwareVersions = "1"
    ds.DateOfSecondaryCapture, ds.TimeOfSecondaryCapture = ds.ContentDate, ds.ContentTime
    ds.BodyPartExamined = "ABDOMEN"
