"""What came out of a printer: films of the simulated one, what a person says of a real one.

An operator's answers are one entry for each film, as `Operator`. A check judges them; without
them it is not run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dicomtest.actors.print_objects import PrintedFilm
    from dicomtest.dicom.print.render import Drawn
    from dicomtest.evidence import StepEvidence
    from dicomtest.stage import Stage


def keep_films(
    stage: Stage, step: StepEvidence, taken: Sequence[tuple[PrintedFilm, Drawn]]
) -> None:
    """Move the films of a simulated printer to the evidence and list them in the step."""
    folder = stage.run.folder / "evidence" / "films"
    folder.mkdir(parents=True, exist_ok=True)
    for number, (film, _drawn) in enumerate(taken, start=1):
        name = f"{step.scenario}-{step.step}-{number}"
        Path(film.path).replace(folder / f"{name}.png")
        Path(film.small).replace(folder / f"{name}-small.png")
        step.facts["films"].append(
            {
                "number": number,
                "file": f"evidence/films/{name}.png",
                "small": f"evidence/films/{name}-small.png",
                **film.facts,
            }
        )


def measured(step: StepEvidence, taken: Sequence[tuple[PrintedFilm, Drawn]]) -> list[Any] | None:
    """What a person with a densitometer would find on the films of a simulated printer.

    The densities of the grey steps are measured on the drawn film. Whether a text can be read is
    for a person to say: these answers are None.
    """
    sheets = {each["film_box"]: each for each in step.facts["sheets"] if each["label"] == "print"}
    answers: list[Any] = []
    for number, (film, drawn) in enumerate(taken, start=1):
        sheet = sheets.get(film.facts["film_box"])
        if sheet is None:
            continue
        steps = []
        for name, patches in sheet["patches"].items():
            box = next(int(at) for at, shown in sheet["images"].items() if shown == name) - 1
            for p_value, x, y in patches:
                density = drawn.density_at(box, x, y)
                if density is not None:
                    steps.append(
                        {"pattern": name, "p_value": p_value, "density": round(density, 3)}
                    )
        answers.append(
            {"film": number, "by": "simulator", "layout": True, "text": None, "steps": None,
             "colours": None, "densities": steps}
        )  # fmt: skip
    return answers or None
