"""The times of a whole run, by system and service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from dicomtest.reporting.words import N_

SUB_OPERATION = N_("C-STORE sub-operation")


@dataclass
class Service:
    """All exchanges of one service with one system; times in seconds, `rate` in bytes a second."""

    system: str  # actor that provides it
    name: str
    count: int = 0
    answered: int = 0
    size: int = 0
    spent: float = 0.0  # of the exchanges that carry data
    slowest: float = 0.0
    samples: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float | None:
        """Half of the exchanges take no longer."""
        return median(self.samples) if self.samples else None

    @property
    def p95(self) -> float | None:
        """95 per cent of the exchanges take no longer."""
        if len(self.samples) < 2:
            return self.samples[0] if self.samples else None
        return quantiles(self.samples, n=20, method="inclusive")[18]

    @property
    def rate(self) -> float | None:
        """Bytes of data sets in a second of the time from request to response."""
        return self.size / self.spent if self.size and self.spent > 0 else None


def services(record: Mapping[str, Any]) -> list[Service]:
    """One entry for each system and service, from the samples that the record keeps."""
    found: dict[tuple[str, str], Service] = {}
    for step in record.get("steps") or ():
        exchanges = (step.get("timings") or {}).get("exchanges") or {}
        for name, figures in exchanges.items():
            system = str(step.get("scp") or "")
            if name == "C-STORE" and step.get("kind") in ("move", "get"):
                name = SUB_OPERATION  # how fast the receiver is, not the archive
            entry = found.setdefault((system, str(name)), Service(system, str(name)))
            _add(entry, figures)
    return sorted(found.values(), key=lambda each: (each.system, each.name))


def _add(entry: Service, figures: Mapping[str, Any]) -> None:
    samples = [each for each in figures.get("samples") or () if isinstance(each, (int, float))]
    answered = _whole(figures.get("answered"))
    entry.count += _whole(figures.get("count"))
    entry.answered += answered
    entry.samples += samples
    entry.slowest = max([entry.slowest, *samples, *_number(figures.get("max"))])
    size = _whole(figures.get("bytes"))
    if size and samples:  # a step keeps the first samples only: the others took as long
        entry.size += size
        entry.spent += sum(samples) * max(1.0, answered / len(samples))


def _whole(value: object) -> int:
    return int(value) if isinstance(value, (int, float)) else 0


def _number(value: object) -> list[float]:
    return [float(value)] if isinstance(value, (int, float)) else []
