"""A system that never answers is not waited for again and again; a slow one is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dicomtest.actors import silence
from dicomtest.spec.site import Limits
from tests.defects.matrix import Verdict, archive_of, judge_system, scenarios
from tests.defects.systems import DEFECTS, Settings

LONG, SHORT = 1.5, 0.2
LIMITS = Limits(connect=2, association=2, response=LONG)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "SHORT", SHORT)
    monkeypatch.setattr(silence, "SHORT_RELEASE", SHORT)


def played(folder: Path, *defects: str, settings: Settings | None = None) -> list[Verdict]:
    """What becomes of two queries, an echo, and two queries more."""
    with archive_of([DEFECTS[each] for each in defects], settings) as (archive, workstation):
        return judge_system(
            archive.port, scenarios("silence"), folder, workstation=workstation, limits=LIMITS
        )


def answered(verdicts: list[Verdict]) -> dict[str, str]:
    """How the requests of each step were answered."""
    chosen = [each for each in verdicts if each["check"] == "dimse.final-response"]
    return {each["step"]: each["message"] or each["outcome"] for each in chosen}


def test_after_a_first_silence_a_service_is_not_waited_for_as_long(tmp_path: Path) -> None:
    found = answered(played(tmp_path, "find-never-answers"))
    assert f"no response within {LONG:g} s" in found["1-query"]
    assert "shortened" not in found["1-query"]
    for step in ("2-query", "4-query", "5-query"):
        assert re.search(
            rf"within {SHORT:g} s \(shortened, because .* C-FIND within {LONG:g} s", found[step]
        )
    assert found["3-verify"] == "passed"


def test_a_slow_system_keeps_its_time(tmp_path: Path) -> None:
    found = answered(played(tmp_path, settings=Settings(delay=2 * SHORT)))
    assert set(found.values()) == {"passed"}


def test_who_does_not_answer_two_services_answers_none(tmp_path: Path) -> None:
    found = answered(played(tmp_path, "find-never-answers", "echo-never-answers"))
    assert f"within {LONG:g} s" in found["3-verify"]
    assert f"within {SHORT:g} s" in found["4-query"]


def test_a_release_without_an_answer_is_not_waited_for_as_long(tmp_path: Path) -> None:
    verdicts = played(tmp_path, "no-answer-to-release")
    releases = [each for each in verdicts if each["check"] == "association.release"]
    assert f"within {LONG:g} s" in releases[0]["message"]
    assert all(f"within {SHORT:g} s" in each["message"] for each in releases[1:])
    assert set(answered(verdicts).values()) == {"passed"}


def test_an_address_that_takes_no_association_is_not_waited_for_as_long(tmp_path: Path) -> None:
    verdicts = played(tmp_path, "one-association-ever")
    refused = [
        each["message"]
        for each in verdicts
        if each["check"] == "association.accepted" and each["outcome"] == "failed"
    ]
    assert "within 2 s" in refused[0]
    assert all(f"within {SHORT:g} s" in each for each in refused[1:])
