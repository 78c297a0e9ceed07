"""What a person says of the films: layout, text, grey steps, colours, measured densities.

The answers are the fact `operator` of the step; without them these checks are not run. Of the
films of a simulated printer only what can be measured is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.print_evidence import STEP, Act, acts, number, sequence, value
from dicomtest.dicom.print.classes import FILM_BOX, FILM_SESSION, PRESENTATION_LUT
from dicomtest.dicom.print.film import LIN_OD
from dicomtest.dicom.print.gsdf import (
    FILM_VIEWING,
    PAPER_VIEWING,
    Viewing,
    judge_densities,
    read_densities,
)
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Blocked, Judgement, NotApplicable, NotRun, judge

MISREAD = "Findings on the film are missed, or seen where there are none."


def answer(step: StepEvidence, question: str) -> dict[str, Any]:
    """What was said to a question.

    Raises NotApplicable when it was not asked or cannot be answered here, NotRun when nobody
    answered it, Blocked when there was nothing to look at.
    """
    asked = step.parameters.get("ask") or ()
    if question not in ([asked] if isinstance(asked, str) else asked):
        raise NotApplicable("this was not asked")
    said = step.facts.get("operator")
    if said is None:
        if not any(act.took for act in acts(step, "N-ACTION")):
            raise Blocked("no film was printed")
        raise NotRun("nobody was there to look at the films")
    given = said.get(question) or {}
    if not str(given.get("answer") or "").strip():
        player = step.players.get(step.scp)
        if player is not None and player.simulated:
            raise NotApplicable("the printer is simulated: its films are in the report")
        if question == "densities":
            raise NotRun("nobody measured the densities")
        raise NotRun("nobody was there to look at the films")
    return dict(given)


def confirmed(step: StepEvidence, question: str, expected: str) -> Iterator[Judgement]:
    """That a question was answered by yes."""
    given = answer(step, question)
    said = str(given["answer"]).strip().lower()
    if said not in ("yes", "no"):
        raise NotRun("the person who looked at the films could not tell")
    by = given.get("by") or "the operator"
    note = f": {given['note']}" if given.get("note") else ""
    actual = f"no, says {by}{note}"
    yield judge(said == "yes", expected=expected, actual=actual, at="the printed films")


@check(
    "print.operator-layout",
    judges=SCP,
    level=MUST,
    cites=("PS3.3 C.13.3", "PS3.3 C.13.5"),
    steps=STEP,
    when="ask",
    consequence="Images lie where nobody looks for them, or are missing or mirrored.",
)
def films_come_out_as_laid_out(step: StepEvidence) -> Iterator[Judgement]:
    """Every film comes out with each image in the place that the Image Display Format and Image
    Box Position give it, upright and unmirrored."""
    yield from confirmed(step, "layout", "each image in its place")


@check(
    "print.operator-text",
    judges=SCP,
    level=SHOULD,
    cites="PS3.4 H.4.3",
    steps=STEP,
    when="ask",
    consequence="Whose film it is cannot be read.",
)
def text_can_be_read(step: StepEvidence) -> Iterator[Judgement]:
    """The text on the films can be read."""
    yield from confirmed(step, "text", "legible text")


@check(
    "print.operator-steps",
    judges=SCP,
    level=SHOULD,
    cites=("PS3.4 H.2.1.2.3", "PS3.14 7"),
    steps=STEP,
    when="ask",
    consequence=MISREAD,
)
def grey_steps_can_be_told_apart(step: StepEvidence) -> Iterator[Judgement]:
    """Every step of the printed grey scale can be told from its neighbours."""
    yield from confirmed(step, "steps", "grey steps that can be told apart")


@check(
    "print.operator-colours",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.3.2", "PS3.3 C.13.5"),
    steps=STEP,
    when="ask",
    consequence="Colours are exchanged: arteries look like veins.",
)
def colours_are_in_their_order(step: StepEvidence) -> Iterator[Judgement]:
    """Colours come out as colours and in the order in which they were sent."""
    if not step.facts.get("colour"):
        raise NotApplicable("nothing was printed in colour")
    yield from confirmed(
        step, "colours", "red, green, blue, cyan, magenta, yellow, white, black from the left"
    )


@check(
    "print.densities",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.9.2.1", "PS3.14 7.2"),
    steps=STEP,
    when="ask",
    consequence=MISREAD,
    fix="The service engineer of the printer calibrates it to the Grayscale Standard Display "
    "Function.",
)
def densities_follow_the_display_function(step: StepEvidence) -> Iterator[Judgement]:
    """Where a Presentation LUT is used, the densities of the printed grey steps are those that the
    Grayscale Standard Display Function (for LIN OD: a straight line) gives between the measured
    extremes, within the tolerance that the scenario sets."""
    given = answer(step, "densities")
    if str(given["answer"]).strip().lower() in ("unknown", "no"):
        raise NotRun("nobody measured the densities")
    steps = step.facts.get("grey_steps") or {}
    if not steps:
        raise NotApplicable("no grey steps were printed")
    film = _film(step, steps["film_box"])
    lut = _lut(step, film)
    if lut is None:
        raise NotApplicable("no Presentation LUT was used: the curve is the printer's own")
    tolerance = float(step.parameters.get("density_tolerance") or 0.10)
    where = f"film {steps['film']}, image {steps['image']}"
    values = [_p_value(each[0], lut) for each in steps["patches"]]
    try:
        measured = read_densities(str(given["answer"]))
        judged = judge_densities(
            values, measured, _viewing(step, film), linear=lut["shape"] == LIN_OD
        )
    except ValueError as why:  # a slip of the pen is not the printer's
        raise NotRun(f"the densities that were typed in cannot be judged: {why}") from None
    for patch, each in zip(steps["patches"], judged, strict=True):
        yield judge(
            abs(each.deviation) <= tolerance,
            expected=f"{each.expected:.2f} OD, {tolerance:.2f} more or less",
            actual=f"{each.measured:.2f} OD",
            at=f"{where}, {100 * patch[0]:.0f} %",
        )


def _film(step: StepEvidence, uid: str) -> Act | None:
    """The N-CREATE of a film box."""
    found = (each for each in acts(step, "N-CREATE", of=FILM_BOX) if each.created_uid == uid)
    return next(found, None)


def _lut(step: StepEvidence, film: Act | None) -> dict[str, Any] | None:
    """Shape or table of the Presentation LUT that a film box refers to; None for none."""
    if film is None:
        return None
    refers = sequence(film.sent, "ReferencedPresentationLUTSequence")
    wanted = {value(each, "ReferencedSOPInstanceUID") for each in refers}
    for act in acts(step, "N-CREATE", of=PRESENTATION_LUT):
        if act.took and act.created_uid in wanted:
            dataset = act.dataset()
            items = dataset.get("PresentationLUTSequence") or []
            table: Any = ()
            if items:
                data = items[0].get("LUTData", b"")
                raw = data if isinstance(data, bytes) else np.asarray(data, "<u2").tobytes()
                bits = int(items[0].LUTDescriptor[2])
                table = np.frombuffer(raw, "<u2") / (2**bits - 1)
            return {"shape": value(act.sent, "PresentationLUTShape"), "table": table}
    return None


def _p_value(stored: float, lut: dict[str, Any]) -> float:
    """What a Presentation LUT makes of an input from 0 to 1."""
    table = lut["table"]
    if len(table) == 0:
        return stored
    return float(np.interp(stored * (len(table) - 1), np.arange(len(table)), table))


def _viewing(step: StepEvidence, film: Act | None) -> Viewing:
    """How the film is looked at: as the printer says, as was asked, as PS3.4 recommends."""
    sessions = list(acts(step, "N-CREATE", of=FILM_SESSION))
    media = [value(each.reply, "MediumType") or value(each.sent, "MediumType") for each in sessions]
    usual = PAPER_VIEWING if "PAPER" in media else FILM_VIEWING

    def one(keyword: str, default: float) -> float:
        if film is None:
            return default
        told = number(film.reply, keyword) or number(film.sent, keyword)
        return default if told is None else float(told)

    return Viewing(
        one("Illumination", usual.illumination),
        one("ReflectedAmbientLight", usual.ambient),
        usual.reflective,
    )
