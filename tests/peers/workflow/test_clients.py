"""findscu -W, dcmjs-dimse and odil use our simulated RIS: worklist and performed steps."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from dicomtest.dicom.orders import text

PENDING, PENDING_UNSUPPORTED, SUCCESS = 0xFF00, 0xFF01, 0x0000
IN_PROGRESS, COMPLETED, UPDATED = 1, 2, 4  # Event Type IDs, PS3.4 Table F.9.2-1
STEP = "ScheduledProcedureStepSequence"
UID = "1.2.826.0.1.3680043.8.498."


@pytest.fixture
def ris(simulated, place):
    """Our RIS with four scheduled steps of three orders."""
    started = simulated("ris")
    started.orders.schedule(place(1, "CT HEAD", start_time="093000"))
    started.orders.schedule(place(2, "MR KNEE", script="japanese", station_ae_title="AE2"))
    started.orders.schedule(place(3, "CT SPINE", script="latin1", start_date="20261124", steps=2))
    return started


def call(ris) -> list[str]:
    return ["-aec", ris.ae_title, "127.0.0.1", str(ris.port)]


def found(ran) -> list[str]:
    return sorted(each.RequestedProcedureDescription for each in ran.identifiers)


CT, MR, SPINE = "CT HEAD", "MR KNEE", "CT SPINE"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ((), [CT, SPINE, SPINE, MR]),
        ((f"{STEP}[0].Modality=CT",), [CT, SPINE, SPINE]),
        ((f"{STEP}[0].ScheduledStationAETitle=AE2",), [MR]),
        ((f"{STEP}[0].ScheduledProcedureStepStartDate=20261124-",), [SPINE, SPINE]),
        (
            (
                f"{STEP}[0].ScheduledProcedureStepStartDate=20261123-20261124",
                f"{STEP}[0].ScheduledProcedureStepStartTime=100000-120500",
            ),
            [SPINE, MR],
        ),
        ((f"{STEP}[0].Modality=US",), []),
    ],
    ids=["all", "modality", "station", "open range", "date and time", "none"],
)
def test_findscu_gets_what_matches(ris, dcmtk, keys, expected):
    asked = [word for each in keys for word in ("-k", each)]

    ran = dcmtk("findscu", "-W", "-k", "RequestedProcedureDescription", *asked, *call(ris))

    assert found(ran) == expected
    assert ran.statuses == [PENDING] * len(expected) + [SUCCESS]


def test_findscu_finds_a_name_in_any_script(ris, dcmtk):
    japanese = next(each for each in ris.orders.items() if text(each, "Modality") == "MR")
    name = text(japanese, "PatientName")
    group = name.split("=")[1]

    keys = ("-k", "SpecificCharacterSet=ISO_IR 192", "-k", f"PatientName=*{group}*")
    ran = dcmtk("findscu", "-W", *keys, *call(ris))

    (answer,) = ran.identifiers
    assert str(answer.PatientName) == name


def test_findscu_is_told_of_a_key_that_is_not_supported(ris, dcmtk):
    ran = dcmtk("findscu", "-W", "-k", "PatientID", "-k", "EthnicGroup", *call(ris))

    assert ran.statuses == [PENDING_UNSUPPORTED] * 4 + [SUCCESS]


def test_dcmjs_gets_every_return_key_of_a_step(ris, dcmjs):
    keys = {
        "PatientName": "",
        "PatientID": "",
        "AccessionNumber": "",
        "StudyInstanceUID": "",
        STEP: [{"Modality": "MR", "ScheduledProcedureStepID": "", "ScheduledStationAETitle": ""}],
    }

    ran = dcmjs("find", ("127.0.0.1", ris.port), ris.ae_title, root="worklist", keys=keys)

    (wanted,) = [each for each in ris.orders.items() if text(each, "Modality") == "MR"]
    (answer,) = ran.identifiers
    (step,) = answer[STEP]
    assert ran.statuses == [PENDING, SUCCESS]
    for place, names in (
        (answer, ("PatientID", "AccessionNumber", "StudyInstanceUID")),
        (step, ("Modality", "ScheduledProcedureStepID", "ScheduledStationAETitle")),
    ):
        assert {name: place[name] for name in names} == {n: text(wanted, n) for n in names}


def report(item, **changes) -> dict:
    """A conformant N-CREATE for a worklist item, as dcmjs-dimse takes it."""
    now = datetime.now()
    patient = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex")
    request = ("AccessionNumber", "RequestedProcedureID", "RequestedProcedureDescription",
               "StudyInstanceUID")  # fmt: skip
    scheduled = ("ScheduledProcedureStepID", "ScheduledProcedureStepDescription")
    empty = ("PerformedStationName", "PerformedLocation", "PerformedProcedureStepDescription",
             "PerformedProcedureTypeDescription", "PerformedProcedureStepEndDate",
             "PerformedProcedureStepEndTime", "StudyID")  # fmt: skip
    sequences = ("ReferencedPatientSequence", "ProcedureCodeSequence", "PerformedSeriesSequence",
                 "PerformedProtocolCodeSequence")  # fmt: skip
    performs = {name: text(item, name) for name in (*request, *scheduled)}
    performs |= {"ReferencedStudySequence": [], "ScheduledProtocolCodeSequence": []}
    return {
        **{name: text(item, name) for name in patient},
        **dict.fromkeys(empty, ""),
        **{name: [] for name in sequences},
        "ScheduledStepAttributesSequence": [performs],
        "PerformedProcedureStepID": "1",
        "PerformedStationAETitle": "DCMJSSCU",
        "PerformedProcedureStepStartDate": now.strftime("%Y%m%d"),
        "PerformedProcedureStepStartTime": now.strftime("%H%M%S"),
        "PerformedProcedureStepStatus": "IN PROGRESS",
        "Modality": text(item, "Modality"),
        **changes,
    }


def test_dcmjs_performs_a_scheduled_step(ris, dcmjs):
    item = next(each for each in ris.orders.items() if text(each, "Modality") == "CT")
    key = text(item, "StudyInstanceUID"), text(item, "ScheduledProcedureStepID")
    peer = ("127.0.0.1", ris.port), ris.ae_title
    more = {"PerformedProcedureStepDescription": "HEAD, once more"}
    done = {"PerformedProcedureStepStatus": "COMPLETED"}

    begun = dcmjs("mpps", *peer, uid=f"{UID}1", create=report(item))
    during = ris.orders.status(*key)
    ended = dcmjs("mpps", *peer, uid=f"{UID}1", sets=[more, done, done])

    assert begun.statuses == [SUCCESS]
    assert during == "STARTED"
    assert ended.statuses == [SUCCESS, SUCCESS, 0x0110]  # changed, ended, and no more
    assert "no longer" in ended.responses[-1]["comment"]
    assert ris.orders.status(*key) == "COMPLETED"
    found = dcmjs("find", *peer, root="worklist", keys={"PatientID": text(item, "PatientID")})
    assert found.identifiers == []  # what is over is not in the worklist


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"PerformedProcedureStepStatus": "COMPLETED"}, 0x0106),
        ({"PerformedProcedureStepID": ""}, 0x0121),
    ],
    ids=["already over", "without an identifier"],
)
def test_dcmjs_is_refused(ris, dcmjs, changes, status):
    item = ris.orders.items()[0]
    peer = ("127.0.0.1", ris.port), ris.ae_title

    refused = dcmjs("mpps", *peer, uid=f"{UID}2", create=report(item, **changes))
    unknown = dcmjs(
        "mpps", *peer, uid=f"{UID}2", sets=[{"PerformedProcedureStepStatus": "COMPLETED"}]
    )

    assert refused.statuses == [status]
    assert unknown.statuses == [0x0112]
    assert ris.mpps.steps == []


def test_odil_performs_an_unscheduled_step(ris, odil_mpps):
    ran = odil_mpps(ris.ae_title, "127.0.0.1", ris.port, "DISCONTINUED", "COMPLETED")

    said = json.loads(ran.log.strip().splitlines()[-1])
    assert said["statuses"] == [SUCCESS, SUCCESS, 0x0110]
    assert ris.mpps.get(said["sop_instance"]).status == "DISCONTINUED"


def test_dcmjs_is_notified_of_a_step_that_odil_performs(simulated, dcmjs_scp, odil_mpps):
    watcher = dcmjs_scp()
    known = {watcher.ae_title: watcher.port}
    ris = simulated("ris", known, mpps={"notify": [watcher.ae_title]})

    ran = odil_mpps(ris.ae_title, "127.0.0.1", ris.port, "IN PROGRESS", "COMPLETED")
    ris.mpps.stop()  # once it has told everybody

    said = json.loads(ran.log.strip().splitlines()[-1])
    told = [each for each in watcher.told() if each["service"] == "N-EVENT-REPORT"]
    assert {each["sop_instance"] for each in told} == {said["sop_instance"]}
    assert {each["event"] for each in told} == {IN_PROGRESS, UPDATED, COMPLETED}
