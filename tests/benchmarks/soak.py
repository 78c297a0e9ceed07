"""Soak the requestor and the listener: no response may be lost or late of our making.

    python tests/benchmarks/soak.py --total 200000
    python tests/benchmarks/soak.py --total 20000 --peers storescp pynetdicom --associations 4

Starts each peer itself on a free port of 127.0.0.1, runs echo, store and find over one and over
several associations at a time (a thread each), and prints for every service: operations, lost
(no final response), late (more than a second), failed (a status other than 0000) and response
times. Exits with 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydicom import Dataset

from dicomtest.dimse import (
    Answer,
    Handlers,
    Incoming,
    Limits,
    Listener,
    Proposal,
    Recorder,
    Remote,
    Requestor,
    Supported,
    associate,
)
from dicomtest.dimse.messages import encode_dataset
from dicomtest.evidence import EXPLICIT_LITTLE, DataSetRef, Exchange

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "peers"))

import support  # noqa: E402 - found through the path above

VERIFICATION = "1.2.840.10008.1.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
STUDY_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
STUDY = "1.2.826.0.1.3680043.8.498.20"
MATCHES = 10
LATE = 1.0  # seconds
LIMITS = Limits(connect=10, association=30, response=30, release=10)

# A plain pynetdicom SCP in a process of its own, so that it does not share our interpreter.
PYNETDICOM = """
import socket, sys
from pydicom import Dataset
from pynetdicom import AE, _config, evt
_config.LOG_HANDLER_LEVEL = "none"
def find(event):
    for number in range({matches}):
        found = Dataset()
        found.QueryRetrieveLevel, found.StudyInstanceUID = "STUDY", "1.2.%d" % number
        yield 0xFF00, found
ae = AE("SCP")
ae.maximum_associations = 100
for uid in ("{verification}", "{ct}", "{find}"):
    ae.add_supported_context(uid, ["1.2.840.10008.1.2.1"])
