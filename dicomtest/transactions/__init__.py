"""The registry of transactions: one module per step kind.

A module defines the YAML parameters of the step (a pydantic model) and a function that carries
it out and fills the step's evidence:

    @transaction("verify", parameters=VerifyParameters)
    def carry_out(stage, parameters, step): ...

Modules are discovered; a duplicate kind is refused. What a transaction puts into
`StepEvidence.facts` is documented in its module docstring, because checks read it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from dicomtest.spec.steps import AnyStepParameters

if TYPE_CHECKING:
    from dicomtest.evidence import StepEvidence
    from dicomtest.stage import Stage

CarryOut = Callable[["Stage", Any, "StepEvidence"], None]
Describe = Callable[[Any], str]


@dataclass(frozen=True)
class Transaction:
    """One step kind: its parameters, how it is carried out, and what it does in words."""

    kind: str
    parameters: type[AnyStepParameters]
    carry_out: CarryOut
    describe: Describe


_registry: dict[str, Transaction] = {}


def transaction(
    kind: str, *, parameters: type[AnyStepParameters], describe: Describe
) -> Callable[[CarryOut], CarryOut]:
    """Register the function that carries out a step kind; raises ValueError if it is taken."""

    def register(function: CarryOut) -> CarryOut:
        if kind in _registry:
            raise ValueError(f"a transaction named {kind} is already registered")
        _registry[kind] = Transaction(kind, parameters, function, _with_faults(describe))
        return function

    return register


def _with_faults(describe: Describe) -> Describe:
    """Say as well what the other side is to do wrong."""

    def described(parameters: Any) -> str:
        faults = getattr(parameters, "faults", None)
        words = describe(parameters)
        return f"{words}; {parameters.to} {faults.in_words}" if faults else words

    return described


@cache
def all_transactions() -> dict[str, Transaction]:
    """Every transaction by kind. Importing them is cheap: networking is imported when used."""
    for module in sorted(each.name for each in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
    return dict(_registry)


def step_models() -> dict[str, type[AnyStepParameters]]:
    """The parameter model of every step kind, for the scenario loader and the JSON Schema."""
    return {kind: each.parameters for kind, each in all_transactions().items()}
