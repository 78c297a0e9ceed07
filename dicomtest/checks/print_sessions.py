"""Film sessions of a printer: changed, deleted and created again (PS3.4 H.4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, check
from dicomtest.checks.print_evidence import STEP, acts, tried
from dicomtest.checks.print_film import BUSY, UNSUPPORTED, answer
from dicomtest.checks.print_refusals import WRONG_FILM, refused
from dicomtest.dicom.print.classes import PRESENTATION_LUT
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, judge


@check(
    "print.session-again",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.1.2.1.3", "PS3.4 H.4.1.2.3"),
    steps=STEP,
    when="probes",
    consequence="Clients that keep their association open print once only.",
)
def a_session_follows_a_deleted_one(step: StepEvidence) -> Iterator[Judgement]:
    """After a film session was deleted, another one is created on the same association."""
    act = tried(step, "session-again")
    yield judge(
        act.took or act.status in BUSY, expected="0000", actual=answer(act), at=act.exchange
    )


@check(
    "print.session-set",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.1.2", "PS3.4 H.4.1.2.2"),
    steps=STEP,
    when="probes",
    consequence="The number of copies cannot be changed.",
)
def a_session_can_be_changed(step: StepEvidence) -> Iterator[Judgement]:
    """The N-SET of a film session is served: a number of copies is taken, or the printer says that
    it cannot be had (0106)."""
    act = tried(step, "session-set")
    fine = act.took or act.status in UNSUPPORTED
    yield judge(fine, expected="0000", actual=answer(act), at=act.exchange)


@check(
    "print.deleted-boxes-refused",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.1.2.3", "PS3.4 H.4.2.2.3"),
    steps=STEP,
    when="probes",
    consequence=WRONG_FILM,
)
def boxes_go_with_their_film(step: StepEvidence) -> Iterator[Judgement]:
    """With a film box, or with its film session, the image boxes are deleted: no image is taken
    for them any more."""
    for name in ("deleted-image-box", "session-deletes-boxes"):
        if name in (step.facts.get("probes") or ()):
            yield from refused(step, name, "0112")


@check(
    "print.lut-deleted",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.9.2", "PS3.4 H.4.9.2.2"),
    steps=STEP,
    when="presentation_lut",
)
def luts_are_deleted(step: StepEvidence) -> Iterator[Judgement]:
    """A Presentation LUT is deleted when asked."""
    for act in acts(step, "N-DELETE", of=PRESENTATION_LUT):
        if act.exchange.sop_instance in act.before.luts:
            yield judge(act.took, expected="0000", actual=answer(act), at=act.exchange)
