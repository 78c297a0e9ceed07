"""Legal peculiarities of printers: no check may fail or warn."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from pydicom import Dataset

from .defects import QUICK, WARNED, Troubled
from .registry import Registry, add
from .scp import IMPLICIT, Call, Film, PrinterSCP, Refused, Reply
from .words import (
    ANNOTATION_BOX,
    COLOR_META,
    FILM_SESSION,
    GRAYSCALE_META,
    PRESENTATION_LUT,
    PRINTER,
    PRINTER_INSTANCE,
)

QUIRKS: Registry = {}
LUT_AND_TEXT = {"presentation_lut": "LIN OD", "annotation": "A text", "optional": True}


@add(QUIRKS, "PS3.7 10.1")
class AnswersWithoutUids(PrinterSCP):
    """Responses leave out class and instance where the request had them."""

    def response(self, call: Call, reply: Reply) -> Any:
        made = super().response(call, reply)
        made.AffectedSOPClassUID = made.AffectedSOPInstanceUID = None
        return made


@add(QUIRKS, "PS3.4 H.2.4", probes=["unsupported-value"])
class TakesItsDefault(PrinterSCP):
    """For a value that it does not have, the printer takes its default and warns (0116)."""

    def film_box_values(self, call: Call) -> int:
        if call.sent.get("FilmSizeID", self.film_sizes[0]) not in self.film_sizes:
            return 0x0116
        return super().film_box_values(call)


@add(QUIRKS, "PS3.4 H.3.1", **LUT_AND_TEXT)
class GrayscaleOnly(PrinterSCP):
    """None of the optional classes, and no colour."""

    classes = (GRAYSCALE_META,)


@add(QUIRKS, "PS3.4 H.3.1", colour=True, optional=True)
class NoColour(PrinterSCP):
    """No colour, and the scenario says that there need not be."""

    classes = (GRAYSCALE_META, PRINTER)


@add(QUIRKS, "PS3.4 H.3.1", colour=True)
class ColourOnly(PrinterSCP):
    """Colour and nothing else."""

    classes = (COLOR_META,)


@add(QUIRKS, "PS3.5 10.1", **LUT_AND_TEXT)
class ImplicitOnly(PrinterSCP):
    """Only the default transfer syntax."""

    syntaxes = (IMPLICIT,)


@add(QUIRKS, "PS3.4 H.4.2.2.1.2", probes=["second-film-box", "session-print", "empty-session"])
class NoSessionPrint(PrinterSCP):
    """Film sessions are not printed, so a second film box has to wait."""

    def second_film_box(self, call: Call) -> None:
        raise Refused(0xC616)

    def n_action(self, call: Call) -> Reply:
        if call.sop_class == FILM_SESSION:
            raise Refused(0x0211)
        return super().n_action(call)


@add(QUIRKS, "PS3.3 C.13.3", format=["STANDARD\\1,1", "ROW\\1,2", "SLIDE", "CUSTOM\\1"])
class StandardFormatsOnly(PrinterSCP):
    """Only STANDARD formats."""

    def count(self, display: str) -> int:
        return super().count(display) if display.startswith("STANDARD") else 0


@add(QUIRKS, "PS3.4 H.4.2.2.4.2")
class QueueFull(PrinterSCP):
    """The print queue is full."""

    def n_action(self, call: Call) -> Reply:
        raise Refused(0xC602)


@add(QUIRKS, "PS3.4 H.4.3.1.2.1.2", format=["STANDARD\\1,2"])
class MemoryFull(PrinterSCP):
    """There is memory for one image."""

    def set_image(self, call: Call, film: Film) -> Reply:
        if film.images:
            raise Refused(0xC605)
        return super().set_image(call, film)


@add(QUIRKS, "PS3.3 C.13.5", probes=["oversize-decimate", "oversize-crop", "oversize-fail"])
class NeverMadeToFit(PrinterSCP):
    """Images that do not fit are refused, whatever was asked for."""

    def oversize(self, call: Call) -> int:
        raise Refused(0xC603)


@add(QUIRKS, "PS3.4 H.4.5.2.1", **QUICK)
class SlowJob(PrinterSCP):
    """A print job that takes longer than anybody waits, and says so."""

    def tell_job(self, call: Call, job: str) -> None:
        call.state.jobs[job] = "PRINTING"
        self.job_event(call, job, 1, "QUEUED")
        self.job_event(call, job, 2, "NORMAL")


@add(QUIRKS, "PS3.4 H.4.5.2.1")
class BriefJob(PrinterSCP):
    """Only the end of a print job is reported."""

    def tell_job(self, call: Call, job: str) -> None:
        self.job_event(call, job, 3, "NORMAL")


@add(QUIRKS, "PS3.4 H.4.5.2.1")
class FailingJob(PrinterSCP):
    """The print job fails: the printer is broken, its protocol is not."""

    def tell_job(self, call: Call, job: str) -> None:
        call.state.jobs[job] = "FAILURE"
        self.job_event(call, job, 1, "QUEUED")
        self.job_event(call, job, 4, "FILM JAM")


@add(QUIRKS, "PS3.4 H.4.6.2.1", conditions=({**WARNED, "when": "during"},), condition=WARNED)
class TroubleIsTold(Troubled):
    """Supplies run low, and the client is told."""


@add(QUIRKS, "PS3.4 H.4.6.2.1")
class TalksALot(PrinterSCP):
    """The printer reports that all is well, again and again."""

    def create_session(self, call: Call, uid: str) -> Reply:
        for _ in range(3):
            self.event(call, PRINTER, PRINTER_INSTANCE, 1, None)
        return super().create_session(call, uid)


@add(QUIRKS, "PS3.4 H.4.6.2.1", format=["STANDARD\\1,2"])
class InterruptsItself(TroubleIsTold):
    """Events go out before the response to the request that is being served."""

    def serve(self, call: Call) -> Iterator[tuple[Any, int]]:
        response, *events = super().serve(call)
        yield from [*events, response]


@add(QUIRKS, "PS3.7 10.1.5.1.3", presentation_lut="IDENTITY")
class GivesEverythingBack(PrinterSCP):
    """Responses repeat what was sent, and what the defaults are."""

    def create_session(self, call: Call, uid: str) -> Reply:
        super().create_session(call, uid)
        data = Dataset()
        data.update(call.sent)
        data.PrintPriority, data.MediumType, data.FilmDestination = "MED", "PAPER", "BIN_1"
        return Reply(0x0000, data, uid)

    def film_box_reply(self, call: Call, film: Film) -> Dataset | None:
        made = super().film_box_reply(call, film)
        assert made is not None
        made.FilmSizeID, made.FilmOrientation, made.MaxDensity = "14INX17IN", "PORTRAIT", 310
        return made

    def set_image(self, call: Call, film: Film) -> Reply:
        reply = super().set_image(call, film)
        reply.data = Dataset()
        reply.data.ImageBoxPosition = call.sent.ImageBoxPosition
        return reply


@add(QUIRKS, "PS3.4 H.3.3.2", annotation="A text")
class NoSuchAnnotation(PrinterSCP):
    """Annotation boxes, but not in the format that was asked for; the printer warns (0107)."""

    def create_film_box(self, call: Call, uid: str) -> Reply:
        call.sent.pop("AnnotationDisplayFormatID", None)
        reply = super().create_film_box(call, uid)
        return Reply(0x0107, reply.data, reply.uid)


@add(QUIRKS, "PS3.4 H.4.9.2.2.2", presentation_lut="LIN OD", probes=["deleted-lut"])
class LutsStayInUse(PrinterSCP):
    """A Presentation LUT that was deleted cannot be used: the film box comes with a warning."""

    def film_box_values(self, call: Call) -> int:
        if "ReferencedPresentationLUTSequence" in call.sent and not call.state.luts:
            return 0x0107
        return super().film_box_values(call)


@add(QUIRKS, "PS3.7 C", probes=["missing-format", "delete-twice", "film-box-without-session"])
class Slow(PrinterSCP):
    """Every answer takes a while."""

    def refuse(self, name: str, status: int) -> None:
        time.sleep(0.02)
        super().refuse(name, status)


@add(QUIRKS, "PS3.4 H.4.6.2.2", annotation="A text", optional=True)
class StatusOnly(PrinterSCP):
    """The printer tells no more than its status; texts are not annotated."""

    classes = tuple(each for each in PrinterSCP.classes
                    if each not in (ANNOTATION_BOX, PRESENTATION_LUT))  # fmt: skip

    def printer(self, call: Call) -> Dataset:
        data = super().printer(call)
        del data.PrinterName, data.Manufacturer
        return data
