"""Films as they come out: what lies where, how dark it is, and in which colours.

Expectations are worked out here from PS3.3 C.13 and PS3.14, not by the code that draws.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from dicomtest.dicom.print.film import Lut, Picture, Sheet
from dicomtest.dicom.print.formats import format_cells, parse_format
from dicomtest.dicom.print.render import Drawn, draw

MM = 25.4  # pixels an inch: one for each mm
WIDTH, HEIGHT, MARGIN = 210, 310, 5
DARK, BRIGHT = 3.0, 0.2  # OD


def gray(value: int, bits: int = 8, **wishes: Any) -> Picture:
    return Picture(np.full((8, 8), value, dtype=np.uint16), bits, **wishes)


def film(*pictures: Picture | None, display: str = "STANDARD\\1,1", **more: Any) -> Drawn:
    cells = tuple(format_cells(parse_format(display)))
    shown = (*pictures, *[None] * (len(cells) - len(pictures)))
    densities = {"min_density": BRIGHT, "max_density": DARK} | more
    sheet = Sheet((WIDTH, HEIGHT), cells, shown, **densities)
    return draw(sheet, dpi=MM)


def at(drawn: Drawn, across: float, down: float) -> float:
    """The density at a point of the printable area, in fractions of it."""
    assert drawn.densities is not None
    x = MARGIN + across * (WIDTH - 2 * MARGIN)
    y = MARGIN + down * (HEIGHT - 2 * MARGIN)
    return float(drawn.densities[int(y), int(x)])


def lin_od(value: int, bits: int = 8) -> float:
    """The density of a value with LIN OD."""
    return DARK - value / (2**bits - 1) * (DARK - BRIGHT)


# Centres of the image boxes by position, as columns and rows of PS3.3 C.13.3 and C.13.5 have it.
LAYOUTS = {
    "STANDARD\\1,1": [(1 / 2, 1 / 2)],
    "STANDARD\\2,1": [(1 / 4, 1 / 2), (3 / 4, 1 / 2)],
    "STANDARD\\1,2": [(1 / 2, 1 / 4), (1 / 2, 3 / 4)],
    "STANDARD\\2,3": [
        *[(1 / 4, 1 / 6), (3 / 4, 1 / 6)],
        *[(1 / 4, 3 / 6), (3 / 4, 3 / 6)],
        *[(1 / 4, 5 / 6), (3 / 4, 5 / 6)],
    ],
    "ROW\\2,1,3": [
        *[(1 / 4, 1 / 6), (3 / 4, 1 / 6)],
        (1 / 2, 3 / 6),
        *[(1 / 6, 5 / 6), (3 / 6, 5 / 6), (5 / 6, 5 / 6)],
    ],
    "COL\\1,2,3": [
        (1 / 6, 1 / 2),
        *[(3 / 6, 1 / 4), (3 / 6, 3 / 4)],
        *[(5 / 6, 1 / 6), (5 / 6, 3 / 6), (5 / 6, 5 / 6)],
    ],
    "SLIDE": [
        ((2 * column + 1) / 8, (2 * row + 1) / 10) for row in range(5) for column in range(4)
    ],
}


@pytest.mark.parametrize("display", LAYOUTS)
def test_images_lie_where_their_positions_say(display: str):
    places = LAYOUTS[display]
    values = [10 + 12 * number for number in range(len(places))]

    drawn = film(*[gray(each) for each in values], display=display, lut=Lut("LIN OD"))

    found = [at(drawn, *place) for place in places]
    assert found == pytest.approx([lin_od(each) for each in values], abs=0.01)


def test_a_box_without_an_image_is_filled_and_the_border_too():
    drawn = film(gray(128), display="STANDARD\\2,1", empty="WHITE", border="150")

    assert at(drawn, 3 / 4, 1 / 2) == BRIGHT
    assert drawn.densities is not None
    assert drawn.densities[1, 1] == 1.5


@pytest.mark.parametrize(
    ("photometric", "polarity", "value", "density"),
    [
        ("MONOCHROME2", "NORMAL", 0, DARK),
        ("MONOCHROME2", "NORMAL", 255, BRIGHT),
        ("MONOCHROME2", "REVERSE", 0, BRIGHT),
        ("MONOCHROME1", "NORMAL", 0, BRIGHT),
        ("MONOCHROME1", "REVERSE", 0, DARK),
        ("MONOCHROME1", "REVERSE", 255, BRIGHT),
    ],
)
def test_black_and_white_follow_photometric_interpretation_and_polarity(
    photometric: str, polarity: str, value: int, density: float
):
    drawn = film(gray(value, photometric=photometric, polarity=polarity))

    assert at(drawn, 1 / 2, 1 / 2) == pytest.approx(density, abs=0.005)
    # and as a person sees it: bright where the film is thin
    seen = drawn.pixels[HEIGHT // 2, WIDTH // 2]
    assert (seen > 200) == (density == BRIGHT)


def luminance(jnd: float) -> float:
    """PS3.14 7.1, from the reference coefficients."""
    x = math.log(jnd)
    above = -1.3011877 + 8.0242636e-2 * x + 1.3646699e-1 * x**2
    above += -2.5468404e-2 * x**3 + 1.3635334e-3 * x**4
    below = 1 - 2.5840191e-2 * x - 1.0320229e-1 * x**2 + 2.8745620e-2 * x**3
    below += -3.1978977e-3 * x**4 + 1.2992634e-4 * x**5
    return float(10 ** (above / below))


def jnd(light: float) -> float:
    """Its inverse, by halving."""
    low, high = 1.0, 1023.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if luminance(middle) < light else (low, middle)
    return low


def equal_steps(p_value: float, illumination: float = 2000, ambient: float = 10) -> float:
    """The density that shows a P-value between DARK and BRIGHT on a light box."""
    ends = [jnd(ambient + illumination * 10**-each) for each in (DARK, BRIGHT)]
    light = luminance(ends[0] + p_value * (ends[1] - ends[0]))
    return -math.log10((light - ambient) / illumination)


@pytest.mark.parametrize("value", [16, 64, 128, 200, 240])
def test_identity_gives_equal_steps_to_the_eye(value: int):
    drawn = film(gray(value), lut=Lut("IDENTITY"))

    assert at(drawn, 1 / 2, 1 / 2) == pytest.approx(equal_steps(value / 255), abs=0.01)


def test_the_light_that_is_asked_for_counts():
    from dicomtest.dicom.print.gsdf import Viewing

    drawn = film(gray(128), viewing=Viewing(illumination=4000, ambient=20))

    assert at(drawn, 1 / 2, 1 / 2) == pytest.approx(equal_steps(128 / 255, 4000, 20), abs=0.01)


@pytest.mark.parametrize(("value", "bits"), [(64, 8), (1028, 12), (3000, 12)])
def test_lin_od_gives_equal_steps_of_density(value: int, bits: int):
    drawn = film(gray(value, bits), lut=Lut("LIN OD"))

    assert at(drawn, 1 / 2, 1 / 2) == pytest.approx(lin_od(value, bits), abs=0.005)


@pytest.mark.parametrize("value", [0, 40, 128, 255])
@pytest.mark.parametrize("polarity", ["NORMAL", "REVERSE"])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_a_table_is_applied_after_the_polarity(value: int, polarity: str, photometric: str):
    table = tuple(round((each / 255) ** 3 * 4095) for each in range(256))  # not symmetric

    drawn = film(gray(value, polarity=polarity, photometric=photometric), lut=Lut("", table, 12))

    inverted = (polarity == "REVERSE") != (photometric == "MONOCHROME1")
    p_value = table[255 - value if inverted else value] / 4095
    assert at(drawn, 1 / 2, 1 / 2) == pytest.approx(equal_steps(p_value), abs=0.01)


def test_a_table_for_twelve_bits_has_4096_entries():
    table = tuple(round(math.sqrt(each / 4095) * 65535) for each in range(4096))

    drawn = film(gray(1000, 12), lut=Lut("", table, 16))

    assert at(drawn, 1 / 2, 1 / 2) == pytest.approx(equal_steps(table[1000] / 65535), abs=0.01)


def test_eight_and_twelve_bits_of_one_gray_look_alike():
    coarse, fine = film(gray(51)), film(gray(819, 12))  # both a fifth of white

    assert at(coarse, 1 / 2, 1 / 2) == pytest.approx(at(fine, 1 / 2, 1 / 2), abs=1e-6)


def test_an_image_has_its_own_lut_and_densities_before_those_of_the_film():
    own = gray(128, lut=Lut("LIN OD"), min_density=0.5, max_density=2.5)

    drawn = film(own, gray(128), display="STANDARD\\2,1")

    assert at(drawn, 1 / 4, 1 / 2) == pytest.approx(2.5 - 128 / 255 * 2.0, abs=0.005)
    assert at(drawn, 3 / 4, 1 / 2) == pytest.approx(equal_steps(128 / 255), abs=0.01)


def test_the_image_keeps_its_shape_and_its_way_up():
    pixels = np.zeros((40, 20), dtype=np.uint16)
    pixels[:10, :] = 255  # white above

    drawn = film(Picture(pixels, 8), border="WHITE")

    box = drawn.boxes[0]
    assert box.height == pytest.approx(2 * box.width, abs=1)
    assert drawn.density_at(0, 0.5, 0.1) == pytest.approx(BRIGHT, abs=0.01)
    assert drawn.density_at(0, 0.5, 0.6) == pytest.approx(DARK, abs=0.01)


def test_pixels_twice_as_high_as_wide_stay_so():
    drawn = film(gray(0, aspect=2.0))

    assert drawn.boxes[0].height == pytest.approx(2 * drawn.boxes[0].width, abs=1)


def test_a_width_in_mm_is_kept():
    drawn = film(gray(0, width_mm=80))

    assert (drawn.boxes[0].width, drawn.boxes[0].height) == (80, 80)


def test_colours_come_out_in_their_order():
    pixels = np.zeros((2, 3, 3), dtype=np.uint16)
    pixels[:, 0] = 255, 0, 0
    pixels[:, 1] = 0, 255, 0
    pixels[:, 2] = 0, 0, 255

    drawn = film(Picture(pixels, 8, "RGB", magnification="REPLICATE"))

    box = drawn.boxes[0]
    row = drawn.pixels[box.top + box.height // 2]
    seen = [tuple(row[box.left + round(box.width * part / 6)]) for part in (1, 3, 5)]
    assert seen == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    assert drawn.densities is None
