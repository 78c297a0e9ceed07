"""What a print client tries beside printing: mistakes, limits, the order of things.

Each probe has an association of its own, labelled with its name; exchanges that matter carry the
label of what was asked. What the printer answers is judged by the checks, not here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydicom import Dataset

from dicomtest.dicom.print.classes import (
    COLOR_IMAGE_BOX,
    FILM_SESSION,
    GRAYSCALE_IMAGE_BOX,
    PRESENTATION_LUT,
    PRINTER,
)
from dicomtest.transactions.printing.client import Box, PrintAssociation, PrintClient
from dicomtest.transactions.printing.messages import lut_data, took
from dicomtest.transactions.printing.pictures import image_item

TRY = "try"  # label of the exchange a probe is about
ONE = "STANDARD\\1,1"
CROWDED = "STANDARD\\4,5"
SECOND_WITHIN = 4.0  # seconds for the answer to a second association beside the first
LARGE = 4096  # columns of an image that no box of a crowded film has, at 1100 pixels an inch
Action = Callable[[PrintAssociation], None]


def probe(name: str, client: PrintClient) -> None:
    """Carry one probe out, as far as the printer lets it."""
    action, more = _PROBES[name]
    meta = "" if name == "printer-only" else None
    with client.associate(name, more=more, meta=meta) as on:
        if on.peer.established and on.peer.association.contexts:
            action(on)


def _session(on: PrintAssociation) -> bool:
    return on.accepts(on.client.meta) and on.create_session()


def _box(on: PrintAssociation, format_: str = ONE) -> Box | None:
    """A film session and a film box."""
    return on.create_film_box(format_) if _session(on) else None


def _image(on: PrintAssociation, columns: int = 0) -> Dataset:
    from dicomtest.dicom.print.patterns import Pattern, smpte

    pattern = on.client.pictures.pattern(0) if not columns else smpte(64, 64)
    if columns:  # the same picture with wider pixels: it is only to be large, and few bytes
        pattern = Pattern(pattern.pixels.repeat(columns // 64, axis=1))
    return image_item(pattern, on.image_box_class, bits=on.parameters.bits)


def _unknown_format(on: PrintAssociation) -> None:
    if _session(on):
        on.create_film_box("MOSAIC\\9", label=TRY)


def _malformed_format(on: PrintAssociation) -> None:
    if _session(on):
        on.create_film_box("STANDARD\\2", label=TRY)


def _missing_format(on: PrintAssociation) -> None:
    if _session(on):
        ds = on.film_box_data(ONE)
        del ds.ImageDisplayFormat
        on.create_film_box(ONE, dataset=ds, label=TRY)


def _missing_session_reference(on: PrintAssociation) -> None:
    if _session(on):
        ds = on.film_box_data(ONE)
        del ds.ReferencedFilmSessionSequence
        on.create_film_box(ONE, dataset=ds, label=TRY)


def _film_box_without_session(on: PrintAssociation) -> None:
    on.session = on.client.stage.uids.new()
    on.create_film_box(ONE, label=TRY)


def _second_session(on: PrintAssociation) -> None:
    if _session(on):
        on.create_session(label=TRY)


def _session_again(on: PrintAssociation) -> None:
    if _session(on) and took(on.delete_session()):
        on.create_session(label=TRY)


def _session_set(on: PrintAssociation) -> None:
    if _session(on):
        ds = Dataset()
        ds.NumberOfCopies = 2
        on.peer.n_set(FILM_SESSION, on.session, ds, meta_sop_class=on.client.meta, label=TRY)


def _second_film_box(on: PrintAssociation) -> None:
    if _box(on) is not None:
        on.create_film_box(ONE, label=TRY)


def _empty_page(on: PrintAssociation) -> None:
    box = _box(on)
    if box is not None:
        on.print_film_box(box, label=TRY)


def _empty_session(on: PrintAssociation) -> None:
    if _session(on):
        on.print_session(label=TRY)


def _delete_twice(on: PrintAssociation) -> None:
    box = _box(on)
    if box is not None:
        on.delete_film_box(box)
        on.delete_film_box(box, label=TRY)


def _print_deleted_film_box(on: PrintAssociation) -> None:
    box = _box(on)
    if box is not None:
        on.set_images(box)
        on.delete_film_box(box)
        on.print_film_box(box, label=TRY)


def _session_deletes_all(on: PrintAssociation) -> None:
    box = _box(on)
    if box is not None:
        on.set_images(box)
        on.delete_session()
        on.print_film_box(box, label=TRY)


def _session_deletes_boxes(on: PrintAssociation) -> None:
    box = _box(on)
    if box is not None and box.images and took(on.delete_session()):
        on.set_image(box.images[0], 1, _image(on), label=TRY)


def _deleted_image_box(on: PrintAssociation) -> None:
    box = _box(on)
    if box is not None and box.images and took(on.delete_film_box(box)):
        on.set_image(box.images[0], 1, _image(on), label=TRY)


def _unknown_image_box(on: PrintAssociation) -> None:
    if _box(on) is not None:
        on.set_image(on.client.stage.uids.new(), 1, _image(on), label=TRY)


def _erased_image(on: PrintAssociation) -> None:
    box = _box(on)
    if box is not None and box.images:
        on.set_images(box)
        on.set_image(box.images[0], 1, None, label=TRY)


def _spoilt_image(on: PrintAssociation, spoil: Callable[[Dataset], None]) -> None:
    box = _box(on)
    if box is not None and box.images:
        item = _image(on)
        spoil(item)
        on.set_image(box.images[0], 1, item, label=TRY)


def _missing_pixels(on: PrintAssociation) -> None:
    _spoilt_image(on, lambda item: delattr(item, "PixelData"))


def _short_pixels(on: PrintAssociation) -> None:
    def spoil(item: Dataset) -> None:
        item["PixelData"].value = item.PixelData[: len(item.PixelData) // 4 * 2]

    _spoilt_image(on, spoil)


def _colour_in_grayscale_box(on: PrintAssociation) -> None:
    box = _box(on)
    if box is None or not box.images or on.image_box_class != GRAYSCALE_IMAGE_BOX:
        return
    item = image_item(on.client.pictures.pattern(0), COLOR_IMAGE_BOX)
    on.set_image(box.images[0], 1, item, label=TRY)


def _gray_in_colour_box(on: PrintAssociation) -> None:
    box = _box(on)
    if box is None or not box.images or on.image_box_class != COLOR_IMAGE_BOX:
        return
    item = image_item(on.client.pictures.pattern(0), GRAYSCALE_IMAGE_BOX)
    on.set_image(box.images[0], 1, item, label=TRY)


def _sixteen_bits(on: PrintAssociation) -> None:
    def spoil(item: Dataset) -> None:
        item.BitsAllocated, item.BitsStored, item.HighBit = 16, 16, 15
        item["PixelData"].value = bytes(item.Rows * item.Columns * 2)
        item["PixelData"].VR = "OW"

    if on.image_box_class == GRAYSCALE_IMAGE_BOX:
        _spoilt_image(on, spoil)


def _image_without_position(on: PrintAssociation) -> None:
    box = _box(on)
    if box is not None and box.images:
        on.set_image(box.images[0], None, _image(on), label=TRY)


def _unsupported_value(on: PrintAssociation) -> None:
    if _session(on):
        ds = on.film_box_data(ONE)
        ds.FilmSizeID = "1INX1IN"
        on.create_film_box(ONE, dataset=ds, label=TRY)


def _unsupported_option(on: PrintAssociation) -> None:
    if _session(on):
        ds = on.film_box_data(ONE)
        ds.RequestedResolutionID = "DICOMTEST"
        on.create_film_box(ONE, dataset=ds, label=TRY)


def _duplicate_instance(on: PrintAssociation) -> None:
    box = _box(on)
    if box is not None:
        on.create_film_box(ONE, uid=box.uid, label=TRY)


def _unknown_printer(on: PrintAssociation) -> None:
    on.peer.n_get(PRINTER, on.client.stage.uids.new(), meta_sop_class=on.client.meta, label=TRY)


def _printer_only(on: PrintAssociation) -> None:
    if on.accepts(PRINTER):
        on.printer_status()


def _unknown_action(on: PrintAssociation) -> None:
    box = _box(on)
    if box is not None:
        on.set_images(box)
        on.print_film_box(box, label=TRY, action=99)


def _other_association(on: PrintAssociation) -> None:
    box = _box(on)
    if box is None:
        return
    on.set_images(box)
    with on.client.associate("other-association: second", options=_at_once(on)) as other:
        if other.accepts(other.client.meta):
            other.print_film_box(box, label=TRY)


def _at_once(on: PrintAssociation) -> dict[str, Any]:
    """Wait shortly: a printer of one association at a time leaves the second one in the queue."""
    limits = replace(on.client.scu.setting.limits, association=SECOND_WITHIN)
    return {"limits": limits, "patience": 0.0}


def _after_release(on: PrintAssociation) -> None:
    box = _box(on)
    if box is None:
        return
    on.set_images(box)
    on.peer.release()
    with on.client.associate("after-release: second") as other:
        if other.accepts(other.client.meta):
            other.print_film_box(box, label=TRY)


def _session_print(on: PrintAssociation) -> None:
    box = _box(on)
    if box is not None:
        on.set_images(box)
        on.print_session(label=TRY)


def _inverse_lut(on: PrintAssociation) -> None:
    on.create_lut(lut_data("INVERSE", 8), label=TRY)


def _bad_lut(on: PrintAssociation) -> None:
    ds = lut_data("table", 8)
    item = ds.PresentationLUTSequence[0]
    item.add_new(0x00283002, "US", [100, 0, 12])
    item["LUTData"].value = item.LUTData[:200]
    on.create_lut(ds, label=TRY)


def _deleted_lut(on: PrintAssociation) -> None:
    if on.create_lut() is None or not on.lut or not _session(on):
        return
    on.delete_lut()
    on.create_film_box(ONE, label=TRY)


def _unused_lut(on: PrintAssociation) -> None:
    box = _box(on)
    if box is not None and box.images:
        on.set_image(box.images[0], 1, _image(on), label=TRY)


def _oversize(**wishes: str) -> Action:
    def action(on: PrintAssociation) -> None:
        box = _box(on, CROWDED)
        if box is None or not box.images:
            return
        item = _image(on, LARGE)
        if took(on.set_image(box.images[0], 1, item, label=TRY, extra=dict(wishes))):
            on.print_film_box(box, label=f"{TRY}: print")

    return action


_PROBES: dict[str, tuple[Action, tuple[str, ...]]] = {
    "unknown-format": (_unknown_format, ()),
    "malformed-format": (_malformed_format, ()),
    "missing-format": (_missing_format, ()),
    "missing-session-reference": (_missing_session_reference, ()),
    "film-box-without-session": (_film_box_without_session, ()),
    "second-session": (_second_session, ()),
    "session-again": (_session_again, ()),
    "session-set": (_session_set, ()),
    "second-film-box": (_second_film_box, ()),
    "empty-page": (_empty_page, ()),
    "empty-session": (_empty_session, ()),
    "delete-twice": (_delete_twice, ()),
    "print-deleted-film-box": (_print_deleted_film_box, ()),
    "session-deletes-all": (_session_deletes_all, ()),
    "session-deletes-boxes": (_session_deletes_boxes, ()),
    "deleted-image-box": (_deleted_image_box, ()),
    "unknown-image-box": (_unknown_image_box, ()),
    "erased-image": (_erased_image, ()),
    "missing-pixels": (_missing_pixels, ()),
    "short-pixels": (_short_pixels, ()),
    "colour-in-grayscale-box": (_colour_in_grayscale_box, ()),
    "gray-in-colour-box": (_gray_in_colour_box, ()),
    "sixteen-bits": (_sixteen_bits, ()),
    "image-without-position": (_image_without_position, ()),
    "unsupported-value": (_unsupported_value, ()),
    "unsupported-option": (_unsupported_option, ()),
    "duplicate-instance": (_duplicate_instance, ()),
    "unknown-printer": (_unknown_printer, ()),
    "printer-only": (_printer_only, (PRINTER,)),
    "unknown-action": (_unknown_action, ()),
    "other-association": (_other_association, ()),
    "after-release": (_after_release, ()),
    "session-print": (_session_print, ()),
    "inverse-lut": (_inverse_lut, (PRESENTATION_LUT,)),
    "bad-lut": (_bad_lut, (PRESENTATION_LUT,)),
    "deleted-lut": (_deleted_lut, (PRESENTATION_LUT,)),
    "unused-lut": (_unused_lut, (PRESENTATION_LUT,)),
    "oversize-decimate": (_oversize(RequestedDecimateCropBehavior="DECIMATE"), ()),
    "oversize-crop": (_oversize(RequestedDecimateCropBehavior="CROP"), ()),
    "oversize-fail": (_oversize(RequestedDecimateCropBehavior="FAIL"), ()),
    "oversize-none": (
        _oversize(RequestedDecimateCropBehavior="DECIMATE", MagnificationType="NONE"), ()
    ),
}  # fmt: skip
