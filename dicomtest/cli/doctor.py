"""dicomtest doctor: the pre-flight of a site."""

from __future__ import annotations

import argparse
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from dicomtest import console
from dicomtest.errors import UsageError

if TYPE_CHECKING:
    from dicomtest.preflight import Remark

COLOURS = {"ok": console.GREEN, "warn": console.YELLOW, "FAIL": console.RED}
WIDTH = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The site, and how far to go."""
    parser.add_argument("--site", metavar="FILE", default="site.yaml", help="site file [site.yaml]")
    parser.add_argument(
        "--store",
        action="store_true",
        help="also store one small synthetic image in a PACS and have it sent back; it stays",
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="show every SOP class and transfer syntax"
    )


def main(arguments: argparse.Namespace) -> int:
    """Look, print each remark as it is made, and what to mend; 0 when nothing has to be."""
    from dicomtest.preflight.examination import Heading, examine
    from dicomtest.session import read_site

    if not Path(arguments.site).exists():
        raise UsageError(f"{arguments.site}: no such file; `dicomtest init` writes one")
    site = read_site(Path(arguments.site))
    to_mend: dict[tuple[str, str], list[Remark]] = {}
    about = ""
    if not site.systems:
        console.write(f"{arguments.site} names no real system: everything is simulated.")
    with tempfile.TemporaryDirectory(prefix="dicomtest-doctor-") as folder:
        for said in examine(site, Path(folder), keep_object=arguments.store):
            if isinstance(said, Heading):
                about = said.text.partition(":")[0]
                console.write(f"\n{console.paint(said.text, console.BOLD)}")
                continue
            _show(said, verbose=arguments.verbose)
            if said.grade == "FAIL":
                to_mend.setdefault((about, said.fix), []).append(said)
    return _close(to_mend, arguments.site)


def _show(remark: Remark, *, verbose: bool) -> None:
    sign = f"  {remark.grade:<5} "
    mark = console.paint(sign, COLOURS[remark.grade]) if remark.grade in COLOURS else " " * 8
    lines = textwrap.wrap(remark.what, WIDTH - 8, break_on_hyphens=False) or [""]
    console.write(mark + ("\n" + " " * 8).join(lines))
    if remark.fix and remark.grade == "warn":
        console.write(_indented(f"fix: {remark.fix}", 10))
    if remark.detail and verbose:
        for line in remark.detail.splitlines():
            console.write(_indented(line, 10))


def _indented(text: str, columns: int) -> str:
    indent = " " * columns
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _close(to_mend: dict[tuple[str, str], list[Remark]], file: str) -> int:
    """What has to be mended before a run, each fix once; the exit status."""
    if not to_mend:
        console.write(f"\nNothing is in the way. Next:   dicomtest run --site {file}")
        return 0
    console.write(f"\n{console.paint('To mend', console.BOLD)}")
    for number, ((about, fix), remarks) in enumerate(to_mend.items(), start=1):
        what = "; ".join(each.what for each in remarks)
        console.write(_indented(f"{number}. {about}: {what}", 2))
        if fix:
            console.write(_indented(f"-> {fix}", 5))
    return 1
