"""The simulated printer: Basic Grayscale and Color Print Management as SCP (PS3.4 Annex H).

It takes what conformant clients send and what common ones leave out: requests without a SOP
Instance UID, a film session without a data set, N-GET without attributes. Every film that is
printed is drawn and kept in the spool folder.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from pydicom import Dataset

from dicomtest import dimse
from dicomtest.actors import print_jobs
from dicomtest.actors.print_films import print_film
from dicomtest.actors.print_objects import FilmBox, FilmSession, PrintedFilm, PrintJob
from dicomtest.actors.print_session import NO_INSTANCE, PrintSession, reference
from dicomtest.actors.print_values import Refused, Taken
from dicomtest.actors.simulator import Setting, Simulator
from dicomtest.dicom.print.classes import (
    ANNOTATION_BOX,
    FILM_BOX,
    FILM_SESSION,
    GRAYSCALE_IMAGE_BOX,
    IMAGE_BOX_OF,
    IMAGE_BOXES,
    META_CLASSES,
    PRESENTATION_LUT,
    PRINT,
    PRINT_JOB,
    PRINT_JOB_REFERENCE,
    PRINTER,
    PRINTER_INSTANCE,
)
from dicomtest.dicom.print.render import Drawn
from dicomtest.evidence import Association
from dicomtest.spec.faults import Faults
from dicomtest.spec.printer import PrinterClaims, PrinterCondition

NO_CLASS, NO_ACTION, NO_OPERATION = 0x0118, 0x0123, 0x0211
NOT_COLLATED, EMPTY_SESSION, EMPTY_PAGE, NO_FILM_BOX = 0xB601, 0xB602, 0xB603, 0xC600
QUEUE_FULL_SESSION, QUEUE_FULL = 0xC601, 0xC602
KEPT = 50  # films of which nobody has asked yet


class _Served:
    """One association: its state and how to report events on it."""

    def __init__(self, association: Association, session: PrintSession) -> None:
        self.association = association
        self.session = session
        self.invoker: dimse.Invoker | None = None
        self.jobs: list[PrintJob] = []

    def context_of_printer(self) -> str | None:
        """The abstract syntax on which Printer events go to it."""
        for uid in (*META_CLASSES, PRINTER):
            if self.association.accepted(uid):
                return uid
        return None


class Printer(Simulator):
    """A film printer that answers as PS3.4 Annex H asks and shows what it printed."""

    def __init__(self, setting: Setting) -> None:
        """Begin with no film printed, in the condition of the profile."""
        super().__init__(setting)
        self.claims = self.profile.printer or PrinterClaims()
        self.condition = self.claims.condition
        self.films: list[PrintedFilm] = []
        self.drawn: dict[int, Drawn] = {}
        self.jobs: dict[str, PrintJob] = {}
        self._served: dict[str, _Served] = {}
        self._held: list[Callable[[], None]] = []  # print jobs that wait
        self._numbers = 0
        self._lock = threading.RLock()

    @property
    def folder(self) -> Path:
        """Where the films lie."""
        return self.setting.spool / "films"

    def handlers(self) -> dimse.Handlers:
        """C-ECHO and the DIMSE-N services of PS3.4 H.4."""
        return dimse.Handlers(
            echo=self.on_echo,
            n_create=self._guarded(self._create),
            n_set=self._guarded(self._set),
            n_get=self._guarded(self._get),
            n_action=self._guarded(self._action),
            n_delete=self._guarded(self._delete),
            released=self._over,
            aborted=self._over,
        )

    def _guarded(
        self, serve: Callable[[dimse.Incoming, _Served], dimse.Answer]
    ) -> Callable[[dimse.Incoming], dimse.Answer]:
        def handler(incoming: dimse.Incoming) -> dimse.Answer:
            served = self._of(incoming)
            try:
                return serve(incoming, served)
            except Refused as refused:
                exchange = incoming.exchange
                self.setting.announce(f"{exchange.service} refused: {refused}")
                return dimse.Answer(refused.status, elements=refused.elements())

        return handler

    def _of(self, incoming: dimse.Incoming) -> _Served:
        """The state of the association a request came on."""
        association = incoming.association
        with self._lock:
            if association.id not in self._served:
                accepted = {each.abstract_syntax for each in association.contexts if each.accepted}
                session = PrintSession(self.claims, new_uid, accepted)
                self._served[association.id] = _Served(association, session)
            served = self._served[association.id]
        served.invoker = incoming.same_association
        return served

    def _over(self, association: Association) -> None:
        with self._lock:
            self._served.pop(association.id, None)

    # --- the services

    def _create(self, incoming: dimse.Incoming, served: _Served) -> dimse.Answer:
        exchange, session = incoming.exchange, served.session
        dataset = incoming.dataset()
        taken, reply = Taken(), None
        if exchange.sop_class == FILM_SESSION:
            uid, taken, reply = session.create_session(exchange.sop_instance, dataset)
        elif exchange.sop_class == FILM_BOX:
            meta = incoming.context.abstract_syntax
            image_box = IMAGE_BOX_OF.get(meta, GRAYSCALE_IMAGE_BOX)
            uid, taken, reply = session.create_film_box(exchange.sop_instance, dataset, image_box)
        elif exchange.sop_class == PRESENTATION_LUT:
            uid = session.create_lut(exchange.sop_instance, dataset)
            reply = dataset if len(dataset) and "PresentationLUTShape" in dataset else None
        else:
            raise Refused(NO_OPERATION, "no N-CREATE for this class")
        elements = {"AffectedSOPInstanceUID": uid, **taken.elements()}
        return dimse.Answer(taken.status, reply, elements)

    def _set(self, incoming: dimse.Incoming, served: _Served) -> dimse.Answer:
        exchange, session = incoming.exchange, served.session
        dataset = incoming.dataset()
        if exchange.sop_class == FILM_SESSION:
            taken = session.set_session(exchange.sop_instance, dataset)
        elif exchange.sop_class == FILM_BOX:
            taken = session.set_film_box(exchange.sop_instance, dataset)
        elif exchange.sop_class in IMAGE_BOXES:
            taken = session.set_image_box(exchange.sop_instance, exchange.sop_class, dataset)
        elif exchange.sop_class == ANNOTATION_BOX:
            taken = session.set_annotation_box(exchange.sop_instance, dataset)
        else:
            raise Refused(NO_OPERATION, "no N-SET for this class")
        return dimse.Answer(taken.status, None, taken.elements())

    def _get(self, incoming: dimse.Incoming, _served: _Served) -> dimse.Answer:
        exchange = incoming.exchange
        if exchange.sop_class == PRINTER:
            if exchange.sop_instance != PRINTER_INSTANCE:
                raise Refused(NO_INSTANCE, "the printer has a well-known instance")
            found = self.attributes()
        elif exchange.sop_class == PRINT_JOB:
            job = self.jobs.get(exchange.sop_instance)
            if job is None:
                raise Refused(NO_INSTANCE, "no such print job")
            found = print_jobs.job_attributes(job, self.ae_title)
        else:
            raise Refused(NO_OPERATION, "no N-GET for this class")
        return dimse.Answer(0x0000, _selected(found, exchange.command))

    def attributes(self) -> Dataset:
        """What an N-GET of the printer gives (PS3.4 Table H.4-18)."""
        found = Dataset()
        found.PrinterStatus = self.condition.status
        found.PrinterStatusInfo = self.condition.said
        found.PrinterName = self.ae_title
        found.Manufacturer = self.profile.maker
        found.ManufacturerModelName = self.profile.model
        found.DeviceSerialNumber = self.claims.serial
        found.SoftwareVersions = self.claims.software
        return found

    def _delete(self, incoming: dimse.Incoming, served: _Served) -> dimse.Answer:
        exchange, session = incoming.exchange, served.session
        if exchange.sop_class == FILM_SESSION:
            session.delete_session(exchange.sop_instance)
        elif exchange.sop_class == FILM_BOX:
            session.delete_film_box(exchange.sop_instance)
        elif exchange.sop_class == PRESENTATION_LUT:
            session.delete_lut(exchange.sop_instance)
        else:
            raise Refused(NO_OPERATION, "no N-DELETE for this class")
        return dimse.Answer(0x0000)

    def _action(self, incoming: dimse.Incoming, served: _Served) -> dimse.Answer:
        exchange, session = incoming.exchange, served.session
        if exchange.sop_class not in (FILM_SESSION, FILM_BOX):
            raise Refused(NO_OPERATION, "no N-ACTION for this class")
        if exchange.command.get("ActionTypeID") != PRINT:
            raise Refused(NO_ACTION, "the only action is Print")
        whole = exchange.sop_class == FILM_SESSION
        if whole:
            film_session = session.film_session(exchange.sop_instance)
            if not self.claims.session_print:
                raise Refused(NO_OPERATION, "film sessions are not printed")
            boxes = list(film_session.boxes)
            if not boxes:
                raise Refused(NO_FILM_BOX, "no film box in the session")
        else:
            boxes = [session.film_box(exchange.sop_instance)]
            assert session.session is not None  # it has the film box
            film_session = session.session
        full = len(self._held) >= self.claims.queue
        if full or (self.condition.status == "FAILURE" and self.claims.on_failure == "refuse"):
            raise Refused(QUEUE_FULL_SESSION if whole else QUEUE_FULL, "the print queue is full")
        status = 0x0000
        if all(each.empty for each in boxes):
            status = EMPTY_SESSION if whole else EMPTY_PAGE
        elif whole and film_session.copies > 1 and not self.claims.collation:
            status = NOT_COLLATED
        for each in boxes:
            each.printed = True
        job = self._job(incoming, film_session)
        reply = None
        if PRINT_JOB in session.accepted:
            reply = Dataset()
            setattr(reply, PRINT_JOB_REFERENCE, [reference(PRINT_JOB, job.uid)])
        self._run(incoming, served, job, boxes, film_session)
        return dimse.Answer(status, reply)

    # --- print jobs and the printer's condition

    def _job(self, incoming: dimse.Incoming, session: FilmSession) -> PrintJob:
        with self._lock:
            job = PrintJob(
                uid=new_uid(),
                number=len(self.jobs) + 1,
                originator=incoming.association.calling_ae_title,
                label=str(session.values.get("FilmSessionLabel", "")),
                priority=str(session.values.get("PrintPriority", "MED")),
                created=time.time(),
            )
            self.jobs[job.uid] = job
            return job

    def _run(
        self,
        incoming: dimse.Incoming,
        served: _Served,
        job: PrintJob,
        boxes: list[FilmBox],
        session: FilmSession,
    ) -> None:
        """Print, or hold the job; tell the client of each state once N-ACTION is answered."""
        negotiated = PRINT_JOB in served.session.accepted

        def tell(*states: tuple[str, str]) -> None:
            for job.status, job.info in states:
                if negotiated and served.invoker is not None and not served.association.ended:
                    print_jobs.job_event(served.invoker, job, self.ae_title)
                if job.status == "PRINTING" and self.claims.printing:
                    time.sleep(self.claims.printing)

        def make_films() -> None:
            job.films = [self._print(box, session, job).number for box in boxes]

        def resume() -> None:
            make_films()
            tell(*print_jobs.PRINTED)

        states: tuple[tuple[str, str], ...] = print_jobs.PRINTED
        if self.condition.status != "FAILURE":
            make_films()
            states = (print_jobs.QUEUED, *states)
        else:
            states = ((print_jobs.PENDING, self.condition.said),)
            if self.claims.on_failure == "fail":
                states = (*states, (print_jobs.FAILED, self.condition.said))
            else:
                with self._lock:
                    self._held.append(resume)
        incoming.afterwards(lambda _invoker: tell(*states))

    def _print(self, box: FilmBox, session: FilmSession, job: PrintJob) -> PrintedFilm:
        with self._lock:
            self._numbers += 1
            number = self._numbers
        film, drawn = print_film(box, session, self.claims, self.folder, number, job.originator)
        with self._lock:
            self.films.append(film)
            self.drawn[number] = drawn
            for gone in self.films[:-KEPT]:
                self.drawn.pop(gone.number, None)
            del self.films[:-KEPT]
        self.setting.announce(f"printed film {number}: {film.facts['format']}, {film.path}")
        return film

    def set_condition(self, condition: PrinterCondition) -> None:
        """Change Printer Status; every association is told (PS3.4 H.4.6.2.1).

        Print jobs that were held go on once the printer has left FAILURE.
        """
        with self._lock:
            changed = condition != self.condition
            self.condition = condition
            served = list(self._served.values())
            held = [] if condition.status == "FAILURE" else self._held
            if held:
                self._held = []
        for each in served if changed else ():
            meta = each.context_of_printer()
            if meta is not None and each.invoker is not None and not each.association.ended:
                print_jobs.printer_event(each.invoker, meta, condition, self.ae_title)
        for resume in held:
            resume()

    def misbehave(self, faults: Faults | None) -> None:
        """Besides, be in another condition for the time."""
        super().misbehave(faults)
        told = self.faults.faults.printer if self.faults else None
        self.set_condition(told or self.claims.condition)

    def take_films(self) -> list[tuple[PrintedFilm, Drawn]]:
        """Everything printed since it was last asked."""
        with self._lock:
            taken = [(each, self.drawn[each.number]) for each in self.films]
            self.films, self.drawn = [], {}
            return taken


def new_uid() -> str:
    """A UID for an instance that the printer creates (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid4().int}"


def _selected(found: Dataset, command: dict[str, object]) -> Dataset:
    """The attributes an N-GET asks for; all of them without a list."""
    asked = command.get("AttributeIdentifierList")
    wanted = [asked] if isinstance(asked, str) else asked
    if not isinstance(wanted, list) or not wanted:
        return found
    tags = {int(str(each), 16) for each in wanted}
    chosen = Dataset()
    for element in found:
        if int(element.tag) in tags:
            chosen.add(element)
    return chosen
