"""The wait for what a step is about: looks at everything that arrives until it is there.

The event on the wire ends the wait; what a person says, or the end of the time, does too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Literal

from dicomtest.awaiting.arrivals import is_over
from dicomtest.awaiting.desk import EXTENSION, Answer, Card
from dicomtest.awaiting.expectation import Progress
from dicomtest.awaiting.words import Words

if TYPE_CHECKING:
    from dicomtest.awaiting.expectation import Expectation
    from dicomtest.awaiting.registry import Awaited
    from dicomtest.awaiting.trigger import Running
    from dicomtest.evidence import Association, Exchange
    from dicomtest.spec.site import System
    from dicomtest.stage import Stage

LOOK = 0.25  # seconds after which everything is looked at anew, news or not
QUIET = 0.2  # seconds without news when a command has ended and every association is closed
CLOSED = 1.0  # the same while it is a person or the system itself that acts
FAILED = 1.0  # seconds for what may still come after a trigger has failed

How = Literal[
    "seen", "earlier", "said", "fails", "impossible", "later", "time", "trigger", "nobody"
]  # fmt: skip


OUTCOMES = {
    "seen": Words("done", "已完成"),
    "earlier": Words("done before", "之前已完成"),
    "said": Words("said to be done", "报告为已完成"),
    "fails": Words("does not work", "操作失败"),
    "impossible": Words("cannot be done here", "此处无法执行"),
    "later": Words("put off", "已推迟"),
    "time": Words("the time was over", "超时"),
    "trigger": Words("the trigger failed", "触发失败"),
    "nobody": Words("nobody was there", "无人操作"),
    "interrupted": Words("interrupted", "已中断"),
}


@dataclass(frozen=True)
class Wish:
    """Who is to act, how it is made to, and how long it is waited for."""

    system: System
    way: str
    seconds: float


@dataclass(frozen=True)
class Ended:
    """How the wait ended."""

    how: How
    seconds: float
    answer: Answer | None = None


class Watch:
    """One wait; `progress`, `near` and `running` say afterwards how far it came."""

    def __init__(
        self, stage: Stage, awaited: Awaited, expectation: Expectation, wish: Wish
    ) -> None:
        """Prepare; nothing is asked or opened before `run`."""
        self.stage = stage
        self.awaited = awaited
        self.expectation = expectation
        self.wish = wish
        self.seconds = wish.seconds
        self.progress = Progress()
        self.near: list[Words] = []
        self.running: Running | None = None
        self._arrivals = stage.run.arrivals
        self._desk = stage.run.desk
        self._ignored: set[int] = set()  # id() of messages from before `repeat`
        self._key = f"{expectation.step.scenario}/{expectation.step.step}"

    def run(self, trigger: Callable[[], Running | None]) -> Ended:
        """Wait; what belongs to the step is put into its evidence."""
        began = monotonic()
        self._look()
        once_each_step = self.wish.way in ("command", "url") and not self.covers_scenario
        if once_each_step or self._goes_wrong:
            self._ignore()
            self._look()
        if self.progress.done:
            ended = Ended("earlier", 0.0)
        elif self.wish.way == "operator" and not self._desk.expects(self._key):
            ended = Ended("nobody", 0.0)
        else:
            card = self._card()
            self._desk.wake = self.stage.run.recorder.changed
            self._desk.show(card)
            try:
                ended = self._wait(card, trigger, began)
            except BaseException:
                self._desk.close(OUTCOMES["interrupted"])
                raise
            self._desk.close(self._outcome(ended))
        if ended.how != "nobody":
            self._claim(lenient=ended.how == "said")
        return ended

    @property
    def _goes_wrong(self) -> bool:
        """Whether our side misbehaves in this step: what came before it has not seen that."""
        return getattr(self.expectation.parameters, "faults", None) is not None

    def _outcome(self, ended: Ended) -> Words:
        """What became of it, for the list of steps."""
        if ended.how in ("seen", "earlier") and self.progress.seen:
            last = self.progress.seen[-1]
            return Words(f"{OUTCOMES['seen'].en}: {last.en}", f"{OUTCOMES['seen'].zh}：{last.zh}")
        return OUTCOMES[ended.how]

    @property
    def covers_scenario(self) -> bool:
        """Whether one command or call makes the system do the whole scenario."""
        trigger = self.wish.system.trigger
        return trigger is not None and trigger.covers == "scenario"

    def _wait(self, card: Card, trigger: Callable[[], Running | None], began: float) -> Ended:
        until = began + self.wish.seconds
        self.running = trigger()
        news, activity, failed_at = monotonic(), self._arrivals.activity, 0.0
        while True:
            if self.expectation.by_word and self.running is not None and self.running.over:
                self.expectation.confirmed = not self.running.failed
            self._look()
            now = monotonic()
            if self._arrivals.activity != activity:
                news, activity = now, self._arrivals.activity
            answer = self._said(card, now - news)
            if answer is not None and answer.choice == "extend":
                until += EXTENSION
                self.seconds += EXTENSION
            elif answer is not None and answer.choice == "repeat":
                self._ignore()
                until = now + self.wish.seconds
                self.running = trigger()
            elif answer is not None:
                self.expectation.confirmed = answer.choice in ("done", "answers")
                return Ended(_HOW[answer.choice], now - began, answer)
            if self.progress.done and now - news >= self._patience():
                return Ended("seen", now - began)
            if self.running is not None and self.running.failed and not self.progress.done:
                failed_at = failed_at or now
                if now - max(failed_at, news) >= FAILED:
                    return Ended("trigger", now - began)
            if now >= until:
                return Ended("seen" if self.progress.done else "time", now - began)
            self._show(card, until)
            wait = min(LOOK, max(0.02, until - now))
            if self.progress.done:
                wait = min(wait, max(0.02, self._patience() - (now - news)))
            self._await_news(activity, wait)

    def _await_news(self, activity: tuple[int, int, int], seconds: float) -> None:
        """Wait until something happens; new associations, messages on known ones, a word."""
        version = self._desk.version

        def happened(new: list[Association]) -> bool:
            return (
                bool(new)
                or self._arrivals.activity != activity
                or self._desk.version != version
                or (self.running is not None and bool(self.running.failed))
            )

        self.stage.run.recorder.wait_for(happened, seconds)

    def _said(self, card: Card, quiet: float) -> Answer | None:
        """What somebody says; a recorded "done" counts when nothing more comes."""
        answer = self._desk.said(card)
        if answer is not None:
            return answer
        recorded = self._desk.standing(self._key)
        if recorded is None:
            return None
        if recorded.choice == "done":
            come = self.expectation.by_word or (
                bool(self._lenient().mine) and quiet >= self._patience()
            )
            return recorded if come and not self.progress.done else None
        return recorded

    def _patience(self) -> float:
        """Seconds without news after which it is over."""
        system = self.wish.system.ae_title
        live = self._arrivals.associations(
            lambda each: is_of(each, system) and not each.closed and each.outcome == "accepted"
        )
        if live:
            return self.expectation.settle
        if self.running is not None and not self.covers_scenario:
            return QUIET if self.running.over else min(self.expectation.settle, CLOSED)
        return QUIET if self.wish.way in ("command", "url") else CLOSED

    def _look(self) -> None:
        self._arrivals.gather()
        system = self.wish.system.ae_title
        messages = [
            (association, exchange)
            for association, exchange in self._arrivals.messages(lambda one: is_of(one, system))
            if id(exchange) not in self._ignored and self.awaited.concerns(association, exchange)
        ]
        self.progress = self.expectation.look(messages, lenient=False)
        self.near = list(dict.fromkeys([*self.progress.near, *self._strange()]))

    def _lenient(self) -> Progress:
        """What there is when everything of the kind counts, whoever sent it."""
        messages = [
            (association, exchange)
            for association, exchange in self._arrivals.messages(
                lambda one: is_of(one, self.wish.system.ae_title) or self._is_stranger(one)
            )
            if id(exchange) not in self._ignored and self.awaited.concerns(association, exchange)
        ]
        return self.expectation.look(messages, lenient=True)

    def _ignore(self) -> None:
        """What came so far does not count any more."""
        every = self._arrivals.messages(lambda _one: True)
        self._ignored |= {id(exchange) for _, exchange in every}

    def _strange(self) -> list[Words]:
        """Near misses below the messages: other AE titles, associations that came to nothing."""
        expected, found = self.wish.system.ae_title, []
        for each in self._arrivals.associations(self._is_stranger):
            title, where = each.calling_ae_title.strip(), each.requestor.address
            if title:
                found.append(
                    Words(
                        f"an association from AE title {title} ({where}); expected {expected}",
                        f"收到来自 AE 标题 {title}（{where}）的关联；应为 {expected}",
                    )
                )
        for each in self._arrivals.associations(lambda one: is_of(one, expected)):
            if each.exchanges or not each.answered:
                continue
            if each.outcome != "accepted":
                found.append(
                    Words(
                        f"an association came to nothing: {each.outcome} {each.why}".rstrip(),
                        f"关联未建立：{each.outcome} {each.why}".rstrip(),
                    )
                )
            elif each.contexts and not any(one.result == 0 for one in each.contexts):
                found.append(
                    Words(
                        "an association on which no presentation context was acceptable to us",
                        "收到一个关联，但其中没有本机可接受的表示上下文",
                    )
                )
        return found

    def _is_stranger(self, association: Association) -> bool:
        if association.seen_from != "acceptor":
            return False
        title = association.calling_ae_title.strip()
        return title not in self.stage.run.casting.known_titles()

    def _claim(self, *, lenient: bool) -> None:
        """Put into the evidence what belongs to the step, and only that."""
        if lenient and not self.progress.done:
            self.progress = self._lenient()
        mine: list[Exchange] = self.progress.mine
        system = self.wish.system.ae_title
        taken = self._arrivals.claim(mine, bare=lambda one: is_of(one, system))
        self._arrivals.drop(self._is_stranger)  # they were told of
        self.expectation.step.associations.extend(taken)
        self.expectation.finish(self.progress)

    def _card(self) -> Card:
        made, step = self.expectation, self.expectation.step
        from dicomtest.transactions import all_transactions

        title = all_transactions()[step.kind].describe(made.parameters)
        system = self.wish.system
        return Card(
            scenario=step.scenario,
            step=step.step,
            title=Words(title, title),
            system=name_of(system),
            task=made.task,
            awaited=made.awaited,
            use=made.use,
            way=self.wish.way,
            until=monotonic() + self.wish.seconds,
            limit=self.wish.seconds,
        )

    def _show(self, card: Card, until: float) -> None:
        """Bring the card up to date."""
        live = [
            each
            for each in self._arrivals.associations(
                lambda one: is_of(one, self.wish.system.ae_title)
            )
            if each.outcome == "accepted" and not each.ended
        ]
        seen = list(self.progress.seen)
        for each in live:
            under_way = [one.service for one in each.exchanges if not is_over(each, one)]
            what = under_way[-1] if under_way else ""
            seen.append(
                Words(f"an association is open {what}".rstrip(), f"关联已建立 {what}".rstrip())
            )
        new = (seen, self.near, self.progress.short, until)
        if new != (card.seen, card.near, card.short, card.until):
            card.seen, card.near, card.short, card.until = new
            self._desk.changed()


_HOW: dict[str, How] = {
    "done": "said", "answers": "said", "fails": "fails", "impossible": "impossible",
    "later": "later",
}  # fmt: skip


def name_of(system: System) -> str:
    """A system as people know it, with its AE title."""
    if system.title == system.ae_title:
        return system.title
    return f"{system.title} ({system.ae_title})"


def is_of(association: Association, ae_title: str) -> bool:
    """Whether the system with that AE title opened it, or we opened it to answer the system."""
    if association.seen_from == "acceptor":
        return association.calling_ae_title.strip() == ae_title
    return association.called_ae_title.strip() == ae_title
