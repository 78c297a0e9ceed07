"""Printers that take what they must refuse, and refuse what they must take."""

from __future__ import annotations

from .defects import DEFECTS
from .registry import add, tolerant
from .scp import Call, Film, PrinterSCP, Refused, Reply, State
from .words import PRESENTATION_LUT

__all__ = ["DEFECTS"]


def _takes(refusal: str, says: str, clause: str, *caught_by: str, probe: str) -> None:
    colour = probe == "gray-in-colour-box"
    tolerant(
        DEFECTS, PrinterSCP, refusal, probe, says, clause, *caught_by,
        probes=[probe], **({"colour": True} if colour else {}),
    )  # fmt: skip


for _refusal, _probe, _check, _says in (
    ("unknown-format", "unknown-format", "unknown-format-refused",
     "A film box of an unknown format is created."),
    ("unknown-format", "malformed-format", "malformed-format-refused",
     "A film box of a format that is no format is created."),
    ("missing-format", "missing-format", "missing-format-refused",
     "A film box without a format is created."),
    ("missing-session-reference", "missing-session-reference", "missing-session-reference-refused",
     "A film box without Referenced Film Session Sequence is created."),
    ("film-box-without-session", "film-box-without-session", "film-box-needs-session",
     "A film box is created although there is no film session."),
    ("second-session", "second-session", "second-session-refused",
     "A second film session is created beside the first."),
    ("empty-session", "empty-session", "empty-session-refused",
     "A film session without a film box is printed."),
    ("delete-unknown", "delete-twice", "deleted-once-only",
     "What does not exist can be deleted."),
    ("unknown-film-box", "print-deleted-film-box", "deleted-not-printed",
     "What does not exist can be printed."),
    ("duplicate", "duplicate-instance", "duplicate-instance-refused",
     "A second film box with the UID of the first is created."),
    ("unknown-action", "unknown-action", "unknown-action-refused",
     "Every action prints."),
    ("unknown-image-box", "unknown-image-box", "unknown-image-box-refused",
     "An image for a box that does not exist is taken."),
    ("missing-pixels", "missing-pixels", "missing-pixels-refused",
     "An image without pixels is taken."),
    ("short-pixels", "short-pixels", "short-pixels-refused",
     "An image with too few pixels is taken."),
    ("missing-position", "image-without-position", "missing-position-refused",
     "An image without a position is taken."),
    ("colour-in-grayscale", "colour-in-grayscale-box", "colour-in-grayscale-refused",
     "A colour image is taken by a grayscale box."),
    ("gray-in-colour", "gray-in-colour-box", "gray-in-colour-refused",
     "A gray image is taken by a color box."),
    ("sixteen-bits", "sixteen-bits", "sixteen-bits-refused",
     "An image of 16 bits is taken."),
    ("film-size", "unsupported-value", "unsupported-value-told",
     "A film size that the printer does not have is taken."),
    ("oversize", "oversize-fail", "oversize-refused",
     "An image that must not be decimated is taken although it is too large."),
    ("lut-shape", "inverse-lut", "inverse-lut-refused",
     "The shape INVERSE is taken."),
    ("lut-table", "bad-lut", "bad-lut-refused",
     "A Presentation LUT of 100 entries is taken."),
    ("deleted-lut", "deleted-lut", "deleted-lut-not-used",
     "A Presentation LUT that was deleted can still be used."),
    ("unknown-printer", "unknown-printer", "unknown-printer",
     "Every instance is the printer."),
):  # fmt: skip
    _takes(_refusal, _says, "PS3.4 H.2.4", _check, probe=_probe)


@add(DEFECTS, "PS3.4 H.2.4", "unsupported-option-told", probes=["unsupported-option"])
class OptionsIgnored(PrinterSCP):
    """An optional attribute with a value that the printer does not have is ignored."""

    def film_box_values(self, call: Call) -> int:
        super().film_box_values(call)
        return 0x0000


@add(DEFECTS, "PS3.4 H.4.2.2.1", "second-film-box", also=("refusal-says-why",),
     probes=["second-film-box"])  # fmt: skip
class OneFilmBoxOnly(PrinterSCP):
    """A further film box is refused, with another status than C616."""

    def second_film_box(self, call: Call) -> None:
        raise Refused(0x0110)


@add(DEFECTS, "PS3.4 H.4.1.2.3", "session-deletes-all", probes=["session-deletes-all"])
class BoxesSurvive(PrinterSCP):
    """Film boxes outlive their film session."""

    def session_deleted(self, state: State) -> None:
        """Nothing."""


@add(DEFECTS, "PS3.4 H.4.1.2", "own-association", "gone-after-release",
     probes=["other-association", "after-release"])  # fmt: skip
class OneSessionForAll(PrinterSCP):
    """Film boxes can be printed on any association, and after theirs is over."""

    def printable(self, call: Call) -> list[Film]:
        return self.everywhere


@add(DEFECTS, "PS3.7 C", "refusal-says-why", probes=["delete-twice", "missing-format"])
class OneStatusForAll(PrinterSCP):
    """Whatever is wrong, the status is Processing failure."""

    def refuse(self, name: str, status: int) -> None:
        raise Refused(0x0110)


@add(DEFECTS, "PS3.4 H.4.1.2.3", "deleted-boxes-refused",
     probes=["deleted-image-box", "session-deletes-boxes"])  # fmt: skip
class ImageBoxesSurvive(PrinterSCP):
    """Image boxes outlive their film box, though it cannot be printed any more."""

    def n_set(self, call: Call) -> Reply:
        gone = [each for each in self.everywhere if call.uid in each.boxes]
        return self.set_image(call, gone[0]) if gone else super().n_set(call)


@add(DEFECTS, "PS3.4 H.4.1.2.1.3", "session-again", probes=["session-again"])
class OneSessionEver(PrinterSCP):
    """There is one film session on an association, and never another."""

    def create_session(self, call: Call, uid: str) -> Reply:
        if call.state.used:
            raise Refused(0x0110)
        return super().create_session(call, uid)


@add(DEFECTS, "PS3.4 H.4.1.2.2", "session-set", probes=["session-set"])
class SessionIsFixed(PrinterSCP):
    """A film session cannot be changed."""

    def set_session(self, call: Call) -> Reply:
        raise Refused(0x0211)


@add(DEFECTS, "PS3.4 H.4.9.2.2", "lut-deleted", presentation_lut="LIN OD")
class LutsForEver(PrinterSCP):
    """Presentation LUTs cannot be deleted."""

    def n_delete(self, call: Call) -> Reply:
        if call.sop_class == PRESENTATION_LUT:
            raise Refused(0x0211)
        return super().n_delete(call)
