"""Nuclear medicine: one multi-frame image, a frame for each energy window and detector."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.uid import NuclearMedicineImageStorage

from dicomtest.dicom.objects.common import code, item_of, moment
from dicomtest.dicom.objects.image import general_image, image_pixel, nuclear_orientation, shape
from dicomtest.dicom.objects.phantom import phantom
from dicomtest.dicom.objects.registry import Make, kind

_WINDOWS = (("126.5", "154.5", "Tc-99m"), ("110", "126", "scatter"))


@kind(
    "nm",
    sop_class=NuclearMedicineImageStorage,
    modality="NM",
    title="NM multi-frame image",
    is_image=True,
)
def nm(ds: Dataset, make: Make) -> None:
    """Nuclear Medicine Image IOD, PS3.3 A.5: a static emission image, 16 bits.

    An even number of frames is two energy windows times detectors, an odd one a single window.
    """
    general_image(ds, make, ["ORIGINAL", "PRIMARY", "STATIC", "EMISSION"])
    size = shape(make, 128, 128, 4)
    number = make.place.instance_number
    values = phantom(make.rng, size, number=number, air=2, tissue=300, top=4000)
    image_pixel(ds, values, stored=16, photometric="MONOCHROME2")
    windows = 2 if size[0] % 2 == 0 else 1
    detectors = size[0] // windows
    ds.PatientOrientation = ""
    ds.PixelSpacing = ["4.795", "4.795"]
    ds.BodyPartExamined = "THYROID"
    ds.NumberOfFrames = str(size[0])
    ds.FrameIncrementPointer = [0x00540010, 0x00540020]  # the two vectors below
    ds.EnergyWindowVector = [w + 1 for w in range(windows) for _ in range(detectors)]
    ds.NumberOfEnergyWindows = windows
    ds.DetectorVector = [d + 1 for _ in range(windows) for d in range(detectors)]
    ds.NumberOfDetectors = detectors
    ds.ActualFrameDuration = "300000"
    ds.CountsAccumulated = str(int(values.sum()))
    nuclear_orientation(ds)
    _isotope(ds, make, windows)
    ds.DetectorInformationSequence = [_detector(each) for each in range(detectors)]


def _isotope(ds: Dataset, make: Make, windows: int) -> None:
    """NM Isotope Module (PS3.3 C.8.4.10)."""
    ds.EnergyWindowInformationSequence = [
        item_of(
            EnergyWindowRangeSequence=[
                item_of(EnergyWindowLowerLimit=lower, EnergyWindowUpperLimit=upper)
            ],
            EnergyWindowName=name,
        )
        for lower, upper, name in _WINDOWS[:windows]
    ]
    ds.RadiopharmaceuticalInformationSequence = [
        item_of(
            RadionuclideCodeSequence=[code("72454006", "SCT", "^99m^Technetium")],
            Radiopharmaceutical="Technetium Tc99m pertechnetate",
            RadiopharmaceuticalStartTime=moment(make.plan, -1200)[1],
            RadionuclideTotalDose="74",
        )
    ]


def _detector(index: int) -> Dataset:
    """One item of the NM Detector Module (PS3.3 C.8.4.11); detectors stand around the patient."""
    return item_of(
        CollimatorGridName="LEHR",
        CollimatorType="PARA",
        FieldOfViewShape="RECTANGLE",
        FieldOfViewDimensions=["540", "400"],
        StartAngle=str(180 * index % 360),
        RadialPosition="200",
        ImageOrientationPatient=["1", "0", "0", "0", "0", "-1"],
        ImagePositionPatient=["-306.88", "-200", "306.88"],
    )
