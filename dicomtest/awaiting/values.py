"""What a trigger is told of a step: texts by name, and files.

    scenario, step, kind        what is played
    calling                     AE title of the system that is to act
    ae_title, host, port        whom it is to call
    ACTOR_ae_title, ACTOR_host, ACTOR_port   the same for every actor of the scenario
    folder                      a folder of its own for the step, for files
    request                     DICOM file of the identifier or data set a simulator would send
    request_json                the same as DICOM JSON (PS3.18 Annex F)
    objects                     folder with DICOM files of the study that is to be sent

and what the kind of step adds (`Expectation.values`), such as patient_id. A value that does not
apply is empty.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom import Dataset

    from dicomtest.awaiting.expectation import Expectation

NAMES = (
    "patient_name", "patient_id", "patient_birth_date", "patient_sex", "accession_number",
    "study_instance_uid", "images", "kinds", "level", "status", "sop_instance_uid",
    "transaction_uid", "format", "request", "request_json", "objects",
)  # fmt: skip


def values_of(expectation: Expectation) -> dict[str, str]:
    """Everything a trigger can be told about a step; its files are written."""
    stage, step = expectation.stage, expectation.step
    folder = stage.run.folder.resolve() / "evidence" / "triggers" / step.scenario / step.step
    folder.mkdir(parents=True, exist_ok=True)
    to = step.players[step.scp]
    values = dict.fromkeys(NAMES, "")
    values |= {
        "scenario": step.scenario,
        "step": step.step,
        "kind": step.kind,
        "calling": expectation.system.ae_title,
        "ae_title": to.ae_title,
        "host": to.host,
        "port": _port(expectation, step.scp),
        "folder": str(folder),
    }
    for actor in sorted(stage.scenario.actors()):
        player = stage.run.casting.player(actor)
        name = actor.replace("-", "_")
        values |= {
            f"{name}_ae_title": player.ae_title,
            f"{name}_host": player.host,
            f"{name}_port": _port(expectation, actor),
        }
    return values | expectation.values | _files(expectation, folder)


def _port(expectation: Expectation, actor: str) -> str:
    """The port where an actor listens: with a real system about, that of the site or profile."""
    return str(expectation.stage.run.casting.player(actor).port or "")


def _files(expectation: Expectation, folder: Path) -> dict[str, str]:
    found = {}
    request = expectation.request()
    if request is not None:
        path = folder / "request.dcm"
        _write(request, expectation.sop_class, path)
        found["request"] = str(path)
        json_path = folder / "request.json"
        json_path.write_text(request.to_json(), encoding="utf-8")
        found["request_json"] = str(json_path)
    objects = folder / "objects"
    if expectation.make_objects(objects):
        found["objects"] = str(objects)
    return found


def _write(request: Dataset, sop_class: str, path: Path) -> None:
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(sop_class)
    meta.MediaStorageSOPInstanceUID = UID("2.25.0")  # a message has none, a file needs one
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    request.file_meta = meta
    request.save_as(path, enforce_file_format=True)
