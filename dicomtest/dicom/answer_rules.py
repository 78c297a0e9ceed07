"""Judging the answers to a C-FIND request over a known population, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydicom import Dataset

from dicomtest.dicom import answer_content, answer_form  # noqa: F401 - they register their rules
from dicomtest.dicom.answers import Answer, Case, Rule, Verdict, case_of, registered
from dicomtest.dicom.attribute_values import Values
from dicomtest.dicom.information_model import InformationModel
from dicomtest.dicom.matching import BASELINE, Agreement
from dicomtest.dicom.population import Population
from dicomtest.evidence import Exchange

__all__ = ["RULES", "Answer", "Case", "Rule", "Verdict", "answers_of", "case_of", "judge_answers"]

RULES: Mapping[str, Rule] = registered()


def judge_answers(
    population: Population,
    model: InformationModel,
    identifier: Dataset | Mapping[str, Values],
    responses: Iterable[Answer | Dataset],
    *,
    foreign_ok: bool = True,
    agreement: Agreement = BASELINE,
    complete: bool = True,
) -> list[Verdict]:
    """Apply every rule; the verdicts hold or do not hold, in order of the rules.

    `foreign_ok`: the provider may hold entities the population does not know. `complete`: the
    operation ended with Success. Raises ValueError for a request without a level.
    """
    case = case_of(
        population,
        model,
        identifier,
        responses,
        agreement=agreement,
        complete=complete,
        foreign_ok=foreign_ok,
    )
    return [Verdict(rule, each) for rule in RULES.values() for each in rule.function(case)]


def answers_of(exchange: Exchange) -> list[Answer]:
    """The Pending responses of a recorded C-FIND that carry an identifier.

    Raises what pydicom raises when the bytes of one are no data set.
    """
    return [
        Answer(each.data.dataset(), each.status or 0, f"answer {number}")
        for number, each in enumerate(exchange.pending, 1)
        if each.data is not None
    ]
