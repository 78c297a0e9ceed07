"""Broken print clients: each wrong in one way, with the checks that must find it."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from pydicom import Dataset
from pydicom.sequence import Sequence
from pynetdicom.dimse_primitives import N_CREATE

from .registry import Registry, add
from .scu import PrintSCU, lut_shape, lut_table, new_uid
from .words import (
    ANNOTATION_BOX,
    COLOR_BOX,
    COLOR_META,
    FILM_BOX,
    FILM_SESSION,
    GRAY_BOX,
    IMAGE_SEQUENCE,
    PRESENTATION_LUT,
    PRINT_JOB,
    PRINTER,
    reference,
)

DEFECTS: Registry = {}
Change = Callable[[Dataset], None]
NO_FILM = ("scu-heeds-refusal", "scu-no-empty-film")


# --- classes and order


@add(DEFECTS, "PS3.4 H.3.1", "scu-classes")
class NoMetaClass(PrintSCU):
    """Negotiates Presentation LUTs and nothing to print with."""

    def classes(self) -> list[str]:
        return [PRESENTATION_LUT]

    def play(self) -> None:
        self.create(PRESENTATION_LUT, lut_shape("IDENTITY"), meta=PRESENTATION_LUT)


@add(DEFECTS, "PS3.4 H.3.1", "scu-no-member-class")
class ProposesMembers(PrintSCU):
    """Proposes film session and film box beside the Meta SOP Class."""

    optional = (FILM_SESSION, FILM_BOX)


@add(DEFECTS, "PS3.4 H.4.2.2.1", "scu-context")
class WrongContext(PrintSCU):
    """Creates the film session in the context of Presentation LUTs."""

    optional = (PRESENTATION_LUT,)

    def make_session(self) -> None:
        self.session, _ = self.create(FILM_SESSION, self.session_data(), meta=PRESENTATION_LUT)


@add(DEFECTS, "PS3.4 H.4.3", "scu-image-box-class", also=("scu-no-empty-film",))
class ColourForGray(PrintSCU):
    """Sets colour images although grayscale was negotiated."""

    @property
    def box_class(self) -> str:
        return COLOR_BOX

    def image_item(self) -> Dataset:
        gray, self.meta = self.meta, COLOR_META
        item = super().image_item()
        self.meta = gray
        return item


@add(DEFECTS, "PS3.5 7", "scu-data-readable", also=("scu-copies", *NO_FILM))
class Garbage(PrintSCU):
    """The data set of the film session is none."""

    def make_session(self) -> None:
        request = N_CREATE()
        request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = FILM_SESSION, new_uid()
        request.AttributeList = BytesIO(b"\x00\x20\x10\x00IS\xff\x7fgarbage")
        self.ask(request, None)
        self.session = request.AffectedSOPInstanceUID


@add(DEFECTS, "PS3.5 9", "scu-uids")
class LeadingZero(PrintSCU):
    """A UID with a leading zero in a component."""

    def make_session(self) -> None:
        self.session, _ = self.create(FILM_SESSION, self.session_data(), uid="1.2.03.4")


@add(DEFECTS, "PS3.5 9", "scu-uids-once", also=("scu-no-empty-film",))
class SameUidTwice(PrintSCU):
    """The film box has the UID of its session."""

    def make_film(self, uid: str = "") -> None:
        super().make_film(self.session)

    def print_film(self) -> None:
        """There is none."""


@add(DEFECTS, "PS3.4 H.4.1.2.1.3", "scu-session-first")
class FilmBoxFirst(PrintSCU):
    """The film box comes before the session."""

    def make_session(self) -> None:
        self.session = new_uid()
        self.make_film()
        self.session, _ = self.create(FILM_SESSION, self.session_data(), uid=self.session)


@add(DEFECTS, "PS3.4 H.4.1.2.1.3", "scu-one-session")
class TwoSessions(PrintSCU):
    """Creates a second film session beside the first."""

    def make_session(self) -> None:
        super().make_session()
        self.create(FILM_SESSION, self.session_data())


@add(DEFECTS, "PS3.4 H.4.2.2.1", "scu-known-instance")
class IgnoresChosenUids(PrintSCU):
    """Leaves the UID to the printer and prints by one of its own."""

    names_instances = False

    def print_film(self) -> None:
        self.action(FILM_BOX, new_uid())
        super().print_film()


@add(DEFECTS, "PS3.4 H.4.3.1.2.1.3", "scu-known-instance", also=("scu-no-empty-film",))
class InventsImageBoxes(PrintSCU):
    """Does not read the UIDs of the image boxes."""

    def set_images(self) -> None:
        self.boxes = [new_uid()]
        super().set_images()


@add(DEFECTS, "PS3.4 H.4.2.2.3", "scu-nothing-deleted")
class PrintsDeleted(PrintSCU):
    """Prints once more after the film box was deleted."""

    def finish(self) -> None:
        self.delete(FILM_BOX, self.film)
        self.print_film()
        self.delete(FILM_SESSION, self.session)


@add(DEFECTS, "PS3.4 H.2.5", "scu-heeds-refusal", "scu-format-defined")
class DoesNotLook(PrintSCU):
    """Goes on with a film box that was refused."""

    display = "STANDARD\\2"


@add(DEFECTS, "PS3.4 H.4.2.2.4.3", "scu-last-film-box")
class PrintsTheFirst(PrintSCU):
    """Creates two film boxes and prints the first."""

    def print_film(self) -> None:
        first = self.film
        self.make_film()
        self.set_images()
        self.action(FILM_BOX, first)
        super().print_film()


@add(DEFECTS, "PS3.4 H.4.3.1.2.1.3", "scu-box-of-last-film")
class FillsTheFirst(PrintSCU):
    """Creates two film boxes and sets images on the first."""

    def set_images(self) -> None:
        super().set_images()
        boxes = self.boxes
        self.print_film()
        self.make_film()
        super().set_images()
        self.boxes = boxes
        super().set_images()


@add(DEFECTS, "PS3.4 H.4.2.2.4.1", "scu-action")
class OtherAction(PrintSCU):
    """Asks for an action that is not Print."""

    def print_film(self) -> None:
        self.action(FILM_BOX, self.film, kind=2)
        super().print_film()


@add(DEFECTS, "PS3.4 H.4.1.2.4.3", "scu-session-has-film", also=("scu-no-empty-film",))
class PrintsNothing(PrintSCU):
    """Prints a film session without a film box."""

    def make_film(self, uid: str = "") -> None:
        self.action(FILM_SESSION, self.session)
        super().make_film(uid)


@add(DEFECTS, "PS3.4 H.4.2.2.4.2", "scu-no-empty-film")
class EmptyFilm(PrintSCU):
    """Prints a film without images."""

    def set_images(self) -> None:
        """None."""


@add(DEFECTS, "PS3.4 H.4.2.2", "scu-prints")
class ForgetsToPrint(PrintSCU):
    """Sets the images and goes."""

    def print_film(self) -> None:
        """Not at all."""

    def finish(self) -> None:
        """Not at all."""


# --- printer, print jobs, events


@add(DEFECTS, "PS3.4 H.4.6.5", "scu-printer-instance")
class AsksAnotherPrinter(PrintSCU):
    """Asks for the status of an instance of its own."""

    def ask_printer(self) -> None:
        self.get(PRINTER, new_uid())


@add(DEFECTS, "PS3.4 H.4.6.2.2.1", "scu-printer-attributes")
class AsksTooMuch(PrintSCU):
    """Asks the printer for a patient's name."""

    def ask_printer(self) -> None:
        self.get(PRINTER, "1.2.840.10008.5.1.1.17", [0x21100010, 0x00100010])


