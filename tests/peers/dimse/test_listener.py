"""DCMTK's and Orthanc's users against our listener."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydicom import dcmread

from dicomtest.dimse import (
    Answer,
    Handlers,
    Incoming,
    Listener,
    Policy,
    Remote,
    Retrieval,
    Supported,
)
from dicomtest.evidence import IMPLICIT_LITTLE, Instance

from .conftest import (
    SECONDARY_CAPTURE,
    STUDY_FIND,
    STUDY_GET,
    STUDY_MOVE,
    UNCOMPRESSED,
    VERIFICATION,
    Net,
    an_image,
    an_image_dataset,
    study,
)


def where(listener: Listener) -> tuple[str, ...]:
    return ("-aet", "DCMTK", "-aec", listener.ae_title, "127.0.0.1", str(listener.port))


@pytest.fixture
def image(tmp_path: Path) -> Path:
    dataset = an_image_dataset(7, 300)
    dataset.file_meta = type(dataset)()
    dataset.file_meta.TransferSyntaxUID = UNCOMPRESSED[0]
    dataset.save_as(tmp_path / "image.dcm", enforce_file_format=True)
    return tmp_path / "image.dcm"


def test_echoscu_and_storescu(net: Net, dcmtk: Callable, image: Path, tmp_path: Path):
    listener = net.listen("OURS")
    echo = dcmtk("echoscu", "--repeat", 50, *where(listener))
    store = dcmtk("storescu", *where(listener), image)

    assert (echo.exit_code, len(echo.echoes)) == (0, 50)
    assert store.exit_code == 0, store
    (kept,) = (tmp_path / "spool-0").iterdir()
    assert dcmread(kept).PixelData == dcmread(image).PixelData
    assert dcmread(kept).file_meta.SourceApplicationEntityTitle == "DCMTK"


def test_findscu_movescu_and_getscu(net: Net, dcmtk: Callable):
    instances = [
        Instance(
            SECONDARY_CAPTURE,
            f"1.2.826.0.1.3680043.8.498.1.{number}",
            "1.2",
            "1.3",
            "DIMSE1",
            an_image(number),
        )
        for number in (1, 2, 3)
    ]

    def find(incoming: Incoming) -> Iterator[Answer]:
        assert incoming.dataset().QueryRetrieveLevel == "STUDY"
        for number in range(5):
            yield Answer(0xFF00, study(PatientID=str(number)))

    destination = net.listen("DEST", Supported(SECONDARY_CAPTURE, (IMPLICIT_LITTLE,)))
    remote = Remote("DEST", "127.0.0.1", destination.port)
    listener = net.listen(
        "OURS",
        *(Supported(uid, UNCOMPRESSED) for uid in (STUDY_FIND, STUDY_MOVE, STUDY_GET)),
        Supported(SECONDARY_CAPTURE, UNCOMPRESSED, scu_role=True, scp_role=True),
        handlers=Handlers(
            find=find,
            move=lambda _: Retrieval(destination=remote, instances=instances),
            get=lambda _: Retrieval(instances=instances),
        ),
    )
    keys = ("-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=1.2")
    found = dcmtk("findscu", *keys, "-k", "PatientID", *where(listener))
    moved = dcmtk("movescu", *keys, "-aem", "DEST", *where(listener))
    got = dcmtk("getscu", *keys, *where(listener))

    assert [each.PatientID for each in found.identifiers] == list("01234")
    assert found.statuses == [0xFF00] * 5 + [0]
    assert moved.statuses == [0xFF00, 0xFF00, 0]
    assert (moved.final.count("Completed"), moved.final.count("Remaining")) == (3, None)
    assert got.exit_code == 0, got
    assert len(got.instances) == 3


def test_a_cancelling_findscu(net: Net, dcmtk: Callable):
    def find(_: Incoming) -> Iterator[Answer]:
        for number in range(10_000):
            yield Answer(0xFF00, study(PatientID=str(number)))

    listener = net.listen("OURS", Supported(STUDY_FIND, UNCOMPRESSED), handlers=Handlers(find=find))
    keys = ("-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientID")
    found = dcmtk("findscu", "--cancel", 3, *keys, *where(listener))

    assert found.statuses[-1] == 0xFE00
    (association,) = net.recorder.take()
    (exchange,) = association.exchanges
    assert exchange.cancelled_at is not None
    assert exchange.status == 0xFE00


def test_a_rejected_echoscu(net: Net, dcmtk: Callable):
    listener = net.listen("OURS", policy=Policy(calling=frozenset({"OTHER"})))
    echo = dcmtk("echoscu", *where(listener))

    assert echo.exit_code != 0
    assert "Calling AE Title Not Recognized" in echo.log


def test_aborting_and_not_releasing_users(net: Net, dcmtk: Callable, image: Path, tmp_path: Path):
    listener = net.listen("OURS")
    dcmtk("echoscu", "--abort", *where(listener))
    dcmtk("storescu", "--propose-implicit", "-up", *where(listener), image)
    assert net.recorder.wait_for(lambda known: all(each.closed for each in known), 5)

    aborted, _ = net.recorder.take()
    assert aborted.ended == "aborted by peer"
    assert dcmtk("echoscu", *where(listener)).exit_code == 0
    assert len(list((tmp_path / "spool-0").iterdir())) <= 1


def test_orthanc_sends_to_us(net: Net, orthanc: Callable, tmp_path: Path):
    listener = net.listen("OURS")
    pacs = orthanc(modalities={"OURS": ("127.0.0.1", listener.port)})
    with net.associate(pacs, VERIFICATION, SECONDARY_CAPTURE) as requestor:
        requestor.store(
            an_image(), sop_class=SECONDARY_CAPTURE, sop_instance="1.2.826.0.1.3680043.8.498.1.1"
        )
    (study_id,) = pacs.rest("/studies")
    pacs.rest("/modalities/OURS/echo", {})
    sent = pacs.rest("/modalities/OURS/store", {"Resources": [study_id], "Synchronous": True})

    assert sent["InstancesCount"] == 1
    assert sent["FailedInstancesCount"] == 0
    assert len(list((tmp_path / "spool-0").iterdir())) == 1
