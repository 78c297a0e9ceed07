"""What a pre-flight look says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Grade = Literal["ok", "info", "warn", "FAIL"]
OK: Grade = "ok"
INFO: Grade = "info"
WARN: Grade = "warn"
FAIL: Grade = "FAIL"


@dataclass(frozen=True)
class Remark:
    """One line: what was seen, and what to do about it when it is not as it should be.

    `detail` is shown on demand only. After a `final` one nothing else can be learnt.
    """

    grade: Grade
    what: str
    fix: str = ""
    detail: str = ""
    final: bool = False
