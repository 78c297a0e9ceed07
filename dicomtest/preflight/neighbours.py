"""Which simulators a real system has to know, and what for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dicomtest import console

if TYPE_CHECKING:
    from dicomtest.spec.site import Site, System

# actor of a real system -> simulated actors it deals with, and what they do, seen from it
_DEALS_WITH = {
    "pacs": {
        "modality": "calls you: C-ECHO, C-STORE, C-FIND, N-ACTION; you report to it (storage "
        "commitment)",
        "workstation": "calls you: C-FIND, C-MOVE, C-GET; you send to it (C-MOVE destination)",
    },
    "ris": {"modality": "calls you: C-ECHO, C-FIND (worklist), N-CREATE, N-SET (MPPS)"},
    "modality": {
        "pacs": "you call it: C-ECHO, C-STORE, N-ACTION; it reports to you (storage commitment)",
        "ris": "you call it: C-ECHO, C-FIND (worklist), N-CREATE, N-SET (MPPS)",
    },
    "workstation": {
        "pacs": "you call it: C-FIND, C-MOVE, C-GET; it sends to you",
        "modality": "calls you: C-ECHO, C-STORE",
    },
    "digitizer": {"pacs": "you call it: C-ECHO, C-STORE"},
}
_CALLED = ("you send", "you call", "you report")


@dataclass(frozen=True)
class Neighbour:
    """A simulator as a system's administrator registers it."""

    actor: str
    ae_title: str
    host: str
    port: int
    purpose: str

    @property
    def is_called(self) -> bool:
        """Whether the system opens connections to it."""
        return any(each in self.purpose for each in _CALLED)


def neighbours(site: Site, system: System) -> list[Neighbour]:
    """The simulators that take part when this system is tested."""
    played = {each.actor for each in site.systems.values() if each.serves is None}
    found = []
    for actor, purpose in _DEALS_WITH.get(system.actor, {}).items():
        if actor in played:
            continue
        own = site.simulator(actor)
        host = own.host or own_address(system.host)
        found.append(Neighbour(actor, str(own.ae_title), host, own.port or 0, purpose))
    return found


def own_address(host: str) -> str:
    """This machine's address as that host sees it; nothing is sent to find it out."""
    from dicomtest.casting import address_towards, is_loopback

    address = address_towards(host)
    if is_loopback(address) and not is_loopback(host):  # unknown host: take the default route
        address = address_towards("192.0.2.1")  # TEST-NET-1, RFC 5737: nobody
    return "(this machine)" if is_loopback(address) and not is_loopback(host) else address


def registration(site: Site) -> str:
    """The table for each system's administrator: what to register there."""
    parts = []
    for key, system in site.systems.items():
        listed = neighbours(site, system)
        if not listed:
            continue
        rows = [("AE title", "host", "port", "what it does")]
        rows += [(each.ae_title, each.host, str(each.port), each.purpose) for each in listed]
        if system.actor in ("pacs", "ris"):
            rows += [_second(site, each) for each in listed if each.actor == "modality"]
        where = f"{system.ae_title} ({key}, {system.host}:{system.port})"
        parts.append(f"Register in {where}:\n\n{console.table(rows, indent='    ')}\n")
        called = [str(each.port) for each in listed if each.is_called]
        if called:
            parts.append(
                f"It must be able to connect to this machine on TCP port {' and '.join(called)};\n"
                "allow that in the firewalls between, this machine's own included.\n"
            )
    return "\n".join(parts)


def _second(site: Site, modality: Neighbour) -> tuple[str, str, str, str]:
    """The row of the second modality, which few scenarios have."""
    own = site.simulator("modality-2")
    purpose = f"as {modality.ae_title}, in workflow-two-modalities"
    return str(own.ae_title), modality.host, str(own.port), purpose
