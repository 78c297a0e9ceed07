"""Steps that a real system has to begin: say what is to be done, wait for it, take what comes.

The event on the wire ends the wait; an answer of a person is the fallback. A module of `kinds`
says for one kind of step what is awaited:

    @awaits("verify", concerns=is_echo)
    def verify(stage, parameters, step) -> Expectation: ...

`engine.await_step` makes the system act as the site file says (`triggers`), watches what arrives
(`watch`), and fills the step's evidence, so that checks judge the service class user.
"""

from __future__ import annotations

from dicomtest.awaiting.registry import Awaited, all_awaited, awaits

__all__ = ["Awaited", "all_awaited", "awaits"]
