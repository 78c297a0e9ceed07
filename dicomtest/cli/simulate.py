"""dicomtest simulate ACTOR: one simulated device on its own, until Ctrl-C."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dicomtest import console
from dicomtest.errors import SetupError, UsageError

if TYPE_CHECKING:
    from dicomtest import dimse
    from dicomtest.actors import Simulator
    from dicomtest.evidence import Association, Exchange
    from dicomtest.spec.site import Site

ACTORS = ("pacs", "modality", "workstation", "ris")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which device, and what differs from its profile."""
    parser.add_argument("actor", metavar="ACTOR", choices=ACTORS, help=", ".join(ACTORS))
    parser.add_argument("--site", metavar="FILE", help="take its settings from this site file")
    parser.add_argument("--profile", metavar="NAME", help="device profile: a name, or a file")
    parser.add_argument("--ae-title", metavar="TITLE", help="AE title")
    parser.add_argument("--port", type=int, metavar="N", help="port to listen on; 0: any free one")
    parser.add_argument(
        "--host",
        metavar="ADDRESS",
        default="127.0.0.1",
        help="address to listen on [127.0.0.1: only this machine]; 0.0.0.0: every interface",
    )
    parser.add_argument(
        "--destination",
        action="append",
        default=[],
        metavar="AE@HOST:PORT",
        help="where a PACS finds a C-MOVE destination; may be repeated",
    )
    parser.add_argument(
        "--orders",
        metavar="FILE",
        help="what a RIS schedules: a YAML list of worklist items; it may change at any time",
    )
    parser.add_argument(
        "--notify",
        action="append",
        default=[],
        metavar="AE@HOST:PORT",
        help="whom a RIS tells of performed procedure steps; may be repeated",
    )
    parser.add_argument(
        "--keep", metavar="DIR", help="keep what arrives in this folder (default: until the end)"
    )


def main(arguments: argparse.Namespace) -> int:
    """Listen and print one line for each event, until Ctrl-C; 0."""
    from dicomtest import dimse

    recorder = dimse.Recorder()
    with _folder(arguments.keep) as folder, _simulator(arguments, recorder, folder) as simulator:
        try:
            _schedule(arguments, simulator)
            console.write(
                f"{simulator.ae_title}, {simulator.profile.title.in_language('en')}, "
                f"listens on {arguments.host}:{simulator.port}. Ctrl-C ends it."
            )
            watch(recorder, console.write)
        except KeyboardInterrupt:  # the way to end it
            console.write("stopped")
    return 0


def _schedule(arguments: argparse.Namespace, simulator: Simulator) -> None:
    """Give a RIS its orders, and whom it notifies."""
    from dicomtest.actors.ris import Ris
    from dicomtest.cli.orders_file import OrdersFile, scheduled

    if not isinstance(simulator, Ris):
        if arguments.orders or arguments.notify:
            raise UsageError("--orders and --notify are for the simulated RIS")
        return
    if arguments.orders:
        file = OrdersFile(Path(arguments.orders), simulator.orders, console.write)
        simulator.refresh = file.sync
        console.write(f"{arguments.orders}: {scheduled(len(simulator.orders))}")
    for text in arguments.notify:
        simulator.mpps.watchers.append(remote_in(text, "--notify"))


