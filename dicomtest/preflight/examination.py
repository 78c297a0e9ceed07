"""The whole pre-flight of a site: this machine, then each system."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from dicomtest import dimse
from dicomtest.actors.modality import Modality
from dicomtest.casting import Casting, remote_of
from dicomtest.errors import SetupError
from dicomtest.preflight import contexts, kept_object, reach, way_back
from dicomtest.preflight.commitment import commitment_remarks
from dicomtest.preflight.neighbours import Neighbour, neighbours
from dicomtest.preflight.remarks import FAIL, INFO, OK, Remark

if TYPE_CHECKING:
    from dicomtest.spec.site import Site, System


@dataclass(frozen=True)
class Heading:
    """What the remarks after it are about."""

    text: str


Said = Iterator[Heading | Remark]


def examine(site: Site, folder: Path, *, keep_object: bool = False) -> Said:
    """Look at this machine and at every system of the site; `folder` is for temporary files.

    With `keep_object`, a PACS is given one small object, and asked to send it back.
    """
    recorder = dimse.Recorder()
    casting = Casting(site, recorder, folder)
    try:
        yield Heading("this machine")
        yield from _listeners(site, casting)
        for key, system in site.systems.items():
            product = f" ({system.product} {system.version})" if system.product else ""
            where = f"{system.ae_title} at {system.host}:{system.port}"
            yield Heading(f"{key}: {where}{product.replace(' )', ')')}")
            yield from _System(site, casting, system, folder, keep_object).remarks()
    finally:
        casting.close()


def _listeners(site: Site, casting: Casting) -> Iterator[Remark]:
    """Can each simulator that takes part listen?"""
    actors = [each.actor for system in site.systems.values() for each in neighbours(site, system)]
    for actor in dict.fromkeys(actors):
        simulator = casting.simulator(actor)
        setting = simulator.setting
        what = f"{simulator.ae_title} ({actor}, profile {simulator.profile.name})"
        try:
            simulator.start()
        except SetupError as error:
            problem, _, fix = str(error).partition(". ")
            yield Remark(FAIL, f"{what}: {problem}", fix)
        else:
            yield Remark(OK, f"{what} listens on {setting.bind}:{simulator.port}")
    if not actors:
        yield Remark(INFO, "no simulator has to listen for these systems")


@dataclass(frozen=True)
class _System:
    """One system being looked at."""

    site: Site
    casting: Casting
    system: System
    folder: Path
    keep_object: bool

    @property
    def remote(self) -> dimse.Remote:
        """Where it is."""
        return remote_of(self.system)

    @property
    def limits(self) -> dimse.Limits:
        """How long to wait for it."""
        own = self.site.limits_of(self.system)
        return dimse.Limits(own.connect, own.association, own.response)

    def remarks(self) -> Iterator[Remark]:
        """Everything there is to say, as far as it can be reached."""
        callers = neighbours(self.site, self.system)
        remarks = []
        for remark in self._reach(callers):
            remarks.append(remark)
            yield remark
        if not reach.reached(remarks) or self.system.actor not in ("pacs", "workstation"):
            return
        actors = {each.actor for each in callers}
        accepted = None
        if actors & {"modality", "pacs"}:
            accepted = self._storage("modality" if "modality" in actors else "pacs")
            claims = self.system.claims
            yield from contexts.storage_remarks(accepted, claims.sop_classes if claims else None)
        if self.system.actor == "pacs" and "modality" in actors:
            yield from self._commitment(callers)
        if self.system.actor == "pacs" and "workstation" in actors:
            yield from contexts.query_remarks(self._query_models())
            yield from self._way_back(callers, accepted)

    def _reach(self, callers: list[Neighbour]) -> Iterator[Remark]:
        """TCP, TLS, and an association with C-ECHO for each of our AE titles."""
        titles = {each.ae_title: registration_of(each, self.system) for each in callers}
        if not titles:
            titles = {"DT_MOD": f"register the AE title DT_MOD in {self.system.ae_title}"}
        for number, (calling, registered) in enumerate(titles.items()):
            remarks = list(
                reach.verify(
                    self.remote,
                    calling,
                    self.casting.recorder,
                    self.limits,
                    registered,
                    brief=number > 0,
                )
            )
            yield from remarks
            if any(each.final for each in remarks):
                return  # it will not be different for another AE title

    def _storage(self, actor: str) -> contexts.Accepted:
        simulator = self.casting.simulator(actor)
        wanted = contexts.storage_contexts(simulator.profile)
        return self._negotiate(simulator.ae_title, wanted)

    def _query_models(self) -> contexts.Accepted:
        simulator = self.casting.simulator("workstation")
        return self._negotiate(simulator.ae_title, contexts.query_contexts(simulator.profile))

    def _negotiate(self, calling: str, wanted: Iterator[tuple[str, str]]) -> contexts.Accepted:
        recorder = self.casting.recorder
        return contexts.negotiate(self.remote, calling, recorder, self.limits, wanted)

    def _commitment(self, callers: list[Neighbour]) -> Iterator[Remark]:
        simulator = self.casting.simulator("modality")
        if isinstance(simulator, Modality) and simulator.listening:
            modality = next(each for each in callers if each.actor == "modality")
            registered = registration_of(modality, self.system)
            yield from commitment_remarks(
                simulator, self.remote, registered, str(uuid4()), patient=self.keep_object
            )

    def _way_back(
        self, callers: list[Neighbour], accepted: contexts.Accepted | None
    ) -> Iterator[Remark]:
        workstation = next(each for each in callers if each.actor == "workstation")
        simulator = self.casting.simulator("workstation")
        way = way_back.WayBack(
            self.remote,
            simulator,
            self.casting.recorder,
            registration_of(workstation, self.system),
        )
        if not simulator.listening:
            yield Remark(INFO, "C-MOVE is not tried: our destination does not listen, see above")
            return
        if not self.keep_object:
            yield from way_back.is_known(way)
            return
        scu = self.casting.simulator("modality" if accepted else "workstation")
        keeping = kept_object.Keeping(scu, self.remote, self.folder, self.site.patient_prefix)
        yield from keeping.store(accepted or contexts.Accepted())
        if keeping.instance is not None:
            kept = keeping.instance
            yield from way_back.gets_through(way, kept.study, kept.sop_instance)


def registration_of(neighbour: Neighbour, system: System) -> str:
    """What the system's administrator has to do for one of our AE titles."""
    return (
        f"register in {system.ae_title} the AE title {neighbour.ae_title} with host "
        f"{neighbour.host} and port {neighbour.port}"
    )
