"""Projection radiography and fluoroscopy: CR, DX, MG, XA, RF."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    DigitalMammographyXRayImageStorageForPresentation,
    DigitalXRayImageStorageForPresentation,
    XRayAngiographicImageStorage,
    XRayRadiofluoroscopicImageStorage,
)

from dicomtest.dicom.objects.common import code
from dicomtest.dicom.objects.image import (
    cine,
    general_image,
    image_pixel,
    rescale,
    shape,
    window,
)
from dicomtest.dicom.objects.phantom import phantom
from dicomtest.dicom.objects.registry import Make, kind


@kind(
    "cr", sop_class=ComputedRadiographyImageStorage, modality="CR", title="CR image", is_image=True
)
def cr(ds: Dataset, make: Make) -> None:
    """Computed Radiography Image IOD, PS3.3 A.2: 12 bits stored, low values white."""
    general_image(ds, make, ["ORIGINAL", "PRIMARY"])
    size = (1, make.rows or 320, make.columns or 256)
    number = make.place.instance_number
    values = phantom(make.rng, size, number=number, air=300, tissue=2300, top=4095)
    image_pixel(ds, values, stored=12, photometric="MONOCHROME1")
    window(ds, 2048, 3600, "CHEST")
    ds.PatientOrientation = ["L", "F"]
    ds.BodyPartExamined = "CHEST"
    ds.ViewPosition = "PA"
    ds.KVP = "125"
    ds.Exposure = "4"
    ds.ExposureTime = "10"
    ds.DistanceSourceToDetector = "1800"
    ds.ImagerPixelSpacing = ["0.2", "0.2"]
    ds.PlateType = "GP"
    ds.PlateID = "00123"
    ds.Sensitivity = "200"


@kind(
    "dx",
    sop_class=DigitalXRayImageStorageForPresentation,
    modality="DX",
    title="DX image for presentation",
    is_image=True,
)
def dx(ds: Dataset, make: Make) -> None:
    """Digital X-Ray Image IOD for presentation, PS3.3 A.26: 12 bits stored."""
    general_image(ds, make, ["ORIGINAL", "PRIMARY", ""])
    size = (1, make.rows or 320, make.columns or 256)
    number = make.place.instance_number
    values = phantom(make.rng, size, number=number, air=200, tissue=2000, top=4095)
    image_pixel(ds, values, stored=12, photometric="MONOCHROME2")
    window(ds, 2048, 4096, "NORMAL")
    _dx_modules(ds, spacing="0.2")
    ds.PatientOrientation = ["L", "F"]
    ds.BodyPartExamined = "CHEST"
    ds.PositionerType = "NONE"
    ds.ViewPosition = "PA"
    ds.ViewCodeSequence = [code("272479007", "SCT", "postero-anterior")]
    ds.ImageLaterality = "U"
    ds.AnatomicRegionSequence = [code("816094009", "SCT", "Chest")]
    ds.KVP = "125"
    ds.XRayTubeCurrent = "320"
    ds.ExposureTime = "8"
    ds.Exposure = "3"
    ds.DistanceSourceToDetector = "1800"
    ds.DistanceSourceToPatient = "1650"
    ds.ImageAndFluoroscopyAreaDoseProduct = "0.85"


def _dx_modules(ds: Dataset, *, spacing: str) -> None:
    """DX Series, DX Image, DX Detector and Acquisition Context (PS3.3 C.8.11, C.7.6.14)."""
    ds.PresentationIntentType = "FOR PRESENTATION"
    ds.PixelIntensityRelationship = "LOG"
    ds.PixelIntensityRelationshipSign = -1
    rescale(ds, "0", "1", "US")
    ds.PresentationLUTShape = "IDENTITY"
    ds.AcquisitionDeviceProcessingDescription = "synthetic"
    ds.DetectorType = "DIRECT"
    ds.DetectorConfiguration = "AREA"
    ds.DetectorID = "DET-7"
    ds.DateOfLastDetectorCalibration = "20260105"
    ds.ImagerPixelSpacing = [spacing, spacing]
    ds.AcquisitionContextSequence = []


@kind(
    "mg",
    sop_class=DigitalMammographyXRayImageStorageForPresentation,
    modality="MG",
    title="MG image for presentation",
    is_image=True,
)
def mg(ds: Dataset, make: Make) -> None:
    """Digital Mammography X-Ray Image IOD for presentation, PS3.3 A.27: 12 bits stored.

    Odd instances show the right breast, even ones the left.
    """
    general_image(ds, make, ["ORIGINAL", "PRIMARY", ""])
    size = (1, make.rows or 384, make.columns or 288)
    number = make.place.instance_number
    values = phantom(make.rng, size, number=number, air=20, tissue=1500, top=4095)
    image_pixel(ds, values, stored=12, photometric="MONOCHROME2")
    window(ds, 1800, 3000, "NORMAL")
    _dx_modules(ds, spacing="0.1")
    right = number % 2 == 1
    ds.ImageLaterality = "R" if right else "L"
    ds.PatientOrientation = ["P", "L"] if right else ["A", "R"]
    ds.BodyPartExamined = "BREAST"
    ds.OrganExposed = "BREAST"
    ds.PositionerType = "MAMMOGRAPHIC"
    ds.PositionerPrimaryAngle = "0"
    ds.BreastImplantPresent = "NO"
    ds.PartialView = "NO"
    view = code("399162004", "SCT", "cranio-caudal")
    view.ViewModifierCodeSequence = []
    ds.ViewCodeSequence = [view]
    ds.AnatomicRegionSequence = [code("76752008", "SCT", "Breast")]
    ds.KVP = "28"
    ds.XRayTubeCurrent = "100"
    ds.ExposureTime = "800"
    ds.Exposure = "80"
    ds.AnodeTargetMaterial = "MOLYBDENUM"
    ds.FilterMaterial = "MOLYBDENUM"
    ds.CompressionForce = "110"
    ds.BodyPartThickness = "52"
    ds.OrganDose = "0.014"
    ds.EntranceDoseInmGy = "7.2"
    ds.DistanceSourceToDetector = "660"
    ds.DistanceSourceToPatient = "590"
    ds.EstimatedRadiographicMagnificationFactor = "1.11864407"


@kind(
    "xa",
    sop_class=XRayAngiographicImageStorage,
    modality="XA",
    title="XA multi-frame image",
    is_image=True,
)
def xa(ds: Dataset, make: Make) -> None:
    """X-Ray Angiographic Image IOD, PS3.3 A.14: 8 bits, several frames."""
    _fluoroscopy(ds, make, frames=8, rows=192, columns=192)
    ds.BodyPartExamined = "HEART"
    ds.PositionerMotion = "STATIC"
    ds.PositionerPrimaryAngle = "-30"
    ds.PositionerSecondaryAngle = "0"
    ds.DistanceSourceToDetector = "1100"
    ds.DistanceSourceToPatient = "760"
    ds.EstimatedRadiographicMagnificationFactor = "1.44736842"
    ds.ContrastBolusAgent = "iodinated contrast"


@kind(
    "rf",
    sop_class=XRayRadiofluoroscopicImageStorage,
    modality="RF",
    title="RF multi-frame image",
    is_image=True,
)
def rf(ds: Dataset, make: Make) -> None:
    """X-Ray Radiofluoroscopic Image IOD, PS3.3 A.16: 8 bits, several frames."""
    _fluoroscopy(ds, make, frames=4, rows=160, columns=200)
    ds.BodyPartExamined = "ABDOMEN"
    ds.ColumnAngulation = "0"
    ds.DistanceSourceToDetector = "1150"
    ds.DistanceSourceToPatient = "950"


def _fluoroscopy(ds: Dataset, make: Make, *, frames: int, rows: int, columns: int) -> None:
    """X-Ray Image, X-Ray Acquisition, Multi-frame, Cine (PS3.3 C.8.7.1, C.8.7.2, C.7.6.6)."""
    general_image(ds, make, ["ORIGINAL", "PRIMARY", "SINGLE PLANE"])
    size = shape(make, rows, columns, frames)
    number = make.place.instance_number
    values = phantom(make.rng, size, number=number, air=20, tissue=120, top=255)
    image_pixel(ds, values, stored=8, photometric="MONOCHROME2")
    cine(ds, size[0], 66.6667)
    window(ds, 128, 256, "NORMAL")
    ds.PatientOrientation = ["L", "F"]
    ds.PixelIntensityRelationship = "LIN"
    ds.RadiationSetting = "GR"
    ds.RadiationMode = "PULSED"
    ds.KVP = "75"
    ds.XRayTubeCurrent = "420"
    ds.ExposureTime = "7"
    ds.AveragePulseWidth = "7"
    ds.ImagerPixelSpacing = ["0.308", "0.308"]
    ds.ImageAndFluoroscopyAreaDoseProduct = "12.5"
