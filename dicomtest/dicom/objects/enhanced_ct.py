"""Enhanced CT: a multi-frame image with functional groups."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.uid import EnhancedCTImageStorage

from dicomtest.dicom.objects.common import code, item_of
from dicomtest.dicom.objects.functional_groups import (
    enhanced_image,
    frame_type,
    functional_groups,
    shared_groups,
)
from dicomtest.dicom.objects.image import decimal, image_pixel, shape
from dicomtest.dicom.objects.phantom import phantom
from dicomtest.dicom.objects.registry import Make, kind
from dicomtest.dicom.objects.study import related_uid

_TYPE = ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]


@kind(
    "enhanced-ct",
    sop_class=EnhancedCTImageStorage,
    modality="CT",
    title="Enhanced CT image",
    is_image=True,
)
def enhanced_ct(ds: Dataset, make: Make) -> None:
    """Enhanced CT Image IOD, PS3.3 A.38: a stack of axial frames, 12 bits stored."""
    size = shape(make, 128, 128, 6)
    number = make.place.instance_number
    values = phantom(make.rng, size, number=number, air=24, tissue=1064, top=4095)
    image_pixel(ds, values, stored=12, photometric="MONOCHROME2")
    enhanced_image(ds, make, _TYPE)
    spacing, thickness = 0.9765625, 2.5
    shared = shared_groups(spacing, thickness, window=("40", "400"), anatomy=_abdomen())
    shared.PixelValueTransformationSequence = [
        item_of(RescaleIntercept="-1024", RescaleSlope="1", RescaleType="HU")
    ]
    shared.CTImageFrameTypeSequence = [frame_type(_TYPE)]
    _ct_groups(shared, ds, make)
    functional_groups(ds, make, shared, spacing, thickness)
    for frame in ds.PerFrameFunctionalGroupsSequence:
        position = frame.PlanePositionSequence[0].ImagePositionPatient
        table = item_of(
            TablePosition=float(position[2]),
            DataCollectionCenterPatient=[0.0, 0.0, float(position[2])],
            ReconstructionTargetCenterPatient=[0.0, 0.0, float(position[2])],
        )
        frame.CTPositionSequence = [table]


def _abdomen() -> Dataset:
    return code("818981001", "SCT", "Abdomen")


def _ct_groups(shared: Dataset, ds: Dataset, make: Make) -> None:
    """CT macros that are the same for every frame (PS3.3 C.8.15.3)."""
    shared.CTAcquisitionTypeSequence = [
        item_of(
            AcquisitionType="SPIRAL",
            ConstantVolumeFlag="NO",
            FluoroscopyFlag="NO",
        )
    ]
    shared.CTAcquisitionDetailsSequence = [
        item_of(
            RotationDirection="CW",
            RevolutionTime=0.5,
            SingleCollimationWidth=2.5,
            TotalCollimationWidth=20.0,
            TableHeight=150.5,
            GantryDetectorTilt=0.0,
            DataCollectionDiameter="500",
        )
    ]
    shared.CTTableDynamicsSequence = [
        item_of(TableSpeed=40.0, TableFeedPerRotation=20.0, SpiralPitchFactor=1.0)
    ]
    shared.CTGeometrySequence = [
        item_of(DistanceSourceToDetector="1085", DistanceSourceToDataCollectionCenter=595.0)
    ]
    diameter = decimal(0.9765625 * ds.Columns)
    shared.CTReconstructionSequence = [
        item_of(
            ReconstructionAlgorithm="FILTER_BACK_PROJ",
            ConvolutionKernel="STANDARD",
            ConvolutionKernelGroup="ABDOMEN",
            ReconstructionDiameter=diameter,
            ReconstructionPixelSpacing=[0.9765625, 0.9765625],
            ReconstructionAngle=360.0,
            ImageFilter="NONE",
        )
    ]
    shared.CTExposureSequence = [
        item_of(
            ExposureTimeInms=500.0,
            XRayTubeCurrentInmA=250.0,
            ExposureInmAs=125.0,
            ExposureModulationType="NONE",
            CTDIvol=9.5,
            CTDIPhantomTypeCodeSequence=[code("113691", "DCM", "IEC Body Dosimetry Phantom")],
        )
    ]
    shared.CTXRayDetailsSequence = [
        item_of(
            KVP="120",
            FocalSpots="1.2",
            FilterType="WEDGE",
            FilterMaterial="ALUMINUM",
        )
    ]
    shared.IrradiationEventIdentificationSequence = [
        item_of(IrradiationEventUID=related_uid(make.place.series_uid, "irradiation event"))
    ]
