"""The report as PDF, printed by a browser of this machine: Chromium, Chrome or Edge.

The browser runs without a window, with a profile of its own that is thrown away. The report holds
no script and asks for nothing, so that nothing but the file is read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dicomtest.errors import SetupError

VARIABLE = "DICOMTEST_BROWSER"  # a browser's path, for what the search does not find
TIME_LIMIT = 180.0  # seconds

_COMMANDS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge", "microsoft-edge-stable", "msedge",
)  # fmt: skip
_WINDOWS_FOLDERS = ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData")
_WINDOWS = (
    "Microsoft/Edge/Application/msedge.exe",
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
)
_MACOS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Chromium.app/Contents/MacOS/Chromium",
)


def print_pdf(page: Path, target: Path, *, browser: Path | None = None) -> Path:
    """Print an HTML file to a PDF file; gives its path.

    Raises SetupError when there is no browser, or when it gives no PDF.
    """
    program = browser or find_browser()
    with tempfile.TemporaryDirectory(prefix="dicomtest-", ignore_cleanup_errors=True) as folder:
        made = Path(folder) / "report.pdf"
        options = (
            "--headless", "--disable-gpu", "--disable-extensions", "--no-first-run",
            f"--user-data-dir={Path(folder) / 'profile'}", "--no-pdf-header-footer",
            f"--print-to-pdf={made}",
        )  # fmt: skip
        address = page.resolve().as_uri()
        said = _run([str(program), *options, address])
        if not made.is_file() and "--no-sandbox" in said:  # a browser started by root asks for it
            said = _run([str(program), *options, "--no-sandbox", address])
        if not made.is_file() or not made.read_bytes().startswith(b"%PDF"):
            last = " ".join(said.split()[-40:])
            raise SetupError(
                f"{program} made no PDF of {page}. Open the report in a browser and print it "
                f"there. The browser said: {last or 'nothing'}"
            )
        try:
            shutil.copyfile(made, target)
        except OSError as error:
            raise SetupError(f"{target} cannot be written: {error.strerror or error}") from error
    return target


def _run(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=TIME_LIMIT,
            check=False,
        )
    except OSError as error:
        raise SetupError(f"{command[0]} cannot be started: {error.strerror or error}") from error
    except subprocess.TimeoutExpired:
        return f"nothing for {TIME_LIMIT:.0f} seconds"
    return done.stderr.decode("utf-8", "replace")


def find_browser() -> Path:
    """The browser that prints; raises SetupError, saying what helps, when there is none."""
    for each in candidates(os.environ, sys.platform):
        if each.is_file():
            return each
    raise SetupError(
        "no browser that can print to PDF was found: neither Chromium, Chrome nor Edge is "
        f"installed where it is usually found. Install one, set {VARIABLE} to its path, or open "
        "the HTML report in any browser and print it there."
    )


def candidates(environment: Mapping[str, str], platform: str) -> Iterator[Path]:
    """Where a browser may be, the best first; `platform` as in `sys.platform`."""
    if environment.get(VARIABLE):
        yield Path(environment[VARIABLE])
    for name in _COMMANDS:
        found = shutil.which(name, path=environment.get("PATH"))
        if found:
            yield Path(found)
    if platform == "win32":
        folders = [environment[each] for each in _WINDOWS_FOLDERS if environment.get(each)]
        yield from (Path(folder) / each for each in _WINDOWS for folder in folders)
    if platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            yield from (folder / each for each in _MACOS)
