"""A sender made with plain pynetdicom: images of two series, sent byte for byte."""

from __future__ import annotations

import io
import socket
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pydicom
import pydicom.data
from pydicom import Dataset, config
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid
from pynetdicom import AE, _config, evt

from .bench import TITLE

CT = "1.2.840.10008.5.1.4.1.1.2"
COMMITMENT, COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1", "1.2.840.10008.1.20.1.1"
STUDY, SERIES = generate_uid(entropy_srcs=["study"]), generate_uid(entropy_srcs=["series"])
DEFAULT = (ImplicitVRLittleEndian, ExplicitVRLittleEndian)
FILE_HEAD = 128 + 4

Objects = list[Dataset]


@cache
def _original(name: str) -> Dataset:
    return pydicom.dcmread(str(pydicom.data.get_testdata_file(name)))


def image(number: int = 1, name: str = "CT_small.dcm") -> Dataset:
    """A sound image made by somebody else, of our patient."""
    import copy

    ds = copy.deepcopy(_original(name))
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = "ZZTEST^Sender", "DT-S-1", "19700102"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = STUDY, SERIES
    ds.SOPInstanceUID = generate_uid()
    ds.InstanceNumber = number
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    return ds


def images() -> Objects:
    """Two of one series."""
    return [image(1), image(2)]


def write(ds: Dataset, path: Path, change: Callable[[bytes], bytes] | None = None) -> Path:
    """Write a file; `change` what follows the file meta information."""
    mode = config.settings.writing_validation_mode
    config.settings.writing_validation_mode = config.IGNORE
    try:
        buffer = io.BytesIO()
        ds.save_as(buffer, enforce_file_format=True)
    finally:
        config.settings.writing_validation_mode = mode
    data = buffer.getvalue()
    length = struct.unpack_from("<I", data, FILE_HEAD + 8)[0]
    split = FILE_HEAD + 12 + length
    body = change(data[split:]) if change else data[split:]
    path.write_bytes(data[:split] + body)
    return path


def entity(**options: Any) -> AE:
    """Our application entity."""
    made = AE(TITLE)
    made.acse_timeout = made.dimse_timeout = made.network_timeout = 5
    for name, value in options.items():
        setattr(made, name, value)
    return made


def contexts_for(objects: Iterable[Dataset], syntaxes: Iterable[str] | None = None) -> AE:
    """An entity that offers what these objects need."""
    made = entity()
    for sop_class in dict.fromkeys(each.file_meta.MediaStorageSOPClassUID for each in objects):
        offered = syntaxes or dict.fromkeys(
            [*DEFAULT, *(each.file_meta.TransferSyntaxUID for each in objects)]
        )
        for each in offered:  # one by one: the acceptor takes each that it can
            made.add_requested_context(sop_class, each)
    return made


def send(
    provider: Any,
    files: Iterable[Path],
    ae: AE,
    *,
    again: Callable[[int], bool] = lambda _status: False,
    rude: bool = False,
) -> list[int]:
    """Store files, byte for byte, and give the statuses; 0xFFFF where none came."""
    before, _config.STORE_SEND_CHUNKED_DATASET = _config.STORE_SEND_CHUNKED_DATASET, True
    statuses = []
    try:
        association = ae.associate("127.0.0.1", provider.port, ae_title=provider.ae_title)
        for path in files:
            for _attempt in range(3):
                if not association.is_established:
                    with suppress(RuntimeError):  # it was rejected, and has no thread
                        association.join(0.1)
                    association = ae.associate(
                        "127.0.0.1", provider.port, ae_title=provider.ae_title
                    )
                    if not association.is_established:
                        continue
                said = association.send_c_store(path)
                statuses.append(said.Status if "Status" in said else 0xFFFF)
                if not again(statuses[-1]):
                    break
        with suppress(RuntimeError):
            association.abort() if rude else association.release()
    finally:
        _config.STORE_SEND_CHUNKED_DATASET = before
    return statuses


def invoke(provider: Any, sop_class: str, act: Callable[[Any], Any], **options: Any) -> Any:
    """Do something on an association for one SOP class."""
    ae = entity()
    ae.add_requested_context(sop_class, list(DEFAULT))
    association = ae.associate("127.0.0.1", provider.port, ae_title=provider.ae_title, **options)
    assert association.is_established
    try:
        return act(association)
    finally:
        if association.is_established:
            association.release()


def commit(provider: Any, objects: Iterable[Dataset]) -> None:
    """Ask for storage commitment, and take the report wherever it comes."""
    wanted = Dataset()
    wanted.TransactionUID = generate_uid()
    wanted.ReferencedSOPSequence = [_reference(each) for each in objects]
    reports = []

    def report(event: Any) -> tuple[int, Dataset | None]:
        reports.append(event.event_information)
        return 0x0000, None

    def act(association: Any) -> None:
        import time

        association.send_n_action(wanted, 1, COMMITMENT, COMMITMENT_INSTANCE)
        until = time.monotonic() + 3
        while not reports and time.monotonic() < until:
            time.sleep(0.002)

    invoke(provider, COMMITMENT, act, evt_handlers=[(evt.EVT_N_EVENT_REPORT, report)])


def _reference(ds: Dataset) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    return item


def associate_rq(
    provider: Any,
    *,
    context_ids: tuple[int, ...] = (1,),
    application: bytes = b"1.2.840.10008.3.1.1.1",
    implementation: bytes = b"1.2.3",
    then: bytes = b"",
) -> None:
    """Send an A-ASSOCIATE-RQ as nobody's library would, and whatever else."""

    def item(kind: int, value: bytes) -> bytes:
        return struct.pack(">BBH", kind, 0, len(value)) + value

    context = b"".join(
        item(0x20, bytes([number, 0, 0, 0]) + item(0x30, b"1.2.840.10008.1.1")
             + item(0x40, b"1.2.840.10008.1.2"))
        for number in context_ids
    )  # fmt: skip
    user = item(0x51, struct.pack(">I", 16384))
    user += item(0x52, implementation) if implementation else b""
    titles = provider.ae_title.encode().ljust(16) + TITLE.encode().ljust(16)
    body = struct.pack(">HH32s32x", 1, 0, titles)
    body += item(0x10, application) + context + item(0x50, user)
    with socket.create_connection(("127.0.0.1", provider.port), 5) as sock:
        sock.sendall(struct.pack(">BBI", 1, 0, len(body)) + body)
        with suppress(OSError):
            sock.settimeout(0.2)
            sock.recv(4096)
            sock.sendall(then or struct.pack(">BBII", 5, 0, 4, 0))
            sock.recv(4096)
