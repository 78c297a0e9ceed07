"""Simulated providers, and the verdicts on a real system that uses them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dicomtest.checks import SCU, checks_for
from dicomtest.evidence import Association, Instance, Player, StepEvidence
from dicomtest.judging import result
from dicomtest.session import RunSession
from dicomtest.spec.faults import Faults
from dicomtest.spec.site import Limits, Simulator, Site
from dicomtest.transactions import step_models
from tests.defects.matrix import free_port

TITLE = "BROKEN"


class Bench:
    """One scenario after another of a system that acts; `story` are its steps so far."""

    def __init__(self, folder: Path) -> None:
        self.session = RunSession(None, folder, 1)
        self.session.site = Site(
            "senders",
            simulators={each: Simulator(port=free_port()) for each in ("pacs", "ris")},
            limits=Limits(connect=5, association=5, response=5),
        )
        self.run = self.session.run
        self.story: list[StepEvidence] = []

    def begin(self) -> None:
        """Another scenario."""
        self.run.recorder.take()
        self.story = []

    def provider(self, actor: str) -> Any:
        """The simulator of an actor, listening."""
        return self.run.casting.started(actor)

    @contextmanager
    def faulty(self, actor: str, **faults: Any) -> Iterator[None]:
        """Have a provider go wrong meanwhile."""
        self.provider(actor).misbehave(Faults.model_validate(faults))
        try:
            yield
        finally:
            self.provider(actor).misbehave(None)

    def step(
        self,
        kind: str,
        act: Callable[[Any], object],
        *,
        to: str = "pacs",
        tamper: Callable[[StepEvidence], object] = lambda _step: None,
        ends: int = 1,
        **parameters: Any,
    ) -> set[str]:
        """Let the system act, and give the checks that find fault with it in this step."""
        provider = self.provider(to)
        self.run.recorder.take()
        if "faults" in parameters:
            with self.faulty(to, **parameters["faults"]):
                act(provider)
        else:
            act(provider)
        model = step_models()[kind].model_validate({"from": "modality", "to": to, **parameters})
        step = StepEvidence(
            scenario="senders",
            step=f"{len(self.story) + 1}-{kind}",
            kind=kind,
            scu="modality",
            scp=to,
            players={
                "modality": Player("modality", False, TITLE, "127.0.0.1", None, "a sender"),
                to: self.run.casting.player(to, kind),
            },
            parameters=model.model_dump(mode="json", by_alias=True, exclude_none=True),
            associations=self._over(ends),
            story=list(self.story),
        )
        step.instances = [
            Instance(each.sop_class, each.sop_instance, *_series(each.data), "", each.data)
            for each in step.exchanges("C-STORE")
            if each.data is not None and each.status == 0
        ]
        tamper(step)
        self.story.append(step)
        verdicts = [
            result(check, step, (), evidence="")
            for check in checks_for(kind, step.parameters)
            if check.judges is SCU
        ]
        self.words = "\n".join(
            f"{each['outcome']} {each['check']}: {each['message']}"
            for each in verdicts
            if each["outcome"] in ("failed", "warned", "error")
        )
        return {each["check"] for each in verdicts if each["outcome"] in
                ("failed", "warned", "error", "blocked")}  # fmt: skip

    def _over(self, ends: int) -> list[Association]:
        """What was recorded, once so many associations are over."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if sum(1 for each in self.run.recorder.recorded if each.closed) >= ends:
                break
            time.sleep(0.002)
        return list(self.run.recorder.take())


def _series(data: Any) -> tuple[str, str]:
    try:
        found = data.dataset()
        return str(found.StudyInstanceUID), str(found.SeriesInstanceUID)
    except Exception:  # a broken object: nobody asks where it belongs
        return "", ""