@add(DEFECTS, "PS3.4 H.4.5.2.2.2", "scu-job-instance")
class AsksForAnyJob(PrintSCU):
    """Asks for a print job that it made up."""

    optional = (PRINT_JOB,)

    def wait(self) -> None:
        super().wait()
        self.get(PRINT_JOB, new_uid(), meta=PRINT_JOB)


@add(DEFECTS, "PS3.4 H.4.5.2.1.2", "scu-confirms-events", hasty=True)
class ConfirmsNothing(PrintSCU):
    """Ignores the events of its print job."""

    optional = (PRINT_JOB,)

    def serve_event(self, message: Any, context_id: int, usual: Any) -> None:
        """Not at all."""

    def wait(self) -> None:
        """Stay until the printer gives up."""
        while self.assoc.is_established:
            time.sleep(0.005)

    def finish(self) -> None:
        """There is nobody to talk to."""


@add(DEFECTS, "PS3.4 H.4.5.2.1.2", "scu-takes-events")
class RefusesEvents(PrintSCU):
    """Answers each event with a failure."""

    optional = (PRINT_JOB,)

    def on_event(self, event: Any) -> Any:
        return 0x0110, None


# --- data sets, attribute by attribute


def _changed(
    name: str, says: str, clause: str, *caught_by: str, also: tuple[str, ...] = (),
    base: type[PrintSCU] = PrintSCU, **changes: Change,
) -> None:  # fmt: skip
    """A client whose session_data, film_data, image_data, image_item ... are changed."""

    def changing(method: str, change: Change) -> Any:
        def changed(self: Any, *arguments: Any) -> Any:
            data = getattr(super(made, self), method)(*arguments)
            change(data)
            return data

        return changed

    methods = {each: changing(each, change) for each, change in changes.items()}
    made = type(name, (base,), {"__doc__": says, **methods})
    add(DEFECTS, clause, *caught_by, also=also)(made)


