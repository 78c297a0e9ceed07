"""Scenarios in pytest behave as a pytest user expects; real sockets, everything simulated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

SCENARIO = """\
scenario: small
title: Small
tags: [tiny]
steps:
  - verify: {from: modality, to: pacs}
  - store: {from: modality, to: pacs, study: ct, rows: 32, columns: 32, save: head}
  - query: {from: workstation, to: pacs, level: STUDY, study: head}
"""


@pytest.fixture
def folder(pytester: pytest.Pytester) -> Path:
    path = pytester.path / "small.dicomtest.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return pytester.path


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:randomly", "--dicom-output", "out", *arguments)


def record(pytester: pytest.Pytester) -> dict:
    return json.loads((pytester.path / "out" / "run.json").read_text(encoding="utf-8"))


def outcomes(pytester: pytest.Pytester) -> dict[str, str]:
    return {
        f"{each['step']}/{each['check']}": each["outcome"] for each in record(pytester)["checks"]
    }


def test_a_run_leaves_record_report_junit_and_evidence(pytester, folder):
    result = run(pytester)

    assert result.ret == 0
    made = {each.name for each in (folder / "out").iterdir()}
    assert made == {"run.json", "report.html", "junit.xml", "evidence"}
    assert record(pytester)["verdict"] == "accepted"
    assert record(pytester)["real_systems"] is False
    assert "No real system was tested" in result.stdout.str()


def test_a_check_selected_alone_makes_the_steps_before_it_play(pytester, folder):
    result = run(pytester, "-k", "stored-is-found")

    result.assert_outcomes(passed=1, deselected=result.parseoutcomes()["deselected"])
    assert [each["step"] for each in record(pytester)["steps"]] == [
        "1-verify",
        "2-store",
        "3-query",
    ]


def test_marks_select_by_kind_level_and_tag(pytester, folder):
    assert set(run_kinds(pytester, "-m", "verify")) == {"1-verify"}
    assert set(run_kinds(pytester, "-m", "query and should")) == {"3-query"}
    assert len(set(run_kinds(pytester, "-m", "tiny"))) == 3


def run_kinds(pytester: pytest.Pytester, *arguments: str) -> list[str]:
    run(pytester, "--strict-markers", *arguments)
    return [each.split("/")[0] for each in outcomes(pytester)]


def test_collecting_only_touches_no_network_and_writes_nothing(pytester, folder):
    result = run(pytester, "--co", "-q")

    assert result.ret == 0
    assert not (folder / "out").exists()
    result.stdout.fnmatch_lines(["small.dicomtest.yaml::small::2-store::store.instance-uid"])


def test_errors_of_a_scenario_file_are_all_told_at_collection(pytester, folder):
    text = SCENARIO.replace("study: ct", "studdy: ct").replace("level: STUDY", "level: STUDI")
    (folder / "small.dicomtest.yaml").write_text(text, encoding="utf-8")

    result = run(pytester, "--co")

    assert result.ret == 4
    output = result.stdout.str()
    assert "small.dicomtest.yaml:6:" in output
    assert "small.dicomtest.yaml:7:" in output
    assert "Traceback" not in output


def test_a_site_file_that_is_wrong_ends_the_session_before_it_begins(pytester, folder):
    (folder / "site.yaml").write_text("site: X\nsystms: {}\n", encoding="utf-8")

    result = run(pytester, "--dicom-site", "site.yaml")

    assert result.ret == 4
    result.stderr.fnmatch_lines(['*site.yaml:2:1: unknown key "systms"; did you mean "systems"?'])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def test_a_scenario_stays_on_one_worker(pytester, folder):
    other = SCENARIO.replace("scenario: small", "scenario: other")
    (folder / "other.dicomtest.yaml").write_text(other, encoding="utf-8")

    result = run(pytester, "-n", "2", "-v")

    assert result.ret == 0
    workers: dict[str, set[str]] = {}
    for line in result.stdout.lines:
        if line.startswith("[gw") and ".dicomtest.yaml::" in line:
            scenario = line.split("::")[1]
            workers.setdefault(scenario, set()).add(line.split("]")[0])
    assert {name: len(each) for name, each in workers.items()} == {"small": 1, "other": 1}
    assert set(record(pytester)["casting"]) == {"modality", "pacs", "workstation"}
    assert {each["scenario"] for each in record(pytester)["scenarios"]} == {"small", "other"}


def test_what_failed_is_run_again_and_a_failure_stops_where_asked(pytester, folder):
    (folder / "site.yaml").write_text(
        "site: X\nsystems:\n  pacs: {ae_title: NOBODY, host: 127.0.0.1, port: 1}\n",
        encoding="utf-8",
    )
    first = run(pytester, "--dicom-site", "site.yaml", "-x")
    failed = [name for name, outcome in outcomes(pytester).items() if outcome == "failed"]
    again = run(pytester, "--dicom-site", "site.yaml", "--lf", "-x")

    assert first.ret == again.ret == 1
    assert failed == ["1-verify/association.accepted"]
    again.assert_outcomes(failed=1)


def test_no_verdict_shows_as_passed_in_pytest_html_and_junit_when_it_is_not(pytester, folder):
    (folder / "site.yaml").write_text(
        "site: X\nsystems:\n  pacs: {ae_title: NOBODY, host: 127.0.0.1, port: 1}\n",
        encoding="utf-8",
    )
    result = run(
        pytester, "--dicom-site", "site.yaml", "--html", "t.html", "--self-contained-html",
        "--junitxml", "j.xml",
    )  # fmt: skip

    assert result.ret == 1
    assert set(outcomes(pytester).values()) <= {"failed", "blocked", "not-applicable"}
    result.assert_outcomes(failed=3, skipped=len(outcomes(pytester)) - 3)
    assert "PS3.8 7.1.1" in (folder / "t.html").read_text(encoding="utf-8")


def test_a_run_without_failures_but_with_blocked_checks_is_incomplete(pytester, folder):
    text = SCENARIO.replace("save: head", "save: head, fault: abort")
    text += "  - move: {from: workstation, to: pacs, study: head}\n"
    (folder / "small.dicomtest.yaml").write_text(text, encoding="utf-8")

    result = run(pytester)

    assert result.ret == 10
    assert record(pytester)["verdict"] == "incomplete"


def test_python_tests_use_the_site_and_the_actors(pytester):
    pytester.makepyfile(
        """
        from dicomtest import dimse

        def test_echo(site, modality, pacs):
            proposal = dimse.Proposal("1.2.840.10008.1.1", ("1.2.840.10008.1.2",))
            remote = dimse.Remote(pacs.ae_title, "127.0.0.1", pacs.port)
            with modality.associate(remote, [proposal]) as association:
                assert association.echo().status == 0
            assert not site.systems
        """
    )

    run(pytester).assert_outcomes(passed=1)


def test_a_session_without_scenarios_is_left_alone(pytester):
    pytester.makepyfile("def test_one(): pass")

    result = run(pytester)

    result.assert_outcomes(passed=1)
    assert not (pytester.path / "out").exists()
