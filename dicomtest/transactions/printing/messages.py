"""What a print client puts into its requests and reads from the answers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from time import monotonic
from typing import Any

from pydicom import Dataset

from dicomtest import dimse
from dicomtest.dicom.print.classes import JOB_EVENTS, PRINT_JOB
from dicomtest.evidence import Exchange, Response

LUT_ENTRIES = {8: 256, 12: 4096}
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, EOFError, NotImplementedError)


class Events:
    """N-EVENT-REPORTs of an association, answered with Success."""

    def __init__(self) -> None:
        """Begin with none."""
        self._news = threading.Condition()
        self.jobs: dict[str, str] = {}

    def take(self, incoming: dimse.Incoming) -> dimse.Answer:
        """Note what a print job is doing; PS3.4 asks for a confirmation of every event."""
        exchange = incoming.exchange
        with self._news:
            if exchange.sop_class == PRINT_JOB:
                state = JOB_EVENTS.get(exchange.command.get("EventTypeID", 0), "")
                self.jobs[exchange.sop_instance] = state
            self._news.notify_all()
        return dimse.Answer(0x0000)

    def wait(self, job: str, states: Sequence[str], seconds: float) -> str:
        """Wait until the job is in one of these states; give the last one heard of."""
        deadline = monotonic() + seconds
        with self._news:
            while self.jobs.get(job) not in states:
                left = deadline - monotonic()
                if left <= 0 or (not self._news.wait(min(left, 0.5)) and left <= 0.5):
                    break
            return self.jobs.get(job, "")


def lut_data(shape: str, bits: int) -> Dataset:
    """A Presentation LUT: a shape, or `table` for one of slightly raised contrast."""
    ds = Dataset()
    if shape != "table":
        ds.PresentationLUTShape = shape
        return ds
    entries = LUT_ENTRIES[bits]
    item = Dataset()
    item.add_new(0x00283002, "US", [entries, 0, 12])
    item.LUTExplanation = "DICOMTEST"
    values = [_raised(number / (entries - 1)) for number in range(entries)]
    data = b"".join(round(each * 4095).to_bytes(2, "little") for each in values)
    item.add_new(0x00283006, "OW", data)
    ds.PresentationLUTSequence = [item]
    return ds


def _raised(x: float) -> float:
    """An S-curve that keeps black, middle grey and white."""
    return 0.5 * x + 0.5 * (3 * x * x - 2 * x**3)


def reference(sop_class: str, uid: str) -> Dataset:
    """An item that names a SOP Instance (PS3.3 Table 10-11)."""
    item = Dataset()
    item.ReferencedSOPClassUID = sop_class
    item.ReferencedSOPInstanceUID = uid
    return item


def took(exchange: Exchange) -> bool:
    """Whether a request was answered with Success or a Warning."""
    return dimse.status_class(exchange.status) in ("success", "warning")


def created(exchange: Exchange, wanted: str | None) -> str:
    """UID of what an N-CREATE made: the printer's, else ours; "" when nothing was made."""
    if not took(exchange) or exchange.final is None:
        return ""
    return str(exchange.final.command.get("AffectedSOPInstanceUID") or wanted or "")


def why(exchange: Exchange) -> str:
    """Why a request was not done, in words."""
    if exchange.final is None:
        return exchange.why or exchange.ending
    comment = str(exchange.final.command.get("ErrorComment", "") or "")
    return f"{dimse.status_in_words(exchange.service, exchange.status)} {comment}".strip()


def data_of(response: Response | None) -> Dataset:
    """The data set of a response; an empty one where there is none, or none that can be read."""
    if response is None or response.data is None:
        return Dataset()
    try:
        return response.data.dataset()
    except _UNREADABLE:
        return Dataset()


def referenced(ds: Dataset, keyword: str) -> list[str]:
    """The Referenced SOP Instance UIDs of a sequence, in order."""
    try:
        items = ds.get(keyword) or []
        return [str(each.ReferencedSOPInstanceUID) for each in items]
    except _UNREADABLE:
        return []


def put(ds: Dataset, **values: Any) -> None:
    """Set the attributes that have a value."""
    for keyword, value in values.items():
        if value is not None:
            setattr(ds, keyword, value)
