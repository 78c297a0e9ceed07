"""What the users of this package say and hear: plain values, no behaviour."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dicomtest.dimse.tls import TlsSettings
from dicomtest.evidence import Association, DataSetRef, Instance

if TYPE_CHECKING:
    from pydicom import Dataset

    from dicomtest.dimse.dispatch import Incoming
    from dicomtest.dimse.invoker import Invoker

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"  # PS3.7 A.2.1


@dataclass(frozen=True, slots=True)
class Remote:
    """Where an application entity listens."""

    ae_title: str
    host: str
    port: int
    tls: TlsSettings | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, in seconds."""

    connect: float = 10.0  # TCP (and TLS) connection
    association: float = 30.0  # answer to A-ASSOCIATE-RQ; ARTIM of the acceptor
    response: float = 60.0  # each response, and any stand-still while sending
    operation: float = 600.0  # all the responses of one request together
    release: float = 10.0  # A-RELEASE-RP, and the peer's closing of the connection
    idle: float = 300.0  # acceptor: nothing at all from the requestor
    because: str = ""  # why they are not the usual ones, in words

    def said(self, seconds: float) -> str:
        """One of the limits in words, with the reason where it is an unusual one."""
        return f"{seconds:g} s ({self.because})" if self.because else f"{seconds:g} s"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One presentation context to propose; `roles` is (SCU, SCP), None sends no role item.

    `extended` is the service-class-application-information of a SOP Class Extended
    Negotiation item (PS3.7 D.3.3.5); None sends none.
    """

    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]
    roles: tuple[bool, bool] | None = None
    extended: bytes | None = None


@dataclass(frozen=True, slots=True)
class Supported:
    """One abstract syntax an acceptor takes, its transfer syntaxes in order of preference.

    `scu_role` and `scp_role` say which roles the requestor may have; where both are None a
    role selection item gets no answer, so the default roles stand (PS3.7 D.3.3.4).
    """

    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]
    scu_role: bool | None = None
    scp_role: bool | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom an acceptor lets in, and faults it is asked to show.

    `reject` answers every request with that (result, source, reason); `abort` answers it
    with A-ABORT, `silent` not at all. `answer_delay` postpones every DIMSE response, in
    seconds. `abort_after_bytes` and `close_after_bytes` end the association as soon as that
    much of a received data set has arrived.
    """

    reject: tuple[int, int, int] | None = None
    check_called: bool = True
    calling: frozenset[str] | None = None
    max_associations: int = 50
    abort: bool = False
    silent: bool = False
    answer_delay: float = 0.0
    abort_after_bytes: int | None = None
    close_after_bytes: int | None = None


@dataclass(slots=True)
class Answer:
    """A DIMSE response: status, data set if any, and further command elements by keyword.

    An element given as None is left out even where the standard's form would carry it.
    """

    status: int
    dataset: Dataset | DataSetRef | None = None
    elements: Mapping[str, Any] = field(default_factory=dict)
    delay: float = 0.0  # seconds to wait before it is sent


@dataclass(slots=True)
class Retrieval:
    """What a C-MOVE or C-GET is to send.

    With a `status` the request is refused at once. `destination` is where a C-MOVE sends;
    `calling` the AE title used there (default: the acceptor's own).
    """

    status: int | None = None
    elements: Mapping[str, Any] = field(default_factory=dict)
    destination: Remote | None = None
    instances: Sequence[Instance] = ()
    calling: str = ""
    pending_every: int = 1  # sub-operations between two Pending responses; 0 sends none


@dataclass(slots=True)
class Handlers:
    """Who serves the requests a peer invokes, and who is told of an association's begin and end.

    A service without a handler: C-ECHO is answered 0000, C-STORE is kept and answered 0000,
    everything else is refused with 0211 (unrecognized operation).
    """

    echo: Callable[[Incoming], Answer] | None = None
    store: Callable[[Incoming], Answer] | None = None
    find: Callable[[Incoming], Iterator[Answer]] | None = None
    move: Callable[[Incoming], Retrieval] | None = None
    get: Callable[[Incoming], Retrieval] | None = None
    n_create: Callable[[Incoming], Answer] | None = None
    n_set: Callable[[Incoming], Answer] | None = None
    n_get: Callable[[Incoming], Answer] | None = None
    n_action: Callable[[Incoming], Answer] | None = None
    n_event_report: Callable[[Incoming], Answer] | None = None
    n_delete: Callable[[Incoming], Answer] | None = None
    established: Callable[[Invoker], None] | None = None  # by an acceptor, once it has accepted
    released: Callable[[Association], None] | None = None
    aborted: Callable[[Association], None] | None = None
