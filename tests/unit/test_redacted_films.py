"""What a film shows may name a patient: it is not in the copy for a vendor."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from dicomtest.dicom.print.png import png_of
from dicomtest.evidence import EXPLICIT_LITTLE, DataSetRef
from dicomtest.redacted_data import redacted
from dicomtest.redaction import Redactor, redact_run


def encoded(ds: Dataset) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_dataset(buffer, ds)
    return bytes(buffer.getvalue())


def of(ds: Dataset) -> Dataset:
    """The data set after redaction."""
    reference: dict[str, Any] = {
        "transfer_syntax": EXPLICIT_LITTLE, "data": base64.urlsafe_b64encode(encoded(ds)).decode()
    }  # fmt: skip
    content = redacted(reference, Path(), Redactor()).content
    return DataSetRef(EXPLICIT_LITTLE, data=content).dataset()


def test_the_pixels_that_were_printed_are_blank_and_as_many():
    item, box = Dataset(), Dataset()
    item.Rows = item.Columns = 4
    item.PixelData = bytes(range(16))
    item["PixelData"].VR = "OB"
    box.ImageBoxPosition = 1
    box.BasicGrayscaleImageSequence = [item]

    (image,) = of(box).BasicGrayscaleImageSequence

    assert image.PixelData == bytes(16)
    assert image.Rows == 4


def test_annotations_and_labels_are_in_other_words():
    annotation, session = Dataset(), Dataset()
    annotation.TextString = "Hopper, Grace"
    session.FilmSessionLabel = "Hopper"
    session.NumberOfCopies = 2

    assert "opper" not in of(annotation).TextString
    assert "opper" not in of(session).FilmSessionLabel
    assert of(session).NumberOfCopies == 2


def test_no_picture_of_a_film_is_in_the_copy(tmp_path: Path):
    run = tmp_path / "run"
    (run / "evidence" / "films").mkdir(parents=True)
    picture = png_of(np.zeros((4, 4), np.uint8))
    (run / "evidence" / "films" / "a.png").write_bytes(picture)
    text = base64.b64encode(picture).decode()
    film = {"number": 1, "file": "evidence/films/a.png", "small": "", "picture": text}
    record = {"format": 1, "run": "x", "tool": {}, "site": {}, "checks": [],
              "films": [{"scenario": "a", "films": [film]}]}  # fmt: skip
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")

    (tmp_path / "copy").mkdir()

    copy = redact_run(run, tmp_path / "copy")

    assert copy["films"][0]["films"] == [{"number": 1, "file": "", "small": "", "picture": ""}]
    assert text not in (tmp_path / "copy" / "run.json").read_text(encoding="utf-8")
    assert list((tmp_path / "copy").rglob("*.png")) == []
