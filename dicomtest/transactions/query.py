"""query: C-FIND of the Query/Retrieve service (PS3.4 C.4.1), judged over a known population.

The step's instances are everything the provider has taken in this run. Facts for the checks:
    queries       [{id, category, model, level, keys, purpose, expect, only}] what was asked: one
                  exchange each, whose label is the id. `expect` is "judge" (the reference matcher
                  decides), "error" (the request breaks a rule), "cancel" or "empty"; `only` lists
                  Unique Keys of the answers a scenario wants to see, or is absent
    visible_after seconds until everything stored was found, or null when it never was
    missing       SOP Instance UIDs that were not found within the time limit
    coerced       {Study Instance UID: {keyword: [before, now]}} where the provider had said that it
                  changed something
    refused       information models for which no presentation context was accepted
"""

from __future__ import annotations

from collections import Counter
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from dicomtest.spec.steps import StepParameters
from dicomtest.transactions import transaction
from dicomtest.transactions.coercion import learn
from dicomtest.transactions.retrieval import FIND, entity

if TYPE_CHECKING:
    from dicomtest import dimse
    from dicomtest.evidence import Instance, StepEvidence
    from dicomtest.stage import Stage

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
FIND_WITHIN = 10.0  # seconds in which what was stored must be found, unless the step says more
PAUSE = 0.25  # seconds between two looks

Model = Literal["study", "patient"]
Level = Literal["PATIENT", "STUDY", "SERIES", "IMAGE"]
Probe = Literal[
    "missing-level", "wrong-level", "missing-upper-key", "upper-key-list", "cancel", "no-match"
]

RETURN_KEYS: dict[str, tuple[str, ...]] = {
    "PATIENT": (
        "PatientID", "PatientName", "PatientBirthDate", "PatientSex",
        "NumberOfPatientRelatedStudies", "NumberOfPatientRelatedSeries",
        "NumberOfPatientRelatedInstances",
    ),
    "STUDY": (
        "StudyInstanceUID", "StudyDate", "StudyTime", "AccessionNumber", "StudyID",
        "StudyDescription", "ReferringPhysicianName", "ModalitiesInStudy", "SOPClassesInStudy",
        "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances", "InstanceAvailability",
    ),
    "SERIES": (
        "SeriesInstanceUID", "Modality", "SeriesNumber", "SeriesDescription", "BodyPartExamined",
        "NumberOfSeriesRelatedInstances",
    ),
    "IMAGE": (
        "SOPInstanceUID", "SOPClassUID", "InstanceNumber", "Rows", "Columns", "BitsAllocated",
        "NumberOfFrames",
    ),
}  # fmt: skip
NEVER_ASKED = {"InstanceAvailability"}  # shall not be in a request (PS3.4 C.4.1.1.3.1)


class QueryParameters(StepParameters):
    """C-FIND over what the provider holds of this run."""

    level: Level | Literal["all"] = Field("STUDY", description="Query/Retrieve Level, or all")
    model: Model | Literal["both"] = Field("study", description="Study Root, Patient Root or both")
    study: tuple[str, ...] | str = Field((), description="names of saved studies to look for")
    order: str = Field("", description="name of the saved order whose study to look for")
    keys: dict[str, Any] = Field(
        default_factory=dict, description="matching keys by attribute keyword; empty: return only"
    )
    expect: tuple[str, ...] | None = Field(
        None, description="names of the saved studies the answers must belong to, and no other"
    )
    absent: tuple[str, ...] = Field(
        (), description="names of saved studies whose transfer was broken off: not to be found"
    )
    matching: bool = Field(False, description="try every kind of matching, one query each")
    probes: tuple[Probe, ...] = Field((), description="what else to try")
    optional: bool = Field(False, description="a system may well not offer this")

    def uses(self) -> list[str]:
        """The names it needs."""
        return [
            *self.names,
            *self.absent,
            *(self.expect or ()),
            *([self.order] if self.order else []),
        ]

    @property
    def names(self) -> tuple[str, ...]:
        """The saved studies, as a tuple."""
        return (self.study,) if isinstance(self.study, str) else self.study

    @property
    def models(self) -> tuple[Model, ...]:
        """The models, as a tuple."""
        return ("study", "patient") if self.model == "both" else (self.model,)

    def levels(self, model: Model) -> tuple[Level, ...]:
        """The levels to query in a model."""
        if self.level != "all":
            return (self.level,)
        every: tuple[Level, ...] = ("PATIENT", "STUDY", "SERIES", "IMAGE")
        return every if model == "patient" else every[1:]


