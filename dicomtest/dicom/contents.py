"""Identifiers as they were received, decoded once however often the same bytes come.

A provider answers query after query with the same entities, so that most identifiers of a step
are equal byte by byte; what is worked out from one of them holds for all.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property, lru_cache
from typing import Any

from pydicom import Dataset

from dicomtest.dicom.attribute_values import Attributes, attributes_of, name_of
from dicomtest.evidence import DataSetRef

KEPT = 1024  # identifiers


class Content:
    """An identifier and what follows from it alone. It is shared: nobody changes it."""

    def __init__(self, identifier: Dataset) -> None:
        """Begin with nothing worked out; `results` is for those who work something out."""
        self.identifier = identifier
        self.results: dict[Hashable, Any] = {}

    @cached_property
    def attributes(self) -> Attributes:
        """The attributes that have a text form."""
        return attributes_of(self.identifier)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every attribute there is, without the retired group lengths."""
        tags = self.identifier.keys()
        return frozenset(name_of(tag) for tag in tags if tag.element)


def content_of(data: DataSetRef) -> Content:
    """The content of an identifier; raises what pydicom raises when the bytes are no data set."""
    if data.data is None:
        return Content(data.dataset())
    return _decoded(data)


@lru_cache(maxsize=KEPT)
def _decoded(data: DataSetRef) -> Content:
    content = Content(data.dataset())
    assert content.attributes is not None  # decoded here, where an error is expected
    return content
