"""Does an archive take requests for storage commitment from us, and does its report arrive?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dicomtest import dimse
from dicomtest.dicom.attribute_values import data_set
from dicomtest.dicom.commitment_model import (
    COMMITMENT,
    COMMITMENT_INSTANCE,
    REQUEST,
    Reference,
    request,
)
from dicomtest.dicom.uids import UidFactory
from dicomtest.preflight.reach import UNCOMPRESSED, unanswered
from dicomtest.preflight.remarks import INFO, OK, WARN, Remark

if TYPE_CHECKING:
    from dicomtest.actors.modality import Modality

CT = "1.2.840.10008.5.1.4.1.1.2"
BRIEFLY, PATIENTLY = 0.3, 5.0  # seconds for the report


def commitment_remarks(
    scu: Modality, remote: dimse.Remote, registered: str, run: str, *, patient: bool
) -> Iterator[Remark]:
    """Ask to commit an image that was never stored: harmless, and it must be reported on.

    `registered` says in words what the archive has to know of us, `run` makes the UIDs fresh. Who
    is not `patient` learns whether the request is taken, and of a report only when it comes soon.
    """
    seconds = PATIENTLY if patient else BRIEFLY
    uids = UidFactory(f"{run}/commitment")
    transaction = uids.new()
    asked = data_set(request(transaction, [Reference(CT, uids.new())]))
    since = len(scu.inbox.reports)
    proposal = dimse.Proposal(COMMITMENT, UNCOMPRESSED)
    report = None
    handler = scu.inbox.n_event_report
    with scu.associate(remote, [proposal], event_report_handler=handler) as peer:
        if not peer.association.accepted(COMMITMENT):
            yield Remark(INFO, "storage commitment is not accepted")
            return
        exchange = peer.n_action(COMMITMENT, COMMITMENT_INSTANCE, asked, action_type=REQUEST)
        if exchange.status == 0:
            report = scu.inbox.wait_for(transaction, seconds, since=since)
    what = f"storage commitment as {scu.ae_title}"
    if exchange.status is None:
        fix = f"{registered}, for storage commitment too: archives that do not know who asks abort"
        yield Remark(WARN, f"{what}: {unanswered(exchange)}", fix)
    elif exchange.status != 0:
        yield Remark(WARN, f"{what}: {unanswered(exchange)}", registered)
    elif report is not None:
        same = report.association == peer.association.id
        where = "the association of the request" if same else "an association of its own"
        yield Remark(OK, f"{what}: the report arrived on {where}")
    elif patient:
        fix = (
            f"{registered}, and let TCP through to this port; an archive that takes longer needs "
            "nothing but time"
        )
        yield Remark(WARN, f"{what}: no report came within {seconds:g} s", fix)
    else:
        yield Remark(INFO, f"{what}: taken; whether the report arrives is tried with --store")
