"""Independent DICOM systems: how to start, use and stop them. Imported as `support`.

Servers are context managers (`with Orthanc(folder) as pacs:`), clients are `run_...` functions;
both raise `Missing` when the program is not installed. In a test below tests/peers, take the
fixtures of its conftest.py instead: they also skip, and show the logs of a failure.
"""

from support.clients import Ran
from support.dcmjs import DcmjsRan, DcmjsScp, run_dcmjs
from support.dcmtk import (
    Dcmprscp,
    Dcmqrscp,
    Dcmrecv,
    DcmtkRan,
    Message,
    Storescp,
    Wlmscpfs,
    print_configuration,
    run_dcmtk,
)
from support.network import free_port, until
from support.odil import OdilScp, run_odil, run_odil_mpps
from support.orthanc import Orthanc
from support.process import Peer, PeerFailed
from support.programs import Missing
from support.tls import TlsFiles, make_tls_files

__all__ = [
    "DcmjsRan",
    "DcmjsScp",
    "Dcmprscp",
    "Dcmqrscp",
    "Dcmrecv",
    "DcmtkRan",
    "Message",
    "Missing",
    "OdilScp",
    "Orthanc",
    "Peer",
    "PeerFailed",
    "Ran",
    "Storescp",
    "TlsFiles",
    "Wlmscpfs",
    "free_port",
    "make_tls_files",
    "print_configuration",
    "run_dcmjs",
    "run_dcmtk",
    "run_odil",
    "run_odil_mpps",
    "until",
]
