"""The registry of checks.

A check is a generator function over the evidence of one step. Adding one is adding a function
to a module of this package:

    @check("store.instance-uid", judges=SCP, level=MUST, cites="PS3.7 9.1.1.1", steps="store")
    def the_response_names_the_instance(step):
        '''The C-STORE response carries the Affected SOP Instance UID of the request, if any.'''
        for exchange in step.exchanges("C-STORE"):
            yield judge(..., expected=..., actual=..., at=exchange)

The docstring is the requirement in words. Ids never move; a duplicate id is refused.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, Level, Side

MUST, SHOULD = Level.MUST, Level.SHOULD
SCU, SCP = Side.SCU, Side.SCP

CheckFunction = Callable[[StepEvidence], Iterable[Judgement]]


@dataclass(frozen=True)
class Check:
    """One requirement of the standard and the function that judges it."""

    id: str
    judges: Side
    level: Level
    cites: tuple[str, ...]
    steps: tuple[str, ...]  # step kinds it applies to; ("*",) for every kind
    requirement: str
    function: CheckFunction
    consequence: str = ""  # what it means for the clinic, in plain words
    fix: str = ""  # what usually helps, and who does it
    when: str = ""  # a step parameter that must be set (truthy) for the check to be collected


_registry: dict[str, Check] = {}


def check(
    id: str,
    *,
    judges: Side,
    level: Level,
    cites: str | tuple[str, ...],
    steps: str | tuple[str, ...],
    consequence: str = "",
    fix: str = "",
    when: str = "",
) -> Callable[[CheckFunction], CheckFunction]:
    """Register a check; raises ValueError for an id that is taken or a missing docstring."""

    def register(function: CheckFunction) -> CheckFunction:
        if id in _registry:
            raise ValueError(f"a check named {id} is already registered")
        requirement = inspect.cleandoc(function.__doc__ or "")
        if not requirement or not cites:
            raise ValueError(f"check {id} needs a docstring (the requirement) and a clause")
        _registry[id] = Check(
            id=id,
            judges=judges,
            level=level,
            cites=(cites,) if isinstance(cites, str) else cites,
            steps=(steps,) if isinstance(steps, str) else steps,
            requirement=" ".join(requirement.split()),
            function=function,
            consequence=consequence,
            fix=fix,
            when=when,
        )
        return function

    return register


def all_checks() -> dict[str, Check]:
    """Every check by id, in the order of modules and of functions in them."""
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
    return dict(_registry)


def checks_for(kind: str, parameters: dict[str, object]) -> Iterator[Check]:
    """The checks that judge a step of this kind with these parameters."""
    for each in all_checks().values():
        if each.steps != ("*",) and kind not in each.steps:
            continue
        if each.when and not _is_set(parameters.get(each.when)):
            continue
        if each.judges is Side.SCP and parameters.get("faults"):
            continue  # it goes wrong on purpose
        yield each


def _is_set(value: object) -> bool:
    """Whether a parameter was given; 0 is a value (`cancel_after: 0`)."""
    return value is not None and value is not False and value not in ("", (), [])
