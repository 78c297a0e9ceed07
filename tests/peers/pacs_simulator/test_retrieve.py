"""Real clients retrieve from our PACS simulator, to themselves and to others."""

from __future__ import annotations

import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from support.population import DOE, DOE_LATER, SMITH, UID_ROOT, WANG, at, keys_of

SUCCESS, PENDING, CANCEL = 0x0000, 0xFF00, 0xFE00


RETRIEVALS = {
    "study": (keys_of(at("STUDY"), DOE.uid), DOE.instances),
    "two-studies": (
        keys_of(at("STUDY"), f"{DOE_LATER.uid}\\{SMITH.uid}"),
        DOE_LATER.instances | SMITH.instances,
    ),
    "series": (keys_of(at("SERIES"), DOE.uid, DOE.series(2)), {f"{DOE.series(2)}.1"}),
    "image": (
        keys_of(at("IMAGE"), SMITH.uid, SMITH.series(1), f"{SMITH.series(1)}.2"),
        {f"{SMITH.series(1)}.2"},
    ),
    "two-images": (
        keys_of(
            *(at("IMAGE"), SMITH.uid, SMITH.series(1)),
            f"{SMITH.series(1)}.1\\{SMITH.series(1)}.3",
        ),
        {f"{SMITH.series(1)}.1", f"{SMITH.series(1)}.3"},
    ),
    "nothing": (keys_of(at("STUDY"), UID_ROOT), set()),
}


@pytest.mark.parametrize(("keys", "expected"), RETRIEVALS.values(), ids=RETRIEVALS)
def test_every_level_is_moved_and_counted(filled, dcmtk, storescp, keys, expected):
    destination = storescp(ae_title="DEST")
    filled.knows(destination)

    moved = dcmtk("movescu", "-S", "-aem", "DEST", *keys, *filled.call)

    assert {each.SOPInstanceUID for each in destination.instances()} == expected
    final = moved.final
    assert final.status == SUCCESS
    assert final.count("Remaining") is None
    counts = [final.count(which) for which in ("Completed", "Failed", "Warning")]
    assert counts == [len(expected), 0, 0]


@pytest.mark.parametrize(("keys", "expected"), RETRIEVALS.values(), ids=RETRIEVALS)
def test_every_level_is_got_and_counted(filled, dcmtk, keys, expected):
    got = dcmtk("getscu", "-S", *keys, *filled.call)

    assert {each.SOPInstanceUID for each in got.instances} == expected
    final = got.final
    assert (final.status, final.count("Completed"), final.count("Failed")) == (
        *(SUCCESS, len(expected)),
        0,
    )


@pytest.mark.parametrize(
    "keys",
    [
        ["-k", at("PATIENT"), "-k", "PatientID=P1"],
        ["-k", at("STUDY"), "-k", "PatientID=P1", "-k", f"StudyInstanceUID={DOE.uid}"],
    ],
    ids=["patient", "study"],
)
def test_patient_root_retrieves(filled, dcmtk, storescp, keys):
    destination = storescp(ae_title="DEST")
    filled.knows(destination)

    got = dcmtk("getscu", "-P", *keys, *filled.call)
    moved = dcmtk("movescu", "-P", "-aem", "DEST", *keys, *filled.call)

    expected = DOE.instances | (DOE_LATER.instances if "STUDY" not in keys[1] else set())
    assert {each.SOPInstanceUID for each in got.instances} == expected
    assert {each.SOPInstanceUID for each in destination.instances()} == expected
    assert (moved.final.status, moved.final.count("Completed")) == (SUCCESS, len(expected))


def test_what_is_moved_is_what_was_stored(filled, dcmtk, storescp):
    destination = storescp(ae_title="DEST", options=["+B"])
    filled.knows(destination)

    dcmtk("movescu", "-S", "-aem", "DEST", *keys_of(at("STUDY"), WANG.uid), *filled.call)

    (arrived,) = destination.files()
    (original,) = WANG.sent
    assert dcmread(arrived) == dcmread(original)


def test_pending_responses_count_down(filled, dcmtk, storescp):
    destination = storescp(ae_title="DEST")
    filled.knows(destination)

    moved = dcmtk("movescu", "-S", "-aem", "DEST", *keys_of(at("STUDY"), SMITH.uid), *filled.call)

    pending = [each for each in moved.responses if each.status == PENDING]
    remaining = [each.count("Remaining") for each in pending]
    assert remaining == sorted(remaining, reverse=True)
    assert all(
        sum(each.count(which) for which in ("Remaining", "Completed", "Failed", "Warning")) == 3
        for each in pending
    )


def test_the_destination_learns_who_asked(filled, dcmtk, storescp):
    destination = storescp(ae_title="DEST", options=["-d"])
    filled.knows(destination)

    dcmtk(
        *("movescu", "-S", "-aet", "ASKER", "-aem", "DEST"),
        *(*keys_of(at("STUDY"), WANG.uid), *filled.call),
    )

    assert "Move Originator AE Title      : ASKER" in destination.text()


