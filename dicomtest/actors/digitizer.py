"""The simulated film digitizer: takes an order from the worklist, stores what it scans, has it
committed."""

from __future__ import annotations

from dicomtest.actors.modality import Modality


class Digitizer(Modality):
    """Storage SCU of Secondary Capture images; otherwise it works as a modality does."""
