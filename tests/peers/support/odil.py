"""odil: a C++ stack of its own; MPPS, both sides. One association at a time."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from support.clients import Ran, run
from support.process import Peer
from support.programs import ODIL_SCRIPTS, SYSTEM_PYTHON, Missing, environment, program


def _python() -> str:
    probe = [SYSTEM_PYTHON, "-c", "import odil"]
    try:
        subprocess.run(probe, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise Missing("no odil: apt-get install --no-install-recommends python3-odil") from None
    return SYSTEM_PYTHON


class OdilScp(Peer):
    """Verification and MPPS; what it was told lies in `journal`, one JSON object a line."""

    name = "odil-scp"

    def __init__(self, folder: Path, *, ae_title: str = "ODILMPPS", nagle: bool = False) -> None:
        super().__init__(folder, ae_title=ae_title, nagle=nagle)
        self.journal = folder / "journal.jsonl"

    def command(self) -> list[str]:
        script = str(ODIL_SCRIPTS / "relay.py")
        return [_python(), script, str(self.port), self.ae_title, str(self.journal)]

    def told(self) -> list[dict[str, Any]]:
        """Every N-CREATE and N-SET it has answered."""
        if not self.journal.is_file():
            return []
        lines = self.journal.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


def run_odil_mpps(
    called: str, host: str, port: int, *statuses: str, folder: Path, calling: str = "ODILSCU"
) -> Ran:
    """Run the MPPS client: N-CREATE (IN PROGRESS), then an N-SET for each status."""
    script = str(ODIL_SCRIPTS / "mpps_scu.py")
    command = [_python(), script, host, str(port), calling, called, *statuses]
    return run(command, folder=folder, env=environment())


def run_odil(*arguments: str | int, folder: Path) -> Ran:
    """Run the `odil` command (echo, find) to its end; raises Missing."""
    return run([program("odil"), *map(str, arguments)], folder=folder, env=environment())
