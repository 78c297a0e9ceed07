"""The journal of what people said, one JSON object on each line, only ever appended to."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, get_args

from dicomtest.awaiting.desk import Answer, Choice
from dicomtest.errors import UsageError

FILE = "answers.jsonl"


def append(folder: Path, entry: dict[str, Any]) -> None:
    """Write an entry and see that it reaches the disk; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(path: Path) -> dict[str, Answer]:
    """The last thing that was said of each step, by `scenario/step`.

    `path` is a journal or the folder of a run; a line that was cut off at the end is left out.
    Raises UsageError for a file that is no journal.
    """
    if path.is_dir():
        path = path / FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the answers of {path} cannot be read: {error}") from None
    found: dict[str, Answer] = {}
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
        except ValueError:
            if number == len(lines):
                break
            raise UsageError(f"{path}:{number}: this is no line of a journal") from None
        made = _answer(entry)
        if made is None:
            raise UsageError(f"{path}:{number}: this is no answer")
        if made.choice not in ("extend", "repeat"):
            found[f"{entry['scenario']}/{entry['step']}"] = made
    return found


def _answer(entry: Any) -> Answer | None:
    if not isinstance(entry, dict) or entry.get("choice") not in get_args(Choice):
        return None
    if not all(isinstance(entry.get(each), str) for each in ("scenario", "step")):
        return None
    questions = entry.get("questions")
    return Answer(
        choice=entry["choice"],
        by=str(entry.get("by", "")),
        reason=str(entry.get("reason", "")),
        note=str(entry.get("note", "")),
        questions={str(k): str(v) for k, v in questions.items()}
        if isinstance(questions, dict)
        else {},
        via="file",
        at=float(entry["at"]) if isinstance(entry.get("at"), (int, float)) else 0.0,
    )
