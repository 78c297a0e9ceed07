"""Broken printers: each wrong in one way, with the checks that must find it."""

from __future__ import annotations

from typing import Any

from pydicom import Dataset

from .registry import Registry, add
from .scp import Call, Film, PrinterSCP, Refused, Reply, new_uid
from .words import (
    COLOR_BOX,
    FILM_BOX,
    FILM_SESSION,
    GRAY_BOX,
    PRESENTATION_LUT,
    PRINTER,
    PRINTER_INSTANCE,
    reference,
)

DEFECTS: Registry = {}
WARNED = {"status": "WARNING", "info": "SUPPLY LOW"}
QUICK = {"job_within": 0.15}


# --- film session and film box


@add(DEFECTS, "PS3.4 H.4.1.2.1", "session-created", also=("bare-session-created",))
class SessionRefused(PrinterSCP):
    """No film session is ever created."""

    def create_session(self, call: Call, uid: str) -> Reply:
        raise Refused(0x0110)


@add(DEFECTS, "PS3.4 H.4.1.2.1", "bare-session-created", also=("session-created",),
     bare_session=True)  # fmt: skip
class BareSessionRefused(PrinterSCP):
    """A film session without a data set is refused."""

    def create_session(self, call: Call, uid: str) -> Reply:
        if not call.has_data:
            raise Refused(0x0120)
        return super().create_session(call, uid)


@add(DEFECTS, "PS3.7 10.1.5.1.4", "instance-assigned", name_instances="printer")
class NoInstanceAssigned(PrinterSCP):
    """Responses have no SOP Instance UID, not even where the printer chose it."""

    def response(self, call: Call, reply: Reply) -> Any:
        made = super().response(call, reply)
        made.AffectedSOPInstanceUID = None
        return made


@add(DEFECTS, "PS3.7 10.1.5.1.4", "instance-kept",
     also=("film-printed", "deleted", "film-box-created"))  # fmt: skip
class OtherInstanceNamed(PrinterSCP):
    """The response to the N-CREATE of a film session names another instance."""

    def create_session(self, call: Call, uid: str) -> Reply:
        super().create_session(call, uid)
        call.state.session = new_uid()
        return Reply(uid=call.state.session)


@add(DEFECTS, "PS3.4 H.4.2.2.1", "film-box-created", also=("plain-format",))
class FilmBoxRefused(PrinterSCP):
    """No film box is ever created."""

    def create_film_box(self, call: Call, uid: str) -> Reply:
        raise Refused(0x0110)


@add(DEFECTS, "PS3.3 C.13.3", "plain-format")
class NoSingleImage(PrinterSCP):
    """STANDARD\\1,1 is refused."""

    def count(self, display: str) -> int:
        return 0 if display == "STANDARD\\1,1" else super().count(display)


@add(DEFECTS, "PS3.4 H.4.2.2.1", "image-boxes-returned")
class NoBoxesTold(PrinterSCP):
    """The response to the N-CREATE of a film box has no attributes."""

    def film_box_reply(self, call: Call, film: Film) -> Dataset | None:
        return None


@add(DEFECTS, "PS3.4 H.4.2.2.1", "image-box-count", format=["ROW\\1,2"])
class RowsCountedOnly(PrinterSCP):
    """ROW and COL have as many images as they have rows or columns."""

    def count(self, display: str) -> int:
        found = super().count(display)
        return display.count(",") + 1 if display[:3] in ("ROW", "COL") else found


@add(DEFECTS, "PS3.4 H.4.2.2.1", "image-box-count", format=["STANDARD\\2,3"])
class OneImageForAll(PrinterSCP):
    """Every film has a single image box."""

    def count(self, display: str) -> int:
        return min(1, super().count(display))


@add(DEFECTS, "PS3.4 H.3.2.2", "image-box-class", colour=True, also=("image-taken",))
class ColourInGray(PrinterSCP):
    """Image boxes are grayscale ones although colour was negotiated."""

    def box_class(self, proper: str) -> str:
        return GRAY_BOX


