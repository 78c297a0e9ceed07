"""The systems themselves: the sound one is sound, and the quirks do what they say.

That a defect shows is proven by `test_matrix.py`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.defects.systems import DEFECTS, QUIRKS, ArchiveSCP
from tests.defects.systems.probe import Client
from tests.defects.systems.settings import VERIFICATION
from tests.defects.systems.walks import EXPLICIT, IMPLICIT, WALKS

SYSTEMS = Path(__file__).parent / "systems"


@pytest.mark.parametrize("service", WALKS)
def test_a_sound_archive_always_answers_alike(service: str) -> None:
    walks = []
    for _ in range(2):
        with ArchiveSCP() as archive, Client(archive.port) as client:
            walks.append(list(WALKS[service](archive, client)))
    assert walks[0] == walks[1]


def finals(answer: Any) -> list[int]:
    """The final statuses in what a walk noted."""
    return [int(each) for each in re.findall(r"\('Status', (\d+)\)", str(answer))]


# Statuses a quirk has in place of those of the plain archive.
STATUS_OF = {
    "coerces-patient-id": {0: 0xB000},
    "refuses-mismatches-with-c000": {0xA900: 0xC123},
    "refuses-with-c000": {0xA900: 0xC000},
    "nothing-to-move-is-a900": {0: 0xA900},
    "nothing-to-move-is-c000": {0: 0xC000},
}
# Quirks with which a walk has other answers, or another number of them.
OTHER_ANSWERS = {
    "only-ct-and-mr", "only-implicit-vr", "storage-only", "no-get", "no-patient-root",
    "names-case-sensitive", "names-without-accents", "no-optional-keys",
    "shows-objects-after-a-second", "no-pending-moves", "pending-every-third",
    "pending-before-the-first", "pending-after-the-last", "one-association-at-a-time",
    "names-matched-whole", "optional-keys-are-not-matched",
    "refuses-wild-cards-in-unique-keys",
}  # fmt: skip
SLOW = {"slow-answers", "slow-release", "slow-sub-operations", "answers-with-pauses"}


def walk_with(*quirks: Any, service: str) -> list[tuple[str, Any]]:
    with ArchiveSCP(deviations=quirks) as archive, Client(archive.port) as client:
        return list(WALKS[service](archive, client))


@pytest.mark.parametrize("name", sorted(set(QUIRKS) - SLOW - OTHER_ANSWERS))
def test_a_quirk_has_the_statuses_of_the_plain_archive(name: str) -> None:
    quirk = QUIRKS[name]
    status_of = STATUS_OF.get(name, {})
    walk = walk_with(quirk, service=quirk.service)
    plain = walk_with(service=quirk.service)
    for (what, seen), (_, wanted) in zip(walk, plain, strict=True):
        for status, expected in zip(finals(seen), finals(wanted), strict=True):
            assert status in (expected, status_of.get(expected)), what


@pytest.mark.parametrize("name", sorted(SLOW | OTHER_ANSWERS))
def test_with_a_quirk_the_archive_answers_an_echo(name: str) -> None:
    with ArchiveSCP(deviations=[QUIRKS[name]]) as archive, Client(archive.port) as client:
        link = client.associate((VERIFICATION, [EXPLICIT, IMPLICIT]))
        assert finals(client.echo(link)) == [0]


def test_the_systems_share_no_code_with_what_they_test() -> None:
    for module in SYSTEMS.glob("*.py"):
        assert not re.search(r"^\s*(from|import) dicomtest", module.read_text("utf-8"), re.M)


def test_every_deviation_says_what_it_does_and_against_or_by_which_clause() -> None:
    for each in [*DEFECTS.values(), *QUIRKS.values()]:
        assert re.fullmatch(r"[a-z0-9-]+", each.name)
        assert each.says.endswith(".")
        assert re.match(r"PS3\.\d+ [A-Z0-9]", each.clause)
        assert each.hooks or each.settings


def test_the_archive_runs_as_a_program() -> None:
    command = [sys.executable, "-m", "tests.defects.systems", "--ae", "HERE", "--defect"]
    with subprocess.Popen(
        [*command, "echo-fails"], stdout=subprocess.PIPE, text=True, cwd=SYSTEMS.parents[2]
    ) as program:
        try:
            assert program.stdout is not None
            word, port = program.stdout.readline().split()
            assert word == "ready"
            with Client(int(port)) as client:
                link = client.associate(VERIFICATION, called="HERE")
                assert finals(client.echo(link)) == [0x0110]
        finally:
            program.kill()
