"""Defects of association negotiation (PS3.8, PS3.7 Annex D) and of verification."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from typing import Any

from . import upper_layer as ul
from .association import Ended, Link
from .commands import PENDING, Command, Message
from .deviation import defect
from .settings import NATIVE, VERIFICATION

CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
CONTEXT_RESULTS = "PS3.8 9.3.3.2"
ROLES = "PS3.7 D.3.3.4"
ECHO = "PS3.7 9.1.5"
LATE = 0.5  # seconds; what is late in a test
ABORT = b"\7\0\0\0\0\4"  # how the PDU begins (PS3.8 9.3.8)


def wait_for_the_end(link: Link) -> None:
    """Say nothing more until the other side gives up, with A-ABORT or without, then drop out."""
    link.socket.settimeout(None)
    try:
        while (data := link.socket.recv(4096)) and data[-10:-4] != ABORT:
            pass
    except OSError:
        pass
    raise Ended("silent to the end")


@defect("association", CONTEXT_RESULTS, "send_accept")
def accepts_without_answering_contexts(
    archive: Any, inner: Any, link: Link, accept: ul.Associate
) -> None:
    """Accepts the association without an answer to any presentation context."""
    inner(link, replace(accept, contexts=[]))


@defect("association", CONTEXT_RESULTS, "send_accept")
def leaves_a_context_unanswered(archive: Any, inner: Any, link: Link, accept: ul.Associate) -> None:
    """Answers every presentation context but the last."""
    inner(link, replace(accept, contexts=accept.contexts[:-1]))


@defect("association", CONTEXT_RESULTS, "send_accept")
def answers_a_context_not_offered(
    archive: Any, inner: Any, link: Link, accept: ul.Associate
) -> None:
    """Accepts a presentation context that was not proposed."""
    unused = [at for at in range(255, 0, -2) if not accept.context(at)][:1]
    extra = [ul.Context(each, result=0, accepted=NATIVE[1]) for each in unused]
    inner(link, replace(accept, contexts=accept.contexts + extra))


@defect("association", CONTEXT_RESULTS, "send_accept")
def answers_a_context_twice(archive: Any, inner: Any, link: Link, accept: ul.Associate) -> None:
    """Answers the first presentation context twice."""
    inner(link, replace(accept, contexts=[*accept.contexts, *accept.contexts[:1]]))


@defect("association", CONTEXT_RESULTS, "send_accept")
def accepts_a_transfer_syntax_not_proposed(
    archive: Any, inner: Any, link: Link, accept: ul.Associate
) -> None:
    """Accepts contexts with a transfer syntax that was not among the proposed ones."""
    unproposed = [
        replace(
            each,
            accepted=next(
                uid for uid in archive.settings.syntaxes[::-1] if uid not in each.transfer_syntaxes
            )
            if each.result == 0
            else each.accepted,
        )
        for each in accept.contexts
    ]
    inner(link, replace(accept, contexts=unproposed))


@defect("association", CONTEXT_RESULTS, "answer_context")
def unknown_abstract_syntax_gets_result_4(
    archive: Any, inner: Any, link: Link, asked: ul.Context, request: ul.Associate
) -> ul.Context:
    """Refuses an unknown abstract syntax as if its transfer syntaxes were the reason (4 for 3)."""
    answer: ul.Context = inner(link, asked, request)
    return replace(answer, result=4) if answer.result == 3 else answer


@defect("association", CONTEXT_RESULTS, "answer_context")
def unknown_transfer_syntax_gets_result_3(
    archive: Any, inner: Any, link: Link, asked: ul.Context, request: ul.Associate
) -> ul.Context:
    """Refuses unknown transfer syntaxes as if the abstract syntax were the reason (3 for 4)."""
    answer: ul.Context = inner(link, asked, request)
    return replace(answer, result=3) if answer.result == 4 else answer


@defect("association", CONTEXT_RESULTS, "answer_context")
def illegal_context_result(
    archive: Any, inner: Any, link: Link, asked: ul.Context, request: ul.Associate
) -> ul.Context:
    """Refuses contexts with result 7, which does not exist."""
    answer: ul.Context = inner(link, asked, request)
    return replace(answer, result=7) if answer.result else answer


@defect("association", CONTEXT_RESULTS, "answer_context")
def accepts_every_abstract_syntax(
    archive: Any, inner: Any, link: Link, asked: ul.Context, request: ul.Associate
) -> ul.Context:
    """Accepts any presentation context, even of SOP classes and syntaxes nobody has heard of."""
    answer: ul.Context = inner(link, asked, request)
    return replace(answer, result=0) if answer.result else answer


@defect("association", "PS3.8 9.3.4", "refuse_association")
def rejects_unknown_abstract_syntax(
    archive: Any, inner: Any, link: Link, request: ul.Associate
) -> Any:
    """Rejects the whole association when one abstract syntax is unknown."""
    known = all(archive.supported_syntaxes(each.abstract_syntax) for each in request.contexts)
    return inner(link, request) if known else (1, 1, 1)


@defect("association", "PS3.8 9.3.4", "reject")
def illegal_reject(archive: Any, inner: Any, link: Link, *codes: int) -> None:
    """Rejects with a result, a source and a reason that do not exist (0/5/9)."""
    inner(link, 0, 5, 9)


@defect("association", "PS3.8 9.3.4", "reject")
def closes_instead_of_rejecting(archive: Any, inner: Any, link: Link, *codes: int) -> None:
    """Closes the connection where it should reject the association."""
    raise Ended("closed")


@defect("association", "PS3.7 D.3.3.2", "accept")
def no_implementation_class_uid(archive: Any, inner: Any, *arguments: Any) -> ul.Associate:
    """Accepts without an Implementation Class UID."""
    accept: ul.Associate = inner(*arguments)
    return replace(accept, implementation_class_uid="")


@defect("association", "PS3.7 D.3.3.2.3", "accept")
def implementation_version_name_of_20_characters(
    archive: Any, inner: Any, *arguments: Any
) -> ul.Associate:
    """Sends an Implementation Version Name of 20 characters, four too many."""
    accept: ul.Associate = inner(*arguments)
    return replace(accept, implementation_version_name="INDEPENDENT_ARCHIVE1")


@defect("association", "PS3.8 9.3.3.1", "accept")
def wrong_application_context(archive: Any, inner: Any, *arguments: Any) -> ul.Associate:
    """Names another application context in the A-ASSOCIATE-AC."""
    accept: ul.Associate = inner(*arguments)
    return replace(accept, application_context="1.2.840.10008.3.1.1.2")


@defect("association", "PS3.8 9.3.3", "accept")
def wrong_protocol_version(archive: Any, inner: Any, *arguments: Any) -> ul.Associate:
    """Sends protocol version 2 in the A-ASSOCIATE-AC."""
    accept: ul.Associate = inner(*arguments)
    return replace(accept, protocol_version=2)


@defect("association", "PS3.8 D.1", "fragment_size")
def ignores_max_pdu(archive: Any, inner: Any, link: Link) -> int:
    """Sends P-DATA-TF PDUs of 128 KB whatever length the other side announced."""
    return 1 << 17


@defect("association", "PS3.8 D.1", "fragment_size")
def counts_max_pdu_wrongly(archive: Any, inner: Any, link: Link) -> int:
    """Sends P-DATA-TF PDUs six bytes longer than the other side announced."""
    return int(inner(link)) + 6


@defect("association", "PS3.8 D.1", "associate")
def aborts_on_pdus_within_its_limit(archive: Any, inner: Any, link: Link) -> None:
    """Aborts on P-DATA-TF PDUs of more than half the length it announced."""
    inner(link)
    link.announced //= 2


@defect("association", "PS3.8 9.3.2.2", "refuse_association")
def aborts_on_many_contexts(archive: Any, inner: Any, link: Link, request: ul.Associate) -> Any:
    """Aborts when more than 32 presentation contexts are proposed."""
    if len(request.contexts) > 32:
        link.fail("too many contexts", 0)
    return inner(link, request)


@defect("association", "PS3.8 7.2", "answer_release")
def no_answer_to_release(archive: Any, inner: Any, link: Link) -> None:
    """Never answers A-RELEASE-RQ."""
    wait_for_the_end(link)


@defect("association", "PS3.8 7.2", "answer_release")
def aborts_on_release(archive: Any, inner: Any, link: Link) -> None:
    """Answers A-RELEASE-RQ with A-ABORT."""
    link.abort(0)


@defect("association", "PS3.8 7.2", "answer_release")
def closes_on_release(archive: Any, inner: Any, link: Link) -> None:
    """Closes the connection on A-RELEASE-RQ without an answer."""
    link.close()


@defect("association", "PS3.8 7.3", "on_gone")
def dead_after_an_abort(archive: Any, inner: Any, link: Link) -> None:
    """Takes no more connections once an association was aborted."""
    inner(link)
    if link.aborted:
        archive.listener.shutdown(socket.SHUT_RDWR)


@defect("association", "PS3.8 7.1", "associate")
def silent_after_an_abort(archive: Any, inner: Any, link: Link) -> None:
    """Takes connections but answers none once an association was aborted."""
    if archive.aborts:
        wait_for_the_end(link)
    inner(link)


@defect("association", "PS3.8 7.1", "associate")
def one_association_ever(archive: Any, inner: Any, link: Link) -> None:
    """Answers the first association of its life and none after it."""
    if archive.memory.setdefault("first", link.number) != link.number:
        wait_for_the_end(link)
    inner(link)


@defect("association", "PS3.8 9.3.4", "associate")
def hangs_on_a_second_association(archive: Any, inner: Any, link: Link) -> None:
    """Neither accepts nor rejects an association while another one is open."""
    with archive.lock:
        earlier = [each for each in archive.links.values() if each.number < link.number]
    # one that has no contexts yet is being negotiated at this moment
    if any(each.established or not each.contexts for each in earlier):
        wait_for_the_end(link)
    inner(link)


@defect("association", ROLES, "answer_roles")
def grants_roles_not_asked_for(
    archive: Any, inner: Any, link: Link, request: ul.Associate, contexts: list[ul.Context]
) -> dict[str, tuple[bool, bool]]:
    """Answers role selection with both roles, whatever was proposed."""
    return dict.fromkeys(inner(link, request, contexts), (True, True))


@defect("association", ROLES, "answer_roles")
def answers_roles_nobody_proposed(
    archive: Any, inner: Any, link: Link, request: ul.Associate, contexts: list[ul.Context]
) -> dict[str, tuple[bool, bool]]:
    """Sends role selection items for SOP classes that were proposed without one."""
    return {each.abstract_syntax: (True, True) for each in contexts if each.result == 0}


@defect("association", "PS3.7 D.3.3.5", "answer_extended")
def answers_extended_negotiation_nobody_asked(
    archive: Any, inner: Any, request: ul.Associate
) -> dict[str, bytes]:
    """Sends an extended negotiation item for a SOP class that was proposed without one."""
    asked = {each.abstract_syntax for each in request.contexts} - set(request.extended)
    return dict.fromkeys(asked & set(archive.settings.query_retrieve), b"\1\1\1")


@defect("association", "PS3.8 9.3.4", "refuse_association")
def unknown_calling_title_is_called_an_unknown_called_one(
    archive: Any, inner: Any, link: Link, request: ul.Associate
) -> Any:
    """Rejects a calling AE title it does not know with reason 7 for 3."""
    return (1, 1, 7) if request.calling == "DT_STRANGER" else inner(link, request)


@defect("association", "PS3.8 D.1", "refuse_association")
def rejects_small_pdus(archive: Any, inner: Any, link: Link, request: ul.Associate) -> Any:
    """Rejects a requestor that receives less than 8 KB at a time."""
    return (1, 1, 1) if 0 < request.max_pdu < 8192 else inner(link, request)


@defect("association", "PS3.8 D.1", "refuse_association")
def aborts_on_unlimited_pdus(archive: Any, inner: Any, link: Link, request: ul.Associate) -> Any:
    """Aborts on a Maximum Length Received of 0, which means that there is no limit."""
    if request.max_pdu == 0:
        link.fail("division by zero", 0)
    return inner(link, request)


@defect("association", "PS3.8 9.1.5", "refuse_association", level="should")
def answers_associations_late(archive: Any, inner: Any, link: Link, request: ul.Associate) -> Any:
    """Takes its time before it accepts the first association."""
    if link.number == 1:
        time.sleep(LATE)
    return inner(link, request)


@defect("association", "PS3.4 A.5", "supported_syntaxes")
def no_verification(archive: Any, inner: Any, abstract_syntax: str) -> tuple[str, ...]:
    """Does not accept the Verification SOP Class."""
    return () if abstract_syntax == VERIFICATION else inner(abstract_syntax)


@defect("association", "PS3.8 9.3.8", "refuse_association")
def aborts_every_association(archive: Any, inner: Any, link: Link, request: ul.Associate) -> Any:
    """Answers every A-ASSOCIATE-RQ with A-ABORT."""
    link.fail("out of order", 0)


@defect("association", "PS3.8 9.3.8", "serve_echo")
def aborts_from_an_unknown_source(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Aborts on C-ECHO with source 5, which does not exist."""
    link.abort(5)
    raise Ended("aborted")


