"""What a person says of the films becomes a verdict; what nobody says is not run."""

from __future__ import annotations

from typing import Any

import pytest
from pydicom import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from dicomtest.checks import all_checks
from dicomtest.dicom.print.classes import (
    FILM_BOX,
    FILM_SESSION,
    GRAYSCALE_META,
    PRESENTATION_LUT,
)
from dicomtest.dicom.print.gsdf import PAPER_VIEWING, Viewing, densities_of
from dicomtest.evidence import (
    EXPLICIT_LITTLE,
    Association,
    DataSetRef,
    Exchange,
    Player,
    PresentationContext,
    Response,
    StepEvidence,
)
from dicomtest.findings import Outcome
from dicomtest.judging import verdict
from dicomtest.transactions.printing.messages import lut_data, reference

LEVELS = [number / 10 for number in range(11)]


def encoded(ds: Dataset) -> DataSetRef:
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_dataset(buffer, ds)
    return DataSetRef(EXPLICIT_LITTLE, data=buffer.getvalue())


def created(sop_class: str, uid: str, ds: Dataset, reply: Dataset | None = None) -> Exchange:
    answer = Response(0x0000, data=None if reply is None else encoded(reply), at=1.0)
    return Exchange(
        "N-CREATE", 1, 1, sop_class, uid, data=encoded(ds), responses=[answer], label="print"
    )


def printed(
    operator: dict[str, str] | None,
    *,
    simulated: bool = False,
    lut: Dataset | None = None,
    medium: str = "BLUE FILM",
    told: dict[str, Any] | None = None,
    taken: bool = True,
    **parameters: Any,
) -> StepEvidence:
    """One film of eleven grey steps, and what was said of it."""
    session, film, reply = Dataset(), Dataset(), Dataset()
    session.MediumType = medium
    film.ImageDisplayFormat = "STANDARD\\1,1"
    for keyword, value in (told or {}).items():
        setattr(reply, keyword, value)
    exchanges = [created(FILM_SESSION, "1.2.1", session)]
    if lut is not None:
        exchanges.append(created(PRESENTATION_LUT, "1.2.3", lut))
        film.ReferencedPresentationLUTSequence = [reference(PRESENTATION_LUT, "1.2.3")]
    exchanges.append(created(FILM_BOX, "1.2.2", film, reply))
    done = [Response(0x0000 if taken else 0xC602, at=2.0)]
    exchanges.append(Exchange("N-ACTION", 2, 1, FILM_BOX, "1.2.2", responses=done))
    contexts = [PresentationContext(1, GRAYSCALE_META, [EXPLICIT_LITTLE], 0, EXPLICIT_LITTLE)]
    association = Association(
        "a1", "requestor", contexts=contexts, outcome="accepted", label="print",
        exchanges=exchanges,
    )  # fmt: skip
    said = None
    if operator is not None:
        said = {name: {"answer": text, "by": "Ada"} for name, text in operator.items()}
    return StepEvidence(
        "films", "1-print", "print", scu="modality", scp="printer",
        players={"printer": Player("printer", simulated, "PRINT", "127.0.0.1", 104)},
        parameters={"ask": ["layout", "text", "steps", "colours", "densities"], **parameters},
        associations=[association],
        facts={
            "operator": said,
            "colour": True,
            "grey_steps": {
                "film": 1, "film_box": "1.2.2", "image": 1, "pattern": "smpte",
                "patches": [[each, 0.5, 0.5] for each in LEVELS],
            },
        },
    )  # fmt: skip


def outcome(check: str, step: StepEvidence) -> tuple[Outcome, str]:
    found = verdict(all_checks()[check], step)
    return found.outcome, found.reason or "; ".join(each.actual for each in found.findings)


def typed(densities: Any) -> str:
    return " ".join(f"{each:.2f}" for each in densities)


YES_OR_NO = [
    ("print.operator-layout", "layout", Outcome.FAILED),
    ("print.operator-text", "text", Outcome.WARNED),
    ("print.operator-steps", "steps", Outcome.WARNED),
    ("print.operator-colours", "colours", Outcome.FAILED),
]


@pytest.mark.parametrize(("check", "question", "broken"), YES_OR_NO)
def test_what_is_said_decides(check: str, question: str, broken: Outcome):
    assert outcome(check, printed({question: "yes"})) == (Outcome.PASSED, "")
    assert outcome(check, printed({question: "No"})) == (broken, "no, says Ada")
    assert outcome(check, printed({question: "unknown"}))[0] is Outcome.NOT_RUN


