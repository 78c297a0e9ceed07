"""An order filler: MLLP and acknowledgements on plain sockets (HL7 v2.5.1 2.9)."""

from __future__ import annotations

import socket
import threading

from ..deviations import Registry, add

DEFECTS: Registry = {}
QUIRKS: Registry = {}
ACKNOWLEDGES = "HL7 v2.5.1 2.14.8"


class OrderFiller:
    """Acknowledges every message; a context manager that listens on a free port."""

    code = "AA"
    start, end = b"\x0b", b"\x1c\r"

    def __init__(self) -> None:
        self.port = 0
        self._listening: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> OrderFiller:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        assert self._listening is not None
        assert self._thread is not None
        with socket.create_connection(("127.0.0.1", self.port)):
            self._listening.close()
        self._thread.join(5)

    def _serve(self) -> None:
        assert self._listening is not None
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                self._take(connection)

    def _take(self, connection: socket.socket) -> None:
        received = b""
        while b"\x1c\r" not in received:
            more = connection.recv(65536)
            if not more:
                return
            received += more
        message = received.strip(b"\x0b\x1c\r").decode("utf-8", "replace")
        reply = self.reply(message.split("\r"))
        if reply:
            connection.sendall(self.start + reply.encode() + self.end)

    def reply(self, segments: list[str]) -> str:
        """The acknowledgement."""
        header = segments[0].split("|")
        return "\r".join((self.header(header), self.acknowledgement(header[9]), ""))

    def header(self, header: list[str]) -> str:
        return f"MSH|^~\\&|RIS|RIS|DICOMTEST|DICOMTEST|20260101||ACK|1{header[9]}|P|{header[11]}"

    def acknowledgement(self, control_id: str) -> str:
        return f"MSA|{self.code}|{control_id}"


@add(DEFECTS, "HL7 v2.5.1 2.9", "order.acknowledged")
class SaysNothing(OrderFiller):
    """No acknowledgement comes."""

    def reply(self, segments: list[str]) -> str:
        return ""


@add(DEFECTS, "HL7 v2.5.1 2.9.2", "order.accepted")
class Rejects(OrderFiller):
    """Every order is rejected."""

    code = "AR"


@add(DEFECTS, ACKNOWLEDGES, "order.acknowledgement-code")
class AnotherCode(OrderFiller):
    """The acknowledgement code is OK."""

    code = "OK"


@add(DEFECTS, ACKNOWLEDGES, "order.acknowledgement-control-id")
class AnotherControlId(OrderFiller):
    """The acknowledgement is of another message."""

    def acknowledgement(self, control_id: str) -> str:
        return super().acknowledgement("1")


@add(DEFECTS, "HL7 v2.5.1 2.14.9", "order.acknowledgement-header")
class NoControlIdOfItsOwn(OrderFiller):
    """The header of the acknowledgement has neither message type nor control ID."""

    def header(self, header: list[str]) -> str:
        return f"MSH|^~\\&|RIS|RIS|DICOMTEST|DICOMTEST|20260101||||P|{header[11]}"


@add(DEFECTS, "HL7 v2.5.1 2.14.9", "order.acknowledgement-header")
class NothingAfterTheHeader(OrderFiller):
    """The acknowledgement has no MSA."""

    def acknowledgement(self, control_id: str) -> str:
        return "NTE|1||thanks"


@add(DEFECTS, "HL7 MLLP release 1", "order.acknowledgement-frame")
class NoFrame(OrderFiller):
    """The acknowledgement does not begin with 0B."""

    start = b""


@add(QUIRKS, "HL7 v2.5.1 2.9.3")
class EnhancedMode(OrderFiller):
    """The acknowledgement is that of the enhanced mode, with a comment."""

    code = "CA"

    def acknowledgement(self, control_id: str) -> str:
        return f"{super().acknowledgement(control_id)}|taken"
