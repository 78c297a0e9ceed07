"""DCMTK's servers, and its clients with their output read back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pydicom import Dataset, dcmread
from support.clients import TIME_LIMIT, Ran, run
from support.process import Peer
from support.programs import dcmtk_program, environment

Hosts = Mapping[str, tuple[str, int]]  # AE title -> host, port

_MESSAGE = re.compile(
    r"=+ (OUTGOING|INCOMING) DIMSE MESSAGE =+$(.*?)^D: =+ END DIMSE MESSAGE", re.M | re.S
)
_FIELD = re.compile(r"^D: (.+?) *: (.*)$", re.M)


@dataclass(frozen=True)
class Message:
    """One DIMSE message as DCMTK's debug log dumps it."""

    type: str  # "C-FIND RSP"
    sent: bool
    fields: dict[str, str] = field(repr=False)  # "Move Destination" -> "STORESCP"

    @property
    def status(self) -> int | None:
        """The DIMSE status of a response."""
        text = self.fields.get("DIMSE Status")
        return None if text is None else int(text.split(":")[0], 16)

    def count(self, which: str) -> int | None:
        """Number of Remaining, Completed, Failed or Warning sub-operations; None if absent."""
        text = self.fields[f"{which} Suboperations"]
        return None if text == "none" else int(text)


@dataclass(frozen=True)
class DcmtkRan(Ran):
    """One of DCMTK's clients that ran to its end."""

    @cached_property
    def messages(self) -> list[Message]:
        """Every DIMSE message, in order."""
        return list(_messages(self.log))

    def received(self, kind: str) -> list[Message]:
        """The messages of that type that came from the peer, such as `C-FIND RSP`."""
        return [each for each in self.messages if each.type == kind and not each.sent]

    @property
    def responses(self) -> list[Message]:
        """The responses that came from the peer."""
        return [each for each in self.messages if each.type.endswith("RSP") and not each.sent]

    @property
    def statuses(self) -> list[int | None]:
        """Status of each response from the peer, pending ones included."""
        return [each.status for each in self.responses]

    @property
    def echoes(self) -> list[str]:
        """What echoscu, which dumps no messages, says of each response: "Success"."""
        return re.findall(r"Received Echo Response \((.*)\)", self.log)

    @property
    def final(self) -> Message:
        """The last response from the peer; raises AssertionError with the log when none came."""
        assert self.responses, f"no response: {self}"
        return self.responses[-1]

    @property
    def identifiers(self) -> list[Dataset]:
        """The data sets of the pending responses that findscu got, in order."""
        return [dcmread(path) for path in sorted(self.folder.glob("rsp*.dcm"))]

    @property
    def instances(self) -> list[Dataset]:
        """The composite instances that getscu got, read without their pixels."""
        files = (path for path in sorted(self.folder.iterdir()) if path.is_file())
        return [dcmread(path, stop_before_pixels=True) for path in files]


def _messages(log: str) -> Iterator[Message]:
    for direction, body in _MESSAGE.findall(log):
        fields = dict(_FIELD.findall(body))
        yield Message(fields["Message Type"], direction == "OUTGOING", fields)


def run_dcmtk(
    name: str,
    *arguments: str | Path | int,
    folder: Path,
    nagle: bool = False,
    debug: bool = True,
    within: float = TIME_LIMIT,
) -> DcmtkRan:
    """Run one of DCMTK's programs to its end; raises Missing.

    findscu writes the answers into `folder`, getscu the instances; use a fresh one for each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    options = {"findscu": ["-X", "-od", str(folder)], "getscu": ["-od", str(folder), "+B"]}
    command = [
        dcmtk_program(name),
        *(["-d"] if debug else []),
        *options.get(name, []),
        *map(str, arguments),
    ]
    ran = run(command, folder=folder, env=environment(nagle=nagle), within=within)
    return DcmtkRan(ran.command, ran.exit_code, ran.log, ran.folder)


class Storescp(Peer):
    """storescp: takes composite instances into `received`."""

    name = "storescp"

    def __init__(
        self,
        folder: Path,
        *,
        ae_title: str = "STORESCP",
        options: Sequence[str] = (),
        nagle: bool = False,
    ) -> None:
        super().__init__(folder, ae_title=ae_title, nagle=nagle)
        self.options = options
        self.received = folder / "received"

    def prepare(self) -> None:
        self.received.mkdir(exist_ok=True)

    def command(self) -> list[str]:
        where = ["-aet", self.ae_title, "-od", str(self.received)]
        return [dcmtk_program(self.name), "-v", *where, *self.options, str(self.port)]

    def instances(self) -> list[Dataset]:
        """What it has taken so far, read without pixels."""
        return [dcmread(path, stop_before_pixels=True) for path in self.files()]

    def files(self) -> list[Path]:
        """The files it has written so far."""
        return sorted(path for path in self.received.iterdir() if path.is_file())


class Dcmrecv(Storescp):
    """dcmrecv: takes composite instances, as the profile in Debian's storescp.cfg says."""

    name = "dcmrecv"

    def __init__(
        self,
        folder: Path,
        *,
        ae_title: str = "DCMRECV",
        options: Sequence[str] = (),
        nagle: bool = False,
    ) -> None:
        profile = ("-xf", "/etc/dcmtk/storescp.cfg", "Default")
        super().__init__(folder, ae_title=ae_title, options=(*profile, *options), nagle=nagle)


