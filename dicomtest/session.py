"""One run inside one pytest session (or one xdist worker): site, casting, stages, results."""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dicomtest.checks import all_checks
from dicomtest.errors import SetupError
from dicomtest.resume import SESSION, Keeper
from dicomtest.spec.scenario import Scenario
from dicomtest.spec.site import Site, System, default_site, load_site
from dicomtest.transactions import step_models

if TYPE_CHECKING:
    from dicomtest.evidence import Player
    from dicomtest.operator.people import People
    from dicomtest.spec.requirements import RequirementsModel
    from dicomtest.stage import Run, Stage


def new_run_id() -> str:
    """A name for a run that sorts by time and never comes twice."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


class RunSession:
    """What the plugin keeps for a session. Nothing is opened before `run` is first asked for."""

    def __init__(
        self,
        site_file: Path | None,
        folder: Path | None,
        seed: int | None,
        run_id: str = "",
        people: People | None = None,
        *,
        resumed: bool = False,
    ) -> None:
        """Read the site; raises SpecError with every problem of its file.

        `people` says who is there to act and to answer; `resumed`, that the folder holds a run
        that is to go on.
        """
        self.people = people
        self.resumed = resumed
        self.site: Site = read_site(site_file)
        self.requirements = wanted(self.site)
        self.run_id = run_id or new_run_id()
        chosen = seed if seed is not None else self.site.seed
        self.seed = chosen if chosen is not None else secrets.randbelow(2**31)
        self.folder = folder or Path("dicomtest-runs") / self.run_id
        self._keeper = Keeper(self.folder)
        self._run: Run | None = None
        self._stages: dict[str, Stage] = {}

    @property
    def real_actors(self) -> set[str]:
        """Actors that a system under test plays, at least for some service."""
        return {each.actor for each in self.site.systems.values() if each.actor}

    @property
    def can_be_resumed(self) -> bool:
        """Whether `--resume` could go on with this run."""
        return (self.folder / SESSION).is_file()

    @property
    def run(self) -> Run:
        """The run, made on first use; raises SetupError when its folder cannot be written."""
        if self._run is None:
            self._run = self._make_run()
        return self._run

    def _make_run(self) -> Run:
        from dicomtest.casting import Casting
        from dicomtest.dimse import Recorder
        from dicomtest.stage import Run

        spool = self.folder / "evidence" / "received"
        make_writable(spool)
        recorder = Recorder()
        run = Run(
            site=self.site,
            id=self.run_id,
            seed=self.seed,
            folder=self.folder,
            recorder=recorder,
            casting=Casting(self.site, recorder, spool),
        )
        if self.people is not None:
            from dicomtest.operator.people import desk_of

            run.desk = desk_of(self.people, self.site, self.folder)
        if self.resumed:
            self._keeper.restore_run(run)
        return run

    def stage(self, scenario: Scenario) -> Stage:
        """The stage of a scenario, one for the whole session."""
        from dicomtest.stage import Stage

        key = f"{scenario.path}::{scenario.id}"
        if key not in self._stages:
            self._stages[key] = Stage(self.run, scenario)
            if self.resumed:
                self._keeper.restore_stage(self._stages[key])
        return self._stages[key]

    def played(self, stage: Stage) -> None:
        """Keep what is needed to go on after this step, where a real system takes part."""
        if self.site.systems and len(stage.evidence) not in stage.finished:
            self._keeper.keep(stage)

    def open(self, scenarios: list[Scenario]) -> None:
        """Start the listeners these scenarios need, so that a taken port is told at once."""
        actors = {actor for each in scenarios for actor in each.actors()}
        self.run.casting.open(actors)

    def close(self) -> None:
        """Stop every listener."""
        if self._run is not None:
            for running in self._run.running:
                running.stop()
            self._run.desk.stop()
            self._run.casting.close()

    def casting_entry(self, actors: set[str]) -> dict[str, Any]:
        """Who plays whom, for the record: by actor, and `actor (key)` for its further systems."""
        if self._run is None:
            return {}
        entries: dict[str, Any] = {}
        for actor in sorted(actors):
            systems = self.site.systems_of(actor)
            if not systems:
                simulator = self._run.casting.simulator(actor)
                entries[actor] = _entry(simulator.setting.player, None, simulator.profile.name)
            for key, system in systems.items():
                name = f"{actor} ({key})" if actor in entries else actor
                entries[name] = _entry(self._run.casting.player_of(system), system)
        return entries

    def site_entry(self) -> dict[str, Any]:
        """The site, for the record."""
        return {
            "name": self.site.site,
            "file": str(self.site.path or ""),
            "language": self.site.language,
            "environment": self.site.environment,
            "reason": self.site.reason,
            "testers": list(self.site.testers),
        }


def _entry(player: Player, system: System | None, profile: str = "") -> dict[str, Any]:
    """A player as the record has it."""
    return {
        **asdict(player),
        "system": player.key,
        "product": system.product if system else "",
        "version": system.version if system else "",
        "maker": system.maker if system else "",
        "serial": system.serial if system else "",
        "serves": list(system.serves or ()) if system else [],
        "profile": profile,
    }


def read_site(path: Path | None) -> Site:
    """The site of that file, or one where everything is simulated; raises SpecError."""
    if path is None:
        return default_site()
    return load_site(path, checks=tuple(all_checks()), steps=tuple(step_models()))


def wanted(site: Site) -> list[RequirementsModel]:
    """The requirements that the site names, else the catalogue of each system under test.

    Raises SpecError and UsageError as `load_requirements` does.
    """
    from dicomtest.spec.requirements import catalogue_names, load_requirements

    actors = {each.actor.split("-")[0] for each in site.systems.values()}
    names = site.requirements or tuple(each for each in catalogue_names() if each in actors)
    return [load_requirements(each, checks=tuple(all_checks())) for each in names]


def make_writable(folder: Path) -> None:
    """Make a folder and prove that it can be written to; raises SetupError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise SetupError(
            f"the output folder {folder} cannot be written to: {error.strerror or error}. "
            "Choose another one with --output."
        ) from error
