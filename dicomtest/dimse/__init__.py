"""DIMSE on real sockets: the only package that knows pynetdicom.

Everything a peer does becomes data in the evidence, never an exception; only misuse by the
harness itself raises. `notes` of an association may hold:

    rq, ac                rarer items of the A-ASSOCIATE-RQ or -AC: sop_class_extended,
                          asynchronous_operations_window, user_identity_type, unknown_items,
                          protocol_version (unless 1)
    roles_answered        every role item of the AC, by SOP class
    answers_not_proposed  context IDs answered that were not proposed
    context_ids           of a request whose IDs are even or used twice
    invalid_pdu           what was no valid PDU, in words
    stray_data_bytes      data set fragments without a command set that announces them
    unasked_responses, late_cancels   command sets nobody waited for
    release_collision     both ends asked for release at once
    stalls, stalled_seconds   pauses of 30 to 300 ms within a PDU, as of Nagle's algorithm
    dropped               we closed the connection without a word
    continues             id of the association this record goes on with
    defect                our own, in words

and of an exchange: surplus_responses (further final responses), responses_not_kept (behind a
limit), not_kept (why a received object was not written), defect.
"""

from dicomtest.dimse.dispatch import Incoming
from dicomtest.dimse.invoker import Invoker
from dicomtest.dimse.link import NO_RELEASE
from dicomtest.dimse.listener import Listener
from dicomtest.dimse.messages import encode_dataset
from dicomtest.dimse.recorder import Recorder
from dicomtest.dimse.requestor import Requestor, associate
from dicomtest.dimse.status import status_class, status_in_words
from dicomtest.dimse.tls import TlsSettings
from dicomtest.dimse.values import (
    Answer,
    Handlers,
    Limits,
    Policy,
    Proposal,
    Remote,
    Retrieval,
    Supported,
)
from dicomtest.dimse.words import abort_in_words, context_result_in_words, reject_in_words

__all__ = [
    "NO_RELEASE",
    "Answer",
    "Handlers",
    "Incoming",
    "Invoker",
    "Limits",
    "Listener",
    "Policy",
    "Proposal",
    "Recorder",
    "Remote",
    "Requestor",
    "Retrieval",
    "Supported",
    "TlsSettings",
    "abort_in_words",
    "associate",
    "context_result_in_words",
    "encode_dataset",
    "reject_in_words",
    "status_class",
    "status_in_words",
]
