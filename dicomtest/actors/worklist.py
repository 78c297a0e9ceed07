"""What a simulated RIS schedules: worklist items, indexed by what they are asked by."""

from __future__ import annotations

import bisect
import threading
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pydicom import Dataset

from dicomtest.dicom.attribute_values import Attributes, Values, attributes_of, items, texts
from dicomtest.dicom.matching import WORKLIST, Agreement, has_wild_card, match
from dicomtest.dicom.orders import step_of, text
from dicomtest.dicom.worklist_keys import narrowing
from dicomtest.dicom.worklist_model import STEP
from dicomtest.dicom.worklist_response import request_faults, response, shape, supported
from dicomtest.evidence import DataSetRef

# Steps that are over leave the worklist; PS3.4 leaves it to the provider.
OVER = frozenset({"COMPLETED", "DISCONTINUED", "CANCELED"})
INDEXED = ("ScheduledStationAETitle", "Modality", "PatientID", "AccessionNumber",
           "StudyInstanceUID", "RequestedProcedureID", "ScheduledProcedureStepID")  # fmt: skip
DATE = "ScheduledProcedureStepStartDate"

SHAPES = 4  # of queries, for which the answers of a step are kept

Key = tuple[str, str]
"""Study Instance UID and Scheduled Procedure Step ID."""


@dataclass(slots=True)
class Answered:
    """A Pending response of a step; nobody changes its identifier. `encoded`: by syntax."""

    status: int
    identifier: Dataset
    encoded: dict[str, DataSetRef] = field(default_factory=dict)


