"""Defects of the responses of C-MOVE and C-GET (PS3.4 C.4.2, C.4.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .association import Link
from .commands import CANCEL, PENDING, SUCCESS, Command, Message, response_to
from .data_set import DataSet, write_data_set
from .defects_association import wait_for_the_end
from .defects_store import other_uid
from .deviation import Hook, Level, Service, defect
from .holdings import Stored
from .query import Refused
from .retrieve import ALL_FAILED, WARNING, Progress

CLAUSES: Mapping[Service, str] = {"move": "PS3.4 C.4.2", "get": "PS3.4 C.4.3"}
# C-GET has no Move Destination, so its parameters count from one less (PS3.4 C.4.3.1).
OF_GET = {".1.4.1": ".1.3.1", ".1.4.2": ".1.3.2", ".1.5": ".1.4", ".1.6": ".1.5", ".1.7": ".1.6"}
OF_GET |= {".1.8": ".1.7", ".1.9": ".1.8"}
FIELDS: Mapping[Service, int] = {"move": 0x21, "get": 0x10}
SLOW = {"sub_operation_pause": 0.05}


def concerns(service: Service, arguments: tuple[Any, ...]) -> bool:
    """Whether a call of a hook is about C-MOVE or about C-GET."""
    for each in arguments:
        if isinstance(each, Message):
            return bool(each.command["CommandField"] == FIELDS[service])
        if isinstance(each, Progress):
            return each.service == service
    raise TypeError("a hook that does not say which service it is called for")


def both(
    subclause: str, hook: str, *, level: Level = "must", settings: Mapping[str, Any] | None = None
) -> Callable[[Hook], Hook]:
    """Register the decorated function twice: as a defect of C-MOVE and as one of C-GET."""

    def register(function: Hook) -> Hook:
        for service, clause in CLAUSES.items():
            bound = _for(service, function)
            bound.__name__ = f"{service}_{function.__name__}"
            bound.__doc__ = function.__doc__
            cited = clause + (OF_GET.get(subclause, subclause) if service == "get" else subclause)
            defect(service, cited, hook, level=level, settings=settings)(bound)
        return function

    return register


def _for(service: Service, function: Hook) -> Hook:
    def hook(archive: Any, inner: Any, *arguments: Any) -> Any:
        if concerns(service, arguments):
            return function(archive, inner, *arguments)
        return inner(*arguments)

    return hook


# --- counters and status ---


@both(".3.1", "counters")
def counts_nothing_completed(archive: Any, inner: Any, status: int, progress: Progress) -> Command:
    """Sends Number of Completed Sub-operations as 0 to the end."""
    counters: Command = inner(status, progress)
    return counters | {"NumberOfCompletedSuboperations": 0}


@both(".3.1", "counters")
def remaining_does_not_fall(archive: Any, inner: Any, status: int, progress: Progress) -> Command:
    """Sends the number of all sub-operations as Remaining in every Pending response."""
    counters: Command = inner(status, progress)
    if status == PENDING:
        total = progress.remaining + progress.completed + progress.failed + progress.warning
        counters["NumberOfRemainingSuboperations"] = total
    return counters


@both(".3.1", "counters")
def pending_without_counters(archive: Any, inner: Any, status: int, progress: Progress) -> Command:
    """Sends Pending responses without counters."""
    counters: Command = inner(status, progress)
    return {} if status == PENDING else counters


@both(".1.6", "counters")
def remaining_in_the_final_response(
    archive: Any, inner: Any, status: int, progress: Progress
) -> Command:
    """Sends Number of Remaining Sub-operations with the final response."""
    counters: Command = inner(status, progress)
    return counters | {"NumberOfRemainingSuboperations": progress.remaining}


@both(".1.7", "counters")
def failures_count_as_completed(
    archive: Any, inner: Any, status: int, progress: Progress
) -> Command:
    """Counts failed sub-operations as completed."""
    counters: Command = inner(status, progress)
    if "NumberOfFailedSuboperations" in counters:
        counters["NumberOfCompletedSuboperations"] += counters["NumberOfFailedSuboperations"]
        counters["NumberOfFailedSuboperations"] = 0
    return counters


@both(".1.8", "counters")
def warnings_count_as_failed(archive: Any, inner: Any, status: int, progress: Progress) -> Command:
    """Counts sub-operations that ended with a warning as failed."""
    counters: Command = inner(status, progress)
    if "NumberOfFailedSuboperations" in counters:
        counters["NumberOfFailedSuboperations"] += counters["NumberOfWarningSuboperations"]
        counters["NumberOfWarningSuboperations"] = 0
    return counters


@both(".1.6", "counters")
def final_count_is_one_short(archive: Any, inner: Any, status: int, progress: Progress) -> Command:
    """Counts one sub-operation too few as completed in the final response."""
    counters: Command = inner(status, progress)
    if status != PENDING and counters.get("NumberOfCompletedSuboperations"):
        counters["NumberOfCompletedSuboperations"] -= 1
    return counters


@both(".1.5", "final_status")
def success_despite_failures(archive: Any, inner: Any, message: Message, progress: Progress) -> int:
    """Ends with 0000 whatever became of the sub-operations."""
    return SUCCESS


@both(".1.5", "final_status")
def success_when_all_failed(archive: Any, inner: Any, message: Message, progress: Progress) -> int:
    """Ends with 0000 when every sub-operation failed."""
    status = int(inner(message, progress))
    return SUCCESS if status == ALL_FAILED else status


@both(".1.5", "final_status")
def warning_when_all_failed(archive: Any, inner: Any, message: Message, progress: Progress) -> int:
    """Ends with B000 instead of A702 when every sub-operation failed."""
    status = int(inner(message, progress))
    return WARNING if status == ALL_FAILED else status


@both(".1.5", "final_status")
def warning_without_a_reason(archive: Any, inner: Any, message: Message, progress: Progress) -> int:
    """Ends with B000 although every sub-operation succeeded."""
    return int(inner(message, progress)) or WARNING


@both(".1.5", "final_status")
def illegal_final_status(archive: Any, inner: Any, message: Message, progress: Progress) -> int:
    """Ends with 1234."""
    return 0x1234


@both(".1.5", "instances_to_retrieve")
def always_fails(archive: Any, inner: Any, link: Link, message: Message) -> list[Stored]:
    """Answers C001 to every retrieve."""
    raise Refused(0xC001, "Unable to process")


# --- identifiers of responses ---


@both(".1.4.2", "final_identifier")
def no_list_of_failures(
    archive: Any, inner: Any, link: Link, message: Message, progress: Progress
) -> None:
    """Leaves out the Failed SOP Instance UID List."""


def _listing(change: Callable[[Progress], list[str]]) -> Hook:
    def final_identifier(
        archive: Any, inner: Any, link: Link, message: Message, progress: Progress
    ) -> bytes | None:
        if not progress.failures:
            identifier: bytes | None = inner(link, message, progress)
            return identifier
        listed = DataSet()
        listed.put("FailedSOPInstanceUIDList", *change(progress))
        return write_data_set(listed, link.contexts[message.context_id].accepted)

    return final_identifier


for _name, _says, _change in (
    (
        "lists_the_wrong_failures",
        "Lists UIDs nobody has heard of as failed.",
        lambda progress: [other_uid(each) for each in progress.failures],
    ),
    (
        "lists_one_failure",
        "Lists the first of several failed instances.",
        lambda progress: progress.failures[:1],
    ),
    (
        "lists_no_failure",
        "Sends an empty list of failed instances.",
        lambda each: each.failures[:0],
    ),
):
    _function = _listing(_change)
    _function.__name__, _function.__doc__ = _name, _says
    both(".1.4.2", "final_identifier")(_function)


@both(".1.4.2", "final_identifier")
def final_identifier_without_failures(
    archive: Any, inner: Any, link: Link, message: Message, progress: Progress
) -> bytes:
    """Sends an empty Failed SOP Instance UID List with Success."""
    identifier = inner(link, message, progress)
    if identifier is not None:
        return bytes(identifier)
    empty = DataSet()
    empty.put("FailedSOPInstanceUIDList")
    return write_data_set(empty, link.contexts[message.context_id].accepted)


@both(".1.4.2", "send_pending")
def pending_with_identifier(
    archive: Any, inner: Any, link: Link, message: Message, progress: Progress
) -> None:
    """Sends an identifier with Pending responses."""
    identifier = DataSet()
    identifier.put("FailedSOPInstanceUIDList", *progress.failures)
    response = response_to(message, PENDING) | archive.counters(PENDING, progress)
    data = write_data_set(identifier, link.contexts[message.context_id].accepted)
    archive.reply(link, message, response, data)


# --- the run of responses ---


@both(".3.1", "finish_retrieve")
def no_final_response(archive: Any, inner: Any, link: Link, *arguments: Any) -> None:
    """Sends no final response."""
    wait_for_the_end(link)


@both(".3.1", "finish_retrieve")
def ends_twice(archive: Any, inner: Any, *arguments: Any) -> None:
    """Sends the final response twice."""
    inner(*arguments)
    inner(*arguments)


@both(".3.1", "instances_to_retrieve")
def never_answers(archive: Any, inner: Any, link: Link, message: Message) -> list[Stored]:
    """Does not answer a retrieve."""
    wait_for_the_end(link)
    return []


@both(".3.1", "instances_to_retrieve")
def aborts(archive: Any, inner: Any, link: Link, message: Message) -> list[Stored]:
    """Aborts on a retrieve."""
    link.fail("no retrieve", 0)
    return []


@both(".3.1", "reply")
def wrong_message_id(
    archive: Any, inner: Any, link: Link, message: Message, response: Command, *data: Any
) -> None:
    """Answers with a Message ID Being Responded To that is one too high."""
    wrong = {"MessageIDBeingRespondedTo": (message.id + 1) % 0x10000}
    inner(link, message, response | wrong, *data)


@both(".3.1", "retrieve_cancelled", settings=SLOW)
def ignores_cancel(archive: Any, inner: Any, link: Link, message: Message) -> bool:
    """Goes on after a C-CANCEL to the last instance and ends with 0000."""
    return False


@both(".3.1", "reply", settings=SLOW)
def cancel_ends_with_success(
    archive: Any, inner: Any, link: Link, message: Message, response: Command, *data: Any
) -> None:
    """Stops on C-CANCEL and answers 0000."""
    if response["Status"] == CANCEL:
        response = response | {"Status": SUCCESS}
    inner(link, message, response, *data)


@both(".3.1", "reply", settings=SLOW)
def cancel_without_counters(
    archive: Any, inner: Any, link: Link, message: Message, response: Command, *data: Any
) -> None:
    """Answers C-CANCEL with FE00 and no counters."""
    if response["Status"] == CANCEL:
        response = {key: each for key, each in response.items() if "Suboperations" not in key}
    inner(link, message, response, *data)


@both(".3.1", "retrieve_cancelled", settings=SLOW)
def aborts_on_cancel(archive: Any, inner: Any, link: Link, message: Message) -> bool:
    """Aborts on C-CANCEL."""
    if inner(link, message):
        link.fail("cancelled", 0)
    return False


@both(".3.1", "counters", settings=SLOW)
def cancel_counts_too_much(archive: Any, inner: Any, status: int, progress: Progress) -> Command:
    """Counts in a Canceled response as remaining what was completed, too."""
    counters: Command = inner(status, progress)
    if status == CANCEL:
        counters["NumberOfRemainingSuboperations"] += 1 + progress.completed
    return counters


@both(".1.6", "counters")
def counters_run_backwards(archive: Any, inner: Any, status: int, progress: Progress) -> Command:
    """Sends in Pending responses the completed sub-operations as remaining, and vice versa."""
    counters: Command = inner(status, progress)
    if status != PENDING:
        return counters
    return counters | {
        "NumberOfRemainingSuboperations": progress.completed,
        "NumberOfCompletedSuboperations": progress.remaining,
    }


@both(".1.5", "final_status", level="should")
def unable_to_process_when_all_failed(
    archive: Any, inner: Any, message: Message, progress: Progress
) -> int:
    """Ends with C001 instead of A702 when every sub-operation failed."""
    status = int(inner(message, progress))
    return 0xC001 if status == ALL_FAILED else status
