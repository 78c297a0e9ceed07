"""The requirements that C-MOVE and C-GET share, registered for both under their own ids.

C-MOVE has them in PS3.4 C.4.2, C-GET in C.4.3, in the same words but for the association.
"""

from __future__ import annotations

from dataclasses import dataclass

from dicomtest.checks import MUST, SCP, SHOULD, CheckFunction, check
from dicomtest.checks import retrieved as r
from dicomtest.findings import Level


@dataclass(frozen=True)
class Shared:
    """One shared requirement: its id behind `move.` or `get.`, and the clauses of both."""

    name: str
    function: CheckFunction
    move: tuple[str, ...]
    get: tuple[str, ...]
    level: Level = MUST
    consequence: str = ""
    when: str = ""


TABLE = (
    Shared("everything-arrives", r.everything_arrives, ("PS3.4 C.4.2.3.1",), ("PS3.4 C.4.3.3.1",),
           consequence="The radiologist reads an incomplete study and does not know it."),
    Shared("nothing-else-arrives", r.nothing_else, ("PS3.4 C.4.2.3.1",), ("PS3.4 C.4.3.3.1",),
           consequence="Images of another study or patient appear beside this one."),
    Shared("nothing-arrives-twice", r.nothing_twice, ("PS3.4 C.4.2.3.1",), ("PS3.4 C.4.3.3.1",),
           SHOULD),
    Shared("success-status", r.success_status, ("PS3.4 C.4.2.1.5",), ("PS3.4 C.4.3.1.4",),
           consequence="The workstation reports an error though everything came."),
    Shared("partial-failure-status", r.partial_status, ("PS3.4 C.4.2.1.5",), ("PS3.4 C.4.3.1.4",),
           consequence="Nobody is told that images are missing."),
    Shared("total-failure-not-success", r.refused_not_success, ("PS3.4 C.4.2.1.5",),
           ("PS3.4 C.4.3.1.4",), consequence="Nobody is told that nothing came."),
    Shared("total-failure-status", r.refused_status, ("PS3.4 C.4.2.1.5",), ("PS3.4 C.4.3.1.4",),
           SHOULD),
    Shared("pending-counters", r.pending_counters, ("PS3.4 C.4.2.1.6",), ("PS3.4 C.4.3.1.5",)),
    Shared("pending-counters-add-up", r.counters_add_up, ("PS3.4 C.4.2.1.6",),
           ("PS3.4 C.4.3.1.5",)),
    Shared("pending-counters-move-on", r.counters_move_on, ("PS3.4 C.4.2.1.6",),
           ("PS3.4 C.4.3.1.5",)),
    Shared("final-counters", r.final_counters, ("PS3.4 C.4.2.1.7",), ("PS3.4 C.4.3.1.6",),
           consequence="The workstation shows a wrong number of images."),
    Shared("final-counters-present", r.final_counters_present, ("PS3.4 C.4.2.3.1",),
           ("PS3.4 C.4.3.3.1",), SHOULD),
    Shared("final-without-remaining", r.final_without_remaining, ("PS3.4 C.4.2.1.6",),
           ("PS3.4 C.4.3.1.5",), SHOULD),
    Shared("pending-without-identifier", r.pending_without_identifier, ("PS3.4 C.4.2.1.4.2",),
           ("PS3.4 C.4.3.1.3.2",)),
    Shared("failed-list", r.failed_list_is_right, ("PS3.4 C.4.2.1.4.2",), ("PS3.4 C.4.3.1.3.2",),
           consequence="Nobody can tell which images are missing."),
    Shared("success-without-failed-list", r.no_list_after_success, ("PS3.4 C.4.2.1.4.2",),
           ("PS3.4 C.4.3.1.3.2",)),
    Shared("no-match-sends-nothing", r.no_match_sends_nothing, ("PS3.4 C.4.2.3.1",),
           ("PS3.4 C.4.3.3.1",), when="unknown_study"),
    Shared("cancel", r.cancel_is_heeded, ("PS3.4 C.4.2.3.1", "PS3.7 9.3.4.3"),
           ("PS3.4 C.4.3.3.1", "PS3.7 9.3.3.3"), when="cancel_after"),
    Shared("cancel-counters", r.cancel_counters, ("PS3.4 C.4.2.1.6",), ("PS3.4 C.4.3.1.5",),
           when="cancel_after"),
    Shared("identifies-itself", r.identifies_itself, ("PS3.7 9.1.1.1.3",), ("PS3.7 9.1.1.1.3",)),
)  # fmt: skip


def register(service: str) -> None:
    """Register the table for "move" or "get"."""
    for each in TABLE:
        check(
            f"{service}.{each.name}",
            judges=SCP,
            level=each.level,
            cites=each.move if service == "move" else each.get,
            steps=service,
            consequence=each.consequence,
            when=each.when,
        )(each.function)
