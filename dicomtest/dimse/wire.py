"""One TCP (or TLS) connection, read and written without blocking on one of the two.

A socketpair wakes whoever waits here (it works on Windows too). A byte written to it stays
until it is read, so a wake-up that comes before the waiting begins is not lost.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import time
from collections import deque
from enum import Enum, auto

_BUFFER = 256 * 1024
_BATCH = 512  # buffers for one sendmsg; every platform takes at least 1024
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)  # Linux only


class Got(Enum):
    """What waiting for the connection ended with."""

    DATA = auto()
    CLOSED = auto()
    WOKEN = auto()
    NOTHING = auto()


class Wire:
    """A connected socket with its receive buffer and its queue of unsent bytes."""

    def __init__(self, sock: socket.socket, *, nodelay: bool = True) -> None:
        """Take over a connected socket (an SSLSocket has done its handshake).

        `nodelay` switches Nagle's algorithm off, which would hold small PDUs back.
        """
        self._sock = sock
        self._tls = isinstance(sock, ssl.SSLSocket)
        sock.setblocking(False)
        with contextlib.suppress(OSError):  # refused where the peer has already gone
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, nodelay)
        self._buffer = bytearray(_BUFFER)
        self._view = memoryview(self._buffer)
        self._begin = self._end = 0
        self._unsent: deque[memoryview] = deque()
        self._waker, self._wakened = socket.socketpair()
        self._waker.setblocking(False)
        self._wakened.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(sock, selectors.EVENT_READ)
        self._selector.register(self._wakened, selectors.EVENT_READ)
        self._mute = False  # the peer takes nothing any more
        self._writing = False  # whether the selector watches for room to write
        self.closed = False
        self.error = ""  # why the connection broke, in the words of the operating system
        self.tls_error: ssl.SSLError | None = None
        self.received_at = time.time()
        self.heard = time.monotonic()  # the same on a clock that never jumps
        self.written = 0  # bytes handed to the system so far

    @classmethod
    def none(cls) -> Wire:
        """Give a wire that is closed: there never was a connection."""
        ours, theirs = socket.socketpair()
        theirs.close()
        wire = cls(ours)
        wire.close()
        return wire

    def wake(self) -> None:
        """Make a `wait()` under way, or the next one, return; from any thread."""
        # a full pipe means that a wake-up is already waiting to be read, a closed one that
        # nobody waits any more
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    @property
    def data(self) -> memoryview:
        """What has been received and not yet consumed."""
        return self._view[self._begin : self._end]

    def consume(self, count: int) -> None:
        """Drop the first bytes of `data`."""
        self._begin += count
        if self._begin == self._end:
            self._begin = self._end = 0

    @property
    def unsent(self) -> bool:
        """Whether bytes are waiting to be written."""
        return bool(self._unsent)

    def queue(self, *buffers: bytes | memoryview) -> None:
        """Append bytes to what is to be written; `flush()` writes them."""
        if not self._mute:
            self._unsent.extend(memoryview(each) for each in buffers if len(each))

    def flush(self) -> bool:
        """Write as much as the connection takes now; say whether everything is written."""
        try:
            while self._unsent:
                sent = self._send()
                self.written += sent
                while sent:
                    first = self._unsent[0]
                    if sent < len(first):
                        self._unsent[0] = first[sent:]
                        break
                    sent -= len(first)
                    self._unsent.popleft()
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        except OSError as error:
            # What the peer said before it went away, an A-ABORT, a response, a TLS alert, is
            # still to be read; the end of the connection is found behind it.
            self.error = self.error or error.strerror or str(error)
            self._mute = True
            self._unsent.clear()
        return True

    def _send(self) -> int:
        if self._tls or not hasattr(self._sock, "sendmsg"):
            joined = b""
            if len(self._unsent[0]) < 16384 and len(self._unsent) > 1:
                parts, size = [], 0
                while self._unsent and size < 65536:
                    parts.append(self._unsent.popleft())
                    size += len(parts[-1])
                joined = b"".join(parts)
                self._unsent.appendleft(memoryview(joined))
            return self._sock.send(self._unsent[0])
        some = [self._unsent[i] for i in range(min(_BATCH, len(self._unsent)))]
        return self._sock.sendmsg(some)

    def wait(self, seconds: float) -> Got:
        """Wait for data; also writes what is unsent. NOTHING may come early, after writing."""
        if self.closed:
            return Got.CLOSED
        got = self._receive()
        if got is not Got.NOTHING or self.closed:
            return Got.CLOSED if self.closed else got
        self._watch_writing(bool(self._unsent))
        woken = False
        for key, events in self._selector.select(max(0.0, seconds)):
            if key.fileobj is self._wakened:
                woken = True
                with contextlib.suppress(OSError):
                    while self._wakened.recv(4096):
                        pass
            else:
                if events & selectors.EVENT_READ:
                    got = self._receive()
                if self._unsent:
                    self.flush()
        if self.closed:
            return Got.CLOSED
        return Got.WOKEN if got is Got.NOTHING and woken else got

    def _watch_writing(self, wanted: bool) -> None:
        if wanted is not self._writing:
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wanted else 0)
            self._selector.modify(self._sock, events)
            self._writing = wanted

    def _receive(self) -> Got:
        if self._end == len(self._buffer):
            left = self._end - self._begin
            if left == len(self._buffer):  # a PDU larger than the buffer: the caller bounds it
                larger = bytearray(2 * len(self._buffer))
                larger[:left] = self._buffer
                self._buffer, self._view = larger, memoryview(larger)
            else:
                self._view[:left] = bytes(self._view[self._begin : self._end])
            self._begin, self._end = 0, left
        try:
            count = self._sock.recv_into(self._view[self._end :])
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return Got.NOTHING
        except OSError as error:
            self._broke(error)
            return Got.CLOSED
        if count == 0:
            self._broke(None)
            return Got.CLOSED
        self._end += count
        self.received_at = time.time()
        self.heard = time.monotonic()
        self.acknowledge_quickly()
        return Got.DATA

    def acknowledge_quickly(self) -> None:
        """Ask the system not to delay its acknowledgements; has to be asked again and again.

        A peer with Nagle's algorithm on that writes a message in two pieces waits for the
        acknowledgement of the first; delayed, that costs 40 ms a message.
        """
        if _QUICKACK is not None:
            with contextlib.suppress(OSError):
                self._sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def _broke(self, error: OSError | None) -> None:
        if error is not None:
            self.error = self.error or error.strerror or str(error)
            if isinstance(error, ssl.SSLError):
                self.tls_error = error
        self._unsent.clear()
        self._mute = self.closed = True

    def close(self) -> None:
        """Close the connection and everything that belongs to it; twice does no harm."""
        self._mute = self.closed = True
        self._unsent.clear()
        self._selector.close()
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        for each in (self._sock, self._waker, self._wakened):
            each.close()
