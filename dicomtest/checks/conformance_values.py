"""Objects that are sent: encoding, values, text and pixels (PS3.5 6 to 9, PS3.3 C.7.6.3)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCU, check
from dicomtest.checks.conformance_objects import examined, judged
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

STEP = "store"
PIXELS = "no object with Pixel Data was sent"


@check("store.scu-readable", judges=SCU, level=MUST, cites=("PS3.5 7.1", "PS3.5 10"), steps=STEP,
       consequence="The object cannot be opened.")  # fmt: skip
def objects_can_be_read(step: StepEvidence) -> Iterator[Judgement]:
    """The data set is encoded in the transfer syntax of its presentation context, to its last
    byte."""
    for exchange, each in examined(step):
        yield judge(not each.problem, expected="a data set", actual=each.problem, at=exchange)


@check("store.scu-order", judges=SCU, level=MUST, cites="PS3.5 7.1", steps=STEP,
       consequence="Some systems find only part of the attributes.")  # fmt: skip
def elements_are_in_order(step: StepEvidence) -> Iterator[Judgement]:
    """The elements of a data set and of each item are in ascending order of their tags, each
    once."""
    yield from judged(step, "order")


@check("store.scu-values", judges=SCU, level=MUST, cites="PS3.5 6.2", steps=STEP,
       consequence="Dates, numbers and names are not understood, or are cut.")  # fmt: skip
def values_are_legal(step: StepEvidence) -> Iterator[Judgement]:
    """A value has the characters, the form and at most the length that its VR allows."""
    yield from judged(step, "values")


@check("store.scu-padding", judges=SCU, level=MUST, cites=("PS3.5 6.2", "PS3.5 7.1.1"), steps=STEP,
       consequence="Values do not compare equal, and queries do not find them.")  # fmt: skip
def values_are_padded(step: StepEvidence) -> Iterator[Judgement]:
    """Every value has an even length; character strings are padded with a space, UIDs with
    NUL."""
    yield from judged(step, "padding")


@check("store.scu-value-multiplicity", judges=SCU, level=MUST,
       cites=("PS3.5 6.4", "PS3.6 6"), steps=STEP)  # fmt: skip
def attributes_have_as_many_values_as_they_may(step: StepEvidence) -> Iterator[Judgement]:
    """An attribute has as many values as PS3.6 gives it."""
    yield from judged(step, "multiplicity")


@check("store.scu-value-representation", judges=SCU, level=MUST,
       cites=("PS3.5 6.2", "PS3.6 6"), steps=STEP,
       consequence="The value is read as something else.")  # fmt: skip
def value_representations_are_those_of_the_dictionary(step: StepEvidence) -> Iterator[Judgement]:
    """An explicit VR is the one that PS3.6 gives the attribute, or UN."""
    found = list(judged(step, "representation"))
    if not found:
        raise NotApplicable("every object came in Implicit VR")
    yield from found


@check("store.scu-uids", judges=SCU, level=MUST, cites="PS3.5 9.1", steps=STEP,
       consequence="Systems reject the object, or take two objects for one.")  # fmt: skip
def uids_are_legal(step: StepEvidence) -> Iterator[Judgement]:
    """A UID has at most 64 characters, numbers without leading zeros, and dots between them."""
    yield from judged(step, "uids")


@check("store.scu-character-set", judges=SCU, level=MUST,
       cites=("PS3.3 C.12.1.1.2", "PS3.5 6.1"), steps=STEP,
       consequence="Names are shown as other letters, and queries do not find them.")  # fmt: skip
def text_is_in_the_declared_character_set(step: StepEvidence) -> Iterator[Judgement]:
    """Text is encoded in Specific Character Set, which has a value where it is there, names
    Defined Terms only, and is there where text needs more than the default repertoire."""
    yield from judged(step, "text")


@check("store.scu-private-blocks", judges=SCU, level=MUST,
       cites=("PS3.5 7.8.1", "PS3.5 7.1"), steps=STEP,
       consequence="Private values are taken for those of another vendor.")  # fmt: skip
def private_elements_are_reserved(step: StepEvidence) -> Iterator[Judgement]:
    """Private elements stand in a block that a private creator has reserved, and no group is used
    that a data set may not have."""
    yield from judged(step, "private")


@check("store.scu-pixel-description", judges=SCU, level=MUST,
       cites=("PS3.3 C.7.6.3", "PS3.5 8.1.1", "PS3.5 8.2"), steps=STEP,
       consequence="The image is not shown, or with wrong grey values or colours.")  # fmt: skip
def pixels_are_described_without_contradiction(step: StepEvidence) -> Iterator[Judgement]:
    """Rows, columns, samples, bits, photometric interpretation and palette agree with each other
    and with the transfer syntax."""
    found = list(judged(step, "description"))
    if not found:
        raise NotApplicable(PIXELS)
    yield from found


@check("store.scu-pixel-data", judges=SCU, level=MUST,
       cites=("PS3.3 C.7.6.3", "PS3.5 8.1.1", "PS3.5 A.4"), steps=STEP,
       consequence="The image is cut, shifted, or not shown at all.")  # fmt: skip
def pixels_are_what_is_described(step: StepEvidence) -> Iterator[Judgement]:
    """Pixel Data has the length that its description and the number of frames ask for; encapsulated
    pixel data has whole fragments, one frame for each of Number of Frames, and frames of the
    dimensions described."""
    found = list(judged(step, "pixels"))
    if not found:
        raise NotApplicable(PIXELS)
    yield from found
