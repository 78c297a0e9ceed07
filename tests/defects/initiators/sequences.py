"""What a system does with a provider, step after step, right and wrong."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydicom import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom import build_role, evt

from dicomtest.dicom.worklist_model import STEP
from dicomtest.evidence import StepEvidence

from .bench import Bench
from .sender import CT, commit, contexts_for, entity, images, invoke, send, write
from .sender import associate_rq as rq

FIND, MOVE = "1.2.840.10008.5.1.4.1.2.2.1", "1.2.840.10008.5.1.4.1.2.2.2"
GET, WORKLIST = "1.2.840.10008.5.1.4.1.2.2.3", "1.2.840.10008.5.1.4.31"
MPPS = "1.2.840.10008.3.1.2.3.3"
Found = set[str]
Play = Callable[[Bench, Path], Found]


class Sequence(NamedTuple):
    """A play, and the checks that must find fault with its last step; no other may."""

    caught_by: Found
    play: Play


SEQUENCES: dict[str, Sequence] = {}


def play(*caught_by: str) -> Callable[[Play], Play]:
    """Register a play under the name of its function."""

    def register(function: Play) -> Play:
        name = function.__name__.replace("_", "-")
        SEQUENCES[name] = Sequence(set(caught_by), function)
        return function

    return register


def files_of(folder: Path, objects: list[Dataset]) -> list[Path]:
    return [write(each, folder / f"{n}.dcm") for n, each in enumerate(objects)]


def store(
    bench: Bench, folder: Path, objects: list[Dataset] | None = None, **options: Any
) -> Found:
    """Store images; `faults` are the provider's, everything else is for `send`."""
    sent = objects or images()
    faults = {"faults": options.pop("faults")} if "faults" in options else {}
    again = {"again": options.pop("once_more")} if "once_more" in options else {}
    ends = options.pop("ends", 1)
    syntaxes = options.pop("syntaxes", None)
    files, ae = files_of(folder, sent), contexts_for(sent, syntaxes)
    ae.dimse_timeout = options.pop("patience", 5)
    return bench.step(
        "store",
        lambda provider: send(provider, files, ae, **options),
        ends=ends,
        **faults,
        **again,
    )


# --- associations


@play("association.scu-default-transfer-syntax")
def offers_explicit_alone(bench: Bench, folder: Path) -> Found:
    return store(bench, folder, syntaxes=[ExplicitVRLittleEndian])


@play("association.scu-release")
def aborts_after_the_last_image(bench: Bench, folder: Path) -> Found:
    return store(bench, folder, rude=True)


def _request(bench: Bench, **how: Any) -> Found:
    return bench.step("verify", lambda provider: rq(provider, **how))


@play("association.scu-context-ids")
def even_context_ids(bench: Bench, _folder: Path) -> Found:
    return _request(bench, context_ids=(2,))


@play("association.scu-context-ids")
def a_context_id_twice(bench: Bench, _folder: Path) -> Found:
    return _request(bench, context_ids=(1, 1))


@play("association.scu-something-proposed")
def proposes_nothing(bench: Bench, _folder: Path) -> Found:
    return _request(bench, context_ids=())


@play("association.scu-application-context")
def another_application_context(bench: Bench, _folder: Path) -> Found:
    return _request(bench, application=b"1.2.3.4")


@play("association.scu-implementation-class-uid")
def no_implementation_class_uid(bench: Bench, _folder: Path) -> Found:
    return _request(bench, implementation=b"")


@play("association.scu-maximum-length")
def a_pdu_that_is_too_long(bench: Bench, _folder: Path) -> Found:
    body = struct.pack(">IBB", 140_002, 1, 2) + bytes(140_000)
    return _request(bench, then=struct.pack(">BBI", 4, 0, len(body)) + body)


# --- query and retrieve


def in_own_study() -> list[Dataset]:
    """Images of a study that nobody else stores to."""
    objects, study, series = images(), generate_uid(), generate_uid()
    for each in objects:
        each.StudyInstanceUID, each.SeriesInstanceUID = study, series
    return objects


def identifier(**keys: str) -> Dataset:
    made = Dataset()
    for keyword, value in keys.items():
        setattr(made, keyword, value)
    return made


def ask(bench: Bench, wanted: Dataset, **options: Any) -> Found:
    return bench.step(
        "query",
        lambda provider: invoke(provider, FIND, lambda peer: list(peer.send_c_find(wanted, FIND))),
        **options,
    )


