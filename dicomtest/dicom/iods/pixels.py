"""Whether Pixel Data is what its description says (PS3.3 C.7.6.3, PS3.5 8 and Annex A)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dicomtest.dicom.encoded_values import EncodedElement
from dicomtest.dicom.iods.frames import FrameHeader, fragments, frame_header, offset_table
from dicomtest.dicom.iods.level import Fault, Level
from dicomtest.evidence import DEFLATED_LITTLE, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE

NATIVE = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG, DEFLATED_LITTLE})
JPEG_2000_ONLY = frozenset({"YBR_ICT", "YBR_RCT"})
ONE_SAMPLE = frozenset({"MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"})
THREE_SAMPLES = frozenset(
    {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT", "HSV", "XYB"}
)
RLE = "1.2.840.10008.1.2.5"
JPEG_2000 = frozenset({"1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"})
JPEG_LS = frozenset({"1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81"})
JPEG_LOSSY = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"})
JPEG = JPEG_LOSSY | {"1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"}
ONE_FILE = ("1.2.840.10008.1.2.4.10", "1.2.840.10008.1.2.7.")  # video: frames are in one stream


@dataclass(frozen=True)
class Description:
    """The numbers that describe native pixel data."""

    rows: int
    columns: int
    samples: int
    allocated: int
    stored: int
    high: int
    frames: int
    photometric: str

    @property
    def length(self) -> int:
        """Bytes of native Pixel Data, padding to even length included (PS3.5 8.1.1)."""
        samples = 2 if self.photometric == "YBR_FULL_422" else self.samples
        bits = self.rows * self.columns * samples * self.allocated * self.frames
        length = (bits + 7) // 8
        return length + length % 2


def description(top: Level) -> Description | None:
    """The description of Pixel Data; None when it is incomplete."""
    numbers = [
        top.number(each)
        for each in ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated", "BitsStored", "HighBit")
    ]
    if any(each is None for each in numbers):
        return None
    frames = top.number("NumberOfFrames") if top.filled("NumberOfFrames") else 1
    if frames is None:
        return None
    rows, columns, samples, allocated, stored, high = (int(each or 0) for each in numbers)
    return Description(
        rows, columns, samples, allocated, stored, high, frames,
        top.text("PhotometricInterpretation"),
    )  # fmt: skip


def description_faults(top: Level, transfer_syntax: str) -> Iterator[Fault]:
    """A description that contradicts itself."""
    said = description(top)
    if said is None or not top.has("PixelData"):
        return
    for keyword, value in (("Rows", said.rows), ("Columns", said.columns)):
        if value < 1:
            yield Fault(keyword, "at least 1", str(value))
    if said.frames < 1:
        yield Fault("NumberOfFrames", "at least 1", str(said.frames))
    if (said.allocated != 1 and said.allocated % 8) or not said.allocated:
        yield Fault("BitsAllocated", "1 or a multiple of 8", str(said.allocated))
    if not 1 <= said.stored <= said.allocated:
        yield Fault("BitsStored", f"1 to Bits Allocated {said.allocated}", str(said.stored))
    elif said.high != said.stored - 1:
        yield Fault("HighBit", f"{said.stored - 1}: Bits Stored less one", str(said.high))
    wanted = _samples_of(said.photometric)
    if wanted and said.samples != wanted:
        yield Fault("SamplesPerPixel", f"{wanted} for {said.photometric}", str(said.samples))
    if said.photometric in JPEG_2000_ONLY and transfer_syntax in NATIVE | JPEG | {RLE}:
        yield Fault("PhotometricInterpretation", "one of this transfer syntax", said.photometric)
    if transfer_syntax in JPEG_LOSSY and top.text("LossyImageCompression") == "00":
        yield Fault("LossyImageCompression", "01 in a lossy transfer syntax", "00")
    yield from _plane_faults(top, said)


def _samples_of(photometric: str) -> int:
    if photometric in ONE_SAMPLE:
        return 1
    return 3 if photometric in THREE_SAMPLES else 0


def _plane_faults(top: Level, said: Description) -> Iterator[Fault]:
    if top.text("PhotometricInterpretation") != "PALETTE COLOR":
        return
    for colour in ("Red", "Green", "Blue"):
        found = top.element(f"{colour}PaletteColorLookupTableDescriptor")
        data = top.element(f"{colour}PaletteColorLookupTableData")
        if found is None or data is None or len(found.value) != 6 or said.allocated not in (8, 16):
            continue
        entries = int.from_bytes(found.value[:2], "little") or 65536
        bits = int.from_bytes(found.value[4:6], "little")
        lengths = {entries * 2} if bits == 16 else {entries, entries + entries % 2, entries * 2}
        if len(data.value) not in lengths:
            where = f"{colour}PaletteColorLookupTableData"
            yield Fault(where, f"{entries} entries of {bits} bits", f"{len(data.value)} bytes")


def data_faults(top: Level, transfer_syntax: str) -> Iterator[Fault]:
    """Pixel Data that is not what the description or the transfer syntax says."""
    said, data = description(top), top.element("PixelData")
    if said is None or data is None:
        return
    native = transfer_syntax in NATIVE
    if native == data.encapsulated:
        yield Fault("PixelData", "native" if native else "encapsulated",
                    "encapsulated" if data.encapsulated else "native")  # fmt: skip
    elif native:
        yield from _native_faults(said, data, transfer_syntax)
    else:
        yield from _encapsulated_faults(said, data.value, transfer_syntax)


def _native_faults(
    said: Description, data: EncodedElement, transfer_syntax: str
) -> Iterator[Fault]:
    if len(data.value) != said.length:
        yield Fault(
            "PixelData",
            f"{said.length} bytes: {said.frames} x {said.rows} x {said.columns} x {said.samples} "
            f"of {said.allocated} bits",
            f"{len(data.value)} bytes",
        )
    if said.allocated > 8 and transfer_syntax != IMPLICIT_LITTLE and data.vrs == ("OB",):
        yield Fault("PixelData", f"VR OW for Bits Allocated {said.allocated}", "VR OB")


def _encapsulated_faults(said: Description, value: bytes, transfer_syntax: str) -> Iterator[Fault]:
    try:
        pieces = fragments(value)
    except ValueError as error:
        yield Fault("PixelData", "fragments to the last byte", str(error))
        return
    if not pieces[1:]:
        yield Fault("PixelData", "a Basic Offset Table and at least one fragment",
                    f"{len(pieces)} items")  # fmt: skip
        return
    offsets = offset_table(pieces[0])
    starts, at = set(), 0
    for each in pieces[1:]:
        starts.add(at)
        at += 8 + len(each)
    wrong = [each for each in offsets if each not in starts]
    if wrong:
        yield Fault("PixelData", "offsets of fragments in the Basic Offset Table",
                    f"{wrong[0]} is the beginning of none")  # fmt: skip
    if transfer_syntax.startswith(ONE_FILE):
        return
    count = len(offsets) or _frames(pieces[1:], transfer_syntax, said.frames)
    if count and count != said.frames:
        yield Fault("PixelData", f"{said.frames} frames", f"{count} frames")
    header = frame_header(b"".join(pieces[1:]) if said.frames == 1 else pieces[1], transfer_syntax)
    if header is not None:
        yield from _header_faults(said, header)


def _frames(pieces: list[bytes], transfer_syntax: str, said: int) -> int:
    """How many frames the fragments are, without an offset table; 0 when nobody can say."""
    if transfer_syntax == RLE or (said > 1 and len(pieces) < said):
        return len(pieces)
    if said == 1:
        return 1  # one frame may be in any number of fragments
    begins = [each for each in pieces if each[:3] == b"\xff\xd8\xff" or each[:2] == b"\xff\x4f"]
    return len(begins) if pieces[0] in begins else 0


def _header_faults(said: Description, header: FrameHeader) -> Iterator[Fault]:
    for keyword, told, found in (
        ("Rows", said.rows, header.rows),
        ("Columns", said.columns, header.columns),
        ("SamplesPerPixel", said.samples, header.samples),
    ):
        if found is not None and told != found:
            yield Fault(keyword, f"{found}: that of the compressed frame", str(told))
    if header.bits is not None and not said.stored <= header.bits <= said.allocated:
        yield Fault("BitsStored", f"at most {header.bits}: the bits of the compressed frame",
                    f"{said.stored} of {said.allocated}")  # fmt: skip
