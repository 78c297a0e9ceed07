"""Requests of a performed procedure step in the evidence, decoded, as its checks need them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dicomtest.dicom.attribute_values import Attributes, attributes_of, items, texts
from dicomtest.dicom.headers import UNREADABLE
from dicomtest.dicom.mpps_model import MPPS
from dicomtest.dicom.mpps_probes import EXPECTED
from dicomtest.evidence import DataSetRef, Exchange, Instance, StepEvidence

# Labels of requests that are as the standard wants them; "" are those of a system under test.
MEANT = frozenset({"", *(label for label, each in EXPECTED.items() if each.taken)})


@dataclass(frozen=True)
class Told:
    """One N-CREATE or N-SET: what it said of which step, and whether in this step of ours."""

    exchange: Exchange
    attributes: Attributes
    here: bool
    calling: str

    @property
    def uid(self) -> str:
        """SOP Instance UID of the performed procedure step."""
        return self.exchange.sop_instance

    @property
    def creates(self) -> bool:
        """Whether it is an N-CREATE."""
        return self.exchange.service == "N-CREATE"

    @property
    def taken(self) -> bool:
        """Whether it was answered with Success or a Warning."""
        return is_taken(self.exchange.status)


def is_taken(status: int | None) -> bool:
    """Success or Warning (PS3.7 Annex C)."""
    return status in (0x0000, 0x0001, 0x0107, 0x0116) or (
        status is not None and status >> 12 == 0xB
    )


@lru_cache(maxsize=256)
def decoded(data: DataSetRef | None) -> Attributes:
    """The attributes of a data set, not to be changed; none if it is absent or unreadable."""
    if data is None:
        return {}
    try:
        return attributes_of(data.dataset())
    except (*UNREADABLE, OSError):
        return {}


def told(step: StepEvidence) -> list[Told]:
    """Every request meant to be right, of the steps so far and of this one, in order."""
    return [
        Told(exchange, decoded(exchange.data), each is step, association.calling_ae_title)
        for each in (*step.story, step)
        for association in each.associations
        for exchange in association.of("N-CREATE", "N-SET")
        if exchange.sop_class == MPPS and exchange.label in MEANT and exchange.ending != "not sent"
    ]


def created(step: StepEvidence) -> Iterator[Told]:
    """The N-CREATE requests of this step."""
    return (each for each in told(step) if each.here and each.creates)


def changes(step: StepEvidence) -> Iterator[Told]:
    """The N-SET requests of this step."""
    return (each for each in told(step) if each.here and not each.creates)


def known_before(step: StepEvidence, request: Told) -> Attributes:
    """What the provider had taken of a performed step when a request came."""
    state: Attributes = {}
    for each in told(step):
        if each.exchange is request.exchange:
            break
        if each.uid == request.uid and each.taken:
            state = {**state, **each.attributes}
    return state


def labelled(step: StepEvidence, *labels: str) -> Iterator[Exchange]:
    """Answered requests of ours with one of these labels."""
    for exchange in step.exchanges("N-CREATE", "N-SET"):
        if exchange.label in labels and exchange.final is not None:
            yield exchange


def value(attributes: Attributes, name: str) -> str:
    """The first value of an attribute; "" when it is absent or empty."""
    return next(iter(texts(attributes.get(name, ()))), "")


def inner(attributes: Attributes, name: str) -> list[Attributes]:
    """The items of a sequence."""
    return [dict(each) for each in items(attributes.get(name, ()))]


def stored_instances(step: StepEvidence) -> list[Instance]:
    """Every instance that a provider has taken in the steps before."""
    found = []
    for each in step.story:
        if each.kind == "store" and not each.facts.get("fault"):
            good = {x.sop_instance for x in each.exchanges("C-STORE") if is_taken(x.status)}
            found += [instance for instance in each.instances if instance.sop_instance in good]
    return found
