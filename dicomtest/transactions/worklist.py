"""worklist: C-FIND of the Modality Worklist (PS3.4 Annex K), judged over what was ordered.

Facts for the checks:
    queries        [{id, category, keys, purpose, expect, only}] what was asked: one exchange each,
                   whose label is the id. `expect` is "judge" (the reference matcher decides),
                   "empty", "again", "refusal", or "cancel", "unknown-key" and "foreign-key" with
                   `matches`, the number of answers there should be; `only` lists [Study Instance
                   UID, Scheduled Procedure Step ID] of the steps a scenario wants to see
    items          [{order, number, exact, cancelled, may_be_gone, item}] every scheduled step of
                   this scenario as it is now to be, by attribute keyword
    looked_for     names of the orders that were waited for
    visible_after  seconds until everything was as it is to be, or null when it never was
    missing        [[order, number]] steps that did not appear, or not as they are to be
    lingering      [[order, number]] cancelled steps that did not disappear
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, field_validator

from dicomtest.spec.base import Filled, OneOrMore
from dicomtest.spec.steps import StepParameters
from dicomtest.spec.words import unknown, wrong
from dicomtest.transactions import transaction
from dicomtest.transactions import worklist_probes as probes
from dicomtest.transactions.worklist_look import WORKLIST, Look, identity, look
from dicomtest.transactions.worklist_probes import Probe, query_of

if TYPE_CHECKING:
    from dicomtest import dimse
    from dicomtest.evidence import Exchange, StepEvidence
    from dicomtest.saved import SavedOrder
    from dicomtest.stage import Stage

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
FIND_WITHIN = 10.0  # seconds in which an order must be in the worklist, unless the step says more


class WorklistParameters(StepParameters):
    """C-FIND of the Modality Worklist over what was ordered in this scenario."""

    keys: dict[str, Any] = Field(
        default_factory=dict,
        description="matching keys by attribute keyword; those of the scheduled step as well",
    )
    expect: Annotated[tuple[Filled, ...] | None, OneOrMore] = Field(
        None, description="names of the saved orders that are answered, and no other of this run"
    )
    absent: Annotated[tuple[Filled, ...], OneOrMore] = Field(
        (), description="names of saved orders that must not be in the worklist (any more)"
    )
    matching: bool | tuple[str, ...] = Field(
        False, description="try every kind of matching, one query each; or the kinds to try"
    )
    probes: tuple[Probe, ...] = Field((), description="what else to try")
    optional: bool = Field(False, description="a system may well not offer this")

    @field_validator("keys")
    @classmethod
    def _of_the_dictionary(cls, keys: dict[str, Any]) -> dict[str, Any]:
        from dicomtest.dicom.attribute_values import vr_of
        from dicomtest.dicom.worklist_model import WORKLIST_KEYS

        for name in keys:
            if vr_of(name) == "UN":
                known = [each.keyword for each in WORKLIST_KEYS]
                raise wrong(*unknown("attribute keyword", name, known))
        return keys

    @field_validator("matching")
    @classmethod
    def _known_kinds(cls, kinds: bool | tuple[str, ...]) -> bool | tuple[str, ...]:
        from dicomtest.dicom.worklist_plan import CATEGORIES

        for kind in kinds if isinstance(kinds, tuple) else ():
            if kind not in CATEGORIES:
                raise wrong(*unknown("kind of matching", kind, CATEGORIES))
        return kinds

    def uses(self) -> list[str]:
        """The names it needs."""
        return [*(self.expect or ()), *self.absent]


def describe(parameters: WorklistParameters) -> str:
    """The step in words."""
    words = f"worklist query to {parameters.to}"
    if parameters.matching is True:
        words += ", every kind of matching"
    elif parameters.matching:
        words += f", matching by {', '.join(parameters.matching)}"
    if parameters.keys:
        words += f" by {', '.join(parameters.keys)}"
    if parameters.probes:
        words += f"; {', '.join(parameters.probes)}"
    return words


@transaction("worklist", parameters=WorklistParameters, describe=describe)
def carry_out(stage: Stage, parameters: WorklistParameters, step: StepEvidence) -> None:
    """Wait until what was ordered is there, then ask everything once."""
    from dicomtest import dimse
    from dicomtest.saved import SavedOrder

    orders = {name: each for name, each in stage.saved.items() if isinstance(each, SavedOrder)}
    step.facts.update(
        queries=[], items=items_of(orders), looked_for=[], visible_after=None, missing=[],
        lingering=[],
    )  # fmt: skip
    for name in parameters.uses():
        if name not in orders:
            step.problem = f"{name} is a study, not an order"
            return
    scu = stage.run.casting.started(parameters.from_)
    remote = stage.run.casting.remote(parameters.to, step.kind)
    proposals = [dimse.Proposal(WORKLIST, (EXPLICIT, IMPLICIT))]
    with scu.associate(remote, proposals, label="worklist") as peer:
        if not stage.usable(peer, WORKLIST, "the Modality Worklist", parameters, step):
            return
        seconds = parameters.within or FIND_WITHIN
        if not parameters.faults:  # nothing need be there
            look(peer, Look(orders, stage.patient_prefix, seconds), step)
        step.facts["items"] = items_of(orders)
        for query in _plan(stage, parameters, scu.ae_title, step):
            if not peer.established:
                step.problem = f"the association ended: {peer.association.ended}"
                return
            ask(peer, query, step)


def ask(peer: dimse.Requestor, query: dict[str, Any], step: StepEvidence) -> Exchange:
    """Send one query and note it."""
    step.facts["queries"].append(query)
    return peer.find(
        WORKLIST,
        identifier_of(query["keys"], tuple(query.get("character_set", ()))),
        cancel_after=1 if query["expect"] == "cancel" else None,
        label=query["id"],
    )


def identifier_of(keys: dict[str, Any], character_set: tuple[str, ...] = ()) -> Any:
    """The request identifier; Specific Character Set only where a key needs it."""
    from dicomtest.dicom.attribute_values import data_set, fitting_character_set, from_json

    attributes = from_json(keys)
    return data_set(attributes, fitting_character_set(attributes, character_set or None))


def items_of(orders: dict[str, SavedOrder]) -> list[dict[str, Any]]:
    """Every scheduled step of these orders as it is now to be, for the facts."""
    return [
        {
            "order": name,
            "number": number,
            "exact": order.exact,
            "cancelled": order.cancelled,
            "may_be_gone": None in order.performed or number in order.performed,
            "item": scheduled if order.exact else order.item(number),
        }
        for name, order in orders.items()
        for number, scheduled in enumerate(order.scheduled)
    ]


def _plan(
    stage: Stage, parameters: WorklistParameters, ae_title: str, step: StepEvidence
) -> list[dict[str, Any]]:
    """What to ask, in order."""
    from dicomtest.dicom.worklist_keys import nested, universal

    given = {name: resolved(stage, ae_title, value) for name, value in parameters.keys.items()}
    queries = []
    items = step.facts["items"]
    ours = all(each.startswith(stage.patient_prefix) for each in _names(items))
    if given or parameters.expect is not None:
        # Orders that were there before have names of their own: then everything is asked for.
        keys = given or ({"PatientName": f"{stage.patient_prefix}*"} if ours else {})
        asked = nested({**universal(), **keys})
        queries.append(query_of("keys", asked, _words(parameters.keys, ours=ours)))
        if parameters.expect is not None:
            as_told = ours and not any(
                each.kind == "order" and (each.not_run or each.problem) for each in stage.evidence
            )
            queries[0]["only"] = [
                identity(each["item"])
                for each in items
                if (each["order"] in parameters.expect if as_told else _matches(each, asked))
            ]
    if parameters.matching:
        kinds = () if parameters.matching is True else parameters.matching
        queries += [
            each for each in _matching(stage, step) if not kinds or each["category"] in kinds
        ]
    for probe in parameters.probes:
        queries += probes.queries(probe, stage, step.facts["items"])
    for number, query in enumerate(queries, 1):
        query.setdefault("id", f"{number}.{query['category']}")
    return queries


def _words(keys: dict[str, Any], *, ours: bool) -> str:
    """The keys of a scenario as it gives them."""
    given = ", ".join(f"{name} {value}" for name, value in keys.items())
    return given or ("the patients of this run" if ours else "nothing: all that is scheduled")


def _names(items: list[dict[str, Any]]) -> list[str]:
    """The patients' names of scheduled steps."""
    from dicomtest.dicom.orders import text

    return [text(each["item"], "PatientName") for each in items]


