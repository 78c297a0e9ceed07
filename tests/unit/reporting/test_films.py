"""Printed films in the report, from the record alone."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np

from dicomtest.dicom.print.png import png_of
from dicomtest.reporting.films import MOST, printed
from dicomtest.reporting.html import render

PICTURE = base64.b64encode(png_of(np.zeros((4, 4), np.uint8))).decode()


def films(count: int = 1, **changes: Any) -> list[dict[str, Any]]:
    film = {
        "number": 1, "by": "DT_MOD", "at": 1795450604.9, "file": "evidence/films/a-1.png",
        "small": "evidence/films/a-1-small.png", "shows": ["smpte"], "picture": PICTURE,
        "attributes": {"format": "STANDARD\\1,1", "size": "8INX10IN", "copies": 2, "boxes": 1,
                       "images": 1, "bits": [12], "min_density": 0.2, "max_density": 3.1},
        "remarks": [{"what": "N-SET image", "status": "B609", "comment": "<b>cropped</b>"}],
    }  # fmt: skip
    group = {
        "scenario": "ct-study", "step": "2-store", "printer": "printer", "simulated": True,
        "answers": [
            {"question": "layout", "answer": "yes", "by": "Ada", "at": "2026-11-23T16:16:45+00:00"}
        ],
        "films": [film | {"number": each + 1} | changes for each in range(count)],
    }  # fmt: skip
    return [group]


def test_the_report_shows_each_film_with_what_it_is(sample):
    page = render(sample.record(films=films()))

    assert f'<img src="data:image/png;base64,{PICTURE}" alt="Film 1: smpte">' in page
    assert '<a href="evidence/films/a-1.png">' in page
    for text in ("STANDARD\\1,1", "8INX10IN", "0.2 - 3.1 OD", "DT_MOD", "B609"):
        assert text in page
    assert "&lt;b&gt;cropped" in page
    assert re.search(r"<td>layout</td><td>yes</td><td>Ada</td><td>2026-11-23 16:16:45</td>", page)
    assert "img-src data:;" in page
    assert '<a href="#films">' in page


def test_of_a_real_printer_the_picture_is_what_it_should_look_like(sample):
    real = films()
    real[0]["simulated"] = False

    assert "As it should look" in render(sample.record(films=real))
    assert "As it should look" not in render(sample.record(films=films()))


def test_without_films_there_is_no_section_and_no_picture_is_allowed(sample):
    for page in (render(sample.record()), render(sample.record(films=[]))):
        assert 'id="films"' not in page
        assert "img-src" not in page


def test_in_chinese_the_section_is_in_chinese(sample):
    page = render(sample.record(films=films()), language="zh")

    assert "打印的胶片" in page
    assert "<dt>版式</dt>" in page
    assert "<td>版式</td><td>是</td>" in page


def test_nothing_but_a_png_becomes_a_picture(sample):
    for picture in ('"><script>', base64.b64encode(b"<svg/>").decode(), "%%%", None, 7):
        (group,) = printed({"films": films(picture=picture)})
        assert group["films"][0]["picture"] == ""
    assert "No picture" not in render(sample.record(films=films(picture="")))
    without = films(picture="", file="")
    assert "The picture is not part of this record." in render(sample.record(films=without))
    without[0]["simulated"] = False
    assert "No picture: it came out of a real printer." in render(sample.record(films=without))


def test_hostile_text_stays_text(sample):
    page = render(sample.record(films=sample.hostile(films())))

    assert sample.HOSTILE not in page
    assert page.count("<script") == 0


def test_very_many_films_are_counted_not_shown(sample):
    page = render(sample.record(films=films(MOST + 2)))

    assert page.count("<figure") == MOST
    assert "And 2 more films; see the evidence." in page
