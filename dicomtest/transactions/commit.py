"""commit: ask for storage commitment and take the report wherever it comes (PS3.4 J.3; RAD-10).

The step's instances are those asked for that were stored. Facts for the checks:
    transaction    Transaction UID of the request
    earlier        Transaction UIDs of the run's requests before, in other scenarios too: a report
                   may come late
    requested      [[SOP Class UID, SOP Instance UID]] as requested
    stored         SOP Instance UIDs among them that the provider has taken, named with their class
    never_stored   SOP Instance UIDs among them that nobody has
    wrong_class    SOP Instance UIDs that are stored under another SOP class than the request says
    repeat, empty  whether a Transaction UID was used again, whether nothing was asked for
    hold           "open": the association was kept for the report; "release": it was released
    released_at    when that association was released, seconds since the epoch
    within         seconds in which a report is expected; 0: it is not waited for in this step. A
                   provider that never reported is not waited for as long again
    waited         seconds until the report came, or until the step gave up
    came           whether a report came that we did not refuse
    refused        how many reports were refused on purpose
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic, sleep, time
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from dicomtest.spec.base import TimeLimit
from dicomtest.spec.steps import AnyStepParameters, StepParameters
from dicomtest.spec.words import wrong
from dicomtest.transactions import transaction

if TYPE_CHECKING:
    from dicomtest import dimse
    from dicomtest.actors.modality import Modality
    from dicomtest.dicom.commitment_model import Reference
    from dicomtest.evidence import Association, Instance, StepEvidence
    from dicomtest.stage import Stage

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
WITHIN = 60.0  # seconds; PS3.4 sets no limit
SILENT = 5.0  # seconds, once a provider has let a whole time limit pass and never reported
SETTLE = 5.0  # seconds for the report's association to end
GRACE = 0.3  # seconds in which a second report would be seen
OTHER_CLASS = "1.2.840.10008.5.1.4.1.1.7"  # Secondary Capture, said of what is something else
CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"


class CommitParameters(StepParameters):
    """A storage commitment request and the wait for its report."""

    study: tuple[str, ...] | str = Field((), description="names of saved studies to have committed")
    order: str = Field("", description="name of the saved order whose study to have committed")
    missing: int = Field(0, ge=0, le=20000, description="ask for so many that were never stored")
    wrong_class: int = Field(0, ge=0, description="name so many with another SOP class than theirs")
    empty: bool = Field(False, description="ask for nothing, which is not allowed")
    repeat: str = Field("", description="use the Transaction UID of that request once more")
    hold: Literal["release", "open"] = Field(
        "release", description="release the association at once, or keep it open for the report"
    )
    next_after: TimeLimit | None = Field(
        None,
        description="when to open another association, for providers that report on the next one; "
        "default: after half of the time limit",
    )
    refuse_reports: int = Field(0, ge=0, le=5, description="answer so many reports with a failure")
    wait: bool = Field(True, description="false: go on, a later step waits with   of: NAME")
    of: str = Field("", description="wait for the report on that earlier request")
    save: str = Field("", description="name of the request")
    optional: bool = Field(False, description="a system may well not offer this")

    @model_validator(mode="after")
    def _one_way(self) -> CommitParameters:
        asks = (self.study, self.order, self.missing, self.wrong_class, self.empty, self.repeat)
        if self.of and any(asks):
            raise wrong("this waits for an earlier request and makes one", "leave out one of them")
        if self.hold == "open" and not self.wait:
            raise wrong("the association is held for a report that is not waited for",
                        "leave out hold: open or wait: false")  # fmt: skip
        if not self.wait and not self.save:
            raise wrong("nobody can wait for a request without a name", "add   save: NAME")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The saved studies, as a tuple."""
        studies = (self.study,) if isinstance(self.study, str) else self.study
        return (*studies, *([self.order] if self.order else []))

    def defines(self) -> list[str]:
        """The name it saves."""
        return [self.save] if self.save else []

    def uses(self) -> list[str]:
        """The names it needs."""
        return [*self.names, *(each for each in (self.repeat, self.of) if each)]

    def order_problems(self, earlier: Sequence[tuple[str, AnyStepParameters]]) -> list[str]:
        """Whether the requests it refers to are there."""
        known = {each.save for _, each in earlier if isinstance(each, CommitParameters)}
        wanted = [each for each in (self.repeat, self.of) if each]
        return [f"{each} is no commitment request" for each in wanted if each not in known]


