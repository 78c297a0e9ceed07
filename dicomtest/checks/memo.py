"""Work that several checks of one step share is done once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from dicomtest.evidence import StepEvidence

T = TypeVar("T")
KEPT = 2  # steps; the checks of one step run one after another


def once_per_step(function: Callable[[StepEvidence], T]) -> Callable[[StepEvidence], T]:
    """Remember the result for the latest steps, by identity: evidence does not change any more."""
    known: deque[tuple[StepEvidence, T]] = deque(maxlen=KEPT)

    @wraps(function)
    def remembered(step: StepEvidence) -> T:
        for before, result in known:
            if before is step:
                return result
        result = function(step)
        known.append((step, result))
        return result

    return remembered
