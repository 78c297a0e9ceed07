"""The shipped RIS scenarios against real worklists and MPPS managers: every finding is true.

The worklist comes from one system and MPPS goes to another; orders are files in the worklist's
folder. What is pinned of a worklist is shown by DCMTK's findscu too. What is pinned of an MPPS
manager are rules that the few lines around the library in tests/peers do not keep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import support
from support.runs import Findings, Known, Played, address, of_worklist, play, verify

pytestmark = pytest.mark.timeout(300)

FIRST = ("ris-worklist", "ris-worklist-changes", "ris-worklist-matching")
PENDING, PENDING_UNSUPPORTED, CANCELLED, SUCCESS = 0xFF00, 0xFF01, 0xFE00, 0x0000
MPPS = "ris-mpps/4-mpps"
MATCHING = "ris-worklist-matching/7-worklist"
SCRIPTS = "ris-worklist-character-sets/10-worklist"
MANY = "ris-worklist-many/2-worklist"

# Rules of the state machine: the lines in tests/peers/odil and tests/peers/node leave them out.
NO_ERROR_ID = Known(MPPS, "PS3.4 F.7.2.2.4", "refuses a change after the end without Error ID A710")
INCOMPLETE = Known(MPPS, "PS3.4 5.4.2.1", "takes reports that lack what is mandatory")
OTHER_PATIENT = Known(MPPS, "PS3.4 F.7.2.2.1", "takes a Patient ID in an N-SET")
NO_SUCH_STATUS = Known(MPPS, "PS3.4 F.7.2.2", "takes a status that does not exist")
LENIENT: Findings = {
    "mpps.finished-error-id": (NO_ERROR_ID,),
    "mpps.missing-attribute-refused": (INCOMPLETE,),
    "mpps.missing-value-refused": (INCOMPLETE,),
    "mpps.not-allowed-told": (OTHER_PATIENT,),
    "mpps.bad-status-told": (NO_SUCH_STATUS,),
}
ODIL: Findings = LENIENT | {
    "association.not-aborted": (
        Known(MPPS, "PS3.8 7.3", "accepts MPPS Retrieve and closes the connection at an N-GET"),
    ),
    "dimse.final-response": (Known(MPPS, "PS3.7 9.3", "the same, seen from the N-GET"),),
}
DCMJS: Findings = LENIENT | {
    "mpps.retrieve-found": (
        Known(MPPS, "PS3.4 F.8.2.1", "accepts MPPS Retrieve and answers every N-GET with 0110"),
    ),
}
WLMSCPFS: Findings = {
    "worklist.character-set-of-request": (
        Known(MATCHING, "PS3.4 C.2.2.2", "refuses a key with code extension (ISO 2022) with A900"),
    ),
}
APART = "looks at dates and times by themselves, where ranges of both are one range"
NOT_ANSWERED = "answers FF00 to keys that it leaves out of its answers, not FF01"
ORTHANC: Findings = {
    "worklist.match-date-time": (
        Known(MATCHING, "PS3.4 K.6.1.2.2", APART),
        Known(SCRIPTS, "PS3.4 K.6.1.2.2", APART),
    ),
    "worklist.pending-status": (
        Known(MATCHING, "PS3.4 K.4.1.1.4", NOT_ANSWERED),
        Known(SCRIPTS, "PS3.4 K.4.1.1.4", NOT_ANSWERED),
    ),
    "worklist.unsupported-key-is-announced": (Known(MATCHING, "PS3.4 K.4.1.1.4", NOT_ANSWERED),),
    "worklist.foreign-key-is-ignored": (
        Known(MATCHING, "PS3.4 K.2.2.1.1.2", "answers nothing when asked with QueryRetrieveLevel"),
    ),
    "worklist.ordered-values": (
        Known(SCRIPTS, "PS3.4 K.4.1.3", "leaves escape sequences of ISO 2022 IR 58 in its UTF-8"),
    ),
    "worklist.character-set": (
        Known(SCRIPTS, "PS3.5 6.1.2", "the same, by the rules of UTF-8"),
        Known(MANY, "PS3.5 6.1.2", "the same: the orders before are still in its list"),
    ),
}


@dataclass(frozen=True)
class Ris:
    """A RIS of two real systems, still running, and the run that has tested it."""

    worklist: support.Wlmscpfs | support.Orthanc
    played: Played


def running(
    folder: Path,
    worklist: support.Wlmscpfs | support.Orthanc,
    mpps: support.OdilScp | support.DcmjsScp,
    *scenarios: str,
) -> Iterator[Ris]:
    try:
        with worklist, mpps:
            site = f"""\
site: A RIS of two systems
systems:
  worklist: {{{of_worklist(worklist)}}}
  mpps: {{{address(mpps)}, actor: ris, serves: [mpps]}}
simulators:
  modality: {{port: {support.free_port()}}}
  workstation: {{port: {support.free_port()}}}
