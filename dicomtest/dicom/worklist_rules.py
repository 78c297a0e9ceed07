"""Judging the answers to a worklist query over known scheduled steps, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dicomtest.dicom import worklist_content, worklist_form  # noqa: F401 - they register their rules
from dicomtest.dicom.worklist_answers import Known, WorklistCase, WorklistRule, registered
from dicomtest.findings import Judgement

__all__ = ["RULES", "Known", "WorklistCase", "WorklistRule", "judge_worklist"]

RULES: Mapping[str, WorklistRule] = registered()


def judge_worklist(case: WorklistCase) -> Iterator[tuple[WorklistRule, Judgement]]:
    """Apply every rule; what holds and what does not, in order of the rules."""
    for rule in RULES.values():
        for judgement in rule.function(case):
            yield rule, judgement
