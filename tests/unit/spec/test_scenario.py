"""Scenario files: what a good one gives, and what is said about each kind of bad one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from dicomtest.errors import SpecError
from dicomtest.resources import scenarios_dir
from dicomtest.spec.scenario import load_scenarios, refuse_duplicates
from dicomtest.spec.steps import StepParameters
from dicomtest.transactions import step_models

Kind = Literal["ct", "mr", "us"]


class Store(StepParameters):
    study: tuple[Kind, ...] | Kind = "ct"
    transfer_syntax: Literal["implicit", "explicit"] | Literal["any"] | None = None
    images: int = Field(default=1, ge=1)
    save: str | None = None

    def defines(self):
        return [self.save] if self.save else []


class Query(StepParameters):
    find: tuple[str, ...] = ()

    def uses(self):
        return list(self.find)

    def order_problems(self, earlier):
        if any(kind == "store" for kind, _ in earlier):
            return []
        return ["there is nothing to query before something was stored"]


MODELS = {"store": Store, "query": Query}
HEAD = "scenario: ct-study\ntitle: {en: A study, zh: 检查}\nsteps:\n"
STORE = "  - store: {from: modality, to: pacs, save: head}\n"
QUERY = "  - query: {from: workstation, to: pacs, find: [head]}\n"


def load(path: Path):
    return load_scenarios(path, MODELS)


def test_a_good_file_gives_scenarios_and_steps(write):
    second = "---\nscenario: other\npurpose: Why.\ntags: [quick]\nsteps:\n" + STORE

    first, other = load(write(HEAD + STORE + QUERY + second))

    assert [step.id for step in first.steps] == ["1-store", "2-query"]
    assert (first.steps[1].line, first.steps[1].column) == (5, 5)
    assert first.steps[0].parameters == Store(**{"from": "modality", "to": "pacs", "save": "head"})
    assert first.actors() == {"modality", "pacs", "workstation"}
    assert (first.title.in_language("zh"), first.title.in_language("en")) == ("检查", "A study")
    assert (first.line, other.line) == (1, 7)
    assert (other.title.en, other.purpose.in_language("zh"), other.tags) == (
        "other",
        "Why.",
        ("quick",),
    )


def test_a_second_player_of_an_actor_may_take_part(write):
    text = HEAD + "  - store: {from: modality-2, to: pacs, within: 2 min}\n"

    (step,) = load(write(text))[0].steps

    assert isinstance(step.parameters, Store)
    assert (step.parameters.from_, step.parameters.within) == ("modality-2", 120.0)


def step(text: str) -> str:
    return f"{HEAD}  - {text}\n"


@pytest.mark.parametrize(
    ("content", "line", "column", "what", "fix"),
    [
        (step("stoer: {from: modality, to: pacs}"), 4, 5, 'did you mean "store"', "write store"),
        (step("store: {from: modalty, to: pacs}"), 4, 19, 'did you mean "modality"', "modality"),
        (step("store: {from: toaster, to: pacs}"), 4, 19, "unknown actor", "modality, ris, pacs"),
        (step("store: {from: modality}"), 4, 5, '"to" is missing', "add   to: ..."),
        (step("store: {from: pacs, to: pacs}"), 4, 12, "from and to are both pacs", "two actors"),
        (step("store: {from: modality, to: pacs, imags: 1}"), 4, 39, '"images"', "write images"),
        (step("store: {from: modality, to: pacs, images: many}"), 4, 47, "whole number", "digits"),
        (
            step("store: {from: modality, to: pacs, images: 0}"),
            4,
            47,
            "images must be 1 or more",
            "",
        ),
        (step("store: {from: modality, to: pacs, within: soon}"), 4, 47, "not a duration", "60 s"),
        (step("store: {from: modality, to: pacs, study: cta}"), 4, 46, '"ct"', "write ct"),
        (step("store: {from: modality, to: pacs, study: [ct, m]}"), 4, 51, 'study "m"', "mr"),
        (step("store: {from: modality, to: pacs, transfer_syntax: x}"), 4, 56, '"x"', "it, any"),
        (step("store: {from: modality, to: pacs, transfer_syntax: [a]}"), 4, 56, "a list", "any"),
        (step("store: text"), 4, 12, "must be keys and values", "key: value"),
        (step("store"), 4, 5, "must be keys and values", "key: value"),
        (step("{store: {}, query: {}}"), 4, 5, "a step has one key", "- store:"),
        (step("{}"), 4, 5, "a step has one key, the kind of step; this one has none", "- store:"),
        ("scenario: x\nsteps: []\n", 2, 8, "steps must have at least 1", "The steps, in order"),
        ("scenario: x\n", 1, 1, '"steps" is missing', "add   steps"),
        ("scenario: CT Study\nsteps:\n" + STORE, 1, 11, "cannot be the name", "ct-study"),
        ("scenario: 检查\nsteps:\n" + STORE, 1, 11, "cannot be the name", "ct-study"),
        ("scenario: x\ntitel: y\nsteps:\n" + STORE, 2, 1, 'did you mean "title"', "write title"),
        ("scenario: x\ntitle: {fr: y}\nsteps:\n" + STORE, 2, 9, 'unknown key "fr"', "en, zh"),
        (HEAD + QUERY.replace("[head]", "[]"), 4, 5, "nothing to query before", "order"),
        (HEAD + STORE + QUERY.replace("head", "haed"), 5, 49, 'did you mean "head"', "write head"),
        (HEAD + STORE.replace(", save: head", "") + QUERY, 5, 49, "no earlier step saves", "save:"),
    ],
)
def test_a_bad_scenario_is_refused_with_place_and_fix(
    write, problems, content, line, column, what, fix
):
    (found,) = problems(load, write(content))

    assert what in found.what
    assert fix in found.fix
    assert (found.line, found.column) == (line, column)


def test_a_name_that_a_later_step_saves_is_not_defined_yet(write, problems):
    text = HEAD + "  - store: {from: modality, to: pacs}\n" + QUERY + STORE

    (found,) = problems(load, write(text))

    assert "no earlier step saves it" in found.what
    assert found.line == 5


def test_what_a_broken_step_would_save_is_not_reported_again(write, problems):
    text = HEAD + STORE.replace("pacs", "pasc") + QUERY

    (found,) = problems(load, write(text))

    assert 'did you mean "pacs"' in found.what


def test_problems_of_all_steps_and_scenarios_come_at_once(write, problems):
    text = (
        HEAD
        + STORE.replace("modality", "modalty")
        + "  - quary: {}\n"
        + "---\nscenario: ct-study\nsteps:\n"
        + STORE.replace("save", "svae")
    )

    found = problems(load, write(text))

    assert [each.line for each in found] == [4, 5, 9]


def test_two_scenarios_of_one_name_in_a_file_are_refused(write, problems):
    (found,) = problems(load, write(f"{HEAD}{STORE}---\n{HEAD}{STORE}"))

    assert found.line == 6
    assert "the first is in line 1" in found.what


def test_two_scenarios_of_one_name_in_two_files_are_refused(write):
    one = load(write(HEAD + STORE, "one.dicomtest.yaml"))
    two = load(write(HEAD + STORE, "two.dicomtest.yaml"))

    refuse_duplicates(one)
    with pytest.raises(SpecError, match="is also in"):
        refuse_duplicates([*one, *two])


def test_the_shipped_scenarios_are_sound_and_have_names_of_their_own():
    paths = sorted(scenarios_dir().glob("*.dicomtest.yaml"))

    scenarios = [each for path in paths for each in load_scenarios(path, step_models())]

    refuse_duplicates(scenarios)
    assert all(each.purpose for each in scenarios)
