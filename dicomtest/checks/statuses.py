"""Classes of statuses, as the checks of several services need them (PS3.7 Annex C)."""

from __future__ import annotations

from dicomtest.findings import hex_status

# PS3.4 Table B.2-1 and PS3.7 9.1.1.1.9
STORE = {0x0000, 0xB000, 0xB006, 0xB007, 0x0117, 0x0122, 0x0124, 0x0210, 0x0211, 0x0212}

# PS3.4 Table C.4-1
FIND = {0x0000, 0xA700, 0xA900, 0xFE00, 0xFF00, 0xFF01, 0x0122}
# PS3.4 Tables C.4-2 and C.4-3
RETRIEVE = {0x0000, 0xB000, 0xA701, 0xA702, 0xA900, 0xFE00, 0xFF00}


def is_warning(status: int | None) -> bool:
    """Warning class: Bxxx, 0001, 0107, 0116."""
    return status is not None and (status >> 12 == 0xB or status in (0x0001, 0x0107, 0x0116))


def took(status: int | None) -> bool:
    """Success or Warning: the object was taken."""
    return status == 0 or is_warning(status)


def is_failure(status: int | None) -> bool:
    """Failure class: Axxx, Cxxx, 01xx and 02xx but for the two warnings among them."""
    if status is None or is_warning(status):
        return False
    return status >> 12 in (0xA, 0xC) or status >> 8 in (0x01, 0x02)


def is_store_status(status: int) -> bool:
    """Whether the Storage Service Class defines the status for C-STORE."""
    return status in STORE or status >> 8 in (0xA7, 0xA9) or status >> 12 == 0xC


def is_find_status(status: int) -> bool:
    """Whether the Query/Retrieve Service Class defines the status for C-FIND."""
    return status in FIND or status >> 12 == 0xC or status >> 8 in (0x01, 0x02)


def is_retrieve_status(status: int, service: str) -> bool:
    """Whether the Query/Retrieve Service Class defines the status for C-MOVE or C-GET."""
    if status in RETRIEVE or status >> 12 == 0xC or status >> 8 in (0x01, 0x02):
        return True
    return status == 0xA801 and service == "C-MOVE"


def said(status: int | None) -> str:
    """The status as printed in findings."""
    return hex_status(status)
