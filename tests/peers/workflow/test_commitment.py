"""Storage commitment: Orthanc as provider and as user, dcmjs-dimse on the same association.

Orthanc as a provider that knows the modality is in test_department.py and test_acceptance.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import support
from pydicom import Dataset, dcmread
from support.population import SMITH
from support.runs import Known, address, play, verify

pytestmark = pytest.mark.timeout(120)

UNREGISTERED = """\
scenario: commitment-of-a-stranger
title: {en: "Commitment for a modality that the archive does not know"}
steps:
  - store: {from: modality, to: pacs, study: ct, images: 1, save: head}
  - commit: {from: modality, to: pacs, study: head, within: 5 s}
"""
WHERE = "commitment-of-a-stranger/2-commit"


def test_an_archive_that_does_not_know_the_modality_is_explained(orthanc, tmp_path):
    """Orthanc takes images from anybody, and aborts the N-ACTION of an unknown AE title."""
    archive = orthanc()
    (tmp_path / "stranger.dicomtest.yaml").write_text(UNREGISTERED, encoding="utf-8")
    site = f"""\
site: An archive that nobody told of the modality
systems:
  pacs: {{{address(archive)}, product: Orthanc}}
simulators:
  modality: {{ae_title: STRANGER, port: {support.free_port()}}}
