"""What a simulated PACS keeps: DICOM files in a folder and an index of them in memory."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydicom import Dataset

from dicomtest.dicom.attribute_levels import REQUIRED_KEYS, UNIQUE_KEYS
from dicomtest.dicom.attribute_values import Attributes, attributes_of, tag_of, texts
from dicomtest.dicom.find_response import response
from dicomtest.dicom.finding import find
from dicomtest.dicom.headers import UNREADABLE, file_reference, header, same_content
from dicomtest.dicom.information_model import level_of_request, model_of, request_problems
from dicomtest.dicom.matching import BASELINE, Agreement
from dicomtest.dicom.population import COMPUTED_KEYS, Population
from dicomtest.evidence import DataSetRef, Instance

SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
DOES_NOT_MATCH_SOP_CLASS = 0xA900
CANNOT_UNDERSTAND = 0xC000  # PS3.4 Table B.2-1

# Optional Keys the archive supports for existence and matching.
SUPPORTED_KEYS: frozenset[str] = COMPUTED_KEYS | frozenset(
    " ".join(
        (
            "IssuerOfPatientID PatientBirthDate PatientBirthTime PatientSex",
            "OtherPatientIDsSequence OtherPatientNames EthnicGroup PatientComments PatientAge",
            "PatientSize PatientWeight StudyDescription ReferringPhysicianName",
            "ProcedureCodeSequence PhysiciansOfRecord NameOfPhysiciansReadingStudy",
            "AdmittingDiagnosesDescription ReferencedStudySequence SeriesDescription SeriesDate",
            "SeriesTime BodyPartExamined Laterality ProtocolName PerformingPhysicianName",
            "OperatorsName RequestAttributesSequence FrameOfReferenceUID PerformedProcedureStepID",
            "PerformedProcedureStepStartDate InstitutionName StationName",
            "PerformedProcedureStepStartTime PerformedProcedureStepDescription Manufacturer",
            "InstitutionalDepartmentName ManufacturerModelName PatientPosition SOPClassUID Rows",
            "Columns BitsAllocated BitsStored NumberOfFrames SamplesPerPixel",
            "PhotometricInterpretation ImageType ContentDate ContentTime AcquisitionDate",
            "AcquisitionTime AcquisitionNumber ImageComments ConceptNameCodeSequence",
            "CompletionFlag VerificationFlag ReferencedRequestSequence ContentLabel",
            "ContentDescription PresentationCreationDate PresentationCreationTime",
            "ContentCreatorName ReferencedSeriesSequence SliceLocation SliceThickness",
        )
    ).split()
)
_INDEXED = frozenset(UNIQUE_KEYS.values()).union(*REQUIRED_KEYS.values(), SUPPORTED_KEYS)
_TAGS = [int(tag_of(each)) for each in sorted(_INDEXED - COMPUTED_KEYS)]


@dataclass(frozen=True, slots=True)
class Stored:
    """How a C-STORE is answered, and what became of the instance."""

    status: int
    elements: Mapping[str, Any] = field(default_factory=dict)
    instance: Instance | None = None
    duplicate: bool = False  # the same SOP Instance was there before


class Archive:
    """Keeps composite instances and answers queries over them; safe for threads."""

    def __init__(
        self,
        folder: Path,
        *,
        retrieve_ae_title: str = "",
        agreement: Agreement = BASELINE,
        supported: Collection[str] = SUPPORTED_KEYS,
    ) -> None:
        """Begin empty.

        Files that come to lie in `folder` belong to the archive, which deletes them when it
        forgets them. `supported` are the Optional Keys it knows and matches.
        """
        self.folder = folder
        self.retrieve_ae_title = retrieve_ae_title
        self.agreement = agreement
        self.supported = frozenset(supported)
        self._population = Population()
        self._instances: dict[str, Instance] = {}
        self._lock = threading.RLock()

    def __len__(self) -> int:
        """How many instances there are."""
        return len(self._instances)

    @property
    def instances(self) -> list[Instance]:
        """Every instance, in order of arrival."""
        with self._lock:
            return list(self._instances.values())

    def add(
        self, data: DataSetRef | Path, *, sop_class: str = "", sop_instance: str = ""
    ) -> Stored:
        """Keep one instance and say how its C-STORE is answered (PS3.4 B.2.3).

        `sop_class` and `sop_instance` are those of the command set; without them those of the
        data set count. A path is a DICOM file. An instance that is there already is kept as it
        is: 0000 when it is the same again, C000 when the content is another, which stays in its
        file as evidence.
        """
        try:
            ref = file_reference(data) if isinstance(data, Path) else data
            attributes = attributes_of(header(ref, _TAGS))
        except OSError as error:
            return _refused(OUT_OF_RESOURCES, error.strerror or "The file cannot be read")
        except UNREADABLE as error:
            return _refused(CANNOT_UNDERSTAND, f"The data set cannot be read: {error}")
        wrong = _mismatch(attributes, sop_class, sop_instance)
        if wrong:
            return _refused(DOES_NOT_MATCH_SOP_CLASS, wrong)
        instance = _instance(attributes, ref)
        with self._lock:
            known = self._instances.get(instance.sop_instance)
            if known is None:
                self._population.add(attributes)
                self._instances[instance.sop_instance] = instance
                return Stored(SUCCESS, instance=instance)
        same = same_content(known.data, ref, _TAGS)
        if same and known.data != ref:
            self._delete(ref)
        if same:
            return Stored(SUCCESS, instance=known, duplicate=True)
        comment = "Another instance with this SOP Instance UID is stored"
        return Stored(CANNOT_UNDERSTAND, {"ErrorComment": comment}, known, duplicate=True)

    def find(
        self, sop_class: str, identifier: Dataset, *, agreement: Agreement | None = None
    ) -> Iterator[tuple[int, Dataset | None]]:
        """The Pending responses to a query, or one refusal (status, None).

        The final Success is not among them. `agreement` is what extended negotiation of the
        association gave, where it differs from the archive's. Raises KeyError for a SOP Class
        that is not one of Query/Retrieve.
        """
        agreement = agreement or self.agreement
        model, _ = model_of(sop_class)
        keys = attributes_of(identifier)
        for problem in request_problems(sop_class, keys, relational=agreement.relational):
            yield problem.code, None
            return
        level, _ = level_of_request(model, keys)
        assert level is not None, "a request without a level has been refused"
        with self._lock:
            answers = find(
                self._population, model, level, keys, agreement=agreement, supported=self.supported
            )
            found = answers.strict
        for entity in found:
            with self._lock:
                yield response(
                    entity,
                    model,
                    keys,
                    supported=self.supported,
                    retrieve_ae_title=self.retrieve_ae_title,
                    agreement=agreement,
                )

    def select(self, sop_class: str, identifier: Dataset) -> list[Instance]:
        """The instances a C-MOVE or C-GET asks for (PS3.4 C.4.2.3.1); none when refused."""
        model, _ = model_of(sop_class)
        keys = attributes_of(identifier)
        level, _ = level_of_request(model, keys)
        relational = self.agreement.relational
        if level is None or request_problems(sop_class, keys, relational=relational):
            return []
        uniques = {UNIQUE_KEYS[level], *model.unique_keys_above(level)}
        wanted = {name: values for name, values in keys.items() if name in uniques}
        with self._lock:
            found = find(self._population, model, level, wanted, agreement=self.agreement)
            return [
                self._instances[image.unique]
                for entity in found.must
                for image in entity.below(model.levels[-1])
            ]

    def get(self, sop_instance: str) -> Instance | None:
        """The instance with this SOP Instance UID."""
        return self._instances.get(sop_instance)

    def remove(self, sop_instance: str) -> None:
        """Forget an instance, and delete its file if it lies in the folder; KeyError if unknown."""
        with self._lock:
            instance = self._instances.pop(sop_instance)
            self._population.remove(sop_instance)
        self._delete(instance.data)

    def clear(self) -> None:
        """Forget everything and delete the files."""
        for instance in self.instances:
            self.remove(instance.sop_instance)

    def _delete(self, data: DataSetRef) -> None:
        if data.path is not None and self.folder in Path(data.path).parents:
            Path(data.path).unlink(missing_ok=True)


def _mismatch(attributes: Attributes, sop_class: str, sop_instance: str) -> str:
    """What of the data set contradicts the command set, or is missing; "" when nothing."""
    for name in (*UNIQUE_KEYS.values(), "SOPClassUID"):
        if name != "PatientID" and not _first(attributes, name):
            return f"{name} is missing"
    if sop_class not in ("", _first(attributes, "SOPClassUID")):
        return "SOP Class UID differs from Affected SOP Class UID"
    if sop_instance not in ("", _first(attributes, "SOPInstanceUID")):
        return "SOP Instance UID differs from Affected SOP Instance UID"
    return ""


def _instance(attributes: Attributes, data: DataSetRef) -> Instance:
    return Instance(
        sop_class=_first(attributes, "SOPClassUID"),
        sop_instance=_first(attributes, "SOPInstanceUID"),
        study=_first(attributes, "StudyInstanceUID"),
        series=_first(attributes, "SeriesInstanceUID"),
        patient_id=_first(attributes, "PatientID"),
        data=data,
    )


def _first(attributes: Attributes, name: str) -> str:
    return next(iter(texts(attributes.get(name, ()))), "")


def _refused(status: int, comment: str) -> Stored:
    # Error Comment is LO: 64 characters, and what caused it may be anything (PS3.7 Annex C).
    printable = "".join(each if each.isprintable() and each.isascii() else " " for each in comment)
    return Stored(status, {"ErrorComment": printable.replace("\\", "/")[:64]})
