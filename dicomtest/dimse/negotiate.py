"""The acceptor's side of association negotiation (PS3.8 7.1, PS3.7 Annex D)."""

from __future__ import annotations

from collections.abc import Sequence

from dicomtest.dimse.pdus import AssociateItems
from dicomtest.dimse.values import APPLICATION_CONTEXT, Policy, Supported
from dicomtest.evidence import Association, PresentationContext

Roles = dict[str, tuple[bool, bool]]


def refusal(
    items: AssociateItems, ae_title: str, policy: Policy, associations: int
) -> tuple[int, int, int] | None:
    """Give (result, source, reason) of PS3.8 Table 9-21 when the request is to be rejected.

    `associations` counts those open already.
    """
    if policy.reject is not None:
        return policy.reject
    if items.application_context != APPLICATION_CONTEXT:
        return 1, 1, 2
    if policy.check_called and items.called != ae_title.strip():
        return 1, 1, 7
    if not items.calling or (policy.calling is not None and items.calling not in policy.calling):
        return 1, 1, 3
    if associations >= policy.max_associations:
        return 2, 3, 2
    return None


def answer_contexts(items: AssociateItems, supported: Sequence[Supported]) -> Roles:
    """Fill in the answer to every proposed context; give the role items to send back.

    Result 3 for an unknown abstract syntax, 4 where no transfer syntax fits, 1 where neither
    role remains; the transfer syntax is the first of our own order that was proposed.
    """
    known = {each.abstract_syntax: each for each in supported}
    roles: Roles = {}
    for context in items.contexts:
        context.proposed_roles = items.roles.get(context.abstract_syntax)
        ours = known.get(context.abstract_syntax)
        if ours is None:
            context.result = 3
            continue
        fitting = [each for each in ours.transfer_syntaxes if each in context.proposed]
        if not fitting:
            context.result = 4
            continue
        answer = _roles(ours, context.proposed_roles)
        if answer == (False, False):
            context.result = 1
            continue
        context.result, context.accepted = 0, fitting[0]
        context.accepted_roles = answer
        if answer is not None:
            roles[context.abstract_syntax] = answer
    return roles


def _roles(ours: Supported, proposed: tuple[bool, bool] | None) -> tuple[bool, bool] | None:
    """Answer a role selection item: never more than was proposed (PS3.7 D.3.3.4)."""
    if proposed is None or (ours.scu_role is None and ours.scp_role is None):
        return None
    scu = ours.scu_role is not False and proposed[0]
    scp = bool(ours.scp_role) and proposed[1]
    return scu, scp


def describe(association: Association, items: AssociateItems) -> None:
    """Fill the evidence from the request."""
    association.calling_ae_title = association.requestor.ae_title = items.calling
    association.called_ae_title = items.called
    association.application_context = items.application_context
    association.contexts = items.contexts
    items.describe(association.requestor)
    items.note(association, "rq")
    names = [each.id for each in items.contexts]
    if len(set(names)) != len(names) or any(not each & 1 for each in names):
        association.notes["context_ids"] = names


def impossible_ids(contexts: Sequence[PresentationContext]) -> bool:
    """Whether context IDs are even or used twice (PS3.8 9.3.2.2): they cannot be answered."""
    names = [each.id for each in contexts]
    return len(set(names)) != len(names) or any(not each & 1 for each in names)
