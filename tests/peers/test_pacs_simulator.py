"""Real clients against our PACS simulator: each must get what the standard promises it.

The images come from DCMTK's storescu, so that nothing of ours is on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import support
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from dicomtest import dimse
from dicomtest.actors import Simulator, simulator_class
from dicomtest.actors.simulator import Setting
from dicomtest.evidence import Player
from dicomtest.spec.profile import load_profile

SUCCESS, PENDING, CANCEL = 0x0000, 0xFF00, 0xFE00
UID_ROOT = "1.2.826.0.1.3680043.8.498.77"


@dataclass(frozen=True)
class Study:
    """What the population holds of one study: images of each series, attributes of all."""

    number: int
    images: tuple[int, ...]
    patient: str
    name: str
    charset: str = "ISO_IR 6"
    date: str = "20200115"
    time: str = "101500"
    modality: str = "CT"
    accession: str = "A0"
    sent: list[Path] = field(default_factory=list, compare=False)

    @property
    def uid(self) -> str:
        return f"{UID_ROOT}.{self.number}"

    def series(self, number: int) -> str:
        return f"{self.uid}.{number}"

    def write(self, folder: Path) -> None:
        template = dcmread(get_testdata_file("CT_small.dcm"))
        del template.DataSetTrailingPadding  # storescu does not send it
        for series, count in enumerate(self.images, 1):
            for image in range(1, count + 1):
                template.SpecificCharacterSet = self.charset.split("\\")
                template.PatientID = self.patient
                template.PatientName = self.name
                template.StudyInstanceUID = self.uid
                template.StudyDate, template.StudyTime = self.date, self.time
                template.AccessionNumber = self.accession
                template.Modality = self.modality
                template.SeriesInstanceUID = self.series(series)
                template.SeriesNumber, template.InstanceNumber = series, image
                template.SOPInstanceUID = f"{self.series(series)}.{image}"
                template.file_meta.MediaStorageSOPInstanceUID = template.SOPInstanceUID
                self.sent.append(folder / f"{self.number}-{series}-{image}.dcm")
                template.save_as(self.sent[-1])

    @property
    def instances(self) -> set[str]:
        return {
            f"{self.series(series)}.{image}"
            for series, count in enumerate(self.images, 1)
            for image in range(1, count + 1)
        }


DOE = Study(1, (2, 1), "P1", "DOE^JOHN^Q", accession="A1")
DOE_LATER = Study(2, (1,), "P1", "DOE^JOHN^Q", date="20210630", time="235959", accession="A2")
SMITH = Study(3, (3,), "P2", "SMITH^JANE", date="20201231", time="000000", modality="MR")
MUELLER = Study(4, (1,), "P3", "Müller^Jürgen", charset="ISO_IR 100", date="20220101", accession="")
WANG = Study(5, (1,), "P4", "Wang^XiaoDong=王^小东", charset="ISO_IR 192", date="20220102")
YAMADA = Study(
    *(6, (1,), "P5", "Yamada^Tarou=山田^太郎=やまだ^たろう", r"\ISO 2022 IR 87"), date="20220103"
)
LI = Study(7, (1,), "P6", "Li^Na=李^娜", charset="GB18030", date="20220104")
POPULATION = (DOE, DOE_LATER, SMITH, MUELLER, WANG, YAMADA, LI)


class Served:
    """Our PACS simulator, and where it believes move destinations to be."""

    def __init__(self, folder: Path) -> None:
        self.destinations: dict[str, dimse.Remote] = {}
        profile = load_profile("pacs")
        self.simulator: Simulator = simulator_class("pacs")(
            Setting(
                player=Player("pacs", True, "OURPACS", "127.0.0.1", None),
                profile=profile,
                recorder=dimse.Recorder(),
                spool=folder,
                limits=dimse.Limits(connect=3, association=5, response=10),
                directory=self.destinations.get,
            )
        )

    @property
    def peer(self) -> tuple[tuple[str, int], str]:
        return ("127.0.0.1", self.simulator.port), "OURPACS"

    @property
    def call(self) -> list[str]:
        """DCMTK's arguments; they close the command line but for files."""
        return ["-aec", "OURPACS", "127.0.0.1", str(self.simulator.port)]

    def knows(self, *peers: support.Peer) -> None:
        for peer in peers:
            self.destinations[peer.ae_title] = dimse.Remote(peer.ae_title, peer.host, peer.port)


