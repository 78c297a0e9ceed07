"""The printer itself: its status when asked, and when it speaks up (PS3.4 H.4.6)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.print_evidence import STEP, Act, acts, events, information, tried, value
from dicomtest.checks.statuses import said
from dicomtest.dicom.attribute_values import tag_of
from dicomtest.dicom.print.classes import PRINTER, PRINTER_EVENTS, PRINTER_INSTANCE
from dicomtest.dicom.print.statuses import belongs
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Blocked, Judgement, NotApplicable, judge

STATUSES = ("NORMAL", "WARNING", "FAILURE")
BLIND = "Nobody at the modality learns that the printer is out of film or jammed."


@check(
    "print.printer-get",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.6.2.2",
    steps=STEP,
    consequence=BLIND,
)
def the_printer_can_be_asked(step: StepEvidence) -> Iterator[Judgement]:
    """An N-GET of the Printer SOP Instance is answered with Success (or a Warning)."""
    for act in acts(step, "N-GET", of=PRINTER):
        yield judge(act.took, expected="0000", actual=said(act.status), at=act.exchange)


@check(
    "print.printer-status",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.6.2.2", "PS3.3 C.13.9"),
    steps=STEP,
    consequence=BLIND,
)
def the_status_is_one_of_three(step: StepEvidence) -> Iterator[Judgement]:
    """The printer gives its Printer Status: NORMAL, WARNING or FAILURE."""
    for act in acts(step, "N-GET", of=PRINTER):
        if act.took and _asked(act, "PrinterStatus"):
            actual = value(act.reply, "PrinterStatus")
            yield judge(
                actual in STATUSES, expected=STATUSES, actual=actual or "absent", at=act.exchange
            )


@check("print.printer-status-info", judges=SCP, level=MUST, cites="PS3.4 H.4.6.2.2", steps=STEP)
def the_status_is_explained(step: StepEvidence) -> Iterator[Judgement]:
    """The printer gives Printer Status Info with its Printer Status."""
    for act in acts(step, "N-GET", of=PRINTER):
        if act.took and _asked(act, "PrinterStatusInfo"):
            yield judge(
                "PrinterStatusInfo" in act.reply,
                expected="Printer Status Info",
                actual="absent",
                at=act.exchange,
            )


@check(
    "print.printer-trouble-named",
    judges=SCP,
    level=SHOULD,
    cites="PS3.3 C.13.9.1",
    steps=STEP,
    consequence="The operator sees that something is wrong, but not what.",
)
def trouble_has_a_name(step: StepEvidence) -> Iterator[Judgement]:
    """In WARNING and FAILURE, Printer Status Info says what is the matter."""
    for act in acts(step, "N-GET", of=PRINTER):
        if act.took and value(act.reply, "PrinterStatus") in ("WARNING", "FAILURE"):
            actual = value(act.reply, "PrinterStatusInfo")
            yield judge(
                actual not in ("", "NORMAL"),
                expected="what is the matter",
                actual=actual or "empty",
                at=act.exchange,
            )


@check("print.printer-get-selected", judges=SCP, level=SHOULD, cites="PS3.7 10.1.2", steps=STEP)
def only_what_was_asked_for(step: StepEvidence) -> Iterator[Judgement]:
    """An N-GET with an Attribute Identifier List is answered with these attributes only."""
    for act in acts(step, "N-GET", of=PRINTER):
        tags = _tags(act)
        if not act.took or not tags:
            continue
        more = [each for each in act.reply if _hex(int(tag_of(each))) not in tags]
        yield judge(not more, expected=sorted(tags), actual=["also", *more], at=act.exchange)


def _tags(act: Act) -> set[str]:
    """The Attribute Identifier List of an N-GET; none: everything."""
    asked = act.exchange.command.get("AttributeIdentifierList") or []
    return {_hex(each) for each in (asked if isinstance(asked, list) else [asked])}


def _asked(act: Act, keyword: str) -> bool:
    tags = _tags(act)
    return not tags or _hex(int(tag_of(keyword))) in tags


def _hex(tag: int | str) -> str:
    """A tag as eight hex digits, whether we sent it or received it."""
    return f"{tag:08X}" if isinstance(tag, int) else str(tag).upper()


@check(
    "print.unknown-printer",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.6.5", "PS3.7 10.1.2"),
    steps=STEP,
    when="probes",
)
def another_printer_is_not_there(step: StepEvidence) -> Iterator[Judgement]:
    """An N-GET of a Printer instance other than the well-known one fails."""
    act = tried(step, "unknown-printer")
    yield judge(
        not act.took, expected="0112, or another failure", actual=said(act.status), at=act.exchange
    )


@check(
    "print.printer-class-alone",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.3.1",
    steps=STEP,
    when="probes",
)
def the_printer_class_alone_serves(step: StepEvidence) -> Iterator[Judgement]:
    """Where an association for the Printer SOP Class alone is accepted, its N-GET is answered as
    on any other."""
    if "printer-only" not in (step.facts.get("probes") or ()):
        raise NotApplicable("this was not tried")
    for association in step.associations:
        if association.label != "printer-only" or not association.accepted(PRINTER):
            continue
        for exchange in association.of("N-GET"):
            yield judge(
                exchange.status is not None
                and belongs("N-GET", PRINTER, exchange.status)
                and exchange.status in (0x0000, 0x0001, 0x0107),
                expected="0000",
                actual=said(exchange.status),
                at=exchange,
            )


@check("print.printer-event-type", judges=SCP, level=MUST, cites="PS3.4 H.4.6.2.1", steps=STEP)
def printer_events_are_defined(step: StepEvidence) -> Iterator[Judgement]:
    """An event of the printer has Event Type ID 1 (Normal), 2 (Warning) or 3 (Failure) and is of
    the well-known Printer SOP Instance."""
    for _association, exchange in events(step, PRINTER):
        kind = exchange.command.get("EventTypeID")
        yield judge(kind in PRINTER_EVENTS, expected="1, 2 or 3", actual=kind, at=exchange)
        yield judge(
            exchange.sop_instance == PRINTER_INSTANCE,
            expected=PRINTER_INSTANCE,
            actual=exchange.sop_instance or "absent",
            at=exchange,
        )


@check(
    "print.printer-event-info",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.6.2.1",
    steps=STEP,
    consequence="The operator sees that something is wrong, but not what.",
)
def trouble_events_say_what(step: StepEvidence) -> Iterator[Judgement]:
    """A Warning or Failure event of the printer carries Printer Status Info."""
    for _association, exchange in events(step, PRINTER):
        if exchange.command.get("EventTypeID") in (2, 3):
            actual = value(information(exchange), "PrinterStatusInfo")
            yield judge(bool(actual), expected="Printer Status Info", actual="absent", at=exchange)


@check(
    "print.printer-event-sent",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.6.2.1",
    steps=STEP,
    when="condition",
    consequence=BLIND,
)
def a_change_of_condition_is_told(step: StepEvidence) -> Iterator[Judgement]:
    """A printer whose condition changes tells every association that uses it."""
    conditions = [each for each in step.facts.get("conditions") or () if each["when"] == "during"]
    if not conditions:
        raise NotApplicable("the condition did not change during an association")
    told = {
        PRINTER_EVENTS.get(exchange.command.get("EventTypeID", 0))
        for _association, exchange in events(step, PRINTER)
    }
    for each in conditions:
        yield judge(
            each["status"] in told,
            expected=f"an event {each['status']}",
            actual=sorted(str(one) for one in told) or "none",
            at="the association on which films were printed",
        )


@check(
    "print.printer-condition-shown",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.6.2.2",
    steps=STEP,
    when="condition",
    consequence=BLIND,
)
def the_condition_shows_in_the_status(step: StepEvidence) -> Iterator[Judgement]:
    """Printer Status is the condition that the printer is in when it is asked."""
    conditions = step.facts.get("conditions") or ()
    before = [each for each in conditions if each["when"] == "before"]
    if not before:
        raise NotApplicable("the printer was in its usual condition when it was asked")
    found = [
        act for act in acts(step, "N-GET", of=PRINTER) if act.exchange.label == "status before"
    ]
    if not found:
        raise Blocked("the printer was not asked")
    for act in found:
        yield judge(
            value(act.reply, "PrinterStatus") == before[-1]["status"],
            expected=before[-1]["status"],
            actual=value(act.reply, "PrinterStatus") or "absent",
            at=act.exchange,
        )
