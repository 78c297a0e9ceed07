"""The systems themselves: the sound one is sound, each defect and quirk does what it says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.defects.systems import DEFECTS, ArchiveSCP, Defect, Settings
from tests.defects.systems.probe import Client
from tests.defects.systems.walks import WALKS

SOUND: dict[Any, list[tuple[str, Any]]] = {}


def sound_walk(defect: Defect) -> list[tuple[str, Any]]:
    """The walk through a sound archive that has the settings of the defect."""
    key = (defect.service, tuple(defect.settings.items()))
    if key not in SOUND:
        settings = Settings(**defect.settings)
        with ArchiveSCP(settings=settings) as archive, Client(archive.port) as client:
            SOUND[key] = list(WALKS[defect.service](archive, client))
    return SOUND[key]


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_shows_on_the_wire(name: str) -> None:
    defect = DEFECTS[name]
    expected = sound_walk(defect)
    with ArchiveSCP(deviations=[defect]) as archive, Client(archive.port, 0.4) as client:
        walk = WALKS[defect.service](archive, client)
        differs = any(seen != wanted for seen, wanted in zip(walk, expected, strict=False))
    assert differs
