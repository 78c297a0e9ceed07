"""A modality or workstation under test, of plain pynetdicom: it does one thing after the other."""

from __future__ import annotations

import contextlib
import socket
import threading

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    ModalityPerformedProcedureStep,
    ModalityWorklistInformationFind,
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

SIMULATED = ("modality", "workstation", "pacs", "ris", "printer")


def site_text(ports: dict[str, int], actor: str, trigger: str, step: str) -> str:
    """A site in which one actor is real."""
    return (
        f"site: Loopback\nlimits: {{step: {step}}}\n"
        f"systems: {{{actor}: {{ae_title: UNDERTEST, host: 127.0.0.1, port: {ports['self']}, "
        f"trigger: {trigger}}}}}\n"
        "simulators:\n" + "".join(f"  {each}: {{port: {ports[each]}}}\n" for each in SIMULATED)
    )


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Device:
    """A device under test, independent of our own code: it does one thing after the other."""

    def __init__(self, title: str, ports: dict[str, int]) -> None:
        self.title, self.ports = title, ports
        self.reported = threading.Event()
        self.received: list[Dataset] = []

    def serve(self):
        """Listen for commitment reports and sub-operations."""
        ae = AE(self.title)
        ae.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)
        ae.add_supported_context(CTImageStorage)

        def report(event):
            self.reported.set()
            return 0x0000, Dataset()

        def store(event):
            self.received.append(event.dataset)
            return 0x0000

        handlers = [(evt.EVT_N_EVENT_REPORT, report), (evt.EVT_C_STORE, store)]
        return ae.start_server(("127.0.0.1", self.ports["self"]), block=False,
                               evt_handlers=handlers)  # fmt: skip

    @contextlib.contextmanager
    def to(self, actor: str, *contexts, title: str = "", **options):
        """An association with a simulator."""
        ae = AE(title or self.title)
        for each in contexts:
            ae.add_requested_context(each, ExplicitVRLittleEndian)
        association = ae.associate("127.0.0.1", self.ports[actor], ae_title=f"DT_{actor.upper()}",
                                   **options)  # fmt: skip
        assert association.is_established
        try:
            yield association
        finally:
            association.release()

    def echo(self, actor: str = "pacs", title: str = "") -> None:
        with self.to(actor, Verification, title=title) as peer:
            peer.send_c_echo()

    def worklist(self, **keys: str) -> list[Dataset]:
        query = Dataset()
        for name in ("PatientName", "PatientID", "AccessionNumber", "StudyInstanceUID",
                     "PatientBirthDate", "PatientSex", "RequestedProcedureID",
                     "RequestedProcedureDescription"):  # fmt: skip
            setattr(query, name, keys.get(name, ""))
        step = Dataset()
        step.Modality = "CT"
        step.ScheduledProcedureStepID = ""
        query.ScheduledProcedureStepSequence = [step]
        with self.to("ris", ModalityWorklistInformationFind) as peer:
            answers = peer.send_c_find(query, ModalityWorklistInformationFind)
            return [data for status, data in answers if data is not None]

    def begin(self, item: Dataset) -> str:
        """Report the beginning of an examination; give its UID."""
        made, scheduled = Dataset(), Dataset()
        for name in ("StudyInstanceUID", "AccessionNumber", "RequestedProcedureID",
                     "RequestedProcedureDescription"):  # fmt: skip
            setattr(scheduled, name, item.get(name, ""))
        scheduled.ScheduledProcedureStepID = (
            item.ScheduledProcedureStepSequence[0].ScheduledProcedureStepID
            if "ScheduledProcedureStepSequence" in item
            else ""
        )
        scheduled.ReferencedStudySequence = []
        scheduled.ScheduledProcedureStepDescription = ""
        scheduled.ScheduledProtocolCodeSequence = []
        made.ScheduledStepAttributesSequence = [scheduled]
        for name in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex"):
            setattr(made, name, item.get(name, ""))
        made.ReferencedPatientSequence = []
        made.PerformedProcedureStepID = "PPS1"
        made.PerformedStationAETitle = self.title
        made.PerformedStationName = made.PerformedLocation = ""
        made.PerformedProcedureStepStartDate = "20260101"
        made.PerformedProcedureStepStartTime = "120000"
        made.PerformedProcedureStepStatus = "IN PROGRESS"
        made.PerformedProcedureStepDescription = ""
        made.PerformedProcedureTypeDescription = ""
        made.ProcedureCodeSequence = []
        made.PerformedProcedureStepEndDate = made.PerformedProcedureStepEndTime = ""
        made.Modality = "CT"
        made.StudyID = "1"
        made.PerformedProtocolCodeSequence = []
        made.PerformedSeriesSequence = []
        uid = generate_uid()
        with self.to("ris", ModalityPerformedProcedureStep) as peer:
            status, _ = peer.send_n_create(made, ModalityPerformedProcedureStep, uid)
            assert status.Status == 0, status
        return uid

    def end(self, uid: str, images: list[Dataset], status: str = "COMPLETED") -> None:
        changes, series = Dataset(), Dataset()
        changes.PerformedProcedureStepStatus = status
        changes.PerformedProcedureStepEndDate = "20260101"
        changes.PerformedProcedureStepEndTime = "121000"
        series.PerformingPhysicianName = series.OperatorsName = series.SeriesDescription = ""
        series.ProtocolName = "HEAD"
        series.SeriesInstanceUID = images[0].SeriesInstanceUID if images else generate_uid()
        series.RetrieveAETitle = ""
        series.ReferencedImageSequence = [self._reference(each) for each in images]
        series.ReferencedNonImageCompositeSOPInstanceSequence = []
        changes.PerformedSeriesSequence = [series]
        with self.to("ris", ModalityPerformedProcedureStep) as peer:
            peer.send_n_set(changes, ModalityPerformedProcedureStep, uid)

    def commit(self, images: list[Dataset]) -> None:
        action = Dataset()
        action.TransactionUID = generate_uid()
        action.ReferencedSOPSequence = [self._reference(each) for each in images]
        with self.to("pacs", StorageCommitmentPushModel) as peer:
            peer.send_n_action(action, 1, StorageCommitmentPushModel,
                               StorageCommitmentPushModelInstance)  # fmt: skip
        assert self.reported.wait(5)

    def images(self, count: int, *, patient: Dataset) -> list[Dataset]:
        study = patient.get("StudyInstanceUID") or generate_uid()
        series = generate_uid()
        return [self._image(patient, study, series, number + 1) for number in range(count)]

    def store(self, images: list[Dataset], title: str = "") -> None:
        with self.to("pacs", CTImageStorage, title=title) as peer:
            for each in images:
                status = peer.send_c_store(each)
                assert status.Status == 0, status

    def find(self, study: str, level: str = "STUDY") -> None:
        query = Dataset()
        query.QueryRetrieveLevel = level
        query.StudyInstanceUID = study
        query.PatientName = ""
        model = StudyRootQueryRetrieveInformationModelFind
        with self.to("pacs", model) as peer:
            assert len(list(peer.send_c_find(query, model))) == 2

    def retrieve(self, study: str, *, move: bool) -> None:
        query = Dataset()
        query.QueryRetrieveLevel = "STUDY"
        query.StudyInstanceUID = study
        if move:
            model = StudyRootQueryRetrieveInformationModelMove
            with self.to("pacs", model) as peer:
                list(peer.send_c_move(query, self.title, model))
            return
        model = StudyRootQueryRetrieveInformationModelGet
        roles = [build_role(CTImageStorage, scp_role=True)]
        handlers = [(evt.EVT_C_STORE, lambda _event: 0x0000)]
        with self.to("pacs", model, CTImageStorage, ext_neg=roles, evt_handlers=handlers) as peer:
            list(peer.send_c_get(query, model))

    @staticmethod
    def _reference(image: Dataset) -> Dataset:
        made = Dataset()
        made.ReferencedSOPClassUID = image.SOPClassUID
        made.ReferencedSOPInstanceUID = image.SOPInstanceUID
        return made

    @staticmethod
    def _image(patient: Dataset, study: str, series: str, number: int) -> Dataset:
        made = Dataset()
        made.SOPClassUID, made.SOPInstanceUID = CTImageStorage, generate_uid()
        made.PatientName = patient.get("PatientName", "Somebody^Else")
        made.PatientID = patient.get("PatientID", "NOT-OURS")
        made.AccessionNumber = patient.get("AccessionNumber", "")
        made.StudyInstanceUID, made.SeriesInstanceUID = study, series
        made.Modality, made.InstanceNumber = "CT", number
        made.Rows = made.Columns = 8
        made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
        made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 12, 11, 0
        made.PixelData = bytes(128)
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        return made
