"""From pydantic's errors to problems at a line and column, in words, each with its fix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from dicomtest.errors import Problem
from dicomtest.spec.words import alike, one_of, shown, unknown
from dicomtest.spec.yaml import Document, KeyPath

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Place:
    """Where in a YAML file a value stands."""

    document: Document
    index: int = 0
    path: KeyPath = ()

    def __truediv__(self, part: str | int) -> Place:
        """The place of one key or item inside this one."""
        return Place(self.document, self.index, (*self.path, part))

    def problem(self, what: str, fix: str = "", *, key: bool = False) -> Problem:
        """A problem here, at the value or at its key."""
        return self.document.problem(self.index, self.path, what, fix, key=key)

    @property
    def value(self) -> Any:
        """The plain value that stands here; None when there is nothing."""
        value = self.document.documents[self.index]
        for part in self.path:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def shown(self) -> str:
        """The value as written, for messages; never what an environment variable holds."""
        text = self.document.source(self.index, self.path)
        scalar = isinstance(self.value, (str, int, float)) and not isinstance(self.value, bool)
        return shown(text if scalar and text is not None else self.value)


def validate(model: type[Model], place: Place, problems: list[Problem]) -> Model | None:
    """Make a model of the value at a place, or add everything wrong with it to `problems`."""
    try:
        return model.model_validate(place.value)
    except ValidationError as error:
        problems += _problems(model, place, error.errors(include_url=False))
        return None


def _problems(
    model: type[BaseModel], place: Place, errors: Sequence[ErrorDetails]
) -> list[Problem]:
    errors = _of_one_variant(place, [each for each in errors if not _hidden(each, errors)])
    found: list[Problem] = []
    extra = [each for each in errors if each["type"] == "extra_forbidden"]
    taken: set[int] = set()
    for error in errors:
        if error["type"] != "missing":
            continue
        twin = next((each for each in extra if id(each) not in taken and _twins(error, each)), None)
        if twin is None:
            found.append(_missing(model, place, error))
        else:
            taken.add(id(twin))
            found.append(_unknown_key(place, twin, [str(error["loc"][-1])]))
    for error in errors:
        if error["type"] == "missing" or id(error) in taken:
            continue
        if error["type"] == "extra_forbidden":
            owner = _model_at(model, error["loc"][:-1])
            found.append(_unknown_key(place, error, _keys(owner, place, error["loc"][:-1])))
        else:
            found.append(_wrong_value(model, place, error))
    return found


def _hidden(error: ErrorDetails, errors: Sequence[ErrorDetails]) -> bool:
    """Whether a list counts as too short only because its items are wrong."""
    loc = error["loc"]
    return error["type"] == "too_short" and any(
        len(each["loc"]) > len(loc) and each["loc"][: len(loc)] == loc for each in errors
    )


def _of_one_variant(place: Place, errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Where a value may be of several types, keep what is wrong with it as the likeliest one.

    pydantic reports it once for each type. The error deepest inside the value is the likeliest,
    then one about the value rather than its type; choices of several types are put together.
    """
    kept: list[ErrorDetails] = []
    paths = [_follow(place, each["loc"]).path for each in errors]
    variant = [
        each["type"] not in ("missing", "extra_forbidden")
        and len(path) < len(place.path) + len(each["loc"])
        for each, path in zip(errors, paths, strict=True)
    ]
    for error, path, varies in zip(errors, paths, variant, strict=True):
        if not varies:
            kept.append(error)
            continue
        rivals = [
            (each, other)
            for each, other in zip(errors, paths, strict=True)
            if other[: len(path)] == path
        ]
        if any(len(other) > len(path) for _, other in rivals):
            continue
        best = min((each for each, _ in rivals), key=_is_about_type)
        if best is error:
            kept.append(_with_choices_of(error, [each for each, _ in rivals]))
    return kept


def _is_about_type(error: ErrorDetails) -> bool:
    return error["type"] in _EXPECTED


def _with_choices_of(error: ErrorDetails, rivals: Sequence[ErrorDetails]) -> ErrorDetails:
    expected = [str(each["ctx"]["expected"]) for each in rivals if each["type"] == "literal_error"]
    if not expected:
        return error
    joined = error.copy()
    joined["ctx"] = {"expected": ", ".join(expected)}
    return joined


def _twins(missing: ErrorDetails, extra: ErrorDetails) -> bool:
    one, other = missing["loc"], extra["loc"]
    return one[:-1] == other[:-1] and alike(str(one[-1]), str(other[-1]))


def _missing(model: type[BaseModel], place: Place, error: ErrorDetails) -> Problem:
    name = str(error["loc"][-1])
    owner = _follow(place, error["loc"][:-1])
    field = _field(_model_at(model, error["loc"][:-1]), name)
    about = f" ({field.description})" if field and field.description else ""
    return owner.problem(f'"{name}" is missing', f"add   {name}: ...{about}", key=bool(owner.path))


def _unknown_key(place: Place, error: ErrorDetails, known: Sequence[str]) -> Problem:
    what, fix = unknown("key", str(error["loc"][-1]), known)
    return _follow(place, error["loc"]).problem(what, fix, key=True)


