"""A manager of performed procedure steps that owes nothing to dicomtest, and its deviations."""

from .deviations import DEFECTS, QUIRKS
from .scp import MppsSCP

__all__ = ["DEFECTS", "QUIRKS", "MppsSCP"]
