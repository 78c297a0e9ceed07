"""Printing by clients that are not ours, and our simulated printer for them to print on.

`Film` reads back what a picture file of a film shows, so that two films can be compared.
"""

from __future__ import annotations

import re
import struct
import sys
import zlib
from pathlib import Path
from typing import Any, Self

import numpy as np
from pydicom import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid
from support.clients import Ran, run
from support.dcmtk import DcmtkRan, print_configuration, run_dcmtk
from support.network import until
from support.programs import environment

from dicomtest import dimse
from dicomtest.actors.printer import Printer
from dicomtest.actors.simulator import Setting
from dicomtest.evidence import Association, Player, StepEvidence
from dicomtest.spec.profile import load_profile

AE_TITLE = "OURPRINT"
_COMPLAINT = re.compile(r"^[EF]: (.*)$", re.M)


def complaints(ran: Ran) -> list[str]:
    """Errors in a client's log: dcmprscu and dcmpsprt end with exit code 0 all the same."""
    return _COMPLAINT.findall(ran.log)


def image_file(path: Path, pixels: np.ndarray) -> Path:
    """Write a Secondary Capture image of 8 bits for dcmpsprt."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.PatientName, ds.PatientID, ds.Modality = "PRINT^TEST", "PRINT1", "OT"
    ds.update(image_item(pixels))
    ds.PixelData = pixels.astype("u1").tobytes()
    ds["PixelData"].VR = "OB"
    ds.save_as(path, enforce_file_format=True)
    return path


def image_item(pixels: np.ndarray) -> Dataset:
    """The attributes of a grey or coloured image of 8 bits, without Pixel Data."""
    ds = Dataset()
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    if pixels.ndim == 3:
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 3, "RGB"
        ds.PlanarConfiguration = 1
    ds.Rows, ds.Columns = pixels.shape[:2]
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation = 7, 0
    return ds


def dcmjs_image(folder: Path, pixels: np.ndarray, *, bytes_of_it: int | None = None) -> Any:
    """An image for print.js; with fewer bytes of Pixel Data than it should have, if asked."""
    path = folder / f"{generate_uid()}.raw"
    planes = np.moveaxis(pixels, 2, 0) if pixels.ndim == 3 else pixels
    path.write_bytes(planes.astype("u1").tobytes()[:bytes_of_it])
    elements = {each.keyword: each.value for each in image_item(pixels)}
    return {**elements, "pixels": str(path)}


def film_pixels(path: Path) -> np.ndarray:
    """The picture of a film: rows x columns of grey (or of its palette), or x 3 of colour."""
    data, at, packed = path.read_bytes(), 8, b""
    width = height = channels = 0
    while at < len(data):
        size, kind = struct.unpack(">L4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            width, height, _bits, colour = struct.unpack(">LLBB", body[:10])
            channels = 3 if colour == 2 else 1
        packed += body if kind == b"IDAT" else b""
        at += 12 + size
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, -1)
    assert set(rows[:, 0]) == {2}, "not a picture of ours: every row follows the one above it"
    pixels = np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8)
    return pixels.reshape((height, width, 3) if channels == 3 else (height, width))


class OurPrinter:
    """Our simulated printer, alone; what was said to it is kept as evidence."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recorder = dimse.Recorder()
        self.simulator = Printer(
            Setting(
                player=Player("printer", True, AE_TITLE, "127.0.0.1", None),
                profile=load_profile("printer"),
                recorder=self.recorder,
                spool=folder,
                limits=dimse.Limits(connect=3, association=5, response=20),
                directory=lambda _title: None,
            )
        )

    def __enter__(self) -> Self:
        self.simulator.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.simulator.stop()

    @property
    def peer(self) -> tuple[tuple[str, int], str]:
        return ("127.0.0.1", self.simulator.port), AE_TITLE

    def films(self, count: int) -> list[dict[str, Any]]:
        """Wait for so many films; give what each is, with the path of its picture as `path`."""
        until(lambda: len(self.simulator.films) >= count, what=f"{count} films")
        taken = self.simulator.take_films()
        assert len(taken) == count
        return [{**film.facts, "path": Path(film.path)} for film, _drawn in taken]

    def evidence(self, client: str) -> StepEvidence:
        """What a client said since this was last asked, as a step that judges it."""
        until(lambda: all(map(_over, self.recorder.recorded)), what="the end of the association")
        return StepEvidence(
            scenario="peers",
            step="1-print",
            kind="print",
            scu="workstation",
            scp="printer",
            players={
                "workstation": Player("workstation", False, client, "127.0.0.1", None),
                "printer": self.simulator.setting.player,
            },
            associations=self.recorder.take(),
        )


def _over(association: Association) -> bool:
    return bool(association.ended)


class DcmtkPrinting:
    """dcmpsprt and dcmprscu, with one configuration for one printer."""

    def __init__(self, folder: Path, printer: tuple[tuple[str, int], str]) -> None:
        address, ae_title = printer
        self.folder = folder
        self.database = folder / "database"
        self.which = ["-c", str(print_configuration(folder, {ae_title: address})), "-p", ae_title]
        self._runs = 0

    def render(self, *arguments: str | Path) -> list[Path]:
        """Have dcmpsprt make a print job; give it, a file for dcmprscu."""
        before = set(self.database.glob("SP_*.dcm"))
        ran = self._run("dcmpsprt", *arguments)
        assert not complaints(ran), str(ran)
        return sorted(set(self.database.glob("SP_*.dcm")) - before)

    def spool(self, *arguments: str | Path) -> DcmtkRan:
        """Have dcmpsprt render and start dcmprscu itself."""
        return self._run("dcmpsprt", "--spool", *arguments)

    def send(self, *arguments: str | Path) -> DcmtkRan:
        """Have dcmprscu print jobs."""
        return self._run("dcmprscu", "+d", *arguments)

    def _run(self, name: str, *arguments: str | Path) -> DcmtkRan:
        self._runs += 1
        place = self.folder / f"{self._runs}-{name}"
        return run_dcmtk(name, *self.which, *arguments, folder=place)


def print_by_us(folder: Path, printer: tuple[tuple[str, int], str], scenario: str) -> int:
    """Have our client play a scenario against a printer; give the exit status."""
    (host, port), ae_title = printer
    (folder / "scenario.dicomtest.yaml").write_text(scenario, encoding="utf-8")
    (folder / "site.yaml").write_text(
        "site: A printer\n"
        f"systems: {{printer: {{ae_title: {ae_title}, host: {host}, port: {port}}}}}\n",
        encoding="utf-8",
    )
    command = ["-m", "dicomtest", "run", "scenario.dicomtest.yaml", "--site", "site.yaml"]
    ran = run([sys.executable, *command, "--output", "run"], folder=folder, env=environment())
    return ran.exit_code
