"""What compressed frames say of themselves: JPEG, JPEG-LS, JPEG 2000 and RLE (PS3.5 Annex A)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_ITEM, _SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
# Start of frame: baseline, extended, progressive, lossless, and that of JPEG-LS.
_STARTS = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xF7})
_RLE = "1.2.840.10008.1.2.5"


@dataclass(frozen=True)
class FrameHeader:
    """Dimensions of a frame as its own header has them; None where it has none."""

    rows: int | None
    columns: int | None
    samples: int | None
    bits: int | None


def fragments(value: bytes) -> list[bytes]:
    """The items of encapsulated pixel data, Basic Offset Table first; raises ValueError."""
    found: list[bytes] = []
    at = 0
    while at + 8 <= len(value):
        tag, length = value[at : at + 4], struct.unpack_from("<I", value, at + 4)[0]
        if tag == _SEQUENCE_END:
            return found
        if tag != _ITEM:
            raise ValueError(f"no item at byte {at}")
        if at + 8 + length > len(value):
            raise ValueError(f"the item at byte {at} is longer than the data")
        if length % 2:
            raise ValueError(f"the item at byte {at} has the odd length {length}")
        found.append(value[at + 8 : at + 8 + length])
        at += 8 + length
    if at != len(value):
        raise ValueError(f"{len(value) - at} bytes behind the last item")
    return found


def offset_table(item: bytes) -> list[int]:
    """The offsets in a Basic Offset Table; none when it is empty."""
    return [each[0] for each in struct.iter_unpack("<I", item[: len(item) // 4 * 4])]


def frame_header(frame: bytes, transfer_syntax: str) -> FrameHeader | None:
    """What a frame says of itself; None when it cannot be read."""
    try:
        if transfer_syntax == _RLE:
            return FrameHeader(None, None, None, None)
        if frame[:2] == b"\xff\x4f":
            return _jpeg_2000(frame)
        return _jpeg(frame) if frame[:2] == b"\xff\xd8" else None
    except (struct.error, IndexError):
        return None


def _jpeg(frame: bytes) -> FrameHeader | None:
    at = 2
    while at + 4 <= len(frame):
        if frame[at] != 0xFF:
            return None
        marker = frame[at + 1]
        if marker == 0xFF:  # fill
            at += 1
            continue
        if marker in _STARTS:
            bits, rows, columns, samples = struct.unpack_from(">BHHB", frame, at + 4)
            return FrameHeader(rows, columns, samples, bits)
        at += 2 + struct.unpack_from(">H", frame, at + 2)[0]
    return None


def _jpeg_2000(frame: bytes) -> FrameHeader | None:
    if frame[2:4] != b"\xff\x51":
        return None
    right, bottom, left, top = struct.unpack_from(">4I", frame, 8)
    samples, depth = struct.unpack_from(">HB", frame, 40)[0], frame[42]
    return FrameHeader(bottom - top, right - left, samples, (depth & 0x7F) + 1)
