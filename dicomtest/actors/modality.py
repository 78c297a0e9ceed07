"""The simulated modality: stores, asks, reports what it performs, has it committed."""

from __future__ import annotations

from dicomtest import dimse
from dicomtest.actors.commitment import ReportInbox
from dicomtest.actors.simulator import Setting, Simulator


class Modality(Simulator):
    """Storage SCU; as an SCP it answers C-ECHO, and takes reports on its commitment requests."""

    def __init__(self, setting: Setting) -> None:
        """Begin without a report."""
        super().__init__(setting)
        self.inbox = ReportInbox()

    def handlers(self) -> dimse.Handlers:
        """C-ECHO, and N-EVENT-REPORT of storage commitment (PS3.4 J.3.3.1.3)."""
        return dimse.Handlers(echo=self.on_echo, n_event_report=self.inbox.n_event_report)
