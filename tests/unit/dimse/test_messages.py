"""Messages cut into PDVs and put together again, whatever the sizes (PS3.8 Annex E)."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, dcmread

from dicomtest.dimse import command as commands
from dicomtest.dimse.messages import (
    Assembler,
    command_pdus,
    data_pdus,
    data_size,
    encode_dataset,
    largest_pdu,
)
from dicomtest.dimse.pdus import PduError
from dicomtest.dimse.spool import Spool
from dicomtest.evidence import (
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Association,
    DataSetRef,
    PresentationContext,
)

CT = "1.2.840.10008.5.1.4.1.1.2"


def assembler(seen_from="acceptor") -> Assembler:
    association = Association("a1", seen_from, calling_ae_title="SCU")
    association.contexts = [
        PresentationContext(1, CT, result=0, accepted=EXPLICIT_LITTLE),
        PresentationContext(3, CT, result=4),
    ]
    return Assembler(association, lambda: 7.0)


def feed(into: Assembler, stream: bytes, cut: int) -> None:
    """Pass the PDVs of P-DATA-TF PDUs on in pieces of at most `cut` bytes."""
    at = 0
    while at < len(stream):
        _, _, length = struct.unpack_from(">BBL", stream, at)
        end = at + 6 + length
        at += 6
        while at < end:
            size, context_id, control = struct.unpack_from(">LBB", stream, at)
            piece = stream[at + 6 : at + 4 + size]
            at += 4 + size
            pieces = [piece[i : i + cut] for i in range(0, len(piece), cut)] or [b""]
            for number, each in enumerate(pieces):
                last = number + 1 == len(pieces)
                into.fragment(context_id, control, memoryview(each), last)


def message(command: dict, data: bytes | None, pdu_length: int) -> bytes:
    encoded = commands.encode(command)
    pieces = list(command_pdus(1, encoded, pdu_length))
    if data is not None:
        for block, longest in data_pdus(1, DataSetRef(EXPLICIT_LITTLE, data=data), pdu_length):
            assert longest <= pdu_length
            pieces += [bytes(each) for each in block]
    return b"".join(pieces)


@given(
    size=st.integers(0, 5000),
    pdu_length=st.integers(8, 300),
    cut=st.integers(1, 400),
    status=st.integers(0, 0xFFFF),
)
def test_what_is_cut_is_put_together(size: int, pdu_length: int, cut: int, status: int):
    data = (b"0123456789abcdef" * 400)[: size * 2]
    command = {"CommandField": 0x8020, "Status": status, "CommandDataSetType": 1}
    into = assembler()
    feed(into, message(command, data, pdu_length) * 2, cut)

    assert len(into.inbox) == 2
    for got in into.inbox:
        assert got.command.items() >= command.items()
        assert got.data is not None
        assert got.data.read() == data
        assert got.at == got.began == 7.0
    assert into.underway == ""


@pytest.mark.parametrize("size", [0, 1, 1_048_575, 1_048_576, 1_048_577, 2_500_000])
@pytest.mark.parametrize("pdu_length", [16384, 131072])
def test_a_file_is_cut_like_memory(tmp_path: Path, size: int, pdu_length: int):
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    (tmp_path / "object").write_bytes(b"skip" + content)
    in_file = DataSetRef(EXPLICIT_LITTLE, path=str(tmp_path / "object"), offset=4)
    in_memory = DataSetRef(EXPLICIT_LITTLE, data=content)

    def flat(ref: DataSetRef) -> bytes:
        return b"".join(bytes(each) for block, _ in data_pdus(1, ref, pdu_length) for each in block)

    assert flat(in_file) == flat(in_memory)
    assert data_size(in_file) == data_size(in_memory) == size


def test_a_received_object_becomes_a_file(tmp_path: Path):
    dataset = Dataset()
    dataset.PatientID = "P1"
    data = encode_dataset(dataset, EXPLICIT_LITTLE).read()
    command = {
        "CommandField": commands.C_STORE,
        "AffectedSOPClassUID": CT,
        "AffectedSOPInstanceUID": "1.2.3",
        "CommandDataSetType": 1,
    }
    into = assembler()
    into.spool = Spool(tmp_path / "spool")
    feed(into, message(command, data, 100), 50)

    kept = into.inbox[0].data
    assert kept is not None
    assert kept.path is not None
    assert kept.read() == data
    assert dcmread(kept.path).PatientID == "P1"
    assert dcmread(kept.path).file_meta.MediaStorageSOPInstanceUID == "1.2.3"


def test_an_object_that_is_never_complete_leaves_nothing(tmp_path: Path):
    command = {"CommandField": commands.C_STORE, "CommandDataSetType": 1}
    into = assembler()
    into.spool = Spool(tmp_path / "spool")
    whole = message(command, b"x" * 1000, 100)
    feed(into, whole[:-104], 50)

    assert "announces a data set" in into.underway
    assert [path.suffix for path in (tmp_path / "spool").iterdir()] == [".part"]
    into.discard()
    assert list((tmp_path / "spool").iterdir()) == []
    assert not into.inbox


@pytest.mark.parametrize(
    ("pieces", "told"),
    [
        ([(3, 3, b"")], "context 3 was not accepted"),
        ([(9, 3, b"")], "context 9 was not accepted"),
        ([(1, 2, b"x")], "without a command set"),
        ([(1, 1, b"x"), (1, 0, b"x")], "before the command set is complete"),
        ([(1, 1, b"x"), (5, 1, b"x")], "goes on in context 5"),
        ([(1, 3, b"no command set")], "the command set cannot be read"),
        ([(1, 1, b"x" * 2_000_000)], "does not end"),
    ],
)
def test_what_makes_no_message_is_refused(pieces: list[tuple[int, int, bytes]], told: str):
    into = assembler()
    with pytest.raises(PduError, match=told):
        for context_id, control, piece in pieces:
            into.fragment(context_id, control, memoryview(piece), True)


def test_reserved_bits_of_the_control_header_are_ignored():
    into = assembler()
    encoded = commands.encode({"CommandField": 0x30, "CommandDataSetType": 0x0101})
    into.fragment(1, 0xFF, memoryview(encoded), True)

    assert into.inbox[0].command["CommandField"] == 0x30


@pytest.mark.parametrize(
    ("announced", "used"), [(None, 131072), (0, 131072), (16384, 16384), (1 << 30, 131072)]
)
def test_the_pdu_length_used(announced: int | None, used: int):
    assert largest_pdu(announced) == used


@pytest.mark.parametrize("syntax", [IMPLICIT_LITTLE, EXPLICIT_LITTLE, "1.2.840.10008.1.2.2"])
def test_data_sets_are_encoded_in_the_syntax_asked_for(syntax: str):
    dataset = Dataset()
    dataset.PatientID, dataset.Rows = "P1", 5

    assert encode_dataset(dataset, syntax).dataset() == dataset
    assert encode_dataset(Dataset(), syntax).data == b""
