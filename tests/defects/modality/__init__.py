"""A modality that owes nothing to dicomtest, through one examination, and its defects."""

from .defects import DEFECTS, Defect
from .device import Device, Examination

__all__ = ["DEFECTS", "Defect", "Device", "Examination"]
