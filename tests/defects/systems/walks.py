"""One walk through each service; see `probe.py`."""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from . import upper_layer as ul
from .archive_scp import ArchiveSCP
from .association import Ended, Link
from .commands import C_CANCEL, C_FIND, C_GET, C_MOVE, NO_DATA_SET, Command
from .data_set import read_data_set, write_data_set
from .population import CT, MR, SC, made, population, study_uid
from .probe import Client, Destination
from .settings import (
    NATIVE,
    PATIENT_ROOT_FIND,
    STUDY_ROOT_FIND,
    STUDY_ROOT_GET,
    STUDY_ROOT_MOVE,
    VERIFICATION,
)

EXPLICIT, IMPLICIT = NATIVE[:2]
BOTH_ROLES = {CT: (False, True), MR: (False, True), SC: (False, True)}
Walk = Iterator[tuple[str, Any]]


def described(link: Link) -> list[Any]:
    """What an A-ASSOCIATE-AC says."""
    peer = link.peer
    contexts = [(each.id, each.result, each.accepted) for each in peer.contexts]
    said = [peer.protocol_version, peer.application_context, peer.max_pdu, contexts]
    return [*said, sorted(peer.roles.items()), sorted(peer.extended), peer.implementation_class_uid]


def attempt(action: Callable[[], Any]) -> Any:
    """What an action returns, or how the association ended."""
    try:
        return action()
    except Ended as end:
        return f"ended: {end}"


def association(archive: ArchiveSCP, client: Client) -> Walk:
    """Negotiation, PDU lengths, release, abort, several associations; verification."""
    first = attempt(
        lambda: client.associate(
            VERIFICATION,
            (CT, [EXPLICIT, IMPLICIT]),
            STUDY_ROOT_FIND,
            "1.2.3.4.5",
            (MR, ["1.2.3.4.5.6"]),
            (SC, [IMPLICIT]),
            roles={CT: (False, True)},
        )
    )
    if isinstance(first, str):
        yield "associate", first
        return
    yield "associate", described(first)
    yield "echo", client.echo(first)
    yield "echo again", client.echo(first)
    second = attempt(lambda: client.associate(VERIFICATION))
    yield "second association", second if isinstance(second, str) else client.echo(second)
    yield "another AE title", _refusal(client, "NOBODY")
    yield "many contexts", attempt(lambda: described(client.associate(*[VERIFICATION] * 60)))
    yield from _lengths(client)
    yield "release", _release(client, first)
    if isinstance(second, Link):
        second.abort(0)
        _until(lambda: archive.aborts > 0)
    yield "after an abort", attempt(lambda: client.echo(client.associate(VERIFICATION)))


def _lengths(client: Client) -> Walk:
    large = made(1, 1, 1, CT, PatientID="P1")
    link = attempt(
        lambda: client.associate(CT, STUDY_ROOT_GET, max_pdu=4096, roles={CT: (False, True)})
    )
    if isinstance(link, str):
        yield "associate for storage", link
        return
    yield "store a large object", client.store(link, large)
    keys = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": study_uid(1)}
    yield "get it back", client.query(link, STUDY_ROOT_GET, C_GET, **keys)


def _refusal(client: Client, called: str) -> Any:
    connection = socket.create_connection(("127.0.0.1", client.port), client.patience)
    connection.settimeout(client.patience)
    contexts = [ul.Context(1, VERIFICATION, [EXPLICIT])]
    connection.sendall(ul.write_request(ul.Associate(called, "PROBE", contexts)))
    try:
        answer = connection.recv(100)
    except OSError:
        answer = b"nothing"
    connection.close()
    return answer


def _release(client: Client, link: Link) -> Any:
    def release() -> int:
        link.write(ul.release_pdu(ul.RELEASE_RQ))
        kind: int = link.read_pdu(client.patience)[0]
        return kind

    answer = attempt(release)
    link.close()
    return answer


def _until(condition: Callable[[], bool], seconds: float = 1.0) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.002)


