"""Which presentation contexts a system accepts: asked by negotiation only, no data is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from dicomtest import dimse
from dicomtest.preflight.remarks import INFO, OK, WARN, Remark
from dicomtest.spec.names import SHORT_NAMES, keyword_of, sop_class_uid, storage_classes

if TYPE_CHECKING:
    from dicomtest.spec.profile import Profile

MOST_CONTEXTS = 128  # odd IDs from 1 to 255 (PS3.8 9.3.2.2)

MODELS = {
    "Patient Root": "PatientRootQueryRetrieveInformationModel",
    "Study Root": "StudyRootQueryRetrieveInformationModel",
}
OPERATIONS = ("Find", "Move", "Get")


@dataclass
class Accepted:
    """What was accepted: SOP class UID -> transfer syntax UIDs; and how often it went wrong."""

    syntaxes: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    problem: str = ""

    def takes(self, sop_class: str) -> bool:
        """Whether the class is accepted with any transfer syntax."""
        return bool(self.syntaxes.get(sop_class))


def negotiate(
    remote: dimse.Remote,
    calling: str,
    recorder: dimse.Recorder,
    limits: dimse.Limits,
    wanted: Iterable[tuple[str, str]],
) -> Accepted:
    """Propose every (SOP class, transfer syntax) in a context of its own, 128 at a time."""
    accepted = Accepted()
    rest = iter(wanted)
    while batch := list(islice(rest, MOST_CONTEXTS)):
        accepted.asked += [sop_class for sop_class, _ in batch]
        with dimse.associate(
            remote,
            calling=calling,
            proposals=[dimse.Proposal(each, (syntax,)) for each, syntax in batch],
            recorder=recorder,
            limits=limits,
            label="which presentation contexts are accepted",
        ) as requestor:
            association = requestor.association
            for context in association.contexts:
                if context.result == 0 and context.accepted is not None:
                    found = accepted.syntaxes.setdefault(context.abstract_syntax, [])
                    found.append(context.accepted)
        recorder.take()
        if association.outcome != "accepted":
            accepted.problem = f"{association.outcome}: {association.why}"
            break  # the rest would hardly do better, and would fill the system's log
    accepted.asked = list(dict.fromkeys(accepted.asked))
    return accepted


def storage_contexts(profile: Profile) -> Iterator[tuple[str, str]]:
    """What a device of that profile may propose as a Storage SCU, pair by pair."""
    classes = set(storage_classes())
    for each in profile.in_role("scu"):
        if each.uid in classes:
            yield from ((each.uid, syntax) for syntax in each.transfer_syntaxes)


def storage_remarks(accepted: Accepted, claimed: Collection[str] | None) -> Iterator[Remark]:
    """How much of it is accepted; what of it the scenarios will miss."""
    if accepted.problem:
        yield Remark(
            WARN,
            f"storage: an association with many presentation contexts failed: {accepted.problem}",
            "the run proposes few at a time; look in the system's log all the same",
        )
        if not accepted.syntaxes:
            return
    taken = [each for each in accepted.asked if accepted.takes(each)]
    what = f"storage: {len(taken)} of {len(accepted.asked)} SOP classes accepted"
    yield Remark(OK if taken else WARN, what, detail="\n".join(_class_lines(accepted)))
    if taken:
        yield Remark(INFO, f"transfer syntaxes: {_syntaxes(accepted)}")
    missing = [each for each in accepted.asked if not accepted.takes(each)]
    if claimed is not None:
        broken = [each for each in missing if each in claimed]
        if broken:
            yield Remark(
                WARN,
                f"not accepted though the site file says it is claimed: {_names(broken)}",
                "switch these SOP classes on in the system, or correct `claims` in the site file",
            )
        return
    sent = [each for each in missing if each in _of_scenarios()]
    if sent:
        yield Remark(
            WARN,
            f"not accepted, but used by scenarios: {_names(sent)}",
            "switch these SOP classes on in the system; or list in `claims: {sop_classes: ...}` of "
            "the site file what it claims, and the others do not count",
        )


def _of_scenarios() -> set[str]:
    return {sop_class_uid(each) for each in SHORT_NAMES}


def _names(uids: Iterable[str]) -> str:
    return ", ".join(keyword_of(each) for each in uids)


def _syntaxes(accepted: Accepted) -> str:
    """How many classes take each transfer syntax, the most first."""
    counts = Counter(uid for each in accepted.syntaxes.values() for uid in dict.fromkeys(each))
    by_count: dict[int, list[str]] = {}
    for uid, count in counts.most_common():
        by_count.setdefault(count, []).append(uid)
    return "; ".join(f"{_names(uids)} ({count} classes)" for count, uids in by_count.items())


def _class_lines(accepted: Accepted) -> Iterator[str]:
    for uid in accepted.asked:
        syntaxes = accepted.syntaxes.get(uid, [])
        yield f"{keyword_of(uid)}: {_names(syntaxes) or 'not accepted'}"


def query_contexts(profile: Profile) -> Iterator[tuple[str, str]]:
    """The Query/Retrieve models a device of that profile may propose, in every syntax."""
    wanted = {sop_class_uid(f"{stem}{each}") for stem in MODELS.values() for each in OPERATIONS}
    for each in profile.in_role("scu"):
        if each.uid in wanted:
            yield from ((each.uid, syntax) for syntax in each.transfer_syntaxes)


def query_remarks(accepted: Accepted) -> Iterator[Remark]:
    """Which models are accepted for C-FIND, C-MOVE and C-GET (PS3.4 C.6)."""
    for name, stem in MODELS.items():
        taken = [each for each in OPERATIONS if accepted.takes(sop_class_uid(f"{stem}{each}"))]
        services = ", ".join(f"C-{each.upper()}" for each in taken)
        yield Remark(OK if taken else INFO, f"{name} Query/Retrieve: {services or 'not accepted'}")
    if not accepted.syntaxes:
        fix = "switch Query/Retrieve on in the system, for the AE titles of the simulators"
        yield Remark(WARN, "no Query/Retrieve model is accepted", fix)
