"""dicomtest requirements: what is wanted of a device, and which checks show it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from dicomtest import console

if TYPE_CHECKING:
    from dicomtest.spec.requirements import Requirement, RequirementsModel


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to list, and in which language."""
    parser.add_argument(
        "names",
        nargs="*",
        metavar="DEVICE|FILE",
        help="ris, pacs, modality, workstation, digitizer, printer, or a file; default: all",
    )
    parser.add_argument("--language", choices=("en", "zh"), default="en", help="default: en")
    parser.add_argument(
        "--run", metavar="DIR", help="folder of a run: show its verdict on each requirement"
    )


def main(arguments: argparse.Namespace) -> int:
    """Print them; 0."""
    from dicomtest.checks import all_checks
    from dicomtest.spec.requirements import catalogue_names, load_requirements

    names = arguments.names or catalogue_names()
    models = [load_requirements(each, checks=tuple(all_checks())) for each in names]
    verdicts = _verdicts(Path(arguments.run), models) if arguments.run else {}
    for model in models:
        console.write(f"{model.title.in_language(arguments.language) or model.device}\n")
        for each in model.requirements:
            for line in _lines(each, model.device, arguments.language):
                console.write(line)
            if verdicts:
                console.write(f"      -> {verdicts[model.device, each.id]}")
        console.write("")
    return 0


def _verdicts(folder: Path, models: list[RequirementsModel]) -> dict[tuple[str, str], str]:
    from dicomtest.reporting.record import read_record
    from dicomtest.reporting.requirements import VERDICTS, matrix
    from dicomtest.spec.requirements import entries

    record = read_record(folder)[0] | {"requirements": entries(models)}
    return {(each.device, each.id): VERDICTS[each.verdict] for each in matrix(record)}


def _lines(requirement: Requirement, device: str, language: str) -> list[str]:
    text = requirement.text.in_language(language)
    lines = [f"  {requirement.id} ({requirement.function}): {text}"]
    if requirement.means:
        lines.append(f"      {requirement.means.in_language(language)}")
    ihe = (requirement.profile, requirement.actor, ", ".join(requirement.transactions))
    if any(ihe):
        lines.append("      " + "; ".join(each for each in ihe if each))
    lines.append(f"      {_covered(requirement, device)}")
    return lines


def _covered(requirement: Requirement, device: str) -> str:
    """Which checks show it, in a few words."""
    from dicomtest.checks import all_checks

    if not requirement.tests:
        return "no test covers it"
    told = []
    for tests in requirement.tests:
        where = f" in {', '.join(tests.scenarios)}" if tests.scenarios else ""
        if tests.scenarios and not tests.steps and not tests.checks:
            told.append(f"every check{where}")
            continue
        found = [each for each in all_checks().values() if tests.may_be(each.id, each.steps)]
        told.append(f"{len(found)} checks{where}")
    judged = {each.judges or device for each in requirement.tests}
    return f"tested by {' and '.join(told)}, judging {', '.join(sorted(judged))}"
