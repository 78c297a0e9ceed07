"""Explicit and implicit VR are told apart by the first element."""

from __future__ import annotations

import pytest

from dicomtest.dicom.vr_encoding import as_encoded, mistaken_encoding
from dicomtest.evidence import (
    DEFLATED_LITTLE,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    DataSetRef,
)

EXPLICIT = bytes.fromhex("08000500435306004953 4f5f49".replace(" ", ""))
IMPLICIT = bytes.fromhex("0800050006000000495 34f5f4952".replace(" ", ""))
BIG = bytes.fromhex("000800054353000649534f5f49")
PRIVATE = bytes.fromhex("09001000 4c4f0000 6c6f")  # implicit VR, a length that looks like LO


@pytest.mark.parametrize(
    ("data", "syntax", "words"),
    [
        (EXPLICIT, EXPLICIT_LITTLE, ""),
        (IMPLICIT, IMPLICIT_LITTLE, ""),
        (BIG, EXPLICIT_BIG, ""),
        (EXPLICIT, IMPLICIT_LITTLE, "(0008,0005) has an explicit VR, CS"),
        (IMPLICIT, EXPLICIT_LITTLE, "(0008,0005) has no explicit VR"),
        (PRIVATE, IMPLICIT_LITTLE, ""),
        (b"", EXPLICIT_LITTLE, ""),
        (b"\x4b\x4c", DEFLATED_LITTLE, ""),
    ],
)
def test_the_first_element_tells(data: bytes, syntax: str, words: str) -> None:
    assert mistaken_encoding(DataSetRef(syntax, data)) == words


def test_mistaken_data_sets_are_read_as_they_are() -> None:
    explicit = bytes.fromhex("08006000 43530200 4354")
    implicit = bytes.fromhex("08006000 02000000 4354")
    for data, said in ((explicit, IMPLICIT_LITTLE), (implicit, EXPLICIT_LITTLE)):
        assert as_encoded(DataSetRef(said, data)).dataset().Modality == "CT"
