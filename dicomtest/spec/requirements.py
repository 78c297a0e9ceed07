"""Requirements: what a hospital wants of a device, in its own words, and what tests it.

A file lists wishes for one device; each names the tests that show it, by scenario, kind of step
and check. The shipped catalogues say what the basic and the optional functions of each device
mean in DICOM terms.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from dicomtest.errors import Problem, SpecError, UsageError
from dicomtest.resources import reports_dir
from dicomtest.spec.base import Model, OneOrMore, Text, actor_of, is_actor
from dicomtest.spec.validate import Place, validate
from dicomtest.spec.words import closest, unknown, wrong
from dicomtest.spec.yaml import read

Names = Annotated[tuple[str, ...], OneOrMore]


def _id(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", value):
        raise wrong(
            f'"{value}" cannot be the id of a requirement',
            "use letters, digits, dots, dashes and underscores, such as ct-worklist",
        )
    return value


def _device(value: str) -> str:
    if not is_actor(value):
        raise wrong(*unknown("device", value, _DEVICES))
    return value


_DEVICES = ("ris", "pacs", "modality", "workstation", "digitizer", "printer")


class Tests(Model):
    """Checks that show a requirement: those that fit everything that is given."""

    scenarios: Names = Field(default=(), description="Names of scenarios; * stands for anything.")
    steps: Names = Field(default=(), description="Kinds of steps.")
    checks: Names = Field(default=(), description="Ids of checks; * stands for anything.")
    judges: str = Field(default="", description="Actor that is judged; default: the device.")

    def fits(self, check: Mapping[str, Any], kind: str, device: str) -> bool:
        """Whether a check of a record belongs to them; `kind` is that of its step."""
        return (
            _actor(check.get("judges")) == (self.judges or device)
            and (not self.steps or kind in self.steps)
            and _any(str(check.get("scenario", "")), self.scenarios)
            and _any(str(check.get("check", "")), self.checks)
        )

    def may_be(self, check: str, kinds: Collection[str]) -> bool:
        """Whether a check can be one of them; `kinds` are the kinds of steps that it judges."""
        at_home = "*" in kinds or not self.steps or bool(set(self.steps) & set(kinds))
        return at_home and _any(check, self.checks)


def _actor(name: object) -> str:
    """The actor that `modality-2` or `modality2` is a player of; "" for what is none."""
    return actor_of(str(name)) if is_actor(str(name)) else ""


def _any(name: str, patterns: Collection[str]) -> bool:
    return not patterns or any(fnmatchcase(name, each) for each in patterns)


class Requirement(Model):
    """One wish."""

    id: Annotated[str, AfterValidator(_id)] = Field(description="Short name; it never changes.")
    function: Literal["basic", "optional"] = Field(
        default="basic", description="Whether every such device has it."
    )
    text: Text = Field(description="The wish in the hospital's words, as text or {en: , zh: }.")
    means: Text = Field(default=Text(), description="What that means in DICOM terms.")
    profile: str = Field(default="", description="IHE profile, such as RAD SWF.b.")
    actor: str = Field(default="", description="IHE actor, such as Image Manager.")
    transactions: Names = Field(default=(), description="IHE transactions, such as RAD-8.")
    tests: Annotated[tuple[Tests, ...], OneOrMore] = Field(
        default=(), description="What shows it; none: no test covers it."
    )


class RequirementsModel(Model):
    """A file of requirements, for one device."""

    device: Annotated[str, AfterValidator(_device)] = Field(
        description="ris, pacs, modality, workstation, digitizer or printer."
    )
    title: Text = Field(default=Text(), description="One line for the report.")
    requirements: tuple[Requirement, ...] = Field(min_length=1, description="The wishes.")


def catalogue_names() -> tuple[str, ...]:
    """Devices for which a catalogue is shipped."""
    found = {path.stem for path in _folder().glob("*.yaml")}
    return tuple(each for each in _DEVICES if each in found)


def _folder() -> Path:
    return reports_dir() / "requirements"


def load_requirements(
    name_or_path: str | Path, *, checks: Collection[str] = ()
) -> RequirementsModel:
    """A shipped catalogue by device, or a file; `checks` are the ids that there are, if known.

    Raises SpecError with every problem of the file, UsageError when there is no such catalogue.
    """
    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        if str(name_or_path) not in catalogue_names():
            what, fix = unknown("catalogue", str(name_or_path), catalogue_names())
            raise UsageError(f"{what}\n  fix: {fix}")
        path = _folder() / f"{name_or_path}.yaml"
    place = Place(read(path))
    problems: list[Problem] = []
    model = validate(RequirementsModel, place, problems)
    if model is not None:
        problems += _mistakes(model, place, checks)
    if model is None or problems:
        raise SpecError(problems)
    return model


def _mistakes(model: RequirementsModel, place: Place, checks: Collection[str]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, each in enumerate(model.requirements):
        here = place / "requirements" / index
        if first.setdefault(each.id, index) != index:
            yield (here / "id").problem(f'a second requirement "{each.id}"', "rename one")
        for number, tests in enumerate(each.tests):
            for pattern in tests.checks if checks else ():
                if not any(fnmatchcase(name, pattern) for name in checks):
                    meant = closest(pattern, checks)
                    fix = f"did you mean {meant}?" if meant else "`dicomtest checks` lists them"
                    where = here / "tests" / number / "checks"
                    yield where.problem(f'no check is named "{pattern}"', fix)


def entries(models: Iterable[RequirementsModel]) -> list[dict[str, Any]]:
    """The requirements as plain JSON values, for the record of a run."""
    return [
        {**each.model_dump(mode="json"), "device": model.device}
        for model in models
        for each in model.requirements
    ]