@play()
def a_sound_query(bench: Bench, _folder: Path) -> Found:
    return ask(bench, identifier(QueryRetrieveLevel="STUDY", PatientID="X", StudyInstanceUID=""))


@play("query.scu-identifier")
def no_level(bench: Bench, _folder: Path) -> Found:
    return ask(bench, identifier(PatientID="X", StudyInstanceUID=""))


@play("query.scu-identifier")
def a_series_of_no_study(bench: Bench, _folder: Path) -> Found:
    return ask(bench, identifier(QueryRetrieveLevel="SERIES", Modality="CT", SeriesInstanceUID=""))


@play("query.scu-narrow")
def asks_for_everything(bench: Bench, _folder: Path) -> Found:
    return ask(bench, identifier(QueryRetrieveLevel="STUDY", PatientID="", StudyInstanceUID=""))


@play("query.scu-character-set")
def an_umlaut_undeclared(bench: Bench, _folder: Path) -> Found:
    wanted = identifier(QueryRetrieveLevel="STUDY", PatientID="X", StudyInstanceUID="")
    wanted.add_new(0x00100010, "PN", b"M\xfcller")
    return ask(bench, wanted)


@play("query.scu-readable")
def a_query_without_an_identifier(bench: Bench, _folder: Path) -> Found:
    """pynetdicom does not send one without: it is taken out of what was seen."""

    def without(step: StepEvidence) -> None:
        for each in step.exchanges("C-FIND"):
            each.data = None

    wanted = identifier(QueryRetrieveLevel="STUDY", PatientID="X", StudyInstanceUID="")
    return ask(bench, wanted, tamper=without)


def move(bench: Bench, folder: Path, accept: bool, status: int, title: str = "") -> Found:
    """Have what was stored sent to a storage provider of our own."""
    store(bench, folder, in_own_study())
    receiver = entity()
    if accept:
        receiver.add_supported_context(CT)
    else:
        receiver.add_supported_context("1.2.840.10008.1.1")
    server = receiver.start_server(
        ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, lambda _event: status)]
    )
    from dicomtest import dimse

    provider = bench.provider("pacs")
    usual = provider.setting.directory
    provider.setting.directory = lambda _title: dimse.Remote(
        "BROKEN", "127.0.0.1", server.server_address[1]
    )
    study = bench.story[0].instances[0].study
    wanted = identifier(QueryRetrieveLevel="STUDY", StudyInstanceUID=study)

    def retitle(step: StepEvidence) -> None:
        for each in step.exchanges("C-MOVE"):
            if title:
                each.command["MoveDestination"] = title

    try:
        return bench.step(
            "move",
            lambda one: invoke(
                one, MOVE, lambda peer: list(peer.send_c_move(wanted, "BROKEN", MOVE))
            ),
            tamper=retitle,
            ends=2,
        )
    finally:
        provider.setting.directory = usual
        server.shutdown()


@play()
def takes_what_it_asked_for(bench: Bench, folder: Path) -> Found:
    return move(bench, folder, accept=True, status=0x0000)


@play("retrieve.scu-takes-what-it-asked-for")
def refuses_what_it_asked_for(bench: Bench, folder: Path) -> Found:
    return move(bench, folder, accept=True, status=0xA700)


@play("retrieve.scu-accepts-classes")
def accepts_nothing_that_it_asked_for(bench: Bench, folder: Path) -> Found:
    return move(bench, folder, accept=False, status=0x0000)


@play("move.scu-destination")
def a_destination_of_20_characters(bench: Bench, folder: Path) -> Found:
    return move(bench, folder, accept=True, status=0x0000, title="D" * 20)


@play()
def gets_on_the_same_association(bench: Bench, folder: Path) -> Found:
    store(bench, folder, in_own_study())
    study = bench.story[0].instances[0].study
    wanted = identifier(QueryRetrieveLevel="STUDY", StudyInstanceUID=study)

    def get(provider: Any) -> None:
        ae = entity()
        ae.add_requested_context(GET)
        ae.add_requested_context(CT)
        peer = ae.associate(
            "127.0.0.1",
            provider.port,
            ae_title=provider.ae_title,
            ext_neg=[build_role(CT, scp_role=True)],
            evt_handlers=[(evt.EVT_C_STORE, lambda _event: 0x0000)],
        )
        list(peer.send_c_get(wanted, GET))
        peer.release()

    return bench.step("get", get)


