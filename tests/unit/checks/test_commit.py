"""Reports of storage commitment that come late."""

from __future__ import annotations

import pytest

from dicomtest.checks import all_checks
from dicomtest.dicom.attribute_values import data_set
from dicomtest.dicom.commitment_model import COMMITMENT, COMMITMENT_INSTANCE, Reference, report
from dicomtest.dicom.part10 import encoded
from dicomtest.evidence import Association, DataSetRef, Exchange, Player, Response, StepEvidence

EXPLICIT = "1.2.840.10008.1.2.1"


@pytest.mark.parametrize(("earlier", "holds"), [(["2.25.7"], True), ([], False)])
def test_a_report_on_a_request_of_another_scenario_is_known(earlier, holds):
    event_type, event = report("2.25.7", [Reference("1.2.3", "2.25.1")], [])
    exchange = Exchange(
        "N-EVENT-REPORT", 1, 1, COMMITMENT, COMMITMENT_INSTANCE, {"EventTypeID": event_type},
        DataSetRef(EXPLICIT, encoded(data_set(event), EXPLICIT)), [Response(0)],
        invoked_by="peer",
    )  # fmt: skip
    association = Association("a1", "acceptor", outcome="accepted", exchanges=[exchange])
    step = StepEvidence(
        "s", "2-commit", "commit", "modality", "pacs", {"pacs": Player("pacs", False, "P", "h", 1)},
        associations=[association], facts={"earlier": earlier},
    )  # fmt: skip
    (judgement,) = all_checks()["commit.transaction-known"].function(step)
    assert judgement.holds is holds
