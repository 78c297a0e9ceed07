"""Worklist providers whose answers are wrong in form, content, status or number."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from io import BytesIO
from time import sleep
from typing import Any

from pydicom import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import generate_uid

from ..deviations import Registry, add
from .scp import STEP, WorklistSCP, text

ANSWERS: Registry = {}
TYPES = "PS3.4 K.2.2.1.2"
CANCELLABLE = 0.02  # seconds an answer takes, so that a cancel comes before the last


class Alters(WorklistSCP):
    """Answers with a change."""

    def answer(self, item: Dataset, keys: Dataset) -> Dataset:
        answer = copy.deepcopy(super().answer(item, keys))
        self.alter(answer)
        for step in answer.get(STEP) or ():
            self.alter_step(step)
        return answer

    def alter(self, answer: Dataset) -> None:
        """Change the answer."""

    def alter_step(self, step: Dataset) -> None:
        """Change its scheduled step."""


def drop(place: Dataset, *names: str) -> None:
    for each in names:
        place.pop(each, None)


@add(ANSWERS, TYPES, "worklist.type-1", scenario="form")
class NoStudyUid(Alters):
    """Study Instance UID is not returned."""

    def alter(self, answer: Dataset) -> None:
        drop(answer, "StudyInstanceUID")


@add(ANSWERS, TYPES, "worklist.type-1", scenario="form")
class EmptyProcedureId(Alters):
    """Requested Procedure ID has no value."""

    def alter(self, answer: Dataset) -> None:
        answer.RequestedProcedureID = ""


@add(ANSWERS, TYPES, "worklist.step-type-1", scenario="form")
class NoStartTime(Alters):
    """Scheduled Procedure Step Start Time is empty."""

    def alter_step(self, step: Dataset) -> None:
        step.ScheduledProcedureStepStartTime = ""


@add(ANSWERS, TYPES, "worklist.step-type-1", scenario="form")
class NoStepId(Alters):
    """Scheduled Procedure Step ID is not returned."""

    def alter_step(self, step: Dataset) -> None:
        drop(step, "ScheduledProcedureStepID")


@add(ANSWERS, TYPES, "worklist.type-2", "worklist.pending-status", scenario="form")
class NoAccessionNumber(Alters):
    """Accession Number and what is unknown are left out, and not announced."""

    def alter(self, answer: Dataset) -> None:
        drop(answer, "AccessionNumber", "PregnancyStatus", "Allergies")

    def pending(self, answer: Dataset, keys: Dataset) -> int:
        return 0xFF00


@add(ANSWERS, TYPES, "worklist.type-2", scenario="form")
class NoPhysicianWhenUnknown(Alters):
    """Attributes of the step without a value are left out."""

    def alter_step(self, step: Dataset) -> None:
        drop(step, "ScheduledStationName", "ScheduledProcedureStepLocation")


@add(ANSWERS, "PS3.4 K.6.1.2.2", "worklist.description-or-code", scenario="form")
class NothingSaysWhat(Alters):
    """Neither descriptions nor codes are returned."""

    def alter(self, answer: Dataset) -> None:
        drop(answer, "RequestedProcedureDescription", "RequestedProcedureCodeSequence")


@add(ANSWERS, "PS3.4 K.6.1.2.2", "worklist.one-procedure-code", scenario="form")
class TwoProcedureCodes(Alters):
    """Requested Procedure Code Sequence has two items."""

    def alter(self, answer: Dataset) -> None:
        codes = answer.get("RequestedProcedureCodeSequence")
        if codes:
            codes.append(copy.deepcopy(codes[0]))


@add(ANSWERS, "PS3.3 8.8", "worklist.code-complete", scenario="form")
class CodeWithoutScheme(Alters):
    """Codes have no Coding Scheme Designator."""

    def alter_step(self, step: Dataset) -> None:
        for each in step.get("ScheduledProtocolCodeSequence") or ():
            drop(each, "CodingSchemeDesignator")


@add(ANSWERS, "PS3.4 K.6.1.2.2", "worklist.reference-complete", scenario="form")
class HalfAReference(Alters):
    """Referenced Study Sequence names an instance and no class."""

    def alter(self, answer: Dataset) -> None:
        if "ReferencedStudySequence" in answer:
            reference = Dataset()
            reference.ReferencedSOPInstanceUID = text(answer, "StudyInstanceUID")
            answer.ReferencedStudySequence = Sequence([reference])


@add(ANSWERS, "PS3.4 K.4.1.1.3.2", "worklist.only-requested", scenario="form")
class TellsEverything(WorklistSCP):
    """The whole item is returned, whatever was asked for."""

    def answer(self, item: Dataset, keys: Dataset) -> Dataset:
        return copy.deepcopy(item)


@add(ANSWERS, "PS3.4 K.4.1.1.3.2", "worklist.only-requested", scenario="form")
class AddsALevel(Alters):
    """Query/Retrieve Level is added."""

    def alter(self, answer: Dataset) -> None:
        answer.QueryRetrieveLevel = "STUDY"


@add(ANSWERS, "PS3.4 K.6.1.2.2", "worklist.one-step", scenario="form")
class StepsTogether(Alters):
    """The sequence of an answer has two items."""

    def alter(self, answer: Dataset) -> None:
        if answer.get(STEP):
            answer[STEP].value.append(copy.deepcopy(answer[STEP][0]))


@add(ANSWERS, "PS3.4 K.6.1.2.2", "worklist.one-step", scenario="form")
class StepIsFlat(Alters):
    """What belongs into the sequence stands beside it."""

    def alter(self, answer: Dataset) -> None:
        for step in answer.get(STEP) or ():
            for element in step:
                answer[element.tag] = element
        drop(answer, STEP)


@add(ANSWERS, "PS3.4 K.4.1.1.4", "worklist.pending-status", scenario="form")
class AlwaysFf01(WorklistSCP):
    """Every answer says that a key is not supported."""

    def pending(self, answer: Dataset, keys: Dataset) -> int:
        return 0xFF01


@add(ANSWERS, "PS3.4 K.4.1.1.4", "worklist.unsupported-key-is-announced", scenario="form")
class NeverFf01(WorklistSCP):
    """No answer says that a key is not supported."""

    def pending(self, answer: Dataset, keys: Dataset) -> int:
        return 0xFF00


@add(ANSWERS, "PS3.4 K.4.1.1.4", "worklist.pending-status-mixed", scenario="form")
class NowAndThenFf01(WorklistSCP):
    """Every other answer has status FF01."""

    count = 0

    def pending(self, answer: Dataset, keys: Dataset) -> int:
        self.count += 1
        return 0xFF00 + self.count % 2


@add(ANSWERS, "PS3.5 6.1.2", "worklist.character-set", scenario="form")
class UndeclaredCharacterSet(WorklistSCP):
    """Names beyond ASCII come without Specific Character Set."""

    def sending(self, response: Any) -> Iterator[Any]:
        if response.Status in (0xFF00, 0xFF01):
            encoded = response.Identifier.getvalue()
            if encoded[:6] == b"\x08\x00\x05\x00CS":
                response.Identifier = BytesIO(encoded[8 + encoded[6] :])
        yield response


@add(ANSWERS, "PS3.4 K.4.1.1.3.2", "worklist.ordered-values", scenario="form")
class QuestionMarksInNames(Alters):
    """What is not ASCII becomes a question mark."""

    def alter(self, answer: Dataset) -> None:
        if "PatientName" in answer:
            name = str(answer.PatientName)
            answer.PatientName = name.encode("ascii", "replace").decode()


@add(ANSWERS, "PS3.4 K.4.1.3", "worklist.ordered-values", scenario="form")
class ShortAccessionNumbers(Alters):
    """Accession Number is cut to eight characters."""

    def alter(self, answer: Dataset) -> None:
        if text(answer, "AccessionNumber"):
            answer.AccessionNumber = text(answer, "AccessionNumber")[:8]


@add(ANSWERS, "PS3.4 K.4.1.3", "worklist.ordered-values", scenario="form")
class SexIsLost(Alters):
    """Patient's Sex and birth date are empty although they are known."""

    def alter(self, answer: Dataset) -> None:
        answer.PatientSex = answer.PatientBirthDate = ""


