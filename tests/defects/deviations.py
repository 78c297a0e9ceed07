"""Deviations by name: what each does, the clause, and for a defect the checks that find it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Deviation:
    """One way in which a system differs from the plain one; `system` is its class."""

    name: str
    says: str
    clause: str
    system: type[Any]
    scenario: str = ""
    caught_by: frozenset[str] = frozenset()


Registry = dict[str, Deviation]


def add(
    registry: Registry, clause: str, *caught_by: str, scenario: str = ""
) -> Callable[[type[Any]], type[Any]]:
    """Register a subclass under its name in small letters with dashes."""

    def register(system: type[Any]) -> type[Any]:
        name = re.sub(r"(?<!^)([A-Z])", r"-\1", system.__name__).lower()
        if name in registry:
            raise ValueError(f"{name} is registered twice")
        says = (system.__doc__ or "").strip()
        registry[name] = Deviation(name, says, clause, system, scenario, frozenset(caught_by))
        return system

    return register


def unproven(prefixes: tuple[str, ...], registries: list[Registry]) -> set[str]:
    """Registered checks with one of these prefixes that no defect is there for."""
    from dicomtest.checks import all_checks

    caught = {name for each in registries for one in each.values() for name in one.caught_by}
    registered = {each for each in all_checks() if each.startswith(prefixes)}
    unknown = {name for name in caught if name.startswith(prefixes)} - registered
    assert not unknown, f"no such checks: {sorted(unknown)}"
    return registered - caught
