"""A copy of a run for a vendor, without patients' values, hosts and AE titles."""

from __future__ import annotations

import base64
import json
import re

import pytest

from dicomtest.evidence_json import read_step
from dicomtest.inventory import altered
from dicomtest.record import read_evidence
from dicomtest.spec.run import RunRecordModel

FOREIGN = "pacs.hospital.example"


@pytest.fixture(scope="module")
def secrets(played):
    """Words that must not be in the copy: of patients, AE titles, a host, a tester."""
    found = {"DT_MOD", "DT_PACS", "DT_WS", FOREIGN, "Grace Hopper"}
    for step in read_evidence(played):
        for each in step.instances:
            found.add(each.patient_id)
            dataset = each.data.dataset()
            found |= set(re.findall(r"\w{3,}", str(dataset.PatientName)))
            found.add(dataset.AccessionNumber)
    return {each for each in found if each}


@pytest.fixture(scope="module")
def copies(played, tmp_path_factory):
    """The folder of a run with a host and a tester, and its redacted copy."""
    import shutil

    from dicomtest.cli import main

    folder = tmp_path_factory.mktemp("redaction") / "run"
    shutil.copytree(played, folder)
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    record["casting"]["pacs"]["host"] = FOREIGN
    record["site"]["testers"] = ["Grace Hopper"]
    record["checks"][0]["message"] = f"Grace Hopper could not reach {FOREIGN}:104 as DT_PACS"
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert main(["report", str(folder), "--redact"]) == 0
    return folder, folder.with_name("run-redacted")


def everything(folder):
    """The bytes of all files, those inside the JSON of evidence unpacked."""
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            yield path, content
            if path.suffix == ".json":
                for text in re.findall(rb'"data":"([A-Za-z0-9_=-]+)"', content):
                    yield path, base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def test_no_secret_is_in_any_file_not_even_inside_a_data_set(copies, secrets):
    original, copy = copies
    assert len(secrets) > 6
    there = {word for _, data in everything(original) for word in secrets if word.encode() in data}
    assert there == secrets  # so the search does find them

    left = [(word, path.name) for path, data in everything(copy) for word in secrets
            if re.search(rb"(?<!\w)" + re.escape(word.encode()) + rb"(?!\w)", data)]  # fmt: skip

    assert left == []


def test_the_same_word_is_replaced_in_the_same_way_everywhere(copies):
    original, copy = copies
    before = read_step(original / "evidence" / "small" / "2-store.json", original)
    steps = {path.stem: read_step(path, copy) for path in copy.glob("evidence/small/*.json")}

    sent = steps["2-store"].instances[0].data.dataset()
    answers = [each for one in steps["3-query"].exchanges("C-FIND") for each in one.pending]
    back = next(
        found
        for each in answers
        if {"PatientID", "PatientName"} <= set((found := each.data.dataset()).dir())
    )

    assert sent.PatientID == back.PatientID == steps["2-store"].instances[0].patient_id
    assert sent.PatientName == back.PatientName
    assert sent.StudyInstanceUID == back.StudyInstanceUID  # kept, for the vendor's logs
    assert sent.PixelData == before.instances[0].data.dataset().PixelData


def test_verdicts_stay_and_the_copy_says_what_it_is(copies):
    original, copy = copies
    old, new = (
        json.loads((each / "run.json").read_text(encoding="utf-8")) for each in (original, copy)
    )

    assert [each["outcome"] for each in new["checks"]] == [
        each["outcome"] for each in old["checks"]
    ]
    assert new["redacted"]["of"] != ""
    assert re.fullmatch(
        r"Person \d+ could not reach host-\d+:104 as AE\d+", new["checks"][0]["message"]
    )
    assert altered(copy, new["evidence"]) == []
    RunRecordModel.model_validate_json(json.dumps(new))
    assert "Redacted." in (copy / "report.html").read_text(encoding="utf-8")


def test_a_redacted_run_is_not_judged_again_and_nothing_is_overwritten(copies, dicomtest):
    original, copy = copies

    assert "cannot be judged again" in dicomtest("report", copy, "--judge").err
    assert "is not empty" in dicomtest("report", original, "--redact", original).err
