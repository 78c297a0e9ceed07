"""A real modality is to report what it performs to our RIS: N-CREATE and N-SET of MPPS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dicomtest.awaiting.expectation import CannotBeAsked, Expectation, Progress
from dicomtest.awaiting.registry import awaits
from dicomtest.awaiting.words import ACCESSION_NUMBER, Words, patient_rows, patient_values
from dicomtest.dicom.mpps_model import MPPS, SCHEDULED, STATUS

if TYPE_CHECKING:
    from pydicom import Dataset

    from dicomtest.awaiting.arrivals import Message
    from dicomtest.dicom.performed_step import Performing
    from dicomtest.evidence import Association, Exchange, StepEvidence
    from dicomtest.saved import SavedOrder
    from dicomtest.stage import Stage
    from dicomtest.transactions.mpps import MppsParameters
    from dicomtest.transactions.performed import PerformedStep


def is_report(_association: Association, exchange: Exchange) -> bool:
    """Whether it is an N-CREATE or N-SET of a performed procedure step."""
    return exchange.service in ("N-CREATE", "N-SET") and exchange.sop_class == MPPS


def said(exchange: Exchange) -> Mapping[str, Any]:
    """The attributes of a report; none if it cannot be read."""
    from dicomtest.trace_sources import decoded

    return decoded(exchange.data)


def first(attributes: Mapping[str, Any], name: str) -> str:
    """The first value of an attribute; "" when it is absent or empty."""
    value = next(iter(attributes.get(name) or ()), "")
    return value.strip() if isinstance(value, str) else ""


def taken(exchange: Exchange) -> bool:
    """Whether it was answered with Success or a Warning."""
    from dicomtest.transactions.mpps import dimse_took

    return dimse_took(exchange.status)


class Report(Expectation):
    """What begin and end of a performed step have in common."""

    sop_class = MPPS

    def __init__(self, stage: Stage, parameters: MppsParameters, step: StepEvidence) -> None:
        """Keep what the step is about."""
        super().__init__(stage, parameters, step)
        step.facts.update(probes=[], retrieve=False)

    def note(self, performed: PerformedStep) -> None:
        """The fact `performed`, as the transaction has it."""
        self.step.facts["performed"] = {
            "name": performed.name,
            "sop_instance": performed.performing.sop_instance,
            "id": performed.performing.id,
            "orders": list(performed.orders),
            "unscheduled": not performed.performing.items,
            "study": performed.performing.study_uid,
            "status": self.parameters.status,
        }


class Begin(Report):
    """An N-CREATE for the order, or for the patient nobody ordered."""

    def __init__(self, stage: Stage, parameters: MppsParameters, step: StepEvidence) -> None:
        """Await the beginning of a step."""
        from dicomtest.transactions.mpps import performing_of, study_to_perform

        super().__init__(stage, parameters, step)
        self.study, self.orders = study_to_perform(stage, parameters)
        self.planned = performing_of(stage, parameters, self.study, scheduled=bool(self.orders))

    def look(self, messages: Sequence[Message], *, lenient: bool) -> Progress:
        """N-CREATE requests for this patient or order; others are near misses."""
        created = [exchange for _, exchange in messages if exchange.service == "N-CREATE"]
        mine = [each for each in created if lenient or self._is_mine(said(each))]
        seen = [
            Words(
                f"performed procedure step begun: {first(said(each), STATUS) or 'no status'}",
                f"检查执行已开始：{first(said(each), STATUS) or '无状态'}",
            )
            for each in mine
        ]
        near = self.refused(messages)
        for each in created:
            if not any(each is one for one in mine):
                near.append(self._other(said(each)))
        if not created:
            near += self._images()
        done = any(taken(each) for each in mine)
        return Progress(
            done=done, mine=mine, seen=seen, near=near,
            short=Words("no performed procedure step was begun", "未收到检查执行开始报告"),
        )  # fmt: skip

    def finish(self, progress: Progress) -> None:
        """The step has begun as the modality says."""
        from dicomtest.transactions.performed import PerformedStep, with_study

        begun = next((each for each in progress.mine if taken(each)), None)
        if begun is None:
            return
        performing = _performing(self.planned, begun)
        study = self.study
        if not self.orders and performing.study_uid:  # the modality has made the study's UID
            study.scheduled = [with_study(each, performing.study_uid) for each in study.scheduled]
            study.plan = replace(study.plan, study_uid=performing.study_uid)
        made = PerformedStep(
            self.parameters.name, performing, study, self.orders,
            status=self.parameters.status,
            earlier={each.sop_instance for each in study.instances},
        )  # fmt: skip
        self.stage.performed[made.name] = made
        self.note(made)

    def request(self) -> Dataset | None:
        """The N-CREATE of a simulator."""
        from dicomtest.dicom.performed_step import creation
        from dicomtest.transactions.performed import encoded

        made: Dataset = encoded(creation(self.planned))
        return made

    def _is_mine(self, attributes: Mapping[str, Any]) -> bool:
        plan = self.study.plan
        wanted = {("PatientID", plan.subject.patient_id)}
        items = attributes.get(SCHEDULED) or ()
        for each in (each for each in items if not isinstance(each, str)):
            pairs = {(name, first(each, name)) for name in ("StudyInstanceUID", "AccessionNumber")}
            if pairs & {
                ("StudyInstanceUID", plan.study_uid),
                ("AccessionNumber", plan.accession_number or "-"),
            }:
                return True
        return ("PatientID", first(attributes, "PatientID")) in wanted

    def _other(self, attributes: Mapping[str, Any]) -> Words:
        name, number = first(attributes, "PatientName"), first(attributes, "PatientID")
        subject = self.study.plan.subject
        return Words(
            f"a performed procedure step for another patient: {name} (ID {number}); expected "
            f"{subject.patient_name} (ID {subject.patient_id})",
            f"收到其他患者的检查执行报告：{name}（编号 {number}）；应为 "
            f"{subject.patient_name}（编号 {subject.patient_id}）",
        )

    def _images(self) -> list[Words]:
        """Near miss: images came, and no report."""
        images = [
            exchange
            for each in self.stage.overheard(self.system)
            for exchange in each.of("C-STORE")
        ]
        if not images:
            return []
        count = len(images)
        return [
            Words(
                f"{count} images have come, but no performed procedure step (MPPS)",
                f"已收到 {count} 幅影像，但未收到检查执行报告（MPPS）",
            )
        ]


class End(Report):
    """The N-SET that ends a step; those that went before it belong to it."""

    def __init__(self, stage: Stage, parameters: MppsParameters, step: StepEvidence) -> None:
        """Await the end of a step that has begun; raises StepError for one that has not."""
        from dicomtest.errors import StepError

        super().__init__(stage, parameters, step)
        known = stage.performed.get(parameters.name)
        if known is None:
            raise StepError(f"the performed step {parameters.name} never began")
        self.performed = known
        self.note(known)

    def look(self, messages: Sequence[Message], *, lenient: bool) -> Progress:
        """Changes of this step; the last word has to be the status asked for."""
        wanted, uid = self.parameters.status, self.performed.performing.sop_instance
        changes = [exchange for _, exchange in messages if exchange.service == "N-SET"]
        mine = [each for each in changes if each.sop_instance == uid]
        states = [(each, first(said(each), STATUS)) for each in mine if taken(each)]
        ended = [each for each, state in states if state == wanted]
        near = self.refused(messages)
        near += [
            Words(
                f"the step was reported {state}, awaited is {wanted}",
                f"检查被报告为 {state}，等待的状态为 {wanted}",
            )
            for _, state in states
            if state not in ("", "IN PROGRESS", wanted)
        ]
        if len(mine) < len(changes):
            near.append(
                Words(
                    "an N-SET for a performed procedure step that is not the one begun",
                    "收到的 N-SET 不属于已开始的检查执行",
                )
            )
        seen = [
            Words(f"reported: {state or 'progress'}", f"已报告：{state or '进展'}")
            for _, state in states
        ]
        return Progress(
            done=bool(ended) or (lenient and bool(mine)), mine=mine, seen=seen, near=near,
            short=Words(f"the step was not reported {wanted}", f"未收到状态 {wanted} 的报告"),
        )  # fmt: skip

    def finish(self, progress: Progress) -> None:
        """The step is over."""
        self.step.instances = self.performed.instances()
        if progress.done:
            self.performed.status = self.parameters.status

    def request(self) -> Dataset | None:
        """The N-SET of a simulator."""
        from dicomtest.transactions.mpps import changes_of
        from dicomtest.transactions.performed import encoded

        made: Dataset = encoded(changes_of(self.stage, self.parameters, self.performed))
        return made


def _performing(planned: Performing, begun: Exchange) -> Performing:
    """What the modality says that it performs."""
    attributes = said(begun)
    items = [each for each in attributes.get(SCHEDULED) or () if not isinstance(each, str)]
    study = first(items[0], "StudyInstanceUID") if items else ""
    return replace(
        planned,
        sop_instance=begun.sop_instance
        or str(begun.final.command.get("AffectedSOPInstanceUID", "") if begun.final else ""),
        id=first(attributes, "PerformedProcedureStepID"),
        station_ae_title=first(attributes, "PerformedStationAETitle"),
        modality=first(attributes, "Modality"),
        study_uid=study or planned.study_uid,
    )


@awaits("mpps", concerns=is_report)
def mpps(stage: Stage, parameters: MppsParameters, step: StepEvidence) -> Expectation:
    """Beginning or ending an examination on the modality's console."""
    if not parameters.name:
        raise CannotBeAsked(f"a real {step.scu} does not make wrong reports on purpose")
    if parameters.status == "IN PROGRESS" and not parameters.begins:
        raise CannotBeAsked(
            "a modality need not report progress; what it reports is judged at the end"
        )
    made: Begin | End
    made = (Begin if parameters.begins else End)(stage, parameters, step)
    study = made.study if isinstance(made, Begin) else made.performed.study
    performing = made.planned if isinstance(made, Begin) else made.performed.performing
    plan = study.plan
    made.use = [*patient_rows(plan.subject), (ACCESSION_NUMBER, plan.accession_number)]
    made.values = {
        **patient_values(plan.subject),
        "accession_number": plan.accession_number,
        "study_instance_uid": performing.study_uid,
        "sop_instance_uid": performing.sop_instance,
        "status": parameters.status,
    }
    made.task, made.awaited = _words(parameters, study)
    made.tell_destination()
    return made


def _words(parameters: MppsParameters, study: SavedOrder) -> tuple[Words, Words]:
    if parameters.begins:
        how = Words("Begin this patient's examination", "请开始该患者的检查")
        if not study.plan.accession_number:
            how = Words(
                "Enter this patient by hand, without an order, and begin the examination",
                "请手工登记该患者（无预约）并开始检查",
            )
        return (
            Words(f"{how.en}.", f"{how.zh}。"),
            Words("the report that it has begun (MPPS N-CREATE)", "检查开始报告（MPPS N-CREATE）"),
        )
    if parameters.status == "DISCONTINUED":
        reason = f" ({parameters.reason})" if parameters.reason else ""
        task = Words(f"Break the examination off{reason}.", f"请中止该检查{reason}。")
    else:
        task = Words("End the examination.", "请结束该检查。")
    awaited = Words(
        f"the report that it is {parameters.status} (MPPS N-SET)",
        f"状态为 {parameters.status} 的报告（MPPS N-SET）",
    )
    return task, awaited
