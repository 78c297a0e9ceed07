"""What an archive said it has coerced, learnt from its own answers (PS3.4 B.4.1.3).

A C-STORE answered with B000 says that attributes were changed, not to what. Later steps ask for
patients and studies by what they are called now, so a query finds it out once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dicomtest import dimse
    from dicomtest.evidence import Instance

COERCED = 0xB000
LEARNT = (
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID",
    "StudyDescription", "ReferringPhysicianName",
)  # fmt: skip


def learn(
    peer: dimse.Requestor, sop_class: str, instances: list[Instance]
) -> dict[str, dict[str, list[str]]]:
    """Ask for the studies of these instances and take over what is different.

    Gives for each changed Study Instance UID what was and what is, by keyword.
    """
    changed = {}
    for study in dict.fromkeys(each.study for each in instances):
        answer = _ask(peer, sop_class, study)
        concerned = [each for each in instances if each.study == study]
        differences = _take_over(answer, concerned) if answer else {}
        if differences:
            changed[study] = differences
    return changed


def _ask(peer: dimse.Requestor, sop_class: str, study: str) -> dict[str, Any]:
    from pydicom import Dataset

    from dicomtest.dicom.attribute_values import attributes_of
    from dicomtest.dicom.vr_encoding import as_encoded

    identifier = Dataset()
    identifier.QueryRetrieveLevel = "STUDY"
    for name in LEARNT:
        setattr(identifier, name, "")
    identifier.StudyInstanceUID = study
    for response in peer.find(sop_class, identifier, label="coerced").pending:
        try:
            found = attributes_of(as_encoded(response.data).dataset()) if response.data else {}
        except Exception:  # whatever a sick data set makes pydicom raise: a check finds it
            continue
        if study in found.get("StudyInstanceUID", ()):
            return dict(found)
    return {}


def _take_over(answer: dict[str, Any], instances: list[Instance]) -> dict[str, list[str]]:
    differences = {}
    for each in instances:
        for name in LEARNT:
            now = answer.get(name)
            before = tuple(each.attributes.get(name, ()))
            if not now or tuple(now) == before:
                continue
            differences[name] = ["\\".join(map(str, before)), "\\".join(map(str, now))]
            each.attributes[name] = now
            if name == "PatientID":
                each.patient_id = str(now[0])
    return differences
