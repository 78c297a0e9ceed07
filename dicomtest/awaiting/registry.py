"""What is awaited in each kind of step: one module of `kinds` for each, discovered."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dicomtest.awaiting.expectation import Expectation
    from dicomtest.evidence import Association, Exchange, StepEvidence
    from dicomtest.stage import Stage

Make = Callable[["Stage", Any, "StepEvidence"], "Expectation"]
Concerns = Callable[["Association", "Exchange"], bool]


@dataclass(frozen=True)
class Awaited:
    """How a kind of step is awaited; `concerns` tells its messages from those of other kinds."""

    kind: str
    make: Make
    concerns: Concerns


_registry: dict[str, Awaited] = {}


def awaits(kind: str, *, concerns: Concerns) -> Callable[[Make], Make]:
    """Register what is awaited in a kind of step; raises ValueError if there is one already."""

    def register(function: Make) -> Make:
        if kind in _registry:
            raise ValueError(f"what is awaited in {kind} is already registered")
        _registry[kind] = Awaited(kind, function, concerns)
        return function

    return register


@cache
def all_awaited() -> dict[str, Awaited]:
    """Every kind of step that can be awaited."""
    from dicomtest.awaiting import kinds

    for module in sorted(each.name for each in pkgutil.iter_modules(kinds.__path__)):
        importlib.import_module(f"{kinds.__name__}.{module}")
    return dict(_registry)
