"""What a printer must refuse, or say that it did otherwise (PS3.4 H.2.4, H.4).

Each check looks at the one exchange that a probe is about.
"""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.checks import MUST, SCP, SHOULD, check
from dicomtest.checks.print_evidence import STEP, tried
from dicomtest.checks.print_film import answer
from dicomtest.checks.statuses import is_failure
from dicomtest.evidence import StepEvidence
from dicomtest.findings import Blocked, Judgement, NotApplicable, judge

WRONG_FILM = "A film comes out that nobody asked for, and nobody is told."
SECOND = "other-association: second"  # label of an association beside the first


def refused(step: StepEvidence, probe: str, usual: str, *, needs: str = "") -> Iterator[Judgement]:
    """That the exchange of a probe was answered with a failure."""
    act = tried(step, probe, needs=needs)
    if act.exchange.ending != "answered":
        raise Blocked(f"no answer: {act.exchange.ending}")
    yield judge(
        is_failure(act.status),
        expected=f"{usual}, or another failure",
        actual=answer(act),
        at=act.exchange,
    )


@check(
    "print.unknown-format-refused",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.2.4", "PS3.3 C.13.3"),
    steps=STEP,
    when="probes",
    consequence=WRONG_FILM,
)
def an_unknown_format_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A film box of an Image Display Format that does not exist is refused."""
    yield from refused(step, "unknown-format", "0106")


@check(
    "print.malformed-format-refused",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.2.4", "PS3.3 C.13.3"),
    steps=STEP,
    when="probes",
    consequence=WRONG_FILM,
)
def a_malformed_format_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A film box of the format STANDARD with columns and no rows is refused."""
    yield from refused(step, "malformed-format", "0106")


@check(
    "print.missing-format-refused",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.2.4", "PS3.4 H.4.2.2.1"),
    steps=STEP,
    when="probes",
    consequence=WRONG_FILM,
)
def a_film_box_without_format_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A film box without Image Display Format is refused."""
    yield from refused(step, "missing-format", "0120")


@check(
    "print.missing-session-reference-refused",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.2.4", "PS3.4 H.4.2.2.1"),
    steps=STEP,
    when="probes",
    consequence="Clients that leave it out work here and fail at the next printer.",
)
def a_film_box_without_session_reference_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A film box without Referenced Film Session Sequence is refused."""
    yield from refused(step, "missing-session-reference", "0120")


@check(
    "print.film-box-needs-session",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.2.2.1",
    steps=STEP,
    when="probes",
)
def a_film_box_needs_its_session(step: StepEvidence) -> Iterator[Judgement]:
    """A film box is refused while there is no film session."""
    yield from refused(step, "film-box-without-session", "0106")


@check(
    "print.second-session-refused",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.1.2.1.3",
    steps=STEP,
    when="probes",
    consequence="Films of two sessions get mixed.",
)
def a_second_session_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """A second film session on an association is refused while there is one."""
    yield from refused(step, "second-session", "0110")


@check(
    "print.second-film-box",
    judges=SCP,
    level=SHOULD,
    cites="PS3.4 H.4.2.2.1",
    steps=STEP,
    when="probes",
)
def a_second_film_box_is_made_or_refused_with_c616(step: StepEvidence) -> Iterator[Judgement]:
    """A further film box before the last one was printed is created, or refused with C616 by a
    printer that does not print whole film sessions."""
    act = tried(step, "second-film-box")
    yield judge(
        act.took or act.status == 0xC616,
        expected="0000 or C616",
        actual=answer(act),
        at=act.exchange,
    )


@check(
    "print.empty-page-told",
    judges=SCP,
    level=SHOULD,
    cites="PS3.4 H.4.2.2.4",
    steps=STEP,
    when="probes",
    consequence="An empty film comes out and counts as a success.",
)
def an_empty_page_is_told(step: StepEvidence) -> Iterator[Judgement]:
    """Printing a film box without an image gives a warning (B603)."""
    act = tried(step, "empty-page")
    yield judge(
        act.status is not None and act.status != 0,
        expected="B603",
        actual=answer(act),
        at=act.exchange,
    )


@check(
    "print.empty-session-refused",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.1.2.4",
    steps=STEP,
    when="probes",
)
def a_session_without_film_box_is_not_printed(step: StepEvidence) -> Iterator[Judgement]:
    """Printing a film session without a film box is refused, or answered with a warning."""
    act = tried(step, "empty-session")
    yield judge(
        act.status is not None and act.status != 0,
        expected="C600",
        actual=answer(act),
        at=act.exchange,
    )


