"""What the checks of print steps look at: every request with the state of the session before it.

The evidence is the same from either end, so one walk serves the checks on both sides. What the
harness did wrong on purpose lies on associations labelled with the name of a probe; the exchange
that matters there is labelled `try`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pydicom import Dataset

from dicomtest.checks.memo import once_per_step
from dicomtest.checks.statuses import took
from dicomtest.dicom.attribute_values import Attributes, Item, Values, attributes_of, texts
from dicomtest.dicom.attribute_values import items as items_of
from dicomtest.dicom.print.classes import (
    ANNOTATION_BOX,
    FILM_BOX,
    FILM_SESSION,
    IMAGE_BOXES,
    IMAGE_SEQUENCE_OF,
    META_CLASSES,
    PRESENTATION_LUT,
)
from dicomtest.evidence import Association, DataSetRef, Exchange, StepEvidence
from dicomtest.findings import Blocked, NotApplicable

STEP = "print"
REQUESTS = ("N-CREATE", "N-SET", "N-GET", "N-ACTION", "N-DELETE")
TRY = "try"
MAIN = ("", STEP)  # labels of associations on which nothing is done wrong on purpose
_UNREADABLE = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    NotImplementedError,
    struct.error,
    OSError,
)


@dataclass(frozen=True)
class Box:
    """An image or annotation box that the printer told of; position 0: told of twice."""

    sop_class: str
    position: int
    film_box: str


@dataclass(frozen=True)
class State:
    """What exists on an association, as far as the answers so far tell."""

    session: str = ""
    film_boxes: tuple[str, ...] = ()  # in order of creation
    boxes: dict[str, Box] = field(default_factory=dict)
    luts: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()  # film boxes with an image
    printed: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()  # UIDs whose N-CREATE was refused
    gone: frozenset[str] = frozenset()  # deleted

    @property
    def last(self) -> str:
        """The film box created last; "" for none."""
        return self.film_boxes[-1] if self.film_boxes else ""


@dataclass(frozen=True)
class Act:
    """One request, what was sent and answered, and the state before it."""

    exchange: Exchange
    association: Association
    sent: Attributes
    reply: Attributes
    before: State
    readable: bool = True  # whether the data set of the request can be decoded

    @property
    def status(self) -> int | None:
        """Status of the response."""
        return self.exchange.status

    @property
    def took(self) -> bool:
        """Whether the answer is Success or a Warning."""
        return took(self.exchange.status)

    @property
    def uid(self) -> str:
        """SOP Instance UID: the response's where the request has none."""
        final = self.exchange.final
        told = final.command.get("AffectedSOPInstanceUID") if final else None
        return self.exchange.sop_instance or str(told or "")

    @property
    def created_uid(self) -> str:
        """UID of what an N-CREATE made, as the provider says."""
        final = self.exchange.final
        told = final.command.get("AffectedSOPInstanceUID") if final else None
        return str(told or self.exchange.sop_instance)

    @property
    def is_try(self) -> bool:
        """Whether this is what a probe is about."""
        return self.exchange.label.split(":")[0] == TRY

    def dataset(self) -> Dataset:
        """The data set sent, decoded again for what has no text form; empty if it cannot be."""
        return decoded(self.exchange.data)


def decoded(ref: DataSetRef | None) -> Dataset:
    """A data set, or an empty one where there is none that can be read."""
    if ref is None:
        return Dataset()
    try:
        return ref.dataset()
    except _UNREADABLE:
        return Dataset()


def _attributes(ref: DataSetRef | None) -> tuple[Attributes, bool]:
    if ref is None:
        return {}, True
    try:
        return attributes_of(ref.dataset()), True
    except _UNREADABLE:
        return {}, False


def value(attributes: Item, keyword: str) -> str:
    """An attribute as text, several values joined by a backslash; "" for none."""
    return "\\".join(_texts(attributes.get(keyword, ())))


def _texts(values: Values) -> tuple[str, ...]:
    return () if items_of(values) else texts(values)


def number(attributes: Item, keyword: str) -> int | None:
    """An attribute as a whole number; None where it is none."""
    text = value(attributes, keyword)
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return None


def sequence(attributes: Item, keyword: str) -> tuple[Item, ...]:
    """The items of a sequence."""
    return tuple(items_of(attributes.get(keyword, ())))


def references(attributes: Item, keyword: str) -> list[tuple[str, str]]:
    """SOP Class and Instance UID of each item of a sequence."""
    return [
        (value(each, "ReferencedSOPClassUID"), value(each, "ReferencedSOPInstanceUID"))
        for each in sequence(attributes, keyword)
    ]


def image_item(act: Act) -> Item | None:
    """The image of an N-SET of an image box; None for none."""
    keyword = IMAGE_SEQUENCE_OF.get(act.exchange.sop_class, "")
    found = sequence(act.sent, keyword)
    return found[0] if found else None


def is_main(association: Association) -> bool:
    """Whether nothing is done wrong on purpose on an association."""
    return association.label in MAIN


@once_per_step
def _all_acts(step: StepEvidence) -> list[Act]:
    found = []
    for association in step.associations:
        if association.outcome != "accepted" or not _is_printing(association):
            continue
        state = State()
        for exchange in association.of(*REQUESTS):
            if exchange.ending == "not sent":
                continue
            sent, readable = _attributes(exchange.data)
            reply, _ = _attributes(exchange.final.data if exchange.final else None)
            act = Act(exchange, association, sent, reply, state, readable)
            found.append(act)
            state = _after(act)
    return found


def _is_printing(association: Association) -> bool:
    wanted = {each.abstract_syntax for each in association.contexts}
    return bool(wanted & set(META_CLASSES)) or bool(association.of(*REQUESTS))


