"""The sound archive, seen with eyes of others: plain pynetdicom and the clients of DCMTK."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import dcmwrite
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    MRImageStorage,
    RLELossless,
    SecondaryCaptureImageStorage,
)
from pynetdicom import AE, Association, build_role, evt
from pynetdicom.sop_class import (
    PatientRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from tests.defects.systems import ArchiveSCP
from tests.defects.systems.population import population, study_uid

STORAGE = (CTImageStorage, MRImageStorage, SecondaryCaptureImageStorage)
NATIVE = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]


def as_dataset(data: bytes) -> Dataset:
    """A data set of the population as pydicom reads it, with file meta information."""
    data_set = dcmread(BytesIO(data), force=True)
    data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data_set.file_meta.MediaStorageSOPClassUID = data_set.SOPClassUID
    data_set.file_meta.MediaStorageSOPInstanceUID = data_set.SOPInstanceUID
    return data_set


@pytest.fixture
def archive() -> Iterator[ArchiveSCP]:
    with ArchiveSCP() as running:
        for each in population():
            running.holdings.keep(each)
        yield running


def associated(archive: ArchiveSCP, *contexts: Any, **options: Any) -> Association:
    ae = AE("TESTER")
    for uid, syntaxes in contexts:
        ae.add_requested_context(uid, syntaxes)
    association = ae.associate("127.0.0.1", archive.port, ae_title="ARCHIVE", **options)
    assert association.is_established
    return association


def keys(level: str, **values: str) -> Dataset:
    identifier = Dataset()
    identifier.QueryRetrieveLevel = level
    for keyword, value in values.items():
        setattr(identifier, keyword, value)
    return identifier


def found(association: Association, identifier: Dataset, model: Any) -> list[Dataset]:
    responses = list(association.send_c_find(identifier, model))
    assert [status.Status for status, _ in responses] == [0xFF00] * (len(responses) - 1) + [0]
    assert responses[-1][1] is None
    return [answer for _, answer in responses[:-1]]


def test_it_verifies(archive: ArchiveSCP) -> None:
    association = associated(archive, (Verification, [ImplicitVRLittleEndian]))
    assert association.send_c_echo().Status == 0
    association.release()
    assert association.is_released


def test_it_rejects_another_called_ae_title(archive: ArchiveSCP) -> None:
    ae = AE("TESTER")
    ae.add_requested_context(Verification)
    association = ae.associate("127.0.0.1", archive.port, ae_title="NOBODY")
    assert association.is_rejected
    answer = association.acceptor.primitive
    assert answer is not None
    assert (answer.result, answer.result_source, answer.diagnostic) == (1, 1, 7)


def test_it_finds_by_accented_name_in_another_character_set(archive: ArchiveSCP) -> None:
    model = StudyRootQueryRetrieveInformationModelFind
    association = associated(archive, (model, [ExplicitVRLittleEndian]))
    identifier = keys("STUDY", SpecificCharacterSet="ISO_IR 192", PatientName="BUC^JÉRÔME")
    identifier.StudyInstanceUID = None
    answers = found(association, identifier, model)
    association.release()
    assert [str(each.PatientName) for each in answers] == ["Buc^Jérôme"]
    assert answers[0].SpecificCharacterSet == "ISO_IR 100"


def test_it_knows_every_level_of_patient_root(archive: ArchiveSCP) -> None:
    model = PatientRootQueryRetrieveInformationModelFind
    association = associated(archive, (model, NATIVE))
    patients = found(association, keys("PATIENT", PatientID="P*", PatientName=""), model)
    studies = found(association, keys("STUDY", PatientID="P1", StudyInstanceUID=""), model)
    above = {"PatientID": "P1", "StudyInstanceUID": study_uid(1)}
    series = found(association, keys("SERIES", **above, SeriesInstanceUID="", Modality=""), model)
    above["SeriesInstanceUID"] = series[0].SeriesInstanceUID
    images = found(association, keys("IMAGE", **above, SOPInstanceUID=""), model)
    association.release()
    assert sorted(each.PatientID for each in patients) == ["P1", "P10", "P2", "P3", "P4"]
    assert [len(studies), len(series), len(images)] == [4, 2, 3]
    assert [each.Modality for each in series] == ["CT", "MR"]


def test_it_keeps_and_gives_back_what_it_was_sent() -> None:
    sent = [as_dataset(each.data) for each in population()[:6]]
    sent[1].compress(RLELossless, generate_instance_uid=False)
    get = StudyRootQueryRetrieveInformationModelGet
    received: dict[str, Dataset] = {}

    def keep(event: evt.Event) -> int:
        received[event.dataset.SOPInstanceUID] = event.dataset
        return 0

    with ArchiveSCP() as archive:
        storing = associated(
            archive,
            *[
                (uid, [syntax])
                for uid in STORAGE
                for syntax in (ExplicitVRLittleEndian, RLELossless)
            ],
        )
        assert [storing.send_c_store(each).Status for each in sent] == [0] * 6
        storing.release()
        getting = associated(
            archive,
            (get, NATIVE),
            *[(uid, [ImplicitVRLittleEndian]) for uid in STORAGE],
            ext_neg=[build_role(uid, scp_role=True) for uid in STORAGE],
            evt_handlers=[(evt.EVT_C_STORE, keep)],
        )
        uids = [study_uid(1), study_uid(11)]
        identifier = keys("STUDY")
        identifier.StudyInstanceUID = uids
        responses = list(getting.send_c_get(identifier, get))
        getting.release()
    assert [status.Status for status, _ in responses] == [0xFF00] * 5 + [0]
    sent[1].decompress(generate_instance_uid=False)
    for original in sent:
        copy = received[original.SOPInstanceUID]
        assert copy.PatientName == original.PatientName
        assert copy.PixelData == original.PixelData
        assert copy[0x00111001].value == b"private "


def test_its_final_move_response_has_neither_remaining_nor_identifier(archive: ArchiveSCP) -> None:
    arrived: list[Any] = []

    def keep(event: evt.Event) -> int:
        request = event.request
        arrived.append(
            (request.MoveOriginatorApplicationEntityTitle, event.assoc.requestor.ae_title)
        )
        return 0xB000 if len(arrived) == 1 else 0

    ae = AE("DESTINATION")
    for uid in STORAGE:
        ae.add_supported_context(uid)
    server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, keep)])
    archive.destinations["DESTINATION"] = ("127.0.0.1", server.server_address[1])
    model = StudyRootQueryRetrieveInformationModelMove
    association = associated(archive, (model, NATIVE))
    identifier = keys("STUDY", StudyInstanceUID=study_uid(1))
    responses = list(association.send_c_move(identifier, "DESTINATION", model))
    unknown = list(association.send_c_move(identifier, "NOBODY", model))
    association.release()
    server.shutdown()
    final, data = responses[-1]
    assert final.Status == 0xB000
    assert not data
    assert "NumberOfRemainingSuboperations" not in final
    assert final.NumberOfCompletedSuboperations == 4
    assert final.NumberOfWarningSuboperations == 1
    assert arrived == [("TESTER", "ARCHIVE")] * 5
    assert [status.Status for status, _ in unknown] == [0xA801]


def dcmtk(program: str, *arguments: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    ran = subprocess.run([path, *arguments], capture_output=True, text=True, errors="replace")
    assert ran.returncode == 0, ran.stderr
    return ran.stdout + ran.stderr


# By hand: at the end of a long run one image was missing twice, alone or in small runs never.
@pytest.mark.exhaustive
@pytest.mark.peer
def test_it_serves_the_clients_of_dcmtk(tmp_path: Path) -> None:
    incoming = tmp_path / "sent"
    incoming.mkdir()
    for each in population()[:5]:
        file = DicomBytesIO()
        dcmwrite(file, as_dataset(each.data), enforce_file_format=True)
        (incoming / f"{each.sop_instance}.dcm").write_bytes(file.getvalue())
    with ArchiveSCP() as archive:
        address = ("-aec", "ARCHIVE", "127.0.0.1", str(archive.port))
        dcmtk("echoscu", *address)
        for _ in range(3):  # pynetdicom may lose a response; storescu then goes home with status 0
            said = dcmtk("storescu", "-v", *address, "+sd", str(incoming))
            if said.count("Store Response (Success)") == 5:
                break
        study = ("-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study_uid(1)}")
        answer = dcmtk("findscu", "-S", *address, *study, "-k", "NumberOfStudyRelatedInstances")
        assert "[5 ]" in answer, f"{said}\n{answer}"
        (tmp_path / "got").mkdir()
        dcmtk("getscu", "-S", "-od", str(tmp_path / "got"), *address, *study)
        with ArchiveSCP("DESTINATION") as destination:
            archive.destinations["DESTINATION"] = ("127.0.0.1", destination.port)
            dcmtk("movescu", "-S", "-aem", "DESTINATION", *address, *study)
            assert len(destination.holdings.snapshot()) == 5
    assert len(list((tmp_path / "got").iterdir())) == 5
