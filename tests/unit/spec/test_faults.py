"""Faults on purpose: what a scenario may write, and how the simulated provider shows it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dicomtest import dimse
from dicomtest.actors.faults import FaultPlan
from dicomtest.checks import checks_for
from dicomtest.findings import Side
from dicomtest.spec.faults import REJECTIONS, STATUSES, Faults
from dicomtest.transactions import all_transactions

CT, MR, ECHO = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.1.1"
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"


def plan(**faults: object) -> FaultPlan:
    return FaultPlan(Faults.model_validate(faults))


@pytest.mark.parametrize(
    ("written", "status"),
    [("out-of-resources", 0xA700), ("A700", 0xA700), ("b000", 0xB000), ("0110", 0x0110),
     (110, 0x0110), *STATUSES.items()],
)  # fmt: skip
def test_a_status_is_written_by_name_or_in_hex(written: object, status: int) -> None:
    assert Faults.model_validate({"status": written}).status == status


@pytest.mark.parametrize(
    "wrong",
    [{}, {"times": 2}, {"status": "A7"}, {"status": "out-of-film"}, {"reject": "mood"},
     {"accept": "cta"}, {"transfer_syntaxes": "big"}, {"times": 0, "drop": True}, {"crash": True}],
)  # fmt: skip
def test_what_is_no_fault_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Faults.model_validate(wrong)


def test_a_fault_shows_as_often_as_it_is_told_to() -> None:
    made = plan(status="A700", skip=1, times=2)

    assert [made.status() for _ in range(5)] == [None, 0xA700, 0xA700, None, None]


@pytest.mark.parametrize("reason", REJECTIONS)
def test_every_reason_of_the_table_can_be_given(reason: str) -> None:
    made = plan(reject=reason, times=1)

    assert made.policy(dimse.Policy()).reject == REJECTIONS[reason]
    assert made.policy(dimse.Policy()).reject is None


def test_transfers_are_broken_off_in_two_ways() -> None:
    assert plan(abort="transfer").policy(dimse.Policy()).abort_after_bytes
    assert plan(drop=True).policy(dimse.Policy()).close_after_bytes
    assert plan(abort="association").policy(dimse.Policy()).abort
    assert plan(silent=True).policy(dimse.Policy()).silent
    assert plan(delay="2 s").policy(dimse.Policy()).answer_delay == 2


def test_only_some_contexts_are_accepted_but_always_verification() -> None:
    usual = [dimse.Supported(each, (EXPLICIT, IMPLICIT)) for each in (ECHO, CT, MR)]

    kept = plan(accept="ct").supported(usual)
    narrow = plan(transfer_syntaxes="implicit").supported(usual)

    assert [each.abstract_syntax for each in kept] == [ECHO, CT]
    assert {each.transfer_syntaxes for each in narrow} == {(IMPLICIT,)}


def test_commitment_fails_in_part_or_as_a_whole() -> None:
    assert [bool(plan(commit="partly").commitment_fails(n)) for n in range(4)] == [
        False, True, False, True,
    ]  # fmt: skip
    assert all(plan(commit="nothing").commitment_fails(n) for n in range(3))


def test_a_provider_that_goes_wrong_on_purpose_is_not_judged() -> None:
    usual = {each.judges for each in checks_for("store", {})}
    faulty = {each.judges for each in checks_for("store", {"faults": {"status": 0xA700}})}

    assert usual == {Side.SCU, Side.SCP}
    assert faulty == {Side.SCU}


def test_a_step_says_what_goes_wrong() -> None:
    store = all_transactions()["store"]
    parameters = store.parameters.model_validate(
        {"from": "modality", "to": "pacs", "faults": {"status": "A700", "times": 1}}
    )

    assert store.describe(parameters).endswith("; pacs answers A700, 1 times")
