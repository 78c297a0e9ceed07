"""C-MOVE and C-GET from both ends: sub-operations, counters, statuses (PS3.4 C.4.2, C.4.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydicom import Dataset

from dicomtest.dimse import (
    Answer,
    Handlers,
    Incoming,
    Listener,
    Proposal,
    Remote,
    Requestor,
    Retrieval,
    Supported,
)
from dicomtest.dimse.messages import encode_dataset
from dicomtest.evidence import (
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    DataSetRef,
    Exchange,
    Instance,
)

from .conftest import CT, STUDY_GET, STUDY_MOVE, UNCOMPRESSED, Net

MR = "1.2.840.10008.5.1.4.1.1.4"
J2K = "1.2.840.10008.1.2.4.90"
COUNTERS = ("Remaining", "Completed", "Failed", "Warning")


def instance(number: int, sop_class: str = CT, syntax: str = EXPLICIT_LITTLE) -> Instance:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, f"1.2.3.{number}"
    dataset.PatientID = "P"
    data = encode_dataset(dataset, EXPLICIT_LITTLE if syntax == J2K else syntax)
    return Instance(
        sop_class, f"1.2.3.{number}", "1.2", "1.2.3", "P", DataSetRef(syntax, data=data.data)
    )


def storage(**statuses: int) -> Callable[[Incoming], Answer]:
    """Answer by the last component of the SOP Instance UID, `_7=0xA700`."""

    def store(incoming: Incoming) -> Answer:
        return Answer(statuses.get("_" + incoming.exchange.sop_instance.rpartition(".")[2], 0))

    return store


def counters(exchange: Exchange) -> list[tuple[int | None, ...]]:
    return [
        (each.status, *(each.command.get(f"NumberOf{name}Suboperations") for name in COUNTERS))
        for each in exchange.responses
    ]


def failed_list(exchange: Exchange) -> list[str] | None:
    assert exchange.final is not None
    if exchange.final.data is None:
        return None
    listed = exchange.final.data.dataset().FailedSOPInstanceUIDList
    return [listed] if isinstance(listed, str) else list(listed)


def identifier() -> Dataset:
    dataset = Dataset()
    dataset.QueryRetrieveLevel = "STUDY"
    dataset.StudyInstanceUID = "1.2"
    return dataset


class Mover:
    """An archive and a destination; `move` asks the one to send to the other."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.supported = [Supported(CT, UNCOMPRESSED)]
        self.store = storage()
        self.instances = [instance(number) for number in range(1, 5)]
        self.retrieval: Retrieval | None = None
        self.destination: Listener | None = None

    def move(self, *, cancel_after: int | None = None) -> Exchange:
        self.destination = self.net.listen(
            "DEST", supported=self.supported, handlers=Handlers(store=self.store)
        )
        remote = Remote("DEST", "127.0.0.1", self.destination.port)

        def move(_: Incoming) -> Retrieval:
            return self.retrieval or Retrieval(destination=remote, instances=self.instances)

        archive = self.net.listen("SCP", handlers=Handlers(move=move))
        with self.net.associate(archive, STUDY_MOVE) as requestor:
            return requestor.move(STUDY_MOVE, identifier(), "DEST", cancel_after=cancel_after)


@pytest.fixture
def mover(net: Net) -> Mover:
    return Mover(net)


def test_a_move_that_succeeds_counts_down(mover: Mover):
    moved = mover.move()

    assert counters(moved) == [
        (0xFF00, 3, 1, 0, 0),
        (0xFF00, 2, 2, 0, 0),
        (0xFF00, 1, 3, 0, 0),
        (0x0000, None, 4, 0, 0),
    ]
    assert failed_list(moved) is None
    (sent,) = [a for a in mover.net.recorder.take() if a.called_ae_title == "DEST"]
    assert [each.sop_instance for each in sent.exchanges] == [f"1.2.3.{n}" for n in range(1, 5)]
    for each in sent.exchanges:
        assert each.command["MoveOriginatorApplicationEntityTitle"] == "SCU"
        assert each.command["MoveOriginatorMessageID"] == moved.message_id
    assert sent.calling_ae_title == "SCP"


def test_some_failures_make_a_warning_with_the_list(mover: Mover):
    mover.store = storage(_2=0xA700, _3=0xB000)
    moved = mover.move()

    assert counters(moved)[-1] == (0xB000, None, 2, 1, 1)
    assert failed_list(moved) == ["1.2.3.2"]


