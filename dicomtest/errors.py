"""Errors that a user can meet, in one shallow tree.

    DicomtestError
    ├── SpecError         the YAML is wrong: the user mends the file        (exit 4)
    ├── UsageError        the command line is wrong                         (exit 4)
    ├── SetupError        port taken, folder not writable: the site mends it (exit 4)
    └── StepError         a step could not be carried out; its checks are blocked

A verdict on the system under test is never an exception; a defect of this program is
any exception that is not in this tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class DicomtestError(Exception):
    """Base of everything this program raises on purpose; `str()` says what to do."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a YAML file: where (lines and columns from 1), what, and the fix."""

    path: Path
    line: int
    column: int
    what: str
    fix: str = ""

    def __str__(self) -> str:
        """Give `file:line:column: what`, with the fix on a line of its own."""
        text = f"{self.path}:{self.line}:{self.column}: {self.what}"
        return f"{text}\n  fix: {self.fix}" if self.fix else text


class SpecError(DicomtestError):
    """YAML files that cannot be used; carries every problem found, not the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems in file order."""
        self.problems = tuple(sorted(problems))
        noun = "problem" if len(self.problems) == 1 else "problems"
        lines = [str(problem) for problem in self.problems]
        super().__init__("\n".join([*lines, f"{len(lines)} {noun}, nothing was sent."]))

    def __reduce__(self) -> tuple[type[SpecError], tuple[tuple[Problem, ...]]]:
        """Survive pickling (pytest-xdist)."""
        return type(self), (self.problems,)


class UsageError(DicomtestError):
    """The command line asks for something that does not exist or cannot be."""


class SetupError(DicomtestError):
    """This machine cannot run the test as asked: a port is taken, a folder is not writable."""


class StepError(DicomtestError):
    """A step could not be carried out for a reason outside the system's conformance."""
