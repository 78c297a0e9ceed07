"""What a print client asks for, and when: classes, sessions, order, deletion, events (PS3.4 H)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCU, SHOULD, check
from dicomtest.checks.print_evidence import (
    STEP,
    Act,
    acts,
    events,
    is_main,
    last_states,
    printing,
    references,
    requests,
)
from dicomtest.checks.statuses import said
from dicomtest.dicom.nesting import problem_of
from dicomtest.dicom.print.classes import (
    ANNOTATION_BOX,
    FILM_BOX,
    FILM_SESSION,
    IMAGE_BOX_OF,
    IMAGE_BOXES,
    META_CLASSES,
    ONLY_IN_META,
    PRESENTATION_LUT,
    PRINT,
    PRINT_JOB,
    PRINT_JOB_REFERENCE,
    PRINTER,
    PRINTER_CONFIGURATION,
    PRINTER_INSTANCE,
    name_of,
)
from dicomtest.dicom.uids import is_valid_uid
from dicomtest.evidence import EXPLICIT_LITTLE, IMPLICIT_LITTLE, StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

REFUSED_ELSEWHERE = "It works with a tolerant printer and fails at the next one."
NOTHING_PRINTED = "No film comes out."
OF_PRINTER = frozenset(
    {"21100010", "21100020", "21100030", "00080070", "00081090", "00181000", "00181020"}
    | {"00181200", "00181201", "00080005"}
)
"""Attributes of the printer (PS3.4 H.4.6.2.2.1)."""


@check("print.scu-classes", judges=SCU, level=MUST, cites="PS3.4 H.3.1", steps=STEP,
       consequence=REFUSED_ELSEWHERE)  # fmt: skip
def a_meta_class_is_negotiated(step: StepEvidence) -> Iterator[Judgement]:
    """An association is for a Print Management Meta SOP Class, or only for Printer, Print Job and
    Printer Configuration."""
    alone = {PRINTER, PRINT_JOB, PRINTER_CONFIGURATION}
    for association in printing(step):
        wanted = {each.abstract_syntax for each in association.contexts}
        print_classes = wanted & {*ONLY_IN_META, *alone, ANNOTATION_BOX, PRESENTATION_LUT}
        yield judge(
            bool(wanted & set(META_CLASSES)) or print_classes <= alone,
            expected="a Meta SOP Class",
            actual=sorted(name_of(each) for each in print_classes),
            at=association,
        )


@check("print.scu-no-member-class", judges=SCU, level=SHOULD, cites="PS3.4 H.3.1", steps=STEP)
def member_classes_are_not_negotiated(step: StepEvidence) -> Iterator[Judgement]:
    """The classes of film session, film box and image box are not proposed by themselves."""
    for association in printing(step):
        wanted = [e.abstract_syntax for e in association.contexts]
        wrong = [name_of(each) for each in wanted if each in ONLY_IN_META]
        yield judge(not wrong, expected="the Meta SOP Class alone", actual=wrong, at=association)


@check("print.scu-context", judges=SCU, level=MUST, cites="PS3.4 H.4.2.2.1", steps=STEP,
       consequence=REFUSED_ELSEWHERE)  # fmt: skip
def members_go_in_the_context_of_the_meta_class(step: StepEvidence) -> Iterator[Judgement]:
    """Requests about film sessions, film boxes and image boxes go in the presentation context of
    a Meta SOP Class."""
    for act in acts(step, of=ONLY_IN_META):
        context = act.association.context(act.exchange.context_id)
        actual = context.abstract_syntax if context else "none"
        yield judge(
            actual in META_CLASSES, expected="that of a Meta SOP Class", actual=actual,
            at=act.exchange,
        )  # fmt: skip


@check("print.scu-image-box-class", judges=SCU, level=MUST,
       cites=("PS3.4 H.3.2.2", "PS3.4 H.4.3"), steps=STEP)  # fmt: skip
def image_boxes_fit_the_meta_class(step: StepEvidence) -> Iterator[Judgement]:
    """Images are set in boxes of the class that belongs to the Meta SOP Class in use."""
    for act in acts(step, "N-SET", of=IMAGE_BOXES):
        context = act.association.context(act.exchange.context_id)
        wanted = IMAGE_BOX_OF.get(context.abstract_syntax if context else "")
        if wanted:
            yield judge(
                act.exchange.sop_class == wanted, expected=name_of(wanted),
                actual=name_of(act.exchange.sop_class), at=act.exchange,
            )  # fmt: skip


@check("print.scu-data-readable", judges=SCU, level=MUST, cites="PS3.5 7", steps=STEP,
       consequence=NOTHING_PRINTED)  # fmt: skip
def data_sets_can_be_read(step: StepEvidence) -> Iterator[Judgement]:
    """The data set of a request is encoded in the transfer syntax of its context, to the last
    byte."""
    for act in acts(step):
        data = act.exchange.data
        if data is None or data.transfer_syntax not in (IMPLICIT_LITTLE, EXPLICIT_LITTLE):
            continue
        wrong = problem_of(data.read(), implicit=data.transfer_syntax == IMPLICIT_LITTLE)
        wrong = wrong or ("" if act.readable else "it cannot be decoded")
        yield judge(not wrong, expected="a data set", actual=wrong, at=act.exchange)


@check("print.scu-uids", judges=SCU, level=MUST, cites="PS3.5 9", steps=STEP)
def chosen_uids_are_valid(step: StepEvidence) -> Iterator[Judgement]:
    """A SOP Instance UID that the client chooses is a valid UID."""
    for act in acts(step, "N-CREATE"):
        uid = act.exchange.sop_instance
        if uid:
            wrong = is_valid_uid(uid)
            yield judge(not wrong, expected="a UID", actual=f"{uid}: {wrong}", at=act.exchange)


@check("print.scu-uids-once", judges=SCU, level=MUST, cites="PS3.5 9", steps=STEP,
       consequence="The second film is refused as a duplicate.")  # fmt: skip
def chosen_uids_are_new(step: StepEvidence) -> Iterator[Judgement]:
    """A SOP Instance UID that the client chooses was not used for another instance before."""
    seen: set[str] = set()
    for act in acts(step, "N-CREATE"):
        uid = act.exchange.sop_instance
        if uid:
            yield judge(uid not in seen, expected="a new UID", actual=uid, at=act.exchange)
            if act.took:
                seen.add(uid)


@check("print.scu-session-first", judges=SCU, level=MUST, cites="PS3.4 H.4.1.2.1.3", steps=STEP,
       consequence=NOTHING_PRINTED)  # fmt: skip
def the_session_comes_first(step: StepEvidence) -> Iterator[Judgement]:
    """A film session is created before its film boxes."""
    begun: set[str] = set()
    for act in acts(step, "N-CREATE", of=(FILM_SESSION, FILM_BOX)):
        if act.exchange.sop_class == FILM_SESSION:
            begun.add(act.association.id)
        else:
            there = act.association.id in begun
            yield judge(there, expected="a film session", actual="none yet", at=act.exchange)


@check("print.scu-one-session", judges=SCU, level=MUST, cites="PS3.4 H.4.1.2.1.3", steps=STEP)
def there_is_one_session_at_a_time(step: StepEvidence) -> Iterator[Judgement]:
    """No second film session is created on an association while there is one."""
    for act in acts(step, "N-CREATE", of=FILM_SESSION):
        before = act.before.session
        yield judge(not before, expected="one", actual=f"{before} is open", at=act.exchange)


def _used(step: StepEvidence) -> Iterator[Act]:
    """Requests about instances that an N-CREATE made, or that came with a film box."""
    classes = (FILM_SESSION, FILM_BOX, *IMAGE_BOXES, ANNOTATION_BOX, PRESENTATION_LUT)
    return acts(step, "N-SET", "N-ACTION", "N-DELETE", of=classes)


def _exist(act: Act) -> bool:
    uid, state = act.exchange.sop_instance, act.before
    return uid in (state.session, *state.film_boxes, *state.boxes, *state.luts)


@check("print.scu-known-instance", judges=SCU, level=MUST,
       cites=("PS3.4 H.4.2.2.1", "PS3.4 H.4.3.1.2.1.3"), steps=STEP,
       consequence=NOTHING_PRINTED)  # fmt: skip
def only_what_exists_is_used(step: StepEvidence) -> Iterator[Judgement]:
    """Requests name film sessions, boxes and LUTs by the UID they were created with: the one in
    the response, where the printer chose it."""
    for act in _used(step):
        uid, state = act.exchange.sop_instance, act.before
        if uid in state.gone or uid in state.refused:
            continue
        yield judge(
            _exist(act), expected=f"a {name_of(act.exchange.sop_class)} that exists",
            actual=uid or "no instance", at=act.exchange,
        )  # fmt: skip


@check("print.scu-nothing-deleted", judges=SCU, level=MUST,
       cites=("PS3.4 H.4.1.2.3", "PS3.4 H.4.2.2.3"), steps=STEP)  # fmt: skip
def nothing_deleted_is_used(step: StepEvidence) -> Iterator[Judgement]:
    """What was deleted is not used any more."""
    for act in _used(step):
        uid = act.exchange.sop_instance
        gone = uid in act.before.gone and not _exist(act)
        yield judge(not gone, expected="what exists", actual=f"{uid} is deleted", at=act.exchange)


@check("print.scu-heeds-refusal", judges=SCU, level=MUST, cites="PS3.4 H.2.5", steps=STEP,
       consequence="A failure of the printer goes unnoticed.")  # fmt: skip
def refusals_are_heeded(step: StepEvidence) -> Iterator[Judgement]:
    """What the printer refused to create is not used as if it were there."""
    for act in _used(step):
        uid = act.exchange.sop_instance
        gone = uid in act.before.refused and not _exist(act)
        yield judge(not gone, expected="what exists", actual=f"{uid} was refused", at=act.exchange)


@check("print.scu-last-film-box", judges=SCU, level=MUST,
       cites=("PS3.4 H.4.2.2.4.3", "PS3.4 H.4.2.2.3.1", "PS3.4 H.4.2.2.2.3"),
       steps=STEP)  # fmt: skip
def only_the_last_film_box_is_used(step: StepEvidence) -> Iterator[Judgement]:
    """Only the film box created last is changed, printed or deleted."""
    for act in acts(step, "N-SET", "N-ACTION", "N-DELETE", of=FILM_BOX):
        if act.exchange.sop_instance in act.before.film_boxes:
            yield judge(
                act.exchange.sop_instance == act.before.last, expected=act.before.last,
                actual=act.exchange.sop_instance, at=act.exchange,
            )  # fmt: skip


@check("print.scu-box-of-last-film", judges=SCU, level=MUST,
       cites=("PS3.4 H.4.3.1.2.1.3", "PS3.4 H.4.4.2.1.3"), steps=STEP)  # fmt: skip
def only_boxes_of_the_last_film_are_set(step: StepEvidence) -> Iterator[Judgement]:
    """Only image and annotation boxes of the film box created last are set."""
    for act in acts(step, "N-SET", of=(*IMAGE_BOXES, ANNOTATION_BOX)):
        box = act.before.boxes.get(act.exchange.sop_instance)
        if box is not None:
            yield judge(
                box.film_box == act.before.last, expected=f"a box of {act.before.last}",
                actual=f"a box of {box.film_box}", at=act.exchange,
            )  # fmt: skip


@check("print.scu-action", judges=SCU, level=MUST,
       cites=("PS3.4 H.4.1.2.4.1", "PS3.4 H.4.2.2.4.1"), steps=STEP,
       consequence=NOTHING_PRINTED)  # fmt: skip
def the_action_is_print(step: StepEvidence) -> Iterator[Judgement]:
    """The Action Type ID of an N-ACTION is 1 (Print)."""
    for act in acts(step, "N-ACTION", of=(FILM_SESSION, FILM_BOX)):
        actual = act.exchange.command.get("ActionTypeID")
        yield judge(actual == PRINT, expected=PRINT, actual=actual, at=act.exchange)


@check("print.scu-session-has-film", judges=SCU, level=MUST, cites="PS3.4 H.4.1.2.4.3", steps=STEP)
def a_printed_session_has_a_film_box(step: StepEvidence) -> Iterator[Judgement]:
    """A film session is printed only when it has a film box."""
    for act in acts(step, "N-ACTION", of=FILM_SESSION):
        there = bool(act.before.film_boxes)
        yield judge(there, expected="a film box", actual="none", at=act.exchange)


@check("print.scu-no-empty-film", judges=SCU, level=SHOULD, cites="PS3.4 H.4.2.2.4.2", steps=STEP,
       consequence="An empty film comes out.")  # fmt: skip
def no_empty_film_is_printed(step: StepEvidence) -> Iterator[Judgement]:
    """A film is printed after an image was set on it."""
    for act in acts(step, "N-ACTION", of=(FILM_SESSION, FILM_BOX)):
        if not _exist(act):
            continue
        whole = act.exchange.sop_class == FILM_SESSION
        filled = act.before.filled if whole else act.before.filled & {act.exchange.sop_instance}
        yield judge(bool(filled), expected="an image", actual="none", at=act.exchange)


@check("print.scu-prints", judges=SCU, level=SHOULD, cites="PS3.4 H.4.2.2", steps=STEP,
       consequence=NOTHING_PRINTED)  # fmt: skip
def films_with_images_are_printed(step: StepEvidence) -> Iterator[Judgement]:
    """A film with images is printed, or deleted, before the association ends."""
    asked: dict[str, set[str]] = {}
    for act in acts(step, "N-ACTION", of=(FILM_SESSION, FILM_BOX)):
        whole = act.exchange.sop_class == FILM_SESSION
        uids = act.before.film_boxes if whole else (act.exchange.sop_instance,)
        asked.setdefault(act.association.id, set()).update(uids)
        yield judge(True, at=act.exchange)
    for association, state in last_states(step):
        if association.ended != "released":
            continue
        for uid in sorted(state.filled & set(state.film_boxes)):
            done = uid in asked.get(association.id, set())
            yield judge(done, expected="N-ACTION", actual=f"{uid} not printed", at=association)


@check("print.scu-printer-instance", judges=SCU, level=MUST, cites="PS3.4 H.4.6.5", steps=STEP,
       consequence="The status of the printer is not seen.")  # fmt: skip
def the_printer_is_the_well_known_one(step: StepEvidence) -> Iterator[Judgement]:
    """An N-GET of the printer names its well-known instance."""
    for act in acts(step, "N-GET", of=PRINTER):
        actual = act.exchange.sop_instance
        yield judge(
            actual == PRINTER_INSTANCE, expected=PRINTER_INSTANCE, actual=actual or "none",
            at=act.exchange,
        )  # fmt: skip


@check("print.scu-printer-attributes", judges=SCU, level=SHOULD, cites="PS3.4 H.4.6.2.2.1",
       steps=STEP)  # fmt: skip
def the_printer_has_what_is_asked_for(step: StepEvidence) -> Iterator[Judgement]:
    """An N-GET of the printer asks only for attributes of the Printer SOP Class."""
    for act in acts(step, "N-GET", of=PRINTER):
        asked = act.exchange.command.get("AttributeIdentifierList") or []
        several = asked if isinstance(asked, list) else [asked]
        tags = [f"{each:08X}" if isinstance(each, int) else str(each) for each in several]
        more = [each for each in tags if each.upper() not in OF_PRINTER]
        yield judge(not more, expected="attributes of a printer", actual=more, at=act.exchange)


@check("print.scu-job-instance", judges=SCU, level=MUST, cites="PS3.4 H.4.5.2.2.2", steps=STEP)
def only_jobs_of_the_printer_are_asked_for(step: StepEvidence) -> Iterator[Judgement]:
    """An N-GET of a print job names one that the printer told of."""
    told = {
        uid
        for association in step.associations
        for each in association.of("N-EVENT-REPORT")
        if (uid := each.sop_instance)
    }
    for act in acts(step, "N-ACTION"):
        told |= {uid for _, uid in references(act.reply, PRINT_JOB_REFERENCE)}
    for act in acts(step, "N-GET", of=PRINT_JOB):
        uid = act.exchange.sop_instance
        yield judge(uid in told, expected="a print job", actual=uid or "none", at=act.exchange)


@check("print.scu-confirms-events", judges=SCU, level=MUST,
       cites=("PS3.4 H.4.6.2.1.2", "PS3.4 H.4.5.2.1.2"), steps=STEP,
       consequence="Some printers wait for the confirmation and print nothing more.")  # fmt: skip
def events_are_confirmed(step: StepEvidence) -> Iterator[Judgement]:
    """Each N-EVENT-REPORT of the printer or of a print job is confirmed."""
    for sop_class in (PRINTER, PRINT_JOB):
        for association, exchange in events(step, sop_class):
            if is_main(association) and exchange.ending in ("answered", "no response"):
                answered = exchange.ending == "answered"
                yield judge(answered, expected="a response", actual="none", at=exchange)


@check("print.scu-takes-events", judges=SCU, level=SHOULD,
       cites=("PS3.4 H.4.6.2.1.2", "PS3.4 H.4.5.2.1.2"), steps=STEP)  # fmt: skip
def events_are_taken(step: StepEvidence) -> Iterator[Judgement]:
    """The confirmation of an N-EVENT-REPORT has status Success."""
    for sop_class in (PRINTER, PRINT_JOB):
        for association, exchange in events(step, sop_class):
            if is_main(association) and exchange.status is not None:
                actual = said(exchange.status)
                yield judge(exchange.status == 0, expected="0000", actual=actual, at=exchange)


@check("print.scu-lut-before-use", judges=SCU, level=MUST,
       cites=("PS3.4 H.4.9.2.1.3", "PS3.4 H.4.9.2.2.2"), steps=STEP,
       consequence="Grays come out other than intended.")  # fmt: skip
def luts_exist_when_they_are_used(step: StepEvidence) -> Iterator[Judgement]:
    """A Presentation LUT that a film box or image box refers to was created before, and was not
    deleted since."""
    for act in requests(step, "N-CREATE", "N-SET", of=(FILM_BOX, *IMAGE_BOXES)):
        for sop_class, uid in references(act.sent, "ReferencedPresentationLUTSequence"):
            yield judge(
                uid in act.before.luts and sop_class == PRESENTATION_LUT,
                expected="a Presentation LUT that exists",
                actual=f"{name_of(sop_class)} {uid}",
                at=act.exchange,
            )


@check("print.scu-lut-negotiated", judges=SCU, level=SHOULD, cites="PS3.4 H.3.3.2", steps=STEP)
def luts_are_used_where_negotiated(step: StepEvidence) -> Iterator[Judgement]:
    """Presentation LUTs are referred to only where their class was accepted."""
    found = False
    for act in requests(step, "N-CREATE", "N-SET", of=(FILM_BOX, *IMAGE_BOXES)):
        if references(act.sent, "ReferencedPresentationLUTSequence"):
            found = True
            there = bool(act.association.accepted(PRESENTATION_LUT))
            yield judge(there, expected="negotiated", actual="not accepted", at=act.exchange)
    if not found:
        raise NotApplicable("no Presentation LUT is used")
