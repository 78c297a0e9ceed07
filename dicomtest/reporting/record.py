"""Reading the record of a run, for everything that is written from it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from dicomtest.errors import UsageError

FORMAT = 1  # of run.json


JUDGED = "-judged"  # in the names of what was written when a run was judged again


def read_record(run_dir: Path, *, variant: str = "") -> tuple[dict[str, Any], str]:
    """Read `run.json` of a run folder: the record and the SHA-256 of the file's bytes.

    `variant` JUDGED reads the record of a run that was judged again. Raises UsageError when
    there is none, or none that this version can read.
    """
    path = Path(run_dir) / f"run{variant}.json"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror}); is it a run folder?"
        ) from error
    try:
        record = json.loads(data)
    except ValueError as error:
        raise UsageError(f"{path} is not a record of a run: {error}") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        found = record.get("format") if isinstance(record, dict) else None
        raise UsageError(f"{path} has format {found!r}; this version reads format {FORMAT}")
    return record, hashlib.sha256(data).hexdigest()
