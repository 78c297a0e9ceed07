"""The archive as a program; prints `ready PORT` once it listens.

    python -m tests.defects.systems --port 0 --ae ARCHIVE \\
        --destination WORKSTATION=127.0.0.1:11113 --defect NAME --quirk NAME
"""

from __future__ import annotations

import argparse
import sys

from .archive_scp import ArchiveSCP
from .defects import DEFECTS
from .quirks import QUIRKS


def main(arguments: list[str] | None = None) -> None:
    """Command line: run until standard input closes or the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ae", default="ARCHIVE")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--destination", action="append", default=[], metavar="AE=HOST:PORT")
    parser.add_argument("--defect", action="append", default=[], choices=sorted(DEFECTS))
    parser.add_argument("--quirk", action="append", default=[], choices=sorted(QUIRKS))
    parser.add_argument("--list", action="store_true", help="name every defect and quirk")
    options = parser.parse_args(arguments)
    if options.list:
        for each in [*DEFECTS.values(), *QUIRKS.values()]:
            sys.stdout.write(f"{type(each).__name__.lower()} {each.name}: {each.says}\n")
        return
    destinations = {}
    for each in options.destination:
        title, _, address = each.partition("=")
        host, _, port = address.rpartition(":")
        destinations[title] = (host, int(port))
    deviations = [DEFECTS[name] for name in options.defect] + [
        QUIRKS[name] for name in options.quirk
    ]
    archive = ArchiveSCP(options.ae, destinations, deviations, host=options.host, port=options.port)
    sys.stdout.write(f"ready {archive.start()}\n")
    sys.stdout.flush()
    archive.stopping.wait()


if __name__ == "__main__":
    main()
