"""What steps are played on: the run they belong to and what their scenario has saved so far."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

from dicomtest import dimse
from dicomtest.awaiting.arrivals import Arrivals
from dicomtest.awaiting.desk import Desk
from dicomtest.casting import Casting
from dicomtest.dicom.iods.second_opinion import ask_another
from dicomtest.dicom.patients import patient
from dicomtest.dicom.uids import UidFactory
from dicomtest.errors import SetupError, StepError
from dicomtest.evidence import Association, Instance, StepEvidence
from dicomtest.saved import Saved
from dicomtest.spec.scenario import Scenario, Step
from dicomtest.spec.site import Site
from dicomtest.spec.steps import AnyStepParameters
from dicomtest.transactions import all_transactions

if TYPE_CHECKING:
    from dicomtest.actors.print_objects import PrintedFilm
    from dicomtest.awaiting.trigger import Running
    from dicomtest.dicom.objects import Subject
    from dicomtest.dicom.print.render import Drawn
    from dicomtest.spec.site import System
    from dicomtest.transactions.commit import Commitment
    from dicomtest.transactions.performed import PerformedStep
    from dicomtest.transactions.placing import Change
    from dicomtest.transactions.print import PrintParameters

__all__ = ["Run", "Saved", "Stage"]

OVER_WHAT_IS_STORED = {"query", "move", "get", "commit"}
ABSTRACT_SYNTAX_NOT_SUPPORTED = 3  # PS3.8 Table 9-18: Result/Reason


@dataclass
class Run:
    """What all scenarios of a run share.

    `id` is fresh for every run and goes into every UID and Patient ID; `seed` decides names,
    values and pixels, so that a run can be repeated with other identifiers.
    """

    site: Site
    id: str
    seed: int
    folder: Path
    recorder: dimse.Recorder
    casting: Casting
    stored: dict[str, list[Instance]] = field(default_factory=dict)
    coerced: set[str] = field(default_factory=set)  # taken with B000, and not yet known how
    known_orders: set[tuple[str, int]] = field(default_factory=set)  # taken: scenario, number
    transactions: list[str] = field(default_factory=list)  # UIDs of commitment requests so far
    desk: Desk = field(default_factory=Desk)  # where people are asked
    running: list[Running] = field(default_factory=list)  # triggers that were started
    arrivals: Arrivals = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing that arrived."""
        self.arrivals = Arrivals(self.recorder)

    @property
    def objects(self) -> Path:
        """Folder of the objects that were made, part of the evidence."""
        return self.folder / "evidence" / "objects"

    def remember(self, actor: str, instances: Iterable[Instance]) -> None:
        """Note what an actor has taken, for later steps and for what was left behind."""
        known = self.stored.setdefault(actor, [])
        seen = {each.sop_instance for each in known}
        known.extend(each for each in instances if each.sop_instance not in seen)


