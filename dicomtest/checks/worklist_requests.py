"""C-FIND of the Modality Worklist: what a modality asks (PS3.4 K.4.1.1.3.1, IHE RAD-5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dicomtest.checks import MUST, SCU, SHOULD, check
from dicomtest.checks.worklist import STEP
from dicomtest.evidence import Exchange, StepEvidence
from dicomtest.findings import Judgement, judge

if TYPE_CHECKING:
    from pydicom import Dataset

OURS = ("two-items", "foreign-key")
"""Probes in which the simulated modality breaks a rule on purpose."""
UNIVERSAL = ".any"
"""Queries in which it asks for everything, to see whether `*` is understood."""


def requests(step: StepEvidence) -> Iterator[tuple[Exchange, Dataset]]:
    """The worklist queries of the step with their identifiers, as far as they can be read."""
    deliberate = {each["id"] for each in step.facts.get("queries", ()) if each["category"] in OURS}
    for exchange in step.exchanges("C-FIND"):
        if exchange.data is not None and exchange.label not in deliberate:
            try:
                yield exchange, exchange.data.dataset()
            except Exception:  # whatever a sick request makes pydicom raise is found below
                continue


@check("worklist.scu-readable", judges=SCU, level=MUST, cites=("PS3.4 K.4.1.1.3", "PS3.5 7"),
       steps=STEP)  # fmt: skip
def the_request_has_an_identifier(step: StepEvidence) -> Iterator[Judgement]:
    """A worklist query has an identifier, a data set in the negotiated transfer syntax."""
    readable = [exchange for exchange, _ in requests(step)]
    for exchange in step.exchanges("C-FIND"):
        if exchange.data is None or exchange in readable:
            holds = exchange.data is not None
            yield judge(holds, expected="a data set", actual="none", at=exchange)


@check("worklist.scu-one-item", judges=SCU, level=MUST,
       cites=("PS3.4 C.2.2.2.6", "PS3.4 K.6.1.2.2"), steps=STEP,
       consequence="RIS refuse the query, or answer what was not asked.")  # fmt: skip
def the_sequence_has_one_item(step: StepEvidence) -> Iterator[Judgement]:
    """Scheduled Procedure Step Sequence of a request has at most one item."""
    from dicomtest.dicom.worklist_request import step_items

    for exchange, request in requests(step):
        count = step_items(request)
        if count is not None:
            yield judge(count <= 1, expected="one item", actual=count, at=exchange)


@check("worklist.scu-keys-in-place", judges=SCU, level=SHOULD, cites="PS3.4 K.6.1.2.2", steps=STEP,
       consequence="The query is not narrowed: the list shows every patient.")  # fmt: skip
def keys_of_the_step_are_in_its_sequence(step: StepEvidence) -> Iterator[Judgement]:
    """Keys of the scheduled step, such as Modality, stand in Scheduled Procedure Step Sequence
    and not beside it."""
    from dicomtest.dicom.worklist_request import misplaced

    for exchange, request in requests(step):
        wrong = misplaced(request)
        yield judge(not wrong, expected="in the sequence", actual=wrong, at=exchange)


@check("worklist.scu-no-level", judges=SCU, level=SHOULD, cites="PS3.4 K.4.1.1.3.1", steps=STEP)
def a_worklist_has_no_level(step: StepEvidence) -> Iterator[Judgement]:
    """A worklist query has no Query/Retrieve Level: the model has only one."""
    for exchange, request in requests(step):
        level = request.get("QueryRetrieveLevel")
        yield judge(
            "QueryRetrieveLevel" not in request, expected="absent", actual=level, at=exchange
        )


@check("worklist.scu-legal-keys", judges=SCU, level=MUST,
       cites=("PS3.4 C.2.2.2", "PS3.4 K.6.1.2.2"), steps=STEP,
       consequence="The RIS cannot know what was meant.")  # fmt: skip
def keys_are_asked_as_they_may_be(step: StepEvidence) -> Iterator[Judgement]:
    """A key is a single value, a range of dates or times, a list of UIDs, or has wild cards where
    its VR allows them."""
    from dicomtest.dicom.attribute_values import attributes_of
    from dicomtest.dicom.worklist_request import illegal_key, keys_with_places

    for exchange, request in requests(step):
        for name, key in keys_with_places(attributes_of(request)):
            wrong = illegal_key(name, key)
            yield judge(not wrong, expected=f"a legal {name}", actual=wrong, at=exchange)


@check("worklist.scu-required-matching", judges=SCU, level=SHOULD, cites="PS3.4 K.6.1.2.2",
       steps=STEP, consequence="With some RIS the list stays empty.")  # fmt: skip
def keys_are_asked_as_every_provider_matches(step: StepEvidence) -> Iterator[Judgement]:
    """Station, Modality and Patient ID are asked by single value, which is all that a provider has
    to match."""
    from dicomtest.dicom.attribute_values import attributes_of
    from dicomtest.dicom.worklist_request import beyond_required, keys_with_places

    for exchange, request in requests(step):
        for name, key in keys_with_places(attributes_of(request)):
            wrong = beyond_required(name, key)
            yield judge(not wrong, expected=f"a single {name}", actual=wrong, at=exchange)


@check("worklist.scu-character-set", judges=SCU, level=MUST,
       cites=("PS3.4 K.4.1.1.3.1", "PS3.5 6.1.2"), steps=STEP,
       consequence="Names beyond ASCII are not found.")  # fmt: skip
def text_is_in_the_declared_character_set(step: StepEvidence) -> Iterator[Judgement]:
    """Text of a request is encoded in its Specific Character Set, which is there if need be and
    never has zero length."""
    from dicomtest.dicom.worklist_request import character_set_faults

    for exchange, request in requests(step):
        wrong = list(character_set_faults(request))
        yield judge(not wrong, expected="text as declared", actual=wrong, at=exchange)


@check("worklist.scu-return-keys", judges=SCU, level=SHOULD, cites="IHE RAD TF-2 4.5.4.1.2",
       steps=STEP,
       consequence="Images lack the identifiers that link them to patient and order.")  # fmt: skip
def what_is_needed_later_is_asked_for(step: StepEvidence) -> Iterator[Judgement]:
    """A modality asks back what it has to put into its images and its performed procedure step."""
    from dicomtest.dicom.attribute_values import attributes_of
    from dicomtest.dicom.worklist_request import missing_return_keys

    for exchange, request in requests(step):
        missing = missing_return_keys(attributes_of(request))
        yield judge(not missing, expected="every key", actual=missing, at=exchange)


@check("worklist.scu-narrow", judges=SCU, level=SHOULD, cites="IHE RAD TF-2 4.5.4.1.2", steps=STEP,
       consequence="The whole department's list comes to every modality.")  # fmt: skip
def the_query_is_narrowed(step: StepEvidence) -> Iterator[Judgement]:
    """A query is patient based or broad as IHE describes them: it matches at least one of patient,
    accession number, requested procedure, station, Modality and date."""
    from dicomtest.dicom.attribute_values import attributes_of
    from dicomtest.dicom.matching import asks_only
    from dicomtest.dicom.worklist_request import keys_with_places

    for exchange, request in requests(step):
        if exchange.label.endswith(UNIVERSAL):
            continue
        keys = list(keys_with_places(attributes_of(request)))
        matched = [name for name, key in keys if not asks_only(key)]
        yield judge(bool(matched), expected="a key to match", actual="none", at=exchange)
