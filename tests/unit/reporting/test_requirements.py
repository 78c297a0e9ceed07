"""Requirements: the shipped catalogues, a hospital's own file, the matrix."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from dicomtest.checks import all_checks
from dicomtest.cli import main
from dicomtest.errors import SpecError, UsageError
from dicomtest.reporting.html import render
from dicomtest.reporting.junit import junit
from dicomtest.reporting.requirements import matrix, tally
from dicomtest.resources import scenarios_dir
from dicomtest.session import read_site, wanted
from dicomtest.spec.requirements import catalogue_names, entries, load_requirements

SCENARIOS = {
    line.removeprefix("scenario: ").strip()
    for path in scenarios_dir().glob("*.yaml")
    for line in path.read_text(encoding="utf-8").splitlines()
    if line.startswith("scenario: ")
}
OWN = """\
device: pacs
title: Wishes of our department
requirements:
  - id: ct-in-the-archive
    text: The CT pictures arrive.
    tests: [{steps: store, checks: store.*}]
  - id: found
    text: {en: They are found., zh: 能查到。}
    tests: [{steps: query}]
  - id: reached
    text: It answers.
    tests: [{checks: verify.*}]
  - id: printed
    text: They are printed.
    tests: [{steps: print}]
  - id: backup
    text: Nothing is lost.
"""


@pytest.fixture
def own(tmp_path):
    """A hospital's own file."""
    path = tmp_path / "wishes.yaml"
    path.write_text(OWN, encoding="utf-8")
    return path


def test_there_is_a_catalogue_for_every_device_in_both_languages():
    assert catalogue_names() == (
        *("ris", "pacs", "modality", "workstation", "digitizer", "printer"),
    )
    for name in catalogue_names():
        model = load_requirements(name, checks=tuple(all_checks()))
        assert model.device == name
        assert {each.function for each in model.requirements} == {"basic", "optional"}
        for each in model.requirements:
            assert each.text.en
            assert each.text.zh
            assert each.means.en
            assert each.means.zh


def test_every_scenario_that_a_catalogue_names_is_shipped():
    named = {
        scenario
        for name in catalogue_names()
        for each in load_requirements(name).requirements
        for tests in each.tests
        for scenario in tests.scenarios
    }

    assert named <= SCENARIOS


def test_each_requirement_gets_the_worst_verdict_of_its_checks(sample, own):
    record = sample.record(requirements=entries([load_requirements(own)]))

    rows = {each.id: each for each in matrix(record)}

    assert {name: each.verdict for name, each in rows.items()} == {
        "ct-in-the-archive": "failed",
        "found": "open",
        "reached": "met",
        "printed": "not tested",
        "backup": "no test",
    }
    assert rows["ct-in-the-archive"].checks[0] == "store.status"
    assert rows["reached"].steps == [("ct-study", "1-verify")]
    assert tally(rows.values())["no test"] == 1


def test_checks_of_another_actor_do_not_count(sample, own):
    record = sample.record(requirements=entries([load_requirements(own)]))
    for each in record["checks"]:
        each["judges"] = "modality"

    assert {each.verdict for each in matrix(record)} == {"not tested", "no test"}


def test_the_report_and_junit_name_them(sample, own, read_page):
    record = sample.record(requirements=entries([load_requirements(own)]))

    page = read_page(render(record, language="zh"))
    suites = ET.fromstring(junit(record))

    assert page.mistakes == []
    assert "能查到。" in page.text
    assert "没有测试覆盖" in page.text
    told = {
        case.get("name"): prop.get("value")
        for case in suites.iter("testcase")
        for prop in case.iter("property")
        if prop.get("name") == "requirement"
    }
    assert told["store.status"] == "ct-in-the-archive"
    assert told["verify.status"] == "reached"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (OWN.replace("store.*", "stroe.*"), 'no check is named "stroe.*"'),
        (OWN.replace("device: pacs", "device: pax"), 'unknown device "pax"'),
        (OWN.replace("id: backup", "id: found"), 'a second requirement "found"'),
        (OWN.replace("steps: query", "step: query"), "step"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place(tmp_path, wrong, told):
    path = tmp_path / "wishes.yaml"
    path.write_text(wrong, encoding="utf-8")

    with pytest.raises(SpecError) as caught:
        load_requirements(path, checks=tuple(all_checks()))

    assert told in str(caught.value)
    assert "wishes.yaml:" in str(caught.value)


def test_a_site_names_files_beside_it_and_else_the_catalogues_of_its_systems(tmp_path, own):
    site = tmp_path / "site.yaml"
    text = "site: A\nsystems: {pacs: {ae_title: A, host: localhost, port: 104}}\n"
    site.write_text(text, encoding="utf-8")
    assert [each.device for each in wanted(read_site(site))] == ["pacs"]

    site.write_text(text + "requirements: [wishes.yaml, ris]\n", encoding="utf-8")
    models = wanted(read_site(site))
    assert [each.requirements[0].id for each in models] == ["ct-in-the-archive", "ris.connection"]

    site.write_text(text + "requirements: nothing\n", encoding="utf-8")
    with pytest.raises(UsageError, match="unknown catalogue"):
        wanted(read_site(site))


def test_the_command_lists_them_with_what_shows_them(own, capsys):
    assert main(["requirements", str(own), "pacs"]) == 0

    said = capsys.readouterr().out
    assert "ct-in-the-archive (basic): The CT pictures arrive." in said
    assert "no test covers it" in said
    assert "IHE RAD SWF.b" in said
    assert main(["requirements", "--language", "zh"]) == 0
    assert "胶片打印机" in capsys.readouterr().out
