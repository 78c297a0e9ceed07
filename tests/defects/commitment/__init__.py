"""An archive that commits storage and owes nothing to dicomtest, and its deviations."""

from .deviations import DEFECTS, QUIRKS
from .scp import CommitmentSCP

__all__ = ["DEFECTS", "QUIRKS", "CommitmentSCP"]
