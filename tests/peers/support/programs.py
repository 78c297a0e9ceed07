"""Where the independent programs are, and how to get the missing ones."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parents[1]
NODE_SCRIPTS = HERE / "node"
ODIL_SCRIPTS = HERE / "odil"
SYSTEM_PYTHON = "/usr/bin/python3"  # the only one that sees Debian's python3-odil

DEBIAN_PACKAGES = {
    "Orthanc": "orthanc",
    "odil": "odil",
    "node": "nodejs",
    "dciodvfy": "dicom3tools",
    "openssl": "openssl",
}


class Missing(Exception):
    """A program that a test needs is not installed; the text says how to get it."""


def program(name: str) -> str:
    """Path of a program; raises Missing."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if found is None:
        package = DEBIAN_PACKAGES.get(name, "dcmtk")
        raise Missing(f"no {name}: apt-get install --no-install-recommends {package}")
    return found


def dcmtk_program(name: str) -> str:
    """Path of one of DCMTK's programs, never of pynetdicom's of the same name; raises Missing."""
    debian = Path("/usr/bin") / name
    return str(debian) if debian.is_file() else program(name)


def orthanc_plugin(name: str) -> str:
    """Path of a plugin of Orthanc, such as `ModalityWorklists`; raises Missing."""
    path = Path("/usr/share/orthanc/plugins") / f"lib{name}.so"
    if not path.exists():
        raise Missing(f"no {path}: apt-get install orthanc orthanc-dicomweb")
    return str(path)


def node_modules() -> Path:
    """Folder that holds dcmjs-dimse; raises Missing."""
    places = [os.environ.get("DICOMTEST_NODE", ""), *os.environ.get("NODE_PATH", "").split(":")]
    for place in (NODE_SCRIPTS / "node_modules", *(Path(each) for each in places if each)):
        for folder in (place, place / "node_modules"):
            if (folder / "dcmjs-dimse" / "package.json").is_file():
                return folder
    raise Missing(f"no dcmjs-dimse: (cd {NODE_SCRIPTS} && npm ci --ignore-scripts)")


def environment(*, nagle: bool = False, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment of a peer.

    DCMTK as Debian builds it leaves Nagle's algorithm on and stalls 40 ms a message, unless
    TCP_NODELAY is set in its environment; `nagle` keeps the stalling default.
    """
    kept = {key: value for key, value in os.environ.items() if key != "TCP_NODELAY"}
    return {**kept, **({} if nagle else {"TCP_NODELAY": "1"}), "LC_ALL": "C.UTF-8", **(more or {})}