def store(archive: ArchiveSCP, client: Client) -> Walk:
    """Good and bad objects, twice, at the same time, aborted; then what can be had back."""
    link = client.associate(CT, MR, SC)
    objects = [
        each
        if at
        else made(
            1,
            1,
            1,
            CT,
            SpecificCharacterSet="ISO_IR 100",
            PatientID="P1",
            PatientName="Buc^Jérôme=X",
            StudyDate="20240110",
            AccessionNumber="ACC12345",
            ReferringPhysicianName="Who^Dr",
        )
        for at, each in enumerate(population()[:7])
    ]
    for each in [*objects, objects[0]]:
        yield f"store {each.sop_instance}", client.store(link, each)
    yield "another class", client.store(link, replace(objects[1], sop_class=SC))
    other = replace(objects[1], sop_instance="2.25.4711")
    yield "another instance", client.store(link, other)
    yield "not a UID", client.store(link, replace(objects[1], sop_instance="01.x"))
    yield "not a data set", client.store(link, replace(objects[1], data=b"\x08\x00\x10\x00garbage"))
    one, two = client.associate(SC), client.associate(SC)
    for at, each in enumerate(population()[7:11]):
        yield f"in parallel {at}", client.store((one, two)[at % 2], each)
    _abort_in_the_middle(archive, client)
    yield from _everything(client)


def _abort_in_the_middle(archive: ArchiveSCP, client: Client) -> None:
    unwanted = made(9, 1, 1, CT, PatientID="P9")
    link = attempt(lambda: client.associate(CT))
    if isinstance(link, Link):
        request: Command = {
            "AffectedSOPClassUID": CT, "AffectedSOPInstanceUID": unwanted.sop_instance,
            "CommandField": 1, "MessageID": 1, "Priority": 0, "CommandDataSetType": 1,
        }  # fmt: skip
        link.send(1, request)
        link.write(ul.data_pdu(1, 0, unwanted.data[:10000]))
        number = archive.counter
        link.abort(0)
        _until(lambda: number not in archive.links)


def _everything(client: Client) -> Walk:
    link = client.associate(
        CT, MR, SC, VERIFICATION, STUDY_ROOT_GET, STUDY_ROOT_FIND, roles=BOTH_ROLES
    )
    keys = {"StudyInstanceUID": "", "NumberOfStudyRelatedInstances": ""}
    for study in (1, 9, *range(11, 17)):
        keys = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": study_uid(study)}
        client.kept.clear()
        answer = client.query(link, STUDY_ROOT_GET, C_GET, **keys)
        digests = sorted(hashlib.sha1(data).hexdigest() for _, _, data in client.kept)
        yield f"get study {study}", [answer, digests]
    keys = {"QueryRetrieveLevel": "SERIES", "StudyInstanceUID": study_uid(1)}
    keys |= {"SeriesInstanceUID": "", "NumberOfSeriesRelatedInstances": ""}
    yield "series", client.query(link, STUDY_ROOT_FIND, C_FIND, **keys)


STUDY = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": ""}
SERIES = {"QueryRetrieveLevel": "SERIES", "StudyInstanceUID": study_uid(1), "SeriesInstanceUID": ""}
IMAGE = {
    "QueryRetrieveLevel": "IMAGE",
    "StudyInstanceUID": study_uid(1),
    "SeriesInstanceUID": study_uid(1) + ".1",
    "SOPInstanceUID": "",
}
RETURNED = {
    "PatientName": "", "PatientID": "", "StudyDate": "", "StudyTime": "", "AccessionNumber": "",
    "StudyID": "", "StudyDescription": "", "ModalitiesInStudy": "", "PatientBirthDate": "",
    "NumberOfStudyRelatedSeries": "", "NumberOfStudyRelatedInstances": "",
    "NumberOfPatientRelatedStudies": "",
}  # fmt: skip
QUERIES: list[dict[str, str]] = [
    {"PatientName": "Doe^John"}, {"PatientName": "DOE^JOHN"}, {"PatientName": "Doe^*"},
    {"PatientName": "*"}, {"PatientName": "Buc^J?r?me"}, {"PatientName": "Buc^Jérôme"},
    {"PatientName": "Doe^Jo?n"}, {"PatientName": "王^*"}, {"PatientName": "Wang*"},
    {"PatientName": "oe^Joh"}, {"PatientID": "P1"}, {"PatientID": "p1"}, {"PatientID": "P1*"},
    {"PatientID": "P?"}, {"PatientID": "P1?"},
    {"AccessionNumber": "AB1"}, {"AccessionNumber": "AB1*"}, {"AccessionNumber": "*B1"},
    {"AccessionNumber": "A?"}, {"AccessionNumber": "A.*"}, {"AccessionNumber": "*"},
    {"AccessionNumber": "AB1?"}, {"AccessionNumber": "NOTHING"}, {"AccessionNumber": "AB?"},
    {"StudyDate": "20240110"}, {"StudyDate": "20240110-20240131"}, {"StudyDate": "-20240112"},
    {"StudyDate": "20240131-"}, {"StudyTime": "101500-120000"}, {"StudyTime": "1800-"},
    {"StudyTime": "1016-1159"},
    {"StudyTime": "101500"}, {"StudyID": "S1"},
    {"StudyInstanceUID": study_uid(1)}, {"StudyInstanceUID": f"{study_uid(11)}\\{study_uid(12)}"},
    {"StudyInstanceUID": "2.25.1000.*"}, {"ModalitiesInStudy": "MR"},
    {"PatientID": "P1", "AccessionNumber": "AB12", "StudyDate": "20240101-20240131"},
]  # fmt: skip


