"""What move and get have in common: what to retrieve, and the identifier that asks for it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from dicomtest.spec.steps import StepParameters

if TYPE_CHECKING:
    from pydicom import Dataset

    from dicomtest import dimse
    from dicomtest.evidence import Instance, StepEvidence
    from dicomtest.stage import Stage

RetrieveLevel = Literal["PATIENT", "STUDY", "SERIES", "IMAGE"]
Probe = Literal["missing-level", "wrong-level", "missing-key"]
Share = Literal["all", "some", "none", "with-warning"]

FIND = {"study": "1.2.840.10008.5.1.4.1.2.2.1", "patient": "1.2.840.10008.5.1.4.1.2.1.1"}
MOVE = {"study": "1.2.840.10008.5.1.4.1.2.2.2", "patient": "1.2.840.10008.5.1.4.1.2.1.2"}
GET = {"study": "1.2.840.10008.5.1.4.1.2.2.3", "patient": "1.2.840.10008.5.1.4.1.2.1.3"}

REFUSED = 0xA700  # Refused: out of resources (PS3.4 Table B.2-1)
WARNED = 0xB000  # Coercion of data elements, a warning (PS3.4 Table B.2-1)
PACE = 0.1  # seconds a receiver takes for each instance of a request that is to be cancelled


class RetrieveParameters(StepParameters):
    """Retrieve what an earlier step stored (PS3.4 C.4.2, C.4.3)."""

    study: tuple[str, ...] | str = Field((), description="names of saved studies to retrieve")
    order: str = Field("", description="name of the saved order whose study to retrieve")
    level: RetrieveLevel = Field("STUDY", description="Query/Retrieve Level")
    model: Literal["study", "patient"] = Field("study", description="Study Root or Patient Root")
    items: Literal["all", "one", "two"] = Field(
        "all", description="everything at that level, the first entity, or a list of the first two"
    )
    accept: Share = Field(
        "all",
        description="how much the receiver accepts, refusing the rest; or that it takes every "
        "second instance with a warning",
    )
    cancel_after: int | None = Field(None, ge=0, description="C-CANCEL after so many responses")
    transfer_syntax: Literal["any", "implicit"] = Field(
        "any", description="what the receiver accepts; implicit: the default one alone"
    )
    probe: Probe | None = Field(None, description="what is wrong with the identifier, on purpose")
    unknown_study: bool = Field(False, description="ask for a study that does not exist")
    optional: bool = Field(False, description="a system may well not offer this")

    def uses(self) -> list[str]:
        """The names it needs."""
        return [*self.names, *([self.order] if self.order else [])]

    @property
    def names(self) -> tuple[str, ...]:
        """The saved studies, as a tuple."""
        return (self.study,) if isinstance(self.study, str) else self.study


def nothing_to_retrieve(stage: Stage, parameters: RetrieveParameters, step: StepEvidence) -> None:
    """Say why there is nothing to ask for: not claimed by the system, or lost on the way."""
    reasons = [stage.known(name).not_applicable for name in parameters.names]
    claimed = [each for each in reasons if each]
    if claimed and len(claimed) == len(reasons):
        step.not_applicable = claimed[0]
    else:
        step.problem = "nothing was stored that could be retrieved"


def wanted_instances(stage: Stage, parameters: RetrieveParameters) -> list[Instance]:
    """Every instance that the request matches, among those the provider has taken."""
    names = parameters.names or ((parameters.order,) if parameters.order else ())
    saved = [each for name in names for each in stage.known(name).instances]
    if parameters.level == "PATIENT":
        patients = {each.patient_id for each in saved}
        known = stage.run.stored.get(parameters.to, [])
        return [each for each in known if each.patient_id in patients]
    limit = {"all": None, "one": 1, "two": 2}[parameters.items]
    if limit is None:
        return saved
    keys = list(dict.fromkeys(entity(each, parameters.level) for each in saved))[:limit]
    return [each for each in saved if entity(each, parameters.level) in keys]


def entity(instance: Instance, level: str) -> str:
    """The Unique Key of the entity that an instance belongs to at a level."""
    return {
        "PATIENT": instance.patient_id,
        "STUDY": instance.study,
        "SERIES": instance.series,
        "IMAGE": instance.sop_instance,
    }[level]


def retrieve_identifier(
    stage: Stage, parameters: RetrieveParameters, wanted: list[Instance]
) -> Dataset:
    """The Unique Keys, and nothing else, as C.4.2.1.4.1 wants them."""
    from pydicom import Dataset

    identifier = Dataset()
    identifier.QueryRetrieveLevel = parameters.level
    if parameters.unknown_study:
        if parameters.model == "patient":
            identifier.PatientID = wanted[0].patient_id if wanted else "DT-NOBODY"
        identifier.StudyInstanceUID = stage.uids.new()
        identifier.QueryRetrieveLevel = "STUDY"
        return identifier
    levels = ["PATIENT", "STUDY", "SERIES", "IMAGE"]
    keywords = ["PatientID", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"]
    last = levels.index(parameters.level)
    first = 0 if parameters.model == "patient" else 1
    for level, keyword in zip(levels[first : last + 1], keywords[first : last + 1], strict=True):
        values = list(dict.fromkeys(entity(each, level) for each in wanted))
        if level != parameters.level:
            values = values[:1]
        setattr(identifier, keyword, values[0] if len(values) == 1 else values)
    if parameters.probe == "missing-level":
        del identifier.QueryRetrieveLevel
    elif parameters.probe == "wrong-level":
        identifier.QueryRetrieveLevel = "FRAME"
    elif parameters.probe == "missing-key":
        # one level down and without its Unique Key: no system can send more than was named
        identifier.QueryRetrieveLevel = levels[min(last + 1, len(levels) - 1)]
    return identifier


class Receiver:
    """Decides how C-STORE sub-operations are answered: every second instance not with Success.

    `refused` are the SOP Instance UIDs refused so far. Safe for several associations at once.
    """

    def __init__(self, parameters: RetrieveParameters) -> None:
        """Take everything, some, none, or some with a warning, as the step says."""
        self.refused: list[str] = []
        self._accept: Share = parameters.accept
        self._pace = PACE if parameters.cancel_after is not None else 0.0
        self._given: dict[str, int] = {}
        self._lock = threading.Lock()

    def __call__(self, incoming: dimse.Incoming) -> int:
        """Give the status for one C-STORE request, the same for one that comes again."""
        if self._pace:
            time.sleep(self._pace)  # so that there is something left to cancel
        uid = incoming.exchange.sop_instance
        with self._lock:
            if uid not in self._given:
                self._given[uid] = self._status(len(self._given))
                if self._given[uid] == REFUSED:
                    self.refused.append(uid)
            return self._given[uid]

    def _status(self, before: int) -> int:
        if self._accept == "none":
            return REFUSED
        if before % 2 and self._accept != "all":
            return REFUSED if self._accept == "some" else WARNED
        return 0x0000
