"""Can a PACS send to us: does it know our C-MOVE destination, and does it get through?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dicomtest import dimse
from dicomtest.dicom.uids import UidFactory
from dicomtest.preflight.reach import UNCOMPRESSED, unanswered
from dicomtest.preflight.remarks import FAIL, INFO, OK, WARN, Remark
from dicomtest.reporting.text import one_line

if TYPE_CHECKING:
    from dicomtest.actors import Simulator
    from dicomtest.evidence import Association, Exchange

STUDY_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
DESTINATION_UNKNOWN = 0xA801  # PS3.4 C.4.2
NOBODY = "DT_NOBODY"


@dataclass(frozen=True)
class WayBack:
    """The PACS, our AE that it is to send to, and how that is registered there."""

    remote: dimse.Remote
    destination: Simulator
    recorder: dimse.Recorder
    registered: str

    @property
    def ae_title(self) -> str:
        """AE title of the destination."""
        return self.destination.ae_title

    def move(self, study: str, destination: str) -> Exchange | None:
        """C-MOVE of a study; None where the PACS does not accept the model."""
        from pydicom import Dataset

        identifier = Dataset()
        identifier.QueryRetrieveLevel = "STUDY"
        identifier.StudyInstanceUID = study
        proposal = dimse.Proposal(STUDY_ROOT_MOVE, UNCOMPRESSED)
        with self.destination.associate(self.remote, [proposal]) as requestor:
            if not requestor.association.accepted(STUDY_ROOT_MOVE):
                return None
            return requestor.move(STUDY_ROOT_MOVE, identifier, destination)


def is_known(way: WayBack) -> Iterator[Remark]:
    """Ask for a study that does not exist, once for us and once for an AE title nobody has.

    A PACS that looks for matches before it looks at the destination answers both alike; then
    only an object that is really sent can tell.
    """
    study = UidFactory(f"doctor/{way.ae_title}").new()
    ours = way.move(study, way.ae_title)
    if ours is None:
        yield Remark(INFO, "C-MOVE is not accepted (Study Root); C-GET is left to retrieve with")
        return
    if ours.status == DESTINATION_UNKNOWN:
        what = f"C-MOVE: the system does not know the destination {way.ae_title} (A801)"
        yield Remark(FAIL, what, way.registered)
        return
    nobody = way.move(study, NOBODY)
    if nobody is not None and nobody.status == ours.status:
        yield Remark(
            INFO,
            f"{unanswered(ours)}, when there is nothing to send, for {way.ae_title} as for an "
            "unknown destination; only --store, or the run, shows whether it is known",
        )
    elif ours.status == 0:
        yield Remark(OK, f"C-MOVE: the system knows the destination {way.ae_title}")
        yield Remark(INFO, "whether it gets through to us is tried with --store, or in the run")
    else:
        fix = "the system knows the destination; look in its log why it does not send"
        yield Remark(WARN, unanswered(ours), fix)


def gets_through(way: WayBack, study: str, instance: str) -> Iterator[Remark]:
    """C-MOVE of an object that was stored before: does it arrive?"""
    way.recorder.take()
    exchange = way.move(study, way.ae_title)
    if exchange is None:
        return
    calls = [each for each in way.recorder.take() if each.seen_from == "acceptor"]
    arrived = [
        each
        for call in calls
        for each in call.of("C-STORE")
        if each.sop_instance == instance and each.status == 0
    ]
    if arrived:
        yield Remark(OK, f"C-MOVE: the object arrived at {way.ae_title}")
        return
    what = f"C-MOVE to {way.ae_title}: the object did not arrive; {unanswered(exchange)}"
    yield Remark(FAIL, what, _why_not(way, exchange, calls))


def _why_not(way: WayBack, exchange: Exchange, calls: list[Association]) -> str:
    if exchange.status == DESTINATION_UNKNOWN:
        return way.registered
    if not calls:
        return (
            f"nobody connected to us: {way.registered}, and let TCP through to this port in the "
            "firewalls between, this machine's own included"
        )
    refusals = [one_line(each.why) for each in calls if each.outcome != "accepted"]
    if refusals:
        return f"the system called us, and there was no association: {refusals[0]}"
    return "the system called us but stored nothing; look in its log"
