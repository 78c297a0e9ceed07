"""Which values a simulated printer takes, and with what status it refuses others (PS3.4 H.2.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pydicom import Dataset
from pydicom.datadict import tag_for_keyword

from dicomtest.dicom.print.formats import DisplayFormat, parse_format

if TYPE_CHECKING:
    from dicomtest.spec.printer import PrinterClaims

MISSING, EMPTY, INVALID, NO_SUCH = 0x0120, 0x0121, 0x0106, 0x0105
LIST_ERROR, OUT_OF_RANGE, DENSITY = 0x0107, 0x0116, 0xB605

Usage = Literal["M/M", "U/M", "U/U"]


class Refused(Exception):
    """A request that is refused: its status, why in words, the attribute it is about."""

    def __init__(self, status: int, why: str, keyword: str = "") -> None:
        """Keep them; `why` becomes Error Comment (at most 64 characters)."""
        super().__init__(why)
        self.status = status
        self.keyword = keyword

    def elements(self) -> dict[str, Any]:
        """The command elements of the response."""
        tag = tag_for_keyword(self.keyword) if self.keyword else None
        found: dict[str, Any] = {"ErrorComment": str(self)[:64]}
        if tag is not None and self.status in (MISSING, EMPTY, NO_SUCH):
            found["AttributeIdentifierList"] = [tag]
        elif tag is not None and self.status == INVALID:
            found["OffendingElement"] = [tag]
        return found


@dataclass
class Taken:
    """What a request set: the values in force, the warning it is answered with, why."""

    values: dict[str, Any] = field(default_factory=dict)
    status: int = 0x0000
    comments: list[str] = field(default_factory=list)
    unsupported: list[int] = field(default_factory=list)  # tags, for 0107

    def warn(self, status: int, why: str) -> None:
        """Note a warning; a status of this service comes before a general one."""
        if self.status == 0 or (status >> 12 == 0xB and self.status >> 12 != 0xB):
            self.status = status
        self.comments.append(why)

    def elements(self) -> dict[str, Any]:
        """The command elements of the response."""
        found: dict[str, Any] = {}
        if self.comments:
            found["ErrorComment"] = "; ".join(self.comments)[:64]
        if self.status == LIST_ERROR and self.unsupported:
            found["AttributeIdentifierList"] = self.unsupported
        return found


@dataclass(frozen=True)
class Rule:
    """One attribute: its usage, whether a value can be had, what stands in for one that cannot."""

    keyword: str
    usage: Usage
    accepts: Callable[[Any], bool]
    default: Any = None
    supported: bool = True  # the attribute itself; of U/U only


def one_of(values: Iterable[str]) -> Callable[[Any], bool]:
    """Accept these values."""
    known = frozenset(values)
    return lambda value: str(value) in known


def number(low: int, high: int) -> Callable[[Any], bool]:
    """Accept whole numbers of a range."""

    def accepts(value: Any) -> bool:
        try:
            return low <= int(value) <= high
        except (TypeError, ValueError):
            return False

    return accepts


def anything(_value: Any) -> bool:
    """Accept every value."""
    return True


def density(value: Any) -> bool:
    """Accept BLACK, WHITE or hundredths of OD."""
    return str(value) in ("BLACK", "WHITE") or str(value).isdigit()


def value_of(dataset: Dataset, keyword: str) -> Any:
    """The value of an attribute: None when it is absent, "" when it is empty."""
    if keyword not in dataset:
        return None
    value = dataset[keyword].value
    return "" if value is None or (isinstance(value, (str, list)) and not len(value)) else value


def take(dataset: Dataset, rules: Sequence[Rule], claims: PrinterClaims) -> Taken:
    """Take what a request sets; raises Refused where PS3.4 H.2.4 asks for a failure."""
    taken = Taken()
    for rule in rules:
        value = value_of(dataset, rule.keyword)
        if value is None or value == "":
            if rule.usage == "M/M":
                status = MISSING if value is None else EMPTY
                raise Refused(status, f"{rule.keyword} is needed", rule.keyword)
            continue
        if rule.accepts(value):
            taken.values[rule.keyword] = value
        elif rule.usage == "U/U" and not rule.supported:
            taken.warn(LIST_ERROR, f"{rule.keyword} was left out")
            taken.unsupported.append(tag_for_keyword(rule.keyword) or 0)
        elif rule.usage == "U/U":
            taken.warn(OUT_OF_RANGE, f"the default instead of {rule.keyword} {value}")
        elif rule.usage == "M/M" or claims.unsupported == "refuse":
            raise Refused(INVALID, f"{rule.keyword} cannot be {value}", rule.keyword)
        else:
            taken.values[rule.keyword] = rule.default
            taken.warn(OUT_OF_RANGE, f"{rule.keyword} {rule.default} instead of {value}")
    _densities(taken, claims)
    return taken


def _densities(taken: Taken, claims: PrinterClaims) -> None:
    """Bring densities into the printer's range, with a warning (B605)."""
    low, high = claims.densities.lowest, claims.densities.highest
    for keyword in ("MinDensity", "MaxDensity"):
        value = taken.values.get(keyword)
        if value is not None and not low <= int(value) <= high:
            taken.values[keyword] = min(max(int(value), low), high)
            taken.warn(DENSITY, f"{keyword} {taken.values[keyword]} instead of {value}")


