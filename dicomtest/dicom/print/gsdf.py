"""The Grayscale Standard Display Function and optical densities (PS3.14 7, Annexes B and D).

Luminance in cd/m2, densities in OD (not in hundredths), P-values as fractions from 0 to 1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

J_MAX = 1023
# PS3.14 7: numerator by even, denominator by odd letters
_NUMERATOR = (-1.3011877, 8.0242636e-2, 1.3646699e-1, -2.5468404e-2, 1.3635334e-3)
_DENOMINATOR = (1.0, -2.5840191e-2, -1.0320229e-1, 2.8745620e-2, -3.1978977e-3, 1.2992634e-4)


def luminance_of(jnd: Any) -> Floats:
    """Luminance of a JND index from 1 to 1023, whole or not."""
    x = np.log(np.clip(np.asarray(jnd, dtype=np.float64), 1, J_MAX))
    return np.asarray(10.0 ** (_polynomial(_NUMERATOR, x) / _polynomial(_DENOMINATOR, x)))


def _polynomial(coefficients: Sequence[float], x: Floats) -> Floats:
    return np.asarray(np.polynomial.polynomial.polyval(x, coefficients), dtype=np.float64)


_JNDS = np.linspace(1, J_MAX, 8 * (J_MAX - 1) + 1)
_LOGS = np.log10(luminance_of(_JNDS))


def jnd_of(luminance: Any) -> Floats:
    """JND index of a luminance, by interpolation in the function itself; its ends beyond them."""
    logs = np.log10(np.maximum(np.asarray(luminance, dtype=np.float64), 1e-6))
    return np.asarray(np.interp(logs, _LOGS, _JNDS))


@dataclass(frozen=True)
class Viewing:
    """How a print is looked at: illumination L0, reflected ambient light La, film or paper."""

    illumination: float = 2000.0
    ambient: float = 10.0
    reflective: bool = False

    def luminance(self, density: Any) -> Floats:
        """What the eye gets from a density (PS3.14 D.2, D.3)."""
        passed = self.illumination * 10.0 ** -np.asarray(density, dtype=np.float64)
        return np.asarray(passed if self.reflective else passed + self.ambient)

    def density(self, luminance: Any) -> Floats:
        """The density that gives this luminance."""
        light = np.asarray(luminance, dtype=np.float64)
        light = light if self.reflective else light - self.ambient
        return np.asarray(-np.log10(np.maximum(light, 1e-9) / self.illumination))


FILM_VIEWING = Viewing()  # the defaults recommended in PS3.4 H.4.2.2.1
PAPER_VIEWING = Viewing(illumination=150.0, ambient=0.0, reflective=True)


def densities_of(
    p_values: Any, minimum: float, maximum: float, viewing: Viewing = FILM_VIEWING
) -> Floats:
    """The densities that show P-values (0 to 1) in equal steps to the eye (PS3.14 Annex D)."""
    darkest, brightest = jnd_of(viewing.luminance([maximum, minimum]))
    jnds = darkest + np.asarray(p_values, dtype=np.float64) * (brightest - darkest)
    return np.clip(viewing.density(luminance_of(jnds)), minimum, maximum)


@dataclass(frozen=True)
class Step:
    """One patch of a printed grey scale: what PS3.14 asks for and what was measured."""

    p_value: float
    expected: float  # OD
    measured: float  # OD

    @property
    def deviation(self) -> float:
        """Measured less expected, in OD."""
        return self.measured - self.expected


def read_densities(text: str) -> list[float]:
    """Densities as a person types them: "2.93 2.41 1.9", "2,93; 2,41", "2.93, 2.41".

    Raises ValueError, in words, when a part is no number.
    """
    found = []
    decimal_comma = "." not in text and (";" in text or " " in text.strip())
    for part in re.split(r"[;\s]+" if decimal_comma else r"[;,\s]+", text.strip()):
        try:
            found.append(float(part.strip(",").replace(",", ".")))
        except ValueError:
            raise ValueError(f"{part!r} is no density") from None
    return found


def judge_densities(
    p_values: Sequence[float],
    measured: Sequence[float],
    viewing: Viewing = FILM_VIEWING,
    *,
    linear: bool = False,
) -> list[Step]:
    """Hold measured densities against the function between the darkest and brightest of them.

    `p_values` from 0 to 1; the function is fitted to the lowest and the highest of them. With
    `linear` (Presentation LUT Shape LIN OD) densities fall evenly instead. Raises ValueError when
    there are fewer than three, or numbers that cannot be densities.
    """
    if len(p_values) != len(measured) or len(measured) < 3:
        raise ValueError("a density is needed for each of three or more patches")
    if not all(np.isfinite(each) and -0.1 <= each <= 6 for each in measured):
        raise ValueError("a density lies between 0 and about 4")
    first, last = int(np.argmin(p_values)), int(np.argmax(p_values))
    if measured[first] <= measured[last]:
        raise ValueError("the patch of the lowest P-value is not the darkest one")
    darkest, brightest = measured[first], measured[last]
    within = np.asarray(p_values, dtype=np.float64)
    within = (within - within[first]) / max(float(within[last] - within[first]), 1e-9)
    if linear:
        expected = darkest - within * (darkest - brightest)
    else:
        expected = densities_of(within, brightest, darkest, viewing)
    return [
        Step(float(p), float(want), float(got))
        for p, want, got in zip(p_values, expected, measured, strict=True)
    ]
