"""Deviations by name: what each does, the clause, and for a defect the checks that find it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar


@dataclass(frozen=True)
class Deviation:
    """One way in which a printer or a print client differs from the plain one."""

    name: str
    says: str
    clause: str
    system: type[Any]
    caught_by: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()  # checks that rightly find it as well
    step: dict[str, Any] = field(default_factory=dict)  # parameters of the step that shows it
    conditions: tuple[dict[str, Any], ...] = ()  # what the printer was brought into


Registry = dict[str, Deviation]
System = TypeVar("System", bound=type[Any])


def name_of(system: type[Any]) -> str:
    """The name of a class in small letters with dashes."""
    return re.sub(r"(?<!^)([A-Z])", r"-\1", system.__name__).lower()


def add(
    registry: Registry,
    clause: str,
    *caught_by: str,
    also: tuple[str, ...] = (),
    conditions: tuple[dict[str, Any], ...] = (),
    **step: Any,
) -> Callable[[System], System]:
    """Register a subclass under its name."""

    def register(system: System) -> System:
        name = name_of(system)
        if name in registry:
            raise ValueError(f"{name} is registered twice")
        registry[name] = Deviation(
            name=name,
            says=(system.__doc__ or "").strip(),
            clause=clause,
            system=system,
            caught_by=frozenset(f"print.{each}" for each in caught_by),
            also=frozenset(f"print.{each}" for each in also),
            step=step,
            conditions=conditions,
        )
        return system

    return register


def tolerant(
    registry: Registry,
    base: type[Any],
    refusal: str,
    probe: str,
    says: str,
    clause: str,
    *caught_by: str,
    also: tuple[str, ...] = (),
    **step: Any,
) -> None:
    """Register a printer that does not refuse what a probe tries."""
    words = "".join(each.capitalize() for each in probe.split("-"))
    system = type(f"Takes{words}", (base,), {"__doc__": says, "tolerates": frozenset({refusal})})
    add(registry, clause, *caught_by, also=also, **step)(system)
