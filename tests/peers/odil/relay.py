"""Listen for odil's SCP: relay.py PORT AE_TITLE JOURNAL starts scp.py and passes calls on to it.

odil listens for one association and stops listening while it serves; here who calls meanwhile
waits for its turn. It is a program of its own because odil's threads keep Python from running.
"""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

PORT, AE_TITLE, JOURNAL = sys.argv[1:]


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def connected(port):
    """Connect as soon as odil listens again."""
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.01)


def pump(source, target):
    """Pass on what comes, and that nothing comes any more."""
    source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for each in (source, target):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)


inner = free_port()
command = [sys.executable, str(Path(__file__).with_name("scp.py")), str(inner), AE_TITLE, JOURNAL]
listening = socket.create_server(("127.0.0.1", int(PORT)))
with subprocess.Popen(command):
    while True:
        outside, _ = listening.accept()
        inside = connected(inner)
        with outside, inside:
            back = threading.Thread(target=pump, args=(inside, outside), daemon=True)
            back.start()
            pump(outside, inside)
            back.join()
