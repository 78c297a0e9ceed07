"""dicomtest report: the report of a finished run again, from its record alone."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dicomtest import console
from dicomtest.errors import SetupError, UsageError

if TYPE_CHECKING:
    from dicomtest.rejudge import Change

RUNS = "dicomtest-runs"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The run folder and what is wanted of it."""
    parser.add_argument(
        "folder", nargs="?", metavar="DIR", help=f"run folder; default: the newest in {RUNS}"
    )
    parser.add_argument("--language", metavar="LANG", help="en or zh; default: that of the site")
    parser.add_argument(
        "--pdf", action="store_true", help="print it to PDF too, with the browser of this machine"
    )
    parser.add_argument(
        "--judge",
        action="store_true",
        help="judge the saved evidence again with the checks of this version; the record of the "
        "run stays as it is, the new verdicts go into files of their own",
    )
    parser.add_argument(
        "--redact",
        nargs="?",
        const="",
        metavar="FOLDER",
        help="write a copy of report and evidence with patients' values, hosts and AE titles "
        "replaced, to be sent to a vendor; default: DIR-redacted",
    )


def main(arguments: argparse.Namespace) -> int:
    """Write the report; 0, or after --judge the exit status of the verdicts."""
    from dicomtest.reporting.html import write_report
    from dicomtest.reporting.junit import write_junit
    from dicomtest.reporting.record import JUDGED

    folder = Path(arguments.folder) if arguments.folder else newest(Path(RUNS))
    if arguments.redact is not None:
        if arguments.judge:
            raise UsageError("a redacted run cannot be judged again; leave out --judge or --redact")
        folder = _redact(folder, arguments.redact)
    status, variant = 0, ""
    if arguments.judge:
        status, variant = _judge(folder), JUDGED
    try:
        page = write_report(folder, language=arguments.language, variant=variant)
        written = [page, write_junit(folder, variant=variant)]
    except OSError as error:
        raise SetupError(f"{error.filename} cannot be written: {error.strerror}") from error
    if arguments.pdf:
        from dicomtest.reporting.pdf import print_pdf

        written.append(print_pdf(page, page.with_suffix(".pdf")))
    for path in written:
        console.write(str(path))
    _warn_of_changed_evidence(folder)
    return status


def _warn_of_changed_evidence(folder: Path) -> None:
    """Say on the error output which evidence is not what the record says it was."""
    from dicomtest.inventory import altered
    from dicomtest.reporting.record import read_record

    changed = altered(folder, read_record(folder)[0].get("evidence") or [])
    if changed:
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        console.complain(
            f"dicomtest: evidence is missing or was changed since the run: "
            f"{', '.join(changed[:5])}{more}"
        )


def newest(runs: Path) -> Path:
    """The newest run folder in a folder of runs; raises UsageError when there is none."""
    found = sorted(runs.glob("*/run.json"), key=lambda each: each.stat().st_mtime)
    if not found:
        raise UsageError(f"there is no run in {runs}; name the folder of a run")
    return found[-1].parent


def _redact(folder: Path, wanted: str) -> Path:
    from dicomtest.redaction import redact_run, redacted_folder

    target = Path(wanted) if wanted else redacted_folder(folder)
    redact_run(folder, target)
    return target


def _judge(folder: Path) -> int:
    from dicomtest.rejudge import judge_again
    from dicomtest.reporting.record import JUDGED, read_record

    if read_record(folder)[0].get("redacted"):
        raise UsageError("a redacted run cannot be judged again: wild cards no longer fit")
    record, changes = judge_again(folder)
    path = folder / f"run{JUDGED}.json"
    try:
        path.write_text(json.dumps(record, indent=1), encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{path} cannot be written: {error.strerror}") from error
    for line in told(record, changes):
        console.write(line)
    return int(record["exit_status"])


def told(record: dict[str, Any], changes: list[Change]) -> list[str]:
    """What judging again changed, a line for each verdict."""
    from dicomtest.reporting.text import bounded, one_line

    total = len(record["checks"])
    lines = [f"{total} checks judged again: {record['verdict']} ({record['verdict_reason']})"]
    for each in changes:
        place = f"{each.scenario} / {each.step}"
        verdicts = f"{each.old or 'none'} -> {each.new or 'none'}"
        why = f": {each.why}" if each.why else ""
        lines.append(one_line(f"{verdicts} {each.check} ({place}){bounded(why, 300)}"))
    if not changes:
        lines.append("No verdict changed.")
    return lines
