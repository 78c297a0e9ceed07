"""A real modality is to make images while our archive cannot be reached: nothing is seen of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dicomtest.awaiting.expectation import CannotBeAsked, Expectation, Progress
from dicomtest.awaiting.registry import awaits
from dicomtest.awaiting.words import ACCESSION_NUMBER, Words, patient_rows, patient_values

if TYPE_CHECKING:
    from dicomtest.awaiting.arrivals import Message
    from dicomtest.evidence import Association, Exchange, StepEvidence
    from dicomtest.stage import Stage
    from dicomtest.transactions.acquire import AcquireParameters


def is_nothing(_association: Association, _exchange: Exchange) -> bool:
    """No message belongs to it: our archive does not listen."""
    return False


class Waiting(Expectation):
    """Images that stay on the modality; that they are there is told, not seen."""

    by_word = True

    def begin(self) -> None:
        """Stop the archive."""
        self._archive = self.stage.run.casting.started(self.parameters.to)
        self._archive.pause()

    def end(self) -> None:
        """Let it listen again."""
        self._archive.resume()

    def look(self, messages: Sequence[Message], *, lenient: bool) -> Progress:
        """Done when it is said to be."""
        del messages, lenient
        return Progress(
            done=self.confirmed,
            short=Words("nobody said that the images are there", "无人确认影像已采集"),
        )

    def finish(self, progress: Progress) -> None:
        """Where a real modality tried to send is not seen: the checks have nothing to judge."""
        del progress
        self.step.facts["tried"] = False


@awaits("acquire", concerns=is_nothing)
def acquire(stage: Stage, parameters: AcquireParameters, step: StepEvidence) -> Expectation:
    """Making images while the archive is down."""
    from dicomtest.saved import order_of

    order = order_of(stage.saved, parameters.order)
    if order is None:
        raise CannotBeAsked(f"{parameters.order} is no order, or it was never made")
    made = Waiting(stage, parameters, step)
    title, subject = step.players[step.scp].ae_title, order.plan.subject
    made.use = [*patient_rows(subject), (ACCESSION_NUMBER, order.plan.accession_number)]
    made.values = patient_values(subject) | {
        "accession_number": order.plan.accession_number,
        "study_instance_uid": order.plan.study_uid,
        "images": str(parameters.images),
        "kinds": " ".join(parameters.kinds),
    }
    number = parameters.images
    made.task = Words(
        f"{title} does not listen now. Make {number} images of this patient and let the system "
        "send them by itself; do not send them by hand.",
        f"{title} 现在无法连接。请为该患者采集 {number} 幅影像，由设备自动发送，请勿手动发送。",
    )
    made.awaited = Words("your word that the images are there", "确认影像已采集")
    return made
