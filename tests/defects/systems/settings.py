"""What an archive claims and how it goes about it, where the standard leaves a choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydicom import uid as u
from pynetdicom import AllStoragePresentationContexts

VERIFICATION = "1.2.840.10008.1.1"
PATIENT_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.1.1"
PATIENT_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.1.2"
PATIENT_ROOT_GET = "1.2.840.10008.5.1.4.1.2.1.3"
STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_ROOT_GET = "1.2.840.10008.5.1.4.1.2.2.3"
QUERY_RETRIEVE = (
    PATIENT_ROOT_FIND,
    STUDY_ROOT_FIND,
    PATIENT_ROOT_MOVE,
    STUDY_ROOT_MOVE,
    PATIENT_ROOT_GET,
    STUDY_ROOT_GET,
)

NATIVE = (
    str(u.ExplicitVRLittleEndian),
    str(u.ImplicitVRLittleEndian),
    str(u.DeflatedExplicitVRLittleEndian),
    str(u.ExplicitVRBigEndian),
)
COMPRESSED = (
    str(u.RLELossless),
    str(u.JPEGLosslessSV1),
    str(u.JPEGLossless),
    str(u.JPEGLSLossless),
    str(u.JPEGLSNearLossless),
    str(u.JPEG2000Lossless),
    str(u.JPEG2000),
    str(u.JPEGBaseline8Bit),
    str(u.JPEGExtended12Bit),
)
STORAGE_CLASSES = tuple(str(each.abstract_syntax) for each in AllStoragePresentationContexts)


@dataclass(frozen=True)
class Settings:
    """The legal choices of an archive; a quirk changes some of them.

    Times are seconds.
    """

    max_pdu: int = 16384  # announced; 0 means no limit
    max_associations: int = 64
    check_called: bool = True
    storage_classes: tuple[str, ...] = STORAGE_CLASSES
    query_retrieve: tuple[str, ...] = QUERY_RETRIEVE
    syntaxes: tuple[str, ...] = NATIVE + COMPRESSED
    query_syntaxes: tuple[str, ...] = NATIVE[:2]
    proposals_first: bool = True  # the requestor's order of transfer syntaxes decides
    artim: float = 10.0
    idle: float = 120.0
    sub_operation_timeout: float = 10.0

    optional_keys: bool = True  # False: only unique and required keys are supported
    optional_matching: bool = True  # False: optional keys are returned, not matched
    name_case_ignored: bool = True
    name_accents_ignored: bool = False
    names_whole: bool = False  # a key does not match one component group alone
    answer_charset: str = ""  # "": that of the stored object, or UTF-8 where that is too small
    always_charset: bool = False
    retrieve_ae_title: Literal["always", "image level"] = "always"
    instance_availability: bool = False
    relational: bool = False  # negotiated only (C.5.1.1)
    answer_order: Literal["arrival", "reverse", "uid"] = "arrival"
    refusal: int = 0xA900  # status for an identifier that breaks the hierarchy
    comments: bool = True  # Error Comment in failures
    response_sop_class: bool = True  # Affected SOP Class UID in responses is optional
    warn_unsupported: bool = True  # FF01 when an optional key is not supported

    pending_every: int | None = 1  # sub-operations per Pending response; None: none at all
    pending_last: bool = False  # also after the last sub-operation
    pending_first: bool = False  # and before the first
    final_counters: bool = True
    nothing_found: int = 0x0000  # retrieve without a match: 0000, A900 or Cxxx
    associations: Literal["one", "each"] = "one"
    release_late: bool = False  # sub-operations' association ends after the final response
    contexts_per_class: Literal["many", "one"] = "many"
    extra_contexts: bool = False
    retrieve_syntax: str = ""  # "": as stored

    delay: float = 0.0  # before every DIMSE response
    release_delay: float = 0.0
    answer_pause: float = 0.0  # between C-FIND answers
    sub_operation_pause: float = 0.0

    coerce_patient_id: bool = False  # with B000, as PS3.4 B.4.1.2 wants it
    drop_empty_type_3: bool = False
