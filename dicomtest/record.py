"""The record of a run: `run.json`, from the evidence on disk and the verdicts of the checks.

The folder holds the whole truth about the run; nothing here needs a system or a socket.
"""

from __future__ import annotations

import json
import os
import platform
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import time
from typing import Any

from dicomtest import __version__
from dicomtest.character_sets import character_sets
from dicomtest.errors import SetupError
from dicomtest.evidence import StepEvidence
from dicomtest.evidence_json import read_step
from dicomtest.films import films
from dicomtest.findings import Outcome
from dicomtest.inventory import inventory
from dicomtest.observed import observed_facts
from dicomtest.timings import step_associations, step_messages, step_timings
from dicomtest.trace import entries

ACCEPTED, NOT_ACCEPTED, INCOMPLETE = "accepted", "not accepted", "incomplete"
INCOMPLETE_STATUS = 10


@dataclass
class RunRecord:
    """What is known of a run while it goes on; `write` turns it into `run.json`."""

    folder: Path
    run_id: str
    seed: int
    site: dict[str, Any]
    casting: dict[str, Any]
    scenarios: list[dict[str, Any]]
    real_systems: bool
    deviations: Sequence[Any] = ()
    command: str = ""
    selected: str = "all"
    started: float = field(default_factory=time)
    checks: list[dict[str, Any]] = field(default_factory=list)

    def write(
        self,
        *,
        interrupted: bool = False,
        exit_status: int = 0,
        additions: Callable[[dict[str, Any]], dict[str, Any]] = lambda _record: {},
    ) -> dict[str, Any]:
        """Write run.json and give it; raises SetupError when the folder cannot be written.

        `additions` gives further entries, made of the record itself.
        """
        record = self.build(interrupted=interrupted, exit_status=exit_status)
        record |= additions(record)
        text = json.dumps(
            record, indent=1
        )  # ASCII: a lone surrogate from the wire must not stop it
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / "run.json").write_text(text, encoding="utf-8")
        except OSError as error:
            raise SetupError(
                f"the record of the run could not be written to {self.folder}: {error}. "
                "Choose another folder with --output."
            ) from error
        return record

    def build(self, *, interrupted: bool, exit_status: int) -> dict[str, Any]:
        """The record as plain JSON values."""
        steps = list(read_evidence(self.folder))
        counts = count(self.checks)
        verdict, why = run_verdict(counts, interrupted=interrupted)
        return {
            "format": 1,
            "run": self.run_id,
            "verdict": verdict,
            "verdict_reason": why,
            "exit_status": exit_status,
            "interrupted": interrupted,
            "real_systems": self.real_systems,
            "started": self.started,
            "ended": time(),
            "site": self.site,
            "casting": self.casting,
            "tool": tool(self.seed, self.command),
            "counts": counts,
            "scenarios": [self._scenario(each) for each in self.scenarios],
            "steps": [step_entry(each) for each in steps],
            "checks": self.checks,
            "trace": entries(steps),
            "character_sets": character_sets(steps),
            "films": films(steps, self.folder),
            "observations": [each for step in steps for each in observations(step)],
            "deviations": self._deviations(),
            "left_behind": left_behind(steps),
            "not_run": not_run(self.checks),
            "selected": self.selected,
            "evidence": inventory(self.folder),
        }

    def _scenario(self, scenario: dict[str, Any]) -> dict[str, Any]:
        counts = count(each for each in self.checks if each["scenario"] == scenario["scenario"])
        return {**scenario, "verdict": scenario_verdict(counts), "counts": counts}

    def _deviations(self) -> list[dict[str, Any]]:
        used = {
            (each["check"], each["judges"])
            for each in self.checks
            if each["outcome"] == Outcome.ACCEPTED
        }
        return [
            {
                "check": each.check,
                "system": each.system,
                "scenario": each.scenario,
                "why": each.why,
                "accepted_by": each.accepted_by,
                "until": each.until.isoformat(),
                "expired": each.until < date.today(),
                "used": any(each.check == check for check, _system in used),
            }
            for each in self.deviations
        ]


def read_evidence(folder: Path) -> Iterable[StepEvidence]:
    """The evidence of every step in the folder, in the order in which they were played.

    Each is linked to the steps of its scenario that went before it.
    """
    steps = [read_step(path, folder) for path in folder.glob("evidence/*/*.json")]
    steps.sort(key=lambda each: (each.started, each.step))
    told: dict[str, list[StepEvidence]] = {}
    for step in steps:
        before = told.setdefault(step.scenario, [])
        step.story = list(before)
        before.append(step)
    return steps


