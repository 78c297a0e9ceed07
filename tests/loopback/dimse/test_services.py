"""Every DIMSE service between our requestor and our listener."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread

from dicomtest.dimse import Answer, Handlers, Incoming, Proposal, Supported
from dicomtest.dimse.messages import encode_dataset
from dicomtest.evidence import EXPLICIT_LITTLE, IMPLICIT_LITTLE, DataSetRef

from .conftest import (
    COMMITMENT,
    CT,
    MPPS,
    STUDY_FIND,
    UNCOMPRESSED,
    VERIFICATION,
    Net,
    an_object,
)


def identifier(**keys: str) -> Dataset:
    dataset = Dataset()
    dataset.QueryRetrieveLevel = "STUDY"
    for keyword, value in keys.items():
        setattr(dataset, keyword, value)
    return dataset


def test_an_echo_is_answered_and_recorded(net: Net):
    with net.associate(net.listen()) as requestor:
        echo = requestor.echo(label="alive?")

    assert (echo.service, echo.status, echo.ending, echo.label) == (
        "C-ECHO",
        0,
        "answered",
        "alive?",
    )
    assert echo.final is not None
    assert echo.final.command["MessageIDBeingRespondedTo"] == echo.message_id
    assert echo.began <= echo.sent <= echo.final.at
    assert requestor.association.ended == "released"
    assert requestor.association.released_by == "us"
    assert not requestor.established


def test_both_ends_record_the_same_connection(net: Net):
    with net.associate(net.listen()) as requestor:
        requestor.echo()
    net.listeners[0].stop()

    ours, theirs = net.recorder.recorded
    assert (ours.seen_from, theirs.seen_from) == ("requestor", "acceptor")
    assert ours.connection == theirs.connection != ""
    assert ours.contexts == theirs.contexts
    assert ours.requestor == theirs.requestor
    assert ours.acceptor.max_pdu == theirs.acceptor.max_pdu == 16384
    assert theirs.released_by == "peer"
    assert theirs.exchanges[0].invoked_by == "peer"
    assert theirs.exchanges[0].status == 0
    assert net.recorder.take() == [ours]


@pytest.mark.parametrize("size", [0, 2, 16370, 16372, 16374, 16376, 100_000, 3_000_000])
def test_a_stored_object_arrives_byte_for_byte(net: Net, size: int):
    data = DataSetRef(
        EXPLICIT_LITTLE, data=bytes(range(256)) * (size // 256) + b"\0" * (size % 256)
    )
    received: list[Incoming] = []

    def store(incoming: Incoming) -> Answer:
        received.append(incoming)
        return Answer(0)

    listener = net.listen(handlers=Handlers(store=store))
    with net.associate(listener, CT) as requestor:
        stored = requestor.store(data, sop_class=CT, sop_instance="1.2.3.4")

    assert stored.status == 0
    kept = received[0].exchange.data
    if not size:
        assert kept is None
        return
    assert kept is not None
    assert kept.read() == data.data
    assert received[0].association.largest_pdu_received <= 16384
    assert requestor.association.largest_pdu_sent == (received[0].association.largest_pdu_received)


def test_a_file_is_streamed_from_its_offset(net: Net, tmp_path: Path):
    content = b"header" + bytes(range(256)) * 20_000
    (tmp_path / "object").write_bytes(content)
    data = DataSetRef(EXPLICIT_LITTLE, path=str(tmp_path / "object"), offset=6)
    listener = net.listen()

    with net.associate(listener, CT) as requestor:
        assert requestor.store(data, sop_class=CT, sop_instance="1.2.3.4").status == 0

    (kept,) = (tmp_path / "spool-0").iterdir()
    assert kept.read_bytes().endswith(content[6:])
    assert kept.suffix == ".dcm"


def test_the_spooled_file_is_a_dicom_file(net: Net, tmp_path: Path):
    with net.associate(net.listen(), CT) as requestor:
        requestor.store(an_object(PatientName="A^B"), sop_class=CT, sop_instance="1.2.3.4")

    (kept,) = (tmp_path / "spool-0").iterdir()
    read = dcmread(kept)
    assert read.PatientName == "A^B"
    assert read.file_meta.MediaStorageSOPClassUID == CT
    assert read.file_meta.MediaStorageSOPInstanceUID == "1.2.3.4"
    assert read.file_meta.TransferSyntaxUID == EXPLICIT_LITTLE
    assert read.file_meta.SourceApplicationEntityTitle == "SCU"


def test_a_data_set_in_no_accepted_transfer_syntax_is_not_sent(net: Net):
    data = DataSetRef("1.2.840.10008.1.2.4.90", data=b"\0\0")
    with net.associate(net.listen(), CT) as requestor:
        stored = requestor.store(data, sop_class=CT, sop_instance="1.2.3.4")

        assert stored.ending == "not sent"
        assert "only 1.2.840.10008.1.2.1 was accepted" in stored.why
        assert requestor.association.exchanges == [stored]
        assert requestor.established


def test_an_object_is_not_sent_where_the_roles_forbid_it(net: Net):
    listener = net.listen(supported=[Supported(CT, UNCOMPRESSED, scu_role=True, scp_role=True)])
    proposals = [Proposal(CT, UNCOMPRESSED, roles=(False, True))]
    with net.associate(listener, proposals=proposals) as requestor:
        stored = requestor.store(an_object(), sop_class=CT, sop_instance="1.2.3.4")
        forced = requestor.store(an_object(), sop_class=CT, sop_instance="1.2.3.4", context_id=1)

    assert stored.ending == "not sent"
    assert "do not let us be its SCU" in stored.why
    assert forced.status == 0


def test_the_context_of_the_data_sets_transfer_syntax_is_used(net: Net):
    proposals = [Proposal(CT, (IMPLICIT_LITTLE,)), Proposal(CT, (EXPLICIT_LITTLE,))]
    with net.associate(net.listen(), proposals=proposals) as requestor:
        stored = requestor.store(an_object(), sop_class=CT, sop_instance="1.2.3.4")

    assert stored.context_id == 3


def test_a_claimed_class_stands_in_the_request(net: Net):
    with net.associate(net.listen(), CT) as requestor:
        stored = requestor.store(
            an_object(), sop_class=CT, sop_instance="1.2.3.4", claim_class="1.2.840.10008.1.1"
        )

    assert stored.command["AffectedSOPClassUID"] == "1.2.840.10008.1.1"
    assert stored.context_id == 1


def test_originator_and_priority_stand_in_the_request(net: Net):
    seen: list[Incoming] = []

    def store(incoming: Incoming) -> Answer:
        seen.append(incoming)
        return Answer(0xB007, elements={"ErrorComment": "odd", "OffendingElement": [0x00100010]})

    with net.associate(net.listen(handlers=Handlers(store=store)), CT) as requestor:
        stored = requestor.store(
            an_object(), sop_class=CT, sop_instance="1.2.3.4", priority=2, originator=("MOVER", 7)
        )

    assert seen[0].command["Priority"] == 2
    assert seen[0].command["MoveOriginatorApplicationEntityTitle"] == "MOVER"
    assert seen[0].command["MoveOriginatorMessageID"] == 7
    assert stored.status == 0xB007
    assert stored.final is not None
    assert stored.final.command["ErrorComment"] == "odd"
    assert stored.final.command["OffendingElement"] == ["00100010"]


def finder(count: int) -> Handlers:
    def find(incoming: Incoming) -> Iterator[Answer]:
        for number in range(count):
            yield Answer(0xFF00, identifier(PatientID=f"{incoming.dataset().PatientID}{number}"))

    return Handlers(find=find)


def test_a_query_gives_its_matches_in_order(net: Net):
    with net.associate(net.listen(handlers=finder(500)), STUDY_FIND) as requestor:
        found = requestor.find(STUDY_FIND, identifier(PatientID="P"))

    assert found.status == 0
    matches = [each.data.dataset().PatientID for each in found.pending if each.data]
    assert matches == [f"P{n}" for n in range(500)]


@pytest.mark.parametrize("after", [0, 1, 10])
def test_a_cancelled_query_ends_with_fe00(net: Net, after: int):
    with net.associate(net.listen(handlers=finder(100_000)), STUDY_FIND) as requestor:
        found = requestor.find(STUDY_FIND, identifier(PatientID="P"), cancel_after=after)

        assert found.status == 0xFE00
        assert found.cancelled_after == after
        assert found.cancelled_at is not None
        assert after <= len(found.pending) < 100_000
        assert requestor.echo(label="other class").ending == "not sent"


def test_a_limit_keeps_no_more_matches(net: Net):
    with net.associate(net.listen(handlers=finder(100_000)), STUDY_FIND) as requestor:
        found = requestor.find(STUDY_FIND, identifier(PatientID="P"), limit=3)

    assert len(found.pending) == 3
    assert found.status == 0xFE00


def test_a_cancel_that_comes_too_late_is_noted_not_answered(net: Net):
    with net.associate(net.listen(handlers=finder(1)), STUDY_FIND, VERIFICATION) as requestor:
        found = requestor.find(STUDY_FIND, identifier(PatientID="P"))
        requestor.link.send(
            1, {"CommandField": 0x0FFF, "MessageIDBeingRespondedTo": found.message_id}, None
        )
        assert requestor.echo().status == 0

    acceptor = net.recorder.recorded[1]
    assert len(acceptor.notes["late_cancels"]) == 1


@pytest.mark.parametrize("dataset", [None, Dataset()])
def test_an_empty_data_set_never_hangs(net: Net, dataset: Dataset | None):
    created: list[Incoming] = []

    def n_create(incoming: Incoming) -> Answer:
        created.append(incoming)
        return Answer(0, Dataset(), {"AffectedSOPInstanceUID": "1.2.3"})

    handlers = Handlers(n_create=n_create, n_set=lambda _: Answer(0x0110))
    with net.associate(net.listen(handlers=handlers), MPPS) as requestor:
        made = requestor.n_create(MPPS, None, dataset)
        changed = requestor.n_set(MPPS, "1.2.3", dataset)

    assert made.status == 0
    assert made.final is not None
    assert made.final.command["AffectedSOPInstanceUID"] == "1.2.3"
    assert made.final.data is None
    assert len(created[0].dataset()) == 0
    assert changed.status == 0x0110


def test_normalized_services_carry_their_elements(net: Net):
    seen: list[Incoming] = []

    def keep(incoming: Incoming) -> Answer:
        seen.append(incoming)
        return Answer(0)

    handlers = Handlers(
        n_create=keep, n_set=keep, n_get=keep, n_action=keep, n_event_report=keep, n_delete=keep
    )
    attributes = Dataset()
    attributes.PerformedProcedureStepStatus = "COMPLETED"
    with net.associate(net.listen(handlers=handlers), MPPS) as requestor:
        requestor.n_create(MPPS, "1.2.3", attributes)
        requestor.n_set(MPPS, "1.2.3", attributes)
        requestor.n_get(MPPS, "1.2.3", [0x00400252])
        requestor.n_action(MPPS, "1.2.3", attributes, action_type=4)
        requestor.n_event_report(MPPS, "1.2.3", attributes, event_type=5)
        requestor.n_delete(MPPS, "1.2.3")

    assert [each.exchange.service for each in seen] == [
        "N-CREATE",
        "N-SET",
        "N-GET",
        "N-ACTION",
        "N-EVENT-REPORT",
        "N-DELETE",
    ]
    create, change, get, action, event, delete = (each.command for each in seen)
    assert create["AffectedSOPInstanceUID"] == event["AffectedSOPInstanceUID"] == "1.2.3"
    for each in (change, get, action, delete):
        assert each["RequestedSOPClassUID"] == MPPS
        assert each["RequestedSOPInstanceUID"] == "1.2.3"
        assert "AffectedSOPClassUID" not in each
    assert get["AttributeIdentifierList"] == ["00400252"]
    assert (action["ActionTypeID"], event["EventTypeID"]) == (4, 5)
    assert seen[1].dataset().PerformedProcedureStepStatus == "COMPLETED"
    assert all(each.exchange.status == 0 for each in seen)
    answered = seen[3].exchange.final
    assert answered is not None
    assert answered.command["ActionTypeID"] == 4
    assert answered.command["AffectedSOPInstanceUID"] == "1.2.3"


def test_a_meta_sop_class_names_the_context(net: Net):
    meta, film_session = "1.2.840.10008.5.1.1.9", "1.2.840.10008.5.1.1.1"
    listener = net.listen(
        supported=[Supported(meta, UNCOMPRESSED)], handlers=Handlers(n_create=lambda _: Answer(0))
    )
    with net.associate(listener, meta) as requestor:
        made = requestor.n_create(film_session, "1.2.3", None, meta_sop_class=meta)

    assert made.status == 0
    assert made.sop_class == film_session


def test_a_service_without_handler_is_refused_as_unrecognized(net: Net):
    with net.associate(net.listen(), MPPS, STUDY_FIND) as requestor:
        assert requestor.n_create(MPPS, "1.2.3", None).status == 0x0211
        assert requestor.find(STUDY_FIND, identifier()).status == 0x0211
        assert requestor.n_delete(MPPS, "1.2.3").status == 0x0211


def test_a_defect_of_a_handler_is_answered_and_marked(net: Net, caplog: pytest.LogCaptureFixture):
    def broken(incoming: Incoming) -> Answer:
        raise KeyError(incoming.exchange.service)

    with net.associate(net.listen(handlers=Handlers(n_create=broken)), MPPS) as requestor:
        assert requestor.n_create(MPPS, "1.2.3", None).status == 0x0110

    assert net.recorder.recorded[1].exchanges[0].notes["defect"] == "KeyError: 'N-CREATE'"
    assert "the handler of N-CREATE failed" in caplog.text


def test_an_identifier_is_encoded_in_the_contexts_transfer_syntax(net: Net):
    seen: list[Incoming] = []

    def find(incoming: Incoming) -> Iterator[Answer]:
        seen.append(incoming)
        yield Answer(0xFF00, incoming.dataset())

    listener = net.listen(
        supported=[Supported(STUDY_FIND, (IMPLICIT_LITTLE,))], handlers=Handlers(find=find)
    )
    proposals = [Proposal(STUDY_FIND, (EXPLICIT_LITTLE, IMPLICIT_LITTLE))]
    with net.associate(listener, proposals=proposals) as requestor:
        found = requestor.find(STUDY_FIND, identifier(PatientID="P7"))

    assert seen[0].exchange.data is not None
    assert seen[0].exchange.data.transfer_syntax == IMPLICIT_LITTLE
    assert found.pending[0].data is not None
    assert found.pending[0].data.dataset().PatientID == "P7"


def test_an_event_report_comes_back_on_the_same_association(net: Net):
    arrived = threading.Event()
    reports: list[Incoming] = []

    def report(incoming: Incoming) -> Answer:
        reports.append(incoming)
        arrived.set()
        return Answer(0)

    def n_action(incoming: Incoming) -> Answer:
        transaction = Dataset()
        transaction.TransactionUID = incoming.dataset().TransactionUID
        incoming.afterwards(
            lambda same: same.n_event_report(COMMITMENT, "1.2.3", transaction, event_type=1)
        )
        return Answer(0)

    asked = Dataset()
    asked.TransactionUID = "1.2.3.4"
    listener = net.listen(handlers=Handlers(n_action=n_action))
    with net.associate(listener, COMMITMENT, event_report_handler=report) as requestor:
        assert requestor.n_action(COMMITMENT, "1.2.3", asked, action_type=1).status == 0
        assert arrived.wait(5)
        assert requestor.n_action(COMMITMENT, "1.2.3", asked, action_type=1).status == 0

    assert reports[0].dataset().TransactionUID == "1.2.3.4"
    (first, *_) = requestor.association.of("N-EVENT-REPORT")
    assert first.invoked_by == "peer"
    assert first.status == 0


def test_a_defect_of_an_action_afterwards_is_marked(net: Net, caplog: pytest.LogCaptureFixture):
    def broken(_: object) -> None:
        raise KeyError("ours")

    def n_action(incoming: Incoming) -> Answer:
        incoming.afterwards(broken)
        return Answer(0)

    listener = net.listen(handlers=Handlers(n_action=n_action))
    with net.associate(listener, COMMITMENT, VERIFICATION) as requestor:
        assert requestor.n_action(COMMITMENT, "1.2.3", None, action_type=1).status == 0
        assert requestor.echo().status == 0

    assert net.recorder.recorded[1].notes["defect"] == "KeyError: 'ours'"
    assert "an action after a message failed" in caplog.text


def test_a_generator_of_matches_is_closed_when_the_query_is_cancelled(net: Net):
    closed = threading.Event()

    def find(_: Incoming) -> Iterator[Answer]:
        try:
            while True:
                yield Answer(0xFF00, identifier(PatientID="P"))
        finally:
            closed.set()

    with net.associate(net.listen(handlers=Handlers(find=find)), STUDY_FIND) as requestor:
        assert requestor.find(STUDY_FIND, identifier(), cancel_after=2).status == 0xFE00
        assert closed.wait(5)


def test_a_query_ends_when_the_requestor_goes(net: Net):
    closed = threading.Event()
    first = threading.Event()

    def find(_: Incoming) -> Iterator[Answer]:
        try:
            while True:
                yield Answer(0xFF00, identifier(PatientID="P"))
                first.set()
        finally:
            closed.set()

    requestor = net.associate(net.listen(handlers=Handlers(find=find)), STUDY_FIND)

    def abort() -> None:
        assert first.wait(5)
        requestor.abort()

    thread = threading.Thread(target=abort)
    thread.start()
    found = requestor.find(STUDY_FIND, identifier())
    thread.join()

    assert found.ending == "abandoned"
    assert closed.wait(5)
    net.listeners[0].stop()
    theirs = net.recorder.recorded[1]
    assert theirs.exchanges[0].ending == "aborted"
    assert theirs.ended in ("aborted by peer", "connection closed")
    assert theirs.why


def test_a_delayed_answer_does_not_delay_the_stop(net: Net):
    asked = threading.Event()

    def echo(_: Incoming) -> Answer:
        asked.set()
        return Answer(0, delay=60)

    listener = net.listen(handlers=Handlers(echo=echo))
    requestor = net.associate(listener)
    thread = threading.Thread(target=requestor.echo)
    thread.start()
    assert asked.wait(5)
    began = time.monotonic()
    listener.stop()
    thread.join()

    assert time.monotonic() - began < 5


def test_an_event_report_can_come_later_from_another_thread(net: Net):
    incoming: list[Incoming] = []

    def n_action(request: Incoming) -> Answer:
        incoming.append(request)
        return Answer(0)

    listener = net.listen(handlers=Handlers(n_action=n_action))
    report = Handlers(n_event_report=lambda _: Answer(0))
    with net.associate(listener, COMMITMENT, handlers=report) as requestor:
        requestor.n_action(COMMITMENT, "1.2.3", None, action_type=1)
        for number in range(50):
            sent = incoming[0].same_association.n_event_report(
                COMMITMENT, "1.2.3", None, event_type=2
            )
            assert sent.status == 0, number
            assert requestor.n_action(COMMITMENT, "1.2.3", None, action_type=1).status == 0

    assert len(requestor.association.of("N-EVENT-REPORT")) == 50


def test_a_large_object_is_not_kept_in_memory(net: Net, tmp_path: Path):
    import tracemalloc

    size = 64 * 1024 * 1024
    with (tmp_path / "large").open("wb") as file:
        file.truncate(size)
    data = DataSetRef(EXPLICIT_LITTLE, path=str(tmp_path / "large"))
    with net.associate(net.listen(), CT) as requestor:
        tracemalloc.start()
        try:
            assert requestor.store(data, sop_class=CT, sop_instance="1.2.3.4").status == 0
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < 12 * 1024 * 1024


def test_encoding_deflated_and_decoding_agree():
    dataset = identifier(PatientID="P" * 60)
    deflated = encode_dataset(dataset, "1.2.840.10008.1.2.1.99")

    assert deflated.data is not None
    assert len(deflated.data) % 2 == 0
    assert deflated.data != encode_dataset(dataset, EXPLICIT_LITTLE).data
