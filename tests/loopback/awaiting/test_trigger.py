"""Making a system act by a command or a URL of the site file."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic

import pytest

from dicomtest.awaiting.trigger import command_line, filled

WRITE = (
    "import json, os, sys; print('said something'); json.dump([sys.argv[1:], dict(os.environ)], "
    "open(os.path.join(os.environ['DICOMTEST_FOLDER'], 'told.json'), 'w')); sys.exit(3)"
)
ORDERED = """\
  - order: {at: ris, procedure: CT HEAD, save: head}
  - store: {from: modality, to: pacs, order: head, images: 2, within: 20 s}
"""


def told(stage, name: str = "told.json"):
    (path,) = (stage.run.folder / "evidence" / "triggers").rglob(name)
    return json.loads(path.read_text(encoding="utf-8"))


def command(*words: str, more: str = "") -> str:
    return f"{{command: {json.dumps([sys.executable, *words])}{more}}}"


def test_a_command_is_told_everything(stage_of, read_all):
    trigger = command("-c", WRITE, "{patient_id}", "{host}:{port}", "{unknown} {}")
    stage, device = stage_of(ORDERED, trigger=trigger)
    step = stage.play_until(2)
    arguments, environment = told(stage)
    subject = stage.saved["head"].plan.subject
    port = str(device.ports["pacs"])
    assert arguments == [subject.patient_id, f"127.0.0.1:{port}", "{unknown} {}"]
    assert environment["DICOMTEST_PATIENT_NAME"] == subject.patient_name
    assert environment["DICOMTEST_AE_TITLE"] == "DT_PACS"
    assert environment["DICOMTEST_PACS_PORT"] == port
    assert environment["DICOMTEST_CALLING"] == "UNDERTEST"
    made = read_all(environment["DICOMTEST_OBJECTS"])
    assert [each.PatientID for each in made] == [subject.patient_id] * 2
    assert step.facts["awaited"]["trigger"]["exit_status"] == 3
    assert step.facts["awaited"]["trigger"]["output"] == "said something"
    assert "ended with 3: said something; 0 of 2 images arrived" in step.problem


def test_a_command_that_fails_ends_the_wait(stage_of):
    fails = command("-c", "import sys; sys.exit('no such study')")
    stage, _device = stage_of("  - verify: {from: modality, to: pacs}\n", trigger=fails, step="60s")
    began = monotonic()
    step = stage.play_until(1)
    assert "ended with 1: no such study" in step.problem
    assert monotonic() - began < 20


def test_a_command_that_does_not_exist_or_end_is_told(stage_of):
    stage, _device = stage_of(
        "  - verify: {from: modality, to: pacs}\n", trigger="{command: no-such-program-here}"
    )
    assert "could not be made" in stage.play_until(1).problem


def test_one_command_covers_a_scenario(stage_of):
    trigger = command("-c", WRITE, more=", covers: scenario")
    stage, _device = stage_of(
        "  - verify: {from: modality, to: pacs}\n  - verify: {from: modality, to: pacs}\n",
        trigger=trigger,
    )
    stage.play_until(2)
    assert len(stage.run.running) == 1
    assert told(stage)[1]["DICOMTEST_STEP"] == "1-verify"


def test_a_command_for_each_step_is_run_although_something_has_come_already(stage_of, acting):
    trigger = command("-c", WRITE)
    stage, device = stage_of(
        "  - order: {at: ris, procedure: CT HEAD, save: head}\n"
        "  - verify: {from: modality, to: pacs}\n",
        trigger=trigger,
    )
    stage.play_until(1)
    device.echo()
    step = stage.play_until(2)
    assert len(stage.run.running) == 1
    assert step.problem.endswith("no C-ECHO has come")


@pytest.fixture
def service():
    """An HTTP service that keeps what it is asked; `status` is what it answers."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((self.path, self.headers["X-Key"], body))
            self.send_response(int(self.path[1:4]))
            self.end_headers()
            self.wfile.write(b"answer")

        def log_message(self, *_arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.asked = asked
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_url_is_called(stage_of, service):
    url = f"http://127.0.0.1:{service.server_port}"
    trigger = (
        f"{{url: '{url}/409/{{patient_name}}', headers: {{X-Key: k}}, "
        "body: {Resources: ['{patient_id}'], Level: 1}}"
    )
    stage, _device = stage_of(ORDERED, trigger=trigger)
    stage.play_until(2)
    ((path, key, body),) = service.asked
    subject = stage.saved["head"].plan.subject
    assert "^" not in path
    assert path.startswith("/409/DT")
    assert key == "k"
    assert json.loads(body) == {"Resources": [subject.patient_id], "Level": 1}


def test_a_url_that_answers_an_error_ends_the_wait(stage_of, service):
    url = f"http://127.0.0.1:{service.server_port}/503"
    stage, _device = stage_of(
        "  - verify: {from: modality, to: pacs}\n", trigger=f"{{url: '{url}'}}"
    )
    step = stage.play_until(1)
    assert f"{url} answered 503" in step.problem
    values = json.loads(service.asked[0][2])  # without a body every value goes
    assert values["ae_title"] == "DT_PACS"


def test_braces_that_are_no_values_stay():
    assert filled('{"a": {x}} {y', {"x": "1"}) == '{"a": 1} {y'
    assert filled("{x}", {"x": "{y}", "y": "2"}) == "{y}"  # a value is never looked into


def test_backslashes_survive_on_windows(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    line = command_line(r'"C:\Program Files\x.exe" C:\data\{id} -q', {"id": "a b"})
    assert line == [r"C:\Program Files\x.exe", r"C:\data\a b", "-q"]
