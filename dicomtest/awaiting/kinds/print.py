"""A real modality or workstation is to print on our printer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

from dicomtest.awaiting.expectation import Expectation, Progress
from dicomtest.awaiting.registry import awaits
from dicomtest.awaiting.words import Words, of_total, patient_rows, patient_values
from dicomtest.dicom.print.classes import FILM_BOX, FILM_SESSION, OF_PRINTING, PRINT

if TYPE_CHECKING:
    from dicomtest.awaiting.arrivals import Message
    from dicomtest.evidence import Association, Exchange, StepEvidence
    from dicomtest.stage import Stage
    from dicomtest.transactions.print import PrintParameters

FORMAT = Words("Film layout", "胶片布局")


def is_print(_association: Association, exchange: Exchange) -> bool:
    """Whether it is a message of print management, from either side."""
    return exchange.service.startswith("N-") and exchange.sop_class in OF_PRINTING


class Films(Expectation):
    """As many films as the step has formats."""

    settle = 5.0

    def __init__(self, stage: Stage, parameters: PrintParameters, step: StepEvidence) -> None:
        """Await films."""
        super().__init__(stage, parameters, step)
        self.want = len(parameters.format)
        self.printer: Any = stage.run.casting.started(parameters.to)
        self.conditions: list[dict[str, Any]] = []

    def begin(self) -> None:
        """Bring the printer into the condition that the step wants."""
        wanted = self.parameters.condition
        if wanted is not None:
            self._condition(wanted.status, wanted.info)
            entry = {"status": wanted.status, "info": wanted.info, "at": time(), "when": "before"}
            self.conditions.append(entry)

    def end(self) -> None:
        """Bring the printer back to normal."""
        if self.parameters.condition is not None:
            self._condition("NORMAL", "")

    def look(self, messages: Sequence[Message], *, lenient: bool) -> Progress:
        """Everything about printing belongs to the step; films are counted as they are made."""
        del lenient
        mine = [exchange for _, exchange in messages]
        asked = [each for each in mine if _asks_to_print(each)]
        boxes = [each for each in mine if each.service == "N-CREATE" and each.sop_class == FILM_BOX]
        good = [each for each in asked if each.status is not None and not _failed(each.status)]
        films = len(self.printer.films)
        condition = self.parameters.condition
        hindered = condition is not None and condition.status == "FAILURE"
        near = self.refused(messages)
        if boxes and not asked:
            near.append(
                Words(
                    "a film was composed, but it was not asked to print it",
                    "已编排胶片，但尚未请求打印",
                )
            )
        have = of_total(films, self.want, "film", "films", "胶片")
        return Progress(
            done=bool(asked) if hindered else bool(good) and films >= self.want,
            mine=mine,
            seen=[have] if films else [],
            near=near,
            short=Words(f"{have.en} printed", f"已打印{have.zh}"),
        )

    def finish(self, progress: Progress) -> None:
        """The films, as pictures in the evidence."""
        from dicomtest.transactions.printing.outcome import keep_films

        del progress
        self.step.facts.update(
            films=[], sheets=[], jobs={}, conditions=self.conditions, probes=[], operator=None,
            colour=self.parameters.colour,
        )  # fmt: skip
        keep_films(self.stage, self.step, self.printer.take_films())

    def make_objects(self, folder: Path) -> bool:
        """Images to print, for a command."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.parameters.study:
            for each in self.stage.known(self.parameters.study).instances:
                name = f"{each.sop_instance}.dcm"
                (folder / name).write_bytes(Path(str(each.data.path)).read_bytes())
            return True
        from dicomtest.studies import Maker, plan_instances, plan_study

        stage, number = self.stage, len(self.stage.evidence)
        plan = plan_study(
            stage.new_patient(), stage.uids, stage.run.seed, number=number, description="PRINT"
        )
        count = self.parameters.images or 1
        maker = Maker(plan, folder, stage.run.seed)
        for pending in plan_instances(["ct"], stage.uids, stage.run.seed, images=count):
            maker.make(pending, "1.2.840.10008.1.2.1")
        return True

    def _condition(self, status: str, info: str) -> None:
        from dicomtest.spec.printer import PrinterCondition

        made = PrinterCondition.model_validate({"status": status, "info": info})
        self.printer.set_condition(made)


def _asks_to_print(exchange: Exchange) -> bool:
    return (
        exchange.service == "N-ACTION"
        and exchange.sop_class in (FILM_BOX, FILM_SESSION)
        and exchange.command.get("ActionTypeID") == PRINT
    )


def _failed(status: int) -> bool:
    from dicomtest.dimse import status_class

    return status_class(status) not in ("success", "warning")


@awaits("print", concerns=is_print)
def printing(stage: Stage, parameters: PrintParameters, step: StepEvidence) -> Expectation:
    """Printing films; what is on them is the system's own choice, unless a study is named."""
    made = Films(stage, parameters, step)
    title = step.players[step.scp].ae_title
    what = of_total(made.want, made.want, "film", "films", "胶片").en.split(" of ")[1]
    colour = " in colour" if parameters.colour else ""
    made.task = Words(
        f"Print {what}{colour} on {title}.", f"请在 {title} 上打印 {made.want} 张胶片。"
    )
    if parameters.study:
        subject = stage.known(parameters.study).plan.subject
        made.use = patient_rows(subject)
        made.values = patient_values(subject)
    made.use.append((FORMAT, ", ".join(parameters.format)))
    made.values |= {"format": parameters.format[0], "images": str(parameters.images or 1)}
    made.awaited = Words(f"{what} printed", f"打印 {made.want} 张胶片")
    made.tell_destination()
    return made