def describe(parameters: QueryParameters) -> str:
    """The step in words."""
    roots = " and ".join(f"{each.capitalize()} Root" for each in parameters.models)
    words = f"query {parameters.to} ({roots}, {parameters.level})"
    if parameters.matching:
        words += ", every kind of matching"
    if parameters.keys:
        words += f" by {', '.join(parameters.keys)}"
    if parameters.probes:
        words += f"; {', '.join(parameters.probes)}"
    return words


@transaction("query", parameters=QueryParameters, describe=describe)
def carry_out(stage: Stage, parameters: QueryParameters, step: StepEvidence) -> None:
    """Wait until what was stored is there, then ask everything once."""
    from dicomtest import dimse

    known = stage.run.stored.get(parameters.to, [])
    names = parameters.names or ((parameters.order,) if parameters.order else ())
    looked_for = [each for name in names for each in stage.known(name).instances] or known
    step.instances = list(known)
    step.facts.update(queries=[], visible_after=None, missing=[], refused=[])
    scu = stage.run.casting.started(parameters.from_)
    remote = stage.run.casting.remote(parameters.to, step.kind)
    models: list[Model] = list(parameters.models)
    if stage.run.coerced and "study" not in models:
        models.append("study")  # a Patient ID that has become another one is found there
    proposals = [dimse.Proposal(FIND[each], (EXPLICIT, IMPLICIT)) for each in models]
    with scu.associate(remote, proposals, label="query", **stage.options(parameters)) as peer:
        usable = [each for each in parameters.models if peer.association.accepted(FIND[each])]
        step.facts["refused"] = [each for each in parameters.models if each not in usable]
        first = usable[0] if usable else parameters.models[0]
        if not stage.usable(peer, FIND[first], "C-FIND", parameters, step):
            return
        first = "study" if peer.association.accepted(FIND["study"]) else first
        if looked_for:
            _wait_until_visible(peer, first, looked_for, step, parameters.within or FIND_WITHIN)
            coerced = [each for each in looked_for if each.sop_instance in stage.run.coerced]
            step.facts["coerced"] = learn(peer, FIND[first], coerced)
            stage.run.coerced.difference_update(each.sop_instance for each in coerced)
        for query in plan(stage, parameters, usable, looked_for):
            if not peer.established:
                step.problem = f"the association ended: {peer.association.ended}"
                return
            ask(peer, query, step)


def ask(peer: dimse.Requestor, query: dict[str, Any], step: StepEvidence) -> None:
    """Send one query and note it."""
    step.facts["queries"].append(query)
    peer.find(
        FIND[query["model"]],
        identifier_of(query["level"], query["keys"], tuple(query.get("character_set", ()))),
        cancel_after=1 if query["expect"] == "cancel" else None,
        label=query["id"],
    )


def identifier_of(
    level: str | None, keys: dict[str, Any], character_set: tuple[str, ...] = ()
) -> Any:
    """The request identifier; Specific Character Set only where a key needs it."""
    from dicomtest.dicom.attribute_values import data_set, fitting_character_set, from_json

    attributes = from_json(keys)
    identifier = data_set(attributes, fitting_character_set(attributes, character_set or None))
    if level is not None:
        identifier.QueryRetrieveLevel = level
    return identifier


