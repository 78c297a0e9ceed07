"""Our simulators, served to clients that are not ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from dicomtest import dimse
from dicomtest.actors import Simulator, simulator_class
from dicomtest.actors.simulator import Setting
from dicomtest.dicom.orders import Wish, plan_order
from dicomtest.dicom.patients import patient
from dicomtest.dicom.uids import UidFactory
from dicomtest.evidence import Player
from dicomtest.spec.profile import load_profile
from dicomtest.studies import subject_of


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Callable[..., Simulator]]:
    """Start one of our simulators; it calls whom `known` names (AE title -> port), even later."""
    with ExitStack() as stack:

        def start(actor: str, known: dict[str, int] | None = None, **quirks: Any) -> Simulator:
            title = f"OUR{actor.upper()}"
            profile = load_profile(actor)
            peers = known if known is not None else {}
            setting = Setting(
                player=Player(actor, True, title, "127.0.0.1", None),
                profile=profile.model_copy(update={"quirks": {**profile.quirks, **quirks}}),
                recorder=dimse.Recorder(),
                spool=tmp_path / title,
                limits=dimse.Limits(connect=3, association=5, response=10),
                directory=lambda name: (
                    dimse.Remote(name, "127.0.0.1", peers[name]) if name in peers else None
                ),
            )
            return stack.enter_context(simulator_class(actor)(setting))

        yield start


def order(number: int, procedure: str, *, script: str = "latin", **wish: Any) -> list[Any]:
    """The worklist items of an order for station AE1, today at noon unless said otherwise."""
    wanted = {"station_ae_title": "AE1", "start_date": "20261123", "start_time": "120000", **wish}
    subject = subject_of(patient(20261123, number, script, prefix="PEER"))
    uids = UidFactory("independent clients")
    return plan_order(subject, uids, number, Wish((procedure,), **wanted)).items()


@pytest.fixture
def place() -> Callable[..., list[Any]]:
    """Make the worklist items of an order."""
    return order
