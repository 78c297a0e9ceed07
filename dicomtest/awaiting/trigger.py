"""Making a real system act without a person: a command, or a call of a URL, from the site file.

What stands in braces is filled in; the same values are in the command's environment as
DICOMTEST_ and the name in capitals. No shell is involved.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dicomtest.spec.site import Trigger

LONGEST = 2000  # characters of an output that are kept
PLENTY = 3600.0  # seconds a command may take where the site file sets no limit


class Running:
    """A command or call under way, in a thread of its own."""

    def __init__(self, trigger: Trigger, values: Mapping[str, str], ended: Callable[[], None]):
        """Prepare; `ended` is called, from the thread, when it is over."""
        self.way = trigger.way
        self.failed = ""  # why it failed, in words
        self.output = ""
        self.exit_status: int | None = None
        self.seconds = 0.0
        self._trigger = trigger
        self._values = dict(values)
        self._ended = ended
        self._process: subprocess.Popen[bytes] | None = None
        self._over = threading.Event()
        self._stopped = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="dicomtest-trigger", daemon=True)

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._over.is_set()

    def start(self) -> Running:
        """Begin."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End it, if it has not ended; safe to call twice."""
        with self._lock:
            self._stopped = True
            if self._process is not None and self._process.poll() is None:
                with suppress(OSError):
                    self._process.kill()
        if self._thread.is_alive():
            self._thread.join(5)

    def facts(self) -> dict[str, Any]:
        """What became of it, for the evidence."""
        return {
            "way": self.way,
            "exit_status": self.exit_status,
            "output": self.output,
            "failed": self.failed,
            "seconds": round(self.seconds, 3),
        }

    def _run(self) -> None:
        began = monotonic()
        try:
            if self.way == "command":
                self._command()
            else:
                self._call()
        except (OSError, ValueError) as error:
            self.failed = f"the {self._name} could not be made: {error}"
        finally:
            self.seconds = monotonic() - began
            self._over.set()
            self._ended()

    @property
    def _name(self) -> str:
        return "trigger command" if self.way == "command" else "call of the trigger's URL"

    def _command(self) -> None:
        assert self._trigger.command is not None
        arguments = command_line(self._trigger.command, self._values)
        with self._lock:
            if self._stopped:
                return
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment(self._values)},
            )
        limit = self._trigger.timeout or PLENTY
        try:
            output, _ = self._process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            self._process.kill()
            output, _ = self._process.communicate()
            self.failed = f"the trigger command did not end within {limit:g} s"
        self.exit_status = self._process.returncode
        self.output = output.decode("utf-8", "replace").strip()[-LONGEST:]
        if self.exit_status != 0 and not self.failed:
            self.failed = f"the trigger command ended with {self.exit_status}: {self.output}"

    def _call(self) -> None:
        trigger = self._trigger
        url = filled(str(trigger.url), self._values, urllib.parse.quote)
        body = None if trigger.method == "GET" else body_of(trigger, self._values)
        headers = {name: filled(each, self._values) for name, each in trigger.headers.items()}
        if body is not None and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(url, body, headers, method=trigger.method)
        try:
            limit = trigger.timeout or PLENTY
            with urllib.request.urlopen(request, timeout=limit) as answer:
                self.exit_status = answer.status
                self.output = answer.read(LONGEST).decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with error:
                self.exit_status = error.code
                self.output = error.read(LONGEST).decode("utf-8", "replace")
            self.failed = f"{url} answered {error.code} {error.reason}: {self.output}"
        except urllib.error.URLError as error:
            self.failed = f"{url} could not be called: {error.reason}"


def command_line(command: str | tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    """The arguments of a command, filled in.

    A text is split as a POSIX shell would, on Windows with backslashes kept as they are.
    """
    if not isinstance(command, str):
        return [filled(each, values) for each in command]
    posix = sys.platform != "win32"
    found = []
    for argument in shlex.split(command, posix=posix):
        if not posix and len(argument) > 1 and argument[0] == argument[-1] == '"':
            argument = argument[1:-1]
        found.append(filled(argument, values))
    return found


def filled(
    text: str, values: Mapping[str, str], quoted: Callable[[str], str] = lambda value: value
) -> str:
    """The text with every {name} that is known replaced; other braces stay."""
    parts = text.split("{")
    made = [parts[0]]
    for part in parts[1:]:
        name, brace, rest = part.partition("}")
        known = brace and name in values
        made.append(f"{quoted(values[name])}{rest}" if known else f"{{{part}")
    return "".join(made)


def environment(values: Mapping[str, str]) -> dict[str, str]:
    """The values as environment variables; a NUL cannot stand in one."""
    return {f"DICOMTEST_{name.upper()}": value.replace("\0", "") for name, value in values.items()}


def body_of(trigger: Trigger, values: Mapping[str, str]) -> bytes:
    """What is sent to the URL."""
    if trigger.body is None:
        return json.dumps(values).encode()
    if isinstance(trigger.body, str):
        return filled(trigger.body, values, lambda value: json.dumps(value)[1:-1]).encode()
    return json.dumps(_filled_in(trigger.body, values)).encode()


def _filled_in(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {filled(str(k), values): _filled_in(each, values) for k, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled_in(each, values) for each in value]
    return filled(value, values) if isinstance(value, str) else value
