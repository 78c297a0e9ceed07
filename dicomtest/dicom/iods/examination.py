"""One composite object examined: everything that is wrong in it, and whose it is."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from pydicom import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_dataset

from dicomtest.dicom.iods import enumerated, pixels, report_content, values
from dicomtest.dicom.iods.attributes import Presence, presence
from dicomtest.dicom.iods.level import Fault, Level
from dicomtest.dicom.iods.references import Reference, references_of
from dicomtest.dicom.iods.tables import iod_of
from dicomtest.dicom.nesting import problem_of
from dicomtest.evidence import DEFLATED_LITTLE, EXPLICIT_BIG, IMPLICIT_LITTLE, DataSetRef

# What reading an object of a real system may raise, whatever is wrong with its bytes.
UNREADABLE = (
    *(InvalidDicomError, EOFError, KeyError, NotImplementedError, ValueError, TypeError),
    *(AttributeError, IndexError, OverflowError, RecursionError, struct.error, zlib.error, OSError),
)
IDENTITY = (
    "SOPClassUID", "SOPInstanceUID", "PatientName", "PatientID", "IssuerOfPatientID",
    "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate", "StudyTime", "StudyID",
    "AccessionNumber", "ReferringPhysicianName", "SeriesInstanceUID", "Modality", "SeriesNumber",
    "FrameOfReferenceUID", "Laterality", "Manufacturer", "SeriesDescription", "StudyDescription",
    "BodyPartExamined", "ProtocolName",
)  # fmt: skip
"""Attributes of patient, study and series by which objects are compared."""


@dataclass
class Examination:
    """What was found in one object. `faults` are by subject, which is also a check's."""

    sop_class: str
    sop_instance: str
    problem: str = ""  # why it could not be read
    known: bool = True  # whether the tables have its SOP class
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    subjects: frozenset[str] = frozenset()  # what it gave occasion to look at
    conditions: int = 0
    not_evaluated: frozenset[str] = frozenset()
    identity: dict[str, tuple[str, ...]] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)


def examine(data: DataSetRef, *, sop_class: str, sop_instance: str) -> Examination:
    """Read an object as it came and look at everything; nothing is raised for its contents."""
    with warnings.catch_warnings():  # what pydicom warns of is judged here
        warnings.simplefilter("ignore")
        return _examine(data, Examination(sop_class, sop_instance))


def _examine(data: DataSetRef, found: Examination) -> Examination:
    try:
        encoded = _inflated(data)
        found.problem = _structure(encoded, data.transfer_syntax)
        top = Level(_decoded(encoded, data.transfer_syntax))
        for _each in top.walk():
            pass
    except UNREADABLE as error:
        found.problem = found.problem or f"{type(error).__name__}: {error}"
        return found
    try:
        _look(top, data.transfer_syntax, found)
    except UNREADABLE as error:
        found.problem = found.problem or f"{type(error).__name__}: {error}"
    return found


def _look(top: Level, transfer_syntax: str, found: Examination) -> None:
    levels = list(top.walk())
    found.identity = {name: tuple(top.texts(name)) for name in IDENTITY if top.has(name)}
    found.references = list(references_of(top))
    found.faults["order"] = _unordered(levels)
    looks = {
        "values": values.value_faults,
        "uids": values.uid_faults,
        "multiplicity": values.multiplicity_faults,
        "padding": values.padding_faults,
        "text": values.text_faults,
        "private": values.private_faults,
        "enumerated": enumerated.enumerated_faults,
    }
    if transfer_syntax != IMPLICIT_LITTLE:
        looks["representation"] = values.representation_faults
    for subject, look in looks.items():
        found.faults[subject] = [fault for level in levels for fault in look(level)]
    subjects = {*looks, "order"}
    if top.has("PixelData"):
        subjects |= {"description", "pixels"}
        found.faults["description"] = list(pixels.description_faults(top, transfer_syntax))
        found.faults["pixels"] = list(pixels.data_faults(top, transfer_syntax))
    if report_content.is_report(top):
        subjects.add("content")
        found.faults["content"] = list(report_content.content_faults(top))
    iod = iod_of(found.sop_class)
    found.known = iod is not None
    if iod is not None:
        subjects |= {"type 1", "type 2", "conditions"}
        _present(presence(top, iod), found)
    found.subjects = frozenset(subjects)


def _present(there: Presence, found: Examination) -> None:
    found.faults["type 1"] = there.type_1
    found.faults["type 2"] = there.type_2
    found.faults["conditions"] = there.conditional
    found.conditions = there.evaluated
    found.not_evaluated = frozenset(there.not_evaluated)


def _inflated(data: DataSetRef) -> bytes:
    encoded = data.read()
    if data.transfer_syntax == DEFLATED_LITTLE:
        return zlib.decompressobj(wbits=-zlib.MAX_WBITS).decompress(encoded)
    return encoded


def _decoded(encoded: bytes, transfer_syntax: str) -> Dataset:
    return read_dataset(
        io.BytesIO(encoded),
        is_implicit_VR=transfer_syntax == IMPLICIT_LITTLE,
        is_little_endian=transfer_syntax != EXPLICIT_BIG,
    )


def _structure(encoded: bytes, transfer_syntax: str) -> str:
    """What is wrong with the encoding as such; big endian, which is retired, is not looked at."""
    if transfer_syntax == EXPLICIT_BIG:
        return ""
    return problem_of(encoded, implicit=transfer_syntax == IMPLICIT_LITTLE)


def _unordered(levels: Iterable[Level]) -> list[Fault]:
    found = []
    for level in levels:
        for before, after in zip(level.order, level.order[1:], strict=False):
            if after <= before:
                found.append(Fault(f"{level.path}{after}", f"a tag above {before}", str(after)))
                break
    return found
