"""The ways in which the standard lets an implementation match a Person Name.

PS3.4 C.2.2.2.1.1 permits literal matching, with or without regard to case, position, accent and
other encoding variants; component groups may be matched separately or as one string. Wild card
matching is implementation dependent (C.2.2.2.4): component by component is common, as is looking
at the first component group only.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

GROUP, COMPONENT = "=", "^"


@dataclass(frozen=True, slots=True)
class Readings:
    """What each permitted way of matching says."""

    literal: bool  # the whole value as one string, case-sensitive
    loosest: bool  # any way at all
    all: tuple[bool, ...]


def readings(key: str, value: str, matches_pattern: Callable[[str, str], bool]) -> Readings:
    """Match a name in every permitted way."""
    wild = "*" in key or "?" in key
    compare: Callable[[str, str], bool] = matches_pattern if wild else str.__eq__
    literal = compare(key, value)
    apart = []
    if wild:
        first = groups_of(value)[0]
        apart = [
            _by_groups(key, value, compare),
            _by_components(key, value, compare),
            compare(key, first),
        ]
    # What a key like `*=*` finds is not defined (C.2.2.2.4, Note 3).
    defined = not (wild and GROUP in key)
    if literal and all(apart) and defined:
        return Readings(True, True, (True,))
    # The looser ways only ever add matches: they leave open what the others exclude.
    plain = fold(tidy(key)), fold(tidy(value))
    loosest = literal or any(apart) or compare(*plain) or _by_groups(*plain, compare)
    if wild:
        loosest = loosest or _by_components(*plain, compare)
    return Readings(literal, loosest, (True, False) if loosest else (False,))


def tidy(name: str) -> str:
    """Without the delimiters of trailing empty components and groups (PS3.5 6.2.1)."""
    groups = [group.rstrip(" ^") for group in name.split(GROUP)]
    return GROUP.join(groups).rstrip(GROUP)


def fold(name: str) -> str:
    """Without case, accents, width and presentation forms."""
    plain = unicodedata.normalize("NFKD", name)
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    return unicodedata.normalize("NFKC", kept).casefold()


def groups_of(name: str) -> list[str]:
    """The component groups: alphabetic, ideographic, phonetic."""
    return [group.rstrip(" ^") for group in name.split(GROUP)]


def _by_groups(key: str, value: str, compare: Callable[[str, str], bool]) -> bool:
    """Each group of the key against its counterpart; a key of one group against any of them."""
    wanted, there = groups_of(key), groups_of(value)
    if len(wanted) == 1:
        return any(compare(wanted[0], group) for group in there if group)
    there += [""] * (len(wanted) - len(there))
    return all(not one or compare(one, other) for one, other in zip(wanted, there, strict=False))


def _by_components(key: str, value: str, compare: Callable[[str, str], bool]) -> bool:
    """Each component of the key against its counterpart; those not given match anything."""
    wanted = [group.split(COMPONENT) for group in groups_of(key)]
    there = [group.split(COMPONENT) for group in groups_of(value)]
    if len(wanted) == 1:
        return any(_components_match(wanted[0], group, compare) for group in there)
    there += [[""]] * (len(wanted) - len(there))
    return all(
        _components_match(one, other, compare) for one, other in zip(wanted, there, strict=False)
    )


def _components_match(
    wanted: list[str], there: list[str], compare: Callable[[str, str], bool]
) -> bool:
    there = there + [""] * (len(wanted) - len(there))
    return all(not one or compare(one, other) for one, other in zip(wanted, there, strict=False))
