"""The simulated modality: stores, asks, prints; answers C-ECHO."""

from __future__ import annotations

from dicomtest.actors.simulator import Simulator


class Modality(Simulator):
    """Storage SCU; as an SCP it only answers C-ECHO."""
