"""Unique identifiers (PS3.5 9): fresh for every run, and the same again for the same run."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

# Any fixed UUID will do: it keeps our UIDs apart from others derived from the same names.
_NAMESPACE = uuid.UUID("6b6f1a52-0d1c-4f0f-9a43-5cf0c2b7a1de")
ROOT = "2.25."


@dataclass
class UidFactory:
    """Makes UIDs below 2.25 (PS3.5 B.2), from nothing but the run's identification.

    `new()` gives the next one; `of(...)` gives the one that belongs to these words, in whatever
    order they are asked for. Two runs share no UID as long as their `run` differs.
    """

    run: str
    given: int = field(default=0, init=False, repr=False)  # by `new()`, so far

    def new(self) -> str:
        """The next UID of this run; at most 44 characters."""
        self.given += 1
        return self._derived(f"number {self.given}")

    def of(self, *words: object) -> str:
        """The UID of what these words name, e.g. of("head", "series", 2)."""
        return self._derived("name " + "/".join(str(each) for each in words))

    def _derived(self, name: str) -> str:
        return f"{ROOT}{uuid.uuid5(_NAMESPACE, f'{self.run}/{name}').int}"


def is_valid_uid(text: str) -> str:
    """What is wrong with a UID, in words; "" when nothing is (PS3.5 9.1).

    One trailing NUL is padding (PS3.5 6.2); any other padding is wrong.
    """
    uid = text[:-1] if text.endswith("\0") else text
    if not uid:
        return "it is empty"
    if len(uid) > 64:
        return f"it has {len(uid)} characters, more than 64"
    if uid != uid.strip(" \0"):
        return "it has a space or NUL before or after it"
    components = uid.split(".")
    for each in components:
        if not each:
            return "it has an empty component"
        if not (each.isascii() and each.isdigit()):
            return f"component {each!r} is not a number"
        if len(each) > 1 and each[0] == "0":
            return f"component {each} begins with zero"
    return "" if len(components) > 1 else "it has a single component"
