"""A RIS that takes orders by HL7 and owes nothing to dicomtest, and its deviations."""

from .filler import DEFECTS, QUIRKS, OrderFiller

__all__ = ["DEFECTS", "QUIRKS", "OrderFiller"]