def test_an_unknown_destination_is_named_as_such(filled, dcmtk):
    refused = dcmtk(
        "movescu", "-S", "-aem", "NOWHERE", *keys_of(at("STUDY"), DOE.uid), *filled.call
    )

    assert refused.statuses == [0xA801]


@pytest.mark.parametrize("options", [["--refuse"], ["--abort-during"]], ids=["refuses", "aborts"])
def test_a_destination_that_takes_nothing_fails_every_sub_operation(
    filled, dcmtk, storescp, options
):
    destination = storescp(ae_title="DEST", options=options)
    filled.knows(destination)

    failed = dcmtk("movescu", "-S", "-aem", "DEST", *keys_of(at("STUDY"), SMITH.uid), *filled.call)

    final = failed.final
    assert final.status == 0xA702
    assert [final.count(which) for which in ("Completed", "Failed", "Warning")] == [0, 3, 0]


def test_a_destination_that_is_switched_off_fails_every_sub_operation(filled, dcmtk, storescp):
    destination = storescp(ae_title="DEST")
    filled.knows(destination)
    destination.stop(wait=True)

    failed = dcmtk("movescu", "-S", "-aem", "DEST", *keys_of(at("STUDY"), SMITH.uid), *filled.call)

    assert (failed.final.status, failed.final.count("Failed")) == (0xA702, 3)


def test_a_destination_of_implicit_vr_only_gets_implicit_vr(filled, dcmtk, storescp):
    destination = storescp(ae_title="DEST", options=["+xi"])
    filled.knows(destination)

    moved = dcmtk("movescu", "-S", "-aem", "DEST", *keys_of(at("STUDY"), SMITH.uid), *filled.call)

    assert moved.final.status == SUCCESS
    original = {each.SOPInstanceUID: each for each in map(dcmread, SMITH.sent)}
    for path in destination.files():
        arrived = dcmread(path)
        assert (
            original[arrived.SOPInstanceUID].file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
        )
        assert arrived.file_meta.TransferSyntaxUID in (
            ImplicitVRLittleEndian,
            ExplicitVRLittleEndian,  # as storescp writes its files
        )
        assert arrived.PixelData == original[arrived.SOPInstanceUID].PixelData


@pytest.mark.parametrize(
    "keys",
    [
        ["-k", at("NONSENSE"), "-k", f"StudyInstanceUID={DOE.uid}"],
        ["-k", at("STUDY")],
        ["-k", at("SERIES"), "-k", f"SeriesInstanceUID={DOE.series(1)}"],
        ["-k", at("PATIENT"), "-k", "PatientID=P1"],
    ],
    ids=["unknown-level", "no-uid", "no-study", "patient-in-study-root"],
)
def test_a_retrieval_that_cannot_be_is_refused_and_sends_nothing(filled, dcmtk, storescp, keys):
    destination = storescp(ae_title="DEST")
    filled.knows(destination)

    moved = dcmtk("movescu", "-S", "-aem", "DEST", *keys, *filled.call)
    got = dcmtk("getscu", "-S", *keys, *filled.call)

    for refused in (moved, got):
        (status,) = refused.statuses
        assert status == 0xA900 or 0xC000 <= status <= 0xCFFF
    assert destination.files() == []
    assert got.instances == []


def test_a_move_is_cancelled(filled, dcmtk, storescp):
    destination = storescp(ae_title="DEST", options=["--sleep-after", "1"])
    filled.knows(destination)

    cancelled = dcmtk(
        *("movescu", "--cancel", 1, "-S", "-aem", "DEST"),
        *(*keys_of(at("STUDY"), SMITH.uid), *filled.call),
    )

    final = cancelled.final
    assert final.status == CANCEL
    done = [final.count(which) for which in ("Remaining", "Completed", "Failed", "Warning")]
    assert sum(count or 0 for count in done) == 3
    assert len(destination.files()) < 3


def test_dcmjs_stores_gets_and_moves(pacs, dcmjs, storescp, tmp_path):
    SMITH.sent.clear()
    SMITH.write(tmp_path)
    destination = storescp(ae_title="DEST")
    pacs.knows(destination)
    keys = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": SMITH.uid}

    stored = dcmjs("store", *pacs.peer, files=SMITH.sent)
    got = dcmjs("get", *pacs.peer, keys=keys)
    moved = dcmjs("move", *pacs.peer, keys=keys, destination="DEST")

    assert stored.statuses == [SUCCESS] * 3
    assert {each["sop_instance"] for each in got.stores} == SMITH.instances
    assert all(each["pixel_bytes"] == 128 * 128 * 2 for each in got.stores)
    assert (moved.statuses[-1], moved.responses[-1]["completed"]) == (SUCCESS, 3)
    assert {each.SOPInstanceUID for each in destination.instances()} == SMITH.instances
