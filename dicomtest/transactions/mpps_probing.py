"""Probes of an MPPS SCP: each a short story on steps of its own (`dicomtest.dicom.mpps_probes`).

A provider that drops the association in the midst of a probe is found by the checks on
associations; the other probes are made on another one.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dicomtest import dimse
    from dicomtest.dicom.mpps_probes import ProbeName
    from dicomtest.evidence import StepEvidence
    from dicomtest.stage import Stage
    from dicomtest.transactions.mpps import MppsParameters


def make_probes(
    stage: Stage,
    parameters: MppsParameters,
    step: StepEvidence,
    peer: dimse.Requestor,
    waiting: list[ProbeName],
) -> bool:
    """Make those that wait, in order, until the association ends; those made wait no more.

    Gives whether retrievals were answered. A probe that a retrieval has broken off waits still.
    """
    while waiting:
        if not _make(stage, parameters, step, peer, waiting[0]):
            return False
        del waiting[0]
        if not peer.established:
            break
    return True


def _make(
    stage: Stage,
    parameters: MppsParameters,
    step: StepEvidence,
    peer: dimse.Requestor,
    probe: ProbeName,
) -> bool:
    """Make one probe, on an unscheduled examination; false when a retrieval ended it."""
    from dicomtest.dicom.mpps_model import MPPS, MPPS_RETRIEVE
    from dicomtest.dicom.mpps_probes import requests
    from dicomtest.dicom.orders import patient_attributes
    from dicomtest.dicom.performed_step import Performing, creation, final
    from dicomtest.studies import subject_of
    from dicomtest.transactions.performed import encoded

    performing = Performing(
        sop_instance="",
        id=f"P{stage.uids.new()[-8:]}",
        station_ae_title=stage.run.casting.player(parameters.from_).ae_title,
        modality="CT",
        study_uid=stage.uids.new(),
        begun=datetime.now(),
        patient=patient_attributes(subject_of(stage.new_patient())),
        protocol="PROBE",
    )
    made = creation(performing)
    ending = final("COMPLETED", datetime.now(), (), performing, new_series=stage.uids.new())
    uids = [stage.uids.new(), stage.uids.new()]
    if probe not in step.facts["probes"]:
        step.facts["probes"].append(probe)
    retrieve = bool(peer.association.accepted(MPPS_RETRIEVE))
    for request in requests(probe, made, ending):
        if not peer.established:
            return True
        send = peer.n_create if request.service == "N-CREATE" else peer.n_set
        uid = uids[request.step]
        send(MPPS, uid, encoded(request.attributes), label=request.label)
        if retrieve and peer.established:
            peer.n_get(MPPS_RETRIEVE, uid, label=f"get:{request.label}")
            if not peer.established:
                return False
    return True
