"""What README shows can be used as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from dicomtest.cli import _parser
from dicomtest.spec.requirements import RequirementsModel

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
YAMLS = [YAML(typ="safe").load(text) for kind, text in BLOCKS if kind == "yaml"]


def commands():
    """Every command line of dicomtest, in shell blocks and in the examples for CI."""
    for kind, text in BLOCKS:
        for line in text.splitlines() if kind in ("sh", "yaml") else ():
            found = re.match(r"(?:\s*- (?:run: )?)?dicomtest (.*)", line)
            if found:
                yield found[1]


@pytest.mark.parametrize("line", list(commands()))
def test_a_command_is_one_that_there_is(line):
    words = shlex.split(line, comments=True)

    assert _parser(words).parse_args(words).command == words[0]


def test_the_examples_for_ci_keep_record_and_report_when_a_check_fails():
    actions = next(each for each in YAMLS if "jobs" in each)["jobs"]["acceptance"]["steps"]
    gitlab = next(each for each in YAMLS if "acceptance" in each)["acceptance"]

    (run,) = [each["run"] for each in actions if "dicomtest" in each.get("run", "")]
    assert actions[-1]["if"] == "always()"
    assert run.endswith(f"--output {actions[-1]['with']['path']}")
    assert run in gitlab["script"]
    assert gitlab["artifacts"]["when"] == "always"
    assert gitlab["artifacts"]["reports"]["junit"] == "acceptance/junit.xml"


def test_the_wishes_of_the_example_are_valid():
    model = RequirementsModel.model_validate(next(each for each in YAMLS if "device" in each))

    assert [bool(each.tests) for each in model.requirements] == [True, False]


def test_the_sample_report_is_small_and_names_no_place_on_the_machine_that_made_it():
    sample = README.parent / "reports" / "sample.html"
    text = sample.read_text(encoding="utf-8")

    assert sample.stat().st_size < 1_500_000
    assert not re.search(r"(?<![\w/.])/(tmp|home|root|Users|work|opt)/", text)
    assert "<script" not in text
