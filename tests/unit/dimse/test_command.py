"""Command sets: what is encoded is decoded again, and what is odd is kept (PS3.7 6.3.1)."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset

from dicomtest.dimse import command as commands

US = st.integers(0, 0xFFFF)
UIDS = st.from_regex(r"[12]\.[1-9][0-9]{0,20}(\.[1-9][0-9]{0,9}){0,3}", fullmatch=True)
TITLES = st.text("ABCXYZ019_ ", min_size=1, max_size=16).map(str.strip).filter(bool)
COMMANDS = st.fixed_dictionaries(
    {"CommandField": US, "MessageID": US, "CommandDataSetType": US},
    optional={
        "AffectedSOPClassUID": UIDS,
        "AffectedSOPInstanceUID": UIDS,
        "MoveOriginatorApplicationEntityTitle": TITLES,
        "Status": US,
        "AttributeIdentifierList": st.lists(
            st.integers(0, 0xFFFFFFFF).map(lambda tag: f"{tag:08X}"), min_size=1, max_size=5
        ),
        "NumberOfRemainingSuboperations": US,
        "ErrorComment": TITLES,
    },
)


@given(COMMANDS)
def test_decoding_gives_back_what_was_encoded(command: dict):
    encoded = commands.encode(command)
    decoded = commands.decode(encoded)

    assert decoded.pop("CommandGroupLength") == len(encoded) - 12
    assert decoded == command


@given(COMMANDS)
def test_pydicom_reads_the_same(command: dict):
    read = read_dataset(DicomBytesIO(commands.encode(command)), True, True)

    assert {element.keyword for element in read} == {"CommandGroupLength", *command}
    for keyword, value in command.items():
        if keyword == "AttributeIdentifierList":
            tags = read[keyword].value
            tags = [tags] if len(value) == 1 else tags
            assert [f"{int(tag):08X}" for tag in tags] == value
        else:
            assert str(getattr(read, keyword)) == str(value)


def test_elements_that_are_none_are_left_out():
    decoded = commands.decode(commands.encode({"Status": 0, "ErrorComment": None}))

    assert set(decoded) == {"CommandGroupLength", "Status"}


def test_tags_may_be_given_as_numbers():
    decoded = commands.decode(commands.encode({"OffendingElement": [0x00100010]}))

    assert decoded["OffendingElement"] == ["00100010"]


def test_unknown_elements_are_kept_as_hex():
    data = struct.pack("<HHL4s", 0, 0x0777, 4, b"abcd") + struct.pack("<HHL2s", 8, 5, 2, b"XY")

    assert commands.decode(data) == {"00000777": "61626364", "00080005": "5859"}


def test_odd_lengths_and_multiple_numbers_are_kept():
    data = struct.pack("<HHL3s", 0, 0x0900, 3, b"abc") + struct.pack("<HHLHH", 0, 0x0110, 4, 1, 2)

    assert commands.decode(data) == {"Status": "616263", "MessageID": [1, 2]}
    assert commands.number(commands.decode(data), "Status") is None
    assert commands.number(commands.decode(data), "MessageID") is None


def test_padding_is_no_part_of_a_value():
    data = struct.pack("<HHL6s", 0, 2, 6, b"1.2.3\0") + struct.pack(
        "<HHL6s", 0, 0x600, 6, b" DEST "
    )

    assert commands.decode(data) == {"AffectedSOPClassUID": "1.2.3", "MoveDestination": "DEST"}


@pytest.mark.parametrize("data", [b"\0", b"\0\0\2\0\xff\0\0\0", b"garbage in the command set!"])
def test_what_is_no_command_set_is_refused(data: bytes):
    with pytest.raises(commands.CommandError, match="command set"):
        commands.decode(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(data: bytes):
    try:
        decoded = commands.decode(data)
    except commands.CommandError:
        return
    assert len(decoded) <= len(data) // 8


def test_only_command_elements_are_encoded():
    with pytest.raises(ValueError, match="PatientID is no command element"):
        commands.encode({"PatientID": "1"})
