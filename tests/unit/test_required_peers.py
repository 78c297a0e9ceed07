"""A missing program skips its tests, and fails them where DICOMTEST_REQUIRE_PEERS is set."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
CONFIGURATION = """
[pytest]
markers =
    peer: needs another program
    browser: needs a browser
"""


@pytest.fixture
def pytest_in(tmp_path: Path):
    """Run pytest over one test module, below the conftest.py under test; give its exit code."""

    def run(text: str, *, required: bool, where: str = "peers") -> int:
        (tmp_path / where).mkdir()
        (tmp_path / "pytest.ini").write_text(CONFIGURATION, encoding="utf-8")
        (tmp_path / "conftest.py").write_bytes(CONFTEST.read_bytes())
        (tmp_path / where / "test_it.py").write_text(f"import pytest\n{text}", encoding="utf-8")
        environment = {
            key: os.environ[key] for key in os.environ if key != "DICOMTEST_REQUIRE_PEERS"
        }
        if required:
            environment["DICOMTEST_REQUIRE_PEERS"] = "1"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:dicomtest", "-q", str(tmp_path)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode

    return run


SKIPPED = {
    "in the test": "@pytest.mark.peer\ndef test_it(): pytest.skip('no Orthanc')",
    "in its fixture": (
        "@pytest.fixture\ndef orthanc(): pytest.skip('no Orthanc')\n"
        "@pytest.mark.peer\ndef test_it(orthanc): pass"
    ),
    "by a mark": "@pytest.mark.browser\n@pytest.mark.skipif(True, reason='x')\ndef test_it(): pass",
    "as a whole file": "pytest.importorskip('no_such_module')",
}


@pytest.mark.parametrize("text", SKIPPED.values(), ids=SKIPPED)
def test_a_skip_fails_where_the_program_must_be_there(pytest_in, text):
    assert pytest_in(text, required=True) in (pytest.ExitCode.TESTS_FAILED, 2)


@pytest.mark.parametrize("text", SKIPPED.values(), ids=SKIPPED)
def test_a_skip_is_a_skip_elsewhere(pytest_in, text):
    assert pytest_in(text, required=False) in (pytest.ExitCode.OK, 5)


def test_other_skips_and_expected_failures_stay_what_they_are(pytest_in):
    text = (
        "def test_it(): pytest.skip('not on Windows')\n"
        "@pytest.mark.peer\n@pytest.mark.xfail\ndef test_known(): assert False"
    )

    assert pytest_in(text, required=True, where="unit") == pytest.ExitCode.OK
