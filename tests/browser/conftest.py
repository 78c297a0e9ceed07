"""A headless Chromium and sample reports written to disk."""

from __future__ import annotations

import json
import runpy
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from dicomtest.reporting.html import write_report

SAMPLE = Path(__file__).parents[1] / "unit" / "reporting" / "sample.py"
AXE = Path(__file__).parents[1] / "peers" / "node" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def sample() -> SimpleNamespace:
    """The functions that make up records."""
    return SimpleNamespace(**runpy.run_path(str(SAMPLE)))


@pytest.fixture(scope="session")
def axe() -> Path:
    """The accessibility checker of package.json in tests/peers/node."""
    if not AXE.is_file():
        pytest.skip(f"axe-core is not installed: (cd {AXE.parents[2]} && npm ci --ignore-scripts)")
    return AXE


@pytest.fixture(scope="session")
def browser():
    """Chromium, as installed on this machine."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM)
        yield launched
        launched.close()


@pytest.fixture
def open_report(browser, tmp_path):
    """Write the report of a record and open it from disk; script is off, complaints are kept."""
    contexts = []

    def opened(record, *, language=None, script=False, **settings):
        (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
        path = write_report(tmp_path, language=language)
        settings.setdefault("viewport", {"width": 1280, "height": 900})
        context = browser.new_context(java_script_enabled=script, **settings)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("dialog", lambda dialog: page.complaints.append(dialog.message))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: page.complaints.append(request.url))
        page.goto(path.as_uri())
        page.complaints.remove(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
