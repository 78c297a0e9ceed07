"""Whether what comes back is what was stored (PS3.4 B.4.1, level 2), for move and get alike."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, CheckFunction, check
from dicomtest.checks.retrieved import COERCIBLE, announced, differences, received, sub_operations
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, judge

IDENTITY = frozenset(
    {
        "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber",
        "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "StudyID",
    }
)  # fmt: skip


def readable(step: StepEvidence) -> Iterator[Judgement]:
    """Every retrieved data set decodes in the transfer syntax of its presentation context."""
    for each in sub_operations(step):
        if each.data is None:
            continue
        try:
            ds = each.data.dataset()
            problem = "" if len(ds) else "an empty data set"
        except Exception as error:  # whatever a sick data set makes pydicom raise
            problem = f"{type(error).__name__}: {error}"
        yield judge(not problem, expected="a data set", actual=problem, at=each)


def identity_unchanged(step: StepEvidence) -> Iterator[Judgement]:
    """Patient, study, series and instance are identified as they were when they were stored."""
    return differences(
        step,
        lambda d: d.keyword in IDENTITY and d.path == d.keyword and d.kind != "added",
        "identified as stored",
    )


def standard_unchanged(step: StepEvidence) -> Iterator[Judgement]:
    """Every other attribute of the standard comes back with the value it was stored with."""
    return differences(
        step,
        lambda d: not _private(d.path)
        and d.kind in ("missing", "changed")
        and not (d.keyword in IDENTITY and d.path == d.keyword)
        and d.keyword != "PixelData",
        "as stored",
    )


def private_unchanged(step: StepEvidence) -> Iterator[Judgement]:
    """Private attributes come back with the values they were stored with (level 2)."""
    return differences(
        step, lambda d: _private(d.path) and d.kind in ("missing", "changed"), "as stored"
    )


def pixels_unchanged(step: StepEvidence) -> Iterator[Judgement]:
    """Pixel data stored without loss comes back pixel for pixel the same."""
    return differences(step, lambda d: d.keyword == "PixelData" and d.kind != "vr", "same pixels")


def representation_unchanged(step: StepEvidence) -> Iterator[Judgement]:
    """Attributes keep their value representation."""
    return differences(step, lambda d: d.kind == "vr", "the same VR")


def coercion_announced(step: StepEvidence) -> Iterator[Judgement]:
    """An attribute that the archive coerced is one it may coerce, and the C-STORE was answered
    with warning B000."""
    from dicomtest.dicom.compare import compare_refs

    for exchange, original, _ds in received(step):
        assert exchange.data is not None
        told = announced(step, exchange.sop_instance)
        changed = {
            each.keyword
            for each in compare_refs(original.data, exchange.data)
            if each.path in COERCIBLE and each.kind in ("missing", "changed")
        }
        if changed or told:
            yield judge(
                changed <= told,
                expected="warning B000 when it was stored",
                actual=f"{', '.join(sorted(changed))} changed without a warning",
                at=exchange,
            )


def _private(path: str) -> bool:
    """Whether a path leads to or through a private attribute."""
    return "(" in path and any(
        int(part[1:5], 16) % 2 == 1 for part in path.split(".") if part.startswith("(")
    )


TABLE: tuple[tuple[str, CheckFunction, str], ...] = (
    ("data-sets-decode", readable, "Images come but cannot be opened."),
    ("identity-unchanged", identity_unchanged, "Images are filed under another patient or study."),
    ("attributes-unchanged", standard_unchanged, "Measurements, hanging and reports go wrong."),
    ("private-attributes-unchanged", private_unchanged,
     "Post-processing at the vendor's workstation does not work with archived images."),
    ("pixels-unchanged", pixels_unchanged, "What is read is not what was acquired."),
    ("coercion-announced", coercion_announced, "The modality does not know what was changed."),
)  # fmt: skip
CLAUSES = {"data-sets-decode": "PS3.5 10", "coercion-announced": "PS3.4 B.4.1.3"}


def register(service: str) -> None:
    """Register the table for "move" or "get"."""
    for name, function, consequence in TABLE:
        check(
            f"{service}.{name}",
            judges=SCP,
            level=MUST,
            cites=CLAUSES.get(name, "PS3.4 B.4.1"),
            steps=service,
            consequence=consequence,
        )(function)
    check(
        f"{service}.vr-unchanged",
        judges=SCP,
        level=SHOULD,
        cites="PS3.5 6.2.2",
        steps=service,
    )(representation_unchanged)
