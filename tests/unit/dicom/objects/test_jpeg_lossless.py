"""The encoder of lossless JPEG, against an independent decoder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from libjpeg.utils import decode, get_parameters

from dicomtest.dicom.jpeg_lossless import _code_lengths, encode_frame


@settings(max_examples=150, deadline=None)
@given(data=st.data(), precision=st.integers(2, 16))
def test_every_frame_comes_back(data: st.DataObject, precision: int) -> None:
    components = data.draw(st.sampled_from([(), (3,)]))
    shape = (*data.draw(st.tuples(st.integers(1, 12), st.integers(1, 12))), *components)
    kind = np.uint8 if precision <= 8 else np.uint16
    samples = st.integers(0, 2**precision - 1)
    frame = data.draw(arrays.arrays(kind, shape, elements=samples))

    decoded = decode(encode_frame(frame, precision))

    assert decoded.dtype == frame.dtype
    assert np.array_equal(decoded.reshape(shape), frame)


@pytest.mark.parametrize(
    "row",
    [
        [0, 0x8000, 0, 0x8000],  # the one difference of category 16
        [0xFFFF, 0, 0xFFFF, 0],  # wraps around
        [0, 0x7FFF, 0xFFFF, 0x8000],
    ],
)
def test_largest_differences_come_back(row: list[int]) -> None:
    frame = np.array([row, row[::-1]], dtype=np.uint16)

    assert np.array_equal(decode(encode_frame(frame, 16)), frame)


def test_whole_image_comes_back_smaller() -> None:
    noise = np.random.default_rng(3)
    ramp = np.add.outer(np.arange(300), np.arange(200)) * 8
    frame = ((ramp + noise.integers(0, 9, ramp.shape)) % 4096).astype(np.uint16)
    stream = encode_frame(frame, 12)

    assert np.array_equal(decode(stream), frame)
    assert len(stream) < frame.nbytes / 2


def test_stream_says_what_it_holds() -> None:
    stream = encode_frame(np.zeros((5, 7), dtype=np.uint16), 12)
    said = get_parameters(stream)

    assert (said["rows"], said["columns"], said["precision"]) == (5, 7, 12)
    assert stream[2:4] == b"\xff\xc3"  # SOF3: lossless with Huffman coding
    scan = stream.index(b"\xff\xda")
    assert stream[scan + 7] == 1  # the predictor: selection value 1


def test_no_marker_appears_within_the_scan() -> None:
    noise = np.random.default_rng(4).integers(0, 65536, (64, 64)).astype(np.uint16)
    stream = encode_frame(noise, 16)
    scan = stream[stream.index(b"\xff\xda") + 10 : -2]

    assert b"\xff" in scan
    assert all(scan[at + 1] == 0 for at, byte in enumerate(scan[:-1]) if byte == 0xFF)


def test_codes_stay_within_sixteen_bits_for_the_steepest_distribution() -> None:
    fibonacci = [1, 1]
    while len(fibonacci) < 17:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])

    lengths = _code_lengths(dict(enumerate(fibonacci)))

    assert max(lengths.values()) <= 16
    assert len(lengths) == 17
    assert sum(2.0**-each for each in lengths.values()) < 1  # one code stays unused


@pytest.mark.parametrize(
    ("frame", "precision", "why"),
    [
        (np.zeros((2, 2), np.uint8), 1, "holds no"),
        (np.zeros((2, 2), np.uint16), 17, "holds no"),
        (np.zeros((0, 2), np.uint8), 8, "holds no"),
        (np.full((2, 2), 4096, np.uint16), 12, "more than 12 bits"),
    ],
)
def test_what_jpeg_cannot_hold_is_refused(frame: np.ndarray, precision: int, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        encode_frame(frame, precision)
