"""A system that takes the images and no more: nobody is asked for what it has and they have not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dicomtest.casting import Casting
from dicomtest.checks import all_checks
from dicomtest.dimse import Recorder
from dicomtest.spec.scenario import load_scenarios
from dicomtest.spec.site import load_site
from dicomtest.stage import Run, Stage
from dicomtest.transactions import step_models

STEPS = """\
  - store: {from: modality, to: pacs, study: ct, images: 1, save: head}
  - query: {from: workstation, to: pacs, study: head}
  - move: {from: workstation, to: pacs, study: head}
  - get: {from: workstation, to: pacs, study: head}
  - commit: {from: modality, to: pacs, study: head, within: 5 s}
"""


@pytest.fixture
def play(tmp_path: Path) -> Callable[[str], Stage]:
    """Play the steps at an archive that serves no more than this, and is not there."""

    def played(serves: str) -> Stage:
        site = tmp_path / "site.yaml"
        site.write_text(
            "site: S\nlimits: {connect: 1 s}\nsystems:\n"
            f"  pacs: {{ae_title: GATE, host: 127.0.0.1, port: 1, serves: [{serves}]}}\n",
            encoding="utf-8",
        )
        path = tmp_path / "parts.dicomtest.yaml"
        path.write_text(f"scenario: parts\nsteps:\n{STEPS}", encoding="utf-8")
        loaded = load_site(site, checks=tuple(all_checks()), steps=tuple(step_models()))
        recorder = Recorder()
        casting = Casting(loaded, recorder, tmp_path / "received")
        run = Run(loaded, "r1", 1, tmp_path, recorder, casting)
        stage = Stage(run, load_scenarios(path, step_models())[0])
        try:
            stage.play_until(len(stage.scenario.steps))
        finally:
            casting.close()
        return stage

    return played


@pytest.mark.parametrize("serves", ["store", "query, move, get, commit"])
def test_images_are_not_sought_where_they_were_not_sent(
    play: Callable[[str], Stage], serves: str
) -> None:
    _, *others = play(serves).evidence

    assert [each.kind for each in others] == ["query", "move", "get", "commit"]
    assert all("takes the images" in each.not_applicable for each in others)
    assert not any(each.associations for each in others)


def test_what_the_archive_serves_with_storage_is_asked_of_it(play: Callable[[str], Stage]) -> None:
    asked = {each.kind: not each.not_applicable for each in play("store, query").evidence}

    assert asked == {"store": True, "query": True, "move": False, "get": False, "commit": False}
