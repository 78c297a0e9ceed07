"""What must hold between the parts of a site file, beyond the type of each value."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from dicomtest.errors import DicomtestError, Problem
from dicomtest.spec.base import ACTORS, Model, actor_of
from dicomtest.spec.profile import load_profile, profile_names
from dicomtest.spec.site import Simulator, SiteModel, System, Tls, simulator_profile
from dicomtest.spec.validate import Place
from dicomtest.spec.words import unknown


def with_defaults(model: SiteModel, path: Path) -> SiteModel:
    """Give each system the actor of its key, and its TLS files beside the site file."""
    systems = {}
    for key, system in model.systems.items():
        update: dict[str, Any] = {}
        if system.actor is None:
            update["actor"] = key
        if system.tls is not None:
            update["tls"] = _beside(system.tls, path)
        systems[key] = system.model_copy(update=update)
    return model.model_copy(update={"systems": systems})


def _beside(tls: Tls, path: Path) -> Tls:
    names = ("ca", "certificate", "key")
    files = {name: getattr(tls, name) for name in names}
    return tls.model_copy(
        update={name: str(path.parent / file) for name, file in files.items() if file}
    )


def rule_problems(
    place: Place, model: SiteModel, checks: Collection[str], steps: Collection[str]
) -> list[Problem]:
    """Everything that breaks a rule between parts."""
    extra = place.document.documents[1:]
    second = [Place(place.document, 1)] if extra else []
    return [
        *(each.problem("a second site in the same file", "use a file for each") for each in second),
        *_systems(place / "systems", model, steps),
        *_profiles(place / "simulators", model),
        *_clashes(place / "simulators", model),
        *_deviations(place / "deviations", model, checks),
    ]


def _systems(place: Place, model: SiteModel, steps: Collection[str]) -> Iterator[Problem]:
    for key, system in model.systems.items():
        here = place / key
        try:
            actor_of(str(system.actor))
        except ValueError:
            what, fix = unknown("actor", key, ACTORS)
            fix = f"{fix}, or add   actor: ...   under {key}"
            yield here.problem(what, fix, key=True)
        for name in ("ca", "certificate", "key"):
            file = getattr(system.tls, name, None)
            if file and not Path(file).is_file():
                what = f"there is no file {file}"
                yield (here / "tls" / name).problem(what, "give its path relative to the site file")
        yield from _kinds(here / "serves", system.serves, steps)
        if system.claims is not None:
            yield from _kinds(here / "claims" / "services", system.claims.services, steps)


def _kinds(
    place: Place, written: tuple[str, ...] | None, steps: Collection[str]
) -> Iterator[Problem]:
    """Kinds of steps that do not exist."""
    for number, kind in enumerate(written or ()):
        if steps and kind not in steps:
            yield (place / number).problem(*unknown("kind of step", kind, steps))


def _profiles(place: Place, model: SiteModel) -> Iterator[Problem]:
    for actor, simulator in model.simulators.items():
        here = place / actor
        if simulator.profile is None:
            continue
        if simulator.profile not in profile_names():
            known = [each for each in profile_names() if _plays(each, actor)]
            what, fix = unknown("device profile", simulator.profile, known or profile_names())
            yield (here / "profile").problem(what, fix)
        elif not _plays(simulator.profile, actor):
            what = (
                f"{simulator.profile} is the profile of a {load_profile(simulator.profile).actor}"
            )
            fits = [each for each in profile_names() if _plays(each, actor)]
            yield (here / "profile").problem(what, f"for {actor}, write {' or '.join(fits)}")


def _plays(profile: str, actor: str) -> bool:
    return load_profile(profile).actor == actor_of(actor)


def _clashes(place: Place, model: SiteModel) -> Iterator[Problem]:
    """Simulators that cannot exist together, or beside a real system."""
    ports: dict[int, str] = {}
    titles: dict[str, str] = {}
    for actor, simulator in _effective(model).items():
        here = place / actor
        if simulator.port is not None:
            other = ports.setdefault(simulator.port, actor)
            taken = _local_system(model, simulator.port)
            if other != actor or taken:
                yield _same_port(here, simulator.port, taken or f"the {other} simulator")
        if simulator.ae_title is not None:
            other = titles.setdefault(simulator.ae_title, actor)
            real = [
                key for key, each in model.systems.items() if each.ae_title == simulator.ae_title
            ]
            if other != actor or real:
                whose = f"the system {real[0]}" if real else f"the {other} simulator"
                yield _same_title(here, simulator.ae_title, whose)


def _effective(model: SiteModel) -> dict[str, Simulator]:
    """The simulators that may run in this site, with the AE title and port they will have.

    First those of which the site says something: a clash is reported where it is written.
    """
    played = {each.actor for each in model.systems.values() if each.serves is None}
    silent = [each for each in ACTORS if each not in model.simulators and each not in played]
    found: dict[str, Simulator] = {}
    for actor in [*silent, *model.simulators]:
        own = model.simulators.get(actor, Simulator())
        defaults: Model | None
        try:
            defaults = simulator_profile(actor, own) if actor in ACTORS else None
        except DicomtestError:
            defaults = None  # reported as an unknown profile, or an actor without simulator yet
        found[actor] = Simulator(
            ae_title=own.ae_title or getattr(defaults, "ae_title", None),
            port=own.port or getattr(defaults, "port", None),
        )
    return found


def _local_system(model: SiteModel, port: int) -> str | None:
    """The real system of this machine that listens on a port, in words."""
    for key, system in model.systems.items():
        if system.port == port and _is_here(system):
            return f"the system {key}"
    return None


def _is_here(system: System) -> bool:
    return (
        system.host.lower() == "localhost"
        or system.host.startswith("127.")
        or (system.host == "::1")
    )


def _same_port(here: Place, port: int, whose: str) -> Problem:
    written = here / "port"
    at = written if written.value is not None else here
    what = f"port {port} is also the port of {whose}"
    return at.problem(what, "give the simulator a port of its own", key=at is here)


def _same_title(here: Place, title: str, whose: str) -> Problem:
    written = here / "ae_title"
    at = written if written.value is not None else here
    what = f"AE title {title} is also the title of {whose}; a system could not tell them apart"
    return at.problem(what, "give the simulator an AE title of its own", key=at is here)


def _deviations(place: Place, model: SiteModel, checks: Collection[str]) -> Iterator[Problem]:
    known = dict.fromkeys([*model.systems, *(each.actor for each in model.systems.values())])
    for number, deviation in enumerate(model.deviations):
        here = place / number
        if checks and deviation.check not in checks:
            yield (here / "check").problem(*unknown("check", deviation.check, checks))
        if deviation.system is not None and deviation.system not in known:
            names = [str(each) for each in known]
            yield (here / "system").problem(*unknown("system", deviation.system, names))
