"""A sound modality on plain pynetdicom: worklist, MPPS, images, storage commitment.

What it is about to send lies in an `Examination`, where a defect changes it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import generate_uid
from pynetdicom import AE, evt

EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
WORKLIST, MPPS = "1.2.840.10008.5.1.4.31", "1.2.840.10008.3.1.2.3.3"
CT, COMMITMENT = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.20.1"
COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"
PATIENT = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex")
PROCEDURE = ("StudyInstanceUID", "AccessionNumber", "RequestedProcedureID",
             "RequestedProcedureDescription")  # fmt: skip
CODE = ("CodeValue", "CodingSchemeDesignator", "CodeMeaning")

Change = Callable[["Examination"], None]


@dataclass
class Examination:
    """One examination: the messages as they are going to be sent."""

    item: Dataset = field(default_factory=Dataset)  # as the worklist answered it
    query: Any = None
    uid: str | None = field(default_factory=generate_uid)
    creation: Dataset = field(default_factory=Dataset)
    images: list[Dataset] = field(default_factory=list)
    ending: Dataset = field(default_factory=Dataset)
    afterwards: list[Dataset] = field(default_factory=list)  # further N-SET
    action: Dataset = field(default_factory=Dataset)
    commitment_instance: str = COMMITMENT_INSTANCE
    times: int = 1  # that commitment is asked for
    report_status: int = 0x0000
    aborts_report: bool = False
    takes_reports: bool = True
    roles: bool = True


class Device:
    """Goes through one examination; `changes` are by phase what it does wrong."""

    def __init__(
        self, title: str, ports: dict[str, int], changes: Iterable[tuple[str, Change]]
    ) -> None:
        self.title, self.ports = title, ports
        self.changes = list(changes)
        self.now = Examination()
        self.reported = threading.Event()
        self._server: Any = None

    def __enter__(self) -> Device:
        self._change("begin")
        ae = AE(self.title)
        ae.add_supported_context("1.2.840.10008.1.1")
        if self.now.takes_reports:
            role = (False, True) if self.now.roles else (None, None)
            ae.add_supported_context(COMMITMENT, scu_role=role[0], scp_role=role[1])
        self._server = ae.start_server(
            ("127.0.0.1", self.ports["self"]),
            block=False,
            evt_handlers=[(evt.EVT_N_EVENT_REPORT, self._report)],
        )
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()

    def _report(self, event: Any) -> tuple[int, None]:
        self.reported.set()
        if self.now.aborts_report:
            event.assoc.abort()
        return self.now.report_status, None

    def _change(self, phase: str) -> None:
        for when, change in self.changes:
            if when == phase:
                change(self.now)

    @contextmanager
    def to(self, actor: str, sop_class: str) -> Any:
        """An association with a simulator."""
        ae = AE(self.title)
        ae.add_requested_context(sop_class, [EXPLICIT, IMPLICIT])
        peer = ae.associate("127.0.0.1", self.ports[actor], ae_title=f"DT_{actor.upper()}")
        assert peer.is_established
        try:
            yield peer
        finally:
            peer.release()

    def examine(self) -> None:
        """The whole examination."""
        for each in (self.ask, self.begin, self.store, self.end, self.commit):
            each()

    def ask(self) -> None:
        """Query the worklist as sound modalities do, and as this one does."""
        self.now.query = self._query()
        self._change("worklist")
        found = self._found(self.now.query)
        if not found or "StudyInstanceUID" not in found[0]:
            found = self._found(self._query())
        self.now.item = found[0]

    def _found(self, query: Dataset) -> list[Dataset]:
        with self.to("ris", WORKLIST) as peer:
            answers = list(peer.send_c_find(query, WORKLIST))
        return [data for _, data in answers if data is not None]

    def _query(self) -> Dataset:
        query = Dataset()
        for name in (*PATIENT, *PROCEDURE, "ReferringPhysicianName"):
            setattr(query, name, "")
        query.ReferencedStudySequence = []
        query.RequestedProcedureCodeSequence = []
        step = Dataset()
        for name in ("ScheduledStationAETitle", "ScheduledProcedureStepStartDate",
                     "ScheduledProcedureStepStartTime", "ScheduledProcedureStepID",
                     "ScheduledProcedureStepDescription"):  # fmt: skip
            setattr(step, name, "")
        step.Modality = "CT"
        step.ScheduledProtocolCodeSequence = []
        query.ScheduledProcedureStepSequence = [step]
        return query

    def begin(self) -> None:
        """Report the beginning."""
        made, item = self.now.creation, self.now.item
        step = item.ScheduledProcedureStepSequence[0]
        scheduled = Dataset()
        for name in PROCEDURE:
            setattr(scheduled, name, item.get(name, ""))
        scheduled.ReferencedStudySequence = []
        scheduled.RequestedProcedureCodeSequence = codes(item, "RequestedProcedureCodeSequence")
        scheduled.ScheduledProcedureStepID = step.ScheduledProcedureStepID
        scheduled.ScheduledProcedureStepDescription = step.ScheduledProcedureStepDescription
        scheduled.ScheduledProtocolCodeSequence = codes(step, "ScheduledProtocolCodeSequence")
        made.ScheduledStepAttributesSequence = [scheduled]
        if "SpecificCharacterSet" in item:
            made.SpecificCharacterSet = item.SpecificCharacterSet
        for name in PATIENT:
            setattr(made, name, item.get(name, ""))
        made.ReferencedPatientSequence = []
        made.PerformedProcedureStepID = "PPS1"
        made.PerformedStationAETitle = self.title
        made.PerformedStationName = made.PerformedLocation = ""
        made.PerformedProcedureStepStartDate = "20260101"
        made.PerformedProcedureStepStartTime = "120000"
        made.PerformedProcedureStepStatus = "IN PROGRESS"
        made.PerformedProcedureStepDescription = step.ScheduledProcedureStepDescription
        made.PerformedProcedureTypeDescription = ""
        made.ProcedureCodeSequence = codes(item, "RequestedProcedureCodeSequence")
        made.PerformedProcedureStepEndDate = made.PerformedProcedureStepEndTime = ""
        made.Modality = "CT"
        made.StudyID = item.RequestedProcedureID
        made.PerformedProtocolCodeSequence = codes(step, "ScheduledProtocolCodeSequence")
        made.PerformedSeriesSequence = []
        made.PerformedProcedureStepDiscontinuationReasonCodeSequence = []
        self._change("create")
        with self.to("ris", MPPS) as peer:
            peer.send_n_create(made, MPPS, self.now.uid)

    def store(self) -> None:
        """Acquire and store two images."""
        series = generate_uid()
        self.now.images = [self._image(number, series) for number in (1, 2)]
        self._change("store")
        with self.to("pacs", CT) as peer:
            for each in self.now.images:
                peer.send_c_store(each)

    def end(self) -> None:
        """Report the end."""
        made, series = self.now.ending, Dataset()
        made.PerformedProcedureStepStatus = "COMPLETED"
        made.PerformedProcedureStepEndDate = "20260101"
        made.PerformedProcedureStepEndTime = "121000"
        series.PerformingPhysicianName = series.OperatorsName = series.SeriesDescription = ""
        series.ProtocolName = "HEAD"
        series.SeriesInstanceUID = self.now.images[0].SeriesInstanceUID
        series.RetrieveAETitle = ""
        series.ReferencedImageSequence = [reference(each) for each in self.now.images]
        series.ReferencedNonImageCompositeSOPInstanceSequence = []
        made.PerformedSeriesSequence = [series]
        self._change("end")
        if self.now.uid is None:
            return
        with self.to("ris", MPPS) as peer:
            for each in (made, *self.now.afterwards):
                peer.send_n_set(each, MPPS, self.now.uid)

    def commit(self) -> None:
        """Ask for storage commitment and wait for the report."""
        made = self.now.action
        made.TransactionUID = generate_uid()
        made.ReferencedSOPSequence = [reference(each) for each in self.now.images]
        self._change("commit")
        for _ in range(self.now.times):
            with self.to("pacs", COMMITMENT) as peer:
                peer.send_n_action(made, 1, COMMITMENT, self.now.commitment_instance)
            self.reported.wait(0.3)

    def _image(self, number: int, series: str) -> Dataset:
        item, made = self.now.item, Dataset()
        step = item.ScheduledProcedureStepSequence[0]
        if "SpecificCharacterSet" in item:
            made.SpecificCharacterSet = item.SpecificCharacterSet
        made.SOPClassUID, made.SOPInstanceUID = CT, generate_uid()
        for name in (*PATIENT, "StudyInstanceUID", "AccessionNumber", "ReferringPhysicianName"):
            setattr(made, name, item.get(name, ""))
        made.StudyID = item.RequestedProcedureID
        made.StudyDate = made.SeriesDate = "20260101"
        made.StudyTime = made.SeriesTime = "120000"
        made.StudyDescription = item.RequestedProcedureDescription
        made.ProcedureCodeSequence = codes(item, "RequestedProcedureCodeSequence")
        request = Dataset()
        request.RequestedProcedureID = item.RequestedProcedureID
        request.RequestedProcedureDescription = item.RequestedProcedureDescription
        request.RequestedProcedureCodeSequence = codes(item, "RequestedProcedureCodeSequence")
        request.ScheduledProcedureStepID = step.ScheduledProcedureStepID
        request.ScheduledProcedureStepDescription = step.ScheduledProcedureStepDescription
        request.ScheduledProtocolCodeSequence = codes(step, "ScheduledProtocolCodeSequence")
        made.RequestAttributesSequence = [request]
        made.PerformedProcedureStepID = "PPS1"
        made.PerformedProcedureStepStartDate = "20260101"
        made.PerformedProcedureStepStartTime = "120000"
        made.PerformedProcedureStepDescription = step.ScheduledProcedureStepDescription
        made.PerformedProtocolCodeSequence = codes(step, "ScheduledProtocolCodeSequence")
        performed = Dataset()
        performed.ReferencedSOPClassUID = MPPS
        performed.ReferencedSOPInstanceUID = self.now.uid or ""
        made.ReferencedPerformedProcedureStepSequence = [performed]
        made.SeriesInstanceUID, made.SeriesNumber = series, 1
        made.Modality, made.InstanceNumber = "CT", number
        made.Rows = made.Columns = 8
        made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
        made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 12, 11, 0
        made.PixelData = bytes(128)
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = EXPLICIT
        return made


def codes(place: Dataset, name: str) -> list[Dataset]:
    """A copy of the codes of a sequence."""
    found = []
    for item in place.get(name) or ():
        code = Dataset()
        for each in CODE:
            if each in item:
                setattr(code, each, item[each].value)
        found.append(code)
    return found


def reference(image: Dataset) -> Dataset:
    """A reference to an image."""
    made = Dataset()
    made.ReferencedSOPClassUID = image.SOPClassUID
    made.ReferencedSOPInstanceUID = image.SOPInstanceUID
    return made
