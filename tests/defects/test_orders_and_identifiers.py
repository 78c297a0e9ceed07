"""Orders by HL7, and identifiers on their way through an archive: defects are found."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from pydicom import Dataset

from dicomtest.findings import Outcome
from dicomtest.spec.site import Orders, System
from tests.defects.commitment import CommitmentSCP
from tests.defects.deviations import unproven
from tests.defects.matrix import Verdict, found, free_port, in_words, of, scenarios
from tests.defects.orders import DEFECTS, QUIRKS, OrderFiller
from tests.defects.workflow import judge

HERE = Path(__file__).parent
ORDERS = scenarios(str(HERE / "orders" / "orders.dicomtest.yaml"))
WORKFLOW = scenarios(str(HERE / "orders" / "identifiers.dicomtest.yaml"))


def ordered(system: type[OrderFiller], folder: Path) -> list[Verdict]:
    with system() as filler:
        orders = Orders(hl7=f"127.0.0.1:{filler.port}", timeout=0.5)
        ris = System(ae_title="RIS", host="127.0.0.1", port=free_port(), orders=orders, actor="ris")
        return judge({"ris": ris}, ORDERS, folder)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_bad_acknowledgement_is_found(name: str, tmp_path: Path) -> None:
    verdicts = ordered(DEFECTS[name].system, tmp_path)
    assert DEFECTS[name].caught_by <= found(verdicts), in_words(verdicts)


@pytest.mark.parametrize("name", ["", *QUIRKS])
def test_a_legal_acknowledgement_is_not_blamed(name: str, tmp_path: Path) -> None:
    verdicts = ordered(QUIRKS[name].system if name else OrderFiller, tmp_path)
    wrong = of(verdicts, Outcome.FAILED, Outcome.WARNED, Outcome.ERROR, Outcome.BLOCKED)
    assert not wrong, in_words(wrong)


def test_every_check_of_orders_has_a_defect() -> None:
    assert not unproven(("order.",), [DEFECTS])


class Renames(CommitmentSCP):
    """Gives images back under another patient."""

    def given_back(self, wanted: list[Dataset]) -> list[Dataset]:
        found = copy.deepcopy(wanted)
        for each in found:
            each.PatientID = "4711"
        return found


class Forgets(CommitmentSCP):
    """Gives images back without their request."""

    def given_back(self, wanted: list[Dataset]) -> list[Dataset]:
        found = copy.deepcopy(wanted)
        for each in found:
            each.AccessionNumber = ""
            del each.RequestAttributesSequence
        return found


class Misfiles(CommitmentSCP):
    """Answers queries with another accession number."""

    def shown(self, answer: Dataset) -> Dataset:
        answer.AccessionNumber = "4711"
        return answer


@pytest.mark.parametrize(
    ("system", "caught_by"),
    [
        (Renames, {"trace.retrieved"}),
        (Forgets, {"trace.retrieved-complete"}),
        (Misfiles, {"trace.answers"}),
        (CommitmentSCP, set()),
    ],
)
def test_identifiers_that_an_archive_changes_are_found(
    system: type[CommitmentSCP], caught_by: set[str], tmp_path: Path
) -> None:
    ports = {"workstation": free_port()}
    with system({"DT_WS": ports["workstation"]}) as scp:
        pacs = System(
            ae_title=scp.ae_title, host="127.0.0.1", port=scp.port, actor="pacs",
            serves=("store", "query", "move"),
        )  # fmt: skip
        verdicts = judge({"pacs": pacs}, WORKFLOW, tmp_path, ports=ports)
    traced = {each for each in found(verdicts) if each.startswith("trace.")}
    assert traced >= caught_by, in_words(verdicts)
    assert caught_by or not traced, in_words(verdicts)