@add(DEFECTS, "PS3.4 H.3.2.2", "image-box-class", also=("image-taken",))
class GrayInColour(PrinterSCP):
    """Image boxes are color ones although grayscale was negotiated."""

    def box_class(self, proper: str) -> str:
        return COLOR_BOX


@add(DEFECTS, "PS3.5 9", "image-box-uids", format=["STANDARD\\1,2"])
class OneUidForAllBoxes(PrinterSCP):
    """All image boxes have the same SOP Instance UID."""

    uid = new_uid()

    def film_box_reply(self, call: Call, film: Film) -> Dataset | None:
        made = super().film_box_reply(call, film)
        assert made is not None
        for item in made.ReferencedImageBoxSequence:
            item.ReferencedSOPInstanceUID = next(iter(film.boxes))
        return made


@add(DEFECTS, "PS3.4 H.4.2.2.1", "annotation-boxes-returned", annotation="A text")
class NoAnnotationBoxes(PrinterSCP):
    """Annotation boxes are negotiated and never told of."""

    def film_box_reply(self, call: Call, film: Film) -> Dataset | None:
        film.annotations = []
        return super().film_box_reply(call, film)


@add(DEFECTS, "PS3.4 H.4.4.2", "annotation-taken", annotation="A text")
class AnnotationRefused(PrinterSCP):
    """The text of an annotation box is refused."""

    def set_annotation(self, call: Call) -> Reply:
        raise Refused(0x0110)


@add(DEFECTS, "PS3.4 H.4.2.2.3", "deleted")
class NothingDeleted(PrinterSCP):
    """N-DELETE is answered as an unknown operation."""

    def n_delete(self, call: Call) -> Reply:
        raise Refused(0x0211)


# --- images


@add(DEFECTS, "PS3.4 H.4.3", "image-taken", also=("unused-lut",))
class ImageRefused(PrinterSCP):
    """Images of 8 bits are refused."""

    def set_image(self, call: Call, film: Film) -> Reply:
        raise Refused(0x0110)


@add(DEFECTS, "PS3.3 C.13.5", "twelve-bits-taken", bits=12)
class NoTwelveBits(PrinterSCP):
    """Images of 12 bits are refused."""

    def image_status(self, call: Call, item: Dataset, film: Film) -> int:
        if item.BitsStored != 8:
            raise Refused(0x0106)
        return super().image_status(call, item, film)


@add(DEFECTS, "PS3.4 H.4.3", "no-needless-warning")
class WarnsAlways(PrinterSCP):
    """Every image is said to be larger than its box."""

    def image_status(self, call: Call, item: Dataset, film: Film) -> int:
        return super().image_status(call, item, film) or 0xB604


@add(DEFECTS, "PS3.4 H.4", "status-of-service", also=("no-needless-warning",))
class WarningOfAnotherService(PrinterSCP):
    """An N-CREATE of a film box is answered with a warning that belongs to N-ACTION (B603)."""

    def create_film_box(self, call: Call, uid: str) -> Reply:
        reply = super().create_film_box(call, uid)
        return Reply(0xB603, reply.data, reply.uid)


@add(DEFECTS, "PS3.4 H.4.3", "image-erased", probes=["erased-image"])
class NothingErased(PrinterSCP):
    """An image sequence without items is refused."""

    def erased(self) -> Reply:
        raise Refused(0x0121)


@add(DEFECTS, "PS3.4 H.4.3", "oversize-told", probes=["oversize-crop", "oversize-decimate"])
class CropsInSilence(PrinterSCP):
    """Images larger than their box are made to fit without a word."""

    def oversize(self, call: Call) -> int:
        return 0x0000


# --- printing and print jobs


@add(DEFECTS, "PS3.4 H.4.2.2.4", "film-printed")
class PrintRefused(PrinterSCP):
    """No film box is ever printed."""

    def n_action(self, call: Call) -> Reply:
        if call.sop_class == FILM_BOX and call.request.ActionTypeID == 1:
            raise Refused(0x0110)
        return super().n_action(call)


