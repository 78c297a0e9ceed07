"""Synthetic pixels: a gradient, a body with a lesion, and the number of the instance drawn in.

A reader can tell instances apart by eye, and a program by any pixel: noise fills the whole frame.
"""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

# Three columns by five rows for each digit, row by row from the top, most significant bit left.
_DIGITS = {
    "0": (7, 5, 5, 5, 7),
    "1": (2, 6, 2, 2, 7),
    "2": (7, 1, 7, 4, 7),
    "3": (7, 1, 7, 1, 7),
    "4": (5, 5, 7, 1, 1),
    "5": (7, 4, 7, 1, 7),
    "6": (7, 4, 7, 5, 7),
    "7": (7, 1, 2, 2, 2),
    "8": (7, 5, 7, 5, 7),
    "9": (7, 5, 7, 1, 7),
    "-": (0, 0, 7, 0, 0),
}


def phantom(
    rng: random.Random,
    shape: tuple[int, int, int],
    *,
    number: int,
    air: int,
    tissue: int,
    top: int,
) -> NDArray[np.int32]:
    """Frames x rows x columns of values from 0 to `top`.

    `air` surrounds an ellipse of `tissue`; a lesion wanders with the number and the frame; the
    number (and, where there are several frames, the number of the frame) is drawn at `top`.
    """
    frames, rows, columns = shape
    noise = np.random.default_rng(rng.getrandbits(64))
    y = np.linspace(-1.0, 1.0, rows, dtype=np.float32)[:, np.newaxis]
    x = np.linspace(-1.0, 1.0, columns, dtype=np.float32)[np.newaxis, :]
    body = (x / 0.85) ** 2 + (y / 0.7) ** 2 <= 1.0
    base = np.where(body, tissue + (top - tissue) * 0.1 * x, air + (tissue - air) * 0.1 * (x + y))
    spread = max(1, (top + 1) // 256)
    out = np.empty(shape, dtype=np.int32)
    for index in range(frames):
        angle = (number + index) * 0.7
        centre = 0.35 * np.cos(angle), 0.3 * np.sin(angle)
        lesion = (x - centre[0]) ** 2 + (y - centre[1]) ** 2 <= 0.02
        frame = np.where(lesion, tissue + (top - tissue) // 4, base).astype(np.int32)
        frame += noise.integers(-spread, spread + 1, size=(rows, columns), dtype=np.int32)
        np.clip(frame, 0, top, out=frame)
        draw(frame, f"{number}-{index + 1}" if frames > 1 else str(number), top)
        out[index] = frame
    return out


def draw(frame: NDArray[np.int32], text: str, value: int) -> None:
    """Draw digits into the upper left corner, as large as a sixteenth of the frame allows."""
    rows, columns = frame.shape
    scale = max(1, min(rows, columns) // 64)
    left = scale
    for each in text:
        bits = np.array([[(row >> (2 - col)) & 1 for col in range(3)] for row in _DIGITS[each]])
        cells = np.kron(bits, np.ones((scale, scale), dtype=int)).astype(bool)
        window = frame[scale : scale + cells.shape[0], left : left + cells.shape[1]]
        window[cells[: window.shape[0], : window.shape[1]]] = value
        left += 4 * scale
