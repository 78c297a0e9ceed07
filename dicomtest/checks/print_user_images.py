"""The images, annotations and Presentation LUTs of a print client (PS3.4 H.4.3, H.4.4, H.4.9)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCU, SHOULD, check
from dicomtest.checks.print_evidence import (
    STEP,
    Act,
    image_item,
    number,
    references,
    requests,
    sequence,
    value,
)
from dicomtest.checks.print_user_films import one_of, told
from dicomtest.dicom.attribute_values import Item
from dicomtest.dicom.print.classes import (
    ANNOTATION_BOX,
    COLOR_IMAGE_BOX,
    FILM_BOX,
    GRAYSCALE_IMAGE_BOX,
    IMAGE_BOXES,
    IMAGE_SEQUENCE_OF,
    PRESENTATION_LUT,
)
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, judge

NO_IMAGE = "The image is refused and missing on the film."
NONSENSE = "The image comes out as nonsense, or not at all."
WRONG_GRAYS = "Grays come out other than intended."
NEEDED = ("SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns", "BitsAllocated",
          "BitsStored", "HighBit", "PixelRepresentation")  # fmt: skip
GRAY_BITS = (("8", "8", "7"), ("16", "12", "11"))
COLOUR_BITS = (("8", "8", "7"),)
SHAPES = ("IDENTITY", "LIN OD")
ENTRIES = {8: 256, 12: 4096}


def _images(step: StepEvidence) -> Iterator[tuple[Act, Item]]:
    """Each image that is set, but not the erasing of one."""
    for act in requests(step, "N-SET", of=IMAGE_BOXES):
        item = image_item(act)
        if item is not None:
            yield act, item


def _is_colour(act: Act) -> bool:
    return act.exchange.sop_class == COLOR_IMAGE_BOX


@check("print.scu-position", judges=SCU, level=MUST, cites="PS3.4 H.4.3.1.2.1.1", steps=STEP,
       consequence=NO_IMAGE)  # fmt: skip
def an_image_has_a_position(step: StepEvidence) -> Iterator[Judgement]:
    """The N-SET of an image box has Image Box Position."""
    for act in requests(step, "N-SET", of=IMAGE_BOXES):
        there = bool(value(act.sent, "ImageBoxPosition"))
        yield judge(there, expected="Image Box Position", actual="none", at=act.exchange)


@check("print.scu-position-of-box", judges=SCU, level=MUST, cites="PS3.3 C.13.5", steps=STEP,
       consequence="Images change places on the film.")  # fmt: skip
def the_position_is_that_of_the_box(step: StepEvidence) -> Iterator[Judgement]:
    """Image Box Position is the place of the image box on the film, counted from 1."""
    for act in requests(step, "N-SET", of=IMAGE_BOXES):
        box = act.before.boxes.get(act.exchange.sop_instance)
        position = number(act.sent, "ImageBoxPosition")
        if box is not None and box.position and position is not None:
            yield judge(
                position == box.position, expected=box.position, actual=position, at=act.exchange
            )


@check("print.scu-image-sequence", judges=SCU, level=MUST,
       cites=("PS3.4 H.4.3.1.2.1.1", "PS3.4 H.4.3.2.2.1.1"), steps=STEP,
       consequence=NO_IMAGE)  # fmt: skip
def an_image_box_gets_an_image(step: StepEvidence) -> Iterator[Judgement]:
    """The N-SET of an image box has the image sequence of its class, with one item, or with none
    to erase the image."""
    for act in requests(step, "N-SET", of=IMAGE_BOXES):
        keyword = IMAGE_SEQUENCE_OF[act.exchange.sop_class]
        count = len(sequence(act.sent, keyword))
        yield judge(
            keyword in act.sent and count <= 1, expected=f"{keyword} with one item",
            actual=f"{count} items" if keyword in act.sent else "absent", at=act.exchange,
        )  # fmt: skip


@check("print.scu-image-attributes", judges=SCU, level=MUST,
       cites=("PS3.4 H.4.3.1.2.1.1", "PS3.4 H.4.3.2.2.1.1"), steps=STEP,
       consequence=NO_IMAGE)  # fmt: skip
def an_image_is_complete(step: StepEvidence) -> Iterator[Judgement]:
    """An image has all its attributes: samples, photometric interpretation, rows, columns, bits
    and representation of pixels."""
    for act, item in _images(step):
        wanted = (*NEEDED, "PlanarConfiguration") if _is_colour(act) else NEEDED
        missing = [each for each in wanted if not value(item, each)]
        yield judge(not missing, expected="all of them", actual=["without", *missing],
                    at=act.exchange)  # fmt: skip


@check("print.scu-pixels", judges=SCU, level=MUST, cites="PS3.4 H.4.3.1.2.1.1", steps=STEP,
       consequence=NO_IMAGE)  # fmt: skip
def an_image_has_pixels(step: StepEvidence) -> Iterator[Judgement]:
    """An image has Pixel Data."""
    for act, _item in _images(step):
        size = _pixel_bytes(act)
        yield judge(bool(size), expected="Pixel Data", actual="none", at=act.exchange)


@check("print.scu-pixel-length", judges=SCU, level=MUST, cites="PS3.3 C.7.6.3", steps=STEP,
       consequence=NONSENSE)  # fmt: skip
def there_are_pixels_enough(step: StepEvidence) -> Iterator[Judgement]:
    """Pixel Data is as long as rows, columns, samples and Bits Allocated make it, padded to an
    even length."""
    for act, item in _images(step):
        factors = [number(item, e) for e in ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated")]
        size = _pixel_bytes(act)
        if size is None or None in factors:
            continue
        wanted = 1
        for each in factors:
            wanted *= each or 0
        wanted = wanted // 8 + wanted // 8 % 2
        yield judge(size == wanted, expected=f"{wanted} bytes", actual=size, at=act.exchange)


def _pixel_bytes(act: Act) -> int | None:
    items = act.dataset().get(IMAGE_SEQUENCE_OF[act.exchange.sop_class]) or []
    data = items[0].get("PixelData") if items else None
    return len(data) if data else None


@check("print.scu-samples", judges=SCU, level=MUST, cites="PS3.3 C.13.5", steps=STEP,
       consequence=NONSENSE)  # fmt: skip
def samples_fit_the_box(step: StepEvidence) -> Iterator[Judgement]:
    """Samples per Pixel is 1 in a grayscale image box and 3 in a color one."""
    for act, item in _images(step):
        actual, wanted = value(item, "SamplesPerPixel"), "3" if _is_colour(act) else "1"
        if actual:
            yield judge(actual == wanted, expected=wanted, actual=actual, at=act.exchange)


@check("print.scu-photometric", judges=SCU, level=MUST, cites="PS3.3 C.13.5", steps=STEP,
       consequence=NONSENSE)  # fmt: skip
def the_photometric_interpretation_fits(step: StepEvidence) -> Iterator[Judgement]:
    """Photometric Interpretation is MONOCHROME1 or MONOCHROME2 in a grayscale image box, and RGB
    in a color one."""
    for act, item in _images(step):
        wanted = ("RGB",) if _is_colour(act) else ("MONOCHROME1", "MONOCHROME2")
        actual = value(item, "PhotometricInterpretation")
        if actual:
            yield judge(actual in wanted, expected=wanted, actual=actual, at=act.exchange)


@check("print.scu-planar", judges=SCU, level=MUST, cites="PS3.3 C.13.5", steps=STEP,
       consequence="Colours come out as stripes and dots.")  # fmt: skip
def colours_come_plane_by_plane(step: StepEvidence) -> Iterator[Judgement]:
    """Planar Configuration of a color image is 1: plane by plane."""
    for act, item in _images(step):
        actual = value(item, "PlanarConfiguration")
        if _is_colour(act) and actual:
            yield judge(actual == "1", expected="1", actual=actual, at=act.exchange)


@check("print.scu-bits", judges=SCU, level=MUST, cites="PS3.3 C.13.5", steps=STEP,
       consequence=NO_IMAGE)  # fmt: skip
def bits_are_eight_or_twelve(step: StepEvidence) -> Iterator[Judgement]:
    """Bits Allocated, Bits Stored and High Bit are 8, 8, 7; in grayscale also 16, 12, 11."""
    for act, item in _images(step):
        actual = tuple(value(item, e) for e in ("BitsAllocated", "BitsStored", "HighBit"))
        wanted = COLOUR_BITS if _is_colour(act) else GRAY_BITS
        if all(actual):
            yield judge(
                actual in wanted, expected=" or ".join(", ".join(each) for each in wanted),
                actual=", ".join(actual), at=act.exchange,
            )  # fmt: skip


@check("print.scu-unsigned", judges=SCU, level=MUST, cites="PS3.3 C.13.5", steps=STEP,
       consequence=NONSENSE)  # fmt: skip
def pixels_are_unsigned(step: StepEvidence) -> Iterator[Judgement]:
    """Pixel Representation is 0: unsigned."""
    for act, item in _images(step):
        actual = value(item, "PixelRepresentation")
        if actual:
            yield judge(actual == "0", expected="0", actual=actual, at=act.exchange)


@check("print.scu-pixel-range", judges=SCU, level=SHOULD, cites="PS3.5 8.1.1", steps=STEP,
       consequence=WRONG_GRAYS)  # fmt: skip
def pixels_are_within_their_bits(step: StepEvidence) -> Iterator[Judgement]:
    """No pixel of 12 bits has a value above 4095."""
    for act, item in _images(step):
        if (value(item, "BitsAllocated"), value(item, "BitsStored")) != ("16", "12"):
            continue
        items = act.dataset().get(IMAGE_SEQUENCE_OF[act.exchange.sop_class]) or []
        data = bytes(items[0].get("PixelData") or b"") if items else b""
        over = max(data[1::2], default=0) > 0x0F
        yield judge(not over, expected="0 to 4095", actual="more", at=act.exchange)


@check("print.scu-aspect", judges=SCU, level=MUST, cites="PS3.3 C.7.6.3", steps=STEP,
       consequence="The image is stretched.")  # fmt: skip
def the_aspect_is_a_ratio(step: StepEvidence) -> Iterator[Judgement]:
    """Pixel Aspect Ratio is two whole numbers above 0."""
    for act, item in _images(step):
        actual = value(item, "PixelAspectRatio")
        if actual:
            parts = actual.split("\\")
            good = len(parts) == 2 and all(each.isdigit() and int(each) > 0 for each in parts)
            yield judge(good, expected="such as 1\\2", actual=actual, at=act.exchange)


@check("print.scu-polarity", judges=SCU, level=MUST, cites="PS3.3 C.13.5", steps=STEP)
def polarity_is_one_of_two(step: StepEvidence) -> Iterator[Judgement]:
    """Polarity is NORMAL or REVERSE."""
    terms = ("NORMAL", "REVERSE")
    yield from told(step, "Polarity", one_of(*terms), terms, of=IMAGE_BOXES)


@check("print.scu-decimate-crop", judges=SCU, level=MUST, cites="PS3.3 C.13.5", steps=STEP)
def the_behaviour_is_one_of_three(step: StepEvidence) -> Iterator[Judgement]:
    """Requested Decimate/Crop Behavior is DECIMATE, CROP or FAIL."""
    terms = ("DECIMATE", "CROP", "FAIL")
    yield from told(step, "RequestedDecimateCropBehavior", one_of(*terms), terms, of=IMAGE_BOXES)


@check("print.scu-image-size", judges=SCU, level=MUST, cites="PS3.3 C.13.5", steps=STEP)
def the_image_size_is_a_width(step: StepEvidence) -> Iterator[Judgement]:
    """Requested Image Size is one width in mm, above 0."""

    def fits(text: str) -> bool:
        try:
            return float(text) > 0
        except ValueError:
            return False

    yield from told(step, "RequestedImageSize", fits, "a width in mm", of=IMAGE_BOXES)


# --- annotations


@check("print.scu-annotation-position", judges=SCU, level=MUST, cites="PS3.4 H.4.4.2.1.1",
       steps=STEP, consequence="The text is not on the film.")  # fmt: skip
def an_annotation_has_a_position(step: StepEvidence) -> Iterator[Judgement]:
    """The N-SET of an annotation box has Annotation Position, counted from 1."""
    for act in requests(step, "N-SET", of=ANNOTATION_BOX):
        position = number(act.sent, "AnnotationPosition")
        yield judge(
            position is not None and position > 0, expected="Annotation Position",
            actual="none" if position is None else position, at=act.exchange,
        )  # fmt: skip


# --- Presentation LUTs


def _luts(step: StepEvidence) -> Iterator[Act]:
    return requests(step, "N-CREATE", of=PRESENTATION_LUT)


@check("print.scu-lut-one-form", judges=SCU, level=MUST, cites="PS3.4 H.4.9.2.1.1", steps=STEP)
def a_lut_is_a_shape_or_a_table(step: StepEvidence) -> Iterator[Judgement]:
    """A Presentation LUT has either Presentation LUT Shape or Presentation LUT Sequence."""
    for act in _luts(step):
        has = [each for each in ("PresentationLUTShape", "PresentationLUTSequence")
               if act.sent.get(each)]  # fmt: skip
        yield judge(len(has) == 1, expected="one of the two", actual=has or "none", at=act.exchange)


@check("print.scu-lut-shape", judges=SCU, level=MUST, cites="PS3.4 H.4.9.2.1.1", steps=STEP,
       consequence=WRONG_GRAYS)  # fmt: skip
def the_shape_is_one_of_two(step: StepEvidence) -> Iterator[Judgement]:
    """Presentation LUT Shape is IDENTITY or LIN OD."""
    of = PRESENTATION_LUT
    yield from told(step, "PresentationLUTShape", one_of(*SHAPES), SHAPES, "N-CREATE", of=of)


def _descriptor(act: Act) -> list[int] | None:
    """LUT Descriptor of a table; None for a shape, [] for what is none."""
    items = sequence(act.sent, "PresentationLUTSequence")
    if not items:
        return None
    try:
        return [int(each) for each in value(items[0], "LUTDescriptor").split("\\")]
    except ValueError:
        return []


@check("print.scu-lut-descriptor", judges=SCU, level=MUST, cites="PS3.4 H.4.9.2.1.1.1", steps=STEP,
       consequence=WRONG_GRAYS)  # fmt: skip
def the_descriptor_is_one_of_a_printer(step: StepEvidence) -> Iterator[Judgement]:
    """LUT Descriptor is 256 or 4096 entries, from 0, of 10 to 16 bits."""
    for act in _luts(step):
        told_of = _descriptor(act)
        if told_of is None:
            continue
        good = len(told_of) == 3 and told_of[0] in (256, 4096) and told_of[1] == 0
        good = good and 10 <= told_of[2] <= 16
        yield judge(good, expected="256\\0\\n or 4096\\0\\n with n from 10 to 16",
                    actual="\\".join(map(str, told_of)) or "none", at=act.exchange)  # fmt: skip


@check("print.scu-lut-data", judges=SCU, level=MUST, cites=("PS3.3 C.11.4", "PS3.4 H.4.9.2.1.1"),
       steps=STEP, consequence=WRONG_GRAYS)  # fmt: skip
def the_table_is_as_described(step: StepEvidence) -> Iterator[Judgement]:
    """LUT Data has as many entries as LUT Descriptor says, each within its bits."""
    for act in _luts(step):
        told_of = _descriptor(act)
        if not told_of or len(told_of) != 3:
            continue
        item = act.dataset().PresentationLUTSequence[0]
        values = _words(item.get("LUTData"))
        good = len(values) == told_of[0] and max(values, default=0) < 1 << told_of[2]
        yield judge(good, expected=f"{told_of[0]} entries of {told_of[2]} bits",
                    actual=f"{len(values)} entries up to {max(values, default=0)}",
                    at=act.exchange)  # fmt: skip


def _words(data: object) -> list[int]:
    if isinstance(data, bytes):
        return [int.from_bytes(data[at : at + 2], "little") for at in range(0, len(data) - 1, 2)]
    return [int(each) for each in data] if isinstance(data, (list, tuple)) else []


@check("print.scu-lut-of-images", judges=SCU, level=MUST, cites="PS3.4 H.4.9.2.1.1.1", steps=STEP,
       consequence=WRONG_GRAYS)  # fmt: skip
def the_table_fits_the_images(step: StepEvidence) -> Iterator[Judgement]:
    """The table of a Presentation LUT has 256 entries for images of 8 bits and 4096 for images of
    12 bits."""
    entries = {act.created_uid: told_of[0] for act in _luts(step) if (told_of := _descriptor(act))}
    of_film: dict[str, str] = {}
    for act in requests(step, "N-CREATE", "N-SET", of=(FILM_BOX, GRAYSCALE_IMAGE_BOX)):
        named = [uid for _, uid in references(act.sent, "ReferencedPresentationLUTSequence")]
        if act.exchange.sop_class == FILM_BOX:
            of_film.update(dict.fromkeys([act.created_uid], named[0]) if named else {})
            continue
        box, item = act.before.boxes.get(act.exchange.sop_instance), image_item(act)
        lut = named[0] if named else of_film.get(box.film_box, "") if box else ""
        wanted = ENTRIES.get(number(item, "BitsStored") or 0) if item else None
        if lut in entries and wanted:
            yield judge(
                entries[lut] == wanted, expected=wanted, actual=entries[lut], at=act.exchange
            )
