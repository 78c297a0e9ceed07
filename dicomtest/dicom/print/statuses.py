"""Which statuses belong to which operation of the Print Management Service Class (PS3.4 H.4)."""

from __future__ import annotations

from dicomtest.dicom.print.classes import (
    ANNOTATION_BOX,
    COLOR_IMAGE_BOX,
    FILM_BOX,
    FILM_SESSION,
    GRAYSCALE_IMAGE_BOX,
    PRESENTATION_LUT,
)

_SESSION = frozenset({0xB600})
_IMAGE = frozenset({0xB604, 0xB605, 0xB609, 0xB60A, 0xC603, 0xC605, 0xC613})
SPECIFIC: dict[tuple[str, str], frozenset[int]] = {
    ("N-CREATE", FILM_SESSION): _SESSION,
    ("N-SET", FILM_SESSION): _SESSION,
    ("N-ACTION", FILM_SESSION): frozenset(
        {0xB601, 0xB602, 0xB604, 0xB609, 0xB60A, 0xC600, 0xC601, 0xC603, 0xC613}
    ),
    ("N-CREATE", FILM_BOX): frozenset({0xB605, 0xC616}),
    ("N-SET", FILM_BOX): frozenset({0xB605, 0xC616}),
    ("N-ACTION", FILM_BOX): frozenset({0xB603, 0xB604, 0xB609, 0xB60A, 0xC602, 0xC603, 0xC613}),
    ("N-SET", GRAYSCALE_IMAGE_BOX): _IMAGE,
    ("N-SET", COLOR_IMAGE_BOX): _IMAGE,
    ("N-SET", ANNOTATION_BOX): frozenset(),
    ("N-CREATE", PRESENTATION_LUT): frozenset({0xB605}),
}
"""Statuses beside Success and the general ones (PS3.4 H.4.1 to H.4.9)."""

# PS3.7 10.1 and Annex C; the attribute list is no matter of N-ACTION and N-DELETE
_GENERAL = frozenset(
    {0x0000, 0x0110, 0x0112, 0x0117, 0x0118, 0x0119, 0x0122, 0x0124, 0x0210, 0x0211, 0x0212, 0x0213}
)
_ATTRIBUTES = frozenset({0x0001, 0x0105, 0x0106, 0x0107, 0x0116, 0x0120, 0x0121})
GENERAL: dict[str, frozenset[int]] = {
    "N-CREATE": _GENERAL | _ATTRIBUTES | {0x0111},
    "N-SET": _GENERAL | _ATTRIBUTES,
    "N-GET": _GENERAL | {0x0001, 0x0107, 0x0105},
    "N-ACTION": _GENERAL | {0x0106, 0x0114, 0x0115, 0x0123},
    "N-DELETE": _GENERAL,
}


def belongs(service: str, sop_class: str, status: int) -> bool:
    """Whether a status is defined for an operation."""
    specific = SPECIFIC.get((service, sop_class), frozenset())
    return status in specific or status in GENERAL.get(service, _GENERAL)