def _matches(known: dict[str, Any], keys: dict[str, Any]) -> bool:
    """Whether the answer to a query has to hold a step, whatever the scenario hoped to order."""
    from dicomtest.dicom.attribute_values import from_json
    from dicomtest.dicom.matching import WORKLIST as AGREEMENT
    from dicomtest.dicom.matching import match
    from dicomtest.dicom.three_valued import Match
    from dicomtest.dicom.worklist_keys import narrowing

    found = match(narrowing(from_json(keys)), from_json(known["item"]), AGREEMENT).match
    return not known["cancelled"] and found is Match.MATCH


def _matching(stage: Stage, step: StepEvidence) -> list[dict[str, Any]]:
    """One query for every kind of matching; at a site in use, only about our patients."""
    from dicomtest.dicom.attribute_values import from_json
    from dicomtest.dicom.worklist_plan import plan_worklist

    in_use = stage.run.site.environment == "production"
    within = {"PatientName": f"{stage.patient_prefix}*"} if in_use else {}
    items = [from_json(each["item"]) for each in step.facts["items"] if not each["cancelled"]]
    return [
        {
            **query_of(each.category, dict(each.keys), each.purpose),
            "id": each.id,
            "purpose_zh": each.purpose_zh,
            "character_set": list(each.character_set),
        }
        for each in plan_worklist(items, within)
    ]


def resolved(stage: Stage, ae_title: str, value: Any) -> Any:
    """A key as the scenario gives it; `today` is a date, `own` our AE title."""
    if value == "today":
        return stage.today.strftime("%Y%m%d")
    if value == "own":
        return ae_title
    return "" if value is None else value
