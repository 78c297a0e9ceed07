"""Presentation LUTs of a printer (PS3.4 H.4.9)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.print_evidence import STEP, acts, tried
from dicomtest.checks.print_film import BUSY, answer
from dicomtest.checks.print_refusals import refused
from dicomtest.dicom.print.classes import PRESENTATION_LUT
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Blocked, Judgement, NotApplicable, judge


@check(
    "print.lut-created",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.9.2.1",
    steps=STEP,
    when="presentation_lut",
    consequence="Films come out lighter or darker than the image.",
)
def presentation_luts_are_created(step: StepEvidence) -> Iterator[Judgement]:
    """A printer that accepts the Presentation LUT SOP Class creates one of the shapes IDENTITY and
    LIN OD, and one of a table of 256 (8 bits) or 4096 (12 bits) entries."""
    if not any(each.accepted(PRESENTATION_LUT) for each in step.associations):
        raise NotApplicable("the printer does not accept Presentation LUTs")
    for act in acts(step, "N-CREATE", of=PRESENTATION_LUT):
        yield judge(act.took, expected="0000", actual=answer(act), at=act.exchange)


@check(
    "print.inverse-lut-refused",
    judges=SCP,
    level=SHOULD,  # a printer may have values of its own; the client is at fault that uses one
    cites=("PS3.3 C.11.4", "PS3.4 H.4.9.2.1"),
    steps=STEP,
    when="probes",
)
def the_inverse_shape_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A Presentation LUT of the shape INVERSE, which only displays know, is refused."""
    yield from refused(step, "inverse-lut", "0106", needs=PRESENTATION_LUT)


@check(
    "print.bad-lut-refused",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.9.2.1", "PS3.4 H.2.4"),
    steps=STEP,
    when="probes",
    consequence="Grays come out wrong.",
)
def a_lut_of_the_wrong_size_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A Presentation LUT of neither 256 nor 4096 entries is refused."""
    yield from refused(step, "bad-lut", "0106", needs=PRESENTATION_LUT)


@check(
    "print.deleted-lut-not-used",
    judges=SCP,
    level=SHOULD,
    cites="PS3.4 H.4.9.2.2",
    steps=STEP,
    when="probes",
)
def a_deleted_lut_is_not_used(step: StepEvidence) -> Iterator[Judgement]:
    """A film box that refers to a Presentation LUT that was deleted is refused, or created with a
    warning."""
    act = tried(step, "deleted-lut", needs=PRESENTATION_LUT)
    yield judge(
        act.status is not None and act.status != 0,
        expected="a failure or a warning",
        actual=answer(act),
        at=act.exchange,
    )


@check(
    "print.unused-lut",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.2.2.1", "PS3.4 H.3.3.2"),
    steps=STEP,
    when="probes",
    consequence="Clients that negotiate Presentation LUTs for another film cannot print this one.",
)
def a_lut_need_not_be_used(step: StepEvidence) -> Iterator[Judgement]:
    """Where the Presentation LUT SOP Class is negotiated and no Presentation LUT is referred to,
    an image is taken: the reference is optional for the client."""
    act = tried(step, "unused-lut", needs=PRESENTATION_LUT)
    if act.status in BUSY:
        raise Blocked(f"the printer had no room: {answer(act)}")
    yield judge(act.took, expected="0000", actual=answer(act), at=act.exchange)
