"""Film sessions, film boxes and image boxes as a printer makes them (PS3.4 H.4.1 to H.4.4)."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.print_evidence import STEP, Act, acts, image_item, references, value
from dicomtest.checks.statuses import said
from dicomtest.dicom.print.classes import (
    ANNOTATION_BOX,
    FILM_BOX,
    FILM_SESSION,
    IMAGE_BOX_OF,
    IMAGE_BOXES,
    name_of,
)
from dicomtest.dicom.print.formats import parse_format
from dicomtest.dicom.print.statuses import belongs
from dicomtest.dicom.uids import is_valid_uid
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Blocked, Judgement, NotApplicable, hex_status, judge

NO_FILM = "No film can be printed."
UNSUPPORTED = (0x0105, 0x0106)
BUSY = (0x0213, 0xC601, 0xC602, 0xC605)  # for now: no resources, queue full, no memory


def answer(act: Act) -> str:
    """A status with the comment of the printer."""
    final = act.exchange.final
    comment = str(final.command.get("ErrorComment", "") or "") if final else act.exchange.why
    return f"{said(act.status)} {comment}".strip()


@check(
    "print.session-created",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.1.2.1",
    steps=STEP,
    consequence=NO_FILM,
)
def a_film_session_is_created(step: StepEvidence) -> Iterator[Judgement]:
    """A film session is created, unless something that was asked for cannot be had (0105, 0106)
    or the printer has no room just now (0213)."""
    for act in acts(step, "N-CREATE", of=FILM_SESSION, probes=True):
        allowed = act.status in BUSY or (bool(act.sent) and act.status in UNSUPPORTED)
        yield judge(act.took or allowed, expected="0000", actual=answer(act), at=act.exchange)


@check(
    "print.bare-session-created",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.1.2.1",
    steps=STEP,
    when="bare_session",
    consequence="Clients that ask for nothing special cannot print.",
)
def a_session_without_data_set_is_created(step: StepEvidence) -> Iterator[Judgement]:
    """A film session is created although the request has no data set: every attribute of it is
    optional for the client."""
    found = [act for act in acts(step, "N-CREATE", of=FILM_SESSION) if act.exchange.data is None]
    if not found:
        raise NotApplicable("the film session had a data set")
    for act in found:
        yield judge(act.took, expected="0000", actual=answer(act), at=act.exchange)


@check(
    "print.instance-assigned",
    judges=SCP,
    level=MUST,
    cites="PS3.7 10.1.5.1.4",
    steps=STEP,
    consequence="The client cannot refer to what was created.",
)
def an_instance_gets_a_uid(step: StepEvidence) -> Iterator[Judgement]:
    """An N-CREATE without a SOP Instance UID is answered with the UID that the printer chose."""
    for act in acts(step, "N-CREATE", probes=True):
        if act.took and not act.exchange.sop_instance and act.exchange.final:
            told = act.exchange.final.command.get("AffectedSOPInstanceUID")
            wrong = is_valid_uid(str(told)) if told else "it is absent"
            yield judge(not wrong, expected="a UID", actual=f"{told}: {wrong}", at=act.exchange)


@check(
    "print.instance-kept",
    judges=SCP,
    level=MUST,
    cites="PS3.7 10.1.5.1.4",
    steps=STEP,
    consequence="The client and the printer speak of different instances.",
)
def the_uid_of_the_request_stays(step: StepEvidence) -> Iterator[Judgement]:
    """A response names the SOP Instance of its request, where it names one."""
    for act in acts(step, probes=True):
        final = act.exchange.final
        told = final.command.get("AffectedSOPInstanceUID") if final else None
        if told and act.exchange.sop_instance:
            yield judge(
                told == act.exchange.sop_instance,
                expected=act.exchange.sop_instance,
                actual=told,
                at=act.exchange,
            )


@check(
    "print.film-box-created",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.2.2.1",
    steps=STEP,
    consequence=NO_FILM,
)
def a_film_box_is_created(step: StepEvidence) -> Iterator[Judgement]:
    """A film box is created, or refused because something that was asked for cannot be had (0105,
    0106) or there is no room just now (0213)."""
    for act in acts(step, "N-CREATE", of=FILM_BOX, probes=True):
        allowed = act.status in UNSUPPORTED or act.status in BUSY
        if act.status == 0xC616:  # judged by print.second-film-box
            continue
        yield judge(act.took or allowed, expected="0000", actual=answer(act), at=act.exchange)


@check(
    "print.plain-format",
    judges=SCP,
    level=SHOULD,
    cites="PS3.3 C.13.3",
    steps=STEP,
    consequence="Not even a film with a single image can be printed.",
)
def one_image_a_film_is_possible(step: StepEvidence) -> Iterator[Judgement]:
    """A film box of the format STANDARD\\\\1,1 with which nothing else is asked for is created."""
    for act in acts(step, "N-CREATE", of=FILM_BOX, probes=True):
        plain = set(act.sent) <= {"ImageDisplayFormat", "ReferencedFilmSessionSequence"}
        one = value(act.sent, "ImageDisplayFormat") == "STANDARD\\1,1"
        if plain and one and act.status != 0xC616:
            yield judge(
                act.took or act.status in BUSY, expected="0000", actual=answer(act), at=act.exchange
            )


def created(step: StepEvidence) -> Iterator[Act]:
    """The film boxes that were made."""
    return (act for act in acts(step, "N-CREATE", of=FILM_BOX, probes=True) if act.took)


@check(
    "print.image-boxes-returned",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.2.2.1",
    steps=STEP,
    consequence="The client does not know where to put the images.",
)
def the_image_boxes_are_told(step: StepEvidence) -> Iterator[Judgement]:
    """The response to the N-CREATE of a film box carries Referenced Image Box Sequence."""
    for act in created(step):
        yield judge(
            bool(references(act.reply, "ReferencedImageBoxSequence")),
            expected="Referenced Image Box Sequence",
            actual="absent",
            at=act.exchange,
        )


@check(
    "print.image-box-count",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.2.2.1", "PS3.3 C.13.3"),
    steps=STEP,
    consequence="Images are missing on the film, or lie where they should not.",
)
def there_are_as_many_boxes_as_the_format_has(step: StepEvidence) -> Iterator[Judgement]:
    """The film box has as many image boxes as its Image Display Format asks for."""
    for act in created(step):
        told = references(act.reply, "ReferencedImageBoxSequence")
        try:
            wanted = parse_format(value(act.sent, "ImageDisplayFormat")).boxes
        except ValueError:
            continue
        if told and wanted is not None:
            yield judge(len(told) == wanted, expected=wanted, actual=len(told), at=act.exchange)


@check(
    "print.image-box-class",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.2.2.1", "PS3.4 H.3.2.2"),
    steps=STEP,
    consequence="The client cannot set the images, or colours are lost.",
)
def image_boxes_are_of_the_meta_class(step: StepEvidence) -> Iterator[Judgement]:
    """Image boxes are of the image box class of the Meta SOP Class that is in use."""
    for act in created(step):
        context = act.association.context(act.exchange.context_id)
        wanted = IMAGE_BOX_OF.get(context.abstract_syntax if context else "")
        if wanted is None:
            continue
        for sop_class, uid in references(act.reply, "ReferencedImageBoxSequence"):
            yield judge(
                sop_class == wanted,
                expected=f"{name_of(wanted)} {wanted}",
                actual=f"{sop_class or 'absent'} for {uid}",
                at=act.exchange,
            )


@check(
    "print.image-box-uids",
    judges=SCP,
    level=MUST,
    cites=("PS3.5 9", "PS3.4 H.4.2.2.1"),
    steps=STEP,
    consequence="Two images end up in one place.",
)
def image_boxes_have_uids_of_their_own(step: StepEvidence) -> Iterator[Judgement]:
    """Every image box has a valid SOP Instance UID of its own."""
    for act in created(step):
        told = [uid for _, uid in references(act.reply, "ReferencedImageBoxSequence")]
        for uid in told:
            wrong = is_valid_uid(uid)
            yield judge(not wrong, expected="a UID", actual=f"{uid}: {wrong}", at=act.exchange)
        if told:
            yield judge(
                len(set(told)) == len(told),
                expected=f"{len(told)} different UIDs",
                actual=f"{len(set(told))} different ones",
                at=act.exchange,
            )


@check(
    "print.annotation-boxes-returned",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.2.2.1",
    steps=STEP,
    when="annotation",
    consequence="Hospital and patient are not on the film.",
)
def the_annotation_boxes_are_told(step: StepEvidence) -> Iterator[Judgement]:
    """Where annotation boxes are negotiated and their format was taken, the response to the
    N-CREATE of a film box carries Referenced Basic Annotation Box Sequence."""
    found = [act for act in created(step) if value(act.sent, "AnnotationDisplayFormatID")]
    if not any(act.association.accepted(ANNOTATION_BOX) for act in found):
        raise NotApplicable("the printer does not accept annotation boxes")
    for act in found:
        if act.status == 0x0000 and act.association.accepted(ANNOTATION_BOX):
            yield judge(
                bool(references(act.reply, "ReferencedBasicAnnotationBoxSequence")),
                expected="Referenced Basic Annotation Box Sequence",
                actual="absent",
                at=act.exchange,
            )


@check(
    "print.annotation-taken",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.4.2",
    steps=STEP,
    when="annotation",
)
def annotations_are_taken(step: StepEvidence) -> Iterator[Judgement]:
    """A text for an annotation box that the printer told of is taken."""
    for act in acts(step, "N-SET", of=ANNOTATION_BOX):
        yield judge(act.took, expected="0000", actual=answer(act), at=act.exchange)


@check(
    "print.image-taken",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.3",
    steps=STEP,
    consequence="The film comes out without the image.",
)
def images_are_taken(step: StepEvidence) -> Iterator[Judgement]:
    """An image of 8 bits that is as PS3.3 C.13.5 asks is taken into an image box that the printer
    told of, as long as there is memory for it."""
    for act in acts(step, "N-SET", of=IMAGE_BOXES, probes=True):
        item = image_item(act)
        if item is None or value(item, "BitsStored") != "8":
            continue
        if act.exchange.sop_instance not in act.before.boxes:
            continue
        busy = act.status in (*BUSY, 0xC613, 0xC603)
        yield judge(act.took or busy, expected="0000", actual=answer(act), at=act.exchange)


@check(
    "print.twelve-bits-taken",
    judges=SCP,
    level=SHOULD,
    cites="PS3.3 C.13.5",
    steps=STEP,
    consequence="Fine shades of gray are lost on the film.",
)
def images_of_twelve_bits_are_taken(step: StepEvidence) -> Iterator[Judgement]:
    """An image of 12 bits is taken."""
    for act in acts(step, "N-SET", of=IMAGE_BOXES):
        item = image_item(act)
        if item is not None and value(item, "BitsStored") == "12":
            yield judge(
                act.took or act.status in BUSY, expected="0000", actual=answer(act), at=act.exchange
            )


@check(
    "print.film-printed",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.2.2.4", "PS3.4 H.4.1.2.4"),
    steps=STEP,
    consequence=NO_FILM,
)
def films_are_printed(step: StepEvidence) -> Iterator[Judgement]:
    """A film box with images is accepted for printing, or refused while the queue is full."""
    if step.facts.get("conditions"):
        raise NotApplicable("the printer was in trouble on purpose")
    for act in acts(step, "N-ACTION", of=FILM_BOX):
        if act.exchange.sop_instance not in act.before.filled:
            continue
        if act.status in BUSY:
            raise Blocked(f"the printer's queue was full: {said(act.status)}")
        yield judge(act.took, expected="0000", actual=answer(act), at=act.exchange)


@check(
    "print.no-needless-warning",
    judges=SCP,
    level=SHOULD,
    cites="PS3.4 H.4",
    steps=STEP,
    consequence="The operator is warned of every film and stops reading warnings.",
)
def no_warning_without_need(step: StepEvidence) -> Iterator[Judgement]:
    """Printing an image of moderate size with nothing special asked for gives no warning."""
    asked = step.parameters.get("film") or step.parameters.get("annotation")
    plain = not asked and int(step.parameters.get("rows", 0) or 0) <= 1024
    if not plain or step.facts.get("conditions"):
        raise NotApplicable("something special was asked for")
    for act in acts(
        step, "N-CREATE", "N-SET", "N-ACTION", of=(FILM_SESSION, FILM_BOX, *IMAGE_BOXES)
    ):
        empty = act.exchange.service == "N-ACTION" and not act.before.filled
        if act.took and not empty and act.exchange.label != "image text":
            yield judge(act.status == 0, expected="0000", actual=answer(act), at=act.exchange)


@check(
    "print.deleted",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.2.2.3", "PS3.4 H.4.1.2.3"),
    steps=STEP,
    consequence="The printer keeps films that nobody wants any more.",
)
def film_boxes_and_sessions_are_deleted(step: StepEvidence) -> Iterator[Judgement]:
    """The last film box, and the film session, are deleted when asked."""
    for act in acts(step, "N-DELETE", of=(FILM_SESSION, FILM_BOX), probes=True):
        uid = act.exchange.sop_instance
        if uid in (act.before.session, act.before.last):
            yield judge(act.took, expected="0000", actual=answer(act), at=act.exchange)


@check(
    "print.status-of-service",
    judges=SCP,
    level=SHOULD,
    cites=("PS3.4 H.4", "PS3.7 10.1"),
    steps=STEP,
)
def statuses_are_of_the_operation(step: StepEvidence) -> Iterator[Judgement]:
    """A status is one that PS3.4 Annex H or PS3.7 defines for the operation."""
    for act in acts(step, probes=True):
        if act.status is not None:
            service, sop_class = act.exchange.service, act.exchange.sop_class
            yield judge(
                belongs(service, sop_class, act.status),
                expected=f"a status of {service} of a {name_of(sop_class)}",
                actual=hex_status(act.status),
                at=act.exchange,
            )
