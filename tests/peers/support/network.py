"""Ports of this machine, and waiting for what another program does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Seen = TypeVar("Seen")

LISTEN = "0A"  # state of a socket in /proc/net/tcp


def free_port() -> int:
    """Give a port that the operating system just found free on every address."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def listens(pid: int, port: int) -> bool:
    """Whether that process listens on that port, seen without connecting to it.

    A connection made only to look would use up the turn of a server that takes one at a time.
    """
    sockets = set()
    for table in ("tcp", "tcp6"):
        lines = Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]
        for fields in map(str.split, lines):
            if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                sockets.add(f"socket:[{fields[9]}]")
    if not sockets:
        return False
    try:
        return any(_target(each) in sockets for each in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False  # the process has ended


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""  # closed since the folder was listed


def until(
    happened: Callable[[], Seen], *, within: float = 20.0, what: str = "", every: float = 0.02
) -> Seen:
    """Ask again and again until the answer is true, and give it.

    For what another program does and nobody announces (a file appears). Raises AssertionError
    after `within` seconds; `what` was waited for.
    """
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not (seen := happened()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what or happened}")
        pause.wait(every)
    return seen
