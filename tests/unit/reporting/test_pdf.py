"""The browser that prints: where it is looked for, and what is said when there is none."""

from __future__ import annotations

import stat
import sys

import pytest

from dicomtest.errors import SetupError
from dicomtest.reporting import pdf


def test_the_users_own_choice_comes_first(tmp_path):
    chosen = next(pdf.candidates({"DICOMTEST_BROWSER": str(tmp_path / "mine")}, "linux"))

    assert chosen == tmp_path / "mine"


def test_windows_is_searched_for_edge_and_chrome_where_they_are_installed():
    environment = {"ProgramFiles": "P", "ProgramFiles(x86)": "X", "LocalAppData": "L", "PATH": ""}

    found = [each.as_posix() for each in pdf.candidates(environment, "win32")]

    assert "X/Microsoft/Edge/Application/msedge.exe" in found
    assert "P/Google/Chrome/Application/chrome.exe" in found
    assert "L/Google/Chrome/Application/chrome.exe" in found


def test_macos_is_searched_for_applications():
    found = [each.name for each in pdf.candidates({"PATH": ""}, "darwin")]

    assert {"Google Chrome", "Microsoft Edge", "Chromium"} <= set(found)


def test_without_a_browser_the_message_says_what_helps(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DICOMTEST_BROWSER", raising=False)

    with pytest.raises(SetupError, match=r"(?s)Chromium, Chrome nor Edge.*DICOMTEST_BROWSER"):
        pdf.find_browser()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for the browser")
def test_a_browser_that_makes_no_pdf_is_quoted(tmp_path):
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\necho no display here >&2\nexit 1\n", encoding="utf-8")
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    page = tmp_path / "report.html"
    page.write_text("<p>", encoding="utf-8")

    with pytest.raises(SetupError, match="no display here"):
        pdf.print_pdf(page, tmp_path / "report.pdf", browser=browser)

    assert not (tmp_path / "report.pdf").exists()


def test_a_browser_that_cannot_be_started_is_named(tmp_path):
    page = tmp_path / "report.html"
    page.write_text("<p>", encoding="utf-8")

    with pytest.raises(SetupError, match="absent cannot be started"):
        pdf.print_pdf(page, tmp_path / "report.pdf", browser=tmp_path / "absent")
