"""What each system claims, negotiated and used, in the shape of the tables of PS3.2.

A row is one abstract syntax in one role of the system: the presentation context tables of a
conformance statement (PS3.2 Annex A) have the same columns, so that the two can be laid side by
side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dicomtest.reporting.facts import uid_name
from dicomtest.reporting.words import N_

STORAGE = "1.2.840.10008.5.1.4.1.1."
CLAIMED = {
    "yes": N_("claimed"),
    "no": N_("not claimed"),
    "": N_("not stated"),
}


@dataclass
class Capability:
    """One abstract syntax in one role, as it was negotiated."""

    uid: str
    name: str
    role: str  # of the system: SCU or SCP
    claimed: str = ""  # yes, no, or "" where the site file says nothing
    accepted: dict[str, int] = field(default_factory=dict)  # transfer syntax -> contexts
    proposed: set[str] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    contexts: int = 0
    used: int = 0  # messages

    @property
    def not_chosen(self) -> list[str]:
        """Transfer syntaxes that were proposed and never accepted."""
        return sorted(self.proposed - set(self.accepted))


@dataclass
class Statement:
    """The capabilities of one system."""

    actor: str
    ae_title: str
    title: str
    simulated: bool
    services: list[str]  # kinds of steps that it claims; empty where nothing is said
    implementations: list[str]  # class UID and version name, as it announced them
    rows: list[Capability]


def statements(record: Mapping[str, Any]) -> list[Statement]:
    """One for each real system, or for each simulator where no real system was tested."""
    casting = record.get("casting") or {}
    wanted = {name: each for name, each in casting.items() if not each.get("simulated")}
    return [_statement(record, name, each) for name, each in (wanted or casting).items()]


def _statement(record: Mapping[str, Any], actor: str, player: Mapping[str, Any]) -> Statement:
    ae_title = str(player.get("ae_title", "")).strip()
    claims = player.get("claims") or {}
    classes = [str(each) for each in claims.get("sop_classes") or ()]
    rows: dict[tuple[str, str], Capability] = {}
    implementations: dict[str, None] = {}
    for association in _associations(record):
        called = str(association.get("called", "")).strip() == ae_title
        if not called and str(association.get("calling", "")).strip() != ae_title:
            continue
        if called and association.get("outcome") == "accepted":
            told = (association.get("implementation"), association.get("version"))
            implementations[" ".join(str(each) for each in told if each)] = None
        for context in association.get("contexts") or ():
            for role in _roles(context, called=called):
                _add(rows, context, role)
    for uid in classes:
        if not any(key[0] == uid for key in rows):
            rows[uid, ""] = Capability(uid, uid_name(uid), "")
    for row in rows.values():
        if classes and row.uid.startswith(STORAGE):
            row.claimed = "yes" if row.uid in classes else "no"
    return Statement(
        actor,
        ae_title,
        " ".join(str(player[key]) for key in ("maker", "product", "version") if player.get(key)),
        bool(player.get("simulated")),
        [str(each) for each in claims.get("services") or ()],
        [each for each in implementations if each],
        sorted(rows.values(), key=lambda each: (each.name, each.role)),
    )


def _associations(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for step in record.get("steps") or ():
        yield from step.get("associations") or ()


def _roles(context: Mapping[str, Any], *, called: bool) -> list[str]:
    """The roles of the system in a context (PS3.7 D.3.3.4); `called`: it is the acceptor.

    The roles negotiated are those of the requestor as (SCU, SCP); without them it is the SCU.
    """
    as_scu, as_scp = context.get("roles") or (True, False)
    found = []
    if as_scu:
        found.append("SCP" if called else "SCU")
    if as_scp:
        found.append("SCU" if called else "SCP")
    return found


def _add(rows: dict[tuple[str, str], Capability], context: Mapping[str, Any], role: str) -> None:
    uid = str(context.get("abstract_syntax", ""))
    name = str(context.get("name") or uid_name(uid))
    row = rows.setdefault((uid, role), Capability(uid, name, role))
    row.contexts += 1
    row.used += int(context.get("used") or 0)
    row.proposed.update(str(each) for each in context.get("proposed") or ())
    result = context.get("result")
    if result == 0:
        accepted = str(context.get("accepted") or "")
        row.accepted[accepted] = row.accepted.get(accepted, 0) + 1
    elif isinstance(result, int):
        row.refused.add(result)
