"""Opening a TCP or TLS connection, and saying in words why it could not be opened."""

from __future__ import annotations

import errno
import socket

from dicomtest.dimse.tls import client_context, handshake_in_words
from dicomtest.dimse.values import Remote
from dicomtest.evidence import Association


class NoConnection(Exception):
    """There is no connection; `tls` when the handshake failed. `str()` says why."""

    def __init__(self, why: str, *, tls: bool = False) -> None:
        """Keep the reason in words."""
        super().__init__(why)
        self.tls = tls


def connect(remote: Remote, seconds: float, association: Association) -> socket.socket:
    """Connect, fill in the addresses of the evidence; raises NoConnection."""
    context = None if remote.tls is None else client_context(remote.tls)
    try:
        sock = socket.create_connection((remote.host, remote.port), seconds)
    except OSError as error:
        raise NoConnection(connect_in_words(error, remote, seconds)) from error
    note_addresses(association, sock, requestor=True)
    if context is None or remote.tls is None:
        return sock
    try:
        secured = context.wrap_socket(sock, server_hostname=remote.tls.hostname or remote.host)
    except (OSError, ValueError) as error:
        sock.close()
        raise NoConnection(handshake_in_words(error), tls=True) from error
    association.tls = secured.version() or ""
    return secured


def note_addresses(association: Association, sock: socket.socket, *, requestor: bool) -> None:
    """Fill in both ends' addresses and the connection string, the same from both ends."""
    try:
        own, other = address(sock.getsockname()), address(sock.getpeername())
    except OSError:  # the peer is gone already
        return
    here, there = (own, other) if requestor else (other, own)
    association.requestor.address, association.acceptor.address = here, there
    association.connection = f"{here}>{there}"


def address(name: tuple[str, int]) -> str:
    """Give host:port; an IPv4 address looks the same on an IPv6 socket."""
    host, port = name[0], name[1]
    if host.startswith("::ffff:"):
        host = host[7:]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def connect_in_words(error: OSError, remote: Remote, seconds: float) -> str:
    """Say why a TCP connection could not be opened, and what is likely to mend it."""
    where = f"{remote.host}:{remote.port}"
    if isinstance(error, socket.gaierror):
        return f"unknown host {remote.host}: correct `host` in the site file, or use an address"
    if isinstance(error, ConnectionRefusedError):
        return (
            f"connection to {where} refused: nothing listens there; is the system running, and "
            "is `port` right?"
        )
    if isinstance(error, TimeoutError):
        return (
            f"no connection to {where} within {seconds:g} s: wrong address, system off, or a "
            "firewall that drops packets"
        )
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN):
        return f"no route to {where}: wrong address, or the network is not connected"
    return f"no connection to {where}: {error.strerror or error}"
