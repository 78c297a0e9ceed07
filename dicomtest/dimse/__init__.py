"""DIMSE on real sockets: the only package that knows pynetdicom.

Everything a peer does becomes data in the evidence, never an exception; only misuse by the
harness itself raises.
"""

from dicomtest.dimse.dispatch import Incoming
from dicomtest.dimse.invoker import Invoker
from dicomtest.dimse.listener import Listener
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
    "reject_in_words",
    "status_class",
    "status_in_words",
]
