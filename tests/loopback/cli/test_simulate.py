"""simulate: a device on its own serves, says what arrives, and ends with Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomtest import dimse
from dicomtest.cli import main

VERIFICATION = "1.2.840.10008.1.1"
LIMITS = dimse.Limits(connect=5, association=5, response=10)


class Device:
    """`dicomtest simulate` in a process of its own."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dicomtest", "simulate", *options, "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        self.first = self.line()
        found = re.search(r"^(\S+), .* listens on 127\.0\.0\.1:(\d+)\.", self.first)
        assert found, self.first
        self.remote = dimse.Remote(found[1], "127.0.0.1", int(found[2]))

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def interrupt(self) -> None:
        windows = os.name == "nt"
        self.process.send_signal(signal.CTRL_BREAK_EVENT if windows else signal.SIGINT)

    def end(self) -> str:
        self.interrupt()
        assert self.process.stdout is not None
        rest = self.process.stdout.read()
        self.process.wait(20)
        return rest


@pytest.fixture
def pacs() -> Iterator[Device]:
    device = Device("pacs", "--ae-title", "ARCHIVE")
    yield device
    device.process.kill()
    device.process.wait(20)
    assert device.process.stdout is not None
    device.process.stdout.close()


def echo(remote: dimse.Remote, called: str | None = None) -> dimse.Requestor:
    proposal = dimse.Proposal(VERIFICATION, ("1.2.840.10008.1.2",))
    with dimse.associate(
        remote,
        calling="CT1",
        called=called,
        proposals=[proposal],
        recorder=dimse.Recorder(),
        limits=LIMITS,
    ) as requestor:
        if requestor.established:
            requestor.echo()
    return requestor


def test_it_tells_its_name_and_one_line_for_each_event(pacs):
    assert pacs.remote.ae_title == "ARCHIVE"

    assert echo(pacs.remote).association.exchanges[0].status == 0

    lines = [pacs.line(), pacs.line(), pacs.line()]
    assert "<- CT1 127.0.0.1:" in lines[0]
    assert "association to ARCHIVE accepted, 1 of 1 presentation contexts" in lines[0]
    assert "C-ECHO Verification: 0000 (success)" in lines[1]
    assert lines[2].rstrip().endswith("released")


def test_it_says_whom_it_rejected_and_why(pacs):
    assert echo(pacs.remote, called="WRONG").association.outcome == "rejected"

    assert "association to WRONG: rejected" in (line := pacs.line())
    assert "called AE title not recognized" in line


def test_ctrl_c_ends_it_with_0_and_without_a_traceback(pacs):
    rest = pacs.end()

    assert "Traceback" not in rest
    assert pacs.process.returncode == 0 or os.name == "nt"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["toaster"], "unknown ACTOR"),
        (["pacs", "--profile", "ct"], "ct is the profile of a modality"),
        (["pacs", "--profile", "cat"], 'unknown device profile "cat"; did you mean "ct"'),
        (["pacs", "--ae-title", "SEVENTEEN_LETTERS"], "16 is the most"),
        (["pacs", "--destination", "DEST@host"], "write AE@HOST:PORT"),
        (["pacs", "--site", "absent.yaml"], "no such file"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_words(capsys, options, words):
    assert main(["simulate", *options]) == 4
    assert words in capsys.readouterr().err


def test_a_folder_that_cannot_be_used_is_refused(capsys, tmp_path: Path):
    (tmp_path / "file").write_text("x", encoding="utf-8")

    assert main(["simulate", "pacs", "--port", "0", "--keep", str(tmp_path / "file" / "x")]) == 4
    assert "cannot be used" in capsys.readouterr().err
