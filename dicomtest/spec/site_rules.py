"""What must hold between the parts of a site file, beyond the type of each value."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from dicomtest.errors import DicomtestError, Problem
from dicomtest.spec.base import ACTORS, Model, actor_of, is_actor
from dicomtest.spec.profile import load_profile, profile_names
from dicomtest.spec.site import Deviation, Simulator, SiteModel, System, Tls, simulator_profile
from dicomtest.spec.validate import Place, validate
from dicomtest.spec.words import unknown

Part = TypeVar("Part", bound=Model)


def with_defaults(model: SiteModel, path: Path) -> SiteModel:
    """Give each system the actor of its key, and its files beside the site file."""
    systems = {}
    for key, system in model.systems.items():
        update: dict[str, Any] = {}
        if not system.actor:
            update["actor"] = key
        if system.tls is not None:
            update["tls"] = _beside(system.tls, path)
        if system.orders is not None:
            files = {name: getattr(system.orders, name) for name in ("known", "folder")}
            given = {name: str(path.parent / file) for name, file in files.items() if file}
            update["orders"] = system.orders.model_copy(update=given)
        systems[key] = system.model_copy(update=update)
    wishes = tuple(
        str(path.parent / each) if each.endswith((".yaml", ".yml")) else each
        for each in model.requirements
    )
    return model.model_copy(update={"systems": systems, "requirements": wishes})


def _beside(tls: Tls, path: Path) -> Tls:
    names = ("ca", "certificate", "key")
    files = {name: getattr(tls, name) for name in names}
    return tls.model_copy(
        update={name: str(path.parent / file) for name, file in files.items() if file}
    )


def sound_parts(place: Place) -> SiteModel:
    """What can be used of a site file that has problems, so that rules find the others."""
    return SiteModel.model_construct(
        systems=_sound(place / "systems", System),
        simulators={
            key: each
            for key, each in _sound(place / "simulators", Simulator).items()
            if is_actor(key)
        },
        deviations=tuple(_sound(place / "deviations", Deviation).values()),
        requirements=(),
    )


def _sound(place: Place, model: type[Part]) -> dict[Any, Part]:
    value = place.value
    keys: Iterable[Any] = value if isinstance(value, dict) else ()
    if isinstance(value, list):
        keys = range(len(value))
    parts = {key: validate(model, place / key, []) for key in keys}
    return {key: part for key, part in parts.items() if part is not None}


def rule_problems(
    place: Place, model: SiteModel, checks: Collection[str], steps: Collection[str]
) -> list[Problem]:
    """Everything that breaks a rule between parts."""
    extra = place.document.documents[1:]
    second = [Place(place.document, 1)] if extra else []
    return [
        *(each.problem("a second site in the same file", "use a file for each") for each in second),
        *_actors(place / "systems"),
        *_systems(place / "systems", model, steps),
        *_profiles(place / "simulators", model),
        *_clashes(place / "simulators", model),
        *_usurpers(place / "systems", model),
        *_deviations(place / "deviations", model, checks),
    ]


def _actors(place: Place) -> Iterator[Problem]:
    """Systems whose key is no actor and that name none; broken ones are looked at too."""
    for key, written in place.value.items() if isinstance(place.value, dict) else ():
        if isinstance(written, dict) and "actor" in written:
            continue
        if not is_actor(key):
            what, fix = unknown("actor", key, ACTORS)
            fix = f"{fix}, or add   actor: ...   under {key}"
            yield (place / key).problem(what, fix, key=True)


def _systems(place: Place, model: SiteModel, steps: Collection[str]) -> Iterator[Problem]:
    for key, system in model.systems.items():
        here = place / key
        for name in ("ca", "certificate", "key"):
            file = getattr(system.tls, name, None)
            if file and not Path(file).is_file():
                what = f"there is no file {file}"
                yield (here / "tls" / name).problem(what, "give its path relative to the site file")
        known = system.orders.known if system.orders else None
        if known and not Path(known).is_file():
            fix = "give its path relative to the site file"
            yield (here / "orders" / "known").problem(f"there is no file {known}", fix)
        folder = system.orders.folder if system.orders else None
        if folder and not Path(folder).is_dir():
            fix = "give the path of the folder that the worklist reads"
            yield (here / "orders" / "folder").problem(f"there is no folder {folder}", fix)
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
        if not _plays(simulator.profile, actor):
            what = (
                f"{simulator.profile} is the profile of a {load_profile(simulator.profile).actor}"
            )
            fits = [each for each in profile_names() if _plays(each, actor)]
            yield (here / "profile").problem(what, f"for {actor}, write {' or '.join(fits)}")


def _plays(profile: str, actor: str) -> bool:
    return load_profile(profile).actor == actor_of(actor)


def _clashes(place: Place, model: SiteModel) -> Iterator[Problem]:
    """Simulators that cannot exist together."""
    ports: dict[int, str] = {}
    titles: dict[str, str] = {}
    for actor, simulator in _effective(model).items():
        here = place / actor
        if simulator.port is not None:
            other = ports.setdefault(simulator.port, actor)
            if other != actor:
                what = f"port {simulator.port} is also the port of the {other} simulator"
                yield _clash(here, "port", what)
        if simulator.ae_title is not None:
            other = titles.setdefault(simulator.ae_title, actor)
            if other != actor:
                what = f"AE title {simulator.ae_title} is also the title of the {other} simulator"
                yield _clash(here, "ae_title", what)


def _clash(here: Place, name: str, what: str) -> Problem:
    """At the value where it is written, else at the simulator that has it by default."""
    written = (here / name).value is not None
    fix = f"give the {here.path[-1]} simulator {name.replace('_', ' ')} of its own"
    return (here / name).problem(what, fix) if written else here.problem(what, fix, key=True)


def _usurpers(place: Place, model: SiteModel) -> Iterator[Problem]:
    """Simulators with the AE title of a real system, or the port of one on this machine."""
    for actor, simulator in _effective(model).items():
        for key, system in model.systems.items():
            if system.ae_title == simulator.ae_title:
                what = f"the {actor} simulator has this AE title too; nobody could tell them apart"
                fix = f"write   simulators: {{{actor}: {{ae_title: ...}}}}   with another title"
                yield (place / key / "ae_title").problem(what, fix)
            if system.port == simulator.port and _is_here(system):
                what = f"the {actor} simulator listens on this port of this machine too"
                fix = f"write   simulators: {{{actor}: {{port: ...}}}}   with another port"
                yield (place / key / "port").problem(what, fix)


def _effective(model: SiteModel) -> dict[str, Simulator]:
    """The simulators that may run in this site, with the AE title and port they will have.

    First those of which the site says something: a clash is reported where it is written.
    """
    played = {each.actor for each in model.systems.values() if each.serves is None}
    silent = [each for each in ACTORS if each not in model.simulators and each not in played]
    found: dict[str, Simulator] = {}
    for actor in [*silent, *model.simulators]:
        own = model.simulators.get(actor, Simulator())
        if own.profile is not None and not _plays(own.profile, actor):
            own = own.model_copy(update={"profile": None})  # reported as such
        defaults: Model | None
        try:
            defaults = simulator_profile(actor, own) if actor in ACTORS else None
        except DicomtestError:
            defaults = None  # an actor that is not simulated yet
        found[actor] = Simulator(
            ae_title=own.ae_title or getattr(defaults, "ae_title", None),
            port=own.port or getattr(defaults, "port", None),
        )
    return found


def _is_here(system: System) -> bool:
    return (
        system.host.lower() == "localhost"
        or system.host.startswith("127.")
        or (system.host == "::1")
    )


def _deviations(place: Place, model: SiteModel, checks: Collection[str]) -> Iterator[Problem]:
    known = dict.fromkeys([*model.systems, *(each.actor for each in model.systems.values())])
    for number, deviation in enumerate(model.deviations):
        here = place / number
        if checks and deviation.check not in checks:
            yield (here / "check").problem(*unknown("check", deviation.check, checks))
        if deviation.system is not None and deviation.system not in known:
            yield (here / "system").problem(*unknown("system", deviation.system, known))
