"""Figures and message lists of a step, from its evidence: for the report and the comparison."""

from __future__ import annotations

from collections import defaultdict
from statistics import median, quantiles
from typing import Any

from dicomtest.evidence import Association, Exchange, StepEvidence
from dicomtest.findings import hex_status

MAX_MESSAGES = 60
MAX_SAMPLES = 400  # of each service in a step
STALL = (0.035, 0.060)  # seconds: a delayed TCP acknowledgement, as Nagle's algorithm causes it


def step_timings(step: StepEvidence) -> dict[str, Any]:
    """Seconds on the wire, waiting for the peer, and spent by the harness; figures per service.

    `wire` is from the first to the last byte of each request, `peer` from there to the final
    response, `harness` what remains of the step. Associations in parallel add up, so harness
    time is never below zero. `stalled_40ms` counts exchanges that waited about 40 ms.
    """
    exchanges = [each for each in step.exchanges() if each.invoked_by == "us"]
    wire = sum(max(0.0, each.sent - each.began) for each in exchanges if each.began)
    peer = sum(each.seconds or 0.0 for each in exchanges)
    setup = sum(_setup(each) for each in step.associations if each.seen_from == "requestor")
    whole = max(0.0, step.ended - step.started)
    by_service: dict[str, list[Exchange]] = defaultdict(list)
    for each in step.exchanges():
        by_service[each.service].append(each)
    return {
        "wire": round(wire, 6),
        "peer": round(peer + setup, 6),
        "harness": round(max(0.0, whole - wire - peer - setup), 6),
        "exchanges": {name: figures(each) for name, each in sorted(by_service.items())},
        "stalled_40ms": sum(1 for each in exchanges if _stalled(each)),
    }


def figures(exchanges: list[Exchange]) -> dict[str, Any]:
    """Count, median, 95th percentile and maximum of the seconds to the final response.

    They count from the first byte of the request: when its last byte left, the clock of this
    machine tells less exactly than a fast peer answers. `bytes` is the size of all data sets,
    sent and received, as encoded; `samples` are the seconds of the first exchanges in order, for
    the comparison with another run.
    """
    seconds = [each for each in map(_whole, exchanges) if each is not None]
    entry: dict[str, Any] = {"count": len(exchanges), "answered": len(seconds)}
    size = sum(_bytes(each) for each in exchanges)
    if size:
        entry["bytes"] = size
    if seconds:
        entry["p50"] = round(median(seconds), 6)
        entry["p95"] = round(
            quantiles(seconds, n=20, method="inclusive")[18] if len(seconds) > 1 else seconds[0], 6
        )
        entry["max"] = round(max(seconds), 6)
        entry["samples"] = [round(each, 6) for each in seconds[:MAX_SAMPLES]]
    return entry


def _whole(exchange: Exchange) -> float | None:
    """From the first byte of the request to the final response."""
    if exchange.final is None:
        return None
    return max(0.0, exchange.final.at - (exchange.began or exchange.sent))


def _bytes(exchange: Exchange) -> int:
    """Size of the data sets of an exchange."""
    sets = [exchange.data, *(each.data for each in exchange.responses)]
    return sum(each.size() for each in sets if each is not None)


def step_messages(step: StepEvidence) -> list[dict[str, Any]]:
    """The messages of a step in order of time, as a sequence diagram shows them; bounded."""
    rows: list[dict[str, Any]] = []
    for association in step.associations:
        ends = _ends(step, association)
        rows.append(_row(association, association.opened, ends, "A-ASSOCIATE", association.outcome))
        for exchange in association.exchanges:
            way = (
                ends
                if (exchange.invoked_by == "us") == (association.seen_from == "requestor")
                else ends[::-1]
            )
            rows.append(_row(association, exchange.sent, way, _words(exchange), _answer(exchange)))
        if association.ended:
            rows.append(_row(association, association.closed, ends, association.ended, ""))
    rows.sort(key=lambda row: row["at"])
    for row in rows:
        row["at"] = round(row["at"] - step.started, 6)
    return rows[:MAX_MESSAGES]


def step_associations(step: StepEvidence) -> list[dict[str, Any]]:
    """The associations of a step with what was negotiated."""
    return [
        {
            "id": each.id,
            "calling": each.calling_ae_title,
            "called": each.called_ae_title,
            "seen_from": each.seen_from,
            "outcome": each.outcome,
            "ended": each.ended,
            "why": each.why,
            "label": each.label,
            "max_pdu": each.acceptor.max_pdu,
            "implementation": each.acceptor.implementation_class_uid,
            "version": each.acceptor.implementation_version_name,
            "contexts": [
                {
                    "used": sum(e.context_id == context.id for e in each.exchanges),
                    "requested_by": "us" if each.seen_from == "requestor" else "peer",
                    "roles": context.accepted_roles,
                    "abstract_syntax": context.abstract_syntax,
                    "name": "",
                    "proposed": context.proposed,
                    "result": context.result,
                    "accepted": context.accepted,
                }
                for context in each.contexts
            ],
        }
        for each in step.associations
    ]


def _setup(association: Association) -> float:
    return max(0.0, association.answered - association.opened) if association.answered else 0.0


def _stalled(exchange: Exchange) -> bool:
    return exchange.seconds is not None and STALL[0] <= exchange.seconds <= STALL[1]


def _ends(step: StepEvidence, association: Association) -> tuple[str, str]:
    """Requestor and acceptor as actor names where they are known, AE titles otherwise."""
    names = {player.ae_title: actor for actor, player in step.players.items()}
    calling, called = association.calling_ae_title, association.called_ae_title
    return names.get(calling, calling), names.get(called, called)


def _row(
    association: Association, at: float, way: tuple[str, str], text: str, status: str
) -> dict[str, Any]:
    return {
        "at": at,
        "from": way[0],
        "to": way[1],
        "text": text,
        "status": status,
        "association": association.id,
    }


def _words(exchange: Exchange) -> str:
    return f"{exchange.service} {exchange.label}".rstrip()


def _answer(exchange: Exchange) -> str:
    if exchange.status is None:
        return exchange.ending
    pending = len(exchange.pending)
    return (
        f"{pending} x pending, {hex_status(exchange.status)}"
        if pending
        else hex_status(exchange.status)
    )
