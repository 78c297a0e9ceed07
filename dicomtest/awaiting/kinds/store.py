"""A real system is to store a study with us: a modality sends images, a workstation a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dicomtest.awaiting.expectation import CannotBeAsked, Expectation, Progress
from dicomtest.awaiting.registry import awaits
from dicomtest.awaiting.words import ACCESSION_NUMBER, Words, patient_rows, patient_values

if TYPE_CHECKING:
    from dicomtest.awaiting.arrivals import Message
    from dicomtest.evidence import Association, Exchange, Instance, StepEvidence
    from dicomtest.saved import Saved
    from dicomtest.stage import Stage
    from dicomtest.transactions.storing import StoreParameters

SETTLE = 10.0  # seconds without a new object: a slow modality sends one every few seconds
EXPLICIT = "1.2.840.10008.1.2.1"


def is_store(_association: Association, exchange: Exchange) -> bool:
    """Whether it is a C-STORE of the peer's own accord."""
    return exchange.service == "C-STORE" and exchange.invoked_by == "peer"


@dataclass(frozen=True)
class Sent:
    """One object as it came: what tells whose it is."""

    exchange: Exchange
    attributes: Mapping[str, Any]

    def one(self, name: str) -> str:
        """First value of an attribute, "" when it has none."""
        return str(next(iter(self.attributes.get(name) or ()), ""))


class Study(Expectation):
    """The objects of one study, or of as many as the step says."""

    settle = SETTLE

    def __init__(self, stage: Stage, parameters: StoreParameters, step: StepEvidence) -> None:
        """Await the study that a simulator would make here."""
        from dicomtest.transactions.store import prepare

        super().__init__(stage, parameters, step)
        self.work, self.saved = prepare(stage, parameters)
        saved = self.saved
        self.want = _objects(parameters, saved)
        self.named = bool(
            parameters.order or parameters.again or parameters.same_patient or parameters.about
        )
        self.forwarded = bool(parameters.again) and not saved.instances  # never seen before
        self._known: dict[int, Sent] = {}

    def look(self, messages: Sequence[Message], *, lenient: bool) -> Progress:
        """Objects of the right patient count; others are near misses."""
        sent = [self._sent(exchange) for _, exchange in messages]
        taken = [each for each in sent if _taken(each.exchange)]
        mine = taken if lenient else [each for each in taken if self._is_mine(each, taken)]
        unique = {each.exchange.sop_instance for each in mine}
        have = len(unique)
        short = Words(
            f"{have} of {self.want} {'image' if self.want == 1 else 'images'} arrived",
            f"已收到 {have}/{self.want} 幅影像",
        )
        own = {id(each.exchange) for each in mine}
        failed = [each for _, each in messages if not _taken(each) and id(each) not in own]
        return Progress(
            done=have >= self.want,
            mine=[*(each.exchange for each in mine), *failed],
            seen=[short] if have else [],
            near=[*self._others(taken, own), *self.refused(messages), *self._reported(have)],
            short=short,
        )  # fmt: skip

    def finish(self, progress: Progress) -> None:
        """What was taken is what later steps look for."""
        from dicomtest.saved import order_of
        from dicomtest.transactions.coercion import COERCED

        step, parameters = self.step, self.parameters
        found = {each.sop_instance: self.instance(each) for each in progress.mine if _taken(each)}
        step.instances = list(found.values())
        step.facts.update(
            not_accepted=[], order=list(found), fault="", again=bool(parameters.again)
        )
        stage = self.stage
        stage.run.remember(parameters.to, step.instances)
        stage.run.coerced.update(
            each.sop_instance for each in progress.mine if each.status == COERCED
        )
        if not step.instances:
            return
        if not parameters.again or self.forwarded:
            self.saved.instances.extend(step.instances)
            self.saved.plan = self._as_sent()
        if parameters.save:
            stage.saved[parameters.save] = self.saved
        order = order_of(stage.saved, parameters.order)
        if order is not None:
            order.take(self.saved)

    def instance(self, exchange: Exchange) -> Instance:
        """The object as it lies in the evidence."""
        from dicomtest.dicom.objects import KINDS
        from dicomtest.evidence import Instance

        sent = self._sent(exchange)
        assert exchange.data is not None, "a C-STORE request has a data set"
        by_class = {str(KINDS[each].sop_class): each for each in self.saved.kinds}
        return Instance(
            sop_class=exchange.sop_class,
            sop_instance=exchange.sop_instance,
            study=sent.one("StudyInstanceUID"),
            series=sent.one("SeriesInstanceUID"),
            patient_id=sent.one("PatientID"),
            data=exchange.data,
            kind=by_class.get(exchange.sop_class, ""),
            attributes=dict(sent.attributes),
        )

    def make_objects(self, folder: Path) -> bool:
        """Write a study like this, for a command that sends what it is given."""
        folder.mkdir(parents=True, exist_ok=True)
        for maker, pending in self.work.pending:
            own = replace(maker, folder=folder)
            if own.can_make(pending):
                own.make(pending, EXPLICIT)
        for each in self.work.made:
            name = f"{each.sop_instance}.dcm"
            (folder / name).write_bytes(Path(str(each.data.path)).read_bytes())
        return True

    def _sent(self, exchange: Exchange) -> Sent:
        known = self._known.get(id(exchange))
        if known is None:
            from dicomtest.trace_sources import decoded

            known = Sent(exchange, decoded(exchange.data, head=True))
            if exchange.data is not None:
                self._known[id(exchange)] = known
        return known

    def _is_mine(self, sent: Sent, everything: Sequence[Sent]) -> bool:
        """By any identifier; where nobody was told whom to examine, the first studies count."""
        if self.parameters.again and not self.forwarded:
            known = {each.sop_instance for each in self.saved.instances}
            return sent.exchange.sop_instance in known
        if not self.named and not self.told:
            studies = list(dict.fromkeys(each.one("StudyInstanceUID") for each in everything))
            return sent.one("StudyInstanceUID") in studies[: self.parameters.studies]
        plan = self.saved.plan
        pairs = [
            (sent.one("StudyInstanceUID"), plan.study_uid),
            (sent.one("PatientID"), plan.subject.patient_id),
            (sent.one("AccessionNumber"), plan.accession_number),
        ]
        return any(one and one.strip() == other.strip() for one, other in pairs)

    @property
    def told(self) -> bool:
        """Whether somebody was told which patient to examine."""
        trigger = self.system.trigger
        return trigger is None or bool(trigger.operator)

    def _others(self, taken: Sequence[Sent], own: set[int]) -> list[Words]:
        """Near misses: objects for another patient."""
        subject = self.saved.plan.subject
        found: dict[tuple[str, str], int] = {}
        for each in taken:
            if id(each.exchange) not in own:
                key = each.one("PatientName"), each.one("PatientID")
                found[key] = found.get(key, 0) + 1
        return [
            Words(
                f"{count} for another patient: {name} (ID {patient_id}); expected "
                f"{subject.patient_name} (ID {subject.patient_id})",
                f"收到其他患者的 {count} 幅：{name}（编号 {patient_id}）；应为 "
                f"{subject.patient_name}（编号 {subject.patient_id}）",
            )
            for (name, patient_id), count in found.items()
        ]

    def _reported(self, have: int) -> list[Words]:
        """Near miss: the examination was reported, and no image came."""
        reported = [
            exchange
            for each in self.stage.overheard(self.system)
            for exchange in each.of("N-CREATE", "N-SET")
        ]
        if have or not reported:
            return []
        return [
            Words(
                "the performed procedure step was reported (MPPS), but no image has come",
                "已收到检查执行报告（MPPS），但尚未收到影像",
            )
        ]

    def _as_sent(self) -> Any:
        """The study with the identifiers it really has."""
        from dicomtest.dicom.objects import Subject

        first = self.step.instances[0]
        sent = Sent(None, first.attributes)  # type: ignore[arg-type]  # its attributes are enough
        plan = self.saved.plan
        subject = Subject(
            patient_name=sent.one("PatientName"),
            patient_id=sent.one("PatientID"),
            birth_date=sent.one("PatientBirthDate"),
            sex=sent.one("PatientSex"),
            character_set=tuple(map(str, first.attributes.get("SpecificCharacterSet") or ())),
        )
        return replace(
            plan,
            subject=subject,
            study_uid=first.study,
            accession_number=sent.one("AccessionNumber"),
        )


