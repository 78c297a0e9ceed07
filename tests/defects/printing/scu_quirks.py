"""Habits of real print clients: no check may fail or warn."""

from __future__ import annotations

from pydicom import Dataset

from .registry import Registry, add
from .scu import IMPLICIT, PrintSCU, lut_shape, lut_table
from .scu_defects import InColour, InTwelveBits, WithText
from .words import (
    COLOR_META,
    FILM_BOX,
    FILM_SESSION,
    GRAY_BOX,
    GRAYSCALE_META,
    IMAGE_SEQUENCE,
    PRESENTATION_LUT,
    PRINT_JOB,
    PRINTER,
)

QUIRKS: Registry = {}

add(QUIRKS, "PS3.3 C.13.5")(InColour)
add(QUIRKS, "PS3.3 C.13.5")(InTwelveBits)
add(QUIRKS, "PS3.4 H.4.4")(WithText)


@add(QUIRKS, "PS3.4 H")
class Plain(PrintSCU):
    """Nothing special."""


@add(QUIRKS, "PS3.7 10.1.5.1.4")
class LeavesUidsToThePrinter(PrintSCU):
    """No N-CREATE has a SOP Instance UID."""

    names_instances = False


@add(QUIRKS, "PS3.4 H.4.1.2.1")
class BareSession(PrintSCU):
    """The film session has no data set, and nobody asks the printer."""

    def session_data(self) -> Dataset | None:
        return None

    def ask_printer(self) -> None:
        """Not at all."""


@add(QUIRKS, "PS3.4 H.4.1.2.1.3")
class LeavesAtOnce(PrintSCU):
    """Releases after the print; nothing is deleted."""

    def finish(self) -> None:
        """Nothing."""


@add(QUIRKS, "PS3.8 7.3")
class Aborts(LeavesAtOnce):
    """Ends the association with an abort."""

    aborts = True


@add(QUIRKS, "PS3.4 H.3.1")
class ProposesEverything(PrintSCU):
    """Both Meta SOP Classes, and the Printer beside them."""

    optional = (COLOR_META, PRINTER, PRINT_JOB)


@add(QUIRKS, "PS3.5 10.1")
class ImplicitOnly(PrintSCU):
    """Only the default transfer syntax."""

    syntaxes = (IMPLICIT,)


@add(QUIRKS, "PS3.4 H.4.1.2.4")
class PrintsTheSession(PrintSCU):
    """Two films, printed as one session."""

    def print_film(self) -> None:
        self.make_film()
        self.set_images()
        self.action(FILM_SESSION, self.session)

    def finish(self) -> None:
        self.delete(FILM_SESSION, self.session)


@add(QUIRKS, "PS3.4 H.4.2.2.3")
class FilmAfterFilm(PrintSCU):
    """Two films, one after another, and then a second session."""

    def print_film(self) -> None:
        super().print_film()
        self.delete(FILM_BOX, self.film)
        self.make_film()
        self.set_images()
        super().print_film()
        self.delete(FILM_SESSION, self.session)
        self.make_session()
        self.make_film()
        self.set_images()
        super().print_film()


@add(QUIRKS, "PS3.4 H.4.3")
class SomeBoxesOnly(PrintSCU):
    """One image of four, set twice, and another one set and erased again."""

    display = "STANDARD\\2,2"

    def set_images(self) -> None:
        for position in (3, 3, 2):
            self.set(GRAY_BOX, self.boxes[position - 1], self.image_data(position))
        data = Dataset()
        data.ImageBoxPosition = 2
        setattr(data, IMAGE_SEQUENCE[GRAY_BOX], [])
        self.set(GRAY_BOX, self.boxes[1], data)


@add(QUIRKS, "PS3.4 H.4.9")
class WithLut(InTwelveBits):
    """A Presentation LUT for 12 bits, deleted when it is in use."""

    optional = (PRESENTATION_LUT,)

    def lut_data(self) -> Dataset | None:
        return lut_table(4096, 16)

    def print_film(self) -> None:
        self.delete(PRESENTATION_LUT, self.lut, PRESENTATION_LUT)
        super().print_film()


@add(QUIRKS, "PS3.4 H.4.9")
class WithShape(PrintSCU):
    """A Presentation LUT LIN OD whose UID the printer chooses."""

    optional = (PRESENTATION_LUT,)
    names_instances = False

    def lut_data(self) -> Dataset | None:
        return lut_shape("LIN OD")


@add(QUIRKS, "PS3.4 H.4.5.2.2")
class WaitsForTheJob(PrintSCU):
    """Waits for the end of its print job, and asks for the job and for the printer's name."""

    optional = (PRINT_JOB,)

    def wait(self) -> None:
        super().wait()
        self.get(PRINT_JOB, self.job, meta=PRINT_JOB)
        self.get(PRINTER, "1.2.840.10008.5.1.1.17", [0x21100030, 0x00080070])


@add(QUIRKS, "PS3.3 C.13")
class AsksForMuch(PrintSCU):
    """Every attribute there is, and some of its own."""

    def session_data(self) -> Dataset | None:
        data = super().session_data()
        assert data is not None
        data.SpecificCharacterSet, data.FilmSessionLabel = "ISO_IR 100", "Größe"
        data.OwnerID, data.FilmDestination = "Owner", "BIN_2"
        data.private_block(0x0009, "VENDOR", create=True).add_new(1, "LO", "own")
        return data

    def film_data(self) -> Dataset:
        data = super().film_data()
        data.MagnificationType, data.SmoothingType = "CUBIC", "SMOOTH"
        data.BorderDensity, data.EmptyImageDensity, data.Trim = "150", "WHITE", "YES"
        data.MinDensity, data.MaxDensity = 20, 300
        data.Illumination, data.ReflectedAmbientLight = 2000, 10
        data.ConfigurationInformation = "CS000"
        return data

    def image_data(self, position: int) -> Dataset:
        data = super().image_data(position)
        data.Polarity, data.RequestedImageSize = "REVERSE", "100.5"
        data.RequestedDecimateCropBehavior = "DECIMATE"
        return data

    def image_item(self) -> Dataset:
        item = super().image_item()
        item.PhotometricInterpretation, item.PixelAspectRatio = "MONOCHROME1", ["1", "2"]
        item.PatientName = "Burnt^In"
        return item


@add(QUIRKS, "PS3.4 H.4.2.2.2")
class ChangesWhatItMay(PrintSCU):
    """Changes copies and densities of what exists."""

    meta = GRAYSCALE_META

    def print_film(self) -> None:
        session, film = Dataset(), Dataset()
        session.NumberOfCopies = 2
        self.set(FILM_SESSION, self.session, session)
        film.MaxDensity, film.Trim = 250, "NO"
        self.set(FILM_BOX, self.film, film)
        super().print_film()
