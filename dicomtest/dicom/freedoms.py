"""Where the standard leaves attribute matching to the implementation, with the clause."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Freedom:
    """A reason why both answers are right."""

    id: str
    cites: str
    words: str


PERSON_NAME = Freedom(
    "person-name",
    "PS3.4 C.2.2.2.1.1, C.2.2.2.4",
    "names may be matched without regard to case, accent or position, as a whole or by component "
    "group; wild card matching of names is implementation dependent",
)
DATE_TIME = Freedom(
    "date-time",
    "PS3.4 C.2.2.2.1.3",
    "how a single date or time is matched is implementation dependent",
)
EXTENT = Freedom(
    "extent",
    "PS3.4 C.2.2.2.5",
    "it is not said whether a value of less than full precision is its first moment or all of them",
)
NUMBER_STRING = Freedom(
    "number-string",
    "PS3.4 C.2.2.2.1 (CP-2305)",
    "whether 7, +7 and 007 match is implementation dependent",
)
UNKNOWN_VALUE = Freedom(
    "unknown-value",
    "PS3.4 C.2.2.1.2",
    "the entity has no value for this key; it shall match, which few systems do, so it is judged "
    "by a rule of its own",
)
OPTIONAL_KEY = Freedom(
    "optional-key",
    "PS3.4 C.2.2.1.3",
    "matching of an Optional Key need not be supported; its value is then ignored",
)
OTHER_LEVEL = Freedom(
    "other-level",
    "PS3.4 C.4.1.2.1",
    "a key of another level has no place in a hierarchical query",
)
UNIQUE_WILD_CARD = Freedom(
    "unique-wild-card",
    "PS3.4 C.4.1.2.1",
    "the Unique Key of the level takes a single value, a list of UIDs or none; no wild card",
)
MULTIPLE_VALUES = Freedom(
    "multiple-values",
    "PS3.4 C.2.2.2",
    "without negotiation only UIDs can be listed",
)
ILLEGAL_KEY = Freedom(
    "illegal-key", "PS3.4 C.2.2.2", "key or stored value are not legal for the VR: no rule applies"
)
CHARACTER_SET = Freedom(
    "character-set",
    "PS3.4 C.2.2.2",
    "matching under a Specific Character Set the provider does not support is undefined",
)
COMBINING = Freedom(
    "combining-characters",
    "PS3.4 C.2.2.2.1",
    "the same text composed of other code points",
)
WIDE_WILD_CARD = Freedom(
    "wide-wild-card",
    "PS3.4 C.2.2.2.4, Note 2",
    "`?` against text of several bytes a character might not be supported",
)
INCONSISTENT = Freedom(
    "inconsistent-instances",
    "PS3.4 C.2.2",
    "the instances of the entity do not agree on the value",
)
