"""What was seen on the wire, as plain data.

One-way street: `dimse` writes these records while a step is carried out, checks read them
afterwards, `record` keeps them as JSON. Nothing here opens a socket, and importing this
module imports neither pynetdicom nor pydicom. Names are the standard's: an Association holds
PresentationContexts and Exchanges (one DIMSE request with its responses).

Times are seconds since the epoch. Evidence looks the same from either end: a record says in
`seen_from` whether the harness was the association-requestor or the association-acceptor.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from pydicom import Dataset

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
DEFLATED_LITTLE = "1.2.840.10008.1.2.1.99"


@dataclass(frozen=True, slots=True)
class DataSetRef:
    """A data set as it crossed the wire: bytes in one transfer syntax, kept undecoded.

    Small ones (identifiers) carry `data`; composite objects lie in `path`, a DICOM file or a
    bare data set, from byte `offset` on (behind the file meta information) to its end.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {  # bytes as text in the JSON of a record
        "ser_json_bytes": "base64",
        "val_json_bytes": "base64",
    }

    transfer_syntax: str
    data: bytes | None = None
    path: str | None = None
    offset: int = 0

    def read(self, count: int = -1) -> bytes:
        """Give the encoded data set (or so many bytes of it), without file meta information."""
        if self.data is not None:
            return self.data if count < 0 else self.data[:count]
        assert self.path is not None
        with Path(self.path).open("rb") as file:
            file.seek(self.offset)
            return file.read(count)

    def size(self) -> int:
        """Number of encoded bytes; 0 when the file is not there any more."""
        if self.data is not None:
            return len(self.data)
        try:
            return max(0, Path(self.path or "").stat().st_size - self.offset)
        except OSError:
            return 0

    def dataset(self) -> Dataset:
        """Decode; raises what pydicom raises, or ValueError, when the bytes are no data set."""
        from pydicom.filereader import read_dataset

        encoded = self.read()
        if self.transfer_syntax == DEFLATED_LITTLE:
            try:
                encoded = zlib.decompressobj(-zlib.MAX_WBITS).decompress(encoded)
            except zlib.error as error:
                raise ValueError(f"the data set cannot be inflated: {error}") from error
        return read_dataset(
            io.BytesIO(encoded),
            is_implicit_VR=self.transfer_syntax == IMPLICIT_LITTLE,
            is_little_endian=self.transfer_syntax != EXPLICIT_BIG,
        )


@dataclass(slots=True)
class Response:
    """One DIMSE response as received or sent.

    `command` holds every element of the command set by keyword (UIDs and AE titles as text,
    numbers as int, AT as list of 8-digit hex strings), so that a check sees what was there and
    what was not.
    """

    status: int | None
    command: dict[str, Any] = field(default_factory=dict)
    data: DataSetRef | None = None
    at: float = 0.0
    context_id: int | None = None


Ending = Literal[
    "answered",  # a final response came
    "no response",  # nothing within the time limit
    "aborted",  # the peer sent A-ABORT (or the transport was closed) before a final response
    "abandoned",  # we gave up on purpose (abort, release, cancel test)
    "not sent",  # no accepted presentation context fits, or the association was already gone
]


@dataclass(slots=True)
class Exchange:
    """One DIMSE request and its responses, in order of arrival.

    `service` is the standard's name: C-ECHO, C-STORE, C-FIND, C-MOVE, C-GET, N-CREATE ...
    C-STORE sub-operations of a C-GET are exchanges of their own on the same association,
    with `invoked_by` "peer" when the harness was the C-STORE SCP.
    """

    service: str
    message_id: int
    context_id: int | None
    sop_class: str
    sop_instance: str = ""
    command: dict[str, Any] = field(default_factory=dict)
    data: DataSetRef | None = None
    responses: list[Response] = field(default_factory=list)
    ending: Ending = "answered"
    why: str = ""  # in words, when ending is not "answered"
    invoked_by: Literal["us", "peer"] = "us"
    began: float = 0.0  # first byte of the request handed to the transport (or read)
    sent: float = 0.0  # last byte of the request written (or read)
    cancelled_at: float | None = None  # when a C-CANCEL was sent (or received)
    cancelled_after: int | None = None  # pending responses seen before it
    label: str = ""  # what the harness wanted with it, for checks and people
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def final(self) -> Response | None:
        """The final response: the last one, unless it is Pending (FF00, FF01) or absent."""
        if not self.responses or self.responses[-1].status in (0xFF00, 0xFF01):
            return None
        return self.responses[-1]

    @property
    def status(self) -> int | None:
        """Status of the final response; None when none came."""
        final = self.final
        return None if final is None else final.status

    @property
    def pending(self) -> list[Response]:
        """The Pending responses, in order."""
        return [each for each in self.responses if each.status in (0xFF00, 0xFF01)]

    @property
    def seconds(self) -> float | None:
        """From request to final response."""
        final = self.final
        return None if final is None else max(0.0, final.at - self.sent)


