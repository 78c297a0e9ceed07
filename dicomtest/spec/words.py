"""Small words for messages: did-you-mean, lists, quoting."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from typing import Any

from pydantic_core import PydanticCustomError


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, if one is near enough."""
    by_lower = {each.lower(): each for each in known}
    if not word:
        return None
    swapped = [name for name in by_lower if sorted(name) == sorted(word.lower())]
    if swapped:
        return by_lower[swapped[0]]
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    if near:
        return by_lower[near[0]]
    starts = [name for name in by_lower if len(word) > 2 and name.startswith(word.lower())]
    return by_lower[starts[0]] if len(starts) == 1 else None


def alike(one: str, other: str) -> bool:
    """Whether one word is probably a misspelling of the other."""
    return SequenceMatcher(None, one.lower(), other.lower()).ratio() >= 0.6


def unknown(kind: str, word: str, known: Iterable[str]) -> tuple[str, str]:
    """What to say about a name that does not exist, and the fix."""
    names = list(dict.fromkeys(known))
    near = closest(word, names)
    if near:
        return f'unknown {kind} "{word}"; did you mean "{near}"?', f"write {near}"
    return f'unknown {kind} "{word}"', one_of(names)


def one_of(names: Iterable[str]) -> str:
    """A fix that names what can be written; long lists are cut."""
    listed = list(names)
    if len(listed) > 24:
        listed = [*listed[:24], "..."]
    if not listed:
        return "leave it out"
    return f"write one of {', '.join(listed)}" if len(listed) > 1 else f"write {listed[0]}"


def shown(value: Any) -> str:
    """A value of a YAML file in a message."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return f'"{value}"'


def wrong(what: str, fix: str = "") -> PydanticCustomError:
    """An error for pydantic validators to raise; shown as it is, with its fix."""
    return PydanticCustomError("dicomtest", "{what}", {"what": what, "fix": fix})
