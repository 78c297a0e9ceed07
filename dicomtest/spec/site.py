"""The site file: the real systems, the simulators' settings, accepted deviations."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from dicomtest.errors import Problem, SetupError, SpecError
from dicomtest.spec.base import (
    ActorName,
    AETitle,
    Filled,
    Model,
    OneOrMore,
    Port,
    TimeLimit,
    actor_of,
)
from dicomtest.spec.profile import Profile, SopClassUid, load_profile, profile_names
from dicomtest.spec.validate import Place, validate
from dicomtest.spec.words import unknown, wrong
from dicomtest.spec.yaml import read


class Limits(Model):
    """Time limits."""

    connect: TimeLimit = Field(default=10.0, description="TCP connect (and the TLS handshake).")
    association: TimeLimit = Field(default=30.0, description="Answer to the association request.")
    response: TimeLimit = Field(default=60.0, description="Each DIMSE response.")
    step: TimeLimit = Field(
        default=600.0, description="A whole step, waiting for a person included."
    )


class SomeLimits(Model):
    """Time limits of one system, where they differ from the site's."""

    connect: TimeLimit | None = Field(
        default=None, description="TCP connect (and the TLS handshake)."
    )
    association: TimeLimit | None = Field(
        default=None, description="Answer to the association request."
    )
    response: TimeLimit | None = Field(default=None, description="Each DIMSE response.")
    step: TimeLimit | None = Field(default=None, description="A whole step.")


class Tls(Model):
    """TLS towards a system (PS3.15 Annex B); files are given relative to the site file."""

    ca: str | None = Field(default=None, description="PEM file of the certificates to trust.")
    certificate: str | None = Field(default=None, description="PEM file of our own certificate.")
    key: str | None = Field(default=None, description="PEM file of our own private key.")
    verify: bool = Field(default=True, description="Whether the system's certificate is verified.")
    hostname: str | None = Field(
        default=None, description="Name the system's certificate must carry; default: the host."
    )

    @model_validator(mode="after")
    def _together(self) -> Tls:
        if self.key and not self.certificate:
            raise wrong("a key without its certificate", "add   certificate: FILE.pem")
        return self


