"""A worklist provider that owes nothing to dicomtest, its defects and its legal quirks."""

from .defects_answers import ANSWERS
from .defects_matching import MATCHING
from .quirks import COMBINED, QUIRKS
from .scp import WorklistSCP

DEFECTS = {**MATCHING, **ANSWERS}

__all__ = ["ANSWERS", "COMBINED", "DEFECTS", "MATCHING", "QUIRKS", "WorklistSCP"]
