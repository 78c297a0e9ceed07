"""DCMTK and dcmjs-dimse print on our simulated printer: films come out, and nothing is held
against these clients but what they really do wrong."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import support
from support import dcmprint

from dicomtest.checks import SCU, checks_for
from dicomtest.dicom.print.patterns import colour_bars, smpte, stored
from dicomtest.findings import Outcome
from dicomtest.judging import verdict

SUCCESS, WRONG = 0x0000, ("failed", "warned")
COLOR = "1.2.840.10008.5.1.1.18"
LIKE_DCMPRSCU = """\
scenario: like-dcmprscu
title: {en: Like dcmprscu, zh: 与 dcmprscu 相同}
steps:
  - print:
      from: workstation
      to: printer
      pattern: smpte
      bits: 12
      presentation_lut: IDENTITY
      film: {size: 8INX10IN, medium: BLUE FILM}
"""


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dcmprint.OurPrinter]:
    with dcmprint.OurPrinter(tmp_path_factory.mktemp("printer")) as started:
        yield started


def judged(printer: dcmprint.OurPrinter, client: str) -> dict[str, Any]:
    """What our checks say of the client's last association, by check."""
    step = printer.evidence(client)
    assert len(step.associations) == 1
    checks = [each for each in checks_for("print", {}) if each.judges is SCU]
    return {each.id: verdict(each, step) for each in checks}


def wrongs(verdicts: dict[str, Any]) -> dict[str, Any]:
    return {name: each.findings for name, each in verdicts.items() if each.outcome in WRONG}


@pytest.fixture(scope="module")
def by_dcmtk(printer, tmp_path_factory) -> SimpleNamespace:
    """A film of one image by dcmprscu, and one of two images by dcmpsprt's own spooler."""
    folder = tmp_path_factory.mktemp("dcmtk")
    pattern = stored(smpte(512, 512), 8)
    image = dcmprint.image_file(folder / "image.dcm", pattern)
    client = dcmprint.DcmtkPrinting(folder / "client", printer.peer)
    try:
        jobs = client.render("--layout", "1", "1", "--filmsize", "8INX10IN", image)
    except support.Missing as missing:
        pytest.skip(str(missing))
    wishes = ("--copies", "2", "--medium-type", "BLUE FILM", "--label", "BY DCMPRSCU")
    sent = client.send(*wishes, *jobs)
    (film,) = printer.films(1)
    verdicts = judged(printer, "dcmprscu 3.6.7")
    spooled = client.spool("--layout", "2", "1", "--landscape", image, image)
    (second,) = printer.films(1)
    spooler = judged(printer, "dcmpsprt 3.6.7")
    return SimpleNamespace(
        sent=sent, film=film, verdicts=verdicts, client=client, image=image,
        spooled=spooled, second=second, spooler=spooler,
    )  # fmt: skip


def test_dcmprscu_prints_a_film(by_dcmtk):
    film = by_dcmtk.film

    assert dcmprint.complaints(by_dcmtk.sent) == []
    assert set(by_dcmtk.sent.statuses) == {SUCCESS}
    assert (film["format"], film["size"], film["copies"]) == ("STANDARD\\1,1", "8INX10IN", 2)
    assert (film["by"], film["label"]) == ("DCMPSTATE", "BY DCMPRSCU")
    assert (film["bits"], film["presentation_lut"]) == ([12], "IDENTITY")


def test_the_spooler_of_dcmpsprt_prints_a_film(by_dcmtk):
    film = by_dcmtk.second

    assert dcmprint.complaints(by_dcmtk.spooled) == []
    assert (film["format"], film["orientation"]) == ("STANDARD\\2,1", "LANDSCAPE")
    assert film["images"] == 2
    assert film["width"] > film["height"]


def test_dcmtk_is_blamed_for_nothing(by_dcmtk):
    for verdicts in (by_dcmtk.verdicts, by_dcmtk.spooler):
        assert wrongs(verdicts) == {}
        passed = [name for name, each in verdicts.items() if each.outcome is Outcome.PASSED]
        assert len(passed) > 30, passed


def test_our_client_and_dcmprscu_print_the_same_film(printer, by_dcmtk, tmp_path):
    by_us = dcmprint.print_by_us(tmp_path, printer.peer, LIKE_DCMPRSCU)
    (film,) = printer.films(1)
    printer.evidence("us")

    assert by_us == 0
    theirs = dcmprint.film_pixels(by_dcmtk.film["path"]).astype(int)
    ours = dcmprint.film_pixels(film["path"]).astype(int)
    assert ours.shape == theirs.shape
    # dcmpsprt has magnified the image before: the finest lines differ a little
    apart = np.abs(ours - theirs)
    assert (apart > 8).mean() < 0.02
    assert apart.mean() < 1


def test_dcmprscu_tells_a_failure_in_its_log_only(printer, by_dcmtk):
    nine = ["--layout", "3", "3", "--filmsize", "14INX17IN"]
    jobs = by_dcmtk.client.render(*nine, *[by_dcmtk.image] * 9)

    sent = by_dcmtk.client.send("--destination", "BIN_9", *jobs)
    verdicts = judged(printer, "dcmprscu 3.6.7")

    assert sent.exit_code == 0
    assert any("printer communication failed" in each for each in dcmprint.complaints(sent))
    assert 0x0106 in sent.statuses
    assert wrongs(verdicts) == {}


def test_dcmjs_prints_grey_and_colour(printer, dcmjs, tmp_path):
    grey = dcmprint.dcmjs_image(tmp_path, stored(smpte(64, 64), 8))
    colours = stored(colour_bars(64, 64), 8).astype("u1")
    colour = dcmprint.dcmjs_image(tmp_path, colours)

    first = dcmjs("print", *printer.peer, format="STANDARD\\2,1", images=[grey, grey])
    (in_grey,) = printer.films(1)
    verdicts = judged(printer, "dcmjs-dimse 0.3.3")
    second = dcmjs("print", *printer.peer, meta=COLOR, images=[colour])
    (in_colour,) = printer.films(1)
    in_colours = judged(printer, "dcmjs-dimse 0.3.3")

    assert set(first.statuses) == set(second.statuses) == {SUCCESS}
    assert (in_grey["images"], in_grey["colour"]) == (2, False)
    assert in_colour["colour"]
    pixels = dcmprint.film_pixels(in_colour["path"])
    shown = {tuple(each) for each in pixels.reshape(-1, 3)[::7].tolist()}
    assert {(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)} <= shown
    assert wrongs(verdicts) == wrongs(in_colours) == {}
