"""Names of SOP classes and transfer syntaxes, as people write them, to UIDs.

A SOP class is written as its keyword (`CTImageStorage`), its UID, or one of the short names that
scenarios use for what they store (`ct`, `us-multiframe`). pydicom's dictionary is imported when
the first keyword is looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from dicomtest.spec.words import unknown, wrong

SHORT_NAMES = {
    "cr": "ComputedRadiographyImageStorage",
    "ct": "CTImageStorage",
    "dx": "DigitalXRayImageStorageForPresentation",
    "mr": "MRImageStorage",
    "us": "UltrasoundImageStorage",
    "us-multiframe": "UltrasoundMultiFrameImageStorage",
    "sc": "SecondaryCaptureImageStorage",
    "mg": "DigitalMammographyXRayImageStorageForPresentation",
    "nm": "NuclearMedicineImageStorage",
    "pet": "PositronEmissionTomographyImageStorage",
    "xa": "XRayAngiographicImageStorage",
    "rf": "XRayRadiofluoroscopicImageStorage",
    "enhanced-ct": "EnhancedCTImageStorage",
    "enhanced-mr": "EnhancedMRImageStorage",
    "gsps": "GrayscaleSoftcopyPresentationStateStorage",
    "ko": "KeyObjectSelectionDocumentStorage",
    "basic-text-sr": "BasicTextSRStorage",
    "enhanced-sr": "EnhancedSRStorage",
    "comprehensive-sr": "ComprehensiveSRStorage",
    "dose-sr": "XRayRadiationDoseSRStorage",
    "pdf": "EncapsulatedPDFStorage",
}
"""Short names of SOP classes; the same as the kinds of synthetic objects."""

UNCOMPRESSED = ("ExplicitVRLittleEndian", "ImplicitVRLittleEndian")
LOSSLESS = ("RLELossless", "JPEGLosslessSV1", "JPEGLossless", "JPEGLSLossless", "JPEG2000Lossless")
LOSSY = ("JPEGBaseline8Bit", "JPEGExtended12Bit", "JPEGLSNearLossless", "JPEG2000")
VIDEO = ("MPEG2MPML", "MPEG2MPHL", "MPEG4HP41", "MPEG4HP41BD")

TRANSFER_SYNTAX_GROUPS = {
    "uncompressed": UNCOMPRESSED,
    "lossless": LOSSLESS,
    "lossy": LOSSY,
    "video": VIDEO,
    "all": (*UNCOMPRESSED, "DeflatedExplicitVRLittleEndian", *LOSSLESS, *LOSSY, *VIDEO),
}
"""Groups that a device profile can name instead of single transfer syntaxes."""

_UID = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+")
_STORAGE_ROOT = "1.2.840.10008.5.1.4.1.1."
_OTHER_INDUSTRIES = (_STORAGE_ROOT + "501.", _STORAGE_ROOT + "601.")  # DICOS, DICONDE


@cache
def _by_keyword(kind: str) -> dict[str, str]:
    """UID by keyword, of one UID type of PS3.6 Annex A."""
    from pydicom._uid_dict import UID_dictionary  # pydicom.uid offers no way to list them

    return {keyword: uid for uid, (_, of, _, _, keyword) in UID_dictionary.items() if of == kind}


def sop_class_uid(name: str) -> str:
    """UID of a SOP class; raises PydanticCustomError with a did-you-mean for an unknown name."""
    written = SHORT_NAMES.get(name, name)
    known = _by_keyword("SOP Class") | _by_keyword("Meta SOP Class")
    return _uid("SOP class", written, known, [*SHORT_NAMES, *known])


def transfer_syntax_uid(name: str) -> str:
    """UID of a transfer syntax; raises PydanticCustomError for an unknown name."""
    known = _by_keyword("Transfer Syntax")
    return _uid("transfer syntax", name, known, [*TRANSFER_SYNTAX_GROUPS, *known])


def transfer_syntax_uids(names: Iterable[str]) -> tuple[str, ...]:
    """UIDs of transfer syntaxes and of groups of them, in order, each once."""
    single = [one for name in names for one in TRANSFER_SYNTAX_GROUPS.get(name, (name,))]
    return tuple(dict.fromkeys(transfer_syntax_uid(one) for one in single))


def storage_classes() -> tuple[str, ...]:
    """UIDs of the composite storage SOP classes of PS3.4 B.5 that are not retired."""
    from pydicom._uid_dict import UID_dictionary  # pydicom.uid offers no way to list them

    return tuple(
        uid
        for uid, (_, kind, _, retired, keyword) in UID_dictionary.items()
        if kind == "SOP Class"
        and keyword.endswith(("Storage", "StorageForPresentation", "StorageForProcessing"))
        and not retired
        and uid.startswith(_STORAGE_ROOT)
        and not uid.startswith(_OTHER_INDUSTRIES)
    )


def keyword_of(uid: str) -> str:
    """The keyword of a UID of PS3.6 Annex A; the UID itself when it is in none of its tables."""
    from pydicom._uid_dict import UID_dictionary  # pydicom.uid offers no way to list them

    entry = UID_dictionary.get(uid)
    return entry[4] if entry else uid


def _uid(kind: str, name: str, known: dict[str, str], choices: Iterable[str]) -> str:
    if name in known:
        return known[name]
    if _UID.fullmatch(name):
        if len(name) > 64:
            raise wrong(f"the UID {name} is longer than 64 characters", "check it (PS3.5 9.1)")
        return name
    what, fix = unknown(kind, name, choices)
    if "did you mean" not in what:
        fix = "write its keyword from PS3.6 Annex A, such as CTImageStorage, or its UID"
        if kind != "SOP class":
            fix = "write its keyword from PS3.6 Annex A, such as JPEGLosslessSV1, or its UID"
    raise wrong(what, fix)
