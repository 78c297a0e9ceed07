"""A program that runs beside the test: started on a free port, watched, stopped."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import ClassVar, Self

from support.network import free_port, listens
from support.programs import environment

READY_WITHIN = 30.0
GONE_WITHIN = 15.0
ATTEMPTS = 3  # another program may take the port between finding it free and listening on it

running: list[Peer] = []
_leaving: list[subprocess.Popen[bytes]] = []


class PeerFailed(Exception):
    """An independent program did not start, or ended; the text closes with its log."""


class Peer:
    """One independent system on 127.0.0.1, from `start` to `stop`; also a context manager.

    A subclass says how it is configured (`prepare`, called with `port` chosen) and started
    (`command`). Everything it writes stays in `folder`.
    """

    name: ClassVar[str]
    ae_title: str
    host = "127.0.0.1"

    def __init__(self, folder: Path, *, ae_title: str, nagle: bool = False) -> None:
        self.folder = folder
        self.ae_title = ae_title
        self.port = 0
        self.log = folder / f"{self.name}.log"
        self._environment = environment(nagle=nagle)
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Write the configuration for `port`."""

    def command(self) -> list[str]:
        """Give the command line that serves `port`."""
        raise NotImplementedError

    def ports(self) -> tuple[int, ...]:
        """Give every port it listens on once it is ready."""
        return (self.port,)

    def ready(self) -> bool:
        """Whether it answers, asked when all its ports are open."""
        return True

    @property
    def pid(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def address(self) -> tuple[str, str]:
        """Host and port as a client's arguments."""
        return self.host, str(self.port)

    def text(self) -> str:
        """Give its log as written so far."""
        if not self.log.is_file():
            return ""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def start(self, port: int | None = None) -> Self:
        """Start on that port (default: a free one) and wait until it is ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, ATTEMPTS + 1):
            self.port = port or free_port()
            self.prepare()
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self.command(),
                    cwd=self.folder,
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # its children end with it
                )
            running.append(self)
            try:
                self._wait_until_ready(self._process)
            except PeerFailed:
                self.stop()
                if attempt == ATTEMPTS or not self._port_was_taken():
                    raise
            except BaseException:
                self.stop()
                raise
            else:
                return self
        raise AssertionError("not reached")

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not (all(listens(process.pid, port) for port in self.ports()) and self.ready()):
            try:
                # Waits a moment, and not longer than the process lives.
                process.wait(timeout=0.02)
            except subprocess.TimeoutExpired:
                if time.monotonic() < deadline:
                    continue
                raise PeerFailed(self._obituary(f"not ready in {READY_WITHIN:g} s")) from None
            raise PeerFailed(self._obituary(f"ended with exit code {process.returncode}"))

    def _obituary(self, what: str) -> str:
        return f"{self.name} {what}: {' '.join(self.command())}\n{tail(self.text())}"

    def _port_was_taken(self) -> bool:
        return "in use" in self.text().lower() or "EADDRINUSE" in self.text()

    def stop(self, *, wait: bool = False) -> None:
        """Tell it to end; `wait` until it has. Without, `all_gone` waits for the last ones."""
        if self in running:
            running.remove(self)
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        if wait:
            _wait_or_kill(process)
        else:
            _leaving.append(process)

    def __enter__(self) -> Self:
        return self if self._process is not None else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _wait_or_kill(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=GONE_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # children that outlived it


@atexit.register
def all_gone() -> None:
    """Wait until every program that was told to end has ended (Orthanc takes four seconds)."""
    for peer in list(running):
        peer.stop()
    while _leaving:
        _wait_or_kill(_leaving.pop())


def tail(text: str, lines: int = 120) -> str:
    """Give the last lines of a log."""
    return "\n".join(text.splitlines()[-lines:])
