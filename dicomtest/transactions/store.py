"""store: make a study (or take one made before) and send it with C-STORE (PS3.4 Annex B).

Facts for the checks:
    not_accepted   [{kind, sop_class, transfer_syntax, result}] contexts the system refused
    order          SOP Instance UIDs in the order of sending
    fault          what was done wrong on purpose ("" for nothing); such instances do not belong
                   to the known population
    again          whether these instances had been stored before
    no_association why the latest association that was not accepted was not; absent if all were
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import sleep
from typing import TYPE_CHECKING

from dicomtest.errors import StepError
from dicomtest.saved import order_of
from dicomtest.transactions import transaction
from dicomtest.transactions.coercion import COERCED
from dicomtest.transactions.storing import StoreParameters, describe

if TYPE_CHECKING:
    from dicomtest import dimse
    from dicomtest.actors import Simulator
    from dicomtest.dicom.objects import StudyPlan
    from dicomtest.evidence import Instance, StepEvidence
    from dicomtest.saved import Saved
    from dicomtest.stage import Stage
    from dicomtest.studies import Maker, Pending

ATTEMPTS, PAUSE = 3, 0.05  # with a provider that goes wrong on purpose; seconds between two
FURTHER = 50  # numbers of further studies of one step lie so far apart
OTHER_CLASS = "1.2.840.10008.5.1.4.1.1.7"  # Secondary Capture, said of what is something else


@dataclass
class _Work:
    """The instances to send: made before, or to be made once a context is accepted."""

    pending: list[tuple[Maker, Pending]]
    made: list[Instance]


@transaction("store", parameters=StoreParameters, describe=describe)
def carry_out(stage: Stage, parameters: StoreParameters, step: StepEvidence) -> None:
    """Send everything on as many associations as asked for; stop at nothing short of their end."""
    step.facts.update(
        not_accepted=[], order=[], fault=parameters.fault or "", again=bool(parameters.again)
    )
    work, saved = prepare(stage, parameters)
    if not work.pending and not work.made:
        step.not_applicable = saved.not_applicable
        step.problem = "" if step.not_applicable else "nothing was stored that could be sent again"
        return
    scu = stage.run.casting.started(parameters.from_)
    remote = stage.run.casting.remote(parameters.to, step.kind)
    shares = _shares(work, parameters)

    def send(share: _Work, **patience: float) -> bool:
        return _send(scu, remote, parameters, step, share, **patience)

    if parameters.parallel > 1 and len(shares) > 1:
        with ThreadPoolExecutor(parameters.parallel) as pool:
            done = list(pool.map(lambda each: send(each, patience=0), shares))
        # a provider may limit its associations; what it turned away comes when it has time
        shares = [share for share, sent in zip(shares, done, strict=True) if not sent]
    for share in shares:
        if not send(share) and not parameters.faults:
            _no_association(remote, step)
    if parameters.faults:
        _try_again(stage, send, step, work)
    stage.collect(step)
    if parameters.fault:
        saved.broken_off.extend(step.instances)
    else:
        taken = _taken(step)
        saved.instances.extend(
            each for each in step.instances if each.sop_instance in taken and not parameters.again
        )
        stage.run.remember(
            parameters.to, (each for each in step.instances if each.sop_instance in taken)
        )
        stage.run.coerced.update(
            each.sop_instance for each in step.exchanges("C-STORE") if each.status == COERCED
        )
    _explain(step, parameters)
    saved.not_applicable = step.not_applicable
    if parameters.save:
        stage.saved[parameters.save] = saved
    order = order_of(stage.saved, parameters.order)
    if order is not None:
        order.take(saved)


def prepare(stage: Stage, parameters: StoreParameters) -> tuple[_Work, Saved]:
    from dicomtest.saved import Saved
    from dicomtest.studies import Maker, Shape, plan_instances

    if parameters.again:
        before = stage.known(parameters.again)
        return _Work([], list(before.instances)), before
    number = len(stage.evidence)
    first, kinds = _plan(stage, parameters, number)
    plans = [first, *(_further(stage, first, n) for n in range(1, parameters.studies))]
    pending = []
    for more, plan in enumerate(plans):
        maker = Maker(
            plan,
            stage.run.objects / stage.scenario.id,
            stage.run.seed,
            Shape(parameters.rows, parameters.columns, parameters.frames),
        )
        if parameters.about:
            maker.refer_to(stage.known(parameters.about).instances)
        wanted = plan_instances(
            kinds,
            stage.uids,
            stage.run.seed + number + FURTHER * more,
            images=parameters.images,
            series=parameters.series,
        )
        pending += [(maker, each) for each in wanted]
    return _Work(pending, []), Saved(parameters.save, first, kinds)


def _further(stage: Stage, first: StudyPlan, n: int) -> StudyPlan:
    """One more study of the same patient."""
    from dicomtest.studies import plan_study

    number = len(stage.evidence) + FURTHER * n
    return plan_study(
        first.subject,
        stage.uids,
        stage.run.seed,
        number=number,
        description=first.study_description,
    )


def _plan(
    stage: Stage, parameters: StoreParameters, number: int
) -> tuple[StudyPlan, tuple[str, ...]]:
    """The study to make, and of which kinds: an order's, or a new one."""
    from dicomtest.studies import plan_study

    if parameters.order:
        order = order_of(stage.saved, parameters.order)
        if order is None or parameters.scheduled_step > len(order.scheduled):
            raise StepError(
                f"there is no scheduled step {parameters.scheduled_step} of {parameters.order}"
            )
        kinds = parameters.kinds
        if "study" not in parameters.model_fields_set:
            kinds = (order.kind(parameters.scheduled_step - 1) or kinds[0],)
        return order.study(parameters.scheduled_step - 1), kinds
    if parameters.about:
        return stage.known(parameters.about).plan, parameters.kinds
    if parameters.same_patient:
        other = stage.known(parameters.same_patient)
        patient = stage.patient_of(other)
    else:
        patient = stage.new_patient(parameters.patient)
    plan = plan_study(
        patient,
        stage.uids,
        stage.run.seed,
        number=number,
        description=f"{parameters.kinds[0].upper()} {stage.scenario.id}"[:64],
    )
    if parameters.unscheduled:
        plan = replace(plan, accession_number="")
    return plan, parameters.kinds


