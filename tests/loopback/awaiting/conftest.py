"""A modality and a workstation of plain pynetdicom, and stages on which they are awaited."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
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

from dicomtest.awaiting.desk import Answer, Desk
from dicomtest.casting import Casting
from dicomtest.checks import all_checks
from dicomtest.dimse import Recorder
from dicomtest.evidence_json import write_step
from dicomtest.session import RunSession
from dicomtest.spec.scenario import load_scenarios
from dicomtest.spec.site import load_site
from dicomtest.stage import Run, Stage
from dicomtest.transactions import step_models

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
        yield association
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


class Person(Desk):
    """Somebody at the desk: says what is scripted when its card shows what it waits for."""

    present = True

    def __init__(self, *script) -> None:
        super().__init__()
        self.script, self.cards = list(script), []
        self.told: list[Answer] = []

    def changed(self) -> None:
        super().changed()
        card = self.card
        if card is None:
            return
        if card not in self.cards:
            self.cards.append(card)
        if self.script and self.script[0][0](card):
            _, act = self.script.pop(0)
            made = act() if callable(act) else act
            if made is not None:
                self.give(card.number, made)

    def record(self, card, answer) -> None:
        self.told.append(answer)


@pytest.fixture
def person():
    """The class of scripted operators."""
    return Person


@pytest.fixture
def stage_of(tmp_path):
    """Give (stage, device) for a scenario in which a system is real; everything is closed after."""
    opened: list[Casting] = []
    servers = []

    def made(steps: str, *, actor: str = "modality", trigger: str = "{wait: true}", step="8 s",
             desk: Desk | None = None, listens: bool = False) -> tuple[Stage, Device]:  # fmt: skip
        ports = {each: free_port() for each in (*SIMULATED, "self")}
        site = tmp_path / "site.yaml"
        site.write_text(site_text(ports, actor, trigger, step), encoding="utf-8")
        path = tmp_path / "x.dicomtest.yaml"
        path.write_text(f"scenario: x\nsteps:\n{steps}", encoding="utf-8")
        loaded = load_site(site, checks=tuple(all_checks()), steps=tuple(step_models()))
        recorder = Recorder()
        spool = tmp_path / "run" / "evidence" / "received"
        spool.mkdir(parents=True)
        casting = Casting(loaded, recorder, spool)
        opened.append(casting)
        run = Run(loaded, "r1", 1, tmp_path / "run", recorder, casting, desk=desk or Desk())
        device = Device("UNDERTEST", ports)
        if listens:
            servers.append(device.serve())
        stage = Stage(run, load_scenarios(path, step_models())[0])
        casting.open(stage.scenario.actors() | {"pacs", "ris"})
        return stage, device

    yield made
    for each in servers:
        each.shutdown()
    for each in opened:
        each.close()


@pytest.fixture
def acting():
    """Let something happen beside the test; its failure is the test's."""
    threads, failures = [], []

    def act(function, *arguments, **options):
        def run():
            try:
                function(*arguments, **options)
            except Exception as error:  # whatever goes wrong there has to be told here
                failures.append(error)

        thread = threading.Thread(target=run, daemon=True)
        threads.append(thread)
        thread.start()

    yield act
    for each in threads:
        each.join(10)
    assert not failures, failures


@pytest.fixture
def read_all():
    """The DICOM files of a folder."""
    return lambda folder: [dcmread(each) for each in sorted(Path(folder).iterdir())]


@pytest.fixture
def interrupted(tmp_path):
    """Begin runs in one folder, one after the other, as if each had been interrupted.

    Gives (play, device): `play(number)` plays up to that step in the present run.
    """
    ports = {each: free_port() for each in (*SIMULATED, "self")}
    device = Device("UNDERTEST", ports)
    server = device.serve()
    sessions: list[RunSession] = []

    def begin(steps: str, desk: Desk | None = None, **site: str):
        for each in sessions:
            each.close()
        (tmp_path / "site.yaml").write_text(
            site_text(ports, "modality", site.get("trigger", "{wait: true}"), "8 s"),
            encoding="utf-8",
        )
        path = tmp_path / "x.dicomtest.yaml"
        path.write_text(f"scenario: x\nsteps:\n{steps}", encoding="utf-8")
        session = RunSession(
            tmp_path / "site.yaml", tmp_path / "run", 1, "20260101-000000-aaaa",
            resumed=bool(sessions),
        )  # fmt: skip
        sessions.append(session)
        if desk is not None:
            session.run.desk = desk
        scenario = load_scenarios(path, step_models())[0]
        session.open([scenario])
        stage = session.stage(scenario)

        def play(number: int):
            while len(stage.evidence) < number:
                write_step(stage.play_until(len(stage.evidence) + 1), session.folder)
                session.played(stage)
            return stage.evidence[number - 1]

        return play

    yield begin, device
    server.shutdown()
    for each in sessions:
        each.close()
