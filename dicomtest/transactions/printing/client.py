"""The print client: what a modality or workstation says to a printer (PS3.4 Annex H).

It takes what real printers do: responses without SOP Instance UIDs, without an Attribute List,
warnings in place of success, events at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydicom import Dataset

from dicomtest import dimse
from dicomtest.dicom.print.classes import (
    ANNOTATION_BOX,
    COLOR_META,
    FILM_BOX,
    FILM_SESSION,
    GRAYSCALE_META,
    IMAGE_BOX_OF,
    PRESENTATION_LUT,
    PRINT,
    PRINT_JOB,
    PRINT_JOB_REFERENCE,
    PRINTER,
    PRINTER_INSTANCE,
)
from dicomtest.dicom.print.formats import parse_format
from dicomtest.evidence import Exchange, StepEvidence
from dicomtest.transactions.printing.messages import (
    Events,
    created,
    data_of,
    lut_data,
    put,
    reference,
    referenced,
    took,
    why,
)
from dicomtest.transactions.printing.pictures import Pictures, image_box, image_item

if TYPE_CHECKING:
    from dicomtest.stage import Stage
    from dicomtest.transactions.print import PrintParameters

UNCOMPRESSED = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")
STATUS, STATUS_INFO = 0x21100010, 0x21100020
EXECUTION_STATUS, EXECUTION_STATUS_INFO = 0x21000020, 0x21000030


@dataclass
class Box:
    """A film box as the client knows it."""

    uid: str
    format: str
    images: list[str] = field(default_factory=list)  # SOP Instance UIDs, by position
    annotations: list[str] = field(default_factory=list)


class PrintClient:
    """Opens associations in the actor's name, all with the same wishes."""

    def __init__(
        self, stage: Stage, parameters: PrintParameters, step: StepEvidence, pictures: Pictures
    ) -> None:
        """Prepare; nothing is sent."""
        self.stage = stage
        self.parameters = parameters
        self.step = step
        self.pictures = pictures
        self.meta = COLOR_META if parameters.colour else GRAYSCALE_META
        step.facts["meta"] = self.meta
        self.scu = stage.run.casting.started(parameters.from_)
        self.is_real = stage.run.casting.is_real(parameters.to, step.kind)
        self.remote = stage.run.casting.remote(parameters.to, step.kind)

    def associate(
        self,
        label: str,
        *,
        more: Sequence[str] = (),
        meta: str | None = None,
        options: dict[str, Any] | None = None,
    ) -> PrintAssociation:
        """Open an association for the Meta SOP Class and, to print, what else the step asks for.

        Presentation LUT is negotiated where one is used; `more` are further SOP classes.
        """
        wanted = [self.meta if meta is None else meta, *more]
        if self.parameters.presentation_lut and label == "print":
            wanted.append(PRESENTATION_LUT)
        if self.parameters.annotation or self.parameters.film.annotation_format:
            wanted.append(ANNOTATION_BOX)
        if self.parameters.job and label == "print":
            wanted.append(PRINT_JOB)
        proposals = [dimse.Proposal(each, UNCOMPRESSED) for each in dict.fromkeys(wanted) if each]
        events = Events()
        peer = self.scu.associate(
            self.remote, proposals, label=label, event_report_handler=events.take,
            **self.stage.options(self.parameters), **(options or {}),
        )  # fmt: skip
        return PrintAssociation(self, peer, events, label)

    def usable(self, on: PrintAssociation) -> bool:
        """Whether films can be printed on it; if not, say why in the step."""
        association = on.peer.association
        if association.outcome != "accepted":
            self.step.facts["no_association"] = association.why
        what = "Basic Color Print" if self.parameters.colour else "Basic Grayscale Print"
        return self.stage.usable(on.peer, self.meta, what, self.parameters, self.step)


