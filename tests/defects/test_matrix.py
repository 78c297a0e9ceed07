"""Every defect is caught, every check catches one, and no quirk is found fault with.

By default one defect for each check is played, and quirks in bundles; `-m exhaustive` plays all.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from dicomtest.checks import Check, all_checks
from dicomtest.findings import Level, Outcome, Side
from dicomtest.spec.site import Limits
from tests.defects.caught import Case, cases, representative
from tests.defects.matrix import (
    HASTY,
    PATIENT,
    Verdict,
    asking,
    found,
    free_port,
    in_words,
    judge_archive,
    judge_system,
    of,
    part,
    quick,
    scenarios,
)
from tests.defects.systems import DEFECTS, QUIRKS
from tests.defects.systems.raw import BEHAVIOURS, RawPeer

CASES = {case.id: case for case in cases()}
CHOSEN = [case.id for case in representative(CASES.values())]
ABOUT = {"association", "dimse", "verify", "store", "query", "move", "get"}
BAD = (Outcome.FAILED, Outcome.WARNED, Outcome.BLOCKED, Outcome.NOT_RUN, Outcome.ERROR)

# Against a clause, but nobody comes to harm, or clauses contradict each other: a warning will do.
WARNED_OF = {
    "store-drops-empty-type-2", "find-takes-a-missing-level-for-study",
    "move-remaining-in-the-final-response", "get-remaining-in-the-final-response",
    "move-cancel-without-counters", "get-cancel-without-counters", "move-sends-instances-twice",
    "get-sends-instances-twice", "move-to-an-unknown-destination-is-c001",
    "move-bad-identifiers-match-nothing", "get-bad-identifiers-match-nothing",
}  # fmt: skip
EVERYTHING = (
    "association", "store", "find", "find-patient", "find-cancel", "move", "move-cancel", "get",
    "get-cancel",
)  # fmt: skip
# Quirks that take their time; the rest has nothing to do with time.
SLOW = {
    "slow-release", "slow-answers", "answers-with-pauses", "slow-sub-operations",
    "shows-objects-after-a-second",
}  # fmt: skip
SLOW_STEPS = (3, 11, 15, 26)  # of `sound`: store, query, move, get
BUNDLES = 8
# Where clauses contradict each other and a check only warns: PS3.4 C.4.2.1.7 and C.4.2.3.1.
DECLARED = {"final-without-counters": {"move.final-counters-present"}}


def marked(names: Iterable[str], by_default: Iterable[str]) -> list[Any]:
    """Test parameters; those not played by default are marked."""
    chosen = set(by_default)
    marks = {True: (), False: (pytest.mark.exhaustive,)}
    return [pytest.param(name, marks=marks[name in chosen]) for name in names]


# --- defects ---


def play(case: Case, folder: Path, limits: Limits) -> list[Verdict]:
    """The verdicts over the steps that the case names."""
    [scenario] = scenarios(case.scenario)
    with quick(), asking(lambda query: not case.ask or query in case.ask):
        return judge_archive(
            [DEFECTS[case.defect]], [part(scenario, *case.steps)], folder, limits=limits
        )


@pytest.mark.parametrize("id", marked(CASES, CHOSEN))
def test_a_defect_is_caught(id: str, tmp_path: Path) -> None:
    case = CASES[id]
    verdicts = play(case, tmp_path / "hasty", HASTY)
    if not case.caught_by <= found(verdicts):  # a busy machine is no excuse for a miss
        verdicts = play(case, tmp_path / "patient", PATIENT)
    assert case.caught_by <= found(verdicts), in_words(of(verdicts, *BAD))
    assert not of(verdicts, Outcome.ERROR), in_words(of(verdicts, Outcome.ERROR))


def test_every_defect_is_played() -> None:
    assert {case.defect for case in CASES.values()} == set(DEFECTS)


def test_a_broken_must_is_caught_by_a_must() -> None:
    musts = {id for id, check in all_checks().items() if check.level is Level.MUST}
    caught = {case.defect for case in CASES.values() if case.caught_by & musts}
    musts_broken = {each.name for each in DEFECTS.values() if each.level == "must"}
    assert musts_broken - caught == WARNED_OF


def is_ours(check: Check) -> bool:
    """Whether a check judges the provider of one of the five transactions."""
    return check.judges is Side.SCP and check.id.split(".")[0] in ABOUT


def test_every_check_catches_a_defect() -> None:
    proven = {id for case in CASES.values() for id in case.caught_by}
    assert proven == {check.id for check in all_checks().values() if is_ours(check)}


# --- quirks ---


def sample(name: str, one_in: int) -> Callable[[str], bool]:
    """Choose one query of so many, others for another name."""
    return lambda query: zlib.crc32(f"{name} {query}".encode()) % one_in == 0


def assert_sound(
    quirks: Iterable[str], played: Iterable[str], folder: Path, *, one_in: int, steps: Any = ()
) -> None:
    """Nothing is found, and nothing is left unjudged."""
    names = tuple(quirks)
    chosen = [part(each, *steps) if steps else each for each in scenarios(*played)]
    with asking(sample(" ".join(names), one_in)):
        verdicts = judge_archive([QUIRKS[each] for each in names], chosen, folder)
    declared = {check for each in names for check in DECLARED.get(each, ())}
    bad = [each for each in of(verdicts, *BAD) if each["check"] not in declared]
    assert of(verdicts, Outcome.PASSED)
    assert not bad, in_words(bad)


def bundles() -> list[list[str]]:
    """The quirks in bundles, none of which has two that change the same thing."""
    found: list[tuple[set[str], list[str]]] = [(set(), []) for _ in range(BUNDLES)]
    for name, quirk in QUIRKS.items():
        changed = {*quirk.settings, *quirk.hooks}
        fitting = [each for each in found if not each[0] & changed]
        taken, names = min(fitting, key=lambda each: len(each[1]))
        if name not in SLOW:
            taken |= changed
            names.append(name)
    return [names for _, names in found]


def test_the_sound_archive_is_not_found_fault_with(tmp_path: Path) -> None:
    assert_sound([], EVERYTHING, tmp_path, one_in=8)


@pytest.mark.parametrize("bundle", bundles(), ids=lambda names: f"{names[0]}-and-others")
def test_quirks_together_are_not_found_fault_with(bundle: list[str], tmp_path: Path) -> None:
    assert_sound(bundle, ["sound"], tmp_path, one_in=12)


def test_slow_systems_are_not_found_fault_with(tmp_path: Path) -> None:
    assert_sound(SLOW, ["sound"], tmp_path, one_in=12, steps=SLOW_STEPS)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", QUIRKS)
def test_a_quirk_is_not_found_fault_with(name: str, tmp_path: Path) -> None:
    if name in SLOW:
        assert_sound([name], ["sound"], tmp_path, one_in=12, steps=SLOW_STEPS)
    else:
        assert_sound([name], [*EVERYTHING, "sound"], tmp_path, one_in=4)


# --- what is no DICOM system ---

RAW_CHOSEN = (
    "closes-at-once", "answers-with-garbage", "accepts-by-half", "is-a-web-server",
    "is-a-tls-server", "accepts-and-aborts", "closes-in-a-pdu", "sends-a-garbled-command-set",
    "responds-with-a-request", "releases-instead-of-answering", "rejects-0-5-99", "aborts-7-99",
)  # fmt: skip


@pytest.mark.parametrize("name", marked(BEHAVIOURS, RAW_CHOSEN))
def test_what_is_no_dicom_system_is_told_in_time(name: str, tmp_path: Path) -> None:
    with quick(), RawPeer(BEHAVIOURS[name]) as peer:
        verdicts = judge_system(
            peer.port,
            [part(scenarios("silence")[0], 3)],
            tmp_path,
            workstation=free_port(),
            limits=HASTY,
        )
    if name != "drips-0.001":  # which is slow, and sound
        assert of(verdicts, Outcome.FAILED)
    assert not of(verdicts, Outcome.ERROR), in_words(of(verdicts, Outcome.ERROR))