def plan(
    stage: Stage, parameters: QueryParameters, models: list[Model], looked_for: list[Instance]
) -> list[dict[str, Any]]:
    """What to ask, in order."""
    queries: list[dict[str, Any]] = []
    for model in models:
        for level in parameters.levels(model):
            if not parameters.matching and (
                parameters.names or parameters.order or parameters.keys
            ):
                queries += _presence(parameters, model, level, looked_for)
        if parameters.matching:
            queries += _matching(stage, parameters, model, looked_for)
        for probe in parameters.probes:
            queries += _probe(probe, model, looked_for, stage)
    for name in parameters.absent:
        queries += _absent(stage, name, models)
    for number, query in enumerate(queries, 1):
        query.setdefault("id", f"{number}.{query['category']}")
    if parameters.expect is not None:
        _add_expected(stage, parameters, queries)
    return queries


def _add_expected(stage: Stage, parameters: QueryParameters, queries: list[dict[str, Any]]) -> None:
    wanted = [each for name in parameters.expect or () for each in stage.known(name).instances]
    for query in queries:
        if query["expect"] == "judge":
            query["only"] = sorted({entity(each, query["level"]) for each in wanted})


def _presence(
    parameters: QueryParameters, model: Model, level: Level, instances: list[Instance]
) -> list[dict[str, Any]]:
    """One query for each parent of what is looked for, asking back the usual keys."""
    own = dict.fromkeys(_return_keys(model, level), "")
    given = {name: resolved(value) for name, value in parameters.keys.items()}
    if given:
        return [_query("keys", model, level, {**own, **given}, "the keys of the scenario")]
    queries = []
    for above in parents(model, level, instances):
        keys = {**own, **above}
        unique = _unique(level)
        if level in ("PATIENT", "STUDY"):
            for value in dict.fromkeys(entity(each, level) for each in instances):
                queries.append(
                    _query("presence", model, level, {**keys, unique: value}, "what was stored")
                )
            break
        queries.append(_query("presence", model, level, keys, "what was stored"))
    return queries


def _absent(stage: Stage, name: str, models: list[Model]) -> list[dict[str, Any]]:
    """Look for instances that were not sent to their end."""
    return [
        _query("absent", model, "IMAGE", {**above, "SOPInstanceUID": ""}, "broken off", "absent")
        | {"unwanted": [each.sop_instance for each in stage.known(name).broken_off]}
        for model in models[:1]
        for above in parents(model, "IMAGE", stage.known(name).broken_off)
    ]


def parents(model: Model, level: Level, instances: list[Instance]) -> list[dict[str, str]]:
    """The Unique Keys of the levels above, once for each parent of these instances."""
    above = ["PATIENT", "STUDY", "SERIES", "IMAGE"]
    above = above[0 if model == "patient" else 1 : above.index(level)]
    if level in ("PATIENT", "STUDY"):
        above = above if level == "STUDY" else []
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for each in instances:
        keys = {_unique(name): entity(each, name) for name in above}
        found.setdefault(tuple(keys.values()), keys)
    return list(found.values())


def resolved(value: Any) -> Any:
    """A key as the scenario gives it; `today` is a date."""
    from datetime import date

    if value == "today":
        return date.today().strftime("%Y%m%d")
    return "" if value is None else value


def _return_keys(model: Model, level: Level) -> list[str]:
    keys = list(RETURN_KEYS[level])
    if model == "study" and level == "STUDY":
        keys = [*RETURN_KEYS["PATIENT"][:4], *keys]
    return [each for each in keys if each not in NEVER_ASKED]


def _unique(level: str) -> str:
    return {
        "PATIENT": "PatientID",
        "STUDY": "StudyInstanceUID",
        "SERIES": "SeriesInstanceUID",
        "IMAGE": "SOPInstanceUID",
    }[level]


