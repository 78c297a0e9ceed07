"""MPPS providers that break the standard, and what they may legally do."""

from __future__ import annotations

import copy
from io import BytesIO
from typing import Any

from pydicom import Dataset

from ..deviations import Registry, add
from .scp import MPPS, STATUS, VERIFICATION, Answer, MppsSCP

DEFECTS: Registry = {}
QUIRKS: Registry = {}
CREATE, SET = "PS3.4 F.7.2.1.3", "PS3.4 F.7.2.2.3"


@add(DEFECTS, "PS3.4 F.7.1", "mpps.context-accepted")
class NoMpps(MppsSCP):
    """The SOP class is not accepted."""

    classes = (VERIFICATION,)


@add(DEFECTS, CREATE, "mpps.create-accepted")
class RefusesToBegin(MppsSCP):
    """A step without a scheduled step is refused."""

    def refuses_create(self, uid: str, attributes: Dataset) -> Answer | None:
        return super().refuses_create(uid, attributes) or self.no(0x0110)


@add(DEFECTS, SET, "mpps.set-accepted")
class NoProgress(MppsSCP):
    """Only a final N-SET is taken."""

    def refuses_change(self, uid: str, changes: Dataset) -> Answer | None:
        if changes.get(STATUS, "IN PROGRESS") == "IN PROGRESS" and uid in self.steps:
            return self.no(0x0110)
        return super().refuses_change(uid, changes)


@add(DEFECTS, SET, "mpps.final-accepted")
class NothingIsDiscontinued(MppsSCP):
    """A step cannot be DISCONTINUED."""

    def refuses_change(self, uid: str, changes: Dataset) -> Answer | None:
        if changes.get(STATUS) == "DISCONTINUED":
            return self.no(0x0110)
        return super().refuses_change(uid, changes)


@add(DEFECTS, CREATE, "mpps.no-needless-warning")
class AlwaysWarns(MppsSCP):
    """Every report is answered with 0107."""

    def created(self, attributes: Dataset) -> Answer:
        return 0x0107, attributes

    def changed(self, changes: Dataset) -> Answer:
        return 0x0107, changes


@add(DEFECTS, "PS3.7 10.1.5", "mpps.duplicate-refused")
class TakesDuplicates(MppsSCP):
    """A second N-CREATE replaces the first."""

    def refuses_create(self, uid: str, attributes: Dataset) -> Answer | None:
        self.steps.pop(uid, None)
        return super().refuses_create(uid, attributes)


@add(DEFECTS, "PS3.7 10.1.5", "mpps.duplicate-status")
class DuplicateIsAProcessingFailure(MppsSCP):
    """A second N-CREATE is refused with 0110."""

    def duplicate(self) -> Answer:
        return self.no(0x0110)


@add(DEFECTS, "PS3.7 10.1.5", "mpps.refused-changes-nothing")
class DuplicateReplacesAllTheSame(MppsSCP):
    """A second N-CREATE is refused, and the step forgets its end date."""

    def refuses_create(self, uid: str, attributes: Dataset) -> Answer | None:
        if uid in self.steps:
            self.steps[uid].PerformedProcedureStepID = "LOST"
        return super().refuses_create(uid, attributes)


@add(DEFECTS, "PS3.7 10.1.3", "mpps.unknown-refused")
class TakesTheUnknown(MppsSCP):
    """An N-SET of an unknown step is answered with Success."""

    def unknown(self) -> Answer:
        return 0x0000, None


@add(DEFECTS, "PS3.7 10.1.3", "mpps.unknown-refused", "mpps.retrieve-unknown")
class SetCreates(MppsSCP):
    """An N-SET of an unknown step creates it."""

    def change(self, event: Any) -> Answer:
        uid = str(event.request.RequestedSOPInstanceUID)
        if uid not in self.steps:
            self.steps[uid] = copy.deepcopy(event.modification_list)
            return 0x0000, None
        return super().change(event)


@add(DEFECTS, "PS3.7 10.1.3", "mpps.unknown-status")
class UnknownIsAProcessingFailure(MppsSCP):
    """An N-SET of an unknown step is refused with 0110."""

    def unknown(self) -> Answer:
        return self.no(0x0110)


@add(DEFECTS, SET, "mpps.finished-refused")
class NothingIsEverOver(MppsSCP):
    """A finished step can be changed and reopened."""

    def is_over(self, changes: Dataset) -> Answer | None:
        return None


