"""A sound Basic Print Management SCP on plain pynetdicom, every decision a method of its own.

Requests are answered by `PrinterSCP.serve` in place of pynetdicom's own service class, so that a
deviation can leave out, add or change anything in a response. Every refusal has a name; a
deviation that `tolerates` it goes on instead.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pydicom import Dataset
from pynetdicom import AE, evt
from pynetdicom.dimse_primitives import C_ECHO, N_EVENT_REPORT
from pynetdicom.dsutils import decode, encode

from .words import (
    ANNOTATION_BOX,
    BOX_OF_META,
    COLOR_META,
    FILM_BOX,
    FILM_SESSION,
    GRAYSCALE_META,
    IMAGE_ITEM,
    IMAGE_SEQUENCE,
    JOB_REFERENCE,
    PRESENTATION_LUT,
    PRINT_JOB,
    PRINTER,
    PRINTER_INSTANCE,
    VERIFICATION,
    boxes_of,
    reference,
)

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
LIST = "AttributeList"
PIXELS_OF_A_BOX = 600  # of a film with many images; a single image may be four times as large


class Refused(Exception):
    """A failure status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:04X}")
        self.status = status


@dataclass
class Film:
    """A film box with its image boxes (class and position) and what was set in them."""

    uid: str
    boxes: dict[str, tuple[str, int]]
    annotations: list[str]
    images: set[str] = field(default_factory=set)
    printed: bool = False


@dataclass
class State:
    """What an association has created."""

    session: str = ""
    films: list[Film] = field(default_factory=list)
    luts: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    jobs: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """One request with its data set, on an association."""

    assoc: Any
    context: Any
    request: Any
    sent: Dataset
    has_data: bool
    state: State

    @property
    def sop_class(self) -> str:
        """Affected or Requested SOP Class UID."""
        named = getattr(self.request, "AffectedSOPClassUID", None)
        return str(named or getattr(self.request, "RequestedSOPClassUID", "") or "")

    @property
    def uid(self) -> str:
        """Affected or Requested SOP Instance UID; "" for none."""
        named = getattr(self.request, "AffectedSOPInstanceUID", None)
        return str(named or getattr(self.request, "RequestedSOPInstanceUID", "") or "")

    def accepted(self, sop_class: str) -> int | None:
        """ID of an accepted context of that class."""
        for each in self.assoc.accepted_contexts:
            if each.abstract_syntax == sop_class:
                return int(each.context_id)
        return None


@dataclass
class Reply:
    """What a response says."""

    status: int = 0x0000
    data: Dataset | None = None
    uid: str | None = None  # None: that of the request


