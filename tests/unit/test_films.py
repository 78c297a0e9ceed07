"""The films of a run in its record: pictures, attributes, remarks and answers."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np

from dicomtest import films as module
from dicomtest.dicom.print.classes import FILM_BOX, GRAYSCALE_IMAGE_BOX
from dicomtest.dicom.print.png import png_of
from dicomtest.evidence import Association, Exchange, Player, Response, StepEvidence

BOX, OTHER = "1.2.3", "1.2.4"


def answered(service: str, sop_class: str, uid: str, status: int, label: str = "") -> Exchange:
    comment = {"ErrorComment": "cropped"} if status else {}
    return Exchange(service, 1, 1, sop_class, uid, responses=[Response(status, comment)],
                    label=label)  # fmt: skip


def step(*, simulated: bool = True, **facts: Any) -> StepEvidence:
    exchanges = [
        answered("N-CREATE", FILM_BOX, BOX, 0x0116, "film box"),
        answered("N-SET", GRAYSCALE_IMAGE_BOX, "1.2.3.1", 0xB609, "image smpte"),
        answered("N-ACTION", FILM_BOX, BOX, 0x0000, "print"),
        answered("N-CREATE", FILM_BOX, OTHER, 0x0000, "film box"),
        answered("N-ACTION", FILM_BOX, OTHER, 0xB603, "print"),
    ]
    return StepEvidence(
        "films", "1-print", "print", scu="modality", scp="printer",
        players={
            "modality": Player("modality", True, "DT_MOD", "127.0.0.1", None),
            "printer": Player("printer", simulated, "PRINT", "127.0.0.1", 104),
        },
        parameters={"film": {"size": "8INX10IN", "label": None}, "copies": 2},
        associations=[Association("a1", "requestor", exchanges=exchanges)],
        facts={
            "sheets": [
                {"film_box": BOX, "format": "STANDARD\\1,1", "label": "print", "boxes": 1,
                 "bits": 8, "images": {"1": "smpte"}},
                {"film_box": OTHER, "format": "STANDARD\\1,1", "label": "try", "images": {}},
            ],
            **facts,
        },
    )  # fmt: skip


def drawn(folder: Path, size: int = 8) -> dict[str, Any]:
    (folder / "small.png").write_bytes(png_of(np.zeros((size, size), np.uint8)))
    return {
        "number": 1, "film_box": BOX, "by": "DT_MOD", "at": 5.0, "file": "evidence/films/1.png",
        "small": "small.png", "format": "STANDARD\\1,1", "copies": 2, "label": "",
        "min_density": None, "positions": [1],
    }  # fmt: skip


def test_a_film_has_its_picture_attributes_and_remarks(tmp_path: Path):
    (group,) = module.films([step(films=[drawn(tmp_path)])], tmp_path)

    (film,) = group["films"]
    assert (group["scenario"], group["printer"], group["simulated"]) == ("films", "printer", True)
    assert base64.b64decode(film["picture"]) == (tmp_path / "small.png").read_bytes()
    assert film["attributes"] == {"format": "STANDARD\\1,1", "copies": 2, "positions": [1]}
    assert film["shows"] == ["smpte"]
    assert film["remarks"] == [
        {"what": "N-CREATE film box", "status": "0116", "comment": "cropped"},
        {"what": "N-SET image smpte", "status": "B609", "comment": "cropped"},
    ]


def test_of_a_real_printer_is_known_what_was_sent_and_said(tmp_path: Path):
    said = {"layout": {"answer": "no", "by": "Ada", "at": "2026-11-23T16:00:00+00:00"}}

    (group,) = module.films([step(simulated=False, films=[], operator=said)], tmp_path)

    (film,) = group["films"]
    assert not group["simulated"]
    assert (film["by"], film["picture"], film["file"]) == ("DT_MOD", "", "")
    assert film["attributes"]["size"] == "8INX10IN"
    assert group["answers"] == [{"question": "layout", **said["layout"]}]


def test_of_a_real_printer_is_shown_what_its_films_should_look_like(tmp_path: Path):
    (group,) = module.films([step(simulated=False, expected=[drawn(tmp_path)])], tmp_path)

    assert not group["simulated"]
    assert group["films"][0]["picture"]


def test_pictures_that_are_large_or_many_stay_in_the_evidence(tmp_path: Path, monkeypatch):
    entry = drawn(tmp_path)
    length = len(base64.b64encode((tmp_path / "small.png").read_bytes()))
    steps = [step(films=[entry, entry, entry])]

    monkeypatch.setattr(module, "ALL", 2 * length)
    (group,) = module.films(steps, tmp_path)
    assert [bool(each["picture"]) for each in group["films"]] == [True, True, False]
    monkeypatch.setattr(module, "LARGEST", 10)
    (group,) = module.films(steps, tmp_path)
    assert not any(each["picture"] for each in group["films"])
    (tmp_path / "small.png").unlink()
    assert module.films(steps, tmp_path)[0]["films"][0]["picture"] == ""


def test_a_run_that_printed_nothing_has_no_films(tmp_path: Path):
    other = StepEvidence("films", "1-store", "store")

    assert module.films([other], tmp_path) == []
