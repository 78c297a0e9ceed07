"""doctor on systems that are not ours: what it says is true of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import support

from dicomtest.cli import main

Doctor = Callable[..., SimpleNamespace]


@pytest.fixture
def workstation() -> int:
    """Port of our C-MOVE destination DT_WS."""
    return support.free_port()


@pytest.fixture
def modality() -> int:
    """Port of our modality DT_MOD."""
    return support.free_port()


@pytest.fixture
def doctor(
    tmp_path: Path, workstation: int, modality: int, capsys: pytest.CaptureFixture[str]
) -> Doctor:
    """Examine a site with this system as its PACS."""

    def examine(peer: support.Peer, *options: str, ae_title: str = "", more: str = ""):
        path = tmp_path / "site.yaml"
        path.write_text(
            "site: S\nsystems:\n"
            f"  pacs: {{ae_title: {ae_title or peer.ae_title}, host: 127.0.0.1, port: {peer.port}"
            f"{more}}}\nsimulators:\n  modality: {{port: {modality}}}\n"
            f"  workstation: {{port: {workstation}}}\n",
            encoding="utf-8",
        )
        status = main(["doctor", "--site", str(path), *options])
        return SimpleNamespace(status=status, out=" ".join(capsys.readouterr().out.split()))

    return examine


def test_orthanc_is_ready_and_sends_back_what_it_was_given(doctor, orthanc, workstation, modality):
    ours = {"DT_WS": ("127.0.0.1", workstation), "DT_MOD": ("127.0.0.1", modality)}
    pacs = orthanc(modalities=ours)

    said = doctor(pacs, "--store")

    assert said.status == 0, said.out
    assert "OFFIS_DCMTK_367" in said.out
    assert "Patient Root Query/Retrieve: C-FIND, C-MOVE, C-GET" in said.out
    assert "the object arrived at DT_WS" in said.out
    assert "storage commitment as DT_MOD: the report arrived on an association of its" in said.out
    assert pacs.statistics()["CountInstances"] == 1


def test_without_store_nothing_is_left_in_orthanc_and_nothing_is_alleged(doctor, orthanc):
    pacs = orthanc(modalities={})

    said = doctor(pacs)

    assert said.status == 0, said.out
    assert "only --store, or the run, shows whether it is known" in said.out
    assert pacs.statistics()["CountInstances"] == 0


def test_with_store_it_comes_out_that_orthanc_does_not_know_us(
    doctor, orthanc, workstation, modality
):
    said = doctor(orthanc(modalities={}), "--store")

    assert said.status == 1
    assert "storage commitment as DT_MOD: N-ACTION: aborted" in said.out
    assert f"AE title DT_MOD with host 127.0.0.1 and port {modality}, for storage" in said.out
    assert f"AE title DT_WS with host 127.0.0.1 and port {workstation}" in said.out


def test_orthanc_called_by_another_name_rejects_us(doctor, orthanc):
    said = doctor(orthanc(), ae_title="PACS")

    assert said.status == 1
    assert "called AE title not recognized" in said.out
    assert "another AE title than PACS: correct `ae_title`" in said.out


def test_dcmqrscp_is_ready_and_sends_back_what_it_was_given(doctor, dcmqrscp, workstation):
    said = doctor(dcmqrscp(hosts={"DT_WS": ("127.0.0.1", workstation)}), "--store")

    assert said.status == 0, said.out
    assert "ExplicitVRLittleEndian, ImplicitVRLittleEndian" in said.out
    assert "the object arrived at DT_WS" in said.out


def test_with_store_it_comes_out_that_dcmqrscp_does_not_know_us(doctor, dcmqrscp):
    said = doctor(dcmqrscp(hosts={}), "--store")

    assert said.status == 1
    assert "AE title DT_WS with host 127.0.0.1" in said.out


def test_storescp_is_no_archive_and_that_is_said(doctor, storescp):
    said = doctor(storescp())

    assert said.status == 0
    assert "no Query/Retrieve model is accepted" in said.out


def test_tls_is_tried_as_the_site_says_and_each_fault_is_told_apart(doctor, orthanc, tls_files):
    pacs = orthanc(tls=tls_files.server)
    own = f"certificate: {tls_files.client_certificate}, key: {tls_files.client_key}"
    ca = f"ca: {tls_files.authority}"

    ready = doctor(pacs, more=f", tls: {{{ca}, {own}}}")
    clear = doctor(pacs)
    anonymous = doctor(pacs, more=f", tls: {{{ca}}}")
    untrusted = doctor(pacs, more=f", tls: {{{own}}}")

    assert ready.status == 0, ready.out
    assert "ok TLS with TLSv1." in ready.out
    assert [clear.status, anonymous.status, untrusted.status] == [1, 1, 1]
    assert "the port speaks TLS" in clear.out or "may speak TLS only" in clear.out
    assert "client certificate" in anonymous.out
    assert "certificate" in untrusted.out.partition("FAIL TLS:")[2]
