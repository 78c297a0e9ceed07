"""The operator's page in a real browser, through the acceptance of a modality."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest
from pydicom import Dataset
from support.device import SIMULATED, Device, free_port, site_text

from dicomtest.awaiting.desk import Answer, Card, Desk, Question
from dicomtest.awaiting.words import Words
from dicomtest.operator.page import Page

pytestmark = pytest.mark.browser

SCENARIO = """\
scenario: ct-acceptance
steps:
  - verify: {from: modality, to: pacs}
  - order: {at: ris, procedure: CT HEAD, save: head}
  - worklist: {from: modality, to: ris, expect: [head]}
  - mpps: {from: modality, to: ris, order: head}
  - store: {from: modality, to: pacs, order: head, images: 2}
  - mpps: {from: modality, to: ris, order: head, status: COMPLETED}
  - commit: {from: modality, to: pacs, order: head}
  - print: {from: modality, to: printer}
  - query: {from: workstation, to: pacs, order: head}
"""
SHOTS = os.environ.get("DICOMTEST_SCREENSHOTS")


class Acceptance:
    """A run of the program, with a page on which somebody looks."""

    def __init__(self, folder: Path, context) -> None:
        self.folder, self.context = folder, context
        self.ports = {each: free_port() for each in (*SIMULATED, "self")}
        self.device = Device("UNDERTEST", self.ports)
        (folder / "site.yaml").write_text(
            site_text(self.ports, "modality", "{operator: true}", "120 s"), encoding="utf-8"
        )
        (folder / "ct.dicomtest.yaml").write_text(SCENARIO, encoding="utf-8")
        self.process: subprocess.Popen[str] | None = None
        self.page = None
        self.complaints: list[str] = []

    def run(self, *arguments: str) -> str:
        """Start the program, give the address of its page."""
        environment = {**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": ""}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dicomtest", "run", *arguments, "--attended"],
            cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        )  # fmt: skip
        printed = []
        for line in self.process.stdout:
            printed.append(line)
            found = re.search(r"operator's page: (\S+)", line)
            if found:
                return found[1]
        raise AssertionError("".join(printed))

    def open(self, address: str) -> None:
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)

    def expects(self, words: str) -> None:
        """Wait until the card asks for this."""
        self.page.locator("#task", has_text=words).wait_for()

    def sees(self, place: str, words: str) -> None:
        self.page.locator(place, has_text=words).first.wait_for()

    def shot(self, name: str) -> None:
        if SHOTS:
            self.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()


@pytest.fixture
def acceptance(browser, tmp_path):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    context.set_default_timeout(30_000)
    made = Acceptance(tmp_path, context)
    server = made.device.serve()
    yield made
    made.kill()
    server.shutdown()
    context.close()


def test_a_modality_is_accepted_with_near_misses_and_an_interruption(acceptance):
    device = acceptance.device
    address = acceptance.run(
        "ct.dicomtest.yaml", "--site", "site.yaml", "--output", "run", "--operator", "Ann"
    )
    acceptance.open(address)
    acceptance.expects("Test the connection to DT_PACS")
    assert acceptance.page.evaluate("document.activeElement.id") == "task"
    values = acceptance.page.locator("#use dd").all_inner_texts()
    assert values == ["DT_PACS", "127.0.0.1", str(acceptance.ports["pacs"])]
    device.echo(title="SOMEONE")
    acceptance.sees("#near", "AE title SOMEONE")
    acceptance.shot("1-another-ae-title")
    device.echo()  # the event ends the wait, nobody presses anything

    acceptance.expects("Refresh the worklist")
    before = acceptance.page.locator("#left").inner_text()
    acceptance.page.get_by_role("button", name="More time").press("Enter")
    acceptance.page.locator("#left", has_text=re.compile("^[67]:")).wait_for()
    assert before.startswith(("1:", "2:"))
    (item,) = device.worklist()

    acceptance.expects("Begin this patient's examination")
    assert str(item.PatientName) in acceptance.page.locator("#use").inner_text()
    other = Dataset()
    other.PatientName, other.PatientID = "Somebody^Else", "NOT-OURS"
    other.StudyInstanceUID = "2.25.1"
    device.begin(other)
    acceptance.sees("#near", "another patient")
    uid = device.begin(item)

    acceptance.expects("send the images")
    images = device.images(2, patient=item)
    device.store(device.images(1, patient=Dataset()))
    device.store(images[:1])
    acceptance.sees("#seen", "1 of 2 images arrived")
    acceptance.sees("#near", "1 for another patient: Somebody^Else")
    acceptance.shot("2-another-patient")

    acceptance.kill()  # the laptop's battery is empty
    acceptance.sees("#message", "does not answer any more")
    acceptance.open(acceptance.run("--resume", "run", "--operator", "Ann"))
    acceptance.expects("send the images")
    acceptance.page.get_by_role("button", name="中文").click()
    acceptance.sees("#task", "请从工作列表选择该患者")
    acceptance.shot("3-resumed-chinese")
    acceptance.page.get_by_role("button", name="English").click()
    device.store(images)

    acceptance.expects("End the examination")
    device.end(uid, images)
    acceptance.expects("Have the images committed")
    device.commit(images)

    acceptance.expects("Print 1 film")
    acceptance.page.get_by_role("button", name="It does not work").click()
    acceptance.page.get_by_label("an error message on the screen").check()
    acceptance.page.get_by_label("Note").fill("<b>E-17</b>")
    acceptance.shot("4-does-not-work")
    acceptance.page.get_by_role("button", name="Send").click()
    acceptance.sees("#idle-text", "The run is over")
    acceptance.shot("5-over")
    acceptance.process.communicate(timeout=60)

    folder = acceptance.folder / "run"
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    problems = {each["step"]: each["problem"] for each in record["steps"] if each["problem"]}
    assert list(problems) == ["8-print"]
    assert problems["8-print"].endswith("says Ann: an error message on the screen <b>E-17</b>")
    assert not any(each["not_run"] for each in record["steps"])
    assert {each["outcome"] for each in record["checks"]} & {"passed"}
    said = (folder / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(each)["choice"] for each in said] == ["extend", "fails"]
    policy = [each for each in acceptance.complaints if "ERR_" not in each]
    assert policy == []


class Somebody(Desk):
    """A desk with somebody at it, that keeps what is said."""

    present, name = True, "Ann"

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Answer] = []

    def record(self, card, answer) -> None:
        self.told.append(answer)


@pytest.fixture
def shown(browser):
    """Open the page of a card that has everything; gives (page, desk)."""
    desk, contexts = Somebody(), []
    served = Page(desk, site="St. Elsewhere", language="zh")
    served.start()

    def opened(**settings):
        desk.show(
            Card(
                scenario="s", step="1-print", title=Words("print", "打印"), system="CT 1",
                task=Words("Print a film", "请打印一张胶片"), awaited=Words("a film", "一张胶片"),
                use=[(Words("Port", "端口"), "104")], way="wait", until=monotonic() + 90,
                limit=100, seen=[Words("1 of 2", "1/2")], near=[Words("another", "其他")],
                questions=[
                    Question("layout", Words("Is it upright?", "方向正确？")),
                    Question("od", Words("Densities", "密度"), "text"),
                ],
            )
        )  # fmt: skip
        context = browser.new_context(**settings)
        contexts.append(context)
        page = context.new_page()
        page.goto(served.url)
        page.locator("#task").filter(has_text=re.compile("Print|打印")).wait_for()
        return page

    yield opened, desk
    for each in contexts:
        each.close()
    served.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_page(shown, axe, scheme):
    opened, _desk = shown
    page = opened(color_scheme=scheme, viewport={"width": 390, "height": 844})
    script = axe.read_text(encoding="utf-8") + "; axe.run()"
    assert [each["id"] for each in page.evaluate(script)["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("[data-choice=fails]").click()
    assert [each["id"] for each in page.evaluate(script)["violations"]] == []
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"6-phone-{scheme}.png")
        page.keyboard.press("Escape")
        page.screenshot(path=Path(SHOTS) / f"7-phone-{scheme}.png", full_page=True)


def test_a_keyboard_is_enough(shown):
    opened, desk = shown
    page = opened()
    reached = []
    for _ in range(20):
        page.keyboard.press("Tab")
        focused = page.evaluate("[document.activeElement.name || document.activeElement.id, "
                                "document.activeElement.dataset.choice || '']")  # fmt: skip
        reached.append(focused)
        if focused[0] == "layout":
            page.keyboard.press("Space")
        elif focused == ["", ""] or page.evaluate("document.activeElement.matches('fieldset "
                                                  "input:not([type=radio])')"):  # fmt: skip
            page.keyboard.type("0.2 1.1")
        elif focused[1] == "done":
            page.keyboard.press("Enter")
            break
    page.locator("#message").wait_for(state="attached")
    deadline = monotonic() + 5
    while not desk.told and monotonic() < deadline:
        page.wait_for_timeout(20)
    (answer,) = desk.told
    assert answer.questions == {"layout": "yes", "od": "0.2 1.1"}, reached
    assert answer.by == "Ann"
