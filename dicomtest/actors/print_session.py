"""What one association may do with a simulated printer (PS3.4 H.4): its film session and below.

Everything created here is gone when the association ends; print jobs go on (PS3.4 H.4.1.2).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydicom import Dataset

from dicomtest.actors.print_images import fit, lut_of, picture_of, sequence_of
from dicomtest.actors.print_objects import (
    AnnotationBox,
    FilmBox,
    FilmSession,
    ImageBox,
    PresentationLut,
)
from dicomtest.actors.print_values import (
    EMPTY,
    INVALID,
    LIST_ERROR,
    MISSING,
    Refused,
    Taken,
    display_format,
    film_box_rules,
    image_box_rules,
    session_rules,
    take,
    value_of,
)
from dicomtest.dicom.print.classes import (
    ANNOTATION_BOX,
    FILM_SESSION,
    PRESENTATION_LUT,
)
from dicomtest.dicom.print.formats import Cell, format_cells

if TYPE_CHECKING:
    from dicomtest.spec.printer import PrinterClaims

PROCESSING_FAILURE, DUPLICATE, NO_INSTANCE, CONFLICT = 0x0110, 0x0111, 0x0112, 0x0119
NO_OPERATION = 0x0211
MEMORY_UNSUPPORTED, UNPRINTED, MEMORY_FULL = 0xB600, 0xC616, 0xC605


class PrintSession:
    """The state of one association; its requests come one after another."""

    def __init__(
        self,
        claims: PrinterClaims,
        new_uid: Callable[[], str],
        accepted: set[str],
    ) -> None:
        """`accepted` are the abstract syntaxes in use."""
        self.claims = claims
        self.new_uid = new_uid
        self.accepted = accepted
        self.session: FilmSession | None = None
        self.luts: dict[str, PresentationLut] = {}
        self.used: set[str] = set()

    # --- what is there

    def film_session(self, uid: str) -> FilmSession:
        """The film session of that UID; raises Refused (0112)."""
        if self.session is None or self.session.uid != uid:
            raise Refused(NO_INSTANCE, "no such film session")
        return self.session

    def film_box(self, uid: str, *, last: bool = True) -> FilmBox:
        """A film box; with `last` only the one created last may be used."""
        boxes = self.session.boxes if self.session else []
        for each in boxes:
            if each.uid == uid:
                if last and each is not boxes[-1]:
                    raise Refused(PROCESSING_FAILURE, "this is not the last film box created")
                return each
        raise Refused(NO_INSTANCE, "no such film box")

    def image_box(self, uid: str) -> tuple[FilmBox, ImageBox]:
        """An image box and its film box, which must be the last one created."""
        for film in self.session.boxes if self.session else ():
            for image in film.images:
                if image.uid == uid:
                    return self.film_box(film.uid), image
        raise Refused(NO_INSTANCE, "no such image box")

    def _identify(self, wanted: str) -> str:
        """The UID of a new instance: the client's, or one of ours; raises Refused (0111)."""
        uid = wanted or self.new_uid()
        if uid in self.used:
            raise Refused(DUPLICATE, "there is such an instance already")
        return uid

    # --- film session

    def create_session(self, uid: str, dataset: Dataset) -> tuple[str, Taken, Dataset | None]:
        """N-CREATE of a film session; one at a time (PS3.4 H.4.1.2.1)."""
        uid = self._identify(uid)
        if self.session is not None:
            raise Refused(PROCESSING_FAILURE, "there is a film session on this association")
        taken = take(dataset, session_rules(self.claims), self.claims)
        self._memory(dataset, taken)
        self.session = FilmSession(uid, taken.values)
        self.used.add(uid)
        return uid, taken, _given_back(taken, dataset)

    def set_session(self, uid: str, dataset: Dataset) -> Taken:
        """N-SET of the film session."""
        session = self.film_session(uid)
        taken = take(dataset, session_rules(self.claims), self.claims)
        self._memory(dataset, taken)
        session.values.update(taken.values)
        return taken

    def _memory(self, dataset: Dataset, taken: Taken) -> None:
        wanted = value_of(dataset, "MemoryAllocation")
        if wanted in (None, ""):
            return
        if not self.claims.memory_allocation:
            taken.warn(MEMORY_UNSUPPORTED, "memory allocation is not supported")
        elif self.claims.memory is not None and int(wanted) > self.claims.memory:
            raise Refused(INVALID, "there is not so much memory", "MemoryAllocation")

    def delete_session(self, uid: str) -> None:
        """N-DELETE of the film session and everything below it."""
        self.film_session(uid)
        self.session = None

    # --- film box

    def create_film_box(
        self, uid: str, dataset: Dataset, image_box_class: str
    ) -> tuple[str, Taken, Dataset]:
        """N-CREATE of a film box with its image and annotation boxes (PS3.4 H.4.2.2.1)."""
        uid = self._identify(uid)
        session = self._referenced_session(dataset)
        wanted = value_of(dataset, "ImageDisplayFormat")
        if wanted in (None, ""):
            status = MISSING if wanted is None else EMPTY
            raise Refused(status, "Image Display Format is needed", "ImageDisplayFormat")
        display = display_format(str(wanted), self.claims)
        if session.boxes and not session.boxes[-1].printed and not self.claims.session_print:
            raise Refused(UNPRINTED, "the last film box was not printed")
        taken = take(dataset, film_box_rules(self.claims, setting=False), self.claims)
        box = FilmBox(uid, display, self._cells(display), taken.values)
        box.lut = self._referenced_lut(dataset, taken)
        for position in range(1, len(box.cells) + 1):
            box.images.append(ImageBox(self.new_uid(), image_box_class, position))
        if ANNOTATION_BOX in self.accepted:
            format_id = str(taken.values.get("AnnotationDisplayFormatID", ""))
            places = self.claims.annotations.get(format_id, ())
            box.annotations = [
                AnnotationBox(self.new_uid(), number, place)
                for number, place in enumerate(places, start=1)
            ]
        session.boxes.append(box)
        self.used.add(uid)
        reply = _given_back(taken, dataset) or Dataset()
        reply.ImageDisplayFormat = str(display)
        reply.ReferencedFilmSessionSequence = [reference(FILM_SESSION, session.uid)]
        reply.ReferencedImageBoxSequence = [
            reference(each.sop_class, each.uid) for each in box.images
        ]
        if box.annotations:
            reply.ReferencedBasicAnnotationBoxSequence = [
                reference(ANNOTATION_BOX, each.uid) for each in box.annotations
            ]
        return uid, taken, reply

    def _referenced_session(self, dataset: Dataset) -> FilmSession:
        keyword = "ReferencedFilmSessionSequence"
        items = value_of(dataset, keyword)
        if items is None:
            raise Refused(MISSING, "Referenced Film Session Sequence is needed", keyword)
        if items == "" or len(items) != 1:
            raise Refused(INVALID, "one film session is to be referenced", keyword)
        uid = str(value_of(items[0], "ReferencedSOPInstanceUID") or "")
        if self.session is None or self.session.uid != uid:
            raise Refused(INVALID, "no such film session", keyword)
        return self.session

    def _cells(self, display: Any) -> tuple[Cell, ...]:
        slides = self.claims.superslides if display.kind == "SUPERSLIDE" else self.claims.slides
        custom = {
            number: [Cell(*each) for each in rectangles]
            for number, rectangles in self.claims.custom.items()
        }
        return tuple(format_cells(display, slides=(slides.columns, slides.rows), custom=custom))

    def set_film_box(self, uid: str, dataset: Dataset) -> Taken:
        """N-SET of the last film box (PS3.4 H.4.2.2.2)."""
        box = self.film_box(uid)
        if not self.claims.film_box_set:
            raise Refused(NO_OPERATION, "N-SET of a film box is not supported")
        for keyword in ("ImageDisplayFormat", "FilmOrientation", "FilmSizeID"):
            if keyword in dataset:
                raise Refused(INVALID, f"{keyword} cannot be changed", keyword)
        taken = take(dataset, film_box_rules(self.claims, setting=True), self.claims)
        lut = self._referenced_lut(dataset, taken)
        box.values.update(taken.values)
        box.lut = lut or box.lut
        return taken

    def delete_film_box(self, uid: str) -> None:
        """N-DELETE of the last film box and its boxes (PS3.4 H.4.2.2.3)."""
        box = self.film_box(uid)
        assert self.session is not None  # it has the box
        self.session.boxes.remove(box)

    # --- image and annotation boxes

    def set_image_box(self, uid: str, sop_class: str, dataset: Dataset) -> Taken:
        """N-SET of an image box; without an image it is erased (PS3.4 H.4.3)."""
        film, image = self.image_box(uid)
        if sop_class != image.sop_class:
            raise Refused(CONFLICT, "the image box is of another class")
        position = value_of(dataset, "ImageBoxPosition")
        if position in (None, ""):
            raise Refused(MISSING, "Image Box Position is needed", "ImageBoxPosition")
        if int(position) != image.position:
            raise Refused(INVALID, f"its position is {image.position}", "ImageBoxPosition")
        item = sequence_of(dataset, sop_class)
        taken = take(dataset, image_box_rules(self.claims), self.claims)
        if item is None:
            image.picture, image.values, image.kilobytes = None, taken.values, 0
            return taken
        picture = picture_of(item, sop_class, self.claims)
        lut = self._referenced_lut(dataset, taken)
        width = fit(film, image, picture, self.claims, taken)
        kilobytes = len(item.PixelData) // 1024
        in_use = sum(each.kilobytes for each in film.images if each is not image)
        if self.claims.memory is not None and in_use + kilobytes > self.claims.memory:
            raise Refused(MEMORY_FULL, "insufficient memory to store the image")
        image.values, image.kilobytes = taken.values, kilobytes
        image.picture = replace(
            picture, **_wishes(taken.values, width), lut=lut.lut if lut else None
        )
        return taken

    def set_annotation_box(self, uid: str, dataset: Dataset) -> Taken:
        """N-SET of an annotation box; an empty text erases it (PS3.4 H.4.4.2.1)."""
        for film in self.session.boxes if self.session else ():
            for box in film.annotations:
                if box.uid != uid:
                    continue
                self.film_box(film.uid)
                position = value_of(dataset, "AnnotationPosition")
                if position in (None, ""):
                    raise Refused(MISSING, "Annotation Position is needed", "AnnotationPosition")
                if int(position) != box.position:
                    raise Refused(INVALID, f"its position is {box.position}", "AnnotationPosition")
                box.text = str(value_of(dataset, "TextString") or "")
                return Taken()
        raise Refused(NO_INSTANCE, "no such annotation box")

    # --- Presentation LUTs

    def create_lut(self, uid: str, dataset: Dataset) -> str:
        """N-CREATE of a Presentation LUT (PS3.4 H.4.9.2.1)."""
        uid = self._identify(uid)
        lut, bits = lut_of(dataset)
        self.luts[uid] = PresentationLut(uid, lut, bits)
        self.used.add(uid)
        return uid

    def delete_lut(self, uid: str) -> None:
        """N-DELETE of a Presentation LUT; films that use it keep it (PS3.4 H.4.9.2.2)."""
        if uid not in self.luts:
            raise Refused(NO_INSTANCE, "no such Presentation LUT")
        del self.luts[uid]

    def _referenced_lut(self, dataset: Dataset, taken: Taken) -> PresentationLut | None:
        keyword = "ReferencedPresentationLUTSequence"
        items = value_of(dataset, keyword)
        if items in (None, ""):
            return None
        if PRESENTATION_LUT not in self.accepted:
            taken.warn(LIST_ERROR, "Presentation LUTs were not negotiated")
            return None
        uid = str(value_of(items[0], "ReferencedSOPInstanceUID") or "")
        if uid not in self.luts:
            raise Refused(INVALID, "no such Presentation LUT", keyword)
        return self.luts[uid]


def reference(sop_class: str, uid: str) -> Dataset:
    """An item that names a SOP Instance (PS3.3 Table 10-11)."""
    item = Dataset()
    item.ReferencedSOPClassUID = sop_class
    item.ReferencedSOPInstanceUID = uid
    return item


def _given_back(taken: Taken, asked: Dataset) -> Dataset | None:
    """The Attribute List of a response: the values in force, where any were asked for."""
    reply = Dataset()
    for keyword, value in taken.values.items():
        if keyword in asked:
            setattr(reply, keyword, value)
    return reply if len(reply) else None


def _wishes(values: dict[str, Any], width_mm: float | None) -> dict[str, Any]:
    """What was asked for an image, as fields of a picture."""
    wishes: dict[str, Any] = {
        "polarity": str(values.get("Polarity", "NORMAL")),
        "width_mm": width_mm,
    }
    if "MagnificationType" in values:
        wishes["magnification"] = str(values["MagnificationType"])
    for keyword, name in (("MinDensity", "min_density"), ("MaxDensity", "max_density")):
        if keyword in values:
            wishes[name] = int(values[keyword]) / 100
    return wishes
