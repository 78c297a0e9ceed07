"""What a person says of the films that a printer made: asked at the desk when films were printed.

The answers become the fact `operator`, by question: {answer, by, at}. Of simulated films the
measurable ones are measured. Where nobody is there the fact is None, and the checks are not run.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from dicomtest.awaiting.desk import EXTENSION, Answer, Card, Question
from dicomtest.awaiting.words import Words

if TYPE_CHECKING:
    from dicomtest.actors.print_objects import PrintedFilm
    from dicomtest.dicom.print.render import Drawn
    from dicomtest.evidence import StepEvidence
    from dicomtest.stage import Stage
    from dicomtest.transactions.print import PrintParameters

MEASURED_BY = "measured on the simulated film"
COLOURS = ("red", "green", "blue", "cyan", "magenta", "yellow", "white", "black")
_NAMES = {
    (True, False, False): "red", (False, True, False): "green", (False, False, True): "blue",
    (False, True, True): "cyan", (True, False, True): "magenta", (True, True, False): "yellow",
    (True, True, True): "white", (False, False, False): "black",
}  # fmt: skip
QUESTIONS = {
    "layout": Words(
        "Did every film come out, with each image in its place, upright and unmirrored?",
        "每张胶片是否都已输出，且每幅影像位置正确、方向正确、无镜像？",
    ),
    "text": Words(
        "Can all of the text be read, also the smallest that is meant to be?",
        "所有文字（包括预期可读的最小文字）是否清晰可读？",
    ),
    "steps": Words(
        "Can every grey step be told from its neighbours, also the faint squares within them?",
        "每级灰阶是否都能与相邻灰阶区分，包括其中的淡色小方块？",
    ),
    "colours": Words(
        "Are the colours, from the left: red, green, blue, cyan, magenta, yellow, white, black?",
        "颜色从左到右是否为：红、绿、蓝、青、品红、黄、白、黑？",
    ),
}


def ask(
    stage: Stage,
    parameters: PrintParameters,
    step: StepEvidence,
    taken: Sequence[tuple[PrintedFilm, Drawn]] | None,
) -> None:
    """Fill the facts `grey_steps` and `operator`; `taken` are the films of a simulated printer."""
    reverse = parameters.film.polarity == "REVERSE"
    step.facts["grey_steps"] = steps = grey_steps(step, reverse=reverse)
    if taken is not None:
        measured = _measured(step, taken, steps)
        step.facts["operator"] = {key: measured[key] for key in parameters.ask if key in measured}
        return
    if not any(each["images"] for each in step.facts["sheets"]):
        return  # there is nothing to look at
    questions = [_question(each, steps) for each in parameters.ask if each in QUESTIONS or steps]
    answer = _at_the_desk(stage, parameters, step, questions)
    step.facts["operator"] = None if answer is None else _entries(answer, questions)


def grey_steps(step: StepEvidence, *, reverse: bool = False) -> dict[str, Any]:
    """The grey steps that were printed: {film, image, pattern, patches}, darkest first; or {}.

    Those of the first image that has any. A patch is its value (0 to 1, as the Presentation LUT
    gets it: behind Polarity) and its place in the image.
    """
    sheets = [each for each in step.facts["sheets"] if each["label"] == "print"]
    for number, sheet in enumerate(sheets, start=1):
        for position, pattern in sheet["images"].items():
            if pattern in sheet["patches"]:
                patches = sorted(
                    [round(1 - value, 6) if reverse else value, x, y]
                    for value, x, y in sheet["patches"][pattern]
                )
                return {"film": number, "film_box": sheet["film_box"], "image": int(position),
                        "pattern": pattern, "patches": patches}  # fmt: skip
    return {}


def _question(name: str, steps: dict[str, Any]) -> Question:
    if name in QUESTIONS:
        return Question(name, QUESTIONS[name])
    count = len(steps["patches"])
    values = ", ".join(f"{100 * each[0]:.0f} %" for each in steps["patches"])
    text = Words(
        f"Densities (OD) of the {count} grey steps on film {steps['film']}, image "
        f"{steps['image']} ({steps['pattern']}), from black to white: {values}",
        f"第 {steps['film']} 张胶片第 {steps['image']} 幅影像（{steps['pattern']}）上 {count} "
        f"级灰阶的光学密度（OD），从黑到白：{values}",
    )
    return Question(name, text, "text")


def _at_the_desk(
    stage: Stage, parameters: PrintParameters, step: StepEvidence, questions: list[Question]
) -> Answer | None:
    """Show a card and wait for what is said of it; None when nobody says anything."""
    desk, key = stage.run.desk, f"{step.scenario}/{step.step}"
    recorded = desk.standing(key)
    if recorded is not None:
        return recorded
    if not questions or not desk.expects(key):
        return None
    limit = limit_of(stage, parameters, step)
    name = step.players[step.scp].name or step.players[step.scp].ae_title
    sheets = [each for each in step.facts["sheets"] if each["label"] == "print"]
    count = len(sheets)
    card = Card(
        scenario=step.scenario,
        step=step.step,
        title=Words("Look at the films", "查看胶片"),
        system=name,
        task=Words(
            f"Fetch the films that {name} has just printed ({count}) and look at them.",
            f"请取出 {name} 刚刚打印的胶片（{count} 张）并查看。",
        ),
        awaited=Words("answers to the questions", "对问题的回答"),
        use=[
            (Words(f"Film {number}", f"胶片 {number}"), f"{each['format']}: {_shows(each)}")
            for number, each in enumerate(sheets, start=1)
        ],
        way="operator",
        until=monotonic() + limit,
        limit=limit,
        questions=questions,
    )
    return desk.ask(card)


def limit_of(stage: Stage, parameters: PrintParameters, step: StepEvidence) -> float:
    """Seconds that somebody at the printer has."""
    system = stage.run.casting.system(parameters.to, step.kind)
    return stage.run.site.limits_of(system).step if system is not None else EXTENSION


def _shows(sheet: dict[str, Any]) -> str:
    """The patterns on a film, in the order of the images."""
    return ", ".join(dict.fromkeys(sheet["images"].values())) or "-"


def _entries(answer: Answer, questions: Sequence[Question]) -> dict[str, Any] | None:
    """What was said, by question; None when it was put off."""
    if answer.choice in ("later", "impossible"):
        return None
    at = datetime.fromtimestamp(answer.at, UTC).isoformat(timespec="seconds")
    said = dict(answer.questions)
    if answer.choice == "fails":  # no film, or none that can be looked at
        said = {each.id: "no" for each in questions if each.kind == "yes-no"} | said
    return {
        name: {"answer": text, "by": answer.by, "at": at, "note": answer.note or answer.reason}
        for name, text in said.items()
    }


def _measured(
    step: StepEvidence, taken: Sequence[tuple[PrintedFilm, Drawn]], steps: dict[str, Any]
) -> dict[str, Any]:
    """What a person with a densitometer would find on the films of a simulated printer.

    Whether a text can be read is left to those who see the pictures in the report.
    """
    films = {film.facts["film_box"]: (film, drawn) for film, drawn in taken}
    sheets = [each for each in step.facts["sheets"] if each["label"] == "print"]
    at = datetime.now(UTC).isoformat(timespec="seconds")
    found: dict[str, str] = {
        "layout": _yes(all(_in_place(each, films) for each in sheets if each["images"]))
    }
    drawn = films[steps["film_box"]][1] if steps and steps["film_box"] in films else None
    if drawn is not None:
        box = steps["image"] - 1
        densities = [drawn.density_at(box, x, y) for _, x, y in steps["patches"]]
        if None not in densities:
            known = [float(each or 0) for each in densities]
            found["densities"] = " ".join(f"{each:.3f}" for each in known)
            falls = all(a - b > 0.005 for a, b in itertools.pairwise(known))
            found["steps"] = _yes(falls)
    bars = [
        _colours(films[each["film_box"]][1], int(position) - 1)
        for each in sheets
        for position, name in each["images"].items()
        if name == "colour-bars" and each["film_box"] in films
    ]
    if bars:
        found["colours"] = _yes(all(each == COLOURS for each in bars))
    return {name: {"answer": text, "by": MEASURED_BY, "at": at} for name, text in found.items()}


def _in_place(sheet: dict[str, Any], films: dict[str, tuple[PrintedFilm, Drawn]]) -> bool:
    """Whether a film came out with something to see in each image box that was filled."""
    if sheet["film_box"] not in films:
        return False
    film, drawn = films[sheet["film_box"]]
    filled = {int(each) for each in sheet["images"]}
    seen = {
        number
        for number, box in enumerate(drawn.boxes, start=1)
        if float(box.of(drawn.pixels.astype(np.float64)).std()) > 0
    }
    return set(film.facts["positions"]) == filled and filled <= seen


def _colours(drawn: Drawn, image: int) -> tuple[str, ...]:
    """The colours of the bars of an image, from the left."""
    area = drawn.boxes[image].of(drawn.pixels.astype(np.float64))
    if area.ndim == 2:
        return ()
    row = area[round(area.shape[0] * 0.45)]
    found = []
    for number in range(len(COLOURS)):
        red, green, blue = row[round((number + 0.5) / len(COLOURS) * len(row))] > 127
        found.append(_NAMES[bool(red), bool(green), bool(blue)])
    return tuple(found)


def _yes(it_is: bool) -> str:
    return "yes" if it_is else "no"
