"""Scenario files: `*.dicomtest.yaml`, one scenario for each YAML document in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from dicomtest.errors import Problem, SpecError
from dicomtest.spec.base import Model, Text
from dicomtest.spec.validate import Place, validate
from dicomtest.spec.words import closest, unknown, wrong
from dicomtest.spec.yaml import read

SUFFIX = ".dicomtest.yaml"
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Step:
    """One step: `kind` names the transaction, `parameters` are of its model."""

    index: int
    kind: str
    parameters: BaseModel
    line: int
    column: int

    @property
    def id(self) -> str:
        """As in node ids and records: `2-store`, counted from 1."""
        return f"{self.index}-{self.kind}"


@dataclass(frozen=True)
class Scenario:
    """One scenario, valid and in order."""

    id: str
    title: Text
    purpose: Text
    profile: str
    tags: tuple[str, ...]
    steps: tuple[Step, ...]
    path: Path
    line: int

    def actors(self) -> set[str]:
        """Every actor that takes part in a step."""
        return {actor for step in self.steps for actor in step_actors(step.parameters)}


def step_actors(parameters: BaseModel) -> set[str]:
    """The actors of one step: what its model says, or the values of from, to and at."""
    told = getattr(parameters, "actors", None)
    if callable(told):
        return set(told())
    named = (getattr(parameters, each, None) for each in ("from_", "to", "at"))
    return {each for each in named if isinstance(each, str)}


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        what = f'"{value}" cannot be the name of a scenario'
        raise wrong(what, "use small letters a-z, digits and single dashes, such as ct-study")
    return value


class ScenarioModel(Model):
    """One scenario as written."""

    scenario: Annotated[str, AfterValidator(_slug)] = Field(
        description="Name of the scenario: small letters, digits, dashes. It never changes."
    )
    title: Text = Field(
        default=Text(), description="One line for the report, as text or {en: , zh: }."
    )
    purpose: Text = Field(
        default=Text(),
        description="What it shows and why that matters, for the system's administrator.",
    )
    profile: str = Field(
        default="", description="The IHE profile it follows, if any, such as RAD SWF.b."
    )
    tags: tuple[str, ...] = Field(default=(), description="Words to select scenarios by.")
    steps: tuple[dict[str, Any], ...] = Field(
        min_length=1, description="The steps, in order; each has one key, the kind of step."
    )


def load_scenarios(path: Path, models: Mapping[str, type[BaseModel]]) -> list[Scenario]:
    """Read a scenario file; `models` gives the parameter model of each step kind.

    Raises SpecError with every problem of the file.
    """
    document = read(path)
    problems: list[Problem] = []
    scenarios: list[Scenario] = []
    first: dict[str, int] = {}
    for index, _ in enumerate(document.documents):
        scenario = _scenario(Place(document, index), models, problems)
        if scenario is None:
            continue
        scenarios.append(scenario)
        if scenario.id in first:
            what = f'a second scenario "{scenario.id}"; the first is in line {first[scenario.id]}'
            place = Place(document, index) / "scenario"
            problems.append(place.problem(what, "give it a name of its own"))
        first.setdefault(scenario.id, scenario.line)
    if problems:
        raise SpecError(problems)
    return scenarios


def refuse_duplicates(scenarios: Iterable[Scenario]) -> None:
    """Raise SpecError when scenarios of several files have the same name."""
    first: dict[str, Scenario] = {}
    problems = []
    for each in scenarios:
        other = first.setdefault(each.id, each)
        if other is not each:
            what = f'the scenario "{each.id}" is also in {other.path}:{other.line}'
            problems.append(Problem(each.path, each.line, 1, what, "rename one of them"))
    if problems:
        raise SpecError(problems)


def _scenario(
    place: Place, models: Mapping[str, type[BaseModel]], problems: list[Problem]
) -> Scenario | None:
    before = len(problems)
    model = validate(ScenarioModel, place, problems)
    steps = list(_steps(place / "steps", models, problems))
    if model is None or len(problems) > before:
        return None
    return Scenario(
        id=model.scenario,
        title=model.title or Text(en=model.scenario),
        purpose=model.purpose,
        profile=model.profile,
        tags=model.tags,
        steps=tuple(steps),
        path=place.document.path,
        line=(place / "scenario").problem("").line,
    )


def _steps(
    place: Place, models: Mapping[str, type[BaseModel]], problems: list[Problem]
) -> Iterator[Step]:
    """Read each step; say what cannot work in this order."""
    saved: set[str] = set()
    earlier: list[tuple[str, BaseModel]] = []
    all_sound = True
    written = place.value if isinstance(place.value, list) else []
    for number, value in enumerate(written):
        if not isinstance(value, dict):
            continue  # the scenario's own validation reports it
        here = place / number
        step = _step(here, number + 1, value, models, problems)
        if step is None:
            all_sound = False
            saved |= set(_saved_in(value))
            continue
        parameters = step.parameters
        problems += _undefined(here / step.kind, parameters, saved)
        if all_sound:
            tell = getattr(parameters, "order_problems", None)
            fix = "change the order of the steps, or add the step that is missing"
            for what in tell(earlier) if tell else ():
                problems.append((here / step.kind).problem(what, fix, key=True))
        saved |= set(getattr(parameters, "defines", list)())
        earlier.append((step.kind, parameters))
        yield step


def _step(
    here: Place,
    number: int,
    value: dict[str, Any],
    models: Mapping[str, type[BaseModel]],
    problems: list[Problem],
) -> Step | None:
    if len(value) != 1:
        keys = ", ".join(value) or "none"
        what = f"a step has one key, the kind of step; this one has {keys}"
        near = next((each for each in value if each in models), next(iter(models), "store"))
        fix = f"write   - {near}: {{...}}   and indent the rest under it"
        problems.append(here.problem(what, fix))
        return None
    kind = next(iter(value))
    if kind not in models:
        problems.append((here / kind).problem(*unknown("kind of step", kind, models), key=True))
        return None
    parameters = validate(models[kind], here / kind, problems)
    if parameters is None:
        return None
    line, column = here.document.position(here.index, (here / kind).path, key=True)
    return Step(number, kind, parameters, line, column)


def _saved_in(value: dict[str, Any]) -> Iterator[str]:
    """Names a broken step would have saved, so that its users are not reported too."""
    for inner in value.values():
        if isinstance(inner, dict) and isinstance(inner.get("save"), str):
            yield inner["save"]
        if isinstance(inner, str):
            yield inner


def _undefined(here: Place, parameters: BaseModel, saved: set[str]) -> Iterator[Problem]:
    for name in getattr(parameters, "uses", list)():
        if name in saved:
            continue
        near = closest(name, saved)
        fix = f"write {near}" if near else f"add   save: {name}   to an earlier step"
        meant = f'; did you mean "{near}"?' if near else ""
        what = f'"{name}" is used but no earlier step saves it{meant}'
        yield _place_of(here, name).problem(what, fix)


def _place_of(here: Place, name: str) -> Place:
    """Where in a step a name is written; the step itself when it is not found as such."""
    value = here.value
    parts: Iterable[str | int] = ()
    if isinstance(value, dict):
        parts = value.keys()
    elif isinstance(value, list):
        parts = range(len(value))
    for part in parts:
        inner = here / part
        if inner.value == name:
            return inner
        found = _place_of(inner, name)
        if found.value == name:
            return found
    return here
