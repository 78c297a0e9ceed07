"""The files of evidence of a run, each with its SHA-256: what the sign-off vouches for."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any


def inventory(folder: Path) -> list[dict[str, Any]]:
    """Every file below `evidence`, by path: its size in bytes and the SHA-256 of its content."""
    found = (each for each in (folder / "evidence").rglob("*") if each.is_file())
    return [
        {"path": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size,
         "sha256": _digest(path)}
        for path in sorted(found)
        if not path.name.startswith(".")
    ]  # fmt: skip


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def altered(folder: Path, entries: list[dict[str, Any]]) -> list[str]:
    """Paths of these entries that are missing by now or have another content."""
    return [
        str(each["path"])
        for each in entries
        if not (folder / each["path"]).is_file() or _digest(folder / each["path"]) != each["sha256"]
    ]
