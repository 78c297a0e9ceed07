"""What the parameters of every step kind have in common.

A step kind's own parameters are a subclass in `dicomtest/transactions`. Besides its fields it
may say which names it saves and uses, and whether it can work at its place in the scenario.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field, model_validator

from dicomtest.spec.base import ACTORS, ActorName, Duration, Model, Text, TimeLimit, actor_of
from dicomtest.spec.faults import Faults
from dicomtest.spec.words import wrong

__all__ = [
    "ACTORS",
    "ActorName",
    "AnyStepParameters",
    "Duration",
    "StepParameters",
    "Text",
    "TimeLimit",
    "actor_of",
]


class AnyStepParameters(Model):
    """Base of the parameters of every step."""

    within: TimeLimit | None = Field(
        default=None, description="Time limit of the whole step, such as 60 s; default: the site's."
    )
    label: str = Field(
        default="", description="A few words that tell this step from others like it."
    )

    screen: dict[str, Text] = Field(
        default={},
        description="Questions about what a real system's screen shows, by name, to be answered "
        "by yes or no when somebody is there; the answers are noted, not judged.",
    )

    def actors(self) -> set[str]:
        """The actors that take part."""
        return set()

    def defines(self) -> list[str]:
        """Names that later steps can use (`save: NAME`)."""
        return []

    def uses(self) -> list[str]:
        """Names that an earlier step must have saved."""
        return []

    def order_problems(self, earlier: Sequence[tuple[str, AnyStepParameters]]) -> list[str]:
        """Why the step cannot work after these steps (kind, parameters); empty when it can."""
        del earlier
        return []


class StepParameters(AnyStepParameters):
    """Base of the parameters of a step between two actors."""

    from_: ActorName = Field(alias="from", description="The actor that asks (SCU).")
    to: ActorName = Field(description="The actor that answers (SCP).")
    faults: Faults | None = Field(
        default=None, description="What the actor that answers, if simulated, is to do wrong."
    )

    @model_validator(mode="after")
    def _between_two(self) -> StepParameters:
        if self.from_ == self.to:
            raise wrong(f"from and to are both {self.to}", "name two actors")
        return self

    def actors(self) -> set[str]:
        """The actors that take part."""
        return {self.from_, self.to}