def describe(parameters: CommitParameters) -> str:
    """The step in words."""
    if parameters.of:
        return f"wait for the report on {parameters.of}"
    what = ", ".join(parameters.names) or "everything stored"
    if parameters.empty:
        what = "nothing"
    words = f"have {parameters.to} commit {what}"
    if parameters.missing:
        words += f", with {parameters.missing} never stored"
    if parameters.wrong_class:
        words += f", {parameters.wrong_class} under a wrong SOP class"
    if parameters.repeat:
        words += ", with a Transaction UID used before"
    if parameters.refuse_reports:
        words += f"; {parameters.refuse_reports} reports are refused"
    return words


@dataclass
class Commitment:
    """A request of a scenario."""

    transaction: str
    facts: dict[str, Any] = field(default_factory=dict)
    instances: list[Instance] = field(default_factory=list)
    since: int = 0  # reports that had come before it was made
    not_applicable: str = ""  # why it was not made: the system does not offer it
    problem: str = ""  # why it was not made


@transaction("commit", parameters=CommitParameters, describe=describe)
def carry_out(stage: Stage, parameters: CommitParameters, step: StepEvidence) -> None:
    """Ask, and wait on every way on which a report may come."""
    scu = _asking(stage, parameters)
    within = parameters.within or WITHIN
    if _is_silent(stage, parameters.to):
        within = min(within, SILENT)
    if parameters.of:
        commitment = known_request(stage, parameters.of)
        step.instances = commitment.instances
        step.facts.update(commitment.facts, within=within)
        step.not_applicable, step.problem = commitment.not_applicable, commitment.problem
        if step.not_applicable or step.problem:
            return
        _wait(stage, parameters, step, scu, commitment.since)
        return
    since = len(scu.inbox.reports)
    wanted = wanted_references(stage, parameters, step)
    transaction = (
        known_request(stage, parameters.repeat).transaction
        if parameters.repeat
        else stage.uids.new()
    )
    step.facts.update(
        transaction=transaction,
        requested=[[each.sop_class, each.sop_instance] for each in wanted],
        repeat=bool(parameters.repeat),
        empty=parameters.empty,
        hold=parameters.hold,
        earlier=list(stage.run.transactions),
        within=within if parameters.wait else 0.0,
        waited=0.0,
        came=False,
        refused=parameters.refuse_reports,
    )
    stage.run.transactions.append(transaction)
    if not wanted and not parameters.empty:
        step.problem = "nothing was stored that could be committed"
        return
    scu.inbox.refuse = parameters.refuse_reports
    _ask(stage, parameters, step, scu, wanted, since)
    if parameters.save:
        known = Commitment(
            transaction,
            dict(step.facts),
            step.instances,
            since,
            step.not_applicable,
            step.problem and f"the request {parameters.save} was not made: {step.problem}",
        )
        stage.commitments[parameters.save] = known


def _is_silent(stage: Stage, provider: str) -> bool:
    """Whether the provider has been waited for in this scenario, always in vain."""
    waited = [
        bool(each.facts.get("came"))
        for each in stage.evidence
        if each.kind == "commit" and each.scp == provider and each.facts.get("waited")
    ]
    return bool(waited) and not any(waited)


def _asking(stage: Stage, parameters: CommitParameters) -> Modality:
    from dicomtest.actors.modality import Modality
    from dicomtest.errors import StepError

    scu = stage.run.casting.started(parameters.from_)
    if not isinstance(scu, Modality):
        raise StepError(f"the simulated {parameters.from_} does not ask for storage commitment")
    return scu


def known_request(stage: Stage, name: str) -> Commitment:
    from dicomtest.errors import StepError

    try:
        return stage.commitments[name]
    except KeyError:
        raise StepError(f"the request {name} was never made: an earlier step failed") from None


