"""MPPS with odil: mpps_scu.py HOST PORT CALLING CALLED [STATUS ...].

Creates a step that is IN PROGRESS, then sets each STATUS in turn. As a trigger command of
dicomtest it reports the step it is told of; with a STATUS it only sets that of a step that has
begun. Needs Debian's python3-odil.
Prints the SOP Instance UID and the status of each response, as JSON.
"""

import json
import os
import sys
from datetime import datetime

import odil

HOST, PORT, CALLING, CALLED, *STATUSES = sys.argv[1:]
MPPS = odil.registry.ModalityPerformedProcedureStep
TRIGGERED = "DICOMTEST_STEP" in os.environ


def told(name, otherwise=""):
    """What the trigger command is told, or what is usual here."""
    return os.environ.get(f"DICOMTEST_{name}") or otherwise


def data_set(**elements):
    """Build a data set from values by keyword."""
    built = odil.DataSet()
    for keyword, value in elements.items():
        built.add(getattr(odil.registry, keyword), value if isinstance(value, list) else [value])
    return built


now = datetime.now()
uid = odil.generate_uid()
uid = told("SOP_INSTANCE_UID", uid.decode("ascii") if isinstance(uid, bytes) else uid)
referenced = data_set(
    StudyInstanceUID=told("STUDY_INSTANCE_UID", uid + ".1"),
    ReferencedStudySequence=[],
    AccessionNumber=told("ACCESSION_NUMBER"),
    RequestedProcedureID="",
    RequestedProcedureDescription="",
    ScheduledProcedureStepID="",
    ScheduledProcedureStepDescription="",
    ScheduledProtocolCodeSequence=[],
)
created = data_set(
    PatientName=told("PATIENT_NAME", "ZZTEST^Odil"),
    PatientID=told("PATIENT_ID", "ODIL1"),
    PatientBirthDate="",
    PatientSex="",
    ReferencedPatientSequence=[],
    ScheduledStepAttributesSequence=[referenced],
    PerformedProcedureStepID="1",
    PerformedStationAETitle=CALLING,
    PerformedStationName="",
    PerformedLocation="",
    PerformedProcedureStepStartDate=now.strftime("%Y%m%d"),
    PerformedProcedureStepStartTime=now.strftime("%H%M%S"),
    PerformedProcedureStepStatus="IN PROGRESS",
    PerformedProcedureStepDescription="",
    PerformedProcedureTypeDescription="",
    ProcedureCodeSequence=[],
    PerformedProcedureStepEndDate="",
    PerformedProcedureStepEndTime="",
    Modality="CT",
    StudyID="",
    PerformedProtocolCodeSequence=[],
    PerformedSeriesSequence=[],
)
series = data_set(
    PerformingPhysicianName="",
    ProtocolName="HEAD",
    OperatorsName="",
    SeriesInstanceUID=uid + ".2",
    SeriesDescription="",
    RetrieveAETitle="",
    ReferencedImageSequence=[],
    ReferencedNonImageCompositeSOPInstanceSequence=[],
)

association = odil.Association()
association.set_peer_host(HOST)
association.set_peer_port(int(PORT))
context = odil.AssociationParameters.PresentationContext
association.update_parameters().set_calling_ae_title(CALLING).set_called_ae_title(
    CALLED
).set_presentation_contexts(
    [context(1, MPPS, [odil.registry.ExplicitVRLittleEndian], context.Role.SCU)]
)
association.associate()


def ask(request):
    association.send_message(request, MPPS)
    return odil.messages.Response(association.receive_message()).get_status()


answers = []
if not (TRIGGERED and STATUSES):
    creation = odil.messages.NCreateRequest(association.next_message_id(), MPPS, created)
    creation.set_affected_sop_instance_uid(uid)
    answers.append(ask(creation))
for status in STATUSES:
    changes = data_set(
        PerformedProcedureStepStatus=status,
        PerformedProcedureStepEndDate=now.strftime("%Y%m%d"),
        PerformedProcedureStepEndTime=now.strftime("%H%M%S"),
        PerformedSeriesSequence=[series],
    )
    message = association.next_message_id()
    answers.append(ask(odil.messages.NSetRequest(message, MPPS, uid, changes)))
association.release()
print(json.dumps({"sop_instance": uid, "statuses": answers}))  # noqa: T201 - its result
