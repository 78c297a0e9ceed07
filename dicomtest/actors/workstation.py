"""The simulated review workstation: queries and retrieves, and is a move destination."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dicomtest import dimse
from dicomtest.actors.simulator import Setting, Simulator

StoreRule = Callable[[dimse.Incoming], int]
"""Gives the status with which a C-STORE request is answered."""


def take_all(_incoming: dimse.Incoming) -> int:
    """Success for everything."""
    return 0x0000


class Workstation(Simulator):
    """Query/Retrieve SCU and Storage SCP.

    `rule` decides the status of what is stored to it, so that a scenario can make it refuse some
    or all sub-operations on purpose; `accepts` limits the transfer syntaxes from the next `start`.
    """

    def __init__(self, setting: Setting) -> None:
        """Take everything, until a step says otherwise."""
        super().__init__(setting)
        self.rule: StoreRule = take_all
        self.accepts: tuple[str, ...] | None = None

    def supported(self) -> list[dimse.Supported]:
        """The presentation contexts of the profile, in the transfer syntaxes accepted now."""
        every = super().supported()
        if self.accepts is None:
            return every
        return [replace(each, transfer_syntaxes=self.accepts) for each in every]

    def handlers(self) -> dimse.Handlers:
        """C-ECHO and C-STORE."""
        return dimse.Handlers(echo=self.on_echo, store=self.on_store)

    def on_store(self, incoming: dimse.Incoming) -> dimse.Answer:
        """Answer as the rule says (PS3.4 B.2.3)."""
        exchange = incoming.exchange
        status = self.rule(incoming)
        self.setting.announce(f"C-STORE {exchange.sop_instance} answered {status:04X}")
        return dimse.Answer(status)
