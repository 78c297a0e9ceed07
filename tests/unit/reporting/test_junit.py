"""JUnit XML of a run."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from dicomtest.reporting.junit import junit, write_junit


def cases(record):
    return list(ET.fromstring(junit(record)).iter("testcase"))


def properties(case):
    return {each.get("name"): each.get("value") for each in case.iter("property")}


@pytest.mark.parametrize(
    ("outcome", "tags"),
    [
        ("passed", []),
        ("failed", ["failure"]),
        ("error", ["error"]),
        ("warned", ["skipped"]),
        ("blocked", ["skipped"]),
        ("not-run", ["skipped"]),
        ("not-applicable", ["skipped"]),
        ("accepted", ["skipped"]),
        ("something new", ["error"]),
    ],
)
def test_only_a_pass_shows_as_passed(sample, outcome, tags):
    (case,) = cases(sample.record(checks=[sample.check("store.status", outcome)]))

    assert [each.tag for each in case if each.tag != "properties"] == tags


def test_a_failure_tells_expected_actual_clause_and_where(sample):
    (case,) = cases(sample.record(checks=[sample.check("store.status", "failed")]))

    failure = case.find("failure")
    assert failure.get("message") == "failed: expected 0000, actual A700"
    for text in ("expected: 0000", "actual: A700", "clause: PS3.4 B.2.3", "C-STORE message 3",
                 "C-STORE message 9", "fix: The PACS administrator"):  # fmt: skip
        assert text in failure.text
    assert case.get("classname") == "ct-study.2-store"
    assert case.get("name") == "store.status"
    assert properties(case) == {
        "clause": "PS3.4 B.2.3",
        "level": "must",
        "system": "Orthanc 1.10.1 (ORTHANC)",
        "verdict": "failed",
        "evidence": "evidence/ct-study/2-store.json",
    }


def test_a_skip_tells_its_reason(sample):
    blocked, accepted = cases(
        sample.record(checks=[sample.check("a.b", "blocked"), sample.check("a.c", "accepted")])
    )

    assert blocked.find("skipped").get("message") == "blocked: the association was rejected"
    assert "Dr Lin until 2027-03-01" in accepted.find("skipped").text


def test_suites_are_scenarios_and_their_sums_are_right(sample):
    root = ET.fromstring(junit(sample.record()))

    assert [each.get("name") for each in root] == ["ct-study", "query", "ris-worklist"]
    for suite in [*root, root]:
        found = list(suite.iter("testcase"))
        assert int(suite.get("tests")) == len(found)
        for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(key)) == sum(each.find(tag) is not None for each in found)


def test_the_same_check_twice_in_a_step_gets_two_names(sample):
    same = [sample.check("store.status") for _ in range(4)]
    same[1]["judges"] = "modality"

    names = [
        (each.get("classname"), each.get("name")) for each in cases(sample.record(checks=same))
    ]

    assert len(set(names)) == len(names) == 4
    assert names[0][1] == "store.status"
    assert names[1][1] == "store.status [modality]"


def test_names_are_unique_even_where_the_wire_makes_them(sample):
    checks = [
        sample.check("a", step=step, scenario=scenario)
        for scenario in ("x", "x.y", "x_y")
        for step in ("1", "1\n", "1 ", "y.1")
    ]

    found = cases(sample.record(checks=checks, steps=[], scenarios=[]))

    names = [(each.get("classname"), each.get("name")) for each in found]
    assert len(set(names)) == len(names) == len(checks)


def test_what_xml_forbids_is_written_as_an_escape(sample):
    hostile = sample.hostile(sample.record())

    text = junit(hostile)

    ET.fromstring(text)
    assert "\x1b" not in text
    assert "\\x1b[2J" in text
    assert "<script" not in text
    text.encode("utf-8")


def test_the_file_is_written_beside_the_record(sample, tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(sample.record()), encoding="utf-8")

    path = write_junit(tmp_path)

    assert path == tmp_path / "junit.xml"
    assert ET.parse(path).getroot().tag == "testsuites"


def test_ten_thousand_checks_stay_far_below_what_gitlab_takes(sample):
    assert len(junit(sample.large(10_000))) < 15_000_000  # 30 MB a file
