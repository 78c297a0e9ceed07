"""Our requestor against DCMTK's and Orthanc's providers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dicomtest.dimse import Proposal
from dicomtest.evidence import EXPLICIT_LITTLE

from .conftest import (
    SECONDARY_CAPTURE,
    STUDY_FIND,
    STUDY_GET,
    STUDY_MOVE,
    VERIFICATION,
    Net,
    an_image,
    study,
)

START = ("storescp", "dcmrecv", "dcmqrscp", "orthanc")


@pytest.fixture(params=START)
def scp(request: pytest.FixtureRequest) -> Callable:
    return request.getfixturevalue(request.param)


def test_echo_and_store(net: Net, scp: Callable):
    peer = scp()
    with net.associate(peer, VERIFICATION, SECONDARY_CAPTURE) as requestor:
        for _ in range(100):
            assert requestor.echo().status == 0
        for number in range(1, 21):
            data = an_image(number, 256)
            sent = requestor.store(
                data,
                sop_class=SECONDARY_CAPTURE,
                sop_instance=f"1.2.826.0.1.3680043.8.498.1.{number}",
            )
            assert sent.status == 0, sent
    association = requestor.association

    assert association.ended == "released"
    assert association.acceptor.implementation_class_uid
    assert association.largest_pdu_sent <= (association.acceptor.max_pdu or 131072)
    assert max(each.seconds or 0.0 for each in association.exchanges) < 1


@pytest.mark.parametrize("nagle", [False, True])
def test_a_peer_with_nagles_algorithm_does_not_slow_us(net: Net, storescp: Callable, nagle: bool):
    with net.associate(storescp(nagle=nagle)) as requestor:
        seconds = [requestor.echo().seconds or 0.0 for _ in range(100)]

    assert sorted(seconds)[50] < 0.02


def test_find_move_and_get_at_an_archive(net: Net, dcmqrscp: Callable, tmp_path: Path):
    destination = net.listen("DEST")
    peer = dcmqrscp(hosts={"DEST": ("127.0.0.1", destination.port)})
    wanted = Proposal(SECONDARY_CAPTURE, (EXPLICIT_LITTLE,), roles=(True, True))
    with net.associate(
        peer, STUDY_FIND, STUDY_MOVE, STUDY_GET, wanted, spool=tmp_path / "got"
    ) as requestor:
        for number in (1, 2, 3):
            sent = requestor.store(
                an_image(number),
                sop_class=SECONDARY_CAPTURE,
                sop_instance=f"1.2.826.0.1.3680043.8.498.1.{number}",
            )
            assert sent.status == 0
        found = requestor.find(STUDY_FIND, study(PatientID=""))
        moved = requestor.move(STUDY_MOVE, study(), "DEST")
        nowhere = requestor.move(STUDY_MOVE, study(), "NOWHERE")
        got = requestor.get(STUDY_GET, study())

    assert [each.data.dataset().PatientID for each in found.pending if each.data] == ["DIMSE1"]
    assert moved.status == 0
    assert moved.final is not None
    assert moved.final.command["NumberOfCompletedSuboperations"] == 3
    assert len(list((tmp_path / "spool-0").iterdir())) == 3
    (arrived,) = [a for a in net.recorder.take() if a.seen_from == "acceptor"]
    assert {each.command["MoveOriginatorMessageID"] for each in arrived.exchanges} == {
        moved.message_id
    }
    assert nowhere.status == 0xA801
    assert got.status == 0
    assert len(list((tmp_path / "got").iterdir())) == 3


def test_cancelling_a_query(net: Net, orthanc: Callable):
    pacs = orthanc()
    with net.associate(pacs, STUDY_FIND, SECONDARY_CAPTURE) as requestor:
        requestor.store(
            an_image(), sop_class=SECONDARY_CAPTURE, sop_instance="1.2.826.0.1.3680043.8.498.1.1"
        )
        found = requestor.find(STUDY_FIND, study(PatientID=""), cancel_after=0)
        again = requestor.find(STUDY_FIND, study(PatientID=""))

    assert found.status in (0xFE00, 0)
    assert found.cancelled_after == 0
    assert again.status == 0
    assert len(again.pending) == 1


def test_breaking_off_a_store_leaves_the_peer_alive(net: Net, scp: Callable):
    peer = scp()
    for how in ("abort", "close"):
        requestor = net.associate(peer, SECONDARY_CAPTURE)
        broken = requestor.abort_in_store(
            an_image(1, 1024),
            sop_class=SECONDARY_CAPTURE,
            sop_instance="1.2.826.0.1.3680043.8.498.1.1",
            how=how,
        )
        assert broken.ending == "abandoned"
    with net.associate(peer) as requestor:
        assert requestor.echo().status == 0


def test_a_rejection(net: Net, orthanc: Callable):
    pacs = orthanc()
    requestor = net.associate(pacs, called="WRONG")

    assert requestor.association.reject == (1, 1, 7)
    assert "called AE title not recognized" in requestor.association.why


def test_a_refused_storescp(net: Net, storescp: Callable):
    requestor = net.associate(storescp(options=("--refuse",)))

    assert requestor.association.outcome == "rejected"
    assert requestor.association.reject == (1, 1, 1)


def test_an_abort_of_storescp(net: Net, storescp: Callable):
    requestor = net.associate(storescp(options=("--abort-during",)), SECONDARY_CAPTURE)
    sent = requestor.store(
        an_image(1, 512),
        sop_class=SECONDARY_CAPTURE,
        sop_instance="1.2.826.0.1.3680043.8.498.1.1",
    )

    assert sent.ending == "aborted"
    assert requestor.association.ended in ("aborted by peer", "connection closed")
