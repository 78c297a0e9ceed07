"""Orthanc: a PACS with worklist, storage commitment and DICOMweb."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from support.network import free_port
from support.process import Peer
from support.programs import orthanc_plugin, program


class Orthanc(Peer):
    """One Orthanc with a database of its own in `folder`.

    `modalities` are its move destinations and peers: AE title -> (host, port), or the whole entry
    of Orthanc's DicomModalities. `settings` go into its configuration as they are.
    """

    name = "orthanc"

    def __init__(
        self,
        folder: Path,
        *,
        ae_title: str = "ORTHANC",
        modalities: Mapping[str, tuple[str, int] | Mapping[str, Any]] | None = None,
        encoding: str = "Utf8",
        overwrite: bool = True,
        plugins: Sequence[str] = (),
        tls: Mapping[str, Path] | None = None,
        settings: Mapping[str, Any] | None = None,
        nagle: bool = False,
    ) -> None:
        super().__init__(folder, ae_title=ae_title, nagle=nagle)
        self.modalities = {name: _modality(name, of) for name, of in (modalities or {}).items()}
        self.encoding = encoding
        self.overwrite = overwrite
        self.plugins = tuple(plugins)
        self.tls = tls
        self.settings = dict(settings or {})
        self.http_port = 0
        self.worklists = folder / "worklists"
        self._direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def prepare(self) -> None:
        self.http_port = free_port()
        self.worklists.mkdir(exist_ok=True)
        database = str(self.folder / "database")
        configuration = {
            "Name": "dicomtest peer",
            "StorageDirectory": database,
            "IndexDirectory": database,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "HttpPort": self.http_port,
            "DicomAet": self.ae_title,
            "DicomPort": self.port,
            "DicomCheckCalledAet": True,
            "DicomCheckModalityHost": False,
            **{f"DicomAlwaysAllow{service}": True for service in _ALLOWED},
            "UnknownSopClassAccepted": False,
            "OverwriteInstances": self.overwrite,
            "DefaultEncoding": self.encoding,
            "DicomModalities": self.modalities,
            "Plugins": [orthanc_plugin(name) for name in self.plugins],
            **_plugin_settings(self.plugins, self.worklists),
            **_tls_settings(self.tls),
            **self.settings,
        }
        text = json.dumps(configuration, indent=1)
        (self.folder / "orthanc.json").write_text(text, encoding="utf-8")

    def command(self) -> list[str]:
        return [program("Orthanc"), "--verbose", str(self.folder / "orthanc.json")]

    def ports(self) -> tuple[int, ...]:
        return self.port, self.http_port

    def ready(self) -> bool:
        try:
            return bool(self.rest("/system"))
        except urllib.error.URLError:
            return False

    def rest(self, path: str, body: Any = None, *, method: str = "") -> Any:
        """Call the REST interface; gives the JSON of the answer, or its text."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.http_port}{path}",
            data=data,
            method=method or ("GET" if body is None else "POST"),
        )
        with self._direct.open(request, timeout=60) as answer:
            text = answer.read().decode()
        try:
            return json.loads(text)
        except ValueError:
            return text

    def add_modality(self, ae_title: str, port: int, host: str = "127.0.0.1", **more: Any) -> None:
        """Make a peer known while running: a move destination, a receiver of commitments."""
        self.rest(f"/modalities/{ae_title}", _modality(ae_title, (host, port)) | more, method="PUT")

    def statistics(self) -> dict[str, Any]:
        """CountInstances, CountStudies and others."""
        return dict(self.rest("/statistics"))

    def clear(self) -> None:
        """Delete every study."""
        for study in self.rest("/studies"):
            self.rest(f"/studies/{study}", method="DELETE")


_ALLOWED = ("Echo", "Store", "Find", "FindWorklist", "Get", "Move")


def _modality(ae_title: str, of: tuple[str, int] | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(of, Mapping):
        return {"AET": ae_title, "Host": "127.0.0.1", **of}
    host, port = of
    return {"AET": ae_title, "Host": host, "Port": port, "AllowStorageCommitment": True}


def _plugin_settings(plugins: Sequence[str], worklists: Path) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if "ModalityWorklists" in plugins:
        settings["Worklists"] = {"Enable": True, "Database": str(worklists)}
    if "OrthancDicomWeb" in plugins:
        settings["DicomWeb"] = {"Enable": True, "Root": "/dicom-web/"}
    return settings


def _tls_settings(tls: Mapping[str, Path] | None) -> dict[str, Any]:
    if tls is None:
        return {}
    return {
        "DicomTlsEnabled": True,
        "DicomTlsCertificate": str(tls["certificate"]),
        "DicomTlsPrivateKey": str(tls["key"]),
        "DicomTlsTrustedCertificates": str(tls["authority"]),
        "DicomTlsRemoteCertificateRequired": True,
    }
