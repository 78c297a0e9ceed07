"""PNG files (ISO/IEC 15948), written with zlib alone."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB, _PALETTE = 0, 2, 3


def png_of(
    pixels: NDArray[np.uint8], *, palette: NDArray[np.uint8] | None = None, dpi: float = 0.0
) -> bytes:
    """Encode rows x columns (grey, or indices of a palette of 256 x 3) or rows x columns x 3.

    Raises ValueError for any other shape.
    """
    if pixels.ndim == 3 and pixels.shape[2] == 3:
        colour = _RGB
    elif pixels.ndim == 2:
        colour = _GREY if palette is None else _PALETTE
    else:
        raise ValueError(f"no picture has the shape {pixels.shape}")
    rows, columns = pixels.shape[:2]
    parts = [SIGNATURE, _chunk(b"IHDR", struct.pack(">LLBBBBB", columns, rows, 8, colour, 0, 0, 0))]
    if palette is not None:
        parts.append(_chunk(b"PLTE", palette.astype(np.uint8).tobytes()))
    if dpi:
        per_metre = round(dpi / 0.0254)
        parts.append(_chunk(b"pHYs", struct.pack(">LLB", per_metre, per_metre, 1)))
    parts += [_chunk(b"IDAT", zlib.compress(_filtered(pixels), 6)), _chunk(b"IEND", b"")]
    return b"".join(parts)


def _filtered(pixels: NDArray[np.uint8]) -> bytes:
    """Each row less the one above it (filter 2): even areas and repeated rows become zeros."""
    flat = np.ascontiguousarray(pixels).reshape(pixels.shape[0], -1)
    rows = np.empty((flat.shape[0], flat.shape[1] + 1), dtype=np.uint8)
    rows[:, 0] = 2
    rows[:1, 1:] = flat[:1]
    np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])
    return rows.tobytes()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))