@add(ANSWERS, "PS3.5 6.2", "worklist.legal-values", scenario="form")
class DatesWithDashes(Alters):
    """The start date is written with dashes."""

    def alter_step(self, step: Dataset) -> None:
        date = text(step, "ScheduledProcedureStepStartDate")
        step["ScheduledProcedureStepStartDate"]._value = f"{date[:4]}-{date[4:6]}-{date[6:]}"


@add(ANSWERS, "PS3.4 K.6.1.2.2", "worklist.study-uid-stable", scenario="form")
class NewStudyUidEachTime(Alters):
    """Every answer has a Study Instance UID of its own."""

    def alter(self, answer: Dataset) -> None:
        answer.StudyInstanceUID = generate_uid()


@add(ANSWERS, "PS3.4 K.6.1.2.2", "worklist.study-uid-unique", scenario="form")
class OneStudyForAll(Alters):
    """Every requested procedure has the same Study Instance UID."""

    def alter(self, answer: Dataset) -> None:
        answer.StudyInstanceUID = "1.2.3.4"


@add(ANSWERS, "PS3.4 K.4.1.3", "worklist.no-duplicates", scenario="form")
class AnswersTwice(WorklistSCP):
    """Every step is answered twice."""

    def found(self, keys: Dataset) -> list[Dataset]:
        return [each for each in super().found(keys) for _ in range(2)]


