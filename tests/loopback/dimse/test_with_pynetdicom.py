"""Our two ends against plain pynetdicom, which knows nothing of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset, dcmread
from pynetdicom import AE, _config, build_role, evt

from dicomtest.dimse import Answer, Handlers, Incoming, Proposal, Remote, Retrieval, Supported
from dicomtest.evidence import EXPLICIT_LITTLE, IMPLICIT_LITTLE

from .conftest import (
    COMMITMENT,
    CT,
    MPPS,
    STUDY_FIND,
    STUDY_GET,
    STUDY_MOVE,
    UNCOMPRESSED,
    VERIFICATION,
    Net,
    an_object,
)
from .test_retrieve import instance

Serve = Callable[..., int]


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_config, "LOG_HANDLER_LEVEL", "none")


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a plain pynetdicom SCP with these handlers; gives its port."""
    servers: list[Any] = []

    def start(handlers: dict[Any, Any], *syntaxes: str) -> int:
        ae = AE("SCP")
        for uid in syntaxes:
            ae.add_supported_context(uid, list(UNCOMPRESSED), scu_role=True, scp_role=True)
        servers.append(
            ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=list(handlers.items()))
        )
        return servers[-1].server_address[1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
        for association in server.ae.active_associations:
            association.join(5)
    deadline = [t for t in threading.enumerate() if "Association" in t.name or "DUL" in t.name]
    for thread in deadline:
        thread.join(5)


def study(**keys: str) -> Dataset:
    dataset = Dataset()
    dataset.QueryRetrieveLevel = "STUDY"
    dataset.StudyInstanceUID = "1.2"
    for keyword, value in keys.items():
        setattr(dataset, keyword, value)
    return dataset


def test_echo_store_and_find_of_its_scp(net: Net, serve: Serve):
    received: list[Dataset] = []

    def find(event: evt.Event) -> Iterator[tuple[int, Dataset | None]]:
        for number in range(20):
            if event.is_cancelled:
                yield 0xFE00, None
                return
            yield 0xFF00, study(PatientID=str(number))

    def store(event: evt.Event) -> int:
        received.append(event.dataset)
        return 0xB007

    port = serve(
        {evt.EVT_C_ECHO: lambda _: 0, evt.EVT_C_STORE: store, evt.EVT_C_FIND: find},
        VERIFICATION,
        CT,
        STUDY_FIND,
    )
    with net.associate(port, VERIFICATION, CT, STUDY_FIND) as requestor:
        for _ in range(100):
            assert requestor.echo().status == 0
        stored = requestor.store(an_object(200_000), sop_class=CT, sop_instance="1.2.3.4")
        found = requestor.find(STUDY_FIND, study(PatientID=""))
        cancelled = requestor.find(STUDY_FIND, study(PatientID=""), cancel_after=1)

    assert stored.status == 0xB007
    assert len(received[0].PixelData) == 200_000
    assert len(found.pending) == 20
    assert found.status == 0
    assert cancelled.status in (0xFE00, 0x0000)
    assert requestor.association.ended == "released"


def test_normalized_services_of_its_scp(net: Net, serve: Serve):
    def n_create(_: evt.Event) -> tuple[int, Dataset]:
        made = Dataset()
        made.AffectedSOPInstanceUID = "1.2.3.4"
        return 0, made

    def n_set(event: evt.Event) -> tuple[int, Dataset]:
        return 0x0110, event.modification_list

    port = serve({evt.EVT_N_CREATE: n_create, evt.EVT_N_SET: n_set}, MPPS)
    changes = Dataset()
    changes.PerformedProcedureStepStatus = "COMPLETED"
    with net.associate(port, MPPS) as requestor:
        made = requestor.n_create(MPPS, None, Dataset())
        changed = requestor.n_set(MPPS, "1.2.3.4", changes)

    assert made.status == 0
    assert made.final is not None
    assert made.final.command["AffectedSOPInstanceUID"] == "1.2.3.4"
    assert changed.status == 0x0110


def test_a_get_of_its_scp(net: Net, serve: Serve, tmp_path: Path):
    def get(_: evt.Event) -> Iterator[Any]:
        yield 2
        for number in (1, 2):
            data = instance(number).data.dataset()
            data.file_meta = Dataset()
            data.file_meta.TransferSyntaxUID = EXPLICIT_LITTLE
            yield 0xFF00, data

    port = serve({evt.EVT_C_GET: get}, STUDY_GET, CT)
    proposals = [
        Proposal(STUDY_GET, (EXPLICIT_LITTLE,)),
        Proposal(CT, (EXPLICIT_LITTLE,), roles=(False, True)),
    ]
    with net.associate(port, proposals=proposals, spool=tmp_path / "got") as requestor:
        got = requestor.get(STUDY_GET, study())

    assert requestor.association.contexts[1].accepted_roles == (False, True)
    assert got.status == 0
    assert len(list((tmp_path / "got").iterdir())) == 2


def test_its_rejection_and_its_abort(net: Net, serve: Serve):
    def abort(event: evt.Event) -> int:
        event.assoc.abort()
        return 0

    port = serve({evt.EVT_C_ECHO: abort}, VERIFICATION)
    requestor = net.associate(port)
    echo = requestor.echo()

    assert echo.ending == "aborted"
    assert requestor.association.ended == "aborted by peer"


def plain(net_port: int, *syntaxes: str, roles: list[Any] | None = None, **options: Any) -> Any:
    ae = AE("PLAIN")
    for uid in syntaxes:
        ae.add_requested_context(uid, list(UNCOMPRESSED))
    association = ae.associate(
        "127.0.0.1", net_port, ae_title="SCP", ext_neg=roles or [], **options
    )
    assert association.is_established
    return association


@contextmanager
def undisturbed(association: Any) -> Iterator[None]:
    """Hold pynetdicom's reactor still: it may otherwise take a response that its sender awaits."""
    association._reactor_checkpoint.set = lambda: None
    try:
        yield
    finally:
        del association._reactor_checkpoint.set
        association._reactor_checkpoint.set()


def test_its_scu_on_our_listener(net: Net, tmp_path: Path):
    def find(incoming: Incoming) -> Iterator[Answer]:
        for number in range(5):
            yield Answer(0xFF00, study(PatientID=f"{incoming.dataset().PatientID}{number}"))

    listener = net.listen(handlers=Handlers(find=find))
    association = plain(listener.port, VERIFICATION, CT, STUDY_FIND)
    sent = dcmread(BytesIO(as_file()))
    try:
        with undisturbed(association):
            for _ in range(50):
                assert association.send_c_echo().Status == 0
            assert association.send_c_store(sent).Status == 0
            found = list(association.send_c_find(study(PatientID="P"), STUDY_FIND))
    finally:
        association.release()

    assert [status.Status for status, _ in found] == [0xFF00] * 5 + [0]
    assert [data.PatientID for _, data in found[:-1]] == [f"P{n}" for n in range(5)]
    (kept,) = (tmp_path / "spool-0").iterdir()
    assert dcmread(kept).PatientID == sent.PatientID
    assert net.recorder.wait_for(lambda known: known[0].ended == "released", 5)


def as_file() -> bytes:
    dataset = an_object(300_000).dataset()
    dataset.file_meta = Dataset()
    dataset.file_meta.TransferSyntaxUID = EXPLICIT_LITTLE
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def test_its_scu_moves_and_gets_from_our_listener(net: Net):
    received: list[str] = []
    instances = [instance(number) for number in (1, 2, 3)]

    def store(event: evt.Event) -> int:
        received.append(event.request.AffectedSOPInstanceUID)
        return 0

    destination = net.listen("DEST", supported=[Supported(CT, (IMPLICIT_LITTLE,))])
    remote = Remote("DEST", "127.0.0.1", destination.port)
    archive = net.listen(
        supported=[
            Supported(STUDY_MOVE, UNCOMPRESSED),
            Supported(STUDY_GET, UNCOMPRESSED),
            Supported(CT, UNCOMPRESSED, scu_role=True, scp_role=True),
        ],
        handlers=Handlers(
            move=lambda _: Retrieval(destination=remote, instances=instances),
            get=lambda _: Retrieval(instances=instances),
        ),
    )
    association = plain(
        archive.port,
        STUDY_MOVE,
        STUDY_GET,
        CT,
        roles=[build_role(CT, scp_role=True)],
        evt_handlers=[(evt.EVT_C_STORE, store)],
    )
    try:
        moved = [status for status, _ in association.send_c_move(study(), "DEST", STUDY_MOVE)]
        got = [status for status, _ in association.send_c_get(study(), STUDY_GET)]
    finally:
        association.release()

    assert [each.Status for each in moved] == [0xFF00, 0xFF00, 0]
    assert moved[-1].NumberOfCompletedSuboperations == 3
    assert "NumberOfRemainingSuboperations" not in moved[-1]
    assert [each.Status for each in got] == [0xFF00, 0xFF00, 0]
    assert received == ["1.2.3.1", "1.2.3.2", "1.2.3.3"]


def test_it_gets_an_event_report_on_its_association(net: Net):
    reported = threading.Event()

    def n_action(incoming: Incoming) -> Answer:
        incoming.afterwards(
            lambda same: same.n_event_report(COMMITMENT, "1.2.3", study(), event_type=1)
        )
        return Answer(0)

    def report(_: evt.Event) -> tuple[int, Dataset]:
        reported.set()
        return 0, Dataset()

    listener = net.listen(
        supported=[Supported(COMMITMENT, UNCOMPRESSED)], handlers=Handlers(n_action=n_action)
    )
    association = plain(listener.port, COMMITMENT, evt_handlers=[(evt.EVT_N_EVENT_REPORT, report)])
    try:
        status, _ = association.send_n_action(study(), 1, COMMITMENT, "1.2.3")
        assert status.Status == 0
        assert reported.wait(5)
        assert net.recorder.wait_for(
            lambda known: any(each.final for each in known[0].of("N-EVENT-REPORT")), 5
        )
    finally:
        association.release()
