"""The simulated RIS: Modality Worklist SCP, and manager of performed procedure steps."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from typing import Any

from dicomtest import dimse
from dicomtest.actors.simulator import Setting, Simulator
from dicomtest.actors.worklist import Orders

DOES_NOT_MATCH = 0xA900  # Identifier does not match SOP Class (PS3.4 Table K.4-1)
IMPLICIT = "1.2.840.10008.1.2"
MPPS_MANAGER = "dicomtest.actors.mpps_manager"


class Ris(Simulator):
    """An order filler that answers as PS3.4 Annex K asks.

    `orders` is what is scheduled; it may change while the simulator listens. `refresh` is called
    before each query.
    """

    def __init__(self, setting: Setting) -> None:
        """Begin with nothing scheduled."""
        super().__init__(setting)
        self.orders = Orders()
        self.refresh: Callable[[], None] = lambda: None
        self.mpps: Any = None
        if importlib.util.find_spec(MPPS_MANAGER) is not None:
            self.mpps = importlib.import_module(MPPS_MANAGER).MppsManager(self)

    def handlers(self) -> dimse.Handlers:
        """C-ECHO, C-FIND, and what the manager of performed procedure steps answers."""
        handlers = dimse.Handlers(echo=self.on_echo, find=self.on_find)
        if self.mpps is not None:
            handlers.n_create = self.mpps.n_create
            handlers.n_set = self.mpps.n_set
            handlers.n_get = self.mpps.n_get
        return handlers

    def state(self) -> dict[str, Any]:
        """What is scheduled, with its status, and what is performed."""
        steps = [] if self.mpps is None else self.mpps.steps
        return {"orders": self.orders.items(), "performed": steps}

    def restore(self, state: dict[str, Any]) -> None:
        """Schedule it anew, and go on with what is performed."""
        self.orders.schedule(state["orders"])
        if self.mpps is not None:
            self.mpps.restore(state["performed"])

    def on_find(self, incoming: dimse.Incoming) -> Iterator[dimse.Answer]:
        """One Pending answer for each scheduled step that matches (PS3.4 K.4.1.3)."""
        self.refresh()
        found = self.orders.find(incoming.dataset())
        if found is None:
            comment = "Identifier does not match the worklist model"
            yield dimse.Answer(DOES_NOT_MATCH, elements={"ErrorComment": comment})
            return
        count = 0
        syntax = incoming.context.accepted or IMPLICIT
        for each in found:
            count += 1
            if syntax not in each.encoded:
                each.encoded[syntax] = dimse.encode_dataset(each.identifier, syntax)
            yield dimse.Answer(each.status, dataset=each.encoded[syntax])
        self.setting.announce(f"worklist query answered with {count} steps")
        yield dimse.Answer(0x0000)