class PrintAssociation:
    """One association with a printer. As a context manager it is released at the end."""

    def __init__(
        self, client: PrintClient, peer: dimse.Requestor, events: Events, label: str
    ) -> None:
        """Nothing is created yet."""
        self.client = client
        self.parameters = client.parameters
        self.peer = peer
        self.events = events
        self.label = label
        self.session = ""
        self.lut = ""
        self.job = ""

    def __enter__(self) -> PrintAssociation:
        """Use it."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        """Release it, or abort after an error."""
        if kind is None:
            self.peer.release()
        else:
            self.peer.abort()

    def accepts(self, sop_class: str) -> bool:
        """Whether an optional class was accepted."""
        return bool(self.peer.association.accepted(sop_class))

    @property
    def image_box_class(self) -> str:
        """The class of image boxes under the Meta SOP Class."""
        return IMAGE_BOX_OF[self.client.meta]

    def _uid(self) -> str | None:
        """A UID of ours, or None for the printer to choose."""
        if self.parameters.name_instances == "printer":
            return None
        return self.client.stage.uids.new()

    # --- the printer

    def printer_status(self, label: str = "") -> Exchange:
        """N-GET of the printer: everything, then its status only."""
        meta = self.client.meta if self.accepts(self.client.meta) else None
        every = self.peer.n_get(
            PRINTER, PRINTER_INSTANCE, meta_sop_class=meta, label=f"status {label}".strip()
        )
        self.peer.n_get(
            PRINTER, PRINTER_INSTANCE, [STATUS, STATUS_INFO],
            meta_sop_class=meta, label="status selected",
        )  # fmt: skip
        return every

    # --- Presentation LUT

    def create_lut(self, dataset: Dataset | None = None, *, label: str = "") -> Exchange | None:
        """N-CREATE of the Presentation LUT the step asks for; None when it cannot be."""
        if not self.accepts(PRESENTATION_LUT):
            return None
        wanted = self._uid()
        if dataset is None:
            dataset = lut_data(self.parameters.presentation_lut or "IDENTITY", self.parameters.bits)
        exchange = self.peer.n_create(PRESENTATION_LUT, wanted, dataset, label=label or "lut")
        self.lut = created(exchange, wanted)
        return exchange

    def delete_lut(self, label: str = "") -> Exchange | None:
        """N-DELETE of the Presentation LUT, if there is one."""
        if not self.lut:
            return None
        return self.peer.n_delete(PRESENTATION_LUT, self.lut, label=label or "lut deleted")

    # --- film session

    def create_session(self, *, label: str = "") -> bool:
        """N-CREATE of a film session; says whether there is one, and in the step why not."""
        wanted = self._uid()
        dataset = None if self.parameters.bare_session else self._session_data()
        exchange = self.peer.n_create(
            FILM_SESSION, wanted, dataset if dataset else None,
            meta_sop_class=self.client.meta, label=label or "session",
        )  # fmt: skip
        uid = created(exchange, wanted)
        self.session = self.session or uid
        if not uid and self.label == "print":
            self.client.step.problem = f"no film session could be created: {why(exchange)}"
        return bool(uid)

    def _session_data(self) -> Dataset:
        film, ds = self.parameters.film, Dataset()
        put(ds, NumberOfCopies=self.parameters.copies or 1, PrintPriority=film.priority,
             MediumType=film.medium, FilmDestination=film.destination,
             FilmSessionLabel=film.label)  # fmt: skip
        return ds

    def delete_session(self, *, label: str = "") -> Exchange:
        """N-DELETE of the film session."""
        return self.peer.n_delete(
            FILM_SESSION, self.session, meta_sop_class=self.client.meta,
            label=label or "session deleted",
        )  # fmt: skip

    # --- film box

    def film_box_data(self, format_: str) -> Dataset:
        """The data set of an N-CREATE of a film box."""
        film, ds = self.parameters.film, Dataset()
        ds.ImageDisplayFormat = format_
        ds.ReferencedFilmSessionSequence = [reference(FILM_SESSION, self.session)]
        annotation_format = film.annotation_format
        if self.parameters.annotation and self.accepts(ANNOTATION_BOX):
            annotation_format = annotation_format or "1"
        trim = None if film.trim is None else "YES" if film.trim else "NO"
        put(ds, FilmOrientation=film.orientation, FilmSizeID=film.size,
             MagnificationType=film.magnification, SmoothingType=film.smoothing,
             BorderDensity=film.border, EmptyImageDensity=film.empty, Trim=trim,
             MinDensity=film.min_density, MaxDensity=film.max_density,
             RequestedResolutionID=film.resolution, Illumination=film.illumination,
             ReflectedAmbientLight=film.ambient,
             AnnotationDisplayFormatID=annotation_format)  # fmt: skip
        if self.lut:
            ds.ReferencedPresentationLUTSequence = [reference(PRESENTATION_LUT, self.lut)]
        return ds

    def create_film_box(
        self, format_: str, *, dataset: Dataset | None = None, uid: str = "", label: str = ""
    ) -> Box | None:
        """N-CREATE of a film box; None when there is none."""
        wanted = uid or self._uid()
        exchange = self.peer.n_create(
            FILM_BOX, wanted, self.film_box_data(format_) if dataset is None else dataset,
            meta_sop_class=self.client.meta, label=label or f"film box {format_}",
        )  # fmt: skip
        found = created(exchange, wanted)
        if not found:
            return None
        box = Box(found, format_)
        reply = data_of(exchange.final)
        box.images = referenced(reply, "ReferencedImageBoxSequence")
        box.annotations = referenced(reply, "ReferencedBasicAnnotationBoxSequence")
        return box

    def delete_film_box(self, box: Box, *, label: str = "") -> Exchange:
        """N-DELETE of a film box."""
        return self.peer.n_delete(
            FILM_BOX, box.uid, meta_sop_class=self.client.meta, label=label or "film box deleted"
        )

    # --- images and annotations

    def set_images(self, box: Box, *, label: str = "") -> int:
        """N-SET of the images of a film; what was taken is noted in the step. Gives how many."""
        count = len(box.images)
        if self.parameters.images is not None:
            count = min(count, self.parameters.images)
        sheet: dict[str, Any] = {
            "film_box": box.uid, "format": box.format, "boxes": parse_format(box.format).boxes,
            "bits": self.parameters.bits, "images": {}, "patches": {}, "label": self.label,
        }  # fmt: skip
        for number, uid in enumerate(box.images[:count]):
            pattern = self.client.pictures.pattern(number)
            item = image_item(
                pattern, self.image_box_class,
                bits=self.parameters.bits, photometric=self.parameters.photometric,
            )  # fmt: skip
            name = self.client.pictures.name(number)
            exchange = self.set_image(uid, number + 1, item, label=label or f"image {name}")
            if took(exchange):
                sheet["images"][str(number + 1)] = name
                if pattern.patches and name not in sheet["patches"]:
                    sheet["patches"][name] = [
                        [round(each.p_value, 6), round(each.x, 5), round(each.y, 5)]
                        for each in pattern.patches
                    ]
        self.client.step.facts["sheets"].append(sheet)
        return len(sheet["images"])

    def set_image(
        self, uid: str, position: int | None, item: Dataset | None, *, label: str,
        sop_class: str = "", extra: dict[str, Any] | None = None,
    ) -> Exchange:  # fmt: skip
        """N-SET of one image box."""
        film = self.parameters.film
        wishes: dict[str, Any] = {}
        for keyword, value in (("Polarity", film.polarity), ("RequestedImageSize", film.image_size),
                               ("RequestedDecimateCropBehavior", film.behaviour)):  # fmt: skip
            if value is not None and item is not None:
                wishes[keyword] = str(value)
        sop_class = sop_class or self.image_box_class
        ds = image_box(item, sop_class, position, {**wishes, **(extra or {})})
        return self.peer.n_set(sop_class, uid, ds, meta_sop_class=self.client.meta, label=label)

    def annotate(self, box: Box) -> None:
        """N-SET of the annotation boxes, if there are any and a text."""
        if not self.parameters.annotation:
            return
        for position, uid in enumerate(box.annotations, start=1):
            ds = Dataset()
            ds.AnnotationPosition = position
            ds.TextString = self.parameters.annotation
            self.peer.n_set(ANNOTATION_BOX, uid, ds, label="annotation")

    # --- printing

    def print_film_box(self, box: Box, *, label: str = "", action: int = PRINT) -> Exchange:
        """N-ACTION Print of a film box."""
        return self._print(FILM_BOX, box.uid, label or "print", action)

    def print_session(self, *, label: str = "", action: int = PRINT) -> Exchange:
        """N-ACTION Print of the film session."""
        return self._print(FILM_SESSION, self.session, label or "print session", action)

    def _print(self, sop_class: str, uid: str, label: str, action: int) -> Exchange:
        exchange = self.peer.n_action(
            sop_class, uid, None, action_type=action, meta_sop_class=self.client.meta, label=label
        )
        jobs = referenced(data_of(exchange.final), PRINT_JOB_REFERENCE)
        self.job = jobs[0] if jobs and took(exchange) else ""
        return exchange

    def wait_for_job(self, until: Sequence[str] = ("DONE", "FAILURE")) -> None:
        """Wait for the print job, if there is one: its events, then N-GET of its status."""
        if not self.job or not self.accepts(PRINT_JOB) or not self.peer.established:
            return
        state = self.events.wait(self.job, until, self.parameters.job_within)
        self.client.step.facts["jobs"][self.job] = state
        if "PENDING" not in until and state in ("", "PENDING", "PRINTING"):
            exchange = self.peer.n_get(
                PRINT_JOB, self.job, [EXECUTION_STATUS, EXECUTION_STATUS_INFO], label="job status"
            )
            told = str(data_of(exchange.final).get("ExecutionStatus", "") or "")
            self.client.step.facts["jobs"][self.job] = told or state
