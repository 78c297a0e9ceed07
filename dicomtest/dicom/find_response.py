"""The response identifier a conforming provider sends for one match (PS3.4 C.4.1.1.3.2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pydicom import Dataset

from dicomtest.dicom.attribute_values import (
    Attributes,
    Item,
    Values,
    data_set,
    fitting_character_set,
    items,
)
from dicomtest.dicom.information_model import NOT_KEYS, InformationModel
from dicomtest.dicom.matching import BASELINE, Agreement, asks_only, match
from dicomtest.dicom.population import Entity

PENDING = 0xFF00
PENDING_UNSUPPORTED_KEYS = 0xFF01  # PS3.4 Table C.4-1


def response(
    entity: Entity,
    model: InformationModel,
    keys: Mapping[str, Values],
    *,
    supported: Collection[str],
    retrieve_ae_title: str,
    agreement: Agreement = BASELINE,
) -> tuple[int, Dataset]:
    """Status and identifier for one match; `supported` are the Optional Keys with a value."""
    answer: Attributes = {"QueryRetrieveLevel": (str(entity.level),)}
    for name in model.unique_keys_above(entity.level):
        answer[name] = entity.value(name)
    status = PENDING
    for name, key in keys.items():
        of = model.level_of(name)
        if of is None or name in answer:
            continue
        here = of == entity.level or (agreement.relational and of in model.above(entity.level))
        if here and (name in supported or not model.is_optional(name, of)):
            answer[name] = _asked(entity.value(name), key, agreement)
        else:
            status = PENDING_UNSUPPORTED_KEYS
    answer["RetrieveAETitle"] = (retrieve_ae_title,)
    # It may be sent although it is never asked for (C.4.1.1.3.2); everything here is at hand.
    answer["InstanceAvailability"] = ("ONLINE",)
    return status, data_set(answer, fitting_character_set(answer, entity.character_set))


def _asked(values: Values, key: Values, agreement: Agreement) -> Values:
    """The value; of a sequence the matching items with what was asked for (C.2.2.2.6)."""
    wanted = items(key)
    if not wanted or not wanted[0]:
        return values
    return tuple(
        _asked_item(item, wanted[0], agreement)
        for item in items(values)
        if asks_only(key) or match(wanted[0], item, agreement).strict
    )


def _asked_item(item: Item, wanted: Item, agreement: Agreement) -> Item:
    return {
        name: _asked(item.get(name, ()), key, agreement)
        for name, key in wanted.items()
        if name not in NOT_KEYS
    }
