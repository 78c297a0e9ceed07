"""The Minimal Lower Layer Protocol of HL7 (MLLP release 1): one message, one acknowledgement."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass

START, END = b"\x0b", b"\x1c\r"
LONGEST = 1_000_000  # bytes of an acknowledgement; more is not one


@dataclass(frozen=True)
class Reply:
    """What came back: the message without its frame, or in `problem` why there is none.

    `frame` says what is wrong with the frame of a message that did come; "" for nothing.
    """

    message: bytes = b""
    problem: str = ""
    frame: str = ""
    seconds: float = 0.0


def send(host: str, port: int, message: bytes, *, connect: float, answer: float) -> Reply:
    """Send one message on a connection of its own; the limits are in seconds."""
    started = time.monotonic()
    try:
        with socket.create_connection((host, port), connect) as connection:
            connection.settimeout(answer)
            connection.sendall(START + message + END)
            received, problem = _receive(connection, time.monotonic() + answer)
    except TimeoutError:
        received, problem = b"", f"{host}:{port} did not answer within {connect:g} s"
    except OSError as error:
        received, problem = b"", f"no connection to {host}:{port}: {error.strerror or error}"
    return _unframed(received, problem, round(time.monotonic() - started, 3))


def _receive(connection: socket.socket, until: float) -> tuple[bytes, str]:
    """Everything up to the end of the frame, and why it did not come to that."""
    received = b""
    while END not in received and len(received) <= LONGEST:
        left = until - time.monotonic()
        try:
            connection.settimeout(max(left, 0.001))
            more = connection.recv(65536)
        except TimeoutError:
            return received, "no acknowledgement came within the time limit"
        except OSError as error:
            return received, f"the connection broke: {error.strerror or error}"
        if not more:
            return received, "the connection was closed before an acknowledgement came"
        received += more
    return received, ""


def _unframed(received: bytes, problem: str, seconds: float) -> Reply:
    """Take the frame off; a message without its frame is still a message."""
    before, start, rest = received.partition(START)
    body, end, after = rest.partition(END)
    wrong = []
    if received and not start:
        wrong.append("it does not begin with 0B")
        body, end, after = before.partition(END)
    elif before:
        wrong.append(f"{len(before)} bytes stand before 0B")
    if received and not end:
        wrong.append("it does not end with 1C 0D")
    elif after:
        wrong.append(f"{len(after)} bytes stand behind 1C 0D")
    if b"MSH" in body:
        problem = "" if end or problem.startswith("the connection was closed") else problem
    elif received:
        began = received[:40].decode("ascii", "backslashreplace").split("\r")[0]
        what = f'what came is no HL7 message: "{began}"'
        problem = f"{problem}; {what}" if problem else what
    return Reply(body if not problem else b"", problem, "; ".join(wrong), seconds)
