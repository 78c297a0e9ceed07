"""The Grayscale Standard Display Function against the tables of PS3.14."""

from __future__ import annotations

import numpy as np
import pytest

from dicomtest.dicom.print.gsdf import (
    FILM_VIEWING,
    PAPER_VIEWING,
    Viewing,
    densities_of,
    jnd_of,
    judge_densities,
    luminance_of,
    read_densities,
)

# PS3.14 Table B-1: JND index, luminance in cd/m2
TABLE_B_1 = [(1, 0.0500), (2, 0.0547), (3, 0.0594), (4, 0.0643), (1023, 3993.4040)]
# PS3.14 Table D.2-1: P-value of 8 bits, optical density (L0 2000, La 10, Dmin 0.20, Dmax 3.00)
TABLE_D_2_1 = {
    0: 3.000, 1: 2.936, 2: 2.880, 4: 2.782, 8: 2.628, 12: 2.506, 24: 2.239, 36: 2.043, 48: 1.882,
    60: 1.742, 72: 1.616, 84: 1.499, 96: 1.390, 108: 1.286, 120: 1.186, 132: 1.090, 144: 0.996,
    156: 0.905, 168: 0.816, 180: 0.728, 192: 0.641, 204: 0.556, 216: 0.471, 228: 0.387, 240: 0.304,
    251: 0.228, 252: 0.221, 255: 0.200,
}  # fmt: skip


@pytest.mark.parametrize(("jnd", "luminance"), TABLE_B_1)
def test_the_function_has_the_values_of_its_table(jnd: int, luminance: float):
    assert luminance_of(jnd) == pytest.approx(luminance, abs=0.0001, rel=3e-5)
    assert jnd_of(luminance) == pytest.approx(jnd, abs=0.02)


def test_jnds_and_luminances_are_inverse():
    jnds = np.linspace(1, 1023, 200)

    assert jnd_of(luminance_of(jnds)) == pytest.approx(jnds, abs=1e-3)


def test_a_film_has_the_densities_of_annex_d():
    p_values = np.array(list(TABLE_D_2_1)) / 255

    densities = densities_of(p_values, 0.2, 3.0)

    assert densities == pytest.approx(list(TABLE_D_2_1.values()), abs=0.0015)


def test_a_film_reflects_the_light_of_the_room_and_paper_does_not():
    assert FILM_VIEWING.luminance(3.0) == pytest.approx(12.0)
    assert FILM_VIEWING.luminance(0.2) == pytest.approx(1271.9, abs=0.05)
    assert PAPER_VIEWING.luminance(1.0) == pytest.approx(15.0)
    for viewing in (FILM_VIEWING, PAPER_VIEWING, Viewing(1500, 20)):
        assert viewing.density(viewing.luminance(1.3)) == pytest.approx(1.3)


def test_a_calibrated_film_is_judged_without_deviation():
    steps = np.linspace(0, 1, 11)

    judged = judge_densities(list(steps), list(densities_of(steps, 0.25, 2.9)))

    assert [each.deviation for each in judged] == pytest.approx([0.0] * 11, abs=1e-4)


def test_the_function_is_fitted_to_the_patches_that_there_are():
    """The lowest and highest patch need not be black and white."""
    steps = np.linspace(0.1, 0.9, 9)
    low, high = densities_of([0.9, 0.1], 0.2, 3.0)

    inner = judge_densities(list(steps), list(densities_of(steps, 0.2, 3.0)))

    assert (inner[0].expected, inner[-1].expected) == pytest.approx((high, low), abs=1e-4)
    assert max(abs(each.deviation) for each in inner) < 1e-3


def test_a_film_of_even_densities_is_found_out_and_fits_lin_od():
    """Densities that fall evenly are far from the function: the printer does not apply it."""
    steps = [number / 10 for number in range(11)]
    even = [3.0 - 2.8 * each for each in steps]

    assert max(abs(each.deviation) for each in judge_densities(steps, even)) > 0.4
    fits = judge_densities(steps, even, linear=True)
    assert [each.deviation for each in fits] == pytest.approx([0.0] * 11, abs=1e-9)


def test_a_print_on_paper_is_judged_as_one():
    steps = list(np.linspace(0, 1, 8))
    densities = list(densities_of(steps, 0.05, 2.0, PAPER_VIEWING))

    assert max(abs(each.deviation) for each in judge_densities(steps, densities)) > 0.05
    on_paper = judge_densities(steps, densities, PAPER_VIEWING)
    assert max(abs(each.deviation) for each in on_paper) < 1e-3


@pytest.mark.parametrize(
    ("p_values", "measured", "why"),
    [
        ([0, 1], [3.0, 0.2], "three or more"),
        ([0, 0.5, 1], [3.0, 0.2], "three or more"),
        ([0, 0.5, 1], [0.2, 1.0, 3.0], "not the darkest"),
        ([0, 0.5, 1], [300.0, 100.0, 20.0], "between 0 and about 4"),
        ([0, 0.5, 1], [float("nan"), 1.0, 0.2], "between 0 and about 4"),
    ],
)
def test_what_cannot_be_judged_is_said(p_values, measured, why):
    with pytest.raises(ValueError, match=why):
        judge_densities(p_values, measured)


@pytest.mark.parametrize(
    "text",
    ["2.93 2.41 0.2", "2,93 2,41 0,2", "2.93, 2.41, 0.2", "2,93; 2,41; 0,2", " 2.93\n2.41;0.20 "],
)
def test_densities_are_read_as_people_type_them(text):
    assert read_densities(text) == [2.93, 2.41, 0.2]


@pytest.mark.parametrize("text", ["", "dark", "2.93 grey 0.2"])
def test_what_is_no_density_is_said(text):
    with pytest.raises(ValueError, match="is no density"):
        read_densities(text)