def values(**attributes: Any) -> Change:
    """Set these attributes; None takes one away."""

    def change(data: Dataset) -> None:
        for keyword, value in attributes.items():
            if value is None:
                data.pop(keyword, None)
            else:
                setattr(data, keyword, value)

    return change


class InColour(PrintSCU):
    """Base: prints colour."""

    meta = COLOR_META


class InTwelveBits(PrintSCU):
    """Base: prints 12 bits."""

    bits = 12


class WithText(PrintSCU):
    """Base: asks for an annotation."""

    optional = (ANNOTATION_BOX,)

    def film_data(self) -> Dataset:
        data = super().film_data()
        data.AnnotationDisplayFormatID = "1"
        return data


for _name, _says, _check, _attributes in (
    ("NoCopies", "Asks for 0 copies.", "scu-copies", {"NumberOfCopies": 0}),
    ("Urgent", "A Print Priority of its own.", "scu-priority", {"PrintPriority": "URGENT"}),
    ("Celluloid", "A Medium Type of its own.", "scu-medium", {"MediumType": "CELLULOID"}),
    ("LeadingZeroBin", "A bin with a leading zero.", "scu-destination",
     {"FilmDestination": "BIN_01"}),
    ("NegativeMemory", "Asks for less than no memory.", "scu-memory", {"MemoryAllocation": -5}),
    ("NoCharacterSet", "Text beyond ASCII without Specific Character Set.", "scu-character-set",
     {"FilmSessionLabel": "Größe"}),
):  # fmt: skip
    _changed(_name, _says, "PS3.3 C.13.1", _check, also=NO_FILM, session_data=values(**_attributes))

_changed("NoSessionReference", "The film box does not refer to its film session.",
         "PS3.4 H.4.2.2.1.1", "scu-session-reference", also=NO_FILM,
         film_data=values(ReferencedFilmSessionSequence=None))  # fmt: skip
_changed("OtherSession", "The film box refers to another film session.", "PS3.4 H.4.2.2.1.1",
         "scu-session-named", also=NO_FILM,
         film_data=values(
             ReferencedFilmSessionSequence=[reference(FILM_SESSION, "1.2.3")]))  # fmt: skip
_changed("NoFormat", "The film box has no format.", "PS3.4 H.4.2.2.1.1", "scu-format", also=NO_FILM,
         film_data=values(ImageDisplayFormat=None))  # fmt: skip
_changed("UsesUnnegotiatedLut", "Refers to a Presentation LUT that was never created.",
         "PS3.4 H.4.9.2.1.3", "scu-lut-before-use", "scu-lut-negotiated",
         film_data=values(
             ReferencedPresentationLUTSequence=[reference(PRESENTATION_LUT, "1.2.4")]))  # fmt: skip
for _name, _says, _check, _attributes in (
    ("Diagonal", "A Film Orientation of its own.", "scu-orientation",
     {"FilmOrientation": "DIAGONAL"}),
    ("OddSize", "A Film Size ID of its own.", "scu-film-size", {"FilmSizeID": "9INX9IN"}),
    ("Zooms", "A Magnification Type of its own.", "scu-magnification",
     {"MagnificationType": "ZOOM"}),
    ("SmoothsBilinear", "Smoothing Type with BILINEAR.", "scu-smoothing",
     {"MagnificationType": "BILINEAR", "SmoothingType": "NORMAL"}),
    ("MaybeTrim", "Trim is neither YES nor NO.", "scu-trim", {"Trim": "MAYBE"}),
    ("GrayBorder", "A border in GREY.", "scu-filling", {"BorderDensity": "GREY"}),
    ("DensitiesSwapped", "Min Density above Max Density.", "scu-densities",
     {"MinDensity": 300, "MaxDensity": 20}),
    ("NoLight", "Illumination is 0.", "scu-illumination", {"Illumination": 0}),
    ("ProfileInGray", "An ICC Profile for grayscale.", "scu-profile-in-colour",
     {"ICCProfile": b"\0\0"}),
    ("NamesBoxes", "Names the image boxes itself.", "scu-not-its-business",
     {"ReferencedImageBoxSequence": [reference(GRAY_BOX, "1.2.5")]}),
    ("TextWithoutClass", "Asks for annotations that were not negotiated.",
     "scu-annotation-negotiated", {"AnnotationDisplayFormatID": "1"}),
):  # fmt: skip
    _changed(_name, _says, "PS3.3 C.13.3", _check, also=NO_FILM, film_data=values(**_attributes))


@add(DEFECTS, "PS3.4 H.4.2.2.2.1", "scu-fixed-attributes")
class ChangesItsMind(PrintSCU):
    """Changes the size of a film box that exists."""

    def print_film(self) -> None:
        data = Dataset()
        data.FilmSizeID = "14INX17IN"
        self.set(FILM_BOX, self.film, data)
        super().print_film()


