"""A run that is compared with an earlier one."""

from __future__ import annotations

import json


def test_a_run_tells_what_changed_since_its_baseline(played, run_folder, dicomtest, tmp_path):
    scenario = played.parent / "small.dicomtest.yaml"
    target = tmp_path / "again"
    earlier = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    earlier["checks"][0]["outcome"] = "failed"
    (run_folder / "run.json").write_text(json.dumps(earlier), encoding="utf-8")

    said = dicomtest("run", scenario, "--baseline", run_folder, "--output", target, "-k", "verify")

    assert said.status == 0, said.out + said.err
    new = json.loads((target / "run.json").read_text(encoding="utf-8"))
    assert new["tool"]["seed"] == earlier["tool"]["seed"]
    assert [each["kind"] for each in new["changes"]["checks"]] == ["fixed"]
    assert 'id="changes"' in (target / "report.html").read_text(encoding="utf-8")
    assert f"nothing worse than {earlier['run']}: 1 fixed" in said.out


def test_a_baseline_that_is_no_run_ends_before_anything_is_sent(dicomtest, tmp_path):
    said = dicomtest("run", "--baseline", tmp_path, "--output", tmp_path / "out")

    assert said.status == 4
    assert "is it a run folder?" in said.err
    assert not (tmp_path / "out").exists()