@add(ANSWERS, "PS3.4 K.4.1.3", "worklist.same-answers-again", scenario="form")
class ForgetsNowAndThen(WorklistSCP):
    """Every other query loses its first step."""

    def found(self, keys: Dataset) -> list[Dataset]:
        return super().found(keys)[self.queries % 2 :]


@add(ANSWERS, "PS3.4 K.4.1.3", "worklist.order-appears", scenario="form")
class NeverChanges(WorklistSCP):
    """What is changed after it was ordered stays as it was."""

    def __init__(self, folder: Any) -> None:
        super().__init__(folder)
        self.first: dict[str, Dataset] = {}

    def items(self) -> list[Dataset]:
        found = super().items()
        for each in found:
            self.first.setdefault(text(each[STEP][0], "ScheduledProcedureStepID"), each)
        return [self.first[text(each[STEP][0], "ScheduledProcedureStepID")] for each in found]


@add(ANSWERS, "IHE RAD TF-2 4.3", "worklist.cancelled-disappears", scenario="form")
class NeverForgets(WorklistSCP):
    """What was cancelled stays."""

    def __init__(self, folder: Any) -> None:
        super().__init__(folder)
        self.seen: dict[str, Dataset] = {}

    def items(self) -> list[Dataset]:
        for each in super().items():
            self.seen[text(each[STEP][0], "ScheduledProcedureStepID")] = each
        return list(self.seen.values())


@add(ANSWERS, "PS3.4 K.4.1.3", "worklist.success", "worklist.no-match-is-success",
     scenario="form")  # fmt: skip
class NothingIsAFailure(WorklistSCP):
    """A query without a match ends with a failure."""

    def refuses(self, keys: Dataset) -> int | None:
        return super().refuses(keys) or (None if self.found(keys) else 0xC001)


@add(ANSWERS, "PS3.4 K.4.1.3", "worklist.no-match-is-success", scenario="form")
class NothingIsAnEmptyAnswer(WorklistSCP):
    """A query without a match gets an answer without values."""

    def found(self, keys: Dataset) -> list[Dataset]:
        nobody = Dataset()
        setattr(nobody, STEP, Sequence([Dataset()]))
        return super().found(keys) or [nobody]


@add(ANSWERS, "PS3.4 K.4.1.1.4", "worklist.status-of-service", "worklist.success",
     scenario="form")  # fmt: skip
class EndsWithB000(WorklistSCP):
    """The final response has a status of another service."""

    def final(self) -> Iterator[tuple[int, None]]:
        yield 0xB000, None


@add(ANSWERS, "PS3.4 K.4.1.3", "worklist.final-without-identifier", scenario="form")
class FinalWithIdentifier(WorklistSCP):
    """The final response carries an identifier."""

    def sending(self, response: Any) -> Iterator[Any]:
        if response.Status == 0x0000 and hasattr(response, "Identifier"):
            response.Identifier = BytesIO(b"\x10\x00\x20\x00LO\x02\x00AB")
        yield response


