"""dicomtest checks: every check with its level, clause and whom it judges."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from dicomtest import console

if TYPE_CHECKING:
    from dicomtest.checks import Check


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Filters; a check is listed when it fits all of them."""
    parser.add_argument(
        "words", nargs="*", metavar="WORD", help="only checks whose id or requirement has it"
    )
    parser.add_argument("--step", metavar="KIND", help="only checks of this kind of step")
    parser.add_argument("--level", choices=("must", "should"), help="only checks of this level")
    parser.add_argument(
        "--judges", choices=("scu", "scp"), help="only checks of the user (scu) or provider (scp)"
    )
    parser.add_argument(
        "--clause", metavar="TEXT", help="only checks that cite it, such as PS3.4 or C.4.2"
    )


def main(arguments: argparse.Namespace) -> int:
    """Print the list; 0, or 1 when nothing fits."""
    from dicomtest.checks import all_checks

    listed = [each for each in all_checks().values() if _fits(each, arguments)]
    rows = [("check", "level", "judges", "clause")]
    rows += [(each.id, each.level, each.judges, "; ".join(each.cites)) for each in listed]
    if listed:
        console.write(console.table(rows, indent=""))
    total = len(all_checks())
    console.write(f"\n{len(listed)} of {total} checks. `dicomtest explain ID` shows one in full.")
    return 0 if listed else 1


def _fits(check: Check, arguments: argparse.Namespace) -> bool:
    text = f"{check.id} {check.requirement}".lower()
    return (
        all(word.lower() in text for word in arguments.words)
        and (arguments.step is None or arguments.step in check.steps or check.steps == ("*",))
        and arguments.level in (None, check.level)
        and arguments.judges in (None, check.judges)
        and (arguments.clause is None or _cites(check, arguments.clause))
    )


def _cites(check: Check, text: str) -> bool:
    return any(text.lower() in each.lower() for each in check.cites)
