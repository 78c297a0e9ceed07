"""What the films of a real printer should look like: drawn from what it was sent and has taken.

The films that come out of the printer are compared with these pictures by whoever looks at them.
The printer's own choices (medium, film size, densities) are used as far as it told them.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydicom import Dataset

from dicomtest.actors.print_films import print_film
from dicomtest.actors.print_session import PrintSession
from dicomtest.actors.print_values import Refused
from dicomtest.dicom.print.classes import (
    ANNOTATION_BOX,
    FILM_BOX,
    FILM_SESSION,
    IMAGE_BOX_OF,
    IMAGE_BOXES,
    PRESENTATION_LUT,
)
from dicomtest.spec.printer import PrinterClaims
from dicomtest.spec.profile import load_profile
from dicomtest.transactions.printing.messages import created, data_of, referenced, took

if TYPE_CHECKING:
    from dicomtest.evidence import Association, Exchange, StepEvidence
    from dicomtest.stage import Stage

_SEQUENCES = ("ReferencedImageBoxSequence", "ReferencedBasicAnnotationBoxSequence")
_TOLD = ("MediumType", "FilmSizeID", "FilmOrientation", "BorderDensity", "EmptyImageDensity",
         "MinDensity", "MaxDensity", "Illumination", "ReflectedAmbientLight")  # fmt: skip


def draw_expected(stage: Stage, step: StepEvidence) -> None:
    """Draw each film that was accepted for printing and list it as fact `expected`."""
    folder = stage.run.folder / "evidence" / "films"
    claims = load_profile("printer").printer or PrinterClaims()
    claims = claims.model_copy(update={"unsupported": "default"})
    step.facts["expected"] = expected = []
    for association in step.associations:
        if association.label == "print":
            replay = _Replay(association, claims)
            for exchange in association.exchanges:
                if exchange.service.startswith("N-") and took(exchange):
                    replay.take(exchange)
                    expected.extend(
                        replay.printed(exchange, folder, f"{step.scenario}-{step.step}")
                    )


class _Replay:
    """The state of a printer that takes what the real one has taken."""

    def __init__(self, association: Association, claims: PrinterClaims) -> None:
        accepted = {each.abstract_syntax for each in association.contexts if each.result == 0}
        self.association = association
        self.claims = claims
        self.session = PrintSession(claims, lambda: f"2.25.{uuid.uuid4().int}", accepted)
        self.number = 0
        self._ours: dict[str, str] = {}  # UIDs of image and annotation boxes, by the printer's

    def take(self, exchange: Exchange) -> None:
        """One request; what this printer would refuse is left out."""
        try:
            if exchange.service == "N-CREATE":
                self._create(exchange)
            elif exchange.service == "N-SET":
                self._set(exchange)
            elif exchange.service == "N-DELETE" and exchange.sop_class == FILM_BOX:
                self.session.delete_film_box(exchange.sop_instance)
        except (Refused, ValueError, KeyError, TypeError, AttributeError):
            return  # it cannot be drawn

    def _create(self, exchange: Exchange) -> None:
        uid, sent = created(exchange, exchange.sop_instance), _sent(exchange)
        reply = data_of(exchange.final)
        if exchange.sop_class == PRESENTATION_LUT:
            self.session.create_lut(uid, sent)
        elif exchange.sop_class == FILM_SESSION:
            self.session.create_session(uid, _with(sent, reply))
        elif exchange.sop_class == FILM_BOX:
            context = self.association.context(exchange.context_id)
            image_box = IMAGE_BOX_OF[context.abstract_syntax if context else ""]
            _, _, made = self.session.create_film_box(uid, _with(sent, reply), image_box)
            for sequence in _SEQUENCES:
                theirs, ours = referenced(reply, sequence), referenced(made or Dataset(), sequence)
                self._ours |= dict(zip(theirs, ours, strict=False))

    def _set(self, exchange: Exchange) -> None:
        uid = self._ours.get(exchange.sop_instance, exchange.sop_instance)
        if exchange.sop_class in IMAGE_BOXES:
            self.session.set_image_box(uid, exchange.sop_class, _sent(exchange))
        elif exchange.sop_class == ANNOTATION_BOX:
            self.session.set_annotation_box(uid, _sent(exchange))
        elif exchange.sop_class == FILM_BOX:
            self.session.set_film_box(uid, _sent(exchange))

    def printed(self, exchange: Exchange, folder: Path, name: str) -> list[dict[str, Any]]:
        """The films that an N-ACTION makes."""
        session = self.session.session
        if exchange.service != "N-ACTION" or session is None:
            return []
        whole = exchange.sop_class == FILM_SESSION
        boxes = [each for each in session.boxes if whole or each.uid == exchange.sop_instance]
        found = []
        for box in boxes:
            self.number += 1
            film, _ = print_film(
                box, session, self.claims, folder, self.number, self.association.calling_ae_title
            )
            for path, ending in ((film.path, ""), (film.small, "-small")):
                Path(path).replace(folder / f"{name}-expected-{self.number}{ending}.png")
            at = f"evidence/films/{name}-expected-{self.number}"
            found.append(
                {"number": self.number, "file": f"{at}.png", "small": f"{at}-small.png",
                 **film.facts, "at": exchange.began}
            )  # fmt: skip
        return found


def _sent(exchange: Exchange) -> Dataset:
    return Dataset() if exchange.data is None else exchange.data.dataset()


def _with(sent: Dataset, reply: Dataset) -> Dataset:
    """What was asked for, and the printer's own choice where nothing was."""
    for keyword in _TOLD:
        if keyword not in sent and reply.get(keyword) not in (None, ""):
            sent[keyword] = reply[keyword]
    return sent
