"""dicomtest init: write a site file from a few answers, and say what to register where."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dicomtest import console
from dicomtest.cli.site_text import SCHEMA_FILE, NewSimulator, NewSystem, site_text
from dicomtest.errors import SetupError, UsageError

IN_WORDS = {
    "pacs": "PACS or archive",
    "ris": "RIS or worklist server",
    "modality": "modality (CT, MR, US, X-ray ...)",
    "workstation": "workstation or viewer",
    "printer": "film printer",
    "digitizer": "film digitizer",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and flags that answer the questions beforehand."""
    parser.add_argument("file", nargs="?", default="site.yaml", help="file to write [site.yaml]")
    parser.add_argument("--name", metavar="TEXT", help="name of the site, for the report")
    parser.add_argument("--language", choices=("en", "zh"), help="language of the report")
    parser.add_argument(
        "--system",
        action="append",
        metavar="ACTOR=AE@HOST:PORT",
        help="a real system to test, such as pacs=ORTHANC@10.0.0.5:4242; may be repeated; "
        "with it, nothing is asked",
    )
    parser.add_argument("--force", action="store_true", help="overwrite a file that is there")


def main(arguments: argparse.Namespace) -> int:
    """Ask, write, and print what the systems' administrators need; 0."""
    path = Path(arguments.file)
    if path.exists() and not arguments.force:
        raise UsageError(f"{path} is there already; choose another name, or overwrite: --force")
    if arguments.system is None:
        try:
            name, language, systems = _ask(arguments)
        except EOFError:
            raise UsageError(
                "nobody answers; give the answers beforehand, such as\n"
                "  dicomtest init --system pacs=ORTHANC@10.0.0.5:4242"
            ) from None
    else:
        systems = [_parse(each) for each in arguments.system]
        twice = [each.actor for each in systems]
        if len(set(twice)) < len(twice):
            raise UsageError("--system: each actor can be given once; edit the file for more")
        name, language = arguments.name or "My site", arguments.language or "en"
    _write(path, name, language, systems)
    return 0


def _ask(arguments: argparse.Namespace) -> tuple[str, str, list[NewSystem]]:
    console.write("A few questions about what is to be tested. Enter takes what is in [ ].\n")
    name = arguments.name or console.ask("Name of the site, for the report", "My site")
    language = arguments.language or _choose("Language of the report", ("en", "zh"))
    systems: list[NewSystem] = []
    for actor in _actors():
        usual = "y" if actor == "pacs" else "n"
        question = f"\nIs a real {IN_WORDS[actor]} to be tested? y or n"
        while (answer := console.ask(question, usual).lower()[:1]) not in ("y", "n"):
            console.write("  y for yes, n for no")
        if answer == "y":
            systems.append(_ask_system(actor))
    return name, language, systems


def _ask_system(actor: str) -> NewSystem:
    from dicomtest.spec.base import AETitle, Filled, Port

    return NewSystem(
        actor,
        ae_title=_valid("  its AE title", AETitle),
        host=_valid("  its host name or IP address", Filled),
        port=_valid("  its DICOM port", Port, "104"),
        product=console.ask("  product and version, for the report (may be empty)"),
    )


def _valid(question: str, kind: Any, default: str = "") -> Any:
    """Ask until the answer is one that a site file may hold."""
    while True:
        value, problem = _check(kind, console.ask(question, default))
        if problem is None:
            return value
        console.write(f"    {problem}")


def _check(kind: Any, answer: str) -> tuple[Any, str | None]:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_python(answer), None
    except ValidationError as error:
        first = error.errors()[0]
        fix = str(first.get("ctx", {}).get("fix", ""))
        return None, f"{first['msg']}; {fix}" if fix else first["msg"]


def _choose(question: str, choices: Sequence[str]) -> str:
    while (answer := console.ask(f"{question}: {' or '.join(choices)}", choices[0])) not in choices:
        console.write(f"  write {' or '.join(choices)}")
    return answer


def _actors() -> list[str]:
    """The actors that can be tested: those for which there are device profiles."""
    from dicomtest.spec.base import ACTORS
    from dicomtest.spec.profile import profile_names

    known = [each for each in ACTORS if each in profile_names()]
    return sorted(known, key=lambda actor: actor != "pacs")


def _parse(text: str) -> NewSystem:
    """Read ACTOR=AE@HOST:PORT; raises UsageError that says what is wrong."""
    from dicomtest.spec.base import ActorName, AETitle, Filled, Port

    actor, equals, rest = text.partition("=")
    ae_title, at, address = rest.rpartition("@")
    host, colon, port = address.rpartition(":")
    if not (equals and at and colon):
        raise UsageError(f"--system {text}: write ACTOR=AE@HOST:PORT, such as pacs=PACS@ct1:104")
    values = []
    for kind, value in ((ActorName, actor), (AETitle, ae_title), (Filled, host), (Port, port)):
        checked, problem = _check(kind, value)
        if problem is not None:
            raise UsageError(f"--system {text}: {problem}")
        values.append(checked)
    return NewSystem(values[0], values[1], values[2].strip("[]"), values[3])


def _write(path: Path, name: str, language: str, systems: list[NewSystem]) -> None:
    """Write the site file and its schema; then say what comes next."""
    from dicomtest.cli.schema import text as schema_text
    from dicomtest.preflight.neighbours import registration
    from dicomtest.spec.site import load_site

    simulators = _simulators(systems)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(site_text(path.name, name, language, systems, simulators), encoding="utf-8")
        (path.parent / SCHEMA_FILE).write_text(schema_text("site"), encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{path} could not be written: {error.strerror}") from None
    site = load_site(path)
    console.write(f"\nWrote {path} and, for your editor, {path.parent / SCHEMA_FILE}.\n")
    if not site.systems:
        console.write("It names no real system: everything is simulated.")
        return
    console.write(registration(site))
    console.write(f"Then try it out:   dicomtest doctor --site {path}")


def _simulators(systems: list[NewSystem]) -> list[NewSimulator]:
    """The simulators that take part, with AE titles and ports that clash with nobody's."""
    from dicomtest.spec.site import default_site

    played = {each.actor for each in systems}
    titles = {each.ae_title for each in systems}
    ports = {each.port for each in systems}
    found = []
    for actor in _actors():
        if actor in played:
            continue
        usual = default_site().simulator(actor)
        ae_title, port = str(usual.ae_title), usual.port or 0
        while ae_title in titles:
            ae_title += "X"
        while port in ports:
            port += 100
        titles.add(ae_title)
        ports.add(port)
        found.append(NewSimulator(actor, ae_title, port))
    return found
