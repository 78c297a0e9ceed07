"""CT, MR and PET images: one axial slice in each instance."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.uid import (
    CTImageStorage,
    MRImageStorage,
    PositronEmissionTomographyImageStorage,
)

from dicomtest.dicom.objects.common import code, frame_of_reference, item_of, moment
from dicomtest.dicom.objects.image import (
    axial_plane,
    decimal,
    general_image,
    image_pixel,
    nuclear_orientation,
    rescale,
    shape,
    window,
)
from dicomtest.dicom.objects.phantom import phantom
from dicomtest.dicom.objects.registry import Make, kind


@kind("ct", sop_class=CTImageStorage, modality="CT", title="CT image", is_image=True)
def ct(ds: Dataset, make: Make) -> None:
    """CT Image IOD, PS3.3 A.3: 12 bits stored, Hounsfield units from -1024."""
    general_image(ds, make, ["ORIGINAL", "PRIMARY", "AXIAL"])
    frame_of_reference(ds, make.plan)
    size = (1, make.rows or 256, make.columns or 256)
    number = make.place.instance_number
    values = phantom(make.rng, size, number=number, air=24, tissue=1064, top=4095)
    image_pixel(ds, values, stored=12, photometric="MONOCHROME2")
    axial_plane(ds, make, spacing=0.9765625, thickness=2.5)
    rescale(ds, "-1024", "1", "HU")
    window(ds, 40, 400, "ABDOMEN")
    ds.BodyPartExamined = "ABDOMEN"
    ds.PatientPosition = "HFS"
    ds.KVP = "120"
    ds.XRayTubeCurrent = "250"
    ds.ExposureTime = "500"
    ds.Exposure = "125"
    ds.ScanOptions = "AXIAL MODE"
    ds.DataCollectionDiameter = "500"
    ds.ReconstructionDiameter = decimal(0.9765625 * ds.Columns)
    ds.DistanceSourceToDetector = "1085"
    ds.DistanceSourceToPatient = "595"
    ds.GantryDetectorTilt = "0"
    ds.TableHeight = "150.5"
    ds.RotationDirection = "CW"
    ds.FilterType = "BODY FILTER"
    ds.FocalSpots = "1.2"
    ds.ConvolutionKernel = "STANDARD"


@kind("mr", sop_class=MRImageStorage, modality="MR", title="MR image", is_image=True)
def mr(ds: Dataset, make: Make) -> None:
    """MR Image IOD, PS3.3 A.4: spin echo, 12 bits stored."""
    general_image(ds, make, ["ORIGINAL", "PRIMARY", "OTHER"])
    frame_of_reference(ds, make.plan)
    size = (1, make.rows or 192, make.columns or 192)
    number = make.place.instance_number
    values = phantom(make.rng, size, number=number, air=10, tissue=900, top=4095)
    image_pixel(ds, values, stored=12, photometric="MONOCHROME2")
    axial_plane(ds, make, spacing=1.25, thickness=5)
    window(ds, 700, 1400, "BRAIN")
    ds.SpacingBetweenSlices = "5"
    ds.BodyPartExamined = "HEAD"
    ds.PatientPosition = "HFS"
    ds.ScanningSequence = "SE"
    ds.SequenceVariant = "NONE"
    ds.ScanOptions = ""
    ds.MRAcquisitionType = "2D"
    ds.SequenceName = "*se2d1"
    ds.RepetitionTime = "550"
    ds.EchoTime = "14"
    ds.EchoTrainLength = "1"
    ds.EchoNumbers = "1"
    ds.NumberOfAverages = "1"
    ds.MagneticFieldStrength = "1.5"
    ds.ImagingFrequency = "63.87"
    ds.ImagedNucleus = "1H"
    ds.NumberOfPhaseEncodingSteps = str(ds.Rows)
    ds.PercentSampling = "100"
    ds.PercentPhaseFieldOfView = "100"
    ds.PixelBandwidth = "130"
    ds.FlipAngle = "90"
    ds.InPlanePhaseEncodingDirection = "ROW"
    ds.AcquisitionMatrix = [0, ds.Columns, ds.Rows, 0]
    ds.SAR = "0.25"


@kind(
    "pet",
    sop_class=PositronEmissionTomographyImageStorage,
    modality="PT",
    title="PET image",
    is_image=True,
)
def pet(ds: Dataset, make: Make) -> None:
    """Positron Emission Tomography Image IOD, PS3.3 A.21: signed 16 bits, Bq/ml."""
    general_image(ds, make, ["ORIGINAL", "PRIMARY"], seconds_between=0)
    frame_of_reference(ds, make.plan)
    size = shape(make, 128, 128)
    number = make.place.instance_number
    values = phantom(make.rng, (1, *size[1:]), number=number, air=40, tissue=6000, top=32767)
    image_pixel(ds, values, stored=16, photometric="MONOCHROME2", signed=True)
    axial_plane(ds, make, spacing=4.0728, thickness=3.27)
    rescale(ds, "0", "1.5")
    window(ds, 12000, 24000, "WHOLE BODY")
    ds.BodyPartExamined = "WHOLEBODY"
    _pet_series(ds, make)
    ds.ImageIndex = number
    ds.FrameReferenceTime = "90000"
    ds.ActualFrameDuration = "180000"
    ds.DecayFactor = "1.0095"
    ds.DeadTimeFactor = "1.02"
    ds.ScatterFractionFactor = "0.3"
    nuclear_orientation(ds)


def _pet_series(ds: Dataset, make: Make) -> None:
    """PET Series and PET Isotope Modules (PS3.3 C.8.9.1, C.8.9.2)."""
    if not (ds.SeriesDate and ds.SeriesTime):  # Type 1 here
        ds.SeriesDate, ds.SeriesTime = moment(make.plan, 0)
    ds.Units = "BQML"
    ds.CountsSource = "EMISSION"
    ds.SeriesType = ["WHOLE BODY", "IMAGE"]
    ds.NumberOfSlices = make.place.series_length or max(64, make.place.instance_number)
    ds.CorrectedImage = ["DECY", "ATTN", "SCAT", "RAN", "NORM"]
    ds.DecayCorrection = "START"
    ds.RandomsCorrectionMethod = "DLYD"
    ds.AttenuationCorrectionMethod = "measured, CT"
    ds.ScatterCorrectionMethod = "model based"
    ds.ReconstructionMethod = "OSEM 3i24s"
    ds.CollimatorType = "NONE"
    injected = moment(make.plan, -3600)
    ds.RadiopharmaceuticalInformationSequence = [
        item_of(
            Radiopharmaceutical="Fluorodeoxyglucose",
            RadiopharmaceuticalVolume="5",
            RadiopharmaceuticalStartTime=injected[1],
            RadionuclideTotalDose="370000000",
            RadionuclideHalfLife="6586.2",
            RadionuclidePositronFraction="0.967",
            RadionuclideCodeSequence=[code("77004003", "SCT", "^18^Fluorine")],
            RadiopharmaceuticalCodeSequence=[code("35321007", "SCT", "Fluorodeoxyglucose F^18^")],
        )
    ]
