"""The content tree of a structured report (PS3.3 C.17.3): what each kind of item must hold."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.dicom.iods.level import Fault, Level

# Value Type -> what an item of it must have (PS3.3 Table C.17.3-5 and C.18); each Type 1C or 2C.
VALUES: dict[str, tuple[str, ...]] = {
    "TEXT": ("TextValue",),
    "CODE": ("ConceptCodeSequence",),
    "DATETIME": ("DateTime",),
    "DATE": ("Date",),
    "TIME": ("Time",),
    "PNAME": ("PersonName",),
    "UIDREF": ("UID",),
    "COMPOSITE": ("ReferencedSOPSequence",),
    "IMAGE": ("ReferencedSOPSequence",),
    "WAVEFORM": ("ReferencedSOPSequence",),
    "SCOORD": ("GraphicType", "GraphicData"),
    "SCOORD3D": ("GraphicType", "GraphicData", "ReferencedFrameOfReferenceUID"),
    "TCOORD": ("TemporalRangeType",),
    "CONTAINER": ("ContinuityOfContent",),
    "NUM": (),
    "TABLE": (),
}
NAMED = frozenset({"TEXT", "NUM", "CODE", "DATETIME", "DATE", "TIME", "UIDREF", "PNAME"})
RELATIONSHIPS = frozenset(
    {
        *("CONTAINS", "HAS OBS CONTEXT", "HAS CONCEPT MOD", "HAS PROPERTIES", "HAS ACQ CONTEXT"),
        *("INFERRED FROM", "SELECTED FROM"),
    }
)


def is_report(top: Level) -> bool:
    """Whether an object has a content tree."""
    return top.text("ValueType") == "CONTAINER" and top.has("ConceptNameCodeSequence")


def content_faults(top: Level) -> Iterator[Fault]:
    """Content items that lack what their Value Type and Relationship Type ask for."""
    if is_report(top):
        yield from _item(top, root=True)


def _item(item: Level, *, root: bool) -> Iterator[Fault]:
    if not root:
        relationship = item.text("RelationshipType")
        if relationship not in RELATIONSHIPS:
            yield Fault(f"{item.path}RelationshipType", "one of PS3.3 C.17.3.2.4",
                        relationship or "absent")  # fmt: skip
        if item.filled("ReferencedContentItemIdentifier"):  # by reference: nothing else is there
            return
    kind = item.text("ValueType")
    if kind not in VALUES:
        yield Fault(f"{item.path}ValueType", "a Value Type of PS3.3 C.17.3.2.1", kind or "absent")
    elif kind in NAMED and not item.filled("ConceptNameCodeSequence"):
        yield Fault(f"{item.path}ConceptNameCodeSequence", f"an item in a {kind}", "absent")
    for keyword in VALUES.get(kind, ()):
        if not item.filled(keyword):
            yield Fault(f"{item.path}{keyword}", f"a value in a {kind}", "absent or empty")
    if kind == "NUM" and not item.has("MeasuredValueSequence"):
        yield Fault(f"{item.path}MeasuredValueSequence", "present in a NUM", "absent")
    for each in item.below("ContentSequence"):
        yield from _item(each, root=False)