def _shares(work: _Work, parameters: StoreParameters) -> list[_Work]:
    """Split the work over the associations asked for."""
    total = len(work.pending) + len(work.made)
    count = total if parameters.one_each else min(parameters.parallel, total)
    if count <= 1:
        return [work]
    if parameters.studies > 1 and not parameters.one_each:
        each_one = total // parameters.studies  # a study stays together
        parts = range(0, total, max(1, each_one))
        return [_Work(work.pending[at : at + each_one], []) for at in parts]
    return [_Work(work.pending[n::count], work.made[n::count]) for n in range(count)]


def proposals_for(work: _Work, parameters: StoreParameters) -> list[dimse.Proposal]:
    """One presentation context for each SOP class and transfer syntax, so none excludes another."""
    from dicomtest import dimse
    from dicomtest.studies import TRANSFER_SYNTAXES

    made = {(each.sop_class, each.data.transfer_syntax) for each in work.made}
    wanted = (
        ["explicit", "implicit"]
        if parameters.transfer_syntax == "any"
        else [parameters.transfer_syntax]
    )
    offered = dict.fromkeys([*wanted, "implicit"])  # the default always is (PS3.5 10.1)
    planned = {
        (each.sop_class, TRANSFER_SYNTAXES[name]) for _, each in work.pending for name in offered
    }
    made |= {(sop_class, TRANSFER_SYNTAXES["implicit"]) for sop_class, _ in made}
    if parameters.fault == "wrong-class":
        planned |= {(OTHER_CLASS, TRANSFER_SYNTAXES[name]) for name in offered}
    return [dimse.Proposal(sop_class, (syntax,)) for sop_class, syntax in sorted(made | planned)]


def _send(
    scu: Simulator,
    remote: dimse.Remote,
    parameters: StoreParameters,
    step: StepEvidence,
    work: _Work,
    **options: float,
) -> bool:
    """Send a share on an association of its own; say whether there was one."""
    if parameters.max_pdu is not None:
        options["max_pdu"] = parameters.max_pdu
    label = parameters.fault or ("parallel" if parameters.parallel > 1 else "store")
    proposals = proposals_for(work, parameters)
    with scu.associate(remote, proposals, label=label, **options) as peer:
        if not peer.established:
            step.facts["no_association"] = peer.association.why
            return False
        if parameters.fault == "wrong-class" and not peer.association.accepted(OTHER_CLASS):
            step.not_applicable = "the system does not take the class that would be said wrongly"
            return True
        for instance in _instances(peer, step, work, parameters):
            if instance.sop_instance not in step.facts["order"]:
                step.instances.append(instance)
                step.facts["order"].append(instance.sop_instance)
            _store_one(peer, instance, parameters)
            if not peer.established:
                break
    return True


