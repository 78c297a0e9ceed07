"""Evidence to JSON and back, so that a saved run can be judged again without the systems."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from dicomtest.evidence import DataSetRef, Exchange, Response, StepEvidence

LARGE = 32 * 1024  # bytes of a data set that the JSON still holds


@cache
def _adapter() -> TypeAdapter[StepEvidence]:
    return TypeAdapter(StepEvidence)


def write_step(step: StepEvidence, folder: Path) -> str:
    """Write a step's evidence below `folder`; give its path relative to it, with slashes.

    Large data sets that were kept in memory become files of their own, equal ones the same file.
    """
    for exchange in step.exchanges():
        _set_down(exchange, folder)
        for response in exchange.responses:
            _set_down(response, folder)
    name = f"evidence/{step.scenario}/{step.step}.json"
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_json(step, folder), encoding="utf-8")
    return name


def _set_down(owner: Exchange | Response, folder: Path) -> None:
    ref = owner.data
    if ref is None or ref.data is None or len(ref.data) <= LARGE:
        return
    digest = hashlib.sha256(ref.data).hexdigest()[:32]
    path = folder / "evidence" / "data-sets" / f"{digest}.bin"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(ref.data)
    owner.data = DataSetRef(ref.transfer_syntax, path=str(path))


def to_json(step: StepEvidence, folder: Path) -> str:
    """The evidence as JSON; paths of data sets below `folder` become relative to it."""
    value = _adapter().dump_python(step, mode="json", exclude={"story"}, exclude_defaults=True)
    _relocate(value, lambda path: _relative(path, folder))
    return json.dumps(value, separators=(",", ":"))


def read_step(path: Path, folder: Path) -> StepEvidence:
    """Read what `write_step` wrote; `folder` is the run's folder."""
    value = json.loads(path.read_text(encoding="utf-8"))
    _relocate(value, lambda name: str(folder / name))
    return _adapter().validate_json(json.dumps(value))


def _relative(path: str, folder: Path) -> str:
    try:
        return Path(path).resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return path


def _relocate(value: Any, change: Any) -> None:
    """Change the `path` of every data set reference, in place."""
    if isinstance(value, list):
        for each in value:
            _relocate(each, change)
    elif isinstance(value, dict):
        if "transfer_syntax" in value and isinstance(value.get("path"), str):
            value["path"] = change(value["path"])
        for each in value.values():
            _relocate(each, change)