# --- verification ---


def _changed_echo(name: str, says: str, clause: str, **change: Any) -> None:
    def respond(archive: Any, inner: Any, message: Message) -> Command:
        response: Command = inner(message)
        return response | change

    respond.__name__, respond.__doc__ = name, says
    defect("verify", clause, "echo_response")(respond)


_changed_echo("echo_fails", "Answers C-ECHO with 0110.", ECHO, Status=0x0110)
_changed_echo("echo_illegal_status", "Answers C-ECHO with 1234.", "PS3.7 C", Status=0x1234)
_changed_echo("echo_pending", "Answers C-ECHO with FF00.", ECHO, Status=PENDING)
_changed_echo("echo_without_status", "Answers C-ECHO without Status.", "PS3.7 9.3.5.2", Status=None)
_changed_echo(
    "echo_other_sop_class",
    "Names CT Image Storage in the C-ECHO response.",
    "PS3.7 9.1.5.1.3",
    AffectedSOPClassUID=CT_IMAGE,
)
_changed_echo(
    "echo_wrong_command_field",
    "Answers C-ECHO with a C-STORE response.",
    "PS3.7 9.3.5.2",
    CommandField=0x8001,
)


@defect("verify", "PS3.7 9.3.5.2", "echo_response")
def echo_wrong_message_id(archive: Any, inner: Any, message: Message) -> Command:
    """Answers C-ECHO with a Message ID Being Responded To that is one too high."""
    response: Command = inner(message)
    return response | {"MessageIDBeingRespondedTo": (message.id + 1) % 0x10000}


@defect("verify", "PS3.7 9.3.5.2", "serve_echo")
def echo_with_data_set(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Sends a data set with the C-ECHO response."""
    archive.reply(link, message, archive.echo_response(message), bytes.fromhex("0800500000000000"))


@defect("verify", ECHO, "serve_echo")
def echo_never_answers(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Does not answer C-ECHO."""


@defect("verify", ECHO, "serve_echo")
def echo_answers_twice(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Answers C-ECHO twice."""
    inner(link, message)
    inner(link, message)


@defect("verify", "PS3.8 E.1", "serve_echo")
def echo_on_another_context(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Answers C-ECHO on a presentation context other than that of the request."""
    inner(link, replace(message, context_id=(message.context_id + 2) % 256))


@defect("verify", ECHO, "serve_echo")
def echo_aborts(archive: Any, inner: Any, link: Link, message: Message) -> None:
    """Aborts on C-ECHO."""
    link.fail("no echo", 0)
