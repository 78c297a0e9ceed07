"""The whole of `pacs-storage` against Orthanc: wire, waiting for the peer, the harness itself.

    python tests/benchmarks/pacs_storage.py [--runs 3]

Starts Orthanc (Debian's package) on free ports, with TCP_NODELAY set and without: Debian's DCMTK,
on which it is built, otherwise stalls 40 ms on many messages. The peer for comparison is DCMTK's
dcmsend, storing the same files in the same run. Prints seconds; asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def orthanc(folder: Path, workstation: int, nodelay: bool):
    port = free_port()
    (folder / "db").mkdir()
    configuration = {
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "HttpServerEnabled": False,
        "DicomAet": "ORTHANC",
        "DicomPort": port,
        "DicomCheckModalityHost": False,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowGet": True,
        "DicomAlwaysAllowMove": True,
        "DefaultEncoding": "Utf8",
        "DicomModalities": {"ws": ["DT_WS", "127.0.0.1", workstation]},
        "Plugins": [],
    }
    file = folder / "orthanc.json"
    file.write_text(json.dumps(configuration), encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if key != "TCP_NODELAY"}
    environment |= {"TCP_NODELAY": "1"} if nodelay else {}
    with (folder / "log").open("wb") as log:
        program = shutil.which("Orthanc") or "/usr/sbin/Orthanc"
        process = subprocess.Popen([program, str(file)], stdout=log, stderr=log, env=environment)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def one_run(nodelay: bool) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder, workstation = Path(name), free_port()
        with orthanc(folder, workstation, nodelay) as port:
            site = folder / "site.yaml"
            site.write_text(
                "site: Benchmark\nseed: 1\nsystems:\n"
                f"  pacs: {{ae_title: ORTHANC, host: 127.0.0.1, port: {port}}}\n"
                f"simulators:\n  workstation: {{ae_title: DT_WS, port: {workstation}}}\n"
                f"  modality: {{port: {free_port()}}}\n",
                encoding="utf-8",
            )
            began = time.perf_counter()
            command = [sys.executable, "-m", "dicomtest", "run", "pacs-storage"]
            subprocess.run(
                [*command, "--site", str(site), "--output", str(folder / "run")],
                check=False,
                stdout=subprocess.DEVNULL,
            )
            whole = time.perf_counter() - began
            record = json.loads((folder / "run" / "run.json").read_text(encoding="utf-8"))
            sent = stored_again(folder / "run" / "evidence" / "objects", port)
    found: Counter[str] = Counter()
    for step in record["steps"]:
        for part in ("wire", "peer", "harness"):
            found[part] += step["timings"][part]
        found["stalled"] += step["timings"]["stalled_40ms"]
        found["messages"] += sum(e["count"] for e in step["timings"]["exchanges"].values())
        if step["kind"] == "store":
            found["store wire+peer"] += step["timings"]["wire"] + step["timings"]["peer"]
    return {"whole process": whole, **found, "dcmsend": sent}


def stored_again(objects: Path, port: int) -> float:
    """Seconds dcmsend takes for the same files."""
    files = sorted(str(each) for each in objects.rglob("*.dcm"))
    began = time.perf_counter()
    subprocess.run(
        ["dcmsend", "-aec", "ORTHANC", "127.0.0.1", str(port), *files],
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TCP_NODELAY": "1"},
    )
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    for nodelay in (True, False):
        print(f"\nOrthanc {'with' if nodelay else 'without'} TCP_NODELAY")  # noqa: T201 -- a report
        for _ in range(runs):
            figures = one_run(nodelay)
            ratio = figures["store wire+peer"] / figures["dcmsend"]
            text = "  ".join(f"{key} {value:.2f}" for key, value in figures.items())
            print(f"  {text}  store/dcmsend {ratio:.2f}")  # noqa: T201 -- a report


if __name__ == "__main__":
    main()
