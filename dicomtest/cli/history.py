"""dicomtest history: the runs in a folder, in order of time."""

from __future__ import annotations

import argparse
from pathlib import Path

from dicomtest import console
from dicomtest.cli.report import RUNS
from dicomtest.errors import SetupError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder and whether a page is wanted."""
    parser.add_argument(
        "folder", nargs="?", default=RUNS, metavar="FOLDER", help=f"default: {RUNS}"
    )
    parser.add_argument(
        "--html",
        nargs="?",
        const="",
        metavar="FILE",
        help="write a page with a trend chart; default: FOLDER/history.html",
    )
    parser.add_argument("--language", metavar="LANG", help="en or zh, of the page")


def main(arguments: argparse.Namespace) -> int:
    """List the runs; 0."""
    from dicomtest.reporting.history import history_page, history_rows, runs_in

    folder = Path(arguments.folder)
    runs = runs_in(folder)
    console.write(console.table(history_rows(runs), indent=""))
    if arguments.html is not None:
        path = Path(arguments.html) if arguments.html else folder / "history.html"
        page = history_page(runs, language=arguments.language)
        try:
            path.write_text(page, encoding="utf-8", newline="\n")
        except OSError as error:
            raise SetupError(f"{path} cannot be written: {error.strerror}") from error
        console.write(str(path))
    return 0
