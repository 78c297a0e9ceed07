"""The registry of synthetic objects: one kind for each name a scenario may use.

Adding a kind is adding a function to a module of this package:

    @kind("ct", sop_class=CTImageStorage, modality="CT", title="CT image", is_image=True)
    def ct(ds: Dataset, make: Make) -> None:
        '''Fill in what the CT Image IOD asks for beyond patient, study, series, equipment.'''
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydicom import Dataset

from dicomtest.dicom.objects.study import Placement, StudyPlan


@dataclass(frozen=True)
class Make:
    """One order to a builder function."""

    kind: Kind
    plan: StudyPlan
    place: Placement
    rng: random.Random
    rows: int | None = None
    columns: int | None = None
    frames: int | None = None
    refers_to: Sequence[Dataset] = ()


Builder = Callable[[Dataset, Make], None]


@dataclass(frozen=True)
class Kind:
    """One kind of object.

    `refers_to_images` says that it is about images of the same study, which `build` must be
    given in `refers_to`.
    """

    name: str
    sop_class: str
    modality: str
    title: str
    function: Builder
    is_image: bool = False
    refers_to_images: bool = False


KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    *,
    sop_class: str,
    modality: str,
    title: str,
    is_image: bool = False,
    refers_to_images: bool = False,
) -> Callable[[Builder], Builder]:
    """Register a builder; raises ValueError for a name that is taken.

    The builder gets a data set that already holds SOP Common, Patient, General and Patient
    Study, General Series and General Equipment, and adds the rest of its IOD.
    """

    def register(function: Builder) -> Builder:
        if name in KINDS:
            raise ValueError(f"a kind named {name} is already registered")
        KINDS[name] = Kind(
            name=name,
            sop_class=str(sop_class),
            modality=modality,
            title=title,
            function=function,
            is_image=is_image,
            refers_to_images=refers_to_images,
        )
        return function

    return register
