"""Every defect by name, from the modules that define them."""

from __future__ import annotations

from importlib import import_module

from .deviation import DEFECTS

__all__ = ["DEFECTS"]

for _module in (
    "association",
    "store",
    "find",
    "levels",
    "answers",
    "retrieve",
    "sub_operations",
):
    import_module(f"{__package__}.defects_{_module}")
