"""Orders that are in the RIS already: a YAML list of worklist items by attribute keyword."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from dicomtest.errors import Problem, SpecError, StepError

if TYPE_CHECKING:
    from dicomtest.dicom.attribute_values import Attributes
    from dicomtest.stage import Stage
    from dicomtest.transactions.placing import Placed

IDENTITY = ("StudyInstanceUID", "ScheduledProcedureStepID")


def load(path: Path) -> list[Attributes]:
    """The items of a file; keys of the scheduled step may stand flat.

    Raises SpecError with every problem of the file.
    """
    from dicomtest.dicom.attribute_values import from_json, vr_of
    from dicomtest.dicom.worklist_keys import placed
    from dicomtest.dicom.worklist_model import WORKLIST_KEYS
    from dicomtest.spec.validate import Place
    from dicomtest.spec.words import unknown
    from dicomtest.spec.yaml import read

    place = Place(read(path))
    written = place.value
    if not isinstance(written, list) or not all(isinstance(each, dict) for each in written):
        fix = "write a list, each entry   - {PatientID: ..., PatientName: ..., Modality: ...}"
        raise SpecError([place.problem("this is no list of worklist items", fix)])
    problems: list[Problem] = []
    keywords = [each.keyword for each in WORKLIST_KEYS]
    for number, each in enumerate(written):
        here = place / number
        for name in each:
            if vr_of(str(name)) == "UN":
                what = unknown("attribute keyword", str(name), keywords)
                problems.append((here / name).problem(*what, key=True))
        if not each.get("PatientID"):
            problems.append(here.problem("an item without Patient ID", "add   PatientID: ..."))
    if problems:
        raise SpecError(problems)
    return [from_json(placed({name: _text(value) for name, value in each.items()}))
            for each in written]  # fmt: skip


def choose(stage: Stage, path: Path, wanted: list[Attributes]) -> Placed:
    """The known items that stand for what a scenario orders; raises StepError for too few.

    Those of the wanted modality come first, then those that no scenario has had yet.
    """
    from dicomtest.dicom.orders import text
    from dicomtest.transactions.placing import Placed

    try:
        items = load(path)
    except SpecError as error:
        raise StepError(str(error)) from None
    taken = stage.run.known_orders
    here = {number for name, number in taken if name == stage.scenario.id}
    before = {number for _, number in taken} - here
    groups: dict[str, list[int]] = {}
    for number, item in enumerate(items):
        key = text(item, "AccessionNumber") or text(item, "StudyInstanceUID") or str(number)
        groups.setdefault(key, []).append(number)

    def suits(numbers: list[int]) -> tuple[bool, bool]:
        modality = text(items[numbers[0]], "Modality") == text(wanted[0], "Modality")
        return not modality, bool(before & set(numbers))

    free = [each for each in groups.values() if len(each) >= len(wanted) and not here & set(each)]
    if not free:
        raise StepError(
            f"{path} lists no further order of {len(wanted)} scheduled steps for this scenario"
        )
    chosen = min(free, key=suits)[: len(wanted)]
    taken.update((stage.scenario.id, number) for number in chosen)
    found = [items[number] for number in chosen]
    exact = all(text(each, name) for each in found for name in IDENTITY)
    return Placed(found, exact)


def _text(value: Any) -> Any:
    """YAML's dates and numbers as DICOM spells them."""
    if value is None:
        return ""
    if isinstance(value, list):
        return [_text(each) for each in value]
    if isinstance(value, dict):
        return {name: _text(each) for name, each in value.items()}
    return str(value)
