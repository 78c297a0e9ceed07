"""Pictures in another size: averaged when smaller, by the magnification type when larger."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def resample(picture: Floats, rows: int, columns: int, method: str = "BILINEAR") -> Floats:
    """Give the picture in so many rows and columns; REPLICATE, BILINEAR or CUBIC enlarges it."""
    return _along(_along(picture, rows, 0, method), columns, 1, method)


def _along(picture: Floats, wanted: int, axis: int, method: str) -> Floats:
    have = picture.shape[axis]
    if wanted == have or have == 0 or wanted <= 0:
        return picture
    if wanted < have or method not in ("BILINEAR", "CUBIC"):
        return _averaged(picture, wanted, axis)
    return _weighted(picture, wanted, axis, cubic=method == "CUBIC")


def _averaged(picture: Floats, wanted: int, axis: int) -> Floats:
    """Each new pixel is the mean of the old ones it covers, in part or whole."""
    moved = np.moveaxis(picture, axis, 0)
    have = moved.shape[0]
    total = np.concatenate([np.zeros((1, *moved.shape[1:])), np.cumsum(moved, axis=0)])
    edges = np.linspace(0, have, wanted + 1)
    low = np.minimum(edges.astype(np.intp), have - 1)
    part = (edges - low).reshape(-1, *([1] * (moved.ndim - 1)))
    at_edges = total[low] + part * moved[low]
    return np.moveaxis(np.diff(at_edges, axis=0) * (wanted / have), 0, axis)


def _weighted(picture: Floats, wanted: int, axis: int, *, cubic: bool) -> Floats:
    moved = np.moveaxis(picture, axis, 0)
    have = moved.shape[0]
    at = (np.arange(wanted) + 0.5) * have / wanted - 0.5
    low = np.floor(at).astype(np.intp)
    t = (at - low).reshape(-1, *([1] * (moved.ndim - 1)))
    weights: tuple[Floats, ...]
    if cubic:  # Catmull-Rom: passes through the old pixels
        weights = (
            ((2 - t) * t - 1) * t / 2,
            ((3 * t - 5) * t * t + 2) / 2,
            ((4 - 3 * t) * t + 1) * t / 2,
            (t - 1) * t * t / 2,
        )
        taps = [-1, 0, 1, 2]
    else:
        weights, taps = (1 - t, t), [0, 1]
    result = np.zeros((wanted, *moved.shape[1:]))
    for weight, tap in zip(weights, taps, strict=True):
        result += weight * moved[np.clip(low + tap, 0, have - 1)]
    return np.moveaxis(result, 0, axis)
