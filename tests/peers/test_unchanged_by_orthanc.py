"""What Orthanc keeps and gives back, in the same or another transfer syntax, is what was sent."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import (
    UID,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)
from support import DcmtkRan, Orthanc, Storescp

from dicomtest.dicom.compare import Difference, compare
from dicomtest.dicom.objects import KINDS, Placement, StudyPlan, Subject, build, write
from dicomtest.dicom.patients import patient
from dicomtest.evidence import DataSetRef

Dcmtk = Callable[..., DcmtkRan]
EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"


def a_study(folder: Path, script: str, syntax: str) -> dict[str, DataSetRef]:
    """One instance of each kind, all of one study, by SOP Instance UID."""
    someone = patient(1, 1, script)
    subject = Subject(
        someone.name, someone.patient_id, someone.birth_date, someone.sex, someone.character_set
    )
    plan = StudyPlan(subject, "2.25.100", study_date="20260303", study_time="101112")
    sent: dict[str, DataSetRef] = {}
    images: list[Dataset] = []
    for number, kind in enumerate(sorted(KINDS, key=lambda name: KINDS[name].refers_to_images), 1):
        place = Placement(f"2.25.2{number}", number, f"2.25.3{number}", 1)
        about = images if KINDS[kind].refers_to_images else ()
        ds = build(kind, plan, place, rng=random.Random(7), refers_to=about)
        encoding = EXPLICIT if UID(syntax).is_compressed and "PixelData" not in ds else syntax
        images += [ds] if kind == "ct" else []
        sent[ds.SOPInstanceUID] = write(ds, folder / f"{number}.dcm", encoding)
    return sent


def changes(sent: dict[str, DataSetRef], files: list[Path]) -> list[tuple[str, Difference]]:
    """Differences of every instance that came."""
    found = []
    for path in files:
        returned = dcmread(path)
        original = sent.pop(returned.SOPInstanceUID)
        syntaxes = (original.transfer_syntax, str(returned.file_meta.TransferSyntaxUID))
        differences = compare(original.dataset(), returned, transfer_syntaxes=syntaxes)
        found += [(returned.SOPClassUID.name, each) for each in differences]
    assert not sent, "every instance comes back"
    return found


@pytest.mark.parametrize(
    ("script", "sent_in", "propose", "accept", "syntax"),
    [
        ("latin", EXPLICIT, "-xe", "+xe", EXPLICIT),
        ("chinese-gb2312", EXPLICIT, "-xe", "+xi", IMPLICIT),
        ("japanese-kana", IMPLICIT, "-xi", "+xa", IMPLICIT),
        ("cyrillic", JPEGLosslessSV1, "-xs", "+xi", IMPLICIT),
        ("thai", JPEGLosslessSV1, "-xs", "+xa", JPEGLosslessSV1),
        ("korean", JPEGLSLossless, "-xt", "+xi", IMPLICIT),
        ("hebrew", RLELossless, "-xr", "+xi", IMPLICIT),
        ("chinese-gb18030", JPEG2000Lossless, "-xv", "+xa", JPEG2000Lossless),
    ],
)
def test_nothing_changes_on_the_way(
    script: str,
    sent_in: str,
    propose: str,
    accept: str,
    syntax: str,
    orthanc: Callable[..., Orthanc],
    storescp: Callable[..., Storescp],
    dcmtk: Dcmtk,
    tmp_path: Path,
) -> None:
    destination = storescp(ae_title="DEST", options=(accept, "+B"))
    pacs = orthanc(modalities={"DEST": ("127.0.0.1", destination.port)})
    (tmp_path / "sent").mkdir()
    sent = a_study(tmp_path / "sent", script, sent_in)
    to = ("-aec", pacs.ae_title, *pacs.address)
    stored = dcmtk("storescu", "+sd", propose, *to, tmp_path / "sent")
    assert stored.exit_code == 0, stored

    keys = ("-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID=2.25.100")
    moved = dcmtk("movescu", "-S", "-aem", "DEST", *to, *keys)

    assert moved.exit_code == 0, moved
    assert changes(sent, destination.files()) == []
    came = {str(dcmread(each).file_meta.TransferSyntaxUID) for each in destination.files()}
    assert syntax in came