@add(DEFECTS, SET, "mpps.finished-refused")
class MayBeDiscontinuedLater(MppsSCP):
    """A COMPLETED step can become DISCONTINUED."""

    def is_over(self, changes: Dataset) -> Answer | None:
        return None if changes.get(STATUS) == "DISCONTINUED" else super().is_over(changes)


@add(DEFECTS, SET, "mpps.finished-status")
class OverIsAnInvalidValue(MppsSCP):
    """A change of a finished step is refused with 0106."""

    def is_over(self, changes: Dataset) -> Answer | None:
        return self.no(0x0106)


@add(DEFECTS, "PS3.4 F.7.2.2.4", "mpps.finished-error-id")
class NoErrorId(MppsSCP):
    """The refusal of a change of a finished step has no Error ID."""

    def is_over(self, changes: Dataset) -> Answer | None:
        return self.no(0x0110)


@add(DEFECTS, SET, "mpps.refused-changes-nothing")
class OverChangesAllTheSame(MppsSCP):
    """A change of a finished step is refused and made."""

    def refuses_change(self, uid: str, changes: Dataset) -> Answer | None:
        refusal = super().refuses_change(uid, changes)
        if refusal is not None and uid in self.steps and STATUS in changes:
            self.steps[uid][STATUS] = changes[STATUS]
        return refusal


@add(DEFECTS, CREATE, "mpps.created-final-refused")
class BeginsAtTheEnd(MppsSCP):
    """A step can be created COMPLETED."""

    def refuses_create(self, uid: str, attributes: Dataset) -> Answer | None:
        if attributes.get(STATUS) == "COMPLETED":
            return None
        return super().refuses_create(uid, attributes)


@add(DEFECTS, CREATE, "mpps.created-final-status")
class BeginningAtTheEndIsAFailure(MppsSCP):
    """A step that is created COMPLETED is refused with 0110."""

    def begins_otherwise(self, attributes: Dataset) -> Answer:
        return self.no(0x0110)


@add(DEFECTS, CREATE, "mpps.created-final-attribute-list")
class AnotherAttribute(MppsSCP):
    """The refusal with 0106 names an attribute that is right."""

    def sending(self, response: Any) -> None:
        if response.Status == 0x0106 and hasattr(response, "AttributeList"):
            response.AttributeList = BytesIO(b"\x08\x00\x60\x00CS\x02\x00CT")


@add(DEFECTS, "PS3.7 10.1.5", "mpps.refused-create-leaves-nothing")
class RefusedAndKept(MppsSCP):
    """A step whose beginning was refused is there all the same."""

    def begins_otherwise(self, attributes: Dataset) -> Answer:
        kept = copy.deepcopy(attributes)
        kept[STATUS].value = "IN PROGRESS"
        self.late = kept
        return super().begins_otherwise(attributes)

    def create(self, event: Any) -> Answer:
        self.late = None
        answer = super().create(event)
        if self.late is not None:
            self.steps[str(event.request.AffectedSOPInstanceUID)] = self.late
        return answer


@add(DEFECTS, "PS3.4 5.4.2.1", "mpps.missing-attribute-refused")
class TakesTheIncomplete(MppsSCP):
    """An N-CREATE without mandatory attributes is taken."""

    def missing(self, name: str) -> Answer:
        return 0x0000, None


@add(DEFECTS, "PS3.4 5.4.2.1", "mpps.missing-attribute-refused")
class NeedsTypeOneOnly(MppsSCP):
    """An N-CREATE without attributes of type 2 is taken."""

    def refuses_create(self, uid: str, attributes: Dataset) -> Answer | None:
        if "PatientID" not in attributes:
            return None
        return super().refuses_create(uid, attributes)


@add(DEFECTS, "PS3.4 5.4.2.1", "mpps.missing-attribute-status")
class MissingIsInvalid(MppsSCP):
    """An N-CREATE without a mandatory attribute is refused with 0106."""

    def missing(self, name: str) -> Answer:
        return self.no(0x0106)


@add(DEFECTS, "PS3.4 5.4.2.1", "mpps.missing-value-refused")
class TakesTheEmpty(MppsSCP):
    """An N-CREATE with an empty attribute of type 1 is taken."""

    def empty(self, name: str) -> Answer:
        return 0x0000, None


@add(DEFECTS, "PS3.4 5.4.2.1", "mpps.missing-value-status")
class EmptyIsMissing(MppsSCP):
    """An N-CREATE with an empty attribute of type 1 is refused with 0120."""

    def empty(self, name: str) -> Answer:
        return self.no(0x0120, name)


