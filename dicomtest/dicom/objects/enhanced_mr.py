"""Enhanced MR: a multi-frame image with functional groups."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.uid import EnhancedMRImageStorage

from dicomtest.dicom.objects.common import code, item_of
from dicomtest.dicom.objects.functional_groups import (
    enhanced_image,
    frame_type,
    functional_groups,
    shared_groups,
)
from dicomtest.dicom.objects.image import image_pixel, shape
from dicomtest.dicom.objects.phantom import phantom
from dicomtest.dicom.objects.registry import Make, kind

_TYPE = ["ORIGINAL", "PRIMARY", "T1", "NONE"]


@kind(
    "enhanced-mr",
    sop_class=EnhancedMRImageStorage,
    modality="MR",
    title="Enhanced MR image",
    is_image=True,
)
def enhanced_mr(ds: Dataset, make: Make) -> None:
    """Enhanced MR Image IOD, PS3.3 A.36.2: a stack of axial spin echo frames, 12 bits stored."""
    size = shape(make, 128, 128, 6)
    number = make.place.instance_number
    values = phantom(make.rng, size, number=number, air=10, tissue=900, top=4095)
    image_pixel(ds, values, stored=12, photometric="MONOCHROME2")
    enhanced_image(ds, make, _TYPE)
    _pulse_sequence(ds)
    spacing, thickness = 1.25, 5.0
    anatomy = code("69536005", "SCT", "Head")
    shared = shared_groups(spacing, thickness, window=("700", "1400"), anatomy=anatomy)
    shared.PixelValueTransformationSequence = [
        item_of(RescaleIntercept="0", RescaleSlope="1", RescaleType="US")
    ]
    shared.MRImageFrameTypeSequence = [frame_type(_TYPE)]
    shared.MRImageFrameTypeSequence[0].ComplexImageComponent = "MAGNITUDE"
    shared.MRImageFrameTypeSequence[0].AcquisitionContrast = "T1"
    _mr_groups(shared, ds)
    functional_groups(ds, make, shared, spacing, thickness)
    ds.ComplexImageComponent = "MAGNITUDE"
    ds.AcquisitionContrast = "T1"


def _pulse_sequence(ds: Dataset) -> None:
    """MR Image and Spectroscopy Instance, MR Pulse Sequence (PS3.3 C.8.13.2, C.8.13.4)."""
    ds.ResonantNucleus = "1H"
    ds.KSpaceFiltering = "NONE"
    ds.MagneticFieldStrength = 1.5
    ds.ApplicableSafetyStandardAgency = "IEC"
    ds.PulseSequenceName = "SE2D"
    ds.MRAcquisitionType = "2D"
    ds.EchoPulseSequence = "SPIN"
    ds.MultipleSpinEcho = "NO"
    ds.MultiPlanarExcitation = "NO"
    ds.PhaseContrast = "NO"
    ds.TimeOfFlightContrast = "NO"
    ds.SteadyStatePulseSequence = "NONE"
    ds.EchoPlanarPulseSequence = "NO"
    ds.SaturationRecovery = "NO"
    ds.SpectrallySelectedSuppression = "NONE"
    ds.OversamplingPhase = "NONE"
    ds.GeometryOfKSpaceTraversal = "RECTILINEAR"
    ds.RectilinearPhaseEncodeReordering = "LINEAR"
    ds.SegmentedKSpaceTraversal = "SINGLE"
    ds.NumberOfKSpaceTrajectories = 1


def _mr_groups(shared: Dataset, ds: Dataset) -> None:
    """MR macros that are the same for every frame (PS3.3 C.8.13.5)."""
    shared.MRTimingAndRelatedParametersSequence = [
        item_of(
            RepetitionTime="550",
            FlipAngle="90",
            EchoTrainLength="1",
            RFEchoTrainLength=1,
            GradientEchoTrainLength=0,
            GradientOutputType="DB_DT",
            GradientOutput=5.0,
            SpecificAbsorptionRateSequence=[
                item_of(
                    SpecificAbsorptionRateDefinition="IEC_WHOLE_BODY",
                    SpecificAbsorptionRateValue=0.25,
                )
            ],
            OperatingModeSequence=[
                item_of(OperatingModeType="STATIC FIELD", OperatingMode="IEC_NORMAL"),
                item_of(OperatingModeType="GRADIENT", OperatingMode="IEC_NORMAL"),
                item_of(OperatingModeType="RF", OperatingMode="IEC_NORMAL"),
            ],
        )
    ]
    shared.MRFOVGeometrySequence = [
        item_of(
            InPlanePhaseEncodingDirection="ROW",
            MRAcquisitionFrequencyEncodingSteps=int(ds.Columns),
            MRAcquisitionPhaseEncodingStepsInPlane=int(ds.Rows),
            PercentSampling="100",
            PercentPhaseFieldOfView="100",
        )
    ]
    shared.MREchoSequence = [item_of(EffectiveEchoTime=14.0)]
    shared.MRModifierSequence = [
        item_of(
            InversionRecovery="NO",
            FlowCompensation="NONE",
            Spoiling="NONE",
            T2Preparation="NO",
            SpectrallySelectedExcitation="NONE",
            SpatialPresaturation="NONE",
            PartialFourier="NO",
            ParallelAcquisition="NO",
        )
    ]
    shared.MRImagingModifierSequence = [
        item_of(
            MagnetizationTransfer="NONE",
            BloodSignalNulling="NO",
            Tagging="NONE",
            TransmitterFrequency=63.87,
            PixelBandwidth="130",
        )
    ]
    shared.MRReceiveCoilSequence = [
        item_of(
            ReceiveCoilName="HEAD",
            ReceiveCoilManufacturerName="",
            ReceiveCoilType="VOLUME",
            QuadratureReceiveCoil="YES",
        )
    ]
    shared.MRTransmitCoilSequence = [
        item_of(TransmitCoilName="BODY", TransmitCoilManufacturerName="", TransmitCoilType="BODY")
    ]
    shared.MRAveragesSequence = [item_of(NumberOfAverages="1")]