@contextmanager
def _folder(keep: str | None) -> Iterator[Path]:
    """The folder of what arrives: the user's, or one that is removed at the end."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="dicomtest-simulate-") as folder:
            yield Path(folder)
        return
    path = Path(keep)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(f"{path} cannot be used: {error.strerror or error}") from None
    yield path


def _simulator(arguments: argparse.Namespace, recorder: dimse.Recorder, folder: Path) -> Simulator:
    from dicomtest.actors import simulator_class
    from dicomtest.actors.simulator import Setting
    from dicomtest.casting import limits_of
    from dicomtest.evidence import Player
    from dicomtest.session import read_site
    from dicomtest.spec.profile import load_profile

    site = read_site(Path(arguments.site) if arguments.site else None)
    own = site.simulator(arguments.actor)
    profile = load_profile(arguments.profile or own.profile or arguments.actor)
    if profile.actor != arguments.actor:
        raise UsageError(f"{profile.name} is the profile of a {profile.actor}")
    ae_title = own.ae_title if arguments.site else profile.ae_title
    port = own.port if arguments.site else profile.port
    if arguments.ae_title is not None:
        ae_title = checked_title(arguments.ae_title)
    if arguments.port is not None:
        port = arguments.port
    player = Player(arguments.actor, True, str(ae_title), arguments.host, port, profile.name)
    return simulator_class(arguments.actor)(
        Setting(
            player=player,
            profile=profile,
            recorder=recorder,
            spool=folder,
            limits=limits_of(site),
            directory=_directory(site, arguments.destination),
            bind=arguments.host,
            port=port or 0,
        )
    )


def checked_title(text: str) -> str:
    """An AE title from the command line; raises UsageError that says what is wrong."""
    from pydantic import TypeAdapter, ValidationError

    from dicomtest.spec.base import AETitle

    try:
        return str(TypeAdapter(AETitle).validate_python(text))
    except ValidationError as error:
        raise UsageError(error.errors()[0]["msg"]) from None


def _directory(site: Site, destinations: list[str]) -> Callable[[str], dimse.Remote | None]:
    """AE titles that a PACS can send to: those given, the site's, the other simulators here."""
    from dicomtest import dimse
    from dicomtest.casting import remote_of

    known: dict[str, dimse.Remote] = {}
    for actor in ACTORS:
        own = site.simulator(actor)
        title = str(own.ae_title)
        known[title] = dimse.Remote(title, "127.0.0.1", own.port or 0)
    known |= {system.ae_title: remote_of(system) for system in site.systems.values()}
    given = [remote_in(text, "--destination") for text in destinations]
    known |= {each.ae_title: each for each in given}
    return known.get


def remote_in(text: str, option: str) -> dimse.Remote:
    """The application entity that an option names; raises UsageError."""
    from dicomtest import dimse

    title, at, address = text.rpartition("@")
    host, colon, port = address.rpartition(":")
    if not (at and colon and host and port.isdigit() and 0 < int(port) < 65536):
        raise UsageError(f"{option} {text}: write AE@HOST:PORT, such as DEST@ct1:11112")
    return dimse.Remote(checked_title(title), host.strip("[]"), int(port))


@dataclass
class _Seen:
    """How much of an association has been told already."""

    association: Association
    answered: bool = False
    exchanges: int = 0


@dataclass
class Watcher:
    """Turns the evidence of a recorder into lines, each event once."""

    recorder: dimse.Recorder
    tell: Callable[[str], None]
    _open: list[_Seen] = field(default_factory=list)

    def look(self) -> None:
        """Tell what is new."""
        self._open += [_Seen(each) for each in self.recorder.take(live=True)]
        for seen in list(self._open):
            self._look_at(seen)

    def _look_at(self, seen: _Seen) -> None:
        association = seen.association
        if not seen.answered and association.answered:
            seen.answered = True
            self._say(association, _answered(association))
        while seen.exchanges < len(association.exchanges):
            exchange = association.exchanges[seen.exchanges]
            if exchange.final is None and not association.closed:
                return  # not over yet
            seen.exchanges += 1
            self._say(association, _exchanged(exchange))
        if association.closed:
            self._open.remove(seen)
            if association.outcome == "accepted":
                self._say(association, association.ended or "closed")
            elif not seen.answered:
                self._say(association, _answered(association))

    def _say(self, association: Association, text: str) -> None:
        from dicomtest.reporting.text import one_line

        peer = (
            association.requestor if association.seen_from == "acceptor" else association.acceptor
        )
        arrow = "<-" if association.seen_from == "acceptor" else "->"
        who = peer.ae_title or "?"
        clock = time.strftime("%H:%M:%S")
        self.tell(one_line(f"{clock} {association.id} {arrow} {who} {peer.address}: {text}"))


def watch(recorder: dimse.Recorder, tell: Callable[[str], None]) -> None:
    """Tell events until interrupted."""
    watcher = Watcher(recorder, tell)
    while True:
        recorder.wait_for(bool, 0.2)
        watcher.look()


def _answered(association: Association) -> str:
    if association.outcome == "accepted":
        taken = sum(each.result == 0 for each in association.contexts)
        many = f"{taken} of {len(association.contexts)} presentation contexts"
        return f"association to {association.called_ae_title} accepted, {many}"
    return f"association to {association.called_ae_title}: {association.outcome}, {association.why}"


def _exchanged(exchange: Exchange) -> str:
    from dicomtest import dimse
    from dicomtest.spec.names import keyword_of

    text = f"{exchange.service} {keyword_of(exchange.sop_class)}"
    if exchange.sop_instance:
        text += f" {exchange.sop_instance}"
    if exchange.pending:
        text += f", {len(exchange.pending)} pending responses"
    if exchange.status is None:
        return f"{text}: {exchange.ending} {exchange.why}"
    return f"{text}: {dimse.status_in_words(exchange.service, exchange.status)}"