class Dcmqrscp(Peer):
    """dcmqrscp: a PACS; moves only to `hosts`."""

    name = "dcmqrscp"

    def __init__(
        self,
        folder: Path,
        *,
        ae_title: str = "QRSCP",
        hosts: Hosts | None = None,
        options: Sequence[str] = (),
        nagle: bool = False,
    ) -> None:
        super().__init__(folder, ae_title=ae_title, nagle=nagle)
        self.hosts = dict(hosts or {})
        self.options = options
        self.database = folder / "database"

    def prepare(self) -> None:
        self.database.mkdir(exist_ok=True)
        rows = [f"h{i} = ({a}, {h}, {p})" for i, (a, (h, p)) in enumerate(self.hosts.items())]
        text = "\n".join(
            [
                f"NetworkTCPPort  = {self.port}",
                "MaxPDUSize      = 16384",
                "MaxAssociations = 32",
                *("HostTable BEGIN", *rows, "HostTable END"),
                *("VendorTable BEGIN", "VendorTable END"),
                "AETable BEGIN",
                f"{self.ae_title}   {self.database}   RW (500, 1024mb)   ANY",
                *("AETable END", ""),
            ]
        )
        (self.folder / "dcmqrscp.cfg").write_text(text, encoding="utf-8")

    def command(self) -> list[str]:
        configuration = str(self.folder / "dcmqrscp.cfg")
        return [dcmtk_program(self.name), "-v", "-c", configuration, *self.options]


class Wlmscpfs(Peer):
    """wlmscpfs: a worklist; its AE title is the name of the folder of its items."""

    name = "wlmscpfs"

    def __init__(
        self,
        folder: Path,
        *,
        ae_title: str = "WLMSCP",
        options: Sequence[str] = ("-csk",),
        nagle: bool = False,
    ) -> None:
        super().__init__(folder, ae_title=ae_title, nagle=nagle)
        self.options = options
        self.items = folder / "worklist" / ae_title

    def prepare(self) -> None:
        self.items.mkdir(parents=True, exist_ok=True)
        (self.items / "lockfile").touch()

    def add(self, item: Dataset, name: str) -> None:
        """Put an item on the worklist, as the next query sees it."""
        item.save_as(
            self.items / f"{name}.part",
            implicit_vr=False,
            little_endian=True,
            enforce_file_format=False,
        )
        (self.items / f"{name}.part").rename(self.items / f"{name}.wl")

    def command(self) -> list[str]:
        where = ["-dfp", str(self.items.parent)]
        return [dcmtk_program(self.name), "-v", *where, *self.options, str(self.port)]


_PRINT_CONFIGURATION = """\
[[GENERAL]]
[APPLICATION]
LogDirectory = {folder}/log
LogFile = general.log
LogLevel = INFO
[PRINT]
Spooler = /usr/bin/dcmprscu
Server = /usr/bin/dcmprscp
Directory = {folder}/spool
DetailedLog = true
BinaryLog = false
Sleep = 1
MinPrintResolution = 1024\\1024
MaxPrintResolution = 8192\\8192
DeletePrintJobs = true
AlwaysDeleteTerminateJobs = true
[DATABASE]
Directory = {folder}/database
[LUT]
Directory = {folder}/lut
[REPORT]
Directory = {folder}/reports
[NETWORK]
aetitle = DCMPSTATE

[[COMMUNICATION]]
"""

_PRINTER = """\
[{ae_title}]
type = {kind}
aetitle = {ae_title}
hostname = 127.0.0.1
port = {port}
Supports12Bit = true
SupportsPresentationLUT = true
DisplayFormat = 1,1\\1,2\\2,2\\2,3\\3,3
FilmDestination = MAGAZINE\\PROCESSOR
FilmSizeID = 8INX10IN\\14INX17IN
MagnificationType = REPLICATE\\BILINEAR\\CUBIC
SmoothingType = NONE\\SMOOTH
MediumType = PAPER\\CLEAR FILM\\BLUE FILM
ResolutionID = STANDARD\\HIGH
BorderDensity = BLACK\\WHITE
EmptyImageDensity = BLACK\\WHITE
MaxDensity = 280\\320
MinDensity = 10\\20
MaxPDU = 32768
"""


def print_configuration(folder: Path, printers: Hosts, *, local: str = "") -> Path:
    """Write dcmpstat.cfg for dcmprscp (serves `local`) and dcmprscu, dcmpsprt (use the others)."""
    for name in ("log", "spool", "database", "lut", "reports"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    text = _PRINT_CONFIGURATION.format(folder=folder)
    for ae_title, (_, port) in printers.items():
        kind = "LOCALPRINTER" if ae_title == local else "PRINTER"
        text += _PRINTER.format(ae_title=ae_title, kind=kind, port=port)
    path = folder / "dcmpstat.cfg"
    path.write_text(text, encoding="utf-8")
    return path


class Dcmprscp(Peer):
    """dcmprscp: a grayscale printer; films appear in `database`. One association at a time."""

    name = "dcmprscp"

    def __init__(self, folder: Path, *, ae_title: str = "PRINTSCP", nagle: bool = False) -> None:
        super().__init__(folder, ae_title=ae_title, nagle=nagle)
        self.configuration = folder / "dcmpstat.cfg"
        self.database = folder / "database"

    def prepare(self) -> None:
        print_configuration(
            self.folder, {self.ae_title: (self.host, self.port)}, local=self.ae_title
        )

    def command(self) -> list[str]:
        which = ["-c", str(self.configuration), "-p", self.ae_title]
        return [dcmtk_program(self.name), "-v", "-d", "+d", *which]
