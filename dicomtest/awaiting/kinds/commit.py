"""A real modality is to have its images committed by our archive, and to take the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dicomtest.awaiting.expectation import CannotBeAsked, Expectation, Progress
from dicomtest.awaiting.registry import awaits
from dicomtest.awaiting.words import (
    ACCESSION_NUMBER,
    Words,
    of_total,
    patient_rows,
    patient_values,
)
from dicomtest.dicom.commitment_model import COMMITMENT, REFERENCED, references, transaction_of

if TYPE_CHECKING:
    from pydicom import Dataset

    from dicomtest.awaiting.arrivals import Message
    from dicomtest.dicom.commitment_model import Reference
    from dicomtest.evidence import Association, Exchange, StepEvidence
    from dicomtest.stage import Stage
    from dicomtest.transactions.commit import CommitParameters


def is_commitment(_association: Association, exchange: Exchange) -> bool:
    """Whether it is a commitment request, or our report on one."""
    return exchange.service in ("N-ACTION", "N-EVENT-REPORT") and exchange.sop_class == COMMITMENT


class Committing(Expectation):
    """A request for everything that was stored, and that our report on it is taken."""

    sop_class = COMMITMENT

    def __init__(self, stage: Stage, parameters: CommitParameters, step: StepEvidence) -> None:
        """Await a request; with `of`, the report on an earlier one."""
        from dicomtest.transactions.commit import WITHIN, known_request, wanted_references

        super().__init__(stage, parameters, step)
        self.earlier = known_request(stage, parameters.of) if parameters.of else None
        self.references: list[Reference] = []
        if self.earlier is not None:
            step.facts.update(self.earlier.facts)
            step.instances = self.earlier.instances
        else:
            self.references = wanted_references(stage, parameters, step)
        self.wanted = {each.sop_instance for each in step.instances}
        step.facts["within"] = float(parameters.within or WITHIN) if parameters.wait else 0.0

    def look(self, messages: Sequence[Message], *, lenient: bool) -> Progress:
        """Requests that name what was stored, and the reports on them."""
        from dicomtest.awaiting.kinds.mpps import said, taken

        asked = [exchange for _, exchange in messages if exchange.service == "N-ACTION"]
        reports = [exchange for _, exchange in messages if exchange.service == "N-EVENT-REPORT"]
        good = [each for each in asked if taken(each)]
        named = {
            one.sop_instance for each in good for one in references(dict(said(each)), REFERENCED)
        }
        transactions = {transaction_of(dict(said(each))) for each in good}
        if self.earlier is not None:
            transactions, named = {self.earlier.transaction}, self.wanted
        answered = {transaction_of(dict(said(each))) for each in reports if taken(each)}
        covered = lenient or not self.wanted or (bool(named) and self.wanted <= named)
        faults = self.parameters.faults
        never = faults is not None and faults.commit == "never"
        reported = not self.parameters.wait or never or transactions <= answered
        near = [*self.refused(messages), *self._undelivered(transactions - answered)]
        if named and not covered:
            have = of_total(len(self.wanted & named), len(self.wanted), "instance", "instances",
                            "请求提交的对象")  # fmt: skip
            near.append(Words(f"commitment was asked for {have.en}", have.zh))
        seen = [Words("commitment was asked for", "已请求存储提交")] if good else []
        seen += [Words("our report was taken", "提交结果已被接收")] if answered else []
        return Progress(
            done=bool(transactions) and covered and reported,
            mine=[exchange for _, exchange in messages],
            seen=seen,
            near=near,
            short=Words("no commitment request came", "未收到存储提交请求")
            if not transactions
            else Words("the commitment is not complete", "存储提交尚未完成"),
        )

    def finish(self, progress: Progress) -> None:
        """What was asked, as the transaction notes it."""
        from dicomtest.awaiting.kinds.mpps import said, taken
        from dicomtest.transactions.commit import Commitment

        asked = [each for each in progress.mine if each.service == "N-ACTION"]
        reports = [each for each in progress.mine if each.service == "N-EVENT-REPORT"]
        facts = self.step.facts
        if self.earlier is None:
            first = said(asked[0]) if asked else {}
            own = [one for each in asked for one in references(dict(said(each)), REFERENCED)]
            facts.update(
                transaction=transaction_of(dict(first)),
                requested=[[one.sop_class, one.sop_instance] for one in own],
                repeat=False, empty=False, hold="release", refused=0,
            )  # fmt: skip
        facts["came"] = any(taken(each) for each in reports)
        facts["waited"] = 0.0
        if asked and reports:
            facts["waited"] = round(max(0.0, reports[0].began - asked[0].sent), 3)
        if self.parameters.save and asked:
            self.stage.commitments[self.parameters.save] = Commitment(
                facts["transaction"], dict(facts), self.step.instances
            )

    def request(self) -> Dataset | None:
        """The action information of a simulator's request."""
        from dicomtest.dicom.attribute_values import data_set
        from dicomtest.dicom.commitment_model import request

        return data_set(request(self.values["transaction_uid"], self.references))

    def _undelivered(self, transactions: set[str]) -> list[Words]:
        """Near misses: associations for our report that came to nothing."""
        if not transactions:
            return []
        title = self.system.ae_title
        tried = self.stage.run.arrivals.associations(
            lambda one: one.seen_from == "requestor" and one.called_ae_title.strip() == title
        )
        return list(
            dict.fromkeys(
                Words(
                    f"our report could not be delivered to {title}: {each.outcome} {each.why}",
                    f"提交结果无法送达 {title}：{each.outcome} {each.why}",
                )
                for each in tried
                if (each.answered and each.outcome != "accepted") or each.outcome == "no connection"
                if each.closed
            )
        )


@awaits("commit", concerns=is_commitment)
def commit(stage: Stage, parameters: CommitParameters, step: StepEvidence) -> Expectation:
    """Having the images committed; many modalities do it by themselves."""
    if parameters.missing or parameters.wrong_class or parameters.empty or parameters.repeat:
        raise CannotBeAsked(f"a real {step.scu} does not ask for this wrong on purpose")
    made = Committing(stage, parameters, step)
    if parameters.of:
        made.task = Words(
            "Wait for the result of the storage commitment.", "请等待存储提交的结果。"
        )
        made.awaited = Words("that our report is taken", "提交结果被接收")
    else:
        made.task = Words(
            "Have the images committed (many systems do it by themselves after sending).",
            "请对已发送的影像进行存储提交（许多设备在发送后自动执行）。",
        )
        made.awaited = Words("a storage commitment request (N-ACTION)", "存储提交请求（N-ACTION）")
    transaction = made.earlier.transaction if made.earlier else stage.uids.new()
    made.values = {"transaction_uid": transaction, "images": str(len(made.wanted))}
    if parameters.names:
        plan = stage.known(parameters.names[0]).plan
        made.use = [*patient_rows(plan.subject), (ACCESSION_NUMBER, plan.accession_number)]
        made.values |= patient_values(plan.subject) | {
            "accession_number": plan.accession_number,
            "study_instance_uid": plan.study_uid,
        }
    made.tell_destination()
    return made
