"""print: send images to a printer and have films made of them (PS3.4 Annex H).

Facts for the checks:
    meta          UID of the Meta SOP Class that was asked for
    colour        whether images in colour are printed
    films         [{number, file, small, film_box, format, images, ...}] what a simulated printer
                  made, as pictures in the evidence
    expected      the same of a real printer: what its films should look like
    sheets        [{film_box, format, cells, images: {position: pattern}, patches, bits}] what was
                  sent, film by film, with the P-values of the grey steps
    jobs          {UID of a print job: its Execution Status as last told}
    conditions    [{status, info, at}] conditions that the simulated printer was brought into
    probes        names of what else was tried, one association each, with its name as label
    no_association  why there was none; absent when there was one
    grey_steps    {film, film_box, image, pattern, patches} whose densities are asked for, or {}
    operator      {question: {answer, by, at}} what a person said of the films; None: nobody did
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from dicomtest.spec.base import Model, OneOrMore
from dicomtest.spec.printer import Condition
from dicomtest.spec.steps import StepParameters, TimeLimit
from dicomtest.spec.words import wrong
from dicomtest.transactions import transaction

if TYPE_CHECKING:
    from dicomtest.evidence import StepEvidence
    from dicomtest.stage import Stage
    from dicomtest.transactions.printing.client import PrintClient


PatternName = Literal["smpte", "tg18", "text", "images", "colour-bars"]
Probe = Literal[
    "unknown-format", "missing-format", "missing-session-reference", "film-box-without-session",
    "second-session", "second-film-box", "empty-page", "empty-session", "delete-twice",
    "print-deleted-film-box", "session-deletes-all", "unknown-image-box", "erased-image",
    "missing-pixels", "short-pixels", "colour-in-grayscale-box", "unsupported-value",
    "unsupported-option", "duplicate-instance", "unknown-printer", "unknown-action",
    "other-association", "after-release", "session-print", "inverse-lut", "bad-lut",
    "deleted-lut", "unused-lut", "oversize-decimate", "oversize-crop", "oversize-fail",
    "oversize-none", "image-without-position", "printer-only", "malformed-format",
    "deleted-image-box", "session-deletes-boxes", "session-again", "session-set",
    "gray-in-colour-box", "sixteen-bits",
]  # fmt: skip
QuestionName = Literal["layout", "text", "steps", "colours", "densities"]


class FilmParameters(Model):
    """What a film is to be like; what is not given is left to the printer."""

    size: str | None = Field(default=None, description="Film Size ID, such as 14INX17IN")
    orientation: Literal["PORTRAIT", "LANDSCAPE"] | None = Field(
        default=None, description="orientation"
    )
    magnification: str | None = Field(default=None, description="Magnification Type")
    smoothing: str | None = Field(default=None, description="Smoothing Type (with CUBIC)")
    border: str | None = Field(default=None, description="Border Density: BLACK, WHITE or 0.01 OD")
    empty: str | None = Field(
        default=None, description="Empty Image Density: BLACK, WHITE or 0.01 OD"
    )
    trim: bool | None = Field(default=None, description="a line round each image")
    min_density: int | None = Field(default=None, ge=0, le=500, description="in hundredths of OD")
    max_density: int | None = Field(default=None, ge=0, le=500, description="in hundredths of OD")
    medium: str | None = Field(default=None, description="Medium Type, such as BLUE FILM or PAPER")
    destination: str | None = Field(default=None, description="Film Destination")
    priority: Literal["HIGH", "MED", "LOW"] | None = Field(
        default=None, description="Print Priority"
    )
    label: str | None = Field(default=None, max_length=64, description="Film Session Label")
    resolution: str | None = Field(default=None, description="Requested Resolution ID")
    annotation_format: str | None = Field(default=None, description="Annotation Display Format ID")
    illumination: int | None = Field(default=None, ge=1, description="in cd/m2")
    ambient: int | None = Field(default=None, ge=0, description="Reflected Ambient Light in cd/m2")
    polarity: Literal["NORMAL", "REVERSE"] | None = Field(default=None, description="of the images")
    image_size: float | None = Field(default=None, gt=0, description="width of the images in mm")
    behaviour: Literal["DECIMATE", "CROP", "FAIL"] | None = Field(
        default=None, description="Requested Decimate/Crop Behavior of the images"
    )


class ConditionParameters(Model):
    """A condition into which a simulated printer is brought."""

    status: Condition = Field(description="NORMAL, WARNING or FAILURE")
    info: str = Field(
        default="", max_length=16, description="Printer Status Info, such as FILM JAM"
    )
    when: Literal["before", "during"] = Field(
        default="during", description="before the association, or on it before the film is printed"
    )
    recovers: bool = Field(
        default=True, description="whether it goes back to NORMAL within the step"
    )


class PrintParameters(StepParameters):
    """Films of test patterns, or of the images of a study."""

    format: Annotated[tuple[str, ...], OneOrMore] = Field(
        ("STANDARD\\1,1",), description="Image Display Formats, one film each"
    )
    film: FilmParameters = Field(FilmParameters(), description="what the films are to be like")
    pattern: Annotated[tuple[PatternName, ...], OneOrMore] = Field(
        ("smpte",), description="what is printed, in turn over the image boxes"
    )
    study: str = Field("", description="name of a saved study whose images are printed")
    images: int | None = Field(None, ge=0, description="images on a film; default: all boxes")
    colour: bool = Field(False, description="Basic Color instead of Basic Grayscale")
    bits: Literal[8, 12] = Field(8, description="bits of a grayscale value")
    photometric: Literal["MONOCHROME1", "MONOCHROME2"] = Field(
        "MONOCHROME2", description="of grayscale images"
    )
    rows: int = Field(512, ge=16, le=8192, description="rows of each image")
    columns: int = Field(512, ge=16, le=8192, description="columns of each image")
    copies: int | None = Field(None, ge=1, le=99, description="Number of Copies")
    presentation_lut: Literal["IDENTITY", "LIN OD", "table"] | None = Field(
        None, description="Presentation LUT to create and to refer to"
    )
    annotation: str = Field("", max_length=64, description="text of the annotation boxes")
    by_session: bool = Field(False, description="print the film session instead of each film box")
    name_instances: Literal["client", "printer"] = Field(
        "client", description="who chooses the SOP Instance UIDs"
    )
    bare_session: bool = Field(False, description="create the film session without a data set")
    job: bool = Field(True, description="negotiate Print Job and wait for its end")
    job_within: TimeLimit = Field(30.0, description="how long to wait for a print job")
    condition: ConditionParameters | None = Field(
        None, description="condition of the simulated printer"
    )
    ask: Annotated[tuple[QuestionName, ...], OneOrMore] = Field(
        (), description="what a person who looks at the films is asked"
    )
    density_tolerance: float = Field(
        0.10, gt=0, le=2, description="of measured densities, in OD (PS3.14 gives none)"
    )
    probes: tuple[Probe, ...] = Field((), description="what else to try, one association each")
    optional: bool = Field(False, description="a printer may well not have this")

    @field_validator("format")
    @classmethod
    def _formats(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from dicomtest.dicom.print.formats import parse_format

        for each in value:
            try:
                parse_format(each)
            except ValueError as error:
                raise wrong(str(error), "write it as the standard does: 'STANDARD\\2,3'") from None
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> PrintParameters:
        if self.colour and self.bits != 8:
            raise wrong("colour has 8 bits a sample", "leave bits out")
        if self.colour and self.presentation_lut:
            raise wrong("a Presentation LUT is for grey images", "leave presentation_lut out")
        return self

    def uses(self) -> list[str]:
        """The study it prints."""
        return [self.study] if self.study else []


def describe(parameters: PrintParameters) -> str:
    """The step in words."""
    what = f"images of {parameters.study}" if parameters.study else ", ".join(parameters.pattern)
    words = "in colour " if parameters.colour else ""
    films = ", ".join(parameters.format) if len(parameters.format) <= 3 else (
        f"{len(parameters.format)} formats"
    )  # fmt: skip
    text = f"print {what} {words}as {films}, {parameters.from_} to {parameters.to}"
    if parameters.condition:
        text += f", printer in {parameters.condition.status}"
    return f"{text}, and {len(parameters.probes)} probes" if parameters.probes else text


@transaction("print", parameters=PrintParameters, describe=describe)
def carry_out(stage: Stage, parameters: PrintParameters, step: StepEvidence) -> None:
    """Print the films, then try each probe; what the printer made is in the evidence."""
    from dicomtest.transactions.printing.client import PrintClient
    from dicomtest.transactions.printing.expected import draw_expected
    from dicomtest.transactions.printing.outcome import keep_films
    from dicomtest.transactions.printing.pictures import Pictures
    from dicomtest.transactions.printing.probes import probe

    step.facts.update(
        films=[], sheets=[], jobs={}, conditions=[], probes=list(parameters.probes), operator=None,
        colour=parameters.colour,
    )  # fmt: skip
    real = stage.run.casting.is_real(parameters.to, step.kind)
    if parameters.condition and real and not _by_hand(stage, parameters, step):
        return
    client = PrintClient(stage, parameters, step, Pictures(stage, parameters))
    try:
        if not real:
            _condition(stage, parameters, step, "before")
        _print(stage, client, parameters, step)
        if not (step.problem or step.not_applicable):
            for name in parameters.probes:
                probe(name, client)
    finally:
        if not real:
            _back_to_normal(stage, parameters)
        elif parameters.condition:
            stage.ask_for_condition(parameters, step, "NORMAL")
        stage.collect(step)
        taken = None
        if not real:
            printer: Any = stage.run.casting.started(parameters.to)
            taken = printer.take_films()
            keep_films(stage, step, taken)
        else:
            draw_expected(stage, step)
    if parameters.ask and not (step.problem or step.not_applicable):
        stage.ask_about_films(parameters, step, taken)


def _print(
    stage: Stage, client: PrintClient, parameters: PrintParameters, step: StepEvidence
) -> None:
    """The films, on one association."""
    with client.associate("print") as on:
        if not client.usable(on):
            return
        on.printer_status("before")
        on.create_lut()
        if not on.create_session():
            return
        films = 0
        for format_ in parameters.format:
            box = on.create_film_box(format_)
            if box is None:
                continue
            taken = on.set_images(box)
            on.annotate(box)
            _condition(stage, parameters, step, "during")
            films += bool(taken)
            if not parameters.by_session:
                if taken or parameters.images == 0:  # an empty film on purpose only
                    on.print_film_box(box)
                if not client.is_real:
                    _recover(stage, parameters, on)
                on.wait_for_job()
                on.delete_film_box(box)
        if parameters.by_session and films:
            on.print_session()
            on.wait_for_job()
        on.delete_session()
        on.delete_lut()
        on.printer_status("after")


def _by_hand(stage: Stage, parameters: PrintParameters, step: StepEvidence) -> bool:
    """Have somebody bring a real printer into a condition; if not, say why in the step."""
    wanted = parameters.condition
    assert wanted is not None, "the step has a condition"
    if wanted.when == "during":
        step.not_applicable = "only a simulated printer gets into trouble at the right moment"
        return False
    step.not_run = stage.ask_for_condition(parameters, step, wanted.status)
    if not step.not_run:
        _note(step, wanted)
    return not step.not_run


def _condition(stage: Stage, parameters: PrintParameters, step: StepEvidence, when: str) -> None:
    wanted = parameters.condition
    if wanted is not None and wanted.when == when:
        _bring_into(stage, parameters, wanted.status, wanted.info)
        _note(step, wanted)


def _note(step: StepEvidence, wanted: ConditionParameters) -> None:
    from time import time

    entry = {"status": wanted.status, "info": wanted.info, "at": time(), "when": wanted.when}
    step.facts["conditions"].append(entry)


def _recover(stage: Stage, parameters: PrintParameters, on: Any) -> None:
    wanted = parameters.condition
    if wanted is not None and wanted.recovers and wanted.status != "NORMAL":
        on.wait_for_job(until=("PENDING", "FAILURE", "DONE"))
        _bring_into(stage, parameters, "NORMAL", "")


def _back_to_normal(stage: Stage, parameters: PrintParameters) -> None:
    if parameters.condition is not None:
        _bring_into(stage, parameters, "NORMAL", "")


def _bring_into(stage: Stage, parameters: PrintParameters, status: str, info: str) -> None:
    from dicomtest.spec.printer import PrinterCondition

    condition = PrinterCondition.model_validate({"status": status, "info": info})
    printer = stage.run.casting.started(parameters.to)
    printer.set_condition(condition)  # type: ignore[attr-defined]  # the actor is a printer
