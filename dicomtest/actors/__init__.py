"""Simulator actors, one file each, built from DIMSE services and a device profile.

The module of an actor is named after it and holds a class of that name.
"""

from __future__ import annotations

import importlib

from dicomtest.actors.simulator import Simulator
from dicomtest.errors import SetupError


def simulator_class(actor: str) -> type[Simulator]:
    """The class that plays an actor; raises SetupError for one that cannot be simulated."""
    try:
        module = importlib.import_module(f"{__name__}.{actor}")
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{actor}":
            raise
        raise SetupError(
            f"the actor {actor} cannot be simulated yet; name a real system for it in the site file"
        ) from None
    found: type[Simulator] = getattr(module, actor.capitalize())
    return found


__all__ = ["Simulator", "simulator_class"]
