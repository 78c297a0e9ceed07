"""Our PACS simulator, empty or filled by DCMTK's storescu: nothing of ours is on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import support
from support.population import POPULATION

from dicomtest import dimse
from dicomtest.actors import Simulator, simulator_class
from dicomtest.actors.simulator import Setting
from dicomtest.evidence import Player
from dicomtest.spec.profile import load_profile

SUCCESS = 0x0000


class Served:
    """Our PACS simulator, and where it believes move destinations to be."""

    def __init__(self, folder: Path) -> None:
        self.destinations: dict[str, dimse.Remote] = {}
        profile = load_profile("pacs")
        self.simulator: Simulator = simulator_class("pacs")(
            Setting(
                player=Player("pacs", True, "OURPACS", "127.0.0.1", None),
                profile=profile,
                recorder=dimse.Recorder(),
                spool=folder,
                limits=dimse.Limits(connect=3, association=5, response=10),
                directory=self.destinations.get,
            )
        )

    @property
    def peer(self) -> tuple[tuple[str, int], str]:
        return ("127.0.0.1", self.simulator.port), "OURPACS"

    @property
    def call(self) -> list[str]:
        """DCMTK's arguments; they close the command line but for files."""
        return ["-aec", "OURPACS", "127.0.0.1", str(self.simulator.port)]

    def knows(self, *peers: support.Peer) -> None:
        for peer in peers:
            self.destinations[peer.ae_title] = dimse.Remote(peer.ae_title, peer.host, peer.port)


@pytest.fixture
def pacs(tmp_path: Path) -> Iterator[Served]:
    """Our PACS simulator, empty."""
    served = Served(tmp_path / "pacs")
    with served.simulator:
        yield served


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Our PACS simulator with the population in it, put there by storescu."""
    folder = tmp_path_factory.mktemp("filled")
    for study in POPULATION:
        study.sent.clear()
        study.write(folder)
    served = Served(folder / "pacs")
    with served.simulator:
        try:
            files = [path for study in POPULATION for path in study.sent]
            stored = support.run_dcmtk("storescu", *served.call, *files, folder=folder / "storescu")
        except support.Missing as missing:
            pytest.skip(str(missing))
        assert stored.statuses == [SUCCESS] * len(files), str(stored)
        yield served