@add(DEFECTS, "PS3.4 F.7.2.2.1", "mpps.not-allowed-told")
class PatientCanChange(MppsSCP):
    """An N-SET can move a step to another patient."""

    def told_once(self) -> Answer | None:
        return None


@add(DEFECTS, "PS3.4 F.7.2.2", "mpps.bad-status-told")
class AnyStatus(MppsSCP):
    """Every status is taken."""

    def no_such_state(self, changes: Dataset) -> Answer | None:
        return None


@add(DEFECTS, "PS3.7 10.1.5", "mpps.status-of-service")
class StatusOfStorage(MppsSCP):
    """A duplicate is refused with a status of C-STORE."""

    def duplicate(self) -> Answer:
        return self.no(0xA700)


@add(DEFECTS, "PS3.7 10.1.3", "mpps.instance-uid")
class OwnInstanceUid(MppsSCP):
    """Responses name another step."""

    def sending(self, response: Any) -> None:
        if getattr(response, "AffectedSOPInstanceUID", None):
            response.AffectedSOPInstanceUID = "1.2.3.4"


@add(DEFECTS, "PS3.4 F.8.2.1", "mpps.retrieve-found")
class NothingToRetrieve(MppsSCP):
    """No step can be retrieved."""

    def get(self, event: Any) -> Answer:
        return self.no(0x0112)


@add(DEFECTS, "PS3.7 10.1.2", "mpps.retrieve-unknown")
class UnknownIsEmpty(MppsSCP):
    """An unknown step is retrieved, without attributes."""

    def get(self, event: Any) -> Answer:
        uid = str(event.request.RequestedSOPInstanceUID)
        return super().get(event) if uid in self.steps else (0x0000, Dataset())


@add(DEFECTS, "PS3.4 F.8.2.1", "mpps.retrieve-values")
class SetIsForgotten(MppsSCP):
    """What an N-SET says is not kept, but for the status."""

    def change(self, event: Any) -> Answer:
        uid = str(event.request.RequestedSOPInstanceUID)
        before = copy.deepcopy(self.steps.get(uid))
        answer = super().change(event)
        if before is not None and answer[0] == 0x0000:
            before[STATUS] = self.steps[uid][STATUS]
            self.steps[uid] = before
        return answer


@add(DEFECTS, SET, "mpps.created-attributes")
class OwnStepId(MppsSCP):
    """The response to N-CREATE says another Performed Procedure Step ID."""

    def created(self, attributes: Dataset) -> Answer:
        told = copy.deepcopy(attributes)
        told.PerformedProcedureStepID = "OWN"
        return 0x0000, told


@add(QUIRKS, "PS3.4 F.8")
class NoRetrieve(MppsSCP):
    """Steps cannot be retrieved."""

    classes = (VERIFICATION, MPPS)


@add(QUIRKS, "PS3.7 10.1.5")
class SaysNothing(MppsSCP):
    """Responses carry no data set and no instance, unless one must be named."""

    def created(self, attributes: Dataset) -> Answer:
        return 0x0000, None

    def changed(self, changes: Dataset) -> Answer:
        return 0x0000, None

    def sending(self, response: Any) -> None:
        if response.Status == 0x0000 and "C_" not in type(response).__name__:
            response.AffectedSOPInstanceUID = None


@add(QUIRKS, "PS3.4 F.7.2.2.1")
class WarnsOfWhatItDrops(MppsSCP):
    """What an N-SET must not change is dropped with a warning, and so is an unknown status."""

    def change(self, event: Any) -> Answer:
        uid = str(event.request.RequestedSOPInstanceUID)
        changes = event.modification_list
        odd = "PatientID" in changes or changes.get(STATUS) == "FINISHED"
        if odd and uid in self.steps and self.steps[uid].get(STATUS) == "IN PROGRESS":
            return 0x0107, None
        return super().change(event)


@add(QUIRKS, "PS3.4 F.8.2.1.3")
class RetrievesAFew(MppsSCP):
    """Of a step only the status and its patient can be retrieved; 0001 says so."""

    def get(self, event: Any) -> Answer:
        status, known = super().get(event)
        if known is None:
            return status, None
        few = Dataset()
        for name in (STATUS, "PatientID", "PatientName"):
            few[name] = known[name]
        return 0x0001, few
