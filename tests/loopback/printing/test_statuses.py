"""The simulated printer answers with each status of PS3.4 H.4 where it belongs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from pydicom import Dataset

from dicomtest.actors.printer import Printer
from dicomtest.dicom.print.classes import NAMES
from dicomtest.session import RunSession
from dicomtest.spec.printer import PrinterCondition
from dicomtest.spec.site import Simulator, Site
from tests.defects.matrix import free_port
from tests.defects.printing.scu import PrintSCU, lut_table, new_uid
from tests.defects.printing.words import (
    ANNOTATION_BOX,
    COLOR_META,
    FILM_BOX,
    FILM_SESSION,
    GRAY_BOX,
    PRESENTATION_LUT,
    PRINT_JOB,
    PRINTER,
)


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Printer]:
    session = RunSession(None, tmp_path_factory.mktemp("statuses"), 1)
    session.site = Site("statuses", simulators={"printer": Simulator(port=free_port())})
    try:
        started = session.run.casting.started("printer")
        assert isinstance(started, Printer)
        yield started
    finally:
        session.close()


class Client(PrintSCU):
    """Prints as it is told, and notes every status by service and class."""

    optional = (ANNOTATION_BOX, PRESENTATION_LUT)

    def __init__(self, script: Callable[[Client], None]) -> None:
        super().__init__()
        self.script = script
        self.seen: list[tuple[str, int]] = []

    def play(self) -> None:
        self.script(self)

    def ask(self, request: Any, data: Dataset | None, meta: str = "") -> tuple[Any, Dataset]:
        response, reply = super().ask(request, data, meta)
        named = getattr(request, "AffectedSOPClassUID", None) or request.RequestedSOPClassUID
        service = type(request).__name__.replace("_", "-")
        self.seen.append((f"{service} {NAMES[str(named)]}", int(response.Status)))
        return response, reply

    def begin(self, display: str = "STANDARD\\1,1", **film: Any) -> None:
        """A film session with a film box."""
        self.make_session()
        self.box(display, **film)

    def box(self, display: str = "STANDARD\\1,1", **film: Any) -> None:
        """A film box with these attributes."""
        self.display = display
        data = self.film_data()
        for keyword, value in film.items():
            setattr(data, keyword, value)
        self.film, reply = self.create(FILM_BOX, data)
        items = reply.get("ReferencedImageBoxSequence") or ()
        self.boxes = [str(each.ReferencedSOPInstanceUID) for each in items]

    def image(self, number: int = 0, **wishes: Any) -> None:
        """An image with these attributes; `wide` makes it too large for any box."""
        wide = wishes.pop("wide", False)
        data = self.image_data(number + 1)
        if wide:
            item = data.BasicGrayscaleImageSequence[0]
            item.Rows, item.Columns, item.PixelData = 4, 8192, bytes(4 * 8192)
        for keyword, value in wishes.items():
            setattr(data, keyword, value)
        self.set(GRAY_BOX, self.boxes[number], data)

    def session_of(self, **values: Any) -> None:
        """A film session with these attributes."""
        data = Dataset()
        for keyword, value in values.items():
            setattr(data, keyword, value)
        self.session, _ = self.create(FILM_SESSION, data)


def _two_sessions(on: Client) -> None:
    on.make_session()
    on.make_session()


def _memory(on: Client) -> None:
    on.session_of(MemoryAllocation=1000)


def _copies_collated(on: Client) -> None:
    on.session_of(NumberOfCopies=2)
    on.box()
    on.image()
    on.action(FILM_SESSION, on.session)


def _empty(sop_class: str) -> Callable[[Client], None]:
    def script(on: Client) -> None:
        on.begin()
        on.action(sop_class, on.session if sop_class == FILM_SESSION else on.film)

    return script


def _printed(sop_class: str) -> Callable[[Client], None]:
    def script(on: Client) -> None:
        on.begin()
        on.image()
        on.action(sop_class, on.session if sop_class == FILM_SESSION else on.film)

    return script


def _no_film_box(on: Client) -> None:
    on.make_session()
    on.action(FILM_SESSION, on.session)


def _large(**wishes: Any) -> Callable[[Client], None]:
    def script(on: Client) -> None:
        on.begin("STANDARD\\4,5")
        on.image(wide=True, **wishes)

    return script


def _film(display: str = "STANDARD\\1,1", **values: Any) -> Callable[[Client], None]:
    return lambda on: on.begin(display, **values)


def _image(**values: Any) -> Callable[[Client], None]:
    def script(on: Client) -> None:
        on.begin()
        on.image(**values)

    return script


def _unprinted(on: Client) -> None:
    on.begin()
    on.box()


def _gone(on: Client) -> None:
    on.begin()
    on.delete(FILM_BOX, on.film)
    on.action(FILM_BOX, on.film)


def _not_the_last(on: Client) -> None:
    on.begin()
    first = on.film
    on.box()
    on.action(FILM_BOX, first)


def _same_uid(on: Client) -> None:
    on.make_session()
    on.create(FILM_BOX, on.film_data(), uid=on.session)


def _other_class(on: Client) -> None:
    on.begin()
    on.set("1.2.840.10008.5.1.1.4.1", on.boxes[0], on.image_data(1))


def _other_action(on: Client) -> None:
    on.begin()
    on.image()
    on.action(FILM_BOX, on.film, kind=2)


def _film_set(on: Client) -> None:
    on.begin()
    data = Dataset()
    data.Trim = "YES"
    on.set(FILM_BOX, on.film, data)


def _fixed(on: Client) -> None:
    on.begin()
    data = Dataset()
    data.FilmSizeID = "14INX17IN"
    on.set(FILM_BOX, on.film, data)


def _unknown_printer(on: Client) -> None:
    on.get(PRINTER, new_uid())


def _odd_lut(on: Client) -> None:
    on.create(PRESENTATION_LUT, lut_table(100), meta=PRESENTATION_LUT)


def _empty_lut(on: Client) -> None:
    on.create(PRESENTATION_LUT, None, meta=PRESENTATION_LUT)


SMALL = {"memory": 1}
NO_SESSIONS = {"session_print": False}
JAMMED = PrinterCondition(status="FAILURE", info="FILM JAM")
REFUSES = {"condition": JAMMED, "on_failure": "refuse"}
CASES: list[tuple[Callable[[Client], None], dict[str, Any], str, int]] = [
    (_memory, {}, "N-CREATE film session", 0xB600),
    (_memory, {"memory_allocation": True, "memory": 10}, "N-CREATE film session", 0x0106),
    (_memory, {"memory_allocation": True}, "N-CREATE film session", 0x0000),
    (_two_sessions, {}, "N-CREATE film session", 0x0110),
    (_copies_collated, {"collation": False}, "N-ACTION film session", 0xB601),
    (_copies_collated, {}, "N-ACTION film session", 0x0000),
    (_empty(FILM_SESSION), {}, "N-ACTION film session", 0xB602),
    (_empty(FILM_BOX), {}, "N-ACTION film box", 0xB603),
    (_no_film_box, {}, "N-ACTION film session", 0xC600),
    (_printed(FILM_SESSION), NO_SESSIONS, "N-ACTION film session", 0x0211),
    (_printed(FILM_SESSION), {"queue": 0}, "N-ACTION film session", 0xC601),
    (_printed(FILM_BOX), {"queue": 0}, "N-ACTION film box", 0xC602),
    (_printed(FILM_BOX), REFUSES, "N-ACTION film box", 0xC602),
    (_large(), {}, "N-SET grayscale image box", 0xB604),
    (_large(RequestedDecimateCropBehavior="CROP"), {}, "N-SET grayscale image box", 0xB609),
    (_large(RequestedDecimateCropBehavior="DECIMATE"), {}, "N-SET grayscale image box", 0xB60A),
    (_large(RequestedDecimateCropBehavior="FAIL"), {}, "N-SET grayscale image box", 0xC603),
    (
        _large(RequestedDecimateCropBehavior="DECIMATE", MagnificationType="NONE"),
        {}, "N-SET grayscale image box", 0xC603,
    ),
    (_large(), SMALL, "N-SET grayscale image box", 0xC605),
    (_image(MaxDensity=400), {}, "N-SET grayscale image box", 0xB605),
    (_film(MaxDensity=400), {}, "N-CREATE film box", 0xB605),
    (_unprinted, NO_SESSIONS, "N-CREATE film box", 0xC616),
    (_unprinted, {}, "N-CREATE film box", 0x0000),
    (_film("STANDARD\\0,1"), {}, "N-CREATE film box", 0x0106),
    (_film("STANDARD\\9,9"), {}, "N-CREATE film box", 0x0106),
    (_film("CUSTOM\\7"), {}, "N-CREATE film box", 0x0106),
    (_film("SLIDE"), {"formats": ("STANDARD",)}, "N-CREATE film box", 0x0106),
    (_film(FilmSizeID="A5"), {}, "N-CREATE film box", 0x0106),
    (_film(FilmSizeID="A5"), {"unsupported": "default"}, "N-CREATE film box", 0x0116),
    (_film(SmoothingType="SOFT"), {"smoothing": ()}, "N-CREATE film box", 0x0107),
    (_film(ReferencedFilmSessionSequence=[]), {}, "N-CREATE film box", 0x0106),
    (_film(""), {}, "N-CREATE film box", 0x0121),
    (_same_uid, {}, "N-CREATE film box", 0x0111),
    (_gone, {}, "N-ACTION film box", 0x0112),
    (_not_the_last, {}, "N-ACTION film box", 0x0110),
    (_other_action, {}, "N-ACTION film box", 0x0123),
    (_other_class, {}, "N-SET color image box", 0x0119),
    (_image(ImageBoxPosition=2), {}, "N-SET grayscale image box", 0x0106),
    (_film_set, {}, "N-SET film box", 0x0000),
    (_film_set, {"film_box_set": False}, "N-SET film box", 0x0211),
    (_fixed, {}, "N-SET film box", 0x0106),
    (_unknown_printer, {}, "N-GET printer", 0x0112),
    (_odd_lut, {}, "N-CREATE Presentation LUT", 0x0106),
    (_empty_lut, {}, "N-CREATE Presentation LUT", 0x0120),
]  # fmt: skip


@pytest.mark.parametrize(("script", "claims", "service", "status"), CASES)
def test_each_status_comes_where_it_belongs(
    printer: Printer,
    monkeypatch: pytest.MonkeyPatch,
    script: Callable[[Client], None],
    claims: dict[str, Any],
    service: str,
    status: int,
):
    condition = claims.get("condition", PrinterCondition())
    changed = {key: value for key, value in claims.items() if key != "condition"}
    monkeypatch.setattr(printer, "claims", printer.claims.model_copy(update=changed))
    printer.set_condition(condition)
    client = Client(script)

    try:
        client.run(printer.port, printer.ae_title)
    finally:
        printer.set_condition(PrinterCondition())

    told = [each for name, each in client.seen if name == service]
    assert [f"{each:04X}" for each in told][-1:] == [f"{status:04X}"], client.seen


class Held(PrintSCU):
    """Prints at a printer that is jammed, and waits until it is mended."""

    optional = (PRINT_JOB,)

    def __init__(self, printer: Printer) -> None:
        super().__init__()
        self.printer = printer
        self.states: list[int] = []
        self.pending = Event()

    def serve_event(self, message: Any, context_id: int, usual: Any) -> None:
        super().serve_event(message, context_id, usual)
        if message.AffectedSOPClassUID == PRINT_JOB:
            self.states.append(message.EventTypeID)
            self.pending.set()

    def wait(self) -> None:
        assert self.pending.wait(5)
        assert self.printer.take_films() == []
        self.get(PRINT_JOB, self.job, meta=PRINT_JOB)
        self.printer.set_condition(PrinterCondition())
        super().wait()


def test_a_film_that_is_held_is_printed_once_the_printer_is_well(printer: Printer):
    printer.take_films()
    printer.set_condition(JAMMED)
    client = Held(printer)

    try:
        client.run(printer.port, printer.ae_title)
    finally:
        printer.set_condition(PrinterCondition())

    assert client.states == [1, 2, 3]
    assert len(printer.take_films()) == 1


def test_everything_on_an_association_is_gone_with_it(printer: Printer):
    first = Client(lambda on: on.begin())
    first.run(printer.port, printer.ae_title)

    def again(on: Client) -> None:
        on.make_session()
        on.action(FILM_BOX, first.film)

    second = Client(again)
    second.run(printer.port, printer.ae_title)

    assert second.seen[-1] == ("N-ACTION film box", 0x0112)


def test_colour_comes_out_as_colour(printer: Printer):
    class Colour(PrintSCU):
        meta = COLOR_META

    printer.take_films()
    Colour().run(printer.port, printer.ae_title)

    (film, drawn), *more = printer.take_films()
    assert not more
    assert film.facts["colour"] is True
    assert drawn.pixels.ndim == 3
    assert Path(film.path).is_file()