def test_only_warnings_make_a_warning_without_data_set(mover: Mover):
    mover.store = storage(_1=0xB000, _2=0xB006, _3=0xB007, _4=0xB000)
    moved = mover.move()

    assert counters(moved)[-1] == (0xB000, None, 0, 0, 4)
    assert failed_list(moved) is None


def test_only_failures_make_a_failure_with_the_list(mover: Mover):
    mover.store = storage(_1=0xA700, _2=0xC000, _3=0x0122, _4=0xA900)
    moved = mover.move()

    assert counters(moved)[-1] == (0xA702, None, 0, 4, 0)
    assert failed_list(moved) == [f"1.2.3.{n}" for n in range(1, 5)]


def test_nothing_to_move_is_a_success(mover: Mover):
    mover.instances = []
    moved = mover.move()

    assert counters(moved) == [(0x0000, None, 0, 0, 0)]


def test_a_destination_that_refuses_makes_every_sub_operation_fail(mover: Mover):
    mover.retrieval = Retrieval(
        destination=Remote("NOBODY", "127.0.0.1", 1), instances=mover.instances
    )
    moved = mover.move()

    assert counters(moved)[-1] == (0xA702, None, 0, 4, 0)


def test_a_refusal_is_answered_at_once(mover: Mover):
    mover.retrieval = Retrieval(status=0xA801, elements={"ErrorComment": "unknown destination"})
    moved = mover.move()

    assert counters(moved) == [(0xA801, None, None, None, None)]
    assert moved.final is not None
    assert moved.final.command["ErrorComment"] == "unknown destination"


def test_an_instance_without_a_context_fails_alone(mover: Mover):
    mover.instances.append(instance(5, MR))
    moved = mover.move()

    assert counters(moved)[-1] == (0xB000, None, 4, 1, 0)
    assert failed_list(moved) == ["1.2.3.5"]


def test_the_other_uncompressed_encoding_is_made_where_only_it_is_accepted(mover: Mover):
    mover.supported = [Supported(CT, (IMPLICIT_LITTLE,))]
    moved = mover.move()

    assert moved.status == 0
    (sent,) = [a for a in mover.net.recorder.take() if a.called_ae_title == "DEST"]
    assert {each.data.transfer_syntax for each in sent.exchanges if each.data} == {IMPLICIT_LITTLE}
    assert mover.destination is not None
    assert sent.exchanges[0].data is not None
    assert sent.exchanges[0].data.dataset().PatientID == "P"


def test_an_implicit_instance_becomes_explicit_with_its_pixels(mover: Mover):
    image = Dataset()
    image.SOPClassUID, image.SOPInstanceUID = CT, "1.2.3.1"
    image.SpecificCharacterSet, image.PatientName = "ISO_IR 100", "M\xfcller^J"
    image.Rows = image.Columns = 2
    image.BitsAllocated, image.PixelRepresentation = 16, 1
    image.SmallestImagePixelValue = -5
    image.add_new("PixelData", "OW", b"\1\2\3\4\5\6\7\x08")
    image.add_new((0x0009, 0x0010), "LO", "OURS")
    image.add_new((0x0009, 0x1001), "UN", b"private!")
    mover.instances = [
        Instance(CT, "1.2.3.1", "1.2", "1.2.3", "P", encode_dataset(image, IMPLICIT_LITTLE))
    ]
    mover.supported = [Supported(CT, (EXPLICIT_LITTLE,))]

    assert mover.move().status == 0
    (sent,) = [a for a in mover.net.recorder.take() if a.called_ae_title == "DEST"]
    assert sent.exchanges[0].data is not None
    arrived = sent.exchanges[0].data.dataset()
    assert arrived.PixelData == image.PixelData
    assert arrived["PixelData"].VR == "OW"
    assert arrived.SmallestImagePixelValue == -5
    assert arrived.PatientName == image.PatientName
    assert arrived[0x0009, 0x1001].value == b"private!"


def test_a_compressed_instance_is_sent_as_it_is_or_not_at_all(mover: Mover):
    mover.instances = [instance(1, CT, J2K), instance(2)]
    moved = mover.move()

    assert counters(moved)[-1] == (0xB000, None, 1, 1, 0)
    assert failed_list(moved) == ["1.2.3.1"]


def test_a_cancelled_move_says_what_remains(mover: Mover):
    mover.instances = [instance(number) for number in range(1, 500)]
    mover.store = storage(_1=0xA700)
    moved = mover.move(cancel_after=2)

    assert moved.status == 0xFE00
    _, remaining, completed, failed, warning = counters(moved)[-1]
    assert failed == 1
    assert remaining is not None
    assert completed is not None
    assert remaining > 0
    assert remaining + completed + failed + (warning or 0) == 499
    assert failed_list(moved) == ["1.2.3.1"]