@add(DEFECTS, "PS3.4 H.4.1.2.4", "session-printed", probes=["session-print"])
class SessionPrintFails(PrinterSCP):
    """Printing a film session fails for no reason."""

    def n_action(self, call: Call) -> Reply:
        if call.sop_class == FILM_SESSION:
            raise Refused(0x0110)
        return super().n_action(call)


@add(DEFECTS, "PS3.4 H.4.2.2.4", "empty-page-told", probes=["empty-page"])
class EmptyPages(PrinterSCP):
    """An empty page is printed as a success."""

    def empty_page(self) -> int:
        return 0x0000


@add(DEFECTS, "PS3.4 H.4.2.2.4", "job-reference")
class NoJobNamed(PrinterSCP):
    """The print job is not named in the Action Reply."""

    def action_reply(self, job: str) -> Dataset | None:
        return None

    def tell_job(self, call: Call, job: str) -> None:
        """A client without the name cannot use the events."""


@add(DEFECTS, "PS3.4 H.4.2.2.4", "job-reference")
class RetiredJobReference(PrinterSCP):
    """The print job is named in the retired (2120,0070), not in (2100,0500)."""

    def action_reply(self, job: str) -> Dataset | None:
        made = Dataset()
        made.ReferencedPrintJobSequence = [reference(FILM_BOX, job)]
        return made

    def tell_job(self, call: Call, job: str) -> None:
        """As above."""


@add(DEFECTS, "PS3.4 H.4.5.2.1", "job-event-type", **QUICK)
class UnknownJobEvent(PrinterSCP):
    """A print job reports an event that is not defined (9)."""

    def tell_job(self, call: Call, job: str) -> None:
        self.job_event(call, job, 9, "NORMAL")
        super().tell_job(call, job)


@add(DEFECTS, "PS3.4 H.4.5.2.1", "job-event-known", **QUICK)
class JobOfSomebodyElse(PrinterSCP):
    """Events of another client's print job come too."""

    def tell_job(self, call: Call, job: str) -> None:
        self.job_event(call, new_uid(), 2, "NORMAL")
        super().tell_job(call, job)


@add(DEFECTS, "PS3.4 H.4.5.2.1", "job-event-info")
class PendingForNoReason(PrinterSCP):
    """A print job is pending and does not say why."""

    def job_event(self, call: Call, job: str, kind: int, info: str) -> None:
        if kind == 1:
            self.event(call, "1.2.840.10008.5.1.1.14", job, kind, None)
        else:
            super().job_event(call, job, kind, info)


@add(DEFECTS, "PS3.4 H.4.5.2.1", "job-ends-once")
class DoneAndFailed(PrinterSCP):
    """A print job fails after it was done."""

    def tell_job(self, call: Call, job: str) -> None:
        super().tell_job(call, job)
        self.job_event(call, job, 4, "CHECK PRINTER")


@add(DEFECTS, "PS3.4 H.4.5.2.1", "job-end-told", **QUICK)
class EndNotTold(PrinterSCP):
    """The end of a print job is not reported, though N-GET knows it."""

    def tell_job(self, call: Call, job: str) -> None:
        self.job_event(call, job, 1, "QUEUED")


@add(DEFECTS, "PS3.4 H.4.5.2.2", "job-get", **QUICK)
class JobCannotBeAsked(EndNotTold):
    """A print job that goes on cannot be asked for its status."""

    def job(self, call: Call) -> Dataset:
        raise Refused(0x0112)


# --- the printer


@add(DEFECTS, "PS3.4 H.4.6.2.2", "printer-get")
class PrinterCannotBeAsked(PrinterSCP):
    """The N-GET of the printer fails."""

    def printer(self, call: Call) -> Dataset:
        raise Refused(0x0110)


@add(DEFECTS, "PS3.4 H.4.6.2.2", "printer-status")
class StatusOfItsOwn(PrinterSCP):
    """Printer Status is a word that PS3.3 does not have."""

    printer_status = "READY"


