"""The earlier run that a run is compared with (`--baseline`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

OPTION = "--dicom-baseline"


def read_baseline(config: pytest.Config) -> dict[str, Any] | None:
    """The record of the earlier run, if one is named; raises UsageError when there is none."""
    folder = config.getoption(OPTION)
    if not folder:
        return None
    from dicomtest.reporting.record import read_record

    return read_record(Path(folder))[0]


def wanted_seed(config: pytest.Config, baseline: dict[str, Any] | None) -> int | None:
    """The seed asked for, else that of the earlier run: the same patients and images again."""
    seed: int | None = config.getoption("--dicom-seed")
    if seed is not None or baseline is None:
        return seed
    earlier = (baseline.get("tool") or {}).get("seed")
    return earlier if isinstance(earlier, int) else None
