"""What a print client asks of film sessions and film boxes (PS3.4 H.4.1, H.4.2; PS3.3 C.13)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dicomtest.checks import MUST, SCU, SHOULD, check
from dicomtest.checks.print_evidence import STEP, number, references, requests, sequence, value
from dicomtest.dicom.attribute_values import extended
from dicomtest.dicom.print.classes import (
    ANNOTATION_BOX,
    COLOR_META,
    FILM_BOX,
    FILM_SESSION,
    IMAGE_BOXES,
    name_of,
)
from dicomtest.dicom.print.formats import FILM_SIZES, parse_format
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, judge

FIELD_CASE = "It prints at tolerant printers and emulators, and fails at a real one."
OTHER_FILM = "The printer refuses it, or prints something else than intended."
MEDIA = ("PAPER", "CLEAR FILM", "BLUE FILM", "MAMMO CLEAR FILM", "MAMMO BLUE FILM")
MAGNIFICATION = ("REPLICATE", "BILINEAR", "CUBIC", "NONE")


def one_of(*terms: str) -> Callable[[str], bool]:
    """Whether a text is one of these terms."""
    return lambda text: text in terms


def told(
    step: StepEvidence,
    keyword: str,
    fits: Callable[[str], bool],
    expected: object,
    *services: str,
    of: tuple[str, ...] | str,
    extensible: bool = False,
) -> Iterator[Judgement]:
    """Look at an attribute wherever it has a value.

    Where PS3.3 has Defined Terms (`extensible`), a term that the printer takes is as good.
    """
    for act in requests(step, *(services or ("N-CREATE", "N-SET")), of=of):
        actual = value(act.sent, keyword)
        if actual:
            good = fits(actual) or (extensible and act.status == 0)
            yield judge(good, expected=expected, actual=actual, at=act.exchange)


# --- film session


@check("print.scu-copies", judges=SCU, level=MUST, cites="PS3.3 C.13.1", steps=STEP,
       consequence=OTHER_FILM)  # fmt: skip
def copies_are_counted(step: StepEvidence) -> Iterator[Judgement]:
    """Number of Copies is a whole number from 1."""
    for act in requests(step, "N-CREATE", "N-SET", of=FILM_SESSION):
        if value(act.sent, "NumberOfCopies"):
            copies = number(act.sent, "NumberOfCopies")
            yield judge(
                copies is not None and copies >= 1, expected="1 or more",
                actual=value(act.sent, "NumberOfCopies"), at=act.exchange,
            )  # fmt: skip


@check("print.scu-priority", judges=SCU, level=MUST, cites="PS3.3 C.13.1", steps=STEP)
def the_priority_is_one_of_three(step: StepEvidence) -> Iterator[Judgement]:
    """Print Priority is HIGH, MED or LOW."""
    terms = ("HIGH", "MED", "LOW")
    yield from told(step, "PrintPriority", one_of(*terms), terms, of=FILM_SESSION)


@check("print.scu-medium", judges=SCU, level=SHOULD, cites="PS3.3 C.13.1", steps=STEP,
       consequence=OTHER_FILM)  # fmt: skip
def the_medium_is_a_defined_term(step: StepEvidence) -> Iterator[Judgement]:
    """Medium Type is a term of PS3.3, as long as the printer has no others."""
    fits, of = one_of(*MEDIA), FILM_SESSION
    yield from told(step, "MediumType", fits, MEDIA, of=of, extensible=True)


@check("print.scu-destination", judges=SCU, level=SHOULD, cites="PS3.3 C.13.1", steps=STEP)
def the_destination_is_a_defined_term(step: StepEvidence) -> Iterator[Judgement]:
    """Film Destination is MAGAZINE, PROCESSOR or a bin numbered from 1 without leading zeros."""
    bins = re.compile(r"MAGAZINE|PROCESSOR|BIN_[1-9][0-9]*")

    def fits(text: str) -> bool:
        return bins.fullmatch(text) is not None

    terms = "MAGAZINE, PROCESSOR, BIN_i"
    yield from told(step, "FilmDestination", fits, terms, of=FILM_SESSION, extensible=True)


@check("print.scu-memory", judges=SCU, level=MUST, cites="PS3.3 C.13.1", steps=STEP)
def memory_is_a_number(step: StepEvidence) -> Iterator[Judgement]:
    """Memory Allocation is a number of kilobytes, and not negative."""

    def fits(text: str) -> bool:
        return re.fullmatch(r"\+?[0-9]+", text) is not None

    yield from told(step, "MemoryAllocation", fits, "kilobytes", of=FILM_SESSION)


@check("print.scu-character-set", judges=SCU, level=MUST, cites="PS3.5 6.1.2", steps=STEP,
       consequence="Names come out as question marks.")  # fmt: skip
def the_character_set_is_told(step: StepEvidence) -> Iterator[Judgement]:
    """Text beyond the default character repertoire comes with Specific Character Set."""
    for act in requests(step, "N-CREATE", "N-SET", of=(FILM_SESSION, ANNOTATION_BOX)):
        wide = [
            each
            for each in ("FilmSessionLabel", "OwnerID", "TextString")
            if extended(act.sent.get(each, ()))
        ]
        declared = value(act.sent, "SpecificCharacterSet")
        yield judge(
            not wide or bool(declared), expected="Specific Character Set",
            actual=f"none, with {', '.join(wide)}", at=act.exchange,
        )  # fmt: skip


# --- film box


@check("print.scu-session-reference", judges=SCU, level=MUST, cites="PS3.4 H.4.2.2.1.1", steps=STEP,
       consequence=FIELD_CASE,
       fix="The vendor of the client adds Referenced Film Session Sequence.")  # fmt: skip
def a_film_box_refers_to_its_session(step: StepEvidence) -> Iterator[Judgement]:
    """The N-CREATE of a film box has Referenced Film Session Sequence."""
    for act in requests(step, "N-CREATE", of=FILM_BOX):
        there = bool(sequence(act.sent, "ReferencedFilmSessionSequence"))
        expected = "Referenced Film Session Sequence"
        yield judge(there, expected=expected, actual="absent or empty", at=act.exchange)


@check("print.scu-session-named", judges=SCU, level=MUST, cites="PS3.4 H.4.2.2.1.1", steps=STEP,
       consequence=FIELD_CASE)  # fmt: skip
def the_session_is_named(step: StepEvidence) -> Iterator[Judgement]:
    """Referenced Film Session Sequence has one item with class and instance of the film session
    of this association."""
    for act in requests(step, "N-CREATE", of=FILM_BOX):
        named = references(act.sent, "ReferencedFilmSessionSequence")
        if named and act.before.session:
            yield judge(
                named == [(FILM_SESSION, act.before.session)],
                expected=f"film session {act.before.session}",
                actual=[f"{name_of(one)} {uid}" for one, uid in named],
                at=act.exchange,
            )


@check("print.scu-format", judges=SCU, level=MUST, cites="PS3.4 H.4.2.2.1.1", steps=STEP,
       consequence="The printer refuses the film.")  # fmt: skip
def a_film_box_has_a_format(step: StepEvidence) -> Iterator[Judgement]:
    """The N-CREATE of a film box has Image Display Format."""
    for act in requests(step, "N-CREATE", of=FILM_BOX):
        there = bool(value(act.sent, "ImageDisplayFormat"))
        yield judge(there, expected="Image Display Format", actual="none", at=act.exchange)


@check("print.scu-format-defined", judges=SCU, level=MUST, cites="PS3.3 C.13.3", steps=STEP,
       consequence="The printer refuses the film.")  # fmt: skip
def the_format_is_well_formed(step: StepEvidence) -> Iterator[Judgement]:
    """Image Display Format is STANDARD\\\\C,R, ROW\\\\R1,R2,..., COL\\\\C1,C2,..., SLIDE,
    SUPERSLIDE or CUSTOM\\\\i."""
    for act in requests(step, "N-CREATE", of=FILM_BOX):
        text = value(act.sent, "ImageDisplayFormat")
        if not text:
            continue
        try:
            parse_format(text)
            wrong = ""
        except ValueError as error:
            wrong = str(error)
        yield judge(not wrong, expected="a format", actual=wrong, at=act.exchange)


@check("print.scu-orientation", judges=SCU, level=MUST, cites="PS3.3 C.13.3", steps=STEP)
def the_orientation_is_one_of_two(step: StepEvidence) -> Iterator[Judgement]:
    """Film Orientation is PORTRAIT or LANDSCAPE."""
    terms = ("PORTRAIT", "LANDSCAPE")
    yield from told(step, "FilmOrientation", one_of(*terms), terms, of=FILM_BOX)


@check("print.scu-film-size", judges=SCU, level=SHOULD, cites="PS3.3 C.13.3", steps=STEP,
       consequence=OTHER_FILM)  # fmt: skip
def the_film_size_is_a_defined_term(step: StepEvidence) -> Iterator[Judgement]:
    """Film Size ID is a term of PS3.3, as long as the printer has no others."""
    fits, terms = one_of(*FILM_SIZES), ", ".join(FILM_SIZES)
    yield from told(step, "FilmSizeID", fits, terms, of=FILM_BOX, extensible=True)


@check("print.scu-magnification", judges=SCU, level=SHOULD, cites="PS3.3 C.13.3", steps=STEP)
def the_magnification_is_a_defined_term(step: StepEvidence) -> Iterator[Judgement]:
    """Magnification Type is REPLICATE, BILINEAR, CUBIC or NONE."""
    fits, of = one_of(*MAGNIFICATION), (FILM_BOX, *IMAGE_BOXES)
    yield from told(step, "MagnificationType", fits, MAGNIFICATION, of=of, extensible=True)


@check("print.scu-smoothing", judges=SCU, level=SHOULD, cites="PS3.3 C.13.3", steps=STEP)
def smoothing_goes_with_cubic(step: StepEvidence) -> Iterator[Judgement]:
    """Smoothing Type is given only with Magnification Type CUBIC."""
    for act in requests(step, "N-CREATE", "N-SET", of=(FILM_BOX, *IMAGE_BOXES)):
        kind = value(act.sent, "MagnificationType")
        if value(act.sent, "SmoothingType") and kind:
            yield judge(kind == "CUBIC", expected="CUBIC", actual=kind, at=act.exchange)


@check("print.scu-trim", judges=SCU, level=MUST, cites="PS3.3 C.13.3", steps=STEP)
def trim_is_yes_or_no(step: StepEvidence) -> Iterator[Judgement]:
    """Trim is YES or NO."""
    yield from told(step, "Trim", one_of("YES", "NO"), ("YES", "NO"), of=FILM_BOX)


@check("print.scu-filling", judges=SCU, level=SHOULD, cites="PS3.3 C.13.3", steps=STEP)
def fillings_are_densities(step: StepEvidence) -> Iterator[Judgement]:
    """Border Density and Empty Image Density are BLACK, WHITE or hundredths of OD."""

    def fits(text: str) -> bool:
        return text in ("BLACK", "WHITE") or text.isdigit()

    for keyword in ("BorderDensity", "EmptyImageDensity"):
        yield from told(step, keyword, fits, "BLACK, WHITE or hundredths of OD", of=FILM_BOX)


@check("print.scu-densities", judges=SCU, level=SHOULD, cites="PS3.3 C.13.3", steps=STEP,
       consequence="The film comes out black or white all over.")  # fmt: skip
def densities_are_in_order(step: StepEvidence) -> Iterator[Judgement]:
    """Min Density is less than Max Density."""
    for act in requests(step, "N-CREATE", "N-SET", of=(FILM_BOX, *IMAGE_BOXES)):
        low, high = number(act.sent, "MinDensity"), number(act.sent, "MaxDensity")
        if low is not None and high is not None:
            yield judge(
                low < high, expected="Min below Max", actual=f"{low} to {high}", at=act.exchange
            )


@check("print.scu-illumination", judges=SCU, level=SHOULD, cites="PS3.3 C.13.3", steps=STEP)
def there_is_light(step: StepEvidence) -> Iterator[Judgement]:
    """Illumination, in cd/m2, is more than 0."""
    for act in requests(step, "N-CREATE", "N-SET", of=FILM_BOX):
        light = number(act.sent, "Illumination")
        if light is not None:
            yield judge(light > 0, expected="more than 0", actual=light, at=act.exchange)


@check("print.scu-profile-in-colour", judges=SCU, level=MUST, cites="PS3.4 H.4.2.2.1.1", steps=STEP)
def profiles_are_for_colour(step: StepEvidence) -> Iterator[Judgement]:
    """ICC Profile is given only where colour is printed."""
    for act in requests(step, "N-CREATE", "N-SET", of=FILM_BOX):
        context = act.association.context(act.exchange.context_id)
        colour = context is not None and context.abstract_syntax == COLOR_META
        yield judge(
            colour or "ICCProfile" not in act.dataset(), expected="no ICC Profile",
            actual="ICC Profile for grayscale", at=act.exchange,
        )  # fmt: skip


@check("print.scu-fixed-attributes", judges=SCU, level=MUST, cites="PS3.4 H.4.2.2.2.1", steps=STEP)
def what_is_fixed_is_not_changed(step: StepEvidence) -> Iterator[Judgement]:
    """The N-SET of a film box leaves format, orientation, size and annotation format alone."""
    fixed = ("ImageDisplayFormat", "FilmOrientation", "FilmSizeID", "AnnotationDisplayFormatID",
             "ReferencedFilmSessionSequence", "RequestedResolutionID")  # fmt: skip
    for act in requests(step, "N-SET", of=FILM_BOX):
        wrong = [each for each in fixed if each in act.sent]
        yield judge(not wrong, expected="none of these", actual=wrong, at=act.exchange)


@check("print.scu-not-its-business", judges=SCU, level=SHOULD, cites="PS3.4 H.4.2.2.1.1",
       steps=STEP)  # fmt: skip
def boxes_are_left_to_the_printer(step: StepEvidence) -> Iterator[Judgement]:
    """The N-CREATE of a film box leaves its image and annotation boxes to the printer."""
    theirs = ("ReferencedImageBoxSequence", "ReferencedBasicAnnotationBoxSequence")
    for act in requests(step, "N-CREATE", of=FILM_BOX):
        wrong = [each for each in theirs if sequence(act.sent, each)]
        yield judge(not wrong, expected="none of these", actual=wrong, at=act.exchange)


@check("print.scu-annotation-negotiated", judges=SCU, level=SHOULD, cites="PS3.4 H.3.3.2",
       steps=STEP, consequence="The text is not on the film.")  # fmt: skip
def annotations_are_negotiated(step: StepEvidence) -> Iterator[Judgement]:
    """Annotation Display Format ID is given only where the Basic Annotation Box SOP Class was
    accepted."""
    for act in requests(step, "N-CREATE", of=FILM_BOX):
        if value(act.sent, "AnnotationDisplayFormatID"):
            there = bool(act.association.accepted(ANNOTATION_BOX))
            yield judge(there, expected="negotiated", actual="not accepted", at=act.exchange)