@pytest.mark.parametrize(("check", "question"), [each[:2] for each in YES_OR_NO])
def test_without_anybody_it_is_not_run(check: str, question: str):
    nobody = "nobody was there to look at the films"

    assert outcome(check, printed(None)) == (Outcome.NOT_RUN, nobody)
    assert outcome(check, printed({})) == (Outcome.NOT_RUN, nobody)
    assert outcome(check, printed(None, ask=["densities"]))[0] is Outcome.NOT_APPLICABLE
    assert outcome(check, printed({}, simulated=True))[0] is Outcome.NOT_APPLICABLE
    assert outcome(check, printed({question: "no"}, simulated=True))[0] is not Outcome.PASSED


def test_without_a_film_there_is_nothing_to_look_at():
    step = printed(None, taken=False)

    assert outcome("print.operator-layout", step) == (Outcome.BLOCKED, "no film was printed")


def test_densities_without_anybody_are_not_run():
    identity = lut_data("IDENTITY", 8)

    assert outcome("print.densities", printed(None, lut=identity))[0] is Outcome.NOT_RUN
    assert outcome("print.densities", printed({"layout": "yes"}, lut=identity)) == (
        Outcome.NOT_RUN, "nobody measured the densities",
    )  # fmt: skip


def test_densities_of_the_display_function_pass_and_others_fail():
    right = densities_of(LEVELS, 0.21, 2.95)
    off = [each + (0.14 if at == 5 else 0) for at, each in enumerate(right)]
    identity = lut_data("IDENTITY", 8)

    def judged(densities: Any, **more: Any) -> tuple[Outcome, str]:
        return outcome(
            "print.densities", printed({"densities": typed(densities)}, lut=identity, **more)
        )

    assert judged(right) == (Outcome.PASSED, "")
    assert judged(off) == (Outcome.FAILED, f"{off[5]:.2f} OD")
    assert judged(off, density_tolerance=0.2) == (Outcome.PASSED, "")
    assert judged([2.9 - 2.7 * each for each in LEVELS])[0] is Outcome.FAILED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("unknown", "nobody measured"),
        ("2.9 1.1 0.2", "for each of three or more"),
        ("2.9 dark 0.2", "'dark' is no density"),
        (typed(densities_of(LEVELS, 0.21, 2.95)[::-1]), "not the darkest"),
        (typed([95.0, *densities_of(LEVELS, 0.21, 2.95)[1:]]), "between 0 and about 4"),
    ],
)
def test_a_slip_of_the_pen_is_not_the_printers_fault(text: str, why: str):
    step = printed({"densities": text}, lut=lut_data("IDENTITY", 8))

    found, reason = outcome("print.densities", step)

    assert found is Outcome.NOT_RUN
    assert why in reason


def test_the_presentation_lut_is_taken_into_account():
    """LIN OD asks for even densities; a table bends the input before the function."""
    even = {"densities": typed([2.9 - 2.7 * each for each in LEVELS])}
    assert outcome("print.densities", printed(even, lut=lut_data("LIN OD", 8)))[0] is Outcome.PASSED
    assert outcome("print.densities", printed(even))[0] is Outcome.NOT_APPLICABLE

    bent = [0.5 * each + 0.5 * (3 * each**2 - 2 * each**3) for each in LEVELS]
    table = {"densities": typed(densities_of(bent, 0.21, 2.95))}
    for bits in (8, 12):
        taken = printed(table, lut=lut_data("table", bits), density_tolerance=0.02)
        assert outcome("print.densities", taken)[0] is Outcome.PASSED
    assert outcome(
        "print.densities", printed(table, lut=lut_data("IDENTITY", 8), density_tolerance=0.02)
    )[0] is Outcome.FAILED  # fmt: skip


def test_the_light_that_the_printer_tells_of_counts():
    bright = Viewing(4000.0, 60.0)
    said = {"densities": typed(densities_of(LEVELS, 0.21, 2.95, bright))}
    told = {"Illumination": 4000, "ReflectedAmbientLight": 60}
    identity = lut_data("IDENTITY", 8)
    tight = {"density_tolerance": 0.02, "lut": identity}

    assert outcome("print.densities", printed(said, told=told, **tight))[0] is Outcome.PASSED
    assert outcome("print.densities", printed(said, **tight))[0] is Outcome.FAILED
    paper = {"densities": typed(densities_of(LEVELS, 0.06, 1.9, PAPER_VIEWING))}
    on_paper = printed(paper, medium="PAPER", **tight)
    assert outcome("print.densities", on_paper)[0] is Outcome.PASSED
