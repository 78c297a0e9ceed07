"""A real system is to send a C-ECHO: its user presses "verify", "test connection" or "ping"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dicomtest.awaiting.expectation import Expectation, Progress
from dicomtest.awaiting.registry import awaits
from dicomtest.awaiting.words import Words

if TYPE_CHECKING:
    from dicomtest.awaiting.arrivals import Message
    from dicomtest.evidence import Association, Exchange, StepEvidence
    from dicomtest.stage import Stage
    from dicomtest.transactions.verify import VerifyParameters


def is_echo(_association: Association, exchange: Exchange) -> bool:
    """Whether it is a C-ECHO of the peer."""
    return exchange.service == "C-ECHO" and exchange.invoked_by == "peer"


class Echo(Expectation):
    """One C-ECHO; the probes of the step are ours to try, not a real system's."""

    settle = 1.0

    def look(self, messages: Sequence[Message], *, lenient: bool) -> Progress:
        """Every C-ECHO counts."""
        del lenient
        answered = next((each for _, each in messages if each.status == 0), None)
        mine = self.up_to(messages, answered)
        seen = [
            Words(f"C-ECHO from {one.calling_ae_title}", f"收到 {one.calling_ae_title} 的 C-ECHO")
            for one, _ in messages
        ]
        return Progress(
            done=answered is not None, mine=mine, seen=seen, near=self.refused(messages),
            short=Words("no C-ECHO has come", "未收到 C-ECHO"),
        )  # fmt: skip


@awaits("verify", concerns=is_echo)
def verify(stage: Stage, parameters: VerifyParameters, step: StepEvidence) -> Expectation:
    """A connection test."""
    made = Echo(stage, parameters, step)
    title = step.players[step.scp].ae_title
    made.task = Words(
        f"Test the connection to {title} (it may be called verify, ping or echo).",
        f"请测试与 {title} 的连接（界面上可能称为验证、ping 或 echo）。",
    )
    made.awaited = Words("a C-ECHO request", "C-ECHO 请求")
    made.tell_destination()
    return made