handlers = [(evt.EVT_C_STORE, lambda event: 0), (evt.EVT_C_FIND, find)]
server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
print(server.server_address[1], flush=True)
sys.stdin.read()
server.shutdown()
"""


@dataclass
class Times:
    """What became of the operations of one service with one peer."""

    seconds: list[float] = field(default_factory=list)
    lost: int = 0
    late: int = 0
    failed: int = 0
    why: str = ""

    def count(self, exchange: Exchange) -> None:
        if exchange.seconds is None:
            self.lost += 1
            self.why = self.why or f"{exchange.ending}: {exchange.why}"
            return
        self.seconds.append(exchange.seconds)
        self.late += exchange.seconds > LATE
        if exchange.status != 0:
            self.failed += 1
            self.why = self.why or f"status {exchange.status:04X}"

    def row(self) -> str:
        ordered = sorted(self.seconds) or [0.0]
        middle, most = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
        return (
            f"{len(self.seconds) + self.lost:8} {self.lost:5} {self.late:5} {self.failed:7}"
            f" {middle * 1000:9.3f} {most * 1000:9.3f} {ordered[-1] * 1000:9.1f}  {self.why}"
        )


@dataclass(frozen=True)
class Target:
    """A started peer and the services to soak."""

    remote: Remote
    services: tuple[str, ...]


def an_object(size: int) -> DataSetRef:
    image = Dataset()
    image.SOPClassUID, image.SOPInstanceUID = CT, f"{STUDY}.1.1"
    image.StudyInstanceUID, image.SeriesInstanceUID = STUDY, f"{STUDY}.1"
    image.PatientID, image.PatientName = "SOAK", "Soak^Test"
    image.StudyDate = image.StudyTime = image.AccessionNumber = image.StudyID = ""
    image.Modality, image.SeriesNumber, image.InstanceNumber = "CT", 1, 1
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.Rows, image.Columns = max(1, size // 1024), 512
    image.BitsAllocated = image.BitsStored = 16
    image.HighBit, image.PixelRepresentation = 15, 0
    image.add_new("PixelData", "OW", bytes(max(1, size // 1024) * 1024))
    return encode_dataset(image, EXPLICIT_LITTLE)


def keys() -> Dataset:
    identifier = Dataset()
    identifier.QueryRetrieveLevel = "STUDY"
    identifier.StudyInstanceUID = identifier.PatientID = ""
    return identifier


def operation(service: str, data: DataSetRef) -> Callable[[Requestor], Exchange]:
    identifier = keys()
    return {
        "echo": lambda requestor: requestor.echo(),
        "store": lambda requestor: requestor.store(data, sop_class=CT, sop_instance=f"{STUDY}.1.1"),
        "find": lambda requestor: requestor.find(STUDY_FIND, identifier),
    }[service]


def soak(target: Target, service: str, count: int, options: argparse.Namespace) -> Times:
    """Carry out so many operations, on associations of at most `options.each` operations."""
    times = Times()
    work = operation(service, an_object(options.size))
    recorder = Recorder()
    proposals = [Proposal(uid, (EXPLICIT_LITTLE,)) for uid in (VERIFICATION, CT, STUDY_FIND)]
    while count > 0:
        requestor = associate(
            target.remote, calling="SOAK", proposals=proposals, recorder=recorder, limits=LIMITS
        )
        with requestor:
            for _ in range(min(count, options.each)):
                times.count(work(requestor))
                count -= 1
                if not requestor.established:
                    break
        if requestor.association.ended != "released":
            times.lost += 1
            times.why = times.why or f"not released: {requestor.association.why}"
            count -= 1
        recorder.take()
    return times


def both(target: Target, service: str, count: int, options: argparse.Namespace) -> Times:
    """Half of the operations over one association at a time, half over several."""
    total = soak(target, service, count // 2, options)
    share = max(1, (count - count // 2) // options.associations)
    with ThreadPoolExecutor(options.associations) as pool:
        lots = [
            pool.submit(soak, target, service, share, options) for _ in range(options.associations)
        ]
        for each in (lot.result() for lot in lots):
            total.seconds += each.seconds
            total.lost += each.lost
            total.late += each.late
            total.failed += each.failed
            total.why = total.why or each.why
    return total


@contextmanager
def storescp(folder: Path) -> Iterator[Target]:
    with support.Storescp(folder / "storescp", options=("--ignore", "--fork")) as peer:
        yield Target(Remote(peer.ae_title, peer.host, peer.port), ("echo", "store"))


@contextmanager
def dcmqrscp(folder: Path) -> Iterator[Target]:
    with support.Dcmqrscp(folder / "dcmqrscp") as peer:
        yield Target(Remote(peer.ae_title, peer.host, peer.port), ("store", "echo", "find"))


@contextmanager
def orthanc(folder: Path) -> Iterator[Target]:
    with support.Orthanc(folder / "orthanc") as peer:
        yield Target(Remote(peer.ae_title, peer.host, peer.port), ("store", "echo", "find"))


@contextmanager
def pynetdicom(folder: Path) -> Iterator[Target]:
    script = folder / "pynetdicom_scp.py"
    text = PYNETDICOM.format(matches=MATCHES, verification=VERIFICATION, ct=CT, find=STUDY_FIND)
    script.write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        yield Target(Remote("SCP", "127.0.0.1", port), ("echo", "store", "find"))
    finally:
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def listener(folder: Path) -> Iterator[Target]:
    """Our own listener, so that both ends are ours."""

    def find(_: Incoming) -> Iterator[Answer]:
        for _ in range(MATCHES):
            yield Answer(0xFF00, keys())

    def store(incoming: Incoming) -> Answer:
        assert incoming.exchange.data is not None
        assert incoming.exchange.data.path is not None
        Path(incoming.exchange.data.path).unlink()
        return Answer(0)

    recorder = Recorder()

    def forget(_: object) -> None:
        recorder.take()

    with Listener(
        "SCP",
        supported=[Supported(uid, (EXPLICIT_LITTLE,)) for uid in (VERIFICATION, CT, STUDY_FIND)],
        handlers=Handlers(find=find, store=store, released=forget),
        recorder=recorder,
        spool=folder / "spool",
    ) as started:
        remote = Remote("SCP", "127.0.0.1", started.port)
        yield Target(remote, ("echo", "store", "find"))


PEERS = {each.__name__: each for each in (storescp, dcmqrscp, orthanc, pynetdicom, listener)}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--total", type=int, default=200_000, help="operations in all")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--services", nargs="+", default=["echo", "store", "find"])
    parser.add_argument("--associations", type=int, default=4, help="at a time")
    parser.add_argument("--each", type=int, default=1000, help="operations on one association")
    parser.add_argument("--size", type=int, default=20_000, help="bytes of a stored object")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    bad = False
    rows = [(peer, service) for peer in options.peers for service in ("echo", "store", "find")]
    rows = [row for row in rows if row[1] in options.services and row != ("storescp", "find")]
    share = max(1, options.total // len(rows))
    sys.stdout.write(
        f"{'peer':11}{'service':8}{'count':>8} {'lost':>5} {'late':>5} {'failed':>7}"
        f" {'p50 ms':>9} {'p99 ms':>9} {'max ms':>9} {'per s':>7}\n"
    )
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        for name in options.peers:
            with PEERS[name](Path(folder)) as target:
                for service in target.services:
                    if service not in options.services:
                        continue
                    began = time.monotonic()
                    times = both(target, service, share, options)
                    rate = len(times.seconds) / (time.monotonic() - began)
                    sys.stdout.write(f"{name:11}{service:8}{times.row()} {rate:6.0f}/s\n")
                    sys.stdout.flush()
                    bad = bad or bool(times.lost)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
