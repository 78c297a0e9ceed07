"""The films that came out of the simulated printer, as part of the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

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
