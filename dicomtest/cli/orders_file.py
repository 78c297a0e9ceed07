"""The orders of a simulated RIS from a file, which may change while it listens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dicomtest.errors import SpecError

if TYPE_CHECKING:
    from dicomtest.actors.worklist import Orders
    from dicomtest.dicom.attribute_values import Attributes

ANY_STATION = "ANY-SCP"  # whoever asks by its own AE title has to be named
DATE, TIME = "ScheduledProcedureStepStartDate", "ScheduledProcedureStepStartTime"


class OrdersFile:
    """Keeps what a RIS schedules as its file says: a YAML list of worklist items."""

    def __init__(self, path: Path, orders: Orders, tell: Callable[[str], None]) -> None:
        """Read the file; raises SpecError with every problem of it."""
        self._path, self._orders, self._tell = path, orders, tell
        self._stamp: tuple[int, int] | None = None
        self._items: list[Attributes] = []
        self._take(self._read())

    def sync(self) -> None:
        """Take over what has changed; a file with problems is told of and changes nothing."""
        if self._seen() == self._stamp:
            return
        try:
            self._take(self._read())
        except SpecError as error:
            self._tell(f"the orders stay as they were:\n{error}")
        else:
            self._tell(f"{self._path}: {scheduled(len(self._items))}")

    def _seen(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _read(self) -> list[Attributes]:
        from dicomtest.transactions.known_orders import load

        self._stamp = self._seen()
        return list(completed(load(self._path)))

    def _take(self, items: list[Attributes]) -> None:
        from dicomtest.actors.worklist import key_of

        stay = {key_of(each) for each in items}
        self._orders.remove(each for each in self._items if key_of(each) not in stay)
        self._orders.schedule(items)
        self._items = items


def completed(items: list[Attributes]) -> Iterator[Attributes]:
    """The items with what a worklist has to say (type 1) where the file leaves it out.

    Identifiers are the same whenever the file is read. A step without a date, or with the word
    `today`, is for today; one without a time for now.
    """
    from dicomtest.dicom.orders import modality_of, step_of, text
    from dicomtest.dicom.uids import UidFactory
    from dicomtest.dicom.worklist_model import STEP

    uids, seen = UidFactory("dicomtest simulate ris"), Counter[tuple[str, ...]]()
    now = datetime.now()
    for item in items:
        who = tuple(text(item, name) for name in ("PatientID", "AccessionNumber"))
        seen[who] += 1
        description = text(item, "RequestedProcedureDescription")
        step = dict(step_of(item))
        if text(step, DATE) in ("", "today"):
            step[DATE] = (now.strftime("%Y%m%d"),)
        for name, value in (
            (TIME, now.strftime("%H%M%S")),
            ("ScheduledProcedureStepID", f"S{seen[who]}"),
            ("Modality", modality_of(description)),
            ("ScheduledStationAETitle", ANY_STATION),
            ("ScheduledProcedureStepDescription", description),
        ):
            step[name] = step.get(name) or (value,)
        yield {
            **item,
            "StudyInstanceUID": item.get("StudyInstanceUID")
            or (uids.of("study", *who, seen[who]),),
            "RequestedProcedureID": item.get("RequestedProcedureID") or (f"R{seen[who]}",),
            STEP: (step,),
        }


def scheduled(count: int) -> str:
    """So many scheduled steps in words."""
    return f"{count} scheduled step{'' if count == 1 else 's'}"