# --- when the provider goes wrong


def refused(status: int) -> bool:
    return status not in (0x0000, 0xB000)


@play()
def sends_again_what_was_refused(bench: Bench, folder: Path) -> Found:
    return store(bench, folder, faults={"status": "A700", "times": 1}, again=refused)


@play("store.scu-sends-again")
def forgets_what_was_refused(bench: Bench, folder: Path) -> Found:
    return store(bench, folder, faults={"status": "A700", "times": 1})


@play()
def sends_again_after_an_abort(bench: Bench, folder: Path) -> Found:
    faults = {"abort": "transfer", "times": 1}
    return store(bench, folder, faults=faults, again=refused, ends=2, patience=0.5)


@play("association.scu-tries-again")
def gives_up_after_an_abort(bench: Bench, folder: Path) -> Found:
    faults = {"abort": "transfer", "times": 1}
    return store(bench, folder, [images()[0]], faults=faults, patience=0.5)


@play()
def takes_a_warning_for_success(bench: Bench, folder: Path) -> Found:
    return store(bench, folder, faults={"status": "B000"})


@play("store.scu-warning-is-success")
def takes_a_warning_for_failure(bench: Bench, folder: Path) -> Found:
    return store(bench, folder, faults={"status": "B000"}, again=lambda status: status != 0)


@play()
def tries_another_association(bench: Bench, folder: Path) -> Found:
    faults = {"reject": "temporary-congestion", "times": 1}
    return store(bench, folder, faults=faults, again=refused, ends=2)


@play("association.scu-tries-again")
def gives_up_when_rejected(bench: Bench, folder: Path) -> Found:
    return store(bench, folder, [], faults={"reject": "local-limit-exceeded"}, ends=1)


def scheduled(bench: Bench) -> None:
    item = {
        "PatientName": ("ZZTEST^One",),
        "PatientID": ("DT-1",),
        "StudyInstanceUID": (generate_uid(),),
        STEP: ({"ScheduledProcedureStepID": ("1",), "Modality": ("CT",)},),
    }
    bench.provider("ris").orders.schedule([item])


def worklist(bench: Bench, take: Callable[[Any, Iterator[Any]], object]) -> Found:
    scheduled(bench)
    wanted = identifier(PatientName="ZZTEST*")
    for keyword in ("PatientID", "StudyInstanceUID", "AccessionNumber", "RequestedProcedureID",
                    "RequestedProcedureDescription", "PatientBirthDate", "PatientSex",
                    "ReferringPhysicianName"):  # fmt: skip
        setattr(wanted, keyword, "")
    wanted.RequestedProcedureCodeSequence = []
    wanted.ReferencedStudySequence = []
    wanted.ScheduledProcedureStepSequence = [Dataset()]  # the step as a whole
    return bench.step(
        "worklist",
        lambda provider: invoke(
            provider, WORKLIST, lambda peer: take(peer, peer.send_c_find(wanted, WORKLIST))
        ),
        to="ris",
        faults={"worklist": "huge"},
    )


@play()
def takes_a_huge_worklist(bench: Bench, _folder: Path) -> Found:
    return worklist(bench, lambda _peer, answers: list(answers))


@play("worklist.scu-survives", "association.scu-release")
def breaks_off_a_huge_worklist(bench: Bench, _folder: Path) -> Found:
    def take(peer: Any, answers: Iterator[Any]) -> None:
        next(answers)
        peer.abort()

    return worklist(bench, take)


def committed(bench: Bench, objects: list[Dataset], **faults: str) -> Found:
    """Ask; the report comes on the same association."""
    return bench.step(
        "commit", lambda provider: commit(provider, objects), faults={"report": "same", **faults}
    )


@play("commit.scu-not-what-was-refused")
def has_committed_what_was_refused(bench: Bench, folder: Path) -> Found:
    objects = images()
    store(bench, folder, objects, faults={"status": "A700", "times": 1})
    return committed(bench, objects)


@play("commit.scu-covers-the-study")
def has_one_of_two_committed(bench: Bench, folder: Path) -> Found:
    objects = images()
    store(bench, folder, objects)
    return committed(bench, objects[:1])


def after_partial_commitment(bench: Bench, folder: Path, kept: int) -> Found:
    objects = images()
    store(bench, folder, objects)
    committed(bench, objects, commit="partly")
    return store(bench, folder, objects[:kept], once_more="study")


