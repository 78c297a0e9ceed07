"""Systems that did not answer: nobody waits for them a second time as long as the first.

A system that is silent for a whole time limit has failed. To wait as long again in every step
that follows would tell nothing new and take hours; a slow system, which answers within the limit,
is never hurried.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from dicomtest import dimse
from dicomtest.evidence import Association

SHORT = 5.0  # seconds for a connection, an association, or a response, after the first silence
SHORT_RELEASE = 2.0  # seconds
SHORT_OPERATION = 60.0  # seconds for a request that was answered with Pending for ever

Address = tuple[str, int]


@dataclass(frozen=True)
class _Watched:
    address: Address
    service: str
    association: Association
    limits: dimse.Limits


class Silence:
    """What did not answer in this run, by address and service. Safe for several threads."""

    def __init__(self) -> None:
        """Begin with confidence in everybody."""
        self.service = ""  # the step kind that is being carried out
        self._watched: list[_Watched] = []
        self._unreachable: dict[Address, str] = {}
        self._unanswered: dict[tuple[Address, str], str] = {}
        self._unreleased: dict[Address, str] = {}
        self._lock = threading.Lock()

    def limits(self, remote: dimse.Remote, limits: dimse.Limits) -> dimse.Limits:
        """The time limits towards a system: shorter ones once it was silent.

        Where it did not answer requests of one service, those of the others keep their limit;
        where it did not answer two, none does.
        """
        address = (remote.host, remote.port)
        with self._lock:
            self._look()
            unreleased = self._unreleased.get(address)
            if unreleased:
                limits = replace(limits, release=min(limits.release, SHORT_RELEASE))
            silent = [why for (where, _), why in self._unanswered.items() if where == address]
            why = self._unreachable.get(address) or self._unanswered.get((address, self.service))
            if not why and len(silent) > 1:
                why = silent[0]
        if not why:
            return limits
        return replace(
            limits,
            connect=min(limits.connect, SHORT),
            association=min(limits.association, SHORT),
            response=min(limits.response, SHORT),
            operation=min(limits.operation, SHORT_OPERATION),
            release=min(limits.release, SHORT_RELEASE),
            because=why,
        )

    def watch(
        self, remote: dimse.Remote, association: Association, limits: dimse.Limits, waited: float
    ) -> None:
        """Remember an association, to see later what became of it; `waited` for it, seconds."""
        address = (remote.host, remote.port)
        with self._lock:
            if association.outcome in ("no connection", "no answer", "tls failed"):
                if waited > SHORT:
                    self._unreachable.setdefault(
                        address, f"it was silent for {waited:.0f} s before"
                    )
            else:
                self._watched.append(_Watched(address, self.service, association, limits))

    def _look(self) -> None:
        """Sort what was watched and is over into silent and not."""
        still = []
        for each in self._watched:
            if each.association.closed or each.association.ended:
                self._judge(each)
            else:
                still.append(each)
        self._watched = still

    def _judge(self, watched: _Watched) -> None:
        association, limits = watched.association, watched.limits
        for exchange in association.exchanges:
            cancelled = exchange.cancelled_at is not None
            if exchange.invoked_by == "us" and exchange.ending == "no response" and not cancelled:
                key = (watched.address, watched.service)
                self._unanswered.setdefault(
                    key,
                    f"shortened, because it had not answered a {exchange.service} within "
                    f"{limits.response:g} s",
                )
        if association.why.startswith(dimse.NO_RELEASE):
            self._unreleased.setdefault(watched.address, association.why)