@check(
    "print.deleted-once-only",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.2.2.3",
    steps=STEP,
    when="probes",
)
def a_deleted_film_box_is_gone(step: StepEvidence) -> Iterator[Judgement]:
    """A film box that was deleted cannot be deleted again."""
    yield from refused(step, "delete-twice", "0112")


@check(
    "print.deleted-not-printed",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.2.2.3",
    steps=STEP,
    when="probes",
    consequence=WRONG_FILM,
)
def a_deleted_film_box_is_not_printed(step: StepEvidence) -> Iterator[Judgement]:
    """A film box that was deleted cannot be printed."""
    yield from refused(step, "print-deleted-film-box", "0112")


@check(
    "print.session-deletes-all",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.1.2.3",
    steps=STEP,
    when="probes",
    consequence=WRONG_FILM,
)
def a_deleted_session_takes_its_films_along(step: StepEvidence) -> Iterator[Judgement]:
    """With the film session its film boxes are deleted."""
    yield from refused(step, "session-deletes-all", "0112")


@check(
    "print.duplicate-instance-refused",
    judges=SCP,
    level=MUST,
    cites="PS3.7 10.1.5",
    steps=STEP,
    when="probes",
    consequence="The first film disappears behind the second.",
)
def a_duplicate_instance_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """An N-CREATE with the SOP Instance UID of a film box that exists is refused."""
    yield from refused(step, "duplicate-instance", "0111")


@check(
    "print.unknown-action-refused",
    judges=SCP,
    level=MUST,
    cites=("PS3.4 H.4.2.2.4", "PS3.7 10.1.4"),
    steps=STEP,
    when="probes",
    consequence=WRONG_FILM,
)
def an_unknown_action_is_refused(step: StepEvidence) -> Iterator[Judgement]:
    """An N-ACTION with an Action Type ID other than that of Print is refused."""
    yield from refused(step, "unknown-action", "0123")


@check(
    "print.own-association",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.1.2",
    steps=STEP,
    when="probes",
    consequence="Two clients print each other's films.",
)
def a_film_belongs_to_its_association(step: StepEvidence) -> Iterator[Judgement]:
    """A film box of one association cannot be printed on another."""
    seconds = [each for each in step.associations if each.label == SECOND]
    if seconds and all(each.outcome != "accepted" for each in seconds):
        raise NotApplicable("the printer serves no second association beside the first")
    yield from refused(step, "other-association", "0112")


@check(
    "print.gone-after-release",
    judges=SCP,
    level=MUST,
    cites="PS3.4 H.4.1.2",
    steps=STEP,
    when="probes",
    consequence=WRONG_FILM,
)
def a_film_box_ends_with_its_association(step: StepEvidence) -> Iterator[Judgement]:
    """A film box that was not printed is gone when its association is over."""
    yield from refused(step, "after-release", "0112")


USUAL = {
    "unknown-format": (0x0106,),
    "malformed-format": (0x0106,),
    "missing-format": (0x0120, 0x0121),
    "missing-session-reference": (0x0120, 0x0121),
    "empty-session": (0xC600, 0x0211, 0x0123),
    "delete-twice": (0x0112,),
    "print-deleted-film-box": (0x0112,),
    "session-deletes-all": (0x0112,),
    "unknown-image-box": (0x0112,),
    "deleted-image-box": (0x0112,),
    "session-deletes-boxes": (0x0112,),
    "gray-in-colour-box": (0x0106,),
    "sixteen-bits": (0x0106,),
    "missing-pixels": (0x0120, 0x0121),
    "image-without-position": (0x0120, 0x0121),
    "colour-in-grayscale-box": (0x0106,),
    "duplicate-instance": (0x0111,),
    "unknown-printer": (0x0112, 0x0117),
    "unknown-action": (0x0123, 0x0114),
}


@check(
    "print.refusal-says-why",
    judges=SCP,
    level=SHOULD,
    cites=("PS3.4 H.2.4", "PS3.7 C"),
    steps=STEP,
    when="probes",
    consequence="The service engineer looks in the wrong place.",
)
def a_refusal_has_the_status_of_its_cause(step: StepEvidence) -> Iterator[Judgement]:
    """A refusal has the status that PS3.4 or PS3.7 gives to its cause."""
    asked = set(step.facts.get("probes") or ())
    for name, wanted in USUAL.items():
        if name not in asked:
            continue
        try:
            act = tried(step, name)
        except (Blocked, NotApplicable):
            continue
        if is_failure(act.status):
            yield judge(
                act.status in wanted,
                expected=[f"{each:04X}" for each in wanted],
                actual=answer(act),
                at=act.exchange,
            )
