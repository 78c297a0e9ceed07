"""Fixtures of the command line tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from dicomtest.cli import main


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str


@pytest.fixture
def dicomtest(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run the command line in this process."""

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        status = main(arguments)
        out, err = capsys.readouterr()
        return Said(status, out, err)

    return run
