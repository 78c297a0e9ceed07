"""What a step showed that may change from one version of a system to the next.

Nothing here is judged. UIDs, times and patients' values are left out, so that two runs of the
same scenarios can be compared.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from dicomtest.evidence import DataSetRef, Exchange, StepEvidence
from dicomtest.findings import hex_status

if TYPE_CHECKING:
    from pydicom import Dataset

LOOK = "look"  # label of queries that are repeated until something is found: their number varies
ANSWERS_READ = 3  # of each query, to see which keys are returned
OBJECTS_READ = 40  # of each step, to see what is changed in them
LEAST_FOR_ORDER = 6  # answers to a query: fewer may be in order by chance


def observed_facts(step: StepEvidence) -> dict[str, Any]:
    """What the step showed, by kind; kinds without anything are left out.

    `statuses`: of final responses, counted by service and label. `answers`: to each query that
    no reference judges, how many concern instances of this run. `order`: in which they come,
    where it is always the same. `keys`: by level, whether a key comes back with a value, empty,
    or not. `differences`: what was changed in instances that were retrieved.
    """
    found = {
        "statuses": _statuses(step),
        "answers": dict(_answers(step)),
        "order": _order(step),
        "keys": _keys(step),
        "differences": _differences(step),
    }
    return {name: value for name, value in found.items() if value}


def _statuses(step: StepEvidence) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for each in step.exchanges():
        if each.label == LOOK or each.cancelled_at is not None:  # how it ends is a matter of time
            continue
        name = f"{each.service} {each.label}".rstrip()
        counts[name][each.ending if each.status is None else hex_status(each.status)] += 1
    return {name: dict(sorted(each.items())) for name, each in sorted(counts.items())}


def _queries(step: StepEvidence) -> Iterator[Exchange]:
    return (
        each
        for each in step.exchanges("C-FIND")
        if each.label not in ("", LOOK) and each.cancelled_at is None
    )


def _answers(step: StepEvidence) -> Iterator[tuple[str, int]]:
    rank = _ranks(step)
    judged = {each["id"] for each in step.facts.get("queries", ()) if each["expect"] == "judge"}
    for each in _queries(step):
        if each.label in judged:  # by a reference matcher: the verdict says it all
            continue
        yield each.label, len(_placed(each, rank))


def _ranks(step: StepEvidence) -> dict[str, int]:
    """UIDs of what this scenario made, in the order in which it was stored."""
    made = [each for before in (*step.story, step) for each in before.instances]
    uids = (uid for each in made for uid in (each.study, each.series, each.sop_instance))
    return {uid: number for number, uid in enumerate(dict.fromkeys(uids))}


_UNIQUE_KEYS = (  # (0008,0018), (0020,000E), (0020,000D), (0010,0020): the lowest level first
    b"\x08\x00\x18\x00", b"\x20\x00\x0e\x00", b"\x20\x00\x0d\x00",
)  # fmt: skip
_UID = re.compile(rb"[0-9.]{5,64}")


def _placed(query: Exchange, rank: dict[str, int]) -> list[int]:
    """Where each answer stands in the order of storing; answers about others' data left out."""
    places = []
    for each in query.pending:
        uid = _unique_key(each.data)
        if uid in rank:
            places.append(rank[uid])
    return places


def _unique_key(data: DataSetRef | None) -> str:
    """The Unique Key of the lowest level in an identifier, read without decoding it."""
    if data is None or data.data is None:
        return ""
    for tag in _UNIQUE_KEYS:
        at = data.data.find(tag)
        found = _UID.match(data.data, at + 8) if at >= 0 else None
        if found:
            return found[0].decode()
    return ""


def _order(step: StepEvidence) -> str:
    rank = _ranks(step)
    seen = {
        _sorted(places)
        for each in _queries(step)
        if len(places := _placed(each, rank)) >= LEAST_FOR_ORDER
    }
    return "no fixed order" if len(seen) > 1 else "".join(seen)


def _sorted(places: list[int]) -> str:
    if places == sorted(places):
        return "as stored"
    return "reversed" if places == sorted(places, reverse=True) else "no fixed order"


def _keys(step: StepEvidence) -> dict[str, dict[str, str]]:
    states: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in step.exchanges("C-FIND"):
        asked = _decoded(each.data)
        if asked is None or not each.pending:
            continue
        level = str(asked.get("QueryRetrieveLevel", "") or "worklist")
        wanted = set(_names(asked))
        for response in islice(each.pending, ANSWERS_READ):
            answer = _decoded(response.data)
            if answer is None:
                continue
            returned = dict(_states(answer))
            for name in wanted | set(returned):
                states[level, name].add(returned.get(name, "absent"))
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for (level, name), seen in sorted(states.items()):
        found[level][name] = " or ".join(sorted(seen, reverse=True))
    return dict(found)


def _decoded(data: DataSetRef | None) -> Dataset | None:
    if data is None:
        return None
    from dicomtest.dicom.vr_encoding import as_encoded

    try:
        return as_encoded(data).dataset()
    except Exception:  # bytes from the wire: whatever is wrong with them, others have judged it
        return None


def _names(dataset: Dataset) -> Iterator[str]:
    return (name for name, _state in _states(dataset))


def _states(dataset: Dataset, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Whether each attribute, those of the first item of a sequence included, has a value."""
    for tag in sorted(dataset.keys()):
        try:
            element = dataset[tag]
            name = prefix + (element.keyword or str(element.tag))
            if element.VR == "SQ":
                yield name, "value" if element.value else "empty"
                for item in islice(element.value or (), 1):
                    yield from _states(item, f"{name}.")
            else:
                yield name, "empty" if element.value in (None, "", [], b"") else "value"
        except Exception:  # a value from the wire that cannot be decoded is judged elsewhere
            yield prefix + str(tag), "not readable"


def _differences(step: StepEvidence) -> dict[str, int]:
    if step.kind not in ("move", "get"):
        return {}
    from dicomtest.dicom.compare import compare_refs

    originals = {each.sop_instance: each.data for each in step.instances}
    counts: Counter[str] = Counter()
    received = (each for each in step.exchanges("C-STORE") if each.sop_instance in originals)
    for each in islice(received, OBJECTS_READ):
        if each.data is None:
            continue
        try:
            changes = compare_refs(originals[each.sop_instance], each.data, allow=["PixelData"])
        except Exception:  # bytes from the wire: checks have judged what cannot be read
            counts["not readable"] += 1
            continue
        counts.update({f"{_plain(one.path)} {one.kind}" for one in changes})
    return dict(sorted(counts.items()))


def _plain(path: str) -> str:
    return re.sub(r"\[[0-9]+\]", "", path)
