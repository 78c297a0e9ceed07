"""The objects of a store step, examined once for all the checks that judge them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dicomtest.checks.memo import once_per_step
from dicomtest.evidence import Exchange, StepEvidence
from dicomtest.findings import Judgement, judge

if TYPE_CHECKING:
    from dicomtest.dicom.iods.examination import Examination

OF_OUR_OWN = 4  # objects of each SOP class that are examined where the harness itself made them
_ITEM = re.compile(r"\[[0-9]+\]")


def sent(step: StepEvidence) -> Iterator[Exchange]:
    """C-STORE requests whose object arrived whole, and with nothing done wrong on purpose."""
    if step.facts.get("fault"):
        return
    player = step.players.get(step.scu)
    counts: dict[str, int] = {}
    for each in step.exchanges("C-STORE"):
        if each.data is None or each.ending in ("not sent", "aborted", "abandoned"):
            continue
        if each.data.path is not None and not Path(each.data.path).is_file():
            continue  # the same as one before it, which was kept
        counts[each.sop_class] = counts.get(each.sop_class, 0) + 1
        if player is not None and player.simulated and counts[each.sop_class] > OF_OUR_OWN:
            continue
        yield each


@once_per_step
def examined(step: StepEvidence) -> list[tuple[Exchange, Examination]]:
    """Every object with what is wrong in it."""
    from dicomtest.dicom.iods.examination import examine

    return [
        (each, examine(each.data, sop_class=each.sop_class, sop_instance=each.sop_instance))
        for each in sent(step)
        if each.data is not None
    ]


def judged(step: StepEvidence, subject: str) -> Iterator[Judgement]:
    """One judgement for each sound object, and one for each fault however many objects have it."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for exchange, examination in examined(step):
        if subject not in examination.subjects:
            continue
        faults = examination.faults.get(subject, ())
        if not faults:
            yield judge(True, at=exchange)
        for fault in faults:
            plain = _ITEM.sub("", fault.path)
            key = (plain, fault.expected, fault.actual)
            found.setdefault(key, []).append(f"{fault.path} of {exchange.sop_instance}")
    for (_, expected, actual), places in found.items():
        more = f" (and {len(places) - 1} more)" if len(places) > 1 else ""
        yield judge(False, expected=expected, actual=actual, at=f"{places[0]}{more}")
