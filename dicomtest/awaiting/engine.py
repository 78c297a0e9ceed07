"""Await a step: have the real system made to act, watch what comes, fill the step's evidence.

Facts for the checks:
    awaited   {way, seconds, ended, short, near, by, reason, note, trigger}: how the system was
              made to act (operator, wait, command, url), how the wait ended (`seen`, `earlier`
              when the messages were there already, `said` when a person said that it was done,
              `fails`, `impossible`, `later`, `time`, `trigger`), what was missing, near misses
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicomtest.awaiting.expectation import CannotBeAsked
from dicomtest.awaiting.registry import all_awaited
from dicomtest.awaiting.trigger import Running
from dicomtest.awaiting.values import values_of
from dicomtest.awaiting.watch import Watch, Wish
from dicomtest.awaiting.words import Words

if TYPE_CHECKING:
    from dicomtest.awaiting.expectation import Expectation
    from dicomtest.awaiting.watch import Ended
    from dicomtest.evidence import StepEvidence
    from dicomtest.spec.scenario import Step
    from dicomtest.spec.site import System
    from dicomtest.stage import Stage


ON_PURPOSE = Words(
    "Our side goes wrong on purpose: see what the system shows, and send again if it asks.",
    "本机将故意出错：请观察设备的提示，如设备要求请重新操作。",
)


def await_step(stage: Stage, step: Step, evidence: StepEvidence) -> None:
    """Have a step carried out by the real system that begins it."""
    casting = stage.run.casting
    system = casting.system(evidence.scu, step.kind)
    assert system is not None, "only a real system is awaited"
    if evidence.scp and casting.is_real(evidence.scp, step.kind):
        evidence.not_run = (
            f"{evidence.scu} and {evidence.scp} are both real systems: what they say to each "
            "other is not seen from here"
        )
        return
    awaited = all_awaited().get(step.kind)
    if awaited is None:
        evidence.not_run = f"nobody can make a real {evidence.scu} do this from here"
        return
    try:
        expectation = awaited.make(stage, step.parameters, evidence)
    except CannotBeAsked as why:
        evidence.not_applicable = str(why)
        return
    if getattr(step.parameters, "faults", None) is not None:
        if system.trigger is not None and system.trigger.covers == "scenario":
            evidence.not_applicable = (
                "one call makes the system do the whole scenario: it cannot be told when our "
                "side has to go wrong"
            )
            return
        expectation.task = Words(
            f"{expectation.task.en} {ON_PURPOSE.en}", f"{expectation.task.zh}{ON_PURPOSE.zh}"
        )
    desk, way = stage.run.desk, way_of(system)
    key = f"{evidence.scenario}/{evidence.step}"
    seconds = limit_of(stage, system, step, asked=way == "operator" and desk.expects(key))
    watch = Watch(stage, awaited, expectation, Wish(system, way, seconds))
    expectation.begin()
    try:
        ended = watch.run(lambda: _trigger(stage, system, expectation))
    finally:
        expectation.end()
        if watch.running is not None and not watch.covers_scenario:
            watch.running.stop()
    _note(evidence, watch, ended)


def way_of(system: System) -> str:
    """How the site file says that the system is made to act: by default a person is asked."""
    return "operator" if system.trigger is None else system.trigger.way


def limit_of(stage: Stage, system: System, step: Step, *, asked: bool) -> float:
    """Seconds to wait: the step's, else those of the system or the site; a person gets the longer.

    A scenario's `within` is what a machine needs.
    """
    own = stage.run.site.limits_of(system).step
    within = getattr(step.parameters, "within", None)
    if within is None:
        return own
    return max(own, float(within)) if asked else float(within)


def _trigger(stage: Stage, system: System, expectation: Expectation) -> Running | None:
    """Start the command or call, once for the whole scenario if it covers that."""
    trigger = system.trigger
    if trigger is None or trigger.way in ("operator", "wait"):
        return None
    key = f"{system.actor} {system.ae_title}"
    if trigger.covers == "scenario" and key in stage.triggers:
        return stage.triggers[key]
    running = Running(trigger, values_of(expectation), stage.run.recorder.changed)
    stage.run.running.append(running)
    stage.triggers[key] = running
    return running.start()


def _note(step: StepEvidence, watch: Watch, ended: Ended) -> None:
    """Say in the step how it went."""
    progress = watch.progress
    said = ended.answer
    step.facts["awaited"] = {
        "way": watch.wish.way,
        "seconds": round(ended.seconds, 3),
        "ended": ended.how,
        "short": "" if progress.done else progress.short.en,
        "near": [each.en for each in watch.near],
        "by": said.by if said else "",
        "reason": said.reason if said else "",
        "note": said.note if said else "",
        "trigger": watch.running.facts() if watch.running else None,
    }
    person = said.by or "the operator" if said else ""
    words = " ".join(each for each in (said.reason, said.note) if each) if said else ""
    if ended.how == "nobody":
        step.not_run = (
            f"the {step.scu} is a real system: somebody must make it act, and nobody is there "
            "to ask (--attended)"
        )
    elif ended.how == "later":
        step.not_run = f"put off by {person}" + (f": {words}" if words else "")
    elif ended.how == "impossible":
        step.not_applicable = f"cannot be done here, says {person}: {words or 'no reason given'}"
    elif ended.how == "fails":
        step.problem = f"it does not work, says {person}: {words or 'no reason given'}"
    elif ended.how == "trigger" and watch.running:
        step.problem = f"{watch.running.failed}; {progress.short.en}"
    elif not progress.done and not (ended.how == "said" and progress.mine):
        hints = "; ".join(each.en for each in watch.near[:3])
        within = f" within {watch.seconds:g} s" if ended.how == "time" else ""
        step.problem = f"{progress.short.en}{within}" + (f" ({hints})" if hints else "")
