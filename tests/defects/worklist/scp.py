"""A sound Modality Worklist SCP on plain pynetdicom: a folder of DICOM files is its worklist.

Each step of answering is a method of its own, so that a deviation is a small subclass.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.datadict import dictionary_VR
from pydicom.sequence import Sequence
from pynetdicom import AE, evt

from .matching import date_in, name_matches, time_in, times_in_dates

WORKLIST = "1.2.840.10008.5.1.4.31"
VERIFICATION = "1.2.840.10008.1.1"
MPPS = "1.2.840.10008.3.1.2.3.3"
STEP = "ScheduledProcedureStepSequence"
DATE, TIME = "ScheduledProcedureStepStartDate", "ScheduledProcedureStepStartTime"
NO_KEYS = {"SpecificCharacterSet", "TimezoneOffsetFromUTC"}
# Keys that are returned, with zero length where an item has no value.
TYPE_2 = {
    *("AccessionNumber", "RequestingPhysician", "ReferringPhysicianName", "AdmissionID"),
    *("CurrentPatientLocation", "ReferencedPatientSequence", "PatientBirthDate", "PatientSex"),
    *("PatientWeight", "ConfidentialityConstraintOnPatientDataDescription", "PatientState"),
    *("PregnancyStatus", "MedicalAlerts", "Allergies", "SpecialNeeds", "RequestedProcedureID"),
    *("ReferencedStudySequence", "RequestedProcedurePriority", "PatientTransportArrangements"),
    *("ScheduledPerformingPhysicianName", "ScheduledStationName", "PreMedication"),
    *("ScheduledProcedureStepLocation", "RequestedContrastAgent", "PatientName", "PatientID"),
}


class WorklistSCP:
    """Answers as PS3.4 Annex K asks; a context manager that listens on a free port."""

    ae_title = "BROKEN_RIS"
    optional = frozenset({"AccessionNumber", "RequestedProcedureID", "StudyInstanceUID"})

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self.queries = 0
        self.performed: dict[str, set[str]] = {}
        self.over: set[str] = set()
        self._read: dict[Path, tuple[int, Dataset]] = {}
        self._server: Any = None

    def __enter__(self) -> WorklistSCP:
        ae = AE(self.ae_title)
        for uid in (VERIFICATION, WORKLIST, MPPS):
            ae.add_supported_context(uid, ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"])
        handlers = [
            (evt.EVT_C_FIND, self.on_find),
            (evt.EVT_N_CREATE, self.on_create),
            (evt.EVT_N_SET, self.on_set),
            (evt.EVT_ACCEPTED, self.on_accepted),
        ]
        self._server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
        self.port = self._server.server_address[1]
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()

    def on_accepted(self, event: Any) -> None:
        """Let `sending` see every response before it goes out."""
        dimse, send = event.assoc.dimse, event.assoc.dimse.send_msg

        def through(primitive: Any, context_id: int) -> None:
            for each in self.sending(primitive):
                send(each, context_id)

        dimse.send_msg = through

    def sending(self, response: Any) -> Iterator[Any]:
        """What goes out in place of a response."""
        yield response

    def on_create(self, event: Any) -> tuple[int, None]:
        """Note which scheduled steps a performed one is about."""
        steps = event.attribute_list.ScheduledStepAttributesSequence
        ids = {text(each, "ScheduledProcedureStepID") for each in steps}
        self.performed[str(event.request.AffectedSOPInstanceUID)] = ids
        return 0x0000, None

    def on_set(self, event: Any) -> tuple[int, None]:
        """Note which scheduled steps are over."""
        if text(event.modification_list, "PerformedProcedureStepStatus") != "IN PROGRESS":
            self.over |= self.performed[str(event.request.RequestedSOPInstanceUID)]
        return 0x0000, None

    def on_find(self, event: Any) -> Iterator[tuple[Any, Dataset | None]]:
        """Answer one request."""
        self.queries += 1
        self.syntax = event.context.transfer_syntax
        keys = event.identifier
        refusal = self.refuses(keys)
        if refusal is not None:
            yield refusal, None
            return
        for item in self.found(keys):
            if self.cancelled(event):
                yield 0xFE00, None
                return
            answer = self.answer(item, keys)
            yield self.pending(answer, keys), answer
        yield from self.final()

    def cancelled(self, event: Any) -> bool:
        """Whether a C-CANCEL has come."""
        return bool(event.is_cancelled)

    def refuses(self, keys: Dataset) -> int | None:
        """The failure status of a request that cannot be processed."""
        return 0xA900 if len(keys.get(STEP) or ()) > 1 else None

    def final(self) -> Iterator[tuple[int, None]]:
        """The final response."""
        yield 0x0000, None

    def items(self) -> list[Dataset]:
        """The worklist, as it is now."""
        found = []
        for path in sorted(self.folder.glob("*.wl")):
            try:
                written = path.stat().st_mtime_ns
                if self._read.get(path, (0,))[0] != written:
                    item = dcmread(path)
                    item.decode()
                    self._read[path] = written, Dataset(item)
            except FileNotFoundError:
                continue
            item = self._read[path][1]
            if text(item[STEP][0], "ScheduledProcedureStepID") in self.over:
                item = self.finished(item)
            found.append(item)
        return found

    def finished(self, item: Dataset) -> Dataset:
        """An item whose performed step is over."""
        made = copy.deepcopy(item)
        made[STEP][0].ScheduledProcedureStepStatus = "COMPLETED"
        return made

    def found(self, keys: Dataset) -> list[Dataset]:
        """The items that match."""
        return [item for item in self.items() if self.matches(item, keys)]

    def matches(self, item: Dataset, keys: Dataset) -> bool:
        """Whether an item matches every key."""
        step_keys = self.step_keys(keys)
        return self.place_matches(item, keys) and self.place_matches(item[STEP][0], step_keys)

    def step_keys(self, keys: Dataset) -> Dataset:
        """The keys of the scheduled step."""
        sequence = keys.get(STEP)
        return sequence[0] if sequence else Dataset()

    def place_matches(self, place: Dataset, keys: Dataset) -> bool:
        """Whether the attributes of one place, the item or its step, match."""
        names = [each.keyword for each in keys if each.keyword and each.VR != "SQ"]
        wanted = {name: text(keys, name) for name in names if name not in NO_KEYS}
        ranges = "-" in wanted.get(DATE, "") and "-" in wanted.get(TIME, "")
        if ranges and not self.moment_matches(place, wanted.pop(DATE), wanted.pop(TIME)):
            return False
        return all(self.key_matches(name, key, place) for name, key in wanted.items())

    def moment_matches(self, step: Dataset, dates: str, times: str) -> bool:
        """Date and time ranges are one range (PS3.4 C.2.2.2.5.4)."""
        return times_in_dates(text(step, DATE), text(step, TIME), dates, times)

    def key_matches(self, name: str, key: str, place: Dataset) -> bool:
        """Whether one attribute matches its key."""
        if key in ("", "*"):
            return True
        vr = dictionary_VR(name)
        if not self.is_matched(name):
            return True
        values = text(place, name).split("\\")
        return any(self.value_matches(name, vr, key, value) for value in values if value)

    def is_matched(self, name: str) -> bool:
        """Whether a key is supported for matching."""
        required = {
            *("ScheduledStationAETitle", DATE, TIME, "Modality", "PatientName", "PatientID"),
            "ScheduledPerformingPhysicianName",
        }
        return name in required | self.optional

    def value_matches(self, name: str, vr: str, key: str, value: str) -> bool:
        """Whether one value matches a key that is not universal."""
        if vr == "PN":
            return self.name_matches(key, value)
        if vr == "DA":
            return self.date_matches(key, value)
        if vr == "TM":
            return self.time_matches(key, value)
        return key == value

    def name_matches(self, key: str, value: str) -> bool:
        """Match a name, with wild cards."""
        return name_matches(key, value)

    def date_matches(self, key: str, value: str) -> bool:
        """Match a date or a range of dates."""
        return date_in(key, value)

    def time_matches(self, key: str, value: str) -> bool:
        """Match a time or a range of times."""
        return time_in(key, value)

    def answer(self, item: Dataset, keys: Dataset) -> Dataset:
        """What was asked for."""
        answer = Dataset()
        if "SpecificCharacterSet" in item:
            answer.SpecificCharacterSet = item.SpecificCharacterSet
        self.copy(item, keys, answer)
        if STEP in keys:
            step_keys = self.step_keys(keys)
            step = item[STEP][0]
            if len(step_keys):
                asked, step = step, Dataset()
                self.copy(asked, step_keys, step)
            setattr(answer, STEP, Sequence([step]))
        return answer

    def copy(self, item: Dataset, keys: Dataset, answer: Dataset) -> None:
        """Copy the attributes that are keys."""
        for key in keys:
            if key.keyword in NO_KEYS or key.keyword == STEP:
                continue
            if key.tag in item:
                answer[key.tag] = copy.deepcopy(item[key.tag])
            elif key.keyword in TYPE_2:
                answer[key.tag] = copy.copy(key)
                answer[key.tag].value = [] if key.VR == "SQ" else None

    def pending(self, answer: Dataset, keys: Dataset) -> int:
        """FF01 when a key is not answered (PS3.4 Table K.4-1)."""
        complete = all(key.tag in answer for key in keys if key.keyword not in NO_KEYS)
        step_keys = self.step_keys(keys)
        if len(step_keys) and STEP in answer and answer[STEP].value:
            complete = complete and all(key.tag in answer[STEP][0] for key in step_keys)
        return 0xFF00 if complete else 0xFF01


def text(place: Dataset, name: str) -> str:
    """An attribute as text; values are separated by a backslash."""
    value = place.get(name)
    if value is None:
        return ""
    if isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue":
        return "\\".join(str(each) for each in value)
    return str(value).rstrip(" \0")
