"""Every check of a system that acts is caught by a broken one, and silent on sound ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dicomtest.checks import all_checks

from .initiators.bench import Bench
from .initiators.objects import OBJECTS, QUIRKS, Broken
from .initiators.sender import contexts_for, send, write
from .initiators.sequences import SEQUENCES


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("senders"))
    try:
        yield made
    finally:
        made.session.close()


def stored(bench: Bench, broken: Broken, folder: Path) -> set[str]:
    """The checks that find fault with a sender of these objects."""
    bench.begin()
    objects = broken.objects()
    broken.change(objects)
    files = [
        write(each, folder / f"{number}.dcm", broken.encoded if number == 0 else None)
        for number, each in enumerate(objects)
    ]
    return bench.step("store", lambda provider: send(provider, files, contexts_for(objects)))


LOST = "association.scu-release"


def settled(play: Callable[[], set[str]], expected: set[str] | frozenset[str]) -> set[str]:
    """What is found; once more when pynetdicom, which these senders use, has lost a response.

    Its reactor thread may take a response from under the thread that waits for it; it then waits
    until its own time limit and aborts.
    """
    found = play()
    return play() if LOST in found - expected else found


@pytest.mark.parametrize("name", OBJECTS)
def test_a_broken_object_is_found(bench: Bench, tmp_path: Path, name: str) -> None:
    expected = OBJECTS[name].caught_by

    found = settled(lambda: stored(bench, OBJECTS[name], tmp_path), expected)

    assert found == OBJECTS[name].caught_by, bench.words


@pytest.mark.parametrize("name", QUIRKS)
def test_a_sound_object_is_left_in_peace(bench: Bench, tmp_path: Path, name: str) -> None:
    found = settled(lambda: stored(bench, QUIRKS[name], tmp_path), set())

    assert found == set(), bench.words


@pytest.mark.parametrize("name", SEQUENCES)
def test_what_a_system_does_is_found_or_left_in_peace(
    bench: Bench, tmp_path: Path, name: str
) -> None:
    def play() -> set[str]:
        bench.begin()
        return set(SEQUENCES[name].play(bench, tmp_path))

    found = settled(play, SEQUENCES[name].caught_by)

    assert found == SEQUENCES[name].caught_by, bench.words


MODULES = ("association_user", "conformance", "conformance_study", "conformance_values",
           "query_user", "when_refused")  # fmt: skip
# Fails nobody; its own test is with the peers. Ours accept standard classes only.
NEVER = {"store.scu-second-opinion", "store.scu-known-class", "store.scu-context-of-class"}


def test_every_check_of_a_system_that_acts_has_a_broken_one() -> None:
    checks = {
        each.id
        for each in all_checks().values()
        if each.function.__module__.rpartition(".")[2] in MODULES
    }
    caught = set().union(*(each.caught_by for each in (*OBJECTS.values(), *SEQUENCES.values())))

    assert checks - NEVER == caught & checks
    assert len(caught) > 40
