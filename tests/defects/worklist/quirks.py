"""Legal peculiarities of worklist providers: no check may fail or warn."""

from __future__ import annotations

import time
import unicodedata
from typing import Any

from pydicom import Dataset

from ..deviations import Registry, add
from .scp import STEP, WorklistSCP, text

QUIRKS: Registry = {}
COMBINED: Registry = {}  # several quirks at once


@add(QUIRKS, "PS3.4 C.2.2.2.1.1")
class NamesWithoutCase(WorklistSCP):
    """Names are matched without regard to case."""

    def name_matches(self, key: str, value: str) -> bool:
        return super().name_matches(key.casefold(), value.casefold())


@add(QUIRKS, "PS3.4 C.2.2.2.1.1")
class NamesWithoutAccents(WorklistSCP):
    """Names are matched without regard to accents."""

    def name_matches(self, key: str, value: str) -> bool:
        def bare(name: str) -> str:
            parts = unicodedata.normalize("NFD", name)
            return "".join(each for each in parts if not unicodedata.combining(each))

        return super().name_matches(bare(key), bare(value))


@add(QUIRKS, "PS3.4 K.2.2.1.1.2")
class KeysOfIheOnly(WorklistSCP):
    """Of the Optional Keys only those of IHE are matched; Study Instance UID is not."""

    optional = frozenset({"AccessionNumber", "RequestedProcedureID"})


@add(QUIRKS, "PS3.4 K.4.1.3")
class Slow(WorklistSCP):
    """Every answer takes a while."""

    def answer(self, item: Dataset, keys: Dataset) -> Dataset:
        time.sleep(0.0005)
        return super().answer(item, keys)


@add(QUIRKS, "PS3.4 K.4.1.3")
class OtherOrder(WorklistSCP):
    """Steps come in the opposite order."""

    def found(self, keys: Dataset) -> list[Dataset]:
        return super().found(keys)[::-1]


@add(QUIRKS, "PS3.4 K.4.1.1.3.2")
class AnswersInUtf8(WorklistSCP):
    """Every answer is in ISO_IR 192, whatever was asked and stored."""

    def answer(self, item: Dataset, keys: Dataset) -> Dataset:
        answer = super().answer(item, keys)
        answer.SpecificCharacterSet = "ISO_IR 192"
        return answer


@add(QUIRKS, "PS3.4 K.6.1.2.2")
class NoCodes(WorklistSCP):
    """Descriptions are supported, codes are not."""

    def answer(self, item: Dataset, keys: Dataset) -> Dataset:
        answer = super().answer(item, keys)
        answer.pop("RequestedProcedureCodeSequence", None)
        for step in answer.get(STEP) or ():
            step.pop("ScheduledProtocolCodeSequence", None)
        return answer


@add(QUIRKS, "PS3.4 K.6.1.2.2")
class NoStatus(WorklistSCP):
    """Scheduled Procedure Step Status, which is of type 3, is not supported."""

    def answer(self, item: Dataset, keys: Dataset) -> Dataset:
        answer = super().answer(item, keys)
        for step in answer.get(STEP) or ():
            step.pop("ScheduledProcedureStepStatus", None)
        return answer


@add(QUIRKS, "IHE RAD TF-2 4.3")
class ShowsCancelledSteps(WorklistSCP):
    """Cancelled steps stay in the worklist with status CANCELED."""

    def __init__(self, folder: Any) -> None:
        super().__init__(folder)
        self.seen: dict[str, Dataset] = {}

    def items(self) -> list[Dataset]:
        now = super().items()
        ids = {text(each[STEP][0], "ScheduledProcedureStepID") for each in now}
        for each in now:
            self.seen[text(each[STEP][0], "ScheduledProcedureStepID")] = each
        for step_id, each in self.seen.items():
            if step_id not in ids:
                each[STEP][0].ScheduledProcedureStepStatus = "CANCELED"
                now.append(each)
        return now


@add(QUIRKS, "PS3.4 C.2.2.2.1.3")
class TimesAsText(WorklistSCP):
    """A single time matches only as it is spelt."""

    def time_matches(self, key: str, value: str) -> bool:
        return key == value if "-" not in key else super().time_matches(key, value)


@add(QUIRKS, "PS3.4 K.4.1.3")
class ForeignPatients(WorklistSCP):
    """The worklist holds steps of patients that nobody knows, with other attributes."""

    def items(self) -> list[Dataset]:
        found = super().items()
        for number, each in enumerate(list(found[:2])):
            other = Dataset()
            other.PatientName, other.PatientID = f"Foreign^Fritz{number}", f"4711-{number}"
            other.StudyInstanceUID = f"1.2.3.{number + 1}"
            other.RequestedProcedureID = f"F{number}"
            other.RequestedProcedureDescription = "Knee"
            step = Dataset()
            for name, value in (
                ("ScheduledStationAETitle", ["OTHER", each[STEP][0].ScheduledStationAETitle]),
                (
                    "ScheduledProcedureStepStartDate",
                    text(each[STEP][0], "ScheduledProcedureStepStartDate"),
                ),
                ("ScheduledProcedureStepStartTime", "0800"),
                ("Modality", "MR"),
                ("ScheduledProcedureStepID", f"FS{number}"),
                ("ScheduledProcedureStepDescription", "Knee"),
            ):
                setattr(step, name, value)
            setattr(other, STEP, [step])
            found.append(other)
        return found


@add(COMBINED, "PS3.4 K")
class Generous(
    *(ForeignPatients, ShowsCancelledSteps, OtherOrder, Slow, AnswersInUtf8),
    *(NamesWithoutAccents, NamesWithoutCase),
):
    """A provider that finds more than it must, in its own order and character set."""


@add(COMBINED, "PS3.4 K")
class Sparing(KeysOfIheOnly, NoCodes, NoStatus, TimesAsText):
    """A provider that does what it must, and no more."""
