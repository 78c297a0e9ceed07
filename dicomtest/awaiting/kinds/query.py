"""A real workstation is to look for studies in our archive: C-FIND of Query/Retrieve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dicomtest.awaiting.expectation import Expectation, Progress
from dicomtest.awaiting.registry import awaits
from dicomtest.awaiting.words import ACCESSION_NUMBER, Words, patient_rows, patient_values

if TYPE_CHECKING:
    from pydicom import Dataset

    from dicomtest.awaiting.arrivals import Message
    from dicomtest.evidence import Association, DataSetRef, Exchange, Instance, StepEvidence
    from dicomtest.saved import Saved
    from dicomtest.stage import Stage
    from dicomtest.transactions.query import QueryParameters

ROOTS = ("1.2.840.10008.5.1.4.1.2.1.1", "1.2.840.10008.5.1.4.1.2.2.1")
UNIQUE = {"PATIENT": "PatientID", "STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID",
          "IMAGE": "SOPInstanceUID"}  # fmt: skip


def is_query(_association: Association, exchange: Exchange) -> bool:
    """Whether it is a C-FIND of Patient Root or Study Root."""
    return exchange.service == "C-FIND" and exchange.sop_class in ROOTS


def read(data: DataSetRef | None) -> Dataset | None:
    """A data set, None when it cannot be read."""
    from dicomtest.dicom.headers import UNREADABLE

    try:
        return None if data is None else data.dataset()
    except (*UNREADABLE, OSError):
        return None


def one(dataset: Any, name: str) -> str:
    """An attribute as text; "" when it is absent, empty, or cannot be read."""
    try:
        value = dataset.get(name, "") if dataset is not None else ""
    except (ValueError, TypeError, AttributeError):
        return ""
    return "" if value is None else str(value).strip(" \0")


class Query(Expectation):
    """A query at the level asked for, answered with what is looked for."""

    sop_class = ROOTS[1]

    def __init__(self, stage: Stage, parameters: QueryParameters, step: StepEvidence) -> None:
        """Await a query that finds the studies named, or anything when none is named."""
        super().__init__(stage, parameters, step)
        names = parameters.names or ((parameters.order,) if parameters.order else ())
        self.saved: list[Saved] = [stage.known(name) for name in names]
        self.wanted: list[Instance] = [one for each in self.saved for one in each.instances]

    def look(self, messages: Sequence[Message], *, lenient: bool) -> Progress:
        """Every query counts; one of them has to find what is looked for."""
        mine = [exchange for _, exchange in messages]
        fitting = [each for each in mine if lenient or self._fits(each)]
        good = [each for each in fitting if each.status == 0]
        found = [each for each in good if lenient or self._finds(each)]
        near = [*self.refused(messages)]
        if mine and not fitting:
            levels = sorted({_level(each) or "no level" for each in mine})
            near.append(
                Words(
                    f"a query at level {', '.join(levels)}; awaited is {self.parameters.level}",
                    f"收到级别为 {', '.join(levels)} 的查询；等待的级别为 {self.parameters.level}",
                )
            )
        elif good and not found:
            count = sum(len(each.pending) for each in good)
            near.append(
                Words(
                    f"the query found {count} entries, but not this patient's study",
                    f"查询返回 {count} 条结果，但不包含该患者的检查",
                )
            )
        seen = [
            Words(
                f"query at level {_level(each) or '?'}: {len(each.pending)} found",
                f"收到 {_level(each) or '?'} 级查询：{len(each.pending)} 条结果",
            )
            for each in mine[-3:]
        ]
        return Progress(
            done=bool(found),
            mine=self.up_to(messages, found[0] if found else None),
            seen=seen,
            near=near,
            short=Words("no query found what is looked for", "没有查询找到所需内容"),
        )

    def finish(self, progress: Progress) -> None:  # noqa: ARG002 -- of every kind
        """The population, as a query of ours would have it."""
        known = self.stage.run.stored.get(self.parameters.to, [])
        self.step.instances = list(known)
        self.step.facts.update(queries=[], visible_after=None, missing=[], refused=[])

    def request(self) -> Dataset | None:
        """The query that a simulator would send first."""
        from dicomtest.transactions.query import identifier_of, plan

        models = list(self.parameters.models)
        planned = plan(self.stage, self.parameters, models, self.wanted)
        if not planned:
            return None
        first = planned[0]
        made: Dataset = identifier_of(first["level"], first["keys"])
        return made

    def _fits(self, exchange: Exchange) -> bool:
        wanted = self.parameters.level
        return bool(wanted == "all" or _level(exchange) == wanted)

    def _finds(self, exchange: Exchange) -> bool:
        if not self.wanted:
            return True
        level = _level(exchange)
        name = UNIQUE.get(level, "")
        from dicomtest.transactions.retrieval import entity

        keys = {entity(each, level) for each in self.wanted} if name else set()
        return any(one(read(each.data), name) in keys for each in exchange.pending)


def _level(exchange: Exchange) -> str:
    return one(read(exchange.data), "QueryRetrieveLevel")


@awaits("query", concerns=is_query)
def query(stage: Stage, parameters: QueryParameters, step: StepEvidence) -> Expectation:
    """Looking for the studies named, or for whatever there is."""
    made = Query(stage, parameters, step)
    title = step.players[step.scp].ae_title
    subject = made.saved[0].plan.subject if made.saved else None
    if subject is None and made.stage.run.stored.get(parameters.to):
        made.task = Words(
            f"Search for studies in {title}.", f"请在 {title} 中检索检查。"
        )  # fmt: skip
    else:
        made.task = Words(
            f"Search for this patient's study in {title}.", f"请在 {title} 中检索该患者的检查。"
        )
    if subject is not None:
        plan = made.saved[0].plan
        made.use = [*patient_rows(subject), (ACCESSION_NUMBER, plan.accession_number)]
        made.values = {
            **patient_values(subject),
            "accession_number": plan.accession_number,
            "study_instance_uid": plan.study_uid,
        }
    level = "" if parameters.level == "all" else parameters.level
    made.values["level"] = level
    made.awaited = Words(
        f"a query {f'at level {level} ' if level else ''}that finds it".replace("  ", " "),
        f"能找到该检查的{level}查询",
    )
    made.tell_destination()
    return made
