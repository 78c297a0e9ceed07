"""Objects that are sent, compared with each other: one patient, study and series (PS3.3 A.1.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from dicomtest.checks import MUST, SCU, SHOULD, check
from dicomtest.checks.conformance_objects import examined
from dicomtest.checks.memo import once_per_step
from dicomtest.evidence import Instance, StepEvidence
from dicomtest.findings import Judgement, NotApplicable, judge

STEP = "store"
OF_PATIENT = ("PatientID", "IssuerOfPatientID", "PatientName", "PatientBirthDate", "PatientSex")
OF_STUDY = ("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName")
OF_SERIES = ("SeriesNumber", "FrameOfReferenceUID", "Laterality", "Manufacturer")
# Objects that are nothing without what they refer to.
DEPENDENT = ("1.2.840.10008.5.1.4.1.1.11.", "1.2.840.10008.5.1.4.1.1.88.59")


@check("store.scu-names-itself", judges=SCU, level=MUST, cites="PS3.7 9.1.1.1", steps=STEP,
       consequence="The archive files one object under the name of another.")  # fmt: skip
def the_request_names_the_object(step: StepEvidence) -> Iterator[Judgement]:
    """Affected SOP Class UID and Affected SOP Instance UID of the request are those in the data
    set."""
    for exchange, each in examined(step):
        for keyword, told in (("SOPClassUID", exchange.sop_class),
                              ("SOPInstanceUID", exchange.sop_instance)):  # fmt: skip
            there = ", ".join(each.identity.get(keyword, ()))
            if there:
                yield judge(there == told, expected=told, actual=f"{keyword} {there}", at=exchange)


@check("store.scu-context-of-class", judges=SCU, level=MUST, cites="PS3.7 9.1.1.1", steps=STEP)
def the_context_is_of_the_class(step: StepEvidence) -> Iterator[Judgement]:
    """An object is sent on a presentation context that was accepted for its SOP class."""
    for association in step.associations:
        for exchange in association.of("C-STORE"):
            context = association.context(exchange.context_id)
            if context is None or step.facts.get("fault"):
                continue
            fits = context.abstract_syntax == exchange.sop_class and context.result == 0
            yield judge(fits, expected=exchange.sop_class,
                        actual=f"context of {context.abstract_syntax}, result {context.result}",
                        at=exchange)  # fmt: skip


@once_per_step
def _before(step: StepEvidence) -> dict[str, Instance]:
    return {each.sop_instance: each for one in step.story for each in one.instances}


@check("store.scu-one-instance-one-uid", judges=SCU, level=MUST, cites=("PS3.5 9.1", "PS3.4 B.2.2"),
       steps=STEP, consequence="One of two objects is lost.")  # fmt: skip
def a_uid_stands_for_one_object(step: StepEvidence) -> Iterator[Judgement]:
    """A SOP Instance UID names one object: what is sent under it again belongs to the same class,
    series and study; and it is not the UID of a series or study."""
    seen: dict[str, tuple[str, ...]] = {
        uid: (each.sop_class, each.series, each.study) for uid, each in _before(step).items()
    }
    groups = {_one(each.identity, keyword) for _, each in examined(step)
              for keyword in ("StudyInstanceUID", "SeriesInstanceUID")}  # fmt: skip
    for exchange, each in examined(step):
        now = (each.sop_class, _one(each.identity, "SeriesInstanceUID"),
               _one(each.identity, "StudyInstanceUID"))  # fmt: skip
        if not all(now):
            continue
        known = seen.setdefault(each.sop_instance, now)
        yield judge(known == now, expected=f"class, series and study {', '.join(known)}",
                    actual=", ".join(now), at=exchange)  # fmt: skip
        yield judge(each.sop_instance not in groups, expected="a UID of its own",
                    actual="the UID of a study or series", at=exchange)  # fmt: skip


def _one(identity: dict[str, tuple[str, ...]], keyword: str) -> str:
    """The value, without what makes no difference: empty components, fractions of zero."""
    value = "\\".join(identity.get(keyword, ()))
    if keyword.endswith("Name"):
        return value.rstrip("^= ")
    if keyword.endswith("Time") and "." in value:
        return value.rstrip("0").rstrip(".")
    return (value.lstrip("+0") or value) if keyword == "SeriesNumber" else value


def _agreeing(step: StepEvidence, of: str, keywords: tuple[str, ...]) -> Iterator[Judgement]:
    """Whether all objects of one patient, study or series say the same of it."""
    said: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for _, each in examined(step):
        key = _one(each.identity, of)
        if not key:
            continue
        for keyword in keywords:
            if keyword in each.identity:
                said[key, keyword].setdefault(_one(each.identity, keyword), each.sop_instance)
    for (key, keyword), values in said.items():
        shown = [f"{value or 'empty'} in {instance}" for value, instance in values.items()]
        yield judge(len(values) == 1, expected=f"one {keyword} in {key}", actual=shown[:3], at=key)


@check("store.scu-one-patient-in-a-study", judges=SCU, level=MUST, cites="PS3.3 A.1.2.2",
       steps=STEP, consequence="One examination is filed under two patients.")  # fmt: skip
def a_study_is_of_one_patient(step: StepEvidence) -> Iterator[Judgement]:
    """All objects of a study name the same patient."""
    yield from _agreeing(step, "StudyInstanceUID", OF_PATIENT)


@check("store.scu-one-study", judges=SCU, level=MUST, cites="PS3.3 A.1.2.2", steps=STEP,
       consequence="The study is shown with the values of whichever image came first.")  # fmt: skip
def objects_of_a_study_agree_on_it(step: StepEvidence) -> Iterator[Judgement]:
    """All objects of a study have the same date, time, Study ID, Accession Number and referring
    physician."""
    yield from _agreeing(step, "StudyInstanceUID", OF_STUDY)


@check("store.scu-one-modality", judges=SCU, level=MUST, cites=("PS3.3 A.1.2.3", "PS3.3 C.7.3.1"),
       steps=STEP, consequence="Hanging protocols and worklists of readers go wrong.")  # fmt: skip
def a_series_is_of_one_modality(step: StepEvidence) -> Iterator[Judgement]:
    """All objects of a series have the same Modality and belong to the same study."""
    yield from _agreeing(step, "SeriesInstanceUID", ("Modality", "StudyInstanceUID"))


@check("store.scu-one-series", judges=SCU, level=MUST, cites="PS3.3 A.1.2.3", steps=STEP,
       consequence="Images that belong together cannot be aligned.")  # fmt: skip
def objects_of_a_series_agree_on_it(step: StepEvidence) -> Iterator[Judgement]:
    """All objects of a series that have them have the same series number, frame of reference,
    laterality and manufacturer."""
    yield from _agreeing(step, "SeriesInstanceUID", OF_SERIES)


@check("store.scu-series-described-once", judges=SCU, level=SHOULD, cites="PS3.3 C.7.3.1",
       steps=STEP)  # fmt: skip
def a_series_is_described_once(step: StepEvidence) -> Iterator[Judgement]:
    """All objects of a series have the same description, body part and protocol, and all of a
    study the same study description."""
    keywords = ("SeriesDescription", "BodyPartExamined", "ProtocolName")
    yield from _agreeing(step, "SeriesInstanceUID", keywords)
    yield from _agreeing(step, "StudyInstanceUID", ("StudyDescription",))


@check("store.scu-references-agree", judges=SCU, level=MUST, cites=("PS3.3 10.8", "PS3.3 10.4"),
       steps=STEP,
       consequence="A presentation state or report is not shown with its images.")  # fmt: skip
def references_agree_with_what_was_sent(step: StepEvidence) -> Iterator[Judgement]:
    """A reference to an object that was sent as well names its class, and its series and study
    where it names any."""
    known = {
        each.sop_instance: (each.sop_class, _one(each.identity, "SeriesInstanceUID"),
                            _one(each.identity, "StudyInstanceUID"))
        for _, each in examined(step)
    }  # fmt: skip
    for uid, one in _before(step).items():
        known.setdefault(uid, (one.sop_class, one.series, one.study))
    for exchange, each in examined(step):
        for reference in each.references:
            if reference.sop_instance not in known:
                continue
            right = known[reference.sop_instance]
            said = (reference.sop_class, reference.series, reference.study)
            wrong = [a for a, b in zip(said, right, strict=True) if a and a != b]
            yield judge(not wrong, expected=right, actual=wrong,
                        at=f"{reference.path} of {exchange.sop_instance}")  # fmt: skip


@check("store.scu-references-resolve", judges=SCU, level=SHOULD, cites="PS3.3 C.11.11", steps=STEP,
       consequence="A presentation state or key object note shows nothing.")  # fmt: skip
def what_is_referred_to_was_sent(step: StepEvidence) -> Iterator[Judgement]:
    """The images that a presentation state or key object selection refers to were sent, if they
    belong to its own study."""
    known = {each.sop_instance for _, each in examined(step)} | set(_before(step))
    known |= {each.sop_instance for each in step.exchanges("C-STORE")}
    looked = False
    for exchange, each in examined(step):
        study = _one(each.identity, "StudyInstanceUID")
        if not each.sop_class.startswith(DEPENDENT):
            continue
        for reference in each.references:
            if reference.study not in ("", study) or not reference.series:
                continue
            looked = True
            yield judge(reference.sop_instance in known, expected="an object that was sent",
                        actual=f"{reference.sop_instance} was not", at=exchange)  # fmt: skip
    if not looked:
        raise NotApplicable("nothing was sent that depends on other objects")
