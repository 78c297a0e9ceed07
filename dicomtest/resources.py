"""Where the shipped data is: in a wheel under `dicomtest/_data`, in a checkout at its root."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def scenarios_dir() -> Path:
    """Folder of the shipped `*.dicomtest.yaml` scenarios."""
    return _folder("scenarios")


def simulators_dir() -> Path:
    """Folder of the device profiles of the simulators."""
    return _folder("simulators")


def reports_dir() -> Path:
    """Folder of the report's templates, style sheet and translations."""
    return _folder("reports")


def _folder(name: str) -> Path:
    data = _PACKAGE / "_data"
    return (data if data.is_dir() else _PACKAGE.parent) / name
