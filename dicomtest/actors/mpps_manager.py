"""The performed procedure step manager: MPPS, its Retrieve and its Notification as SCP.

PS3.4 F.7, F.8 and F.9; statuses of PS3.4 5.4.2.1 and PS3.7 10.1. An actor gives it its N-CREATE,
N-SET and N-GET:

    self.mpps = MppsManager(self, changed=self.on_performed)
    handlers = dimse.Handlers(n_create=self.mpps.n_create, n_set=..., n_get=...)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dicomtest import dimse
from dicomtest.dicom.attribute_values import (
    Attributes,
    attributes_of,
    data_set,
    fitting_character_set,
    items,
    name_of,
    tag_of,
    texts,
)
from dicomtest.dicom.headers import UNREADABLE
from dicomtest.dicom.mpps_model import (
    COMPLETED,
    DISCONTINUED,
    EVENTS,
    FINAL_STATES,
    IN_PROGRESS,
    MPPS,
    MPPS_NOTIFICATION,
    NO_LONGER,
    NO_LONGER_ERROR_ID,
    NOT_ALLOWED_IN_SET,
    SCHEDULED,
    STATUS,
    UPDATED_EVENT,
    required,
)
from dicomtest.dicom.orders import text
from dicomtest.dicom.uids import is_valid_uid

if TYPE_CHECKING:
    from dicomtest.actors.simulator import Simulator

NO_SUCH_ATTRIBUTE, INVALID_VALUE, PROCESSING_FAILURE = 0x0105, 0x0106, 0x0110
DUPLICATE, NO_SUCH_INSTANCE, INVALID_INSTANCE, NO_SUCH_CLASS = 0x0111, 0x0112, 0x0117, 0x0118
MISSING, MISSING_VALUE = 0x0120, 0x0121
OPTIONAL_NOT_SUPPORTED = 0x0001  # PS3.4 F.8.2.1.3
UNCOMPRESSED = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")

STEP_ID = "ScheduledProcedureStepID"
# Scheduled Procedure Step Status (PS3.3 C.4.10) that a performed step brings about
SCHEDULED_STATUS = {IN_PROGRESS: "STARTED", COMPLETED: COMPLETED, DISCONTINUED: DISCONTINUED}


@dataclass
class KeptStep:
    """One performed procedure step as its SCU last described it."""

    sop_instance: str
    calling: str  # AE title that created it
    attributes: Attributes = field(default_factory=dict)

    @property
    def status(self) -> str:
        """IN PROGRESS, COMPLETED or DISCONTINUED."""
        return next(iter(texts(self.attributes.get(STATUS, ()))), "")

    @property
    def scheduled(self) -> list[Attributes]:
        """The items of Scheduled Step Attributes Sequence: what it performs."""
        return [dict(each) for each in items(self.attributes.get(SCHEDULED, ()))]


Changed = Callable[[KeptStep], None]


class MppsManager:
    """Keeps performed procedure steps, and refuses what the state machine does not allow.

    `changed` is told after every request that was carried out. `watchers` are application
    entities that get notifications (F.9), each on an association of its own; the device profile
    may name more by AE title:   quirks: {mpps: {notify: [TITLE]}}
    """

    def __init__(self, actor: Simulator, changed: Changed | None = None) -> None:
        """Begin without a step."""
        self.watchers: list[dimse.Remote] = []
        self._titles = tuple((actor.profile.quirks.get("mpps") or {}).get("notify", ()))
        self._actor = actor
        self._changed = changed
        self._steps: dict[str, KeptStep] = {}
        self._lock = threading.RLock()
        self._threads: list[threading.Thread] = []

    @property
    def steps(self) -> list[KeptStep]:
        """Every step, in order of creation."""
        with self._lock:
            return list(self._steps.values())

    def restore(self, steps: Iterable[KeptStep]) -> None:
        """Take back the steps of a run that was interrupted."""
        with self._lock:
            self._steps.update((each.sop_instance, each) for each in steps)

    def get(self, sop_instance: str) -> KeptStep | None:
        """The step of that SOP Instance UID."""
        return self._steps.get(sop_instance)

    def n_create(self, incoming: dimse.Incoming) -> dimse.Answer:
        """Begin a step; only one that is IN PROGRESS (F.7.2.1.3)."""
        uid = incoming.exchange.sop_instance
        with self._lock:
            answer = self._create(incoming)
        self._told(incoming, uid, answer)
        return answer

    def n_set(self, incoming: dimse.Incoming) -> dimse.Answer:
        """Change a step that is IN PROGRESS (F.7.2.2.3)."""
        uid = incoming.exchange.sop_instance
        with self._lock:
            answer = self._set(incoming)
        self._told(incoming, uid, answer)
        return answer

    def n_get(self, incoming: dimse.Incoming) -> dimse.Answer:
        """Give what is asked for of a step (F.8.2.1.3); everything without a list."""
        with self._lock:
            step = self._steps.get(incoming.exchange.sop_instance)
            if step is None:
                return refuse(NO_SUCH_INSTANCE, "No such performed procedure step")
            known = dict(step.attributes)
        wanted = [_keyword(each) for each in incoming.command.get("AttributeIdentifierList") or ()]
        given = {name: known[name] for name in wanted or known if name in known}
        status = OPTIONAL_NOT_SUPPORTED if set(wanted) - set(given) else 0x0000
        declared = tuple(map(str, known.get("SpecificCharacterSet", ())))
        return dimse.Answer(status, dataset=data_set(given, fitting_character_set(given, declared)))

    def stop(self) -> None:
        """Wait for notifications under way."""
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _create(self, incoming: dimse.Incoming) -> dimse.Answer:
        exchange = incoming.exchange
        uid = exchange.sop_instance
        if exchange.sop_class != MPPS:
            return refuse(NO_SUCH_CLASS, "Not the Modality Performed Procedure Step class")
        if not uid or is_valid_uid(uid):
            return refuse(INVALID_INSTANCE, "A valid Affected SOP Instance UID is required")
        if uid in self._steps:
            return refuse(DUPLICATE, "The performed procedure step exists")
        try:
            given = attributes_of(incoming.dataset())
        except UNREADABLE as error:
            return refuse(PROCESSING_FAILURE, f"The data set cannot be read: {error}")
        refusal = incomplete(given)
        if refusal is not None:
            return refusal
        if _one(given, STATUS) != IN_PROGRESS:
            return refuse(INVALID_VALUE, f"{STATUS} must be IN PROGRESS", given, [STATUS])
        self._steps[uid] = KeptStep(uid, incoming.association.calling_ae_title, given)
        return dimse.Answer(0x0000)

    def _set(self, incoming: dimse.Incoming) -> dimse.Answer:
        step = self._steps.get(incoming.exchange.sop_instance)
        if step is None:
            return refuse(NO_SUCH_INSTANCE, "No such performed procedure step")
        if step.status != IN_PROGRESS:
            answer = refuse(PROCESSING_FAILURE, NO_LONGER)
            answer.elements = {**answer.elements, "ErrorID": NO_LONGER_ERROR_ID}
            return answer
        try:
            given = attributes_of(incoming.dataset())
        except UNREADABLE as error:
            return refuse(PROCESSING_FAILURE, f"The data set cannot be read: {error}")
        wrong = [name for name in NOT_ALLOWED_IN_SET if name in given]
        if wrong:
            return refuse(NO_SUCH_ATTRIBUTE, f"Not allowed in N-SET: {wrong[0]}", tags=wrong)
        if STATUS in given and _one(given, STATUS) not in (IN_PROGRESS, *FINAL_STATES):
            return refuse(INVALID_VALUE, f"{STATUS} has no such value", given, [STATUS])
        given.pop("SpecificCharacterSet", None)  # it does not replace the earlier one
        step.attributes.update(given)
        return dimse.Answer(0x0000)

    def _told(self, incoming: dimse.Incoming, uid: str, answer: dimse.Answer) -> None:
        step = self._steps.get(uid)
        service = incoming.exchange.service
        state = step.status if step is not None else "unknown"
        self._actor.setting.announce(f"{service} {uid} answered {answer.status:04X}, now {state}")
        if answer.status != 0x0000 or step is None:
            return
        self._note_scheduled(step)
        if self._changed is not None:
            self._changed(step)
        moved = service == "N-CREATE" or step.status in FINAL_STATES
        event = EVENTS[step.status] if moved else UPDATED_EVENT
        named = [self._actor.setting.directory(each) for each in self._titles]
        for watcher in [*self.watchers, *(each for each in named if each is not None)]:
            self._start(watcher, uid, event)

    def _note_scheduled(self, step: KeptStep) -> None:
        """Let the scheduled steps follow (F.7.2.1.3, note), where the actor schedules any."""
        orders = getattr(self._actor, "orders", None)
        if orders is None:
            return
        for item in step.scheduled:
            study, scheduled = _one(item, "StudyInstanceUID"), _one(item, STEP_ID)
            if not scheduled or orders.set_status(study, scheduled, SCHEDULED_STATUS[step.status]):
                continue
            for other in orders.items():  # the group case has a study of its own
                if text(other, STEP_ID) == scheduled:
                    key = text(other, "StudyInstanceUID")
                    orders.set_status(key, scheduled, SCHEDULED_STATUS[step.status])

    def _start(self, watcher: dimse.Remote, uid: str, event: int) -> None:
        thread = threading.Thread(
            target=self._notify, args=(watcher, uid, event), name="dicomtest-mpps", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _notify(self, watcher: dimse.Remote, uid: str, event: int) -> None:
        """Send one notification; a watcher that is not there misses it (F.9 asks for no more)."""
        proposal = dimse.Proposal(MPPS_NOTIFICATION, UNCOMPRESSED, roles=(False, True))
        with self._actor.associate(watcher, [proposal], label="MPPS notification") as peer:
            peer.n_event_report(MPPS_NOTIFICATION, uid, None, event_type=event)


def incomplete(given: Attributes) -> dimse.Answer | None:
    """How an N-CREATE is refused that lacks a mandatory attribute or its value (5.4.2.1)."""
    scheduled_items = items(given.get(SCHEDULED, ()))
    for within, attributes in [("", given), *((SCHEDULED, each) for each in scheduled_items)]:
        kinds: tuple[str, ...] = (*required("1", within), *required("2", within))
        absent = [name for name in kinds if name not in attributes]
        if absent:
            return refuse(MISSING, f"Missing: {', '.join(absent)}", tags=absent)
        empty = [name for name in required("1", within) if not any(attributes[name])]
        if empty:
            return refuse(MISSING_VALUE, f"Without a value: {', '.join(empty)}", tags=empty)
    return None


def refuse(
    status: int, words: str, given: Attributes | None = None, tags: Iterable[str] = ()
) -> dimse.Answer:
    """A refusal; with `given` the attributes of that name come back as Attribute List."""
    printable = "".join(each if each.isprintable() and each.isascii() else " " for each in words)
    names = list(tags)
    elements: dict[str, object] = {"ErrorComment": printable.replace("\\", "/")[:64]}
    if given is not None:
        return dimse.Answer(status, data_set({name: given[name] for name in names}), elements)
    if names:
        elements["AttributeIdentifierList"] = [f"{tag_of(name):08X}" for name in names]
    return dimse.Answer(status, elements=elements)


def _keyword(tag: str) -> str:
    return name_of(tag_of(tag))


def _one(attributes: Attributes, name: str) -> str:
    return next(iter(texts(attributes.get(name, ()))), "")
