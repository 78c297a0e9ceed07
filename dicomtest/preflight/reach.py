"""Can a system be reached: TCP, TLS, association, C-ECHO, each told apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dicomtest import dimse
from dicomtest.preflight.remarks import FAIL, INFO, OK, WARN, Remark
from dicomtest.reporting.text import one_line

if TYPE_CHECKING:
    from dicomtest.evidence import Association, Exchange

VERIFICATION = "1.2.840.10008.1.1"
UNCOMPRESSED = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")

CALLING_NOT_RECOGNIZED, CALLED_NOT_RECOGNIZED = (1, 3), (1, 7)  # PS3.8 Table 9-21


def verify(
    remote: dimse.Remote,
    calling: str,
    recorder: dimse.Recorder,
    limits: dimse.Limits,
    registered: str,
    *,
    brief: bool = False,
) -> Iterator[Remark]:
    """Associate with an AE title of ours and send a C-ECHO.

    `registered` says in words what the system has to know of us. A `brief` look leaves out what
    is the same for every AE title of ours.
    """
    proposals = [dimse.Proposal(VERIFICATION, UNCOMPRESSED)]
    with dimse.associate(
        remote, calling=calling, proposals=proposals, recorder=recorder, limits=limits
    ) as requestor:
        association = requestor.association
        if not brief:
            yield from transport(association, remote)
        if association.outcome != "accepted":
            if association.outcome not in ("no connection", "tls failed"):
                yield refused(association, registered)
            return
        if not brief:
            yield Remark(INFO, about_peer(association))
        yield _echoed(requestor, calling)


def reached(remarks: list[Remark]) -> bool:
    """Whether an association was accepted and C-ECHO worked."""
    return bool(remarks) and all(each.grade != FAIL for each in remarks)


def transport(association: Association, remote: dimse.Remote) -> Iterator[Remark]:
    """TCP and TLS, as far as they went."""
    if association.outcome == "no connection":
        what, _, fix = association.why.partition(": ")
        yield Remark(FAIL, f"TCP: {what}", fix, final=True)
        return
    took = max(0.0, association.connected - association.opened) or 0.0
    yield Remark(OK, f"TCP connection to {remote.host}:{remote.port}{_milliseconds(took)}")
    if association.outcome == "tls failed":
        what, _, fix = association.why.partition(": ")
        fix = fix or "compare the `tls` entry with the system's"
        yield Remark(FAIL, f"TLS: {what}", fix, final=True)
    elif association.tls:
        yield Remark(OK, f"TLS with {association.tls}")


def _milliseconds(seconds: float) -> str:
    return f" in {seconds * 1000:.0f} ms" if seconds > 0 else ""


def refused(association: Association, registered: str) -> Remark:
    """Why there is no association, with what mends it in this case."""
    calling, called = association.calling_ae_title, association.called_ae_title
    who = f"association {calling} to {called}"
    if association.outcome == "rejected" and association.reject is not None:
        what, fix = dimse.reject_in_words(*association.reject)
        if association.reject[1:] == CALLING_NOT_RECOGNIZED:
            fix = f"{registered}; upper and lower case differ"
        elif association.reject[1:] == CALLED_NOT_RECOGNIZED:
            fix = (
                f"the system has another AE title than {called}: correct `ae_title` in the site "
                "file; upper and lower case differ"
            )
        return Remark(FAIL, f"{who}: {what}", fix)
    what, _, fix = association.why.partition("; ")
    if association.outcome == "aborted" and not fix:
        fix = f"{registered}; look in the system's log, which usually names the reason"
    silent = association.outcome == "no answer"
    return Remark(FAIL, f"{who}: {one_line(what)}", one_line(fix), final=silent)


def about_peer(association: Association) -> str:
    """What the system says of itself in the negotiation (PS3.7 D.3.3.2, PS3.8 D.1)."""
    peer = association.acceptor
    name = one_line(peer.implementation_version_name) or "gives no version name"
    limit = f"{peer.max_pdu} bytes" if peer.max_pdu else "no limit"
    return (
        f"implementation: {name}, class UID {one_line(peer.implementation_class_uid) or 'none'}; "
        f"maximum PDU length: {limit}"
    )


def _echoed(requestor: dimse.Requestor, calling: str) -> Remark:
    if not requestor.association.accepted(VERIFICATION):
        what = f"C-ECHO as {calling}: the Verification SOP Class is not accepted"
        return Remark(FAIL, what, "a system that accepts associations must accept it (PS3.4 A)")
    exchange = requestor.echo()
    took = exchange.seconds
    if exchange.status == 0:
        shown = "" if took is None else f" in {took * 1000:.0f} ms"
        return Remark(OK, f"C-ECHO as {calling}: Success{shown}")
    return Remark(WARN if exchange.status is not None else FAIL, unanswered(exchange), "")


def unanswered(exchange: Exchange) -> str:
    """What became of a request that did not end in Success."""
    if exchange.status is None:
        return f"{exchange.service}: {exchange.ending}, {one_line(exchange.why)}"
    return f"{exchange.service}: {dimse.status_in_words(exchange.service, exchange.status)}"
