"""Received composite objects, streamed to DICOM files without being decoded (PS3.10 7.1)."""

from __future__ import annotations

import contextlib
import itertools
import secrets
import struct
from pathlib import Path
from typing import BinaryIO

from dicomtest.dimse.pdus import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from dicomtest.errors import SetupError
from dicomtest.evidence import DataSetRef


def file_meta(
    *, sop_class: str, sop_instance: str, transfer_syntax: str, source: str = ""
) -> bytes:
    """Encode preamble, prefix and file meta information; values are taken as they are."""
    body = _long(0x0001, b"OB", b"\x00\x01")
    for element, vr, text in (
        (0x0002, b"UI", sop_class),
        (0x0003, b"UI", sop_instance),
        (0x0010, b"UI", transfer_syntax),
        (0x0012, b"UI", IMPLEMENTATION_CLASS_UID),
        (0x0013, b"SH", IMPLEMENTATION_VERSION_NAME),
        (0x0016, b"AE", source),
    ):
        if text or element < 0x0016:
            value = text.encode("latin-1", "replace")
            value += (b"\0" if vr == b"UI" else b" ") * (len(value) % 2)
            body += struct.pack("<HH2sH", 2, element, vr, len(value)) + value
    length = struct.pack("<HH2sHL", 2, 0, b"UL", 4, len(body))
    return b"\0" * 128 + b"DICM" + length + body


def _long(element: int, vr: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sHL", 2, element, vr, 0, len(value)) + value


class Spool:
    """A folder of received files; several spools may share one."""

    def __init__(self, folder: Path) -> None:
        """Make the folder; raises SetupError when it cannot be written to."""
        self.folder = folder
        self._prefix = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SetupError(
                f"Received objects cannot be kept in {folder}: {error.strerror}. "
                "Choose a folder that can be written to."
            ) from error

    def create(
        self, *, sop_class: str, sop_instance: str, transfer_syntax: str, source: str
    ) -> FileSink:
        """Begin a file; nothing shows under its final name before it is complete."""
        path = self.folder / f"{self._prefix}-{next(self._numbers):06d}.dcm"
        meta = file_meta(
            sop_class=sop_class,
            sop_instance=sop_instance,
            transfer_syntax=transfer_syntax,
            source=source,
        )
        return FileSink(path, meta, transfer_syntax)


class FileSink:
    """One file being received. After a failure of the disk the rest is thrown away."""

    def __init__(self, path: Path, meta: bytes, transfer_syntax: str) -> None:
        """Create the file and write the file meta information."""
        self._path = path
        self._part = path.with_suffix(".part")
        self._meta = meta
        self._transfer_syntax = transfer_syntax
        self._file: BinaryIO | None = None
        self.size = 0
        self.problem = ""  # why the object could not be kept, in words
        try:
            self._file = self._part.open("xb", buffering=1024 * 1024)
            self._file.write(meta)
        except OSError as error:
            self._fail(error)

    def write(self, chunk: memoryview) -> None:
        """Append encoded bytes of the data set."""
        self.size += len(chunk)
        if self._file is not None:
            try:
                self._file.write(chunk)
            except OSError as error:
                self._fail(error)

    def finish(self) -> DataSetRef | None:
        """Close the file and give it its name; None when it could not be kept."""
        if self._file is None:
            return None
        try:
            self._file.close()
            self._part.replace(self._path)
        except OSError as error:
            self._fail(error)
            return None
        return DataSetRef(self._transfer_syntax, path=str(self._path), offset=len(self._meta))

    def discard(self) -> None:
        """Leave nothing behind."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)

    def _fail(self, error: OSError) -> None:
        self.problem = f"{self._path.name} could not be written: {error.strerror}"
        self.discard()


class MemorySink:
    """A data set kept in memory: identifiers, attribute lists."""

    def __init__(self, transfer_syntax: str) -> None:
        """Start empty."""
        self._transfer_syntax = transfer_syntax
        self._data = bytearray()
        self.problem = ""

    @property
    def size(self) -> int:
        """Bytes received so far."""
        return len(self._data)

    def write(self, chunk: memoryview) -> None:
        """Append encoded bytes."""
        self._data += chunk

    def finish(self) -> DataSetRef | None:
        """Give the whole."""
        return DataSetRef(self._transfer_syntax, data=bytes(self._data))

    def discard(self) -> None:
        """Forget what was received."""
        self._data.clear()
