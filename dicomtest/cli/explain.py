"""dicomtest explain ID: one check in full."""

from __future__ import annotations

import argparse
import textwrap
from functools import cache

from dicomtest import console
from dicomtest.errors import UsageError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The id."""
    parser.add_argument("id", metavar="ID", help="id of a check, such as store.status")


def main(arguments: argparse.Namespace) -> int:
    """Print the check; raises UsageError, with a suggestion, for an id that does not exist."""
    from dicomtest.checks import all_checks
    from dicomtest.spec.words import closest

    checks = all_checks()
    if arguments.id not in checks:
        near = closest(arguments.id, checks)
        meant = f"; did you mean {near}?" if near else "; `dicomtest checks` lists them"
        raise UsageError(f"there is no check {arguments.id}{meant}")
    check = checks[arguments.id]
    strength = "MUST: a failure" if check.level == "must" else "SHOULD: a warning"
    whom = {
        "scu": "the side that uses the service (SCU)",
        "scp": "the side that provides the service (SCP)",
    }[check.judges]
    console.write(console.paint(check.id, console.BOLD))
    parts = {
        "requirement": check.requirement,
        "level": f"{strength} when it is broken",
        "judges": whom,
        "clause": "; ".join(check.cites),
        "steps": "every kind" if check.steps == ("*",) else ", ".join(check.steps),
        "only when": f"the step says `{check.when}`" if check.when else "",
        "consequence": check.consequence,
        "fix": check.fix,
        "used in": ", ".join(_used_in(check.id)) or "no shipped scenario",
    }
    for name, text in parts.items():
        if text:
            _paragraph(name, text)
    return 0


def _paragraph(name: str, text: str) -> None:
    indent = " " * 13
    console.write(
        textwrap.fill(
            text,
            width=96,
            initial_indent=f"{name:<13}",
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=False,
        )
    )


def _used_in(check_id: str) -> list[str]:
    """Shipped scenarios in which the check is carried out."""
    return [name for name, ids in _carried_out().items() if check_id in ids]


@cache
def _carried_out() -> dict[str, set[str]]:
    """Every shipped scenario with the ids of its checks."""
    from dicomtest.checks import checks_for
    from dicomtest.resources import scenarios_dir
    from dicomtest.spec.scenario import SUFFIX, load_scenarios
    from dicomtest.transactions import step_models

    models = step_models()
    return {
        scenario.id: {
            check.id
            for step in scenario.steps
            for check in checks_for(step.kind, step.parameters.model_dump(by_alias=True))
        }
        for path in sorted(scenarios_dir().glob(f"*{SUFFIX}"))
        for scenario in load_scenarios(path, models)
    }