"""

    played = play(tmp_path, site, "stranger.dicomtest.yaml")

    aborts = "aborts the request of an AE title that is not in its DicomModalities"
    verify(
        played,
        {
            "commit.request-accepted": (Known(WHERE, "PS3.4 J.3.2.1", aborts),),
            "association.not-aborted": (Known(WHERE, "PS3.8 7.3", aborts),),
            "dimse.final-response": (Known(WHERE, "PS3.7 9.3", aborts),),
        },
    )
    (refused,) = [e for e in played.checks("failed") if e["check"] == "commit.request-accepted"]
    assert "does not know STRANGER" in refused["actual"]
    assert "DicomModalities" in refused["fix"]


# -- users of our archive


SUCCESS, NO_SUCH_INSTANCE, CLASS_CONFLICT = 0x0000, 0x0112, 0x0119
ALL_COMMITTED, FAILURES_EXIST = 1, 2
CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
UID = "1.2.826.0.1.3680043.8.498.30"


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    """Files of a study of three CT images."""
    SMITH.sent.clear()
    SMITH.write(tmp_path)
    return SMITH.sent


def references(images: list[Path]) -> list[tuple[str, str]]:
    """SOP class and SOP Instance UID of each."""
    heads: list[Dataset] = [dcmread(path, stop_before_pixels=True) for path in images]
    return [(str(each.SOPClassUID), str(each.SOPInstanceUID)) for each in heads]


def test_orthanc_has_its_images_committed_by_our_archive(orthanc, simulated, dcmtk, images):
    """It releases at once; the report comes on an association that our archive opens."""
    known: dict[str, int] = {}
    ours = simulated("pacs", known)
    user = orthanc(modalities={ours.ae_title: ("127.0.0.1", ours.port)})
    known[user.ae_title] = user.port
    dcmtk("storescu", "-aec", user.ae_title, *user.address, *images)
    there = f"/modalities/{ours.ae_title}"
    (_, changed), *kept = references(images)
    uids = [uid for _, uid in kept]
    wanted = [*kept, (MR, changed), (CT, f"{UID}.1")]

    sent = user.rest(
        f"{there}/store", {"Resources": user.rest("/instances"), "StorageCommitment": True}
    )
    asked = user.rest(
        f"{there}/storage-commitment",
        {"DicomInstances": [{"SOPClassUID": c, "SOPInstanceUID": i} for c, i in wanted]},
    )

    all_safe, some_not = (
        support.until(lambda uid=uid: reported(user, uid), what="the report")
        for uid in (sent["StorageCommitmentTransactionUID"], asked["ID"])
    )
    assert all_safe["Status"] == "Success"
    assert {each["SOPInstanceUID"] for each in all_safe["Success"]} == {changed, *uids}
    assert some_not["Status"] == "Failure"
    assert {each["SOPInstanceUID"]: each["FailureReason"] for each in some_not["Failures"]} == {
        changed: CLASS_CONFLICT,
        f"{UID}.1": NO_SUCH_INSTANCE,
    }


def reported(user: support.Orthanc, transaction: str) -> dict | None:
    """What Orthanc was told of a request; None while it waits."""
    found = user.rest(f"/storage-commitment/{transaction}")
    return None if found["Status"] == "Pending" else found


def test_dcmjs_has_its_images_committed_on_the_same_association(simulated, dcmjs, images):
    ours = simulated("pacs", commitment={"report": "same", "after": 0})
    peer = ("127.0.0.1", ours.port), ours.ae_title
    dcmjs("store", *peer, files=images)
    wanted = references(images)

    asked = dcmjs("commit", *peer, uid=f"{UID}.2", references=wanted, linger=500)
    again = dcmjs("commit", *peer, uid=f"{UID}.3", references=[*wanted, (CT, UID)], linger=500)
    empty = dcmjs("commit", *peer, uid=f"{UID}.4", references=[])

    action, report = asked.responses
    assert (action["status"], report["event"]) == (SUCCESS, ALL_COMMITTED)
    assert report["data"]["TransactionUID"] == f"{UID}.2"
    assert len(report["data"]["ReferencedSOPSequence"]) == len(wanted)
    assert again.responses[1]["event"] == FAILURES_EXIST
    (failed,) = again.responses[1]["data"]["FailedSOPSequence"]
    assert (failed["ReferencedSOPInstanceUID"], failed["FailureReason"]) == (UID, NO_SUCH_INSTANCE)
    assert [each["status"] for each in empty.responses] == [0x0115]


def test_dcmjs_gets_a_report_on_the_next_association(simulated, dcmjs, images):
    """Our archive does not know where to find it, so that the report waits for it."""
    ours = simulated("pacs")
    peer = ("127.0.0.1", ours.port), ours.ae_title
    dcmjs("store", *peer, files=images)

    first = dcmjs("commit", *peer, uid=f"{UID}.5", references=references(images))
    second = dcmjs("commit", *peer, uid=f"{UID}.6", references=references(images), linger=500)

    assert [each.get("status") for each in first.responses] == [SUCCESS]
    events = [each for each in second.responses if "event" in each]
    assert {each["data"]["TransactionUID"] for each in events} >= {f"{UID}.5"}


# -- dcmjs-dimse as an archive: the report comes before the release


SAME = """\
scenario: commitment-at-once
title: {en: "Commitment that is reported on the association of the request"}
steps:
  - store: {from: modality, to: pacs, study: ct, images: 2, save: head}
  - commit: {from: modality, to: pacs, study: head, within: 10 s, hold: open}
  - commit: {from: modality, to: pacs, study: head, missing: 1, within: 10 s, hold: open}
  - commit: {from: modality, to: pacs, study: head, wrong_class: 1, within: 10 s, hold: open}
"""


def test_dcmjs_as_an_archive(dcmjs_scp, tmp_path):
    archive = dcmjs_scp()
    (tmp_path / "same.dicomtest.yaml").write_text(SAME, encoding="utf-8")
    site = f"""\
site: An archive that reports at once
systems:
  pacs: {{{address(archive)}, product: dcmjs-dimse}}
"""

    played = play(tmp_path, site, "same.dicomtest.yaml")

    says = "gives every failure the reason 0112"
    wrong = Known("commitment-at-once/4-commit", "PS3.3 C.14.1.1", says)
    verify(played, {"commit.wrong-class-reason": (wrong,)})
    assert played.checks("blocked", "not-run", "error") == []
