"""Conditions of Type 1C and 2C attributes, as far as the object itself shows whether they hold.

The tables have no conditions: these are written from PS3.3. One that is not here, or of which
the object does not show enough, is "not evaluated" and fails nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dicomtest.dicom.iods.level import Level
from dicomtest.dicom.iods.tables import Attribute, Iod

Condition = Callable[[Level, Level, Iod], bool | None]
"""Whether an attribute is required at that level of an object; None when nobody can say."""

CODE_VALUES = ("CodeValue", "LongCodeValue", "URNCodeValue")


def required(
    keyword: str, level: Level, top: Level, iod: Iod, siblings: Mapping[str, Attribute]
) -> bool | None:
    """Whether the condition of an attribute holds; None when it cannot be evaluated."""
    if keyword in ("CodeValue", "CodingSchemeDesignator") and "CodeMeaning" in siblings:
        return _code(keyword, level)
    condition = ANYWHERE.get(keyword) or (None if level.path else CONDITIONS.get(keyword))
    return condition(level, top, iod) if condition else None


def _code(keyword: str, level: Level) -> bool:
    """Code Sequence Macro (PS3.3 Table 8.8-1): a code of one kind, its scheme for two of them."""
    if keyword == "CodeValue":
        return not any(level.has(each) for each in CODE_VALUES[1:])
    return level.has("CodeValue") or level.has("LongCodeValue")


def _colour(level: Level, _top: Level, _iod: Iod) -> bool:
    return (level.number("SamplesPerPixel") or 1) > 1


def _palette(level: Level, _top: Level, _iod: Iod) -> bool | None:
    if level.text("PhotometricInterpretation") == "PALETTE COLOR":
        return True
    return None if level.has("PixelPresentation") else False


def _palette_data(level: Level, top: Level, iod: Iod) -> bool | None:
    segmented = [f"Segmented{name}PaletteColorLookupTableData" for name in ("Red", "Green", "Blue")]
    return False if any(map(level.has, segmented)) else _palette(level, top, iod)


def _pixels(level: Level, _top: Level, iod: Iod) -> bool | None:
    if ("floating-point-image-pixel", "M") in iod.modules or any(
        map(level.has, ("PixelDataProviderURL", "FloatPixelData", "DoubleFloatPixelData"))
    ):
        return None
    return True if iod.has("image-pixel") else None


def _lossy(level: Level, _top: Level, _iod: Iod) -> bool:
    return level.text("LossyImageCompression") == "01"


def _together_with(keyword: str) -> Condition:
    def condition(level: Level, _top: Level, _iod: Iod) -> bool:
        return level.has(keyword)

    return condition


def _points_to(tag: str) -> Condition:
    def condition(level: Level, _top: Level, _iod: Iod) -> bool:
        found = level.element("FrameIncrementPointer")
        wanted = bytes.fromhex(tag)
        return found is not None and wanted in (
            found.value[at : at + 4] for at in range(0, len(found.value), 4)
        )

    return condition


def _several_frames(level: Level, _top: Level, _iod: Iod) -> bool:
    return (level.number("NumberOfFrames") or 1) > 1


def _anonymised_without(other: str) -> Condition:
    def condition(level: Level, _top: Level, _iod: Iod) -> bool:
        return level.text("PatientIdentityRemoved") == "YES" and not level.has(other)

    return condition


def _unpositioned(_level: Level, _top: Level, iod: Iod) -> bool | None:
    """Whether no plane in space says how the patient lies in the image (PS3.3 C.7.6.1.1.1)."""
    if iod.has("image-plane"):
        return False
    return True if iod.name in _WITHOUT_PLANE else None


_WITHOUT_PLANE = frozenset(
    {"computed-radiography-image", "secondary-capture-image", "ultrasound-image"}
)

CONDITIONS: dict[str, Condition] = {
    "PlanarConfiguration": _colour,
    "PixelData": _pixels,
    "PatientOrientation": _unpositioned,
    "LossyImageCompressionRatio": _lossy,
    "LossyImageCompressionMethod": _lossy,
    "FrameIncrementPointer": _several_frames,
    "FrameTime": _points_to("18006310"),
    "FrameTimeVector": _points_to("18006510"),
    "DeidentificationMethod": _anonymised_without("DeidentificationMethodCodeSequence"),
    "DeidentificationMethodCodeSequence": _anonymised_without("DeidentificationMethod"),
    "ExtendedOffsetTableLengths": _together_with("ExtendedOffsetTable"),
    **dict.fromkeys(
        (f"{each}PaletteColorLookupTableDescriptor" for each in ("Red", "Green", "Blue")), _palette
    ),
    **dict.fromkeys(
        (f"{each}PaletteColorLookupTableData" for each in ("Red", "Green", "Blue")), _palette_data
    ),
}
"""Of attributes of the object itself."""

ANYWHERE: dict[str, Condition] = {
    "WindowWidth": _together_with("WindowCenter"),
    "RescaleSlope": _together_with("RescaleIntercept"),
}
"""Of attributes of the object and of its items."""
