"""What modalities do wrong, by phase of the examination, with the checks that find it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

from pydicom import Dataset
from pydicom.dataelem import DataElement
from pydicom.uid import generate_uid

from .device import Change, Examination

MR = "1.2.840.10008.5.1.4.1.1.4"


@dataclass(frozen=True)
class Defect:
    """One thing that a modality does wrong; `alone` when it spoils what follows."""

    name: str
    phase: str
    change: Change
    caught_by: frozenset[str]
    alone: bool = False


DEFECTS: dict[str, Defect] = {}


def defect(phase: str, *caught_by: str, alone: bool = False) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        name = change.__name__.replace("_", "-")
        assert name not in DEFECTS, name
        DEFECTS[name] = Defect(name, phase, change, frozenset(caught_by), alone)
        return change

    return register


def drop(place: Dataset, *names: str) -> None:
    for each in names:
        place.pop(each, None)


def scheduled(now: Examination) -> Dataset:
    return now.creation.ScheduledStepAttributesSequence[0]


def series(now: Examination) -> Dataset:
    return now.ending.PerformedSeriesSequence[0]


def raw(place: Dataset, tag: int, vr: str, value: str) -> None:
    """A value that pydicom would refuse."""
    place[tag] = DataElement(tag, vr, value, validation_mode=0)


# --- worklist


@defect("worklist", "worklist.scu-one-item")
def two_items(now: Examination) -> None:
    now.query.ScheduledProcedureStepSequence.append(Dataset())
    now.query.ScheduledProcedureStepSequence[1].Modality = "MR"


@defect("worklist", "worklist.scu-keys-in-place")
def modality_beside_the_sequence(now: Examination) -> None:
    now.query.Modality = "CT"


@defect("worklist", "worklist.scu-no-level")
def query_retrieve_level(now: Examination) -> None:
    now.query.QueryRetrieveLevel = "STUDY"


@defect("worklist", "worklist.scu-legal-keys")
def date_with_wild_card(now: Examination) -> None:
    raw(now.query.ScheduledProcedureStepSequence[0], 0x00400002, "DA", "2026*")


@defect("worklist", "worklist.scu-required-matching")
def station_with_wild_card(now: Examination) -> None:
    now.query.ScheduledProcedureStepSequence[0].ScheduledStationAETitle = "*MOD*"


@defect("worklist", "worklist.scu-character-set")
def empty_character_set(now: Examination) -> None:
    now.query.SpecificCharacterSet = ""
    now.query.PatientName = "*"


@defect("worklist", "worklist.scu-return-keys")
def asks_for_the_name_alone(now: Examination) -> None:
    for name in ("AccessionNumber", "StudyInstanceUID", "RequestedProcedureID", "PatientSex"):
        drop(now.query, name)


@defect("worklist", "worklist.scu-narrow")
def asks_for_everything(now: Examination) -> None:
    now.query.ScheduledProcedureStepSequence[0].Modality = ""


# --- N-CREATE


@defect("create", "mpps.scu-names-instance", alone=True)
def no_instance(now: Examination) -> None:
    now.uid = None


@defect("create", "mpps.scu-begins-in-progress", alone=True)
def begins_at_the_end(now: Examination) -> None:
    now.creation.PerformedProcedureStepStatus = "COMPLETED"


@defect("create", "mpps.scu-type-1", alone=True)
def no_performed_step_id(now: Examination) -> None:
    now.creation.PerformedProcedureStepID = ""


@defect("create", "mpps.scu-type-2", alone=True)
def no_study_id(now: Examination) -> None:
    drop(now.creation, "StudyID")


@defect("create", "mpps.scu-scheduled-attributes", alone=True)
def scheduled_step_without_description(now: Examination) -> None:
    drop(scheduled(now), "ScheduledProcedureStepDescription")


@defect("create", "mpps.scu-study-uid", "trace.mpps-study")
def illegal_study_uid(now: Examination) -> None:
    raw(scheduled(now), 0x0020000D, "UI", "1.02.3")


@defect("create", "mpps.scu-items-not-empty")
def item_without_attributes(now: Examination) -> None:
    now.creation.ReferencedPatientSequence = [Dataset()]


@defect("create", "mpps.scu-codes")
def code_without_scheme(now: Examination) -> None:
    code = Dataset()
    code.CodeValue, code.CodeMeaning = "P1", "Head"
    now.creation.ProcedureCodeSequence = [code]


@defect("create", "mpps.scu-station")
def another_station(now: Examination) -> None:
    now.creation.PerformedStationAETitle = "CONSOLE7"


@defect("create", "trace.mpps-patient")
def another_patient_name(now: Examination) -> None:
    now.creation.PatientName = "Somebody^Else"


@defect("create", "trace.mpps-request")
def another_accession_number(now: Examination) -> None:
    scheduled(now).AccessionNumber = "4711"


@defect("create", "trace.mpps-descriptions")
def own_description(now: Examination) -> None:
    scheduled(now).RequestedProcedureDescription = "Something"


@defect("create", "trace.mpps-complete")
def no_requested_procedure_id(now: Examination) -> None:
    scheduled(now).RequestedProcedureID = ""


@defect("create", "mpps.scu-set-created")
def no_discontinuation_reason_created(now: Examination) -> None:
    drop(now.creation, "PerformedProcedureStepDiscontinuationReasonCodeSequence")
    reason = Dataset()
    reason.CodeValue, reason.CodingSchemeDesignator = "110514", "DCM"
    reason.CodeMeaning = "Incorrect worklist entry selected"
    now.ending.PerformedProcedureStepDiscontinuationReasonCodeSequence = [reason]


# --- objects


@defect("store", "trace.objects-patient")
def images_of_another_patient(now: Examination) -> None:
    for each in now.images:
        each.PatientBirthDate = "19000101"


@defect("store", "trace.objects-study")
def images_in_a_study_of_their_own(now: Examination) -> None:
    uid = generate_uid()
    for each in now.images:
        each.StudyInstanceUID = uid


@defect("store", "trace.objects-request")
def images_with_another_step(now: Examination) -> None:
    for each in now.images:
        each.RequestAttributesSequence[0].ScheduledProcedureStepID = "S4711"


@defect("store", "trace.objects-performed")
def images_of_another_performed_step(now: Examination) -> None:
    for each in now.images:
        each.PerformedProcedureStepID = "PPS9"


@defect("store", "trace.objects-descriptions")
def images_with_their_own_physician(now: Examination) -> None:
    for each in now.images:
        each.ReferringPhysicianName = "Quack^Quentin"


@defect("store", "trace.objects-complete")
def images_without_request(now: Examination) -> None:
    for each in now.images:
        drop(each, "RequestAttributesSequence")


# --- N-SET


@defect("end", "mpps.scu-set-allowed")
def set_with_patient(now: Examination) -> None:
    now.ending.PatientID = now.item.PatientID


@defect("end", "mpps.scu-status")
def status_finished(now: Examination) -> None:
    now.afterwards = [copy.deepcopy(now.ending)]
    now.ending.PerformedProcedureStepStatus = "FINISHED"


@defect("end", "mpps.scu-nothing-after-final")
def set_after_the_end(now: Examination) -> None:
    now.afterwards = [copy.deepcopy(now.ending)]


@defect("end", "mpps.scu-final-end")
def no_end_time(now: Examination) -> None:
    now.ending.PerformedProcedureStepEndTime = ""


@defect("end", "mpps.scu-final-series", "mpps.scu-complete-list")
def no_series(now: Examination) -> None:
    now.ending.PerformedSeriesSequence = []


@defect("end", "mpps.scu-end-after-start")
def ends_before_it_begins(now: Examination) -> None:
    now.ending.PerformedProcedureStepEndDate = "20251231"


@defect("end", "mpps.scu-series-attributes")
def series_without_protocol(now: Examination) -> None:
    drop(series(now), "ProtocolName", "OperatorsName")


@defect("end", "mpps.scu-series-uid")
def two_items_of_one_series(now: Examination) -> None:
    again = copy.deepcopy(series(now))
    again.ReferencedImageSequence = []
    now.ending.PerformedSeriesSequence.append(again)


@defect("end", "mpps.scu-references-complete")
def reference_without_class(now: Examination) -> None:
    drop(series(now).ReferencedImageSequence[0], "ReferencedSOPClassUID")


@defect("end", "mpps.scu-each-once")
def image_listed_twice(now: Examination) -> None:
    images = series(now).ReferencedImageSequence
    images.append(copy.deepcopy(images[0]))


@defect("end", "mpps.scu-complete-list")
def one_image_is_not_listed(now: Examination) -> None:
    del series(now).ReferencedImageSequence[0]


@defect("end", "mpps.scu-reference-class")
def image_of_another_class(now: Examination) -> None:
    series(now).ReferencedImageSequence[0].ReferencedSOPClassUID = MR


@defect("end", "mpps.scu-reference-series")
def images_in_another_series(now: Examination) -> None:
    series(now).SeriesInstanceUID = generate_uid()


@defect("end", "mpps.scu-images-and-others")
def images_among_the_others(now: Examination) -> None:
    place = series(now)
    place.ReferencedNonImageCompositeSOPInstanceSequence = place.ReferencedImageSequence
    place.ReferencedImageSequence = []


# --- storage commitment


@defect("commit", "commit.scu-transaction")
def no_transaction_uid(now: Examination) -> None:
    drop(now.action, "TransactionUID")


@defect("commit", "commit.scu-transaction-fresh")
def transaction_used_twice(now: Examination) -> None:
    now.times = 2


@defect("commit", "commit.scu-instance")
def another_instance(now: Examination) -> None:
    now.commitment_instance = "1.2.3.4"


@defect("commit", "commit.scu-something")
def nothing_to_commit(now: Examination) -> None:
    now.action.ReferencedSOPSequence = []


@defect("commit", "commit.scu-references-complete")
def reference_to_commit_without_class(now: Examination) -> None:
    drop(now.action.ReferencedSOPSequence[0], "ReferencedSOPClassUID")


@defect("commit", "commit.scu-each-once")
def commits_one_image_twice(now: Examination) -> None:
    references = now.action.ReferencedSOPSequence
    references.append(copy.deepcopy(references[0]))


@defect("commit", "commit.scu-class")
def commits_under_another_class(now: Examination) -> None:
    now.action.ReferencedSOPSequence[0].ReferencedSOPClassUID = MR


@defect("begin", "commit.scu-takes-report")
def refuses_reports(now: Examination) -> None:
    now.report_status = 0x0110


@defect("begin", "commit.scu-answers")
def aborts_reports(now: Examination) -> None:
    now.aborts_report = True


@defect("begin", "commit.scu-accepts-association")
def takes_no_reports(now: Examination) -> None:
    now.takes_reports = False


@defect("begin", "commit.scu-role")
def grants_no_role(now: Examination) -> None:
    now.roles = False
