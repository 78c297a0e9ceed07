"""The report in a real browser: opened from disk, offline, without script."""

from __future__ import annotations

import json
import re

import pytest

from dicomtest.errors import SetupError
from dicomtest.reporting.html import write_report
from dicomtest.reporting.pdf import find_browser, print_pdf
from dicomtest.spec.requirements import entries, load_requirements

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("language", "word"), [("en", "Not accepted"), ("zh", "验收不合格")])
def test_it_opens_from_disk_and_asks_for_nothing(sample, open_report, scheme, language, word):
    page = open_report(sample.record(), language=language, color_scheme=scheme)

    assert page.locator(".decision .word").inner_text() == word
    assert page.locator("#findings").is_visible()
    assert page.complaints == []


def test_hostile_text_runs_nothing_even_with_script_on(sample, open_report):
    page = open_report(sample.hostile(sample.record()), script=True)

    assert page.evaluate("document.scripts.length + document.images.length") == 0
    assert page.complaints == []


def test_the_style_sheet_passes_the_policy(sample, open_report):
    page = open_report(sample.record(), script=True)

    colour = page.locator(".v.failed").first.evaluate("e => getComputedStyle(e).color")
    assert colour == "rgb(163, 35, 31)"


def test_a_link_to_a_step_opens_it(sample, open_report):
    record = sample.record()
    record["checks"] = [sample.check("verify.status", step="1-verify")]
    page = open_report(record)
    assert not page.get_by_text("verify.status").is_visible()

    page.goto(f"{page.url}#step-ct-study-1-verify")

    page.get_by_text("verify.status").wait_for()
    assert page.locator(".step summary", has_text="1-verify").bounding_box()["y"] >= 0


def test_the_filter_hides_what_passed_without_script(sample, open_report):
    page = open_report(sample.record())
    passed = page.locator(".checks tr.passed", has_text="store.instance-uid")
    failed = page.locator(".checks tr.failed")
    assert passed.is_visible()

    page.get_by_label("only what did not pass").check()

    assert not passed.is_visible()
    assert failed.is_visible()


def test_the_keyboard_reaches_the_report(sample, open_report):
    page = open_report(sample.record())

    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to the report"
    assert page.locator(":focus").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_everything_can_be_worked_with_the_keyboard_alone(sample, open_report):
    """Each stop is in view and marked; a step opens with Enter and shows its checks."""
    record = sample.record()
    record["checks"] = [sample.check("verify.status", step="1-verify")]
    page = open_report(record, script=True)
    seen = []
    for _ in range(200):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None or stop["at"] in {each["at"] for each in seen}:
            break
        seen.append(stop)
        if stop["tag"] == "SUMMARY" and "1-verify" in stop["text"]:
            page.keyboard.press("Enter")

    assert {"A", "SUMMARY", "INPUT"} <= {each["tag"] for each in seen}
    assert [each["text"] for each in seen if not each["visible"] or not each["marked"]] == []
    assert page.get_by_text("verify.status").is_visible()


# The element that has the focus: where it is in the document, and whether one can see that.
FOCUS = """() => {
  const it = document.activeElement;
  if (it === document.body) return null;
  const box = it.getBoundingClientRect();
  return {
    at: [...document.querySelectorAll('*')].indexOf(it),
    tag: it.tagName,
    text: it.textContent.slice(0, 40),
    visible: box.bottom > 0 && box.top < innerHeight && box.right > 0,
    marked: getComputedStyle(it).outlineStyle !== 'none',
  };
}"""


def test_no_width_makes_the_page_scroll_sideways(sample, open_report):
    for record in (sample.record(), sample.hostile(sample.record())):
        page = open_report(record, script=True)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for width in (360, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})

            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_ten_thousand_checks_open_and_answer_at_once(sample, open_report):
    """About a second and 50 ms on an idle machine, as tests/benchmarks/report.py tells."""
    page = open_report(sample.large(10_000), script=True)
    opened = page.evaluate("performance.getEntriesByType('navigation')[0].duration")

    clicks = [
        page.evaluate(CLICK, page.locator(each).first.element_handle())
        for each in (".step.clean > summary", "#show-open", "#show-all")
    ]

    assert opened < 6000
    assert max(clicks) < 1000


# Milliseconds from a click to the next frame that shows its effect.
CLICK = """element => new Promise(done => {
  const start = performance.now();
  element.click();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
})"""


def test_it_prints_to_pdf_with_the_passed_checks(sample, open_report):
    page = open_report(sample.record())

    pdf = page.pdf(prefer_css_page_size=True)

    assert pdf.startswith(b"%PDF")
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 12
    page.emulate_media(media="print")
    assert page.locator("#step-ct-study-1-verify .checks").is_visible()
    assert not page.locator("nav").is_visible()


def test_the_browser_of_this_machine_prints_the_report(sample, tmp_path):
    try:
        find_browser()
    except SetupError as missing:
        pytest.skip(str(missing))
    (tmp_path / "run.json").write_text(json.dumps(sample.record()), encoding="utf-8")

    printed = print_pdf(write_report(tmp_path), tmp_path / "signed.pdf")

    content = printed.read_bytes()
    assert content.startswith(b"%PDF")
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", content)) <= 12


def test_dark_mode_does_not_reach_the_paper(sample, open_report):
    page = open_report(sample.record(), script=True, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")

    ink = page.evaluate("getComputedStyle(document.body).color")

    assert ink == "rgb(27, 36, 46)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_that_wcag_asks_for(sample, open_report, scheme):
    page = open_report(sample.record(), script=True, color_scheme=scheme)

    poor = page.evaluate(CONTRAST)

    assert poor == []


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
def test_axe_finds_nothing(sample, open_report, axe, language, scheme):
    """Axe-core, with everything unfolded; a picture without a text is found, so it does look."""
    record = sample.record(requirements=entries([load_requirements("pacs")]))
    page = open_report(record, language=language, script=True, color_scheme=scheme, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.add_script_tag(path=axe)
    assert found(page) == []

    page.evaluate("document.body.append(document.createElement('img'))")
    assert found(page, "runOnly: ['image-alt']") == ["image-alt"]


def found(page, options="resultTypes: ['violations']"):
    told = page.evaluate(f"axe.run(document, {{{options}}})")
    return [each["id"] for each in told["violations"]]


# WCAG 2.2 1.4.3: 4.5:1 for text, against the nearest background that is not transparent.
CONTRAST = """() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const part = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  document.querySelectorAll('details').forEach(each => each.open = true);
  const poor = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim()) continue;
    const style = getComputedStyle(element);
    const ink = light(parse(element.closest('svg') ? style.fill : style.color));
    const paper = light(ground(element));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < 4.5) poor.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...poor];
}"""