def getter(
    net: Net, instances: list[Instance], tmp_path: Path, proposals: list[Proposal], **options
) -> Requestor:
    archive = net.listen(
        "SCP",
        supported=[
            Supported(STUDY_GET, UNCOMPRESSED),
            Supported(CT, (*UNCOMPRESSED, J2K), True, True),
        ],
        handlers=Handlers(get=lambda _: Retrieval(instances=instances)),
    )
    proposals = [Proposal(STUDY_GET, (EXPLICIT_LITTLE,)), *proposals]
    return net.associate(archive, proposals=proposals, spool=tmp_path / "got", **options)


GET_CT = [Proposal(CT, (EXPLICIT_LITTLE,), roles=(False, True))]


def test_a_get_brings_the_instances_on_the_same_association(net: Net, tmp_path: Path):
    instances = [instance(number) for number in range(1, 4)]
    with getter(net, instances, tmp_path, GET_CT) as requestor:
        got = requestor.get(STUDY_GET, identifier())

    assert counters(got) == [
        (0xFF00, 2, 1, 0, 0),
        (0xFF00, 1, 2, 0, 0),
        (0x0000, None, 3, 0, 0),
    ]
    stored = requestor.association.of("C-STORE")
    assert [each.invoked_by for each in stored] == ["peer"] * 3
    assert [each.status for each in stored] == [0] * 3
    for each, original in zip(stored, instances, strict=True):
        assert each.data is not None
        assert each.data.path is not None
        assert Path(each.data.path).parent == tmp_path / "got"
        assert each.data.read() == original.data.read()


def test_a_get_asks_the_store_handler(net: Net, tmp_path: Path):
    instances = [instance(number) for number in range(1, 4)]
    with getter(net, instances, tmp_path, GET_CT, store_handler=storage(_2=0xC000)) as requestor:
        got = requestor.get(STUDY_GET, identifier())

    assert counters(got)[-1] == (0xB000, None, 2, 1, 0)
    assert failed_list(got) == ["1.2.3.2"]


@pytest.mark.parametrize("roles", [[], [None], [(True, False)]])
def test_a_get_without_the_storage_scp_role_fails(net: Net, tmp_path: Path, roles: list):
    proposals = [Proposal(CT, (EXPLICIT_LITTLE,), roles=each) for each in roles]
    with getter(net, [instance(1)], tmp_path, proposals) as requestor:
        got = requestor.get(STUDY_GET, identifier())

    assert counters(got)[-1] == (0xA702, None, 0, 1, 0)


def test_a_cancelled_get_ends_with_fe00(net: Net, tmp_path: Path):
    instances = [instance(number) for number in range(1, 500)]
    with getter(net, instances, tmp_path, GET_CT) as requestor:
        got = requestor.get(STUDY_GET, identifier(), cancel_after=3)

    assert got.status == 0xFE00
    _, remaining, completed, _, _ = counters(got)[-1]
    assert remaining is not None
    assert completed is not None
    assert remaining + completed == 499
    assert len(requestor.association.of("C-STORE")) == completed


def test_a_get_ends_when_the_requestor_aborts(net: Net, tmp_path: Path):
    instances = [instance(number) for number in range(1, 500)]
    requestor = getter(net, instances, tmp_path, GET_CT, store_handler=None)

    def store(_: Incoming) -> Answer:
        requestor.link.upper.abort()
        return Answer(0)

    requestor.link.handlers.store = store
    got = requestor.get(STUDY_GET, identifier())

    assert got.ending == "abandoned"
    assert net.recorder.wait_for(lambda known: known[1].ended == "aborted by peer", 5)


def test_pending_responses_can_be_left_out(mover: Mover):
    mover.retrieval = Retrieval(instances=mover.instances, pending_every=0)
    mover.retrieval.destination = None
    listener = mover.net.listen("D", supported=mover.supported)
    mover.retrieval.destination = Remote("D", "127.0.0.1", listener.port)
    moved = mover.move()

    assert counters(moved) == [(0x0000, None, 4, 0, 0)]


def test_a_find_handler_can_answer_with_a_failure(net: Net):
    def find(_: Incoming) -> Iterator[Answer]:
        yield Answer(0xA700, elements={"ErrorComment": "busy"})

    model = "1.2.840.10008.5.1.4.1.2.2.1"
    with net.associate(net.listen(handlers=Handlers(find=find)), model) as requestor:
        found = requestor.find(model, identifier())

    assert [each.status for each in found.responses] == [0xA700]
