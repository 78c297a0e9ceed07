"""References of one object to others: by class and instance, with series and study where told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dicomtest.dicom.iods.level import Level


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference; `study` and `series` are "" where the macro does not name them."""

    path: str
    sop_class: str
    sop_instance: str
    series: str = ""
    study: str = ""


def references_of(top: Level) -> Iterator[Reference]:
    """Every reference to a composite instance, wherever it stands."""
    yield from _below(top, study="", series="")


def _below(level: Level, *, study: str, series: str) -> Iterator[Reference]:
    if level.path:
        # The hierarchical macro names study, series and instance on levels of its own (10.4).
        study = level.text("StudyInstanceUID") or study
        series = level.text("SeriesInstanceUID") or series
        if level.filled("ReferencedSOPInstanceUID"):
            yield Reference(
                level.path.rstrip("."),
                level.text("ReferencedSOPClassUID"),
                level.text("ReferencedSOPInstanceUID"),
                series,
                study,
            )
    for items in level.items.values():
        for each in items:
            yield from _below(each, study=study, series=series)
