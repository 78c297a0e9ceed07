"""doctor: what it says of a system that is sound, and of each way to be unreachable."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from dicomtest import dimse
from dicomtest.actors import simulator_class
from dicomtest.actors.simulator import Setting
from dicomtest.cli import main
from dicomtest.evidence import Player
from dicomtest.spec.profile import load_profile

VERIFICATION = "1.2.840.10008.1.1"
SYNTAXES = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@pytest.fixture
def ports() -> SimpleNamespace:
    """Ports of our simulators."""
    modality, workstation = free_ports(2)
    return SimpleNamespace(modality=modality, workstation=workstation)


@pytest.fixture
def doctor(tmp_path: Path, ports, capsys) -> Callable[..., SimpleNamespace]:
    """Examine a site with one PACS."""

    def examine(port: int, *options: str, host: str = "127.0.0.1", more: str = ""):
        path = tmp_path / "site.yaml"
        path.write_text(
            f"site: S\nsystems:\n  pacs: {{ae_title: SUT, host: {host}, port: {port}{more}}}\n"
            f"simulators:\n  modality: {{port: {ports.modality}}}\n"
            f"  workstation: {{port: {ports.workstation}}}\n",
            encoding="utf-8",
        )
        status = main(["doctor", "--site", str(path), *options])
        out, err = capsys.readouterr()
        return SimpleNamespace(status=status, out=" ".join(out.split()), err=err)

    return examine


@pytest.fixture
def pacs(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """Start our simulated PACS as the system under test; gives its port."""
    with ExitStack() as stack:

        def start(**destinations: int) -> int:
            known = {
                name: dimse.Remote(name, "127.0.0.1", port) for name, port in destinations.items()
            }
            setting = Setting(
                player=Player("pacs", True, "SUT", "127.0.0.1", None),
                profile=load_profile("pacs"),
                recorder=dimse.Recorder(),
                spool=tmp_path / "sut",
                limits=dimse.Limits(connect=5, association=5, response=10),
                directory=known.get,
            )
            return stack.enter_context(simulator_class("pacs")(setting)).port

        yield start


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """Start an AE that knows C-ECHO only, with some policy; gives its port."""
    with ExitStack() as stack:

        def start(**policy: object) -> int:
            made = dimse.Listener(
                "SUT",
                supported=[dimse.Supported(VERIFICATION, SYNTAXES)],
                handlers=dimse.Handlers(echo=lambda _incoming: dimse.Answer(0x0000)),
                recorder=dimse.Recorder(),
                spool=tmp_path / "listener",
                policy=dimse.Policy(**policy),
            )
            return stack.enter_context(made).port

        yield start


def test_a_sound_pacs_that_knows_us_is_ready(doctor, pacs, ports):
    said = doctor(pacs(DT_WS=ports.workstation))

    assert said.status == 0, said.out
    assert "C-ECHO as DT_MOD: Success" in said.out
    assert "C-ECHO as DT_WS: Success" in said.out
    assert "Study Root Query/Retrieve: C-FIND, C-MOVE, C-GET" in said.out
    assert "the system knows the destination DT_WS" in said.out
    assert "Nothing is in the way." in said.out
    assert "C-STORE" not in said.out


def test_every_class_and_syntax_of_the_profile_is_asked_for(doctor, pacs):
    said = doctor(pacs(), "--verbose")

    count = sum(
        each.uid.startswith("1.2.840.10008.5.1.4.1.1.")
        for each in load_profile("modality").sop_classes
    )
    assert f"storage: {count} of {count} SOP classes accepted" in said.out
    assert "CTImageStorage: ExplicitVRLittleEndian" in said.out
    assert "JPEG2000Lossless" in said.out


def test_an_unknown_move_destination_is_to_be_registered(doctor, pacs, ports):
    said = doctor(pacs())

    assert said.status == 1
    assert "does not know the destination DT_WS (A801)" in said.out
    assert f"AE title DT_WS with host 127.0.0.1 and port {ports.workstation}" in said.out


def test_with_store_an_object_makes_the_way_there_and_back(doctor, pacs, ports):
    said = doctor(pacs(DT_WS=ports.workstation, DT_MOD=ports.modality), "--store")

    assert said.status == 0, said.out
    assert "the object arrived at DT_WS" in said.out
    assert "left behind: patient ID DT" in said.out


def test_with_store_a_destination_registered_at_another_port_is_found_out(doctor, pacs, ports):
    (wrong,) = free_ports(1)

    said = doctor(pacs(DT_WS=wrong, DT_MOD=ports.modality), "--store")

    assert said.status == 1
    assert "the object did not arrive" in said.out
    assert "nobody connected to us: register in SUT the AE title DT_WS" in said.out


def test_with_store_a_report_that_does_not_arrive_is_found_out(doctor, pacs, ports):
    said = doctor(pacs(DT_WS=ports.workstation), "--store")

    assert said.status == 0  # who needs no storage commitment may go on
    assert "storage commitment as DT_MOD: no report came within 5 s" in said.out
    assert f"AE title DT_MOD with host 127.0.0.1 and port {ports.modality}, and let" in said.out


@pytest.mark.parametrize(
    ("reject", "words", "fix"),
    [
        ((1, 1, 1), "no reason given", "look in the log"),
        ((1, 1, 2), "application context name not supported", "is this a DICOM port"),
        ((1, 1, 3), "calling AE title not recognized", "register in SUT the AE title DT_MOD"),
        ((1, 1, 7), "called AE title not recognized", "correct `ae_title` in the site file"),
        ((1, 2, 1), "no reason given", "look in the log"),
        ((1, 2, 2), "protocol version not supported", "protocol version 1"),
        ((2, 3, 1), "temporary congestion", "try again later"),
        ((2, 3, 2), "local limit exceeded", "raise its limit"),
    ],
)
def test_each_reject_reason_is_said_in_words_with_what_mends_it(
    doctor, listener, reject, words, fix
):
    said = doctor(listener(reject=reject))

    assert said.status == 1
    how = "permanently" if reject[0] == 1 else "for the moment"
    assert f"FAIL association DT_MOD to SUT: rejected {how}" in said.out
    assert words in said.out
    assert fix in said.out.partition("To mend")[2]


def test_an_abort_in_place_of_an_answer_is_named(doctor, listener):
    said = doctor(listener(abort=True))

    assert said.status == 1
    assert "association DT_MOD to SUT: aborted by" in said.out


def test_silence_ends_at_the_time_limit_of_the_site(doctor, listener):
    said = doctor(listener(silent=True), more=", limits: {association: 200 ms}")

    assert said.status == 1
    assert "no answer to A-ASSOCIATE-RQ within 0.2 s" in said.out
    assert "DT_WS to SUT" not in said.out


def test_nothing_listening_is_named(doctor):
    said = doctor(free_ports(1)[0])

    assert said.status == 1
    assert "refused -> nothing listens there" in said.out


def test_an_unknown_host_is_named(doctor):
    said = doctor(104, host="nowhere.invalid")

    assert said.status == 1
    assert "unknown host nowhere.invalid -> correct `host` in the site file" in said.out


def test_a_clear_port_reached_with_tls_is_named(doctor, listener):
    said = doctor(listener(), more=", tls: {verify: false}, limits: {connect: 2 s}")

    assert said.status == 1
    assert "FAIL TLS:" in said.out


def test_a_port_of_ours_that_is_taken_is_named(doctor, pacs, ports):
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports.workstation))
        other.listen()

        said = doctor(pacs())

    assert said.status == 1
    assert f"Port {ports.workstation} on 127.0.0.1 is taken by another program" in said.out
    assert "C-MOVE is not tried" in said.out


def test_a_system_without_storage_and_query_is_warned_of(doctor, listener):
    said = doctor(listener())

    assert said.status == 0
    assert "storage: 0 of" in said.out
    assert "no Query/Retrieve model is accepted" in said.out
    assert "C-MOVE is not accepted" in said.out


def test_classes_that_are_not_claimed_are_not_asked_for_again(doctor, listener):
    said = doctor(listener(), more=", claims: {sop_classes: [ct]}")

    assert "not accepted though the site file says it is claimed: CTImageStorage" in said.out
    assert "used by scenarios" not in said.out


def test_its_listeners_are_closed_afterwards(doctor, pacs, ports):
    before = threading.active_count()

    doctor(pacs(DT_WS=ports.workstation))

    with socket.socket() as again:
        again.bind(("127.0.0.1", ports.modality))
    assert threading.active_count() <= before + 1  # the system under test still runs
