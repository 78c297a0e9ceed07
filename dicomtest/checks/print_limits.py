"""What a printer cannot print as asked: refused, or told of (PS3.4 H.2.4, H.4.3)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.print_evidence import STEP, tried
from dicomtest.checks.print_film import answer
from dicomtest.checks.print_refusals import refused
from dicomtest.checks.statuses import said
from dicomtest.dicom.print.classes import COLOR_META
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

TOLD_SIZE = (0xB604, 0xB609, 0xB60A)
REFUSED_SIZE = (0xC603, 0xC605, 0xC613)
NOT_SUPPORTED = (0x0105, 0x0106, 0x0107, 0x0116)


@check(
    "print.unknown-image-box-refused",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.3", "PS3.7 10.1.3"),
    steps=STEP,
    when="probes",
    consequence="An image is lost without a word.",
)
def an_unknown_image_box_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """An image for an image box that does not exist is refused."""
    yield from refused(step, "unknown-image-box", "0112")


@check(
    "print.image-erased",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.3", "PS3.3 C.13.5"),
    steps=STEP,
    when="probes",
)
def an_image_can_be_erased(step: StepEvidence) -> Iterator[Judgement]:
    """An image sequence without an item, which erases the image, is taken."""
    act = tried(step, "erased-image")
    yield judge(act.took, expected="0000", actual=answer(act), at=act.exchange)


@check(
    "print.missing-pixels-refused",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.2.4", "PS3.4 H.4.3"),
    steps=STEP,
    when="probes",
    consequence="The film comes out without the image.",
)
def an_image_without_pixels_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """An image without Pixel Data is refused."""
    yield from refused(step, "missing-pixels", "0120")


@check(
    "print.short-pixels-refused",
    judges=SCP,
    level=SHOULD,
    cites="PS3.3 C.13.5",
    steps=STEP,
    when="probes",
    consequence="Half an image is printed as if it were whole.",
)
def an_image_of_too_few_pixels_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """An image with less Pixel Data than Rows and Columns ask for is refused."""
    yield from refused(step, "short-pixels", "0106")


@check(
    "print.missing-position-refused",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.2.4", "PS3.4 H.4.3"),
    steps=STEP,
    when="probes",
)
def an_image_without_position_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """An image without Image Box Position is refused."""
    yield from refused(step, "image-without-position", "0120")


@check(
    "print.colour-in-grayscale-refused",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.2.4", "PS3.3 C.13.5"),
    steps=STEP,
    when="probes",
    consequence="A colour image comes out as nonsense in gray.",
)
def colour_is_refused_by_a_grayscale_box(step: StepEvidence) -> Iterator[Judgement]:
    """An image of three samples a pixel is refused by a grayscale image box."""
    if step.facts.get("meta") == COLOR_META:
        raise NotApplicable("colour is printed")
    yield from refused(step, "colour-in-grayscale-box", "0106")


@check(
    "print.gray-in-colour-refused",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.2.4", "PS3.3 C.13.5"),
    steps=STEP,
    when="probes",
    consequence="A gray image comes out as nonsense in colour.",
)
def gray_is_refused_by_a_color_box(step: StepEvidence) -> Iterator[Judgement]:
    """An image of one sample a pixel is refused by a color image box."""
    if step.facts.get("meta") != COLOR_META:
        raise NotApplicable("grayscale is printed")
    yield from refused(step, "gray-in-colour-box", "0106")


@check(
    "print.sixteen-bits-refused",
    judges=SCP,
    level=SHOULD,
    cites=("PS3.4 H.2.4", "PS3.3 C.13.5"),
    steps=STEP,
    when="probes",
    consequence="Clients that send 16 bits print here and fail at the next printer.",
)
def sixteen_bits_are_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A grayscale image with Bits Stored 16 is refused: there are 8 and 12."""
    if step.facts.get("meta") == COLOR_META:
        raise NotApplicable("colour is printed")
    yield from refused(step, "sixteen-bits", "0106")


@check(
    "print.unsupported-value-told",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.2.4",
    steps=STEP,
    when="probes",
    consequence="The film has another size than the client believes.",
)
def an_unsupported_value_is_told(step: StepEvidence) -> Iterator[Judgement]:
    """A Film Size ID that the printer does not have is refused (0106), or answered with a warning
    (0116) and the default."""
    act = tried(step, "unsupported-value")
    yield judge(
        act.status is not None and act.status != 0,
        expected="0106 or 0116",
        actual=answer(act),
        at=act.exchange,
    )


@check(
    "print.unsupported-option-told",
    judges=SCP,
    level=SHOULD,
    cites="PS3.4 H.2.4",
    steps=STEP,
    when="probes",
)
def an_unsupported_option_is_told(step: StepEvidence) -> Iterator[Judgement]:
    """An optional attribute with a value that the printer does not have is refused, or answered
    with a warning (0107, 0116)."""
    act = tried(step, "unsupported-option")
    yield judge(
        act.status is not None and act.status != 0,
        expected="0105, 0106, 0107 or 0116",
        actual=answer(act),
        at=act.exchange,
    )


@check(
    "print.oversize-told",
    judges=SCP,
    level=SHOULD,
    cites=("PS3.3 C.13.5", "PS3.4 H.4.3"),
    steps=STEP,
    when="probes",
    consequence="Parts of the image, or its detail, are missing.",
)
def a_large_image_is_told_of(step: StepEvidence) -> Iterator[Judgement]:
    """An image that is larger than its box and may be decimated or cropped is answered with a
    warning that says so, or refused."""
    for name in ("oversize-decimate", "oversize-crop"):
        if name in (step.facts.get("probes") or ()):
            yield from _oversize(step, name, (*TOLD_SIZE, *REFUSED_SIZE, *NOT_SUPPORTED))


@check(
    "print.oversize-refused",
    judges=SCP,
    level=SHOULD,
    cites=("PS3.3 C.13.5", "PS3.4 H.4.3"),
    steps=STEP,
    when="probes",
    consequence="Parts of the image, or its detail, are missing.",
)
def a_large_image_is_refused_when_asked(step: StepEvidence) -> Iterator[Judgement]:
    """An image that is larger than its box and must not be decimated or cropped (FAIL, or DECIMATE
    without magnification) is refused, unless the printer says that it cannot be asked for this."""
    for name in ("oversize-fail", "oversize-none"):
        if name in (step.facts.get("probes") or ()):
            yield from _oversize(step, name, (*REFUSED_SIZE, *NOT_SUPPORTED))


def _oversize(step: StepEvidence, name: str, wanted: tuple[int, ...]) -> Iterator[Judgement]:
    """Look at the answers to the image and, if that was taken, to the print."""
    act = tried(step, name)
    statuses = [act.status]
    statuses += [
        each.status
        for each in act.association.exchanges
        if each.service == "N-ACTION" and each.label.startswith("try")
    ]
    yield judge(
        any(each in wanted for each in statuses),
        expected=[f"{each:04X}" for each in wanted],
        actual=[said(each) for each in statuses],
        at=act.exchange,
    )
