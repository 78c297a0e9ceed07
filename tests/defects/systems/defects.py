"""Every defect by name, from the modules that define them."""

from __future__ import annotations

from .deviation import DEFECTS

__all__ = ["DEFECTS"]
