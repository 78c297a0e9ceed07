"""Going on with a run that was interrupted: what it had saved after its last finished step.

The folder of a run holds, besides the evidence, `session.json` (how it was started) and in
`state/` one file for each scenario: what its steps saved, and what the simulators keep. A finished
step is taken from its evidence and not played again. Steps that were put off, or for which
nobody was there, are not finished.
"""

from __future__ import annotations

import io
import json
import pickle
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dicomtest import __version__
from dicomtest.errors import UsageError
from dicomtest.evidence_json import read_step

if TYPE_CHECKING:
    from dicomtest.evidence import StepEvidence
    from dicomtest.stage import Run, Stage

SESSION = "session.json"
STATE = "state"
OF_STAGE = ("saved", "performed", "commitments", "today", "patients")
OF_RUN = ("stored", "coerced", "known_orders", "transactions")
OURS = ("dicomtest", "pydicom")
STANDARD = {
    "builtins": {"set", "frozenset", "complex", "bytearray", "slice", "object"},
    "datetime": {"date", "datetime", "time", "timedelta"},
    "collections": {"OrderedDict", "defaultdict"},
}


@dataclass(frozen=True)
class Begun:
    """How a run was started."""

    run: str
    seed: int
    site: str
    scenarios: tuple[str, ...]
    keyword: str = ""
    mark: str = ""
    started: float = 0.0


def write_begun(folder: Path, begun: Begun) -> None:
    """Note how the run is started; raises OSError."""
    entry = {"format": 1, "version": __version__, **asdict(begun)}
    _replace(folder / SESSION, json.dumps(entry, indent=1).encode())


def read_begun(folder: Path) -> Begun:
    """How the run in that folder was started; raises UsageError when nobody can know."""
    path = folder / SESSION
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
        made = Begun(
            run=str(entry["run"]),
            seed=int(entry["seed"]),
            site=str(entry["site"]),
            scenarios=tuple(map(str, entry["scenarios"])),
            keyword=str(entry.get("keyword", "")),
            mark=str(entry.get("mark", "")),
            started=float(entry.get("started", 0)),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder} is no run that can be resumed: {path}: {error}") from None
    if entry.get("version") != __version__:
        raise UsageError(
            f"the run in {folder} was begun by dicomtest {entry.get('version')}; "
            "resume it with that version, or begin a new one"
        )
    return made


class Keeper:
    """Keeps what the scenarios of a run know after each step, and gives it back."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read or written yet."""
        self._folder = folder / STATE
        self._evidence = folder
        self._number = 0

    def keep(self, stage: Stage) -> None:
        """Note what a scenario and the simulators know now; raises OSError."""
        self._number += 1
        run = stage.run
        state = {
            "number": self._number,
            "stage": {name: getattr(stage, name) for name in OF_STAGE},
            "uids": stage.uids.given,
            "run": {name: getattr(run, name) for name in OF_RUN},
            "simulators": run.casting.states(),
        }
        _replace(self._folder / f"{stage.scenario.id}.pickle", pickle.dumps(state))

    def restore_run(self, run: Run) -> None:
        """Give the run what it knew last; raises UsageError when the files cannot be read."""
        states = [_load(path) for path in sorted(self._folder.glob("*.pickle"))]
        if not states:
            return
        last = max(states, key=lambda each: int(each["number"]))
        self._number = int(last["number"])
        for name, value in last["run"].items():
            setattr(run, name, value)
        run.casting.restore(last["simulators"])

    def restore_stage(self, stage: Stage) -> None:
        """Give a scenario what it had saved, and the evidence of its finished steps."""
        path = self._folder / f"{stage.scenario.id}.pickle"
        if not path.is_file():
            return
        state = _load(path)
        for name, value in state["stage"].items():
            setattr(stage, name, value)
        stage.uids.given = int(state["uids"])
        for step in stage.scenario.steps:
            found = self._evidence / "evidence" / stage.scenario.id / f"{step.id}.json"
            if found.is_file():
                evidence = read_step(found, self._evidence)
                if is_finished(evidence):
                    stage.finished[step.index] = evidence


def is_finished(step: StepEvidence) -> bool:
    """Whether a step need not be played again: nothing was put off, somebody was there."""
    return not step.not_run


class _Unpickler(pickle.Unpickler):
    """Makes objects of this program, of pydicom and plain values, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Refuse everything that could do something."""
        if module.split(".")[0] in OURS and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type):
                return found
        elif name in STANDARD.get(module, ()):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} does not belong into a run")


def _load(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = _Unpickler(io.BytesIO(path.read_bytes())).load()
        return found
    except (OSError, pickle.UnpicklingError, EOFError, AttributeError, ImportError) as error:
        raise UsageError(f"the run cannot be resumed: {path}: {error}") from None


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