def find(archive: ArchiveSCP, client: Client) -> Walk:
    """Queries at every level; where the archive pauses, a C-CANCEL instead."""
    for each in population():
        archive.holdings.keep(each)
    link = client.associate(VERIFICATION, STUDY_ROOT_FIND, PATIENT_ROOT_FIND)
    if archive.settings.answer_pause:
        yield "cancel", _cancelled(client, link, C_FIND, STUDY_ROOT_FIND, STUDY, 5)
        yield "echo", client.echo(link)
        return
    for keys in ({}, *QUERIES):
        identifier = STUDY | RETURNED | keys
        yield f"{keys}", client.query(link, STUDY_ROOT_FIND, C_FIND, **identifier)
        yield f"echo after {keys}", client.echo(link)
    others = [
        (
            "series",
            SERIES | {"Modality": "", "SeriesNumber": "", "NumberOfSeriesRelatedInstances": ""},
        ),
        ("one modality", SERIES | {"Modality": "MR"}),
        ("one series", SERIES | {"SeriesNumber": "1"}),
        ("series by UID", SERIES | {"SeriesInstanceUID": study_uid(1) + ".2"}),
        ("images", IMAGE | {"InstanceNumber": "", "SOPClassUID": ""}),
        ("one image", IMAGE | {"InstanceNumber": "2"}),
        ("image by UID", IMAGE | {"SOPInstanceUID": study_uid(1) + ".1.3"}),
        ("no upper key", {"QueryRetrieveLevel": "SERIES", "SeriesInstanceUID": ""}),
        ("no level", {"StudyInstanceUID": ""}),
        ("no such level", STUDY | {"QueryRetrieveLevel": "EXAM"}),
        ("patient in Study Root", {"QueryRetrieveLevel": "PATIENT", "PatientID": ""}),
    ]
    for name, identifier in others:
        yield name, client.query(link, STUDY_ROOT_FIND, C_FIND, **identifier)
    patient = {"QueryRetrieveLevel": "PATIENT", "PatientID": "P1", "PatientName": ""}
    yield "patient", client.query(link, PATIENT_ROOT_FIND, C_FIND, **patient)
    of_one = STUDY | {"PatientID": "P1"}
    yield "studies of one", client.query(link, PATIENT_ROOT_FIND, C_FIND, **of_one)
    yield "echo", client.echo(link)


def _cancelled(
    client: Client, link: Link, field: int, sop_class: str, keys: dict[str, str], enough: int
) -> Any:
    """Cancel after the first Pending response: whether it ended early, and how."""
    cancel = {"CommandField": C_CANCEL, "MessageIDBeingRespondedTo": 7}
    cancel["CommandDataSetType"] = NO_DATA_SET
    context = next(each for each in link.contexts.values() if each.abstract_syntax == sop_class)
    client.on_pending = lambda: link.send(context.id, cancel)
    answers = client.query(link, sop_class, field, **keys)
    final = [each for each in answers[-2] if isinstance(each, list)] if len(answers) > 1 else []
    counted = [key for each in final for key, _ in each]
    status = [value for each in final for key, value in each if key == "Status"]
    return [len(answers) < enough, status, counted, str(answers[-1])[:5]]


def _statuses(status: int, *numbers: tuple[int, int]) -> dict[str, int]:
    return {f"{study_uid(1)}.{series}.{instance}": status for series, instance in numbers}


