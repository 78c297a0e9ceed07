"""Services that have really become slower or faster, as far as two runs can tell.

The seconds of each exchange are compared step by step with the rank-sum test, the steps combined
as van Elteren does (strata weighted by the inverse of their size plus one). A change counts when
chance hardly explains it, when it is large enough to be felt, and when most steps agree: a busy
moment of the network slows some steps, a slower system slows them all. Where this computer was
slower itself, by the time that the tool spent, a change must be larger than that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import erfc, exp, log, sqrt
from statistics import median
from typing import Any

from dicomtest.reporting.comparison.places import StepKey, steps_by_key

CHANCE = 0.001  # of a change that is none, over all services together
LEAST = 8  # exchanges in each run
FACTOR = 1.5  # a smaller change is not told
FELT = 0.001  # seconds
AGREEING = 0.75  # of the exchanges, by the steps they belong to
MEASURED = 0.005  # seconds that the tool spent in a step, before they tell of the computer

Samples = tuple[Sequence[float], Sequence[float]]  # of the old run and of the new one


def time_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The services whose times changed: medians in seconds, ratio, p, number of exchanges."""
    before, after = steps_by_key(old), steps_by_key(new)
    groups = _groups(before, after)
    computer = computer_ratio(before, after)
    found = []
    for (system, service), strata in sorted(groups.items()):
        samples = list(strata.values())
        counts = [sum(len(each[side]) for each in samples) for side in (0, 1)]
        if min(counts) < LEAST:
            continue
        medians = [median([x for each in samples for x in each[side]]) for side in (0, 1)]
        ratio = typical_ratio(samples)
        chance = min(1.0, stratified_rank_sum(samples) * len(groups))
        own = ratio / max(1.0, computer) if ratio > 1 else min(1.0, computer) / ratio
        large = own >= FACTOR and abs(medians[1] - medians[0]) >= FELT
        if chance < CHANCE and large and agreement(samples, slower=ratio > 1) >= AGREEING:
            found.append(
                {
                    "system": system,
                    "service": service,
                    "counts": counts,
                    "old": round(medians[0], 6),
                    "new": round(medians[1], 6),
                    "ratio": round(ratio, 3),
                    "p": float(f"{chance:.2g}"),
                    "steps": len(samples),
                    "computer": round(computer, 3),
                }
            )
    return sorted(found, key=lambda each: -abs(log(float(str(each["ratio"])))))


def computer_ratio(
    before: Mapping[StepKey, Mapping[str, Any]], after: Mapping[StepKey, Mapping[str, Any]]
) -> float:
    """How much more time the tool itself needed for the same steps; 1 when too few tell."""
    ratios = []
    for key in before.keys() & after.keys():
        was, now = (
            float((each[key].get("timings") or {}).get("harness") or 0) for each in (before, after)
        )
        if min(was, now) >= MEASURED:
            ratios.append(now / was)
    return median(ratios) if len(ratios) >= LEAST else 1.0


def _groups(
    before: Mapping[StepKey, Mapping[str, Any]], after: Mapping[StepKey, Mapping[str, Any]]
) -> dict[tuple[str, str], dict[StepKey, Samples]]:
    """By system and service, the seconds of both runs in each step that both carried out."""
    groups: dict[tuple[str, str], dict[StepKey, Samples]] = defaultdict(dict)
    for key in sorted(before.keys() & after.keys()):
        was, now = _exchanges(before[key]), _exchanges(after[key])
        for service in was.keys() & now.keys():
            samples = tuple(
                [float(x) for x in each[service].get("samples") or () if x > 0]
                for each in (was, now)
            )
            if all(samples):
                system = str(after[key].get("scp", ""))
                groups[system, str(service)][key] = (samples[0], samples[1])
    return groups


def _exchanges(step: Mapping[str, Any]) -> Mapping[str, Any]:
    return (step.get("timings") or {}).get("exchanges") or {}


def typical_ratio(samples: Sequence[Samples]) -> float:
    """New to old: the geometric mean of the steps' median ratios, weighted by their exchanges."""
    weights = [min(len(old), len(new)) for old, new in samples]
    logs = [log(median(new) / median(old)) for old, new in samples]
    return exp(sum(w * x for w, x in zip(weights, logs, strict=True)) / sum(weights))


def agreement(samples: Sequence[Samples], *, slower: bool) -> float:
    """The share of the exchanges that lie in steps which changed in that direction."""
    weights = [min(len(old), len(new)) for old, new in samples]
    agreeing = [
        weight
        for weight, (old, new) in zip(weights, samples, strict=True)
        if (median(new) > median(old)) is slower
    ]
    return sum(agreeing) / sum(weights)


def stratified_rank_sum(samples: Sequence[Samples]) -> float:
    """Two-sided p of "no difference" (normal approximation, corrected for ties)."""
    shift = variance = 0.0
    for old, new in samples:
        size = len(old) + len(new)
        weight = 1 / (size + 1)
        ranks, ties = _ranks([*old, *new])
        expected = len(new) * (size + 1) / 2
        shift += weight * (sum(ranks[len(old) :]) - expected)
        spread = size + 1 - ties / (size * (size - 1))
        variance += weight**2 * len(old) * len(new) * spread / 12
    if variance <= 0:
        return 1.0
    return erfc(abs(shift) / sqrt(2 * variance))


def _ranks(values: Sequence[float]) -> tuple[list[float], int]:
    """Mid-ranks in the order of the values, and the sum of t³ - t over groups of ties."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    ties = start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for index in order[start:end]:
            ranks[index] = (start + end + 1) / 2
        equal = end - start
        ties += equal**3 - equal
        start = end
    return ranks, ties
