"""Evidence as files: what is small stays in the JSON, what is large gets a file of its own."""

from __future__ import annotations

from pathlib import Path

from dicomtest.evidence import Association, DataSetRef, Exchange, Response, StepEvidence
from dicomtest.evidence_json import LARGE, read_step, write_step

IMPLICIT = "1.2.840.10008.1.2"


def step_with(*contents: bytes) -> StepEvidence:
    association = Association(id="a1", seen_from="requestor")
    for number, data in enumerate(contents, start=1):
        exchange = Exchange("N-SET", number, 1, "1.2.840.10008.5.1.1.4", "1.2.3")
        exchange.data = DataSetRef(IMPLICIT, data=data)
        exchange.responses = [Response(0, data=DataSetRef(IMPLICIT, data=data))]
        association.exchanges.append(exchange)
    return StepEvidence("films", "1-print", "print", associations=[association])


def test_a_large_data_set_is_a_file_and_reads_the_same(tmp_path: Path) -> None:
    large = bytes(range(256)) * (LARGE // 256 + 1)
    name = write_step(step_with(large), tmp_path)
    back = next(read_step(tmp_path / name, tmp_path).exchanges())

    assert (tmp_path / name).stat().st_size < LARGE
    assert back.data is not None
    assert back.data.read() == large
    assert back.responses[0].data is not None
    assert back.responses[0].data.read() == large


def test_equal_data_sets_share_a_file_and_small_ones_have_none(tmp_path: Path) -> None:
    large = b"\1" * (LARGE + 2)
    write_step(step_with(large, large, b"\2" * LARGE), tmp_path)

    assert len(list((tmp_path / "evidence" / "data-sets").iterdir())) == 1


def test_the_evidence_can_be_moved_with_its_folder(tmp_path: Path) -> None:
    large = b"\3" * (LARGE + 2)
    name = write_step(step_with(large), tmp_path / "here")
    (tmp_path / "here").rename(tmp_path / "there")
    back = next(read_step(tmp_path / "there" / name, tmp_path / "there").exchanges())

    assert back.data is not None
    assert back.data.read() == large
