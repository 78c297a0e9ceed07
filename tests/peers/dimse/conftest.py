"""Our two ends, for tests against independent systems."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset

from dicomtest.dimse import (
    Handlers,
    Limits,
    Listener,
    Proposal,
    Recorder,
    Remote,
    Requestor,
    Supported,
    TlsSettings,
    associate,
)
from dicomtest.dimse.messages import encode_dataset
from dicomtest.evidence import EXPLICIT_LITTLE, IMPLICIT_LITTLE, DataSetRef

VERIFICATION = "1.2.840.10008.1.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
STUDY_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_GET = "1.2.840.10008.5.1.4.1.2.2.3"
UNCOMPRESSED = (EXPLICIT_LITTLE, IMPLICIT_LITTLE)
LIMITS = Limits(connect=5, association=10, response=20, release=5, idle=20)


def an_image(number: int = 1, size: int = 64) -> DataSetRef:
    """A small secondary capture, complete enough for an archive."""
    return encode_dataset(an_image_dataset(number, size), EXPLICIT_LITTLE)


def an_image_dataset(number: int = 1, size: int = 64) -> Dataset:
    image = Dataset()
    image.SOPClassUID = SECONDARY_CAPTURE
    image.SOPInstanceUID = f"1.2.826.0.1.3680043.8.498.1.{number}"
    image.StudyInstanceUID = "1.2.826.0.1.3680043.8.498.2"
    image.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.3"
    image.PatientID, image.PatientName = "DIMSE1", "Test^Dimse"
    image.PatientBirthDate = image.PatientSex = image.StudyID = image.AccessionNumber = ""
    image.StudyDate, image.StudyTime = "20260101", "120000"
    image.Modality, image.ConversionType = "OT", "SYN"
    image.SeriesNumber, image.InstanceNumber = 1, number
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.Rows = image.Columns = size
    image.BitsAllocated = image.BitsStored = 8
    image.HighBit, image.PixelRepresentation = 7, 0
    image.add_new("PixelData", "OB", bytes(size * size))
    return image


def study(**keys: str) -> Dataset:
    dataset = Dataset()
    dataset.QueryRetrieveLevel = "STUDY"
    dataset.StudyInstanceUID = "1.2.826.0.1.3680043.8.498.2"
    for keyword, value in keys.items():
        setattr(dataset, keyword, value)
    return dataset


@dataclass
class Net:
    """Starts ends of associations and stops them after the test."""

    folder: Path
    recorder: Recorder = field(default_factory=Recorder)
    listeners: list[Listener] = field(default_factory=list)
    requestors: list[Requestor] = field(default_factory=list)

    def listen(self, ae_title: str, *supported: Supported, **options: Any) -> Listener:
        given: dict[str, Any] = {
            "supported": supported
            or [Supported(uid, UNCOMPRESSED) for uid in (VERIFICATION, SECONDARY_CAPTURE)],
            "handlers": Handlers(),
            "recorder": self.recorder,
            "spool": self.folder / f"spool-{len(self.listeners)}",
            "limits": LIMITS,
        }
        self.listeners.append(Listener(ae_title, **{**given, **options}))
        return self.listeners[-1].start()

    def associate(
        self,
        peer: Any,
        *proposals: Proposal | str,
        tls: TlsSettings | None = None,
        **options: Any,
    ) -> Requestor:
        chosen = [
            each if isinstance(each, Proposal) else Proposal(each, (EXPLICIT_LITTLE,))
            for each in proposals or (VERIFICATION,)
        ]
        remote = Remote(peer.ae_title, "127.0.0.1", peer.port, tls)
        given: dict[str, Any] = {
            "calling": "HARNESS",
            "proposals": chosen,
            "recorder": self.recorder,
            "limits": LIMITS,
        }
        self.requestors.append(associate(remote, **{**given, **options}))
        return self.requestors[-1]


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Net]:
    before = set(threading.enumerate())
    net = Net(tmp_path)
    yield net
    for requestor in net.requestors:
        requestor.abort()
    for listener in net.listeners:
        listener.stop()
    left = [thread for thread in threading.enumerate() if thread not in before]
    assert not left, left
