"""What our matcher predicts, against what independent systems answer to the whole query plan.

The transport is pynetdicom, nothing of ours. Where a system and the rules disagree, it is listed
here with the reason; anything else that disagrees is a mistake of ours.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep

import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pynetdicom import AE
from pynetdicom.association import Association
from support.queryable import CT, MR, instances

from dicomtest.dicom.answer_rules import Answer, Verdict, judge_answers
from dicomtest.dicom.information_model import PATIENT_ROOT, STUDY_ROOT
from dicomtest.dicom.matching import BASELINE, Agreement
from dicomtest.dicom.population import Population
from dicomtest.dicom.query_plan import Query, query_plan

EXPLICIT = "1.2.840.10008.1.2.1"
ENOUGH_VERDICTS = 5000


@pytest.fixture(scope="module")
def population() -> Population:
    return Population(instances())


@pytest.fixture(scope="module")
def plan(population: Population) -> list[Query]:
    return query_plan(population)


class Held(threading.Event):
    """A checkpoint that keeps pynetdicom's reactor still until it is let go.

    Between two requests the reactor may run once more after it was told to pause, and takes the
    first response of a quick peer for itself.
    """

    def set(self) -> None:
        """Not now."""

    def let_go(self) -> None:
        super().set()


@contextmanager
def connected(peer) -> Iterator[Association]:
    ae = AE("DICOMTEST")
    for sop_class in (CT, MR, STUDY_ROOT.find, PATIENT_ROOT.find):
        ae.add_requested_context(sop_class, EXPLICIT)
    association = ae.associate(peer.host, peer.port, ae_title=peer.ae_title)
    assert association.is_established
    # A command set and its data set are two packets, and Nagle's algorithm holds back the second.
    association.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    association._reactor_checkpoint, before = Held(), association._reactor_checkpoint
    before.set()
    sleep(0.1)  # the reactor looks at its checkpoint every millisecond
    try:
        yield association
    finally:
        association._reactor_checkpoint.let_go()
        association._reactor_checkpoint = before
        association.release()


def fill(association: Association) -> None:
    for each in instances():
        each.file_meta = FileMetaDataset()
        each.file_meta.TransferSyntaxUID = EXPLICIT
        assert association.send_c_store(each).Status == 0x0000


def ask(association: Association, query: Query) -> tuple[int, list[Answer]]:
    """Final status and answers of one query."""
    found: list[Answer] = []
    final: int | None = None
    for status, identifier in association.send_c_find(query.identifier(), query.sop_class):
        assert "Status" in status, f"no answer to {query.id}"
        if status.Status in (0xFF00, 0xFF01):
            assert isinstance(identifier, Dataset)
            found.append(Answer(identifier, status.Status, f"answer {len(found) + 1}"))
        else:
            final = status.Status
    assert final is not None, f"no final response to {query.id}"
    return final, found


def asked(peer, plan: list[Query]) -> Iterator[tuple[Query, int, list[Answer]]]:
    with connected(peer) as association:
        fill(association)
        for query in plan:
            yield query, *ask(association, query)


def disagreements(
    peer, population: Population, plan: list[Query], agreement: Agreement = BASELINE
) -> Iterator[tuple[Query, Verdict]]:
    """Every verdict that does not hold, over the whole plan."""
    judged = 0
    for query, status, answers in asked(peer, plan):
        if query.expect == "refusal":
            continue
        assert status == 0x0000, query.id
        verdicts = judge_answers(
            population,
            query.model,
            query.identifier(),
            answers,
            foreign_ok=False,
            agreement=agreement,
        )
        judged += len(verdicts)
        yield from ((query, each) for each in verdicts if not each.judgement.holds)
    assert judged > ENOUGH_VERDICTS


def told(found: Iterator[tuple[Query, Verdict]]) -> list[str]:
    return [
        f"{query.id} {verdict.rule.id}: expected {verdict.judgement.expected}, "
        f"actual {verdict.judgement.actual} ({verdict.judgement.where})"
        for query, verdict in found
    ]


def test_orthanc_answers_as_predicted(orthanc, population, plan):
    """Orthanc claims every character set, so names must be found by any of them."""
    claimed = Agreement(character_sets=frozenset({"ISO_IR 192"}))

    assert told(disagreements(orthanc(), population, plan, claimed)) == []


def test_orthanc_with_case_sensitive_names_answers_as_predicted(orthanc, population, plan):
    peer = orthanc(settings={"CaseSensitivePN": True})

    assert told(disagreements(peer, population, plan)) == []


def test_orthanc_that_answers_in_latin_1_loses_names(orthanc, population, plan):
    """Its encoding cannot hold them; values have to be those of the entity (C.4.1.3.1.1)."""
    found = list(disagreements(orthanc(encoding="Latin1"), population, plan))

    assert {verdict.rule.id for _, verdict in found} == {"stored-values"}
    assert all("PatientName" in verdict.judgement.where for _, verdict in found)


def test_dcmqrscp_answers_as_predicted_but_for_the_status_of_unsupported_keys(
    dcmqrscp, population, plan
):
    """It leaves out Optional Keys it does not know, with FF00 where Table C.4-1 has FF01."""
    found = list(disagreements(dcmqrscp(), population, plan))

    assert told(each for each in found if each[1].rule.id != "pending-status") == []
    assert {verdict.judgement.actual for _, verdict in found} == {"FF00"}


def test_dcmqrscp_compares_bytes_whatever_the_character_set(dcmqrscp, population, plan):
    """Held to ISO_IR 192, which it does not claim, it misses names that were stored otherwise."""
    held = Agreement(character_sets=frozenset({"ISO_IR 192"}))
    found = list(disagreements(dcmqrscp(), population, plan, held))
    missed = [(query, each) for query, each in found if each.rule.id == "all-matches"]

    assert missed
    assert all(query.character_set == ("ISO_IR 192",) for query, _ in missed)


# A provider need not refuse what it cannot be asked in the baseline; these are the answers seen.
REFUSALS = {
    "orthanc": {"no-level": 0xC000, "unknown-level": 0xC000, "no-study-uid": 0x0000,
                "patient-level": 0x0000},
    "dcmqrscp": {"no-level": 0xA900, "unknown-level": 0xC000, "no-study-uid": 0xC000,
                 "patient-level": 0xC000},
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_systems_answer_to_requests_that_break_the_rules(name, request, plan):
    wrong = [query for query in plan if query.expect == "refusal"]
    seen = {
        query.id.rpartition(".")[2]: status
        for query, status, _ in asked(request.getfixturevalue(name)(), wrong)
    }

    assert seen == REFUSALS[name]
