"""The Storage Commitment Push Model as data (PS3.4 J.3), and how its data sets are made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dicomtest.dicom.attribute_values import Attributes, Item, items, texts

COMMITMENT = "1.2.840.10008.1.20.1"
COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"
REQUEST = 1  # Action Type ID (J.3.2)
ALL_COMMITTED, FAILURES_EXIST = 1, 2  # Event Type IDs (J.3.3)

TRANSACTION = "TransactionUID"
REFERENCED, FAILED = "ReferencedSOPSequence", "FailedSOPSequence"
CLASS, INSTANCE = "ReferencedSOPClassUID", "ReferencedSOPInstanceUID"
REASON = "FailureReason"

PROCESSING_FAILURE, NO_SUCH_INSTANCE, CLASS_CONFLICT = 0x0110, 0x0112, 0x0119
CLASS_NOT_SUPPORTED, DUPLICATE_TRANSACTION, NO_RESOURCES = 0x0122, 0x0131, 0x0213
# PS3.3 C.14.1.1: enumerated values
REASONS = {
    PROCESSING_FAILURE: "processing failure",
    NO_SUCH_INSTANCE: "no such object instance",
    CLASS_CONFLICT: "class/instance conflict",
    CLASS_NOT_SUPPORTED: "referenced SOP class not supported",
    DUPLICATE_TRANSACTION: "duplicate transaction UID",
    NO_RESOURCES: "resource limitation",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A SOP instance in a request or report; `reason` is its Failure Reason."""

    sop_class: str
    sop_instance: str
    reason: int | None = None


def request(transaction: str, references: Iterable[Reference]) -> Attributes:
    """The action information of an N-ACTION (Table J.3-1)."""
    return {
        TRANSACTION: (transaction,),
        REFERENCED: tuple(item(each) for each in references),
    }


def report(
    transaction: str, committed: Iterable[Reference], failed: Iterable[Reference]
) -> tuple[int, Attributes]:
    """Event Type ID and event information of an N-EVENT-REPORT (Table J.3-2)."""
    made: Attributes = {TRANSACTION: (transaction,)}
    good = tuple(item(each) for each in committed)
    bad = tuple(item(each) for each in failed)
    if good:
        made[REFERENCED] = good
    if bad:
        made[FAILED] = bad
    return (FAILURES_EXIST if bad else ALL_COMMITTED), made


def item(reference: Reference) -> Item:
    """One item of either sequence."""
    made: dict[str, tuple[str, ...]] = {
        CLASS: (reference.sop_class,),
        INSTANCE: (reference.sop_instance,),
    }
    if reference.reason is not None:
        made[REASON] = (str(reference.reason),)
    return made


def references(attributes: Attributes, sequence: str) -> list[Reference]:
    """What a sequence of a request or report refers to."""
    return [
        Reference(_one(each, CLASS), _one(each, INSTANCE), _number(_one(each, REASON)))
        for each in items(attributes.get(sequence, ()))
    ]


def transaction_of(attributes: Attributes) -> str:
    """The Transaction UID; "" when there is none."""
    return _one(attributes, TRANSACTION)


def _one(attributes: Item, name: str) -> str:
    return next(iter(texts(attributes.get(name, ()))), "")


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None
