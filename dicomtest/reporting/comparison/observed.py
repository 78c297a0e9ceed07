"""What the systems did in another way than before, judged or not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dicomtest.reporting.comparison.places import stable, steps_by_key
from dicomtest.reporting.facts import uid_name
from dicomtest.reporting.words import CONTEXT_RESULTS, N_

# What was observed -> its name in the comparison.
SUBJECTS = {
    "context": N_("answer to a presentation context"),
    "proposal": N_("proposed transfer syntaxes"),
    "association": N_("answer to an association request"),
    "implementation": N_("implementation"),
    "status": N_("status of"),
    "answers": N_("number of answers to"),
    "order": N_("order of answers"),
    "key": N_("returned key"),
    "difference": N_("changes in retrieved instances"),
    "observation": N_("observation"),
}
_MOST_PLACES = 5

Change = tuple[str, str, str, str]  # what, subject, old, new
Step = Mapping[str, Any]


def observed_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One entry for each change and system, with the number of steps that show it."""
    before, after = steps_by_key(old), steps_by_key(new)
    same_data = (old.get("tool") or {}).get("seed") == (new.get("tool") or {}).get("seed")
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for key in before.keys() & after.keys():
        if any(_missed(each) for each in (before[key], after[key])):
            continue  # the verdicts tell that it was not carried out
        changes = dict.fromkeys(_step_changes(before[key], after[key], same_data=same_data))
        for change in changes:
            _note(found, str(after[key].get("scp", "")), change, after[key])
    for system, change, step in _observations(old, new):
        _note(found, system, change, step)
    order = list(SUBJECTS)
    return sorted(
        found.values(),
        key=lambda each: (each["system"], order.index(each["what"]), each["subject"]),
    )


def _missed(step: Step) -> bool:
    return any(step.get(key) for key in ("problem", "not_run", "not_applicable"))


def _note(
    found: dict[tuple[str, ...], dict[str, Any]], system: str, change: Change, step: Step
) -> None:
    what, subject, old, new = change
    empty = {
        "system": system, "what": what, "subject": subject, "old": old, "new": new,
        "count": 0, "places": [],
    }  # fmt: skip
    entry = found.setdefault((system, *change), empty)
    entry["count"] += 1
    if len(entry["places"]) < _MOST_PLACES:
        place = {"scenario": step.get("scenario", ""), "step": step.get("step", "")}
        entry["places"].append(place)


def _step_changes(old: Step, new: Step, *, same_data: bool) -> Iterator[Change]:
    for what, read in _NEGOTIATED.items():
        yield from _differences(what, read(old), read(new))
    before, after = old.get("observed") or {}, new.get("observed") or {}
    yield from _differences(
        "status", _joined(before.get("statuses")), _joined(after.get("statuses"))
    )
    if same_data:
        yield from _differences("answers", before.get("answers"), after.get("answers"))
    if before.get("order") and after.get("order"):
        yield from _differences("order", {"": before["order"]}, {"": after["order"]})
    yield from _keys(before.get("keys") or {}, after.get("keys") or {})
    if old.get("kind") in ("move", "get") and "statuses" in before and "statuses" in after:
        changed = (", ".join(each.get("differences") or {}) for each in (before, after))
        was, now = (stable(each) for each in changed)
        if was != now:
            yield "difference", "", was, now


def _differences(
    what: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Iterator[Change]:
    """Subjects that both have, with another value."""
    old, new = old or {}, new or {}
    for subject in old:
        if subject in new:
            was, now = stable(old[subject]), stable(new[subject])
            if was != now:
                yield what, stable(subject), was, now


def _joined(statuses: Mapping[str, Mapping[str, int]] | None) -> dict[str, str]:
    """Which statuses occurred; how often each did depends on the data."""
    return {name: ", ".join(sorted(each)) for name, each in (statuses or {}).items()}


def _keys(
    old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]
) -> Iterator[Change]:
    """Keys that come back in another way; one that has a value only sometimes is no change."""
    for level in old.keys() & new.keys():
        for name in sorted(old[level].keys() | new[level].keys()):
            was, now = old[level].get(name, "absent"), new[level].get(name, "absent")
            states = set(was.split(" or ")), set(now.split(" or "))
            if not (states[0] <= states[1] or states[1] <= states[0]):
                yield "key", f"{level} {name}", was, now