def _taken(exchange: Exchange) -> bool:
    from dicomtest.dimse import status_class

    return exchange.status is not None and status_class(exchange.status) in ("success", "warning")


def _objects(parameters: StoreParameters, saved: Saved) -> int:
    """How many objects there are to be at least."""
    from dicomtest.dicom.objects import KINDS

    if parameters.again:
        return max(1, len(saved.instances))
    kinds = saved.kinds or parameters.kinds
    each_study = sum(parameters.images if KINDS[each].is_image else 1 for each in kinds)
    return each_study * parameters.studies


@awaits("store", concerns=is_store)
def store(stage: Stage, parameters: StoreParameters, step: StepEvidence) -> Expectation:
    """A study of the patient told, of at least so many objects."""
    if parameters.fault:
        raise CannotBeAsked(f"a real {step.scu} does not do this wrong on purpose")
    made = Study(stage, parameters, step)
    if made.saved.not_applicable:
        raise CannotBeAsked(made.saved.not_applicable)
    plan, title = made.saved.plan, step.players[step.scp].ae_title
    subject = plan.subject
    made.use = [*patient_rows(subject), (ACCESSION_NUMBER, plan.accession_number)]
    made.tell_destination()
    made.task, made.awaited = _words(parameters, made, title)
    made.values = {
        **patient_values(subject),
        "accession_number": plan.accession_number,
        "study_instance_uid": plan.study_uid,
        "images": str(made.want),
        "kinds": " ".join(made.saved.kinds),
    }
    return made


def _words(parameters: StoreParameters, made: Study, title: str) -> tuple[Words, Words]:
    from dicomtest.dicom.objects import KINDS

    kinds = made.saved.kinds or parameters.kinds
    what = ", ".join(each.upper() for each in kinds)
    thing = "image" if all(KINDS[each].is_image for each in kinds) else "object"
    number = f"{made.want} {what} {thing}" + ("" if made.want == 1 else "s")
    awaited = Words(
        f"at least {number} of this patient",
        f"该患者至少 {made.want} 幅 {what} 影像",
    )
    if parameters.again:
        task = Words(f"Send the study once more to {title}.", f"请将该检查再次发送到 {title}。")
    elif parameters.about:
        task = Words(
            f"Open this patient's study, make {number} about it and send them to {title}.",
            f"请打开该患者的检查，创建相关对象（{made.want} 个 {what}）并发送到 {title}。",
        )
    elif parameters.order:
        task = Words(
            f"Examine this patient from the worklist and send the images ({number}) to {title}.",
            f"请从工作列表选择该患者进行检查，并将影像（{made.want} 幅 {what}）发送到 {title}。",
        )
    else:
        task = Words(
            f"Enter this patient by hand, make {number} and send them to {title}.",
            f"请手工登记该患者，采集 {made.want} 幅 {what} 影像并发送到 {title}。",
        )
    return task, awaited