@play()
def keeps_what_was_not_committed(bench: Bench, folder: Path) -> Found:
    return after_partial_commitment(bench, folder, kept=2)


@play("store.scu-keeps-what-is-not-committed")
def deleted_what_was_not_committed(bench: Bench, folder: Path) -> Found:
    return after_partial_commitment(bench, folder, kept=1)


@play("mpps.scu-completed-is-stored")
def completed_with_what_was_refused(bench: Bench, folder: Path) -> Found:
    objects = images()
    store(bench, folder, objects, faults={"status": "A700", "times": 1})
    uid = generate_uid()

    def report(peer: Any) -> None:
        peer.send_n_create(begun(objects[0]), MPPS, uid)
        peer.send_n_set(ended(objects), MPPS, uid)

    found = bench.step("mpps", lambda one: invoke(one, MPPS, report), to="ris", status="COMPLETED",
                       order="x")  # fmt: skip
    return {each for each in found if each == "mpps.scu-completed-is-stored"}  # the rest elsewhere


def reported(bench: Bench, times: int) -> Found:
    """Report the begin of a step to a RIS that refuses it once."""
    uid, made = generate_uid(), begun(images()[0])

    def report(peer: Any) -> None:
        for _attempt in range(times):
            peer.send_n_create(made, MPPS, uid)

    found = bench.step("mpps", lambda one: invoke(one, MPPS, report), to="ris", unscheduled=True,
                       modality="CT", save="x", faults={"status": "0213", "times": 1})  # fmt: skip
    return {each for each in found if each == "mpps.scu-sends-again"}  # the rest elsewhere


@play()
def reports_again_what_was_refused(bench: Bench, _folder: Path) -> Found:
    return reported(bench, 2)


@play("mpps.scu-sends-again")
def forgets_the_report_that_was_refused(bench: Bench, _folder: Path) -> Found:
    return reported(bench, 1)


@play()
def sends_again_after_a_closed_connection(bench: Bench, folder: Path) -> Found:
    faults = {"drop": True, "times": 1}
    return store(bench, folder, faults=faults, again=refused, ends=2, patience=0.5)


@play("association.scu-tries-again")
def gives_up_after_a_closed_connection(bench: Bench, folder: Path) -> Found:
    faults = {"drop": True, "times": 1}
    return store(bench, folder, [images()[0]], faults=faults, patience=0.5)


def begun(ds: Dataset) -> Dataset:
    made = identifier(
        PatientName=str(ds.PatientName), PatientID=ds.PatientID, PatientBirthDate="",
        PatientSex="", PerformedProcedureStepID="1", PerformedStationAETitle="BROKEN",
        PerformedProcedureStepStartDate="20260303", PerformedProcedureStepStartTime="1200",
        PerformedProcedureStepStatus="IN PROGRESS", Modality="CT",
    )  # fmt: skip
    step = identifier(StudyInstanceUID=ds.StudyInstanceUID)
    for keyword in ("AccessionNumber", "RequestedProcedureID", "RequestedProcedureDescription",
                    "ScheduledProcedureStepID", "ScheduledProcedureStepDescription"):  # fmt: skip
        setattr(step, keyword, "")
    step.ReferencedStudySequence = step.ScheduledProtocolCodeSequence = []
    made.ScheduledStepAttributesSequence = [step]
    for keyword in ("PerformedStationName", "PerformedLocation", "StudyID",
                    "PerformedProcedureStepDescription",
                    "PerformedProcedureTypeDescription"):  # fmt: skip
        setattr(made, keyword, "")
    made.ReferencedPatientSequence = made.ProcedureCodeSequence = []
    made.PerformedProtocolCodeSequence = made.PerformedSeriesSequence = []
    made.PerformedProcedureStepEndDate = made.PerformedProcedureStepEndTime = ""
    return made


def ended(objects: list[Dataset]) -> Dataset:
    made = identifier(
        PerformedProcedureStepStatus="COMPLETED", PerformedProcedureStepEndDate="20260303",
        PerformedProcedureStepEndTime="1210",
    )  # fmt: skip
    series = identifier(SeriesInstanceUID=objects[0].SeriesInstanceUID, ProtocolName="HEAD")
    series.ReferencedImageSequence = [
        identifier(ReferencedSOPClassUID=each.SOPClassUID,
                   ReferencedSOPInstanceUID=each.SOPInstanceUID)
        for each in objects
    ]  # fmt: skip
    made.PerformedSeriesSequence = [series]
    return made
