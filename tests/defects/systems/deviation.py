"""Named deviations of an archive, and the decorators that register them.

A deviation replaces methods ("hooks") of the archive by functions of

    def name(archive, inner, *arguments): ...

where `inner` is the method as it was; or settings; or both. The function's name, with hyphens
for underscores, is the deviation's name, and its docstring the sentence that describes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

Service = Literal["association", "verify", "store", "find", "move", "get"]
Level = Literal["must", "should"]
Hook = Callable[..., Any]


@dataclass(frozen=True)
class Deviation:
    """One way in which an archive differs from the plain one."""

    name: str
    says: str
    clause: str  # the clause broken, or the one that leaves the freedom
    service: Service
    settings: Mapping[str, Any] = field(default_factory=dict)
    hooks: Mapping[str, Hook] = field(default_factory=dict)


@dataclass(frozen=True)
class Quirk(Deviation):
    """A legal peculiarity: no check may fail or warn."""


@dataclass(frozen=True)
class Defect(Deviation):
    """A deviation from the standard that a check must find; which ones do is in caught.yaml."""

    level: Level = "must"


D = TypeVar("D", bound=Deviation)


class Registry(dict[str, D]):
    """Deviations by name; a name cannot be given twice."""

    def add(self, deviation: D) -> None:
        """Register one."""
        if deviation.name in self:
            raise ValueError(f"{deviation.name} is registered twice")
        self[deviation.name] = deviation


DEFECTS: Registry[Defect] = Registry()
QUIRKS: Registry[Quirk] = Registry()


def _described(function: Hook) -> tuple[str, str]:
    return function.__name__.replace("_", "-"), " ".join((function.__doc__ or "").split())


def defect(
    service: Service,
    clause: str,
    hook: str,
    *,
    level: Level = "must",
    settings: Mapping[str, Any] | None = None,
) -> Callable[[Hook], Hook]:
    """Register the decorated function, which takes the place of a method, as a defect."""

    def register(function: Hook) -> Hook:
        name, says = _described(function)
        hooks = {hook: function}
        DEFECTS.add(Defect(name, says, clause, service, settings or {}, hooks, level))
        return function

    return register


def quirk(service: Service, clause: str, hook: str, **settings: Any) -> Callable[[Hook], Hook]:
    """Register the decorated function, which takes the place of a method, as a quirk."""

    def register(function: Hook) -> Hook:
        name, says = _described(function)
        QUIRKS.add(Quirk(name, says, clause, service, settings, {hook: function}))
        return function

    return register


def plain_quirk(name: str, says: str, clause: str, service: Service, **settings: Any) -> None:
    """Register a quirk that is a matter of settings alone."""
    QUIRKS.add(Quirk(name, says, clause, service, settings))
