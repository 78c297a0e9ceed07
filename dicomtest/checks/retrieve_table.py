"""The requirements that C-MOVE and C-GET share, registered for both under their own ids.

C-MOVE has them in PS3.4 C.4.2, C-GET in C.4.3, in the same words but for the association.
"""

from __future__ import annotations

from dataclasses import dataclass

from dicomtest.checks import MUST, SCP, SHOULD, CheckFunction, check
from dicomtest.checks import retrieve_counters as c
from dicomtest.checks import retrieve_rules as r
from dicomtest.findings import Level

MOVE_BEHAVIOUR, GET_BEHAVIOUR = ("PS3.4 C.4.2.3.1",), ("PS3.4 C.4.3.3.1",)
MOVE_STATUS, GET_STATUS = ("PS3.4 C.4.2.1.5",), ("PS3.4 C.4.3.1.4",)
MOVE_LIST, GET_LIST = ("PS3.4 C.4.2.1.4.2",), ("PS3.4 C.4.3.1.3.2",)
MOVE_REMAINING, GET_REMAINING = ("PS3.4 C.4.2.1.6",), ("PS3.4 C.4.3.1.5",)
MOVE_COMPLETED = ("PS3.4 C.4.2.1.7", "PS3.4 C.4.2.1.8")
GET_COMPLETED = ("PS3.4 C.4.3.1.6", "PS3.4 C.4.3.1.7")
MOVE_PENDING = (*MOVE_REMAINING, *MOVE_COMPLETED, "PS3.4 C.4.2.1.9")
GET_PENDING = (*GET_REMAINING, *GET_COMPLETED, "PS3.4 C.4.3.1.8")
REGISTER = "Register the simulator's AE title, host and port at the system as a move destination."


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
    move_fix: str = ""


TABLE = (
    Shared("everything-arrives", r.everything_arrives, MOVE_BEHAVIOUR, GET_BEHAVIOUR,
           consequence="The radiologist reads an incomplete study and does not know it.",
           move_fix=REGISTER),
    Shared("everything-is-tried", r.everything_is_tried, MOVE_BEHAVIOUR, GET_BEHAVIOUR, SHOULD,
           consequence="One image that the receiver cannot take keeps all others from coming."),
    Shared("default-transfer-syntax", r.default_syntax_is_enough, ("PS3.5 10.1",),
           ("PS3.5 10.1",), SHOULD,
           consequence="A simple viewer gets no images."),
    Shared("bad-identifier-refused", r.bad_identifier_is_refused, ("PS3.4 C.4.2.1.4.1",),
           ("PS3.4 C.4.3.1.3.1",), SHOULD, when="probe",
           consequence="An error of the workstation looks as if there were no images."),
    Shared("nothing-else-arrives", r.nothing_else, MOVE_BEHAVIOUR, GET_BEHAVIOUR,
           consequence="Images of another study or patient appear beside this one."),
    Shared("nothing-arrives-twice", r.nothing_twice, MOVE_BEHAVIOUR, GET_BEHAVIOUR, SHOULD),
    Shared("success-status", r.success_status, MOVE_STATUS, GET_STATUS,
           consequence="The workstation reports an error though everything came.",
           move_fix=REGISTER),
    Shared("partial-failure-status", r.partial_status, MOVE_BEHAVIOUR, GET_BEHAVIOUR,
           consequence="Nobody is told that images are missing."),
    Shared("total-failure-not-success", r.total_failure_is_failure, MOVE_BEHAVIOUR, GET_BEHAVIOUR,
           consequence="Nobody is told that nothing came."),
    Shared("total-failure-status", r.total_failure_is_a702, MOVE_STATUS, GET_STATUS, SHOULD),
    Shared("warning-status", r.warnings_are_told, MOVE_BEHAVIOUR, GET_BEHAVIOUR, SHOULD),
    Shared("warnings-counted", c.warnings_are_counted, ("PS3.4 C.4.2.1.9",), ("PS3.4 C.4.3.1.8",),
           SHOULD),
    Shared("status-of-service", r.status_of_service, MOVE_STATUS, GET_STATUS, SHOULD),
    Shared("pending-counters", c.pending_counters, MOVE_PENDING, GET_PENDING,
           consequence="The workstation cannot show how far the transfer is."),
    Shared("pending-counters-add-up", c.counters_add_up, MOVE_PENDING, GET_PENDING),
    Shared("pending-counters-not-ahead", c.counters_are_not_ahead, MOVE_PENDING, GET_PENDING,
           consequence="The workstation counts images that have not come."),
    Shared("pending-counters-move-on", c.counters_move_on, MOVE_PENDING, GET_PENDING),
    Shared("final-counters", c.final_counters, MOVE_COMPLETED, GET_COMPLETED,
           consequence="The workstation shows a wrong number of images."),
    Shared("final-without-remaining", c.final_without_remaining, MOVE_REMAINING, GET_REMAINING,
           SHOULD),
    Shared("final-response-comes-last", r.final_comes_last, MOVE_BEHAVIOUR, GET_BEHAVIOUR,
           consequence="The workstation closes the study before it is there."),
    Shared("pending-without-identifier", r.pending_without_identifier, MOVE_LIST, GET_LIST),
    Shared("failed-list", r.failed_list_is_right, MOVE_LIST, GET_LIST,
           consequence="Nobody can tell which images are missing."),
    Shared("success-without-failed-list", r.no_list_without_failure, MOVE_LIST, GET_LIST),
    Shared("no-match-sends-nothing", r.no_match_sends_nothing, MOVE_BEHAVIOUR, GET_BEHAVIOUR,
           when="unknown_study"),
    Shared("cancel", r.cancel_is_heeded, (*MOVE_BEHAVIOUR, "PS3.7 9.3.4.3"),
           (*GET_BEHAVIOUR, "PS3.7 9.3.3.3"), when="cancel_after"),
    Shared("cancel-counters", c.cancel_counters, MOVE_BEHAVIOUR, GET_BEHAVIOUR,
           when="cancel_after"),
    Shared("cancel-counters-present", c.cancel_counters_present, MOVE_BEHAVIOUR, GET_BEHAVIOUR,
           SHOULD, when="cancel_after"),
    Shared("identifies-itself", r.identifies_itself, ("PS3.7 9.1.1.1",), ("PS3.7 9.1.1.1",)),
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
            fix=each.move_fix if service == "move" else "",
            when=each.when,
        )(each.function)