def _try_again(
    stage: Stage, send: Callable[[_Work], bool], step: StepEvidence, work: _Work
) -> None:
    """What a good sender does when the provider goes wrong: send again what was not taken."""
    for _attempt in range(ATTEMPTS):
        stage.collect(step)
        made = set(step.facts["order"])
        left = _Work(
            [each for each in work.pending if each[1].place.instance_uid not in made],
            [*_not_taken(step), *(each for each in work.made if each.sop_instance not in made)],
        )
        if not left.pending and not left.made:
            return
        sleep(PAUSE)
        send(left)


def _not_taken(step: StepEvidence) -> list[Instance]:
    taken = _taken(step)
    known = {each.sop_instance: each for each in step.instances}
    return [each for uid, each in known.items() if uid not in taken]


def _no_association(remote: dimse.Remote, step: StepEvidence) -> None:
    why = step.facts["no_association"]
    step.problem = step.problem or (
        f"no association with {remote.ae_title} at {remote.host}:{remote.port}: {why}"
    )


def _instances(
    peer: dimse.Requestor, step: StepEvidence, work: _Work, parameters: StoreParameters
) -> Iterator[Instance]:
    """Make what can be made in an accepted transfer syntax; note what was refused."""
    yield from work.made
    for maker, pending in work.pending:
        syntax = _accepted_syntax(peer, pending.sop_class, parameters.transfer_syntax)
        if syntax is None or not maker.can_make(pending):
            _note_refused(peer, step, pending)
            continue
        yield maker.make(pending, syntax)


def _accepted_syntax(peer: dimse.Requestor, sop_class: str, wanted: str) -> str | None:
    from dicomtest.studies import TRANSFER_SYNTAXES

    accepted = [
        each.accepted
        for each in peer.association.accepted(sop_class)
        if each.accepted
        and each.accepted in each.proposed
        and wanted in ("any", *(n for n, uid in TRANSFER_SYNTAXES.items() if uid == each.accepted))
    ]
    preferred = [each for each in accepted if each != "1.2.840.10008.1.2"]
    return next(iter([*preferred, *accepted]), None)


def _note_refused(peer: dimse.Requestor, step: StepEvidence, pending: Pending) -> None:
    refused = [
        {
            "kind": pending.kind,
            "sop_class": each.abstract_syntax,
            "transfer_syntax": ", ".join(each.proposed),
            "result": each.result,
        }
        for each in peer.association.contexts
        if each.abstract_syntax == pending.sop_class
    ]
    for each in refused:
        if each not in step.facts["not_accepted"]:
            step.facts["not_accepted"].append(each)


def _store_one(peer: dimse.Requestor, instance: Instance, parameters: StoreParameters) -> None:
    sop_class, sop_instance = instance.sop_class, instance.sop_instance
    if parameters.fault in ("abort", "close"):
        peer.abort_in_store(
            instance.data,
            sop_class=sop_class,
            sop_instance=sop_instance,
            how=parameters.fault,
            label=parameters.fault,
        )
        return
    if parameters.fault == "wrong-class":
        sop_class = OTHER_CLASS
    if parameters.fault == "wrong-instance":
        sop_instance = f"{sop_instance[:60]}.9"
    peer.store(
        instance.data,
        sop_class=sop_class,
        sop_instance=sop_instance,
        label=parameters.fault or ("again" if parameters.again else ""),
    )


def _taken(step: StepEvidence) -> set[str]:
    """SOP Instance UIDs answered with Success or a Warning."""
    from dicomtest.dimse import status_class

    return {
        exchange.sop_instance
        for exchange in step.exchanges("C-STORE")
        if exchange.status is not None and status_class(exchange.status) in ("success", "warning")
    }


def _explain(step: StepEvidence, parameters: StoreParameters) -> None:
    """Say why nothing was sent, when nothing was."""
    if step.instances or step.problem or step.not_applicable:
        return
    refused = ", ".join(sorted({each["kind"] for each in step.facts["not_accepted"]}))
    words = f"the system accepts no presentation context for {refused}"
    if parameters.transfer_syntax != "any":
        words += f" in {parameters.transfer_syntax}"
    if parameters.optional:
        step.not_applicable = words
    else:
        step.problem = words
