"""Synthetic composite objects that are right per PS3.3, one builder for each kind.

    ds = build("ct", plan, place, rng=random.Random(7))
    ref = write(ds, path, JPEG2000Lossless)

The same plan, place and random state give the same bytes.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dicomtest.dicom.objects.common import add_private_block, start
from dicomtest.dicom.objects.registry import KINDS, Kind, Make, kind
from dicomtest.dicom.objects.study import Placement, StudyPlan, Subject, related_uid
from dicomtest.dicom.part10 import write

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = [
    "KINDS",
    "Kind",
    "Make",
    "Placement",
    "StudyPlan",
    "Subject",
    "build",
    "kind",
    "related_uid",
    "write",
]


def build(
    kind: str,
    plan: StudyPlan,
    place: Placement,
    *,
    rng: random.Random,
    rows: int | None = None,
    columns: int | None = None,
    frames: int | None = None,
    refers_to: Sequence[Dataset] = (),
    private: bool = True,
) -> Dataset:
    """Make one instance of a kind: a whole data set, without file meta information.

    Rows, columns and frames are in pixels and frames; None takes what is usual for the kind.
    `private` adds a private block (PS3.5 7.8), so that it can be seen whether it is kept.
    Raises ValueError for a kind that does not exist or lacks the images it refers to.
    """
    if kind not in KINDS:
        raise ValueError(f"there is no kind {kind!r}; kinds are {', '.join(KINDS)}")
    wanted = KINDS[kind]
    if wanted.refers_to_images and not refers_to:
        raise ValueError(f"{kind} refers to images of the same study, and none was given")
    make = Make(wanted, plan, place, rng, rows, columns, frames, tuple(refers_to))
    ds = start(make)
    wanted.function(ds, make)
    if private:
        add_private_block(ds, make)
    return ds


for _module in sorted(each.name for each in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_module}")
