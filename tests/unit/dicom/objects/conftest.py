"""Synthetic objects for the tests of this folder."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from pydicom import Dataset

from dicomtest.dicom.objects import KINDS, Placement, StudyPlan, Subject, build

Build = Callable[..., Dataset]


@pytest.fixture
def plan() -> StudyPlan:
    """A study of a patient whose name needs no character set."""
    return StudyPlan(
        Subject("ZZTEST^Anna", "DT-1", "19700102", "F"),
        study_uid="2.25.100",
        accession_number="A123",
        study_id="S1",
        study_date="20260303",
        study_time="101112",
        study_description="Synthetic study",
        referring_physician="Referring^Rita",
        request={"RequestedProcedureID": "RP1", "ScheduledProcedureStepID": "SPS1"},
    )


@pytest.fixture
def make(plan: StudyPlan) -> Build:
    """Build instance `number` of a kind, with images to refer to where it needs them."""

    def made(kind: str, number: int = 1, *, seed: int = 7, **options: object) -> Dataset:
        of = options.pop("plan", plan)
        assert isinstance(of, StudyPlan)
        if KINDS[kind].refers_to_images:
            options.setdefault("refers_to", [made("ct", 1, seed=seed, plan=of)])
        place = Placement(f"2.25.200{len(kind)}", 3, f"2.25.300{number}", number)
        return build(kind, of, place, rng=random.Random(seed), **options)  # type: ignore[arg-type]  # options are build's own

    return made
