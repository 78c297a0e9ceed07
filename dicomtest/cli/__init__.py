"""The command line: one module for each command, imported when it is used.

A command module offers `add_arguments(parser)` and `main(arguments) -> exit status`; at module
level it imports the standard library and `dicomtest.errors` only, so that `--help` stays fast.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from dicomtest import __version__, console
from dicomtest.errors import DicomtestError, UsageError

COMMANDS = {
    "init": "write a site file by answering a few questions",
    "doctor": "check that the systems of a site can be reached, before a run",
    "run": "run scenarios and write the report; without a site, everything is simulated",
    "report": "write the report of a finished run again, as HTML, JUnit and PDF",
    "compare": "tell what got worse, what was mended and what changed between two runs",
    "history": "list the runs in a folder with their verdicts, and chart the trend",
    "checks": "list what is checked, with the clause of the standard",
    "explain": "show one check in full",
    "requirements": "list what is wanted of each device, and which checks show it",
    "simulate": "run one simulated device until Ctrl-C",
    "schema": "print the JSON Schema of a kind of YAML file, or of run.json",
}

ACCEPTED, NOT_ACCEPTED, INTERRUPTED, INTERNAL_ERROR, USAGE_ERROR = 0, 1, 2, 3, 4


class Parser(argparse.ArgumentParser):
    """Reports a wrong command line as UsageError, with a suggestion where one is near."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of ending the program."""
        wrong = re.search(r"invalid choice: '([^']*)'.*choose from (.*)\)", message)
        if wrong:
            from dicomtest.spec.words import unknown

            choices = [each.strip("' ") for each in wrong[2].split(",")]
            what, fix = unknown(message.split(":")[0].removeprefix("argument "), wrong[1], choices)
            raise UsageError(f"{what}\n  fix: {fix}")
        raise UsageError(f"{message}\n{self.format_usage().strip()}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit status is 0 to 5 or 10, as the README lists them."""
    console.set_up()
    argv = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in argv or os.environ.get("DICOMTEST_DEBUG", "") not in ("", "0")
    try:
        return _dispatch(argv)
    except SystemExit as leaving:  # --help and --version
        return leaving.code if isinstance(leaving.code, int) else ACCEPTED
    except DicomtestError as error:
        if debug:
            _show_traceback()
        console.complain(f"dicomtest: {error}")
        return USAGE_ERROR
    except KeyboardInterrupt:
        console.complain("dicomtest: interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        _forget_output()
        return ACCEPTED
    except Exception as error:  # the last resort: a defect of ours gets words and a file
        return _internal_error(error, debug=debug)


def _dispatch(argv: list[str]) -> int:
    parser = _parser(argv)
    arguments = parser.parse_args(argv)
    if arguments.command is None:
        console.write(parser.format_help())
        return USAGE_ERROR
    module = import_module(f"dicomtest.cli.{arguments.command}")
    status: int = module.main(arguments)
    return status


def _parser(argv: list[str]) -> Parser:
    parser = Parser(
        prog="dicomtest",
        description="Acceptance tests for DICOM systems: scenarios, simulators, a report to sign.",
        epilog="`dicomtest COMMAND --help` shows the options of a command.",
    )
    parser.add_argument("--version", action="version", version=f"dicomtest {__version__}")
    parser.add_argument("--debug", action="store_true", help="show Python's traceback of errors")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(
            name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
        )
        command.add_argument("--debug", action="store_true", default=argparse.SUPPRESS)
        if name in argv:  # only a command that is used is worth importing
            import_module(f"dicomtest.cli.{name}").add_arguments(command)
    return parser


def _internal_error(error: Exception, *, debug: bool) -> int:
    if debug:
        _show_traceback()
        where = ""
    else:
        where = f"\nDetails are in {_keep_traceback()}; --debug shows them here."
    console.complain(
        f"dicomtest: internal error: {type(error).__name__}: {error}\n"
        "This is a defect of dicomtest; it says nothing about the system under test." + where
    )
    return INTERNAL_ERROR


def _show_traceback() -> None:
    import traceback

    console.complain(traceback.format_exc())


def _keep_traceback() -> str:
    """Write the traceback to a file of the user's temporary folder; give its path."""
    import platform
    import tempfile
    import traceback

    text = f"dicomtest {__version__}, Python {sys.version}, {platform.platform()}\n"
    text += traceback.format_exc()
    try:
        number, path = tempfile.mkstemp(prefix="dicomtest-error-", suffix=".txt")
        os.close(number)
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        return f"no file, because none could be written ({error.strerror})"
    return path


def _forget_output() -> None:
    """Keep Python from flushing to a closed pipe when it ends."""
    with contextlib.suppress(OSError), Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