class PrinterSCP:
    """Answers as PS3.4 Annex H asks."""

    ae_title = "BROKEN_PRT"
    classes = (GRAYSCALE_META, COLOR_META, PRINTER, PRINT_JOB, ANNOTATION_BOX, PRESENTATION_LUT)
    syntaxes = (EXPLICIT, IMPLICIT)
    film_sizes = ("14INX17IN", "8INX10IN")
    resolutions = ("STANDARD", "HIGH")
    tolerates: frozenset[str] = frozenset()  # refusals that are not made
    statuses: dict[str, int] = {}  # noqa: RUF012 - other statuses of refusals; subclasses set it
    printer_status, printer_info = "NORMAL", "NORMAL"

    def __init__(self) -> None:
        self.everywhere: list[Film] = []  # for deviations that mix associations up
        self.pending: list[tuple[Any, int]] = []  # to be sent after the response
        self.message_id = 100

    # --- the way of a request

    def serve(self, call: Call) -> Iterator[tuple[Any, int]]:
        """The messages with which a request is answered, each with its context ID."""
        self.pending = []
        try:
            reply = getattr(self, type(call.request).__name__.lower())(call)
        except Refused as refused:
            reply = Reply(refused.status)
        yield self.response(call, reply), call.context.context_id
        yield from self.pending

    def refuse(self, name: str, status: int) -> None:
        """Refuse, unless this is tolerated."""
        if name not in self.tolerates:
            raise Refused(self.statuses.get(name, status))

    def response(self, call: Call, reply: Reply) -> Any:
        """The response primitive."""
        made = type(call.request)()
        made.MessageIDBeingRespondedTo = call.request.MessageID
        made.Status = reply.status
        made.AffectedSOPClassUID = call.sop_class
        uid = call.uid if reply.uid is None else reply.uid
        if uid:
            made.AffectedSOPInstanceUID = uid
        if reply.data is not None and len(reply.data):
            keyword = "ActionReply" if hasattr(made, "ActionReply") else LIST
            setattr(made, keyword, self.encoded(reply.data, call.context))
            if keyword == "ActionReply":
                made.ActionTypeID = call.request.ActionTypeID
        return made

    def encoded(self, data: Dataset, context: Any) -> BytesIO:
        """A data set in the transfer syntax of a context."""
        syntax = context.transfer_syntax[0]
        return BytesIO(encode(data, syntax.is_implicit_VR, syntax.is_little_endian) or b"")

    def event(self, call: Call, sop_class: str, uid: str, kind: int, data: Dataset | None) -> None:
        """Send an N-EVENT-REPORT after the response."""
        wanted = (sop_class,) if sop_class == PRINT_JOB else (GRAYSCALE_META, COLOR_META, PRINTER)
        for each in call.assoc.accepted_contexts:
            if each.abstract_syntax in wanted:
                made = N_EVENT_REPORT()
                self.message_id += 1
                made.MessageID = self.message_id
                made.AffectedSOPClassUID, made.AffectedSOPInstanceUID = sop_class, uid
                made.EventTypeID = kind
                if data is not None:
                    made.EventInformation = self.encoded(data, each)
                self.pending.append((made, each.context_id))
                return

    # --- N-CREATE

    def n_create(self, call: Call) -> Reply:
        """Film session, film box or Presentation LUT."""
        uid = call.uid or new_uid()
        if uid in call.state.used:
            self.refuse("duplicate", 0x0111)
        if call.sop_class == FILM_SESSION:
            reply = self.create_session(call, uid)
        elif call.sop_class == FILM_BOX:
            reply = self.create_film_box(call, uid)
        else:
            reply = self.create_lut(call, uid)
        call.state.used.add(uid)
        return reply

    def create_session(self, call: Call, uid: str) -> Reply:
        """One at a time."""
        if call.state.session:
            self.refuse("second-session", 0x0110)
        call.state.session = uid
        return Reply(uid=uid)

    def create_film_box(self, call: Call, uid: str) -> Reply:
        """With its boxes."""
        display = str(call.sent.get("ImageDisplayFormat", "") or "")
        if not display:
            self.refuse("missing-format", 0x0120)
        count = self.count(display or "STANDARD\\1,1")
        if not count:
            self.refuse("unknown-format", 0x0106)
        self.look_for_session(call)
        if call.state.films and not call.state.films[-1].printed:
            self.second_film_box(call)
        status = self.film_box_values(call)
        box_class = self.box_class(BOX_OF_META[str(call.context.abstract_syntax)])
        boxes = {self.box_uid(n): (box_class, n) for n in range(1, (count or 1) + 1)}
        annotations = []
        if call.accepted(ANNOTATION_BOX) and call.sent.get("AnnotationDisplayFormatID"):
            annotations = [new_uid()]
        film = Film(uid, boxes, annotations)
        call.state.films.append(film)
        self.everywhere.append(film)
        return Reply(status, self.film_box_reply(call, film), uid)

    def look_for_session(self, call: Call) -> None:
        """The film session that is referred to."""
        items = call.sent.get("ReferencedFilmSessionSequence") or []
        if not items:
            self.refuse("missing-session-reference", 0x0120)
        elif not call.state.session or items[0].ReferencedSOPInstanceUID != call.state.session:
            self.refuse("film-box-without-session", 0x0106)

    def second_film_box(self, call: Call) -> None:
        """Nothing speaks against several."""

    def film_box_values(self, call: Call) -> int:
        """Look at the other attributes; the status to answer with."""
        if call.sent.get("FilmSizeID", self.film_sizes[0]) not in self.film_sizes:
            self.refuse("film-size", 0x0106)
        for each in call.sent.get("ReferencedPresentationLUTSequence") or ():
            if each.ReferencedSOPInstanceUID not in call.state.luts:
                self.refuse("deleted-lut", 0x0106)
        wanted = call.sent.get("RequestedResolutionID", self.resolutions[0])
        return 0x0000 if wanted in self.resolutions else 0x0116

    def count(self, display: str) -> int:
        """How many image boxes a format has; 0 for no format."""
        return boxes_of(display)

    def box_class(self, proper: str) -> str:
        """The class of image boxes."""
        return proper

    def box_uid(self, position: int) -> str:
        """The UID of an image box."""
        del position
        return new_uid()

    def film_box_reply(self, call: Call, film: Film) -> Dataset | None:
        """The Attribute List of the response."""
        made = Dataset()
        made.ImageDisplayFormat = call.sent.get("ImageDisplayFormat", "STANDARD\\1,1")
        made.ReferencedImageBoxSequence = [
            reference(sop_class, uid) for uid, (sop_class, _) in film.boxes.items()
        ]
        if film.annotations:
            told = [reference(ANNOTATION_BOX, uid) for uid in film.annotations]
            made.ReferencedBasicAnnotationBoxSequence = told
        return made

    def create_lut(self, call: Call, uid: str) -> Reply:
        """IDENTITY, LIN OD or a table."""
        shape, table = (
            call.sent.get("PresentationLUTShape"),
            call.sent.get("PresentationLUTSequence"),
        )
        if shape and shape not in ("IDENTITY", "LIN OD"):
            self.refuse("lut-shape", 0x0106)
        if table:
            entries, first, bits = table[0].LUTDescriptor
            if entries not in (256, 4096) or first or not 10 <= bits <= 16:
                self.refuse("lut-table", 0x0106)
        if not shape and not table:
            self.refuse("lut-empty", 0x0120)
        call.state.luts.add(uid)
        return Reply(uid=uid)

    # --- N-SET

    def n_set(self, call: Call) -> Reply:
        """Image and annotation boxes."""
        if call.sop_class == FILM_SESSION:
            return self.set_session(call)
        if call.sop_class == ANNOTATION_BOX:
            return self.set_annotation(call)
        film = next((each for each in call.state.films if call.uid in each.boxes), None)
        if film is None:
            self.refuse("unknown-image-box", 0x0112)
            return Reply()
        return self.set_image(call, film)

    def set_session(self, call: Call) -> Reply:
        """A film session."""
        if call.uid != call.state.session:
            self.refuse("unknown-session", 0x0112)
        return Reply()

    def set_annotation(self, call: Call) -> Reply:
        """An annotation box that was told of."""
        if not any(call.uid in each.annotations for each in call.state.films):
            self.refuse("unknown-annotation", 0x0112)
        return Reply()

    def set_image(self, call: Call, film: Film) -> Reply:
        """An image, or none to erase it."""
        if not call.sent.get("ImageBoxPosition"):
            self.refuse("missing-position", 0x0120)
        items = call.sent.get(IMAGE_SEQUENCE[call.sop_class])
        if not items:
            film.images.discard(call.uid)
            return self.erased()
        status = self.image_status(call, items[0], film)
        film.images.add(call.uid)
        return Reply(status)

    def erased(self) -> Reply:
        """An image was erased."""
        return Reply()

    def image_status(self, call: Call, item: Dataset, film: Film) -> int:
        """Look at an image; the status to answer with."""
        if any(each not in item for each in IMAGE_ITEM):
            self.refuse("missing-pixels", 0x0120)
            return 0x0000
        colour = call.sop_class == BOX_OF_META[COLOR_META]
        if (item.SamplesPerPixel == 3) != colour:
            self.refuse("gray-in-colour" if colour else "colour-in-grayscale", 0x0106)
        if item.BitsStored not in (8, 12):
            self.refuse("sixteen-bits", 0x0106)
        size = item.Rows * item.Columns * item.SamplesPerPixel * item.BitsAllocated // 8
        if len(item.PixelData) < size:
            self.refuse("short-pixels", 0x0106)
        room = PIXELS_OF_A_BOX * (4 if len(film.boxes) == 1 else 1)
        if max(item.Rows, item.Columns) > room:
            return self.oversize(call)
        return 0x0000

    def oversize(self, call: Call) -> int:
        """An image larger than its box."""
        wish = call.sent.get("RequestedDecimateCropBehavior", "")
        if wish == "FAIL" or call.sent.get("MagnificationType") == "NONE":
            self.refuse("oversize", 0xC603)
        return {"CROP": 0xB609, "DECIMATE": 0xB60A}.get(wish, 0xB604)

    # --- N-ACTION

    def n_action(self, call: Call) -> Reply:
        """Print."""
        if call.request.ActionTypeID != 1:
            self.refuse("unknown-action", 0x0123)
        if call.sop_class == FILM_SESSION:
            return self.print_session(call)
        film = next((each for each in self.printable(call) if each.uid == call.uid), None)
        if film is None:
            self.refuse("unknown-film-box", 0x0112)
        if film is not None and not film.images:
            return self.done(call, [film], self.empty_page())
        return self.done(call, [film] if film else [], 0x0000)

    def printable(self, call: Call) -> list[Film]:
        """The film boxes that can be printed on this association."""
        return call.state.films

    def empty_page(self) -> int:
        """Status of printing a film without images."""
        return 0xB603

    def print_session(self, call: Call) -> Reply:
        """All the films of a session."""
        if not call.state.films:
            self.refuse("empty-session", 0xC600)
        return self.done(call, call.state.films, 0x0000)

    def done(self, call: Call, films: list[Film], status: int) -> Reply:
        """Films are printed: a job where that is negotiated."""
        for each in films:
            each.printed = True
        if not call.accepted(PRINT_JOB):
            return Reply(status)
        job = new_uid()
        call.state.jobs[job] = "DONE"
        self.tell_job(call, job)
        return Reply(status, self.action_reply(job))

    def action_reply(self, job: str) -> Dataset | None:
        """Names the print job."""
        made = Dataset()
        setattr(made, JOB_REFERENCE, [reference(PRINT_JOB, job)])
        return made

    def tell_job(self, call: Call, job: str) -> None:
        """The events of a print job."""
        for kind, info in ((1, "QUEUED"), (2, "NORMAL"), (3, "NORMAL")):
            self.job_event(call, job, kind, info)

    def job_event(self, call: Call, job: str, kind: int, info: str) -> None:
        """One event of a print job."""
        data = Dataset()
        data.ExecutionStatusInfo, data.PrinterName = info, "BROKEN"
        self.event(call, PRINT_JOB, job, kind, data)

    # --- N-DELETE, N-GET

    def n_delete(self, call: Call) -> Reply:
        """Film session, the last film box, or Presentation LUT."""
        state = call.state
        if call.sop_class == FILM_SESSION and call.uid == state.session:
            state.session = ""
            self.session_deleted(state)
        elif call.sop_class == FILM_BOX and state.films and state.films[-1].uid == call.uid:
            self.film_box_deleted(state)
        elif call.sop_class == PRESENTATION_LUT and call.uid in state.luts:
            state.luts.discard(call.uid)
        else:
            self.refuse("delete-unknown", 0x0112)
        return Reply()

    def session_deleted(self, state: State) -> None:
        """Everything below it goes too."""
        state.films.clear()

    def film_box_deleted(self, state: State) -> None:
        """It goes with its boxes."""
        state.films.pop()

    def n_get(self, call: Call) -> Reply:
        """Printer and print job."""
        data = self.job(call) if call.sop_class == PRINT_JOB else self.printer(call)
        tags = self.selected(call)
        if tags:
            for element in list(data):
                if element.tag not in tags:
                    del data[element.tag]
        return Reply(0x0000, data)

    def selected(self, call: Call) -> list[Any]:
        """The attributes that were asked for; none for all."""
        asked = call.request.AttributeIdentifierList
        return list(asked) if isinstance(asked, (list, tuple)) else [asked] if asked else []

    def printer(self, call: Call) -> Dataset:
        """Attributes of the printer."""
        if call.uid != PRINTER_INSTANCE:
            self.refuse("unknown-printer", 0x0112)
        data = Dataset()
        data.PrinterStatus, data.PrinterStatusInfo = self.printer_status, self.printer_info
        data.PrinterName, data.Manufacturer = "BROKEN", "Nobody"
        return data

    def job(self, call: Call) -> Dataset:
        """Attributes of a print job."""
        data = Dataset()
        if call.uid not in call.state.jobs:
            self.refuse("unknown-job", 0x0112)
        data.ExecutionStatus = call.state.jobs.get(call.uid, "DONE")
        data.ExecutionStatusInfo, data.PrintPriority = "NORMAL", "MED"
        return data