@add(ANSWERS, "PS3.4 K.4.1.3", "worklist.pending-has-identifier", scenario="form")
class PendingWithoutIdentifier(WorklistSCP):
    """A Pending response without an identifier comes first."""

    def sending(self, response: Any) -> Iterator[Any]:
        if response.Status == 0xFF00:
            bare = copy.copy(response)
            bare.Identifier = None
            yield bare
        yield response


@add(ANSWERS, "PS3.4 K.4.1.3", "worklist.nothing-after-the-final-response", scenario="form")
class TwoFinals(WorklistSCP):
    """The final response comes twice."""

    def sending(self, response: Any) -> Iterator[Any]:
        yield response
        if response.Status == 0x0000 and hasattr(response, "Identifier"):
            yield response


@add(ANSWERS, "PS3.4 K.4.1.1.3", "worklist.readable", scenario="form")
class Garbage(WorklistSCP):
    """Identifiers are no data sets."""

    def sending(self, response: Any) -> Iterator[Any]:
        if response.Status in (0xFF00, 0xFF01):
            response.Identifier = BytesIO(b"\x08\x00\x05\x00ZZ\xff\xff\xff\xff" * 2)
        yield response


@add(ANSWERS, "PS3.7 9.3.2.3", "worklist.cancel", scenario="form")
class CancelIsAnError(WorklistSCP):
    """A cancelled query ends with a failure."""

    def answer(self, item: Dataset, keys: Dataset) -> Dataset:
        sleep(CANCELLABLE)
        return super().answer(item, keys)

    def on_find(self, event: Any) -> Iterator[tuple[Any, Dataset | None]]:
        for each in super().on_find(event):
            yield (0xC002, None) if each[0] == 0xFE00 else each


@add(ANSWERS, "PS3.7 9.3.2.3", "worklist.serves-after-cancel", scenario="form")
class CancelEndsTheAssociation(WorklistSCP):
    """After a C-CANCEL the association is aborted."""

    was_cancelled = False

    def answer(self, item: Dataset, keys: Dataset) -> Dataset:
        sleep(CANCELLABLE)
        return super().answer(item, keys)

    def on_find(self, event: Any) -> Iterator[tuple[Any, Dataset | None]]:
        if self.was_cancelled:
            event.assoc.abort()
            return
        for each in super().on_find(event):
            self.was_cancelled = self.was_cancelled or each[0] == 0xFE00
            yield each


@add(ANSWERS, "PS3.4 K.2.2.1.1.2", "worklist.optional-key-hides-nothing", scenario="form")
class UnknownKeyFindsNothing(WorklistSCP):
    """A return key that is not supported matches nothing."""

    def found(self, keys: Dataset) -> list[Dataset]:
        return [] if "EthnicGroup" in keys else super().found(keys)


@add(ANSWERS, "PS3.4 K.2.2.1.1.2", "worklist.foreign-key-is-ignored", scenario="form")
class ForeignKeyIsRefused(WorklistSCP):
    """A key of another model makes the query fail."""

    def refuses(self, keys: Dataset) -> int | None:
        return 0xA900 if "QueryRetrieveLevel" in keys else super().refuses(keys)


@add(ANSWERS, "PS3.4 C.2.2.2.6", "worklist.two-items-are-refused", scenario="form")
class TakesTwoItems(WorklistSCP):
    """A request with two items in the sequence is answered."""

    def refuses(self, keys: Dataset) -> int | None:
        return None


@add(ANSWERS, "IHE RAD TF-2 4.7", "worklist.status-follows-mpps", scenario="reported")
class NeverOver(WorklistSCP):
    """What was performed is still to come."""

    def finished(self, item: Dataset) -> Dataset:
        return item


@add(ANSWERS, "PS3.5 6.2", "worklist.value-representation", scenario="form")
class IdAsAnotherVr(WorklistSCP):
    """Patient ID comes as SH."""

    def sending(self, response: Any) -> Iterator[Any]:
        if response.Status in (0xFF00, 0xFF01):
            encoded = response.Identifier.getvalue()
            changed = encoded.replace(b"\x10\x00\x20\x00LO", b"\x10\x00\x20\x00SH")
            response.Identifier = BytesIO(changed)
        yield response
