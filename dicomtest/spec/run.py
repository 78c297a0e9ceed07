"""The record of a run, `run.json`, as a model: what scripts may rely on in format 1.

Later versions may add keys; they do not change the meaning of one, or take one away, without
another format number.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Outcome = Literal[
    "passed", "warned", "failed", "blocked", "not-run", "not-applicable", "accepted", "error"
]
Verdict = Literal["accepted", "not accepted", "incomplete"]
Seconds = float


class Entry(BaseModel):
    """Base of every part; unknown keys are refused when a record of this version is checked."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SiteEntry(Entry):
    """The site, as its file says."""

    name: str
    file: str
    language: str
    environment: str
    reason: str
    testers: list[str]


class PlayerEntry(Entry):
    """Who plays an actor."""

    actor: str
    simulated: bool
    ae_title: str
    host: str
    port: int | None
    name: str = Field(description="Product and version, or the profile of a simulator.")
    key: str
    claims: dict[str, Any] = Field(description="From the site file: SOP classes and services.")
    system: str
    product: str
    version: str
    maker: str
    serial: str
    serves: list[str] = Field(description="Kinds of steps it is used for; empty: all.")
    profile: str


class ToolEntry(Entry):
    """What the run was made with."""

    name: str
    version: str
    python: str
    platform: str
    pydicom: str
    pynetdicom: str
    pytest: str
    dicom_edition: str
    seed: int
    utc_offset: int = Field(description="Seconds by which the local clock is ahead of UTC.")
    command: str
    host: str
    user: str


class ScenarioEntry(Entry):
    """One scenario."""

    scenario: str
    title: dict[str, str]
    purpose: dict[str, str]
    profile: str
    file: str
    verdict: Literal["passed", "failed", "incomplete"]
    counts: dict[Outcome, int]


class FiguresEntry(Entry):
    """Times of one service in a step, in seconds from the first byte of the request."""

    count: int
    answered: int
    bytes: int | None = None
    p50: Seconds | None = None
    p95: Seconds | None = None
    max: Seconds | None = None
    samples: list[Seconds] = []


class TimingsEntry(Entry):
    """Where the time of a step went, in seconds."""

    wire: Seconds
    peer: Seconds
    harness: Seconds
    exchanges: dict[str, FiguresEntry]
    stalled_40ms: int


class MessageEntry(Entry):
    """One line of a sequence diagram; `at` in seconds since the step began."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)

    at: Seconds
    from_: str = Field(alias="from")
    to: str
    text: str
    status: str
    association: str


class ContextEntry(Entry):
    """One presentation context; `result` as in PS3.8 Table 9-18, roles of the requestor."""

    abstract_syntax: str
    name: str
    proposed: list[str]
    result: int | None
    accepted: str | None
    used: int = Field(description="Messages sent on it.")
    requested_by: Literal["us", "peer"]
    roles: list[bool] | None


class AssociationEntry(Entry):
    """One association of a step."""

    id: str
    calling: str
    called: str
    seen_from: Literal["requestor", "acceptor"]
    outcome: str
    ended: str
    why: str
    label: str
    max_pdu: int | None
    implementation: str
    version: str
    contexts: list[ContextEntry]


class StepEntry(Entry):
    """One step that was carried out."""

    scenario: str
    step: str
    kind: str
    scu: str
    scp: str
    title: str
    started: float
    ended: float
    seconds: Seconds
    problem: str = Field(description="Why it could not be carried out.")
    not_run: str
    not_applicable: str
    evidence: str = Field(description="File with everything that was seen, below the folder.")
    timings: TimingsEntry
    messages: list[MessageEntry]
    associations: list[AssociationEntry]
    observed: dict[str, Any] = Field(description="What may differ from version to version.")


class FindingEntry(Entry):
    """One place where a requirement is broken."""

    expected: str
    actual: str
    where: str


class AcceptanceEntry(Entry):
    """Who accepted a finding, why and until when (ISO 8601 date)."""

    why: str
    accepted_by: str
    until: str


class CheckEntry(Entry):
    """One check of one step."""

    check: str
    outcome: Outcome
    level: Literal["must", "should"]
    side: Literal["scu", "scp"]
    scenario: str
    step: str
    judges: str = Field(description="Actor that is judged.")
    system: str
    simulated: bool
    cites: list[str] = Field(description="Clauses of the standard.")
    requirement: str
    expected: str
    actual: str
    where: str
    message: str
    findings: list[FindingEntry]
    count: int
    examined: int
    reason: str = Field(description="Why it was not judged.")
    consequence: str
    fix: str
    evidence: str
    deviation: AcceptanceEntry | None
    seconds: Seconds


class CellEntry(Entry):
    """One identifier in one column."""

    values: list[str]
    verdict: Literal["reference", "equal", "different", "absent", "explained", "unknown"]
    why: str = ""


class RowEntry(Entry):
    """One identifier in all columns."""

    name: str
    group: str
    rule: str
    cells: list[CellEntry]


class TraceEntry(Entry):
    """The identifiers of one examination."""

    orders: list[str]
    columns: list[dict[str, str]]
    rows: list[RowEntry]


class NameEntry(Entry):
    """A patient's name in a character set."""

    character_set: str
    name: str