class Stage:
    """One scenario being played, step by step, each step once."""

    def __init__(self, run: Run, scenario: Scenario) -> None:
        """Begin with nothing saved."""
        self.run = run
        self.scenario = scenario
        self.saved: dict[str, Saved] = {}
        self.evidence: list[StepEvidence] = []
        self.uids = UidFactory(f"{run.id}/{scenario.id}")
        self.today = date.today()  # one day for all steps, midnight or not
        self.performed: dict[str, PerformedStep] = {}
        self.commitments: dict[str, Commitment] = {}
        self.triggers: dict[str, Running] = {}  # by system, the latest
        self.finished: dict[int, StepEvidence] = {}  # played before the run was interrupted
        self._initiators = {str(getattr(each.parameters, "from_", "")) for each in scenario.steps}
        self.patients = 0

    def play_until(self, index: int) -> StepEvidence:
        """Carry out the steps up to that one (from 1) that are not yet done; give its evidence."""
        while len(self.evidence) < index:
            step = self.scenario.steps[len(self.evidence)]
            before = self.finished.get(step.index)
            if before is not None:
                before.story = list(self.evidence)
                self.evidence.append(before)
            else:
                self._play(step)
                if getattr(step.parameters, "screen", None):
                    from dicomtest.awaiting.screen import ask_about_screen

                    ask_about_screen(self, step, self.evidence[-1])
        return self.evidence[index - 1]

    def _play(self, step: Step) -> None:
        evidence = self._begin(step)
        self.evidence.append(evidence)
        awaited = bool(evidence.scu) and self.run.casting.is_real(evidence.scu, step.kind)
        faults = getattr(step.parameters, "faults", None)
        if faults is not None and self.run.casting.is_real(evidence.scp, step.kind):
            evidence.not_applicable = f"a real {evidence.scp} does not go wrong on purpose"
        elif step.kind in OVER_WHAT_IS_STORED:
            evidence.not_applicable = self._elsewhere(evidence.scp, step.kind)
        if evidence.not_applicable:
            evidence.ended = time()
            return
        try:
            if faults is not None:
                self.run.casting.started(evidence.scp).misbehave(faults)
            if awaited:
                from dicomtest.awaiting.engine import await_step

                await_step(self, step, evidence)
                return
            all_transactions()[step.kind].carry_out(self, step.parameters, evidence)
        except StepError as error:
            evidence.problem = str(error)
        except OSError as error:
            raise SetupError(
                f"step {step.id} of {self.scenario.id} could not write its evidence: {error}. "
                "Free some space or choose another folder with --output."
            ) from error
        finally:
            evidence.ended = time()
            if faults is not None:
                self.run.casting.started(evidence.scp).misbehave(None)
            if not awaited:
                self.collect(evidence)
            if faults is not None and evidence.associations:
                evidence.problem = ""  # the checks say how the system coped
            ask_another(evidence)

    def _elsewhere(self, actor: str, kind: str) -> str:
        """Why an archive cannot have what was stored: one is simulated, the other is not."""
        keeper, asked = (
            self.run.casting.system(actor, "store"),
            self.run.casting.system(actor, kind),
        )
        if (keeper is None) == (asked is None):
            return ""
        one, two = (each.ae_title if each else f"the simulated {actor}" for each in (keeper, asked))
        return f"{one} takes the images, and {two} is asked for them; see  serves  in the site file"

    def _begin(self, step: Step) -> StepEvidence:
        casting = self.run.casting
        scu = str(getattr(step.parameters, "from_", "") or "")
        scp = str(getattr(step.parameters, "to", "") or getattr(step.parameters, "at", "") or "")
        actors = {each for each in (scu, scp) if each}
        casting.open(actors)
        casting.silence.service = step.kind
        if not self.evidence:
            self.run.arrivals.forget()
        self._keep_for_later(set(), strangers=True)
        self.run.recorder.take()
        return StepEvidence(
            scenario=self.scenario.id,
            step=step.id,
            kind=step.kind,
            scu=scu,
            scp=scp,
            players={actor: casting.player(actor, step.kind) for actor in sorted(actors)},
            parameters=step.parameters.model_dump(mode="json", by_alias=True, exclude_none=True),
            started=time(),
            story=list(self.evidence),
        )

    def new_patient(self, script: str = "latin") -> Any:
        """The next synthetic patient of this scenario, the same for the same seed and order."""
        self.patients += 1
        ordinal = zlib.crc32(self.scenario.id.encode()) % 9000 * 10 + self.patients
        return patient(
            self.run.seed,
            ordinal,
            script,
            prefix=self.patient_prefix,
        )

    @property
    def patient_prefix(self) -> str:
        """What names and Patient IDs of all test patients of this run begin with."""
        return f"{self.run.site.patient_prefix}{self.run.id[-4:]}"

    def test_name(self, name: str) -> str:
        """A name that a scenario gives, recognisable as a test patient's of this run."""
        mark = self.patient_prefix
        return name if name.startswith(mark) else f"{mark}-{name}"

    @staticmethod
    def patient_of(saved: Saved) -> Subject:
        """The patient of a saved study."""
        return saved.plan.subject

    def known(self, name: str) -> Saved:
        """What a step saved under that name; raises StepError when that step did not get so far."""
        try:
            return self.saved[name]
        except KeyError:
            raise StepError(f"nothing was saved as {name!r}: an earlier step failed") from None

    def options(self, parameters: AnyStepParameters) -> dict[str, Any]:
        """How to associate in a step: its own time limit for responses, where it has one."""
        if parameters.within is None:
            return {}
        limits = self.run.casting.limits()
        return {"limits": replace(limits, response=parameters.within)}

    def usable(
        self,
        peer: dimse.Requestor,
        sop_class: str,
        what: str,
        parameters: Any,
        step: StepEvidence,
    ) -> bool:
        """Whether the SOP class was accepted; if not, note in the step why it cannot go on.

        A system is free not to offer a service (PS3.2): refusing its SOP class is a defect only
        where the site file says under `serves` that it does.
        """
        association = peer.association
        if association.outcome != "accepted":
            step.problem = (
                f"no association with {association.called_ae_title} at "
                f"{association.acceptor.address}: {association.why}"
            )
            return False
        if association.accepted(sop_class):
            return True
        system = self.run.casting.system(step.scp, step.kind)
        refused = {c.result for c in association.contexts if c.abstract_syntax == sop_class}
        words = f"the system accepts no presentation context for {what}"
        if parameters.optional:
            step.not_applicable = words
        elif system and system.serves is None and refused == {ABSTRACT_SYNTAX_NOT_SUPPORTED}:
            step.not_applicable = (
                f"the system does not offer {what}: it refuses the SOP class; if it should, say "
                f"so with  serves: [..., {step.kind}]  in the site file"
            )
        else:
            step.problem = words
        return False

    def collect(self, step: StepEvidence) -> list[Association]:
        """Move what was recorded so far into the step's evidence and give it."""
        self._keep_for_later({step.scu, step.scp})
        taken = self.run.recorder.take()
        step.associations.extend(taken)
        return taken

    def ask_about_films(
        self,
        parameters: PrintParameters,
        step: StepEvidence,
        taken: Sequence[tuple[PrintedFilm, Drawn]] | None,
    ) -> None:
        """Ask whoever is there what came out of a printer; `taken` came out of a simulated one."""
        from dicomtest.awaiting.films import ask

        ask(self, parameters, step, taken)

    def ask_for_order(self, change: Change, step: StepEvidence, system: System) -> str:
        """Ask whoever is there to enter an order at a RIS; gives why it was not, or ""."""
        from dicomtest.awaiting.orders import ask

        return ask(self, change, step, system)

    def ask_for_condition(
        self, parameters: PrintParameters, step: StepEvidence, status: str
    ) -> str:
        """Have somebody bring a real printer into a condition; "" when it is, else why not."""
        from dicomtest.awaiting.condition import bring_into

        return bring_into(self, parameters, step, status)

    def _keep_for_later(self, actors: set[str], *, strangers: bool = False) -> None:
        """Keep what real systems begin of their own accord for the steps that are about it.

        Those of `actors` take part in the present step. `strangers`: who is in no site file may
        be the system awaited, under another AE title.
        """
        titles = {
            each.ae_title.strip()
            for each in self.run.site.systems.values()
            if each.actor in self._initiators and each.actor not in actors
        }
        if not titles:
            return
        known = self.run.casting.known_titles()

        def wanted(one: Association) -> bool:
            title = one.calling_ae_title.strip()
            unknown = strangers and bool(title) and title not in known
            return one.seen_from == "acceptor" and (title in titles or unknown)

        self.run.arrivals.gather(wanted)

    def overheard(self, system: System) -> list[Association]:
        """What came from a system and belongs to no step yet."""
        title = system.ae_title.strip()
        return self.run.arrivals.associations(lambda one: one.calling_ae_title.strip() == title)