def wanted_references(
    stage: Stage, parameters: CommitParameters, step: StepEvidence
) -> list[Reference]:
    """What to ask for, noted in the facts by what is to become of it."""
    from dicomtest.dicom.commitment_model import Reference

    names = parameters.names or tuple(stage.saved)
    saved = [each for name in names for each in stage.known(name).instances]
    there = {each.sop_instance for each in stage.run.stored.get(parameters.to, [])}
    found = {each.sop_instance: each for each in saved if each.sop_instance in there}
    lost = {each.sop_instance: each for each in saved if each.sop_instance not in there}
    instances = [] if parameters.empty else list(found.values())
    missing = [stage.uids.new() for _ in range(parameters.missing)]
    wrong_ones = [each.sop_instance for each in instances[: parameters.wrong_class]]
    step.instances = instances
    step.facts.update(
        stored=[e.sop_instance for e in instances if e.sop_instance not in wrong_ones],
        never_stored=[*missing, *([] if parameters.empty else lost)],
        wrong_class=wrong_ones,
    )
    wanted = [
        Reference(
            OTHER_CLASS if each.sop_instance in wrong_ones else each.sop_class, each.sop_instance
        )
        for each in instances
    ]
    if not parameters.empty:
        wanted += [Reference(each.sop_class, uid) for uid, each in lost.items()]
    kind = instances[0].sop_class if instances else CT_CLASS
    return [*wanted, *(Reference(kind, uid) for uid in missing)]


def _ask(
    stage: Stage,
    parameters: CommitParameters,
    step: StepEvidence,
    scu: Modality,
    wanted: list[Reference],
    since: int,
) -> None:
    from dicomtest import dimse
    from dicomtest.dicom.attribute_values import data_set
    from dicomtest.dicom.commitment_model import (
        COMMITMENT,
        COMMITMENT_INSTANCE,
        REQUEST,
        request,
    )

    with _associate(stage, parameters, scu, "commit") as peer:
        if not stage.usable(peer, COMMITMENT, "Storage Commitment", parameters, step):
            return
        asked = data_set(request(step.facts["transaction"], wanted))
        exchange = peer.n_action(
            COMMITMENT, COMMITMENT_INSTANCE, asked, action_type=REQUEST, label="request"
        )
        taken = dimse.status_class(exchange.status) in ("success", "warning")
        if parameters.hold == "open" and taken:
            _wait(stage, parameters, step, scu, since, peer)
    step.facts["released_at"] = time()
    if not taken:
        sleep(GRACE)  # no report may follow
    elif parameters.wait and parameters.hold == "release":
        _wait(stage, parameters, step, scu, since)
    _settle(stage, parameters)


def _associate(
    stage: Stage, parameters: CommitParameters, scu: Modality, label: str
) -> dimse.Requestor:
    from dicomtest import dimse
    from dicomtest.dicom.commitment_model import COMMITMENT

    remote = stage.run.casting.remote(parameters.to, "commit")
    proposals = [dimse.Proposal(COMMITMENT, (EXPLICIT, IMPLICIT))]
    return scu.associate(
        remote, proposals, label=label, event_report_handler=scu.inbox.n_event_report
    )


def _wait(
    stage: Stage,
    parameters: CommitParameters,
    step: StepEvidence,
    scu: Modality,
    since: int,
    peer: dimse.Requestor | None = None,
) -> None:
    """Wait for a report; while none comes, open other associations on which it may come.

    Each of them stays open as long as the first wait took, so that a report that is sent as
    soon as we associate is not missed, nor one that was not ready then.
    """
    within = float(step.facts["within"])
    transaction = step.facts["transaction"]
    first = min(parameters.next_after or within / 2, within)
    began = monotonic()
    found = scu.inbox.wait_for(transaction, first, since=since)
    while found is None and (left := within - (monotonic() - began)) > 0:
        if peer is not None:
            found = scu.inbox.wait_for(transaction, left, since=since)
        else:
            with _associate(stage, parameters, scu, "next"):
                found = scu.inbox.wait_for(transaction, min(first, left), since=since)
    step.facts["waited"] = round(monotonic() - began, 3)
    step.facts["came"] = found is not None
    if found is not None:
        observed = step.facts.setdefault("observed", {})
        observed["commit.seconds-to-report"] = step.facts["waited"]
    if step.facts.get("refused"):
        # PS3.4 J.3.3 does not say what follows a report that was not taken.
        observed = step.facts.setdefault("observed", {})
        observed["commit.refused-report-sent-again"] = "yes" if found is not None else "no"


def _settle(stage: Stage, parameters: CommitParameters) -> None:
    """Let the report's association end; look a moment longer at a system under test."""

    def closed(associations: list[Association]) -> bool:
        return all(each.closed for each in associations)

    stage.run.recorder.wait_for(closed, SETTLE)
    if stage.run.casting.is_real(parameters.to, "commit"):
        sleep(GRACE)
        stage.run.recorder.wait_for(closed, SETTLE)