seed: 20261123
"""
            yield Ris(worklist, play(folder, site, *scenarios, "ris-mpps"))
    except support.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def wlmscpfs_and_odil(tmp_path_factory) -> Iterator[Ris]:
    folder = tmp_path_factory.mktemp("wlmscpfs")
    peers = support.Wlmscpfs(folder / "worklist"), support.OdilScp(folder / "mpps")
    yield from running(folder, *peers, *FIRST)


@pytest.fixture(scope="module")
def orthanc_and_dcmjs(tmp_path_factory) -> Iterator[Ris]:
    folder = tmp_path_factory.mktemp("orthanc")
    orthanc = support.Orthanc(folder / "worklist", plugins=["ModalityWorklists"])
    all_of_them = (*FIRST, "ris-worklist-character-sets", "ris-worklist-many")
    yield from running(folder, orthanc, support.DcmjsScp(folder / "mpps"), *all_of_them)


def test_wlmscpfs_and_odil_as_ris(wlmscpfs_and_odil: Ris):
    played = wlmscpfs_and_odil.played

    verify(played, WLMSCPFS | ODIL)
    assert played.checks("blocked", "not-run", "error") == []
    assert played.exit_status == 1, played.output


def test_orthanc_and_dcmjs_as_ris(orthanc_and_dcmjs: Ris):
    played = orthanc_and_dcmjs.played

    verify(played, ORTHANC | DCMJS)
    assert played.checks("blocked", "not-run", "error") == []
    assert played.exit_status == 1, played.output


def test_an_mpps_manager_that_ends_the_association_is_probed_to_the_end(wlmscpfs_and_odil: Ris):
    step = wlmscpfs_and_odil.played.evidence("ris-mpps", "4-mpps")

    assert len(step["associations"]) == 2
    assert len(step["facts"]["probes"]) == 11


# -- what is pinned of the worklists, by a client that is not ours


@pytest.fixture
def ask(dcmtk) -> Callable[..., support.DcmtkRan]:
    """Ask a worklist with findscu -W."""

    def asked(ris: Ris, *keys: str, cancel: int = 0):
        how = ["--cancel", str(cancel)] if cancel else []
        wanted = [word for each in keys for word in ("-k", each)]
        call = ["-aec", ris.worklist.ae_title, *ris.worklist.address]
        return dcmtk("findscu", "-W", *how, *wanted, *call)

    return asked


def test_wlmscpfs_refuses_escape_sequences(wlmscpfs_and_odil: Ris, ask):
    japanese = "\x1b$BB<>e\x1b(B^\x1b$BD><y\x1b(B"  # Murakami Naoki

    found = ask(
        wlmscpfs_and_odil, r"SpecificCharacterSet=\ISO 2022 IR 87", f"PatientName={japanese}"
    )

    assert found.statuses == [0xA900]
    assert "Invalid Character Repertoire for datatype PN" in found.log


def test_wlmscpfs_says_that_pregnancy_is_unknown_where_nothing_was_ordered(
    wlmscpfs_and_odil: Ris, ask
):
    """So that a change of Pregnancy Status to no value is no reason to wait for it."""
    found = ask(wlmscpfs_and_odil, "PatientSex=", "PregnancyStatus")

    assert {each.PregnancyStatus for each in found.identifiers} == {4}


def test_orthanc_does_not_say_that_it_leaves_out_keys(orthanc_and_dcmjs: Ris, ask):
    found = ask(orthanc_and_dcmjs, "Modality", "PatientID=DT*", "EthnicGroup", "StudyDate")

    assert set(found.statuses) == {PENDING, SUCCESS}
    assert not any("EthnicGroup" in each or "StudyDate" in each for each in found.identifiers)


def test_orthanc_takes_a_foreign_key_for_one_that_nothing_matches(orthanc_and_dcmjs: Ris, ask):
    assert len(ask(orthanc_and_dcmjs, "PatientName").statuses) > 1
    found = ask(orthanc_and_dcmjs, "PatientName", "QueryRetrieveLevel=STUDY")
    assert found.statuses == [SUCCESS]


def test_orthanc_does_not_take_ranges_of_dates_and_times_for_one(orthanc_and_dcmjs: Ris, ask):
    """The step of yesterday, 07:05, is between yesterday, 07:05, and today, 07:04."""
    today = datetime.fromtimestamp(orthanc_and_dcmjs.played.record["started"]).date()
    step = "ScheduledProcedureStepSequence[0].ScheduledProcedureStepStart"
    dates = f"{step}Date={today - timedelta(days=1):%Y%m%d}-{today:%Y%m%d}"

    by_date = ask(orthanc_and_dcmjs, "PatientName", dates)
    by_both = ask(orthanc_and_dcmjs, "PatientName", dates, f"{step}Time=0705-0704")

    assert len(by_date.identifiers) > 1
    assert by_both.statuses == [SUCCESS]


def test_orthanc_leaves_escape_sequences_in_utf_8(orthanc_and_dcmjs: Ris, ask):
    found = ask(orthanc_and_dcmjs, "PatientName")

    garbled = [each for each in found.identifiers if b"\x1b" in each.get_item("PatientName").value]
    assert garbled  # the order that was written in ISO 2022 IR 58
    assert {each.SpecificCharacterSet for each in garbled} == {"ISO_IR 192"}


def test_orthanc_sends_a_data_set_when_it_is_cancelled(orthanc_and_dcmjs: Ris, ask):
    """Which is no finding: what DCMTK adds to that response is in many products."""
    found = ask(orthanc_and_dcmjs, "PatientName", "PatientID", cancel=1)

    assert found.final.status == CANCELLED
    assert found.final.fields["Data Set"] == "present"
    assert "DataSetType!=NULL" in found.log
