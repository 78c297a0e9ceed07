"""Value types that site, scenario and device profile share."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any

from pydantic import AfterValidator as After
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import core_schema

from dicomtest.spec.words import shown, unknown, wrong

ACTORS = ("modality", "ris", "pacs", "printer", "workstation", "digitizer")

_ACTOR_NAME = re.compile(rf"({'|'.join(ACTORS)})(?:\d+|-[A-Za-z0-9-]+)?")
_DURATION = re.compile(r"([0-9]*\.?[0-9]+)\s*(ms|s|min|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, None: 1.0, "min": 60.0, "h": 3600.0}


class Model(BaseModel):
    """Base of every model: immutable, no unknown keys, numbers may stand for text."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", coerce_numbers_to_str=True, validate_default=False
    )


def actor_of(name: str) -> str:
    """The actor that a name such as `modality-2` is a player of; raises ValueError for none."""
    match = _ACTOR_NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"{name} is not the name of an actor")
    return match[1]


def is_actor(name: str) -> bool:
    """Whether a name is an actor's or that of a further player of one."""
    return _ACTOR_NAME.fullmatch(name) is not None


def _actor_name(value: str) -> str:
    if not is_actor(value):
        raise wrong(*unknown("actor", value, ACTORS))
    return value


ActorName = Annotated[
    str,
    After(_actor_name),
    WithJsonSchema({"type": "string", "pattern": f"^{_ACTOR_NAME.pattern}$", "examples": ACTORS}),
]
"""An actor; with a number or a dashed suffix, as in `modality-2`, a further player of it."""


def seconds(value: Any) -> Any:
    """Read a duration: a number of seconds, or a number with ms, s, min or h."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise wrong("this must be a duration", "write a number with a unit, such as 60 s or 2 min")
    match = _DURATION.fullmatch(str(value).strip())
    if match is None or not math.isfinite(float(match[1])):
        what = f'"{value}" is not a duration'
        raise wrong(what, "write a number with a unit: 500 ms, 60 s, 2 min or 1 h")
    return float(match[1]) * _SECONDS[match[2]]


_DURATION_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^[0-9]*\.?[0-9]+\s*(ms|s|min|h)?$"},
    ],
    "description": "A duration such as 500 ms, 60 s, 2 min; a bare number is seconds.",
}

Duration = Annotated[float, BeforeValidator(seconds), WithJsonSchema(_DURATION_SCHEMA)]
"""Seconds; written as a number of seconds or with a unit."""


def _positive(value: float) -> float:
    if value <= 0:
        raise wrong("a time limit must be longer than nothing", "write a duration such as 30 s")
    return value


TimeLimit = Annotated[
    float, BeforeValidator(seconds), After(_positive), WithJsonSchema(_DURATION_SCHEMA)
]
"""A duration above zero."""


def ae_title(value: str) -> str:
    """Check an AE title (PS3.5 6.2, VR AE): 1 to 16 characters, no backslash, no control."""
    title = value.strip(" ")
    if not title:
        raise wrong("the AE title is blank", "write 1 to 16 characters")
    if len(title) > 16:
        what = f'the AE title "{title}" has {len(title)} characters; 16 is the most'
        raise wrong(what, "shorten it to 16 characters, here and in the system")
    for character in title:
        if character == "\\" or not " " <= character <= "~":
            shown = character if character.isprintable() else f"U+{ord(character):04X}"
            what = f"an AE title must not have the character {shown}"
            raise wrong(what, "use letters, digits, _ and - (PS3.5 6.2, VR AE)")
    return title


AETitle = Annotated[
    str,
    After(ae_title),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 16, "pattern": r"^[^\\]+$"}),
]
"""An Application Entity title; leading and trailing spaces do not count (PS3.5 6.2)."""


def _port(value: Any) -> Any:
    number = value
    if isinstance(value, str) and value.strip().isdigit():
        number = int(value)
    if isinstance(number, bool) or not isinstance(number, int):
        what = f"a port must be a whole number from 1 to 65535, found {shown(value)}"
        raise wrong(what, "write the port the system listens on, such as 104 or 11112")
    if not 1 <= number <= 65535:
        what = f"a port must be a whole number from 1 to 65535, found {number}"
        raise wrong(what, "write the port the system listens on, such as 104 or 11112")
    return number


Port = Annotated[
    int,
    BeforeValidator(_port),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 65535}),
]
"""A TCP port."""


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, (str, int, float)) else value


class _OneOrMore:
    """Annotation of a list type; the JSON Schema says that one item may stand alone."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(_one_or_more, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        inner = handler(schema)
        variants = inner.get("anyOf", [inner])
        single = [each["items"] for each in variants if "items" in each]
        return {"anyOf": [*variants, *single]}


OneOrMore = _OneOrMore()
"""Lets a single value stand for a list of one."""


def _not_blank(value: str) -> str:
    if not value.strip():
        raise wrong("this is blank", "write something")
    return value.strip()


Filled = Annotated[str, After(_not_blank), WithJsonSchema({"type": "string", "minLength": 1})]
"""A text that says something."""


class Text(Model):
    """A text in English, Chinese or both; a plain string stands for every language."""

    model_config = ConfigDict(json_schema_extra=lambda schema: _text_schema(schema))

    en: str = Field(default="", description="English.")
    zh: str = Field(default="", description="Chinese.")

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            return {"en": str(value)}
        return value

    def in_language(self, language: str) -> str:
        """The text in a language, or in the other one when it was not translated."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)

    def __str__(self) -> str:
        """English, if there is any."""
        return self.in_language("en")

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return bool(self.en or self.zh)


def _text_schema(schema: dict[str, Any]) -> None:
    whole = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string"}, whole]
