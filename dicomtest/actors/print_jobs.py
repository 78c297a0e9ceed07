"""What a simulated printer tells of its jobs and its condition (PS3.4 H.4.5, H.4.6)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pydicom import Dataset

from dicomtest.actors.print_objects import PrintJob
from dicomtest.dicom.print.classes import JOB_EVENTS, PRINT_JOB, PRINTER, PRINTER_INSTANCE

if TYPE_CHECKING:
    from dicomtest import dimse
    from dicomtest.spec.printer import PrinterCondition

PENDING, FAILED = "PENDING", "FAILURE"
QUEUED = (PENDING, "QUEUED")
PRINTED = (("PRINTING", "NORMAL"), ("DONE", "NORMAL"))
"""Execution Status and Execution Status Info of a job on its way (PS3.3 C.13.8)."""
EVENT_OF_STATUS = {status: event for event, status in JOB_EVENTS.items()}
EVENT_OF_CONDITION = {"NORMAL": 1, "WARNING": 2, "FAILURE": 3}


def printer_event(
    invoker: dimse.Invoker, meta: str, condition: PrinterCondition, printer_name: str
) -> None:
    """Report the printer's condition with N-EVENT-REPORT (PS3.4 H.4.6.2.1)."""
    information = None
    if condition.status != "NORMAL":
        information = Dataset()
        information.PrinterStatusInfo = condition.said
        information.PrinterName = printer_name
    invoker.n_event_report(
        PRINTER,
        PRINTER_INSTANCE,
        information,
        event_type=EVENT_OF_CONDITION[condition.status],
        meta_sop_class=None if meta == PRINTER else meta,
        label=f"printer {condition.status}",
    )


def job_event(invoker: dimse.Invoker, job: PrintJob, printer_name: str) -> None:
    """Report the state of a print job with N-EVENT-REPORT (PS3.4 H.4.5.2.1)."""
    information = Dataset()
    information.ExecutionStatusInfo = job.info
    information.PrintJobID = str(job.number)
    if job.label:
        information.FilmSessionLabel = job.label
    information.PrinterName = printer_name
    invoker.n_event_report(
        PRINT_JOB,
        job.uid,
        information,
        event_type=EVENT_OF_STATUS[job.status],
        label=f"print job {job.status}",
    )


def job_attributes(job: PrintJob, printer_name: str) -> Dataset:
    """What an N-GET of a print job gives (PS3.4 Table H.4-16)."""
    attributes = Dataset()
    attributes.ExecutionStatus = job.status
    attributes.ExecutionStatusInfo = job.info
    attributes.PrintPriority = job.priority
    attributes.CreationDate = time.strftime("%Y%m%d", time.localtime(job.created))
    attributes.CreationTime = time.strftime("%H%M%S", time.localtime(job.created))
    attributes.PrinterName = printer_name
    attributes.Originator = job.originator
    return attributes
