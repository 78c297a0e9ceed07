"""What a simulated RIS schedules: added, changed and cancelled at any time, and a lot of it."""

from __future__ import annotations

from functools import cache
from time import process_time

import pytest

from dicomtest.actors.worklist import Orders
from dicomtest.dicom.attribute_values import data_set, from_json
from dicomtest.dicom.orders import Wish, plan_order, rescheduled, text
from dicomtest.dicom.patients import patient
from dicomtest.dicom.uids import UidFactory
from dicomtest.dicom.worklist_keys import nested
from dicomtest.studies import subject_of

STATIONS, DAYS = 20, 25
MANY = 10_000


@cache
def ordered():
    """One order, from which all others are made."""
    wish = Wish(("CT HEAD",), "CT0", "20261101", "120000")
    (made,) = plan_order(subject_of(patient(1, 1)), UidFactory("u"), 1, wish).items()
    return made


def item(number: int):
    """A worklist item; equal numbers make equal ones."""
    return rescheduled(
        ordered(),
        StudyInstanceUID=f"2.25.{number + 1}",
        ScheduledProcedureStepID=f"S{number}",
        PatientID=f"P{number % 500}",
        ScheduledStationAETitle=f"CT{number % STATIONS}",
        ScheduledProcedureStepStartDate=f"202611{1 + number // STATIONS % DAYS:02d}",
    )


def found(orders: Orders, **keys: str) -> list[str]:
    asked = {"ScheduledProcedureStepID": "", **keys}
    answers = orders.find(data_set(from_json(nested(asked))))
    assert answers is not None
    return [
        str(each.identifier.ScheduledProcedureStepSequence[0].ScheduledProcedureStepID)
        for each in answers
    ]


def step_id(made) -> str:
    return text(made, "ScheduledProcedureStepID")


@pytest.fixture(scope="module")
def full() -> Orders:
    """Ten thousand scheduled steps."""
    orders = Orders()
    orders.schedule(item(number) for number in range(MANY))
    return orders


def test_a_station_finds_its_day_among_ten_thousand_steps(full):
    began = process_time()
    lists = [
        found(
            full,
            ScheduledStationAETitle=f"CT{number % STATIONS}",
            ScheduledProcedureStepStartDate=f"202611{1 + number % DAYS:02d}",
        )
        for number in range(50)
    ]
    seconds = process_time() - began

    assert {len(each) for each in lists} == {MANY // STATIONS // DAYS}
    assert seconds < 3.0, seconds  # looking at every step takes four times as long


def test_a_day_and_a_patient_are_found_among_ten_thousand_steps(full):
    began = process_time()
    day = found(full, ScheduledProcedureStepStartDate="20261103")
    one = found(full, PatientID=text(item(7), "PatientID"))
    nobody = found(full, PatientID="NOBODY")
    seconds = process_time() - began

    assert (len(day), len(one), len(nobody)) == (MANY // DAYS, MANY // 500, 0)
    assert seconds < 2.0


def test_a_change_is_answered_and_the_old_state_is_not():
    orders, made = Orders(), item(1)
    orders.schedule([made, item(2)])

    orders.schedule([rescheduled(made, ScheduledProcedureStepStartDate="20270101")])

    assert len(orders) == 2
    assert found(orders, ScheduledProcedureStepStartDate="20270101") == [step_id(made)]
    assert step_id(made) not in found(orders, ScheduledProcedureStepStartDate="-20261231")


@pytest.mark.parametrize(
    ("status", "listed"),
    [("STARTED", True), ("COMPLETED", False), ("DISCONTINUED", False), ("CANCELED", False)],
)
def test_what_is_over_is_not_listed(status, listed):
    orders, made = Orders(), item(1)
    orders.schedule([made])

    known = orders.set_status(text(made, "StudyInstanceUID"), step_id(made), status)

    assert known
    assert found(orders) == ([step_id(made)] if listed else [])
    assert orders.status(text(made, "StudyInstanceUID"), step_id(made)) == status


def test_what_was_removed_leaves_no_trace():
    orders, made = Orders(), item(1)
    orders.schedule([made])
    orders.remove([made, item(2)])

    assert len(orders) == 0
    assert found(orders, PatientID=text(made, "PatientID")) == []
    assert not orders.set_status(text(made, "StudyInstanceUID"), step_id(made), "CANCELED")
