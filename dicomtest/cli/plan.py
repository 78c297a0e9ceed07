"""dicomtest run --plan: what would be sent to whom. Opens no socket, sends nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dicomtest.console import write

if TYPE_CHECKING:
    from dicomtest.spec.site import Site


def show_plan(paths: list[Path], site: Site) -> int:
    """Print the plan; 0."""
    from dicomtest.spec.scenario import load_scenarios
    from dicomtest.transactions import all_transactions, step_models

    models = step_models()
    scenarios = [each for path in paths for each in load_scenarios(path, models)]
    actors = sorted({actor for each in scenarios for actor in each.actors()})
    write(f"site: {site.site}")
    for actor in actors:
        write(f"  {actor:<12} {who(site, actor)}")
    for scenario in scenarios:
        title = scenario.title.in_language("en") or scenario.id
        write(f"\n{scenario.path.name}: {scenario.id} - {title}")
        for step in scenario.steps:
            words = all_transactions()[step.kind].describe(step.parameters)
            write(f"  {step.id:<12} {words}{_real(site, step)}")
    stores = sum(
        step.kind == "store" and bool(site.systems) for each in scenarios for step in each.steps
    )
    if stores:
        write(
            f"\n{stores} store steps leave synthetic studies behind; their patients' IDs begin "
            f"with {site.patient_prefix}. The report lists them."
        )
    write("\nThis was the plan. Nothing was sent.")
    return 0


def who(site: Site, actor: str) -> str:
    """Who plays an actor, in words."""
    for system in site.systems.values():
        if system.actor == actor:
            part = f" (for {', '.join(system.serves)})" if system.serves else ""
            return f"real system {system.ae_title} at {system.host}:{system.port}{part}"
    own = site.simulator(actor)
    where = f", port {own.port}" if site.systems else ""
    return f"simulated as {own.ae_title}{where}"


def _real(site: Site, step: object) -> str:
    parameters = getattr(step, "parameters", None)
    system = {each.actor for each in site.systems.values()}
    if getattr(parameters, "from_", "") in system:
        return "  [somebody must make the real system act]"
    return ""