def session_rules(claims: PrinterClaims) -> list[Rule]:
    """The attributes of a film session (PS3.4 Table H.4-2)."""
    return [
        Rule("NumberOfCopies", "U/M", number(1, claims.max_copies), 1),
        Rule("PrintPriority", "U/M", one_of(("HIGH", "MED", "LOW")), "MED"),
        Rule("MediumType", "U/M", one_of(claims.media), claims.media[0]),
        Rule("FilmDestination", "U/M", one_of(claims.destinations), claims.destinations[0]),
        Rule("FilmSessionLabel", "U/U", anything),
        Rule("OwnerID", "U/U", anything),
        Rule("SpecificCharacterSet", "U/U", anything),
    ]


def film_box_rules(claims: PrinterClaims, *, setting: bool) -> list[Rule]:
    """The attributes of a film box that an N-CREATE, or an N-SET, gives (PS3.4 Table H.4-6)."""
    fixed = [
        Rule("FilmOrientation", "U/M", one_of(("PORTRAIT", "LANDSCAPE")), "PORTRAIT"),
        Rule("FilmSizeID", "U/M", one_of(claims.film_sizes), claims.film_sizes[0]),
        Rule(
            "AnnotationDisplayFormatID",
            "U/U",
            one_of(claims.annotations),
            supported=bool(claims.annotations),
        ),
        Rule("RequestedResolutionID", "U/U", one_of(claims.resolutions)),
    ]
    return [
        *([] if setting else fixed),
        Rule("MagnificationType", "U/M", one_of(claims.magnification), claims.magnification[0]),
        Rule("SmoothingType", "U/U", one_of(claims.smoothing), supported=bool(claims.smoothing)),
        Rule("MaxDensity", "U/M", number(0, 0xFFFF), claims.densities.highest),
        Rule("MinDensity", "U/U", number(0, 0xFFFF)),
        Rule("ConfigurationInformation", "U/M", anything),
        Rule("BorderDensity", "U/U", density),
        Rule("EmptyImageDensity", "U/U", density),
        Rule("Trim", "U/U", one_of(("YES", "NO"))),
        Rule("Illumination", "U/M", number(1, 0xFFFF), 2000),
        Rule("ReflectedAmbientLight", "U/M", number(0, 0xFFFF), 10),
        Rule("ICCProfile", "U/U", anything),
    ]


def image_box_rules(claims: PrinterClaims) -> list[Rule]:
    """The attributes of an image box beside its image (PS3.4 Table H.4-10)."""
    return [
        Rule("Polarity", "U/M", one_of(("NORMAL", "REVERSE")), "NORMAL"),
        Rule("MagnificationType", "U/U", one_of(claims.magnification)),
        Rule("SmoothingType", "U/U", one_of(claims.smoothing), supported=bool(claims.smoothing)),
        Rule("MinDensity", "U/U", number(0, 0xFFFF)),
        Rule("MaxDensity", "U/U", number(0, 0xFFFF)),
        Rule("ConfigurationInformation", "U/U", anything),
        Rule("RequestedImageSize", "U/U", _millimetres),
        Rule("RequestedDecimateCropBehavior", "U/U", one_of(("DECIMATE", "CROP", "FAIL"))),
    ]


def _millimetres(value: Any) -> bool:
    try:
        return 1 <= float(value) <= 1000
    except (TypeError, ValueError):
        return False


def display_format(value: str, claims: PrinterClaims) -> DisplayFormat:
    """The format asked for; raises Refused (0106) for one the printer does not have."""
    keyword = "ImageDisplayFormat"
    try:
        found = parse_format(value)
    except ValueError as error:
        raise Refused(INVALID, str(error), keyword) from None
    if found.kind not in claims.formats:
        raise Refused(INVALID, f"no format {found}", keyword)
    if found.kind == "CUSTOM" and found.counts[0] not in claims.custom:
        raise Refused(INVALID, f"no format {found}", keyword)
    if (found.boxes or 0) > claims.max_boxes:
        raise Refused(INVALID, f"{found.boxes} images are too many for a film", keyword)
    return found
