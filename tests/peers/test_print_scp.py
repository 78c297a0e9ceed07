"""DCMTK's dcmprscp as the printer under test: what is found is true, and nothing else is found.

The list of findings is exact, as in test_acceptance.py. Each is shown again by dcmjs-dimse, a
client that is not ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import support
from pydicom import dcmread
from support import dcmprint
from support.programs import environment

from dicomtest.dicom.print.gsdf import Viewing, densities_of
from dicomtest.dicom.print.patterns import smpte, stored, tg18

SCENARIOS = ("printer-basics", "printer-formats")
SUCCESS, INVALID_VALUE, EMPTY_PAGE = 0x0000, 0x0106, 0xB603
PRESENTATION_LUT = "1.2.840.10008.5.1.1.23"
PROBES = "printer-basics/6-print"

pytestmark = pytest.mark.timeout(300)


class Known(NamedTuple):
    """A true non-conformity: how it is judged, the clause, and what dcmprscp does."""

    outcome: str
    clause: str
    does: str


DCMPRSCP = {
    "print.unknown-action-refused": Known(
        "failed", "PS3.7 10.1.4", "prints a film on N-ACTION with Action Type ID 99"
    ),
    "print.image-erased": Known(
        "failed", "PS3.4 H.4.3", "refuses (0106) an empty image sequence, which erases the image"
    ),
    "print.unused-lut": Known(
        "failed",
        "PS3.4 H.3.3.2",
        "refuses (0106) every image while Presentation LUT is negotiated and no LUT referred to",
    ),
    "print.short-pixels-refused": Known(
        "warned", "PS3.3 C.13.5", "takes an image with half of its Pixel Data"
    ),
    "print.inverse-lut-refused": Known(
        "warned", "PS3.3 C.11.4", "creates a Presentation LUT of the shape INVERSE"
    ),
}
# dcmprscp makes no films, so what somebody says of them is made up here.
BY_EYE, BY_METER = "printer-basics/1-print", "printer-basics/3-print"
SAID = {
    BY_EYE: {"layout": "yes", "text": "no"},
    BY_METER: {"densities": ""},  # and of the grey steps nothing
}


def measured() -> str:
    """Densities of the printed grey steps on paper, behind the LUT that the client sends."""
    levels = np.array(sorted(each.p_value for each in tg18(512, 512).patches))
    raised = 0.5 * levels + 0.5 * (3 * levels**2 - 2 * levels**3)
    paper = Viewing(illumination=2000, ambient=10, reflective=True)
    return " ".join(f"{each:.2f}" for each in densities_of(raised, 0.08, 1.85, paper))


def write_answers(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for place, said in SAID.items():
            scenario, _, step = place.partition("/")
            questions = {name: text or measured() for name, text in said.items()}
            entry = {"scenario": scenario, "step": step, "choice": "answers", "by": "Ada",
                     "at": 1.0, "questions": questions}  # fmt: skip
            file.write(json.dumps(entry) + "\n")


@dataclass(frozen=True)
class Run:
    """A run against dcmprscp that has ended, and the printer."""

    printer: support.Dcmprscp
    folder: Path
    exit_status: int
    output: str

    @property
    def record(self) -> dict[str, Any]:
        text = (self.folder / "run.json").read_text(encoding="utf-8")
        return dict(json.loads(text))

    def checks(self, *outcomes: str) -> list[dict[str, Any]]:
        return [each for each in self.record["checks"] if each["outcome"] in outcomes]


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Run the shipped scenarios of a printer against one dcmprscp, which goes on afterwards."""
    folder = tmp_path_factory.mktemp("dcmprscp")
    try:
        printer = support.Dcmprscp(folder / "peer").start()
    except support.Missing as missing:
        pytest.skip(str(missing))
    (folder / "site.yaml").write_text(
        "site: Acceptance of dcmprscp\n"
        f"systems: {{printer: {{ae_title: {printer.ae_title}, host: {printer.host}, "
        f"port: {printer.port}, product: dcmprscp 3.6.7}}}}\n"
        "seed: 20261122\n",
        encoding="utf-8",
    )
    write_answers(folder / "answers.jsonl")
    command = [sys.executable, "-m", "dicomtest", "run", *SCENARIOS, "--site", "site.yaml"]
    command += ["--answers", "answers.jsonl"]
    with printer:
        done = subprocess.run(
            [*command, "--output", "run"],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (folder / "run" / "run.json").is_file(), done.stdout + done.stderr
        yield Run(printer, folder / "run", done.returncode, done.stdout + done.stderr)


def test_what_is_found_is_what_dcmprscp_does_wrong(tested: Run):
    found = {
        (each["check"], each["outcome"], f"{each['scenario']}/{each['step']}")
        for each in tested.checks("failed", "warned")
        if each["check"] != "print.operator-text"
    }

    assert found == {(name, each.outcome, PROBES) for name, each in DCMPRSCP.items()}
    for each in tested.checks("failed", "warned"):
        if each["check"] in DCMPRSCP:
            assert DCMPRSCP[each["check"]].clause in each["cites"]


def test_everything_was_judged_but_what_somebody_must_look_at(tested: Run):
    assert tested.checks("error", "blocked") == []
    assert {each["check"] for each in tested.checks("not-run")} == {"print.operator-steps"}
    assert len(tested.checks("passed")) > 250
    assert tested.record["verdict"] == "not accepted"
    assert tested.exit_status == 1, tested.output


def test_what_somebody_says_of_the_films_is_judged(tested: Run):
    judged = {
        (each["check"], f"{each['scenario']}/{each['step']}"): each
        for each in tested.record["checks"]
        if each["check"].startswith(("print.operator", "print.densities"))
    }

    assert judged["print.operator-layout", BY_EYE]["outcome"] == "passed"
    assert judged["print.operator-text", BY_EYE]["outcome"] == "warned"
    assert judged["print.operator-text", BY_EYE]["actual"] == "no, says Ada"
    assert judged["print.densities", BY_METER]["outcome"] == "passed"
    assert judged["print.densities", BY_METER]["examined"] == 18


def test_the_films_lie_in_its_database_as_they_were_sent(tested: Run):
    """dcmprscp keeps what it prints: a Stored Print object and the images as they came."""
    kept = [dcmread(path) for path in sorted(tested.printer.database.glob("HG_*.dcm"))]
    sent = stored(smpte(512, 512), 8)

    shapes = {(each.Rows, each.Columns, each.BitsStored) for each in kept}
    assert {(512, 512, 8), (512, 512, 12), (256, 256, 8)} <= shapes
    assert any(
        each.pixel_array.shape == sent.shape and np.array_equal(each.pixel_array, sent)
        for each in kept
        if each.BitsStored == 8
    )


def test_the_record_shows_what_the_films_should_look_like(tested: Run):
    groups = {f"{each['scenario']}/{each['step']}": each for each in tested.record["films"]}

    (film,) = groups[BY_EYE]["films"]  # it has no layout of three images one below the other
    assert not groups[BY_EYE]["simulated"]
    assert film["shows"] == ["smpte"]
    assert film["attributes"]["medium"] == "PAPER"  # its own choice, as it said
    assert film["attributes"]["size"] == "8INX10IN"
    assert film["picture"].startswith("iVBOR")
    pixels = dcmprint.film_pixels(tested.folder / film["file"])
    assert pixels.shape == (750, 600)
    assert {int(pixels.min()) < 60, int(pixels.max()) > 230} == {True}


def images(*, bytes_of_it: int | None = None) -> Any:
    return lambda folder: [
        dcmprint.dcmjs_image(folder, stored(smpte(64, 64), 8), bytes_of_it=bytes_of_it)
    ]


# What dcmjs-dimse asks to show each finding, and what it gets: (service, status) among others.
SHOWN: dict[str, tuple[dict[str, Any], Any, list[tuple[str, int]]]] = {
    "print.unknown-action-refused": ({"action": 99}, images(), [("N-ACTION", SUCCESS)]),
    "print.image-erased": (
        {"erase": True}, images(), [("N-SET", SUCCESS), ("N-SET", INVALID_VALUE)],
    ),
    "print.unused-lut": (
        {"also": [PRESENTATION_LUT]}, images(),
        [("N-SET", INVALID_VALUE), ("N-ACTION", EMPTY_PAGE)],
    ),
    "print.short-pixels-refused": (
        {}, images(bytes_of_it=2048), [("N-SET", SUCCESS), ("N-ACTION", SUCCESS)],
    ),
    "print.inverse-lut-refused": (
        {"lut": {"PresentationLUTShape": "INVERSE"}}, images(), [("N-ACTION", SUCCESS)],
    ),
}  # fmt: skip


def test_each_finding_is_shown(tested: Run):
    assert set(SHOWN) == set(DCMPRSCP)


@pytest.mark.parametrize("check", sorted(SHOWN))
def test_a_client_that_is_not_ours_shows_it(check, tested: Run, dcmjs, tmp_path):
    asked, pictures, wanted = SHOWN[check]
    peer = (tested.printer.host, tested.printer.port), tested.printer.ae_title

    said = dcmjs("print", *peer, images=pictures(tmp_path), **asked)

    services = {service for service, _ in wanted}
    got = [
        (each["service"], each["status"]) for each in said.responses if each["service"] in services
    ]
    assert got == wanted, said
