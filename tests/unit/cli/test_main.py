"""Exit statuses, messages without tracebacks, and a start that stays fast."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dicomtest.cli import COMMANDS, checks
from dicomtest.errors import SetupError

HEAVY = ("pynetdicom", "pydicom", "pytest", "jinja2", "pydantic", "numpy", "hypothesis", "ruamel")


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False, timeout=60
    )


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"]])
def test_help_imports_nothing_heavy(arguments):
    code = (
        f"import sys; from dicomtest.cli import main; status = main({arguments!r});"
        "loaded = {each.partition('.')[0] for each in sys.modules};"
        f"print('HEAVY', sorted(set({HEAVY!r}) & loaded)); sys.exit(status)"
    )

    ran = python(code)

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "HEAVY []"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(dicomtest, command):
    said = dicomtest(command, "--help")

    assert said.status == 0
    assert COMMANDS[command].split()[0].capitalize() in said.out


def test_without_a_command_the_help_is_shown_and_nothing_succeeded(dicomtest):
    said = dicomtest()

    assert said.status == 4
    assert "doctor" in said.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["docter"], 'did you mean "doctor"'),
        (["schema", "sites"], 'did you mean "site"'),
        (["explain"], "required: ID"),
        (["run", "--colour"], "unrecognized arguments: --colour"),
        (["doctor", "--site", "absent.yaml"], "absent.yaml: no such file; `dicomtest init`"),
        (["run", "--site", "absent.yaml"], "absent.yaml: no such file"),
        (["explain", "store.statsu"], "there is no check store.statsu"),
    ],
)
def test_a_wrong_command_line_ends_with_4_and_a_message(dicomtest, arguments, words):
    said = dicomtest(*arguments)

    assert said.status == 4
    assert words in said.err
    assert "Traceback" not in said.err


def test_a_bad_site_ends_with_4_and_every_problem(dicomtest, tmp_path: Path):
    path = tmp_path / "site.yaml"
    path.write_text("site: S\nlangauge: en\nseed: x\n", encoding="utf-8")

    said = dicomtest("doctor", "--site", str(path))

    assert said.status == 4
    assert f"{path}:2:1: unknown key" in said.err
    assert f"{path}:3:7: seed must be" in said.err
    assert "2 problems, nothing was sent." in said.err


def raising(error: BaseException):
    def main(_arguments):
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (SetupError("port 104 is taken"), 4, "port 104 is taken"),
        (KeyboardInterrupt(), 2, "interrupted"),
        (RuntimeError("a defect"), 3, "internal error: RuntimeError: a defect"),
    ],
)
def test_errors_become_an_exit_status_and_a_message(
    dicomtest, monkeypatch, tmp_path, error, status, words
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(checks, "main", raising(error))

    said = dicomtest("checks")

    assert said.status == status
    assert words in said.err
    assert "Traceback" not in said.err


def test_details_of_an_internal_error_are_kept_in_a_file(dicomtest, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(checks, "main", raising(RuntimeError("a defect")))

    said = dicomtest("checks")

    (kept,) = tmp_path.iterdir()
    assert str(kept) in said.err
    assert "Traceback" in kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("by_variable", [True, False])
def test_debug_shows_the_traceback(dicomtest, monkeypatch, by_variable):
    monkeypatch.setattr(checks, "main", raising(RuntimeError("a defect")))
    monkeypatch.setenv("DICOMTEST_DEBUG", "1" if by_variable else "0")

    said = dicomtest("checks", *([] if by_variable else ["--debug"]))

    assert said.status == 3
    assert "Traceback" in said.err


def test_a_reader_that_has_seen_enough_is_no_error():
    code = (
        "import subprocess, sys;"
        "p = subprocess.Popen([sys.executable, '-m', 'dicomtest', 'schema', 'site'],"
        " stdout=subprocess.PIPE, stderr=subprocess.PIPE);"
        "p.stdout.close(); sys.stderr.write(p.stderr.read().decode()); sys.exit(p.wait())"
    )

    ran = python(code)

    assert (ran.returncode, ran.stderr) == (0, "")


def test_output_that_is_redirected_is_utf8_whatever_the_locale():
    code = (
        "import os, subprocess, sys;"
        "env = dict(os.environ, PYTHONIOENCODING='cp1252', PYTHONUTF8='0');"
        "out = subprocess.run([sys.executable, '-c', 'from dicomtest import console;"
        'console.set_up(); console.write("检查")\'], env=env, capture_output=True).stdout;'
        "sys.exit(out.decode('utf-8').strip() != '检查')"
    )

    assert python(code).returncode == 0