def _keys(owner: type[BaseModel] | None, place: Place, loc: tuple[int | str, ...]) -> list[str]:
    """The keys a model knows; those that are not written yet first."""
    if owner is None:
        return []
    names = [field.alias or name for name, field in owner.model_fields.items()]
    written = _follow(place, loc).value
    return [each for each in names if not isinstance(written, dict) or each not in written]


_EXPECTED = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "string_type": "a text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "keys and values",
    "mapping_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "date_type": "a date",
    "date_parsing": "a date",
    "date_from_datetime_parsing": "a date",
    "date_from_datetime_inexact": "a date",
    "finite_number": "a finite number",
}

_BOUNDS = {
    "greater_than_equal": "{name} must be {ge} or more",
    "greater_than": "{name} must be more than {gt}",
    "less_than_equal": "{name} must be {le} or less",
    "less_than": "{name} must be less than {lt}",
    "too_short": "{name} must have at least {min_length}",
    "too_long": "{name} must have at most {max_length}",
    "string_too_short": "{name} must have at least {min_length} characters",
    "string_too_long": "{name} must have at most {max_length} characters",
}

_FIXES = {
    "a whole number": "write digits only, such as 104",
    "a number": "write a number, such as 10 or 0.5",
    "a text": "write a text, in quotes if it has other signs than letters and digits",
    "true or false": "write true or false",
    "a list": "write [one, two], or one line with - for each",
    "keys and values": "write key: value, indented under it",
    "a date": "write year-month-day, such as 2027-03-01",
}


def _wrong_value(model: type[BaseModel], place: Place, error: ErrorDetails) -> Problem:
    """One problem for an error about a value that is there."""
    here = _follow(place, error["loc"])
    context = error.get("ctx") or {}
    kind = error["type"]
    about_key = error["loc"][-1:] == ("[key]",)
    name = str(next((part for part in reversed(here.path) if isinstance(part, str)), "the file"))
    if kind == "dicomtest":
        what = str(context["what"])
        what = f"{name}{what.removeprefix('this')}" if what.startswith("this ") else what
        return here.problem(what, str(context.get("fix", "")), key=about_key)
    if kind in _EXPECTED:
        expected = _EXPECTED[kind]
        what = f"{name} must be {expected}, found {here.shown()}"
        return here.problem(what, _FIXES.get(expected, ""))
    if kind in ("literal_error", "enum"):
        return here.problem(*_not_among(name, here, _choices(model, error)))
    field = _field_at(model, error["loc"])
    about = f"{name}: {field.description}" if field and field.description else ""
    if kind in _BOUNDS:
        what = _BOUNDS[kind].format(name=name, **context)
    else:
        message = str(context.get("error") or error["msg"])
        what = f"{name}: {message[:1].lower()}{message[1:]}"
    return here.problem(f"{what}, found {here.shown()}", about)


def _not_among(name: str, here: Place, choices: list[str]) -> tuple[str, str]:
    if not isinstance(here.value, str):
        return f"{name} must not be {here.shown()}", one_of(choices)
    return unknown(name, here.value, choices)


def _choices(model: type[BaseModel], error: ErrorDetails) -> list[str]:
    field = _field_at(model, error["loc"])
    values = [str(each) for each in get_args(field.annotation)] if field else []
    context = error.get("ctx") or {}
    text = str(context.get("expected", "")).replace(" or ", ", ")
    return [part.strip("' ") for part in text.split(",") if part] or values


def _follow(place: Place, loc: Sequence[int | str]) -> Place:
    """The place an error location points at; pydantic's names of union members are skipped."""
    for part in loc:
        value = place.value
        if isinstance(value, dict) and (part in value or part == loc[-1]):
            if part not in value:
                break
            place = place / part
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            place = place / part
    return place


def _field_at(model: type[BaseModel], loc: Sequence[int | str]) -> FieldInfo | None:
    """The model field that an error location ends in, if it ends in one."""
    return _field(_model_at(model, loc[:-1]), str(loc[-1])) if loc else None


def _field(model: type[BaseModel] | None, name: str) -> FieldInfo | None:
    if model is None:
        return None
    fields = model.model_fields.items()
    return next((field for own, field in fields if name in (own, field.alias)), None)


def _model_at(model: type[BaseModel], loc: Sequence[int | str]) -> type[BaseModel] | None:
    """The model whose keys stand at an error location."""
    annotation: Any = model
    for part in loc:
        owner = _as_model(annotation)
        if owner is not None:
            field = _field(owner, str(part))
            annotation = field.annotation if field else annotation
        else:
            annotation = _inner(annotation)
    return _as_model(annotation)


def _as_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if _is_union(annotation):
        return next((found for each in get_args(annotation) if (found := _as_model(each))), None)
    if hasattr(annotation, "__metadata__"):
        return _as_model(get_args(annotation)[0])
    return None


def _inner(annotation: Any) -> Any:
    """The type of the values of a mapping or the items of a list."""
    if _is_union(annotation):
        inner = [_inner(each) for each in get_args(annotation)]
        return next((each for each in inner if each is not None), None)
    parts = [each for each in get_args(annotation) if each is not Ellipsis]
    if hasattr(annotation, "__metadata__"):
        return _inner(parts[0])
    return parts[-1] if parts else None


def _is_union(annotation: Any) -> bool:
    import types

    return get_origin(annotation) is Union or isinstance(annotation, types.UnionType)
