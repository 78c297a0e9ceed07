"""What `dciodvfy` of dicom3tools says of an object, where it is installed on this machine.

It has tables of its own, compiled in, with conditions and enumerated values; it knows neither
the newest SOP classes nor every VR. Its findings are shown, and fail nobody.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from dicomtest.evidence import DataSetRef, StepEvidence

PROGRAM = "dciodvfy"
SECONDS = 20.0  # for one object
OF_EACH_CLASS = 3  # objects; a process for each takes its time
ERRORS = 20  # of each object that are kept

Stored = tuple[str, str, DataSetRef]
"""SOP class, SOP instance and the object."""


def installed() -> str | None:
    """Where the program is; None when it is not on the search path."""
    return shutil.which(PROGRAM)


def opinions(stored: Iterable[Stored]) -> dict[str, list[str]]:
    """Its errors by SOP Instance UID, of the first objects of each SOP class that lie in a file."""
    program = installed()
    if program is None:
        return {}
    counts: dict[str, int] = {}
    found: dict[str, list[str]] = {}
    for sop_class, instance, data in stored:
        if data.path is None or not data.offset or instance in found:
            continue
        counts[sop_class] = counts.get(sop_class, 0) + 1
        if counts[sop_class] <= OF_EACH_CLASS:
            errors = _errors(program, Path(data.path))
            if errors is not None:
                found[instance] = errors
    return found


def ask_another(step: StepEvidence) -> None:
    """Note in the facts of a store step what it says of the objects, if their sender is judged."""
    if step.kind != "store" or step.facts.get("fault") or installed() is None:
        return
    player = step.players.get(step.scu)
    if player is None or (
        player.simulated and not all(each.simulated for each in step.players.values())
    ):
        return
    step.facts["dciodvfy"] = opinions(
        (each.sop_class, each.sop_instance, each.data)
        for each in step.exchanges("C-STORE")
        if each.data is not None and each.ending not in ("not sent", "aborted")
    )


def _errors(program: str, path: Path) -> list[str] | None:
    """The errors it finds in a file; None when it gave up."""
    try:
        done = subprocess.run(
            [program, str(path)], capture_output=True, check=False, timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stderr.decode("utf-8", "replace").splitlines()
    if done.returncode < 0 or not lines:
        return None
    errors = [line.removeprefix("Error - ") for line in lines if line.startswith("Error - ")]
    return list(dict.fromkeys(errors))[:ERRORS]
