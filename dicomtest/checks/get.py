"""C-GET (PS3.4 C.4.3): what it alone asks; the rest is shared with C-MOVE."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, check, retrieve_table, unchanged
from dicomtest.checks.retrieved import request, sub_operations
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Judgement, judge

STEP = "get"
retrieve_table.register(STEP)
unchanged.register(STEP)


@check("get.same-association", judges=SCP, level=MUST, cites="PS3.4 C.4.3.3.1", steps=STEP)
def sub_operations_come_on_the_same_association(step: StepEvidence) -> Iterator[Judgement]:
    """The C-STORE sub-operations come on the association of the C-GET."""
    request(step)
    for association in step.associations:
        if association.of("C-GET"):
            yield judge(True, at=association)
        elif association.of("C-STORE"):
            yield judge(
                False,
                expected="no association but that of the C-GET",
                actual=f"{len(association.of('C-STORE'))} C-STORE requests on another",
                at=association,
            )


@check(
    "get.role-selection",
    judges=SCP,
    level=MUST,
    cites=("PS3.7 D.3.3.4", "PS3.4 C.5.3"),
    steps=STEP,
    consequence="No image can come back on this association.",
)
def the_role_of_storage_scp_is_granted(step: StepEvidence) -> Iterator[Judgement]:
    """For an accepted storage SOP class, the proposed role of SCP is granted to the requestor."""
    for association in step.associations:
        if association.outcome != "accepted" or association.seen_from != "requestor":
            continue
        if not association.accepted(step.facts.get("get_class", "")):
            continue
        for context in association.contexts:
            if context.proposed_roles is None or context.result != 0:
                continue
            granted = context.accepted_roles
            yield judge(
                granted is not None and granted[1],
                expected="SCP role granted",
                actual="no answer" if granted is None else f"SCU, SCP = {granted}",
                at=f"association {association.id}, {context.abstract_syntax}",
            )


@check("get.context-of-sub-operation", judges=SCP, level=MUST, cites="PS3.4 C.4.3.3.1", steps=STEP)
def sub_operations_use_accepted_contexts(step: StepEvidence) -> Iterator[Judgement]:
    """Each sub-operation uses an accepted presentation context of its own SOP class."""
    for each in sub_operations(step):
        context = step.association_of(each).context(each.context_id)
        fits = context is not None and context.result == 0
        yield judge(
            fits and context is not None and context.abstract_syntax == each.sop_class,
            expected=f"an accepted context for {each.sop_class}",
            actual=f"context {each.context_id}"
            + (f" for {context.abstract_syntax}" if context else ", which does not exist"),
            at=each,
        )


@check("get.role-of-sub-operation", judges=SCP, level=MUST, cites="PS3.7 D.3.3.4", steps=STEP)
def sub_operations_keep_to_the_roles(step: StepEvidence) -> Iterator[Judgement]:
    """C-STORE requests come only on presentation contexts for which the system has granted the
    requestor the role of SCP."""
    for each in sub_operations(step):
        association = step.association_of(each)
        context = association.context(each.context_id)
        if context is None or association.seen_from != "requestor":
            continue
        granted = context.accepted_roles
        yield judge(
            granted is not None and granted[1],
            expected="SCP role granted",
            actual="no answer to the proposed role" if granted is None else f"SCU, SCP = {granted}",
            at=each,
        )
