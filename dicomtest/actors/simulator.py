"""What every simulator actor has: an AE title, a listener, and a way to associate."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from dicomtest import dimse
from dicomtest.actors.faults import FaultPlan, with_faults
from dicomtest.actors.silence import Silence
from dicomtest.evidence import Player

if TYPE_CHECKING:
    from dicomtest.spec.faults import Faults
    from dicomtest.spec.profile import Profile

BUSY = "busy"
BUSY_FOR, BUSY_PAUSE = 5.0, 0.25  # seconds

Directory = Callable[[str], dimse.Remote | None]
"""Where to find the AE of that title; None when it is not known."""


def is_busy(reject: tuple[int, int, int] | None) -> bool:
    """Whether an association was rejected for now only: transient, or a limit of the provider."""
    return reject is not None and (reject[0] == 2 or reject[1] == 3)


@dataclass
class Setting:
    """What a simulator needs from the run it plays in."""

    player: Player
    profile: Profile
    recorder: dimse.Recorder
    spool: Path
    limits: dimse.Limits
    directory: Directory
    bind: str = "127.0.0.1"
    port: int = 0
    announce: Callable[[str], None] = field(default=lambda _line: None)
    silence: Silence = field(default_factory=Silence)


class Simulator:
    """Base of the actors. Subclasses say in `handlers` how they answer what arrives."""

    def __init__(self, setting: Setting) -> None:
        """Keep the setting; nothing is opened before `start`."""
        self.setting = setting
        self.profile = setting.profile
        self.ae_title = setting.player.ae_title
        self._listener: dimse.Listener | None = None
        always = setting.profile.faults
        self.faults: FaultPlan | None = FaultPlan(always) if always else None
        self._port = setting.port

    def handlers(self) -> dimse.Handlers:
        """How requests are answered; the base answers C-ECHO only (PS3.4 Annex A)."""
        return dimse.Handlers(echo=self.on_echo)

    def on_echo(self, incoming: dimse.Incoming) -> dimse.Answer:
        """Success, always (PS3.7 9.1.5)."""
        self.setting.announce(f"C-ECHO from {incoming.association.calling_ae_title}")
        return dimse.Answer(0x0000)

    def supported(self) -> list[dimse.Supported]:
        """The presentation contexts the device profile claims as SCP or SCU."""
        return [
            dimse.Supported(
                each.uid,
                each.transfer_syntaxes,
                scu_role="scp" in each.roles,  # the requestor's role is the other one
                scp_role="scu" in each.roles,
            )
            for each in self.profile.sop_classes
        ]

    @property
    def listening(self) -> bool:
        """Whether it has been started and not stopped."""
        return self._listener is not None

    @property
    def port(self) -> int:
        """The port it listens on; raises AssertionError before `start`."""
        assert self._listener is not None, "start the simulator first"
        return self._listener.port

    def start(self) -> Self:
        """Listen; raises SetupError in words when the port cannot be had."""
        listener = dimse.Listener(
            self.ae_title,
            supported=self.supported(),
            handlers=with_faults(self.handlers(), lambda: self.faults),
            recorder=self.setting.recorder,
            spool=self.setting.spool,
            port=self.setting.port,
            host=self.setting.bind,
            limits=self.setting.limits,
            max_pdu=self.profile.max_pdu,
        )
        listener.policy_of_next = self._policy
        listener.supported_now = self._supported
        listener.start()
        self._listener = listener
        return self

    def misbehave(self, faults: Faults | None) -> None:
        """Show these faults from now on; None: those of the device profile, mostly none."""
        wanted = faults or self.profile.faults
        self.faults = FaultPlan(wanted) if wanted else None

    def _policy(self, usual: dimse.Policy) -> dimse.Policy:
        return self.faults.policy(usual) if self.faults else usual

    def _supported(self, usual: Sequence[dimse.Supported]) -> Sequence[dimse.Supported]:
        return self.faults.supported(list(usual)) if self.faults else usual

    def stop(self) -> None:
        """Close the listener and everything that it serves."""
        if self._listener is not None:
            self._listener.stop()
            self._listener = None

    def state(self) -> Any:
        """What it keeps beyond a restart of the program; None for nothing."""
        return None

    def restore(self, state: Any) -> None:
        """Take back what `state` gave."""

    def pause(self) -> None:
        """Stop listening for a while; the port stays the same."""
        self._port = self.port
        self.stop()

    def resume(self) -> None:
        """Listen again on the port of before `pause`."""
        self.setting.port = self._port
        self.start()

    def associate(
        self, remote: dimse.Remote, proposals: Sequence[dimse.Proposal], **options: Any
    ) -> dimse.Requestor:
        """Open an association in this actor's name, recorded with the run's evidence.

        A rejection as transient (PS3.8 Table 9-21) means: later. It is tried again for
        `patience` seconds; the attempts before the last one carry the label "busy". Who was
        silent before is not waited for as long again, unless that was `provoked`. Who has just
        dropped an association may be `restarting`, and not listen for a moment.
        """
        options.setdefault("max_pdu", self.profile.max_pdu)
        options.setdefault("calling", self.ae_title)
        silence, provoked = self.setting.silence, options.pop("provoked", False)
        restarting = options.pop("restarting", False)
        asked: dimse.Limits = options.pop("limits", self.setting.limits)
        limits = silence.limits(remote, asked)
        until = time.monotonic() + options.pop("patience", BUSY_FOR)
        while True:
            began = time.monotonic()
            requestor = dimse.associate(
                remote,
                proposals=proposals,
                recorder=self.setting.recorder,
                limits=limits,
                **options,
            )
            if not provoked and asked.response >= self.setting.limits.response:
                silence.watch(remote, requestor.association, limits, time.monotonic() - began)
            later = is_busy(requestor.association.reject)
            later = later or (restarting and requestor.association.outcome == "no connection")
            if not later or time.monotonic() >= until:
                return requestor
            requestor.association.label = BUSY
            time.sleep(BUSY_PAUSE)

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        """Stop."""
        self.stop()
