"""TLS from both ends, and every way it goes wrong told in words (PS3.15 Annex B)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support import TlsFiles, make_tls_files

from dicomtest.dimse import TlsSettings
from dicomtest.errors import SetupError

from .conftest import LIMITS, SECONDARY_CAPTURE, Net, an_image


@pytest.fixture
def client(tls_files: TlsFiles) -> TlsSettings:
    return TlsSettings(
        ca=str(tls_files.authority),
        certificate=str(tls_files.client_certificate),
        key=str(tls_files.client_key),
    )


@pytest.fixture
def server(tls_files: TlsFiles) -> TlsSettings:
    return TlsSettings(
        ca=str(tls_files.authority),
        certificate=str(tls_files.server_certificate),
        key=str(tls_files.server_key),
    )


def test_our_two_ends_over_tls(net: Net, client: TlsSettings, server: TlsSettings, tmp_path: Path):
    listener = net.listen("OURS", tls=server)
    data = an_image(1, 1500)
    with net.associate(listener, SECONDARY_CAPTURE, tls=client) as requestor:
        for _ in range(3):
            sent = requestor.store(data, sop_class=SECONDARY_CAPTURE, sop_instance="1.2.3")
            assert sent.status == 0

    assert requestor.association.tls == "TLSv1.3"
    assert net.recorder.recorded[1].tls == "TLSv1.3"
    assert requestor.association.ended == "released"
    for kept in (tmp_path / "spool-0").iterdir():
        assert kept.read_bytes().endswith(data.read())


def test_dcmtk_over_tls(
    net: Net,
    client: TlsSettings,
    server: TlsSettings,
    tls_files: TlsFiles,
    storescp: Callable,
    dcmtk: Callable,
):
    peer = storescp(options=tls_files.dcmtk_server)
    with net.associate(peer, SECONDARY_CAPTURE, tls=client) as requestor:
        sent = requestor.store(
            an_image(1, 800),
            sop_class=SECONDARY_CAPTURE,
            sop_instance="1.2.826.0.1.3680043.8.498.1.1",
        )
    assert sent.status == 0

    listener = net.listen("OURS", tls=server)
    echo = dcmtk(
        "echoscu", *tls_files.dcmtk_client, "-aec", "OURS", "127.0.0.1", str(listener.port)
    )
    assert echo.exit_code == 0, echo


def test_a_name_is_compared_where_one_is_given(net: Net, client: TlsSettings, server: TlsSettings):
    listener = net.listen("OURS", tls=server)

    right = net.associate(listener, tls=replace(client, hostname="localhost"))
    wrong = net.associate(listener, tls=replace(client, hostname="pacs.example"))

    assert right.established
    assert wrong.association.outcome == "tls failed"
    assert "certificate was refused" in wrong.association.why
    assert "pacs.example" in wrong.association.why


def test_an_untrusted_server_is_refused_unless_told_otherwise(
    net: Net, client: TlsSettings, server: TlsSettings, tmp_path: Path
):
    other = make_tls_files(tmp_path / "other")
    listener = net.listen("OURS", tls=replace(server, verify=False))
    stranger = replace(client, ca=str(other.authority))

    refused = net.associate(listener, tls=stranger)
    trusting = net.associate(listener, tls=replace(stranger, verify=False))

    assert refused.association.outcome == "tls failed"
    assert "certificate was refused" in refused.association.why
    assert "Give the CA" in refused.association.why
    assert trusting.established


def test_an_untrusted_client_is_told(
    net: Net, client: TlsSettings, server: TlsSettings, tmp_path: Path
):
    other = make_tls_files(tmp_path / "other")
    stranger = replace(client, certificate=str(other.client_certificate), key=str(other.client_key))
    requestor = net.associate(net.listen("OURS", tls=server), tls=stranger)

    assert requestor.association.outcome == "tls failed"
    assert "does not trust our certificate" in requestor.association.why
    assert net.recorder.wait_for(lambda known: known[1].outcome == "tls failed", 5)


def test_a_missing_client_certificate_is_told(net: Net, client: TlsSettings, server: TlsSettings):
    listener = net.listen("OURS", tls=server)
    requestor = net.associate(listener, tls=TlsSettings(ca=client.ca))

    assert requestor.association.outcome == "tls failed"
    assert "client certificate" in requestor.association.why


@pytest.mark.parametrize("kind", ["ours", "storescp", "orthanc"])
def test_tls_to_a_clear_text_port_is_told(
    net: Net, client: TlsSettings, request: pytest.FixtureRequest, kind: str
):
    peer = net.listen("OURS") if kind == "ours" else request.getfixturevalue(kind)()
    requestor = net.associate(peer, tls=client, limits=replace(LIMITS, connect=3))

    assert requestor.association.outcome == "tls failed"
    assert "clear text" in requestor.association.why
    assert requestor.echo().ending == "not sent"


@pytest.mark.parametrize("kind", ["ours", "storescp"])
def test_clear_text_to_a_tls_port_is_told(
    net: Net, server: TlsSettings, tls_files: TlsFiles, storescp: Callable, kind: str
):
    peer = (
        net.listen("OURS", tls=server)
        if kind == "ours"
        else storescp(options=tls_files.dcmtk_server)
    )
    requestor = net.associate(peer)

    assert requestor.association.outcome in ("tls failed", "aborted")
    assert "TLS" in requestor.association.why


def test_files_that_cannot_be_used_are_told(net: Net, client: TlsSettings, tmp_path: Path):
    listener = net.listen("OURS")
    (tmp_path / "empty.pem").write_text("", encoding="utf-8")

    for wrong in (
        replace(client, ca=str(tmp_path / "missing.pem")),
        replace(client, key=str(tmp_path / "empty.pem")),
        replace(client, certificate=None, ca=str(tmp_path / "empty.pem")),
    ):
        with pytest.raises(SetupError, match="cannot be used"):
            net.associate(listener, tls=wrong)
    with pytest.raises(SetupError, match="needs a certificate"):
        net.listen("OURS", tls=TlsSettings())
