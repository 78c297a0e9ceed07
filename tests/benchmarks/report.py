"""How long the report of a large run takes to write, to open and to answer a click.

    python tests/benchmarks/report.py [CHECKS]

Prints one line per figure. Needs Chromium and playwright.
"""

from __future__ import annotations

import json
import runpy
import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from dicomtest.reporting.html import write_report
from dicomtest.reporting.junit import write_junit
from dicomtest.reporting.summary import summarise

SAMPLE = Path(__file__).parents[1] / "unit" / "reporting" / "sample.py"
PAINTED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))"


def main(checks: int) -> None:
    record = runpy.run_path(str(SAMPLE))["large"](checks)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        run_dir = Path(folder)
        (run_dir / "run.json").write_text(json.dumps(record), encoding="utf-8")
        tell("summary", lambda: summarise(record, colour=False, width=80))
        tell("junit.xml", lambda: write_junit(run_dir))
        path = tell("report.html", lambda: write_report(run_dir))
        sys.stdout.write(f"{'size':<28}{path.stat().st_size / 1e6:8.2f} MB\n")
        executable = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=executable)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto("about:blank")
        tell("open", lambda: (page.goto(path.as_uri()), page.evaluate(PAINTED)))
        clicks = {
            "open a step": ".step.clean > summary",
            "close it": ".step.clean > summary",
            "hide what passed": "#show-open",
            "show it again": "#show-all",
            "go to the sign-off": "nav a[href='#sign-off']",
        }
        for name, selector in clicks.items():
            target = page.locator(selector).first
            target.scroll_into_view_if_needed()
            page.evaluate(PAINTED)
            element = target.element_handle()
            tell(name, lambda element=element: page.evaluate(CLICK, element))
        browser.close()


CLICK = """element => new Promise(done => {
  element.click(); requestAnimationFrame(() => setTimeout(done));
})"""


def tell(name, action):
    start = time.perf_counter()
    result = action()
    sys.stdout.write(f"{name:<28}{time.perf_counter() - start:8.3f} s\n")
    return result


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