def _contexts(step: Step) -> dict[str, str]:
    """How the provider answered what was proposed to it."""
    found: dict[str, set[str]] = {}
    for association in _associations(step, "requestor"):
        for each in association.get("contexts") or ():
            proposed = ", ".join(_name(uid) for uid in each.get("proposed") or ())
            result = each.get("result")
            answer = (
                f"accepted, {_name(str(each.get('accepted') or ''))}"
                if result == 0
                else CONTEXT_RESULTS.get(result, str(result))
                if isinstance(result, int)
                else "not answered"
            )
            label = f" ({association['label']})" if association.get("label") else ""
            subject = f"{_name(str(each.get('abstract_syntax', '')))}: {proposed}{label}"
            if association.get("outcome") == "accepted":
                found.setdefault(subject, set()).add(answer)
    return {subject: "; ".join(sorted(answers)) for subject, answers in found.items()}


def _proposals(step: Step) -> dict[str, str]:
    """What the system proposed where it called."""
    found: dict[str, set[str]] = {}
    for association in _associations(step, "acceptor"):
        for each in association.get("contexts") or ():
            name = _name(str(each.get("abstract_syntax", "")))
            found.setdefault(name, set()).update(_name(uid) for uid in each.get("proposed") or ())
    return {name: ", ".join(sorted(syntaxes)) for name, syntaxes in found.items()}


def _outcomes(step: Step) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for each in _associations(step, "requestor"):
        why = f", {each['why']}" if each.get("outcome") == "rejected" and each.get("why") else ""
        told = f"{each.get('outcome', '')}{why}"
        found.setdefault(str(each.get("label", "")), set()).add(told)
    return {label: "; ".join(sorted(told)) for label, told in found.items()}


def _implementations(step: Step) -> dict[str, str]:
    """How the provider names itself, and the PDU length it takes."""
    found: dict[str, set[str]] = {}
    for each in _associations(step, "requestor"):
        if each.get("outcome") != "accepted":
            continue
        for name, key in (
            ("Implementation Version Name", "version"),
            ("Implementation Class UID", "implementation"),
            ("Maximum Length Received", "max_pdu"),
        ):
            value = str(each.get(key) or "")  # the class UID says who it is: it stays as it is
            found.setdefault(name, set()).add(
                value.replace(".", "·") if key != "version" else value
            )
    return {name: "; ".join(sorted(values)) for name, values in found.items()}


_NEGOTIATED: dict[str, Callable[[Step], dict[str, str]]] = {
    "context": _contexts,
    "proposal": _proposals,
    "association": _outcomes,
    "implementation": _implementations,
}


def _associations(step: Step, seen_from: str) -> Iterator[Mapping[str, Any]]:
    for each in step.get("associations") or ():
        if each.get("seen_from", "requestor") == seen_from:
            yield each


def _name(uid: str) -> str:
    name = uid_name(uid)
    return stable(name)


def _observations(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[str, Change, Mapping[str, Any]]]:
    """What transactions and simulators noted, where both runs noted it."""
    before = {_place(each): each for each in old.get("observations") or ()}
    for each in new.get("observations") or ():
        was = before.get(_place(each))
        if was is None or not _differs(was.get("value"), each.get("value")):
            continue
        change = (
            "observation", str(each.get("name", "")), _shown(was.get("value")),
            _shown(each.get("value")),
        )  # fmt: skip
        yield str(each.get("system", "")), change, each


def _place(observation: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(observation.get(key, "")) for key in ("scenario", "step", "name", "system"))


def _differs(old: object, new: object) -> bool:
    """Whether two noted values differ; measured numbers only when they differ by far."""
    numbers = (old, new)
    if all(isinstance(each, int | float) and not isinstance(each, bool) for each in numbers):
        if not any(isinstance(each, float) for each in numbers):
            return old != new
        low, high = sorted(float(each) for each in numbers if isinstance(each, int | float))
        return high - low > 0.5 and high > 2 * low
    return _shown(old) != _shown(new)


def _shown(value: object) -> str:
    if isinstance(value, str):
        return stable(value)
    return stable(json.dumps(value, ensure_ascii=False, sort_keys=True))
