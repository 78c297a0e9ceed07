"""The association-requestor: one association to a remote application entity."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from dicomtest.dimse import pdus
from dicomtest.dimse.connect import NoConnection, connect
from dicomtest.dimse.dispatch import Incoming, serve
from dicomtest.dimse.invoker import Invoker
from dicomtest.dimse.link import Link
from dicomtest.dimse.recorder import Recorder
from dicomtest.dimse.spool import Spool
from dicomtest.dimse.tls import handshake_in_words
from dicomtest.dimse.upper import Stalled
from dicomtest.dimse.values import (
    APPLICATION_CONTEXT,
    Answer,
    Handlers,
    Limits,
    Proposal,
    Remote,
)
from dicomtest.dimse.wire import Wire
from dicomtest.dimse.words import context_result_in_words, reject_in_words
from dicomtest.evidence import Association, PresentationContext

Handler = Callable[[Incoming], Answer]


def associate(
    remote: Remote,
    *,
    calling: str,
    proposals: Sequence[Proposal],
    recorder: Recorder,
    limits: Limits | None = None,
    max_pdu: int = 16384,
    label: str = "",
    called: str | None = None,
    store_handler: Handler | None = None,
    event_report_handler: Handler | None = None,
    handlers: Handlers | None = None,
    application_context: str | None = None,
    spool: Path | None = None,
    tcp_nodelay: bool = True,
) -> Requestor:
    """Open an association, or record why there is none: look at `association.outcome`.

    C-STORE sub-operations of a C-GET are kept as files in `spool` (in memory without it) and
    answered 0000, unless `store_handler` answers them. Raises ValueError for what cannot be
    encoded, SetupError for TLS files or a spool that cannot be used.
    """
    limits = limits or Limits()
    served = replace(handlers) if handlers is not None else Handlers()
    served.store = store_handler or served.store
    served.n_event_report = event_report_handler or served.n_event_report
    called = remote.ae_title if called is None else called
    rq = pdus.associate_rq(
        calling=calling,
        called=called,
        proposals=proposals,
        max_pdu=max_pdu,
        application_context=application_context,
    )
    folder = None if spool is None else Spool(spool)
    association = recorder.open("requestor")
    _describe(association, calling, called, proposals, max_pdu, label)
    association.application_context = application_context or APPLICATION_CONTEXT
    try:
        wire = Wire(connect(remote, limits.connect, association), nodelay=tcp_nodelay)
        association.connected = time.time()
    except NoConnection as failure:
        wire = Wire.none()
        association.outcome = "tls failed" if failure.tls else "no connection"
        association.why = str(failure)
    link = Link(
        wire,
        association,
        recorder,
        ae_title=calling,
        limits=limits,
        handlers=served,
        spool=folder,
        serve=serve,
        requestor=True,
    )
    if wire.closed:
        link.upper.never()
    else:
        with link.turn.taken():
            _negotiate(link, rq)
    recorder.changed()
    return Requestor(link)


def _describe(
    association: Association,
    calling: str,
    called: str,
    proposals: Sequence[Proposal],
    max_pdu: int,
    label: str,
) -> None:
    association.opened = time.time()
    association.label = label
    association.calling_ae_title, association.called_ae_title = calling, called
    requestor = association.requestor
    requestor.ae_title, association.acceptor.ae_title = calling, called
    requestor.max_pdu = max_pdu
    requestor.implementation_class_uid = pdus.IMPLEMENTATION_CLASS_UID
    requestor.implementation_version_name = pdus.IMPLEMENTATION_VERSION_NAME
    roles = {p.abstract_syntax: p.roles for p in reversed(proposals) if p.roles is not None}
    association.contexts = [
        PresentationContext(
            id=2 * index + 1,
            abstract_syntax=each.abstract_syntax,
            proposed=list(each.transfer_syntaxes),
            proposed_roles=roles.get(each.abstract_syntax),
        )
        for index, each in enumerate(proposals)
    ]


def _negotiate(link: Link, rq: bytes) -> None:
    upper, association, limits = link.upper, link.association, link.limits
    deadline = time.monotonic() + limits.association
    upper.negotiated = lambda items: _accepted(link, items)
    upper.request(rq)
    try:
        upper.drain(limits.association)
    except Stalled:
        deadline = 0.0
    while upper.state == "Sta5":
        left = deadline - time.monotonic()
        if left <= 0:
            association.outcome = "no answer"
            association.why = (
                f"no answer to A-ASSOCIATE-RQ within {limits.said(limits.association)}; is this a "
                "DICOM port, and does it speak clear text?"
            )
            upper.abort()
            upper.finish(0)
            return
        upper.pump(left)
    if not upper.accepted:
        _refused(link)


def _accepted(link: Link, items: pdus.AssociateItems) -> None:
    association = link.association
    association.outcome = "accepted"
    items.describe(association.acceptor)
    items.note(association, "ac")
    answers = {each.id: each for each in items.contexts}
    for context in association.contexts:
        given = answers.pop(context.id, None)
        if given is None:
            continue
        context.result = given.result
        context.accepted = given.accepted if given.result == 0 else None
        context.accepted_roles = items.roles.get(context.abstract_syntax)
    ids = [each.id for each in items.contexts]
    if len(set(ids)) < len(ids):
        association.notes["answered_twice"] = sorted({each for each in ids if ids.count(each) > 1})
    if answers:
        association.notes["answers_not_proposed"] = sorted(answers)
    if items.roles:
        association.notes["roles_answered"] = {k: list(v) for k, v in items.roles.items()}
    if not any(each.result == 0 for each in association.contexts):
        results = {context_result_in_words(each.result) for each in association.contexts}
        association.why = f"no presentation context was accepted: {', '.join(sorted(results))}"


def _refused(link: Link) -> None:
    upper, association = link.upper, link.association
    upper.finish(min(link.limits.release, 2.0))
    if association.reject is not None:
        association.outcome = "rejected"
        what, fix = reject_in_words(*association.reject)
        association.why = f"{what}; {fix}"
        return
    association.outcome = "aborted"
    association.why = upper.why or "the association was aborted"
    tls_error = upper.wire.tls_error
    if tls_error is not None:
        association.outcome = "tls failed"
        association.why = handshake_in_words(tls_error)
    elif association.tls and association.ended == "connection closed":
        association.outcome = "tls failed"
        association.why = (
            "the peer closed the connection right after the TLS handshake; it may ask for a "
            "client certificate"
        )
    elif "TLS" in upper.why:
        association.outcome = "tls failed"
        association.why = "the port speaks TLS: give `tls` for this system, or use its clear port"
    elif association.ended == "connection closed":
        association.why = (
            "the peer closed the connection without answering A-ASSOCIATE-RQ; it may speak TLS "
            "only, or refuse our address"
        )


class Requestor(Invoker):
    """An association we opened. As a context manager it releases, or aborts after an error."""

    def __init__(self, link: Link) -> None:
        """Watch the association while it is idle; use `associate()`."""
        super().__init__(link)
        self._watcher: threading.Thread | None = None
        if not link.upper.over:
            self._watcher = threading.Thread(
                target=self._watch, name=f"dicomtest-{self.association.id}", daemon=True
            )
            self._watcher.start()

    def _watch(self) -> None:
        """Serve what the peer sends while we have nothing to ask."""
        link = self._link
        while not link.upper.over:
            with link.turn.watching():
                if not link.upper.over:
                    link.idle(60.0)
        link.recorder.changed()

    def release(self) -> None:
        """Release the association (PS3.8 7.2); does nothing when it is over."""
        self._link.release()
        self._join()

    def abort(self) -> None:
        """Send A-ABORT (PS3.8 7.3); does nothing when it is over."""
        self._link.abort()
        self._join()

    def drop(self) -> None:
        """Close the TCP connection without a word, as a crash would."""
        self._link.abort(drop=True)
        self._join()

    def _join(self) -> None:
        self._link.turn.hurry()
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join()
            self._watcher = None

    def __enter__(self) -> Requestor:
        """Use the association."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release, or abort when the body raised."""
        if kind is None:
            self.release()
        else:
            self.abort()
