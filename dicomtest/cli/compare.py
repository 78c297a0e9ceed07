"""dicomtest compare: what is different between two runs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from dicomtest import console
from dicomtest.errors import SetupError

NEW_FOLDER = ""  # of --html and --json without a file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two runs and how the comparison is written."""
    parser.add_argument("old", metavar="OLD", help="run folder of the earlier run")
    parser.add_argument("new", metavar="NEW", help="run folder of the later run")
    for kind in ("html", "json"):
        parser.add_argument(
            f"--{kind}",
            nargs="?",
            const=NEW_FOLDER,
            metavar="FILE",
            help=f"write it as {kind.upper()} too; default: NEW/comparison.{kind}",
        )
    parser.add_argument("--language", metavar="LANG", help="en or zh, of the HTML")


def main(arguments: argparse.Namespace) -> int:
    """Compare; 0 when nothing got worse, 1 when something did."""
    from shutil import get_terminal_size

    from dicomtest.reporting.comparison import compare
    from dicomtest.reporting.comparison.html import comparison_page
    from dicomtest.reporting.comparison.text import comparison_text
    from dicomtest.reporting.record import read_record

    old, _ = read_record(Path(arguments.old))
    new, _ = read_record(Path(arguments.new))
    changes = compare(old, new)
    language = arguments.language or str((new.get("site") or {}).get("language") or "en")
    width = min(120, get_terminal_size((100, 24)).columns)
    console.write(comparison_text(changes, colour=console.colour(), width=width))
    if arguments.html is not None:
        _write(arguments, "html", comparison_page(changes, language=language))
    if arguments.json is not None:
        _write(arguments, "json", json.dumps(changes, indent=1) + "\n")
    return 1 if changes["worse"] else 0


def _write(arguments: argparse.Namespace, kind: str, text: str) -> None:
    name = getattr(arguments, kind)
    path = Path(name) if name else Path(arguments.new) / f"comparison.{kind}"
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise SetupError(f"{path} cannot be written: {error.strerror}") from error
    console.write(str(path))