ALL = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]
RETRIEVES: list[tuple[str, dict[str, str], dict[str, int]]] = [
    ("study", {"StudyInstanceUID": study_uid(1)}, {}),
    ("small study", {"StudyInstanceUID": study_uid(15)}, {}),
    ("studies", {"StudyInstanceUID": f"{study_uid(11)}\\{study_uid(12)}"}, {}),
    ("series", {"QueryRetrieveLevel": "SERIES", "StudyInstanceUID": study_uid(1),
                "SeriesInstanceUID": f"{study_uid(1)}.1"}, {}),
    ("image", IMAGE | {"SOPInstanceUID": f"{study_uid(1)}.1.2"}, {}),
    ("no key", {}, {}),
    ("no level", {"QueryRetrieveLevel": "", "StudyInstanceUID": study_uid(1)}, {}),
    ("no such study", {"StudyInstanceUID": "2.25.4711"}, {}),
    ("one fails", {"StudyInstanceUID": study_uid(1)}, _statuses(0xA700, (1, 2))),
    ("two fail", {"StudyInstanceUID": study_uid(1)}, _statuses(0xC000, (1, 2), (2, 1))),
    ("one warns", {"StudyInstanceUID": study_uid(1)}, _statuses(0xB000, (1, 2))),
    ("all fail", {"StudyInstanceUID": study_uid(1)}, _statuses(0xA700, *ALL)),
]  # fmt: skip


def _ready_to_retrieve(archive: ArchiveSCP) -> None:
    for each in population():
        if each.key("SERIES").endswith("1.2"):  # one series in another transfer syntax
            data = write_data_set(read_data_set(each.data, EXPLICIT), NATIVE[3])
            each = replace(each, syntax=NATIVE[3], data=data)
        archive.holdings.keep(each)


def move(archive: ArchiveSCP, client: Client) -> Walk:
    """Moves of every kind, to destinations good and bad."""
    _ready_to_retrieve(archive)
    with Destination("FIRST") as first, Destination("SECOND") as second:
        second.settings = replace(second.settings, syntaxes=(EXPLICIT, IMPLICIT))
        closed = socket.create_server(("127.0.0.1", 0))
        address = closed.getsockname()
        closed.close()
        archive.destinations = {
            "FIRST": ("127.0.0.1", first.port),
            "SECOND": ("127.0.0.1", second.port),
            "DOWN": address,
        }
        link = client.associate(VERIFICATION, STUDY_ROOT_MOVE)
        if archive.settings.sub_operation_pause:
            keys = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": study_uid(1), "to": "SECOND"}
            yield "cancel", _cancelled(client, link, C_MOVE, STUDY_ROOT_MOVE, keys, 4)
            yield "echo", client.echo(link)
            return
        for name, keys, refused in RETRIEVES:
            second.refuse = refused
            keys = {"QueryRetrieveLevel": "STUDY", "to": "SECOND"} | keys
            answer = client.query(link, STUDY_ROOT_MOVE, C_MOVE, **keys)
            yield f"move {name}", [answer, list(second.received), list(first.received)]
            yield f"echo after {name}", client.echo(link)
            second.received.clear()
        for title in ("DOWN", "NOBODY"):
            keys = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": study_uid(1), "to": title}
            yield f"move to {title}", client.query(link, STUDY_ROOT_MOVE, C_MOVE, **keys)
            yield f"echo after {title}", client.echo(link)


def get(archive: ArchiveSCP, client: Client) -> Walk:
    """Gets of every kind, with and without contexts and roles for what comes."""
    _ready_to_retrieve(archive)
    classes = (VERIFICATION, STUDY_ROOT_GET, CT, MR, SC)
    link = client.associate(*classes, roles=BOTH_ROLES)
    yield "associate", described(link)
    if archive.settings.sub_operation_pause:
        keys = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": study_uid(1)}
        yield "cancel", _cancelled(client, link, C_GET, STUDY_ROOT_GET, keys, 4)
        yield "echo", client.echo(link)
        return
    for name, keys, refused in RETRIEVES:
        client.refuse = refused
        yield f"get {name}", _got(client, link, keys)
        yield f"echo after {name}", client.echo(link)
    client.refuse = {}
    without_mr = client.associate(VERIFICATION, STUDY_ROOT_GET, CT, roles=BOTH_ROLES)
    yield "get without a context", _got(client, without_mr, {"StudyInstanceUID": study_uid(1)})
    without_roles = client.associate(VERIFICATION, STUDY_ROOT_GET, CT, MR)
    yield "get without roles", _got(client, without_roles, {"StudyInstanceUID": study_uid(1)})


def _got(client: Client, link: Link, keys: dict[str, str]) -> Any:
    client.kept.clear()
    keys = {"QueryRetrieveLevel": "STUDY"} | keys
    answer = client.query(link, STUDY_ROOT_GET, C_GET, **keys)
    kept = [
        (context_id, sorted(command.items()), hashlib.sha1(data).hexdigest())
        for context_id, command, data in client.kept
    ]
    return [answer, kept]


WALKS: dict[str, Callable[[ArchiveSCP, Client], Walk]] = {
    "association": association,
    "verify": association,
    "store": store,
    "find": find,
    "move": move,
    "get": get,
}