@pytest.fixture
def pacs(tmp_path: Path) -> Iterator[Served]:
    """Our PACS simulator, empty."""
    served = Served(tmp_path / "pacs")
    with served.simulator:
        yield served


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Our PACS simulator with the population in it, put there by storescu."""
    folder = tmp_path_factory.mktemp("filled")
    for study in POPULATION:
        study.sent.clear()
        study.write(folder)
    served = Served(folder / "pacs")
    with served.simulator:
        try:
            files = [path for study in POPULATION for path in study.sent]
            stored = support.run_dcmtk("storescu", *served.call, *files, folder=folder / "storescu")
        except support.Missing as missing:
            pytest.skip(str(missing))
        assert stored.statuses == [SUCCESS] * len(files), str(stored)
        yield served


@pytest.fixture
def find(filled: Served, dcmtk):
    """Ask with findscu; give the data sets of the answers when the query ended well."""

    def ask(*keys: str, root: str = "-S", charset: str = "ISO_IR 192") -> list[Dataset]:
        asked = [part for key in (*keys, f"SpecificCharacterSet={charset}") for part in ("-k", key)]
        found = dcmtk("findscu", root, *asked, *filled.call)
        *pending, final = found.statuses
        assert final == SUCCESS, str(found)
        assert set(pending) <= {PENDING, 0xFF01}
        assert len(found.identifiers) == len(pending)
        return found.identifiers

    return ask


def studies(answers: list[Dataset]) -> list[str]:
    """UIDs of the studies found; a list, so that a duplicate is seen."""
    return sorted(str(each.StudyInstanceUID) for each in answers)


def uids(*wanted: Study) -> list[str]:
    return sorted(each.uid for each in wanted)


def at(level: str) -> str:
    return f"QueryRetrieveLevel={level}"


# -- C-ECHO and C-STORE


def test_echo(pacs, dcmtk, dcmjs, odil):
    (host, port), ae_title = pacs.peer

    assert dcmtk("echoscu", "--repeat", 3, *pacs.call).echoes == ["Success"] * 3
    assert dcmjs("echo", *pacs.peer).statuses == [SUCCESS]
    assert odil("echo", host, port, "ODIL", ae_title).exit_code == 0


def test_a_wrong_called_ae_title_is_rejected(pacs, dcmtk):
    (host, port), _ = pacs.peer

    rejected = dcmtk("echoscu", "-aec", "NOBODY", host, port)

    assert rejected.exit_code != 0
    assert "Called AE Title Not Recognized" in rejected.log


@pytest.mark.parametrize("pdu", [4096, 131072])
def test_what_was_stored_comes_back_whole_whatever_the_pdu_size(pacs, dcmtk, tmp_path, pdu):
    SMITH.sent.clear()
    SMITH.write(tmp_path)
    stored = dcmtk("storescu", "-pdu", pdu, *pacs.call, *SMITH.sent)

    got = dcmtk("getscu", "-pdu", pdu, "-S", *keys_of(at("STUDY"), SMITH.uid), *pacs.call)

    assert stored.statuses == [SUCCESS] * 3
    assert len(got.instances) == 3
    for path in sorted(got.folder.iterdir()):
        back = dcmread(path)
        (original,) = (dcmread(p) for p in SMITH.sent if dcmread(p).SOPInstanceUID in path.name)
        assert back == original


def test_what_is_stored_twice_is_there_once(pacs, dcmtk, tmp_path):
    SMITH.sent.clear()
    SMITH.write(tmp_path)

    for _ in range(2):
        assert dcmtk("storescu", *pacs.call, *SMITH.sent).statuses == [SUCCESS] * 3
    found = dcmtk("findscu", "-S", "-k", at("STUDY"), "-k", "StudyInstanceUID", *pacs.call)

    assert studies(found.identifiers) == [SMITH.uid]


def test_clients_store_at_the_same_time(pacs, dcmtk, tmp_path):
    files = []
    for study in POPULATION[:4]:
        study.sent.clear()
        study.write(tmp_path)
        files.append(list(study.sent))

    with ThreadPoolExecutor(4) as threads:
        stored = list(threads.map(lambda paths: dcmtk("storescu", *pacs.call, *paths), files))
    found = dcmtk("findscu", "-S", "-k", at("STUDY"), "-k", "StudyInstanceUID", *pacs.call)

    assert [set(each.statuses) for each in stored] == [{SUCCESS}] * 4
    assert studies(found.identifiers) == uids(*POPULATION[:4])


def test_a_client_that_aborts_or_refuses_to_wait_harms_nobody(pacs, dcmtk, tmp_path):
    SMITH.sent.clear()
    SMITH.write(tmp_path)

    dcmtk("echoscu", "--abort", *pacs.call)
    dcmtk("storescu", "--abort", *pacs.call, SMITH.sent[0])

    assert dcmtk("echoscu", *pacs.call).echoes == ["Success"]


def test_compressed_images_come_back_compressed(pacs, dcmtk, tmp_path, storescp):
    SMITH.sent.clear()
    SMITH.write(tmp_path)
    compressed = tmp_path / "rle.dcm"
    assert dcmtk("dcmcrle", SMITH.sent[0], compressed).exit_code == 0
    stored = dcmtk("storescu", "-xr", *pacs.call, compressed)
    destination = storescp(ae_title="DEST", options=["+xr"])
    pacs.knows(destination)

    moved = dcmtk("movescu", "-S", "-aem", "DEST", *keys_of(at("STUDY"), SMITH.uid), *pacs.call)

    assert stored.statuses == [SUCCESS]
    assert moved.final.status == SUCCESS
    (arrived,) = destination.files()
    back = dcmread(arrived)
    assert back.file_meta.TransferSyntaxUID == RLELossless
    assert back.PixelData == dcmread(compressed).PixelData


# -- C-FIND


@pytest.mark.parametrize("root", ["-P", "-S"])
def test_every_level_is_answered(find, root):
    above = [f"PatientID={DOE.patient}"] if root == "-P" else []
    study = [*above, f"StudyInstanceUID={DOE.uid}"]
    series = [*study, f"SeriesInstanceUID={DOE.series(1)}"]

    by_study = find(at("STUDY"), *above, "StudyInstanceUID", "PatientName=DOE*", root=root)
    by_series = find(at("SERIES"), *study, "SeriesInstanceUID", "Modality", root=root)
    by_image = find(at("IMAGE"), *series, "SOPInstanceUID", "InstanceNumber", root=root)

    assert studies(by_study) == uids(DOE, DOE_LATER)
    assert sorted(each.SeriesInstanceUID for each in by_series) == [DOE.series(1), DOE.series(2)]
    assert sorted(int(each.InstanceNumber) for each in by_image) == [1, 2]
    assert {each.QueryRetrieveLevel for each in by_image} == {"IMAGE"}


def test_patients_are_found_once_each(find):
    found = find(at("PATIENT"), "PatientID", "PatientName", root="-P")

    assert sorted(each.PatientID for each in found) == ["P1", "P2", "P3", "P4", "P5", "P6"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("PatientName=DOE^JOHN^Q", (DOE, DOE_LATER)),
        ("PatientName=DO*", (DOE, DOE_LATER)),
        ("PatientName=*JANE", (SMITH,)),
        ("PatientName=?OE^JOHN*", (DOE, DOE_LATER)),
        ("PatientName=*", POPULATION),
        ("PatientName=", POPULATION),
        ("PatientName=NOBODY*", ()),
        ("PatientID=P?", POPULATION),
        ("PatientID=P", ()),
        # Mueller's Required Key is unknown, which matches everything (PS3.4 C.2.2.1.2)
        ("AccessionNumber=A1", (DOE, MUELLER)),
        ("AccessionNumber=a1", (MUELLER,)),
        ("AccessionNumber=?2", (DOE_LATER, MUELLER)),
        ("StudyDate=20200115", (DOE,)),
        ("StudyDate=20200115-20201231", (DOE, SMITH)),
        ("StudyDate=-20201231", (DOE, SMITH)),
        ("StudyDate=20220102-", (WANG, YAMADA, LI)),
        ("StudyTime=235959", (DOE_LATER,)),
        ("StudyTime=000000-000001", (SMITH,)),
        ("StudyTime=2300-", (DOE_LATER,)),
        ("ModalitiesInStudy=MR", (SMITH,)),
        (f"StudyInstanceUID={DOE.uid}\\{LI.uid}", (DOE, LI)),
        (f"StudyInstanceUID={UID_ROOT}", ()),
    ],
)
def test_keys_match_as_the_standard_says(find, key, expected):
    keys = [key] if key.startswith("StudyInstanceUID") else [key, "StudyInstanceUID"]

    assert studies(find(at("STUDY"), *keys)) == uids(*expected)


def test_keys_are_combined_with_and(find):
    found = find(at("STUDY"), "PatientName=DOE*", "StudyDate=20210101-", "StudyInstanceUID")

    assert studies(found) == [DOE_LATER.uid]


@pytest.mark.parametrize(
    ("pattern", "study"),
    [
        ("Müller*", MUELLER),
        ("*王^小东", WANG),
        ("Yamada*", YAMADA),
        ("*山田*", YAMADA),
        ("*李^娜*", LI),
    ],
)
def test_names_are_found_and_returned_whatever_their_character_set(find, pattern, study):
    found = find(at("STUDY"), f"PatientName={pattern}", "StudyInstanceUID")

    assert [(each.StudyInstanceUID, str(each.PatientName)) for each in found] == [
        (study.uid, study.name)
    ]


def test_counts_and_modalities_of_a_study(find):
    (found,) = find(
        at("STUDY"),
        f"StudyInstanceUID={DOE.uid}",
        *("ModalitiesInStudy", "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances"),
    )

    assert found.ModalitiesInStudy == "CT"
    assert found.NumberOfStudyRelatedSeries == 2
    assert found.NumberOfStudyRelatedInstances == 3


def test_an_answer_holds_what_was_asked_for_and_no_more(find):
    (found,) = find(at("STUDY"), f"StudyInstanceUID={DOE.uid}", "PatientID", "StudyDescription")

    assert set(found.dir()) <= {
        *("QueryRetrieveLevel", "StudyInstanceUID", "PatientID", "StudyDescription"),
        *("SpecificCharacterSet", "RetrieveAETitle", "InstanceAvailability"),
    }
    assert "StudyDescription" in found


@pytest.mark.parametrize(
    ("root", "keys"),
    [
        ("-S", ["StudyInstanceUID"]),
        ("-S", [at("PATIENT"), "PatientID"]),
        ("-S", [at("NONSENSE"), "StudyInstanceUID"]),
        ("-S", [at("SERIES"), "SeriesInstanceUID"]),
        ("-S", [at("IMAGE"), f"StudyInstanceUID={DOE.uid}", "SOPInstanceUID"]),
        ("-P", [at("STUDY"), "StudyInstanceUID"]),
    ],
    ids=[
        "no-level",
        "patient-in-study-root",
        "unknown-level",
        "no-study",
        "no-series",
        "no-patient",
    ],
)
def test_a_query_that_cannot_be_is_refused_without_an_answer(filled, dcmtk, root, keys):
    refused = dcmtk("findscu", root, *(part for key in keys for part in ("-k", key)), *filled.call)

    (status,) = refused.statuses
    assert status == 0xA900 or 0xC000 <= status <= 0xCFFF


def test_a_query_is_cancelled(filled, dcmtk):
    cancelled = dcmtk(
        "findscu", "--cancel", 1, "-S", "-k", at("STUDY"), "-k", "StudyInstanceUID", *filled.call
    )

    *pending, final = cancelled.statuses
    assert final in (CANCEL, SUCCESS)  # all answers may be on their way already
    assert 1 <= len(pending) <= len(POPULATION)
    assert cancelled.exit_code == 0


def test_dcmjs_gets_the_same_answers(filled, dcmjs):
    keys = {"QueryRetrieveLevel": "STUDY", "PatientName": "DOE*", "StudyInstanceUID": ""}

    found = dcmjs("find", *filled.peer, keys=keys)

    assert found.statuses == [PENDING, PENDING, SUCCESS]
    answers = sorted(each["StudyInstanceUID"] for each in found.identifiers)
    assert answers == uids(DOE, DOE_LATER)


# -- C-MOVE and C-GET


def keys_of(level: str, study: str, *more: str) -> list[str]:
    """Arguments that name a study (and what lies below it) to movescu and getscu."""
    names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    keys = [level, *(f"{name}={uid}" for name, uid in zip(names, (study, *more), strict=False))]
    return [part for key in keys for part in ("-k", key)]


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
