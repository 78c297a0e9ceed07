"""An encoder for lossless JPEG with Huffman coding, ITU-T T.81 process 14, selection value 1.

The transfer syntax most X-ray and CT archives speak (PS3.5 10.2 makes it the default among
lossless JPEG). None of the installed codecs writes it, so it is written here.
"""

from __future__ import annotations

import heapq
import struct

import numpy as np
from numpy.typing import NDArray

_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_LONGEST_CODE = 16  # T.81 B.2.4.2: DHT counts codes of 1 to 16 bits


def encode_frame(frame: NDArray[np.unsignedinteger], precision: int) -> bytes:
    """Compress one frame into a JPEG stream, components interleaved in one scan.

    `frame` is unsigned, rows x columns or rows x columns x components, with nothing above the
    lowest `precision` bits. Raises ValueError for samples or sizes T.81 does not allow.
    """
    samples = frame if frame.ndim == 3 else frame[:, :, np.newaxis]
    rows, columns, components = samples.shape
    if not 2 <= precision <= 16 or not (0 < rows <= 0xFFFF and 0 < columns <= 0xFFFF):
        raise ValueError(f"lossless JPEG holds no {rows} x {columns} frame of {precision} bits")
    if int(samples.max()) >> precision:
        raise ValueError(f"samples need more than {precision} bits")
    differences = _differences(samples.astype(np.int32), precision).ravel()
    categories = _categories(differences)
    counts = np.bincount(categories, minlength=17)
    lengths = _code_lengths({int(s): int(counts[s]) for s in np.flatnonzero(counts)})
    scan = _pack(differences, categories, _codes(lengths))
    return b"".join(
        (
            _SOI,
            _start_of_frame(rows, columns, components, precision),
            _huffman_table(lengths),
            _start_of_scan(components),
            scan.replace(b"\xff", b"\xff\x00"),  # T.81 B.1.1.5: stuffing
            _EOI,
        )
    )


def _differences(samples: NDArray[np.int32], precision: int) -> NDArray[np.int32]:
    """Sample minus its left neighbour, modulo 2^16, as -32767 to 32768 (T.81 H.1.2.1)."""
    predicted = np.empty_like(samples)
    predicted[:, 1:] = samples[:, :-1]
    predicted[1:, 0] = samples[:-1, 0]  # the first column is predicted from above
    predicted[0, 0] = 1 << (precision - 1)
    difference = (samples - predicted) & 0xFFFF
    return np.where(difference > 0x8000, difference - 0x10000, difference)


def _categories(differences: NDArray[np.int32]) -> NDArray[np.int64]:
    """Number of bits of each magnitude, SSSS of T.81 Table H.2."""
    return np.frexp(np.abs(differences).astype(np.float64))[1].astype(np.int64)


def _code_lengths(counts: dict[int, int]) -> dict[int, int]:
    """Length of the Huffman code of each symbol, none longer than 16 bits.

    A symbol that never occurs takes part, so that the code of nothing but ones stays unused
    (T.81 K.2).
    """
    while True:
        heap = [(count, symbol, {symbol: 0}) for symbol, count in counts.items()]
        heap.append((0, -1, {-1: 0}))
        heapq.heapify(heap)
        while len(heap) > 1:
            (count, _, some), (more, at, others) = heapq.heappop(heap), heapq.heappop(heap)
            deeper = {symbol: depth + 1 for symbol, depth in (some | others).items()}
            heapq.heappush(heap, (count + more, at, deeper))
        lengths = heap[0][2]
        if max(lengths.values()) <= _LONGEST_CODE:
            del lengths[-1]
            return lengths
        counts = {symbol: (count + 1) // 2 for symbol, count in counts.items()}


def _in_order(lengths: dict[int, int]) -> list[tuple[int, int]]:
    """(length, symbol) in the order codes are given out (T.81 C.2)."""
    return sorted((length, symbol) for symbol, length in lengths.items())


def _codes(lengths: dict[int, int]) -> NDArray[np.uint64]:
    """Per category: its code in column 0, the code's length in column 1."""
    table = np.zeros((17, 2), dtype=np.uint64)
    code, previous = 0, 0
    for length, symbol in _in_order(lengths):
        code <<= length - previous
        table[symbol] = code, length
        code, previous = code + 1, length
    return table


def _pack(
    differences: NDArray[np.int32], categories: NDArray[np.int64], codes: NDArray[np.uint64]
) -> bytes:
    """Write code and additional bits of every difference one after the other (T.81 H.1.2.2).

    A field is at most 32 bits long and so touches at most two 32-bit words; fields do not
    overlap, so that adding them up per word is the same as or-ing them.
    """
    # Category 16 stands for 32768 alone and has no additional bits.
    extra = np.where(categories == 16, 0, categories).astype(np.uint64)
    bits = np.where(differences < 0, differences - 1, differences).astype(np.int64)
    masks = (np.uint64(1) << extra) - np.uint64(1)
    fields = (codes[categories, 0] << extra) | (bits.view(np.uint64) & masks)
    lengths = codes[categories, 1] + extra
    ends = np.cumsum(lengths)
    starts = ends - lengths
    total = int(ends[-1])
    words, offsets = (starts >> np.uint64(5)).astype(np.int64), starts & np.uint64(31)
    placed = fields << (np.uint64(64) - lengths - offsets)
    size = total // 32 + 2
    sums = np.bincount(words, (placed >> np.uint64(32)).astype(np.float64), size)
    sums += np.bincount(words + 1, (placed & np.uint64(0xFFFFFFFF)).astype(np.float64), size)
    packed = bytearray(sums.astype(">u4").tobytes()[: (total + 7) // 8])
    packed[-1] |= 0xFF >> (total % 8 or 8)  # T.81 F.1.2.3: the last byte is filled with ones
    return bytes(packed)


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">HH", marker, len(body) + 2) + body


def _start_of_frame(rows: int, columns: int, components: int, precision: int) -> bytes:
    """SOF3: lossless, sequential, Huffman (T.81 B.2.2)."""
    body = struct.pack(">BHHB", precision, rows, columns, components)
    body += b"".join(bytes((each + 1, 0x11, 0)) for each in range(components))
    return _segment(0xFFC3, body)


def _huffman_table(lengths: dict[int, int]) -> bytes:
    """DHT with table 0 of class 0 (T.81 B.2.4.2)."""
    ordered = _in_order(lengths)
    numbers = bytearray(_LONGEST_CODE)
    for length, _ in ordered:
        numbers[length - 1] += 1
    return _segment(0xFFC4, b"\0" + bytes(numbers) + bytes(symbol for _, symbol in ordered))


def _start_of_scan(components: int) -> bytes:
    """SOS with selection value 1 and no point transform (T.81 B.2.3)."""
    body = bytes((components,))
    body += b"".join(bytes((each + 1, 0)) for each in range(components))
    return _segment(0xFFDA, body + bytes((1, 0, 0)))
