"""Whether the bytes of a data set have the VR encoding of their transfer syntax (PS3.5 A.1, A.2).

pydicom guesses and reads on where explicit and implicit VR are mistaken for each other; other
receivers do not.
"""

from __future__ import annotations

import struct
from dataclasses import replace

from pydicom.datadict import dictionary_VR
from pydicom.valuerep import VR

from dicomtest.evidence import (
    DEFLATED_LITTLE,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    DataSetRef,
)

_VRS = frozenset(str(each).encode() for each in VR if len(str(each)) == 2)


def mistaken_encoding(ref: DataSetRef) -> str:
    """What is wrong with the encoding of the first element, in words; empty when nothing is."""
    if ref.transfer_syntax == DEFLATED_LITTLE:
        return ""  # what is not deflated does not inflate
    head = ref.read(8)
    if len(head) < 8:
        return ""
    order = ">" if ref.transfer_syntax == EXPLICIT_BIG else "<"
    group, element = struct.unpack(f"{order}HH", head[:4])
    vr = head[4:6]
    if ref.transfer_syntax != IMPLICIT_LITTLE:
        if vr.isalpha() and vr.isupper():
            return ""
        return f"({group:04X},{element:04X}) has no explicit VR"
    if vr in _VRS and vr.decode() in _dictionary(group, element):
        return f"({group:04X},{element:04X}) has an explicit VR, {vr.decode()}"
    return ""


def as_encoded(ref: DataSetRef) -> DataSetRef:
    """The same bytes, named by the transfer syntax they are really in."""
    if not mistaken_encoding(ref):
        return ref
    other = EXPLICIT_LITTLE if ref.transfer_syntax == IMPLICIT_LITTLE else IMPLICIT_LITTLE
    return replace(ref, transfer_syntax=other)


def _dictionary(group: int, element: int) -> str:
    try:
        return dictionary_VR((group, element))
    except KeyError:
        return ""
