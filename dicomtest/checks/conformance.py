"""Objects that are sent, against the modules of their SOP class (PS3.3, PS3.5 7.4).

The tables are shipped: nothing is downloaded. Conditions that an object does not show enough of
to be evaluated are named, and fail nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCU, SHOULD, check
from dicomtest.checks.conformance_objects import examined, judged
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

STEP = "store"
NAMED = 12  # conditions that are listed by name


def _edition() -> str:
    from dicomtest.dicom.iods.tables import edition

    return f"tables: {edition()}"


def _of_modules(step: StepEvidence, subject: str) -> Iterator[Judgement]:
    """What is judged by the tables; a SOP class that is in none of them is named."""
    unknown = sorted({each.sop_class for _, each in examined(step) if not each.known})
    notes = [_edition(), *(f"not in the tables: {each}" for each in unknown)]
    found = list(judged(step, subject))
    if not found and unknown:
        raise NotApplicable(f"no SOP class is in the tables: {', '.join(unknown)}")
    for number, each in enumerate(found):
        note = "; ".join(notes) if number == 0 else ""
        yield Judgement(each.holds, each.expected, each.actual, each.where, note)


@check("store.scu-type-1", judges=SCU, level=MUST, cites=("PS3.5 7.4.1", "PS3.3 A"), steps=STEP,
       consequence="Viewers and archives reject the object, or show it wrongly.",
       fix="The vendor of the sending device mends the object.")  # fmt: skip
def attributes_of_type_1_have_a_value(step: StepEvidence) -> Iterator[Judgement]:
    """The attributes of Type 1 in the mandatory modules of the IOD, and in the items of every
    sequence that is there, are present with a value."""
    yield from _of_modules(step, "type 1")


@check("store.scu-type-2", judges=SCU, level=MUST, cites=("PS3.5 7.4.3", "PS3.3 A"), steps=STEP,
       consequence="Archives reject the object, or cannot tell unknown from forgotten.",
       fix="The vendor of the sending device mends the object.")  # fmt: skip
def attributes_of_type_2_are_present(step: StepEvidence) -> Iterator[Judgement]:
    """The attributes of Type 2 in the mandatory modules of the IOD, and in the items of every
    sequence that is there, are present, with zero length where the value is unknown."""
    yield from _of_modules(step, "type 2")


@check("store.scu-conditional", judges=SCU, level=MUST,
       cites=("PS3.5 7.4.2", "PS3.5 7.4.4", "PS3.3 A"), steps=STEP,
       consequence="The object cannot be interpreted without the attribute.")  # fmt: skip
def conditional_attributes_are_present(step: StepEvidence) -> Iterator[Judgement]:
    """An attribute of Type 1C or 2C is present where its condition holds, as far as the object
    shows whether it does."""
    evaluated: set[str] = set()
    for _, each in examined(step):
        evaluated |= each.not_evaluated
    names = sorted(evaluated)
    note = _edition()
    if names:
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        note = (f"{len(names)} conditions could not be evaluated: "
                f"{', '.join(names[:NAMED])}{more}; {note}")  # fmt: skip
    for number, found in enumerate(judged(step, "conditions")):
        shown = note if number == 0 else ""
        yield Judgement(found.holds, found.expected, found.actual, found.where, shown)


@check("store.scu-enumerated-values", judges=SCU, level=MUST, cites="PS3.5 6.3", steps=STEP,
       consequence="Software that relies on the value takes a wrong decision, such as left for "
       "right.")  # fmt: skip
def values_are_among_the_enumerated_values(step: StepEvidence) -> Iterator[Judgement]:
    """Where PS3.3 gives an attribute Enumerated Values, its value is one of them."""
    yield from judged(step, "enumerated")


@check("store.scu-report-content", judges=SCU, level=MUST, cites="PS3.3 C.17.3", steps=STEP,
       consequence="Parts of the report or of the dose are not read.")  # fmt: skip
def content_items_are_complete(step: StepEvidence) -> Iterator[Judgement]:
    """Every content item of a structured report has a Relationship Type, a Value Type and what
    its Value Type asks for."""
    found = list(judged(step, "content"))
    if not found:
        raise NotApplicable("no structured report was sent")
    yield from found


@check("store.scu-known-class", judges=SCU, level=SHOULD, cites="PS3.4 B.5", steps=STEP,
       consequence="Only systems of the same vendor can use the object.")  # fmt: skip
def objects_are_of_a_standard_class(step: StepEvidence) -> Iterator[Judgement]:
    """Objects are instances of a standard storage SOP class that is not retired."""
    for exchange, each in examined(step):
        yield judge(each.known, expected="a standard SOP class", actual=each.sop_class,
                    at=exchange)  # fmt: skip


@check("store.scu-second-opinion", judges=SCU, level=SHOULD, cites="PS3.3", steps=STEP)
def another_validator_agrees(step: StepEvidence) -> Iterator[Judgement]:
    """What dciodvfy says of the objects is shown beside these verdicts; it fails nobody."""
    opinions = step.facts.get("dciodvfy")
    if opinions is None:
        raise NotApplicable("dciodvfy is not installed")
    doubted = {each.sop_instance for _, each in examined(step) if any(each.faults.values())}
    for instance, errors in sorted(opinions.items()):
        agrees = bool(errors) == (instance in doubted)
        words = "; ".join(errors[:3]) or "no error, where this program finds one"
        note = "" if agrees else f"dciodvfy differs on {instance}: {words}"
        yield judge(True, at=f"instance {instance}", note=note)
