"""Real clients echo and store at our PACS simulator."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from pydicom import dcmread
from pydicom.uid import RLELossless
from support.population import POPULATION, SMITH, at, keys_of, studies, uids

SUCCESS = 0x0000


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