class Trigger(Model):
    """How a real initiator is made to act."""

    command: str | tuple[str, ...] | None = Field(
        default=None,
        description="A command to run on this machine, without a shell: one text, or a list of "
        "its arguments. {ae_title}, {host} and {port} stand for the destination, {patient_id}, "
        "{patient_name}, {accession_number}, {study_instance_uid} and so on for what is to be "
        "done, {request} and {objects} for files; all of them are in the environment as well, "
        "as DICOMTEST_AE_TITLE and so on.",
    )
    url: str | None = Field(
        default=None,
        pattern=r"^https?://.+",
        description="A URL to call; what stands in braces is filled in as in a command.",
    )
    method: Literal["GET", "POST", "PUT"] = Field(
        default="POST", description="HTTP method with which the URL is called."
    )
    body: str | dict[str, Any] | list[Any] | None = Field(
        default=None,
        description="What is sent to the URL, with braces as above; default: every value as JSON.",
    )
    headers: dict[str, str] = Field(default={}, description="Headers of the HTTP request.")
    operator: Literal[True] | None = Field(
        default=None, description="A person is asked; the default."
    )
    wait: Literal[True] | None = Field(
        default=None, description="Nothing is done; it acts by itself."
    )
    covers: Literal["step", "scenario"] = Field(
        default="step", description="Whether one call makes it do one step or the whole scenario."
    )
    timeout: TimeLimit | None = Field(
        default=None, description="Time limit of the command or call."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Trigger:
        ways = [each for each in (self.command, self.url, self.operator, self.wait) if each]
        if len(ways) != 1:
            what = "a trigger is exactly one of command, url, operator, wait"
            raise wrong(what, "write one, such as   {operator: true}")
        if not self.url and self.model_fields_set & {"method", "body", "headers"}:
            raise wrong("method, body and headers belong to a url", "leave them out")
        return self

    @property
    def way(self) -> Literal["command", "url", "operator", "wait"]:
        """Which of the four it is."""
        if self.command:
            return "command"
        if self.url:
            return "url"
        return "wait" if self.wait else "operator"


class Orders(Model):
    """How orders get into a real RIS."""

    known: str | None = Field(
        default=None, description="YAML file of worklist items that are there already."
    )
    hl7: str | None = Field(
        default=None, pattern=r"^.+:[0-9]{1,5}$", description="host:port of its MLLP listener."
    )
    command: str | None = Field(
        default=None,
        description="A command to run on this machine; {action}, {json}, {dump} and {wl} stand "
        "for what is to be done and for the files of the items.",
    )
    folder: str | None = Field(default=None, description="Folder into which items are written.")
    operator: Literal[True] | None = Field(default=None, description="A person enters them.")
    format: Literal["wl", "dump"] = Field(
        default="wl", description="In a folder: DICOM files (wl) or text for dump2dcm (dump)."
    )
    message: Literal["ORM^O01", "OMI^O23"] = Field(
        default="ORM^O01", description="The HL7 message of an order."
    )
    version: str = Field(
        default="", pattern=r"^(2\.[0-9](\.[0-9])?)?$", description="HL7 version in MSH-12."
    )
    sender: str = Field(
        default="DICOMTEST^DICOMTEST", description="Our application^facility, MSH-3 and MSH-4."
    )
    receiver: str = Field(
        default="RIS^RIS", description="The RIS's application^facility, MSH-5 and MSH-6."
    )
    timeout: TimeLimit = Field(
        default=30.0, description="Time limit of a command, or of an acknowledgement."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Orders:
        ways = (self.known, self.hl7, self.command, self.folder, self.operator)
        if sum(each is not None for each in ways) != 1:
            what = "orders get in by exactly one of known, hl7, command, folder, operator"
            raise wrong(what, "write one, such as   {operator: true}")
        return self


class Claims(Model):
    """What the system's conformance statement claims; checks of other things do not apply."""

    sop_classes: tuple[SopClassUid, ...] | None = Field(
        default=None, description="Storage SOP classes: keywords, UIDs or short names such as ct."
    )
    services: tuple[str, ...] | None = Field(default=None, description="Kinds of steps.")


class System(Model):
    """A real system under test."""

    ae_title: AETitle = Field(description="AE title of the system, 1 to 16 characters.")
    host: Filled = Field(description="Host name or IP address of the system.")
    port: Port = Field(description="DICOM port of the system, 1 to 65535.")
    actor: ActorName = Field(
        default="", description="The actor it plays; default: the key above it."
    )
    serves: Annotated[tuple[str, ...] | None, OneOrMore] = Field(
        default=None, description="Kinds of steps it takes part in; the rest stays simulated."
    )
    product: str = Field(default="", description="Product name, for the report.")
    maker: str = Field(default="", description="Manufacturer, for the report.")
    version: str = Field(default="", description="Software version, for the report.")
    serial: str = Field(default="", description="Serial number, for the report.")
    tls: Tls | None = Field(default=None, description="Given when the system is reached with TLS.")
    trigger: Trigger | None = Field(
        default=None, description="How it is made to act, as an initiator."
    )
    orders: Orders | None = Field(
        default=None, description="How orders get into a real RIS; default: a person enters them."
    )
    claims: Claims | None = Field(
        default=None, description="What its conformance statement claims."
    )
    limits: SomeLimits | None = Field(default=None, description="Time limits, where they differ.")

    @property
    def title(self) -> str:
        """Product and version, for people; the AE title when neither is given."""
        return " ".join(each for each in (self.product, self.version) if each) or self.ae_title

    def takes(self, kind: str) -> bool:
        """Whether the system plays its actor in steps of this kind.

        Orders go where the worklist comes from.
        """
        if kind == "order" and self.serves is not None and "worklist" in self.serves:
            return True
        return self.serves is None or kind in self.serves


def _known_profile(value: str) -> str:
    if value not in profile_names():
        raise wrong(*unknown("device profile", value, profile_names()))
    return value


class Simulator(Model):
    """Settings of one simulated actor; only what differs from its device profile."""

    profile: Annotated[str, AfterValidator(_known_profile)] | None = Field(
        default=None, description="Device profile: a name in simulators/."
    )
    ae_title: AETitle | None = Field(default=None, description="AE title of the simulator.")
    host: Filled | None = Field(
        default=None, description="Address of this machine as the systems reach it."
    )
    port: Port | None = Field(default=None, description="Port the simulator listens on.")


class Deviation(Model):
    """A failed check that the site accepts, until a day."""

    check: Filled = Field(description="Id of the check, as `dicomtest checks` lists it.")
    system: Filled | None = Field(default=None, description="Key of the system, or the actor.")
    scenario: str | None = Field(default=None, description="Only in this scenario.")
    why: Filled = Field(description="Why it is acceptable.")
    accepted_by: Filled = Field(description="Who accepted it.")
    until: date = Field(description="Last day on which it holds; then it counts as failed again.")

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return today > self.until


def _prefix(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,11}", value):
        what = f'"{value}" cannot be the prefix of test patients'
        raise wrong(what, "use a letter, then up to 11 letters, digits, _ or -")
    return value


class SiteModel(Model):
    """The site file as written."""

    site: Filled = Field(description="Name of the site, for the report.")
    language: Literal["en", "zh"] = Field(default="en", description="Language of the report.")
    environment: Literal["test", "production"] = Field(
        default="test", description="production: the systems are in clinical use."
    )
    systems: dict[str, System] = Field(
        default={}, description="The real systems under test, by actor."
    )
    simulators: dict[ActorName, Simulator] = Field(
        default={}, description="Simulated actors that differ from their device profile."
    )
    deviations: tuple[Deviation, ...] = Field(
        default=(), description="Failed checks that are accepted."
    )
    limits: Limits = Field(default=Limits(), description="Time limits.")
    patient_prefix: Annotated[str, AfterValidator(_prefix)] = Field(
        default="DT", description="Test patients' names and IDs begin with it."
    )
    seed: int | None = Field(default=None, description="Makes the same patients and images again.")
    testers: Annotated[tuple[str, ...], OneOrMore] = Field(
        default=(), description="Who tests, for the report."
    )
    reason: str = Field(default="", description="Why: new, upgrade, periodic, or a text.")
    requirements: Annotated[tuple[str, ...], OneOrMore] = Field(
        default=(),
        description="Files of requirements, or devices whose shipped catalogue is wanted; "
        "default: those of the systems under test.",
    )


@dataclass(frozen=True)
class Site:
    """A site, valid."""

    site: str
    language: str = "en"
    environment: str = "test"
    systems: dict[str, System] = field(default_factory=dict)
    simulators: dict[str, Simulator] = field(default_factory=dict)
    deviations: tuple[Deviation, ...] = ()
    limits: Limits = field(default_factory=lambda: Limits())
    patient_prefix: str = "DT"
    seed: int | None = None
    testers: tuple[str, ...] = ()
    reason: str = ""
    requirements: tuple[str, ...] = ()
    path: Path | None = None

    def systems_of(self, actor: str) -> dict[str, System]:
        """The real systems that play an actor (or a part of it), by key."""
        return {key: each for key, each in self.systems.items() if each.actor == actor}

    def limits_of(self, system: System) -> Limits:
        """The time limits towards a system: its own, else the site's."""
        own = system.limits.model_dump(exclude_none=True) if system.limits else {}
        return self.limits.model_copy(update=own)

    def simulator(self, actor: str) -> Simulator:
        """Settings of a simulated actor with every default filled in (host may stay None).

        Raises SetupError for a further player, such as `modality-b`, whose port nobody gave.
        """
        own = self.simulators.get(actor, Simulator())
        profile = simulator_profile(actor, own)
        number = actor.removeprefix(actor_of(actor)).lstrip("-")
        ae_title, port = profile.ae_title, profile.port
        if number.isdigit() and int(number) > 1:
            ae_title, port = f"{ae_title}_{number}"[:16], port + 10 * (int(number) - 1)
        elif number and (own.port is None or own.ae_title is None):
            fix = f"write   {actor}: {{ae_title: ..., port: ...}}   under simulators"
            raise SetupError(f"{actor} has no AE title and port; {fix}")
        return Simulator(
            profile=own.profile or actor_of(actor),
            ae_title=own.ae_title or ae_title,
            host=own.host,
            port=own.port or port,
        )


def simulator_profile(actor: str, own: Simulator) -> Profile:
    """The device profile that a simulated actor follows."""
    return load_profile(own.profile or actor_of(actor))


def default_site() -> Site:
    """A site without a real system: everything is simulated."""
    return Site("Demonstration")


def load_site(path: Path, *, checks: Collection[str] = (), steps: Collection[str] = ()) -> Site:
    """Read a site file.

    `checks` are the ids that deviations may name, `steps` the kinds that systems may serve;
    empty: not looked at. Raises SpecError with every problem of the file.
    """
    from dicomtest.spec.site_rules import rule_problems, sound_parts, with_defaults

    place = Place(read(path))
    problems: list[Problem] = []
    model = validate(SiteModel, place, problems)
    rules = with_defaults(model or sound_parts(place), path)
    problems += rule_problems(place, rules, checks, steps)
    if problems or model is None:
        raise SpecError(problems)
    return Site(**{name: getattr(rules, name) for name in SiteModel.model_fields}, path=path)