def acts(
    step: StepEvidence,
    *services: str,
    of: tuple[str, ...] | str = (),
    probes: bool = False,
) -> Iterator[Act]:
    """The requests of these services to these SOP classes, in order; with `probes` all of them.

    A probe's own mistake (`try`) is never among them.
    """
    classes = (of,) if isinstance(of, str) else of
    for act in _all_acts(step):
        if services and act.exchange.service not in services:
            continue
        if classes and act.exchange.sop_class not in classes:
            continue
        if is_main(act.association) or (probes and not act.is_try):
            yield act


def requests(step: StepEvidence, *services: str, of: tuple[str, ...] | str = ()) -> Iterator[Act]:
    """What a client asked for in earnest, as far as its data sets can be read."""
    return (act for act in acts(step, *services, of=of) if act.readable)


def last_states(step: StepEvidence) -> Iterator[tuple[Association, State]]:
    """What was left on each association when it ended."""
    found: dict[str, tuple[Association, State]] = {}
    for act in acts(step):
        found[act.association.id] = act.association, _after(act)
    yield from found.values()


def tried(step: StepEvidence, name: str, *, needs: str = "") -> Act:
    """The exchange a probe is about.

    Raises NotApplicable when it was not tried, or when the printer does not accept the class it
    `needs` or the format of the film; Blocked when the printer did not let it come so far.
    """
    if name not in (step.facts.get("probes") or ()):
        raise NotApplicable("this was not tried")
    seen = False
    for association in step.associations:
        if association.label.split(":")[0] != name:
            continue
        seen = True
        if needs and association.outcome == "accepted" and not association.accepted(needs):
            raise NotApplicable("the printer does not accept this class")
    theirs = [act for act in _all_acts(step) if act.association.label.split(":")[0] == name]
    for act in theirs:
        if act.exchange.label == TRY:
            return act
    for act in theirs:
        wanted = value(act.sent, "ImageDisplayFormat")
        if wanted not in ("", "STANDARD\\1,1") and act.status == 0x0106:
            raise NotApplicable(f"the printer does not have the format {wanted}")
    raise Blocked("the printer did not let it come so far" if seen else "no association for it")


def printing(step: StepEvidence) -> Iterator[Association]:
    """The accepted associations on which nothing is done wrong on purpose."""
    return (
        each
        for each in step.associations
        if each.outcome == "accepted" and is_main(each) and _is_printing(each)
    )


def events(step: StepEvidence, sop_class: str) -> Iterator[tuple[Association, Exchange]]:
    """The N-EVENT-REPORTs of the printer about one class, in order."""
    for association in step.associations:
        for exchange in association.of("N-EVENT-REPORT"):
            if exchange.sop_class == sop_class and exchange.ending != "not sent":
                yield association, exchange


def information(exchange: Exchange) -> Attributes:
    """Event Information of an N-EVENT-REPORT."""
    return _attributes(exchange.data)[0]


def _after(act: Act) -> State:
    """The state once a request is answered."""
    exchange, state = act.exchange, act.before
    service, sop_class = exchange.service, exchange.sop_class
    if service == "N-CREATE" and not act.took:
        uid = exchange.sop_instance
        return replace(state, refused=state.refused | {uid}) if uid else state
    if not act.took:
        return state
    if service == "N-CREATE":
        return _created(act)
    if service == "N-DELETE":
        return _deleted(act)
    if service == "N-SET" and sop_class in IMAGE_BOXES:
        box = state.boxes.get(exchange.sop_instance)
        keywords = ("BasicGrayscaleImageSequence", "BasicColorImageSequence")
        has_image = any(sequence(act.sent, each) for each in keywords)
        if box and has_image:
            return replace(state, filled=state.filled | {box.film_box})
    if service == "N-ACTION":
        done = {exchange.sop_instance} if sop_class == FILM_BOX else set(state.film_boxes)
        return replace(state, printed=state.printed | done)
    return state


def _created(act: Act) -> State:
    state, uid = act.before, act.created_uid
    sop_class = act.exchange.sop_class
    if sop_class == FILM_SESSION:
        return replace(state, session=uid)
    if sop_class == PRESENTATION_LUT:
        return replace(state, luts=state.luts | {uid})
    if sop_class != FILM_BOX:
        return state
    boxes: dict[str, Box] = dict(state.boxes)
    images = references(act.reply, "ReferencedImageBoxSequence")
    for position, (box_class, box_uid) in enumerate(images, start=1):
        alone = [each for _, each in images].count(box_uid) == 1
        boxes[box_uid] = Box(box_class, position if alone else 0, uid)
    annotations = references(act.reply, "ReferencedBasicAnnotationBoxSequence")
    for position, (_, box_uid) in enumerate(annotations, start=1):
        boxes[box_uid] = Box(ANNOTATION_BOX, position, uid)
    return replace(state, film_boxes=(*state.film_boxes, uid), boxes=boxes)


def _deleted(act: Act) -> State:
    state, uid = act.before, act.exchange.sop_instance
    gone = state.gone | {uid}
    if act.exchange.sop_class == FILM_SESSION:
        return State(luts=state.luts, refused=state.refused, gone=gone | set(state.film_boxes))
    if act.exchange.sop_class == PRESENTATION_LUT:
        return replace(state, luts=state.luts - {uid}, gone=gone)
    left = {key: each for key, each in state.boxes.items() if each.film_box != uid}
    remaining = tuple(each for each in state.film_boxes if each != uid)
    return replace(state, film_boxes=remaining, boxes=left, gone=gone)
