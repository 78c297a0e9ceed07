"""A sound MPPS SCP on plain pynetdicom, with Retrieve (PS3.4 F.7, F.8).

Each decision is a method of its own, so that a deviation is a small subclass.
"""

from __future__ import annotations

import copy
from typing import Any

from pydicom import Dataset
from pynetdicom import AE, evt

VERIFICATION = "1.2.840.10008.1.1"
MPPS, RETRIEVE = "1.2.840.10008.3.1.2.3.3", "1.2.840.10008.3.1.2.3.4"
STATUS = "PerformedProcedureStepStatus"
SYNTAXES = ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"]
TYPE_1 = (
    *("ScheduledStepAttributesSequence", "PerformedProcedureStepID", "PerformedStationAETitle"),
    *("PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime", STATUS, "Modality"),
)
TYPE_2 = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "ReferencedPatientSequence"),
    *("PerformedStationName", "PerformedLocation", "PerformedProcedureStepDescription"),
    *("PerformedProcedureTypeDescription", "ProcedureCodeSequence", "StudyID"),
    *("PerformedProcedureStepEndDate", "PerformedProcedureStepEndTime"),
    *("PerformedProtocolCodeSequence", "PerformedSeriesSequence"),
)
ONCE = (
    *("ScheduledStepAttributesSequence", "PatientName", "PatientID", "PatientBirthDate"),
    *("PatientSex", "PerformedProcedureStepID", "PerformedStationAETitle", "Modality", "StudyID"),
    *("PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime"),
)
STATES = ("IN PROGRESS", "COMPLETED", "DISCONTINUED")

Answer = tuple[Any, Dataset | None]


class MppsSCP:
    """Answers as PS3.4 Annex F asks; a context manager that listens on a free port."""

    ae_title = "BROKEN_RIS"
    classes: tuple[str, ...] = (VERIFICATION, MPPS, RETRIEVE)

    def __init__(self) -> None:
        self.port = 0
        self.steps: dict[str, Dataset] = {}
        self._server: Any = None

    def __enter__(self) -> MppsSCP:
        ae = AE(self.ae_title)
        for uid in self.classes:
            ae.add_supported_context(uid, SYNTAXES)
        handlers = [
            (evt.EVT_N_CREATE, lambda event: self.create(event)),
            (evt.EVT_N_SET, lambda event: self.change(event)),
            (evt.EVT_N_GET, lambda event: self.get(event)),
            (evt.EVT_ACCEPTED, self.on_accepted),
        ]
        self._server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
        self.port = self._server.server_address[1]
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()

    def on_accepted(self, event: Any) -> None:
        """Let `sending` see every response before it goes out."""
        dimse, send = event.assoc.dimse, event.assoc.dimse.send_msg

        def through(primitive: Any, context_id: int) -> None:
            self.sending(primitive)
            send(primitive, context_id)

        dimse.send_msg = through

    def sending(self, response: Any) -> None:
        """Change a response before it is sent."""

    def create(self, event: Any) -> Answer:
        """N-CREATE: a step begins."""
        uid = str(event.request.AffectedSOPInstanceUID)
        attributes = copy.deepcopy(event.attribute_list)
        refusal = self.refuses_create(uid, attributes)
        if refusal is not None:
            return refusal
        self.steps[uid] = attributes
        return self.created(attributes)

    def created(self, attributes: Dataset) -> Answer:
        """The answer to a step that has begun."""
        return 0x0000, attributes

    def refuses_create(self, uid: str, attributes: Dataset) -> Answer | None:
        """Why a step cannot begin."""
        if uid in self.steps:
            return self.duplicate()
        for name in (*TYPE_1, *TYPE_2):
            if name not in attributes:
                return self.missing(name)
        for name in TYPE_1:
            if not attributes[name].value:
                return self.empty(name)
        if attributes[STATUS].value != "IN PROGRESS":
            return self.begins_otherwise(attributes)
        return None

    def duplicate(self) -> Answer:
        return self.no(0x0111)

    def missing(self, name: str) -> Answer:
        return self.no(0x0120, name)

    def empty(self, name: str) -> Answer:
        return self.no(0x0121, name)

    def begins_otherwise(self, attributes: Dataset) -> Answer:
        wrong = Dataset()
        wrong[STATUS] = attributes[STATUS]
        return self.no(0x0106)[0], wrong

    def change(self, event: Any) -> Answer:
        """N-SET: a step goes on or ends."""
        uid = str(event.request.RequestedSOPInstanceUID)
        changes = copy.deepcopy(event.modification_list)
        refusal = self.refuses_change(uid, changes)
        if refusal is not None:
            return refusal
        self.steps[uid].update(changes)
        return self.changed(changes)

    def changed(self, changes: Dataset) -> Answer:
        """The answer to a step that has changed."""
        return 0x0000, changes

    def refuses_change(self, uid: str, changes: Dataset) -> Answer | None:
        """Why a step cannot change."""
        if uid not in self.steps:
            return self.unknown()
        if self.steps[uid][STATUS].value != "IN PROGRESS":
            return self.is_over(changes)
        if any(name in changes for name in ONCE):
            return self.told_once()
        if STATUS in changes and changes[STATUS].value not in STATES:
            return self.no_such_state(changes)
        return None

    def unknown(self) -> Answer:
        return self.no(0x0112)

    def is_over(self, changes: Dataset) -> Answer | None:
        del changes
        return self.no(0x0110, error=0xA710)

    def told_once(self) -> Answer | None:
        return self.no(0x0105)

    def no_such_state(self, changes: Dataset) -> Answer | None:
        del changes
        return self.no(0x0106)

    def get(self, event: Any) -> Answer:
        """N-GET: everything that is known of a step."""
        uid = str(event.request.RequestedSOPInstanceUID)
        if uid not in self.steps:
            return self.no(0x0112)
        return 0x0000, copy.deepcopy(self.steps[uid])

    @staticmethod
    def no(status: int, comment: str = "", *, error: int | None = None) -> Answer:
        """A refusal."""
        made = Dataset()
        made.Status = status
        if comment:
            made.ErrorComment = comment
        if error is not None:
            made.ErrorID = error
        return made, None