def _query(
    category: str, model: str, level: str | None, keys: dict[str, Any], purpose: str,
    expect: str = "judge",
) -> dict[str, Any]:  # fmt: skip
    return {
        "category": category,
        "model": model,
        "level": level,
        "keys": keys,
        "purpose": purpose,
        "expect": expect,
    }


def _matching(
    stage: Stage, parameters: QueryParameters, model: Model, instances: list[Instance]
) -> list[dict[str, Any]]:
    from dicomtest.dicom.query_plan import plan_queries

    return [
        {
            **_query(each.category, model, str(each.level), dict(each.keys), each.purpose),
            "id": each.id,
            "purpose_zh": each.purpose_zh,
            "character_set": list(each.character_set),
        }
        for each in plan_queries(
            instances, model, levels=parameters.levels(model), prefix=stage.run.site.patient_prefix
        )
    ]


def _probe(
    probe: Probe, model: Model, instances: list[Instance], stage: Stage
) -> list[dict[str, Any]]:
    """The queries of one probe; none when there is nothing to try it with."""
    if not instances:
        return []
    first = instances[0]
    study: dict[str, Any] = {"StudyInstanceUID": first.study}
    series: dict[str, Any] = {"SeriesInstanceUID": first.series}
    patient: dict[str, Any] = {"PatientID": first.patient_id} if model == "patient" else {}
    image = {"SOPInstanceUID": "", "InstanceNumber": ""}
    if probe == "missing-level":
        words = "no Query/Retrieve Level"
        return [_query(probe, model, None, {**patient, **study}, words, "error")]
    if probe == "wrong-level":
        return [_query(probe, model, "FRAME", {**patient, **study}, "no such level", "error")]
    if probe == "missing-upper-key":
        keys = {**series, "Modality": ""}
        return [_query(probe, model, "SERIES", keys, "the study is not named", "error")]
    if probe == "upper-key-list":
        keys = {**patient, "StudyInstanceUID": [first.study, stage.uids.new()], **series}
        return [_query(probe, model, "SERIES", keys, "two studies are named", "error")]
    if probe == "cancel":
        most = Counter(each.series for each in instances).most_common(1)[0][0]
        first = next(each for each in instances if each.series == most)
        study, series = {"StudyInstanceUID": first.study}, {"SeriesInstanceUID": most}
        patient = {"PatientID": first.patient_id} if model == "patient" else {}
        keys = {**patient, **study, **series, **image}
        return [_query(probe, model, "IMAGE", keys, "cancelled", "cancel")]
    nobody = {**patient, "StudyInstanceUID": stage.uids.new(), "StudyDate": ""}
    return [_query(probe, model, "STUDY", nobody, "a study that does not exist", "empty")]


def _wait_until_visible(
    peer: dimse.Requestor,
    model: Model,
    instances: list[Instance],
    step: StepEvidence,
    seconds: float,
) -> None:
    """Look until every instance is found; an archive may index after it has answered."""
    started = monotonic()
    left = {each.sop_instance: each for each in instances}
    while left and peer.established:
        for above in parents(model, "IMAGE", list(left.values())):
            exchange = peer.find(
                FIND[model], identifier_of("IMAGE", {**above, "SOPInstanceUID": ""}), label="look"
            )
            for response in exchange.pending:
                uid = _sop_instance(response)
                left.pop(uid, None)
        waited = monotonic() - started
        if not left:
            step.facts["visible_after"] = round(waited, 3)
        elif waited >= seconds:
            break
        else:
            sleep(PAUSE)
    step.facts["missing"] = sorted(left)


def _sop_instance(response: Any) -> str:
    from dicomtest.dicom.vr_encoding import as_encoded

    if response.data is None:
        return ""
    try:
        return str(as_encoded(response.data).dataset().get("SOPInstanceUID", "")).strip()
    except (ValueError, KeyError, EOFError, OSError):
        return ""  # what does not decode is found by the checks
