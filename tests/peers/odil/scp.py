"""Verification and MPPS with odil: scp.py PORT AE_TITLE JOURNAL. One association at a time.

Needs Debian's python3-odil. Every request is noted in JOURNAL, one JSON object a line.
"""

import json
import sys
from pathlib import Path

import odil

PORT, AE_TITLE, JOURNAL = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
IN_PROGRESS = "IN PROGRESS"
NO_SUCH_OBJECT_INSTANCE, DUPLICATE_SOP_INSTANCE = 0x0112, 0x0111
INVALID_ATTRIBUTE_VALUE, PROCESSING_FAILURE = 0x0106, 0x0110

steps = {}  # SOP Instance UID -> Performed Procedure Step Status


def wanted_status(request):
    """Give the Performed Procedure Step Status in a request, or an empty text."""
    data_set = request.get_data_set()
    tag = odil.registry.PerformedProcedureStepStatus
    if not data_set.has(tag) or not data_set.as_string(tag):
        return ""
    return data_set.as_string(tag)[0].decode("ascii").strip()


def note(service, uid, status, wanted):
    with JOURNAL.open("a", encoding="utf-8") as journal:
        line = {"service": service, "sop_instance": uid, "status": status, "step_status": wanted}
        journal.write(json.dumps(line) + "\n")


def created(request):
    uid = request.get_affected_sop_instance_uid().rstrip("\0")
    wanted = wanted_status(request)
    status = 0
    if uid in steps:
        status = DUPLICATE_SOP_INSTANCE
    elif wanted != IN_PROGRESS:
        status = INVALID_ATTRIBUTE_VALUE
    else:
        steps[uid] = wanted
    note("N-CREATE", uid, status, wanted)
    return status


def changed(request):
    uid = request.get_requested_sop_instance_uid().rstrip("\0")
    wanted = wanted_status(request)
    status = 0
    if uid not in steps:
        status = NO_SUCH_OBJECT_INSTANCE
    elif steps[uid] != IN_PROGRESS:
        status = PROCESSING_FAILURE
    elif wanted:
        steps[uid] = wanted
    note("N-SET", uid, status, wanted)
    return status


def serve_one_association():
    association = odil.Association()
    association.receive_association("v4", PORT)
    dispatcher = odil.SCPDispatcher(association)
    echo, create, change = (
        kind(association) for kind in (odil.EchoSCP, odil.NCreateSCP, odil.NSetSCP)
    )
    echo.set_callback(lambda _request: 0)
    create.set_callback(created)
    change.set_callback(changed)
    dispatcher.set_echo_scp(echo)
    dispatcher.set_ncreate_scp(create)
    dispatcher.set_nset_scp(change)
    try:
        while True:
            dispatcher.dispatch()
    except odil.AssociationReleased:
        print("released", flush=True)  # noqa: T201 - the log is what this program prints
    except odil.AssociationAborted:
        print("aborted", flush=True)  # noqa: T201 - the log is what this program prints


while True:
    try:
        serve_one_association()
    except odil.Exception as error:  # a peer that went away ends its association only
        print("error:", error, flush=True)  # noqa: T201 - the log is what this program prints
