"""Fixtures that start independent DICOM systems on free ports of 127.0.0.1.

Each fixture of a system is a function that starts one and gives it when it is ready:

    def test_something(orthanc, storescp, dcmtk):
        destination = storescp(ae_title="DEST")
        pacs = orthanc(modalities={"DEST": (destination.host, destination.port)})
        assert dcmtk("echoscu", "-aec", pacs.ae_title, *pacs.address).exit_code == 0

It is stopped after the test. Its options are those of its class in `support`. Where the program
is not installed the test is skipped, or fails if DICOMTEST_REQUIRE_PEERS is set. When a test
fails, its report shows the logs of the systems and the output of the clients.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import support
from support import clients, process

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test below this folder as one that needs a peer."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.peer)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the peers and clients of a failed test wrote."""
    report = yield
    if report.failed and HERE in item.path.parents:
        for ran in clients.recent:
            title = f"{Path(ran.command[0]).name} -> exit code {ran.exit_code}"
            report.sections.append((title, f"{' '.join(ran.command)}\n{process.tail(ran.log)}"))
        for peer in process.running:
            title = f"{peer.name} {peer.ae_title} on port {peer.port}"
            report.sections.append((title, process.tail(peer.text())))
    return report


def pytest_runtest_setup() -> None:
    """Forget the clients of the test before."""
    clients.recent.clear()


def pytest_sessionfinish() -> None:
    """Leave no program behind."""
    process.all_gone()


@contextmanager
def skipped_if_missing() -> Iterator[None]:
    """Skip the test when a program is not installed (tests/conftest.py may turn that into red)."""
    try:
        yield
    except support.Missing as missing:
        pytest.skip(str(missing))


def starter(kind: type[process.Peer], folder: Path) -> Iterator[Callable[..., Any]]:
    """Give a function that starts systems of one kind; stop them all afterwards."""
    started: list[process.Peer] = []

    def start(**options: Any) -> process.Peer:
        number = len(started) + 1
        place = folder / (kind.name if number == 1 else f"{kind.name}-{number}")
        with skipped_if_missing():
            started.append(kind(place, **options).start())
        return started[-1]

    yield start
    for peer in started:
        peer.stop()


@pytest.fixture
def orthanc(tmp_path: Path) -> Iterator[Callable[..., support.Orthanc]]:
    """Start an Orthanc."""
    yield from starter(support.Orthanc, tmp_path)


@pytest.fixture
def dcmqrscp(tmp_path: Path) -> Iterator[Callable[..., support.Dcmqrscp]]:
    """Start a dcmqrscp."""
    yield from starter(support.Dcmqrscp, tmp_path)


@pytest.fixture
def storescp(tmp_path: Path) -> Iterator[Callable[..., support.Storescp]]:
    """Start a storescp."""
    yield from starter(support.Storescp, tmp_path)


@pytest.fixture
def dcmrecv(tmp_path: Path) -> Iterator[Callable[..., support.Dcmrecv]]:
    """Start a dcmrecv."""
    yield from starter(support.Dcmrecv, tmp_path)


@pytest.fixture
def wlmscpfs(tmp_path: Path) -> Iterator[Callable[..., support.Wlmscpfs]]:
    """Start a wlmscpfs."""
    yield from starter(support.Wlmscpfs, tmp_path)


@pytest.fixture
def dcmprscp(tmp_path: Path) -> Iterator[Callable[..., support.Dcmprscp]]:
    """Start a dcmprscp."""
    yield from starter(support.Dcmprscp, tmp_path)


@pytest.fixture
def dcmjs_scp(tmp_path: Path) -> Iterator[Callable[..., support.DcmjsScp]]:
    """Start the server that is built on dcmjs-dimse."""
    yield from starter(support.DcmjsScp, tmp_path)


@pytest.fixture
def odil_scp(tmp_path: Path) -> Iterator[Callable[..., support.OdilScp]]:
    """Start the server that is built on odil."""
    yield from starter(support.OdilScp, tmp_path)


def runner(run: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    """Give a function that runs a client, each time in a folder of its own."""
    numbers = itertools.count(1)

    def started(name: str, *arguments: Any, **options: Any) -> Any:
        place = folder / f"client-{next(numbers)}-{Path(name).name}"
        with skipped_if_missing():
            return run(name, *arguments, folder=place, **options)

    return started


@pytest.fixture
def dcmtk(tmp_path: Path) -> Callable[..., support.DcmtkRan]:
    """Run one of DCMTK's programs: `dcmtk("findscu", "-S", ..., *pacs.address)`."""
    return runner(support.run_dcmtk, tmp_path)


@pytest.fixture
def dcmjs(tmp_path: Path) -> Callable[..., support.DcmjsRan]:
    """Run dcmjs-dimse's client: `dcmjs("find", (host, port), "PACS", keys={...})`."""
    return runner(support.run_dcmjs, tmp_path)


@pytest.fixture
def odil(tmp_path: Path) -> Callable[..., support.Ran]:
    """Run the `odil` command: `odil("echo", host, port, calling, called)`."""
    return runner(support.run_odil, tmp_path)


@pytest.fixture
def odil_mpps(tmp_path: Path) -> Callable[..., support.Ran]:
    """Run odil's MPPS client: `odil_mpps(called, host, port, "COMPLETED")`."""
    return runner(support.run_odil_mpps, tmp_path)


@pytest.fixture
def tls_files(tmp_path: Path) -> support.TlsFiles:
    """Keys and certificates of an authority, a server and a client, made for this test."""
    with skipped_if_missing():
        return support.make_tls_files(tmp_path / "tls")
