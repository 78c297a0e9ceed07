"""What a print client prints: test patterns, pages of text, the images of a study."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from dicomtest.dicom.print import patterns
from dicomtest.dicom.print.classes import COLOR_IMAGE_BOX, IMAGE_SEQUENCE_OF
from dicomtest.dicom.print.patterns import Pattern

if TYPE_CHECKING:
    from dicomtest.evidence import Instance
    from dicomtest.stage import Stage
    from dicomtest.transactions.print import PrintParameters


class Pictures:
    """Makes the pictures of a step, each once."""

    def __init__(self, stage: Stage, parameters: PrintParameters) -> None:
        """Choose the patient whose identity is on the pages of text."""
        self.parameters = parameters
        self._seed = stage.run.seed
        self._instances: list[Instance] = []
        if parameters.study:
            saved = stage.known(parameters.study)
            self._instances = [each for each in saved.instances if "Rows" in each.attributes]
            subject = saved.plan.subject
            who = (subject.patient_name, subject.patient_id, subject.birth_date, subject.sex)
        else:
            patient = stage.new_patient()
            who = (patient.name, patient.patient_id, patient.birth_date, patient.sex)
        self.patient_id = who[1]
        self.lines = (
            f"NAME: {who[0]}",
            f"ID: {who[1]}",
            f"BORN: {who[2]}  SEX: {who[3]}",
            f"{stage.scenario.id} {stage.today:%Y-%m-%d}",
        )
        self._made: dict[tuple[str, int], Pattern] = {}

    def name(self, number: int) -> str:
        """Which pattern picture number (from 0) of a film is."""
        if self.parameters.study:
            return "images"
        return self.parameters.pattern[number % len(self.parameters.pattern)]

    def pattern(self, number: int) -> Pattern:
        """The picture itself, with its grey steps."""
        name = self.name(number)
        key = (name, number if name == "images" else 0)
        if key not in self._made:
            self._made[key] = self._make(name, number)
        return self._made[key]

    def _make(self, name: str, number: int) -> Pattern:
        rows, columns = self.parameters.rows, self.parameters.columns
        if name == "images":
            return Pattern(self._image(number, rows, columns))
        if name == "text":
            return patterns.text_page(rows, columns, self.lines)
        if name == "colour-bars":
            return patterns.colour_bars(rows, columns)
        return patterns.smpte(rows, columns) if name == "smpte" else patterns.tg18(rows, columns)

    def _image(self, number: int, rows: int, columns: int) -> NDArray[np.float64]:
        if self._instances:
            return shown(self._instances[number % len(self._instances)])
        from dicomtest.dicom.objects.phantom import phantom

        frame = phantom(
            random.Random(self._seed + number), (1, rows, columns),
            number=number + 1, air=100, tissue=1600, top=4095,
        )  # fmt: skip
        return np.asarray(frame[0] / 4095.0, dtype=np.float64)


def shown(instance: Instance) -> NDArray[np.float64]:
    """An image as it is displayed by its window (or its whole range), from 0 to 1."""
    from dicomtest.dicom.codecs import decoded_pixels

    ds = instance.data.dataset()
    values = decoded_pixels(instance.data)[0].astype(np.float64)
    values = values * float(ds.get("RescaleSlope", 1) or 1) + float(
        ds.get("RescaleIntercept", 0) or 0
    )
    low, high = float(values.min()), float(values.max())
    centre, width = _first(ds.get("WindowCenter")), _first(ds.get("WindowWidth"))
    if centre is not None and width:
        low, high = centre - width / 2, centre + width / 2
    bright = np.clip((values - low) / max(high - low, 1e-9), 0, 1)
    inverse = ds.get("PhotometricInterpretation") == "MONOCHROME1"
    return np.asarray(1 - bright if inverse else bright)


def _first(value: Any) -> float | None:
    """A number, or the first of several."""
    if value is None or value == "":
        return None
    return float(value if isinstance(value, (int, float, str)) else value[0])


def image_item(
    pattern: Pattern, sop_class: str, *, bits: int = 8, photometric: str = "MONOCHROME2"
) -> Dataset:
    """The item of Basic Grayscale (or Color) Image Sequence (PS3.3 C.13.5)."""
    item = Dataset()
    colour = sop_class == COLOR_IMAGE_BOX
    values = patterns.stored(pattern, bits, inverse=photometric == "MONOCHROME1" and not colour)
    if colour and values.ndim == 2:
        values = np.repeat(values[:, :, np.newaxis], 3, axis=2)
    if not colour and values.ndim == 3:
        values = np.rint(values.mean(axis=2)).astype(np.uint16)
    rows, columns = values.shape[:2]
    item.SamplesPerPixel = 3 if colour else 1
    item.PhotometricInterpretation = "RGB" if colour else photometric
    if colour:
        item.PlanarConfiguration = 1
        values = np.moveaxis(values, 2, 0)
    item.Rows, item.Columns = rows, columns
    item.BitsAllocated = 8 if bits == 8 else 16
    item.BitsStored = bits
    item.HighBit = bits - 1
    item.PixelRepresentation = 0
    data = np.ascontiguousarray(values.astype("<u1" if bits == 8 else "<u2")).tobytes()
    item.PixelData = data + b"\0" * (len(data) % 2)
    item["PixelData"].VR = "OB" if bits == 8 else "OW"
    return item


def image_box(
    item: Dataset | None, sop_class: str, position: int | None, extra: dict[str, Any] | None = None
) -> Dataset:
    """The data set of an N-SET of an image box; without an item it erases the image."""
    ds = Dataset()
    if position is not None:
        ds.ImageBoxPosition = position
    for keyword, value in (extra or {}).items():
        setattr(ds, keyword, value)
    setattr(ds, IMAGE_SEQUENCE_OF[sop_class], [] if item is None else [item])
    return ds