@add(DEFECTS, "PS3.4 H.4.6.2.2", "printer-status", "printer-status-info")
class NoStatus(PrinterSCP):
    """The printer gives its name and nothing else."""

    def printer(self, call: Call) -> Dataset:
        data = super().printer(call)
        del data.PrinterStatus, data.PrinterStatusInfo
        return data


@add(DEFECTS, "PS3.3 C.13.9.1", "printer-trouble-named")
class NamelessTrouble(PrinterSCP):
    """A warning whose Printer Status Info says NORMAL."""

    printer_status = "WARNING"


@add(DEFECTS, "PS3.7 10.1.2", "printer-get-selected")
class AnswersWithEverything(PrinterSCP):
    """The Attribute Identifier List of an N-GET is ignored."""

    def selected(self, call: Call) -> list[Any]:
        return []


@add(DEFECTS, "PS3.4 H.3.1", "printer-class-alone", also=("printer-get",), probes=["printer-only"])
class NotAloneAfterAll(PrinterSCP):
    """The Printer SOP Class is accepted alone, and then cannot be used."""

    def printer(self, call: Call) -> Dataset:
        if call.context.abstract_syntax == PRINTER:
            raise Refused(0x0110)
        return super().printer(call)


class Troubled(PrinterSCP):
    """Base: supplies run low when a film box is created, and the client is told."""

    kind = 2

    def create_film_box(self, call: Call, uid: str) -> Reply:
        reply = super().create_film_box(call, uid)
        self.printer_status, self.printer_info = "WARNING", "SUPPLY LOW"
        self.tell(call)
        return reply

    def tell(self, call: Call) -> None:
        """The event."""
        self.event(call, PRINTER, PRINTER_INSTANCE, self.kind, self.what())

    def what(self) -> Dataset | None:
        """Event Information."""
        data = Dataset()
        data.PrinterStatusInfo = self.printer_info
        return data


@add(DEFECTS, "PS3.4 H.4.6.2.1", "printer-event-type")
class UnknownPrinterEvent(Troubled):
    """The printer reports an event that is not defined (7)."""

    kind = 7


@add(DEFECTS, "PS3.4 H.4.6.2.1", "printer-event-info")
class EventSaysNothing(Troubled):
    """A warning of the printer does not say what is the matter."""

    def what(self) -> Dataset | None:
        return None


@add(DEFECTS, "PS3.4 H.4.6.2.1", "printer-event-sent",
     conditions=({**WARNED, "when": "during"},), condition=WARNED)  # fmt: skip
class KeepsItsTroubleToItself(Troubled):
    """A change of the printer's condition is not reported."""

    def tell(self, call: Call) -> None:
        """Nothing."""


@add(DEFECTS, "PS3.4 H.4.6.2.2", "printer-condition-shown",
     conditions=({**WARNED, "when": "before"},),
     condition={**WARNED, "when": "before"})  # fmt: skip
class AllIsWell(PrinterSCP):
    """The printer says NORMAL while its supplies run low."""


# --- Presentation LUTs


@add(DEFECTS, "PS3.4 H.4.9.2.1", "lut-created", presentation_lut="LIN OD")
class IdentityOnly(PrinterSCP):
    """The Presentation LUT SOP Class is accepted, and LIN OD is refused."""

    def create_lut(self, call: Call, uid: str) -> Reply:
        if call.sent.get("PresentationLUTShape") == "LIN OD":
            raise Refused(0x0106)
        return super().create_lut(call, uid)


@add(DEFECTS, "PS3.4 H.4.2.2.1", "unused-lut", probes=["unused-lut"])
class WantsLut(PrinterSCP):
    """Where Presentation LUTs are negotiated, an image without one is refused."""

    def image_status(self, call: Call, item: Dataset, film: Film) -> int:
        if call.accepted(PRESENTATION_LUT):
            raise Refused(0x0110)
        return super().image_status(call, item, film)
