"""A sound print client on plain pynetdicom, every request a method of its own."""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Sequence
from io import BytesIO
from queue import SimpleQueue
from threading import Event
from typing import Any

from pydicom import Dataset
from pydicom.tag import Tag
from pynetdicom import AE, evt
from pynetdicom.dimse_primitives import N_ACTION, N_CREATE, N_DELETE, N_GET, N_SET
from pynetdicom.dsutils import decode, encode

from .words import (
    ANNOTATION_BOX,
    BOX_OF_META,
    COLOR_META,
    FILM_BOX,
    FILM_SESSION,
    GRAYSCALE_META,
    IMAGE_SEQUENCE,
    JOB_REFERENCE,
    PRESENTATION_LUT,
    PRINT_JOB,
    PRINTER,
    PRINTER_INSTANCE,
    reference,
)

EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"
SIDE = 16  # rows and columns of an image
PATIENCE = 10.0
DATA_OF = {
    "N_CREATE": "AttributeList",
    "N_SET": "ModificationList",
    "N_ACTION": "ActionInformation",
}


class PrintSCU:
    """Prints one film as PS3.4 Annex H asks."""

    meta = GRAYSCALE_META
    optional: tuple[str, ...] = ()  # further classes
    syntaxes: tuple[str, ...] = (EXPLICIT, IMPLICIT)
    display = "STANDARD\\1,1"
    bits = 8
    names_instances = True
    aborts = False

    def __init__(self) -> None:
        self.assoc: Any = None
        self.session = self.film = self.job = ""
        self.boxes: list[str] = []
        self.annotations: list[str] = []
        self.lut = ""
        self.over = Event()
        self.answers: SimpleQueue[Any] = SimpleQueue()
        self.numbers = 0

    # --- the whole

    def run(self, port: int, ae_title: str) -> None:
        """Associate, play, and release."""
        ae = AE("BROKEN_SCU")
        ae.dimse_timeout = ae.acse_timeout = PATIENCE
        for uid in self.classes():
            ae.add_requested_context(uid, list(self.syntaxes))
        handlers = [(evt.EVT_N_EVENT_REPORT, self.on_event)]
        with warnings.catch_warnings():  # what is wrong on purpose is warned of
            warnings.simplefilter("ignore")
            self.assoc = ae.associate("127.0.0.1", port, ae_title=ae_title, evt_handlers=handlers)
            assert self.assoc.is_established
            try:
                self.associated()
                self.play()
            finally:
                if self.assoc.is_established:
                    (self.assoc.abort if self.aborts else self.assoc.release)()

    def associated(self) -> None:
        """Let responses come to `ask`, and pynetdicom serve the events."""
        usual = self.assoc._serve_request

        def serve(message: Any, context_id: int) -> None:
            if message.is_valid_response:
                self.answers.put(message)
            else:
                self.serve_event(message, context_id, usual)

        self.assoc._serve_request = serve

    def serve_event(self, message: Any, context_id: int, usual: Any) -> None:
        """Confirm an event, by way of `on_event`."""
        usual(message, context_id)
        if message.AffectedSOPClassUID == PRINT_JOB and message.EventTypeID in (3, 4):
            self.over.set()  # now that it is confirmed: pynetdicom cannot do so while it releases

    def classes(self) -> list[str]:
        """What is proposed."""
        return [self.meta, *self.optional]

    def play(self) -> None:
        """One film."""
        self.ask_printer()
        self.make_lut()
        self.make_session()
        self.make_film()
        self.set_images()
        self.annotate()
        self.print_film()
        self.wait()
        self.finish()

    # --- requests

    def ask(self, request: Any, data: Dataset | None, meta: str = "") -> tuple[Any, Dataset]:
        """Send a request in the context of `meta`; the response and its data set.

        Events that come meanwhile are confirmed as usual.
        """
        wanted = meta or self.meta
        context = next(e for e in self.assoc.accepted_contexts if e.abstract_syntax == wanted)
        syntax = context.transfer_syntax[0]
        if data is not None:
            raw = encode(data, syntax.is_implicit_VR, syntax.is_little_endian) or b""
            setattr(request, DATA_OF[type(request).__name__], BytesIO(raw))
        self.numbers += 1
        request.MessageID = self.numbers
        self.assoc.dimse.send_msg(request, context.context_id)
        response = self.answers.get(timeout=PATIENCE)
        for keyword in ("AttributeList", "ActionReply"):
            raw_reply = getattr(response, keyword, None)
            if raw_reply is not None and raw_reply.getvalue():
                raw_reply.seek(0)
                reply = decode(raw_reply, syntax.is_implicit_VR, syntax.is_little_endian)
                return response, reply
        return response, Dataset()

    def ask_printer(self) -> None:
        """N-GET of the printer."""
        self.get(PRINTER, PRINTER_INSTANCE)

    def get(self, sop_class: str, uid: str, tags: Sequence[int] = (), meta: str = "") -> None:
        """N-GET."""
        request = N_GET()
        request.RequestedSOPClassUID, request.RequestedSOPInstanceUID = sop_class, uid
        if tags:
            request.AttributeIdentifierList = [Tag(each) for each in tags]
        self.ask(request, None, meta)

    def make_lut(self) -> None:
        """N-CREATE of a Presentation LUT, where one is wanted."""
        data = self.lut_data()
        if data is not None:
            self.lut, _ = self.create(PRESENTATION_LUT, data, meta=PRESENTATION_LUT)

    def make_session(self) -> None:
        """N-CREATE of the film session."""
        self.session, _ = self.create(FILM_SESSION, self.session_data())

    def make_film(self, uid: str = "") -> None:
        """N-CREATE of a film box."""
        self.film, reply = self.create(FILM_BOX, self.film_data(), uid=uid)
        self.boxes = uids(reply, "ReferencedImageBoxSequence")
        self.annotations = uids(reply, "ReferencedBasicAnnotationBoxSequence")

    def create(
        self, sop_class: str, data: Dataset | None, *, uid: str = "", meta: str = ""
    ) -> tuple[str, Dataset]:
        """N-CREATE; the UID of the instance, and the data set of the response."""
        request = N_CREATE()
        request.AffectedSOPClassUID = sop_class
        if uid or self.names_instances:
            request.AffectedSOPInstanceUID = uid or new_uid()
        response, reply = self.ask(request, data, meta)
        chosen = request.AffectedSOPInstanceUID or response.AffectedSOPInstanceUID
        return str(chosen or ""), reply

    def set_images(self) -> None:
        """N-SET of every image box."""
        for position, uid in enumerate(self.boxes, start=1):
            self.set(self.box_class, uid, self.image_data(position))

    def set(self, sop_class: str, uid: str, data: Dataset | None, meta: str = "") -> None:
        """N-SET."""
        request = N_SET()
        request.RequestedSOPClassUID, request.RequestedSOPInstanceUID = sop_class, uid
        self.ask(request, data, meta)

    def annotate(self) -> None:
        """N-SET of the annotation boxes."""
        for position, uid in enumerate(self.annotations, start=1):
            self.set(ANNOTATION_BOX, uid, self.annotation_data(position), ANNOTATION_BOX)

    def print_film(self) -> None:
        """N-ACTION of the film box."""
        self.action(FILM_BOX, self.film)

    def action(self, sop_class: str, uid: str, kind: int = 1) -> None:
        """N-ACTION; notes the print job."""
        request = N_ACTION()
        request.RequestedSOPClassUID, request.RequestedSOPInstanceUID = sop_class, uid
        request.ActionTypeID = kind
        _, reply = self.ask(request, None)
        self.job = next(iter(uids(reply, JOB_REFERENCE)), "")

    def wait(self) -> None:
        """Wait for the end of the print job, where there is one."""
        if self.job and PRINT_JOB in self.optional:
            self.over.wait(PATIENCE)

    def finish(self) -> None:
        """N-DELETE of film box and session."""
        self.delete(FILM_BOX, self.film)
        self.delete(FILM_SESSION, self.session)

    def delete(self, sop_class: str, uid: str, meta: str = "") -> None:
        """N-DELETE."""
        request = N_DELETE()
        request.RequestedSOPClassUID, request.RequestedSOPInstanceUID = sop_class, uid
        self.ask(request, None, meta)

    def on_event(self, event: Any) -> Any:
        """The answer to an event: its status."""
        del event
        return 0x0000, None

    # --- data sets

    @property
    def box_class(self) -> str:
        """The class of the image boxes."""
        return BOX_OF_META[self.meta]

    def session_data(self) -> Dataset | None:
        """Of the film session."""
        data = Dataset()
        data.NumberOfCopies, data.PrintPriority = 1, "MED"
        data.MediumType, data.FilmDestination = "BLUE FILM", "PROCESSOR"
        return data

    def film_data(self) -> Dataset:
        """Of the film box."""
        data = Dataset()
        data.ImageDisplayFormat = self.display
        data.FilmSizeID, data.FilmOrientation = "8INX10IN", "PORTRAIT"
        data.ReferencedFilmSessionSequence = [reference(FILM_SESSION, self.session)]
        if self.lut:
            data.ReferencedPresentationLUTSequence = [reference(PRESENTATION_LUT, self.lut)]
        return data

    def image_data(self, position: int) -> Dataset:
        """Of an image box."""
        data = Dataset()
        data.ImageBoxPosition = position
        setattr(data, IMAGE_SEQUENCE[self.box_class], [self.image_item()])
        return data

    def image_item(self) -> Dataset:
        """The image."""
        colour, wide = self.meta == COLOR_META, self.bits > 8
        item = Dataset()
        item.SamplesPerPixel = 3 if colour else 1
        item.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
        if colour:
            item.PlanarConfiguration = 1
        item.Rows = item.Columns = SIDE
        item.BitsAllocated, item.BitsStored = (16, 12) if wide else (8, 8)
        item.HighBit, item.PixelRepresentation = item.BitsStored - 1, 0
        size = SIDE * SIDE * (3 if colour else 1)
        item.PixelData = b"\x20\x0f" * size if wide else bytes(range(256)) * (size // 256)
        item["PixelData"].VR = "OW" if wide else "OB"
        return item

    def annotation_data(self, position: int) -> Dataset:
        """Of an annotation box."""
        data = Dataset()
        data.AnnotationPosition, data.TextString = position, "A text"
        return data

    def lut_data(self) -> Dataset | None:
        """Of the Presentation LUT; none."""
        return None


def new_uid() -> str:
    """A UID of the client's own."""
    return f"2.25.{uuid.uuid4().int}"


def uids(reply: Dataset, keyword: str) -> list[str]:
    """The instances that a sequence refers to."""
    return [str(each.ReferencedSOPInstanceUID) for each in reply.get(keyword) or ()]


def lut_table(entries: int = 256, bits: int = 12, *, short: int = 0) -> Dataset:
    """A Presentation LUT with a table, `short` of some entries."""
    item = Dataset()
    item.add_new(0x00283002, "US", [entries, 0, bits])
    item.add_new(0x00283006, "OW", b"\x01\x02" * (entries - short))
    data = Dataset()
    data.PresentationLUTSequence = [item]
    return data


def lut_shape(shape: str) -> Dataset:
    """A Presentation LUT with a shape."""
    data = Dataset()
    data.PresentationLUTShape = shape
    return data
