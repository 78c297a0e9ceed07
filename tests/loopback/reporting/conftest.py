"""One real run of a small scenario, copied for each test that wants to change it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from dicomtest.cli import main

SCENARIO = """\
scenario: small
title: {en: Small, zh: 小}
steps:
  - verify: {from: modality, to: pacs}
  - store: {from: modality, to: pacs, study: ct, rows: 32, columns: 32, save: head}
  - query: {from: workstation, to: pacs, level: STUDY, study: head}
"""


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run; not to be changed."""
    folder = tmp_path_factory.mktemp("played")
    scenario = folder / "small.dicomtest.yaml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "dicomtest", "run", str(scenario), "--output", str(folder / "run")],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "run"


@pytest.fixture
def run_folder(played: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed at will."""
    return Path(shutil.copytree(played, tmp_path / "run"))


@pytest.fixture
def dicomtest(capsys: pytest.CaptureFixture[str]) -> Callable[..., SimpleNamespace]:
    """Run the command line in this process."""

    def run(*arguments: object) -> SimpleNamespace:
        capsys.readouterr()
        status = main([str(each) for each in arguments])
        out, err = capsys.readouterr()
        return SimpleNamespace(status=status, out=out, err=err)

    return run
