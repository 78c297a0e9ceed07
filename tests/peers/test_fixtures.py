"""Every fixture starts what it says: shown by an independent client, never by ours."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import support
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import ExplicitVRLittleEndian

SUCCESS, PENDING = 0x0000, 0xFF00


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    """Two CT images of one series."""
    paths = []
    for number in (1, 2):
        image = dcmread(get_testdata_file("CT_small.dcm"))
        image.SOPInstanceUID = f"{image.SeriesInstanceUID}.{number}"
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        paths.append(tmp_path / f"{number}.dcm")
        image.save_as(paths[-1])
    return paths


def study_of(images: list[Path]) -> str:
    return str(dcmread(images[0], stop_before_pixels=True).StudyInstanceUID)


@pytest.mark.parametrize(
    "fixture",
    ["orthanc", "dcmqrscp", "storescp", "dcmrecv", "wlmscpfs", "dcmprscp", "dcmjs_scp", "odil_scp"],
)
def test_every_server_answers_an_echo(fixture, request, dcmtk):
    peer = request.getfixturevalue(fixture)()

    echo = dcmtk("echoscu", "-aec", peer.ae_title, *peer.address)

    assert (echo.exit_code, echo.echoes) == (0, ["Success"])


def test_every_client_gets_an_echo(orthanc, dcmjs, odil):
    pacs = orthanc()

    assert dcmjs("echo", (pacs.host, pacs.port), pacs.ae_title).statuses == [SUCCESS]
    assert odil("echo", *pacs.address, "ODIL", pacs.ae_title).exit_code == 0


@pytest.mark.parametrize("fixture", ["orthanc", "dcmqrscp"])
def test_a_pacs_is_filled_queried_and_emptied_to_a_destination(
    fixture, request, storescp, dcmtk, images
):
    destination = storescp(ae_title="DEST")
    known = {"DEST": (destination.host, destination.port)}
    option = "modalities" if fixture == "orthanc" else "hosts"
    pacs = request.getfixturevalue(fixture)(**{option: known})
    keys = ["-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={study_of(images)}"]
    call = ["-aec", pacs.ae_title]

    stored = dcmtk("storescu", *call, *pacs.address, *images)
    found = dcmtk("findscu", "-S", *call, *keys, "-k", "PatientID", *pacs.address)
    moved = dcmtk("movescu", "-S", *call, "-aem", "DEST", *keys, *pacs.address)
    got = dcmtk("getscu", "-S", *call, *keys, *pacs.address)

    assert stored.statuses == [SUCCESS, SUCCESS]
    assert found.statuses == [PENDING, SUCCESS]
    assert [answer.PatientID for answer in found.identifiers] == ["1CT1"]
    assert (moved.final.status, moved.final.count("Completed")) == (SUCCESS, 2)
    assert {each.StudyInstanceUID for each in destination.instances()} == {study_of(images)}
    assert len(destination.files()) == 2
    assert got.final.count("Completed") == len(got.instances) == 2


def test_dcmjs_stores_finds_gets_and_moves(orthanc, storescp, dcmjs, images):
    destination = storescp(ae_title="DEST")
    pacs = orthanc(modalities={"DEST": (destination.host, destination.port)})
    peer = ((pacs.host, pacs.port), pacs.ae_title)
    keys = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": study_of(images)}

    stored = dcmjs("store", *peer, files=images)
    found = dcmjs("find", *peer, keys={**keys, "PatientID": "", "PatientName": ""})
    got = dcmjs("get", *peer, keys=keys)
    moved = dcmjs("move", *peer, keys=keys, destination="DEST")

    assert stored.statuses == [SUCCESS, SUCCESS]
    assert [each["PatientID"] for each in found.identifiers] == ["1CT1"]
    assert len(got.stores) == 2
    assert all(each["pixel_bytes"] == 128 * 128 * 2 for each in got.stores)
    assert (moved.statuses[-1], moved.responses[-1]["completed"]) == (SUCCESS, 2)
    assert len(destination.files()) == 2


def test_dcmrecv_takes_images(dcmrecv, dcmtk, images):
    receiver = dcmrecv()

    sent = dcmtk("storescu", "-aec", receiver.ae_title, *receiver.address, *images)

    assert sent.statuses == [SUCCESS, SUCCESS]
    assert len(receiver.files()) == 2


def test_orthanc_commits_to_what_it_stored(orthanc, dcmtk, images):
    first, second = orthanc(), orthanc(ae_title="SECOND")
    for one, other in ((first, second), (second, first)):
        one.add_modality(other.ae_title, other.port)
    call = ["-aec", second.ae_title]
    assert dcmtk("storescu", *call, *second.address, *images).exit_code == 0
    instances = [dcmread(path, stop_before_pixels=True) for path in images]
    asked = [
        {"SOPClassUID": each.SOPClassUID, "SOPInstanceUID": each.SOPInstanceUID}
        for each in instances
    ]

    answer = first.rest("/modalities/SECOND/storage-commitment", {"DicomInstances": asked})
    report = support.until(
        lambda: (
            (seen := first.rest(f"/storage-commitment/{answer['ID']}"))["Status"] != "Pending"
            and seen
        ),
        what="the report of the storage commitment",
    )

    assert report["Status"] == "Success"
    assert len(report["Success"]) == 2


def test_orthanc_keeps_the_first_of_two_when_it_must_not_overwrite(orthanc, dcmtk, images):
    pacs = orthanc(overwrite=False)
    call = ["-aec", pacs.ae_title]
    dcmtk("storescu", *call, *pacs.address, images[0])
    changed = dcmread(images[0])
    changed.InstitutionName = "SECOND"
    changed.save_as(images[0])
    dcmtk("storescu", *call, *pacs.address, images[0])

    (instance,) = pacs.rest("/instances")

    assert pacs.rest(f"/instances/{instance}/simplified-tags")["InstitutionName"] != "SECOND"


def test_orthanc_is_emptied(orthanc, dcmtk, images):
    pacs = orthanc()
    dcmtk("storescu", "-aec", pacs.ae_title, *pacs.address, *images)
    assert pacs.statistics()["CountInstances"] == 2

    pacs.clear()

    assert pacs.statistics()["CountInstances"] == 0


def test_tls_is_asked_for_by_orthanc_and_storescp(orthanc, storescp, dcmtk, tls_files):
    for peer in (orthanc(tls=tls_files.server), storescp(options=tls_files.dcmtk_server)):
        call = ["-aec", peer.ae_title]

        with_tls = dcmtk("echoscu", *tls_files.dcmtk_client, *call, *peer.address)
        without = dcmtk("echoscu", *call, *peer.address)

        assert with_tls.echoes == ["Success"]
        assert without.exit_code != 0


def worklist_item() -> Dataset:
    item = Dataset()
    item.SpecificCharacterSet = "ISO_IR 192"
    item.AccessionNumber = "ACC1"
    item.PatientName = "王^小东"
    item.PatientID = "ZZ1"
    item.StudyInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    item.RequestedProcedureID = "RP1"
    item.RequestedProcedureDescription = "CT HEAD"
    step = Dataset()
    step.Modality = "CT"
    step.ScheduledStationAETitle = "CT1"
    step.ScheduledProcedureStepStartDate = "20300101"
    step.ScheduledProcedureStepStartTime = "100000"
    step.ScheduledPerformingPhysicianName = ""
    step.ScheduledProcedureStepDescription = "CT HEAD"
    step.ScheduledProcedureStepID = "SPS1"
    item.ScheduledProcedureStepSequence = [step]
    return item


def test_a_worklist_gives_its_items(wlmscpfs, orthanc, dcmtk):
    dcmtk_list = wlmscpfs()
    dcmtk_list.add(worklist_item(), "one")
    orthanc_list = orthanc(plugins=["ModalityWorklists"])
    worklist_item().save_as(
        orthanc_list.worklists / "one.wl", implicit_vr=False, little_endian=True
    )

    for peer in (dcmtk_list, orthanc_list):
        found = dcmtk(
            *("findscu", "-W", "-aec", peer.ae_title, "-k", "PatientName", "-k", "AccessionNumber"),
            *("-k", "SpecificCharacterSet", *peer.address),
        )

        assert found.statuses == [PENDING, SUCCESS]
        assert [str(answer.PatientName) for answer in found.identifiers] == ["王^小东"]


def test_a_film_is_printed(dcmprscp, dcmtk, tmp_path, images):
    printer = dcmprscp()
    client = tmp_path / "print-client"
    configuration = support.print_configuration(
        client, {printer.ae_title: (printer.host, printer.port)}
    )
    which = ["-c", configuration, "-p", printer.ae_title]

    made = dcmtk("dcmpsprt", *which, "--layout", "1", "1", images[0])
    jobs = sorted((client / "database").glob("SP_*.dcm"))
    sent = dcmtk("dcmprscu", *which, *jobs)
    films = support.until(
        lambda: sorted(printer.database.glob("SP_*.dcm")), what="the film in the database"
    )

    assert made.exit_code == 0
    assert len(jobs) == len(films) == 1
    assert "printer communication failed" not in sent.log


@pytest.mark.parametrize("fixture", ["dcmjs_scp", "odil_scp"])
def test_mpps_goes_from_stack_to_stack(fixture, request, dcmjs, odil_mpps):
    server = request.getfixturevalue(fixture)()
    uid = "1.2.826.0.1.3680043.8.498.7"
    begun = {"PerformedProcedureStepStatus": "IN PROGRESS", "Modality": "CT"}
    over = {"PerformedProcedureStepStatus": "COMPLETED"}

    by_dcmjs = dcmjs(
        *("mpps", (server.host, server.port), server.ae_title), uid=uid, create=begun, sets=[over]
    )
    by_odil = odil_mpps(server.ae_title, *server.address, "COMPLETED", "DISCONTINUED")

    assert by_dcmjs.statuses == [SUCCESS, SUCCESS]
    assert '"statuses": [0, 0, 272]' in by_odil.log  # 0110: it was COMPLETED already
    assert len(server.told()) == 5


def test_dcmjs_commits_on_the_same_association(dcmjs_scp, dcmjs, images):
    server = dcmjs_scp()
    peer = ((server.host, server.port), server.ae_title)
    dcmjs("store", *peer, files=[images[0]])
    instances = [dcmread(path, stop_before_pixels=True) for path in images]

    asked = dcmjs(
        *("commit", *peer),
        uid="1.2.826.0.1.3680043.8.498.8",
        references=[[each.SOPClassUID, each.SOPInstanceUID] for each in instances],
        linger=3000,
    )

    action, report = asked.responses
    assert action["status"] == SUCCESS
    assert report["event"] == 2
    (failed,) = report["data"]["FailedSOPSequence"]
    assert failed["ReferencedSOPInstanceUID"] == instances[1].SOPInstanceUID


def test_a_peer_that_ends_at_once_shows_its_log(tmp_path):
    with pytest.raises(support.PeerFailed, match="ended with exit code") as caught:
        support.Storescp(tmp_path, options=["--no-such-option"]).start()

    assert "no-such-option" in str(caught.value)


def test_a_stopped_peer_is_gone(storescp):
    receiver = storescp()
    pid, port = receiver.pid, receiver.port
    receiver.stop(wait=True)

    assert not Path(f"/proc/{pid}").exists()
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(("127.0.0.1", port))


def test_peers_run_without_the_stall_unless_asked(storescp):
    def environment_of(pid: int) -> list[str]:
        return Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")

    assert "TCP_NODELAY=1" in environment_of(storescp().pid)
    assert not any(
        each.startswith("TCP_NODELAY") for each in environment_of(storescp(nagle=True).pid)
    )


def test_a_missing_program_says_how_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)

    with pytest.raises(support.Missing, match="apt-get install --no-install-recommends nodejs"):
        support.DcmjsScp(Path()).command()


def test_transfer_syntax_is_kept_by_getscu(orthanc, dcmtk, images):
    pacs = orthanc()
    call = ["-aec", pacs.ae_title]
    dcmtk("storescu", *call, *pacs.address, images[0])

    got = dcmtk(
        *("getscu", "-S", *call, "-k", "QueryRetrieveLevel=STUDY"),
        *("-k", f"StudyInstanceUID={study_of(images)}", *pacs.address),
    )

    assert got.instances[0].file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
