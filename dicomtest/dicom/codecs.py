"""Pixel data in and out of transfer syntaxes."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.uid import UID


def encode(ds: Dataset, transfer_syntax: str) -> Dataset:
    """Give the data set with its pixel data as the transfer syntax wants it.

    Raises ValueError for a transfer syntax nothing here can write.
    """
    if UID(transfer_syntax).is_encapsulated and "PixelData" in ds:
        raise ValueError(f"cannot write {UID(transfer_syntax).name}")
    return ds