# --- images and annotations

for _name, _says, _check, _attributes in (
    ("NoPosition", "No Image Box Position.", "scu-position", {"ImageBoxPosition": None}),
    ("OtherPosition", "The position of another image box.", "scu-position-of-box",
     {"ImageBoxPosition": 2}),
    ("NoSequence", "No image sequence.", "scu-image-sequence",
     {IMAGE_SEQUENCE[GRAY_BOX]: None}),
    ("TwoImages", "Two images for one box.", "scu-image-sequence",
     {IMAGE_SEQUENCE[GRAY_BOX]: Sequence([PrintSCU().image_item() for _ in range(2)])}),
    ("Inverse", "A Polarity of its own.", "scu-polarity", {"Polarity": "INVERSE"}),
    ("Scales", "A Requested Decimate/Crop Behavior of its own.", "scu-decimate-crop",
     {"RequestedDecimateCropBehavior": "SCALE"}),
    ("NoWidth", "Requested Image Size is 0.", "scu-image-size", {"RequestedImageSize": "0"}),
):  # fmt: skip
    _changed(_name, _says, "PS3.4 H.4.3.1.2.1.1", _check, also=("scu-no-empty-film",),
             image_data=values(**_attributes))  # fmt: skip

for _name, _says, _check, _base, _attributes in (
    ("NoHighBit", "No High Bit.", "scu-image-attributes", PrintSCU, {"HighBit": None}),
    ("NoPixels", "No Pixel Data.", "scu-pixels", PrintSCU, {"PixelData": None}),
    ("FewPixels", "Less Pixel Data than there are pixels.", "scu-pixel-length", PrintSCU,
     {"PixelData": bytes(100)}),
    ("PaletteColour", "PALETTE COLOR.", "scu-photometric", PrintSCU,
     {"PhotometricInterpretation": "PALETTE COLOR"}),
    ("PixelByPixel", "Colour pixel by pixel.", "scu-planar", InColour, {"PlanarConfiguration": 0}),
    ("MonochromeInColour", "MONOCHROME2 for colour.", "scu-photometric", InColour,
     {"PhotometricInterpretation": "MONOCHROME2"}),
    ("SixteenBits", "16 bits of 16.", "scu-bits", InTwelveBits, {"BitsStored": 16, "HighBit": 15}),
    ("LeftAligned", "12 bits at the upper end of 16.", "scu-bits", InTwelveBits, {"HighBit": 15}),
    ("Signed", "Signed pixels.", "scu-unsigned", PrintSCU, {"PixelRepresentation": 1}),
    ("BeyondTwelveBits", "Pixels of 12 bits with values above 4095.", "scu-pixel-range",
     InTwelveBits, {"PixelData": b"\xff\xff" * 256}),
    ("NoAspect", "A Pixel Aspect Ratio with 0.", "scu-aspect", PrintSCU,
     {"PixelAspectRatio": ["0", "1"]}),
):  # fmt: skip
    _changed(_name, _says, "PS3.3 C.13.5", _check, base=_base, also=("scu-no-empty-film",),
             image_item=values(**_attributes))  # fmt: skip

_changed("ThreeSamples", "Three samples a pixel in a grayscale image box.", "PS3.3 C.13.5",
         "scu-samples", also=("scu-no-empty-film",),
         image_item=values(SamplesPerPixel=3, PixelData=bytes(768)))  # fmt: skip
_changed("TextNowhere", "An annotation without a position.", "PS3.4 H.4.4.2.1.1",
         "scu-annotation-position", base=WithText,
         annotation_data=values(AnnotationPosition=None))  # fmt: skip


# --- Presentation LUTs


def _with_lut(
    name: str, says: str, data: Dataset, *caught_by: str, base: type[PrintSCU] = PrintSCU
) -> None:
    methods = {"__doc__": says, "optional": (PRESENTATION_LUT,), "lut_data": lambda _self: data}
    also = ("scu-lut-before-use", *NO_FILM)
    add(DEFECTS, "PS3.4 H.4.9.2.1.1", *caught_by, also=also)(type(name, (base,), methods))


BOTH = lut_table()
BOTH.PresentationLUTShape = "IDENTITY"
_with_lut("ShapeAndTable", "A shape and a table.", BOTH, "scu-lut-one-form")
_with_lut("InverseShape", "The shape INVERSE.", lut_shape("INVERSE"), "scu-lut-shape")
_with_lut("OddTable", "A table of 1024 entries.", lut_table(1024), "scu-lut-descriptor")
_with_lut("ShortTable", "A table that is too short.", lut_table(short=56), "scu-lut-data")
_with_lut("TableOfOtherBits", "A table of 256 entries for 12 bits.", lut_table(),
          "scu-lut-of-images", base=InTwelveBits)  # fmt: skip