@dataclass(slots=True)
class Entry:
    """One scheduled procedure step as the RIS holds it."""

    item: Attributes
    status: str = "SCHEDULED"
    _shown: Attributes | None = None
    _answers: dict[Hashable, Answered] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What tells it from every other."""
        return key_of(self.item)

    @property
    def shown(self) -> Attributes:
        """The item with the status of now."""
        if self._shown is None:
            self._shown = self.item
            if status_of(self.item) != self.status:
                step = {**step_of(self.item), "ScheduledProcedureStepStatus": (self.status,)}
                self._shown = {**self.item, STEP: (step,)}
        return self._shown

    def begin(self, status: str) -> None:
        """Give it another status."""
        self.status, self._shown = status, None
        self._answers.clear()

    def answer(self, asked: Hashable, keys: Attributes, agreement: Agreement) -> Answered:
        """The response to a query of this shape."""
        if asked not in self._answers:
            if len(self._answers) >= SHAPES:
                self._answers.clear()
            self._answers[asked] = Answered(*response(self.shown, keys, agreement))
        return self._answers[asked]


class Orders:
    """The scheduled procedure steps of a RIS; safe for threads.

    A step is known by Study Instance UID and Scheduled Procedure Step ID. `over` are the
    statuses with which a step is no longer in the worklist.
    """

    def __init__(self, *, agreement: Agreement = WORKLIST, over: Iterable[str] = OVER) -> None:
        """Begin with nothing scheduled."""
        self.agreement = agreement
        self.over = frozenset(over)
        self._entries: dict[Key, Entry] = {}
        self._index: dict[tuple[str, str], dict[Key, None]] = defaultdict(dict)
        self._dates: list[tuple[str, Key]] = []
        self._lock = threading.RLock()

    def __len__(self) -> int:
        """How many steps are known, in whatever status."""
        return len(self._entries)

    def schedule(self, wanted: Iterable[Attributes]) -> None:
        """Add worklist items; one that is known is replaced, its status stays."""
        with self._lock:
            for item in wanted:
                before = self._entries.get(key_of(item))
                if before is not None:
                    self._forget(before)
                entry = Entry(item, before.status if before else status_of(item))
                self._entries[entry.key] = entry
                for name in INDEXED:
                    for value in _values_of(item, name):
                        self._index[name, value][entry.key] = None
                bisect.insort(self._dates, (text(item, DATE), entry.key))

    def remove(self, gone: Iterable[Attributes]) -> None:
        """Forget steps; those that are not known do not matter."""
        with self._lock:
            for item in gone:
                entry = self._entries.get(key_of(item))
                if entry is not None:
                    self._forget(entry)

    def items(self, status: str = "") -> list[Attributes]:
        """Every item (in one status), in order of scheduling."""
        with self._lock:
            return [each.shown for each in self._entries.values() if status in ("", each.status)]

    def steps_of(self, study_uid: str, step_id: str = "") -> list[Attributes]:
        """The steps of a study; of one Scheduled Procedure Step ID, where it is given."""
        with self._lock:
            return [
                self._entries[key].shown
                for key in self._index["StudyInstanceUID", study_uid]
                if step_id in ("", key[1])
            ]

    def status(self, study_uid: str, step_id: str) -> str | None:
        """Scheduled Procedure Step Status; None for a step that is not known."""
        entry = self._entries.get((study_uid, step_id))
        return entry.status if entry else None

    def set_status(self, study_uid: str, step_id: str, status: str) -> bool:
        """Give a step another status; False when it is not known."""
        with self._lock:
            entry = self._entries.get((study_uid, step_id))
            if entry is None:
                return False
            entry.begin(status)
            return True

    def find(self, identifier: Dataset) -> Iterator[Answered] | None:
        """The Pending responses to a query; None where it is refused (PS3.4 K.4.1.1.4)."""
        keys = attributes_of(identifier)
        if any(fault.refuse for fault in request_faults(keys)):
            return None
        with self._lock:
            found = list(self._matching(narrowing(supported(keys))))
        asked = shape(keys)
        return (entry.answer(asked, keys, self.agreement) for entry in found)

    def _matching(self, keys: Attributes) -> Iterator[Entry]:
        heads = list(_heads(keys))
        for key in self._candidates(keys):
            entry = self._entries[key]
            if entry.status in self.over or not _may_match(heads, entry.item):
                continue
            if match(keys, entry.shown, self.agreement).strict:
                yield entry

    def _candidates(self, keys: Attributes) -> Iterable[Key]:
        """The steps that can match, by the most selective index."""
        choices: list[Mapping[Key, None] | list[Key]] = []
        flat = {**keys, **step_of(keys)}
        for name in INDEXED:
            values = texts(flat.get(name, ()))
            if len(values) == 1 and values[0] and not has_wild_card(values[0]):
                choices.append(self._index.get((name, values[0]), {}))
        dates = self._of_dates(texts(flat.get(DATE, ())))
        if dates is not None:
            choices.append(dates)
        return list(min(choices, key=len)) if choices else list(self._entries)

    def _of_dates(self, key: tuple[str, ...]) -> list[Key] | None:
        """The steps in a range of dates, or of one date; None when the key is neither."""
        if len(key) != 1 or not key[0].replace("-", "").isdigit() or key[0].count("-") > 1:
            return None
        low, dash, high = key[0].partition("-")
        if any(len(each) not in (0, 8) for each in (low, high)):
            return None
        first = bisect.bisect_left(self._dates, (low, ("", "")))
        last_date = high if dash else low
        last = bisect.bisect_right(self._dates, (last_date or "99999999", ("\uffff", "")))
        return [each for _, each in self._dates[first:last]]

    def _forget(self, entry: Entry) -> None:
        del self._entries[entry.key]
        for name in INDEXED:
            for value in _values_of(entry.item, name):
                self._index[name, value].pop(entry.key, None)
        dated = (text(entry.item, DATE), entry.key)
        at = bisect.bisect_left(self._dates, dated)
        if at < len(self._dates) and self._dates[at] == dated:
            del self._dates[at]


def key_of(item: Attributes) -> Key:
    """What a scheduled step is known by."""
    return text(item, "StudyInstanceUID"), text(item, "ScheduledProcedureStepID")


def status_of(item: Attributes) -> str:
    """Scheduled Procedure Step Status of an item; SCHEDULED when it has none."""
    return text(item, "ScheduledProcedureStepStatus") or "SCHEDULED"


def _heads(keys: Attributes) -> Iterator[tuple[str, str]]:
    """Names asked for with what any match has to hold: the text before the first wild card.

    Looking for it is quick, while matching a name is not.
    """
    for place in (keys, step_of(keys)):
        for name, key in place.items():
            asked = texts(key)
            if name.endswith("Name") and len(asked) == 1 and asked[0].isascii():
                head = asked[0].replace("?", "*").partition("*")[0].rstrip("^= ").casefold()
                if head:
                    yield name, head


def _may_match(heads: Iterable[tuple[str, str]], item: Attributes) -> bool:
    return all(
        any(head in value.casefold() for value in _values_of(item, name)) for name, head in heads
    )


def _values_of(item: Attributes, name: str) -> tuple[str, ...]:
    values: Values = item.get(name, ()) or step_of(item).get(name, ())
    return () if items(values) else texts(values)
