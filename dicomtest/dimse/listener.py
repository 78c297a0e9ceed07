"""The association-acceptor: an application entity that listens."""

from __future__ import annotations

import contextlib
import errno
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from dicomtest.dimse import negotiate, pdus
from dicomtest.dimse.connect import note_addresses
from dicomtest.dimse.dispatch import serve
from dicomtest.dimse.invoker import Invoker
from dicomtest.dimse.link import Link
from dicomtest.dimse.recorder import Recorder
from dicomtest.dimse.spool import Spool
from dicomtest.dimse.tls import TlsSettings, handshake_in_words, server_context
from dicomtest.dimse.values import Handlers, Limits, Policy, Supported
from dicomtest.dimse.wire import Wire
from dicomtest.dimse.words import reject_in_words
from dicomtest.errors import SetupError


class Listener:
    """One application entity that accepts associations, each served in a thread of its own."""

    def __init__(
        self,
        ae_title: str,
        *,
        supported: Sequence[Supported],
        handlers: Handlers,
        recorder: Recorder,
        spool: Path,
        port: int = 0,
        host: str = "127.0.0.1",
        limits: Limits | None = None,
        max_pdu: int = 16384,
        policy: Policy | None = None,
        tls: TlsSettings | None = None,
    ) -> None:
        """Prepare; `start()` opens the port (0: one the system chooses)."""
        self.ae_title = ae_title
        self.supported = supported
        self.handlers = handlers
        self.recorder = recorder
        self.host = host
        self.port = port
        self.limits = limits or Limits()
        self.max_pdu = max_pdu
        self.policy = policy or Policy()
        self.policy_of_next: Callable[[Policy], Policy] = lambda usual: usual
        self.supported_now: Callable[[Sequence[Supported]], Sequence[Supported]] = lambda usual: (
            usual
        )
        self._spool_folder = spool
        self._spool: Spool | None = None
        self._tls = None if tls is None else server_context(tls)
        self._lock = threading.Lock()
        self._serving: dict[threading.Thread, _Serving] = {}
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._waker: tuple[socket.socket, socket.socket] | None = None

    def start(self) -> Listener:
        """Open the port; raises SetupError, in words, when that cannot be."""
        if self._thread is not None:
            return self
        self._spool = Spool(self._spool_folder)
        self._socket = _listen(self.host, self.port)
        self.port = self._socket.getsockname()[1]
        self._stopping.clear()
        self._waker = socket.socketpair()
        self._thread = threading.Thread(
            target=self._accept, name=f"dicomtest-{self.ae_title}", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port, abort what is still open, wait for every thread."""
        if self._thread is None or self._waker is None or self._socket is None:
            return
        self._stopping.set()
        self._waker[1].send(b"\0")
        self._thread.join()
        with self._lock:
            serving = list(self._serving.items())
        for _, each in serving:
            each.stop()
        for thread, _ in serving:
            thread.join()
        self._socket.close()
        for end in self._waker:
            end.close()
        self._thread = self._socket = self._waker = None

    @property
    def open_associations(self) -> int:
        """How many associations are accepted and not yet over."""
        with self._lock:
            return sum(each.open for each in self._serving.values())

    def _accept(self) -> None:
        assert self._socket is not None
        assert self._waker is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._waker[0], selectors.EVENT_READ)
            while not self._stopping.is_set():
                selector.select()
                if self._stopping.is_set():
                    return
                try:
                    self._begin(self._socket.accept()[0])
                # the peer is gone already, or no file descriptor or thread is left
                except (OSError, RuntimeError):
                    self._stopping.wait(0.02)

    def _begin(self, sock: socket.socket) -> None:
        serving = _Serving(self, sock)
        thread = threading.Thread(
            target=self._run, args=(serving,), name=f"dicomtest-{self.ae_title}", daemon=True
        )
        with self._lock:
            self._serving[thread] = serving
        try:
            thread.start()
        except RuntimeError:
            with self._lock:
                del self._serving[thread]
            serving.close("no thread was left to serve this connection")
            raise

    def _run(self, serving: _Serving) -> None:
        try:
            serving.run(self._spool)
        finally:
            with self._lock:
                del self._serving[threading.current_thread()]

    def secured(self, sock: socket.socket) -> socket.socket:
        """Do the TLS handshake, where the listener has TLS; raises OSError."""
        if self._tls is None:
            return sock
        sock.settimeout(self.limits.association)
        return self._tls.wrap_socket(sock, server_side=True)

    def __enter__(self) -> Listener:
        """Start."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise SetupError(f"Cannot listen on {host}: {error.strerror or error}.") from error
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: SO_REUSEADDR would share the port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(128)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        raise SetupError(_listen_in_words(error, host, port)) from error
    return sock


def _listen_in_words(error: OSError, host: str, port: int) -> str:
    if error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", None)):
        return (
            f"Port {port} on {host} is taken by another program. Stop that program, or give this "
            "simulator another `port` in the site file and tell the peers."
        )
    if error.errno in (errno.EACCES, errno.EPERM, getattr(errno, "WSAEACCES", None)):
        return (
            f"No permission to listen on port {port}. Ports below 1024 need privileges: choose "
            "one above, such as 11112."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine. Give one of its own, or 0.0.0.0 for all."
    return f"Cannot listen on {host}:{port}: {error.strerror or error}."


class _Serving:
    """One accepted connection, from its A-ASSOCIATE-RQ to its end."""

    def __init__(self, listener: Listener, sock: socket.socket) -> None:
        self._listener = listener
        self._sock = sock
        self._link: Link | None = None
        self._stopping = False
        self._policy = listener.policy
        self._association = listener.recorder.open("acceptor")
        self._recorder = listener.recorder
        now = time.time()
        self._association.opened = self._association.connected = now
        self._association.acceptor.ae_title = listener.ae_title
        note_addresses(self._association, sock, requestor=False)

    @property
    def open(self) -> bool:
        """Whether the association was accepted and is not over."""
        return self._association.outcome == "accepted" and not self._association.ended

    def close(self, why: str) -> None:
        """Close the bare connection; no association comes of it."""
        self._sock.close()
        self._association.outcome, self._association.why = "aborted", why
        self._association.ended, self._association.closed = "aborted by us", time.time()
        self._recorder.changed()

    def stop(self) -> None:
        """Give up, from another thread."""
        self._stopping = True
        if self._link is not None:
            self._link.stop()
        else:
            with contextlib.suppress(OSError):  # may be closed already
                self._sock.shutdown(socket.SHUT_RDWR)

    def run(self, spool: Spool | None) -> None:
        """Serve; nothing the peer does raises."""
        association, listener = self._association, self._listener
        try:
            sock = listener.secured(self._sock)
        except (OSError, ValueError) as error:
            self._sock.close()
            association.outcome, association.why = "tls failed", handshake_in_words(error)
            association.ended, association.closed = "connection closed", time.time()
            self._recorder.changed()
            return
        if isinstance(sock, ssl.SSLSocket):
            association.tls = sock.version() or ""
        link = Link(
            Wire(sock),
            association,
            self._recorder,
            ae_title=listener.ae_title,
            limits=listener.limits,
            handlers=listener.handlers,
            spool=spool,
            serve=serve,
            requestor=False,
        )
        self._link = link
        if self._stopping:
            link.stop()
        try:
            with link.turn.taken():
                self._negotiate(link)
            self._serve(link)
        finally:
            link.upper.finish(0)
            link.settle()
            self._recorder.changed()

    def _negotiate(self, link: Link) -> None:
        upper, association, listener = link.upper, self._association, self._listener
        while upper.state == "Sta2" and not link.stopping.is_set():
            upper.pump(60.0)
        items = upper.items
        if items is not None:
            negotiate.describe(association, items)
            self._policy = listener.policy_of_next(listener.policy)
        if association.reject is not None:  # by the state machine: protocol version
            association.outcome = "rejected"
        elif upper.state != "Sta3" or items is None:
            association.outcome = "aborted"
        elif self._policy.silent:
            association.outcome, association.why = "no answer", "we gave no answer, on purpose"
            while not upper.over and not link.stopping.is_set():
                upper.pump(60.0)
        elif self._policy.abort or negotiate.impossible_ids(items.contexts):
            association.outcome = "aborted"
            upper.why = "we aborted" if self._policy.abort else "impossible context IDs"
            upper.abort(0 if self._policy.abort else 2, 0 if self._policy.abort else 6)
        else:
            self._answer(link, items)
        if association.outcome == "rejected" and association.reject is not None:
            association.why = reject_in_words(*association.reject)[0]
        elif association.outcome == "aborted":
            association.why = upper.why or "the association was aborted"
        association.answered = association.answered or time.time()
        self._recorder.changed()

    def _answer(self, link: Link, items: pdus.AssociateItems) -> None:
        association, listener, policy = self._association, self._listener, self._policy
        reject = negotiate.refusal(items, listener.ae_title, policy, listener.open_associations)
        if reject is not None:
            association.outcome, association.reject = "rejected", reject
            link.upper.reject(pdus.associate_rj(*reject))
            return
        roles = negotiate.answer_contexts(items, listener.supported_now(listener.supported))
        acceptor = association.acceptor
        acceptor.max_pdu = listener.max_pdu
        acceptor.implementation_class_uid = pdus.IMPLEMENTATION_CLASS_UID
        acceptor.implementation_version_name = pdus.IMPLEMENTATION_VERSION_NAME
        ac = pdus.associate_ac(items, items.contexts, max_pdu=listener.max_pdu, roles=roles)
        association.outcome = "accepted"
        self._inject(link)
        link.upper.accept(ac)
        established = listener.handlers.established
        if established is not None:
            link.afterwards.append(lambda: established(Invoker(link)))

    def _inject(self, link: Link) -> None:
        """Set up the faults the policy asks for."""
        policy = self._policy
        link.answer_delay = policy.answer_delay

        def progress(size: int) -> None:
            if policy.abort_after_bytes is not None and size >= policy.abort_after_bytes:
                link.upper.abort()
            elif policy.close_after_bytes is not None and size >= policy.close_after_bytes:
                link.upper.drop()

        if policy.abort_after_bytes is not None or policy.close_after_bytes is not None:
            link.assembler.progress = progress

    def _serve(self, link: Link) -> None:
        upper, limits = link.upper, self._listener.limits
        while not upper.over:
            with link.turn.watching():
                if link.stopping.is_set():
                    upper.abort()
                    upper.finish(min(limits.release, 0.5) if upper.state == "Sta13" else 0)
                    return
                link.idle(limits.idle)
                silence = time.monotonic() - upper.wire.heard
                if silence >= limits.idle and upper.state == "Sta6":
                    upper.why = f"the requestor sent nothing for {limits.idle:g} s"
                    upper.abort()
