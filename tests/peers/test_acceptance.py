"""The shipped scenarios against real PACS: what is found is true, and nothing else is found.

Each product's list below is exact. A finding that is not listed is a false alarm, or a change of
the product; a listed one that is not found is a miss.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import support
from pydicom import dcmread
from support.programs import environment

FINDINGS = ("failed", "warned")
# The simulators that a PACS has to know.
PLAYERS = {
    "workstation": "DT_WS", "modality": "DT_MOD", "modality-2": "DT_MOD_2", "digitizer": "DT_DIG",
}  # fmt: skip
# Where images come on several associations at once, and the steps that look for them later.
PARALLEL = tuple(f"pacs-broken-transfers/{step}" for step in ("5-store", "8-query", "9-move"))


@dataclass(frozen=True)
class Known:
    """A true non-conformity of a product: the clause, what the product does, and where it shows.

    Without `steps` it shows in whichever step gives the occasion.
    """

    clause: str
    does: str
    steps: frozenset[str]

    def shows(self, step: str) -> bool:
        return not self.steps or step in self.steps


def known(clause: str, does: str, *steps: str) -> Known:
    return Known(clause, does, frozenset(steps))


UNKNOWN_VALUES = known(
    "PS3.4 C.2.2.1.2",
    "does not find a study without Accession Number when one is asked for",
    "pacs-query/11-query",
)
# Each of these is shown by clients that are not ours in test_findings.py.
ORTHANC = {
    "commit.empty-refused": known(
        "PS3.4 J.3.2.1",
        "takes a request without any instance, and reports on nothing",
        "pacs-commitment/11-commit",
    ),
    "commit.repeated-transaction": known(
        "PS3.3 C.14.1.1",
        "takes a Transaction UID that was used before",
        "pacs-commitment/10-commit",
    ),
    "get.failed-list": known(
        "PS3.4 C.4.3.1.3.2",
        "answers B000 and A702 without Failed SOP Instance UID List",
        *("pacs-get/12-get", "pacs-get/13-get"),
    ),
    "get.total-failure-status": known(
        "PS3.4 C.4.3.1.4", "answers C000 (Unable to process) where A702 is meant", "pacs-get/14-get"
    ),
    "get.role-of-sub-operation": known(
        "PS3.7 D.3.3.4",
        "sends instances on a context for which the role of SCP was not negotiated",
        "pacs-get/21-get",
    ),
    "move.everything-is-tried": known(
        "PS3.4 C.4.2.3.1",
        "gives up at the first object that is refused",
        *("pacs-move/13-move", "pacs-move/14-move"),
    ),
    "move.partial-failure-status": known(
        "PS3.4 C.4.2.3.1",
        "gives up with C000 at the first object that is refused, after it has sent another",
        "pacs-move/13-move",
    ),
    "move.total-failure-status": known(
        "PS3.4 C.4.2.1.5",
        "answers C000 (Unable to process) where A702 is meant",
        "pacs-move/14-move",
    ),
    "move.unknown-destination-status": known(
        "PS3.4 C.4.2.1.5",
        "answers C000 (Unable to process) where A801 is meant",
        "pacs-move/15-move",
    ),
    "move.warning-status": known(
        "PS3.4 C.4.2.3.1", "ends with 0000 when the destination warned", "pacs-move/19-move"
    ),
    "move.warnings-counted": known(
        "PS3.4 C.4.2.1.9", "counts warnings of the destination as completed", "pacs-move/19-move"
    ),
    "query.unknown-values": UNKNOWN_VALUES,
    "query.hierarchy-is-kept": known(
        "PS3.4 C.4.1.2.1",
        "answers a SERIES query that names no study",
        "pacs-query/12-query",
    ),
    "query.stored-values": known(
        "PS3.4 C.4.1.3.1.1",
        "garbles JIS X 0208 in names whose first character set is ISO 2022 IR 13",
        "pacs-character-sets/11-query",
    ),
}
KNOWN: dict[str, dict[str, Known]] = {
    "orthanc": ORTHANC,
    "orthanc-as-shipped": ORTHANC
    | {
        "query.stored-values": known(
            "PS3.4 C.4.1.3.1.1",
            "answers in ISO_IR 100 and leaves out the characters which that does not have",
            *("pacs-query/10-query", "pacs-query/11-query", "pacs-character-sets/11-query"),
            *("workflow-character-sets/14-query", "workflow-character-sets/15-query"),
        ),
        "trace.answers": known(
            "PS3.4 C.4.1.3.1.1",
            "the same, seen on the way of one patient",
            *("workflow-character-sets/14-query", "workflow-character-sets/15-query"),
        ),
    },
    "dcmqrscp": {
        "query.unknown-values": UNKNOWN_VALUES,
        "query.hierarchy-is-kept": known(
            "PS3.4 C.4.1.2.1",
            "answers a SERIES query that names two studies",
            "pacs-query/12-query",
        ),
        "query.pending-status": known(
            "PS3.4 C.4.1.1.4",
            "leaves unsupported Optional Keys out of its answers and says FF00, not FF01",
        ),
    },
}


@dataclass(frozen=True)
class Accepted:
    """A run of `dicomtest run` that has ended."""

    product: str
    exit_status: int
    output: str
    folder: Path
    peer: support.Peer

    @property
    def record(self) -> dict[str, Any]:
        text = (self.folder / "run.json").read_text(encoding="utf-8")
        return dict(json.loads(text))

    def checks(self, *outcomes: str) -> list[dict[str, Any]]:
        return [each for each in self.record["checks"] if each["outcome"] in outcomes]

    def lost_in_parallel(self) -> bool:
        """Whether dcmqrscp broke its database when images came on several associations at once.

        Its processes race for the index: some images get C000, some are answered with Success and
        not kept (DCMTK's storescu, four at a time, shows the same). Then PARALLEL cannot go well.
        """
        if not isinstance(self.peer, support.Dcmqrscp):
            return False
        kept = {
            dcmread(path, specific_tags=["SOPInstanceUID"]).SOPInstanceUID
            for path in self.peer.database.glob("*.dcm")
        }
        evidence = self.folder / "evidence" / f"{PARALLEL[0]}.json"
        step = json.loads(evidence.read_text(encoding="utf-8"))
        stores = [each for one in step["associations"] for each in one["exchanges"]]
        answers = [answer for each in stores for answer in each.get("responses", ())]
        refused = any(answer["status"] == 0xC000 for answer in answers)
        return refused or any(each["sop_instance"] not in kept for each in stores)


def place(check: dict[str, Any]) -> str:
    return f"{check['scenario']}/{check['step']}"


def start(product: str, folder: Path, ports: dict[str, int]) -> support.Peer:
    """Start a PACS that knows our simulators: whom it sends images and commitments to."""
    destinations = {ae_title: ("127.0.0.1", port) for ae_title, port in ports.items()}
    if product == "dcmqrscp":
        return support.Dcmqrscp(folder, hosts=destinations).start()
    shipped = {"encoding": "Latin1", "overwrite": False, "nagle": True}
    options = shipped if product == "orthanc-as-shipped" else {}
    return support.Orthanc(folder, modalities=destinations, **options).start()


@pytest.fixture(scope="module", params=sorted(KNOWN))
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Run every shipped scenario that has a PACS under test against one product."""
    product = request.param
    folder = tmp_path_factory.mktemp(product)
    ports = {player: support.free_port() for player in (*PLAYERS, "ris", "printer")}
    try:
        pacs = start(product, folder / "peer", {PLAYERS[each]: ports[each] for each in PLAYERS})
    except support.Missing as missing:
        pytest.skip(str(missing))
    site = folder / "site.yaml"
    site.write_text(
        f"""\
site: Acceptance of {product}
systems:
  pacs: {{ae_title: {pacs.ae_title}, host: 127.0.0.1, port: {pacs.port}, product: {product}}}
simulators: {json.dumps({player: {"port": port} for player, port in ports.items()})}
seed: 20261122
""",
        encoding="utf-8",
    )
    output = folder / "run"
    command = [sys.executable, "-m", "dicomtest", "run"]
    with pacs:
        done = subprocess.run(
            [*command, "--site", str(site), "--output", str(output)],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (output / "run.json").is_file(), f"no record: {done.stdout}{done.stderr}"
        yield Accepted(product, done.returncode, done.stdout + done.stderr, output, pacs)


pytestmark = pytest.mark.timeout(600)


def findings(run: Accepted) -> list[dict[str, Any]]:
    """What the run found, but for what follows from a race that its peer has lost."""
    found = run.checks(*FINDINGS)
    if run.lost_in_parallel():
        found = [each for each in found if place(each) not in PARALLEL or always(run, each)]
    return found


def always(run: Accepted, check: dict[str, Any]) -> bool:
    each = KNOWN[run.product].get(check["check"])
    return each is not None and each.shows(place(check))


def test_what_is_found_is_what_the_product_does_wrong(run: Accepted):
    found = {(each["check"], place(each)) for each in findings(run)}

    false_alarms = [
        f"{each['check']} in {place(each)}: expected {each['expected']}, was {each['actual']}"
        for each in findings(run)
        if not always(run, each)
    ]
    missed = {
        (check, step)
        for check, each in KNOWN[run.product].items()
        for step in each.steps or [""]
        if not any(name == check and step in ("", at) for name, at in found)
    }
    assert not false_alarms, "\n".join(false_alarms)
    assert missed == set()


def test_every_finding_cites_its_clause(run: Accepted):
    for each in findings(run):
        assert KNOWN[run.product][each["check"]].clause in each["cites"]


def test_everything_was_judged(run: Accepted):
    assert run.checks("error", "blocked", "not-run") == []
    assert run.checks("passed"), run.output
    assert {each["scenario"] for each in run.record["scenarios"]} == {
        each["scenario"] for each in run.record["checks"]
    }


def test_the_verdict_follows(run: Accepted):
    failed = any(each["outcome"] == "failed" for each in run.record["checks"])

    assert run.record["verdict"] == ("not accepted" if failed else "accepted")
    assert run.exit_status == (1 if failed else 0), run.output
    assert run.record["real_systems"] is True
    assert run.record["started"] <= min(each["started"] for each in run.record["steps"])
    assert run.record["ended"] >= max(each["ended"] for each in run.record["steps"])
    assert all((run.folder / name).is_file() for name in ("report.html", "junit.xml"))
