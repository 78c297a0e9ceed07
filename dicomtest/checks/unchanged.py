"""Whether what comes back is what was stored (PS3.4 B.4.1, level 2), for move and get alike."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, CheckFunction, check
from dicomtest.checks.retrieved import (
    COERCIBLE,
    copies,
    differences,
    store_statuses,
    sub_operations,
)
from dicomtest.checks.statuses import said
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, judge

IDENTITY = frozenset(
    {
        "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber",
        "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "StudyID",
    }
)  # fmt: skip
# Type 2 in every composite IOD (PS3.3 C.7.1.1, C.7.2.1, C.7.3.1)
TYPE_2 = frozenset(
    {
        "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
        "ReferringPhysicianName", "StudyID", "AccessionNumber", "SeriesNumber",
    }
)  # fmt: skip
# an archive matches queries by these, so it knows their VR
QUERIED = IDENTITY | {"StudyDate", "StudyTime", "Modality", "SeriesNumber", "InstanceNumber"}


def readable(step: StepEvidence) -> Iterator[Judgement]:
    """Every retrieved data set decodes in the transfer syntax of its presentation context."""
    problems = {id(copy.exchange): copy.problem for copy in copies(step)}
    for each in sub_operations(step):
        if each.data is not None:
            problem = problems.get(id(each), "")
            yield judge(not problem, expected="a data set", actual=problem, at=each)


def identity_unchanged(step: StepEvidence) -> Iterator[Judgement]:
    """Patient, study, series and instance are identified as they were when they were stored."""
    return differences(
        step,
        lambda d: d.path in IDENTITY and d.kind in ("missing", "changed"),
        "identified as stored",
    )


def standard_unchanged(step: StepEvidence) -> Iterator[Judgement]:
    """Every other attribute of the standard comes back with the value it was stored with."""
    return differences(
        step,
        lambda d: (
            not _private(d.path)
            and d.kind in ("missing", "changed")
            and d.path not in IDENTITY
            and d.keyword != "PixelData"
        ),
        "as stored",
    )


def type_2_kept(step: StepEvidence) -> Iterator[Judgement]:
    """Attributes of Type 2 are kept also when they have no value."""
    return differences(
        step, lambda d: d.path in TYPE_2 and d.kind == "empty removed", "present without a value"
    )


def private_unchanged(step: StepEvidence) -> Iterator[Judgement]:
    """Private attributes come back with the values they were stored with (level 2)."""
    return differences(
        step, lambda d: _private(d.path) and d.kind in ("missing", "changed"), "as stored"
    )


def pixels_unchanged(step: StepEvidence) -> Iterator[Judgement]:
    """Pixel data stored without loss comes back pixel for pixel the same."""
    return differences(
        step, lambda d: d.keyword == "PixelData" and d.kind in ("missing", "changed"), "same pixels"
    )


def representation_unchanged(step: StepEvidence) -> Iterator[Judgement]:
    """Attributes keep their value representation; those that queries match are not sent as UN."""
    yield from differences(step, lambda d: d.kind == "vr", "the same VR")
    for copy in copies(step):
        for name in sorted(QUERIED) if not copy.problem else ():
            element = copy.ds.get_item(name) if name in copy.ds else None
            if element is not None and element.VR == "UN":
                yield judge(False, expected=f"{name} in its VR", actual="UN", at=copy.exchange)


def coercion_announced(step: StepEvidence) -> Iterator[Judgement]:
    """An attribute that an archive may coerce is unchanged, or the C-STORE was answered with
    warning B000."""
    for copy in copies(step):
        told = 0xB000 in store_statuses(step, copy.exchange.sop_instance)
        changed = {
            each.keyword
            for each in copy.differences
            if each.path in COERCIBLE and each.kind in ("missing", "changed")
        }
        if changed or told:
            yield judge(
                told or not changed,
                expected="warning B000 when it was stored",
                actual=f"{', '.join(sorted(changed))} changed without a warning",
                at=copy.exchange,
            )


def warning_has_a_reason(step: StepEvidence) -> Iterator[Judgement]:
    """An instance whose C-STORE was answered with a warning that elements were coerced (B000) or
    discarded (B006) is not the same as before."""
    indexed = {
        study for before in step.story for study in before.facts.get("coerced", ())
    }  # changed in the index alone
    for copy in copies(step):
        told = store_statuses(step, copy.exchange.sop_instance) & {0xB000, 0xB006}
        if told and not copy.problem and copy.original.study not in indexed:
            yield judge(
                bool(copy.differences),
                expected="0000 when it was stored, or a difference",
                actual=f"{', '.join(said(each) for each in sorted(told, key=str))} and none",
                at=copy.exchange,
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
            cites=CLAUSES.get(name, "PS3.4 B.4.1.1"),
            steps=service,
            consequence=consequence,
        )(function)
    for name, function, clause in (
        ("vr-unchanged", representation_unchanged, "PS3.5 6.2.2"),
        ("type-2-kept", type_2_kept, "PS3.4 B.4.1.1"),
        ("warning-has-a-reason", warning_has_a_reason, "PS3.4 B.2.3"),
    ):
        check(f"{service}.{name}", judges=SCP, level=SHOULD, cites=clause, steps=service)(function)
