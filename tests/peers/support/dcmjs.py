"""dcmjs-dimse: a JavaScript stack of its own; both sides of nearly every service."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.clients import TIME_LIMIT, run
from support.process import Peer
from support.programs import NODE_SCRIPTS, environment, node_modules, program


def _environment() -> dict[str, str]:
    return environment(more={"NODE_PATH": str(node_modules())})


@dataclass(frozen=True)
class DcmjsRan:
    """What scu.js reports when it has ended."""

    exit_code: int
    responses: list[dict[str, Any]]  # in order, each with status and what else the service has
    stores: list[dict[str, Any]]  # C-STORE sub-operations of a C-GET
    errors: list[str]  # rejected, aborted, network errors, in words
    log: str = field(repr=False)

    @property
    def statuses(self) -> list[int]:
        """Status of every response, pending ones included."""
        return [each["status"] for each in self.responses]

    @property
    def identifiers(self) -> list[dict[str, Any]]:
        """The data sets of the pending responses, by keyword."""
        return [each["data"] for each in self.responses if each.get("data") is not None]


def run_dcmjs(
    operation: str,
    peer: tuple[str, int],
    called: str,
    *,
    folder: Path,
    calling: str = "DCMJSSCU",
    within: float = TIME_LIMIT,
    **parameters: Any,
) -> DcmjsRan:
    """Run one operation of scu.js (echo, store, find, get, move), or print.js; raises Missing."""
    folder.mkdir(parents=True, exist_ok=True)
    host, port = peer
    result = folder / "result.json"
    result.unlink(missing_ok=True)
    request = {"host": host, "port": port, "calling": calling, "called": called, **parameters}
    command = [
        program("node"),
        str(NODE_SCRIPTS / ("print.js" if operation == "print" else "scu.js")),
        operation,
        json.dumps(request, default=str),
        str(result),
    ]
    ran = run(command, folder=folder, env=_environment(), within=within)
    assert result.is_file(), str(ran)
    return DcmjsRan(exit_code=ran.exit_code, log=ran.log, **json.loads(result.read_text("utf-8")))


class DcmjsScp(Peer):
    """scp.js: Verification, Storage, MPPS and storage commitment on the same association.

    What it was told lies in `journal`, one JSON object a line.
    """

    name = "dcmjs-scp"

    def __init__(self, folder: Path, *, ae_title: str = "DCMJSSCP", nagle: bool = False) -> None:
        super().__init__(folder, ae_title=ae_title, nagle=nagle)
        self.journal = folder / "journal.jsonl"

    def command(self) -> list[str]:
        self._environment = _environment()
        script = str(NODE_SCRIPTS / "scp.js")
        return [program("node"), script, str(self.port), self.ae_title, str(self.journal)]

    def told(self) -> list[dict[str, Any]]:
        """Every request it has answered."""
        if not self.journal.is_file():
            return []
        lines = self.journal.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]
