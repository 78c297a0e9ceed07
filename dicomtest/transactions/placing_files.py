"""Orders as files: dropped into a folder that a worklist reads, or handed to a command."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dicomtest.errors import StepError

if TYPE_CHECKING:
    from dicomtest.dicom.attribute_values import Attributes
    from dicomtest.evidence import StepEvidence
    from dicomtest.spec.site import Orders
    from dicomtest.stage import Stage
    from dicomtest.transactions.placing import Change

LONGEST = 2000  # characters of a command's output that are kept


def drop(change: Change, orders: Orders) -> None:
    """Write, replace or delete the items in the folder; raises OSError."""
    from dicomtest.dicom.worklist_files import as_dump, write_item

    folder = Path(str(orders.folder))
    for item in change.after:
        path = folder / f"{file_name(item)}.{orders.format}"
        if change.action == "cancel":
            path.unlink(missing_ok=True)
            continue
        part = path.with_suffix(".part")  # no reader sees half a file
        if orders.format == "wl":
            write_item(item, part)
        else:
            part.write_text(as_dump(item), encoding="utf-8")
        part.replace(path)


def run(stage: Stage, change: Change, step: StepEvidence, orders: Orders) -> None:
    """Run the command once, with the items as files; raises StepError when it fails.

    The files are JSON (a list of items by keyword), and for the first item a dump and a DICOM
    file. They are named in the command by {json}, {dump} and {wl}, and in the environment.
    """
    files = _files(stage, change, step)
    words = {"action": change.action, **{name: str(path) for name, path in files.items()}}
    environment = {f"DICOMTEST_{name.upper()}": value for name, value in words.items()}
    try:
        done = subprocess.run(
            command_line(str(orders.command), words),
            env={**os.environ, **environment},
            capture_output=True,
            timeout=orders.timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise StepError(
            f"the command of the site's orders did not end within {orders.timeout:g} s"
        ) from None
    except OSError as error:
        raise StepError(f"the command of the site's orders cannot be run: {error}") from None
    output = (done.stdout + done.stderr).decode("utf-8", "replace").strip()[-LONGEST:]
    step.facts["command"] = {"exit_status": done.returncode, "output": output}
    if done.returncode != 0:
        raise StepError(f"the command of the site's orders ended with {done.returncode}: {output}")


def command_line(command: str, words: dict[str, str]) -> list[str]:
    """The arguments of a command, without a shell; placeholders may stand inside of one."""
    posix = sys.platform != "win32"
    found = []
    for argument in shlex.split(command, posix=posix):
        if not posix and len(argument) > 1 and argument[0] == argument[-1] == '"':
            argument = argument[1:-1]
        for name, value in words.items():
            argument = argument.replace(f"{{{name}}}", value)
        found.append(argument)
    return found


def file_name(item: Attributes) -> str:
    """A file name that tells one scheduled step from every other."""
    from dicomtest.dicom.orders import text

    name = text(item, "ScheduledProcedureStepID") or text(item, "StudyInstanceUID")
    return "dicomtest-" + "".join(each if each.isalnum() else "_" for each in name)


def _files(stage: Stage, change: Change, step: StepEvidence) -> dict[str, Path]:
    from dicomtest.dicom.worklist_files import as_dump, write_item

    folder = stage.run.folder.resolve() / "evidence" / "orders" / stage.scenario.id / step.step
    folder.mkdir(parents=True, exist_ok=True)
    files = {"json": folder / "items.json", "dump": folder / "item.dump", "wl": folder / "item.wl"}
    files["json"].write_text(
        json.dumps(change.after, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    files["dump"].write_text(as_dump(change.after[0]), encoding="utf-8")
    write_item(change.after[0], files["wl"])
    return files
