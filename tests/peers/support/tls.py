"""Keys and certificates for a test, made by openssl."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from support.clients import run
from support.programs import environment, program


@dataclass(frozen=True)
class TlsFiles:
    """PEM files: an authority that signed a server and a client (localhost, 127.0.0.1)."""

    authority: Path
    server_certificate: Path
    server_key: Path
    client_certificate: Path
    client_key: Path

    @property
    def server(self) -> dict[str, Path]:
        """The `tls` option of Orthanc."""
        return {
            "certificate": self.server_certificate,
            "key": self.server_key,
            "authority": self.authority,
        }

    @property
    def dcmtk_client(self) -> list[str]:
        """Options of echoscu, storescu and findscu."""
        identity = [str(self.client_key), str(self.client_certificate)]
        return ["+tls", *identity, "+cf", str(self.authority)]

    @property
    def dcmtk_server(self) -> list[str]:
        """Options of storescp and dcmrecv."""
        identity = [str(self.server_key), str(self.server_certificate)]
        return ["+tls", *identity, "+cf", str(self.authority)]


def make_tls_files(folder: Path) -> TlsFiles:
    """Make an authority, a server and a client, valid for a day; raises Missing."""
    openssl = program("openssl")
    folder.mkdir(parents=True, exist_ok=True)
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"]

    def certify(name: str, *more: str) -> None:
        files = ["-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "1"]
        ran = run(
            [openssl, "req", "-x509", *new_key, *files, "-subj", f"/CN=dicomtest {name}", *more],
            folder=folder,
            env=environment(),
        )
        assert ran.exit_code == 0, str(ran)

    certify("authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    signed = [
        *("-CA", "authority.pem", "-CAkey", "authority.key"),
        *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        *("-addext", "basicConstraints=critical,CA:FALSE"),
    ]
    certify("server", *signed)
    certify("client", *signed)
    return TlsFiles(
        authority=folder / "authority.pem",
        server_certificate=folder / "server.pem",
        server_key=folder / "server.key",
        client_certificate=folder / "client.pem",
        client_key=folder / "client.key",
    )
