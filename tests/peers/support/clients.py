"""A client program that ran to its end, and the clients of the test that is running."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TIME_LIMIT = 60.0

recent: list[Ran] = []  # of the running test, for its report


@dataclass(frozen=True)
class Ran:
    """A client's command line, its exit code and everything it wrote."""

    command: tuple[str, ...]
    exit_code: int
    log: str = field(repr=False)
    folder: Path = field(repr=False)  # where it wrote its files

    def __str__(self) -> str:
        return f"{' '.join(self.command)}\n-> exit code {self.exit_code}\n{self.log}"


def run(
    command: Sequence[str],
    *,
    folder: Path,
    env: Mapping[str, str],
    within: float = TIME_LIMIT,
) -> Ran:
    """Run a client to its end; raises AssertionError with its log when it takes too long."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=within,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        written = (late.stdout or b"").decode(errors="replace")
        words = " ".join(command)
        raise AssertionError(f"still running after {within:g} s: {words}\n{written}") from None
    log = done.stdout.decode(errors="replace")
    ran = Ran(tuple(command), done.returncode, log, folder)
    recent.append(ran)
    return ran