class CharacterSetEntry(Entry):
    """A pair of character sets, as sent and as returned, with an example."""

    scenario: str
    step: str
    service: str
    system: str
    sent: NameEntry
    returned: NameEntry
    count: int
    different: int


class FilmEntry(Entry):
    """One film: what is on it; its picture where a simulated printer drew it."""

    number: int
    by: str = Field(description="AE title of whoever printed it.")
    at: float
    file: str = Field(description="The picture in the evidence; empty for a real printer.")
    small: str
    shows: list[str] = Field(description="The test patterns on it.")
    attributes: dict[str, Any] = Field(description="Of its film session and film box.")
    remarks: list[dict[str, str]] = Field(description="Answers that were no plain success.")
    picture: str = Field(description="The small picture: PNG, base64; empty when too large.")


class PrintedEntry(Entry):
    """The films of a step, and what a person said of them."""

    scenario: str
    step: str
    printer: str
    simulated: bool
    answers: list[dict[str, str]]
    films: list[FilmEntry]


class ObservationEntry(Entry):
    """Something that the standard leaves open."""

    name: str
    scenario: str
    step: str
    system: str
    value: Any


class DeviationEntry(AcceptanceEntry):
    """An accepted deviation of the site file."""

    check: str
    system: str | None
    scenario: str | None
    expired: bool
    used: bool


class LeftBehindEntry(Entry):
    """What lies on a real system now."""

    system: str
    patient_id: str
    study: str
    scenario: str
    instances: int


class NotRunEntry(Entry):
    """What was not run, and why."""

    scenario: str
    step: str = ""
    why: str


class FileEntry(Entry):
    """One file of the evidence."""

    path: str
    bytes: int
    sha256: str


class RunRecordModel(Entry):
    """The record of a run of dicomtest."""

    format: Literal[1]
    run: str
    verdict: Verdict
    verdict_reason: str
    exit_status: int
    interrupted: bool
    real_systems: bool
    started: float = Field(description="Seconds since 1970-01-01T00:00:00Z.")
    ended: float
    site: SiteEntry
    casting: dict[str, PlayerEntry]
    tool: ToolEntry
    counts: dict[Outcome, int]
    scenarios: list[ScenarioEntry]
    steps: list[StepEntry]
    checks: list[CheckEntry]
    trace: dict[str, list[TraceEntry]]
    character_sets: list[CharacterSetEntry]
    films: list[PrintedEntry] = Field([], description="What was printed.")
    observations: list[ObservationEntry]
    deviations: list[DeviationEntry]
    left_behind: list[LeftBehindEntry]
    not_run: list[NotRunEntry]
    selected: str
    evidence: list[FileEntry]
    changes: dict[str, Any] | None = Field(None, description="Since the run of --baseline.")
    requirements: list[dict[str, Any]] | None = Field(None, description="Requirement matrix.")
    judged_again: dict[str, Any] | None = Field(None, description="By `report --judge`.")
    redacted: dict[str, str] | None = Field(
        None, description="Made by `report --redact`; `of` is the SHA-256 of the original record."
    )
