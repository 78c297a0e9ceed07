"""From a check and the evidence of its step to a verdict; no network, no surprises.

A check that raises anything of ours is `error`: a defect of this program never reads as a fault
of the system under test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from time import perf_counter
from typing import Any, Protocol

from dicomtest.checks import Check
from dicomtest.evidence import Player, StepEvidence
from dicomtest.findings import Blocked, Judgement, Level, NotApplicable, NotRun, Outcome, Side

MAX_FINDINGS = 20


class Deviation(Protocol):
    """What a site file says about a finding it accepts."""

    @property
    def check(self) -> str: ...
    @property
    def system(self) -> str | None: ...
    @property
    def scenario(self) -> str | None: ...
    @property
    def why(self) -> str: ...
    @property
    def accepted_by(self) -> str: ...
    @property
    def until(self) -> date: ...


@dataclass(frozen=True)
class Verdict:
    """The outcome of one check and the reasons for it."""

    outcome: Outcome
    findings: tuple[Judgement, ...] = ()
    examined: int = 0
    reason: str = ""


def verdict(check: Check, step: StepEvidence) -> Verdict:
    """Judge one step by one check."""
    if step.not_run:
        return Verdict(Outcome.NOT_RUN, reason=step.not_run)
    if step.not_applicable:
        return Verdict(Outcome.NOT_APPLICABLE, reason=step.not_applicable)
    try:
        judgements = list(check.function(step))
    except Blocked as why:
        return Verdict(Outcome.BLOCKED, reason=str(why))
    except NotRun as why:
        return Verdict(Outcome.NOT_RUN, reason=str(why))
    except NotApplicable as why:
        return Verdict(Outcome.NOT_APPLICABLE, reason=str(why))
    broken = tuple(each for each in judgements if not each.holds)
    notes = "; ".join(dict.fromkeys(each.note for each in judgements if each.note))
    if broken:
        outcome = Outcome.FAILED if check.level is Level.MUST else Outcome.WARNED
        return Verdict(outcome, broken, len(judgements), notes)
    if step.problem:
        return Verdict(Outcome.BLOCKED, reason=step.problem)
    if not judgements:
        return Verdict(Outcome.NOT_APPLICABLE, reason="this step gave it nothing to judge")
    return Verdict(Outcome.PASSED, (), len(judgements), notes)


def judged_player(check: Check, step: StepEvidence) -> Player | None:
    """Whom the check judges in this step."""
    actor = step.scu if check.judges is Side.SCU else step.scp
    return step.players.get(actor)


def result(
    check: Check,
    step: StepEvidence,
    deviations: Sequence[Deviation],
    *,
    evidence: str,
    today: date | None = None,
) -> dict[str, Any]:
    """Judge, apply accepted deviations, and give the entry of run.json (plain JSON values)."""
    started = perf_counter()
    try:
        found = verdict(check, step)
    except Exception as error:  # whatever it is, it is our defect and is reported as one
        found = Verdict(Outcome.ERROR, reason=f"{type(error).__name__}: {error}")
    player = judged_player(check, step)
    accepted = accepted_deviation(check.id, step, player, deviations, today or date.today())
    outcome = found.outcome
    if accepted is not None and outcome in (Outcome.FAILED, Outcome.WARNED):
        outcome = Outcome.ACCEPTED
    first = found.findings[0] if found.findings else Judgement(True)
    return {
        "check": check.id,
        "outcome": str(outcome),
        "level": str(check.level),
        "side": str(check.judges),
        "scenario": step.scenario,
        "step": step.step,
        "judges": player.actor if player else "",
        "system": system_name(player),
        "simulated": player.simulated if player else True,
        "cites": list(check.cites),
        "requirement": check.requirement,
        "expected": first.expected,
        "actual": first.actual,
        "where": first.where,
        "message": message(found),
        "findings": [
            {"expected": each.expected, "actual": each.actual, "where": each.where}
            for each in found.findings[:MAX_FINDINGS]
        ],
        "count": len(found.findings),
        "examined": found.examined,
        "reason": found.reason,
        "consequence": check.consequence,
        "fix": check.fix,
        "evidence": evidence,
        "deviation": _deviation_entry(accepted) if outcome is Outcome.ACCEPTED else None,
        "seconds": round(perf_counter() - started, 6),
    }


def accepted_deviation(
    check_id: str,
    step: StepEvidence,
    player: Player | None,
    deviations: Sequence[Deviation],
    today: date,
) -> Deviation | None:
    """The deviation that covers a finding and has not expired, if there is one."""
    if player is None:
        return None
    names = (None, player.actor, player.key, player.ae_title)
    for each in deviations:
        here = each.scenario in (None, step.scenario)
        if each.check == check_id and each.system in names and here and each.until >= today:
            return each
    return None


def system_name(player: Player | None) -> str:
    """A system as a person knows it."""
    if player is None:
        return ""
    return f"{player.name} ({player.ae_title})" if player.name else player.ae_title


def message(found: Verdict) -> str:
    """One paragraph: what was expected and what came, or why it was not judged."""
    if not found.findings:
        return found.reason
    first = found.findings[0]
    more = f" (and {len(found.findings) - 1} more)" if len(found.findings) > 1 else ""
    where = f", in {first.where}" if first.where else ""
    return f"expected {first.expected}, got {first.actual}{where}{more}"


def _deviation_entry(deviation: Deviation | None) -> dict[str, Any] | None:
    if deviation is None:
        return None
    return {
        "why": deviation.why,
        "accepted_by": deviation.accepted_by,
        "until": deviation.until.isoformat(),
    }


def player_entry(player: Player) -> dict[str, Any]:
    """A player as JSON."""
    return asdict(player)
