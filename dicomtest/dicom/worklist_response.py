"""Worklist requests and the responses a conforming provider sends (PS3.4 K.4.1.1.3)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass

from pydicom import Dataset

from dicomtest.dicom.attribute_values import (
    Attributes,
    Item,
    Values,
    data_set,
    fitting_character_set,
    items,
)
from dicomtest.dicom.information_model import NOT_KEYS
from dicomtest.dicom.matching import WORKLIST, Agreement, asks_only, match
from dicomtest.dicom.worklist_model import STEP, WORKLIST_KEYS

PENDING = 0xFF00
PENDING_UNSUPPORTED_KEYS = 0xFF01  # PS3.4 Table K.4-1

# Attributes the simulated RIS supports beyond Table K.6-1.
FURTHER = frozenset(
    {
        "PlacerOrderNumberImagingServiceRequest",
        "FillerOrderNumberImagingServiceRequest",
        "ReasonForTheRequestedProcedure",
        "IssuerOfPatientID",
        "OtherPatientIDs",
        "PatientAge",
        "PatientAddress",
        "InstitutionName",
    }
)
SUPPORTED_TOP = frozenset(each.keyword for each in WORKLIST_KEYS if not each.in_step) | FURTHER
SUPPORTED_IN_STEP = frozenset(each.keyword for each in WORKLIST_KEYS if each.in_step)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a request; with `refuse` a provider cannot go on."""

    words: str
    refuse: bool = False


def request_faults(keys: Mapping[str, Values]) -> Iterator[Fault]:
    """What a request identifier breaks (PS3.4 K.4.1.1.3.1, C.2.2.2.6)."""
    steps = items(keys.get(STEP, ()))
    if len(steps) > 1:
        yield Fault("Scheduled Procedure Step Sequence has more than one item", True)
    if "QueryRetrieveLevel" in keys:
        yield Fault("a worklist has no Query/Retrieve Level")


def supported(keys: Mapping[str, Values]) -> Attributes:
    """The keys that are matched: a key that is not supported is ignored (PS3.4 K.2.2.1.1.2)."""
    made: Attributes = {name: key for name, key in keys.items() if name in SUPPORTED_TOP}
    wanted = items(keys.get(STEP, ()))
    if wanted:
        step = {name: key for name, key in wanted[0].items() if name in SUPPORTED_IN_STEP}
        made[STEP] = (step,)
    return made


def shape(keys: Mapping[str, Values]) -> Hashable:
    """What of a request makes answers differ: the keys, and the values of those in sequences."""
    return frozenset(
        (name, _inner(name, key)) for name, key in keys.items() if name != "SpecificCharacterSet"
    )


def _inner(name: str, key: Values) -> Hashable:
    wanted = items(key)
    if not wanted:
        return None
    values = "" if name == STEP else repr(key)  # of the scheduled step, all items are answered
    return values, tuple(shape(each) for each in wanted)


def response(
    item: Attributes, keys: Mapping[str, Values], agreement: Agreement = WORKLIST
) -> tuple[int, Dataset]:
    """Status and identifier for one scheduled step: every supported key that was asked for."""
    answer: Attributes = {}
    complete = True
    for name, key in keys.items():
        if name == STEP:
            steps, known = _steps(item, key, agreement)
            answer[name] = steps
            complete = complete and known
        elif name in SUPPORTED_TOP:
            answer[name] = _asked(item.get(name, ()), key, agreement)
        elif name != "SpecificCharacterSet":
            complete = False
    declared = tuple(each for each in item.get("SpecificCharacterSet", ()) if isinstance(each, str))
    status = PENDING if complete else PENDING_UNSUPPORTED_KEYS
    return status, data_set(answer, fitting_character_set(answer, declared))


def _steps(item: Attributes, key: Values, agreement: Agreement) -> tuple[tuple[Item, ...], bool]:
    """The scheduled step with what was asked for; all of it where no item was sent."""
    stored = items(item.get(STEP, ()))
    wanted = items(key)
    if not wanted or not wanted[0]:
        return stored, True
    known = {name for name in wanted[0] if name in SUPPORTED_IN_STEP}
    made = tuple(
        {name: _asked(step.get(name, ()), wanted[0][name], agreement) for name in wanted[0]
         if name in known}
        for step in stored
    )  # fmt: skip
    return made, known == set(wanted[0])


def _asked(values: Values, key: Values, agreement: Agreement) -> Values:
    """The value; of a sequence the matching items with what was asked for (C.2.2.2.6)."""
    wanted = items(key)
    if not wanted or not wanted[0]:
        return values
    return tuple(
        {name: _asked(item.get(name, ()), inner, agreement)
         for name, inner in wanted[0].items() if name not in NOT_KEYS}
        for item in items(values)
        if asks_only(key) or match(wanted[0], item, agreement).strict
    )  # fmt: skip