def count(checks: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many checks there are of each outcome, all outcomes named."""
    found = Counter(each["outcome"] for each in checks)
    return {str(each): found.get(str(each), 0) for each in Outcome}


def run_verdict(counts: Mapping[str, int], *, interrupted: bool) -> tuple[str, str]:
    """The verdict of a run and the rule that gave it."""
    failed, errors = counts[Outcome.FAILED], counts[Outcome.ERROR]
    if failed:
        return NOT_ACCEPTED, _number(failed, "check failed", "checks failed")
    if errors:
        return INCOMPLETE, _number(
            errors, "check could not be judged by a defect of dicomtest",
            "checks could not be judged by a defect of dicomtest",
        )  # fmt: skip
    if interrupted:
        return INCOMPLETE, "the run was interrupted"
    blocked, absent = counts[Outcome.BLOCKED], counts[Outcome.NOT_RUN]
    if blocked or absent:
        told = [f"{number} {word}" for number, word in ((blocked, "blocked"), (absent, "not run"))
                if number]  # fmt: skip
        return INCOMPLETE, f"nothing failed, but {' and '.join(told)}"
    judged = counts[Outcome.PASSED] + counts[Outcome.WARNED] + counts[Outcome.ACCEPTED]
    if not judged:
        return INCOMPLETE, "nothing was judged"
    if counts[Outcome.ACCEPTED]:
        accepted = _number(counts[Outcome.ACCEPTED], "deviation", "deviations")
        return ACCEPTED, f"nothing failed; {accepted} accepted by the site"
    return ACCEPTED, "every check that applies passed"


def exit_status(counts: Mapping[str, int], given: int) -> int:
    """The exit status of the contract, from pytest's own and the verdicts.

    0 accepted, 1 not accepted, 10 incomplete; 2 (interrupted), 3, 4 and 5 stay as pytest gave.
    """
    if given not in (0, 1):
        return given
    if counts[Outcome.FAILED] or (given == 1 and not counts[Outcome.ERROR]):
        return 1
    if counts[Outcome.ERROR]:
        return 3
    verdict, _why = run_verdict(counts, interrupted=False)
    return 0 if verdict == ACCEPTED else INCOMPLETE_STATUS


def scenario_verdict(counts: Mapping[str, int]) -> str:
    """failed, incomplete or passed."""
    if counts[Outcome.FAILED]:
        return "failed"
    if counts[Outcome.BLOCKED] or counts[Outcome.NOT_RUN] or counts[Outcome.ERROR]:
        return "incomplete"
    judged = counts[Outcome.PASSED] + counts[Outcome.WARNED] + counts[Outcome.ACCEPTED]
    return "passed" if judged else "incomplete"


def step_entry(step: StepEvidence) -> dict[str, Any]:
    """What the report says of a step."""
    return {
        "scenario": step.scenario,
        "step": step.step,
        "kind": step.kind,
        "scu": step.scu,
        "scp": step.scp,
        "title": step.facts.get("title", ""),
        "started": step.started,
        "ended": step.ended,
        "seconds": round(step.ended - step.started, 6),
        "problem": step.problem,
        "not_run": step.not_run,
        "not_applicable": step.not_applicable,
        "evidence": f"evidence/{step.scenario}/{step.step}.json",
        "timings": step_timings(step),
        "messages": step_messages(step),
        "associations": step_associations(step),
        "observed": observed_facts(step),
    }


def observations(step: StepEvidence) -> list[dict[str, Any]]:
    """What was noted without being judged."""
    return [
        {
            "name": name,
            "scenario": step.scenario,
            "step": step.step,
            "system": step.scp,
            "value": value,
        }
        for name, value in sorted(step.facts.get("observed", {}).items())
    ]


def left_behind(steps: Sequence[StepEvidence]) -> list[dict[str, Any]]:
    """What now lies on real systems: every study of which an instance was taken."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for step in steps:
        player = step.players.get(step.scp)
        if step.kind != "store" or player is None or player.simulated:
            continue
        taken = {
            each.sop_instance
            for each in step.exchanges("C-STORE")
            if each.status is not None and (each.status == 0 or each.status >> 12 == 0xB)
        }
        for instance in step.instances:
            if instance.sop_instance not in taken:
                continue
            entry = found.setdefault(
                (step.scp, instance.study),
                {
                    "system": step.scp,
                    "patient_id": instance.patient_id,
                    "study": instance.study,
                    "uids": set(),
                    "scenario": step.scenario,
                },
            )
            entry["uids"].add(instance.sop_instance)
    return [
        {**{key: value for key, value in each.items() if key != "uids"},
         "instances": len(each["uids"])}
        for each in found.values()
    ]  # fmt: skip


def not_run(checks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Scenario steps that were not run or blocked, and why."""
    reasons: dict[tuple[str, str, str], None] = {}
    for each in checks:
        if each["outcome"] in (Outcome.NOT_RUN, Outcome.BLOCKED):
            reasons[each["scenario"], each["step"], each["reason"]] = None
    return [{"scenario": scenario, "step": step, "why": why} for scenario, step, why in reasons]


def tool(seed: int, command: str) -> dict[str, Any]:
    """The versions this run was made with."""
    return {
        "name": "dicomtest",
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "pydicom": _version("pydicom"),
        "pynetdicom": _version("pynetdicom"),
        "pytest": _version("pytest"),
        "dicom_edition": "DICOM 2025b (the dictionary of pynetdicom)",
        "seed": seed,
        "utc_offset": utc_offset(),
        "command": command or " ".join(Path(sys.argv[0]).name.split() + sys.argv[1:]),
        "host": platform.node(),
        "user": os.environ.get("USERNAME") or os.environ.get("USER") or "",
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def utc_offset() -> int:
    """Seconds by which this machine's clock is ahead of UTC."""
    offset = datetime.now().astimezone().utcoffset()
    return int(offset.total_seconds()) if offset else 0
