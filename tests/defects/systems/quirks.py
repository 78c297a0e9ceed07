"""Legal peculiarities of archives: on none of them may a check fail or warn.

Where two of them contradict each other they are two quirks, and both are right.
"""

from __future__ import annotations

import time
from typing import Any

from .commands import SUCCESS
from .deviation import QUIRKS, plain_quirk, quirk
from .settings import (
    NATIVE,
    PATIENT_ROOT_FIND,
    QUERY_RETRIEVE,
    STUDY_ROOT_FIND,
    STUDY_ROOT_GET,
    STUDY_ROOT_MOVE,
    VERIFICATION,
)

__all__ = ["QUIRKS"]

CT_AND_MR = ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4")
NAMES = "PS3.4 C.2.2.2.1.1"
ANSWERS = "PS3.4 C.4.1.1.3.2"
FIND_STATUS = "PS3.4 C.4.1.1.4"
MOVE = "PS3.4 C.4.2.3.1"
