"""What the record says of character sets and of the files of evidence."""

from __future__ import annotations

import pytest

from dicomtest.character_sets import character_sets
from dicomtest.dicom.attribute_values import data_set
from dicomtest.evidence import Association, DataSetRef, Exchange, Instance, Response, StepEvidence
from dicomtest.inventory import altered, inventory

EXPLICIT = "1.2.840.10008.1.2.1"


@pytest.fixture
def encoded():
    """A data set of a patient in a character set."""
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_dataset

    def make(character_set, name):
        made = data_set({"PatientName": (name,), "PatientID": ("P1",)}, character_set or None)
        buffer = DicomBytesIO()
        buffer.is_little_endian, buffer.is_implicit_VR = True, False
        write_dataset(buffer, made)
        return DataSetRef(EXPLICIT, data=buffer.getvalue())

    return make


def steps(sent, *returned):
    store = StepEvidence("s", "1-store", "store", scp="pacs")
    store.instances = [Instance("1.2", "1.3", "1.4", "1.5", "P1", sent)]
    query = StepEvidence("s", "2-query", "query", scp="pacs")
    find = Exchange(
        "C-FIND", 1, 1, "1.2", responses=[Response(0xFF00, {}, each) for each in returned]
    )
    query.associations = [Association("a", "requestor", exchanges=[find])]
    return [store, query]


def test_a_name_that_comes_back_as_it_was_does_not_differ_in_whatever_character_set(encoded):
    (entry,) = character_sets(
        steps(encoded("ISO_IR 192", "Ma^Wei=马^伟"), encoded("GB18030", "Ma^Wei^=马^伟=="))
    )

    assert entry["sent"]["character_set"] == "ISO_IR 192"
    assert entry["returned"]["character_set"] == "GB18030"
    assert (entry["count"], entry["different"]) == (1, 0)


def test_a_garbled_name_is_the_example_that_is_shown(encoded):
    (entry,) = character_sets(
        steps(
            encoded("ISO_IR 192", "Ma^Wei=马^伟"),
            encoded("ISO_IR 192", "Ma^Wei=马^伟"),
            encoded("ISO_IR 192", "Ma^Wei=^"),
        )
    )

    assert (entry["count"], entry["different"]) == (2, 1)
    assert entry["returned"]["name"] == "Ma^Wei=^"


def test_other_patients_and_bytes_that_are_no_data_set_are_left_out(encoded):
    sent = encoded("ISO_IR 192", "Ma^Wei")
    other = encoded("ISO_IR 192", "X")
    other = DataSetRef(EXPLICIT, data=other.data.replace(b"P1", b"P2"))

    assert character_sets(steps(sent, other, DataSetRef(EXPLICIT, data=b"\x00\x01garbage"))) == []


def test_the_inventory_tells_a_file_that_was_changed_later(tmp_path):
    folder = tmp_path / "evidence" / "s"
    folder.mkdir(parents=True)
    (folder / "1-store.json").write_bytes(b"{}")
    (folder / "2-query.json").write_bytes(b"abc")

    listed = inventory(tmp_path)

    assert [each["path"] for each in listed] == [
        "evidence/s/1-store.json",
        "evidence/s/2-query.json",
    ]
    assert listed[1]["bytes"] == 3
    assert listed[1]["sha256"].startswith("ba7816bf8f01cfea414140de5dae2223")  # FIPS 180, "abc"
    assert altered(tmp_path, listed) == []
    (folder / "1-store.json").write_bytes(b"[]")
    (folder / "2-query.json").unlink()
    assert altered(tmp_path, listed) == [each["path"] for each in listed]
