"""Who plays each actor in this run: the site's real system, or a simulator.

An actor that a site names for some services only (`serves: [worklist]`) stays simulated for the
rest. Simulators listen on their profile's port when a real system must reach them, and on a port
of the operating system's choice when everything is simulated.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dicomtest import dimse
from dicomtest.actors import Simulator, simulator_class
from dicomtest.actors.silence import Silence
from dicomtest.actors.simulator import Setting
from dicomtest.evidence import Player
from dicomtest.spec.base import actor_of
from dicomtest.spec.site import simulator_profile

if TYPE_CHECKING:
    from dicomtest.spec.site import Site, System


class Casting:
    """The players of one run, and the listeners of the simulated ones."""

    def __init__(
        self,
        site: Site,
        recorder: dimse.Recorder,
        spool: Path,
        *,
        announce: Callable[[str], None] | None = None,
    ) -> None:
        """Cast nobody yet; `player` and `simulator` do it when an actor is first needed."""
        self.site = site
        self.recorder = recorder
        self.spool = spool
        self._announce = announce or (lambda _line: None)
        self.silence = Silence()
        self._simulators: dict[str, Simulator] = {}
        self._lock = threading.RLock()

    def system(self, actor: str, service: str | None = None) -> System | None:
        """The real system that plays an actor (for one step kind, where `serves` limits it)."""
        for system in self.site.systems.values():
            if system.actor == actor and (service is None or system.takes(service)):
                return system
        return None

    def is_real(self, actor: str, service: str | None = None) -> bool:
        """Whether a system under test plays the actor."""
        return self.system(actor, service) is not None

    def player(self, actor: str, service: str | None = None) -> Player:
        """Who plays the actor, as the evidence and the report name it."""
        system = self.system(actor, service)
        if system is not None:
            return self.player_of(system)
        return self.simulator(actor).setting.player

    def player_of(self, system: System) -> Player:
        """A real system as the player of its actor."""
        return Player(
            system.actor,
            False,
            system.ae_title,
            system.host,
            system.port,
            " ".join(each for each in (system.product, system.version) if each),
            next(key for key, each in self.site.systems.items() if each is system),
            system.claims.model_dump(exclude_none=True) if system.claims else {},
        )

    def remote(self, actor: str, service: str | None = None) -> dimse.Remote:
        """The address of whoever plays the actor; a simulator is started first."""
        system = self.system(actor, service)
        if system is not None:
            return remote_of(system)
        simulator = self.started(actor)
        return dimse.Remote(simulator.ae_title, "127.0.0.1", simulator.port)

    def simulator(self, actor: str) -> Simulator:
        """The simulator of an actor, not started."""
        with self._lock:
            if actor not in self._simulators:
                self._simulators[actor] = self._make(actor)
            return self._simulators[actor]

    def started(self, actor: str) -> Simulator:
        """The simulator of an actor, listening; raises SetupError when it cannot listen."""
        with self._lock:
            simulator = self.simulator(actor)
            if not simulator.listening:
                simulator.start()
            return simulator

    def limits(self) -> dimse.Limits:
        """The site's time limits."""
        return limits_of(self.site)

    def open(self, actors: Iterable[str]) -> None:
        """Start the simulators of these actors."""
        for actor in sorted(actors):
            if not self.is_real(actor):
                self.started(actor)

    def states(self) -> dict[str, Any]:
        """What the simulators keep that later steps need, by actor."""
        with self._lock:
            return {actor: each.state() for actor, each in self._simulators.items()}

    def restore(self, states: dict[str, Any]) -> None:
        """Give the simulators what they kept."""
        for actor, state in states.items():
            if state is not None:
                self.simulator(actor).restore(state)

    def close(self) -> None:
        """Stop every listener; safe to call twice."""
        with self._lock:
            for simulator in self._simulators.values():
                simulator.stop()
            self._simulators.clear()

    def known_titles(self) -> set[str]:
        """AE titles of the site's systems and of the simulators that play."""
        systems = {each.ae_title.strip() for each in self.site.systems.values()}
        return systems | {each.ae_title for each in list(self._simulators.values())}

    def directory(self, ae_title: str) -> dimse.Remote | None:
        """Where the AE of that title listens, among the site's systems and the simulators."""
        wanted = ae_title.strip()
        for system in self.site.systems.values():
            if system.ae_title == wanted:
                return remote_of(system)
        for simulator in list(self._simulators.values()):
            if simulator.ae_title == wanted and simulator.listening:
                return dimse.Remote(wanted, "127.0.0.1", simulator.port)
        return None

    def _make(self, actor: str) -> Simulator:
        settings = self.site.simulator(actor)
        own = self.site.simulators.get(actor)
        profile = simulator_profile(actor, settings)
        # the registered port only where there is somebody who has registered it
        port = settings.port if self.site.systems or (own and own.port) else None
        player = Player(
            actor,
            True,
            settings.ae_title or profile.ae_title,
            settings.host or self._own_address(),
            port,
            f"simulator, profile {profile.name}",
        )
        return simulator_class(actor_of(actor))(
            Setting(
                player=player,
                profile=profile,
                recorder=self.recorder,
                spool=self.spool / actor,
                limits=limits_of(self.site),
                directory=self.directory,
                bind=self._bind_address(),
                port=port or 0,
                announce=self._announce,
                silence=self.silence,
            )
        )

    def _bind_address(self) -> str:
        """Every interface when a real system is elsewhere, loopback otherwise."""
        if all(is_loopback(each.host) for each in self.site.systems.values() if each.host):
            return "127.0.0.1"
        return "0.0.0.0"  # systems on other machines must reach the simulators

    def _own_address(self) -> str:
        for system in self.site.systems.values():
            if system.host and not is_loopback(system.host):
                return address_towards(system.host)
        return "127.0.0.1"


def remote_of(system: System) -> dimse.Remote:
    """A site's system as somebody to associate with."""
    tls = None
    if system.tls is not None:
        tls = dimse.TlsSettings(
            ca=system.tls.ca,
            certificate=system.tls.certificate,
            key=system.tls.key,
            hostname=system.tls.hostname,
            verify=system.tls.verify,
        )
    return dimse.Remote(system.ae_title, system.host, system.port, tls)


def limits_of(site: Site) -> dimse.Limits:
    """The site's time limits as the DIMSE layer takes them."""
    return dimse.Limits(
        connect=site.limits.connect,
        association=site.limits.association,
        response=site.limits.response,
        operation=site.limits.step,
        release=min(dimse.Limits().release, site.limits.response),
    )


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's loopback."""
    if host.lower() in ("localhost", "localhost.localdomain"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address_towards(host: str) -> str:
    """This machine's address as seen towards a host; no packet is sent."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((host, 9))
        return str(probe.getsockname()[0])
    return "127.0.0.1"
