"""Orders by HL7 version 2 over MLLP, and what the acknowledgements say."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from dicomtest.errors import StepError
from dicomtest.hl7.acknowledgement import read
from dicomtest.hl7.messages import (
    Envelope,
    Message,
    order_messages,
    patient_merge,
    patient_update,
)
from dicomtest.hl7.mllp import send as send_message

if TYPE_CHECKING:
    from dicomtest.evidence import StepEvidence
    from dicomtest.spec.site import Orders
    from dicomtest.stage import Stage
    from dicomtest.transactions.placing import Change


def send(stage: Stage, change: Change, step: StepEvidence, orders: Orders) -> None:
    """Send what the change needs; raises StepError when a message was not taken."""
    host, _, port = str(orders.hl7).rpartition(":")
    connect = stage.run.casting.limits().connect
    for message in messages(change, orders, _envelopes(stage, step, orders)):
        reply = send_message(
            host.strip("[]"), int(port), message.data, connect=connect, answer=orders.timeout
        )
        said = read(reply.message) if reply.message else None
        note = {
            "type": message.type,
            "control_id": message.control_id,
            "sent": message.data.decode("utf-8", "replace"),
            "answer": reply.message.decode("utf-8", "replace"),
            "code": said.code if said else "",
            "answered_id": said.control_id if said else "",
            "why": said.words if said else reply.problem,
            "frame": reply.frame,
            "seconds": reply.seconds,
        }
        step.facts["messages"].append(note)
        if said is None or not said.taken:
            code = f"acknowledged with {said.code}" if said and said.code else "not acknowledged"
            raise StepError(f"{message.type} to {orders.hl7} was {code}: {note['why']}")


def messages(change: Change, orders: Orders, envelopes: Iterator[Envelope]) -> Iterator[Message]:
    """The messages that say what is to become of an order."""
    if change.action == "update-patient":
        yield patient_update(change.after[0], next(envelopes))
    elif change.action == "merge":
        yield patient_merge(change.after[0], change.before[0], next(envelopes))
    else:
        items = change.before if change.action == "cancel" else change.after
        yield from order_messages(orders.message, change.action, items, envelopes)


def _envelopes(stage: Stage, step: StepEvidence, orders: Orders) -> Iterator[Envelope]:
    from dicomtest.dicom.orders import identifier_tag

    for number in itertools.count(1):
        yield Envelope(
            control_id=f"{identifier_tag(f'{stage.uids.run}/{step.step}')}{number}",
            moment=datetime.now().strftime("%Y%m%d%H%M%S"),
            sender=orders.sender,
            receiver=orders.receiver,
            version=orders.version,
        )