@dataclass(slots=True)
class PresentationContext:
    """One proposed presentation context and its answer (PS3.8 9.3.2.2, 9.3.3.2)."""

    id: int
    abstract_syntax: str
    proposed: list[str] = field(default_factory=list)
    result: int | None = None  # PS3.8 Table 9-18: 0 accepted, 1 user, 2 no reason, 3 abstract, 4 ts
    accepted: str | None = None  # transfer syntax, when result is 0
    proposed_roles: tuple[bool, bool] | None = None  # (SCU, SCP) of the requestor; None: no item
    accepted_roles: tuple[bool, bool] | None = None


@dataclass(slots=True)
class Peer:
    """One end of an association as it presented itself."""

    ae_title: str = ""
    address: str = ""  # host:port
    max_pdu: int | None = None  # Maximum Length Received it announced; 0 means no limit
    implementation_class_uid: str = ""
    implementation_version_name: str = ""


Outcome = Literal["accepted", "rejected", "aborted", "no connection", "no answer", "tls failed"]


@dataclass(slots=True)
class Association:
    """One association, or the attempt at one, from TCP connect to its end."""

    id: str
    seen_from: Literal["requestor", "acceptor"]
    requestor: Peer = field(default_factory=Peer)
    acceptor: Peer = field(default_factory=Peer)
    called_ae_title: str = ""
    calling_ae_title: str = ""
    application_context: str = "1.2.840.10008.3.1.1.1"
    contexts: list[PresentationContext] = field(default_factory=list)
    outcome: Literal[
        "accepted", "rejected", "aborted", "no connection", "no answer", "tls failed"
    ] = "no connection"
    reject: tuple[int, int, int] | None = None  # result, source, reason (PS3.8 Table 9-21)
    why: str = ""  # in words, when not accepted
    ended: Literal["", "released", "aborted by us", "aborted by peer", "connection closed"] = ""
    released_by: Literal["", "us", "peer"] = ""
    abort: tuple[int, int] | None = None  # source, reason (PS3.8 Table 9-26)
    largest_pdu_received: int = 0  # PDU-length field of the largest P-DATA-TF from the peer
    largest_pdu_sent: int = 0
    exchanges: list[Exchange] = field(default_factory=list)
    connection: str = ""  # "host:port>host:port" of the TCP connection, the same from both ends
    tls: str = ""  # protocol version, when TLS was used
    opened: float = 0.0  # before the TCP connect
    connected: float = 0.0  # TCP connected
    answered: float = 0.0  # A-ASSOCIATE-AC, -RJ or A-ABORT seen
    closed: float = 0.0
    label: str = ""  # what the harness wanted with it, e.g. "wrong called AE title"
    notes: dict[str, Any] = field(default_factory=dict)

    def context(self, context_id: int | None) -> PresentationContext | None:
        """The presentation context of that ID."""
        return next((each for each in self.contexts if each.id == context_id), None)

    def accepted(self, abstract_syntax: str) -> list[PresentationContext]:
        """The accepted contexts of one abstract syntax."""
        return [
            each
            for each in self.contexts
            if each.abstract_syntax == abstract_syntax and each.result == 0
        ]

    def of(self, *services: str) -> list[Exchange]:
        """The exchanges of these services, in order."""
        return [each for each in self.exchanges if each.service in services]


@dataclass(frozen=True, slots=True)
class Player:
    """Who plays an actor in this run."""

    actor: str
    simulated: bool
    ae_title: str
    host: str
    port: int | None
    name: str = ""  # product and version of a real system, profile of a simulator
    key: str = ""  # its key under `systems` in the site file
    claims: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Instance:
    """One composite instance the harness made (or received) and what it expects of it."""

    sop_class: str
    sop_instance: str
    study: str
    series: str
    patient_id: str
    data: DataSetRef
    kind: str = ""  # ct, mr, ... as in a scenario's `study:`
    attributes: dict[str, Any] = field(default_factory=dict)  # keyword -> value, for query


@dataclass(slots=True)
class StepEvidence:
    """Everything a step left behind; the only argument a check gets.

    `story` are the steps of the same scenario that went before, oldest first. `facts` is what
    the transaction wants its checks to know beyond the wire (JSON values only; documented in the
    transaction's module).
    """

    scenario: str
    step: str  # "2-store"
    kind: str  # "store"
    scu: str = ""  # actor names: who uses the service, who provides it
    scp: str = ""
    players: dict[str, Player] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)
    associations: list[Association] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    problem: str = ""  # why the step could not be carried out, in words; blocks its checks
    not_run: str = ""  # why it was not attempted (no operator)
    not_applicable: str = ""  # the system does not claim this
    started: float = 0.0
    ended: float = 0.0
    story: list[StepEvidence] = field(default_factory=list, repr=False, compare=False)

    def exchanges(self, *services: str, label: str | None = None) -> Iterator[Exchange]:
        """The step's exchanges of these services (all, when none is named), in order."""
        for association in self.associations:
            for exchange in association.exchanges:
                if services and exchange.service not in services:
                    continue
                if label is None or exchange.label == label:
                    yield exchange

    def association_of(self, exchange: Exchange) -> Association:
        """The association an exchange belongs to."""
        for association in self.associations:
            if any(each is exchange for each in association.exchanges):
                return association
        raise KeyError("the exchange is not of this step")