def new_uid() -> str:
    """A UID of the printer's own."""
    return f"2.25.{uuid.uuid4().int}"


class Host:
    """One listener; the system behind it can be exchanged between associations."""

    def __init__(self) -> None:
        self.system = PrinterSCP()
        self.port = 0
        self._server: Any = None
        self._states: dict[Any, State] = {}

    def __enter__(self) -> Host:
        ae = AE(PrinterSCP.ae_title)
        for uid in (VERIFICATION, *PrinterSCP.classes):
            ae.add_supported_context(uid, [EXPLICIT, IMPLICIT])
        handlers = [(evt.EVT_REQUESTED, self.on_requested), (evt.EVT_ACCEPTED, self.on_accepted)]
        self._server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
        self.port = self._server.server_address[1]
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()

    def play(self, system: PrinterSCP) -> None:
        """Exchange the system; nothing is left of the one before."""
        self.system = system
        self._states = {}

    def on_requested(self, event: Any) -> None:
        """Offer what the system has."""
        supported = event.assoc.acceptor.supported_contexts
        wanted = {VERIFICATION, *self.system.classes}
        kept = [each for each in supported if each.abstract_syntax in wanted]
        for each in kept:
            each.transfer_syntax = list(self.system.syntaxes)
        event.assoc.acceptor.supported_contexts = kept

    def on_accepted(self, event: Any) -> None:
        """Answer every request here, but for C-ECHO."""
        assoc, usual = event.assoc, event.assoc._serve_request
        system = self.system

        def serve(request: Any, context_id: int) -> None:
            if isinstance(request, C_ECHO):
                usual(request, context_id)
                return
            if not request.is_valid_request:  # the response to an event
                return
            call = self._call(assoc, request, context_id)
            for message, at in system.serve(call):
                assoc.dimse.send_msg(message, at)

        assoc._serve_request = serve

    def _call(self, assoc: Any, request: Any, context_id: int) -> Call:
        context = assoc._accepted_cx[context_id]
        keywords = (LIST, "ModificationList", "ActionInformation")
        raw = next((d for each in keywords if (d := getattr(request, each, None))), None)
        sent = Dataset()
        if raw is not None:
            syntax = context.transfer_syntax[0]
            raw.seek(0)
            sent = decode(raw, syntax.is_implicit_VR, syntax.is_little_endian)
        state = self._states.setdefault(assoc, State())
        has_data = raw is not None and bool(raw.getvalue())
        return Call(assoc, context, request, sent, has_data, state)
