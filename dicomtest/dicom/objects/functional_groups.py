"""What enhanced multi-frame images have in common (PS3.3 C.7.6.16, C.7.6.17, C.8.13, C.8.15)."""

from __future__ import annotations

from pydicom import Dataset

from dicomtest.dicom.objects.common import frame_of_reference, item_of, moment
from dicomtest.dicom.objects.image import corner, decimal, shape
from dicomtest.dicom.objects.registry import Make
from dicomtest.dicom.objects.study import related_uid


def enhanced_image(ds: Dataset, make: Make, image_type: list[str]) -> None:
    """Enhanced CT/MR Image, Common CT/MR description, Acquisition Context, synchronization."""
    frame_of_reference(ds, make.plan)
    ds.ImageType = image_type
    ds.PixelPresentation = "MONOCHROME"
    ds.VolumetricProperties = "VOLUME"
    ds.VolumeBasedCalculationTechnique = "NONE"
    ds.ContentQualification = "PRODUCT"
    ds.BurnedInAnnotation = "NO"
    ds.LossyImageCompression = "00"
    ds.PresentationLUTShape = "IDENTITY"
    ds.PatientPosition = "HFS"
    ds.AcquisitionNumber = "1"
    date, time = moment(make.plan, 60)
    ds.AcquisitionDateTime = date + time
    ds.AcquisitionDuration = 30.0
    ds.ContentDate, ds.ContentTime = moment(make.plan, 90 + make.place.instance_number)
    ds.AcquisitionContextSequence = []
    ds.InstanceNumber = str(make.place.instance_number)


def frame_type(frame_type: list[str]) -> Dataset:
    return item_of(
        FrameType=frame_type,
        PixelPresentation="MONOCHROME",
        VolumetricProperties="VOLUME",
        VolumeBasedCalculationTechnique="NONE",
    )


def shared_groups(
    spacing: float, thickness: float, *, window: tuple[str, str], anatomy: Dataset
) -> Dataset:
    """Macros of every stack of parallel planes (PS3.3 C.7.6.16.2)."""
    return item_of(
        PixelMeasuresSequence=[
            item_of(
                PixelSpacing=[decimal(spacing)] * 2,
                SliceThickness=decimal(thickness),
                SpacingBetweenSlices=decimal(thickness),
            )
        ],
        PlaneOrientationSequence=[item_of(ImageOrientationPatient=["1", "0", "0", "0", "1", "0"])],
        FrameAnatomySequence=[item_of(FrameLaterality="U", AnatomicRegionSequence=[anatomy])],
        FrameVOILUTSequence=[item_of(WindowCenter=window[0], WindowWidth=window[1])],
    )


def functional_groups(
    ds: Dataset, make: Make, shared: Dataset, spacing: float, thickness: float
) -> None:
    """Multi-frame Functional Groups and Multi-frame Dimension Modules, one stack."""
    size = shape(make, 128, 128, 6)
    organization = related_uid(make.place.instance_uid, "dimension organization")
    ds.NumberOfFrames = str(size[0])
    ds.SharedFunctionalGroupsSequence = [shared]
    ds.DimensionOrganizationSequence = [item_of(DimensionOrganizationUID=organization)]
    ds.DimensionIndexSequence = [
        item_of(
            DimensionOrganizationUID=organization,
            DimensionIndexPointer=pointer,
            FunctionalGroupPointer=0x00209111,  # Frame Content Sequence
            DimensionDescriptionLabel=label,
        )
        for pointer, label in ((0x00209056, "Stack ID"), (0x00209057, "In-Stack Position"))
    ]
    first = (make.place.instance_number - 1) * size[0] * thickness
    frames = []
    for index in range(size[0]):
        date, time = moment(make.plan, 60 + index)
        content = item_of(
            FrameAcquisitionNumber=1,
            FrameReferenceDateTime=date + time,
            FrameAcquisitionDateTime=date + time,
            FrameAcquisitionDuration=500.0,
            DimensionIndexValues=[1, index + 1],
            StackID="1",
            InStackPositionNumber=index + 1,
        )
        position = item_of(ImagePositionPatient=corner(ds, spacing, first + index * thickness))
        frames.append(item_of(FrameContentSequence=[content], PlanePositionSequence=[position]))
    ds.PerFrameFunctionalGroupsSequence = frames
