"""A composite object as a tree of encoded elements: what was sent, before anybody repairs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pydicom import Dataset
from pydicom.tag import BaseTag

from dicomtest.dicom.attribute_values import name_of, tag_of
from dicomtest.dicom.charsets import character_set_of, decode_text, split_values
from dicomtest.dicom.encoded_values import EncodedElement, elements_of


@dataclass(frozen=True)
class Fault:
    """Something wrong in an object: where, what was expected, and what is there."""

    path: str
    expected: str
    actual: str


class Level:
    """A data set or one item: its elements by tag, and the items below them."""

    def __init__(self, ds: Dataset, path: str = "", inherited: tuple[str, ...] = ()) -> None:
        """Read the elements; raises what pydicom raises for bytes that are none."""
        self.path = path
        self.order = [BaseTag(each) for each in ds.keys()]  # noqa: SIM118 - iterating converts values
        self.character_set = character_set_of(ds, inherited)
        self.elements: dict[BaseTag, EncodedElement] = elements_of(ds, inherited)

    def place(self, tag: BaseTag) -> str:
        """Where an element stands, from the top of the object."""
        name = name_of(tag) if not tag.is_private else str(tag)
        return f"{self.path}{name}"

    @cached_property
    def items(self) -> dict[BaseTag, list[Level]]:
        """The items of every sequence."""
        found = {}
        for tag, each in self.elements.items():
            if each.items is not None:
                found[tag] = [
                    Level(item, f"{self.place(tag)}[{number}].", self.character_set)
                    for number, item in enumerate(each.items, 1)
                ]
        return found

    def walk(self) -> Iterator[Level]:
        """This level and every one below it."""
        yield self
        for items in self.items.values():
            for each in items:
                yield from each.walk()

    def element(self, keyword: str) -> EncodedElement | None:
        """The element of a keyword; None when it is absent."""
        return self.elements.get(tag_of(keyword))

    def has(self, keyword: str) -> bool:
        """Whether it is there, if only with zero length."""
        return tag_of(keyword) in self.elements

    def filled(self, keyword: str) -> bool:
        """Whether it is there with a value."""
        found = self.element(keyword)
        return found is not None and not found.empty

    def below(self, keyword: str) -> list[Level]:
        """The items of a sequence; none when it is absent."""
        return self.items.get(tag_of(keyword), [])

    def texts(self, keyword: str) -> list[str]:
        """The values of a string, without padding; [] when it is absent."""
        found = self.element(keyword)
        if found is None or found.items is not None:
            return []
        vr = found.vrs[0]
        values = split_values(found.value, vr, self.character_set)
        return [decode_text(each, vr, self.character_set).strip(" \0") for each in values]

    def text(self, keyword: str) -> str:
        """The first value of a string; "" when there is none."""
        return next(iter(self.texts(keyword)), "")

    def number(self, keyword: str) -> int | None:
        """The value of US, or of IS; None when it is absent or no number."""
        found = self.element(keyword)
        if found is None or not found.value:
            return None
        if found.vrs[0] in ("US", "UL", "SS"):
            return int.from_bytes(found.value[: 4 if found.vrs[0] == "UL" else 2], "little")
        try:
            return int(self.text(keyword))
        except ValueError:
            return None
