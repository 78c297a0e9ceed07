"""Hooks of our own, for progress."""

from __future__ import annotations

from typing import Any


def pytest_dicomtest_step(scenario: Any, step: Any) -> None:
    """Called before a step is carried out."""
