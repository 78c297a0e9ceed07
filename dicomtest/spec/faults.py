"""Faults on purpose: how a simulated provider misbehaves in a step, or always (device profile).

They test whoever uses the provider: that it tries again, tells its user, and believes nothing to
be stored, committed or printed that was not.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from dicomtest.spec import names
from dicomtest.spec.base import Duration, Model, OneOrMore
from dicomtest.spec.printer import PrinterCondition
from dicomtest.spec.words import unknown, wrong

REJECTIONS: dict[str, tuple[int, int, int]] = {
    "no-reason": (1, 1, 1),
    "application-context-name-not-supported": (1, 1, 2),
    "calling-ae-title-not-recognized": (1, 1, 3),
    "called-ae-title-not-recognized": (1, 1, 7),
    "protocol-version-not-supported": (1, 2, 2),
    "temporary-congestion": (2, 3, 1),
    "local-limit-exceeded": (2, 3, 2),
}
"""Result, source and reason of A-ASSOCIATE-RJ (PS3.8 Table 9-21)."""

STATUSES: dict[str, int] = {
    "out-of-resources": 0xA700,
    "does-not-match-sop-class": 0xA900,
    "cannot-understand": 0xC000,
    "unable-to-process": 0xC001,
    "coerced": 0xB000,
    "elements-discarded": 0xB006,
    "data-set-does-not-match": 0xB007,
    "processing-failure": 0x0110,
    "no-such-instance": 0x0112,
    "duplicate-instance": 0x0111,
    "missing-attribute-value": 0x0121,
    "sop-class-not-supported": 0x0122,
    "not-authorized": 0x0124,
    "resource-limitation": 0x0213,
}
"""Statuses by name (PS3.7 Annex C, PS3.4 B.2.3)."""

Rejection = Literal[
    "no-reason", "application-context-name-not-supported", "calling-ae-title-not-recognized",
    "called-ae-title-not-recognized", "protocol-version-not-supported", "temporary-congestion",
    "local-limit-exceeded",
]  # fmt: skip


def _status(value: Any) -> int:
    text = f"{value:04d}" if isinstance(value, int) else str(value)  # YAML reads 0110 as a number
    if text in STATUSES:
        return STATUSES[text]
    if re.fullmatch(r"[0-9A-Fa-f]{4}", text):
        return int(text, 16)
    raise wrong(*unknown("status", text, [*STATUSES, "A700"]))


def _known_syntaxes(values: tuple[str, ...]) -> tuple[str, ...]:
    names.transfer_syntax_uids([SYNTAXES.get(each, each) for each in values])
    return values


SYNTAXES = {"implicit": "ImplicitVRLittleEndian", "explicit": "ExplicitVRLittleEndian"}

Status = Annotated[
    int,
    BeforeValidator(_status),
    WithJsonSchema({"type": "string", "examples": ["out-of-resources", "A700"]}),
]
SopClasses = Annotated[tuple[Annotated[str, AfterValidator(names.sop_class_uid)], ...], OneOrMore]


class Faults(Model):
    """What a simulated provider does wrong; whatever is not given goes well."""

    reject: Rejection | None = Field(None, description="Reject associations, for this reason.")
    silent: bool = Field(False, description="Give no answer to association requests.")
    abort: Literal["association", "transfer"] | None = Field(
        None, description="Abort: instead of an answer to an association, or amid a data set."
    )
    drop: bool = Field(False, description="Close the connection amid a data set, without abort.")
    accept: SopClasses | None = Field(None, description="Accept these SOP classes only.")
    transfer_syntaxes: (
        Annotated[tuple[str, ...], OneOrMore, AfterValidator(_known_syntaxes)] | None
    ) = Field(None, description="Accept these transfer syntaxes only: implicit, explicit.")
    status: Status | None = Field(
        None, description="Answer requests with this status: out-of-resources, A700, B000, 0110."
    )
    delay: Duration = Field(0.0, description="Wait so long before each response.")
    skip: int = Field(0, ge=0, description="So many requests or associations go well first.")
    times: int | None = Field(
        None, ge=1, description="So many requests or associations go wrong; default: every one."
    )
    commit: Literal["partly", "nothing", "never"] | None = Field(
        None, description="Commit every second instance, none, or never report."
    )
    report: Literal["new", "same", "next"] | None = Field(
        None, description="Report commitment on a new, the same or the next association."
    )
    after: Duration | None = Field(None, description="Report commitment so much later.")
    worklist: Literal["empty", "huge"] | None = Field(
        None, description="Answer worklist queries with nothing, or with hundreds of items more."
    )
    printer: PrinterCondition | None = Field(
        None, description="The printer's condition, such as {status: FAILURE, info: SUPPLY EMPTY}."
    )

    @model_validator(mode="after")
    def _something(self) -> Faults:
        if not self.model_fields_set - {"skip", "times"}:
            raise wrong("no fault is named", "name one, such as   status: out-of-resources")
        return self

    @property
    def in_words(self) -> str:
        """What goes wrong, for the description of a step."""
        words = [
            f"rejects ({self.reject})" if self.reject else "",
            "is silent" if self.silent else "",
            f"aborts ({self.abort})" if self.abort else "",
            "drops the connection" if self.drop else "",
            "accepts few SOP classes" if self.accept else "",
            f"accepts {', '.join(self.transfer_syntaxes)} only" if self.transfer_syntaxes else "",
            f"answers {self.status:04X}" if self.status is not None else "",
            f"is slow ({self.delay:g} s)" if self.delay else "",
            f"commits {self.commit}" if self.commit else "",
            f"reports on the {self.report} association" if self.report else "",
            f"reports {self.after:g} s later" if self.after else "",
            f"has a worklist that is {self.worklist}" if self.worklist else "",
            f"printer {self.printer.said}" if self.printer else "",
        ]
        limit = f", {self.times} times" if self.times else ""
        return ", ".join(each for each in words if each) + limit
